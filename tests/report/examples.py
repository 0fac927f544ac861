"""Reports built by hand, with plausible figures, for the renderers to show."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import (
    Bin,
    ClassResult,
    ConfidentlyWrong,
    CurvePoint,
    HistogramBin,
    InputFile,
    IntakeResult,
    Report,
    RoleResult,
    SliceResult,
    Threshold,
    Verdict,
    WorstRow,
)

SETTINGS = {
    "bins": "15",
    "convention": "right",
    "level": 0.95,
    "seed": 0,
    "clip": 2.0**-52,
    "on_invalid": "refuse",
}


def estimate(
    value: float | None, low: float | None = None, high: float | None = None, **more: Any
) -> Estimate:
    """Return an estimate whose level and method are those of its interval."""
    if low is not None or high is not None:
        more = {"level": 0.95, "method": "closed form", **more}
    return Estimate(value=value, low=low, high=high, **more)


def error(
    value: float, floor: float, unbiased: float, low: float, high: float, **more: Any
) -> Estimate:
    """Return an ECE-like estimate."""
    more = {"method": "test inversion", "noise_floor": floor, "unbiased": unbiased, **more}
    return estimate(value, low, high, **more)


def bins_of(rows: Sequence[int], gaps: Sequence[float], low: float = 0, high: float = 1):
    """Return bins of equal width, each with its mean score a little above its middle."""
    width = (high - low) / len(rows)
    made = []
    for i, (n, gap) in enumerate(zip(rows, gaps, strict=True)):
        lower, upper = low + i * width, low + (i + 1) * width
        score = lower + 0.55 * width
        observed = min(max(score - gap, 0.0), 1.0)
        made.append(one_bin(lower, upper, n, score, observed))
    return tuple(made)


def one_bin(lower: float, upper: float, n: int, score: float, observed: float) -> Bin:
    """Return one bin with a Wilson interval and a normal band."""
    if n == 0:
        empty = dict.fromkeys(("mean_score", "observed", "low", "high", "band_low", "band_high"))
        return Bin(lower=lower, upper=upper, rows=0, weight=0.0, **empty)
    z = 1.96
    middle = (observed + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(observed * (1 - observed) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    spread = z * math.sqrt(score * (1 - score) / n)
    return Bin(
        lower=lower,
        upper=upper,
        rows=n,
        weight=float(n),
        mean_score=score,
        observed=observed,
        low=max(middle - half, 0.0),
        high=min(middle + half, 1.0),
        band_low=max(score - spread, 0.0),
        band_high=min(score + spread, 1.0),
    )


def histogram_of(bins: Sequence[Bin]) -> tuple[HistogramBin, ...]:
    """Return the rows of bins by outcome, in bins of half a step of log-odds by their scores."""
    found: dict[int, list[float]] = {}
    for b in bins:
        if b.mean_score is not None and b.observed is not None and 0 < b.mean_score < 1:
            place = math.floor(2 * math.log(b.mean_score / (1 - b.mean_score)))
            held = found.setdefault(place, [0.0, 0.0])
            held[1] += round(b.observed * b.rows)
            held[0] += b.rows - round(b.observed * b.rows)
    made = [
        HistogramBin(lower=_rate(i / 2), upper=_rate((i + 1) / 2), zeros=zeros, ones=ones)
        for i in range(min(found), max(found) + 1)
        for zeros, ones in [found.get(i, (0.0, 0.0))]
    ]
    for b in bins:
        if b.mean_score == 1 and b.observed is not None:
            right = float(round(b.observed * b.rows))
            made.append(HistogramBin(lower=1.0, upper=1.0, zeros=b.rows - right, ones=right))
    return tuple(made)


def _rate(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def without_bands(bins: Sequence[Bin]) -> tuple[Bin, ...]:
    """Return the filled bins as those of slices and classes are."""
    return tuple(replace(b, band_low=None, band_high=None) for b in bins if b.rows)


def one_class(name: str, rows: int, gap: float, *, n: int) -> ClassResult:
    """Return a class whose probability is too high by ``gap`` where it is high."""
    rest = n - rows
    bins = without_bands(bins_of((rest, rows // 9, rows // 5, rows), (0, gap / 2, gap, gap)))
    return ClassResult(
        name=name, weight=float(rows), mean_score=rows / n + gap / 10, observed=rows / n,
        ece=error(gap / 5, 0.003, gap / 5 - 0.001, gap / 8, gap / 4, p_value=0.0025), bins=bins,
    )  # fmt: skip


def report(**given: Any) -> Report:
    """Return a report from what matters; the rest is filled in."""
    n = given.pop("n")
    bins = given["bins"]
    curve = [b for b in bins if b.rows]
    columns = [(b.mean_score, b.observed, b.band_low or 0.0, b.band_high or 1.0) for b in curve]
    rising = [itertools.accumulate(column, max) for column in zip(*columns, strict=True)]
    filled: dict[str, Any] = {
        "calaudit": "0.1.0",
        "inputs": (InputFile(path="preds.parquet", format="parquet", rows=n, bytes=12 * n),),
        "roles": (
            RoleResult(role="label", columns=("y",), inferred=True, option="--label",
                       detail="labels are 0 and 1"),
            RoleResult(role="score", columns=("p",), inferred=False, option="--score"),
        ),
        "settings": SETTINGS,
        "scale": "probability",
        "classes": ("0", "1"),
        "intake": IntakeResult(rows_read=n, rows_used=n),
        "curve": tuple(
            CurvePoint(score=x, observed=rate, band_low=low, band_high=high)
            for x, rate, low, high in zip(*rising, strict=True)
        ),
        "worst": (),
        "slices": (),
        "notes": (),
        "table": {"k": 52, "exact": True, "cells": [[0.25, 3, 1]]},
    }  # fmt: skip
    filled["histogram"] = histogram_of(bins)
    filled.update(given)
    return Report(**filled)


def wrong(share: float | None, above: Sequence[tuple[int, int]], infinite: int = 0):
    """Return what the confidently wrong rows cost."""
    thresholds = tuple(
        Threshold(above=at, rows=rows, wrong=bad)
        for at, (rows, bad) in zip((0.9, 0.99), above, strict=True)
    )
    return ConfidentlyWrong(
        worst_fraction=0.01, share_of_log_loss=share, infinite_rows=infinite, above=thresholds
    )


def binary_calibrated() -> Report:
    """Return a binary model of 200 rows that shows nothing."""
    return report(
        n=200,
        task="binary",
        classes=("paid", "default"),
        verdict=Verdict(
            status="calibrated",
            direction=None,
            size="none",
            sentence="Calibrated as far as 200 rows can show: they could hide an error of 0.061.",
            p_value=0.42,
            gap=estimate(0.012, -0.031, 0.055),
            could_hide=0.061,
        ),
        metrics={
            "n": estimate(200.0),
            "accuracy": estimate(0.74, 0.675, 0.796),
            "mean_confidence": estimate(0.752, 0.73, 0.774),
            "base_rate": estimate(0.41, 0.344, 0.479),
            "smece": error(0.0412, 0.0455, 0.0, 0.0, 0.061, p_value=0.42),
            "ece": error(0.0871, 0.0843, 0.012, 0.0, 0.079),
            "ece_equal_mass": error(0.0902, 0.0861, 0.021, 0.0, 0.083),
            "noise_floor": estimate(0.0843),
            "brier": estimate(0.171, 0.149, 0.193),
            "log_loss": estimate(0.512, 0.451, 0.573),
            "auroc": estimate(0.812, 0.751, 0.873),
            "cox_slope": estimate(0.94, 0.71, 1.21),
            "cox_intercept": estimate(-0.06, -0.39, 0.27),
            "spiegelhalter_z": estimate(0.41, p_value=0.68),
        },
        bins=bins_of(
            (11, 14, 18, 17, 16, 15, 14, 13, 14, 13, 12, 12, 11, 11, 9),
            (0.03, -0.05, 0.02, 0.06, -0.04, 0.01, 0.08, -0.02, 0.05, -0.07, 0.0, 0.04, -0.03,
             0.02, 0.01),
        ),
        confidently_wrong=wrong(0.061, ((31, 2), (0, 0))),
        notes=(
            Finding(code="few-rows", text="200 rows can only show large errors.",
                 advice="about 3,000 rows would resolve an error of 0.02"),
        ),
    )  # fmt: skip


def rare_events() -> Report:
    """Return a binary model of rare events, with equal-mass bins."""
    edges = (0.0, 0.0004, 0.0007, 0.0011, 0.0017, 0.0026, 0.0041, 0.0068, 0.0135, 0.21)
    scores = (0.0002, 0.0005, 0.0009, 0.0014, 0.0021, 0.0033, 0.0053, 0.0094, 0.0312)
    came = (0.0001, 0.0003, 0.0007, 0.0009, 0.0016, 0.0022, 0.0039, 0.0071, 0.0233)
    bins = tuple(
        one_bin(lo, hi, 55_556, p, y)
        for lo, hi, p, y in zip(edges[:-1], edges[1:], scores, came, strict=True)
    )
    return report(
        n=500_004,
        task="binary",
        classes=("0", "1"),
        settings={**SETTINGS, "bins": "equal-mass:9"},
        verdict=Verdict(
            status="overconfident",
            direction="overconfident",
            size="moderate",
            sentence="Predicts too many events: 0.60 % expected, 0.45 % observed, 1.3 times as "
            "many as came true. The error is small in points and large in proportion.",
            p_value=0.0002,
            gap=estimate(0.00153, 0.00133, 0.00173),
            could_hide=0.0018,
        ),
        metrics={
            "n": estimate(500_004.0),
            "accuracy": estimate(0.99551, 0.99532, 0.99569),
            "mean_confidence": estimate(0.99402, 0.994, 0.99404),
            "base_rate": estimate(0.00446, 0.00428, 0.00465),
            "smece": error(0.00154, 0.00008, 0.00153, 0.00133, 0.0018, p_value=0.0002),
            "ece": error(0.00153, 0.00019, 0.00152, 0.00132, 0.00173),
            "brier": estimate(0.00431, 0.00414, 0.00448),
            "log_loss": estimate(0.02411, 0.02329, 0.02493),
            "recoverable_log_loss": estimate(0.00027, 0.0002, 0.00034),
            "auroc": estimate(0.8123, 0.8051, 0.8195),
            "average_precision": estimate(0.0512, 0.0471, 0.0556),
            "cox_slope": estimate(1.004, 0.973, 1.036),
            "cox_intercept": estimate(-0.297, -0.462, -0.131),
            "hosmer_lemeshow": estimate(412.7, p_value=1e-80, df=7),
        },
        bins=bins,
        confidently_wrong=wrong(0.61, ((0, 0), (0, 0))),
    )


def multiclass() -> Report:
    """Return an overconfident ten-class network."""
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
             "truck")  # fmt: skip
    return report(
        n=9_988,
        task="multiclass",
        scale="logit",
        classes=names,
        inputs=(InputFile(path="runs/cifar10_wrn/test_logits.parquet", format="parquet",
                          rows=10_000, bytes=812_000),),
        roles=(
            RoleResult(role="label", columns=("label",), inferred=True, option="--label",
                       detail="10 class names"),
            RoleResult(role="logits", columns=tuple(f"logit_{c}" for c in names), inferred=True,
                       option="--logits", detail="10 columns that start with logit_"),
            RoleResult(role="id", columns=("image",), inferred=False, option="--id"),
        ),
        intake=IntakeResult(rows_read=10_000, rows_used=9_988,
                            refused={"nan_logit": 10, "unknown_label": 2}),
        verdict=Verdict(
            status="overconfident",
            direction="overconfident",
            size="moderate",
            sentence="Overconfident: says 96.5 %, is right 91.1 % of the time. Scaling the logits "
            "would recover 18 % of the log loss.",
            p_value=0.001,
            gap=estimate(0.0541, 0.0489, 0.0593),
            could_hide=0.0597,
        ),
        metrics={
            "n": estimate(9_988.0),
            "accuracy": estimate(0.9107, 0.9049, 0.9162),
            "mean_confidence": estimate(0.9648, 0.9629, 0.9667),
            "smece": error(0.0544, 0.0071, 0.0541, 0.0489, 0.0597, p_value=0.001),
            "ece": error(0.0541, 0.0062, 0.054, 0.0487, 0.0594),
            "ece_equal_mass": error(0.0539, 0.0058, 0.0538, 0.0485, 0.0592),
            "mce": error(0.3121, 0.0871, 0.287, 0.201, 0.364),
            "rmsce": error(0.0893, 0.0112, 0.0886, 0.0801, 0.0972),
            "debiased_ece": estimate(0.0871, 0.0792, 0.0944),
            "classwise_ece": estimate(0.0113, noise_floor=0.0031),
            "ecce_r": estimate(0.0541, noise_floor=0.0034, p_value=1e-9),
            "ecce_mad": estimate(0.0541, noise_floor=0.0027, p_value=1e-9),
            "noise_floor": estimate(0.0062),
            "brier": estimate(0.1502, 0.1412, 0.1592),
            "log_loss": estimate(0.4123, 0.3861, 0.4385),
            "recoverable_log_loss": estimate(0.0741, 0.0652, 0.083),
            "auroc": estimate(0.9012, 0.8923, 0.9101),
            "cox_slope": estimate(0.462, 0.437, 0.487),
            "cox_intercept": estimate(0.31, 0.21, 0.41),
            "spiegelhalter_z": estimate(31.42, p_value=1e-200),
            "hosmer_lemeshow": estimate(2104.3, p_value=0.0, df=13),
            "corp_mcb": estimate(0.0061, noise_floor=0.0011),
            "corp_dsc": estimate(0.0172),
            "corp_unc": estimate(0.0813),
        },
        bins=bins_of(
            (0, 0, 0, 3, 21, 48, 71, 119, 128, 152, 173, 205, 262, 421, 8_385),
            (0, 0, 0, -0.08, 0.02, 0.05, 0.12, 0.13, 0.19, 0.21, 0.24, 0.25, 0.22, 0.19, 0.028),
        ),
        confidently_wrong=wrong(0.43, ((8_806, 402), (7_721, 160)), infinite=3),
        by_class=tuple(
            one_class(name, 900 + 20 * i, 0.15 - 0.014 * i, n=9_988)
            for i, name in enumerate(("cat", "dog", "bird", "deer", "airplane", "horse", "ship",
                                      "frog", "truck", "automobile"))
        ),
        worst=(
            WorstRow(file="test_logits.parquet", row=4_181, id="img_04181.png", label="cat",
                     predicted="dog", confidence=0.9999998, loss=15.42),
            WorstRow(file="test_logits.parquet", row=77, id="img_00077.png", label="ship",
                     predicted="automobile", confidence=1.0, loss=None),
        ),
        notes=(
            Finding(code="infinite-loss",
                 text="3 rows give their true class a probability of exactly 0.",
                 advice="audit the logits (--logits), or softened probabilities"),
            Finding(code="logits-inferred", text="One temperature would mend most of this.",
                 advice="calaudit fit temperature test_logits.parquet"),
        ),
    )  # fmt: skip


def llm() -> Report:
    """Return stated confidences with heavy ties."""
    stated = {0.5: (41, 0.39), 0.7: (113, 0.52), 0.8: (388, 0.61), 0.85: (402, 0.66),
              0.9: (903, 0.71), 0.95: (1_422, 0.78), 1.0: (731, 0.871)}  # fmt: skip
    spots = {min(int(p * 15 - 1e-9), 14): (p, *found) for p, found in stated.items()}
    bins = tuple(
        one_bin(i / 15, (i + 1) / 15, spots[i][1], spots[i][0], spots[i][2])
        if i in spots
        else one_bin(i / 15, (i + 1) / 15, 0, 0, 0)
        for i in range(15)
    )
    return report(
        n=4_000,
        task="top-label",
        classes=(),
        inputs=(InputFile(path="-", format="csv", rows=4_000, bytes=None),),
        roles=(
            RoleResult(role="confidence", columns=("stated",), inferred=True,
                       option="--confidence"),
            RoleResult(role="correct", columns=("is_correct",), inferred=True, option="--correct",
                       detail="true and false"),
        ),
        verdict=Verdict(
            status="overconfident",
            direction="overconfident",
            size="large",
            sentence="Overconfident: says 91.2 %, is right 75.0 % of the time.",
            p_value=0.001,
            gap=estimate(0.162, 0.149, 0.175),
            could_hide=0.175,
        ),
        metrics={
            "n": estimate(4_000.0),
            "accuracy": estimate(0.75, 0.736, 0.763),
            "mean_confidence": estimate(0.912, 0.909, 0.915),
            "smece": error(0.158, 0.011, 0.157, 0.144, 0.171, p_value=0.001),
            "ece": error(0.162, 0.009, 0.162, 0.149, 0.175),
            "brier": estimate(0.211, 0.201, 0.221),
            "log_loss": estimate(None, reason="94 rows stated 1.0 and were wrong"),
            "auroc": estimate(0.641, 0.622, 0.66),
        },
        bins=bins,
        confidently_wrong=wrong(None, ((2_153, 407), (731, 94)), infinite=94),
        notes=(
            Finding(code="few-scores", text="Only 7 distinct confidences: p-values are simulated."),
        ),
    )  # fmt: skip


def huge() -> Report:
    """Return 10⁸ rows that are measurably and negligibly off."""
    n = 100_000_000
    rows = (21_250_301, 9_812_210, 7_102_121, 5_912_873, 5_210_222, 4_812_232, 4_612_192,
            4_503_132, 4_477_001, 4_521_917, 4_702_811, 5_102_938, 5_812_739, 7_012_837,
            5_154_474)  # fmt: skip
    return report(
        n=n,
        task="binary",
        inputs=tuple(
            InputFile(path=f"s3/part-{i:05}.parquet", format="parquet", rows=n // 100,
                      bytes=n // 10) for i in range(100)
        ),
        verdict=Verdict(
            status="negligible",
            direction="overconfident",
            size="negligible",
            sentence="Measurably but negligibly off: 0.0004.",
            p_value=0.001,
            gap=estimate(0.00038, 0.00031, 0.00045),
            could_hide=0.00046,
        ),
        metrics={
            "n": estimate(float(n)),
            "accuracy": estimate(0.81234, 0.81226, 0.81242),
            "mean_confidence": estimate(0.81271, 0.81268, 0.81274),
            "base_rate": estimate(0.39961, 0.39951, 0.39971),
            "smece": error(0.00041, 0.00006, 0.0004, 0.00034, 0.00046, p_value=0.001),
            "ece": error(0.00042, 0.00009, 0.00041, 0.00034, 0.00048),
            "brier": estimate(0.13211, 0.13208, 0.13214, error_bound=2e-12),
            "log_loss": estimate(0.412331, 0.412241, 0.412421),
            "recoverable_log_loss": estimate(0.0000021, 0.0000012, 0.000003),
            "auroc": estimate(0.881234, 0.881167, 0.881301, error_bound=3e-7),
        },
        bins=bins_of(rows, (0.0002, 0.0006, 0.0011, 0.0004, -0.0003) * 3),
        confidently_wrong=wrong(0.052, ((30_102_831, 901_233), (9_010_220, 30_112))),
        table={"k": 11, "exact": False},
        notes=(
            Finding(code="table-not-exact", text="The table is compressed; AUROC may differ "
                 "from the exact figure by at most 3e-07."),
        ),
    )  # fmt: skip


def tiny() -> Report:
    """Return 30 rows in many bins, where much cannot be computed."""
    rows = [0] * 50
    for i in (1, 4, 5, 9, 13, 20, 24, 31, 33, 40, 44, 49):
        rows[i] = 2 + i % 2
    return report(
        n=sum(rows),
        task="binary",
        settings={**SETTINGS, "bins": "50"},
        verdict=Verdict(
            status="unknown",
            direction=None,
            size="unknown",
            sentence="30 rows cannot tell: they could hide an error of 0.19.",
            p_value=0.83,
            gap=estimate(0.02, -0.13, 0.17),
            could_hide=0.19,
        ),
        metrics={
            "n": estimate(float(sum(rows))),
            "accuracy": estimate(0.8, 0.627, 0.905),
            "base_rate": estimate(0.43, 0.27, 0.61),
            "smece": error(0.09, 0.11, 0.0, 0.0, 0.19),
            "log_loss": estimate(0.49, 0.27, 0.71),
            "recoverable_log_loss": estimate(None, reason="needs at least 100 rows"),
            "hosmer_lemeshow": estimate(None, reason="needs at least 3 filled bins of 5 rows"),
        },
        bins=bins_of(rows, [0.04 if i % 2 else -0.06 for i in range(50)]),
        confidently_wrong=wrong(0.33, ((4, 1), (1, 0))),
    )


def sliced() -> Report:
    """Return a report with slices, whose names come from an unkind world."""
    base = binary_calibrated()

    def one(value: str, rows: int, gap: float, status: str, column: str = "region") -> SliceResult:
        return SliceResult(
            column=column, value=value, rows=rows, small=rows < 100, status=status,
            size="none" if status == "calibrated" else "moderate",
            p_value=0.001 if status != "calibrated" else 0.61,
            metrics={
                "mean_confidence": estimate(0.81, 0.80, 0.82),
                "accuracy": estimate(0.81 - gap, 0.80 - gap, 0.82 - gap),
                "smece": error(abs(gap) + 0.01, 0.012, abs(gap), 0.0, abs(gap) + 0.02),
                "ece": error(abs(gap) + 0.015, 0.017, abs(gap), 0.0, abs(gap) + 0.02),
            },
            bins=() if rows < 100 else without_bands(
                bins_of((rows // 2, rows // 5, rows // 10, rows // 5), (gap / 2, gap, gap, gap))
            ),
        )  # fmt: skip

    return report(
        n=12_000,
        task="binary",
        classes=("no [b]", "yes\x1b[31m"),
        inputs=(InputFile(path="data/[bold]x\x1b[2J" + "long" * 30 + ".csv", format="csv",
                          rows=12_000, bytes=1),),
        verdict=base.verdict,
        metrics=base.metrics,
        bins=base.bins,
        confidently_wrong=base.confidently_wrong,
        slices=(
            one("north", 5_120, 0.002, "calibrated"),
            one("[bold]south[/bold]", 4_100, 0.081, "overconfident"),
            one("\x1b[31mred\x07\nalert", 2_711, -0.044, "underconfident"),
            one("Straße 東京都千代田区 and a very long name indeed", 69, 0.1, "miscalibrated"),
            one("18-25", 6_000, 0.0, "calibrated", "age"),
            one("26+", 6_000, 0.03, "miscalibrated", "age"),
        ),
    )  # fmt: skip


EXAMPLES = {
    "binary_calibrated": binary_calibrated,
    "rare_events": rare_events,
    "multiclass": multiclass,
    "llm": llm,
    "huge": huge,
    "tiny": tiny,
    "sliced": sliced,
}
"""Every example by name."""

"""Decision reports built by hand, with plausible figures, for the renderers to show."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult
from calaudit.report.threshold_report import (
    ClassCutoff,
    CostPoint,
    DecisionReport,
    Guarantee,
    MatrixDecision,
    MatrixResult,
    Option,
    Plateau,
    RiskPoint,
    Sensitivity,
    SliceOutcome,
    Split,
)
from tests.report.examples import estimate

Z = 1.96


def share(part: float, whole: float) -> Estimate:
    """Return a share with its Wilson interval."""
    if whole <= 0:
        return Estimate(value=None, reason="there are none")
    p = part / whole
    middle = (p + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z * math.sqrt(p * (1 - p) / whole + (Z / (2 * whole)) ** 2) / (1 + Z * Z / whole)
    return estimate(p, max(middle - half, 0.0), min(middle + half, 1.0), method="Wilson")


def rates(counts: dict[str, float]) -> dict[str, Estimate]:
    """Return the rates of some counts."""
    tp, fp, fn, tn, rp, rn = counts.values()
    n = tp + fp + fn + tn + rp + rn
    return {
        "act_share": share(tp + fp, n),
        "review_share": share(rp + rn, n),
        "pass_share": share(fn + tn, n),
        "precision": share(tp, tp + fp),
        "recall": share(tp + rp, tp + rp + fn),
        "fpr": share(fp, fp + tn + rn),
        "error": share(fp + fn, tp + fp + fn + tn),
    }


def counted(*values: float) -> dict[str, float]:
    """Return counts by name: tp, fp, fn, tn, and reviews of positives and of negatives."""
    names = ("tp", "fp", "fn", "tn", "reviewed_positives", "reviewed_negatives")
    return dict(zip(names, map(float, values), strict=True))


def option(
    name: str,
    label: str,
    cuts: tuple[float | None, float | None],
    counts: dict[str, float],
    costs: tuple[float, float, float] | None = None,
    **more: Any,
) -> Option:
    """Return an option whose rates and cost follow from its counts.

    Args:
        name: as in `Option`.
        label: the same in words.
        cuts: from which score to review, and to act.
        counts: of `counted`.
        costs: of a false alarm, of a miss, and of a review.
        more: other fields; ``excess`` as (value, half of the interval), ``cases`` as the number
            of cases that the total is for.
    """
    cases = more.pop("cases", sum(counts.values()))
    if isinstance(more.get("excess"), tuple):
        value, half = more["excess"]
        more["excess"] = estimate(value, value - half, value + half, method="paired")
    if costs is not None:
        parts = (counts["fp"], counts["fn"], counts["reviewed_positives"]
                 + counts["reviewed_negatives"])  # fmt: skip
        n = sum(counts.values())
        mean = sum(c * x for c, x in zip(costs, parts, strict=True)) / n
        square = sum(c * c * x for c, x in zip(costs, parts, strict=True)) / n
        half = Z * math.sqrt(max(square - mean * mean, 0.0) / n)
        for field, scale in (("cost", 1000.0), ("total_cost", float(cases))):
            more[field] = estimate(
                scale * mean, scale * (mean - half), scale * (mean + half), method="MOVER Wilson"
            )
    return Option(
        name=name, label=label, review_from=cuts[0], act_from=cuts[1], counts=counts,
        rates=rates(counts), **more,
    )  # fmt: skip


def decision(**given: Any) -> DecisionReport:
    """Return a report from what matters; the rest is filled in."""
    n = given.pop("n")
    filled: dict[str, Any] = {
        "calaudit": "0.1.0",
        "inputs": (InputFile(path="preds.parquet", format="parquet", rows=n, bytes=12 * n),),
        "roles": (
            RoleResult(role="label", columns=("y",), inferred=True, option="--label",
                       detail="labels are 0 and 1"),
            RoleResult(role="score", columns=("p",), inferred=False, option="--score"),
        ),
        "task": "binary",
        "scale": "probability",
        "classes": ("0", "1"),
        "intake": IntakeResult(rows_read=n, rows_used=n),
        "unit": "probability",
        "volume": float(n),
        "volume_of": "the file",
        "method": "calibrated rule",
    }  # fmt: skip
    filled.update(given)
    filled["settings"] = {**filled["settings"], "method": "auto", "level": 0.95, "seed": 0}
    return DecisionReport(**filled)


def fraud() -> DecisionReport:
    """Return a fraud queue: a band of reviews, as many a day as there are reviewers for."""
    costs, day = (5.0, 100.0, 2.0), {"cases": 10_000}
    best = counted(402, 61, 38, 38_407, 171, 623)
    return decision(
        n=39_702,
        inputs=(InputFile(path="claims/2026-q1.parquet", format="parquet", rows=39_702,
                          bytes=1_180_402),),
        classes=("paid", "fraud"),
        settings={"cost_fp": 5.0, "cost_fn": 100.0, "cost_review": 2.0, "max_review": 200.0,
                  "per_day": 10_000.0, "base_rate": 0.01539, "current": 0.8},
        sentence="Act on scores of 0.31 or more, review those from 0.0521 up to 0.31, and let the "
        "rest pass: 143 (113 to 174) per 1,000 cases, against 455 with the current cutoff, 0.8.",
        volume=10_000.0,
        volume_of="a day",
        options=(
            option("recommended", "calibrated, then by the costs", (0.0521, 0.31), best, costs,
                   split=Split(score=0.052, rows=64.0, reviewed=21.0, rest="pass"),
                   cross_fitted=True, apparent_cost=140.8, **day),
            option("empirical_minimum", "cheapest on these rows", (0.052734375, 0.305),
                   counted(405, 65, 37, 38_401, 169, 625), costs, cross_fitted=True,
                   apparent_cost=139.9, excess=(0.9, 2.4), **day),
            option("current", "the current cutoff, 0.8", (None, 0.8),
                   counted(431, 11, 180, 39_080, 0, 0), costs, excess=(311.8, 50.0), **day),
            option("cutoff_half", "a cutoff of 0.5", (None, 0.5),
                   counted(481, 82, 130, 39_009, 0, 0), costs, excess=(194.2, 41.0), **day),
            option("act_on_all", "act on everything", (None, 0.0),
                   counted(611, 39_091, 0, 0, 0, 0), costs, excess=(4779.6, 34.0), **day),
            option("act_on_none", "let everything pass", (None, None),
                   counted(0, 0, 611, 39_091, 0, 0), costs, excess=(1395.4, 95.0), **day),
        ),
        plateaus=(
            Plateau(cutoff="act_from", low=0.26, high=0.3525390625),
            Plateau(cutoff="review_from", low=0.05, high=0.0546875),
        ),
        sensitivity=(
            Sensitivity(change="miss_cost_halved", label="a missed positive costs half as much",
                        review_from=0.0712890625, act_from=0.31),
            Sensitivity(change="miss_cost_doubled", label="a missed positive costs twice as much",
                        review_from=0.0521, act_from=0.25),
            Sensitivity(change="prevalence_halved",
                        label="positives are half as frequent (0.769 %)",
                        review_from=0.08, act_from=0.47),
            Sensitivity(change="prevalence_doubled",
                        label="positives are twice as frequent (3.08 %)",
                        review_from=0.03, act_from=0.19),
        ),
        cost_curve=tuple(
            CostPoint(cutoff=c, cost=v, precision=p, recall=r, act_share=a)
            for c, v, p, r, a in (
                (0.0, 4923.1, 0.01539, 1.0, 1.0), (0.25, 282.4, 0.713, 0.871, 0.0188),
                (0.5, 337.8, 0.854, 0.787, 0.0142), (None, 1539.0, None, 0.0, 0.0))
        ),
        slices=(
            SliceOutcome(column="channel", value="web", rows=30_110,
                         counts=counted(380, 52, 29, 28_918, 150, 581),
                         rates=rates(counted(380, 52, 29, 28_918, 150, 581)),
                         cost=estimate(154.0, 116.2, 191.8)),
            SliceOutcome(column="channel", value="phone", rows=9_592,
                         counts=counted(22, 9, 9, 9_489, 21, 42),
                         rates=rates(counted(22, 9, 9, 9_489, 21, 42)),
                         cost=estimate(111.7, 45.6, 177.7)),
        ),
        notes=(
            Finding(code="capacity-splits-ties",
                 text="64 cases share the score 0.052, and reviewers have room for 21 of them; the "
                 "others pass.",
                 advice="Pick those to review at random, or by what else is known of them."),
        ),
    )  # fmt: skip


def spam() -> DecisionReport:
    """Return a spam filter: one cutoff, at another prevalence than that of the file."""
    costs = (20.0, 1.0, 0.0)
    return decision(
        n=4_601,
        classes=("mail", "spam"),
        settings={"cost_fp": 20.0, "cost_fn": 1.0, "prevalence": 0.6, "base_rate": 0.394},
        sentence="Act on scores of 0.9521 or more and let the rest pass: 119 (98 to 140) per "
        "1,000 cases, against 271 with a cutoff of 0.5.",
        options=(
            option("recommended", "calibrated, then by the costs", (None, 0.9521),
                   counted(2_318.4, 5.3, 442.2, 1_835.1, 0, 0), costs, cross_fitted=True,
                   apparent_cost=114.1),
            option("as_if_calibrated", "the scores taken as probabilities", (None, 20 / 21),
                   counted(2_320.1, 5.9, 440.5, 1_834.5, 0, 0), costs, excess=(2.1, 3.3)),
            option("cutoff_half", "a cutoff of 0.5", (None, 0.5),
                   counted(2_640.1, 56.4, 120.5, 1_784.0, 0, 0), costs, excess=(152.9, 21.0)),
            option("act_on_all", "act on everything", (None, 0.0),
                   counted(2_760.6, 1_840.4, 0, 0, 0, 0), costs, excess=(7_881.6, 280.0)),
            option("act_on_none", "let everything pass", (None, None),
                   counted(0, 0, 2_760.6, 1_840.4, 0, 0), costs, excess=(482.0, 17.0)),
        ),
        plateaus=(Plateau(cutoff="act_from", low=0.93, high=None),),
        sensitivity=(
            Sensitivity(change="miss_cost_halved", label="a missed positive costs half as much",
                        review_from=None, act_from=0.977),
            Sensitivity(change="miss_cost_doubled", label="a missed positive costs twice as much",
                        review_from=None, act_from=None),
        ),
    )  # fmt: skip


def answers() -> DecisionReport:
    """Return answers of a language model, accepted where the error is guaranteed; no costs."""
    best = counted(1_874, 21, 0, 0, 1_126, 979)
    return decision(
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
        settings={"max_error": 0.02, "confidence": 0.95},
        sentence="Accept predictions with a confidence of 0.97 or more, review the rest: at most "
        "2 % of what is decided without a review is wrong, with 95 % confidence; that is 47.4 % of "
        "the cases.",
        method="limits",
        options=(
            option("recommended", "cheapest on these rows", (0.0, 0.97), best,
                   cross_fitted=True),
            option("cutoff_half", "a cutoff of 0.5", (0.0, 0.5),
                   counted(2_998, 989, 0, 0, 2, 11)),
            option("act_on_all", "accept everything", (None, 0.0),
                   counted(3_000, 1_000, 0, 0, 0, 0)),
        ),
        guarantees=(
            Guarantee(limit="max_error", value=0.02, confidence=0.95, rows_needed=149, rows=4_000,
                      tests=31),
        ),
        aurc=estimate(0.0912, 0.0841, 0.0983, method="influence function, normal"),
        risk_coverage=(
            RiskPoint(cutoff=0.97, coverage=0.474, risk=0.0111),
            RiskPoint(cutoff=0.5, coverage=0.997, risk=0.248),
            RiskPoint(cutoff=0.0, coverage=1.0, risk=0.25),
        ),
    )  # fmt: skip


def limits() -> DecisionReport:
    """Return logits under two limits that only these rows keep; long cutoffs, unkind names."""
    best = counted(310, 12, 41, 2_405, 88, 144)
    first, second = -2.0794415416798357, 1.3862943611198906
    unkind = "\x1b[31mred\x07\nStraße 東京都千代田区 and a very long name indeed"
    return decision(
        n=3_000,
        scale="logit",
        unit="logit",
        classes=("no [b]", unkind),
        inputs=(InputFile(path="data/[bold]x\x1b[2J" + "long" * 30 + ".csv", format="csv",
                          rows=3_000, bytes=1),),
        settings={"min_precision": 0.95, "max_error": 0.025, "confidence": None,
                  "max_review": "8 %"},
        sentence=f"Act on scores of {second!r} or more, review those from {first!r} up to "
        f"{second!r}, and let the rest pass: at least 95 % of those acted on are positive.",
        method="limits",
        options=(
            option("recommended", "cheapest on these rows", (first, second), best,
                   cross_fitted=True),
            option("cutoff_half", "a cutoff of 0", (None, 0.0),
                   counted(371, 83, 68, 2_478, 0, 0)),
            option("act_on_none", "let everything pass", (None, None),
                   counted(0, 0, 439, 2_561, 0, 0)),
        ),
        guarantees=(
            Guarantee(limit="min_precision", value=0.95, confidence=None),
            Guarantee(limit="max_error", value=0.025, confidence=None),
        ),
        slices=tuple(
            SliceOutcome(column="[red]region\x07", value=value, rows=1_000,
                         counts=best, rates=rates(best), cost=None)
            for value in ("north", unkind, "[bold]south[/bold]")
        ),
    )  # fmt: skip


def by_class() -> DecisionReport:
    """Return a cutoff for each predicted class, one of which has none."""

    def one(name: str, rows: int, cutoff: float | None, accepted: int, wrong: int, why: str = ""):
        return ClassCutoff(
            name=name, rows=rows, act_from=cutoff, reason=why,
            rates={"act_share": share(accepted, rows), "error": share(wrong, accepted)},
        )  # fmt: skip

    return decision(
        n=9_988,
        task="multiclass",
        scale="logit",
        classes=("cat", "dog", "fox"),
        settings={"max_error": 0.02, "confidence": 0.95},
        sentence="2 of 3 predicted classes have a cutoff that keeps the limit: 61.3 % of the "
        "predictions are accepted, 0.9 % of them wrong; review the rest.",
        method="limits",
        by_class=(
            one("cat", 4_812, 0.9375, 3_601, 31),
            one("dog", 5_012, 0.98828125, 2_522, 24),
            one("fox", 164, None, 0, 0,
                "--max-error: to show a rate of wrong ones of at most 0.02 with confidence 0.9833 "
                "takes at least 203 cases that it acts on, none of them wrong; there are 164"),
        ),
    )  # fmt: skip


def matrix() -> DecisionReport:
    """Return decisions under a cost matrix."""
    classes, decisions = ("benign", "unsure", "malignant"), ("discharge", "recall", "biopsy")
    counts = (((812, 60, 9), (70, 141, 22), (3, 31, 97)), ((850, 24, 7), (121, 90, 22),
              (14, 22, 95)), ((881, 0, 0), (233, 0, 0), (131, 0, 0)))  # fmt: skip

    def rule(name: str, i: int, cost: tuple[float, float, float], promised: float):
        found = {
            truth: dict(zip(decisions, map(float, row), strict=True))
            for truth, row in zip(classes, counts[i], strict=True)
        }
        return MatrixDecision(name=name, cost=estimate(*cost), promised=promised, counts=found)

    return decision(
        n=1_245,
        task="multiclass",
        classes=classes,
        settings={"cost_matrix": [[0, 1, 8], [5, 0, 4], [90, 10, 0]], "decisions": [*decisions]},
        sentence="Deciding by the smallest expected cost costs 923 (771 to 1,075) per 1,000 cases, "
        "against 1,812 for the most probable class.",
        method="cost matrix",
        matrix=MatrixResult(
            decisions=decisions,
            rules=(
                rule("expected_cost", 0, (923.7, 771.2, 1075.1), 801.4),
                rule("argmax", 1, (1_812.0, 1_293.0, 2_331.0), 1_377.0),
                rule("always discharge", 2, (10_405.0, 8_801.0, 12_009.0), 10_405.0),
            ),
            saving=estimate(888.3, 520.1, 1_256.5, method="paired"),
        ),
        notes=(
            Finding(code="promised-cost-differs",
                    text="The probabilities promise a cost of 801.4 per 1,000 cases, and it was "
                         "923.7 (771.2 to 1075.1)."),
        ),
    )  # fmt: skip


def benefits() -> DecisionReport:
    """Return a report whose costs are gains, with counts that are not whole."""
    base = spam()

    def gained(each: Option) -> Option:
        assert each.cost is not None
        assert each.cost.value is not None
        mean = each.cost.value - 700.25
        return replace(each, cost=estimate(mean, mean - 33.1, mean + 35.8), total_cost=None)

    settings = {**base.settings, "benefit_tp": 1.5}
    return replace(base, options=tuple(map(gained, base.options)), settings=settings)


DECISIONS = {
    "fraud": fraud,
    "spam": spam,
    "answers": answers,
    "limits": limits,
    "by_class": by_class,
    "matrix": matrix,
    "benefits": benefits,
}
"""Every example by name."""

"""Reports of checks built by hand, with plausible figures, for the renderers to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import (
    FAIL,
    INCONCLUSIVE,
    PASS,
    CheckReport,
    Compared,
    Pairing,
    RuleResult,
)
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult
from tests.report.examples import estimate

HOSTILE = '<script>alert("1")</script> | `rm` **b** [x](y) & @all #1 \\|\n::error::\x1b[31m %0A ]]>'
"""A value of a slice that means something to every format there is."""

SIGNS = "<>|`*_~[](){}!#@:;,%$\\&\"'/-=+.w1a \n\r\t\x00"

NAMES = st.text(st.sampled_from(SIGNS) | st.characters(), max_size=60)
"""Names that data may hold: any characters, and many of those that formats give a meaning."""


def result(
    status: str,
    metric: str,
    limit: float,
    figures: tuple[float, ...],
    slice_: tuple[str, str] | None = None,
    tail: str = "",
) -> RuleResult:
    """Return the result of a rule on a change (5 figures) or on a figure (3 figures).

    Args:
        status: PASS, FAIL or INCONCLUSIVE.
        metric: the figure, of which less is better.
        limit: the margin, or the largest figure.
        figures: before, after, and change, low, high; or after, low, high.
        slice_: column and value.
        tail: what follows in the text.
    """
    column, value = slice_ or (None, None)
    name = metric if slice_ is None else f"{metric} where {column} = {value}"
    before = None
    if len(figures) == 5:
        before, after, change, low, high = figures
        told = f"{before:.3f} → {after:.3f}, {change:+.3f} [{low:+.3f}, {high:+.3f}]"
        told += f" against a margin of {limit:.3g}"
        rule = f"--max-increase {metric}={limit:g}"
    else:
        after, low, high = figures
        change = after
        told = f"{after:.3f} [{low:.3f}, {high:.3f}] against at most {limit:.3g}"
        rule = f"--max-{metric.replace('_', '-')} {limit:g}"
    return RuleResult(
        rule=rule, metric=metric, limit=limit, relative=before is not None, status=status,
        confidence=0.95, text=f"{status} {name} {told}{tail}", column=column, value=value,
        before=before, after=after, change=change, low=low, high=high,
        resolvable=None if status != INCONCLUSIVE else 2 * limit,
        rows_needed=None if status != INCONCLUSIVE else 25_000,
    )  # fmt: skip


def skipped(metric: str, slice_: tuple[str, str], why: str) -> RuleResult:
    """Return the result of a rule on a slice that there is nothing to compare with."""
    return RuleResult(
        rule=f"--max-increase {metric}=0.01", metric=metric, limit=0.01, relative=True,
        status=INCONCLUSIVE, confidence=0.95, column=slice_[0], value=slice_[1],
        text=f"INCONCLUSIVE {metric} where {slice_[0]} = {slice_[1]}: not compared, {why}",
    )  # fmt: skip


def compared(metric: str, before: tuple[float, ...], after: tuple[float, ...]) -> Compared:
    """Return a figure before and after: each as value, low, high and perhaps unbiased."""
    old, new = (estimate(*side[:3], **_unbiased(side)) for side in (before, after))
    return Compared(metric=metric, before=old, after=new)


def _unbiased(side: tuple[float, ...]) -> dict[str, Any]:
    return {"unbiased": side[3]} if len(side) == 4 else {}


def check(**given: Any) -> CheckReport:
    """Return a report from what matters; the rest is filled in."""
    rows = given.pop("rows", 9_988)
    results = given["results"]
    filled: dict[str, Any] = {
        "calaudit": "0.1.0",
        "inputs": (InputFile(path="new.parquet", format="parquet", rows=rows, bytes=12 * rows),),
        "roles": (
            RoleResult(role="label", columns=("y",), inferred=True, option="--label",
                       detail="labels are 0 and 1"),
            RoleResult(role="score", columns=("p",), inferred=False, option="--score"),
        ),
        "settings": {"bins": "15", "convention": "right", "level": 0.95, "seed": 0,
                     "strict": False, "rules": sorted({r.rule for r in results})},
        "task": "binary",
        "intake": IntakeResult(rows_read=rows, rows_used=rows),
        "baseline": "calaudit-baseline.json",
        "baseline_rows": 10_012,
        "rows": rows,
        "compared": (),
    }  # fmt: skip
    return CheckReport(**{**filled, **given})


FIGURES = (
    compared("ece", (0.0343, 0.024, 0.043, 0.0312), (0.0602, 0.047, 0.068, 0.058)),
    compared("smece", (0.0335, 0.024, 0.042, 0.0308), (0.0591, 0.047, 0.067, 0.0571)),
    compared("log_loss", (0.4139, 0.401, 0.427), (0.4211, 0.408, 0.434)),
    compared("accuracy", (0.9142, 0.908, 0.920), (0.9137, 0.908, 0.919)),
    compared("auroc", (0.9271, 0.921, 0.933), (0.9265, 0.920, 0.932)),
)


def regression() -> CheckReport:
    """Return a report in which a rule fails on all rows, and another on a slice."""
    return check(
        status=FAIL,
        sentence="FAIL: 2 of 6 rules failed.",
        results=(
            result(FAIL, "ece", 0.01, (0.0312, 0.058, 0.0268, 0.0144, 0.0416)),
            result(FAIL, "ece", 0.01, (0.028, 0.141, 0.113, 0.061, 0.164), ("region", "north")),
            result(INCONCLUSIVE, "log_loss", 0.01, (0.4139, 0.4211, 0.0072, -0.0051, 0.0195),
                   tail=": with 9,988 rows the smallest change that can fail is about 0.020; "
                   "about 25,000 rows of each file would settle it"),
            skipped("ece", ("region", "south west"), "too few rows"),
            result(PASS, "ece", 0.08, (0.058, 0.047, 0.068)),
            result(PASS, "ece", 0.01, (0.031, 0.029, -0.002, -0.016, 0.008), ("region", "east")),
        ),
        compared=FIGURES,
        intake=IntakeResult(rows_read=10_000, rows_used=9_988, refused={"score_missing": 12}),
        notes=(
            Finding(code="baseline-version",
                    text="The baseline was made by calaudit 0.0.9, this is 0.1.0.",
                    advice="Write it anew if figures changed their meaning."),
        ),
    )  # fmt: skip


def absolute() -> CheckReport:
    """Return a report that passed, without a baseline."""
    rows = RuleResult(
        rule="--min-rows 1000", metric="n", limit=1000.0, relative=False, status=PASS,
        confidence=1.0, after=9_988.0, change=9_988.0,
        text="PASS rows 9,988 against at least 1,000",
    )  # fmt: skip
    return check(
        status=PASS,
        sentence="PASS: all 2 rules hold.",
        results=(rows, result(PASS, "ece", 0.08, (0.058, 0.047, 0.068))),
        compared=tuple(replace(each, before=None) for each in FIGURES),
        baseline=None,
        baseline_rows=None,
    )


def unsettled() -> CheckReport:
    """Return a report in which nothing failed and a rule is open."""
    return check(
        rows=400,
        status=INCONCLUSIVE,
        sentence="INCONCLUSIVE: nothing failed, but these rows cannot settle 1 of 1 rule.",
        results=(
            result(INCONCLUSIVE, "ece", 0.01, (0.0312, 0.0289, -0.0023, -0.0413, 0.0367),
                   tail=": with 400 rows the smallest change that can fail is about 0.049; about "
                   "6,100 rows of each file would settle it"),
        ),
        compared=(
            compared("ece", (0.0343, 0.024, 0.043, 0.0312), (0.0421, 0.0, 0.061, 0.0289)),
        ),
    )  # fmt: skip


def strict() -> CheckReport:
    """Return the same under --strict."""
    base = unsettled()
    return replace(base, settings={**base.settings, "strict": True})


def matched() -> CheckReport:
    """Return a report on rows that were matched by an id: a small change is settled."""
    change = result(FAIL, "log_loss", 0.0, (0.4139, 0.41412, 0.00022, 0.00009, 0.00035))
    return check(
        status=FAIL,
        sentence="FAIL: 1 of 1 rule failed.",
        results=(
            replace(change, text="FAIL log_loss 0.41390 → 0.41412, +0.00022 [+0.00009, +0.00035] "
                    "against a margin of 0"),
        ),
        compared=(compared("log_loss", (0.4139, 0.401, 0.427), (0.41412, 0.401, 0.427)),
                  Compared(metric="auroc", before=Estimate(value=None, reason="one class"),
                           after=estimate(0.9265, 0.920, 0.932))),
        baseline="old.parquet",
        baseline_rows=10_050,
        pairing=Pairing(column="row_id", matched=9_981, only_before=69, only_after=7,
                        correlations={"log_loss": 0.993}),
    )  # fmt: skip


def hostile() -> CheckReport:
    """Return a report whose names mean something to every format."""
    base = regression()
    value = ("the\tregion|`", HOSTILE)
    return replace(
        base,
        results=(
            result(FAIL, "ece", 0.01, (0.028, 0.141, 0.113, 0.061, 0.164), value),
            skipped("ece", value, "too few rows"),
            result(PASS, "ece", 0.01, (0.031, 0.029, -0.002, -0.016, 0.008), ("é☃", "😀 日本")),
        ),
        inputs=(replace(base.inputs[0], path=f"new{HOSTILE}.csv"),),
        baseline=f"old{HOSTILE}.json",
        notes=(Finding(code="calibrated", text=f"Seen: {HOSTILE}", advice=f"do {HOSTILE}"),),
        pairing=Pairing(column=HOSTILE, matched=1, only_before=0, only_after=0, correlations={}),
    )


def many() -> CheckReport:
    """Return a report with more slices than anything shows."""
    worse = (0.028, 0.141, 0.113, 0.061, 0.164)
    same = (0.031, 0.029, -0.002, -0.016, 0.008)
    return check(
        status=FAIL,
        sentence="FAIL: 13 of 1,013 rules failed.",
        results=(
            *(result(FAIL, "ece", 0.01, worse, ("shop", f"{i:04}")) for i in range(13)),
            *(skipped("ece", ("shop", f"{i:04}"), "too few rows") for i in range(13, 513)),
            *(result(PASS, "ece", 0.01, same, ("shop", f"{i:04}")) for i in range(513, 1_013)),
        ),
        compared=FIGURES,
    )


CHECKS = {
    "regression": regression,
    "absolute": absolute,
    "unsettled": unsettled,
    "strict": strict,
    "matched": matched,
    "hostile": hostile,
    "many": many,
}
"""Every example by name."""

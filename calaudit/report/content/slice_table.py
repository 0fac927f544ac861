"""The same figures for each slice, and for each class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import cases, rate_text
from calaudit.report.document import Column
from calaudit.report.evaluation_report import FEWEST_ROWS, ClassResult, Report, SliceResult
from calaudit.report.numbers import places, shown

ADJUSTED = "smECE is unbiased. Verdicts are adjusted for looking at all slices at once."

WORDS = {"unknown": "cannot tell", "negligible": "negligibly off"}


def verdict_text(s: SliceResult) -> str:
    """Return the verdict of a slice in a word or two."""
    if s.small and s.rows >= FEWEST_ROWS:  # a label with few positives, or few negatives
        return "too few cases"
    return "too few rows" if s.small else WORDS.get(s.status, s.status)


def slice_places(found: Iterable[SliceResult]) -> int:
    """Return the decimals of the errors of slices that stand side by side."""
    return error_places(s.metrics.get(name) for s in found for name in ("smece", "ece"))


def slice_rates(s: SliceResult) -> tuple[tuple[str, float | None], tuple[str, float | None]]:
    """Return the mean score of a slice and how often it comes true, as text and as they are."""
    # A binary slice has all four; its verdict is about scores and outcomes.
    says = s.metrics.get("mean_score") or s.metrics.get("mean_confidence")
    came = s.metrics.get("base_rate") or s.metrics.get("accuracy")
    return (
        (_percent(says, came), says.value if says else None),
        (_percent(came, says), came.value if came else None),
    )


def class_places(sides: Sequence[Report]) -> int:
    """Return the decimals of the errors of classes, the same before and after a calibrator."""
    return error_places(each.ece for side in sides for each in side.by_class)


def class_columns(classes: Sequence[ClassResult], wanted: int) -> list[Column]:
    """Return each class against the others: what it is given, how often it is true, its ECE.

    The plain ECE is what chance is to be held against.

    Args:
        classes: those to show.
        wanted: decimals of the errors.
    """
    says, came = [c.mean_score for c in classes], [c.observed for c in classes]
    smallest = min((v for v in (*says, *came) if v > 0), default=1.0)
    decimals = min(max(1, places(smallest, unit="percent") - 1), 4)
    gaps = [s - o for s, o in zip(says, came, strict=True)]
    errors = [c.ece for c in classes]
    return [
        cases("rows", [c.weight for c in classes]),
        _column("says %", says, [rate_text(v, decimals) for v in says]),
        _column("is %", came, [rate_text(v, decimals) for v in came]),
        _column("gap", gaps, [shown(g, decimals, "points", sign=True) for g in gaps]),
        _errors("unbiased ECE", [e.point for e in errors], wanted),
        _errors("plain ECE", [e.value for e in errors], wanted),
        _errors("chance", [e.noise_floor for e in errors], wanted),
    ]


def worst_first(classes: Sequence[ClassResult]) -> list[ClassResult]:
    """Return classes by the ECE that is shown of them, the largest first."""
    return sorted(classes, key=lambda c: -(c.ece.point or 0.0))


def _errors(title: str, values: list[float | None], decimals: int) -> Column:
    return _column(title, values, [error_text(v, decimals) for v in values])


def _column(title: str, values: list[float] | list[float | None], cells: list[str]) -> Column:
    return Column(title=title, cells=tuple(cells), values=tuple(values))


def error_places(estimates: Iterable[Estimate | None]) -> int:
    """Return decimals for errors side by side: three, or more where all are smaller than that."""
    largest = max((e.point for e in estimates if e is not None and e.point), default=1.0)
    return next((d for d in (3, 4) if largest >= 5 * 10.0**-d), 5)


def error_text(value: float | None, decimals: int) -> str:
    """Return an error, one that is too small for the decimals as less; "" where there is none."""
    if value and abs(value) < 0.5 * 10.0**-decimals:
        return f"<{10.0**-decimals:.{decimals}f}"
    return shown(value, decimals)


def _percent(estimate: Estimate | None, other: Estimate | None) -> str:
    """Return a rate with the decimals that it and its neighbour need."""
    if estimate is None or estimate.value is None:
        return ""
    both = [e.value for e in (estimate, other) if e is not None and e.value is not None]
    smallest = min((v for v in both if v > 0), default=1.0)
    decimals = max(1, places(smallest, unit="percent") - 1)
    return shown(estimate.value, min(decimals, 4), "percent")

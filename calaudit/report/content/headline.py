"""The figures that matter most, each with its interval and a remark."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import estimate_places, interval
from calaudit.report.evaluation_report import Report
from calaudit.report.metric_names import Unit, metric_title, metric_unit
from calaudit.report.numbers import count, integral_percent, places, shown

HEADLINES = (
    "smece", "log_loss", "recoverable_log_loss", "brier", "auroc", "average_precision",
    "accuracy", "mean_confidence", "mean_score", "base_rate",
)  # fmt: skip
"""Metrics that this section shows, in order."""

RATES = ("accuracy", "mean_confidence", "mean_score", "base_rate")
"""Metrics that are compared with each other, and so share their decimals."""

SUFFIX: dict[Unit, str] = {"percent": " %", "points": " pts"}
"""Unit → what stands after a figure in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One figure: its name in `Report.metrics` ("gap" for the difference), and what is shown.

    ``value`` is "" where it could not be computed; then the remark says why. ``part``: it
    belongs to the figure before it.
    """

    name: str
    title: str
    value: str = ""
    interval: str = ""
    remark: str = ""
    part: bool = False


def headlines(report: Report) -> list[Headline]:
    """Return the headline figures that the report has, and the gap."""
    shared = _shared_places(report)
    found = [
        _headline(report, name, shared if name in RATES else None)
        for name in HEADLINES
        if name in report.metrics
    ]
    return [*found, _gap(report, shared)]


def _headline(report: Report, name: str, decimals: int | None) -> Headline:
    estimate, unit = report.metrics[name], metric_unit(name)
    title, part = metric_title(name), name == "recoverable_log_loss"
    if estimate.point is None:
        reason = estimate.reason or "not computed"
        return Headline(name=name, title=title, remark=reason, part=part)
    if decimals is None:
        decimals = estimate_places(estimate, unit)
    return Headline(
        name=name,
        title=title,
        value=shown(estimate.point, decimals, unit) + SUFFIX.get(unit, ""),
        interval=interval(estimate, decimals, unit),
        remark=_remark(report, name, decimals),
        part=part,
    )


def _gap(report: Report, decimals: int) -> Headline:
    gap = report.verdict.gap
    if gap.value is None:
        return Headline(name="gap", title="difference", remark=gap.reason or "", part=True)
    binary = report.task == "binary"
    more, less = ("mean score", "base rate") if binary else ("confidence", "accuracy")
    return Headline(
        name="gap",
        title="difference",
        value=shown(gap.value, decimals, "points", sign=True) + SUFFIX["points"],
        interval=interval(gap, decimals, "points"),
        remark=f"{more} {'below' if gap.value < 0 else 'above'} {less}" if _clear(gap) else "",
        part=True,
    )


def _shared_places(report: Report) -> int:
    """Return decimals for accuracy, confidence and their difference, that tell them apart.

    The widest interval decides; a gap that differs from 0 is not shown as 0.
    """
    found = [report.metrics[name] for name in RATES if name in report.metrics]
    decimals = min((estimate_places(e, "percent") for e in found), default=1)
    gap = report.verdict.gap
    if _clear(gap):
        width = (gap.high or 0.0) - (gap.low or 0.0)
        decimals = max(decimals, min(places(gap.value, width=width, unit="points"), 3))
        while decimals < 5 and round(100 * (gap.value or 0.0), decimals) == 0:
            decimals += 1
    return decimals


def _clear(gap: Estimate) -> bool:
    """Whether the interval of the gap lies on one side of 0."""
    return gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)


def _remark(report: Report, name: str, decimals: int) -> str:
    estimate = report.metrics[name]
    if name == "smece":
        floor = shown(estimate.noise_floor, decimals)
        plain = shown(estimate.value, decimals) if estimate.unbiased is not None else ""
        parts = [f"plain smECE {plain}" if plain else "smECE", f"chance {floor}" if floor else ""]
        return ", ".join(part for part in parts if part)
    loss = report.metrics.get("log_loss")
    if name == "recoverable_log_loss":
        if report.task == "multiclass":
            return "of being right or wrong"
        if loss is None or not loss.value or not estimate.value or estimate.value < 0:
            return ""
        return f"{integral_percent(min(estimate.value / loss.value, 1))} of the log loss"
    if name == "log_loss":
        rows = report.confidently_wrong.infinite_rows
        return f"clipped: infinite in {count(rows)} row{'s' * (rows > 1)}" if rows else "nats"
    if name == "brier" and report.task == "multiclass":
        return "sum over the classes"
    if name == "auroc" and report.task != "binary":
        return "of telling right from wrong"
    return estimate.reason or ""

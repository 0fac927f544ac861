"""The figures that matter most, each with its interval."""

from __future__ import annotations

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import Column, grid
from calaudit.report.console.page import Page
from calaudit.report.labels import Unit, metric_title, metric_unit
from calaudit.report.model import Report
from calaudit.report.numbers import count, integral_percent, places, shown, shown_interval

__all__ = ["HEADLINES", "headline_lines", "interval_text"]

HEADLINES = (
    "smece", "log_loss", "recoverable_log_loss", "brier", "auroc", "average_precision",
    "accuracy", "mean_confidence", "mean_score", "base_rate",
)  # fmt: skip
"""Metrics that this section shows, in order."""

RATES = ("accuracy", "mean_confidence", "mean_score", "base_rate")
"""Metrics that are compared with each other, and so share their decimals."""

SUFFIX: dict[Unit, str] = {"percent": " %", "points": " pts"}


def headline_lines(report: Report, page: Page) -> list[Text]:
    """Return the headline figures: name, value, interval, remark."""
    shared = _shared_places(report)
    rows = [
        _row(report, name, page, shared if name in RATES else None)
        for name in HEADLINES
        if name in report.metrics
    ]
    rows.append(_gap_row(report, page, shared))
    columns = (
        Column("", right=False),
        Column("value"),
        Column(page.interval_title, right=False),
        Column("", right=False),
    )
    return grid(columns, rows, width=page.width)


def interval_text(estimate: Estimate, decimals: int, unit: Unit, page: Page) -> Text:
    """Return the interval of ``estimate``, with a dash where nothing is negative."""
    text = shown_interval(estimate.low, estimate.high, decimals, unit)
    if estimate.low is not None and estimate.low >= 0 and page.glyphs.dash == "–":
        text = text.replace(" to ", " – ")
    return page.ours(text)


def _row(report: Report, name: str, page: Page, decimals: int | None) -> list[Text]:
    estimate, unit = report.metrics[name], metric_unit(name)
    led = estimate.value if estimate.unbiased is None else estimate.unbiased
    title = metric_title(name) if name != "recoverable_log_loss" else "  recoverable"
    if led is None:
        reason = estimate.reason or "not computed"
        return [Text(title), Text(page.glyphs.dash), Text(), page.ours(reason, "dim")]
    if decimals is None:
        decimals = estimate_places(estimate, unit)
    value = Text(shown(led, decimals, unit) + SUFFIX.get(unit, ""), style="bold")
    remark = page.ours(_remark(report, name, decimals), "dim")
    return [Text(title), value, interval_text(estimate, decimals, unit, page), remark]


def estimate_places(estimate: Estimate, unit: Unit) -> int:
    """Return the decimals of an estimate, from the width of its interval."""
    figures = (estimate.value, estimate.unbiased, estimate.noise_floor)
    return places(*figures, width=_width(estimate), unit=unit)


def _width(estimate: Estimate) -> float | None:
    if estimate.low is None or estimate.high is None:
        return None
    return estimate.high - estimate.low


def _shared_places(report: Report) -> int:
    """Return decimals for accuracy, confidence and their difference, that tell them apart.

    The widest interval decides; a gap that differs from 0 is not shown as 0.
    """
    found = [report.metrics[name] for name in RATES if name in report.metrics]
    decimals = min((estimate_places(e, "percent") for e in found), default=1)
    gap = report.verdict.gap
    if _clear(gap):
        decimals = max(decimals, min(places(gap.value, width=_width(gap), unit="points"), 3))
        while decimals < 5 and round(100 * (gap.value or 0.0), decimals) == 0:
            decimals += 1
    return decimals


def _clear(gap: Estimate) -> bool:
    """Whether the interval of the gap lies on one side of 0."""
    return gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)


def _gap_row(report: Report, page: Page, decimals: int) -> list[Text]:
    gap = report.verdict.gap
    title = Text("  difference")
    if gap.value is None:
        return [title, Text(page.glyphs.dash), Text(), page.ours(gap.reason or "", "dim")]
    value = Text(shown(gap.value, decimals, "points", sign=True) + SUFFIX["points"], style="bold")
    names = "mean score, base rate" if report.task == "binary" else "confidence, accuracy"
    more, less = names.split(", ")
    remark = f"{more} {'below' if gap.value < 0 else 'above'} {less}" if _clear(gap) else ""
    return [title, value, interval_text(gap, decimals, "points", page), page.ours(remark, "dim")]


def _remark(report: Report, name: str, decimals: int) -> str:
    estimate = report.metrics[name]
    if name == "smece":
        floor = shown(estimate.noise_floor, decimals)
        plain = shown(estimate.value, decimals) if estimate.unbiased is not None else ""
        parts = [f"plain {plain}" if plain else "", f"chance {floor}" if floor else ""]
        return "smECE; " + ", ".join(part for part in parts if part)
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

"""The classic figures beside what chance alone would show, the tests, and the shape."""

from __future__ import annotations

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import Column, grid
from calaudit.report.console.headline import HEADLINES, estimate_places, interval_text
from calaudit.report.console.page import Page
from calaudit.report.labels import metric_title, metric_unit
from calaudit.report.model import Report
from calaudit.report.numbers import MOST, p_value, shown

__all__ = ["classic_lines"]

ELSEWHERE = {*HEADLINES, "n", "noise_floor"}
"""Metrics that other sections show (the noise floor stands beside each figure)."""

TESTS = ("cox_test", "spiegelhalter_z", "hosmer_lemeshow")
"""Metrics that are test statistics: of use through their p-value."""

IDEAL = {"cox_slope": 1.0, "cox_intercept": 0.0}
"""Metrics with an ideal value other than the smallest."""


def classic_lines(report: Report, page: Page) -> list[Text]:
    """Return every metric that no other section shows, and the test behind the verdict."""
    rows = [_row(report, name, page) for name in report.metrics if name not in ELSEWHERE]
    smece = report.metrics.get("smece")
    if smece is not None and smece.p_value is not None:
        test = Text(p_value(smece.p_value, 1 - page.level))
        rows.insert(0, [Text("smECE test"), *[Text()] * 3, test])
    columns = [
        Column("", right=False),
        Column("value"),
        Column("by chance"),
        Column("unbiased"),
        Column(f"{page.interval_title}, or test", right=False),
    ]
    return grid(columns, rows, width=page.width) if rows else []


def _row(report: Report, name: str, page: Page) -> list[Text]:
    estimate, unit = report.metrics[name], metric_unit(name)
    title = Text(metric_title(name))
    if estimate.value is None:
        reason = page.ours(estimate.reason or "not computed", "dim")
        return [title, Text(page.glyphs.dash), Text(), Text(), reason]
    decimals = min(estimate_places(estimate, unit), 2 if name in TESTS else MOST)
    return [
        title,
        Text(shown(estimate.value, decimals, unit)),
        Text(shown(estimate.noise_floor, decimals, unit), style="dim"),
        Text(shown(estimate.unbiased, decimals, unit), style="bold"),
        _support(name, estimate, interval_text(estimate, decimals, unit, page), page),
    ]


def _support(name: str, estimate: Estimate, interval: Text, page: Page) -> Text:
    """Return what stands behind a figure: its interval, its test, and what would be ideal."""
    parts = [interval] if interval.plain else []
    if estimate.p_value is not None:
        df = f" ({estimate.df} df)" if estimate.df is not None else ""
        parts.append(Text(p_value(estimate.p_value, 1 - page.level) + df))
    if name in IDEAL:
        parts.append(page.ours(_against_ideal(name, estimate), "dim"))
    elif estimate.reason:
        parts.append(page.ours(estimate.reason, "dim"))
    return Text(", ").join(parts)


def _against_ideal(name: str, estimate: Estimate) -> str:
    ideal = f"ideal {IDEAL[name]:g}"
    if name == "cox_slope" and estimate.low is not None and estimate.high is not None:
        if estimate.high < 1:
            return f"{ideal}: too extreme"
        if estimate.low > 1:
            return f"{ideal}: too timid"
    return ideal

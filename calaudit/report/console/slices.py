"""The same figures for each slice."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.opening import mark
from calaudit.report.console.page import Page
from calaudit.report.model import Report, SliceResult
from calaudit.report.numbers import compact, count, places, shown

__all__ = ["slice_lines"]

MOST = 30
"""Slices shown at most for one column; those with a finding come first."""


def slice_lines(report: Report, page: Page) -> list[Text]:
    """Return a table for each ``--by`` column, and how to read it."""
    lines: list[Text] = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        rows = [_row(s, page) for s in _kept(found)]
        lines += [Text()] if lines else []
        lines += grid(_columns(found, column, page), rows, width=page.width)
        if len(found) > MOST:
            more = f"{count(len(found) - MOST)} more slices are in the JSON report."
            lines += hanging(page.ours(more, "dim"), width=page.prose)
    if lines:
        adjusted = "Verdicts are adjusted for looking at all slices at once."
        lines += hanging(page.ours(adjusted, "dim"), width=page.prose)
    return lines


def _kept(found: list[SliceResult]) -> list[SliceResult]:
    if len(found) <= MOST:
        return found
    chosen = sorted(found, key=lambda s: s.status == "calibrated" or s.small)[:MOST]
    wanted = {id(s) for s in chosen}
    return [s for s in found if id(s) in wanted]


def _columns(found: list[SliceResult], column: str, page: Page) -> list[Column]:
    says, came = _rate_names(found[0])
    titles = ["rows", f"{says} %", f"{came} %", "smECE", *(["ECE", "floor"] if _wide(page) else [])]
    name = page.name(column, _name_room(page)).plain
    return [Column(name, right=False), *(Column(t) for t in titles), Column("", right=False)]


def _rate_names(found: SliceResult) -> tuple[str, str]:
    return ("says", "is") if "base_rate" in found.metrics else ("says", "right")


def _row(s: SliceResult, page: Page) -> list[Text]:
    # A binary slice has all four; its verdict is about scores and outcomes.
    says = s.metrics.get("mean_score") or s.metrics.get("mean_confidence")
    came = s.metrics.get("base_rate") or s.metrics.get("accuracy")
    smece, ece = s.metrics.get("smece"), s.metrics.get("ece")
    style = "dim" if s.small else ""
    classic = [
        Text(_number(ece.value if ece else None), style=style),
        Text(_number(ece.noise_floor if ece else None), style="dim"),
    ]
    verdict = Text("too few rows") if s.small else _verdict(s, page)
    return [
        page.name(s.value, _name_room(page), style),
        Text(compact(s.rows), style=style),
        Text(_percent(says, came), style=style),
        Text(_percent(came, says), style=style),
        Text(_led(smece), style=style),
        *(classic if _wide(page) else []),
        verdict,
    ]


def _wide(page: Page) -> bool:
    return page.width >= 80


def _name_room(page: Page) -> int:
    return max(page.width - 66, 14)


def _verdict(s: SliceResult, page: Page) -> Text:
    words = {"unknown": "cannot tell", "negligible": "negligibly off"}
    return mark(s.status, s.size, page) + Text(" " + words.get(s.status, s.status))


def _percent(estimate: Estimate | None, other: Estimate | None) -> str:
    """Return a rate with the decimals that it and its neighbour need."""
    if estimate is None or estimate.value is None:
        return ""
    both = [e.value for e in (estimate, other) if e is not None and e.value is not None]
    smallest = min((v for v in both if v > 0), default=1.0)
    decimals = max(1, places(smallest, unit="percent") - 1)
    return shown(estimate.value, min(decimals, 4), "percent")


def _led(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    return _number(estimate.value if estimate.unbiased is None else estimate.unbiased)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    decimals = next((d for d in (3, 4) if value == 0 or round(value, d) > 0), 5)
    return shown(value, decimals)

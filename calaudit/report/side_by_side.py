"""Figures before and after as text, the same in every renderer."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import CheckReport, Compared
from calaudit.report.numbers import MOST, places, shown, shown_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """A figure before and after, each with its interval, in the unit in which rules are written.

    ``before``, its interval and ``change`` are "" where there is nothing to compare with.
    """

    metric: str
    before: str
    before_interval: str
    after: str
    after_interval: str
    change: str


def side_by_side(report: CheckReport) -> list[SideBySide]:
    """Return the figures that were compared, each with decimals of its own."""
    return [_side_by_side(each, report) for each in report.compared]


def level_titles(report: CheckReport) -> tuple[str, str]:
    """Return what stands over the intervals before and after; they may have other levels."""
    befores = {each.before.level for each in report.compared if each.before is not None}
    afters = {each.after.level for each in report.compared}
    return _level_title(befores), _level_title(afters)


def _side_by_side(each: Compared, report: CheckReport) -> SideBySide:
    before = each.before if each.before is not None else Estimate(value=None)
    decimals = _decimals(each, report)
    old, new = before.point, each.after.point
    change = None if old is None or new is None else new - old
    return SideBySide(
        metric=each.metric,
        before=shown(old, decimals),
        before_interval=_interval(before, decimals),
        after=shown(new, decimals),
        after_interval=_interval(each.after, decimals),
        change=shown(change, decimals, sign=True),
    )


def _decimals(each: Compared, report: CheckReport) -> int:
    """Return decimals that show both figures, and the change as finely as it was judged.

    Matched rows can settle a change that is smaller than the interval of either figure.
    """
    sides = [each.after] if each.before is None else [each.before, each.after]
    judged = [r for r in report.results if r.metric == each.metric and r.column is None]
    widths = [_width(side.low, side.high) for side in sides]
    widths += [_width(result.low, result.high) for result in judged if result.relative]
    known = [width for width in widths if width]
    if not known:
        return places(*(side.point for side in sides))
    return min(places(width=min(known)), MOST)


def _width(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else high - low


def _interval(estimate: Estimate, decimals: int) -> str:
    return shown_interval(estimate.low, estimate.high, decimals, "number")


def _level_title(levels: set[float | None]) -> str:
    known = {level for level in levels if level is not None}
    return f"{100 * known.pop():g} %" if len(known) == 1 else "interval"

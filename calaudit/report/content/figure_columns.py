"""Columns of figures that share their decimals, each with its intervals where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calaudit.metrics.estimate import Estimate
from calaudit.report.document import Column
from calaudit.report.metric_names import Unit
from calaudit.report.numbers import compact, count, places, shown, shown_interval

DASH = "–"
"""Stands where there is no figure."""

INTERVALS = 4
"""By how much earlier than their figures intervals are left out where there is no room."""


def level_text(level: float) -> str:
    """Return a confidence level in percent."""
    return f"{100 * level:g} %"


def interval_title(level: float) -> str:
    """Return what stands over a column of intervals."""
    return f"{level_text(level)} interval"


def interval(estimate: Estimate, decimals: int, unit: Unit = "number") -> str:
    """Return the interval of ``estimate``, as everywhere: "low to high"; "" for none."""
    return shown_interval(estimate.low, estimate.high, decimals, unit)


def estimate_places(estimate: Estimate, unit: Unit = "number") -> int:
    """Return the decimals of an estimate, from the width of its interval."""
    width = None
    if estimate.low is not None and estimate.high is not None:
        width = estimate.high - estimate.low
    figures = (estimate.value, estimate.unbiased, estimate.noise_floor)
    return places(*figures, width=width, unit=unit)


def rates(
    title: str,
    estimates: Sequence[Estimate | None],
    level: float,
    *,
    bounded: bool = False,
    drop: int = 0,
    term: str = "",
) -> list[Column]:
    """Return a column of percentages, and one of their intervals if ``bounded``.

    Args:
        title: what stands over them, without its unit.
        estimates: of shares, in [0, 1].
        level: of the intervals.
        bounded: whether there is a column of them.
        drop: when it is left out on narrow pages, see `Column`; intervals go before all of these.
        term: name in the glossary.
    """
    values = tuple(None if e is None else e.value for e in estimates)
    least = min((v for v in values if v), default=1.0)
    decimals = min(max(1, places(least, unit="percent") - 1), 4)
    cells = tuple(rate_text(v, decimals) or DASH for v in values)
    column = [Column(title=f"{title} %", cells=cells, values=values, drop=drop, term=term)]
    if not bounded:
        return column
    ends = [("", "") if e is None else _ends(e, decimals) for e in estimates]
    spans = tuple(" to ".join(pair) if all(pair) else "" for pair in ends)
    return [
        *column,
        Column(title=level_text(level), cells=spans, tone="quiet", drop=drop + INTERVALS),
    ]


def rate_text(value: float | None, decimals: int) -> str:
    """Return a rate in percent, and 0 or 100 without decimals only where it is exact."""
    if value in (0, 1):
        return str(round(100 * value))
    return shown(value, decimals, "percent")


def amounts(
    title: str,
    estimates: Sequence[Estimate | None],
    level: float,
    *,
    bounded: bool = True,
    decimals: int | None = None,
    sign: bool = False,
    drop: int = 0,
    term: str = "",
) -> list[Column]:
    """Return a column of amounts, and one of their intervals if ``bounded``.

    The first interval decides the decimals of all, unless they are given; the rest is as in
    `rates`.
    """
    if decimals is None:
        decimals = amount_places(estimates)
    found = [Estimate(value=None) if e is None else e for e in estimates]
    cells = tuple(shown(e.value, decimals, sign=sign) for e in found)
    values = tuple(e.value for e in found)
    column = [Column(title=title, cells=cells, values=values, tone="strong", drop=drop, term=term)]
    spans = tuple(interval(e, decimals) for e in found)
    bounds = Column(title=interval_title(level), cells=spans, right=False, drop=drop + INTERVALS)
    return [*column, bounds] if bounded else column


def amount_places(estimates: Sequence[Estimate | None]) -> int:
    """Return the decimals that the first amount with an interval needs."""
    found = [e for e in estimates if e is not None and e.value is not None]
    clear = [e for e in found if e.low is not None and e.high is not None and e.low < e.high]
    return min((estimate_places(e) for e in clear[:1] or found[:1]), default=1)


def cases(title: str, values: Sequence[float]) -> Column:
    """Return a column of numbers of cases; by weight they need not be whole."""
    whole = all(map(_is_whole, values))
    cells = tuple(count(round(v)) if whole else f"{v:,.1f}" for v in values)
    return Column(title=title, cells=cells, values=tuple(values))


def case_count(value: float) -> str:
    """Return a number of cases.

    >>> case_count(12000.0), case_count(0.5)
    ('12,000', '0.5')
    """
    return cases("", [value]).cells[0]


def row_counts(rows: Iterable[int], title: str = "rows") -> Column:
    """Return a column of numbers of rows."""
    found = tuple(rows)
    return Column(title=title, cells=tuple(map(compact, found)), values=found)


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) <= 1e-9 * max(abs(value), 1.0)


def _ends(estimate: Estimate, decimals: int) -> tuple[str, str]:
    """Return the ends of an interval; one that is nearly 100 is rounded outwards."""
    low, high = (rate_text(end, decimals) for end in (estimate.low, estimate.high))
    return low.lstrip(">"), f"{100:.{decimals}f}" if high.startswith(">") else high

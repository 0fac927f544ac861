"""Figures as people read them: few digits, and never so few that they say something else.

An interval decides how many decimals it and its value get (two significant digits of its
width). What is not 0 is not shown as 0, and what is below 100 % is not shown as 100 %.
"""

from __future__ import annotations

import math

from calaudit.report.metric_names import Unit

MOST = 6
"""Decimals at most; what needs more is shown in scientific notation."""

ROUNDING = 1e-12
"""What is smaller is left of 0 by rounding, and another on every machine: it is shown as 0."""


def places(*values: float | None, width: float | None = None, unit: Unit = "number") -> int:
    """Return how many decimals make ``values`` readable and not misleading.

    Args:
        values: figures that will stand side by side, as fractions even when shown in percent.
        width: width of the interval around them; without it three digits are significant.
        unit: how they will be shown.
    """
    scale = 100.0 if unit in ("percent", "points") else 1.0
    sizes = [abs(v) * scale for v in values if v is not None and math.isfinite(v)]
    sizes = [size for size in sizes if size >= ROUNDING]
    largest = max(sizes, default=0.0)
    if width and math.isfinite(width) and width * scale >= ROUNDING:
        wanted = 1 - math.floor(math.log10(width * scale))
    else:
        wanted = 2 - math.floor(math.log10(largest)) if largest > 0 else 1
    least = 1 if unit in ("percent", "points") else 0
    found = min(max(wanted, least), MOST)
    ceiling = 100.0 if unit == "percent" else None
    while found < MOST and any(_misleads(size, found, ceiling) for size in sizes):
        found += 1
    return found


def shown(value: float | None, decimals: int, unit: Unit = "number", *, sign: bool = False) -> str:
    """Return ``value`` with so many decimals, without its unit; "" when it is missing."""
    if value is None or not math.isfinite(value):
        return ""
    if unit == "count":
        return count(round(value))
    scaled = value * 100 if unit in ("percent", "points") else value
    scaled = 0.0 if abs(scaled) < ROUNDING else scaled
    if unit == "percent" and scaled < 100 and round(scaled, decimals) >= 100:
        return f">{100 - 10**-decimals:.{decimals}f}"
    if 0 < abs(scaled) < 0.5 * 10**-decimals:
        return f"{scaled:.0e}" if decimals >= MOST else f"{0:.{decimals}f}"
    text = f"{scaled:{'+' if sign else ''},.{decimals}f}"
    return text.lstrip("+-") if float(text.replace(",", "")) == 0 else text


def shown_interval(low: float | None, high: float | None, decimals: int, unit: Unit) -> str:
    """Return an interval as "low to high"; one-sided as "≥ low" or "≤ high"; "" for none."""
    signed = unit == "points" and low is not None and low < 0
    low_text, high_text = (shown(end, decimals, unit, sign=signed) for end in (low, high))
    if low_text and high_text:
        return f"{low_text} to {high_text}"
    if low_text:
        return f"≥ {low_text}"
    return f"≤ {high_text}" if high_text else ""


def p_value(value: float, alpha: float = 0.05) -> str:
    """Return "p = 0.031" or "p < 0.001", on the same side of ``alpha`` as ``value`` is.

    >>> p_value(0.04999), p_value(0.2), p_value(1e-9)
    ('p = 0.04999', 'p = 0.20', 'p < 0.001')
    """
    if value < 0.001:
        return "p < 0.001"
    if value > 0.99:
        return "p > 0.99"
    decimals = 2 if value >= 0.1 else 3
    while decimals < 9 and (round(value, decimals) < alpha) != (value < alpha):
        decimals += 1
    return f"p = {value:.{decimals}f}"


def count(value: int) -> str:
    """Return a whole number with its thousands set apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def counted(value: int, name: str) -> str:
    """Return a whole number of something.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count(value)} {name}{'' if value == 1 else 's'}"


def compact(value: int) -> str:
    """Return a row count for a narrow column: exact below a million, then three digits.

    >>> compact(999_999), compact(41_234_567), compact(7_100_000), compact(999_999_999)
    ('999,999', '41.2M', '7.10M', '1.00G')
    """
    if value < 1_000_000:
        return count(value)
    letters = {6: "M", 9: "G", 12: "T"}
    digits, power = f"{value:.2e}".split("e")
    size = int(power) // 3 * 3
    size = min(size, 12)
    decimals = max(2 - (int(power) - size), 0)
    return f"{float(digits) * 10.0 ** (int(power) - size):.{decimals}f}{letters[size]}"


def integral_percent(share: float) -> str:
    """Return a share as a percentage of two or three digits, never rounded to 0 or 100.

    >>> integral_percent(0.434), integral_percent(0.00004), integral_percent(0.99996)
    ('43 %', '0.004 %', '>99.9 %')
    """
    if 0.999 < share < 1:
        return ">99.9 %"
    whole = abs(100 * share - round(100 * share)) < 1e-9
    decimals = 0 if whole or 0.1 <= share <= 0.99 else 1
    while decimals < MOST and share > 0 and round(100 * share, decimals) == 0:
        decimals += 1
    return f"{100 * share:.{decimals}f} %"


def _misleads(size: float, decimals: int, ceiling: float | None) -> bool:
    rounded = round(size, decimals)
    return (size > 0 and rounded == 0) or (
        ceiling is not None and size < ceiling and rounded >= ceiling
    )

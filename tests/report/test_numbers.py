"""Figures as people read them."""

from __future__ import annotations

import pytest

from calaudit.report.numbers import (
    compact,
    integral_percent,
    p_value,
    places,
    shown,
    shown_interval,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.0499, "p = 0.0499"),
     (0.0496, "p = 0.0496"), (0.05, "p = 0.050"), (0.5, "p = 0.50"), (1.0, "p > 0.99")],
)  # fmt: skip
def test_p_values(value: float, text: str) -> None:
    """A p-value is never 0 and never crosses 0.05 by being rounded."""
    assert p_value(value) == text


@pytest.mark.parametrize(
    ("value", "width", "decimals"), [(0.0412, 0.0084, 4), (0.4123, 0.05, 3), (12.3, 4.0, 1)]
)
def test_an_interval_decides_the_decimals(value: float, width: float, decimals: int) -> None:
    """The width of the interval is shown with two significant digits."""
    assert places(value, width=width) == decimals


def test_small_is_not_zero_and_nearly_all_is_not_all() -> None:
    """Decimals are added until a figure does not read as 0, or as 100 %."""
    assert shown(0.0003, places(0.0003, width=0.1)) == "0.0003"
    assert shown(0.99996, places(0.99996, width=0.1, unit="percent"), "percent") == "99.996"
    assert shown(1 - 1e-12, 6, "percent") == ">99.999999"


def test_exact_zero_and_one_stay_exact() -> None:
    """Only an exact 0 or 1 is shown as one."""
    assert shown(0.0, 3) == "0.000"
    assert shown(1.0, 1, "percent") == "100.0"


def test_negative_zero_has_no_sign() -> None:
    """A small negative figure that rounds to 0 is not "-0.0"."""
    assert shown(-0.0, 1) == "0.0"
    assert shown(0.0, 1, "points", sign=True) == "0.0"


@pytest.mark.parametrize("left", [4e-17, -4e-17, 9e-13])
def test_what_rounding_left_is_shown_as_0(left: float) -> None:
    """What another machine has other digits of is 0, and takes no decimals."""
    assert places(left, width=0.02) == places(0.0, width=0.02)
    assert places(left, width=left) == places(0.0)
    assert shown(left, 6) == "0.000000"
    assert shown(left, 1, "points", sign=True) == "0.0"


def test_missing_figures_are_empty() -> None:
    """Neither None nor NaN nor an infinity is ever printed."""
    assert [shown(v, 2) for v in (None, float("nan"), float("inf"))] == ["", "", ""]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.1, 0.2, "0.10 to 0.20"), (0.1, None, "≥ 0.10"), (None, 0.2, "≤ 0.20"), (None, None, "")],
)
def test_intervals(low: float | None, high: float | None, text: str) -> None:
    """An interval may be open on one side."""
    assert shown_interval(low, high, 2, "number") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.01, "1 %"), (0.0, "0 %"), (1.0, "100 %"), (0.9996, ">99.9 %"), (0.046, "4.6 %")],
)
def test_shares(share: float, text: str) -> None:
    """Shares have two digits or so, and 0 and 100 only when they are exact."""
    assert integral_percent(share) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [(0, "0"), (999_999, "999,999"), (9_995_001, "10.0M"), (123_456_789_012, "123G"),
     (5 * 10**15, "5000T")],
)  # fmt: skip
def test_compact_counts(rows: int, text: str) -> None:
    """Counts in narrow columns have three digits from a million on."""
    assert compact(rows) == text

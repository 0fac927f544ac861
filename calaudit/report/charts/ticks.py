"""Where axes have their ticks."""

from __future__ import annotations

import math

from calaudit.report.content.reliability_table import next_round

ODDS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
"""Where an axis of log-odds has its ticks."""


def steps(low: float, high: float, *, most: int = 5) -> list[float]:
    """Return round values from ``low`` to ``high``, at most ``most`` steps apart.

    >>> steps(0, 1), steps(0, 0.02)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 0.005, 0.01, 0.015, 0.02])
    """
    step = next_round((high - low) / most)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    places = max(-math.floor(math.log10(step)), 0)
    return [round(i * step, places) for i in range(first, last + 1)]


def percents(low: float, high: float) -> list[tuple[float, str]]:
    """Return ticks of shares, in percent."""
    return [(value, f"{100 * value:.10g} %") for value in steps(low, high)]


def numbers_of(values: list[float]) -> list[tuple[float, str]]:
    """Return ticks of numbers as they are."""
    return [(value, f"{value:,.10g}") for value in values]

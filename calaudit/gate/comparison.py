"""The change of a figure between two files, with one-sided bounds.

MOVER (Zou & Donner 2008): the bounds of a difference from those of its two parts. With medians
m, one-sided bounds l and u, and A before, B after::

    Δ = m_B − m_A
    low  = Δ − √((m_B − l_B)² + (u_A − m_A)² − 2ρ(m_B − l_B)(u_A − m_A))
    high = Δ + √((u_B − m_B)² + (m_A − l_A)² − 2ρ(u_B − m_B)(m_A − l_A))

ρ is 0 for separate rows, and the correlation of what each row contributes for matched ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile

__all__ = ["Bounds", "Change", "bounds_of", "change_between"]


SHORT = 1.2
"""How much longer the distances of a test inversion are made, see `bounds_of`."""

ENDS = (0.0, 1.0)
"""Where a figure ends: an interval that reaches one of them was cut off there."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure: its point, and one-sided bounds at one confidence."""

    point: float
    low: float
    high: float

    def negated(self) -> Bounds:
        """Return the bounds of the negative of the figure."""
        return Bounds(-self.point, -self.high, -self.low)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its one-sided bounds."""

    value: float
    low: float
    high: float


def bounds_of(estimate: Estimate, confidence: float) -> Bounds | None:
    """Return the one-sided bounds of an estimate; None where it has no interval.

    The distances of its two-sided interval are stretched by the ratio of normal quantiles: the
    interval of a stored report is at the level of that report. An end at 0 or 1 stays where it
    is: the interval may only end there for want of room.

    Those of a test inversion are stretched by `SHORT` as well. Its point reads low where noise
    and error of a bin are about as large as each other, more so before a change than after it,
    and simulated false alarms at the very margin were up to 10 % where 5 % are stated.

    Args:
        estimate: with an interval at its own two-sided level.
        confidence: one-sided.
    """
    point = estimate.value if estimate.unbiased is None else estimate.unbiased
    low, high, level = estimate.low, estimate.high, estimate.level
    if point is None or low is None or high is None or level is None:
        return None
    ratio = normal_quantile(confidence) / normal_quantile(0.5 + level / 2)
    if estimate.unbiased is not None:
        ratio *= SHORT
    down, up = (1.0 if end in ENDS else ratio for end in (low, high))
    low, high = point - max(point - low, 0.0) * down, point + max(high - point, 0.0) * up
    return Bounds(point, low if estimate.unbiased is None else max(low, 0.0), high)


def change_between(before: Bounds, after: Bounds, correlation: float = 0.0) -> Change:
    """Return the change of a figure.

    Args:
        before: A.
        after: B.
        correlation: ρ, in [−1, 1].
    """
    value = after.point - before.point
    low = _joined(after.point - after.low, before.high - before.point, correlation)
    high = _joined(after.high - after.point, before.point - before.low, correlation)
    return Change(value, value - low, value + high)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one * one + other * other - 2.0 * correlation * one * other, 0.0))

"""The change of a figure between two files, with one-sided bounds.

MOVER (Zou & Donner 2008): the bounds of a difference from those of its two parts. With medians
m, one-sided bounds l and u, and A before, B after::

    Δ = m_B − m_A
    low  = Δ − √((m_B − l_B)² + (u_A − m_A)² − 2ρ(m_B − l_B)(u_A − m_A))
    high = Δ + √((u_B − m_B)² + (m_A − l_A)² − 2ρ(u_B − m_B)(m_A − l_A))

ρ is 0 for separate rows, and the correlation of what each row contributes for matched ones.

A calibration error is never below 0, so that −θ_A ≤ Δ ≤ θ_B. Where the lower bound of one side is
0, its model may be calibrated, its point is above 0 by luck only, and this luck does not add in
quadrature: the far side is too short (simulated coverage of 95 %: 86 to 88 %, 83 to 87 % of matched
rows). There the bound is that of the inequality, and ρ is not used, for at its end a figure goes
along with the other less than ρ::

    high = u_B where l_A = 0        low = −u_A where l_B = 0

The point of a test inversion reads low where noise and error of a bin are about as large as each
other, and more so before a change for the worse than after it: simulated false alarms at the very
margin were up to 10 % where 5 % are stated. Where rows are matched the root gets short and this
bias does not, and they were up to 33 %. Therefore `SLACK` times the root without ρ is added to it.
With it they are 0 to 5 %, in the worst of 36 simulated changes 6 % (uniform scores, 10,000 rows,
smECE 0.02 → 0.03); a larger one would cost power. Upper bounds have it of a single figure too,
whose bias is the same; lower ones need none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calaudit.metrics.beta import student_quantile
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile

SLACK = 0.2
"""Share of its distances that is added to those of a test inversion, for the bias of its point."""

ENDS = (0.0, 1.0)
"""Where a figure ends: an interval that reaches one of them was cut off there."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure: its point, one-sided bounds at one confidence, and the slack to be added."""

    point: float
    low: float
    high: float
    slack: float = 0.0

    def negated(self) -> Bounds:
        """Return the bounds of the negative of the figure."""
        return Bounds(-self.point, -self.high, -self.low, self.slack)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its one-sided bounds."""

    value: float
    low: float
    high: float


def bounds_of(estimate: Estimate, confidence: float) -> Bounds | None:
    """Return the one-sided bounds of an estimate; None where it has no interval.

    The distances of its two-sided interval are stretched by the ratio of normal quantiles: the
    interval of a stored report is at the level of that report. Those of groups are Student's. An
    end at 0 or 1 stays where it is: the interval may only end there for want of room.

    Args:
        estimate: with an interval at its own two-sided level.
        confidence: one-sided.
    """
    point = estimate.point
    low, high, level = estimate.low, estimate.high, estimate.level
    if point is None or low is None or high is None or level is None:
        return None
    ratio = normal_quantile(confidence) / normal_quantile(0.5 + level / 2)
    if estimate.t_df is not None:
        df = estimate.t_df
        ratio = student_quantile(confidence, df) / student_quantile(0.5 + level / 2, df)
    if estimate.one_sided:
        ratio = math.log(1.0 - confidence) / math.log(1.0 - level)
    down, up = (1.0 if end in ENDS else ratio for end in (low, high))
    return Bounds(
        point,
        point - down * max(point - low, 0.0),
        point + up * max(high - point, 0.0),
        0.0 if estimate.unbiased is None else SLACK,
    )


def change_between(before: Bounds, after: Bounds, correlation: float = 0.0) -> Change:
    """Return the change of a figure.

    Args:
        before: A.
        after: B.
        correlation: ρ, in [−1, 1].
    """
    value = after.point - before.point
    rho = correlation if before.low and after.low else 0.0
    down = (after.point - after.low, before.high - before.point)
    up = (after.high - after.point, before.point - before.low)
    low = value - _joined(*down, rho) if after.low else -before.high
    high = value + _joined(*up, rho) if before.low else after.high
    return Change(
        value,
        low - min(before.slack, after.slack) * _joined(*down, 0.0),
        high + max(before.slack, after.slack) * _joined(*up, 0.0),
    )


def reach(before: Bounds, after: Bounds, correlation: float = 0.0) -> float:
    """Return how far above a margin a change must lie to be seen, were there room below it."""
    longest = max(after.point - after.low, after.high - after.point)
    sides = (longest, before.high - before.point)
    rho = correlation if before.low and after.low else 0.0
    return _joined(*sides, rho) + min(before.slack, after.slack) * _joined(*sides, 0.0)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one * one + other * other - 2.0 * correlation * one * other, 0.0))

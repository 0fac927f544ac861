"""What hardly went wrong: how much of it could have, and was not seen (the rule of three)."""

from __future__ import annotations

import math

RULE_OF_THREE = "rule of three"
"""What the method of an interval is called where an end rests on what was not seen."""

MANY = 10.0
"""Rows that went wrong, or were to be expected to, from which their own spread tells enough."""


def unseen_share(seen: float, rows: float, level: float) -> float:
    """Return the share of rows that may go wrong beside those that a normal interval counts.

    Where none of n went wrong, 1 − (1 − level)^(1/n), about 3/n at 95 %: had a larger share been
    to go wrong, one would have been seen. Less where some did, as the end of a Poisson interval
    then comes near the normal one.

    Args:
        seen: rows that went wrong, or were to be expected to.
        rows: n, of equal weight.
        level: one-sided.

    Source: Hanley & Lippman-Hand 1983, JAMA 249.
    """
    return max(0.0, 1.0 - seen / MANY) * -math.expm1(math.log1p(-level) / max(rows, 1.0))

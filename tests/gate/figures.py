"""Figures with intervals, made by hand, and rules on them."""

from __future__ import annotations

from functools import cache
from typing import Any

from scipy import stats

from calaudit.gate.judging import Case
from calaudit.gate.rules import Rule
from calaudit.metrics.estimate import Estimate

__all__ = ["case", "inverted", "normal"]


def normal(value: float, error: float, level: float = 0.95) -> Estimate:
    """Return a figure with a normal interval."""
    half = _quantile(0.5 + level / 2) * error
    return Estimate(value=value, low=value - half, high=value + half, level=level)


@cache
def _quantile(probability: float) -> float:
    return float(stats.norm.ppf(probability))


def inverted(unbiased: float, low: float, high: float, level: float = 0.95) -> Estimate:
    """Return a figure as test inversion gives it, whose plain value lies above its point."""
    return Estimate(
        value=unbiased + 0.01, unbiased=unbiased, low=low, high=high, level=level,
        method="test inversion",
    )  # fmt: skip


def case(
    after: Estimate,
    before: Estimate | None = None,
    *,
    limit: float = 0.01,
    metric: str = "log_loss",
    kind: str | None = None,
    confidence: float = 0.95,
    rows: int = 1000,
    **more: Any,
) -> Case:
    """Return a case; without a figure before it the rule is an absolute one."""
    kind = kind or ("max" if before is None else "max_increase")
    rule = Rule(kind=kind, metric=metric, limit=limit, confidence=confidence)
    return Case(rule, after, before, rows, **more)

"""On which axes the cost curve is drawn, the same in the picture and in the terminal."""

from __future__ import annotations

import math

from calaudit.report.threshold_report import DecisionReport, Option

STEEP = 12
"""Costs are drawn on a logarithmic axis where the largest is so many times the smallest."""

NEAR = 0.05
"""Cutoffs that are nearer than this to 0 or 1 are drawn on an axis of log-odds."""

REFERENCES = {"act_on_all": "act on all", "act_on_none": "act on none", "review_all": "review all"}
"""Options without a cutoff, which are lines across."""


def marked(report: DecisionReport) -> list[Option]:
    """Return the options whose cutoffs are drawn."""
    return [o for o in report.options if o.name in ("recommended", "current")]


def on_odds(report: DecisionReport) -> bool:
    """Return whether cutoffs are drawn on log-odds: probabilities of which one is nearly 0 or 1."""
    chosen = [c for o in marked(report) for c in (o.review_from, o.act_from) if c is not None]
    near = any(0 < c < NEAR or 1 - NEAR < c < 1 for c in chosen)
    return report.unit.endswith("probability") and near


def cost_span(report: DecisionReport) -> tuple[bool, tuple[float, float]]:
    """Return whether the axis of costs is logarithmic, and its ends, between which all costs lie.

    Args:
        report: with a cost curve.
    """
    costs = [p.cost for p in report.cost_curve]
    for option in report.options:
        if option.cost is not None and option.name in (*REFERENCES, "recommended", "current"):
            found = (option.cost.value, option.cost.low, option.cost.high)
            costs += [c for c in found if c is not None]
    least, most = min(costs), max(costs)
    if least > 0 and most > STEEP * least:
        return True, (least / 1.25, most * 1.15)
    pad = 0.06 * ((most - least) or abs(most) or 1.0)
    return False, (0.0 if 0 <= least < 0.5 * most else least - pad, most + pad)


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten in between; fewer where they are many.

    >>> log_ticks(90, 700), log_ticks(1, 1e5)
    ([100.0, 200.0, 500.0], [1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0])
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(powers) <= 4 else (1,)
    return [step * 10.0**i for i in powers for step in steps if low <= step * 10.0**i <= high]

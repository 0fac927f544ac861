"""Batches over time, for the renderers to show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

import calaudit
from calaudit import MonitorReport
from tests.report.comparisons import HOSTILE


@cache
def batches(weeks: int = 14, rows: int = 300, turned: float = 0.0) -> pd.DataFrame:
    """Return rows of several weeks, in the second half of which low scores come true too often."""
    rng = np.random.default_rng(3)
    z = rng.normal(0, 1.4, weeks * rows)
    week = np.repeat(np.arange(weeks), rows)
    moved = z + turned * (week >= weeks // 2)
    return pd.DataFrame(
        {
            "date": np.datetime64("2025-01-06") + 7 * week,
            "score": 1 / (1 + np.exp(-z)),
            "label": (rng.random(len(z)) < 1 / (1 + np.exp(-moved))).astype(int),
            "site": week,
        }
    )


@cache
def quiet() -> MonitorReport:
    """Return batches in which nothing is off, with a threshold."""
    advice = calaudit.threshold(batches()[:600], cost_fp=2, cost_fn=1, min_precision=0.7)
    return calaudit.monitor(batches(), time="date", threshold=advice)


@cache
def alarm() -> MonitorReport:
    """Return batches that moved, against what was before, and one that waits."""
    rows = batches(turned=0.7).copy()
    rows["label"] = rows["label"].astype("Int64").where(rows.index != rows.index[-1])
    reference = calaudit.evaluate(rows[:900][["score", "label"]])
    return calaudit.monitor(rows, time="date", reference=reference)


@cache
def means() -> MonitorReport:
    """Return batches whose rows depend on each other."""
    return calaudit.monitor(batches(), time="date", group="site")


@cache
def waiting() -> MonitorReport:
    """Return batches of which none is complete, and whose column has a hostile name."""
    rows = batches(4, 80).rename(columns={"score": HOSTILE}).copy()
    rows["label"] = rows["label"].astype("Int64").where(rows.index % 3 > 0)
    return calaudit.monitor(rows, time="date", score=HOSTILE)


MONITORS: dict[str, Callable[[], MonitorReport]] = {
    "quiet": quiet, "alarm": alarm, "means": means, "waiting": waiting,
}  # fmt: skip

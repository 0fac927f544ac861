"""Estimates of made-up rows without labels, for the renderers to show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

import calaudit
from calaudit import EstimateReport

HOSTILE = "<b>|`x`"


def rows(n: int, seed: int, *, shift: float = 0.0) -> pd.DataFrame:
    """Return scores that are too extreme, with labels and a week that renderers must escape."""
    rng = np.random.default_rng(seed)
    z = rng.normal(shift, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    week = np.where(np.arange(n) % 3, "one", HOSTILE)
    return pd.DataFrame(
        {"case": np.arange(n), "score": 1 / (1 + np.exp(-1.5 * z)), "y": y, "week": week}
    )


@cache
def plain() -> EstimateReport:
    """Return rows whose scores have moved, by slice."""
    new = rows(1500, 2, shift=0.5).drop(columns="y")
    return calaudit.estimate(new, reference=rows(2000, 1), label="y", by="week")


@cache
def with_labels() -> EstimateReport:
    """Return rows of which some have labels, which contradict the reference."""
    frame = rows(1500, 3)
    known = np.random.default_rng(4).random(1500) < 0.4
    frame["seen"] = np.where(known, (frame["y"] + 1) % 2, np.nan)
    return calaudit.estimate(
        frame.drop(columns="y"), reference=rows(2000, 1), label="y", labelled="seen", matters=0.02
    )


@cache
def of_confidences() -> EstimateReport:
    """Return stated confidences, with cutoffs that were chosen before."""
    frame = rows(2500, 5).rename(columns={"score": "confidence", "y": "correct"})
    old, new = frame[:1500], frame[1500:].drop(columns="correct")
    chosen = calaudit.threshold(old, cost_error=5, cost_review=1)
    return calaudit.estimate(new, reference=old, thresholds=chosen)


ESTIMATES: dict[str, Callable[[], EstimateReport]] = {
    "plain": plain, "labelled": with_labels, "confidences": of_confidences,
}  # fmt: skip

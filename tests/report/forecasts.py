"""Reports on made-up forecasts of a number, for the renderers to show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

import calaudit
from calaudit import ForecastReport
from tests.report.sets import two_levels

HOSTILE = "<b>|`x`"


def rows(n: int, seed: int, *, narrow: float = 1.0, shift: float = 0.0) -> pd.DataFrame:
    """Return truths, the mean and spread of a forecast, and a store that pages must escape."""
    rng = np.random.default_rng(seed)
    mean, std = rng.normal(50, 20, n), rng.uniform(1, 4, n)
    y = mean + shift + std * rng.normal(size=n)
    store = np.where(np.arange(n) % 3, "one", HOSTILE)
    return pd.DataFrame({"y": y, "mean": mean, "std": std / narrow, "store": store})


@cache
def narrow_intervals() -> ForecastReport:
    """Return intervals that hold too little, by slice."""
    frame = rows(900, 1, narrow=1.5)
    for side, z in (("lower", -1.645), ("upper", 1.645)):
        frame[side] = frame["mean"] + z * frame["std"]
    return calaudit.forecast(
        frame.drop(columns=["mean", "std"]), stated=[0.9], by="store", recalibrate=True
    )


@cache
def quantiles() -> ForecastReport:
    """Return biased quantiles, in columns that are called by their levels, of groups."""
    frame = rows(400, 2, shift=2.0)
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        frame[f"{level}"] = frame["mean"] + stats.norm.ppf(level) * frame["std"]
    frame["store"] = np.arange(400) // 10
    return calaudit.forecast(frame.drop(columns=["mean", "std"]), group="store")


@cache
def normal() -> ForecastReport:
    """Return normal laws that are right, beside others that are not."""
    frame = rows(2000, 3)[["y", "mean", "std"]]
    return calaudit.forecast(frame, against=[frame.assign(std=2 * frame["std"])])


@cache
def members() -> ForecastReport:
    """Return an ensemble of which the members are too far apart."""
    frame, rng = rows(600, 4), np.random.default_rng(5)
    for k in range(12):
        frame[f"member_{k}"] = frame["mean"] + 2 * frame["std"] * rng.normal(size=600)
    return calaudit.forecast(frame.drop(columns=["mean", "std"]))


FORECASTS: dict[str, Callable[[], ForecastReport]] = {
    "narrow": narrow_intervals, "quantiles": quantiles, "normal": normal, "members": members,
    "sets": two_levels,
}  # fmt: skip

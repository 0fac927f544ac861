"""Made-up sets of classes, for the renderers to show."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import calaudit
from calaudit import ForecastReport

HOSTILE = "<b>|`x`"
NAMES = np.array(["cat", "dog", "eel", "fox"])


def rows(n: int, seed: int, *, hostile: bool = False) -> pd.DataFrame:
    """Return classes, sets of two levels, and a store; "fox" is held too rarely."""
    rng = np.random.default_rng(seed)
    names = np.where(NAMES == "eel", HOSTILE, NAMES) if hostile else NAMES
    y, draw = rng.integers(0, 4, n), rng.random((n, 4))
    draw[np.arange(n), y] **= np.where(y == 3, 2, 8)
    kept = {"set": draw < 0.4, "wide_set": draw < 0.6}
    sets = {name: [names[row].tolist() for row in inside] for name, inside in kept.items()}
    store = np.where(np.arange(n) % 3, "one", HOSTILE)
    return pd.DataFrame({"label": names[y], "store": store, **sets})


@cache
def two_levels() -> ForecastReport:
    """Return sets of two levels by slice, with what the rows of calibration give."""
    data = rows(900, 1, hostile=True)
    return calaudit.forecast(data, stated=[0.85, 0.9], by="store", calibration_rows=500)

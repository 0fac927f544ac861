"""Comparisons of made-up models, for the renderers to show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

import calaudit
from calaudit import CompareReport

HOSTILE = "<b>|`x`"


@cache
def forecasts(n: int = 1500) -> pd.DataFrame:
    """Return scores of a calibrated model, of one too sure of itself, and of a worse one."""
    rng = np.random.default_rng(7)
    z = 1.5 * rng.normal(size=n)
    other = z + 0.8 * rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    scores = {"calm": z, "bold": 2 * z, "noisy": other}
    columns = {name: 1 / (1 + np.exp(-logit)) for name, logit in scores.items()}
    return pd.DataFrame({"case": np.arange(n), "y": y, **columns, "site": np.arange(n) % 60,
                         "ward": np.arange(n) % 40 // 13})  # fmt: skip


@cache
def two() -> CompareReport:
    """Return two models with the same accuracy and different honesty."""
    return calaudit.compare(forecasts(), label="y", scores=["calm", "bold"], by="ward")


@cache
def three() -> CompareReport:
    """Return three models, on grouped rows, one of which has a name that renderers must escape."""
    frame = forecasts().rename(columns={"noisy": HOSTILE})
    return calaudit.compare(frame, label="y", scores=["calm", "bold", HOSTILE], group="site")


@cache
def apart() -> CompareReport:
    """Return two periods, one of which called impossible what happened."""
    frame = forecasts()[["y", "calm"]]
    later = frame.iloc[700:].assign(calm=lambda f: np.where(f.index == 800, 1 - f["y"], f["calm"]))
    return calaudit.compare({"before": frame.iloc[:700], "after": later}, label="y", score="calm")


@cache
def perturbed() -> CompareReport:
    """Return rows with copies of three severities."""
    frame = forecasts().assign(severity=0)[["case", "y", "calm", "severity"]]
    rng = np.random.default_rng(9)
    copies = [frame]
    for hard in (1, 2, 3):
        z = np.log(frame["calm"] / (1 - frame["calm"])) * (1 + hard / 4)
        z += hard * rng.normal(size=len(frame))
        copies.append(frame.assign(calm=1 / (1 + np.exp(-z)), severity=hard))
    rows = pd.concat(copies)
    return calaudit.compare(rows, label="y", score="calm", id="case", perturbed=True)


COMPARISONS: dict[str, Callable[[], CompareReport]] = {
    "two": two, "three": three, "apart": apart, "perturbed": perturbed,
}  # fmt: skip

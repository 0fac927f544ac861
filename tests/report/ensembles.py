"""A made-up ensemble, for the renderers to show."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import calaudit
from calaudit import EnsembleReport


@cache
def seeds() -> EnsembleReport:
    """Return three members of one model on 400 rows; names of classes mean something to a page."""
    rng = np.random.default_rng(15)
    z = rng.normal(0, 2, (400, 3))
    names = ["cat", "<b>dog</b>", "a|b"]
    label = [names[k] for k in (z + rng.gumbel(size=z.shape)).argmax(axis=1)]
    frames = {}
    for seed in range(3):
        own = np.exp(z + rng.normal(0, 1, z.shape))
        p = pd.DataFrame(
            own / own.sum(axis=1, keepdims=True), columns=[f"p_{name}" for name in names]
        )
        frames[f"seed {seed}"] = p.assign(label=label)
    return calaudit.ensemble(frames, same_order=True, probs="p_", label="label")

"""A made-up model on images that it knows and others, for the renderers to show."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import calaudit
from calaudit import OodReport


@cache
def images() -> OodReport:
    """Return logits of its own images, of some like them, and of noise with a hostile name."""
    rng = np.random.default_rng(8)
    with tempfile.TemporaryDirectory() as folder:
        paths: dict[str, Path] = {}
        for name, scale in (("photos", 3.0), ("drawings", 2.0), ("<b>|`x`", 0.5)):
            paths[name] = Path(folder) / f"{len(paths)}.parquet"
            z = pd.DataFrame(rng.normal(0, scale, (500, 4)), columns=[f"logit_{k}" for k in "abcd"])
            z.to_parquet(paths[name])
        return calaudit.ood(paths, act_from=0.9)

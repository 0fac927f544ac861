"""Isotonic regression and its centred form: the best rising map, from knots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import ProbabilityMap, Shares
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.metrics.recalibration import isotonic_fit

Floats = NDArray[np.float64]

LEAST_ROWS = 20
ISOTONIC_FROM = 10_000
"""Rows below which isotonic regression overfits, which a warning says."""

RESOLUTION = 1e-15
"""Scores nearer than this are one knot, as in scikit-learn."""


@dataclass(frozen=True, slots=True, eq=False)
class Isotonic(ProbabilityMap):
    """Linear interpolation between knots, constant beyond the first and the last.

    Attributes:
        x: (m,) knots, rising. y: (m,) values there, not falling, in [0, 1].
    """

    method: ClassVar[str] = "isotonic"
    x: Shares
    y: Shares

    def probabilities(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return the interpolated values at p."""
        return np.interp(p, self.x, self.y)


@dataclass(frozen=True, slots=True, eq=False)
class CenteredIsotonic(Isotonic):
    """As `Isotonic`, each flat stretch gathered to one knot at its centre of weight.

    Source: Oron & Flournoy 2017.
    """

    method: ClassVar[str] = "centered-isotonic"


def mixed(values: Floats, rows: float) -> Floats:
    """Return values pulled from 0 and 1 by half a row in n + 1, which keeps the loss finite.

    p ← (1 − 1/(n + 1)) p + 1/(2 (n + 1)) (Berta, Holzmüller, Jordan & Bach 2025).
    """
    return (1.0 - 1.0 / (rows + 1.0)) * values + 0.5 / (rows + 1.0)


def fit_isotonic(sample: Sample, *, mix: bool = True) -> Isotonic:
    """Return the rising map with the least squared (and log) loss, by pooling violators.

    Knots are the first and last score of each flat stretch, between which the map is linear, as
    in scikit-learn's ``IsotonicRegression``. Rises at once from 0 to 1 where the scores
    separate the labels; ``mix`` then still keeps the loss finite.

    Limits: overfits below about 10,000 rows; ties what it pools, so that AUROC may fall.

    Raises:
        NotEnoughData: one class, or too few rows.
    """
    x, w, y = _pooled_points(sample, Isotonic.method)
    fit = isotonic_fit(y, w)
    inner = (fit[1:-1] == fit[:-2]) & (fit[1:-1] == fit[2:])
    kept = np.concatenate([[True], ~inner, [True]])[: len(fit)]
    values = np.clip(fit[kept], 0.0, 1.0)
    return Isotonic(x[kept], mixed(values, sample.effective_rows) if mix else values)


def fit_centered_isotonic(sample: Sample, *, mix: bool = True) -> CenteredIsotonic:
    """Return the isotonic fit with each flat stretch gathered at its weighted mean score.

    The map then rises strictly between the first and the last knot, so that it ties no scores
    there; stretches at exactly 0 or 1 keep both their ends (Oron & Flournoy 2017, §2.2).

    Raises:
        NotEnoughData: one class, or too few rows.
    """
    x, w, y = _pooled_points(sample, CenteredIsotonic.method)
    fit = isotonic_fit(y, w)
    begin = np.flatnonzero(np.concatenate([[True], np.diff(fit) > 0]))
    last = np.append(begin[1:], len(fit)) - 1
    centre = np.add.reduceat(x * w, begin) / np.add.reduceat(w, begin)
    centre = np.clip(centre, x[begin], x[last])
    level = np.clip(fit[begin], 0.0, 1.0)
    ends = (level == 0.0) | (level == 1.0)
    knots = np.concatenate([np.where(ends, x[begin], centre), x[last][ends]])
    values = np.concatenate([level, level[ends]])
    order = np.lexsort((values, knots))
    knots, values = knots[order], values[order]
    new = np.concatenate([[True], np.diff(knots) > 0])
    values = mixed(values[new], sample.effective_rows) if mix else values[new]
    return CenteredIsotonic(knots[new], values)


def _pooled_points(sample: Sample, method: str) -> tuple[Floats, Floats, Floats]:
    """Return distinct scores that carry weight, their weights and mean labels."""
    sample.require(LEAST_ROWS, method, each=LABEL_ROWS)
    w = sample.w[0] + sample.w[1]
    held = w > 0
    x, w, w1 = sample.p[held], w[held], sample.w[1][held]
    begin = np.flatnonzero(np.concatenate([[True], np.diff(x) >= RESOLUTION]))
    total = np.add.reduceat(w, begin)
    return x[begin], total, np.add.reduceat(w1, begin) / total

"""A monotone spline on the logits: lines between knots, as straight as the rows let them be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, Numbers
from calaudit.calibrators.expression import Node, sigmoid
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.calibrators.platt import fit_platt
from calaudit.metrics.logistic import expit, logistic_nll

Floats = NDArray[np.float64]

LEAST_ROWS = 50
LINES = 16
"""Most lines, each of about as much weight."""

POINTS = 5_000
"""Most points that it is fitted on; of more distinct scores neighbours are taken at their mean."""

PENALTIES = 4.0 ** np.arange(8, -3, -1)
"""Half of it times the squared change of slope from line to line, relative to the slope of Platt's
line, is added to what is minimised; the strongest leaves hardly more than that line."""

STEPS = 100
CLOSE = 1e-11
NEAREST = 1e-6
"""Knots are further apart than this share of the range of the logits."""


@dataclass(frozen=True, slots=True, eq=False)
class Spline(BinaryMap):
    """σ(f(z)), z = logit p, with f linear between knots and on beyond the first and the last.

    Attributes:
        x: (m,) knots, m ≥ 2, rising logits. y: (m,) f there, not falling.
    """

    method: ClassVar[str] = "spline"
    x: Numbers
    y: Numbers

    @property
    def slopes(self) -> Floats:
        """(m − 1,) slopes of the lines."""
        return np.asarray(np.diff(self.y) / np.diff(self.x))

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return f(z)."""
        return np.asarray(self._lines(z, self.x, self.y))

    def expression(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return σ(f(z)) of nodes."""
        tables = (Node("parameter", (), *each) for each in (("x", self.x), ("y", self.y)))
        return sigmoid(self._lines(z, *tables))

    def _lines(self, z: Any, x: Any, y: Any) -> Any:
        (first, *_, last), slopes = self.x.tolist(), self.slopes.tolist()
        below, above = np.maximum(first - z, 0.0), np.maximum(z - last, 0.0)
        return np.interp(z, x, y) - slopes[0] * below + slopes[-1] * above


def fit_spline(sample: Sample) -> Spline:
    """Return the spline of most evidence, by penalised maximum likelihood with slopes ≥ 0.

    Knots are at weighted quantiles of the logits. Of a penalty λ on m − 1 slopes the evidence is
    the marginal likelihood by Laplace's method, −(nll + penalty) − ½ ln|H| + ½ (m − 2) ln λ, H
    being the second derivative (Wood 2011, J. R. Stat. Soc. B 73). Weights add up to the
    effective rows.

    Limits: steps are rounded off, for which there is Venn-Abers prediction.

    Raises:
        NotEnoughData: too few rows, or as for `fit_platt`, whose line it bends.
    """
    sample.require(LEAST_ROWS, Spline.method, each=LABEL_ROWS)
    slope = fit_platt(sample).a
    sample = sample.condensed(POINTS)
    w = sample.w * sample.effective_rows / sample.total
    held = w.sum(axis=0) > 0
    w, z = w[:, held], sample.z[held]
    knots = _knots(z, w.sum(axis=0))
    ends = np.append(-np.inf, np.append(knots[1:-1], np.inf))[:, None]
    along = slope * (np.clip(z, ends[:-1], ends[1:]) - knots[:-1, None])  # 0 before a line
    features = np.concatenate([np.ones((1, len(z))), along])
    bends = np.diff(np.eye(len(knots))[1:], axis=0)
    found = np.append(0.0, np.ones(len(knots) - 1))
    best, most = found, -np.inf
    for penalty in PENALTIES:
        found, value, curvature = _optimum(features, w[0], w[1], penalty * bends.T @ bends, found)
        determinants = len(bends) * np.log(penalty) - np.linalg.slogdet(curvature)[1]
        evidence = 0.5 * determinants - value
        if evidence > most:
            best, most = found, evidence
    y = best[0] + np.append(0.0, np.cumsum(slope * best[1:] * np.diff(knots)))
    return Spline(knots, y)


def _knots(z: Floats, w: Floats) -> Floats:
    """Return the ends and weighted quantiles of rising logits, none of them close together."""
    shares = np.cumsum(w) / w.sum()
    inner = z[np.minimum(np.searchsorted(shares, np.arange(1, LINES) / LINES), len(z) - 1)]
    knots, near = [float(z[0])], NEAREST * float(z[-1] - z[0])
    for knot in inner.tolist():
        if knot > knots[-1] + near and knot < z[-1] - near:
            knots.append(knot)
    return np.array([*knots, float(z[-1])])


def _optimum(
    x: Floats, w0: Floats, w1: Floats, ridge: Floats, start: Floats
) -> tuple[Floats, float, Floats]:
    """Return the coefficients, all but the first ≥ 0, the least value, and the curvature there.

    By projected Newton steps on what is not held at 0 (Bertsekas 1982, SIAM J. Control 20). The
    value is infinite where they do not end.
    """
    w, least = w0 + w1, np.append(-np.inf, np.zeros(len(x) - 1))

    def value_at(b: Floats) -> float:
        return logistic_nll(b @ x, w0, w1) + 0.5 * float(b @ ridge @ b)

    b, value = start, value_at(start)
    for _ in range(STEPS):
        p = expit(b @ x)
        gradient = x @ (w * p - w1) + ridge @ b
        curvature = (x * (w * p * (1.0 - p))) @ x.T + ridge
        free = (b - least > 1e-8) | (gradient <= 0)
        step = -b
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], -gradient[free])
        scale, moved, new = 1.0, b, value
        while scale > 1e-10:
            moved = np.maximum(b + scale * step, least)
            new = value_at(moved)
            if new <= value + 1e-4 * float(gradient @ (moved - b)) + 1e-13 * abs(value):
                break
            scale /= 2.0
        change = float(np.abs(moved - b).max())
        b, value = moved, new
        if change <= CLOSE * (1.0 + float(np.abs(b).max())):
            return b, value, curvature
    return b, np.inf, ridge

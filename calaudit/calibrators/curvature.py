"""The second derivative of the loss over rows in memory, and equations in it solved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.form import Form, Units, slices

Floats = NDArray[np.float64]

MOST_STEPS = 300

WORK = 4e9
"""Multiplications that the blocks may take: they are of fewer rows where there are many classes."""


class Curvature:
    """H = (1/W) Σ w [diag(p) − p pᵀ] ⊗ features featuresᵀ + diag(ridge), at one point.

    H x = g is solved by conjugate gradients (Hestenes & Stiefel 1952), the equations of each
    output for itself being solved first.

    Args:
        form: of the map.
        units: (n, K) logits of the rows.
        w: (n,) their weights.
        x: (K, d) the point.
        ridge: (K, d) second derivative of the penalty.
        inverse: (K, d, d) inverses of the blocks of H that belong to one output, those of a
            point nearby; None to compute them.
    """

    def __init__(
        self,
        form: Form,
        units: Units,
        w: Floats,
        x: Floats,
        ridge: Floats,
        inverse: Floats | None = None,
    ) -> None:
        self._form, self._units, self._ridge = form, units, ridge
        self._w = (w / max(float(w.sum()), 1e-300))[:, None]
        self._p = np.empty_like(units.u)
        for rows in slices(*self._p.shape):
            p = np.exp(form.below(x, units.part(rows)))
            self._p[rows] = p / p.sum(axis=1, keepdims=True)
        self.inverse = self._inverses() if inverse is None else inverse

    def _inverses(self) -> Floats:
        k, d = self._ridge.shape
        rows = slice(int(max(64.0, WORK / (k * d * d))))
        p, w, u = self._p[rows], self._w[rows], self._units.u[rows]
        spread = w / max(float(w.sum()), 1e-300) * p * (1.0 - p)
        found = np.empty((k, d, d))
        for j in range(k):
            x = self._form.features(u, j)
            block = (x * spread[:, j, None]).T @ x + np.diag(self._ridge[j])
            # Features that huge logits make alike would leave it singular to rounding.
            block[np.diag_indices(d)] *= 1.0 + 1e-10
            found[j] = np.linalg.inv(block)
        return found

    def times(self, x: Floats) -> Floats:
        """Return H x."""
        total = self._ridge * x
        for rows in slices(*self._p.shape):
            p, u = self._p[rows], self._units.u[rows]
            r = self._form.scores(x, u)
            r -= np.einsum("ij,ij->i", p, r)[:, None]
            r *= p
            r *= self._w[rows]
            total += self._form.back(r, u)
        return total

    def solve(self, g: Floats, close: float) -> Floats:
        """Return x with H x = g, its residual ``close`` times that of 0 in the blocks' norm."""
        x, residual = np.zeros_like(g), g
        towards = direction = self._by_blocks(residual)
        size = first = float((residual * towards).sum())
        for _ in range(MOST_STEPS):
            if size <= close * close * first:
                break
            product = self.times(direction)
            step = size / float((direction * product).sum())
            x = x + step * direction
            residual = residual - step * product
            towards = self._by_blocks(residual)
            size, before = float((residual * towards).sum()), size
            direction = towards + size / before * direction
        return x

    def _by_blocks(self, g: Floats) -> Floats:
        result: Floats = np.matmul(self.inverse, g[:, :, None])[:, :, 0]
        return result

"""Vector scaling: a slope and an intercept for each class (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import MulticlassMap, Numbers
from calaudit.calibrators.form import Form
from calaudit.calibrators.rows import Read
from calaudit.calibrators.scaled import ScaledFits, fit_scaled

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Vector(MulticlassMap):
    """softmax(w∘Z + b); each (K,), the intercepts summing to 0."""

    method: ClassVar[str] = "vector"
    w: Numbers
    b: Numbers

    def scores(self, z: Floats) -> Floats:
        """Return w∘Z + b; what was impossible stays so, whatever the sign of its slope."""
        s = z * self.w + self.b
        return np.where(np.isneginf(z), z, s) if (self.w <= 0.0).any() else s

    def expression(self, z: Any) -> Any:
        """Return w∘Z + b, likewise."""
        own = self.symbolic()
        s = z * own.w + own.b
        return np.where(np.isneginf(z), z, s) if (self.w <= 0.0).any() else s


class VectorForm(Form):
    """Parameters (K, 2): slopes and intercepts."""

    method, masks = Vector.method, True
    penalty = "K/(2n) times the squares of T × slope - 1 and of the intercepts"

    def centre(self, k: int) -> Floats:
        """Return slopes of 1 and intercepts of 0."""
        return np.stack([np.ones(k), np.zeros(k)], axis=1)

    def pull(self, k: int) -> Floats:
        """Return K for each."""
        return np.full((k, 2), float(k))

    def scores(self, x: Floats, u: Floats) -> Floats:
        """Return x_j1 u_j + x_j2."""
        return u * x[:, 0] + x[:, 1]

    def back(self, r: Floats, u: Floats) -> Floats:
        """Return Σ r_j u_j and Σ r_j."""
        return np.stack([np.einsum("ij,ij->j", r, u), r.sum(axis=0)], axis=1)

    def features(self, u: Floats, j: int) -> Floats:
        """Return u_j and 1."""
        return np.stack([u[:, j], np.ones(len(u))], axis=1)


def fit_vectors(
    read: Read, *, n_classes: int, folds: int, temperature: float, floor: float
) -> ScaledFits:
    """Return penalised maximum-likelihood slopes and intercepts.

    In units of u = Z/T, T the temperature: minimise mean NLL(softmax((1 + v)∘u + b)) +
    K/(2n)·(‖v‖² + ‖b‖²), so that temperature scaling is the centre, and the pull to it that of K
    rows a parameter; always with one finite optimum. Logits of −inf are classes that cannot be,
    as in temperature scaling. How: `fit_scaled`.
    """
    return fit_scaled(read, VectorForm(), n_classes, folds, unit=temperature, floor=floor)

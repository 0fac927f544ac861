"""Matrix scaling, structured and regularised, so that it does not overfit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import MulticlassMap, Numbers, Rows
from calaudit.calibrators.expression import Node
from calaudit.calibrators.form import Form
from calaudit.calibrators.rows import Read
from calaudit.calibrators.scaled import ScaledFits, fit_scaled
from calaudit.errors import NotEnoughData

Floats = NDArray[np.float64]

MOST_CLASSES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Matrix(MulticlassMap):
    """softmax(W Z + b), W (K, K): W[j, k] is the weight of input k in output j; b (K,).

    A row with a logit of −inf has no answer: the weight of what is infinitely far in the other
    classes would decide alone, so that such rows are refused, as they are by the fit.
    """

    method: ClassVar[str] = "matrix"
    W: Rows
    b: Numbers

    def scores(self, z: Floats) -> Floats:
        """Return W Z + b."""
        return z @ self.W.T + self.b

    def expression(self, z: Any) -> Any:
        """Return W Z + b."""
        own = self.symbolic()
        return Node("product", (own.W, z)) + own.b


class MatrixForm(Form):
    """Parameters (K, K + 1): a row of weights and an intercept for each output."""

    method, masks = Matrix.method, False
    penalty = (
        "K/(2n) times the squares of T × slope - 1 and of the intercepts, and K × K/(2n) times "
        "those of T × weight between classes,"
    )

    def centre(self, k: int) -> Floats:
        """Return the identity and intercepts of 0."""
        return np.eye(k, k + 1)

    def pull(self, k: int) -> Floats:
        """Return K for what vector scaling has too, and K² for what mixes classes."""
        pull = np.full((k, k + 1), float(k * k))
        pull[np.arange(k), np.arange(k)] = pull[:, -1] = k
        return pull

    def scores(self, x: Floats, u: Floats) -> Floats:
        """Return the weighted sums."""
        return u @ x[:, :-1].T + x[:, -1]

    def back(self, r: Floats, u: Floats) -> Floats:
        """Return Σ r_j u_k and Σ r_j."""
        return np.concatenate([r.T @ u, r.sum(axis=0)[:, None]], axis=1)

    def features(self, u: Floats, j: int) -> Floats:  # noqa: ARG002 - of the interface
        """Return all of u, and 1."""
        return np.concatenate([u, np.ones((len(u), 1))], axis=1)


def fit_matrices(
    read: Read, *, n_classes: int, folds: int, temperature: float, floor: float
) -> ScaledFits:
    """Return penalised maximum-likelihood weights and intercepts.

    In units of u = Z/T, T the temperature: minimise mean NLL(softmax((I + V) u + b)) +
    (1/2n)·(K Σ_j V_jj² + K ‖b‖² + K² Σ_{j≠k} V_jk²): temperature scaling is the centre, slopes
    and intercepts are pulled to it as in vector scaling, and what mixes classes K times as
    strongly, since there is K times as much of it. The structure (nested, the penalty of each
    level by its size) follows the idea of Berta, Holzmüller, Jordan & Bach 2025 (arXiv
    2511.03685); the weights are these and not tuned. How: `fit_scaled`.

    Raises:
        InputError: logits of −inf. NotEnoughData: too many classes.
    """
    if n_classes > MOST_CLASSES:
        raise NotEnoughData(f"matrix is for {MOST_CLASSES} classes at most; there are {n_classes}")
    return fit_scaled(read, MatrixForm(), n_classes, folds, unit=temperature, floor=floor)

"""Matrix scaling, structured and regularised, so that it does not overfit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import MulticlassMap, Parameters
from calaudit.calibrators.descent import Descent
from calaudit.calibrators.rows import HELD, Read, Rows, blocks
from calaudit.errors import InputError, NotEnoughData

__all__ = ["Matrix", "fit_matrices"]

Floats = NDArray[np.float64]

MOST_CLASSES = 256
MOST_PASSES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Matrix(MulticlassMap):
    """softmax(W Z + b), W (K, K): W[j, k] is the weight of input k in output j; b (K,)."""

    method: ClassVar[str] = "matrix"
    W: Floats
    b: Floats

    def parameters(self) -> Parameters:
        """Return {"W", "b"}, W as rows."""
        return {"W": self.W.tolist(), "b": self.b.tolist()}

    def logits(self, z: Floats) -> Floats:
        """Return W Z + b."""
        return z @ self.W.T + self.b


@dataclass(slots=True, eq=False)
class GradientSums:
    """Sums of the loss and its gradient at several parameter sets.

    Set s is fitted on the rows of all folds but s; the last on all. A set is a (K, K + 1) array:
    weights on the logits divided by T, and intercepts in the last column.

    Attributes:
        sets: (S, K, K + 1). active: sets that still move. unit: T. floor: of probabilities.
        loss: (S,) Σ w f. gradient: (S, K, K + 1). weight: (S,) Σ w.
        infinite: rows with a logit of −inf.
    """

    sets: Floats
    active: tuple[int, ...]
    unit: float
    floor: float
    loss: Floats
    gradient: Floats
    weight: Floats
    infinite: int = 0

    @classmethod
    def zeros(
        cls, sets: Floats, active: tuple[int, ...], unit: float, floor: float
    ) -> GradientSums:
        """Return the sums of no rows."""
        none = np.zeros(len(sets))
        return cls(sets, active, unit, floor, none, np.zeros_like(sets), none.copy())

    def add(self, rows: Rows) -> None:
        """Add rows; those held out are left out."""
        for block in blocks(rows):
            part = block.take(block.folds != HELD)
            z = part.logits(self.floor) / self.unit
            self.infinite += int(np.count_nonzero(np.isinf(z).any(axis=1)))
            if self.infinite or not len(part):
                continue
            x = np.concatenate([z, np.ones((len(z), 1))], axis=1)
            for s in self.active:
                kept = part.folds != s
                self._add_to(s, x[kept], part.labels[kept], part.w[kept])

    def _add_to(self, s: int, x: Floats, labels: NDArray[np.int64], w: Floats) -> None:
        at = np.arange(len(x))
        p = x @ self.sets[s].T
        p -= p.max(axis=1, keepdims=True)
        mine = p[at, labels]
        np.exp(p, out=p)
        total = p.sum(axis=1)
        p /= total[:, None]
        p[at, labels] -= 1.0
        self.loss[s] += float(w @ (np.log(total) - mine))
        self.weight[s] += float(w.sum())
        self.gradient[s] += (p * w[:, None]).T @ x

    def merge(self, other: Self) -> Self:
        """Return the sums of the rows of both; neither is changed."""
        return type(self)(
            self.sets,
            self.active,
            self.unit,
            self.floor,
            self.loss + other.loss,
            self.gradient + other.gradient,
            self.weight + other.weight,
            self.infinite + other.infinite,
        )


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFits:
    """Matrix scaling of all rows, and without each fold.

    Attributes:
        sets: for each, W and b on the logits; the last of all rows.
        gradient: largest component of the gradient of the mean loss that is left.
        passes: times the rows were read.
    """

    sets: list[tuple[Floats, Floats]]
    gradient: float
    passes: int


def fit_matrices(
    read: Read, *, n_classes: int, folds: int, temperature: float, floor: float
) -> MatrixFits:
    """Return penalised maximum-likelihood weights and intercepts.

    In units of u = Z/T, T the temperature: minimise mean NLL(softmax((I + V) u + b)) +
    (1/2n)·(K Σ_j V_jj² + K ‖b‖² + K² Σ_{j≠k} V_jk²): temperature scaling is the centre, slopes
    and intercepts are pulled to it as in vector scaling, and what mixes classes K times as
    strongly, since there is K times as much of it. The structure (nested, the penalty of each
    level by its size) follows the idea of Berta, Holzmüller, Jordan & Bach 2025 (arXiv
    2511.03685); the weights are these and not tuned. L-BFGS, all sets in step; some tens of
    passes.

    Raises:
        InputError: logits of −inf. NotEnoughData: too many classes.
    """
    k = n_classes
    if k > MOST_CLASSES:
        raise NotEnoughData(f"matrix is for {MOST_CLASSES} classes at most; there are {k}")
    centre = np.eye(k, k + 1)
    pull = np.full((k, k + 1), float(k * k))
    pull[np.arange(k), np.arange(k)] = pull[:, -1] = k
    states = [Descent(centre.ravel(), 1e-7 if s == folds else 1e-5) for s in range(folds + 1)]
    passes = 0
    while passes < MOST_PASSES and any(not state.done for state in states):
        sets = np.stack([state.trial.reshape(k, k + 1) for state in states])
        active = tuple(s for s, state in enumerate(states) if not state.done)
        sums = read(
            lambda x=sets, a=active: GradientSums.zeros(x, a, temperature, floor)  # type: ignore[misc]
        )
        passes += 1
        if sums.infinite:
            raise InputError(
                f"{sums.infinite:,} rows have logits of −inf, which matrix scaling cannot weigh; "
                "use temperature"
            )
        for s in active:
            n = max(float(sums.weight[s]), 1e-300)
            offset = sets[s] - centre
            value = float(sums.loss[s]) / n + 0.5 * float((pull * offset * offset).sum()) / n
            states[s].tell(value, (sums.gradient[s] / n + pull * offset / n).ravel())
    found = [state.best.reshape(k, k + 1) for state in states]
    return MatrixFits(
        [(x[:, :-1] / temperature, x[:, -1] - x[:, -1].mean()) for x in found],
        float(np.abs(states[-1].gradient).max()),
        passes,
    )

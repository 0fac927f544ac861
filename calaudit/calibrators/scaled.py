"""Newton's method for vector scaling: sums by parameter set, one pass a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.rows import HELD, Read, Rows, blocks
from calaudit.errors import InputError, NotEnoughData

__all__ = ["MOST_CLASSES", "VectorFits", "fit_vectors"]

Floats = NDArray[np.float64]

MOST_CLASSES = 256
"""Above so many classes the second derivatives would take gigabytes."""

MOST_STEPS = 40


@dataclass(slots=True, eq=False)
class NewtonSums:
    """Sums of the loss and its first two derivatives at several parameter sets.

    Set s is fitted on the rows of all folds but s; the last on all. A set is a (2, K) array of
    slopes and intercepts on the logits divided by T.

    Attributes:
        sets: (S, 2, K). active: sets that still move. unit: T. floor: of probabilities.
        loss: (S,) Σ w f. gradient: (S, 2K). hessian: (S, 2K, 2K). weight: (S,) Σ w.
        infinite: rows with a logit of −inf.
    """

    sets: Floats
    active: tuple[int, ...]
    unit: float
    floor: float
    loss: Floats
    gradient: Floats
    hessian: Floats
    weight: Floats
    infinite: int = 0

    @classmethod
    def zeros(cls, sets: Floats, active: tuple[int, ...], unit: float, floor: float) -> NewtonSums:
        """Return the sums of no rows."""
        s, _, k = sets.shape
        return cls(
            sets, active, unit, floor, np.zeros(s), np.zeros((s, 2 * k)),
            np.zeros((s, 2 * k, 2 * k)), np.zeros(s),
        )  # fmt: skip

    def add(self, rows: Rows) -> None:
        """Add rows; those held out are left out."""
        for block in blocks(rows):
            part = block.take(block.folds != HELD)
            if len(part):
                self._add(part)

    def _add(self, rows: Rows) -> None:
        z = rows.logits(self.floor) / self.unit
        self.infinite += int(np.count_nonzero(np.isinf(z).any(axis=1)))
        if self.infinite:
            return
        w = rows.w
        for s in self.active:
            kept = rows.folds != s
            if kept.all():
                self._add_to(s, z, rows.labels, w)
            else:
                self._add_to(s, z[kept], rows.labels[kept], w[kept])

    def _add_to(self, s: int, z: Floats, labels: NDArray[np.int64], w: Floats) -> None:
        slopes, intercepts = self.sets[s]
        n, k = z.shape
        p = z * slopes + intercepts
        p -= p.max(axis=1, keepdims=True)
        mine = p[np.arange(n), labels]
        np.exp(p, out=p)
        total = p.sum(axis=1)
        p /= total[:, None]
        self.loss[s] += float(w @ (np.log(total) - mine))
        self.weight[s] += float(w.sum())
        features = np.concatenate([p * z, p], axis=1)
        sums = w @ features
        scaled = features * w[:, None]
        hessian = -(features.T @ scaled)
        square, cross = w @ (p * z * z), sums[:k]
        at = np.arange(k)
        hessian[at, at] += square
        hessian[at, at + k] += cross
        hessian[at + k, at] += cross
        hessian[at + k, at + k] += sums[k:]
        self.hessian[s] += hessian
        sums[:k] -= np.bincount(labels, w * z[np.arange(n), labels], k)
        sums[k:] -= np.bincount(labels, w, k)
        self.gradient[s] += sums

    def merge(self, other: Self) -> Self:
        """Return the sums of the rows of both; neither is changed."""
        return type(self)(
            self.sets,
            self.active,
            self.unit,
            self.floor,
            self.loss + other.loss,
            self.gradient + other.gradient,
            self.hessian + other.hessian,
            self.weight + other.weight,
            self.infinite + other.infinite,
        )


@dataclass(frozen=True, slots=True, eq=False)
class VectorFits:
    """Vector scaling of all rows, and without each fold.

    Attributes:
        sets: (F + 1, 2, K) slopes and intercepts on the logits; the last of all rows.
        gradient: largest component of the gradient of the mean loss that is left, relative to
            the size of its terms. passes: times the rows were read.
    """

    sets: Floats
    gradient: float
    passes: int


def fit_vectors(
    read: Read, *, n_classes: int, folds: int, temperature: float, floor: float
) -> VectorFits:
    """Return penalised maximum-likelihood slopes and intercepts.

    In units of u = Z/T, T the temperature: minimise mean NLL(softmax((1 + v)∘u + b)) +
    K/(2n)·(‖v‖² + ‖b‖²), so that temperature scaling is the centre, and the pull to it that of K
    rows a parameter; always with one finite optimum. Damped Newton, all sets in step.

    Raises:
        InputError: logits of −inf. NotEnoughData: too many classes.
    """
    k = n_classes
    if k > MOST_CLASSES:
        raise NotEnoughData(f"vector is for {MOST_CLASSES} classes at most; there are {k}")
    steps = [_Steps(k, 1e-8 if s == folds else 1e-4) for s in range(folds + 1)]
    passes = 0
    while passes < MOST_STEPS and any(not step.done for step in steps):
        sets = np.stack([step.trial for step in steps])
        active = tuple(s for s, step in enumerate(steps) if not step.done)
        sums = read(
            lambda x=sets, a=active: NewtonSums.zeros(x, a, temperature, floor)  # type: ignore[misc]
        )
        passes += 1
        if sums.infinite:
            raise InputError(
                f"{sums.infinite:,} rows have logits of −inf, which vector scaling cannot weigh; "
                "use temperature"
            )
        for s in active:
            steps[s].tell(sums.loss[s], sums.gradient[s], sums.hessian[s], sums.weight[s])
    sets = np.stack([step.best for step in steps])
    sets[:, 0] /= temperature
    sets[:, 1] -= sets[:, 1].mean(axis=1, keepdims=True)
    return VectorFits(sets, steps[-1].left, passes)


class _Steps:
    """Damped Newton steps of one set; told the sums at ``trial``, it chooses the next trial."""

    def __init__(self, k: int, close: float) -> None:
        self.centre = np.stack([np.ones(k), np.zeros(k)])
        self.trial = self.best = self.centre.copy()
        self.left, self.done = 0.0, False
        self._value, self._move, self._close = np.inf, np.zeros((2, k)), close

    def tell(self, loss: float, gradient: Floats, hessian: Floats, weight: float) -> None:
        n, k = max(float(weight), 1e-300), self.centre.shape[1]
        offset = (self.trial - self.centre).ravel()
        value = float(loss) / n + 0.5 * k / n * float(offset @ offset)
        if value > self._value + 1e-12:  # too far: half way back
            self._move = 0.5 * self._move
        else:
            self._value, self.best = value, self.trial
            slope = gradient / n + k / n * offset
            curvature = hessian / n + k / n * np.eye(2 * k)
            self._move = -np.linalg.solve(curvature, slope).reshape(2, k)
            self.left = float(np.abs(slope).max())
        self.done = bool(np.abs(self._move).max() <= self._close)
        self.trial = self.best + self._move

"""Fits of maps that are affine in the logits: of all rows and without each fold, in few passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.curvature import Curvature
from calaudit.calibrators.descent import Descent
from calaudit.calibrators.form import Form, Units, slices
from calaudit.calibrators.row_summary import Survey
from calaudit.calibrators.rows import HELD, Read, Rows, Sums
from calaudit.errors import InputError

Floats = NDArray[np.float64]
S = TypeVar("S", bound=Sums)

CLOSE = 1e-9
"""Relative gradient at which the fit is done."""

CLOSE_FOLD = 1e-6
"""The same for the fit without a fold, which is only judged."""

MOST_PASSES = 60


@dataclass(slots=True, eq=False)
class ScaledSums:
    """Sums of the loss and its gradient at several parameter sets.

    Attributes:
        form: of the map. sets: (S, K, d) parameters. without: (S,) the fold that each set is
            not fitted on, or the number of folds.
        unit: what logits are divided by. floor: of probabilities.
        loss: (S,) Σ w f. gradient: (S, K, d). weight: (S,) Σ w.
    """

    form: Form
    sets: Floats
    without: tuple[int, ...]
    unit: float
    floor: float
    loss: Floats
    gradient: Floats
    weight: Floats

    @classmethod
    def zeros(
        cls, form: Form, sets: Floats, without: Sequence[int], unit: float, floor: float
    ) -> ScaledSums:
        """Return the sums of no rows."""
        none = np.zeros(len(sets))
        zeros = np.zeros_like(sets)
        return cls(form, sets, tuple(without), unit, floor, none, zeros, none.copy())

    def add(self, rows: Rows) -> None:
        """Add rows; those held out are left out."""
        for some in slices(*rows.scores.shape):
            block = rows.take(some)
            part = block.take(block.folds != HELD)
            if len(part):
                units = Units.of(part.logits(self.floor) / self.unit)
                for s, fold in enumerate(self.without):
                    w = np.where(part.folds == fold, 0.0, part.w)
                    self._add_to(s, units, part.labels, w)

    def _add_to(self, s: int, units: Units, labels: NDArray[np.int64], w: Floats) -> None:
        at = np.arange(len(w))
        p = self.form.below(self.sets[s], units)
        mine = p[at, labels]
        np.exp(p, out=p)
        total = p.sum(axis=1)
        p *= (w / total)[:, None]
        p[at, labels] -= w
        self.loss[s] += float(w @ (np.log(total) - mine))
        self.weight[s] += float(w.sum())
        self.gradient[s] += self.form.back(p, units.u)

    def merge(self, other: Self) -> Self:
        """Return the sums of the rows of both; neither is changed."""
        return type(self)(
            self.form,
            self.sets,
            self.without,
            self.unit,
            self.floor,
            self.loss + other.loss,
            self.gradient + other.gradient,
            self.weight + other.weight,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ScaledFits:
    """Slopes and intercepts of all rows, and without each fold.

    Attributes:
        sets: for each, slopes on the logits, (K,) or (K, K), and (K,) intercepts that sum to 0;
            the last of all rows.
        gradient: largest component of the gradient of the mean loss that is left, relative to
            the size of its terms. passes: times the rows were read.
        converged: whether all sets came as near to their optimum as was asked for, or nearly.
    """

    sets: list[tuple[Floats, Floats]]
    gradient: float
    passes: int
    converged: bool


def fit_scaled(
    read: Read, form: Form, n_classes: int, folds: int, *, unit: float, floor: float
) -> ScaledFits:
    """Return the parameters with the least mean loss + (1/2n) Σ pull (x − centre)².

    n is the equally weighted rows that the rows are worth. One pass brings as many rows into
    memory as a `Survey` keeps, and Newton's method there ends near the optimum, of all rows and
    without each fold. From there each pass evaluates all sets where they stand, and each set
    steps by the curvature of the rows in memory: where these are all rows, one such pass shows
    that nothing is left to do; where they are a share, some ten passes do.

    Args:
        read: reads all rows into accumulators.
        form: of the map.
        n_classes: number of classes.
        folds: number of folds.
        unit: what logits are divided by: the temperature.
        floor: of probabilities.

    Raises:
        InputError: logits of −inf, where the form cannot weigh them.
    """
    survey = read(lambda: Survey.zeros(n_classes, folds, unit, floor))
    if survey.infinite and not form.masks:
        raise InputError(
            f"{survey.infinite:,} rows have logits of −inf, which {form.method} scaling cannot "
            "weigh; use temperature or vector"
        )
    task = _Task(form, survey, survey.rows())
    centre = form.centre(n_classes)
    whole = task.descent(folds, centre, 0.1 * CLOSE, task.inverse(folds, centre))
    task.run(task.near, 1.0, {folds: whole})
    inverse = task.inverse(folds, whole.best)
    nearby = {f: task.descent(f, whole.best, 0.1 * CLOSE_FOLD, inverse) for f in range(folds)}
    task.run(task.near, 1.0, nearby)
    nearby[folds] = whole
    descents = {
        f: task.descent(f, near.best, CLOSE if f == folds else CLOSE_FOLD, inverse)
        for f, near in nearby.items()
    }
    passes = task.run(read, unit, descents)
    found = [(x.best[:, :-1].squeeze() / unit, x.best[:, -1]) for x in descents.values()]
    return ScaledFits(
        sets=[(slopes, b - b.mean()) for slopes, b in found],
        gradient=descents[folds].left,
        passes=1 + passes,
        converged=all(descent.left <= 10.0 * descent.close for descent in descents.values()),
    )


class _Task:
    """What the descents of one fit have in common."""

    def __init__(self, form: Form, survey: Survey, rows: Rows) -> None:
        self.form, self.survey, self._rows = form, survey, rows
        self._units = Units.of(rows.scores)
        k = rows.scores.shape[1]
        self._centre, self._pull = form.centre(k), form.pull(k)
        residuals = np.exp(form.below(self._centre, self._units))
        residuals /= residuals.sum(axis=1, keepdims=True)
        residuals[np.arange(len(rows)), rows.labels] -= 1.0
        residuals = np.abs(residuals) * (rows.w / rows.w.sum())[:, None]
        terms = form.back(residuals, np.abs(self._units.u))
        # Of classes that are next to impossible throughout nothing is left to gain.
        self._terms = np.maximum(terms, 1e-3 * terms[:, -1].max())

    def near(self, make: Callable[[], S]) -> S:
        """Read the rows in memory."""
        sums = make()
        sums.add(self._rows)
        return sums

    def _pull_without(self, fold: int) -> Floats:
        return self._pull / max(self.survey.rows_without(fold), 1e-300)

    def _curvature(self, fold: int, x: Floats, inverse: Floats | None) -> Curvature:
        w = np.where(self._rows.folds == fold, 0.0, self._rows.w)
        return Curvature(self.form, self._units, w, x, self._pull_without(fold), inverse)

    def inverse(self, fold: int, x: Floats) -> Floats:
        """Return the inverse blocks of the curvature without a fold at a point."""
        return self._curvature(fold, x, None).inverse

    def descent(self, fold: int, start: Floats, close: float, inverse: Floats) -> Descent:
        """Return the descent without a fold from a point; see `Curvature` for ``inverse``."""
        return Descent(start, self._terms, close, lambda x: self._curvature(fold, x, inverse))

    def run(self, read: Read, unit: float, descents: dict[int, Descent]) -> int:
        """Step all descents, keyed by the fold left out, to their end; return the passes."""
        for passes in range(MOST_PASSES):
            active = {f: descent for f, descent in descents.items() if not descent.done}
            if not active:
                return passes
            sets = np.stack([descent.trial for descent in active.values()])
            sums = read(
                lambda sets=sets, without=tuple(active): ScaledSums.zeros(  # type: ignore[misc]
                    self.form, sets, without, unit, self.survey.floor
                )
            )
            for s, (fold, descent) in enumerate(active.items()):
                pull, offset = self._pull_without(fold), sets[s] - self._centre
                share = 1.0 / max(float(sums.weight[s]), 1e-300)
                value = share * float(sums.loss[s]) + 0.5 * float((pull * offset * offset).sum())
                descent.tell(value, share * sums.gradient[s] + pull * offset)
        return MOST_PASSES

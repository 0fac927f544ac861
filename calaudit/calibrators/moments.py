"""Mergeable sums behind the multiclass temperature, and the few passes that need them.

At inverse temperature β and with p = softmax(βz), the mean log loss and its derivatives are
f = mean[LSE(βz) − βz_y], f' = mean[E_p z − z_y] and f'' = mean[Var_p z]. Sums by fold give
every cross-validation fit from the same passes: train = all − fold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.rows import HELD, Rows, blocks, centred
from calaudit.calibrators.temperature import CONSTANT, INVERTED, SEPARABLE, Optimum
from calaudit.errors import NotEnoughData

Floats = NDArray[np.float64]

GRID: Floats = np.linspace(-math.log(64.0), math.log(64.0), 25)
"""log β of the first pass, where nothing better is known to start from."""


@dataclass(slots=True, eq=False)
class Census:
    """What there is, before anything is fitted.

    Attributes:
        rows: rows by fold, the last entry those held out.
        by_class: (F, K) fit rows with weight, by fold and class.
        held_rows: (K,) held-out rows by class.
        weight, squares: Σw and Σw² of the fit rows.
        wrong: (F,) Σ w (largest logit − that of the label): 0 where every row is right.
        flat: (F,) Σ w (mean logit − that of the label): not below 0 where the scores mislead.
        impossible: fit rows that give probability 0 to their label.
    """

    rows: NDArray[np.int64]
    by_class: NDArray[np.int64]
    held_rows: NDArray[np.int64]
    wrong: Floats
    flat: Floats
    weight: float = 0.0
    squares: float = 0.0
    impossible: int = 0

    @classmethod
    def zeros(cls, folds: int, n_classes: int) -> Census:
        """Return the census of no rows."""
        by_class = np.zeros((folds, n_classes), np.int64)
        rows = np.zeros(folds + 1, np.int64)
        return cls(rows, by_class, by_class[0], np.zeros(folds), np.zeros(folds))

    def add(self, rows: Rows, z: Floats, mine: Floats) -> None:
        """Add fit rows with their centred logits, (K, n), and that of the label."""
        k = rows.scores.shape[1]
        w = rows.w
        self.rows = self.rows + rows.counted(rows.folds, len(self.rows))
        at, counts = rows.folds * k + rows.labels, rows.counts * (w > 0)
        counts = np.bincount(at, counts, self.by_class.size).astype(np.int64)
        self.by_class = self.by_class + counts.reshape(-1, k)
        self.weight += float(w.sum())
        self.squares += float(rows.w2.sum())
        possible = z > -1e149
        mean = np.where(possible, z, 0.0).sum(axis=0) / possible.sum(axis=0)
        held = mine > -1e149
        at, w, folds = rows.folds[held], w[held], len(self.wrong)
        self.wrong = self.wrong - np.bincount(at, w * mine[held], folds)
        self.flat = self.flat + np.bincount(at, w * (mean - mine)[held], folds)
        given = rows.scores[np.arange(len(rows)), rows.labels]
        self.impossible += int(rows.counts[~held | _is_zero(given, rows)].sum())

    def add_held(self, rows: Rows) -> None:
        """Count rows that are held out."""
        self.held_rows = self.held_rows + rows.counted(rows.labels, rows.scores.shape[1])
        self.rows = self.rows.copy()
        self.rows[-1] += int(rows.counts.sum())

    def merge(self, other: Census) -> Census:
        """Return the census of the rows of both."""
        return Census(
            self.rows + other.rows,
            self.by_class + other.by_class,
            self.held_rows + other.held_rows,
            self.wrong + other.wrong,
            self.flat + other.flat,
            self.weight + other.weight,
            self.squares + other.squares,
            self.impossible + other.impossible,
        )

    @property
    def class_rows(self) -> NDArray[np.int64]:
        """(K,) fit rows with weight, by class."""
        result: NDArray[np.int64] = self.by_class.sum(axis=0)
        return result

    def scarce(self, least: int) -> NDArray[np.intp]:
        """Return the classes that have fewer rows than that, in all or without some fold."""
        return np.flatnonzero((self.class_rows - self.by_class).min(axis=0) < least)

    @property
    def fit_rows(self) -> int:
        """Number of rows to fit on."""
        return int(self.rows[:-1].sum())

    @property
    def effective_rows(self) -> float:
        """Equally weighted rows that they are worth."""
        return self.weight**2 / self.squares if self.squares > 0 else 0.0

    def check(self, least: int) -> None:
        """Raise NotEnoughData where no calibrator can be fitted."""
        if self.fit_rows == 0 or self.weight <= 0:
            raise NotEnoughData("there are no rows (or no weight) to fit on")
        if np.count_nonzero(self.class_rows) < 2:
            raise NotEnoughData(
                "every row to fit on is of one class: no calibrator can be fitted",
                "Check the label column, or that the file is not sorted and cut",
                stated=True,
            )
        if self.effective_rows < least:
            raise NotEnoughData(
                f"a fit needs at least {least:,} rows; there are {self.effective_rows:,.0f}"
            )

    def check_temperature(self) -> None:
        """Raise NotEnoughData where no finite temperature is best."""
        right, misled = self.wrong.sum() <= 0, self.flat.sum() >= 0
        if right and misled:  # the largest of a row is its mean
            raise NotEnoughData(*CONSTANT)
        if right:
            raise NotEnoughData(*SEPARABLE)
        if misled:
            raise NotEnoughData(*INVERTED)

    def has_temperature(self, without: int) -> bool:
        """Return whether the rows of all folds but one have a finite temperature."""
        kept = np.arange(len(self.wrong)) != without
        return bool(self.wrong[kept].sum() > 0 and self.flat[kept].sum() < 0)


def _is_zero(given: NDArray[np.float64], rows: Rows) -> NDArray[np.bool_]:
    """Whether the label's score is a probability of 0 (a logit of 0 is nothing special)."""
    return (given == 0.0) if rows.probabilities else np.zeros(len(rows), np.bool_)


@dataclass(slots=True, eq=False)
class MomentSums:
    """Sums of f, f', f'' and g² at several β, by fold.

    Attributes:
        betas: (B,) inverse temperatures. floor: of probabilities.
        sums: (B, F, 4) Σ w f, Σ w f', Σ w f'' and Σ w² g², g = E_p z − z_y.
        weight: (F,) Σ w. size: (F,) Σ w |z_max − z̄|-like scale of the terms of f'.
        census: what there is; taken on the first pass only.
    """

    betas: Floats
    floor: float
    sums: Floats
    weight: Floats
    size: Floats
    census: Census | None = None

    @classmethod
    def zeros(
        cls, log_betas: Sequence[float] | Floats, folds: int, floor: float, n_classes: int = 0
    ) -> MomentSums:
        """Return the sums of no rows; with a census where ``n_classes`` is given."""
        census = Census.zeros(folds, n_classes) if n_classes else None
        betas = np.exp(np.asarray(log_betas, np.float64))
        none = np.zeros(folds)
        return cls(betas, floor, np.zeros((len(betas), folds, 4)), none, none, census)

    def add(self, rows: Rows) -> None:
        """Add rows; those held out are only counted."""
        for block in blocks(rows):
            held = block.folds == HELD
            if held.any():
                if self.census is not None:
                    self.census.add_held(block.take(held))
                block = block.take(~held)
            if len(block):
                self._add(block)

    def _add(self, rows: Rows) -> None:
        z = centred(rows.logits(self.floor))
        mine = z[rows.labels, np.arange(len(rows))]
        w, w2, folds = rows.w, rows.w2, len(self.weight)
        if self.census is not None:
            self.census.add(rows, z, mine)
        lost = mine < -1e149  # an infinite loss at every β: counted, and refused by who asks
        if lost.any():
            w, w2 = np.where(lost, 0.0, w), np.where(lost, 0.0, w2)
            mine = np.where(lost, 0.0, mine)
        self.weight = self.weight + np.bincount(rows.folds, w, folds)
        for b, beta in enumerate(self.betas):
            e = z * beta
            np.exp(e, out=e)
            total = e.sum(axis=0)
            e *= z
            mean = e.sum(axis=0) / total
            e *= z
            square = e.sum(axis=0) / total
            gap = mean - mine
            columns = (np.log(total) - beta * mine, gap, square - mean * mean)
            for c, values in enumerate(columns):
                self.sums[b, :, c] += np.bincount(rows.folds, w * values, folds)
            self.sums[b, :, 3] += np.bincount(rows.folds, w2 * gap**2, folds)
            if b == 0:
                terms = w * (np.abs(mine) + np.abs(mean))
                self.size = self.size + np.bincount(rows.folds, terms, folds)

    def merge(self, other: Self) -> Self:
        """Return the sums of the rows of both; neither is changed."""
        census = self.census
        if census is not None and other.census is not None:
            census = census.merge(other.census)
        return type(self)(
            self.betas,
            self.floor,
            self.sums + other.sums,
            self.weight + other.weight,
            self.size + other.size,
            census,
        )

    def at(self, b: int, without: int | None = None) -> Floats:
        """Return (mean f, f', f'', Σ w² g²/(Σw)²) at one β, of all folds or all but one."""
        kept = np.ones(len(self.weight), np.bool_)
        if without is not None:
            kept[without] = False
        total = float(self.weight[kept].sum())
        sums: Floats = self.sums[b, kept].sum(axis=0)
        result: Floats = sums / np.array([total, total, total, total * total])
        return result


@dataclass(slots=True)
class Trace:
    """Where the derivative was evaluated, and the root it brackets.

    Attributes:
        points: (log β, f', f'') in the order of their log β.
    """

    points: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, log_beta: float, slope: float, curvature: float) -> None:
        """Add an evaluation."""
        if all(u != log_beta for u, _, _ in self.points):
            self.points.append((log_beta, slope, curvature))
            self.points.sort()


def next_log_beta(trace: Trace) -> float:
    """Return where the derivative is about 0, from all that is known of it.

    Inverse cubic Hermite interpolation of u(f') through the two evaluations nearest to the
    root, kept inside the bracket; Newton's step where only one is known.
    """
    points = trace.points
    low = max((u for u, g, _ in points if g < 0), default=-math.inf)
    high = min((u for u, g, _ in points if g >= 0), default=math.inf)
    best = min(points, key=lambda point: abs(_newton(point)))
    guess = best[0] + max(-2.0, min(2.0, _newton(best)))
    if len(points) > 1 and math.isfinite(low) and math.isfinite(high):
        ends = [point for point in points if point[0] in (low, high)]
        fitted = _hermite_root(*ends) if ends[1][0] - ends[0][0] < 1.0 else guess
        guess = fitted if low < fitted < high else guess
    elif len(points) > 1:
        near = sorted(points, key=lambda point: abs(_newton(point)))[:2]
        fitted = _hermite_root(*near) if abs(near[1][0] - near[0][0]) < 1.0 else guess
        guess = fitted if abs(fitted - guess) < abs(guess - best[0]) else guess
    if low < guess < high or guess == best[0]:
        return guess
    if math.isfinite(high - low):
        return 0.5 * (low + high)
    edge = points[-1] if high == math.inf else points[0]
    return edge[0] + max(-2.0, min(2.0, _newton(edge)))


def _newton(point: tuple[float, float, float]) -> float:
    """Return Newton's step in log β."""
    u, slope, curvature = point
    steep = math.exp(u) * curvature
    return -slope / steep if steep > 0 else math.copysign(2.0, -slope)


def _hermite_root(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    (a, fa, ca), (b, fb, cb) = one, two
    steep_a, steep_b = math.exp(a) * ca, math.exp(b) * cb
    if fa == fb or steep_a <= 0 or steep_b <= 0:
        return math.nan
    h = fb - fa
    t = -fa / h
    da, db = h / steep_a, h / steep_b
    h00, h10 = 2 * t**3 - 3 * t * t + 1, t**3 - 2 * t * t + t
    h01, h11 = -2 * t**3 + 3 * t * t, t**3 - t * t
    return h00 * a + h10 * da + h01 * b + h11 * db


def optimum_of(log_beta: float, moments: Floats, size: float, passes: int) -> Optimum:
    """Return the optimum that an evaluation at its place certifies."""
    _, slope, curvature, squares = (float(x) for x in moments)
    beta = math.exp(log_beta)
    error = math.sqrt(squares) / (curvature * beta) if curvature > 0 else math.inf
    return Optimum(log_beta, abs(slope) / max(size, 1e-300), curvature * beta * beta, error, passes)

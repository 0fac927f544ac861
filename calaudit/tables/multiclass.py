"""Streaming sums over the classes of multiclass predictions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import MergeError
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.keys import keys_of
from calaudit.tables.views import View

Floats = NDArray[np.float64]

SUMS = ("p", "y", "w", "q", "pq", "w2", "counts", "y2", "ones", "ppq")
WHOLE = frozenset({"y", "w", "w2", "counts", "y2", "ones"})
"""Sums by class and bin, and those of them that are of whole numbers where rows have no weights."""

FIXED = float(1 << 44)
"""Brier losses are summed as whole multiples of 2⁻⁴⁴, exactly and in any order."""


@dataclass(slots=True, eq=False)
class ClassSums:
    """Sums by class and bin, and the Brier score.

    Attributes:
        binning: equal-width bins; exact 0 is in the first bin whatever the convention.
        p, y, w: (K, B) sums of weight times probability, of the weight of the rows of the
            class, and of weight.
        q, pq: (K, B) Σw²(y−p)² and Σwp(1−p). ppq: (K, B) Σwp²(1−p), 0 where rows have no weights.
        w2, counts: (K, B) Σw² and the number of rows. y2, ones: the same of rows of the class.
        rest: (10, K, B) what rounding left out of each of these, in their order, so that sums of
            parts add up to the same in any order.
        brier, brier2: Σ loss and Σ loss² in multiples of 2⁻⁴⁴, loss = Σ_k (p_k − y_k)².
        weighted: Σ w·loss, Σ w²·loss, Σ w²·loss², Σ w, Σ w² where rows have weights.
        rows: number of rows.
    """

    binning: Binning
    p: Floats
    y: Floats
    w: Floats
    q: Floats
    pq: Floats
    w2: Floats
    counts: Floats
    y2: Floats
    ones: Floats
    ppq: Floats
    rest: Floats
    brier: int = 0
    brier2: int = 0
    weighted: Floats = field(default_factory=lambda: np.zeros(5))
    has_weights: bool = False
    rows: int = 0
    frequency: bool = False

    @classmethod
    def zeros(cls, n_classes: int, binning: Binning, *, frequency: bool = False) -> ClassSums:
        """Return the sums of no rows; with ``frequency`` a row of weight w counts as w rows."""
        side = "left" if binning.convention in ("left", "netcal", "torchmetrics") else "right"
        plain = equal_width(int((binning.upper > binning.lower).sum()), side)
        shape = (len(SUMS), n_classes, len(plain))
        sums: dict[str, Any] = dict(zip(SUMS, np.zeros(shape), strict=True))
        return cls(plain, **sums, rest=np.zeros(shape), frequency=frequency)

    def add(self, view: View) -> None:
        """Add the rows of a multiclass view."""
        p, classes, w = view.probabilities, view.classes, view.weights
        assert p is not None
        assert classes is not None
        self._add_brier(p, classes, w)
        self._add_bins(p, classes, w)
        self.rows += len(p)

    def _add_brier(self, p: Floats, classes: NDArray[np.int64], w: Floats | None) -> None:
        mine = p[np.arange(len(p)), classes]
        loss = np.einsum("ij,ij->i", p, p) - 2.0 * mine + 1.0
        if w is None:
            self.brier += int(np.rint(loss * FIXED).astype(np.int64).sum())
            self.brier2 += int(np.rint(loss * loss * FIXED).astype(np.int64).sum())
            return
        self.has_weights = True
        w2 = w if self.frequency else w * w
        self.weighted = self.weighted + np.array(
            [w @ loss, w2 @ loss, w2 @ (loss * loss), w.sum(), w2.sum()]
        )

    def _add_bins(self, p: Floats, classes: NDArray[np.int64], w: Floats | None) -> None:
        """Add to the bins of each class.

        Nearly all of n × K probabilities are in the first bin, whose sums are those of the
        whole column less the others; only the others are looked at one by one.
        """
        k, bins = self.p.shape
        # numpy.nonzero of a matrix is twenty times slower than of a vector.
        rows, columns = np.divmod(np.flatnonzero(self._beyond_first(p)), k)
        value = np.minimum(p[rows, columns], 1.0)  # rounding may leave a little more
        bin_of = self.binning.bin_of(keys_of(value)) if len(value) else np.zeros(0, np.int64)
        cell = columns * bins + bin_of
        hit = (classes[rows] == columns).astype(np.float64)
        weight = np.ones(len(value)) if w is None else w[rows]
        squared = weight if self.frequency else weight * weight
        ones = np.ones(len(p)) if w is None else w
        ones2 = ones if self.frequency else ones * ones

        def add(name: str, values: Floats | None, whole: Floats) -> Floats:
            sums = np.bincount(cell, values, k * bins).astype(np.float64).reshape(k, bins)
            sums[:, 0] += whole - sums.sum(axis=1)
            self._add(name, sums)
            return sums

        if w is None:
            column = p.sum(axis=0)
            square = square2 = np.einsum("ij,ij->j", p, p)
        else:  # einsum and not @: a threaded BLAS would wait for the thread that reads
            column = np.einsum("i,ij->j", ones, p)
            square = square2 = np.einsum("i,ij,ij->j", ones, p, p)
            if not self.frequency:
                square2 = np.einsum("i,ij,ij->j", ones2, p, p)
        events = np.bincount(classes, ones, k).astype(np.float64, copy=False)
        events2 = np.bincount(classes, ones2, k).astype(np.float64, copy=False)
        mine = p[np.arange(len(p)), classes]
        cross = np.bincount(classes, ones2 * mine, k)
        add("p", weight * value, column)
        hits = add("y", weight * hit, events)
        rows = add("counts", None, np.full(k, float(len(p))))
        if w is None:
            self.w += rows
            self.w2 += rows
            self.y2 += hits
            self.ones += hits
        else:
            add("w", weight, np.full(k, ones.sum()))
            add("w2", squared, np.full(k, ones2.sum()))
            add("y2", squared * hit, events2)
            add("ones", hit, np.bincount(classes, minlength=k).astype(np.float64))
            cube = np.einsum("i,ij,ij,ij->j", ones, p, p, p)
            add("ppq", weight * value**2 * (1.0 - value), square - cube)
        add("q", squared * (hit - value) ** 2, square2 - 2.0 * cross + events2)
        add("pq", weight * value * (1.0 - value), column - square)

    def _add(self, name: str, values: Floats) -> None:
        """Add to a sum, and what rounding leaves out of it to the rest (Knuth 1969)."""
        total, rest = getattr(self, name), self.rest[SUMS.index(name)]
        if name in WHOLE and not self.has_weights:
            total += values
            return
        new = total + values
        part = new - total
        values = values - part
        rest += values
        np.subtract(new, part, out=part)
        np.subtract(total, part, out=part)
        rest += part
        total[:] = new

    def _beyond_first(self, p: Floats) -> NDArray[np.bool_]:
        if len(self.binning) == 1:
            return np.zeros(p.shape, np.bool_)
        edge = float(self.binning.upper[0])
        return p >= edge if self.binning.convention == "left" else p > edge

    def copy(self) -> ClassSums:
        """Return the sums so far, as near as can be, which later rows do not change."""
        old = np.stack([getattr(self, name) for name in SUMS])
        new = old + self.rest
        return replace(self, **dict(zip(SUMS, new, strict=True)), rest=self.rest - (new - old))

    def merge(self, other: ClassSums) -> ClassSums:
        """Return the sums of the rows of both; neither is changed."""
        same = self.binning.convention == other.binning.convention
        if not same or self.p.shape != other.p.shape:
            raise MergeError("sums over different classes or bins cannot be merged")
        found = self.copy()
        found.has_weights |= other.has_weights
        for name, rest in zip(SUMS, other.rest, strict=True):
            found._add(name, getattr(other, name))
            found._add(name, rest)
        found.brier += other.brier
        found.brier2 += other.brier2
        found.weighted = self.weighted + other.weighted
        found.rows += other.rows
        return found.copy()

    def brier_moments(self) -> tuple[float, float]:
        """Return the mean Brier score in [0, 2] and its standard error (0 for one row)."""
        if self.has_weights:
            wl, w2l, w2l2, w, w2 = (float(x) for x in self.weighted)
            mean = wl / w
            effective = w * w / w2
            spread = max(w2l2 - 2.0 * mean * w2l + mean * mean * w2, 0.0) / w**2
        else:
            n = float(self.rows)
            mean = self.brier / FIXED / n
            effective = n
            spread = max(self.brier2 / FIXED / n - mean * mean, 0.0) / n
        if effective <= 1:
            return mean, 0.0
        return mean, float(np.sqrt(spread * effective / (effective - 1.0)))

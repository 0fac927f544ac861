"""What a fit learns of its rows before it begins: how much they weigh, and a share to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.form import INFINITE
from calaudit.calibrators.rows import HELD, Rows, blocks

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]

MOST = 1 << 21
"""Numbers kept, 16 megabytes: all rows of a small file, an even share of a large one."""

ALL = np.uint64(2**64 - 1)


@dataclass(slots=True, eq=False)
class Survey:
    """Sums over all fit rows, and the rows whose hash is lowest.

    The hash is of the row itself (its logits, label and fold), so that the same rows are kept
    whatever their order and division; equal rows are kept once, with the sum of their weights.

    Attributes:
        unit: what logits are divided by. floor: of probabilities.
        most: rows kept.
        weight, squares: (F,) Σ w and Σ w² by fold. infinite: rows with a logit of −inf.
        bound: largest hash that is kept.
        parts: blocks of kept rows: hashes, then rows in units.
    """

    unit: float
    floor: float
    most: int
    weight: Floats
    squares: Floats
    infinite: int = 0
    bound: np.uint64 = ALL
    parts: list[tuple[Keys, Rows]] = field(default_factory=list)

    @classmethod
    def zeros(cls, n_classes: int, folds: int, unit: float, floor: float) -> Survey:
        """Return the survey of no rows."""
        none = np.zeros(folds)
        return cls(unit, floor, max(MOST // n_classes, 1), none, none)

    def add(self, rows: Rows) -> None:
        """Add rows; those held out are left out."""
        for block in blocks(rows):
            part = block.take((block.folds != HELD) & (block.w > 0.0))
            if len(part):
                self._add(part)
        if sum(len(keys) for keys, _ in self.parts) > 1.5 * self.most:
            self.parts, self.bound = self._lowest()

    def _add(self, rows: Rows) -> None:
        u, w, folds = rows.logits(self.floor) / self.unit, rows.w, len(self.weight)
        self.weight = self.weight + np.bincount(rows.folds, w, folds)
        self.squares = self.squares + np.bincount(rows.folds, rows.w2, folds)
        self.infinite += int(np.count_nonzero((np.abs(u) >= INFINITE).any(axis=1)))
        keys = _hashes(u, rows)
        low = keys <= self.bound
        if low.any():
            kept = Rows(u[low], rows.labels[low], w[low], rows.folds[low])
            self.parts.append((keys[low], kept))

    def merge(self, other: Self) -> Self:
        """Return the survey of the rows of both; neither is changed."""
        both = type(self)(
            self.unit,
            self.floor,
            self.most,
            self.weight + other.weight,
            self.squares + other.squares,
            self.infinite + other.infinite,
            min(self.bound, other.bound),
            self.parts + other.parts,
        )
        both.parts, both.bound = both._lowest()
        return both

    def _lowest(self) -> tuple[list[tuple[Keys, Rows]], np.uint64]:
        """Return the rows that are kept, in the order of their hashes, and the bound."""
        if not self.parts:
            return [], self.bound
        keys, first, same = np.unique(
            np.concatenate([part for part, _ in self.parts]), return_index=True, return_inverse=True
        )
        rows = [rows for _, rows in self.parts]
        w = np.bincount(same, np.concatenate([r.w for r in rows]), len(keys)).astype(np.float64)
        count = min(int(np.searchsorted(keys, self.bound, side="right")), self.most)
        bound = keys[count - 1] if count < len(keys) else self.bound
        chosen = first[:count]
        kept = Rows(
            np.concatenate([r.scores for r in rows])[chosen],
            np.concatenate([r.labels for r in rows])[chosen],
            w[:count],
            np.concatenate([r.folds for r in rows])[chosen],
        )
        return [(keys[:count], kept)], bound

    def rows(self) -> Rows:
        """Return the rows that are kept, in units."""
        ((_, kept),) = self._lowest()[0]
        return kept

    def rows_without(self, fold: int) -> float:
        """Return the equally weighted rows that all but a fold are worth: (Σ w)²/Σ w²."""
        others = np.arange(len(self.weight)) != fold
        w, w2 = float(self.weight[others].sum()), float(self.squares[others].sum())
        return w * w / w2 if w2 > 0.0 else 0.0


def _hashes(u: Floats, rows: Rows) -> Keys:
    """Return hashes of rows: sums of multiplied bits, folded so that round numbers differ."""
    odd = np.random.default_rng(0).integers(2**64, size=u.shape[1] + 2, dtype=np.uint64)
    odd |= np.uint64(1)
    bits = (u + 0.0).view(np.uint64)  # −0 is 0
    bits = (bits ^ (bits >> np.uint64(32))) * odd[:-2]
    bits ^= bits >> np.uint64(29)
    keys: Keys = bits.sum(axis=1)
    keys += rows.labels.astype(np.uint64) * odd[-2] + rows.folds.astype(np.uint64) * odd[-1]
    return keys

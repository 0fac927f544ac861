"""Rows that belong together, counted by group, score and label: what their noise is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.cells import Cells
from calaudit.tables.keys import EXACT_LEVEL
from calaudit.tables.score_table import all_cuts, finest_level, starts_of

CELLS = 1024
"""Most cells of scores that groups are counted in, beside those that the edges of bins make."""

COARSE = 512
"""Most cells of about equal weight that noise is made of, beside those."""

SHARD_BITS = 12
MOST_GROUPS = 1 << SHARD_BITS
"""More groups than that are put together by the first bits of their codes, which are a hash."""

WAITING = 1 << 20
"""Rows that wait before they are counted."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GroupTable:
    """Rows counted by group, cell and label; tables of parts merge to that of the whole.

    As many bits of codes, and of scores, as keep to the limits tell groups and cells apart: both
    depend on the rows alone, whatever their order.

    Attributes:
        level: mantissa bits that tell cells apart, as in a `ScoreTable`.
        bits: leading bits of the codes that tell groups apart; 64 means each by itself.
        cuts: keys at which cells are split, whatever the level: the edges of bins.
        codes: (t,) uint64, rising, and where they are equal
        starts: (t,) int64 key at which the cell begins, rising.
        w: (2 + k, t) weight by label (rows where every row counts once), and sums of k losses.
    """

    level: int
    bits: int
    cuts: tuple[int, ...]
    codes: NDArray[np.uint64]
    starts: Ints
    w: Floats

    @classmethod
    def of(
        cls, codes: NDArray[np.uint64], keys: Ints, w: Floats, cuts: tuple[int, ...] = ()
    ) -> GroupTable:
        """Return the table of rows, (n,) each, with (2 + k, n) what there is to add up."""
        return cls(EXACT_LEVEL, 64, all_cuts(cuts), codes, keys, w).fitted()

    def merge(self, other: GroupTable) -> GroupTable:
        """Return the table of the rows of both; neither is changed."""
        level, bits = min(self.level, other.level), min(self.bits, other.bits)
        codes = np.concatenate([self.codes, other.codes])
        starts = np.concatenate([self.starts, other.starts])
        w = np.concatenate([self.w, other.w], axis=1)
        return GroupTable(level, bits, self.cuts, codes, starts, w).fitted()

    def totals(self) -> Floats:
        """Return (1 + k, G) weight, and sums of losses, of each group."""
        groups, at = np.unique(self.codes, return_inverse=True)
        sums = [self.w[:2].sum(axis=0), *self.w[2:]]
        totals: Floats = np.stack([np.bincount(at, x, len(groups)) for x in sums])
        return totals

    def by_start(self, size: int) -> Floats:
        """Return (G, size, 2) weight by group, key (of 0, 1, … size − 1) and label."""
        groups, at = np.unique(self.codes, return_inverse=True)
        at = at * size + self.starts
        sums = [np.bincount(at, x, len(groups) * size) for x in self.w[:2]]
        return np.stack(sums, axis=1).astype(np.float64).reshape(len(groups), size, 2)

    def fitted(self) -> GroupTable:
        """Return the rows in sorted entries, of few enough groups and cells."""
        codes, bits = _shards(self.codes, self.bits), self.bits
        groups = _distinct(codes)
        if len(groups) > MOST_GROUPS:
            codes, bits = _shards(codes, SHARD_BITS), SHARD_BITS
            groups = _distinct(codes)
        cuts = np.array(self.cuts, np.int64)
        starts = starts_of(self.starts, self.level, cuts)
        cells = _distinct(starts)
        level = finest_level(cells, self.level, self.cuts, CELLS + len(cuts))
        if level < self.level:
            starts, cells = (starts_of(x, level, cuts) for x in (starts, cells))
            cells = _distinct(cells)
        at = np.searchsorted(groups, codes) * len(cells) + np.searchsorted(cells, starts)
        used = np.flatnonzero(np.bincount(at))
        w: Floats = np.stack([np.bincount(at, x)[used] for x in self.w]).astype(np.float64)
        group, cell = np.divmod(used, len(cells))
        return GroupTable(level, bits, self.cuts, groups[group], cells[cell], w)

    def clusters(self, cells: Cells, most: int = COARSE) -> Clusters:
        """Return the same rows beside those of a score table of theirs.

        Args:
            cells: of that table.
            most: coarse cells that noise is made of, beside those at cuts; `CELLS` for all.
        """
        _, group = np.unique(self.codes, return_inverse=True)
        starts, cell = np.unique(self.starts, return_inverse=True)
        cuts = np.array(self.cuts, np.int64)
        weight = np.bincount(cell, self.w[:2].sum(axis=0)).astype(np.float64)
        coarse = _joined(weight, np.searchsorted(cuts, starts, side="right"), most)
        groups, count = int(group.max()) + 1, int(coarse[-1]) + 1
        at = group * count + coarse[cell]
        sums = [np.bincount(at, x, groups * count).reshape(groups, count) for x in self.w]
        unit = float(self.w[:2].sum()) / float(cells.w.sum())
        w = np.stack(sums[:2], axis=1) / unit
        losses = np.reshape([x.sum(axis=1) / unit for x in sums[2:]], (-1, groups)).T
        # In an order of their own, which does not hang on what they are called.
        place = np.arange(count, dtype=np.float64)
        keys = (w @ place**2, w @ place, w.sum(axis=2))
        order = np.lexsort([key[:, y] for key in keys for y in (0, 1)])
        found = np.searchsorted(starts, starts_of(cells.starts, self.level, cuts))
        return Clusters(w[order], coarse[found], losses[order], self.bits == 64)


def _joined(weight: Floats, between: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return the coarse cell of each cell, of about equal weight and between two cuts each.

    Args:
        weight: (c,) of the cells.
        between: (c,) the cuts that each lies between.
        most: coarse cells, beside those at cuts.
    """
    if len(weight) <= most or most == CELLS:
        return np.arange(len(weight))
    before = np.cumsum(weight) - weight
    part = (before / max(float(weight.sum()), 1e-300) * most).astype(np.intp)
    new = (np.diff(part, prepend=part[0]) != 0) | (np.diff(between, prepend=between[0]) != 0)
    joined: NDArray[np.intp] = np.cumsum(new)
    return joined


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The rows of some cells by group.

    Attributes:
        w: (G, 2, c) weight by group, label and coarse cell, in the units of the cells.
        cell: (m,) the coarse cell that each of the cells lies in.
        losses: (G, k) sums of losses of the rows, where they do not follow from cells.
        whole: whether each is a group by itself, and none holds several.
    """

    w: Floats
    cell: NDArray[np.intp]
    losses: Floats
    whole: bool = True

    def __len__(self) -> int:
        return len(self.w)

    def coarse(self, values: Floats) -> Floats:
        """Return (2, c) the sums of (2, m) values of the cells over coarse cells."""
        c = self.w.shape[2]
        return np.stack([np.bincount(self.cell, row, c) for row in values])

    @property
    def rows(self) -> Floats:
        """(G,) weight of each group."""
        rows: Floats = self.w.sum(axis=(1, 2))
        return rows

    def sums(self, values: Floats, w: Floats) -> Floats:
        """Return (G,) Σ w·x of each group.

        Args:
            values: (2, m) x of the rows of each label and cell.
            w: (2, m) their weights in all.
        """
        weight = self.coarse(w)
        mean = self.coarse(np.multiply(w, values, where=w > 0, out=np.zeros_like(w)))
        mean = mean / np.where(weight > 0, weight, 1.0)
        total: Floats = np.tensordot(self.w, mean, axes=([1, 2], [0, 1]))
        return total


def _distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the values that there are, rising; `numpy.unique` hashes, which takes longer."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _shards(codes: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return codes if bits == 64 else codes >> np.uint64(64 - bits) << np.uint64(64 - bits)


@dataclass(frozen=True, slots=True, eq=False)
class GroupRows:
    """Rows with their groups.

    Attributes:
        codes: (n,) uint64 of their groups. keys: (n,) of their scores. labels: (n,) 0 or 1.
        weights: (n,) or None. losses: (k, n) what is added up beside them.
    """

    codes: NDArray[np.uint64]
    keys: Ints
    labels: NDArray[Any]
    weights: Floats | None
    losses: Floats

    def take(self, rows: NDArray[Any]) -> GroupRows:
        """Return some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        codes, keys, labels = self.codes[rows], self.keys[rows], self.labels[rows]
        return GroupRows(codes, keys, labels, weights, self.losses[:, rows])


class GroupBuilder:
    """Accumulates rows into a `GroupTable`.

    Args:
        cuts: keys at which cells are split.
        waiting: rows that wait before they are counted.
    """

    def __init__(self, cuts: tuple[int, ...] = (), waiting: int = WAITING) -> None:
        self._cuts, self._most_waiting = cuts, waiting
        self._table: GroupTable | None = None
        self._waiting: list[GroupRows] = []
        self._rows = 0

    def add(self, rows: GroupRows) -> None:
        """Add rows."""
        self._waiting.append(rows)
        self._rows += len(rows.codes)
        if self._rows >= self._most_waiting:
            self._count()

    def merge(self, other: GroupBuilder) -> None:
        """Add the rows of another."""
        self._waiting += other._waiting
        self._rows += other._rows
        if other._table is not None:
            table = other._table
            self._table = table if self._table is None else self._table.merge(table)

    def add_table(self, table: GroupTable) -> None:
        """Add the rows of an exact table, without what else it adds up."""
        table = replace(table, cuts=all_cuts(self._cuts), w=table.w[:2])
        self._table = table if self._table is None else self._table.merge(table)

    def table(self) -> GroupTable | None:
        """Return the table of all rows added so far; None where there are none."""
        if self._waiting:
            self._count()
        return self._table

    def _count(self) -> None:
        waiting, self._waiting, self._rows = self._waiting, [], 0
        codes = np.concatenate([rows.codes for rows in waiting])
        keys = np.concatenate([rows.keys for rows in waiting])
        sums = np.concatenate([_sums(x) for x in waiting], axis=1)
        # Rows that are fitted with the table so far are at its level from the first.
        rows = GroupTable(EXACT_LEVEL, 64, all_cuts(self._cuts), codes, keys, sums)
        self._table = rows.fitted() if self._table is None else self._table.merge(rows)


def _sums(rows: GroupRows) -> Floats:
    """Return (2 + k, n) weight by label, and losses times weight."""
    weight = np.ones(len(rows.codes)) if rows.weights is None else rows.weights
    one = rows.labels == 1
    return np.concatenate([np.stack([weight * ~one, weight * one]), weight * rows.losses])

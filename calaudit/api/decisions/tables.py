"""The passes over the rows that thresholds are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.reading import Gathering
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_chunk, calibrated_scale
from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import GroupCodes
from calaudit.tables.builder import TableBuilder
from calaudit.tables.groups import GroupBuilder, GroupRows, GroupTable
from calaudit.tables.keys import EXACT_LEVEL
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import SLICE_CAP, Summary
from calaudit.tables.views import View, view_of
from calaudit.thresholds.outcome import Outcome

Floats = NDArray[np.float64]

Viewer = Callable[[Chunk], View]


def viewer_of(task: Task, scale: Scale, calibrator: Calibrator | None) -> Viewer:
    """Return what turns chunks into scores and labels, through a calibrator where there is one."""
    if calibrator is None:
        return partial(view_of, task=task, scale=scale)
    new = calibrated_scale(calibrator)
    return partial(_calibrated_view, calibrator=calibrator, task=task, scale=new)


def _calibrated_view(chunk: Chunk, *, calibrator: Calibrator, task: Task, scale: Scale) -> View:
    # No closure, so that it can be sent to other processes.
    return view_of(calibrated_chunk(chunk, calibrator), task, scale)


class DecisionTables(Gathering):
    """Accumulates the score table of all rows, and of the rows of each predicted class.

    Args:
        viewer: see `viewer_of`.
        cuts: keys of cutoffs that are known before.
        classes: number of classes to keep apart; 0 to keep none.
        group: column whose rows belong together, or None.
    """

    def __init__(
        self,
        viewer: Viewer,
        *,
        cuts: tuple[int, ...] = (),
        classes: int = 0,
        group: str | None = None,
    ) -> None:
        self._viewer = viewer
        self._table, self._cuts = TableBuilder(cuts=cuts), cuts
        self._coding = GroupCodes(group)
        self._groups = GroupBuilder(cuts)
        self._class_groups = [GroupBuilder(waiting=SLICE_CAP) for _ in range(classes)]
        self._by_class = [
            TableBuilder(cap=SLICE_CAP, waiting=SLICE_CAP, quick=False) for _ in range(classes)
        ]

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        self.add_view(chunk, self._viewer(chunk))

    def add_view(self, chunk: Chunk, view: View) -> None:
        """Add the rows of a chunk whose view is known."""
        view.add_to(self._table)
        together, codes = None, self._coding.of(chunk)
        if codes is not None:
            none = np.zeros((0, len(codes)))
            together = GroupRows(codes, view.keys(), view.labels, view.weights, none)
            self._groups.add(together)
        if self._by_class and view.predicted is not None:
            order = np.argsort(view.predicted, kind="stable")
            edges = np.searchsorted(view.predicted[order], np.arange(len(self._by_class) + 1))
            for k in np.flatnonzero(np.diff(edges)):
                mine = order[edges[k] : edges[k + 1]]
                view.take(mine).add_to(self._by_class[k])
                if together is not None:
                    self._class_groups[k].add(together.take(mine))

    def take(self, known: Summary) -> bool:
        """Add the rows of a summary; return whether it tells all that is asked of them."""
        groups = known.groups
        fine = groups is None or groups.level == EXACT_LEVEL
        if self._by_class or not known.table.exact or not fine:
            return False
        self._table.add_table(known.table.with_cuts(self._cuts))
        if groups is not None:
            self._groups.add_table(groups)
        return True

    def merge(self, other: DecisionTables) -> DecisionTables:
        """Return the tables of both."""
        self._table.add_table(other._table.table())
        self._groups.merge(other._groups)
        for mine, theirs in zip(self._by_class, other._by_class, strict=True):
            mine.add_table(theirs.table())
        for my_groups, their_groups in zip(self._class_groups, other._class_groups, strict=True):
            my_groups.merge(their_groups)
        return self

    def table(self) -> ScoreTable:
        """Return the table of all rows; of those that belong together in the cells of groups."""
        table, groups = self._table.table(), self.groups()
        return table if groups is None else table.coarsened(groups.level)

    def groups(self) -> GroupTable | None:
        """Return the rows by group, where they belong together."""
        return self._groups.table()

    def by_class(self) -> list[tuple[ScoreTable, GroupTable | None]]:
        """Return the table of the rows of each predicted class, and these by group."""
        tables = [table.table() for table in self._by_class]
        groups = [groups.table() for groups in self._class_groups]
        return [
            (table if group is None else table.coarsened(group.level), group)
            for table, group in zip(tables, groups, strict=True)
        ]


class SliceActions(Gathering):
    """Counts what two cutoffs do to the rows of each slice.

    Args:
        viewer: see `viewer_of`.
        low: key from which rows are reviewed. high: key from which they are acted on.
        split: first and last key of the scores that are reviewed in part, the part, and what is
            done with the others (0 pass, 2 act); or None.
        group: column whose rows belong together, or None.
    """

    def __init__(
        self,
        viewer: Viewer,
        low: int,
        high: int,
        split: tuple[int, int, float, int] | None = None,
        group: str | None = None,
    ) -> None:
        self._viewer, self._low, self._high, self._split = viewer, low, high, split
        self._sums: dict[tuple[int, str], Floats] = {}
        self._coding = GroupCodes(group)
        self._groups: defaultdict[tuple[int, str], GroupBuilder] = defaultdict(GroupBuilder)

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        view = self._viewer(chunk)
        keys = view.keys()
        action = (keys >= self._low).astype(np.int64) + (keys >= self._high)
        if self._split is not None:
            action[(keys >= self._split[0]) & (keys <= self._split[1])] = 3
        kind = 2 * action + view.labels
        w = np.ones(len(chunk)) if view.weights is None else view.weights
        together, owners = None, self._coding.of(chunk)
        if owners is not None:
            none = np.zeros((0, len(w)))
            together = GroupRows(owners, action, view.labels, view.weights, none)
        for column, codes in enumerate(chunk.slices):
            at = codes.codes.astype(np.int64) * 8 + kind
            size = 8 * len(codes.values)
            sums = [np.bincount(at, x, size).reshape(-1, 4, 2) for x in (w, w * w, np.ones(len(w)))]
            for i, value in enumerate(codes.values):
                if sums[2][i].any():
                    new = np.stack([part[i] for part in sums])
                    key = (column, value)
                    self._sums[key] = self._sums[key] + new if key in self._sums else new
                    if together is not None:
                        self._groups[key].add(together.take(np.flatnonzero(codes.codes == i)))

    def merge(self, other: SliceActions) -> SliceActions:
        """Return the counts of both."""
        for key, sums in other._sums.items():
            self._sums[key] = self._sums[key] + sums if key in self._sums else sums
        for key, groups in other._groups.items():
            self._groups[key].merge(groups)
        return self

    def outcomes(self) -> dict[tuple[int, str], Outcome]:
        """Return what happens to each slice, by column and value."""
        outcomes = {}
        for key, sums in self._sums.items():
            groups = self._groups[key].table() if key in self._groups else None
            done = None if groups is None else self._joined(groups.by_start(4))
            w, w2, counts = self._joined(sums)
            outcomes[key] = Outcome(w, w2, counts, done)
        return outcomes

    def _joined(self, sums: Floats) -> Floats:
        """Return (k, 3, 2) what is done of (k, 4, 2), the last of which is done in part."""
        parts = sums[:, :3].copy()
        if self._split is not None:
            _, _, share, rest = self._split
            parts[:, 1] += share * sums[:, 3]
            parts[:, rest] += (1.0 - share) * sums[:, 3]
        return parts

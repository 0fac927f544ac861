"""All that is learnt of one data set in one pass: tables by view and slice, and streaming sums.

A view turns rows into (score, label) pairs before any table is made, so that binary,
multiclass and top-label predictions share everything that follows:

- binary: the score of the positive class, and whether the row is positive;
- top-label: the stated confidence, and whether the prediction was right;
- multiclass: the largest probability, and whether its class was right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError, MergeError
from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk, SliceCodes
from calaudit.predictions.group_codes import GroupCodes
from calaudit.tables.binning import Binning
from calaudit.tables.builder import TableBuilder
from calaudit.tables.groups import GroupBuilder, GroupRows, GroupTable
from calaudit.tables.keys import ONE_KEY, key_of
from calaudit.tables.multiclass import ClassSums
from calaudit.tables.score_table import CAP, ScoreTable
from calaudit.tables.views import Tails, View, view_of
from calaudit.tables.worst import WorstRows

Floats = NDArray[np.float64]

CONFIDENT = (0.9, 0.99)
"""Confidences above which wrong rows are counted."""

FINE = float(1 << 32)
"""Losses of rows that belong together are whole multiples of 2⁻³², which add up in any order."""

MOST_SLICES = 1000
SLICE_CAP = 1 << 14


def confident_cuts() -> tuple[int, ...]:
    """Return the keys that let a table count rows beyond each of `CONFIDENT`, on both sides."""
    above = [key_of(level) + 1 for level in CONFIDENT]
    return tuple(sorted([*above, *(ONE_KEY - key + 1 for key in above)]))


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What one pass over the rows learnt; summaries of parts merge.

    Attributes:
        task: kind of the rows.
        table: score table of the calibration view.
        truth: multiclass: table of the probability given to the true class (all labels 1).
        classes: multiclass: sums by class and the Brier score.
        slices: score table of each (column index, value).
        worst: the most confidently wrong rows.
        groups: the rows of the calibration view by group, where rows belong together.
        slice_groups: likewise those of each slice.
    """

    task: Task
    table: ScoreTable
    truth: ScoreTable | None = None
    classes: ClassSums | None = None
    slices: dict[tuple[int, str], ScoreTable] = field(default_factory=dict)
    worst: WorstRows = field(default_factory=WorstRows)
    groups: GroupTable | None = None
    slice_groups: dict[tuple[int, str], GroupTable] = field(default_factory=dict)

    def merge(self, other: Summary) -> Summary:
        """Return the summary of the rows of both; neither is changed."""
        if self.task != other.task:
            raise MergeError(f"{self.task} and {other.task} rows cannot be merged")
        slices = dict(self.slices)
        for key, table in other.slices.items():
            slices[key] = slices[key].merge(table) if key in slices else table
        check_slices(len(slices))
        truth = self.truth
        if truth is not None and other.truth is not None:
            truth = truth.merge(other.truth)
        classes = self.classes
        if classes is not None and other.classes is not None:
            classes = classes.merge(other.classes)
        return Summary(
            self.task,
            self.table.merge(other.table),
            truth,
            classes,
            slices,
            self.worst.merge(other.worst),
            _merged(self.groups, other.groups),
            {
                key: merged
                for key in self.slice_groups.keys() | other.slice_groups.keys()
                if (merged := _merged(self.slice_groups.get(key), other.slice_groups.get(key)))
            },
        )


def _merged(one: GroupTable | None, other: GroupTable | None) -> GroupTable | None:
    return one.merge(other) if one is not None and other is not None else one or other


def check_slices(count: int, option: str = "--by, --time") -> None:
    """Refuse more slices than a report can be about."""
    if count > MOST_SLICES:
        raise InputError(
            f"what divides the rows ({option}) has more than {MOST_SLICES} distinct values; it "
            "should have a limited set, such as regions, versions of a model or months: take "
            "longer periods, or bin or shorten the values first"
        )


class SummaryBuilder:
    """Accumulates chunks into a `Summary`.

    Args:
        task: kind of the rows. scale: whether scores are probabilities or logits.
        n_classes: number of classes (multiclass).
        binning: equal-width bins, which tables are cut for.
        worst: how many confidently wrong rows to keep.
        cap: largest number of cells of a table.
        frequency: whether a row of weight w stands for w rows.
        group: column whose rows belong together, or None.
        clip: of the log loss, of several classes by group.
    """

    def __init__(
        self,
        task: Task,
        scale: Scale,
        *,
        n_classes: int = 2,
        binning: Binning,
        worst: int = 0,
        cap: int = CAP,
        frequency: bool = False,
        group: str | None = None,
        clip: float = 0.0,
    ) -> None:
        self._task, self._scale = task, scale
        self._cuts = tuple(sorted({*binning.cuts, *confident_cuts()}))
        self._table = TableBuilder(cuts=self._cuts, cap=cap)
        self._truth = self._classes = None
        if task == "multiclass":
            self._truth = TableBuilder(cap=cap)
            self._classes = ClassSums.zeros(n_classes, binning, frequency=frequency)
        self._slices: dict[tuple[int, str], TableBuilder] = {}
        self._worst = WorstRows(worst)
        self._clip, self._coding = clip, GroupCodes(group)
        self._groups: dict[tuple[int, str] | None, GroupBuilder] = {}

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        self.add_view(chunk, view_of(chunk, self._task, self._scale))

    def add_view(self, chunk: Chunk, view: View) -> None:
        """Add the rows of a chunk whose view is known."""
        view.add_to(self._table)
        if self._truth is not None and self._classes is not None:
            view.add_truth_to(self._truth)
            self._classes.add(view)
        rows, codes = None, self._coding.of(chunk)
        if codes is not None:
            rows = GroupRows(codes, view.keys(), view.labels, view.weights, self._losses(view))
            self._group_builder(None).add(rows)
        for column, values in enumerate(chunk.slices):
            self._add_slices(column, values, view, rows)
        if self._worst.most:
            self._worst = self._worst.with_chunk(chunk, view, self._task)

    def _add_slices(
        self, column: int, given: SliceCodes, view: View, grouped: GroupRows | None
    ) -> None:
        codes, values = given.codes, given.values
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(len(values) + 1))
        for code in np.flatnonzero(np.diff(edges)):
            rows = order[edges[code] : edges[code + 1]]
            key = (column, values[code])
            view.take(rows).add_to(self._slice(key))
            if grouped is not None:
                self._group_builder(key).add(grouped.take(rows))

    def _group_builder(self, key: tuple[int, str] | None) -> GroupBuilder:
        if key not in self._groups:
            more = {} if key is None else {"waiting": SLICE_CAP}
            self._groups[key] = GroupBuilder(self._cuts, **more)
        return self._groups[key]

    def _losses(self, view: View) -> Floats:
        """Return (k, n) log loss and Brier loss of rows of several classes; (0, n) of others."""
        if view.probabilities is None or view.truth is None:
            return np.zeros((0, len(view.labels)))
        truth = view.truth.values() if isinstance(view.truth, Tails) else view.truth
        with np.errstate(divide="ignore"):
            log = -np.log(np.maximum(truth.astype(np.float64), self._clip))
        losses = np.stack([log, (view.probabilities**2).sum(axis=1) - 2.0 * truth + 1.0])
        return np.rint(losses * FINE) / FINE

    def _slice(self, key: tuple[int, str]) -> TableBuilder:
        if key not in self._slices:
            check_slices(len(self._slices) + 1)
            self._slices[key] = TableBuilder(
                cuts=self._cuts, cap=SLICE_CAP, waiting=SLICE_CAP, quick=False
            )
        return self._slices[key]

    def summary(self) -> Summary:
        """Return the summary of all chunks added so far."""
        slices = {key: builder.table() for key, builder in self._slices.items()}
        truth = None if self._truth is None else self._truth.table()
        classes = None if self._classes is None else self._classes.copy()
        groups = {key: table for key, b in self._groups.items() if (table := b.table())}
        whole = groups.pop(None, None)
        by_slice = {key: table for key, table in groups.items() if key is not None}
        return Summary(
            self._task, self._table.table(), truth, classes, slices, self._worst, whole, by_slice
        )

"""Blocks of columns → chunks of valid rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.arrays import doubles
from calaudit.predictions.chunk import Chunk, SliceCodes
from calaudit.predictions.columns import cell_text, parse_numbers, plain
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import Intake, added
from calaudit.predictions.labels import LabelReader
from calaudit.predictions.layout import Layout
from calaudit.predictions.look import Look
from calaudit.predictions.predicted_class import Claim
from calaudit.predictions.row_choice import Choice
from calaudit.predictions.scores import ScoreReader
from calaudit.predictions.slices import read_slices

_MOST_ROWS = 65_536

LEAST_WEIGHT, MOST_WEIGHT = 1e-50, 1e50
"""Weights other than 0 beyond these cannot be squared and summed without loss."""

_CHUNK_BYTES = 2 << 20


def chunk_rows(layout: Layout) -> int:
    """Return how many rows a chunk has, so that its scores stay in the processor's cache."""
    width = 1 if layout.form == "column" else max(2, len(layout.classes))
    size = 8 if layout.dtype == "float64" else 4
    return int(min(_MOST_ROWS, max(256, _CHUNK_BYTES // (width * size))))


class Assembler:
    """Turns the blocks of one unit into chunks and counts what it refuses.

    Args:
        layout: how columns are read.
        intake: what is counted into. findings: what is noticed.
        choice: which rows are taken; None for all.
        group: column whose rows belong together, or None.
    """

    def __init__(
        self,
        layout: Layout,
        intake: Intake,
        findings: Findings,
        choice: Choice | None = None,
        group: str | None = None,
    ) -> None:
        self._layout = layout
        self._intake = intake
        self._findings = findings
        self._choice, self._group = choice, group
        self._scores = ScoreReader(layout, findings)
        self._labels = LabelReader(layout, findings)

    def chunk(self, block: Any, *, source: int, first_row: int) -> Chunk | None:
        """Return the valid rows of a record batch, or None where none is valid."""
        layout, rows = self._layout, block.num_rows
        if layout.join is not None:
            block = layout.join.completed(block, self._findings)
        faults = Faults(rows, silence_is_wrong=layout.silence_is_wrong)
        scores = self._scores.read(block, faults)
        labels = self._labels.read(block, faults)
        weights = None if layout.weight is None else self._weights(block, faults)
        slices = self._slices(block, faults)
        mine = self._mine(slices, rows, source, first_row)
        count = rows if mine is None else int(np.count_nonzero(mine))
        self._intake.rows_read += count
        self._intake.rows_left += rows - count
        silent = faults.silent if mine is None or not len(faults.silent) else faults.silent & mine
        if faults:
            faults.record(self._intake, source, first_row, mine)
            if layout.judged or layout.by:
                alone = faults.only("missing-label")
                alone = alone if mine is None else alone & mine
                if layout.judged:
                    self._see_judged(scores[alone])
                if layout.by:
                    self._see_waiting(slices[layout.by[0]], alone)
            valid = ~faults.any_row()
            mine = valid if mine is None else mine & valid
        silences = self._silences(silent, mine, weights)
        kept: NDArray[np.int64] | None = None
        if mine is not None:
            kept = np.flatnonzero(mine).astype(np.int64, copy=False)
            scores, labels = scores[kept], labels[kept]
            weights = None if weights is None else weights[kept]
        if layout.claim is not None:
            self._see_predicted(block, scores, kept, layout.claim)
        if weights is not None and len(weights) and weights.min() == 0:
            weighty = np.flatnonzero(weights > 0)  # a row of weight 0 is no evidence
            self._findings.weightless += len(weights) - len(weighty)
            kept = weighty if kept is None else kept[weighty]
            scores, labels, weights = scores[weighty], labels[weighty], weights[weighty]
        self._intake.rows_used += len(labels)
        if layout.task == "top-label":
            right, used = float(np.count_nonzero(labels)), float(len(labels))
            if weights is not None:
                right, used = float(weights @ labels), float(weights.sum())
            self._intake.shares = added(self._intake.shares, (used, right, *silences))
        if not len(labels):
            return None
        return Chunk(
            scores=scores,
            labels=labels,
            weights=weights,
            first_row=first_row,
            kept=kept,
            source=source,
            slices=tuple(_kept(slices[name], kept) for name in layout.by),
            group=None if self._group is None else _kept(slices[self._group], kept),
            id_column=None if layout.id is None else block.column(layout.id),
            predicted_column=(
                None if layout.prediction is None else block.column(layout.prediction)
            ),
        )

    @staticmethod
    def _silences(
        silent: NDArray[np.bool_],
        valid: NDArray[np.bool_] | None,
        weights: NDArray[np.float64] | None,
    ) -> tuple[float, float]:
        """Return the weight of the rows without an answer that are used, and of those left out."""
        if not len(silent):
            return 0.0, 0.0
        each = np.ones(len(silent)) if weights is None else np.clip(np.nan_to_num(weights), 0, None)
        used = silent if valid is None else silent & valid
        return float(each[used].sum()), float(each[silent & ~used].sum())

    def _see_waiting(self, slices: SliceCodes, alone: NDArray[np.bool_]) -> None:
        """Count rows that wait for their label, by slice."""
        found = np.unique(slices.codes[alone], return_counts=True)
        for code, rows in zip(*(x.tolist() for x in found), strict=True):
            self._intake.waiting[slices.values[code]] += rows

    def _see_judged(self, scores: NDArray[Any]) -> None:
        """Count the scores that a judge gave to rows without a label."""
        f = scores.astype(np.float64)
        sums = (len(f), float(f.sum()), float(f @ f), int(np.count_nonzero(f >= 0.5)))
        self._intake.alone = added(self._intake.alone, sums)

    def _see_predicted(
        self, block: Any, scores: NDArray[Any], kept: NDArray[np.int64] | None, claim: Claim
    ) -> None:
        """Note the scores by what was predicted; of a confidence only that of all."""
        if claim.task == "top-label":
            self._findings.predicted.see(scores, np.zeros(len(scores), np.int64), [""])
            return
        codes, texts = Look(block.column(claim.prediction)).coded
        self._findings.predicted.see(scores, codes if kept is None else codes[kept], texts)

    def _slices(self, block: Any, faults: Faults) -> dict[str, SliceCodes]:
        """Return the columns whose values something is told by, each decoded once."""
        names = [*self._layout.by]
        names += [] if self._choice is None else self._choice.by
        names += [] if self._group is None else [self._group]
        return {name: self._slice(name, block, faults) for name in dict.fromkeys(names)}

    def _slice(self, name: str, block: Any, faults: Faults) -> SliceCodes:
        column, cut = block.column(self._layout.stored(name)), self._layout.cuts.get(name)
        return read_slices(column) if cut is None else cut.read(column, faults, self._findings)

    def _mine(
        self, slices: dict[str, SliceCodes], rows: int, source: int, first_row: int
    ) -> NDArray[np.bool_] | None:
        """Return which rows are taken; None for all."""
        if self._choice is None:
            return None
        given = tuple(slices[name] for name in self._choice.by)
        return self._choice.rows(given, rows, source=source, first_row=first_row)

    def _weights(self, block: Any, faults: Faults) -> NDArray[np.float64]:
        name = self._layout.weight or ""
        numbers = parse_numbers(block.column(name))
        self._findings.see_notation(name, numbers.notation)
        weights = doubles(numbers.values)
        # A NaN fails the first comparison, so one pass each way settles the block.
        if numbers.unparsed is None and (
            not len(weights) or (weights.min() >= LEAST_WEIGHT and weights.max() <= MOST_WEIGHT)
        ):
            return weights
        cells = plain(block.column(name))
        with np.errstate(invalid="ignore"):
            bad = ~((weights >= LEAST_WEIGHT) & (weights <= MOST_WEIGHT) | (weights == 0))
        faults.add("bad-weight", bad, lambda row: (name, cell_text(cells, row)))
        return weights


def _kept(codes: SliceCodes, kept: NDArray[np.int64] | None) -> SliceCodes:
    return codes if kept is None else SliceCodes(codes.codes[kept], codes.values)

"""Are the rows judged other rows than those fitted on, and rows like them?"""

from __future__ import annotations

import math

import numpy as np

from calaudit.api.reports.verdict_sentences import pair_decimals
from calaudit.api.rows.apart import ADVICE
from calaudit.api.rows.divisions import Divided
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.api.rows.weights import weighted_cells
from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.normal import two_sided_p
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.tables.builder import TableBuilder
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.views import view_of

DIFFERENT = "different-rows"
"""Code of the note that the rows judged differ from those fitted on."""

SIZE = 0.01
"""Size of each test for a difference."""

LEAST_ODDS = 0.1
"""Difference of log odds below which one that many rows show matters to nobody."""


class _Table:
    """A score table, as a builder for a pass."""

    def __init__(self, predictions: Predictions, cuts: tuple[int, ...]) -> None:
        self._predictions, self._table = predictions, TableBuilder(cuts=cuts)

    def add(self, chunk: Chunk) -> None:
        view_of(chunk, self._predictions.task, self._predictions.scale).add_to(self._table)

    def summary(self) -> ScoreTable:
        return self._table.table()


def fitted_table(
    sides: Divided, judged: ScoreTable, threads: int | None, progress: Progress | None
) -> ScoreTable | None:
    """Return the table of the rows fitted on, by one more read of them.

    Args:
        sides: both sides.
        judged: the table of the other rows, whose cells it is cut like.
        threads: most threads.
        progress: called with rows done and rows in all.

    Returns:
        The table; None where a hash divides the rows, which makes both sides alike.
    """
    rows = sides.fitted_rows()
    if rows is None:
        return None
    return read_summary(
        rows, lambda: _Table(rows, judged.cuts), threads=threads, rounded=lanes_of(rows),
        progress=progress,
    )[0]  # fmt: skip


def check_other_rows(fitted: ScoreTable, judged: ScoreTable) -> None:
    """Refuse data that was copied from one side to the other.

    Raises:
        InputError: the scores and labels of both sides are the same, score by score.
    """
    if not judged.tells_rows or fitted.level != judged.level:
        return
    if np.array_equal(fitted.starts, judged.starts) and np.array_equal(
        fitted.counts, judged.counts
    ):
        raise InputError(
            f"--calibration and the data hold the same {judged.rows:,} scores with the same "
            f"labels, so that one is a copy of the other: {ADVICE}"
        )


def different_notes(
    fitted: ScoreTable, judged: ScoreTable, task: str, weight_kind: str
) -> tuple[Finding, ...]:
    """Return a note where the outcomes, or the scores, of both sides clearly differ.

    Args:
        fitted: table of the rows fitted on.
        judged: table of the others.
        task: kind of the rows.
        weight_kind: what weights mean.
    """
    sides = [_means(table, weight_kind) for table in (judged, fitted)]
    kinds = ("positive", "score") if task == "binary" else ("right", "confidence")
    for kind, one, other in zip(kinds, *sides, strict=True):
        if _differ(one, other):
            decimals = pair_decimals(one[0], other[0])
            shares = {"judged": 100 * one[0], "fitted": 100 * other[0], "decimals": decimals}
            return (finding(DIFFERENT, kind=kind, **shares),)
    return ()


Mean = tuple[float, float]


def _means(table: ScoreTable, weight_kind: str) -> tuple[Mean, Mean]:
    """Return the mean label and the mean score, each with its variance."""
    cells = weighted_cells(table, weight_kind)
    total = float(cells.w.sum())
    labels = np.array([[0.0], [1.0]])
    found = []
    for values in (labels, cells.p):
        mean = float((cells.w * values).sum()) / total
        found.append((mean, float((cells.w2 * (values - mean) ** 2).sum()) / total**2))
    return found[0], found[1]


def _differ(one: Mean, other: Mean) -> bool:
    """Return whether two means, with their variances, surely and markedly differ."""
    error = math.sqrt(one[1] + other[1])
    gap = abs(one[0] - other[0])
    if gap == 0 or (error > 0 and two_sided_p(gap / error) >= SIZE):
        return False
    odds = [math.log(max(p, 1e-300) / max(1.0 - p, 1e-300)) for p in (one[0], other[0])]
    return abs(odds[0] - odds[1]) >= LEAST_ODDS

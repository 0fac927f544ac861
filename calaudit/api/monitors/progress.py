"""From state to state: which batches are counted, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.monitors.reading import Found
from calaudit.api.monitors.state import State, digest_of
from calaudit.api.reports.evaluation_settings import checked_settings
from calaudit.api.reports.figures import TableFigures, gap_of
from calaudit.errors import InputError
from calaudit.metrics.batch_means import BANDS, running_means
from calaudit.metrics.evidence import BINNING, BINS, LEVEL
from calaudit.options.commands import EvaluateOptions
from calaudit.options.declaration import defaults
from calaudit.report.monitor_report import Batch, Waiting, Watched
from calaudit.tables.score_table import ScoreTable

SHAPE = str.maketrans("123456789", "000000000")
"""Makes names of periods of one kind equal."""

Judge = Callable[[ScoreTable, Sequence[Batch]], Watched]


def sorted_out(
    found: Sequence[Found], state: State, *, timed: bool, closed: str | None, path: Any
) -> tuple[list[Found], list[Waiting]]:
    """Return the batches to count, in order, and those that wait.

    Args:
        found: what was read.
        state: of the batches before.
        timed: whether their names are in order of time, and files may hold old ones, too.
        closed: name of the last one that gets no more labels, or None.
        path: of the state, for messages.

    Raises:
        InputError: a batch was counted before, or comes before one that was.
    """
    known = {batch.name: batch for batch in state.batches}
    digests = {batch.digest: batch.name for batch in state.batches}
    last = state.batches[-1].name if state.batches else ""
    done = _closed([batch.name for batch in found], closed, timed=timed)
    new: list[Found] = []
    waiting: list[Waiting] = []
    for batch in found:
        if batch.name in known:
            _check_known(batch, known[batch.name], path, timed=timed)
            continue
        if timed and batch.name < last:
            raise InputError(
                f"batch {batch.name} comes before {last}, which {path} holds already: evidence "
                "goes by order of time. Begin another state with all batches"
            )
        digest = _digest(batch)
        if digest in digests and _coarse(batch).tells_rows:
            raise InputError(
                f"batch {batch.name} has the rows of {digests[digest]}, which was counted: leave "
                "one of them out"
            )
        reason = "rows" if batch.open else "labels" if batch.waiting else ""
        reason = "" if batch.name in done else reason or "earlier" * bool(waiting)
        if reason:
            rows = batch.rows + batch.waiting
            waiting.append(Waiting(name=batch.name, rows=rows, labelled=batch.rows, reason=reason))
        elif batch.rows:
            digests[digest] = batch.name
            new.append(batch)
    if found and not new and not waiting:
        raise InputError(
            f"every batch that was given is in {path} already ({len(found)}, the last {last}): "
            "nothing is counted twice. Without data --state alone shows what it holds"
        )
    return new, waiting


def _closed(names: Sequence[str], closed: str | None, *, timed: bool) -> set[str]:
    """Return the names of the batches that get no more labels."""
    if closed is None:
        return set()
    if timed:
        shapes = {part.translate(SHAPE) for name in names for part in (name, name[:10])}
        if closed.translate(SHAPE) not in shapes:
            raise InputError(
                f"--closed {closed}: is no date, and not named as the batches are "
                f"({', '.join(names[-2:])})"
            )
        return {name for name in names if name[: len(closed)] <= closed}
    if closed not in names:
        raise InputError(f"--closed {closed}: there is no batch of this name ({', '.join(names)})")
    return set(names[: names.index(closed) + 1])


def _check_known(batch: Found, had: Batch, path: Any, *, timed: bool) -> None:
    if not timed:
        raise InputError(
            f"batch {batch.name} was counted before ({path}): give only batches that are new"
        )
    if _digest(batch) != had.digest:
        raise InputError(
            f"batch {batch.name} was counted with {had.rows:,} rows, and now has others "
            f"({batch.rows:,} with a label): it was not complete. Begin another state, and leave a "
            "period out that is not over, as in --where 'date<2025-09-01'"
        )


def _coarse(batch: Found) -> ScoreTable:
    return (batch.table or ScoreTable.empty()).coarsened(LEVEL)


def _digest(batch: Found) -> str:
    table = _coarse(batch)
    return digest_of(table.starts, table.counts, table.high)


def after(
    state: State, batch: Found, *, tolerance: float, alpha: float, judge: Judge | None
) -> State:
    """Return the state after one more batch.

    Args:
        state: before it.
        batch: with rows.
        tolerance: of the scores.
        alpha: of the alarm.
        judge: returns what a saved threshold does to a batch, after those before it.
    """
    table = batch.table
    assert table is not None
    evidence = state.evidence.after(table, tolerance)
    coarse = evidence.recent[-1]
    edges = state.edges if state.batches else _thirds(coarse)
    cells, at = coarse.cells(), BINNING.bin_of(coarse.starts)
    rows, ones = coarse.counts.sum(axis=0), coarse.counts[1]
    said = (cells.p_by_label * coarse.counts).sum(axis=0)
    band = np.searchsorted(np.array(edges, np.int64), coarse.starts, side="right")
    means = [
        float((ones - said)[band == b].sum() / n) if (n := rows[band == b].sum()) else None
        for b in range(len(edges) + 1)
    ]
    settings = checked_settings(defaults(EvaluateOptions))  # type: ignore[arg-type]
    grouped = batch.groups is not None
    figures = TableFigures(table if grouped else coarse, settings, BINNING, batch.groups)
    total = int(rows.sum())
    counted = Batch(
        name=batch.name or f"batch {len(state.batches) + 1}",
        rows=total,
        digest=_digest(batch),
        stated=float(said.sum()) / total,
        observed=float(ones.sum()) / total,
        gap=gap_of(figures),
        log_evidence=evidence.log,
        beyond=False,
        counts=_binned(at, rows),
        scores=tuple(np.bincount(at, said, BINS).tolist()),
        ones=_binned(at, ones),
        bands=tuple(means),
        watched=None if judge is None else judge(table, state.batches),
    )
    batches = (*state.batches, counted)
    far = bool(running_means(band_means(batches), alpha).beyond(tolerance)[-1])
    batches = (*state.batches, replace(counted, beyond=far))
    return replace(state, evidence=evidence, edges=edges, batches=batches)


def band_means(batches: Sequence[Batch]) -> NDArray[np.float64]:
    """Return (t, b) the mean outcome less the mean score of batches and bands; NaN for no rows."""
    return np.array([batch.bands for batch in batches], np.float64)


def _binned(at: NDArray[Any], rows: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(n) for n in np.bincount(at, rows, BINS))


def _thirds(table: ScoreTable) -> tuple[int, ...]:
    """Return the first keys of the bands of scores but for the first, a third of the rows each."""
    below = np.cumsum(table.counts.sum(axis=0))
    parts = [below[-1] * k / BANDS for k in range(1, BANDS)]
    first = np.searchsorted(below, parts, side="left") + 1
    return tuple(dict.fromkeys(int(table.starts[i]) for i in first if i < len(table)))

"""Rows to label: drawn at random within strata of scores, more where labels are less certain."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calaudit.api.estimates.reference import Known
from calaudit.api.rows.reading import Gathering, Progress, read_summary
from calaudit.errors import SettingsError
from calaudit.metrics.label_free import Expected
from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.report.estimate_report import SampledRows
from calaudit.tables.cells import Cells
from calaudit.tables.views import view_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRATA, LEAST = 10, 2
"""Strata of about as many rows, and rows that are drawn of each at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Runs of scores, and how many rows of each are drawn.

    Attributes:
        starts: (h,) key of the lowest score of each. sizes: (h,) rows. drawn: (h,) rows drawn.
    """

    starts: Ints
    sizes: Ints
    drawn: Ints

    @property
    def weights(self) -> Floats:
        """(h,) one over the probability that a row is drawn."""
        found: Floats = self.sizes / np.maximum(self.drawn, 1)
        return found


def strata_of(cells: Cells, rows: Expected, number: int) -> Strata:
    """Return strata of such rows, of which so many rows are drawn in all.

    Rows of a stratum are in proportion to N √(mean q(1 − q)), q the chance of label 1 (Neyman
    1934), and `LEAST` at least, so that each row can be drawn.

    Raises:
        SettingsError: there are fewer rows, or strata need more.
    """
    n = cells.counts.sum(axis=0)
    total = int(n.sum())
    if not STRATA * LEAST <= number < total:
        raise SettingsError(
            f"--sample chooses {STRATA * LEAST} rows at least, and fewer than all {total:,}; not "
            f"{number:,}"
        )
    part = np.minimum((np.cumsum(n) - n) * STRATA // total, STRATA - 1)
    first = np.flatnonzero(np.diff(part, prepend=-1))
    sizes = np.add.reduceat(n, first)
    spread = np.add.reduceat(n * rows.q * (1.0 - rows.q), first) / sizes
    wish = sizes * np.sqrt(np.maximum(spread, 1e-4))
    drawn = np.minimum(LEAST, sizes)
    while (left := number - int(drawn.sum())) > 0:
        room = sizes - drawn
        share = np.where(room > 0, wish, 0.0)
        more = np.minimum(np.floor(left * share / share.sum()).astype(np.int64), room)
        if not more.any():
            more = np.zeros_like(sizes)
            more[np.argsort(-share, kind="stable")[:left]] = 1
        drawn = drawn + np.minimum(more, room)
    return Strata(cells.starts[first], sizes, drawn)


@dataclass(slots=True, eq=False)
class SampleBuilder(Gathering):
    """Keeps of each stratum the rows with the smallest random numbers, which hang on the seed, the
    file and the row alone.

    Attributes:
        task, scale: of the rows. strata: see `Strata`. seed: of the random numbers.
        out_of: what the file's scores were divided by.
        kept: by stratum, random number, file and row, and the cells that are written of each.
    """

    task: Task
    scale: Scale
    strata: Strata
    seed: int
    out_of: float = 1.0
    kept: dict[int, list[tuple[int, int, int, tuple[str, ...]]]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        keys = view_of(chunk, self.task, self.scale).keys()
        stratum = np.searchsorted(self.strata.starts[1:], keys, side="right")
        rows = chunk.row_numbers()
        numbers = _random(rows, chunk.source, self.seed)
        for h in np.unique(stratum).tolist():
            most = int(self.strata.drawn[h])
            at = np.flatnonzero(stratum == h)
            at = at[np.argsort(numbers[at], kind="stable")[:most]]
            mine = self.kept.get(h, [])
            if len(mine) == most:
                at = at[numbers[at] < mine[-1][0]]
            if len(at):
                cells = _cells(chunk, at, self.out_of)
                found = zip(numbers[at].tolist(), rows[at].tolist(), cells, strict=True)
                mine = [*mine, *((u, chunk.source, row, own) for u, row, own in found)]
                self.kept[h] = sorted(mine)[:most]

    def merge(self, other: SampleBuilder) -> SampleBuilder:
        """Return the rows kept of both."""
        for h, theirs in other.kept.items():
            self.kept[h] = sorted([*self.kept.get(h, []), *theirs])[: int(self.strata.drawn[h])]
        return self


def _random(rows: Ints, source: int, seed: int) -> NDArray[np.uint64]:
    """Return a random number for each row (splitmix64 of file and row)."""
    start = np.random.default_rng([seed, 73, source]).integers(0, 2**64, dtype=np.uint64)
    with np.errstate(over="ignore"):
        x = start + rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return found


def _cells(chunk: Chunk, at: NDArray[np.intp], out_of: float) -> list[tuple[str, ...]]:
    """Return the id, the scores as in the file, and the slices of some rows as text."""
    ids = chunk.ids(at)
    scores = chunk.scores[at].reshape(len(at), -1).astype(np.float64).tolist()
    slices = [[each.values[code] for code in each.codes[at].tolist()] for each in chunk.slices]
    named = [] if ids is None else [["" if i is None else str(i) for i in ids]]
    texts = [[repr(x) if out_of == 1 else f"{x * out_of:.15g}" for x in row] for row in scores]
    return [
        (*(column[k] for column in named), *texts[k], *(column[k] for column in slices))
        for k in range(len(at))
    ]


def sampled(
    predictions: Predictions,
    known: Known,
    strata: Strata,
    *,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> SampledRows:
    """Return rows to label, in the order of files and rows, by one more pass over them."""
    make = partial(
        SampleBuilder, predictions.task, predictions.scale, strata, seed, predictions.layout.out_of
    )
    found = read_summary(predictions, make, threads=threads, rounded=0, progress=progress)[0]
    weights = strata.weights.tolist()
    rows = sorted(
        (source, row, cells, weights[h])
        for h, each in found.kept.items()
        for _, source, row, cells in each
    )
    several, inputs = len(predictions.inputs) > 1, predictions.inputs
    label = known.label or ("correct" if known.task == "top-label" else "label")
    layout = predictions.layout
    names = [
        *(["file"] * several),
        "row",
        *([layout.id] if layout.id else []),
        *_names(predictions),
    ]
    return SampledRows(
        header=(*names, *layout.by, "weight", label),
        rows=tuple(
            (*([inputs[source].path] * several), str(row), *cells, repr(weight), "")
            for source, row, cells, weight in rows
        ),
    )


def _names(predictions: Predictions) -> list[str]:
    """Return the columns of the scores."""
    layout = predictions.layout
    if layout.form == "column" or (layout.form == "columns" and layout.task == "multiclass"):
        return list(layout.scores)
    if layout.task == "binary":
        return ["logit" if layout.scale == "logit" else "score"]
    prefix = "logit_" if layout.scale == "logit" else "p_"
    return [f"{prefix}{name}" for name in layout.classes]

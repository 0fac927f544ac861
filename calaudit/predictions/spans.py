"""Batches of so many rows in order of time: a cut of dates at the moments where batches begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calaudit.errors import InputError
from calaudit.findings.finding import Finding
from calaudit.predictions.chunk import SliceCodes
from calaudit.predictions.cuts import Period, dated_codes
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.source import Source
from calaudit.predictions.times import Times, wall_times

__all__ = ["in_spans"]

_ROWS = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Spans(Period):
    """Spans of time between moments.

    Attributes:
        begins: (b,) rising.
    """

    begins: Times

    def read(self, given: Any, faults: Faults, _: Findings) -> SliceCodes:
        """Return the span of each row, by the moment at which it begins."""
        return dated_codes(
            self.column, given, faults,
            lambda times: np.searchsorted(self.begins, times, "right") - 1,
            self.name,
        )  # fmt: skip

    def name(self, number: int) -> str:
        """Return the moment at which a span begins, without its time where all are midnights."""
        whole = bool((self.begins.astype("M8[D]") == self.begins).all())
        return str(self.begins[number].astype("M8[D]" if whole else "M8[s]")).replace("T", " ")

    def told(self) -> Finding | None:
        """Return what should be said of it: its name says all."""
        return None


def in_spans(predictions: Predictions, name: str, rows: int) -> tuple[Predictions, str]:
    """Return predictions of which a slice by dates has so many rows each, in order of time.

    Rows of one moment stay together.

    Args:
        predictions: opened, with a slice by dates.
        name: of that slice.
        rows: of a batch.

    Returns:
        The predictions, and the name of the last batch where it is not full, else "".
    """
    layout = predictions.layout
    column = layout.cuts[name].column
    times = np.sort(_times(predictions.sources, column))
    if not len(times):
        raise InputError(f"{predictions.inputs[0].path}: no row has a date in {column!r}.")
    begins, at = [], 0
    while at < len(times):
        begins.append(times[at])
        end = min(at + rows, len(times))
        at = int(np.searchsorted(times, times[end - 1], "right"))
    spans = Spans(column, "span", np.array(begins))
    short = len(times) - int(np.searchsorted(times, begins[-1])) < rows
    layout = replace(layout, cuts={**layout.cuts, name: spans})
    resolution = replace(predictions.resolution, layout=layout)
    return replace(predictions, resolution=resolution), spans.name(-1) if short else ""


def _times(sources: Sequence[Source], column: str) -> Times:
    found = [
        wall_times(batch.column(0))[0]
        for source in sources
        for part in source.parts([column])
        for batch in part.batches([column], _ROWS)
    ]
    times: Times = np.concatenate([np.zeros(0, "M8[s]"), *found])
    known: Times = times[~np.isnat(times)]
    return known

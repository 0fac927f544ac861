"""Batches of so many rows in order of time: a cut of dates at the moments where batches begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calaudit.findings.finding import Finding
from calaudit.predictions.chunk import SliceCodes
from calaudit.predictions.cuts import Cut, Period, dated_codes
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.slices import MISSING
from calaudit.predictions.times import Times


class Moments(Period):
    """Each moment by itself."""

    def read(self, given: Any, faults: Faults, _: Findings) -> SliceCodes:
        """Return the moment of each row."""
        return dated_codes(
            self.column, given, faults, lambda times: times.astype("M8[s]").astype(np.int64),
            lambda number: str(np.datetime64(number, "s")),
        )  # fmt: skip


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


def cut_by(predictions: Predictions, name: str, cut: Cut) -> Predictions:
    """Return predictions of which a slice is cut in another way."""
    layout = replace(predictions.layout, cuts={**predictions.layout.cuts, name: cut})
    return replace(predictions, resolution=replace(predictions.resolution, layout=layout))


def spans_of(column: str, moments: Mapping[str, int], rows: int) -> tuple[Spans, str]:
    """Return spans of so many rows each, in order of time; those of one moment stay together.

    Args:
        column: of the dates.
        moments: how many rows there are of each; of one at least.
        rows: of a batch.

    Returns:
        The spans, and the name of the last one where it is not full, else "".
    """
    counts = {np.datetime64(m, "s"): n for m, n in moments.items() if m != MISSING}
    times = np.array(sorted(counts))
    after = np.cumsum([counts[time] for time in times])
    begins, before, at = [], 0, 0
    while at < len(times):
        begins.append(times[at])
        full = before + rows
        end = min(int(np.searchsorted(after, full)), len(times) - 1)
        at, before = end + 1, int(after[end])
    spans = Spans(column, "span", np.array(begins))
    return spans, spans.name(-1) if before < full else ""

"""Forecasts recalibrated: by an offset of their ends, or by order statistics of the PIT."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.percentages import share_of
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator, Guarantee
from calaudit.errors import InputError, NotEnoughData, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.conformal import central_ranks, coverage_of_rank, fewest_rows, rank_of
from calaudit.metrics.forecast_scores import central_pairs
from calaudit.predictions.forecasts.layout import ForecastLayout
from calaudit.predictions.forecasts.rows import ForecastBlock, Forecasts
from calaudit.predictions.rewriting.drafts import drafts_for, publish, refusing_full_disk

Floats = NDArray[np.float64]

LAW = 0.9
"""What the intervals of normal laws state where nothing else is asked."""


@dataclass(slots=True)
class Recalibration:
    """What is kept of each row, and the calibrator made of it.

    Attributes:
        layout: of the forecasts. laws: whether they are normal laws; others have offsets.
        confidence: with which this fit holds what is stated; None: on average over fits.
        pairs: lower and upper column of each interval, and what it states. level: of intervals.
    """

    layout: ForecastLayout
    confidence: float | None
    pairs: Sequence[tuple[int, int, float]]
    laws: bool
    level: float = 0.95
    _kept: list[list[Floats]] = field(default_factory=list)

    @classmethod
    def of(cls, layout: ForecastLayout, options: Any) -> Recalibration:
        """Return how to recalibrate forecasts of a layout.

        Raises:
            SettingsError: there is no way; the message says what there is one for.
        """
        laws, levels = layout.kind == "normal", layout.levels
        if layout.long is not None or layout.kind in ("members", "sets") or layout.variance:
            raise SettingsError(
                "--recalibrate is for columns: ends of intervals, quantiles, or a mean and its "
                "standard deviation. Write such columns (of members their quantiles, of a variance "
                "its root)"
            )
        sure = options["guarantee"]
        if sure is not None:
            sure = share_of(sure, "--guarantee", "a confidence, as 0.95")
        pairs = [(2 * i, 2 * i + 1, stated) for i, stated in enumerate(levels)]
        if laws:
            asked = np.atleast_1d(LAW if options["stated"] is None else options["stated"]).tolist()
            pairs = [(0, 1, share_of(each, "--stated", "a share, as 0.9")) for each in asked]
        elif layout.kind == "quantiles":
            pairs = central_pairs(levels)
        if not pairs or (laws and len(pairs) > 1):
            raise SettingsError(
                "--recalibrate takes intervals of one level of normal laws (--stated 0.9), and "
                "quantiles that pair up round the middle, as 0.05 and 0.95"
            )
        return cls(layout, sure, pairs, laws, options["level"])

    def add(self, block: ForecastBlock) -> None:
        """Keep what is needed of rows."""
        y, values = block.y, block.values
        if self.laws:
            with np.errstate(divide="ignore", invalid="ignore"):
                z = (y - values[:, 0]) / values[:, 1]
            self._kept.append([np.where(np.isnan(z), 0.0, z)])
        else:
            ends = [(values[:, i], values[:, j]) for i, j, _ in self.pairs]
            self._kept.append([np.maximum(low - y, y - high) for low, high in ends])

    def fitted(self, *, exchangeable: bool) -> ForecastCalibrator:
        """Return the calibrator.

        Raises:
            NotEnoughData: there are too few rows for what is stated.
            InputError: too many ends are infinite.
        """
        columns, found = self.layout.columns, []
        for k, (i, j, stated) in enumerate(self.pairs):
            scores = np.concatenate([block[k] for block in self._kept])
            rank, lower, upper = self._ends(scores, stated)
            coverage, low, high = coverage_of_rank(rank, len(scores), self.level)
            found.append(
                Guarantee(
                    stated=stated, columns=(columns[i], columns[j]), lower=lower, upper=upper,
                    coverage=coverage, low=low, high=high,
                    needs=fewest_rows(stated, self.confidence, central=self.laws),
                )
            )  # fmt: skip
        return ForecastCalibrator(
            method="pit" if self.laws else "offset", columns=columns, rows=len(scores),
            guarantees=tuple(found), confidence=self.confidence, exchangeable=exchangeable,
        )  # fmt: skip

    def _ends(self, scores: Floats, stated: float) -> tuple[int, float, float]:
        """Return the rank of an interval, and what its ends are moved by, or taken at."""
        n, sure = len(scores), self.confidence
        rank = first = last = rank_of(n, stated, sure)
        if self.laws:
            first, last = central_ranks(n, stated, sure)
            rank = last - first
        if first < 1 or last > n:
            formula = f" (n ≥ {1 + self.laws}/α − 1)" * (sure is None)
            raise NotEnoughData(
                f"intervals that hold {100 * stated:g} % would have to be infinite: of {n:,} rows "
                f"none lies so far out. It needs {fewest_rows(stated, sure, central=self.laws):,} "
                f"rows{formula}",
                "Bring more rows, or state less",
            )
        ordered = np.partition(scores, (first - 1, last - 1))
        low, high = float(ordered[first - 1]), float(ordered[last - 1])
        if not (np.isfinite(low) and np.isfinite(high)):
            raise InputError(f"to hold {100 * stated:g} %, too many ends or spreads are infinite")
        return (rank, low, high) if self.laws else (rank, -high, high)

    def written(
        self, path: Any, rows: Forecasts, group: str | None
    ) -> tuple[ForecastCalibrator, list[Finding]]:
        """Write the calibrator, if ``path`` is one; return it, with what speaks against it."""
        repeats = {note.code: note.figures for note in rows.layout.notes}
        column = group or repeats.get("forecast-rows-repeat", {}).get("column")
        against = {"groups": column, "time": rows.layout.time}
        notes = [finding("no-guarantee", kind=k, column=c) for k, c in against.items() if c]
        made = self.fitted(exchangeable=not notes)
        if path is not True:
            with drafts_for([os.fspath(path)], rows.files) as drafts:
                with refusing_full_disk(drafts[0].shown):
                    drafts[0].temporary.write_text(made.to_json(), encoding="utf-8")
                publish(drafts)
        return made, notes

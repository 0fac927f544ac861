"""Cutoffs as numbers in the unit of the file, such that ``score >= cutoff`` is the decision."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.predictions import Predictions
from calaudit.tables.keys import EXACT_LEVEL, keys_of, keys_of_tails
from calaudit.tables.score_table import ScoreTable, floor_to
from calaudit.tables.views import logit_tails

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Narrow = type[np.float32] | type[np.float16]

NARROW: dict[str, Narrow] = {"float32": np.float32, "float16": np.float16}

FAR = 1.7e308
"""A logit beyond all scores."""

REACH = 0.1
"""How far a cutoff is rounded, as a part of the way to the ends of its range."""

DIGITS = range(2, 18)
"""Significant digits that are tried for a cutoff; with 17 every float64 has its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The scale on which scores are stored and compared.

    Attributes:
        name: "probability", "calibrated probability", "logit", or "score" (out of more than 1).
        keys: from values in the unit to keys of the table, never falling.
        lowest, highest: ends of the unit.
        narrow: the type that scores are stored in and a cutoff may be rounded to, where that is
            float32 or float16; else None.
        of_probability: from a probability to its value in the unit, within its ends.
    """

    name: str
    keys: Callable[[Floats], Ints]
    lowest: float
    highest: float
    narrow: Narrow | None
    of_probability: Callable[[float], float]

    def key(self, value: float) -> int:
        """Return the key from which scores are at or above a value."""
        if self.narrow is not None:
            value = float(self.narrow(value))
        if value > self.highest:
            return int(self.keys(np.array([self.highest]))[0]) + 1
        return int(self.keys(np.array([max(value, self.lowest)]))[0])

    def cutoffs(self, table: ScoreTable, rungs: Sequence[int]) -> list[float | None]:
        """Return the shortest number that splits the rows as each rung does.

        It is near the middle between the scores on both sides.

        Args:
            table: the rows.
            rungs: k for the cutoff with the cells from k on at or above it.

        Returns:
            The cutoffs; None for the rung above all scores.
        """
        at = np.asarray(rungs, np.intp)
        inner = np.clip(at, 1, max(len(table) - 1, 1))
        starts = np.append(table.starts, np.int64(2**62))
        high = self._least(starts[np.minimum(inner, len(table))])
        # The largest value below is that before the least above the end of the cell below.
        low = np.nextafter(self._least(_ends(table)[inner - 1] + 1), -np.inf)
        found: list[float | None] = []
        for i, rung in enumerate(at):
            if rung >= len(table):
                found.append(None)
            elif rung == 0:
                found.append(self._floor(table))
            else:
                ends = float(low[i]), float(high[i])
                found.append(shortest_between(*ends, 0.5 * (low[i] + high[i]), narrow=self.narrow))
        return found

    def rounded(
        self, table: ScoreTable, rung: int, low: float, high: float
    ) -> tuple[int, float | None]:
        """Return the rung of a shorter number that hardly differs, and that number.

        It goes a tenth of the way to either end of the range at most, and divides no cell: where
        cells hold several scores, only a number of few binary digits may do.

        Args:
            table: the rows.
            rung: of the cutoff.
            low: end of the range of cutoffs that the rows cannot tell from the cheapest.
            high: the other end.
        """
        own = self.cutoffs(table, (rung,))[0]
        if own is None or not low < own < high:
            return rung, own
        ends = own - REACH * (own - low), own + REACH * (high - own)
        found = [(rung, own)]
        for number in (shortest_between(*ends, own, narrow=self.narrow), _fewest_bits(*ends, own)):
            keys = self.key(number), int(self.keys(np.array([number]))[0])
            first, last = (int(np.searchsorted(table.starts, key)) for key in keys)
            if first == last and (first == 0 or _ends(table)[first - 1] < min(keys)):
                found.append((first, number))
        return min(found, key=lambda pair: len(repr(pair[1])))

    def outward(
        self, table: ScoreTable, rungs: tuple[int, int]
    ) -> tuple[float | None, float | None]:
        """Return a range between rungs with ends of as few digits as its width supports."""
        low, high = self.cutoffs(table, rungs)
        end = self.score(table, len(table) - 1) if high is None else high
        if low is None or low >= end:
            return low, high
        margin = 0.5 * REACH * (end - low)
        if rungs[0] > 0:
            low = max(shortest_between(low - margin, low, low - margin / 2), self.lowest)
        if high is not None:
            high = shortest_between(np.nextafter(high, low), high + margin, high + margin / 2)
        return low, high if high is None else min(high, self.highest)

    def score(self, table: ScoreTable, cell: int) -> float:
        """Return the score of a cell; of a cell with several, the least that it can hold."""
        return float(self._least(table.starts[cell : cell + 1])[0])

    def _floor(self, table: ScoreTable) -> float:
        """Return a number that no score lies below."""
        if self.lowest == 0.0:
            return 0.0
        least = float(self._least(table.starts[:1])[0])
        return shortest_between(-np.inf, least, least, narrow=self.narrow)

    def _least(self, keys: Ints) -> Floats:
        """Return the least value whose key is at least each of ``keys``, by bisection."""
        low = np.full(len(keys), _ordered(self.lowest), np.int64)
        high = np.full(len(keys), _ordered(self.highest), np.int64)
        while (low < high).any():
            middle = (low & high) + ((low ^ high) >> 1)  # no overflow
            enough = self.keys(_from_ordered(middle)) >= keys
            high = np.where(enough, middle, high)
            low = np.where(enough, low, middle + 1)
            low = np.minimum(low, high)
        return _from_ordered(high)


def unit_of(predictions: Predictions, *, calibrated: bool) -> Unit:
    """Return the unit of the scores of a file, or of calibrated scores."""
    layout = predictions.layout
    narrow = None if calibrated else NARROW.get(predictions.dtype)
    if layout.scale == "logit" and layout.task != "multiclass" and not calibrated:
        return Unit("logit", lambda z: keys_of_tails(*logit_tails(z)), -FAR, FAR, narrow, _logit)
    whole = 1.0 if calibrated else float(layout.out_of)

    def keys(values: Floats) -> Ints:
        p = values / whole
        if narrow is not None and whole != 1.0:  # as the reader divides
            p = p.astype(np.float32).astype(np.float64)
        return keys_of(np.clip(p, 0.0, 1.0)).copy()

    name = "calibrated probability" if calibrated else "probability" if whole == 1.0 else "score"
    if layout.scale == "logit":  # probabilities that are computed, in float64
        narrow = None
    return Unit(name, keys, 0.0, whole, narrow, lambda p: whole * p)


def shortest_between(low: float, high: float, aim: float, *, narrow: Narrow | None = None) -> float:
    """Return the number with the fewest digits near ``aim`` that is above low and at most high.

    Args:
        low: not reached, also not by rounding to ``narrow``.
        high: may be reached.
        aim: what to be near to.
        narrow: the type in which the number may be compared, or None for float64.
    """
    aim = min(max(aim, np.nextafter(low, np.inf)), high)
    for digits in DIGITS:
        number = float(f"{aim:.{digits}g}")
        if low < number <= high and not (narrow is not None and float(narrow(number)) <= low):
            return number
    return high


def _fewest_bits(low: float, high: float, aim: float) -> float:
    """Return the number of the fewest binary digits near ``aim``, above low and at most high."""
    step = 2.0 ** math.ceil(math.log2(high - low))
    while not low < (number := round(aim / step) * step) <= high:
        step /= 2.0
    return number


def _ends(table: ScoreTable) -> Ints:
    """Return the last key that a row of each cell can have."""
    size = np.int64(1) << np.int64(EXACT_LEVEL - table.level)
    ends = floor_to(table.starts, table.level) + size - 1
    ends[:-1] = np.minimum(ends[:-1], table.starts[1:] - 1)
    cuts = np.append(np.array(table.cuts, np.int64), np.iinfo(np.int64).max)
    np.minimum(ends, cuts[np.searchsorted(cuts, table.starts, side="right")] - 1, out=ends)
    return ends


def _logit(p: float) -> float:
    if not 0.0 < p < 1.0:
        return FAR if p >= 1.0 else -FAR
    return math.log(p) - math.log1p(-p)


def _ordered(value: float) -> np.int64:
    """Return an integer that grows with the float64."""
    bits = np.float64(value).view(np.int64)
    return bits if bits >= 0 else np.int64(np.iinfo(np.int64).min) - bits


def _from_ordered(values: Ints) -> Floats:
    bits = np.where(values >= 0, values, np.int64(np.iinfo(np.int64).min) - values)
    return bits.view(np.float64)

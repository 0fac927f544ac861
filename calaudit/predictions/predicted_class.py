"""Whether a single score is of the positive class, or of whichever class is predicted.

Told from the predictions beside it: those of a binary score turn at a cutoff; a confidence in
the predicted class lies at 1/K or above, and the predictions turn nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.findings import Predicted
from calaudit.predictions.look import Look

_ROUNDED = 0.005
_CHANCE = 1e-3
"""Of predictions that turn at a cutoff though the score has nothing to do with them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the first rows showed of a score, for all rows to bear out.

    Attributes:
        task: "binary" (the predictions turn at a cutoff) or "top-label" (no score below 1/K).
        prediction: the column.
        above: the class that is predicted above the cutoff; None where it is not known.
        advice: the options to choose from where later rows say otherwise.
    """

    task: Literal["binary", "top-label"]
    prediction: str
    above: str | None
    advice: str

    def refuted(self, seen: Predicted, classes: int) -> str | None:
        """Return what contradicts it, in words, or None."""
        if self.task == "binary":
            above = _turning(seen.ranges)
            turns = len(seen.ranges) < 2 or (above is not None and self.above in (None, above))
            return None if turns else "the predictions of later rows do not turn at that cutoff"
        least = min((low for low, _ in seen.ranges.values()), default=1.0)
        if least >= _least(classes):
            return None
        return f"a later score is {least:.4g}, too low for the likeliest of {classes} classes"


class Judged(NamedTuple):
    """The task that predictions show, or None; the class above the cutoff, and the cutoff."""

    task: Literal["binary", "top-label"] | None
    above: str | None = None
    cutoff: float | None = None


def judged(score: Look, prediction: Look, classes: int, out_of: float = 1.0) -> Judged:
    """Return what the predictions say of a score, where there are so many classes in all."""
    codes, texts = prediction.coded
    values = score.values / out_of
    known = (codes >= 0) & np.isfinite(values)
    predicted = np.unique(codes[known])
    low = bool(known.any() and values[known].min() < _least(classes))
    if classes <= 2 and len(predicted) == 1:
        return Judged("binary" if low else None)
    seen = Predicted()
    if classes == 2:
        seen.see(values, codes, texts)
    above = _turning(seen.ranges)
    if above is None:
        return Judged(None if low or not len(predicted) else "top-label")
    cutoff = seen.ranges[above][0]
    sure = low or _chance(values[known], (codes == texts.index(above))[known], cutoff) < _CHANCE
    return Judged("binary" if sure else None, above, cutoff)


def _least(classes: int) -> float:
    """Return the smallest confidence in the likeliest class, as it may be rounded."""
    return 1 / max(classes, 2) - _ROUNDED


def _turning(ranges: dict[str, tuple[float, float]]) -> str | None:
    """Return which of two classes is predicted above a cutoff; None where there is none.

    The ranges of their scores may meet in one value, to which both were rounded.
    """
    if len(ranges) != 2:
        return None
    (_, (low, high)), (upper, (least, most)) = sorted(ranges.items(), key=lambda kv: kv[1])
    return upper if high <= least and low < most else None


def _chance(values: NDArray[Any], above: NDArray[np.bool_], cutoff: float) -> float:
    """Return how often predictions dealt out at random turn at a cutoff; ties tell nothing."""
    off = values != cutoff
    rows, over = int(np.count_nonzero(off)), int(np.count_nonzero(off & above))
    return 2.0 * exp(lgamma(over + 1) + lgamma(rows - over + 1) - lgamma(rows + 1))

"""What was noticed while reading that only the whole file can judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.notation import Notation

_KINDS = 20
_CLASSES = 200
_SIDE = 2000


@dataclass(slots=True)
class Predicted:
    """The smallest and the largest score of each predicted class (of the first few hundred)."""

    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)

    def see(self, scores: NDArray[Any], codes: NDArray[np.int64], texts: list[str]) -> None:
        """Note (n,) scores and the (n,) codes of what was predicted, -1 for nothing."""
        for code in np.unique(codes[codes >= 0])[:_CLASSES].tolist():
            mine = scores[codes == code]
            mine = mine[np.isfinite(mine)]
            if len(mine):
                self.include(texts[code], (float(mine.min()), float(mine.max())))

    def include(self, text: str, span: tuple[float, float]) -> None:
        """Note the range of some scores of a class."""
        low, high = self.ranges.get(text, span)
        if text in self.ranges or len(self.ranges) < _CLASSES:
            self.ranges[text] = (min(low, span[0]), max(high, span[1]))


@dataclass(slots=True)
class Findings:
    """Observations of one unit; those of all units add up with `merge`.

    Attributes:
        low, high: range of the probabilities outside [0, 1].
        outside: how many values lay outside [0, 1].
        negative: how many of them lay below -0.05.
        sum_low, sum_high: range of the row sums that were refused.
        logits_seen: True once a declared logit could not have been a probability.
        negatives, positives: the kinds of label read as 0 and as 1, as written.
        weightless: rows of weight 0, which are left out.
        strangers: labels that are no class (the first few kinds).
        dust, dust_size: rows with probabilities a little outside [0, 1], and by how much at most.
        notations: how the numbers of each text column are written.
        texts: what stands in the place of a score (the first kinds), and in how many rows.
        sides: labels and predictions that were compared (the first kinds, or the ends of runs).
        agreed: rows in which they were the same class.
        matched: rows whose id has an entry among labels that are joined. seen: (m,) which have one.
        predicted: scores by predicted class, where a claim rests on them.
    """

    low: float = np.inf
    high: float = -np.inf
    outside: int = 0
    negative: int = 0
    sum_low: float = np.inf
    sum_high: float = -np.inf
    logits_seen: bool = False
    negatives: set[str] = field(default_factory=set)
    positives: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    zero_label: bool = False
    weightless: int = 0
    dust: int = 0
    dust_size: float = 0.0
    notations: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: Counter[str] = field(default_factory=Counter)
    sides: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    agreed: int = 0
    matched: int = 0
    seen: NDArray[np.bool_] | None = None
    predicted: Predicted = field(default_factory=Predicted)

    def see_places(self, places: NDArray[np.int64], entries: int) -> None:
        """Note (n,) which of so many entries rows are joined with, -1 for none."""
        there = places[places >= 0]
        self.seen = np.zeros(entries, np.bool_) if self.seen is None else self.seen
        self.seen[there] = True
        self.matched += len(there)

    def see_side(self, side: int, texts: set[str]) -> None:
        """Note labels (side 0) or predictions (1) that are compared."""
        if len(self.sides[side]) < _SIDE:
            self.sides[side].update(texts)

    def see_notation(self, column: str, notation: Notation) -> None:
        """Note how numbers of a text column are written."""
        if notation:
            self.notations[column] = {**notation, **self.notations.get(column, {})}

    def see_texts(self, counts: Mapping[str, int]) -> None:
        """Note texts that stand in the place of a score, and in how many rows."""
        for text, rows in counts.items():
            if text in self.texts or len(self.texts) < _KINDS:
                self.texts[text] += rows

    def see_dust(self, rows: NDArray[Any]) -> None:
        """Note rows, (n,) or (n, K), with probabilities a little outside [0, 1]."""
        if len(rows):
            self.dust += len(rows)
            size = max(float(rows.max()) - 1, -float(rows.min()))
            self.dust_size = max(self.dust_size, size)

    def see_outside(self, values: NDArray[Any]) -> None:
        """Note values outside [0, 1]."""
        if len(values):
            self.low = min(self.low, float(values.min()))
            self.high = max(self.high, float(values.max()))
            self.outside += len(values)
            self.negative += int((values < -0.05).sum())

    def see_sums(self, sums: NDArray[Any]) -> None:
        """Note row sums that are not 1."""
        sums = sums[np.isfinite(sums)]
        if len(sums):
            self.sum_low = min(self.sum_low, float(sums.min()))
            self.sum_high = max(self.sum_high, float(sums.max()))

    def see_logits(self, values: NDArray[Any]) -> None:
        """Note whether declared logits, (n,) or (n, K), could be probabilities after all."""
        if self.logits_seen:
            return
        with np.errstate(invalid="ignore"):
            seen = bool((values < 0.0).any() or (values > 1.0).any())
            if not seen and values.ndim == 2:
                seen = bool((np.abs(values.sum(axis=1) - 1.0) > 0.01).any())
        self.logits_seen = seen

    def see_strangers(self, labels: list[str]) -> None:
        """Note labels that are no class."""
        for label in labels:
            if len(self.strangers) < _KINDS:
                self.strangers.add(label)

    def merge(self, other: Findings) -> None:
        """Add the observations of ``other`` to these."""
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        self.outside += other.outside
        self.negative += other.negative
        self.sum_low = min(self.sum_low, other.sum_low)
        self.sum_high = max(self.sum_high, other.sum_high)
        self.logits_seen |= other.logits_seen
        self.negatives |= other.negatives
        self.positives |= other.positives
        self.strangers |= other.strangers
        self.zero_label |= other.zero_label
        self.weightless += other.weightless
        self.dust += other.dust
        self.dust_size = max(self.dust_size, other.dust_size)
        for column, notation in other.notations.items():
            self.see_notation(column, notation)
        self.see_texts(other.texts)
        self.see_side(0, other.sides[0])
        self.see_side(1, other.sides[1])
        self.agreed += other.agreed
        self.matched += other.matched
        if other.seen is not None:
            self.seen = other.seen if self.seen is None else self.seen | other.seen
        for text, span in other.predicted.ranges.items():
            self.predicted.include(text, span)

"""Decisions on rows, worked out row by row and cutoff by cutoff: oracles for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.fit_points import sample_of
from calaudit.tables import ScoreTable
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.policy import Policy

Floats = NDArray[np.float64]

NEAR = 1e-6
"""Sums of whole weights and limits of few digits are equal, or differ by far more."""

NOTHING: dict[str, float] = {}


def ladder_from(s: Any, y: Any, w: Any = None) -> Ladder:
    """Return the ladder of rows as the program builds it."""
    weights = None if w is None else np.asarray(w, np.float64)
    return ladder_of(sample_of(ScoreTable.of(np.asarray(s), np.asarray(y), weights).cells()))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows whose decisions are counted by masks.

    Attributes:
        s, y, w: (n,) scores, labels and weights.
        cutoffs: the distinct scores, and one above all.
        at: (2, m + 1) weight at or above each cutoff, by label.
        size: (m,) rows of each score.
    """

    s: Floats
    y: NDArray[np.int64]
    w: Floats
    cutoffs: Floats
    at: Floats
    size: NDArray[np.int64]

    @classmethod
    def of(cls, s: Any, y: Any, w: Any = None, size: Any = None) -> Rows:
        """Return rows; ``size`` says how many there are of each score where these are parts."""
        s, y = np.asarray(s, np.float64), np.asarray(y, np.int64)
        weights = np.ones(len(s)) if w is None else np.asarray(w, np.float64)
        cutoffs = np.append(np.unique(s), np.inf)
        at = [[weights[(y == k) & (s >= c)].sum() for c in cutoffs] for k in (0, 1)]
        size = [(s == c).sum() for c in cutoffs[:-1]] if size is None else size
        return cls(s, y, weights, cutoffs, np.array(at), np.asarray(size))

    def counts(self, share: Floats, action: NDArray[np.int64]) -> Floats:
        """Return (3, 2) weight by action and label; ``share`` of it is reviewed instead."""
        found = np.zeros((3, 2))
        for a in range(3):
            for k in range(2):
                held = (action == a) & (self.y == k)
                found[a, k] += (self.w * (1 - share))[held].sum()
                found[1, k] += (self.w * share)[held].sum()
        return found

    def done(self, policy: Policy) -> Floats:
        """Return (3, 2) what a policy does to the rows, score by score."""
        rung = np.searchsorted(self.cutoffs, self.s)
        action = np.where(rung >= policy.high, 2, np.where(rung >= policy.low, 1, 0))
        share = np.zeros(len(self.s))
        if policy.split is not None:
            share[rung == policy.split] = policy.split_share
        return self.counts(share, action)


def bands(rows: Rows, room: float, *, split: bool, two_sided: bool = True) -> Iterator[Floats]:
    """Yield (3, 2, …) what every band does, with a part of the cell beside it where asked.

    Args:
        rows: the rows.
        room: largest weight reviewed.
        split: whether the room that is left goes to a part of the cell below, or above, the band.
        two_sided: whether anything may be let pass.
    """
    at = rows.at
    m = at.shape[1] - 1
    for a in range(m + 1) if two_sided else (0,):
        high = np.arange(a, m + 1)
        passed = np.repeat((at[:, 0] - at[:, a])[:, None], len(high), axis=1)
        reviewed = at[:, a][:, None] - at[:, high]
        acted = at[:, high]
        fits = reviewed.sum(axis=0) <= room + NEAR
        yield np.stack([passed, reviewed, acted])[:, :, fits]
        if not split:
            continue
        left = room - reviewed.sum(axis=0)
        for cell, ends in ((a - 1, passed), (high, acted)):
            inside = fits & (np.asarray(cell) >= 0) & (np.asarray(cell) < m)
            i = np.where(inside, cell, 0)
            weight = at[:, i] - at[:, i + 1]
            total = np.maximum(weight.sum(axis=0), 1e-300)
            # Half a row is not reviewed.
            taken = np.floor(np.clip(left / total, 0.0, 1.0) * rows.size[i] + NEAR)
            part = weight * taken / rows.size[i]
            more = [passed, reviewed + part, acted]
            more[0 if ends is passed else 2] = ends - part
            yield np.stack(more)[:, :, inside]


def keeps(o: Floats, limits: dict[str, float]) -> NDArray[np.bool_]:
    """Return which outcomes, (3, 2, …), keep limits on the rows themselves."""
    passed, acted = o[0], o[2]
    kept = np.ones(o.shape[2:], np.bool_)
    decided = passed.sum(axis=0) + acted.sum(axis=0)
    positives, negatives = o[:, 1].sum(axis=0), o[:, 0].sum(axis=0)
    if "max_error" in limits:
        kept &= passed[1] + acted[0] <= limits["max_error"] * decided + NEAR
    if "min_precision" in limits:
        kept &= acted.sum(axis=0) > 0
        kept &= acted[1] >= limits["min_precision"] * acted.sum(axis=0) - NEAR
    if "min_recall" in limits:
        kept &= positives - passed[1] >= limits["min_recall"] * positives - NEAR
    if "max_fpr" in limits:
        kept &= acted[0] <= limits["max_fpr"] * negatives + NEAR
    return kept


def price(o: Floats, costs: Costs) -> Floats:
    """Return the cost of outcomes, (3, 2, …), each case by what is done with it."""
    review = 0.0 if costs.review is None else costs.review
    right: Floats = costs.tn * (o[0, 0] + o[1, 0]) + costs.tp * (o[1, 1] + o[2, 1])
    wrong: Floats = costs.fn * o[0, 1] + costs.fp * o[2, 0]
    total: Floats = right + wrong + review * o[1].sum(axis=0)
    return total


def cheapest(
    rows: Rows,
    costs: Costs,
    *,
    limits: dict[str, float] = NOTHING,
    capacity: float | None = None,
    reviews: bool = True,
    two_sided: bool = True,
) -> float:
    """Return the smallest cost of any band of scores; inf where none is allowed."""
    total = float(rows.w.sum())
    room = (np.inf if capacity is None else capacity * total) if reviews else 0.0
    split = reviews and capacity is not None and not limits
    best = np.inf
    for o in bands(rows, room, split=split, two_sided=two_sided):
        if not reviews:
            o = o[:, :, o[1].sum(axis=0) == 0]
        o = o[:, :, keeps(o, limits)]
        if o.shape[2]:
            best = min(best, float(price(o, costs).min()))
    return best

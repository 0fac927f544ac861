"""What is asked: costs, limits and capacity, and the policy that answers it on some rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.methods import BinaryFit
from calaudit.calibrators.platt import fit_platt
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import expit
from calaudit.thresholds.constraints import Constraints, Permitted, Unkept, permitted
from calaudit.thresholds.costs import ACT, PASS, REVIEW, Costs
from calaudit.thresholds.index import index_of
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.search import TOLERANCE, Ends, best_pair

Floats = NDArray[np.float64]


class Impossible(NotEnoughData):
    """No policy keeps the limits; the message says what is possible.

    Args:
        why: it.
        unkept: limits that none keeps by itself.
    """

    def __init__(self, why: str, unkept: tuple[Unkept, ...] = ()) -> None:
        super().__init__(why)
        self.unkept = unkept


NO_LIMITS = Constraints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A decision to be made.

    Attributes:
        costs: of the outcomes, or None where only limits are given.
        limits: that the policy must keep.
        capacity: largest share of the cases that can be reviewed; None for no limit.
        reviews: whether cases may be reviewed at all.
        two_sided: whether cases may be let pass; where they may not (a prediction is accepted or
            reviewed), the lower end of the band is below all scores.
        factors: what the weights of negatives and positives are multiplied by (prevalence).
        splits: whether a cell may be reviewed in part: it holds equal scores.
        maximize: index of `index_of` that is to be the largest, in place of costs; or None.
    """

    costs: Costs | None = None
    limits: Constraints = NO_LIMITS
    capacity: float | None = None
    reviews: bool = False
    two_sided: bool = True
    factors: tuple[float, float] = (1.0, 1.0)
    splits: bool = True
    maximize: str | None = None

    @property
    def by_calibration(self) -> bool:
        """Whether the rule for calibrated scores applies: costs, and no limits."""
        return self.costs is not None and not self.limits.given

    def permitted(self, ladder: Ladder) -> Permitted:
        """Return which rungs keep the limits on these rows, before ``factors``."""
        return permitted(ladder.scaled(self.factors), self.limits, two_sided=self.two_sided)

    def empirical(self, ladder: Ladder, allowed: Permitted | None = None) -> Policy:
        """Return the policy of the smallest cost on these rows, exactly.

        Without costs: that with the fewest reviews, and of these the fewest errors; without
        reviews, the most recall, or the fewest false alarms where a recall is demanded.

        Args:
            ladder: the rows, before ``factors``.
            allowed: what `permitted` returns for them, where that is known.

        Raises:
            Impossible: none keeps the limits.
        """
        allowed = self.permitted(ladder) if allowed is None else allowed
        ladder = ladder.scaled(self.factors)
        if self.maximize is not None:
            done = np.stack([ladder.below, np.zeros_like(ladder.below), ladder.above])
            best = int(index_of(self.maximize, done).argmax())
            return Policy(low=best, high=best)
        if allowed.possible:
            raise Impossible("; ".join(map(str, allowed.possible)), allowed.possible)
        recall = self.limits.min_recall is not None
        room, wanted = self._room(ladder), Costs(fp=0.0, fn=0.0, review=1.0)
        if self.costs is not None:
            wanted = self.costs
        elif not self.reviews:
            room, wanted = 0.0, Costs(fp=float(recall), fn=float(not recall))
        policy = self._best(ladder, allowed, wanted, room)
        if policy is None:
            raise Impossible(self._together(ladder, allowed))
        if self.costs is not None:
            return self._with_split(ladder, policy, self.costs)
        if not self.reviews:
            return policy
        room = float(ladder.reached[policy.high] - ladder.reached[policy.low])
        return self._best(ladder, allowed, Costs(fp=1.0, fn=1.0, review=0.0), room) or policy

    def _room(self, ladder: Ladder) -> float:
        return np.inf if self.capacity is None else self.capacity * ladder.total

    def _together(self, ladder: Ladder, allowed: Permitted) -> str:
        """Return what is possible where limits can be kept each, but not together."""
        if self.capacity is not None:
            free = replace(self, capacity=None, costs=None)
            policy = free._best(ladder, allowed, Costs(fp=0.0, fn=0.0, review=1.0), np.inf)
            if policy is not None:
                reviewed = float(ladder.reached[policy.high] - ladder.reached[policy.low])
                share = 100.0 * reviewed / ladder.total
                return (
                    f"the limits can be kept together by reviewing {share:.3g} % of the cases, and "
                    f"there is room for {100 * self.capacity:.3g} %"
                )
        parts = ["each limit can be kept, but no single cutoff keeps all of them"]
        low, high = np.flatnonzero(allowed.low), np.flatnonzero(allowed.high)
        if self.limits.confidence is not None:  # plain rates would not say what can be shown
            low = high = np.zeros(0, np.intp)
        if len(high) and self.limits.min_recall is not None:
            recall = float(ladder.above[1].take(high).max() / ladder.below[1, -1])
            parts.append(f"with the others kept the best recall is {recall:.4g}")
        if len(low) and self.limits.min_precision is not None:
            acted = ladder.above.sum(axis=0).take(low)
            held = acted > 0
            best = (ladder.above[1].take(low)[held] / acted[held]).max() if held.any() else 0.0
            parts.append(f"with the others kept the best precision is {float(best):.4g}")
        advice = "; a review of the cases between keeps both: give --max-review 100%, or fewer"
        return "; ".join(parts) + (advice if not self.reviews else "")

    def _best(self, ladder: Ladder, allowed: Permitted, costs: Costs, room: float) -> Policy | None:
        """Return the best pair of rungs that the limits and the capacity allow."""
        c = costs.table()
        below, above = ladder.below, ladder.above
        rungs = np.arange(len(ladder) + 1)
        if not self.reviews:
            slack = allowed.slack_low + allowed.slack_high
            kept = allowed.low & allowed.high & (slack <= TOLERANCE * ladder.total)
            if not self.two_sided:
                kept &= rungs == 0
            if not kept.any():
                return None
            cost = c[PASS] @ below + c[ACT] @ above
            best = int(rungs[kept][cost[kept].argmin()])
            return Policy(low=best, high=best)
        reviewed = c[REVIEW] @ below
        at_low = allowed.low if self.two_sided else allowed.low & (rungs == 0)
        low = Ends(rungs[at_low], (c[PASS] @ below - reviewed)[at_low],
                   allowed.slack_low[at_low], ladder.reached[at_low])  # fmt: skip
        high = Ends(rungs[allowed.high], (reviewed + c[ACT] @ above)[allowed.high],
                    allowed.slack_high[allowed.high], ladder.reached[allowed.high])  # fmt: skip
        pair = best_pair(low, high, room)
        return None if pair is None else Policy(low=pair[0], high=pair[1])

    def _with_split(self, ladder: Ladder, policy: Policy, costs: Costs) -> Policy:
        """Return the policy with the capacity used up by a part of a cell, where that pays.

        The best policy with a split cell is the best band that leaves no room for another whole
        cell, with the cell beside it split: every such band is tried.
        """
        if self.capacity is None or not self.reviews or self.limits.given or not self.splits:
            return policy
        room = self._room(ladder)
        c = costs.table()
        w = ladder.sample.w
        reached = ladder.reached
        weight = w.sum(axis=0)
        total = c[PASS] @ ladder.below, c[REVIEW] @ ladder.below, c[ACT] @ ladder.above
        found = [(self._cost(total, policy), policy)]
        slack = 1e-12 * float(reached[-1])
        lows = np.arange(len(ladder) + 1 if self.two_sided else 1)
        highs = np.searchsorted(reached, reached[lows] + room + slack, side="right") - 1
        highs = np.maximum(highs, lows)
        # Up to `highs` the band is full: what is left reviews a part of the next cell.
        found += self._beside(
            lows, highs, highs, (c[REVIEW] - c[ACT]) @ w, weight, room, ladder, total
        )
        if self.two_sided:
            highs = np.arange(len(ladder) + 1)
            lows = np.searchsorted(reached, reached[highs] - room - slack, side="left")
            lows = np.minimum(lows, highs)
            found += self._beside(
                lows, highs, lows - 1, (c[REVIEW] - c[PASS]) @ w, weight, room, ladder, total
            )
        return min(found, key=lambda pair: pair[0])[1]

    @staticmethod
    def _cost(total: tuple[Floats, Floats, Floats], policy: Policy) -> float:
        passed, reviewed, acted = total
        between = reviewed[policy.high] - reviewed[policy.low]
        return float(passed[policy.low] + between + acted[policy.high])

    @staticmethod
    def _beside(
        lows: NDArray[np.intp], highs: NDArray[np.intp], cells: NDArray[np.intp], gain: Floats,
        weight: Floats, room: float, ladder: Ladder, total: tuple[Floats, Floats, Floats],
    ) -> list[tuple[float, Policy]]:  # fmt: skip
        """Return the best band with a part of the cell beside it, and its cost."""
        inside = (cells >= 0) & (cells < len(ladder))
        lows, highs, cells = lows[inside], highs[inside], cells[inside]
        if not len(cells):
            return []
        left = room - (ladder.reached[highs] - ladder.reached[lows])
        share = np.clip(left / np.maximum(weight[cells], 1e-300), 0.0, 1.0)
        share = _whole(share, ladder.sample.counts.sum(axis=0)[cells])
        passed, reviewed, acted = total
        cost = passed[lows] + reviewed[highs] - reviewed[lows] + acted[highs] + share * gain[cells]
        best = int(cost.argmin())
        if not 0.0 < share[best] < 1.0 or gain[cells[best]] >= 0:
            return []
        policy = Policy(
            low=int(lows[best]), high=int(highs[best]), split=int(cells[best]),
            split_share=float(share[best]),
        )  # fmt: skip
        return [(float(cost[best]), policy)]

    def calibrated(self, ladder: Ladder, fit: BinaryFit = fit_platt) -> Policy:
        """Return the policy that is the cheapest if a calibrator of these rows is the truth.

        Args:
            ladder: the rows, before ``factors``.
            fit: of the calibrator.

        Raises:
            NotEnoughData: the rows have no such fit.
        """
        assert self.costs is not None
        none, one = self.factors
        logits = fit(ladder.sample).logits(ladder.sample.p, ladder.sample.z)
        ladder = ladder.scaled(self.factors)
        # The odds that a score stands for go with the share of positives. Rounding may turn two
        # neighbours around.
        p = np.maximum.accumulate(expit(logits + math.log(one / none)))
        first, second = self.aims()
        low = int(np.searchsorted(p, first)) if self.two_sided else 0
        policy = Policy(low=low, high=max(int(np.searchsorted(p, second)), low))
        room = self._room(ladder)
        reached = ladder.reached
        if not self.reviews or reached[policy.high] - reached[policy.low] <= room:
            return policy
        return self._until_full(ladder, p, policy, room)

    def aims(self, *, as_in_file: bool = False) -> tuple[float, float]:
        """Return the calibrated values from which to review, and from which to act.

        Args:
            as_in_file: whether scores are calibrated at the prevalence of the file, and not
                at that which is asked for.
        """
        assert self.costs is not None
        if not self.reviews:
            low, high = self.costs.cutoff, self.costs.cutoff
        elif self.two_sided:
            low, high = self.costs.band
        else:
            low, high = 0.0, 1.0 - (self.costs.review or 0.0) / self.costs.false_alarm
        none, one = self.factors
        if not as_in_file or none == one:
            return low, high
        # The odds of a score in the file are those asked for, times f₀/f₁.
        shifted = [p * none / (p * none + (1.0 - p) * one) for p in (low, high)]
        return shifted[0], shifted[1]

    def _until_full(self, ladder: Ladder, p: Floats, policy: Policy, room: float) -> Policy:
        """Return the band of the cases that a review saves most on, until no more fit."""
        assert self.costs is not None
        cells = np.arange(policy.low, policy.high)
        miss, alarm = self.costs.miss * p[cells], self.costs.false_alarm * (1.0 - p[cells])
        rises = (miss < alarm) & self.two_sided
        # Scores that differ in a last digit may save the same: the nearer to the middle first.
        order = cells[np.lexsort((np.where(rises, -cells, cells), -np.where(rises, miss, alarm)))]
        weight = ladder.sample.w.sum(axis=0)
        filled = np.cumsum(weight[order])
        taken = order[: int(np.searchsorted(filled, room * (1 + 1e-12), side="right"))]
        next_cell = int(order[len(taken)])
        left = room - float(weight[taken].sum())
        if len(taken):
            low, high = int(taken.min()), int(taken.max()) + 1
        else:  # not even one cell fits
            acts = p[next_cell] >= self.costs.cutoff or not self.two_sided
            low = high = next_cell if acts else next_cell + 1
        share = left / float(weight[next_cell])
        rows = ladder.sample.counts[:, next_cell].sum()
        share = float(_whole(np.array([share]), np.array([rows]))[0])
        if not self.splits or next_cell not in (low - 1, high) or not 0.0 < share < 1.0:
            return Policy(low=low, high=high)
        return Policy(low=low, high=high, split=next_cell, split_share=share)


def _whole(share: Floats, rows: NDArray[np.int64]) -> Floats:
    """Return shares of cells rounded down to whole rows: half a case is not reviewed."""
    whole: Floats = np.floor(share * rows + 1e-9) / np.maximum(rows, 1)
    return whole

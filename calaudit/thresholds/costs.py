"""What right and wrong decisions cost, and the cutoffs that follow for calibrated scores."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import SettingsError

PASS, REVIEW, ACT = 0, 1, 2
"""What is done with a case: let pass (a negative decision), shown to a person, acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Cost of each outcome, in any one unit; benefits are negative costs.

    Attributes:
        fp: of acting on a negative. fn: of letting a positive pass.
        tp, tn: of acting on a positive, of letting a negative pass.
        review: of one review, after which the decision is right; None where there is none.
    """

    fp: float
    fn: float
    review: float | None = None
    tp: float = 0.0
    tn: float = 0.0

    @property
    def false_alarm(self) -> float:
        """What a false alarm costs more than a negative that is let pass."""
        return self.fp - self.tn

    @property
    def miss(self) -> float:
        """What a missed positive costs more than one that is acted on."""
        return self.fn - self.tp

    @property
    def cutoff(self) -> float:
        """The probability from which acting is cheaper than letting pass (Elkan 2001)."""
        return self.false_alarm / (self.false_alarm + self.miss)

    @property
    def review_pays_below(self) -> float:
        """The cost of a review at which a review band appears (Chow 1970)."""
        return self.false_alarm * self.miss / (self.false_alarm + self.miss)

    @property
    def band(self) -> tuple[float, float]:
        """The probabilities from which a review, and from which acting, is the cheapest."""
        if self.review is None or self.review >= self.review_pays_below:
            return self.cutoff, self.cutoff
        return self.review / self.miss, 1.0 - self.review / self.false_alarm

    def table(self) -> NDArray[np.float64]:
        """Return (3, 2) the cost by what is done and label."""
        review = 0.0 if self.review is None else self.review
        right = np.array([self.tn, self.tp])
        return np.stack([[self.tn, self.fn], right + review, [self.fp, self.tp]])

    def with_ratio(self, factor: float) -> Costs:
        """Return the costs where a miss costs ``factor`` times as much more than being right."""
        return replace(self, fn=self.tp + factor * self.miss)

    def check(self, *, capacity: bool = False) -> Costs:
        """Return the costs, which make some cutoff sensible.

        Args:
            capacity: whether reviews are limited in number, so that they may be free.

        Raises:
            SettingsError: a cost is negative or not finite, all are 0, an error costs no more
                than being right, or a review always or never pays.
        """
        named = {"fp": self.fp, "fn": self.fn, "review": self.review}
        for name, cost in named.items():
            if cost is not None and not (math.isfinite(cost) and cost >= 0):
                raise SettingsError(
                    f"--cost-{name} is {cost:g}: a cost is 0 or more. What being right earns is "
                    "given by --benefit-tp and --benefit-tn"
                )
        if not all(map(math.isfinite, (self.tp, self.tn))):
            raise SettingsError("a benefit must be a finite number")
        if self.false_alarm <= 0 and self.miss <= 0:
            raise SettingsError(
                "errors cost nothing: give --cost-fp, what acting on a negative costs, and "
                "--cost-fn, what a missed positive costs"
            )
        if self.false_alarm <= 0:
            raise SettingsError(
                "a false alarm costs no more than a negative that is let pass, so that acting on "
                "everything is the best: no cutoff is needed. Give --cost-fp above 0"
            )
        if self.miss <= 0:
            raise SettingsError(
                "a missed positive costs no more than one that is acted on, so that letting "
                "everything pass is the best: no cutoff is needed. Give --cost-fn above 0"
            )
        if self.review == 0 and not capacity:
            raise SettingsError(
                "reviews that cost nothing are always the best: review everything, or say how "
                "many there can be with --max-review"
            )
        if self.review is not None and self.review >= self.review_pays_below:
            raise SettingsError(
                f"a review at {self.review:g} never pays where errors cost {self.false_alarm:g} "
                f"and {self.miss:g}: it pays below {self.review_pays_below:.4g}, "
                "cost-fp x cost-fn / (cost-fp + cost-fn). Leave --cost-review out, or lower it"
            )
        return self

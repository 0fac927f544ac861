"""Costs that make no cutoff sensible, and what is said of them."""

from __future__ import annotations

import pytest

from calaudit.errors import SettingsError
from calaudit.thresholds.costs import Costs


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        (Costs(fp=-1, fn=2), r"--cost-fp is -1: a cost is 0 or more.*--benefit-tp"),
        (Costs(fp=1, fn=float("nan")), r"--cost-fn is nan"),
        (Costs(fp=1, fn=2, review=float("inf")), r"--cost-review is inf"),
        (Costs(fp=1, fn=2, tp=float("-inf")), r"a benefit must be a finite number"),
        (Costs(fp=0, fn=0), r"errors cost nothing"),
        (Costs(fp=0, fn=3), r"acting on everything is the best"),
        (Costs(fp=3, fn=0), r"letting everything pass is the best"),
        (Costs(fp=1, fn=4, review=0), r"reviews that cost nothing"),
        (Costs(fp=1, fn=4, review=0.8), r"a review at 0.8 never pays .* it pays below 0.8"),
    ],
)
def test_refused(costs: Costs, message: str) -> None:
    """Each is a sentence that says which option to change."""
    with pytest.raises(SettingsError, match=message):
        costs.check()


def test_accepted() -> None:
    """A review that just pays, a free one where capacity is short, and a pure benefit are fine."""
    for costs, capacity in (
        (Costs(fp=1, fn=4, review=0.7999), False),
        (Costs(fp=1, fn=4, review=0), True),
        (Costs(fp=0, fn=0, tp=-3, tn=-1), False),
    ):
        assert costs.check(capacity=capacity) is costs


def test_what_is_refused_has_no_cutoff() -> None:
    """Just where a review is refused its band of calibrated scores is empty."""
    for fp, fn in ((1.0, 4.0), (7.0, 0.5), (1.0, 1.0)):
        limit = Costs(fp=fp, fn=fn).review_pays_below
        low, high = Costs(fp=fp, fn=fn, review=0.999 * limit).band
        assert low < high
        assert high - low < 0.01
        low, high = Costs(fp=fp, fn=fn, review=limit).band
        assert low == high == Costs(fp=fp, fn=fn).cutoff

"""Which option is recommended, and that the numbers shown are those of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

import calaudit
from tests.api.simulated import multiclass

N = 4000


def stepped(n: int = N, seed: int = 0) -> tuple[Any, Any]:
    """Return scores from 0 to 1 and labels, 2 % of them positive below 0.7, and 57 % above."""
    rng = np.random.default_rng([seed, n, 7])
    s = rng.random(n)
    return s, (rng.random(n) < np.where(s < 0.7, 0.02, 0.57)).astype(int)


def calibrated(n: int = N, seed: int = 0) -> tuple[Any, Any]:
    """Return calibrated scores around 7 %, and labels."""
    rng = np.random.default_rng([seed, n, 8])
    s = expit(rng.normal(-2.6, 1.3, n))
    return s, (rng.random(n) < s).astype(int)


def useless(n: int = N, seed: int = 0) -> tuple[Any, Any]:
    """Return scores that say nothing of the labels, one in ten of them positive."""
    rng = np.random.default_rng([seed, n, 9])
    return rng.random(n), (rng.random(n) < 0.1).astype(int)


ASKED: dict[str, dict[str, Any]] = {
    "one cutoff": {},
    "reviews": {"cost_review": 0.4},
    "capacity": {"max_review": "5%"},
    "prevalence": {"prevalence": 0.05},
    "current": {"current": 0.3},
}


@pytest.mark.parametrize("asked", list(ASKED))
@pytest.mark.parametrize("data", [stepped, calibrated, useless])
def test_no_option_is_clearly_cheaper(data: Any, asked: str) -> None:
    """Whatever is asked, no interval of a difference from the recommended option ends below 0."""
    s, y = data()
    report = calaudit.threshold(y, s, cost_fp=1, cost_fn=20, **ASKED[asked])
    ends = [option.excess.high for option in report.options[1:] if option.excess is not None]
    assert len(ends) >= 3
    assert min(end for end in ends if end is not None) >= 0


def test_a_step_is_found() -> None:
    """Where no line on the logits fits the scores, the cutoff is at the step all the same."""
    s, y = stepped()
    report = calaudit.threshold(y, s, cost_fp=1, cost_fn=20)
    assert report.recommended is not None
    assert report.recommended.act_from == pytest.approx(0.7, abs=0.03)


def test_scores_that_do_not_pay() -> None:
    """Where scores say nothing, one decision for all is recommended, that of the costs."""
    s, y = useless()
    for fn, name, cutoff in ((2, "act_on_none", None), (40, "act_on_all", 0.0)):
        report = calaudit.threshold(y, s, cost_fp=1, cost_fn=fn)
        assert report.recommended is not None
        costs = {option.name: option.cost.value for option in report.options if option.cost}
        assert costs["recommended"] == pytest.approx(costs[name], rel=0.03)
        if report.method == "the same for all":
            assert report.recommended.act_from == cutoff


def test_the_cutoff_in_use_stays_where_none_is_clearly_cheaper() -> None:
    """A cutoff of 0.05 for 1 : 20 stays as it was given; one of 0.5 goes."""
    s, y = calibrated()
    kept = calaudit.threshold(y, s, cost_fp=1, cost_fn=20, current=0.05)
    assert kept.method == "current cutoff"
    assert kept.recommended is not None
    assert (kept.recommended.act_from, kept.recommended.label) == (
        0.05, "the current cutoff, 0.05",
    )  # fmt: skip
    assert kept.sentence.startswith("Act on scores of 0.05 or more")
    assert "per 1,000 cases, as now. Of" in kept.sentence
    current = next(option for option in kept.options if option.name == "current")
    assert current.excess is not None
    assert current.excess.value == 0.0
    gone = calaudit.threshold(y, s, cost_fp=1, cost_fn=20, current=0.5)
    assert gone.method == "calibrated rule"
    assert "with the current cutoff, 0.5" in gone.sentence


def test_a_method_that_is_named_is_taken() -> None:
    """What --method names is recommended whatever it costs; a note tells of what is cheaper."""
    rng = np.random.default_rng(3)
    s = rng.random(300)
    y = (rng.random(300) < np.where(s < 0.9, 0.05, 0.95)).astype(int)
    for method, name in (("empirical", "empirical minimum"), ("calibrated", "calibrated rule")):
        report = calaudit.threshold(y, s, cost_fp=1, cost_fn=4, method=method)
        assert report.method == name


@pytest.mark.parametrize("review", [None, 0.4])
def test_cutoffs_have_the_digits_that_their_range_supports(review: float | None) -> None:
    """Three digits at most, inside the range; counts and rates are those of the printed cutoffs."""
    s, y = calibrated(12_000)
    report = calaudit.threshold(y, s, cost_fp=1, cost_fn=20, cost_review=review)
    ranges = {plateau.cutoff: plateau for plateau in report.plateaus}
    assert set(ranges) == ({"act_from", "review_from"} if review else {"act_from"})
    for option in report.options[:2]:
        cuts = {"act_from": option.act_from, "review_from": option.review_from}
        for name, plateau in ranges.items():
            cut = cuts[name]
            assert cut is not None
            assert len(repr(cut).lstrip("0.")) <= 3
            if option.name == "recommended":
                assert plateau.low is not None
                assert plateau.low <= cut <= (plateau.high or 1.0)
            for end in (plateau.low, plateau.high):
                assert end is None or len(repr(end).lstrip("0.")) <= 4
        assert option.act_from is not None
        acted = s >= option.act_from
        passed = s < (option.review_from if review else option.act_from)
        assert option.counts["tp"] == y[acted].sum()
        assert option.counts["fn"] == y[passed].sum()
        assert option.counts["tn"] == (1 - y[passed]).sum()


def test_cutoffs_of_a_compressed_table_divide_no_cell() -> None:
    """With more distinct scores than cells a rounded cutoff still has exactly the counts shown."""
    s, y = calibrated(400_000)
    report = calaudit.threshold(y, s, cost_fp=1, cost_fn=20)
    best = report.recommended
    assert best is not None
    assert best.act_from is not None
    assert best.act_from == pytest.approx(1 / 21, rel=0.1)
    assert best.counts["tp"] == y[s >= best.act_from].sum()
    assert best.counts["tn"] == (1 - y[s < best.act_from]).sum()
    assert len(repr(best.act_from)) <= 10  # an edge is a binary fraction


NAMES = ("cat", "dog", "fox")


def by_cost(probs: Any, cost: Any, codes: Any) -> dict[str, float]:
    """Return the cost per 1,000 cases of each rule."""
    rows = np.arange(len(codes))
    found = {
        "expected_cost": cost[codes, (probs @ cost).argmin(axis=1)],
        "argmax": cost[codes, probs.argmax(axis=1)],
    }
    single = int(cost[codes].sum(axis=0).argmin())
    found[f"always {(*NAMES, 'ask')[single]}"] = cost[codes, single]
    return {name: 1000 * float(paid[rows].mean()) for name, paid in found.items()}


@pytest.mark.parametrize(
    ("sharpness", "ask", "first"),
    [(1.0, 0.3, "expected_cost"), (0.02, 0.45, "argmax"), (8.0, 0.05, "always ask")],
)
def test_rule_of_a_cost_matrix(sharpness: float, ask: float, first: str) -> None:
    """Where probabilities are far off another rule is the cheapest, and recommended."""
    _, probs, codes = multiclass(3000, 3)
    stated = probs**sharpness / (probs**sharpness).sum(axis=1, keepdims=True)
    cost = np.hstack([1.0 - np.eye(3), np.full((3, 1), ask)])
    given = {
        truth: dict(zip((*NAMES, "ask"), map(float, row), strict=True))
        for truth, row in zip(NAMES, cost, strict=True)
    }
    labels = np.array(NAMES)[codes]
    report = calaudit.threshold(labels, stated, cost_matrix=given, classes=NAMES)
    assert report.matrix is not None
    costs = by_cost(stated, cost, codes)
    assert {rule.name: rule.cost.value for rule in report.matrix.rules} == pytest.approx(costs)
    assert report.matrix.rules[0].name == first
    assert costs[first] <= min(costs.values()) * 1.01
    words = {
        "expected_cost": "Deciding by the smallest expected cost costs",
        "argmax": "Deciding for the most probable class costs",
        "always ask": "Deciding with ask for every case costs",
    }
    assert report.sentence.startswith(words[first])
    held = report.matrix.rules[0].counts["cat"]
    assert sum(held.values()) == (codes == 0).sum()


def test_cutoffs_by_class_are_those_of_the_best_option() -> None:
    """A class that is hardly ever wrong is accepted whole, one that is a coin toss reviewed."""
    rng = np.random.default_rng(5)
    predicted = rng.integers(0, 2, 2000)
    confidence = rng.uniform(0.5, 0.99, 2000)
    right = rng.random(2000) < np.where(predicted == 0, 0.999, 0.5)
    probs = np.zeros((2000, 3))
    probs[np.arange(2000), predicted] = confidence
    probs[:, 2] = 1 - confidence
    truth = np.where(right, predicted, 2)
    report = calaudit.threshold(
        np.array(NAMES)[truth], probs, classes=NAMES, per_class=True, cost_error=10, cost_review=1
    )
    cutoffs = {each.name: each for each in report.by_class}
    assert cutoffs["cat"].rates["act_share"].value == 1.0
    assert cutoffs["dog"].rates["act_share"].value == 0.0

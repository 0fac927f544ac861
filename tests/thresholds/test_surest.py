"""The errors among the surest cases, against sums over rows and scipy's interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import calaudit
from calaudit import CheckReport, SettingsError
from calaudit.metrics.estimate import Estimate
from tests.api.simulated import binary, multiclass, top_label


def found(*data: Any, share: float, **more: Any) -> Estimate:
    """Return the errors of the surest share."""
    return calaudit.evaluate(*data, automated=share, **more).metrics["automated_error"]


def by_hand(sure: Any, wrong: Any, share: float) -> tuple[float, float, float]:
    """Return the part that is wrong of the surest rows, and its one-sided 95 % limits."""
    order = np.argsort(-sure, kind="stable")
    n = round(share * len(sure))
    k = int(wrong[order[:n]].sum())
    low = float(stats.beta.ppf(0.05, k, n - k + 1)) if k else 0.0
    return k / n, low, float(stats.beta.ppf(0.95, k + 1, n - k))


@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_against_sums_over_rows(share: float) -> None:
    """Of positives' scores, stated confidences and classes: the surest rows, from the top."""
    p, y = binary(2000, 1)
    one = found(y, p, share=share), by_hand(np.abs(p - 0.5), (p >= 0.5) != y, share)
    q, right = top_label(2000)
    frame = {"confidence": q, "correct": right}
    import pandas as pd

    two = found(pd.DataFrame(frame), share=share), by_hand(q, 1 - right, share)
    _, several, codes = multiclass(2000, 3)
    wrong = several.argmax(axis=1) != codes
    three = found(codes, several, share=share), by_hand(several.max(axis=1), wrong, share)
    for estimate, hand in (one, two, three):
        assert [estimate.value, estimate.low, estimate.high] == pytest.approx(hand, abs=1e-7)
        assert estimate.level == 0.9


def test_equally_sure_rows() -> None:
    """At the edge rows of one score count in part, whichever of them would be taken."""
    p = np.repeat([0.99, 0.9, 0.6], [300, 400, 300])
    y = np.ones(1000, int)
    y[300:340] = 0  # a tenth of the second block is wrong
    estimate = found(y, p, share=0.5)
    assert estimate.value == pytest.approx(0.1 * 200 / 500)
    mirrored = np.where(np.arange(1000) % 2, p, 1 - p)  # as sure of the other label
    swapped = np.where(np.arange(1000) % 2, y, 1 - y)
    assert found(swapped, mirrored, share=0.5).value == pytest.approx(estimate.value)


def test_weights() -> None:
    """A share is of the weight, and heavy rows are fewer than they seem."""
    p, y = binary(2000, 2)
    weight = np.where(np.arange(2000) % 2, 3.0, 1.0)
    estimate = found(y, p, share=0.6, sample_weight=weight)
    order = np.argsort(-np.abs(p - 0.5))
    inside = order[np.cumsum(weight[order]) <= 0.6 * weight.sum()]
    wrong = (p >= 0.5) != y
    assert estimate.value == pytest.approx(
        np.average(wrong[inside], weights=weight[inside]), abs=2e-3
    )
    assert estimate.low is not None
    assert estimate.low < found(y, p, share=0.6).low  # type: ignore[operator]


def check(n_wrong: int, rule: str = "0.02=0.6", **more: Any) -> CheckReport:
    """Return the verdict on 5,000 cases, with so many wrong of the surest 3,000."""
    p = np.linspace(0.999, 0.501, 5000)
    y = np.ones(5000, int)
    y[np.linspace(0, 2999, n_wrong).astype(int)] = 0
    y[3000::3] = 0
    return calaudit.check(y, p, min_automated=rule, **more)


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        # 3,000 at 2 % are 60: 95 % limits are at 47 and 74 (scipy.stats.binom).
        (47, "PASS", "60 % of the cases can do without a person at no more than 2 % errors."),
        (48, "INCONCLUSIVE", "Whether 60 % of the cases can do without a person at 2 % errors is"),
        (73, "INCONCLUSIVE", "Whether 60 % of the cases"),
        (74, "FAIL", "Without a person 60 % of the cases would have more than 2 % errors."),
    ],
)
def test_where_the_rule_turns(wrong: int, status: str, said: str) -> None:
    """It passes and fails where a binomial count of that risk would be so few, or many, in 5 %."""
    assert stats.binom.cdf(47, 3000, 0.02) < 0.05 < stats.binom.cdf(48, 3000, 0.02)
    assert stats.binom.sf(73, 3000, 0.02) < 0.05 < stats.binom.sf(72, 3000, 0.02)
    report = check(wrong)
    assert (report.status, said in report.sentence) == (status, True)
    assert report.results[0].rule == "--min-automated 0.02=0.6"
    assert "errors of the surest 60 %" in report.results[0].text


def test_power_is_far_better_than_of_a_cutoff_with_a_guarantee() -> None:
    """At a true 1.2 % of 3,000 cases it passes nearly always, and at 2 % in at most 5 %."""
    assert stats.binom.cdf(47, 3000, 0.012) > 0.9
    assert stats.binom.cdf(47, 3000, 0.02) <= 0.05


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("0.02", "is written RISK=SHARE"),
        ("=0.6", "is written RISK=SHARE"),
        ("0.02=", "is written RISK=SHARE"),
        ("2=60", "lie between 0 and 1"),
        ("0.02=1.5", "lie between 0 and 1"),
        ("0=0.6", "lie between 0 and 1"),
        ("nan=0.6", "lie between 0 and 1"),
        ("a=0.6", "'a' is not a number"),
        ("0.02=0.6@2", "the confidence is 0.5 to 0.999"),
    ],
)
def test_refused(rule: str, said: str) -> None:
    """What makes no sense is refused with how it is written."""
    with pytest.raises(SettingsError, match=said):
        check(0, rule)


def test_of_slices() -> None:
    """Each slice is judged at its own surest share."""
    import pandas as pd

    p, y = binary(4000, 4)
    frame = pd.DataFrame({"label": y, "score": p, "site": np.arange(4000) % 2})
    report = calaudit.check(frame, by="site", min_automated="0.3=0.5")
    values = {r.value: r.after for r in report.results}
    for site in ("0", "1"):
        part = frame[frame["site"] == int(site)]
        sure, wrong = np.abs(part["score"] - 0.5), (part["score"] >= 0.5) != part["label"]
        hand = by_hand(sure.to_numpy(), wrong.to_numpy(), 0.5)
        assert values[site] == pytest.approx(hand[0])

"""Which rules fail, pass and stay open, and what is said about each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calaudit.errors import InputError
from calaudit.gate.judging import Case, judge
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS
from tests.gate.figures import case, inverted, normal

ERROR = 0.01


def statuses(cases: list[Case]) -> list[str]:
    """Return the verdict on each case."""
    return [result.status for result in judge(cases)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.floats(0.005, 0.05), st.booleans()), min_size=1, max_size=12
    ),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_failures_are_those_of_holm(rules: list[tuple[float, float, bool]], level: float) -> None:
    """Slices fail where Holm's method on the p-values of a one-sided test rejects."""
    cases, p_values = [], []
    for i, (z, error, relative) in enumerate(rules):
        where: dict[str, Any] = {"column": "slice", "value": str(i), "confidence": level}
        value = 0.2 + z * error
        if relative:
            part = error / np.sqrt(2)
            cases.append(case(normal(0.5 + value, part), normal(0.5, part), limit=0.2, **where))
        else:
            cases.append(case(normal(value, error), limit=0.2, **where))
        p_values.append(stats.norm.sf(z))
    order = np.argsort(p_values)
    steps = np.minimum(np.maximum.accumulate(np.sort(p_values) * np.arange(len(rules), 0, -1)), 1)
    adjusted = steps[np.argsort(order)]
    rejected = adjusted <= 1 - level
    clear = np.abs(adjusted - (1 - level)) > 1e-6  # else rounding decides
    found = np.array([status == FAIL for status in statuses(cases)])
    assert (found == rejected)[clear].all()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0.2 + 1.645 * ERROR + 1e-5, FAIL),
        (0.2 + 1.645 * ERROR - 1e-5, INCONCLUSIVE),
        (0.2 - 1.645 * ERROR + 1e-5, INCONCLUSIVE),
        (0.2 - 1.645 * ERROR - 1e-5, PASS),
    ],
)
@pytest.mark.parametrize("confidence", [0.95])
def test_where_one_rule_turns(value: float, status: str, confidence: float) -> None:
    """A rule fails from 1.645 standard errors above its limit, and passes from as many below."""
    assert statuses([case(normal(value, ERROR), limit=0.2, confidence=confidence)]) == [status]


def test_steps_by_hand() -> None:
    """Of three slices the worst needs 2.13 standard errors, then the next 1.96, the last 1.64."""

    def three(*z: float) -> list[str]:
        return statuses(
            [
                case(normal(0.2 + x * ERROR, ERROR), limit=0.2, column="slice", value=str(x))
                for x in z
            ]
        )

    assert three(1.7, 2.0, 2.2) == [FAIL, FAIL, FAIL]
    assert three(1.6, 2.0, 2.2) == [INCONCLUSIVE, FAIL, FAIL]
    assert three(1.7, 1.9, 2.2) == [INCONCLUSIVE, INCONCLUSIVE, FAIL]
    assert three(1.7, 2.0, 2.1) == [INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE]


def test_no_rule_and_no_slice_hides_another() -> None:
    """Each rule on all rows, and the slices together, are judged as if there were nothing else."""
    broken = case(normal(0.2 + 1.7 * ERROR, ERROR), limit=0.2)
    slice_ = case(normal(0.2 + 2.0 * ERROR, ERROR), limit=0.2, column="slice", value="a")
    unclear = [case(normal(0.2, ERROR), limit=0.2, column="slice", value=str(i)) for i in range(20)]
    assert statuses([broken, case(normal(0.2, ERROR), limit=0.2)]) == [FAIL, INCONCLUSIVE]
    assert statuses([broken, *unclear])[0] == FAIL
    assert statuses([slice_, *unclear[:1], broken]) == [FAIL, INCONCLUSIVE, FAIL]  # 2.0 of 1.96
    assert statuses([slice_, *unclear[:9]])[0] == INCONCLUSIVE  # of ten the first needs 2.58


def test_the_same_predictions_are_no_change() -> None:
    """They have changed by 0, between 0 and 0, at any margin and from any number of rows."""
    bare = Estimate(value=0.5, reason="one row has no interval")
    for figure in (normal(0.5, 10.0), inverted(0.3, 0.0, 0.9), bare):
        found = judge([case(figure, figure, limit=0.0, unchanged=True, rows=1)])[0]
        assert (found.status, found.change, found.low, found.high) == (PASS, 0.0, 0.0, 0.0)
        assert "unchanged against a margin of 0" in found.text


def test_before_there_is_a_baseline() -> None:
    """What these rows can settle is said of another file like them that has not changed."""
    figure = normal(0.5, 0.01)
    found = judge([case(figure, figure, first=True, rows=1000)])[0]
    half = 1.6448536 * 0.01 * np.sqrt(2)
    assert (found.status, found.before, found.change) == (INCONCLUSIVE, None, None)
    assert found.resolvable == pytest.approx(0.01 + half)
    assert found.rows_needed == int(np.ceil(1000 * (half / 0.01) ** 2))
    assert found.text == (
        "INCONCLUSIVE log_loss 0.500: there is no baseline yet; with 1,000 rows the smallest "
        "change that can fail is about 0.033, and no change passes from about 5,500"
    )


def test_passing_is_not_shared() -> None:
    """A rule passes at its own confidence, however many others there are."""
    passing = case(normal(0.2 - 1.7 * ERROR, ERROR), limit=0.2)
    assert statuses([passing] * 20) == [PASS] * 20


def test_own_confidence() -> None:
    """A rule with a higher confidence fails later."""
    figure = normal(0.2 + 2 * ERROR, ERROR)
    assert statuses([case(figure, limit=0.2, confidence=0.95)]) == [FAIL]
    assert statuses([case(figure, limit=0.2, confidence=0.99)]) == [INCONCLUSIVE]


@pytest.mark.parametrize("relative", [True, False])
def test_where_more_is_better(relative: bool) -> None:
    """An accuracy that falls fails, one that rises passes; its interval keeps its order."""
    before = normal(0.9, ERROR) if relative else None
    kind, limit = ("max_decrease", 0.05) if relative else ("min", 0.85)
    low, high = (
        judge([case(normal(x, ERROR), before, kind=kind, metric="accuracy", limit=limit)])[0]
        for x in (0.8, 0.95)
    )
    assert (low.status, high.status) == (FAIL, PASS)
    for result in (low, high):
        assert result.change is not None
        assert result.low is not None
        assert result.high is not None
        assert result.low < result.change < result.high
    assert low.change == pytest.approx(0.1 if relative else 0.8)
    assert ("0.900 → 0.800, -0.100 [-0.123" in low.text) == relative
    assert ("0.800 [0.784" in low.text) == (not relative)


def test_matched_rows_decide_more() -> None:
    """What separate rows leave open, matched ones settle, either way."""
    before = normal(0.5, ERROR)
    for value, status in ((0.53, FAIL), (0.49, PASS)):
        after = normal(value, ERROR)
        assert statuses([case(after, before)]) == [INCONCLUSIVE]
        assert statuses([case(after, before, correlation=0.9)]) == [status]


def test_nothing_to_compare_with() -> None:
    """A case without a counterpart is inconclusive, says why, and takes no share of the error."""
    figure = normal(0.2 + 1.7 * ERROR, ERROR)
    gone = case(figure, limit=0.2, missing="it is not in the baseline", column="c", value="v")
    results = judge([gone, case(figure, limit=0.2)])
    assert [result.status for result in results] == [INCONCLUSIVE, FAIL]
    assert results[0].text == (
        "INCONCLUSIVE log_loss where c = v: not compared, it is not in the baseline"
    )
    assert (results[0].column, results[0].value, results[0].low) == ("c", "v", None)


def test_no_interval_is_refused() -> None:
    """A figure without an interval cannot be judged: the message says which, where and why."""
    bare = Estimate(value=0.3, reason="no interval without variation")
    with pytest.raises(InputError, match=r"log_loss of the new file .* \(no interval without"):
        judge([case(bare)])
    with pytest.raises(InputError, match="of the baseline where c = v has no interval"):
        judge([case(normal(0.3, ERROR), bare, column="c", value="v")])


def test_texts() -> None:
    """A line has the rule's figure before and after, the change, its bounds and the margin."""
    before, after = normal(0.031, 0.004), normal(0.058, 0.003)
    result = judge([case(after, before, metric="brier")])[0]
    # 0.027 ± 1.645 · 0.005
    assert result.text == (
        "FAIL brier 0.031 → 0.058, +0.027 [+0.019, +0.035] against a margin of 0.01"
    )
    absolute = judge([case(after, metric="brier", limit=0.1, column="site", value="north")])[0]
    assert absolute.text == "PASS brier where site = north 0.058 [0.053, 0.063] against at most 0.1"


def test_what_inconclusive_says() -> None:
    """The smallest change that can fail, and rows at which no change would have passed."""
    before, after = normal(0.5, 0.004), normal(0.505, 0.003)
    result = judge([case(after, before, rows=1000, rows_before=1000)])[0]
    half = 1.6448536 * 0.005
    assert result.status == INCONCLUSIVE
    assert result.resolvable == pytest.approx(0.01 + half, rel=1e-6)
    assert result.rows_needed == int(np.ceil(1000 * (half / 0.005) ** 2))  # to pass
    result = judge([case(after, before, limit=0.003, rows=1000, rows_before=1000)])[0]
    assert result.rows_needed == int(np.ceil(1000 * (half / 0.002) ** 2))  # to fail
    assert f"about {int(np.ceil(result.rows_needed / 100)) * 100:,} rows of each" in result.text


def test_resolvable_from_nothing() -> None:
    """A calibration error of 0 has no room below; what could be told from it is as far as above."""
    result = judge([case(inverted(0.0, 0.0, 0.013), inverted(0.0, 0.0, 1e-9), metric="ece")])[0]
    half = 1.2 * 0.013 * 1.6448536 / 1.959964
    assert result.low == pytest.approx(0.0, abs=1e-8)
    assert result.resolvable == pytest.approx(0.01 + half, rel=1e-6)


def test_rows_needed_of_unequal_files() -> None:
    """Each file's part shrinks with its own rows: both need as many as settle the sum."""
    before, after = normal(0.5, 0.002), normal(0.505, 0.006)
    result = judge([case(after, before, limit=0.004, rows=1000, rows_before=9000)])[0]
    n = result.rows_needed
    assert n is not None
    # Variances 0.002²·9000/n and 0.006²·1000/n: at n rows the lower bound is at the margin.
    half = 1.6448536 * np.sqrt(0.002**2 * 9000 / n + 0.006**2 * 1000 / n)
    assert half == pytest.approx(0.001, rel=1e-3)


def test_rows_needed_of_a_figure() -> None:
    """For a figure: rows at which its nearer bound would be at the limit."""
    result = judge([case(normal(0.195, ERROR), limit=0.2, rows=500)])[0]
    assert result.rows_needed == int(np.ceil(500 * (1.6448536 * ERROR / 0.005) ** 2))
    assert result.resolvable == pytest.approx(0.2 + 1.6448536 * ERROR)
    least = judge([case(normal(0.8, ERROR), kind="min", metric="auroc", limit=0.79)])[0]
    assert least.status == INCONCLUSIVE
    assert least.resolvable == pytest.approx(0.79 - 1.6448536 * ERROR)


def test_no_number_of_rows() -> None:
    """Where no number of rows would settle it, none is named."""
    result = judge([case(normal(0.2, ERROR), limit=0.2)])[0]
    assert (result.status, result.rows_needed) == (INCONCLUSIVE, None)
    assert "would settle" not in result.text
    result = judge([case(normal(0.5, ERROR), normal(0.5, ERROR), limit=0.0)])[0]
    assert (result.status, result.rows_needed) == (INCONCLUSIVE, None)


def test_equal_figures_of_matched_rows() -> None:
    """The same rows with the same scores have not changed, at any margin but 0."""
    figure = inverted(0.03, 0.02, 0.05)
    results = judge([case(figure, figure, metric="ece", limit=0.02, correlation=1.0)])
    assert results[0].status == PASS
    assert results[0].change == 0.0


def test_intervals_that_reach_zero() -> None:
    """A calibration error whose interval reaches 0 exceeds no limit, at any confidence."""
    figure = inverted(0.08, 0.0, 0.12)
    for confidence in (0.5, 0.8, 0.95, 0.999):
        cases = [
            case(figure, metric="ece", limit=0.001, confidence=confidence),
            case(figure, normal(0.0, 1e-9), metric="ece", limit=0.001, confidence=confidence),
        ]
        assert statuses(cases) == [INCONCLUSIVE] * 2
    assert judge([case(figure, metric="ece", limit=0.001)])[0].low == 0.0


@pytest.mark.parametrize("digits", [3, 4, 5, 6])
def test_figures_never_contradict_the_verdict(digits: int) -> None:
    """As many decimals are shown as tell a bound from the limit that it just passes."""
    half = 1.6448536 * ERROR
    near = 10.0**-digits
    result = judge([case(normal(0.2 + half + near, ERROR), limit=0.2)])[0]
    assert result.status == FAIL
    shown = float(result.text.split("[")[1].split(",")[0])
    assert shown > 0.2

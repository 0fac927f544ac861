"""Slices of a comparison: figures against raw rows, one error rate, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit import SettingsError
from tests.api.simulated import sigmoid

N = 900
RNG = np.random.default_rng(4)
Z = 1.5 * RNG.normal(size=N)
ROWS = pd.DataFrame(
    {
        "id": np.arange(N),
        "label": (RNG.random(N) < sigmoid(Z)).astype(int),
        "a": sigmoid(Z),
        "b": sigmoid(np.where(np.arange(N) % 3 == 0, 2.5, 1.0) * Z + 0.01),
        "region": np.where(np.arange(N) < 20, "few", np.array(["x", "y", "z"])[np.arange(N) % 3]),
        "age": RNG.integers(20, 80, N),
        "clinic": np.arange(N) // 30,
    }
)


def interval(differences: Any, level: float) -> tuple[float, float, float]:
    """Return mean and t interval, by scipy."""
    found = stats.ttest_1samp(differences, 0.0)
    ends = found.confidence_interval(level)
    return float(np.mean(differences)), ends.low, ends.high


def losses(frame: pd.DataFrame) -> Any:
    """Return the log loss of b less that of a, row by row."""
    each = [-np.log(np.where(frame["label"] == 1, frame[m], 1 - frame[m])) for m in "ab"]
    return each[1] - each[0]


def test_slices_are_those_of_raw_rows() -> None:
    """Paired t in each, intervals of three at once, Holm's p-values, too few rows unjudged."""
    report = calaudit.compare(ROWS, scores=["a", "b"], by="region")
    found = {s.value: s for s in report.slices}
    assert {v: s.rows for v, s in found.items()} == ROWS["region"].value_counts().to_dict()
    tests = {}
    for value in ("x", "y", "z"):
        d = losses(ROWS[ROWS["region"] == value])
        e = found[value].difference.estimate
        assert (e.value, e.low, e.high) == pytest.approx(interval(d, 1 - 0.05 / 3))
        tests[value] = stats.ttest_1samp(d, 0.0).pvalue
    few = found["few"].difference.estimate
    assert few.value == pytest.approx(losses(ROWS[ROWS["region"] == "few"]).mean())
    assert (few.low, few.p_value) == (None, None)
    order = sorted(tests, key=lambda v: tests[v])
    holm = np.maximum.accumulate([min((3 - i) * tests[v], 1.0) for i, v in enumerate(order)])
    assert [found[v].difference.estimate.p_value for v in order] == pytest.approx(holm)
    assert report.slices[0].value == "x"
    assert report.slices[-1].value == "few"
    assert "worse in 1 of 4 slices, most in region = x" in report.sentence


def test_a_column_of_the_baseline_alone_is_enough() -> None:
    """In two files, in any order, with several columns, cut; the other figures stay."""
    one, two = (ROWS.drop(columns=other).rename(columns={m: "score"}) for m, other in ("ab", "ba"))
    data = {"a": one, "b": two[["id", "label", "score"]].sample(frac=1, random_state=0)}
    plain = calaudit.compare(data, id="id")
    report = calaudit.compare(data, id="id", by=["region", "age:3"])
    assert report.differences == plain.differences
    assert {s.column for s in report.slices} == {"region", "age:3"}
    known = calaudit.compare(ROWS, scores=["a", "b"], by=["region", "age:3"])
    found, expected = (
        [(s.column, s.value, s.difference.estimate.low) for s in r.slices] for r in (report, known)
    )
    assert [f[:2] for f in found] == [e[:2] for e in expected]
    assert [f[2] for f in found if f[2]] == pytest.approx([e[2] for e in expected if e[2]])
    assert sum(s.rows for s in report.slices) == 2 * N


def test_groups_and_several_models() -> None:
    """Intervals are those of groups; every model has a difference in every slice."""
    more = ROWS.assign(c=ROWS["a"] ** 1.2)
    alone = calaudit.compare(more, scores=["a", "b", "c"], by="region")
    report = calaudit.compare(more, scores=["a", "b", "c"], by="region", group="clinic")
    assert {(s.value, s.difference.model) for s in report.slices} == {
        (v, m) for v in ("x", "y", "z", "few") for m in "bc"
    }
    for s in report.slices:
        same = next(
            r for r in alone.slices
            if (r.value, r.difference.model) == (s.value, s.difference.model)
        )  # fmt: skip
        assert s.difference.estimate.value == pytest.approx(same.difference.estimate.value)
        if s.value != "few":
            assert s.difference.estimate.method == "paired, cluster-robust (CR2)"


def test_slices_of_copies_are_of_accuracy() -> None:
    """With --perturbed the drop in accuracy is what leads."""
    one, two = (ROWS.drop(columns=other).rename(columns={m: "score"}) for m, other in ("ab", "ba"))
    report = calaudit.compare({"a": one, "b": two}, id="id", perturbed=True, by="region")
    assert {s.difference.metric for s in report.slices} == {"accuracy"}


def test_rows_of_their_own_have_no_common_slices() -> None:
    """Refused, with advice."""
    frames = {m: ROWS.rename(columns={m: "score"})[["score", "label", "region"]] for m in "ab"}
    with pytest.raises(SettingsError, match=r"slices are compared row by row.*--id"):
        calaudit.compare(frames, by="region")

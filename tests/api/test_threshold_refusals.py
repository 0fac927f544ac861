"""What ``threshold`` refuses, with a sentence that says what is wrong and what is possible."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

import calaudit
from calaudit import InputError, NotEnoughData, SettingsError
from tests.api.decided import calibrated
from tests.api.simulated import multiclass, top_label

scores, labels = calibrated(400, 0)
scores = np.round(scores, 2)
BOTH: dict[str, Any] = {"cost_fp": 1, "cost_fn": 20}

SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({}, r"say what makes a cutoff good.*--cost-fp 1 --cost-fn 20.*--min-precision"),
    ({"cost_fp": -1, "cost_fn": 20}, r"--cost-fp is -1: costs and benefits are 0 or more"),
    ({**BOTH, "cost_review": -0.5}, r"--cost-review is -0.5: costs and benefits are 0 or more"),
    ({**BOTH, "benefit_tp": -3}, r"--benefit-tp is -3: costs and benefits are 0 or more"),
    ({"cost_fp": float("nan"), "cost_fn": 1}, r"--cost-fp is nan"),
    ({"cost_fp": 1, "cost_fn": float("inf")}, r"--cost-fn is inf"),
    ({"cost_fp": 0, "cost_fn": 0}, r"errors cost nothing: give --cost-fp.*--cost-fn"),
    ({"cost_fp": 0, "cost_fn": 5}, r"acting on everything is the best: no cutoff is needed"),
    ({"cost_fp": 5, "cost_fn": 0}, r"letting everything pass is the best: no cutoff is needed"),
    ({"cost_fp": 1}, r"give --cost-fn as well"),
    ({"cost_fn": 1}, r"give --cost-fp as well"),
    ({"cost_review": 1}, r"--cost-review needs the cost of errors beside it"),
    ({**BOTH, "cost_review": 0}, r"reviews that cost nothing.*--max-review"),
    # 1 · 20/21 = 0.952
    ({**BOTH, "cost_review": 0.96}, r"a review at 0\.96 never pays.*below 0\.9524.*lower it"),
    ({**BOTH, "cost_error": 3}, r"--cost-error is for predictions that are right or wrong"),
    ({**BOTH, "max_review": 0}, r"--max-review is a number of cases, 1 or more"),
    ({**BOTH, "max_review": 0.05}, r"5 % of the cases is written 5%"),
    ({**BOTH, "max_review": "0%"}, r"--max-review is above 0 %"),
    ({**BOTH, "max_review": "101%"}, r"--max-review is above 0 % and up to 100 %"),
    ({**BOTH, "max_review": "some"}, r"--max-review is a number or a percentage, not 'some'"),
    ({**BOTH, "max_review": 400}, r"--max-review 400 is no limit: there are 400 rows.*--per-day"),
    ({**BOTH, "max_review": 90, "per_day": 80}, r"there are 80 a day \(--per-day\)"),
    ({**BOTH, "per_day": 0}, r"--per-day is the number of cases a day, above 0"),
    ({**BOTH, "prevalence": 0}, r"--prevalence is a share above 0 and below 1"),
    ({**BOTH, "prevalence": "100%"}, r"--prevalence is a share above 0 and below 1"),
    ({**BOTH, "prevalence": "no-such.csv"}, r"there is no file 'no-such.csv'"),
    ({**BOTH, "current": float("nan")}, r"--current is the cutoff in use"),
    ({**BOTH, "method": "best"}, r"method must be one of auto, calibrated, empirical"),
    ({"min_precision": 1.5}, r"--min-precision is a rate above 0 and below 1, not 1.5"),
    ({"min_recall": 90}, r"--min-recall is a rate .* not 90; 90 % is written 90%, or 0.9$"),
    ({"max_error": "200%"}, r"--max-error is a rate above 0 and below 1, not 200%$"),
    ({"max_fpr": "few"}, r"--max-fpr is a number or a percentage, not 'few'"),
    (
        {"max_error": 0.1, "guarantee": 95},
        r"--guarantee is .* not 95; 95 % is written 95%, or 0.95",
    ),
    ({**BOTH, "prevalence": 2}, r"--prevalence is a share .* not 2; 2 % is written 2%, or 0.02"),
    ({"max_error": 0}, r"--max-error is a rate above 0 and below 1, not 0"),
    ({"max_error": 0.1, "guarantee": 1.0}, r"--guarantee is 0.5 to 0.9999, or none"),
    (
        {"max_error": 0.1, "guarantee": "very"},
        r"--guarantee is a number or a percentage, not .very.",
    ),
    ({**BOTH, "level": 0.2}, r"level"),
    ({**BOTH, "per_class": True}, r"--per-class is for multiclass predictions; these are binary"),
    ({"cost_matrix": {}}, r"a cost matrix is for class probabilities; these are binary"),
]


@pytest.mark.parametrize(("asked", "message"), SETTINGS)
def test_settings(asked: dict[str, Any], message: str) -> None:
    """What is asked is wrong by itself, or for these rows: exit code 2."""
    with pytest.raises(SettingsError, match=message):
        calaudit.threshold(labels, scores, **asked)


CONFIDENT: list[tuple[dict[str, Any], str]] = [
    ({}, r"--cost-error 10 --cost-review 1, or a limit: --max-error 0.02"),
    ({"cost_fp": 1, "cost_fn": 2}, r"--cost-fn is for binary scores.*--cost-error and --cost-rev"),
    ({"cost_error": 0, "cost_review": 1}, r"an error must cost something"),
    ({"cost_error": 5}, r"give --cost-review as well"),
    ({"cost_error": 5, "cost_review": 0}, r"always the best.*--max-review"),
    ({"cost_error": 5, "cost_review": 5}, r"never pays where an error costs 5: accept everything"),
    ({"min_recall": 0.9}, r"--min-recall is for binary scores.*--max-error"),
    ({"max_error": 0.1, "prevalence": 0.1}, r"--prevalence is the share of positives"),
]


@pytest.mark.parametrize(("asked", "message"), CONFIDENT)
def test_settings_of_confidences(asked: dict[str, Any], message: str) -> None:
    """Confidences have an error and a review to weigh, and nothing else."""
    confidence, right = top_label(300)
    with pytest.raises(SettingsError, match=message):
        calaudit.threshold(right, confidence, task="top-label", **asked)


@pytest.mark.parametrize(
    ("label", "message"),
    [(0, r"every row is negative: without a positive one"),
     (1, r"every row is positive: without a negative one")],
)  # fmt: skip
def test_one_label(label: int, message: str) -> None:
    """Rows of one label allow no judgement, and the message says where to look."""
    with pytest.raises(NotEnoughData, match=message + r".*--positive"):
        calaudit.threshold(np.full(50, label), np.linspace(0.1, 0.9, 50), **BOTH)


def test_constant_scores() -> None:
    """With one score there is no cutoff; what can be done with all costs so much."""
    y = np.repeat([0, 1], [30, 10])
    with pytest.raises(NotEnoughData) as caught:
        calaudit.threshold(y, np.full(40, 0.3), cost_fp=2, cost_fn=4, cost_review=1, benefit_tp=1)
    # Per 1,000: 750 false alarms at 2 less 250 benefits; 250 misses at 4; 1,000 reviews less 250.
    assert str(caught.value) == (
        "all scores are 0.3: no cutoff tells cases apart. Per 1,000 cases, acting on all costs "
        "1250, letting all pass costs 1000, reviewing all costs 750"
    )


def test_precision_out_of_reach() -> None:
    """The best precision that any cutoff reaches is said, and it is right."""
    y = labels.copy()
    y[scores > 0.9] = 0
    best = max(y[scores >= t].mean() for t in np.unique(scores))
    with pytest.raises(NotEnoughData) as caught:
        calaudit.threshold(y, scores, min_precision=0.99, guarantee=None)
    said = re.search(r"the best precision that any cutoff reaches is ([\d.]+)", str(caught.value))
    assert said is not None
    assert float(said.group(1)) == pytest.approx(best, abs=5e-5)


def test_limits_that_exclude_each_other() -> None:
    """Of two limits the message says what each allows of the other, and that a review helps."""
    with pytest.raises(NotEnoughData) as caught:
        calaudit.threshold(labels, scores, min_precision=0.9, min_recall=0.9, guarantee=None)
    cuts = np.append(np.unique(scores), 2.0)
    recall = max(
        labels[scores >= t].sum() / labels.sum()
        for t in cuts[:-1]
        if labels[scores >= t].mean() >= 0.9
    )
    precision = max(
        labels[scores >= t].mean()
        for t in cuts[:-1]
        if labels[scores >= t].sum() >= 0.9 * labels.sum()
    )
    said = [float(x) for x in re.findall(r"is (0\.\d+)", str(caught.value))]
    assert said == pytest.approx([recall, precision], abs=5e-5)
    assert "give --max-review" in str(caught.value)


def test_too_few_reviewers() -> None:
    """Where the reviewers have no room the message says how much it would take."""
    needed = min(
        ((scores >= a) & (scores < b)).mean()
        for a in np.append(np.unique(scores), 2)
        for b in np.append(np.unique(scores), 2)
        if b >= a
        and (scores >= b).any()
        and labels[scores >= b].mean() >= 0.9
        and labels[scores >= a].sum() >= 0.95 * labels.sum()
    )
    with pytest.raises(NotEnoughData) as caught:
        calaudit.threshold(
            labels, scores, min_precision=0.9, min_recall=0.95, guarantee=None, max_review="2%"
        )
    said = re.search(r"by reviewing ([\d.]+) % .* room for 2 %", str(caught.value))
    assert said is not None
    assert float(said.group(1)) == pytest.approx(100 * needed, rel=5e-3)


def test_guarantee_out_of_reach() -> None:
    """A limit that so few rows cannot show says how many it takes: ln 0.05/ln 0.99 = 298.07."""
    confidence, right = top_label(200)
    with pytest.raises(NotEnoughData, match=r"at least 299 .*, none of them wrong; there are 200"):
        calaudit.threshold(right, confidence, task="top-label", max_error=0.01)
    with pytest.raises(NotEnoughData) as caught:
        calaudit.threshold(1 - right, confidence, task="top-label", max_error=0.1)
    said = re.search(
        r"of the (\d+) .* (\d+) are wrong, .* rate could be ([\d.]+)\.", str(caught.value)
    )
    assert said is not None
    n = int(said.group(1))
    wrong = int(right[np.argsort(-confidence)[:n]].sum())
    assert wrong == int(said.group(2))
    # Starts at 30, 35, …, 100 % of the rows have a twentieth of the chance of error each, and what
    # is left, five twentieths, is that of a start at half of them.
    assert n in range(60, 201, 10)
    part = 0.05 / 20 * (6 if n == 100 else 1)
    bound = 1.0 if wrong == n else float(stats.beta.ppf(1 - part, wrong + 1, n - wrong))
    assert float(said.group(3)) == pytest.approx(bound, rel=5e-3)


def test_weighted_guarantee() -> None:
    """Weights, and a prevalence that is not that of the rows, allow no guarantee."""
    w = np.linspace(0.5, 2, 400)
    for more in ({"sample_weight": w}, {"prevalence": 0.1}):
        with pytest.raises(NotEnoughData, match=r"rests on counts of rows.*--guarantee none"):
            calaudit.threshold(labels, scores, max_error=0.3, **more)


def test_matrix_with_costs() -> None:
    """A cost matrix says all costs there are."""
    _, probs, codes = multiclass(50, 3)
    matrix = {str(k): {str(d): abs(k - d) for d in range(3)} for k in range(3)}
    with pytest.raises(SettingsError, match=r"--cost-error and --cost-matrix do not go together"):
        calaudit.threshold(codes, probs, cost_matrix=matrix, cost_error=1)
    with pytest.raises(SettingsError, match=r"--max-error and --cost-matrix do not go together"):
        calaudit.threshold(codes, probs, cost_matrix=matrix, max_error=0.1)


def test_prevalence_of_a_file(tmp_path: Path) -> None:
    """Prevalence is estimated on scores of the same kind, and for labels that came from a file."""
    rows, other = tmp_path / "rows.parquet", tmp_path / "other.parquet"
    pq.write_table(pa.table({"score": scores, "label": labels}), rows)
    pq.write_table(pa.table({"confidence": scores}), other)
    with pytest.raises(SettingsError, match=r"with arrays give a number"):
        calaudit.threshold(labels, scores, **BOTH, prevalence=str(rows))
    with pytest.raises(InputError, match=r"score"):
        calaudit.threshold(rows, **BOTH, prevalence=str(other))
    pq.write_table(pa.table({"score": np.full(100, 0.001)}), other)
    with pytest.raises(InputError, match=r"share of positives of 0, which leaves nothing to dec"):
        calaudit.threshold(rows, **BOTH, prevalence=str(other))


def test_empty_file(tmp_path: Path) -> None:
    """A file without rows is refused."""
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"score": scores[:0], "label": labels[:0]}), path)
    with pytest.raises(InputError, match=r"no rows"):
        calaudit.threshold(path, **BOTH)


def test_one_row_outweighs_all_others() -> None:
    """Beside a weight of 1e17 those of the other label vanish: there is no base rate to change."""
    y, p = np.array([0, 1, 0, 1, 0, 1, 1]), np.linspace(0.1, 0.9, 7)
    weight = np.array([1.0] * 6 + [1e17])
    found = calaudit.threshold(y, p, sample_weight=weight, cost_fp=1, cost_fn=5)
    assert not [s for s in found.sensitivity if s.change.startswith("prevalence")]
    with pytest.raises(NotEnoughData, match="no base rate to go by"):
        calaudit.threshold(y, p, sample_weight=weight, cost_fp=1, cost_fn=5, prevalence=0.2)

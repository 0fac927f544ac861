"""A judge beside people: against scikit-learn, the formula on raw rows, and simulated coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

import calaudit
from calaudit.errors import InputError, SettingsError
from calaudit.metrics.judges import judge_figures
from calaudit.tables.cells import Cells


def cells_of_rows(scores, labels):
    """Return cells with one score each."""
    found, at = np.unique(scores, return_inverse=True)
    counts = np.stack([np.bincount(at, labels == k, len(found)) for k in (0, 1)])
    w, tail = counts.astype(float), np.minimum(found, 1 - found)
    return Cells(
        np.arange(len(found)), found, np.stack([tail, tail]), found > 0.5, w, w,
        counts.astype(np.int64), np.zeros(len(found)), True,
    )  # fmt: skip


def sums(scores):
    """Return what is known of the rows that people did not see."""
    return np.array([len(scores), scores.sum(), scores @ scores, (scores >= 0.5).sum()])


def rows(rng, n, *, rate=0.6, hits=0.9, passes=0.3, soft=False):
    """Return what people and a judge say of n rows."""
    labels = (rng.random(n) < rate).astype(int)
    verdict = rng.random(n) < np.where(labels == 1, hits, passes)
    soften = np.where(verdict, rng.uniform(0.5, 1, n), rng.uniform(0, 0.49, n))
    return (soften if soft else verdict.astype(float)), labels


@pytest.mark.parametrize("soft", [False, True])
def test_figures_are_those_of_raw_rows(soft):
    """Kappa is scikit-learn's; the rate is the prediction-powered one of arrays."""
    rng = np.random.default_rng(5)
    f, y = rows(rng, 900, soft=soft)
    n, others = 200, f[200:]
    found = judge_figures(cells_of_rows(f[:n], y[:n]), sums(others), level=0.95)
    assert (found.rows, found.labelled) == (900, 200)
    assert found.passes == pytest.approx((f >= 0.5).mean(), abs=1e-12)
    assert found.kappa.value == pytest.approx(
        cohen_kappa_score(y[:n], (f[:n] >= 0.5).astype(int)), abs=1e-12
    )
    spread = (n * f[:n].var(ddof=1) + 700 * others.var(ddof=1)) / 900
    slope = np.cov(f[:n], y[:n])[0, 1] / ((1 + n / 700) * spread)
    rate = y[:n].mean() + slope * (others.mean() - f[:n].mean())
    half = 1.959963984540054 * np.sqrt(
        np.var(y[:n] - slope * f[:n], ddof=1) / n + slope**2 * others.var(ddof=1) / 700
    )
    assert found.rate.value == pytest.approx(rate, abs=1e-12)
    ends = (found.rate.low or 0.0, found.rate.high or 0.0)
    assert (ends[1] - ends[0]) / 2 == pytest.approx(half, abs=1e-9)


def test_without_other_rows_the_rate_is_that_of_people():
    """There is nothing to move it."""
    f, y = rows(np.random.default_rng(6), 100)
    found = judge_figures(cells_of_rows(f, y), [0.0] * 4, level=0.95)
    assert found.rate.value == pytest.approx(y.mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("n", "others", "rate", "hits", "passes", "soft"),
    [
        (40, 1000, 0.6, 0.9, 0.2, False),
        (100, 2000, 0.9, 0.99, 0.05, False),
        (60, 3000, 0.95, 0.98, 0.1, False),
        (100, 2000, 0.6, 0.9, 0.2, True),
        (300, 5000, 0.7, 0.8, 0.3, False),
    ],
)
def test_intervals_hold_what_they_promise(n, others, rate, hits, passes, soft):
    """Of the rate and of kappa, also where there is hardly an error to be seen."""
    rng, held = np.random.default_rng(7), np.zeros(2)
    passed = rate * hits + (1 - rate) * passes
    chance = rate * passed + (1 - rate) * (1 - passed)
    kappa = (rate * hits + (1 - rate) * (1 - passes) - chance) / (1 - chance)
    for _ in range(400):
        f, y = rows(rng, n + others, rate=rate, hits=hits, passes=passes, soft=soft)
        found = judge_figures(cells_of_rows(f[:n], y[:n]), sums(f[n:]), level=0.95)
        assert found.rate.low is not None
        assert found.rate.high is not None
        held[0] += found.rate.low <= rate <= found.rate.high
        if found.kappa.low is not None and found.kappa.high is not None:
            held[1] += found.kappa.low <= kappa <= found.kappa.high
        else:  # there was one verdict only, and nothing is said
            held[1] += 1
    assert (held >= 0.925 * 400).all()


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Return a file with verdicts in words, of which people looked at one in ten."""
    rng = np.random.default_rng(8)
    f, y = rows(rng, 2000)
    seen = rng.random(2000) < 0.1
    path = tmp_path_factory.mktemp("judged") / "judged.csv"
    lines = [
        f"{'pass' if a else 'fail'},{3 * a + 1:g},{('fail', 'pass')[b] if s else ''}"
        for a, b, s in zip(f, y, seen, strict=True)
    ]
    path.write_text("verdict,rating,human\n" + "\n".join(lines) + "\n")
    return path, f, y, seen


def test_a_judge_is_audited_where_people_judged_too(judged):
    """And rows without a person's verdict count for the rate."""
    path, f, y, seen = judged
    report = calaudit.evaluate(path, judge="verdict", label="human", positive="pass")
    (note,) = [each for each in report.notes if each.code == "judge-corrected"]
    hand = judge_figures(cells_of_rows(f[seen], y[seen]), sums(f[~seen]), level=0.95)
    assert report.rows == note.figures["labelled"] == seen.sum()
    assert note.figures["rows"] == 2000
    assert note.figures["agreement"] == pytest.approx(float(np.mean(f[seen] == y[seen]) * 100))
    for name, value in (
        ("rate", hand.rate.value),
        ("low", hand.rate.low),
        ("high", hand.rate.high),
    ):
        assert note.figures[name] == pytest.approx(100 * (value or 0.0), abs=1e-9)
    assert "The judge passes" in report.verdict.sentence
    assert "rows-dropped" not in {each.code for each in report.notes}
    rated = calaudit.evaluate(path, judge="scale(rating,1,4)", label="human", positive="pass")
    assert rated.table == report.table


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({}, InputError, "say which one passes, as in --positive pass"),
        ({"score": "rating"}, SettingsError, "--judge names the score"),
        ({"positive": "pass", "group": "rating"}, SettingsError, "leave --group out"),
    ],
)
def test_what_a_judge_cannot_be_is_refused(judged, options, error, told):
    """With what to do."""
    with pytest.raises(error, match=told):
        calaudit.evaluate(judged[0], judge="verdict", label="human", **options)


@pytest.fixture
def written(judged, tmp_path):
    """Write the verdicts in other words, with a column that could be a weight."""
    _, f, y, seen = judged

    def write(words, *, blank=False):
        lines = [
            f"{'' if blank and i % 50 == 0 else words[int(a) * 2 + i % 2]},"
            f"{('fail', 'pass')[b] if s else ''},{1 + i % 3}"
            for i, (a, b, s) in enumerate(zip(f, y, seen, strict=True))
        ]
        path = tmp_path / "words.csv"
        path.write_text("verdict,human,weight\n" + "\n".join(lines) + "\n")
        return path

    return write


@pytest.mark.parametrize("words", [("no", "No", "yes", "YES "), ("fail", "FAIL", "pass", "Pass")])
def test_a_judge_may_have_words_of_its_own(judged, written, words):
    """In any case, and without a weight that nobody named."""
    how: Any = {"judge": "verdict", "label": "human", "positive": "pass"}
    expected = calaudit.evaluate(judged[0], **how)
    assert calaudit.evaluate(written(words), **how).table == expected.table


def test_what_three_verdicts_are_worth_is_said(written):
    """The advice works."""
    path = written(("fail", "unsure", "pass", "pass"))
    how: Any = {"label": "human", "positive": "pass"}
    with pytest.raises(InputError, match="--judge 'words") as refused:
        calaudit.evaluate(path, judge="verdict", **how)
    advice = str(refused.value).split("--judge '")[1].split("'")[0]
    assert calaudit.evaluate(path, judge=advice, **how).intake.rows_read == 2000


def test_only_verdicts_that_are_missing_are_invalid(judged, written):
    """That people did not look at all rows is what a judge is for."""
    path = written(("fail", "fail", "pass", "pass"), blank=True)
    with pytest.raises(InputError, match="40 of 2,000 rows are invalid") as refused:
        calaudit.evaluate(path, judge="verdict", label="human", positive="pass")
    assert "label" not in str(refused.value)


def test_ratings_are_no_probabilities_until_they_are_mapped(judged):
    """The refusal says how to."""
    with pytest.raises(InputError, match=r"--out-of 10; of ratings from 1 on --score 'scale\(ra"):
        calaudit.evaluate(judged[0], judge="rating", label="human", positive="pass")

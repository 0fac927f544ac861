"""Labels that are the model's own decisions, and scores that rank backwards."""

from __future__ import annotations

import numpy as np
import pytest

from calaudit.metrics.discrimination import auroc
from calaudit.metrics.labelling import LABELS_FOLLOW, RANKS_BACKWARDS, label_findings
from tests.golden.cases import ABSENT, binary, golden
from tests.metrics.tables import cells_of


def scores(n: int = 400, seed: int = 0) -> np.ndarray:
    """Return scores of a model that is never quite sure."""
    return 1 / (1 + np.exp(-np.random.default_rng(seed).normal(0, 1.5, n)))


def codes(p: np.ndarray, y: np.ndarray, task: str = "binary") -> list[str]:
    """Return the codes of what is found."""
    cells = cells_of(p, y.astype(int))
    return [each.code for each in label_findings(cells, auroc(cells, level=0.95), task=task)]


def text(p: np.ndarray, y: np.ndarray, task: str = "binary", **more: tuple[str, ...]) -> str:
    """Return the one text of what is found."""
    cells = cells_of(p, y.astype(int))
    (found,) = label_findings(cells, auroc(cells, level=0.95), task=task, **more)
    return found.text


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.85])
@pytest.mark.parametrize("other", [False, True])
def test_labels_that_follow_from_a_cutoff(cut: float, other: bool) -> None:
    """Any cutoff is found, in either direction, and named by the first score that it takes."""
    p = scores()
    y = (p < cut) if other else (p >= cut)
    assert codes(p, y) == [LABELS_FOLLOW]
    found = text(p, y)
    assert found.startswith("Every label follows from a cutoff of the score: is the label column ")
    first = p[y].max() if other else p[y].min()
    assert f"It is 1 at {first:.6g} {'or less' if other else 'or more'} and nowhere else" in found
    expected = np.where(y, 1 - p, p).sum()
    assert f"about {expected:,.0f} of the 400 would be otherwise" in found


def test_scores_that_are_the_labels() -> None:
    """A copy of the labels is told of; with a row that differs, or few rows, it may be a model."""
    y = np.arange(60) % 3 == 0
    assert codes(y.astype(float), y) == [LABELS_FOLLOW]
    assert text(y.astype(float), y).endswith("is the score column a copy of the labels?")
    assert codes(np.where(np.arange(60) == 7, 1.0 - y, y), y) == []
    assert codes(y[:12].astype(float), y[:12]) == []


def test_one_row_that_differs_is_no_decision() -> None:
    """A label on the other side of the cutoff makes an outcome of them, however good the model."""
    p = scores()
    y = p >= 0.5
    y[np.argmax(p)] = False
    assert codes(p, y) == []


@pytest.mark.parametrize("task", ["top-label", "multiclass"])
def test_predictions_that_are_all_right(task: str) -> None:
    """Confidences that expect errors, of which there is none."""
    p = 0.5 + 0.5 * scores()
    assert codes(p, np.ones(400), task) == [LABELS_FOLLOW]
    found = text(p, np.ones(400), task)
    assert found.startswith("Every prediction is right: is the label column the prediction? ")
    assert f"about {(1 - p).sum():,.0f} of the 400 would be wrong" in found


def test_what_the_scores_promise_is_no_finding() -> None:
    """A model that is sure and right, and a few rows, can be so by chance."""
    sure = np.full(1000, 1 - 1e-6)
    assert codes(sure, np.ones(1000), "top-label") == []
    assert codes(np.r_[1 - sure, sure], np.r_[np.zeros(1000), np.ones(1000)]) == []
    assert codes(scores(9), scores(9) >= 0.5) == []
    assert codes(np.full(8, 0.9), np.ones(8), "top-label") == []


def test_calibrated_rows_are_called_so_less_than_once_in_a_thousand() -> None:
    """By the scores' own word, in any number of rows."""
    rng = np.random.default_rng(1)
    calls = 0
    for n in np.repeat([12, 15, 20, 30], 1000):
        p = rng.beta(0.2, 0.2, n)  # sharp: separated by chance the most often
        calls += bool(codes(p, rng.random(n) < p))
    assert calls <= 4


def test_scores_that_rank_backwards() -> None:
    """The sentence has AUROC with its interval, and the option that turns the scores round."""
    rng = np.random.default_rng(2)
    p = scores(1500)
    y = rng.random(1500) < 1 - p
    assert codes(p, y) == [RANKS_BACKWARDS]
    found = text(p, y, classes=("no show", "show"))
    ones, zeros = p[y], p[~y]
    area = (ones[:, None] > zeros).mean()
    assert f"AUROC {area:.3f}, " in found
    assert "(--positive 'no show')" in found
    assert codes(1 - p, y) == []
    assert codes(p, y, "top-label") == [RANKS_BACKWARDS]


def test_scores_that_rank_badly_are_not_backwards() -> None:
    """What may be chance, or is next to it, is no finding."""
    rng = np.random.default_rng(3)
    assert codes(scores(200), rng.random(200) < 0.5) == []
    p = scores(20_000)
    assert codes(p, rng.random(20_000) < 0.5 - 0.1 * (p - 0.5)) == []  # AUROC .48


@pytest.mark.skipif(not golden(), reason=ABSENT)
@pytest.mark.parametrize("task", ["binary", "top-label"])
def test_real_models_are_not_called_so(task: str) -> None:
    """None of the open series has such labels."""
    rows = {each.name: each.rows() for each in binary()}
    assert not [name for name, found in rows.items() if codes(found["p"], found["y"], task)]

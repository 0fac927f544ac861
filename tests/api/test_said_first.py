"""What makes every other figure idle is said first by every command, and the advice works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.errors import NotEnoughData
from calaudit.report.fit_report import FitReport

LABELS = "is the label column the prediction?"


def decided(n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return labels that a cutoff of 0.3 makes, with the scores."""
    p = 1 / (1 + np.exp(-np.random.default_rng(5).normal(0, 1.5, n)))
    return (p >= 0.3).astype(int), p


def argmax(n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return labels that are the most probable of ten classes."""
    p = np.random.default_rng(6).dirichlet(np.full(10, 0.5), n)
    return p.argmax(axis=1), p


def backwards(n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of class 0, with labels."""
    rng = np.random.default_rng(7)
    p = 1 / (1 + np.exp(-rng.normal(0, 1.5, n)))
    return (rng.random(n) < 1 - p).astype(int), p


MATRIX = {str(i): {str(j): float(i != j) for j in range(10)} for i in range(10)}

BINARY: dict[str, Callable[..., str]] = {
    "evaluate": lambda y, p: calaudit.evaluate(y, p).verdict.sentence,
    "check": lambda y, p: calaudit.check(y, p, max_ece=0.5).sentence,
    "threshold": lambda y, p: calaudit.threshold(y, p, cost_fp=1, cost_fn=2).sentence,
    "audit": lambda y, p: calaudit.audit(y, p).answer,
    "fit": lambda y, p: str(FitReport(calibrator=calaudit.fit(y, p, method="isotonic"))),
}
CLASSES: dict[str, Callable[..., str]] = {
    "evaluate": BINARY["evaluate"],
    "check": BINARY["check"],
    "audit": BINARY["audit"],
    "threshold": lambda y, p: calaudit.threshold(y, p, cost_error=5, cost_review=1).sentence,
    "by class": lambda y, p: calaudit.threshold(y, p, max_error=0.1, per_class=True).sentence,
    "matrix": lambda y, p: calaudit.threshold(y, p, cost_matrix=MATRIX).sentence,
}


@pytest.mark.parametrize("command", BINARY)
def test_labels_that_are_decisions(command: str) -> None:
    """The first sentence asks whether the label is the prediction."""
    said = " ".join(BINARY[command](*decided()).split()).removeprefix("✗ ")
    assert said.startswith(f"Every label follows from a cutoff of the score: {LABELS}")


@pytest.mark.parametrize("command", CLASSES)
def test_labels_that_are_the_most_probable_class(command: str) -> None:
    """So it does for classes; and an audit does not say that nobody has to look."""
    said = CLASSES[command](*argmax())
    assert said.startswith(f"Every prediction is right: {LABELS}")
    assert "without a person" not in said


def test_no_calibrator_is_fitted_on_them() -> None:
    """The refusal asks the same, and neither report says that every label is 1."""
    with pytest.raises(NotEnoughData, match=r"every prediction is right.*Is the label column"):
        calaudit.fit(*argmax())
    report = calaudit.evaluate(*argmax())
    words = " ".join([*(note.text for note in report.notes),
                      *(figure.reason or "" for figure in report.metrics.values())])  # fmt: skip
    assert "label is 1" not in words
    assert "very prediction is right" in words


@pytest.mark.parametrize("command", BINARY)
def test_scores_that_rank_backwards(command: str) -> None:
    """The first sentence says so with the option, and no verdict calls the scores extreme."""
    said = " ".join(BINARY[command](*backwards()).split()).removeprefix("✗ ")
    assert said.startswith("The scores rank backwards (AUROC 0.")
    assert "(--positive 0)" in said.partition("?")[0]
    assert "too extreme" not in said


def test_the_option_mends_it() -> None:
    """What the sentence names turns the scores round."""
    y, p = backwards()
    there: Any = calaudit.evaluate(y, p, positive="0")
    assert there.metrics["auroc"].value == pytest.approx(
        1 - (calaudit.evaluate(y, p).metrics["auroc"].value or 0)
    )
    assert there.verdict.sentence.startswith("Calibrated")

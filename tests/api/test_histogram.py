"""The histogram of a report: all rows, by outcome."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import calaudit
from tests.api.simulated import binary, logit, multiclass, top_label


def test_binary() -> None:
    """The histogram holds every row under its label, in rising bins."""
    p, y = binary(3000, 1)
    bins = calaudit.evaluate(y, p).histogram
    assert sum(b.ones for b in bins) == y.sum()
    assert sum(b.zeros for b in bins) == (1 - y).sum()
    assert all(a.upper == b.lower for a, b in pairwise(bins))
    edges = [b.lower for b in bins] + [bins[-1].upper]
    assert [b.ones for b in bins] == np.histogram(p[y == 1], edges)[0].tolist()


def test_logits() -> None:
    """Logits are binned as their probabilities are, also where those round to 1."""
    p, y = binary(1000, 2)
    of_logits = calaudit.evaluate(y, logit(p), scale="logit").histogram
    assert of_logits == calaudit.evaluate(y, p).histogram
    bins = calaudit.evaluate([0, 1, 1, 0], [-1.0, 40.0, 60.0, 0.5], scale="logit").histogram
    assert bins[-1].ones == 2
    assert bins[-1].lower < bins[-1].upper < 1


def test_top_label_and_multiclass() -> None:
    """Confidences stand under right and wrong."""
    confidence, right = top_label(800, 3)
    bins = calaudit.evaluate(right, confidence, task="top-label").histogram
    assert (sum(b.zeros for b in bins), sum(b.ones for b in bins)) == (
        (1 - right).sum(),
        right.sum(),
    )
    _, p, y = multiclass(900, 5, 4)
    bins = calaudit.evaluate(y, p).histogram
    assert sum(b.ones for b in bins) == (p.argmax(axis=1) == y).sum()
    assert bins[0].lower <= p.max(axis=1).min() <= bins[0].upper


@pytest.mark.parametrize("kind", ["importance", "frequency"])
def test_weights(kind: str) -> None:
    """Weights are in the unit of the reliability bins, so that the sums agree."""
    p, y = binary(700, 5)
    w = np.random.default_rng(5).integers(0, 6, 700)
    report = calaudit.evaluate(y, p, sample_weight=w, weight_kind=kind)
    total = sum(b.weight for b in report.bins)
    assert sum(b.zeros + b.ones for b in report.histogram) == pytest.approx(total, rel=1e-12)
    ones = sum(b.ones for b in report.histogram) / total
    assert ones == pytest.approx(w[y == 1].sum() / w.sum(), rel=1e-12)

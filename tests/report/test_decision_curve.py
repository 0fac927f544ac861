"""The picture of the decision curve holds the figures of the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

import calaudit
from calaudit.report.pictures.benefit import decision_curve
from tests.report.pictured import rows_with


def test_lines_are_those_of_the_report() -> None:
    """Every point of the three lines and of the band; the title names where the scores pay."""
    rng = np.random.default_rng(1)
    p = expit(rng.normal(-1, 1.5, 2000))
    report = calaudit.evaluate((rng.random(2000) < p).astype(int), p)
    drawn = decision_curve(report)
    assert drawn is not None
    points = report.decision_curve
    rows = rows_with(drawn.spec, "benefit", "act_on_all", "none")
    assert [(row["cutoff"], row["benefit"]) for row in rows[: len(points)]] == [
        (point.cutoff, point.benefit) for point in points
    ]
    assert points[0].benefit == pytest.approx(points[0].act_on_all)  # at 0 all are acted on
    assert points[0].benefit == pytest.approx(report.metrics["base_rate"].value)
    assert "Acting on scores is worth the most at cutoffs from" in drawn.title
    useless = tuple(replace(point, benefit=-1.0, low=-1.0) for point in points)
    other = decision_curve(replace(report, decision_curve=useless))
    assert other is not None
    assert other.title.startswith("At no cutoff")


def test_only_of_binary_scores() -> None:
    """A confidence has none."""
    report = calaudit.evaluate([1, 0, 1, 1], [0.9, 0.6, 0.8, 0.7], task="top-label")
    assert report.decision_curve == ()
    assert decision_curve(report) is None

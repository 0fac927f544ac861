"""Reliability over log-odds: when it is chosen, and that points stand where their shares are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

import calaudit
from calaudit.report.charts.reliability_chart import reliability_chart
from calaudit.report.command import command_of
from calaudit.report.content.reliability_table import domain_of
from calaudit.report.evaluation_report import Report
from calaudit.report.pictures.reliability_picture import reliability
from tests.report.pictured import rows_with


def portfolio(mean: float = -5.4, n: int = 4000, **options: Any) -> Report:
    """Return the report on scores around a small rate."""
    rng = np.random.default_rng(1)
    p = expit(rng.normal(mean, 1.3, n))
    return calaudit.evaluate((rng.random(n) < p).astype(int), p, **options)


def test_chosen_where_most_scores_are_small() -> None:
    """A portfolio of one in a hundred is over log-odds; scores around one half are not."""
    assert portfolio().settings["axis"] == "log-odds"
    assert "axis" not in portfolio(0.0).settings
    assert portfolio(axis="linear").settings["axis"] == "linear"
    assert portfolio(0.0, axis="log-odds").settings["axis"] == "log-odds"
    rare = np.r_[np.full(90, 0.05), np.full(10, 0.6)]
    assert calaudit.evaluate(np.arange(100) % 2, rare).settings["axis"] == "log-odds"
    less = np.r_[np.full(89, 0.05), np.full(11, 0.6)]
    assert "axis" not in calaudit.evaluate(np.arange(100) % 2, less).settings


def test_the_command_says_it(tmp_path: Path) -> None:
    """What a report was drawn over is in the command that makes it again."""
    rows = "".join(f"{i % 9 / 10 + 0.05},{i % 2}\n" for i in range(90))
    (tmp_path / "a.csv").write_text("score,label\n" + rows)
    report = calaudit.evaluate(tmp_path / "a.csv", axis="log-odds")
    assert "--axis log-odds" in str(command_of(report))


@pytest.mark.parametrize("mean", [-5.4, 0.0])
def test_points_stand_at_their_log_odds(mean: float) -> None:
    """Each point is at the logits of score and rate; a rate of 0 stands at the end of the axis."""
    report = portfolio(mean, axis="log-odds")
    drawn = reliability(report)
    assert drawn is not None
    bins = [b for b in report.bins if b.rows]
    low, high = domain_of(bins, log_odds=True)
    found = sorted((row["score"], row["observed"]) for row in rows_with(drawn.spec, "size"))
    want = sorted(
        tuple(logit(np.clip([b.mean_score, b.observed], low, high)).tolist()) for b in bins
    )
    assert np.allclose(found, want)
    told = [row["told"] for row in rows_with(drawn.spec, "size")]
    assert all("-" not in text.split("·")[0] for text in told)  # scores, and not their log-odds


def test_ends_are_round_odds_that_hold_every_point() -> None:
    """The piece that is drawn holds all that is above 0 and below 1."""
    bins = [b for b in portfolio().bins if b.rows]
    low, high = domain_of(bins, log_odds=True)
    points = [v for b in bins for v in (b.mean_score, b.observed, b.band_high) if v]
    assert low <= min(points)
    assert max(points) <= high
    assert 1 / (low / (1 - low)) == pytest.approx(float(f"{1 / (low / (1 - low)):.0e}"))


def test_terminal() -> None:
    """The chart of a terminal has both axes over log-odds, and says so."""
    chart = reliability_chart(portfolio())
    assert chart is not None
    assert (chart.x.scale, chart.y.scale) == ("log-odds", "log-odds")
    assert "log-odds" in chart.title

"""Grades of a portfolio: stated probability of default against defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

import calaudit
from calaudit.errors import CalauditError, SettingsError
from calaudit.metrics.beta import beta_cdf, default_rate
from calaudit.report.render_markdown import render_markdown
from tests.report.graded import STATED, portfolio


def test_against_scipy() -> None:
    """Tests, interval and adjustment are those of independent code."""
    grades = portfolio().grades
    assert grades is not None
    assert [each.grade for each in grades] == list(STATED)
    exact = []
    for each, (pd, n, d) in zip(grades, STATED.values(), strict=True):
        assert (each.rows, each.defaults) == (n, d)
        assert each.stated == pytest.approx(pd)
        posterior = beta(d + 0.5, n - d + 0.5)
        assert each.observed.p_value == pytest.approx(posterior.cdf(pd), rel=1e-9)
        assert each.observed.low == pytest.approx(posterior.ppf(0.025) if d else 0.0, rel=1e-8)
        assert each.observed.high == pytest.approx(posterior.ppf(0.975), rel=1e-8)
        exact.append(binomtest(d, n, pd, alternative="greater").pvalue)
        assert each.binomial == pytest.approx(exact[-1], rel=1e-9)
    # One of four is small, so that Holm's method multiplies it by four.
    assert grades[1].adjusted == pytest.approx(4 * exact[1], rel=1e-9)
    assert [each.light for each in grades] == ["green", "red", "green", "green"]


def test_by_hand() -> None:
    """8 or more of 10 at one half: (45 + 10 + 1)/1024; a PD of 0 is refuted by a default only."""
    assert beta_cdf(0.5, 8, 3) == pytest.approx(56 / 1024, rel=1e-12)
    assert default_rate(0, 9, 0.0, 0.95).p_value == 1.0
    assert default_rate(1, 9, 0.0, 0.95).p_value == 0.0


@pytest.mark.parametrize(("d", "n", "pd"), [(10_300, 1_000_000, 0.0101), (2, 5_000_000, 1e-7)])
def test_large_grades(d: int, n: int, pd: float) -> None:
    """Millions of rows lose no digit that is shown."""
    exact = binomtest(d, n, pd, alternative="greater").pvalue
    assert beta_cdf(pd, d, n - d + 1) == pytest.approx(exact, rel=1e-5)
    assert default_rate(d, n, pd, 0.95).p_value == pytest.approx(
        beta(d + 0.5, n - d + 0.5).cdf(pd), rel=1e-5
    )


def test_what_is_said() -> None:
    """The verdict ends with the grades that are not green, and the table says where rates fall."""
    report = portfolio()
    said = "1 of 4 grades defaults more often than stated: B."
    assert report.verdict.sentence.endswith(said)
    assert [n.text for n in report.notes if n.code == "grades-understated"] == [said]
    assert "Rates never fall as the PD rises." in render_markdown(report)
    found = json.loads(report.to_json())["grades"]
    assert [each["light"] for each in found] == ["green", "red", "green", "green"]


def test_lights_hold_their_rate() -> None:
    """Of 2,000 portfolios of 7 grades with true PDs at most 5 % have a light that is not green."""
    rng = np.random.default_rng(0)
    stated = np.array([0.0005, 0.002, 0.005, 0.01, 0.03, 0.08, 0.2])
    rows = np.array([300, 600, 900, 900, 600, 300, 100])
    defaults = rng.binomial(rows, stated, (2000, 7))
    p = binom.sf(defaults - 1, rows, stated)
    assert 0.01 < np.mean(p.min(axis=1) < 0.05 / 7) <= 0.05
    jeffreys = beta.cdf(stated, defaults + 0.5, rows - defaults + 0.5) < 0.05 / 7
    assert jeffreys[:, 2:].any(axis=1).mean() < 0.06
    assert beta.cdf(1e-6, 0.5, 100.5) < 0.05  # without any default, where none is expected


@pytest.mark.parametrize(
    "options",
    [
        {"sample_weight": np.full(200, 2.0)},
        {"group": np.arange(200) // 2},
        {"grade": "other"},
        {"task": "top-label"},
    ],
)
def test_refusals(options: dict[str, Any]) -> None:
    """What the tests do not hold for is refused, and so is a grade that is none of the slices."""
    p = np.linspace(0.01, 0.2, 200)
    given: Any = {"by": {"g": np.repeat(["a", "b"], 100)}, "grade": "g"} | options
    with pytest.raises(SettingsError, match="leave --group out"):
        calaudit.evaluate((p > 0.15).astype(int), p, **given)


def test_columns_and_bins(tmp_path: Path) -> None:
    """A column may be a slice as well, bins of the score are grades, and a missing one is named."""
    p = np.tile([0.01, 0.02, 0.05, 0.1], 100)
    y = (np.arange(400) % 23 == 0).astype(int)
    path = tmp_path / "p.csv"
    lines = [f"{a},{b},{'AB'[int(a > 0.03)]},1.0" for a, b in zip(p, y, strict=True)]
    path.write_text("\n".join(["pd,y,g,w", *lines]))
    named: Any = {"score": "pd", "label": "y", "weight": "none"}
    found = calaudit.evaluate(path, grade="g", by="g", where="pd<0.09", **named).grades or ()
    assert [(each.grade, each.rows) for each in found] == [("A", 200), ("B", 100)]
    bins = calaudit.evaluate(path, grade="pd:4", **named).grades or ()
    assert sum(each.rows for each in bins) == 400
    assert [each.stated for each in bins] == sorted(each.stated for each in bins)
    with pytest.raises(CalauditError, match="grade"):
        calaudit.evaluate(path, grade="rating", **named)
    assert calaudit.evaluate(path, by="g", **named).grades is None

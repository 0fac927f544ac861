"""How often a rule fails and stays open: alone, beside other rules, with slices, matched or not.

The scores are off by 0.02 before, and after by as much (no change), by the margin of 0.01 more, or
by 0.02, 0.03 and 0.05 more (regressions). Matched files are the same rows, whose new scores see
them a little differently.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calaudit.gate.judging import Case, judge
from calaudit.gate.rules import Rule
from calaudit.report.check_report import FAIL, INCONCLUSIVE
from tests.measured import Measured
from tests.simulation.gates import Figures, figures_of, matched_of, model_of
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "60"))

ECE = Rule(kind="max_increase", metric="ece", limit=0.01)
OTHERS = (
    Rule(kind="max_increase", metric="log_loss", limit=0.02),
    Rule(kind="max_decrease", metric="auroc", limit=0.02),
)
SLICES = 10
BEFORE, MARGIN = 0.02, 0.01
CHANGES = {"no change": 0.0, "the margin": 0.01, "+.02": 0.02, "+.03": 0.03, "+.05": 0.05}

Rows = tuple[NDArray[np.float64], NDArray[np.int64]]


def figures_of_slices(rows: Rows) -> list[Figures]:
    """Return the figures of each tenth of the rows."""
    p, y = rows
    return [figures_of(p[i::SLICES], y[i::SLICES], smooth=False) for i in range(SLICES)]


def files(scores: str, rise: float, n: int, rng: np.random.Generator, *, matched: bool) -> Any:
    """Return the rows before and after, and how they go together."""
    true = model_of(scores, 0.0).quantile(rng.random((2, n))) - 0.08
    y = (rng.random((2, n)) < true).astype(np.int64)
    if matched:
        new = np.clip(true[0] + BEFORE + rise + 0.01 * rng.standard_normal(n), 1e-6, 1 - 1e-6)
        pair = matched_of(true[0] + BEFORE, new, y[0])
        together = {"correlation": pair.correlations[None]["ece"]}
        return (true[0] + BEFORE, y[0]), (new, y[0]), together
    return (true[0] + BEFORE, y[0]), (true[1] + BEFORE + rise, y[1]), {}


def judged(before: Rows, after: Rows, together: dict[str, Any]) -> dict[str, list[str]]:
    """Return what is said to the rule on the ECE in each column, and to any slice."""
    n = len(before[0])
    one, two = (figures_of(*rows, smooth=False) for rows in (before, after))
    ece = Case(ECE, two["ece"], one["ece"], n, **together)
    others = [Case(rule, two[rule.metric], one[rule.metric], n) for rule in OTHERS]
    slices = [
        Case(ECE, b["ece"], a["ece"], n // SLICES, "slice", str(i))
        for i, (a, b) in enumerate(
            zip(figures_of_slices(before), figures_of_slices(after), strict=True)
        )
    ]
    columns = {"alone": [ece], "beside two rules": [ece, *others], "with 10 slices": [ece, *slices]}
    found = {name: [r.status for r in judge(cases)] for name, cases in columns.items()}
    return {name: statuses[:1] for name, statuses in found.items()} | {
        "any of 10 slices": [
            min(found["with 10 slices"][1:], key=[FAIL, INCONCLUSIVE, "PASS"].index)
        ]
    }


def table(
    scores: str,
    n: int,
    replicates: int,
    changes: dict[str, float],
    measured: Measured,
    *,
    matched: bool,
) -> dict[tuple[str, str], float]:
    """Return how often the rule fails, by change and column; both rates are noted."""
    rates: dict[tuple[str, str], float] = {}
    for name, rise in changes.items():
        rng = np.random.default_rng(seed_of("table", scores, n, name, matched))
        seen: dict[str, list[str]] = {}
        for _ in range(replicates):
            for column, said in judged(*files(scores, rise, n, rng, matched=matched)).items():
                seen.setdefault(column, []).extend(said)
        for column, statuses in seen.items():
            kind = "matched" if matched else "apart"
            where = f"{scores} {n:,} {kind}, {name}, {column}"
            rates[name, column] = statuses.count(FAIL) / len(statuses)
            measured.note(f"FAIL, {where}", rates[name, column], "")
            measured.note(
                f"INCONCLUSIVE, {where}", statuses.count(INCONCLUSIVE) / len(statuses), ""
            )
    return rates


def hold(rates: dict[tuple[str, str], float], replicates: int) -> None:
    """Check that nothing hides the rule, and that it and slices fail by accident in 5 %."""
    allowed = 0.05 + 2 * (0.05 * 0.95 / replicates) ** 0.5
    for (name, column), rate in rates.items():
        if column != "any of 10 slices":
            assert rate == rates[name, "alone"]
        if name in ("no change", "the margin"):
            assert rate <= allowed, (name, column)


@pytest.mark.parametrize("matched", [False, True])
def test_telling_part(measured: Measured, *, matched: bool) -> None:
    """Of 2,000 confidences: what fails alone fails beside other rules and with slices."""
    changes = {name: CHANGES[name] for name in ("the margin", "+.05")}
    rates = table("top-label", 2_000, 12, changes, measured, matched=matched)
    hold(rates, 12)
    assert rates["+.05", "with 10 slices"] >= 0.6


@pytest.mark.simulate
@pytest.mark.parametrize("matched", [False, True])
@pytest.mark.parametrize("n", [1_000, 10_000])
@pytest.mark.parametrize("scores", ["top-label", "uniform"])
def test_whole_table(scores: str, n: int, measured: Measured, *, matched: bool) -> None:
    """Every change in every column; matched rows show the regressions more often."""
    rates = table(scores, n, REPLICATES, CHANGES, measured, matched=matched)
    hold(rates, REPLICATES)
    if n == 10_000:
        assert rates["+.05", "alone"] >= 0.9

"""False alarms and power of the gate, beside a naive rule on the same draws.

Before → after: two calibrated models, or two that are off by the same; a change of just the
margin, which may fail in 5 % of builds; and one of three times the margin, which should. A
naive rule fails where the plain ECE has risen by more than the margin.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from calaudit.api.checks.pairing import Matched
from calaudit.gate.judging import Case, judge
from calaudit.gate.rules import Rule
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS
from tests.golden.cases import BINARY
from tests.measured import Measured
from tests.simulation.gates import (
    MARGIN,
    REPLICATES,
    Figures,
    figures_of,
    matched_of,
    model_of,
    replicates,
    statuses,
)
from tests.simulation.simulate import seed_of, true_smooth_figures

pytestmark = pytest.mark.slow

SCORES = ("top-label", "uniform")
ROWS = [(1_000, 1_000), (10_000, 10_000), (10_000, 1_000)]
UNCHANGED = [(0.0, 0.0), (0.02, 0.02), (0.05, 0.05)]
AT_THE_MARGIN = [(0.0, 0.01), (0.02, 0.03), (0.05, 0.06)]
WORSE = (0.02, 0.05)


def allowed(replicates: int) -> float:
    """Return 5 % and two standard errors."""
    return 0.05 + 2 * math.sqrt(0.05 * 0.95 / replicates)


def share(found: list[str], status: str) -> float:
    """Return the share of a verdict."""
    return found.count(status) / len(found)


def naive(scores: str, change: tuple[float, float], rows: tuple[int, int]) -> float:
    """Return how often the plain ECE rises by more than the margin."""
    sides = [
        np.array([figures["ece"].value for figures in replicates(scores, error, n, side)])
        for error, n, side in zip(change, rows, ("before", "after"), strict=True)
    ]
    return float((sides[1] - sides[0] > MARGIN).mean())


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("figure", list(REPLICATES))
def test_false_alarms(figure: str, scores: str, rows: tuple[int, int], measured: Measured) -> None:
    """At most 5 % of builds fail where nothing has changed by more than the margin."""
    normal = figure in ("log_loss", "auroc")
    at_the_margin: list[str] = []
    for change in UNCHANGED + AT_THE_MARGIN:
        sides = [
            replicates(scores, error, n, side)
            for error, n, side in zip(change, rows, ("before", "after"), strict=True)
        ]
        margin = MARGIN
        if normal and change in AT_THE_MARGIN:
            # Their margin is the true change for the worse, where there is one.
            old, new = (true_smooth_figures(model_of(scores, error))[figure] for error in change)
            margin = max(old - new if figure == "auroc" else new - old, 0.0)
        found = statuses(figure, *sides, margin=margin)
        where = f"{scores} {change[0]}>{change[1]} {rows[0]}>{rows[1]}"
        alarms = measured.note(f"FAIL {figure}, {where}", share(found, FAIL), "")
        measured.note(f"PASS {figure}, {where}", share(found, PASS), "")
        if normal and change in AT_THE_MARGIN:
            at_the_margin += found
        else:
            assert alarms <= allowed(len(found)), where
    if normal:
        # There they are 5 % and not less, so that of dozens of rates some lie two errors above:
        # those of the three changes are held together.
        assert share(at_the_margin, FAIL) <= allowed(len(at_the_margin))


@pytest.mark.parametrize(("n", "least"), [(1_000, 0.2), (10_000, 0.94)])
@pytest.mark.parametrize("figure", ["ece", "smece"])
def test_power(figure: str, n: int, least: float, measured: Measured) -> None:
    """A rise by three margins fails about as often as it can, and hardly ever passes."""
    for scores in SCORES:
        sides = [
            replicates(scores, error, n, side)
            for error, side in zip(WORSE, ("before", "after"), strict=True)
        ]
        found = statuses(figure, *sides)
        power = measured.note(f"power {figure}, {scores}, {n}", share(found, FAIL), "")
        assert share(found, PASS) <= 0.02
        if scores == "top-label":  # uniform scores vary four times as much
            assert power >= least


@pytest.mark.parametrize("scores", SCORES)
def test_naive_rule(scores: str, measured: Measured) -> None:
    """On the same draws the naive rule fails many builds in which nothing has changed."""
    for rows in ROWS:
        for change in [*UNCHANGED, *AT_THE_MARGIN, WORSE]:
            where = f"{scores} {change[0]}>{change[1]} {rows[0]}>{rows[1]}"
            measured.note(f"naive, {where}", naive(scores, change, rows), "")
    assert naive(scores, (0.0, 0.0), (10_000, 1_000)) > 0.5
    assert naive(scores, (0.02, 0.02), (10_000, 1_000)) > 0.3
    assert naive(scores, (0.02, 0.02), (1_000, 1_000)) > 0.1


MATCHED_CHANGES = [(0.0, 0.0), (0.02, 0.02), (0.0, 0.01), (0.02, 0.03), (0.05, 0.06), WORSE]


@pytest.mark.parametrize(
    ("n", "draws"), [(1_000, 50), pytest.param(10_000, 40, marks=pytest.mark.simulate)]
)
@pytest.mark.parametrize("scores", SCORES)
def test_matched_rows(scores: str, n: int, draws: int, measured: Measured) -> None:
    """Of matched rows no more builds fail by accident, and no fewer where the model is worse."""
    rng = np.random.default_rng(seed_of("matched", scores, n))
    found: dict[tuple[float, float], tuple[list[Figures], list[Figures], list[Matched]]] = {}
    for _ in range(draws):
        true = model_of(scores, 0.0).quantile(rng.random(n)) - 0.06
        y = (rng.random(n) < true).astype(np.int64)
        figures = {e: figures_of(true + e, y, smooth=False) for e in (0.0, 0.02, 0.05)}
        for old, error in MATCHED_CHANGES:
            # The new scores are of another model, that sees the cases a little differently.
            new = np.clip(true + error + 0.01 * rng.standard_normal(n), 1e-6, 1 - 1e-6)
            before, after, matched = found.setdefault((old, error), ([], [], []))
            before.append(figures[old])
            after.append(figures_of(new, y, smooth=False))
            matched.append(matched_of(true + old, new, y))
    for change, (before, after, matched) in found.items():
        where = f"{scores} {change[0]}>{change[1]} {n}"
        apart = share(statuses("ece", before, after), FAIL)
        together = share(statuses("ece", before, after, matched=matched), FAIL)
        measured.note(f"FAIL ece of the same rows, {where}, not matched", apart, "")
        measured.note(f"FAIL ece of the same rows, {where}, matched", together, "")
        if change != WORSE:
            assert together <= allowed(draws), where
        else:
            assert together >= max(apart, 0.0 if n == 1_000 else 0.8)


@pytest.mark.parametrize(
    ("n", "old", "new", "true"),
    [(100, 0.01, 0.03, 0.025), (1_000, 0.405, 0.435, 0.424), (1_000, 0.41, 0.44, 0.42)],
)
def test_matched_rows_of_one_bin(
    n: int, old: float, new: float, true: float, measured: Measured
) -> None:
    """Errors that change their sign: the noise that rows share does not hide what they were.

    Two of the changes are for the better, and the last is of the very margin.
    """
    rng = np.random.default_rng(seed_of("sign", n, old, new, true))
    before, after, matched = [], [], []
    for _ in range(150):
        y = (rng.random(n) < true).astype(np.int64)
        sides = [at + rng.uniform(-0.002, 0.002, n) for at in (old, new)]
        before.append(figures_of(sides[0], y, smooth=False))
        after.append(figures_of(sides[1], y, smooth=False))
        matched.append(matched_of(sides[0], sides[1], y))
    failed = share(statuses("ece", before, after, matched=matched), FAIL)
    measured.note(f"FAIL ece of the same rows, {n} {true}: {old}>{new}", failed, "")
    assert failed <= allowed(150)


def test_slices(measured: Measured) -> None:
    """Of 20 slices that have not changed, and the whole, any fails in at most 5 % of builds."""
    rule = Rule(kind="max_increase", metric="ece", limit=0.0)
    rng = np.random.default_rng(seed_of("slices"))
    failed = []
    for _ in range(150):
        cases = []
        for number in range(20):
            error = 0.05 * (number % 3)
            model = model_of("top-label", error)
            before, after = (figures_of(*model.draw(rng, 500), smooth=False) for _ in range(2))
            cases.append(Case(rule, after["ece"], before["ece"], 500, "slice", str(number)))
        failed.append(any(result.status == FAIL for result in judge(cases)))
    rate = measured.note("any FAIL of 20 slices, margin 0", float(np.mean(failed)), "")
    assert rate <= allowed(len(failed))


def test_creep(measured: Measured) -> None:
    """A creep of 0.8 margins a week is seen, because only a run that passes renews the baseline.

    Were it renewed after inconclusive runs too, each week would be measured by the last one.
    """
    rule = Rule(kind="max_increase", metric="ece", limit=MARGIN)
    rng = np.random.default_rng(seed_of("creep"))
    found: dict[str, list[bool]] = {"kept": [], "where it passes": [], "always": []}
    for _ in range(24):
        weeks = [
            figures_of(*model_of("top-label", 0.02 + 0.008 * week).draw(rng, 10_000), smooth=False)
            for week in range(11)
        ]
        for policy, renewed in zip(found, ((), (PASS,), (PASS, INCONCLUSIVE)), strict=True):
            baseline, failed = weeks[0]["ece"], False
            for week in weeks[1:]:
                status = judge([Case(rule, week["ece"], baseline, 10_000)])[0].status
                failed = failed or status == FAIL
                baseline = week["ece"] if status in renewed else baseline
            found[policy].append(failed)
    rates = {
        policy: measured.note(f"FAIL of a creep, baseline renewed: {policy}", sum(x) / len(x), "")
        for policy, x in found.items()
    }
    assert rates["kept"] >= rates["where it passes"] >= 0.9
    assert rates["always"] <= 0.5


REAL = [
    # case and series, and the least share of failures where the same rows are made sharper
    ("nfl_games", "data", 0.0),  # 470 rows, whose lower limits are 0: no correlation may be used
    ("march_madness_men", "unresolved_only", 0.5),
    ("mmlu_pro_gpt41nano", "confidence", 0.95),
]


@pytest.mark.cases
@pytest.mark.parametrize(("case", "series", "least"), REAL)
def test_real_predictions(case: str, series: str, least: float, measured: Measured) -> None:
    """Half of a file against the other half does not fail; against a half made sharper it may.

    A temperature of 0.8 raises the ECE of these files by 0.02 to 0.04. How often that fails
    depends on the number of rows; more often where both halves are the same rows; it does not
    pass.
    """
    rows = BINARY[case][series]()
    p, y = rows["p"], rows["y"]
    inside = (p > 0) & (p < 1)
    z = np.log(np.where(inside, p, 0.5)) - np.log1p(-np.where(inside, p, 0.5))
    sharper = np.where(inside, 1 / (1 + np.exp(-z / 0.8)), p)
    rng = np.random.default_rng(seed_of(case))
    before: list[Figures] = []
    after: dict[str, list[Figures]] = {"same": [], "T=0.8": [], "T=0.8, matched": []}
    matched = []
    power: dict[tuple[str, str], float] = {}
    for i in range(100):
        order = rng.permutation(len(p))
        one, two = order[: len(p) // 2], order[len(p) // 2 :]
        smooth = i < 30
        before.append(figures_of(p[one], y[one], smooth=smooth))
        after["same"].append(figures_of(p[two], y[two], smooth=smooth))
        after["T=0.8"].append(figures_of(sharper[two], y[two], smooth=smooth))
        after["T=0.8, matched"].append(figures_of(sharper[one], y[one], smooth=smooth))
        matched.append(matched_of(p[one], sharper[one], y[one]))
    for name, files in after.items():
        rises = [
            (b["ece"].value or 0.0) - (a["ece"].value or 0.0)
            for a, b in zip(before, files, strict=True)
        ]
        measured.note(f"naive, {case}, {name}", float((np.array(rises) > MARGIN).mean()), "")
        for figure in ("ece", "smece"):
            together = matched if name.endswith("matched") else None
            kept = statuses(figure, before, files, matched=together)
            failed, passed = share(kept, FAIL), share(kept, PASS)
            measured.note(f"FAIL {figure}, {case}, {name}", failed, f"{passed:.0%} PASS")
            if name == "same":
                assert failed <= allowed(len(kept))
            else:
                assert passed <= 0.05
            power[figure, name] = failed
    # Within two standard errors of a difference of shares of 100 draws, where both are rare.
    apart = power["ece", "T=0.8"]
    chance = 2 * math.sqrt(2 * apart * (1 - apart) / 100)
    assert power["ece", "T=0.8, matched"] >= max(least, apart - chance)

"""What a decision report says beside its figures: notes, evidence and sentences."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import expit, logit

import calaudit
from calaudit.calibrators.fit_points import sample_of
from calaudit.cli import main
from calaudit.tables import ScoreTable
from calaudit.thresholds.prevalence import prevalence_of
from tests.api.decided import applied, calibrated, notes_of, option_of

BOTH: dict[str, Any] = {"cost_fp": 1, "cost_fn": 9}


def bent(n: int, seed: int) -> tuple[Any, Any]:
    """Return scores that no line on their logits mends, and labels."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, n)
    return expit(np.where(z < 0, z / 4, 8 * z)), (rng.random(n) < expit(z)).astype(np.int64)


def mixed(n: int, share: float, seed: int) -> tuple[Any, Any]:
    """Return scores that look alike for each label whatever the share of positives, and labels."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(np.int64)
    return expit(2 * rng.normal(2 * y - 1)), y


def test_miscalibrated(tmp_path: Path) -> None:
    """Overconfident scores cost more where they are taken as they are: a warning with a command."""
    p, y = calibrated(6000, 1, sharpen=3.0)
    path = tmp_path / "over confident.parquet"
    pq.write_table(pa.table({"score": p, "label": y}), path)
    report = calaudit.threshold(path, **BOTH)
    note = notes_of(report)["miscalibrated-for-decision"]
    naive = option_of(report, "as_if_calibrated")
    assert naive.act_from == pytest.approx(0.1)
    assert naive.excess.low > 0
    # What it costs more, on the rows: paired, row by row.
    best = option_of(report, "recommended")
    assert naive.excess.value == pytest.approx(naive.cost.value - best.cost.value, rel=1e-9)
    assert f"{naive.excess.value:.3g}" in note.text
    assert f"calaudit fit '{path}' --label label --score score -o cal.json" in note.advice
    assert "--calibrator cal.json" in note.advice


def test_the_advice_names_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of the columns stands in the command, which works as it is printed."""
    p, y = calibrated(6000, 1, sharpen=3.0)
    rows = {"v7 prob(churn=1)": p, "churned": y, "cust": np.arange(len(y)) // 2}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    monkeypatch.chdir(tmp_path)
    named: dict[str, Any] = {"score": "v7 prob(churn=1)", "label": "churned", "group": "cust"}
    report = calaudit.threshold("rows.parquet", **named, **BOTH)
    note = notes_of(report)["miscalibrated-for-decision"]
    told = note.advice.partition(": ")[2].partition(",")[0]
    assert main([*shlex.split(told)[1:], "-q"]) == 0
    assert {*named.values()} < {*shlex.split(told)}
    assert calaudit.load_calibrator("cal.json").certificate.rows == len(y)
    # And large sums have no exponent.
    dear = calaudit.threshold("rows.parquet", **named, cost_fp=1e4, cost_fn=9e4)
    assert "e+" not in notes_of(dear)["miscalibrated-for-decision"].text


def test_calibrated_scores_get_no_warning() -> None:
    """Of 20 samples of calibrated scores at most three get a warning."""
    found = 0
    for seed in range(20):
        p, y = calibrated(1000, 100 + seed)
        found += "miscalibrated-for-decision" in notes_of(calaudit.threshold(y, p, **BOTH))
    assert found <= 3


def test_misfit_of_a_calibrator() -> None:
    """Behind a calibrator that does not fit the advice is to fit it anew."""
    p, y = calibrated(6000, 2)
    fitted = calaudit.fit(y, p, method="platt")
    report = calaudit.threshold(y, expit(3 * logit(p)), calibrator=fitted, **BOTH)
    advice = notes_of(report)["miscalibrated-for-decision"].advice
    assert "does not fit these rows: fit it anew" in advice
    assert "-o cal.json" not in advice


def test_optimism() -> None:
    """The cheapest cutoffs on few rows flatter themselves, and the note says by how much."""
    p, y = calibrated(300, 3)
    report = calaudit.threshold(y, p, method="empirical", **BOTH)
    option = option_of(report, "recommended")
    text = notes_of(report)["optimism"].text
    said = re.search(r"cost ([\d.]+) per 1,000 cases, ([\d.]+) % less", text)
    assert said is not None
    act = p >= option.act_from
    seen = 1000 * ((act & (y == 0)).sum() + 9 * (~act & (y == 1)).sum()) / 300
    assert option.apparent_cost == pytest.approx(seen)
    assert float(said.group(1)) == pytest.approx(seen, rel=5e-3)
    share = 1 - seen / option.cost.value
    assert share > 0.02
    assert float(said.group(2)) == pytest.approx(100 * share, rel=0.05)


def test_capacity_splits() -> None:
    """Equal scores that reviewers reach in part are named, with how many there are."""
    p, y = calibrated(1000, 4)
    p = np.round(p, 1)
    report = calaudit.threshold(y, p, **BOTH, cost_review=0.2, max_review=100)
    split = option_of(report, "recommended").split
    assert split.score in np.unique(p)
    assert split.rows == (p == split.score).sum()
    text = notes_of(report)["capacity-splits-ties"].text
    for figure in (f"{split.rows:,.0f} cases", f"score {split.score:g}", f"{split.reviewed:,.0f}"):
        assert figure in text
    assert option_of(report, "recommended").rates["review_share"].value == pytest.approx(0.1)


def test_other_rule_cheaper() -> None:
    """Where no curve fits, the cheapest cutoffs are pointed out to who asks for the other rule."""
    p, y = bent(900, 8)
    report = calaudit.threshold(y, p, method="calibrated", **BOTH)
    assert report.method == "calibrated rule"
    other = option_of(report, "empirical_minimum")
    assert other.excess.high < 0
    assert "--method empirical" in notes_of(report)["other-rule-cheaper"].advice
    for method in ("auto", "empirical"):
        report = calaudit.threshold(y, p, method=method, **BOTH)
        assert report.method == "empirical minimum"
        assert "other-rule-cheaper" not in notes_of(report)


def test_no_calibrated_rule() -> None:
    """Scores that say the opposite allow no calibrated rule; the others are compared, and why."""
    for n in (500, 40):  # of so few rows no calibrator is chosen, and Platt scaling is tried
        p, y = calibrated(n, 6)
        report = calaudit.threshold(y, 1 - p, **BOTH)
        assert report.method in ("empirical minimum", "the same for all")
        assert "the opposite of what is true" in notes_of(report)["no-calibrated-rule"].text
        assert "calibrated_rule" not in [option.name for option in report.options]


def test_prevalence_estimated(tmp_path: Path) -> None:
    """The share of positives of unlabelled scores is estimated, said, and used."""
    p, y = mixed(20_000, 0.4, 8)
    unlabelled, truth = mixed(20_000, 0.1, 9)
    here, there = tmp_path / "rows.parquet", tmp_path / "production.parquet"
    pq.write_table(pa.table({"score": p, "label": y}), here)
    pq.write_table(pa.table({"score": unlabelled}), there)
    report = calaudit.threshold(here, prevalence=str(there), **BOTH)
    estimate = report.settings["prevalence_estimate"]
    assert estimate["value"] == pytest.approx(truth.mean(), abs=0.015)
    text = notes_of(report)["prevalence-estimated"].text
    assert "20,000 rows" in text
    assert f"{100 * estimate['value']:.3g} %" in text
    assert f"{100 * y.mean():.3g} %" in text
    again = calaudit.threshold(here, prevalence=estimate["value"], **BOTH)
    assert again.recommended is not None
    assert report.recommended is not None
    assert again.recommended.act_from == report.recommended.act_from
    assert again.recommended.counts == pytest.approx(report.recommended.counts)


def test_prevalence_is_as_sure_as_the_labels_allow(tmp_path: Path) -> None:
    """With few labelled rows the interval is that of a line fitted to few rows."""
    p, y = mixed(300, 0.3, 14)
    unlabelled, other = mixed(20_000, 0.1, 15)
    here, there = tmp_path / "rows.parquet", tmp_path / "production.parquet"
    pq.write_table(pa.table({"score": p, "label": y}), here)
    pq.write_table(pa.table({"score": unlabelled}), there)
    report = calaudit.threshold(here, prevalence=str(there), **BOTH)
    samples = [sample_of(ScoreTable.of(*rows).cells()) for rows in ((unlabelled, other), (p, y))]
    wanted = prevalence_of(*samples, level=0.95)
    estimate = report.settings["prevalence_estimate"]
    assert estimate["value"] == pytest.approx(wanted.value)
    assert (estimate["low"], estimate["high"]) == pytest.approx((wanted.low, wanted.high))
    assert wanted.high - wanted.low > 0.05


@pytest.mark.parametrize("method", ["calibrated", "empirical"])
def test_sensitivity(method: str) -> None:
    """Each change has about the cutoffs that asking for it outright gives, which are rounded."""
    p, y = calibrated(3000, 9)
    asked: dict[str, Any] = {
        "cost_fp": 1, "cost_fn": 9, "cost_review": 0.3, "method": method,
    }  # fmt: skip
    report = calaudit.threshold(y, p, **asked)
    rate = float(y.mean())
    outright: dict[str, dict[str, Any]] = {
        "miss_cost_halved": {"cost_fn": 4.5},
        "miss_cost_doubled": {"cost_fn": 18},
        "prevalence_halved": {"prevalence": rate / 2},
        "prevalence_doubled": {"prevalence": 2 * rate},
    }
    changes: dict[str, Any] = {s.change: s for s in report.sensitivity}
    assert set(outright) - set(changes) <= {"prevalence_doubled"}
    for name, change in changes.items():
        other = calaudit.threshold(y, p, **(asked | outright[name])).recommended
        assert other is not None
        assert change.review_from == pytest.approx(other.review_from, rel=0.08), name
        assert change.act_from == pytest.approx(other.act_from, rel=0.08), name
    assert changes["miss_cost_doubled"].review_from < changes["miss_cost_halved"].review_from


def test_plateau_holds_the_recommendation() -> None:
    """The plateau contains the recommended cutoff, and cutoffs just outside of it cost more."""
    p, y = calibrated(3000, 10)
    report = calaudit.threshold(y, p, **BOTH)
    plateau: Any = report.plateaus[0]
    assert plateau.low <= option_of(report, "recommended").act_from <= plateau.high
    inside = (p >= plateau.low) & (p < plateau.high)
    assert 0.02 < inside.mean() < 0.5


def test_sentence_of_costs() -> None:
    """The first line has the printed cutoffs, their cost, and what it is compared with."""
    p, y = calibrated(3000, 11)
    report = calaudit.threshold(y, p, **BOTH, cost_review=0.4, current=0.7)
    best, current = option_of(report, "recommended"), option_of(report, "current")
    assert f"Act on scores of {best.act_from} or more" in report.sentence
    assert f"review those from {best.review_from} up to {best.act_from}" in report.sentence
    for cost in (best.cost.value, best.cost.low, best.cost.high, current.cost.value):
        assert cost is not None
        assert (f"{cost:,.0f}" if cost >= 1000 else f"{cost:.3g}") in report.sentence
    assert re.search(r", at a cost of [\d,.]+ \([\d,.]+ to [\d,.]+\) per 1,000", report.sentence)


def test_sentence_of_a_gain() -> None:
    """Where being right earns more than errors cost, the sentence tells a gain, above 0."""
    p, y = calibrated(3000, 11)
    report = calaudit.threshold(y, p, **BOTH, benefit_tp=9)
    best = option_of(report, "recommended")
    assert best.cost is not None
    assert best.cost.value is not None
    assert best.cost.low is not None
    assert best.cost.high is not None
    assert best.cost.value < 0
    gain = [f"{-x:,.0f}" for x in (best.cost.value, best.cost.high, best.cost.low)]
    assert f", at a gain of {gain[0]} ({gain[1]} to {gain[2]}) per 1,000" in report.sentence
    assert re.search(r", against \d[\d,]* ", report.sentence)


def test_sentence_of_a_guarantee() -> None:
    """A guarantee names its limit and confidence; a limit on the rows says it is none."""
    p, y = calibrated(3000, 12)
    sentence = calaudit.threshold(y, p, max_error=0.15).sentence
    assert "at most 15 %" in sentence
    assert "with 95 % confidence" in sentence
    sentence = calaudit.threshold(y, p, max_error=0.1, guarantee=None).sentence
    assert "no guarantee for others" in sentence


def test_totals_of_a_day() -> None:
    """With cases a day totals are of a day, else of the file; reviews are translated as well."""
    p, y = calibrated(2000, 13)
    one = calaudit.threshold(y, p, **BOTH)
    day = calaudit.threshold(y, p, **BOTH, per_day=500)
    for report, cases, of in ((one, 2000, "the file"), (day, 500, "a day")):
        best = option_of(report, "recommended")
        assert (report.volume, report.volume_of) == (cases, of)
        assert best.cost is not None
        assert best.total_cost is not None
        for part in ("value", "low", "high"):
            figure = getattr(best.cost, part)
            assert getattr(best.total_cost, part) == pytest.approx(figure * cases / 1000)
    few = calaudit.threshold(y, p, **BOTH, per_day=500, max_review=25)
    best = option_of(few, "recommended")
    reviewed = best.counts["reviewed_positives"] + best.counts["reviewed_negatives"]
    assert reviewed == pytest.approx(2000 * 25 / 500)
    if best.split is None:
        assert applied(best, p, y) == pytest.approx(best.counts)

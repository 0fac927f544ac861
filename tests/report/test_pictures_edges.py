"""Pictures of reports in which something is missing: drawn without it, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calaudit.errors import SettingsError
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import FAIL
from calaudit.report.evaluation_report import HistogramBin, Report
from calaudit.report.pictures import picture_of, pictures_of, themed_svg
from calaudit.report.rendered import Rendered
from calaudit.report.threshold_report import DecisionReport, Plateau
from tests.report import checks, decisions
from tests.report.examples import EXAMPLES, one_bin
from tests.report.pictured import audited, drawn, histogram, priced_decision, rows_with, slices


def names_of(report: Rendered) -> list[str]:
    """Return the names of the pictures, each of which is drawn."""
    pictures = pictures_of(report)
    for picture in pictures:
        assert "NaN" not in themed_svg(picture).replace('aria-label="', "")
    return [picture.name for picture in pictures]


def base() -> Report:
    """Return a small binary report."""
    return replace(EXAMPLES["binary_calibrated"](), histogram=(), by_class=(), slices=())


@pytest.mark.parametrize("score", [0.0, 1.0, 0.5, 1e-9])
@pytest.mark.parametrize("observed", [0.0, 1.0])
def test_one_row_in_one_bin(score: float, observed: float) -> None:
    """A single row is a single point, wherever it lies."""
    report = replace(base(), bins=(one_bin(score, score, 1, score, observed),), curve=())
    assert names_of(report) == ["reliability"]
    (point,) = rows_with(picture_of(report).spec, "observed", "told")
    assert (point["score"], point["observed"]) == (score, observed)


def test_no_rows_at_all() -> None:
    """Without a filled bin there is no diagram, and asking for one says so."""
    report = replace(base(), bins=(one_bin(0, 1, 0, 0, 0),), curve=())
    assert names_of(report) == []
    with pytest.raises(SettingsError, match="no data for any picture"):
        picture_of(report)


def test_neither_band_nor_interval_nor_curve() -> None:
    """Points are drawn alone, and the key does not explain what is not there."""
    bins = tuple(replace(b, low=None, high=None, band_low=None, band_high=None)
                 for b in base().bins)  # fmt: skip
    report = replace(base(), bins=bins, curve=())
    assert names_of(report) == ["reliability"]
    words = {row["text"] for row in rows_with(picture_of(report).spec, "text")}
    assert "observed" in words
    assert not words & {"isotonic curve", "range of a calibrated model", "observed outside of it"}


def test_bins_without_a_band_are_judged_by_their_interval() -> None:
    """A slice has no bands: its points stand out where their interval misses the diagonal."""
    bins = (replace(one_bin(0.8, 1.0, 400, 0.9, 0.5), band_low=None, band_high=None),
            replace(one_bin(0.4, 0.6, 400, 0.5, 0.5), band_low=None, band_high=None))  # fmt: skip
    spec = picture_of(replace(base(), bins=bins)).spec
    outside = {row["score"]: row["outside"] for row in rows_with(spec, "observed", "told")}
    assert outside == {0.9: True, 0.5: False}


def test_errors_that_cannot_be_computed() -> None:
    """An infinite log loss or a missing calibration error leave the pictures as they are."""
    none = Estimate(value=None, reason="infinite")
    report = replace(drawn(), metrics={**drawn().metrics, "log_loss": none, "smece": none})
    assert names_of(report) == ["reliability", "histogram", "classes"]
    assert "smooth" not in " ".join(picture_of(report).spec["title"]["subtitle"])


def test_settings_without_a_level() -> None:
    """The key does not make a level up."""
    words = {
        row["text"] for row in rows_with(picture_of(replace(base(), settings={})).spec, "text")
    }
    assert "observed" in words


@pytest.mark.parametrize(
    "bins",
    [
        (HistogramBin(lower=0.0, upper=0.0, zeros=3, ones=0),),
        (HistogramBin(lower=1.0, upper=1.0, zeros=0, ones=0.25),),
        (HistogramBin(lower=0.4, upper=0.5, zeros=1e-3, ones=2e7),),
        (HistogramBin(lower=0.0, upper=1e-9, zeros=5, ones=1),
         HistogramBin(lower=1 - 1e-9, upper=1.0, zeros=1, ones=5)),
    ],
    ids=["zero", "one", "weights", "open"],
)  # fmt: skip
def test_histograms_of_few_bins(bins: tuple[HistogramBin, ...]) -> None:
    """One bar at an end, tiny weights beside huge ones, and bins without an end are drawn."""
    report = replace(base(), histogram=bins)
    assert "histogram" in names_of(report)
    rows = rows_with(picture_of(report, "histogram").spec, "zeros", "ones")
    assert [(row["zeros"], row["ones"]) for row in rows] == [(b.zeros, b.ones) for b in bins]
    assert all(row["start"] < row["end"] for row in rows)


def test_a_histogram_of_no_weight_is_absent() -> None:
    """Empty bins alone are no histogram."""
    empty = tuple(replace(b, zeros=0.0, ones=0.0) for b in histogram())
    assert names_of(replace(base(), histogram=empty)) == ["reliability"]


def test_one_class() -> None:
    """A single class is a single panel, and is not called the worst."""
    report = replace(drawn(), by_class=drawn().by_class[:1])
    assert "furthest" not in picture_of(report, "classes").title
    assert len(picture_of(report, "classes").panels) == 1


def test_classes_and_slices_without_bins_are_absent() -> None:
    """What has no bins is not drawn: some panels less, or no picture."""
    bare = replace(drawn(), by_class=tuple(replace(c, bins=()) for c in drawn().by_class))
    assert names_of(bare) == ["reliability", "histogram"]
    assert len(picture_of(slices(), "slices").panels) == len(slices().slices) - 1


@pytest.mark.parametrize("low", [None, 0.2])
@pytest.mark.parametrize("high", [None, 0.6])
def test_plateaus_without_an_end_reach_the_edge(low: float | None, high: float | None) -> None:
    """A missing end is where the axis ends."""
    plateau = Plateau(cutoff="act_from", low=low, high=high)
    report = replace(priced_decision(), plateaus=(plateau,))
    (row,) = rows_with(picture_of(report, "cost").spec, "from", "to", "low", "high")
    assert (row["from"], row["to"]) == (low or 0.0, high or 1.0)
    assert (row["low"], row["high"]) == (low, high)
    assert names_of(report) == ["cost"]


def test_recommendations_that_never_act() -> None:
    """A recommended option without cutoffs has no line, and its cost is at the end."""
    best = replace(priced_decision().options[0], act_from=None, review_from=None)
    report = replace(priced_decision(), options=(best,), plateaus=())
    assert names_of(report) == ["cost"]
    lines = rows_with(picture_of(report).spec, "at", "cutoff", "told")
    assert [row["at"] for row in lines] == [1.0]


def test_limits_without_costs_have_no_cost_curve() -> None:
    """A decision by limits alone shows the risk, or nothing where there is no confidence."""
    assert names_of(decisions.limits()) == []
    assert names_of(decisions.answers()) == ["risk-coverage"]


@pytest.mark.parametrize("cost", [0.0, -250.0, 1e9], ids=["free", "gains", "dear"])
def test_costs_of_any_size(cost: float) -> None:
    """Costs of 0, gains, and costs that differ a millionfold all have an axis."""
    report = priced_decision()
    curve = (*report.cost_curve[:-2], replace(report.cost_curve[-2], cost=cost))
    assert names_of(replace(report, cost_curve=curve, options=())) == ["cost"]


def test_cost_curve_that_is_flat() -> None:
    """Equal costs at every cutoff are a level line, not a division by zero."""
    report = priced_decision()
    curve = tuple(replace(p, cost=100.0) for p in report.cost_curve)
    assert names_of(replace(report, cost_curve=curve, options=(), plateaus=())) == ["cost"]


def test_cutoffs_of_logits_are_on_their_own_scale() -> None:
    """Cutoffs that are no probabilities span what they span."""
    report = priced_decision()
    curve = tuple(replace(p, cutoff=None if p.cutoff is None else 20 * p.cutoff - 10)
                  for p in report.cost_curve)  # fmt: skip
    moved = replace(report, unit="logit", cost_curve=curve, options=(), plateaus=())
    spec = picture_of(moved, "cost").spec
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < -10
    assert high > 9.8
    assert names_of(moved) == ["cost"]


def test_one_point_is_no_curve() -> None:
    """A curve of a single cutoff is absent."""
    report = decisions.answers()
    assert names_of(replace(report, risk_coverage=report.risk_coverage[:1])) == []
    priced = priced_decision()
    assert names_of(replace(priced, cost_curve=priced.cost_curve[-2:])) == []


def test_risk_that_is_never_above_zero() -> None:
    """A model without an error has a risk of 0 and an axis all the same."""
    report = decisions.answers()
    flat = tuple(replace(p, risk=0.0) for p in report.risk_coverage)
    free = replace(report, risk_coverage=flat, options=(), guarantees=(), aurc=None)
    assert names_of(free) == ["risk-coverage"]


def test_acceptances_that_no_cutoff_keeps() -> None:
    """An audit in which no limit can be kept shows the curve alone."""
    report = audited()
    assert report.selective is not None
    none = tuple(replace(a, cutoff=None) for a in report.selective.acceptances)
    bare = replace(report, selective=replace(report.selective, acceptances=none))
    assert "risk-coverage" in names_of(bare)
    assert not rows_with(picture_of(bare, "risk-coverage").spec, "limit")


def test_limits_that_lead_to_the_same_cutoff_are_drawn_once() -> None:
    """The strictest of them says it all; a cutoff of 0 is called by what it does."""
    report = audited()
    assert report.selective is not None
    kept = report.selective.acceptances[-1]
    acceptances = tuple(replace(kept, cutoff=0.0, max_error=limit) for limit in (0.1, 0.2))
    every = replace(report, selective=replace(report.selective, acceptances=acceptances))
    spec = picture_of(every, "risk-coverage").spec
    assert [row["limit"] for row in rows_with(spec, "limit", "coverage")] == [0.1]
    words = [row["text"] for row in rows_with(spec, "text")]
    assert [word.partition(":")[0] for word in words] == ["at most 10 % wrong"]


def test_audit_whose_error_is_unknown_is_called_by_its_answer() -> None:
    """Without figures to compare the title is the first sentence of the answer."""
    report = audited()
    assert picture_of(report).title == (
        "Temperature scaling takes the calibration error from 0.054 to 0.004"
    )
    kept = {name: each for name, each in report.before.metrics.items() if name != "smece"}
    bare = replace(report, before=replace(report.before, metrics=kept))
    assert picture_of(bare).title.startswith("Overconfident by 5.4 points as it is")


def test_audit_without_thresholds() -> None:
    """Neither costs nor confidences: the other pictures are there."""
    assert names_of(replace(audited(), selective=None)) == ["reliability", "histogram", "classes"]


def test_rules_that_could_not_be_judged_or_are_met_exactly() -> None:
    """A rule without a figure has no mark; a figure on its limit stands on the line."""
    met = checks.result(FAIL, "ece", 0.05, (0.05, 0.05, 0.05))
    report = checks.check(
        status=FAIL, sentence="FAIL.", results=(met, checks.skipped("ece", ("a", "b"), "too few"))
    )
    assert names_of(report) == ["gate"]
    (row,) = rows_with(picture_of(report).spec, "change_at", "rule")
    assert row["change_at"] == 0
    assert names_of(replace(report, results=())) == []


def test_decisions_are_not_changed_by_being_drawn() -> None:
    """A picture is made of a report alone: the same report, the same picture."""
    report = priced_decision()
    assert isinstance(report, DecisionReport)
    assert pictures_of(report) == pictures_of(priced_decision())
    assert report == priced_decision()


def test_what_no_svg_can_hold_is_replaced() -> None:
    """A unit that someone wrote into the JSON by hand cannot bring the renderer down."""
    report = replace(priced_decision(), unit="\x1b[31mX\x00\ufffe")
    assert r"\x1b[31mX\x00\ufffe" in themed_svg(picture_of(report, "cost"))

"""The figures in every picture are those of its report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.errors import SettingsError
from calaudit.report.audit_report import AuditReport
from calaudit.report.check_report import FAIL
from calaudit.report.evaluation_report import Bin, Report
from calaudit.report.kinds import kind_of
from calaudit.report.pictures import picture_of, pictures_of
from calaudit.report.pictures.axes import logit
from calaudit.report.threshold_report import DecisionReport
from tests.report import checks, decisions
from tests.report.examples import EXAMPLES
from tests.report.pictured import (
    DRAWN,
    audited,
    drawn,
    histogram,
    priced_decision,
    risk,
    rows_with,
    slices,
)

DIAGRAMS = [name for name, each in DRAWN.items() if isinstance(each, Report)]
POINT = ("score", "observed", "told")


def filled(bins: tuple[Bin, ...]) -> list[Bin]:
    """Return the bins that hold rows."""
    return [b for b in bins if b.observed is not None]


def close(rows: list[dict[str, Any]], wanted: list[tuple[Any, ...]], *names: str) -> None:
    """Assert that rows hold these values, whatever their order."""
    found = [tuple(row[name] for name in names) for row in rows]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)


@pytest.mark.parametrize("name", DIAGRAMS)
def test_points_and_intervals_of_the_diagram_are_the_bins(name: str) -> None:
    """Each filled bin is a point at its mean score and rate, with its interval and weight."""
    report = DRAWN[name]
    assert isinstance(report, Report)
    bins = filled(report.bins)
    spec = picture_of(report, "reliability").spec
    wanted = [(b.mean_score, b.observed, b.low, b.high, b.rows, b.weight) for b in bins]
    names = ("score", "observed", "low", "high", "rows", "weight")
    close(rows_with(spec, *POINT), wanted, *names)
    bounds = [row for row in rows_with(spec, "score", "low", "high") if "observed" not in row]
    close(bounds, [(b.mean_score, b.low, b.high) for b in bins], "score", "low", "high")


@pytest.mark.parametrize("name", DIAGRAMS)
def test_band_curve_and_strip_of_the_diagram_are_those_of_the_report(name: str) -> None:
    """The grey bars are the bands, the line is the curve with its own, and the strip shows every
    weight.
    """
    report = DRAWN[name]
    assert isinstance(report, Report)
    spec = picture_of(report, "reliability").spec
    bands = [(b.mean_score, b.band_low, b.band_high) for b in filled(report.bins)]
    close(rows_with(spec, "band_low", "rows"), bands, "score", "band_low", "band_high")
    names = ("score", "observed", "band_low", "band_high")
    if len(report.curve) > 1:  # one that is alone is drawn from one side of it to the other
        wanted = [tuple(getattr(p, name) for name in names) for p in report.curve]
        close(rows_with(spec, "band_low", "run"), wanted, *names)
    strip = [(b.lower, b.upper, b.weight) for b in report.bins if b.weight > 0]
    close(rows_with(spec, "lower", "upper", "zero"), strip, "lower", "upper", "weight")


@pytest.mark.parametrize("name", DIAGRAMS)
def test_what_lies_outside_the_band_has_another_colour_and_another_shape(name: str) -> None:
    """Colour alone tells nothing apart: bins outside are diamonds, the others circles."""
    report = DRAWN[name]
    assert isinstance(report, Report)
    outside = [b.mean_score for b in filled(report.bins)
               if not (b.band_low or 0) <= (b.observed or 0) <= (b.band_high or 0)]  # fmt: skip
    looks = {}
    for layer in picture_of(report, "reliability").spec["concat"][0]["layer"]:
        for row in layer["data"]["values"]:
            if set(POINT) <= set(row):
                looks[row["score"]] = (layer["mark"]["shape"], layer["mark"]["color"])
    diamonds = {score for score, (shape, _) in looks.items() if shape == "diamond"}
    assert diamonds == set(outside)
    colours = dict(looks.values())
    assert len(set(colours.values())) == len(colours)


@pytest.mark.parametrize(
    ("name", "domain"),
    [("rare_events", [0.0, 0.05]), ("multiclass", [0.0, 1.0]), ("binary_calibrated", [0.0, 1.0])],
)
def test_axes_show_the_piece_that_the_data_fill(name: str, domain: list[float]) -> None:
    """Rare events are drawn from 0 to 5 %, not squeezed into a corner."""
    spec = picture_of(EXAMPLES[name]()).spec
    scale = spec["concat"][0]["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domain"] == pytest.approx(domain)


def test_scores_near_one_fill_their_axis_too() -> None:
    """A model that is never below 0.9 is drawn from 0.9 to 1."""
    base = DRAWN["multiclass"]
    assert isinstance(base, Report)
    spec = picture_of(replace(base, bins=base.bins[-1:])).spec
    low, high = spec["concat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low >= 0.9
    assert high == 1.0


def test_audit_shows_both_sides_with_their_names_and_errors() -> None:
    """The bins before and after are both drawn, told apart by name, colour and shape."""
    report = audited()
    assert report.after is not None
    spec = picture_of(report).spec
    both = [(b.mean_score, b.observed) for side in (report.before, report.after)
            for b in filled(side.bins)]  # fmt: skip
    close(rows_with(spec, *POINT), both, "score", "observed")
    told = [row["told"] for row in rows_with(spec, *POINT)]
    assert sum(text.startswith("before · ") for text in told) == len(filled(report.before.bins))
    assert sum(text.startswith("temperature scaling · ") for text in told) == len(
        filled(report.after.bins)
    )
    words = " ".join(row["text"] for row in rows_with(spec, "text"))
    assert "before: calibration error 0.054 (0.049 to 0.060)" in words
    assert "after temperature scaling: 0.004 (0.000 to 0.012)" in words


def test_histogram_counts_are_those_of_the_report() -> None:
    """Every bin stands between the log-odds of its edges, upwards and downwards by its counts."""
    report = drawn()
    rows = rows_with(picture_of(report, "histogram").spec, "zeros", "ones")
    wanted = [b for b in histogram() if b.zeros or b.ones]
    close(rows, [(b.lower, b.upper, b.zeros, b.ones, -b.zeros) for b in wanted], "lower", "upper",
          "zeros", "ones", "down")  # fmt: skip
    inner = [row for row in rows if row["lower"] < row["upper"]]
    for row in inner:
        assert (row["start"], row["end"]) == (logit(row["lower"]), logit(row["upper"]))
    ends = {row["lower"]: row for row in rows if row["lower"] == row["upper"]}
    assert ends[0.0]["end"] < min(row["start"] for row in inner)
    assert ends[1.0]["start"] > max(row["end"] for row in inner)


def test_histogram_of_an_audit_has_both_sides() -> None:
    """Scores before and after the calibrator are both drawn, one panel each."""
    panels = picture_of(audited(), "histogram").spec["concat"]
    assert len(panels) == 2
    for panel in panels:
        assert len(rows_with(panel, "zeros", "ones")) == len(
            [b for b in histogram() if b.zeros or b.ones]
        )


@pytest.mark.parametrize("kind", ["classes", "slices"])
def test_small_multiples_show_the_worst_first_with_their_bins(kind: str) -> None:
    """Panels are sorted by their error, at most twelve, and each has the points of its bins."""
    report = drawn() if kind == "classes" else slices()
    picture = picture_of(report, kind)
    named = [(c.ece, c.bins) for c in report.by_class] if kind == "classes" else [
        (s.metrics["smece"], s.bins) for s in report.slices if s.bins
    ]  # fmt: skip
    order = sorted(named, key=lambda each: -(each[0].unbiased or 0))[:12]
    panels = picture.spec["concat"]
    assert len(panels) == len(picture.panels) == len(order)
    for (_, bins), panel, single in zip(order, panels, picture.panels, strict=True):
        wanted = [(b.mean_score, b.observed, b.low, b.high) for b in filled(bins)]
        for spec in (panel, single.spec):
            close(rows_with(spec, *POINT), wanted, "score", "observed", "low", "high")


@pytest.mark.parametrize("report", [priced_decision(), decisions.fraud()], ids=["many", "few"])
def test_cost_curve_cutoffs_and_plateau_are_those_of_the_report(report: DecisionReport) -> None:
    """Every cutoff with its cost, both recommended ones, the current one, and the plateau."""
    spec = picture_of(report, "cost").spec
    curve = [row for row in rows_with(spec, "cutoff", "cost", "at") if "told" not in row]
    close(curve, [(p.cutoff, p.cost) for p in report.cost_curve if p.cutoff is not None],
          "cutoff", "cost")  # fmt: skip
    best, current = report.options[0], report.options[2]
    assert best.cost is not None
    lines = [row["cutoff"] for row in rows_with(spec, "at", "cutoff", "told") if "cost" not in row]
    assert lines == [best.review_from, best.act_from, current.act_from]
    point = rows_with(spec, "cost", "low", "high", "told")[0]
    assert (point["cutoff"], point["cost"], point["low"], point["high"]) == (
        best.act_from, best.cost.value, best.cost.low, best.cost.high
    )  # fmt: skip
    plateaus = list(rows_with(spec, "from", "to", "low", "high"))
    close(plateaus, [(p.cutoff, p.low, p.high) for p in report.plateaus], "cutoff", "low", "high")
    words = {row["text"] for row in rows_with(spec, "text")}
    assert {"act ≥ 0.31", "review ≥ 0.0521", "current 0.8", "act on all", "act on none"} <= words


def test_lines_across_are_the_costs_of_acting_on_all_and_on_none() -> None:
    """Each of them is at the cost of its option."""
    report = priced_decision()
    spec = picture_of(report, "cost").spec
    lines = {row["text"]: row["cost"] for row in rows_with(spec, "cost", "text", "told")}
    costs = {o.name: o.cost.value for o in report.options if o.cost is not None}
    assert lines == {"act on all": costs["act_on_all"], "act on none": costs["act_on_none"]}


def test_cutoffs_near_zero_are_drawn_on_log_odds() -> None:
    """A cutoff below 0.05 does not vanish into the edge: its place is its log-odds."""
    report = priced_decision()
    rare = replace(report, options=(replace(report.options[0], act_from=0.004, review_from=0.001),
                                    *report.options[1:]), plateaus=())  # fmt: skip
    spec = picture_of(rare, "cost").spec
    places = {row["cutoff"]: row["at"] for row in rows_with(spec, "at", "cutoff", "told")}
    assert places[0.004] == logit(0.004)
    assert places[0.001] == logit(0.001)


def test_risk_coverage_curve_is_that_of_the_report() -> None:
    """The curve, and on it the recommended cutoff with its error, interval and limit."""
    report = decisions.answers()
    spec = picture_of(report, "risk-coverage").spec
    curve = [row for row in rows_with(spec, "coverage", "risk") if "told" not in row]
    close(curve, [(p.cutoff, p.coverage, p.risk) for p in report.risk_coverage],
          "cutoff", "coverage", "risk")  # fmt: skip
    best = report.options[0]
    share, wrong = best.rates["act_share"], best.rates["error"]
    (point,) = rows_with(spec, "coverage", "risk", "told")
    assert point["cutoff"] == best.act_from
    assert (point["coverage"], point["risk"]) == (share.value, wrong.value)
    assert (point["low"], point["high"], point["limit"]) == (wrong.low, wrong.high, 0.02)


def test_risk_coverage_of_an_audit_has_each_acceptance() -> None:
    """Limits that a cutoff keeps are drawn; one that none keeps is not."""
    report = audited()
    assert report.selective is not None
    spec = picture_of(report, "risk-coverage").spec
    close(
        rows_with(spec, "coverage", "risk", "told"),
        [(a.cutoff, a.max_error, a.coverage.value, a.error.value)
         for a in report.selective.acceptances if a.cutoff is not None],
        "cutoff", "limit", "coverage", "risk",
    )  # fmt: skip
    curve = [row for row in rows_with(spec, "coverage", "risk") if "told" not in row]
    close(curve, [(p.coverage, p.risk) for p in risk()], "coverage", "risk")


@pytest.mark.parametrize("name", checks.CHECKS)
def test_gate_rows_hold_the_figures_and_bounds_of_the_rules(name: str) -> None:
    """Each rule has its figure, bounds and limit, and stands on the side that its bounds say."""
    report = checks.CHECKS[name]()
    spec = picture_of(report).spec
    results = report.results[:20]
    rows = rows_with(spec, "limit", "change", "rule")
    wanted = [(r.rule, r.change, r.low, r.high, r.limit, r.status) for r in results]
    drawn_ones = [each for each in wanted if each[1] is not None]
    close(rows, drawn_ones, "rule", "change", "low", "high", "limit", "status")
    for row in rows:
        worse = -1 if row["rule"].startswith("--min-") else 1
        assert (row["change_at"] > 0) == (worse * (row["change"] - row["limit"]) > 0)
        assert abs(row["change_at"]) <= 1
        if row["status"] == FAIL:
            assert row["low_at"] > 0
    said = [row["status"] for row in rows_with(spec, "status", "top") if "rule" not in row]
    assert sorted(said) == sorted(r.status for r in results)


@pytest.mark.parametrize(
    ("rule", "words", "better"),
    [
        ({"min_automated": "0.5=0.6"}, ", at most 0.5", -1),
        ({"min_average_precision": 0.01}, ", at least 0.01", -1),
        ({"max_mce": 0.9}, ", at most 0.9", -1),
        ({"min_auroc": 0.99}, ", at least 0.99", 1),
    ],
)
def test_a_rule_is_drawn_on_the_side_of_its_figure(
    rule: dict[str, Any], words: str, better: int
) -> None:
    """Errors have a largest figure, however their rule is called; and not all rules are options."""
    rng = np.random.default_rng(3)
    p = rng.random(400)
    found = calaudit.check((rng.random(400) < p).astype(int), p, **rule)
    spec = picture_of(found).spec
    [row] = rows_with(spec, "limit", "change", "rule")
    assert words in row["text"]
    assert row["change_at"] * better > 0


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_are_those_that_there_are_data_for(name: str) -> None:
    """Each has a known name, a title, an alternative text, and is found by its name."""
    report = DRAWN[name]
    pictures = pictures_of(report)
    assert len({p.name for p in pictures}) == len(pictures)
    for picture in pictures:
        assert picture.name in kind_of(report).pictures
        assert picture.title
        assert len(picture.alt) > 20
        assert picture.spec["description"] == picture.alt
        assert picture_of(report, picture.name) == picture
        assert report.plot(picture.name) == picture


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("drawn", ["reliability", "histogram", "classes"]),
        ("slices", ["reliability", "histogram", "slices"]),
        ("audit", ["reliability", "histogram", "classes", "risk-coverage"]),
        ("audit_priced", ["reliability", "histogram", "classes", "cost"]),
        ("priced", ["cost"]),
        ("answers", ["risk-coverage"]),
        ("matrix", []),
        ("by_class", []),
        ("regression", ["gate"]),
    ],
)
def test_main_picture_comes_first(name: str, names: list[str]) -> None:
    """Each kind of report has its pictures in their order."""
    assert [p.name for p in pictures_of(DRAWN[name])] == names


def test_unknown_picture_names_the_choices() -> None:
    """A name that no picture has, or one without data, is refused with what there is."""
    with pytest.raises(SettingsError, match="there are: reliability, histogram, classes, slices"):
        picture_of(drawn(), "cost")
    with pytest.raises(SettingsError, match="no data for the picture 'slices'; there are: rel"):
        picture_of(drawn(), "slices")
    with pytest.raises(SettingsError, match="no data for any picture"):
        picture_of(decisions.matrix())


def test_audit_that_has_no_use_for_a_calibrator_shows_the_scores_as_they_are() -> None:
    """Without a second side the diagram is that of the report."""
    report = audited(helped=False)
    assert isinstance(report, AuditReport)
    assert picture_of(report) == picture_of(report.before)

"""The pictures of an audit: what their titles find, and which side of them stands out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from calaudit.report.audit_report import Acceptance, AuditReport
from calaudit.report.content.acceptance_table import told_acceptance
from calaudit.report.evaluation_report import CurvePoint
from calaudit.report.kinds import document_of
from calaudit.report.pictures import DARK, LIGHT, picture_of
from calaudit.report.pictures.before_after_picture import outcome_of
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.palette import recoloured
from tests.report.examples import bins_of, error, estimate, multiclass
from tests.report.pictured import audited, drawn, rows_with


def with_figures(
    *, after: float, saved: tuple[float, float, float], accuracy: float = 0.914
) -> AuditReport:
    """Return an audit whose calibration error was 0.050, with these figures after."""
    base = audited()
    assert base.after is not None
    old = {
        **base.before.metrics,
        "smece": error(0.06, 0.01, 0.05, 0.04, 0.06),
        "log_loss": estimate(0.4, 0.38, 0.42),
        "accuracy": estimate(0.914, 0.908, 0.919),
    }
    new = old | {
        "smece": error(after + 0.01, 0.01, after, after - 0.01, after + 0.01),
        "log_loss": estimate(0.4 - saved[0], 0.3, 0.5),
        "accuracy": estimate(accuracy, accuracy - 0.005, accuracy + 0.005),
    }
    return replace(
        base,
        before=replace(base.before, metrics=old),
        after=replace(base.after, metrics=new),
        saved=estimate(*saved),
    )


@pytest.mark.parametrize(
    ("report", "title"),
    [
        (with_figures(after=0.02, saved=(0.1, 0.05, 0.15)),
         "Temperature scaling takes the calibration error from 0.050 to 0.020"),
        (with_figures(after=0.05, saved=(0.1, 0.05, 0.15), accuracy=0.932),
         "Temperature scaling lowers the log loss by 25 % and lifts accuracy from 91.4 to 93.2 %"),
        (with_figures(after=0.06, saved=(0.1, 0.05, 0.15), accuracy=0.9),
         "Temperature scaling lowers the log loss by 25 % but lowers accuracy from 91.4 to 90.0 %"),
        (with_figures(after=0.05, saved=(0.1, 0.05, 0.15)),
         "Temperature scaling lowers the log loss by 25 %"),
        (with_figures(after=0.05, saved=(0.01, -0.02, 0.04)),
         "Temperature scaling leaves the calibration error at 0.050"),
    ],
)  # fmt: skip
def test_the_title_tells_what_changes(report: AuditReport, title: str) -> None:
    """A calibration error that stays is no finding: what is saved is, and the accuracy."""
    assert outcome_of(report) == title


@pytest.mark.parametrize("after", [0.001, 0.05, 0.2])
def test_a_calibrator_that_makes_scores_worse_is_not_praised(after: float) -> None:
    """Whatever its calibration error is: the title, the answer's mark and the emphasis say so."""
    worse = with_figures(after=after, saved=(-0.1, -0.2, -0.05))
    worse = replace(worse, answer="The calibrator harms. Do not use it.")
    picture = picture_of(worse, "reliability")
    assert picture.title.startswith("Do not use temperature scaling")
    answer = document_of(worse).answer
    assert answer.status == answer.size == "FAIL"
    bounded = {row["score"] for row in rows_with(picture.spec, "score", "low", "high", "rows")
               if "told" not in row}  # fmt: skip
    assert bounded == {b.mean_score for b in worse.before.bins if b.low is not None}


def marks_of(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the marks of the points by what their tooltips begin with."""
    found: dict[str, list[dict[str, Any]]] = {}
    for layer in spec["concat"][0]["layer"]:
        for row in layer["data"]["values"]:
            if "observed" in row and "told" in row:
                found.setdefault(row["told"].split(" · ")[0], []).append(layer["mark"])
    return found


def test_only_one_side_has_intervals() -> None:
    """What is used is drawn in full; what was before are outlines and a thin curve behind it."""
    report = audited()
    assert report.after is not None
    spec = picture_of(report, "reliability").spec
    marks = marks_of(spec)
    assert not any(mark["filled"] for mark in marks["before"])
    assert all(mark["filled"] for mark in marks["temperature scaling"])
    ends = [row for row in rows_with(spec, "score", "low", "high", "rows") if "told" not in row]
    wanted = {b.mean_score for b in report.after.bins if b.low is not None and b.rows}
    assert {row["score"] for row in ends} == wanted


def test_bins_of_few_rows_are_faint() -> None:
    """A band or an interval of fewer than five rows, which is long, does not stand out."""
    plane = Diagram((0.0, 1.0), 300, "right")
    bins = [b for b in bins_of((4, 5, 300, 0, 2), (0.0,) * 5) if b.rows]
    for layers in (plane.band(bins), plane.points(bins, "model")):
        drawn = {row["rows"]: layer["mark"]["opacity"] for layer in layers
                 for row in layer["data"]["values"] if "observed" not in row}  # fmt: skip
        assert max(drawn[4], drawn[2]) < 0.5 * min(drawn[5], drawn[300])


def test_the_curve_is_left_out_where_there_are_no_scores() -> None:
    """Its pieces are lines of their own, and a score that is alone is a short one."""
    plane = Diagram((0.0, 1.0), 300, "right")
    points = [CurvePoint(score=x, observed=x / 2, band_low=0.0, band_high=1.0, piece=piece)
              for x, piece in ((0.1, 0), (0.5, 1), (0.55, 1), (0.9, 2))]  # fmt: skip
    for (line,) in (plane.curve(points, "model", "curve"), plane.ribbon(points)):
        found = {run: [row["score"] for row in line["data"]["values"] if row["run"] == run]
                 for run in range(3)}  # fmt: skip
        assert found == {0: pytest.approx([0.088, 0.112]), 1: [0.5, 0.55],
                         2: pytest.approx([0.888, 0.912])}  # fmt: skip
    assert plane.curve((), "model", "curve") == []


@pytest.mark.parametrize(("rates", "flat"), [((0.4, 0.4, 0.4), True), ((0.4, 0.4, 0.5), False)])
def test_a_flat_curve_says_what_that_means(rates: tuple[float, ...], flat: bool) -> None:
    """Where no higher score comes true more often, the key says so."""
    curve = tuple(CurvePoint(score=0.2 * i, observed=rate, band_low=0.0, band_high=1.0)
                  for i, rate in enumerate(rates))  # fmt: skip
    spec = picture_of(replace(drawn(), curve=curve), "reliability").spec
    words = {row["text"] for row in rows_with(spec, "text")}
    assert ("isotonic curve: flat, no higher score comes true more often" in words) == flat
    assert ("isotonic curve" in words) != flat


def placed(report: AuditReport) -> list[tuple[str, float, float]]:
    """Return the labels of the risk–coverage curve, with their height and their limit's."""
    picture = picture_of(report, "risk-coverage")
    lines = {}
    words = []
    for layer in picture.spec["layer"]:
        for row in layer["data"]["values"]:
            if "limit" in row and layer["mark"]["type"] == "rule":
                top = layer["encoding"]["y"]["scale"]["domain"][1]
                lines[f"{100 * row['limit']:.10g} %"] = (1 - row["limit"] / top) * 280
            if "text" in row:
                height = layer["encoding"]["y"]["value"]
                words.append((row["text"], height))
    limits = {text: text.removeprefix("at most ").split(" wrong")[0] for text, _ in words}
    return [(text, height, lines[limits[text]]) for text, height in words]


def test_labels_of_limits_stand_on_their_own_lines() -> None:
    """However near the limits are: no label is far from its line, and no two share a place."""
    report = audited()
    assert report.selective is not None
    some = [
        Acceptance(max_error=limit, guarantee=0.95, cutoff=0.9 - limit,
                   coverage=estimate(share, share - 0.01, share + 0.01),
                   error=estimate(0.8 * limit, 0.5 * limit, limit))
        for limit, share in ((0.005, 0.2), (0.01, 0.25), (0.02, 0.35), (0.05, 0.5), (0.1, 0.7))
    ]  # fmt: skip
    close = replace(report, selective=replace(report.selective, acceptances=tuple(some)))
    found = placed(close)
    assert len(found) >= 2
    for _, height, line in found:
        assert abs(height - line) < 12
    heights = sorted(height for _, height, _ in found)
    assert all(b - a >= 13 for a, b in pairwise(heights))


def test_the_title_of_the_curve_has_the_limit_of_the_answer() -> None:
    """Not the strictest that can be kept, but the one that is told: half of the cases."""
    report = audited()
    assert report.selective is not None
    told = told_acceptance(report.selective, report.before)
    assert told is not None
    assert told.max_error == 0.05
    title = picture_of(report, "risk-coverage").title
    assert title == "If 5 % errors are allowed, 50 % of the cases can do without a person"
    first = replace(report.selective.acceptances[1], coverage=estimate(0.08, 0.07, 0.09))
    selective = replace(report.selective,
                        acceptances=(first, report.selective.acceptances[2]))  # fmt: skip
    title = picture_of(replace(report, selective=selective), "risk-coverage").title
    assert title == "If 10 % errors are allowed, 70 % of the cases can do without a person"


def test_no_limit_is_told_that_naming_the_commoner_outcome_keeps() -> None:
    """With 4 % positives, "at most 5 % wrong" is kept by saying no to all."""
    report = audited()
    assert report.selective is not None
    metrics = {**multiclass().metrics, "base_rate": estimate(0.04, 0.03, 0.05)}
    binary = replace(report.before, task="binary", metrics=metrics)
    assert told_acceptance(report.selective, binary) is None
    common = replace(binary, metrics=metrics | {"base_rate": estimate(0.4, 0.3, 0.5)})
    assert told_acceptance(report.selective, common) is not None


def test_words_that_look_like_colours_keep_them() -> None:
    """A slice may be called like a colour of the palette; only colours are exchanged."""
    name, other = LIGHT["model"], DARK["model"]
    spec = {
        "mark": {"color": name},
        "title": {"text": [name], "subtitle": [name], "color": name},
        "description": name,
        "config": {"text": {"color": name}},
        "data": {"values": [{"text": name}]},
        "encoding": {"x": {"axis": {"title": name}}},
    }
    found = recoloured(spec, DARK)
    assert found["mark"]["color"] == found["title"]["color"] == other
    assert found["config"]["text"]["color"] == other
    assert found["title"]["text"] == found["title"]["subtitle"] == [name]
    assert found["description"] == found["encoding"]["x"]["axis"]["title"] == name

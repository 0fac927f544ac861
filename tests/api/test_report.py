"""Real reports of every kind: valid, finite, complete, and the same after a round trip."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import jsonschema
import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.report.evaluation_report import Report
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.api.simulated import binary, multiclass, top_label

P, Y = binary(300, slope=0.7)
Z, PROBS, CODES = multiclass(200)
W = np.random.default_rng(1).integers(1, 5, 300)
FRAME = pd.DataFrame(
    {"score": P, "label": Y, "weight": W, "key": np.arange(300), "group": np.arange(300) % 4}
)
DAMAGED = FRAME.assign(score=np.where(np.arange(300) % 10 == 0, np.nan, P))


def stated() -> Report:
    """Return the report on stated confidences."""
    confidence, right = top_label(300, gap=0.1)
    return calaudit.evaluate(right, confidence, task="top-label", worst=3)


def large() -> Report:
    """Return the report on more distinct scores than a table has cells."""
    p, y = binary(200_000)
    return calaudit.evaluate(y, p)


REPORTS: dict[str, Callable[[], Report]] = {
    "binary": lambda: calaudit.evaluate(Y, P),
    "binary logits": lambda: calaudit.evaluate(Y, np.log(P / (1 - P)), scale="logit"),
    "multiclass": lambda: calaudit.evaluate(CODES, PROBS, worst=3),
    "multiclass logits": lambda: calaudit.evaluate(CODES, Z, scale="logit"),
    "multiclass weighted": lambda: calaudit.evaluate(CODES, PROBS, sample_weight=W[:200]),
    "top-label": stated,
    "importance": lambda: calaudit.evaluate(FRAME, weight="weight"),
    "frequency": lambda: calaudit.evaluate(FRAME, weight="weight", weight_kind="frequency"),
    "slices": lambda: calaudit.evaluate(FRAME, by=["group", "weight"]),
    "worst": lambda: calaudit.evaluate(FRAME, worst=400, id="key"),
    "dropped": lambda: calaudit.evaluate(DAMAGED, on_invalid="drop"),
    "one row": lambda: calaudit.evaluate([1], [0.7], worst=1),
    "one wrong row": lambda: calaudit.evaluate([1], [0.0], worst=1),
    "one class": lambda: calaudit.evaluate(np.ones(300), P),
    "one score": lambda: calaudit.evaluate(Y, np.full(300, 0.4)),
    "one half": lambda: calaudit.evaluate(Y, np.full(300, 0.5)),
    "hard": lambda: calaudit.evaluate(Y, np.round(P), worst=2),
    "hard without clip": lambda: calaudit.evaluate(Y, np.round(P), clip=0),
    "not exact": large,
    "one bin": lambda: calaudit.evaluate(Y, P, bins=1),
    "equal mass": lambda: calaudit.evaluate(Y, P, bins="equal-mass:7", level=0.8),
}


@pytest.fixture(scope="module", params=REPORTS)
def report(request: pytest.FixtureRequest) -> Report:
    """A real report."""
    return REPORTS[request.param]()


def test_valid(report: Report) -> None:
    """The JSON is strict, follows the shipped schema, and is what ``to_dict`` gives."""
    text = report.to_json()
    document = json.loads(text, parse_constant=pytest.fail)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    assert document == report.to_dict()


def test_round_trip(report: Report) -> None:
    """Reading a report back gives an equal one that is written in the same bytes."""
    again = report_from_json(report.to_json())
    assert again == report
    assert again.to_json() == report.to_json()


def test_frame(report: Report) -> None:
    """The frame has a row for each metric with its value, low and high."""
    frame = report.to_frame()
    assert list(frame.index) == [*report.metrics, "gap", "p_value"]
    for name, estimate in report.metrics.items():
        for part in ("value", "low", "high", "p_value"):
            found, wanted = frame.loc[name, part], getattr(estimate, part)
            assert math.isnan(found) if wanted is None else found == wanted


def test_figures_hang_together(report: Report) -> None:
    """Estimates lie in their intervals' order, missing ones give a reason, and rows add up."""
    for name, e in report.metrics.items():
        assert e.value is not None or e.reason, name
        assert (e.low is None) == (e.high is None), name
        if e.low is not None and e.high is not None:
            assert e.low <= e.high, name
            assert e.level == report.settings["level"], name
            middle = e.value if e.unbiased is None else e.unbiased
            assert middle is not None, name
            assert e.low - 1e-9 <= middle <= e.high + 1e-9, name
        if e.p_value is not None:
            assert 0 <= e.p_value <= 1, name
    n = report.metrics["n"].value
    assert sum(b.rows for b in report.bins) == n
    if report.settings["weight_kind"] == "importance":
        assert report.intake.rows_used == n
    total: dict[str, int] = {}
    for s in report.slices:
        total[s.column] = total.get(s.column, 0) + s.rows
    assert set(total.values()) <= {report.intake.rows_used}
    for b in report.bins:
        if b.rows:
            assert b.low is not None
            assert b.observed is not None
            assert b.high is not None
            assert b.low - 1e-12 <= b.observed <= b.high + 1e-12
            assert b.lower - 1e-12 <= (b.mean_score or 0.0) <= b.upper + 1e-12
        else:
            assert (b.mean_score, b.observed) == (None, None)
    losses = [math.inf if w.loss is None else w.loss for w in report.worst]
    assert [w.confidence for w in report.worst] == sorted(
        (w.confidence for w in report.worst), reverse=True
    )
    assert all(loss > 0 for loss in losses)


def notes(report: Report) -> set[str]:
    """Return the codes of the notes."""
    return {note.code for note in report.notes}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("one row", "few-rows"), ("one class", "one-class"), ("hard", "infinite-loss"),
        ("hard", "few-scores"), ("not exact", "table-not-exact"), ("importance", "weighted"),
        ("frequency", "weighted"),
    ],
)  # fmt: skip
def test_notes(name: str, code: str) -> None:
    """What a reader should know is noted, and a plain report has no notes."""
    assert code in notes(REPORTS[name]())
    p, y = binary(1000)
    assert code not in notes(calaudit.evaluate(y, p))


def test_infinite_loss() -> None:
    """Without a clip a log loss is infinite: it has no value, a reason, and a count of rows."""
    report = REPORTS["hard without clip"]()
    wrong = int((np.round(P) != Y).sum())
    loss = report.metrics["log_loss"]
    assert (loss.value, str(wrong) in str(loss.reason)) == (None, True)
    assert report.confidently_wrong.infinite_rows == wrong
    clipped = REPORTS["hard"]().metrics["log_loss"].value
    assert clipped == pytest.approx(wrong / 300 * -math.log(2.0**-52), rel=1e-9)


def test_dropped_rows_are_counted() -> None:
    """Dropped rows are counted by reason, and the figures are those of the others."""
    report = REPORTS["dropped"]()
    assert (report.intake.rows_read, report.intake.rows_used) == (300, 270)
    assert report.intake.refused == {"missing-score": 30}
    held = np.arange(300) % 10 != 0
    assert report.metrics == calaudit.evaluate(FRAME[held], weight=None).metrics


def test_confidently_wrong() -> None:
    """Rows above 0.9 and 0.99 on either side are counted, and how many of them are wrong."""
    found = calaudit.evaluate(Y, P).confidently_wrong
    confidence, wrong = np.maximum(P, 1 - P), (P >= 0.5) != (Y == 1)
    for threshold in found.above:
        held = confidence > threshold.above
        assert (threshold.rows, threshold.wrong) == (held.sum(), (held & wrong).sum())
    losses = np.sort(-np.log(np.where(Y == 1, P, 1 - P)))[::-1]
    assert found.share_of_log_loss == pytest.approx(losses[:3].sum() / losses.sum(), rel=1e-9)


def test_two_calls_are_two_equal_reports() -> None:
    """Nothing random is left to chance."""
    assert calaudit.evaluate(Y, P) == calaudit.evaluate(Y, P)

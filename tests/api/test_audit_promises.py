"""What an audit promises of limits, of the rows it compares, and what it does where it cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.api.audits.savings import saved_of
from calaudit.errors import NotEnoughData, SettingsError
from calaudit.report.command import command_of
from tests.api.simulated import binary, multiclass, top_label

N = 3000
P, Y = binary(N, slope=1.6)


def accepted(found: Any) -> set[float | None]:
    """Return the confidences of the limits of what is accepted."""
    return {a.guarantee for a in found.selective.acceptances}


@pytest.mark.parametrize("guarantee", [0.8, "80%", None, "none", 0.95])
def test_a_guarantee_without_costs_is_that_of_what_is_accepted(
    guarantee: Any, tmp_path: Path
) -> None:
    """--guarantee is kept by the limits of what is accepted, recorded, and in the command."""
    pq.write_table(pa.table({"score": P, "label": Y}), tmp_path / "all.parquet")
    found = calaudit.audit(tmp_path / "all.parquet", guarantee=guarantee)
    want = {0.8: 0.8, "80%": 0.8, None: None, "none": None, 0.95: 0.95}[guarantee]
    assert accepted(found) == {want}
    assert found.settings.get("guarantee", 0.95) == want
    told = {0.8: "80 % certainty", None: "(on these rows)", 0.95: "95 % certainty"}[want]
    assert told in found.answer
    command = command_of(found)
    assert command is not None
    spelled = {0.8: "--guarantee 0.8", None: "--guarantee none", 0.95: ""}[want]
    assert spelled in command
    assert ("--guarantee" in command) == bool(spelled)


def test_a_lower_guarantee_accepts_more() -> None:
    """The less sure a limit must be, the more is accepted: it is not for show."""
    shares = [
        sum(a.coverage.value or 0.0 for a in found.selective.acceptances)
        for found in (calaudit.audit(Y, P, guarantee=g) for g in (0.999, 0.8, None))
        if found.selective is not None
    ]
    assert shares[0] < shares[1] < shares[2]


def test_cutoffs_need_something_to_go_by() -> None:
    """--cutoffs without costs or limits is refused, and taken with them."""
    with pytest.raises(SettingsError, match=r"--cutoffs empirical .* give these"):
        calaudit.audit(Y, P, cutoffs="empirical")
    assert calaudit.audit(Y, P, cutoffs="empirical", cost_fp=1, cost_fn=2).decision is not None


def test_numbers_of_numpy_are_recorded() -> None:
    """Costs and numbers of cases that are numpy scalars stand in the settings as numbers."""
    given: dict[str, Any] = {
        "cost_fp": np.float32(2), "cost_fn": np.int64(8), "per_day": np.int64(1000),
        "current": np.float64(0.5),
    }  # fmt: skip
    found = calaudit.audit(Y, P, **given)
    written = json.loads(found.to_json())["settings"]
    assert (written["cost_fp"], written["cost_fn"]) == (2.0, 8)
    assert (written["per_day"], written["current"]) == (1000, 0.5)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"max_error": 0.0005}, "takes at least"),
        ({"min_precision": 0.9999}, "takes at least"),
        ({"max_error": 0.05, "guarantee": 0.9999}, ""),
    ],
)
def test_a_limit_that_cannot_be_kept_leaves_the_rest(asked: dict[str, Any], words: str) -> None:
    """The audit goes on without a decision, says why, and what could be accepted instead."""
    p, y = binary(600, slope=0.3)
    found = calaudit.audit(y, p, **asked)
    assert found.decision is None
    assert found.selective is not None
    note = next(note for note in found.notes if note.code == "no-cutoff")
    assert note.text in found.answer
    assert "utoff" in note.text
    assert words in note.text
    assert "--" not in note.text
    assert note.advice.endswith("(--guarantee none).")
    assert found.settings.items() >= {k: v for k, v in asked.items() if k != "guarantee"}.items()
    with pytest.raises(NotEnoughData):
        calaudit.threshold(y, p, **asked)


def sides(kind: str) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
    """Return scores and labels of two sides, of which one has other outcomes."""
    if kind == "multiclass":
        z, _, y = multiclass(N, temperature=0.5)
        w, _, t = multiclass(N, seed=1, temperature=2.0)
        return z, y, w, t, {"scale": "logit"}
    if kind == "top-label":
        p, y = top_label(N)
        q, t = top_label(N, 1, gap=0.2)
        return p, y, q, t, {"task": "top-label"}
    p, y = binary(N)
    q, t = binary(N, 1, centre=0.4 if kind == "scores" else 0.0, shift=-0.4 * (kind != "rates"))
    if kind == "rates":
        q, t = binary(N, 1, shift=0.7)
    return p, y, q, t, {}


@pytest.mark.parametrize("kind", ["rates", "top-label", "multiclass"])
def test_rows_unlike_those_fitted_on_are_told(kind: str) -> None:
    """Where outcomes clearly differ between the sides, the answer says so with both rates."""
    p, y, q, t, how = sides(kind)
    found = calaudit.audit(y, p, calibration=(t, q), **how)
    note = next(note for note in found.notes if note.code == "different-rows")
    assert note.text in found.answer
    if kind == "rates":
        assert f"{100 * y.mean():.1f} % positive against {100 * t.mean():.1f} %" in note.text
    else:
        assert " right against " in note.text


def test_scores_unlike_those_fitted_on_are_told() -> None:
    """Where the outcomes agree and the scores do not, the mean scores are told."""
    p, q = np.tile([0.2, 0.3, 0.7, 0.8], 500), np.tile([0.4, 0.5, 0.8, 0.9], 500)
    y = np.tile([0, 0, 1, 1, 0, 1, 0, 1], 250)
    found = calaudit.audit(y, p, calibration=(y.copy(), q), method="platt")
    note = next(note for note in found.notes if note.code == "different-rows")
    assert "scored 50.0 % on average against 65.0 %" in note.text


@pytest.mark.slow
def test_sides_that_chance_divides_are_alike() -> None:
    """Sides that a hash or chance divides differ in fewer than one audit of ten."""
    told = 0
    for seed in range(30):
        p, y = binary(1000, seed)
        fit = np.arange(1000) < 500
        found = calaudit.audit(y, p, split=fit, method="identity", worst=0)
        told += "different-rows" in [note.code for note in found.notes]
    assert told <= 3


def test_rows_like_those_fitted_on_are_not() -> None:
    """A hash divides them."""
    shifted = np.where(np.arange(N) < N / 2, 0, 1)
    hashed = calaudit.audit(np.maximum(Y, shifted), P, method="temperature")
    assert "different-rows" not in [note.code for note in hashed.notes]


def test_a_difference_that_nobody_minds_is_not_told() -> None:
    """With very many rows a difference of a percent of the odds is sure, and no news."""
    p = np.tile([0.25, 0.75], 500_000)
    y, t = (np.arange(1_000_000) % 1000 < rate for rate in (500, 505))
    found = calaudit.audit(
        y.astype(int), p, calibration=(t.astype(int), p.copy()), method="identity", worst=0
    )
    assert "different-rows" not in [note.code for note in found.notes]


def test_a_loss_that_was_infinite_is_helped() -> None:
    """With clip 0 and a positive of probability 0, calibrating helps from infinite to finite."""
    p = P.copy()
    p[np.flatnonzero(Y == 1)[-3:]] = 0.0
    fit = np.arange(N) < N / 2
    found = calaudit.audit(Y, p, split=fit, clip=0.0, method="isotonic")
    assert found.before.metrics["log_loss"].value is None
    assert found.after is not None
    loss = found.after.metrics["log_loss"].value
    assert loss is not None
    assert f"from infinite to {loss:.3f}" in found.answer
    assert "infinite" in (found.saved.reason or "")


def test_why_a_saving_has_no_interval() -> None:
    """An error that is not finite is not told as a single row."""
    found = calaudit.audit(Y, P, method="temperature")
    assert found.after is not None
    odd = saved_of(found.before, found.after, float("inf"), 0.95)
    assert odd.low is None
    assert "infinite" in (odd.reason or "")
    one = found.before.metrics | {"n": calaudit.evaluate(Y[:1], P[:1]).metrics["n"]}
    alone = saved_of(replace(found.before, metrics=one), found.after, 0.1, 0.95)
    assert alone.reason == "one row has no interval"

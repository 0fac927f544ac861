"""Some of the rows by a condition, and rows of several models that are never pooled."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import InputError, SettingsError
from calaudit.report.command import evaluate_command


def drawn(models=("a", "b", "c"), rows=120):
    """Return scores of several models on the same cases, with a date and an age."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, rows)
    frames = [
        pd.DataFrame(
            {
                "model": model,
                "row": np.arange(rows),
                "label": label,
                "score": np.clip(0.3 + 0.4 * label + rng.normal(0, 0.2 + 0.1 * k, rows), 0, 1),
                "age": rng.integers(1, 90, rows),
                "date": np.where(np.arange(rows) < 50, "2025-05-31", "2025-06-01"),
            }
        )
        for k, model in enumerate(models)
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ("model=b", "model == 'b'"),
        ("age<18", "age < 18"),
        ("date>=2025-06-01", "date >= '2025-06-01'"),
    ],
)
def test_figures_are_those_of_the_chosen_rows(tmp_path, where, query):
    """As of a file that holds these alone, in evaluate, threshold and fit."""
    frame = drawn()
    frame.loc[0, "score"] = 7  # of a row that no condition chooses
    frame.loc[0, ["age", "date"]] = [80, "2025-01-01"]
    path = tmp_path / "p.csv"
    frame.to_csv(path, index=False)
    alone = frame.query(query)
    mine = calaudit.evaluate(path, where=where, group="row" if "model" not in where else None)
    assert mine.intake.rows_used == len(alone)
    assert mine.metrics["brier"].value == pytest.approx(((alone.score - alone.label) ** 2).mean())
    assert "rows-chosen" in {note.code for note in mine.notes}
    assert f"--where {where}" in (evaluate_command(mine) or "").replace("'", "")


def test_fit_audit_and_threshold_take_the_same_rows(tmp_path):
    """Where fit divides the rows, it divides those chosen."""
    frame = drawn()
    path = tmp_path / "p.csv"
    frame.to_csv(path, index=False)
    one = frame[frame.model == "a"].drop(columns="model")
    mine = calaudit.fit(path, where="model=a", method="platt")
    other = calaudit.fit(one, method="platt", label="label", score="score")
    assert mine.map == other.map
    both = [
        calaudit.audit(path, where="model=a", split="age<50").before.intake.rows_used,
        calaudit.audit(one, split="age<50", label="label", score="score").before.intake.rows_used,
    ]
    assert both[0] == both[1] < 120
    decided = [
        calaudit.threshold(path, where="model=a", cost_fp=1, cost_fn=5),
        calaudit.threshold(one, label="label", score="score", cost_fp=1, cost_fn=5),
    ]
    assert decided[0].sentence == decided[1].sentence


def test_several_models_on_the_same_cases_are_said_first(tmp_path):
    """By every command; and every option that the advice names leads on."""
    frame = drawn()
    path = tmp_path / "p.csv"
    frame.to_csv(path, index=False)
    told = "Rows of several models in 'model' stand on the same cases"
    report = calaudit.evaluate(path)
    assert report.verdict.sentence.startswith(told)
    assert calaudit.threshold(path, cost_fp=1, cost_fn=5).sentence.startswith(told)
    advice = next(note.advice for note in report.notes if note.code == "models-pooled")
    for option in ("--where model=a", "--by model", "--model model --id row", "--group row"):
        assert option in advice
    ways: list[Any] = [{"where": "model=a"}, {"by": "model"}, {"group": "row"}]
    for options in ways:
        report = calaudit.evaluate(path, **options)
        assert not report.verdict.sentence.startswith(told), options
    assert calaudit.compare(path, model="model", id="row").sentence
    apart = frame.assign(row=np.arange(len(frame)))  # no case twice: models of different cases
    assert not calaudit.evaluate(apart).verdict.sentence.startswith(told)


def test_what_is_no_condition_is_refused(tmp_path):
    """A column that is not there, no condition, no row that fits."""
    path = tmp_path / "p.csv"
    drawn().to_csv(path, index=False)
    with pytest.raises(SettingsError, match="where is COLUMN=VALUE"):
        calaudit.evaluate(path, where="model")
    with pytest.raises(InputError, match="--where"):
        calaudit.evaluate(path, where="nothing=3")
    with pytest.raises(InputError, match="no row"):
        calaudit.evaluate(path, where="model=z")
    with pytest.raises(SettingsError, match="where is for columns"):
        calaudit.evaluate([0, 1], [0.2, 0.8], where="a=1")


@pytest.mark.parametrize(("cell", "code"), [("01.06.2025", "not-a-date"), (None, "on-no-side")])
def test_rows_of_which_a_condition_cannot_tell_are_refused(cell, code):
    """They are not passed over as if they were on the other side; dropped, they are counted."""
    frame = drawn(models=("a",)).drop(columns="model")
    frame.loc[::2, "date"] = cell
    for where in ("date<2025-06-01", "date>=2025-06-01"):
        with pytest.raises(InputError, match=code):
            calaudit.evaluate(frame, where=where)
    report = calaudit.evaluate(frame, where="date<2025-06-01", on_invalid="drop")
    assert report.rows == 25
    assert report.intake.refused == {code: 60}

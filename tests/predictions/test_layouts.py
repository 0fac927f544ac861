"""Files as people and tools write them: read right, or refused with advice that works."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from calaudit.errors import InputError
from calaudit.predictions import Roles, open_predictions
from tests.predictions.conftest import Rows, collect
from tests.predictions.layouts import (
    CAME,
    DECOYS,
    FLAGGED,
    HAT,
    LAYOUTS,
    LIKELY,
    MAKERS,
    SURE,
    Layout,
    Y,
)

LISTS = ("classes", "by")


def opened(path: Any, task: Any = None, **roles: Any) -> Rows:
    """Read a whole file."""
    return collect(open_predictions(str(path), roles=Roles(**roles), task=task))


def probabilities(rows: Rows) -> Any:
    """Return what was read as probabilities."""
    scores = rows.scores.astype(float)
    if rows.predictions.scale == "probability":
        return scores
    scores = scores if scores.ndim == 2 else np.column_stack([np.zeros(len(scores)), scores])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    return e if rows.scores.ndim == 2 else e[:, 1]


def figures(scores: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Return AUROC and Brier score, of several classes those of being right in the top one."""
    if scores.ndim == 2:
        outcome, scores = scores.argmax(axis=1) == outcome, scores.max(axis=1)
    return roc_auc_score(outcome, scores), brier_score_loss(outcome, scores)


def advised(message: str) -> list[dict[str, Any]]:
    """Return the options that a message quotes, each as roles."""
    found = []
    for choice in re.findall(r"--[a-z]+ .*?(?=, --|\.$|\.\s|$)", message.split(": ", 1)[1]):
        words = shlex.split(choice)
        roles = {words[i][2:].replace("-", "_"): words[i + 1] for i in range(0, len(words), 2)}
        found.append({k: (*v.split(","),) if k in LISTS else v for k, v in roles.items()})
    return found


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_read_right(layout: Layout, tmp_path):
    """Without an option: task, scores and outcomes are those that the columns were made of."""
    path = tmp_path / f"file{layout.suffix}"
    MAKERS[layout.suffix](layout, path)
    rows = opened(path)
    assert rows.predictions.task == layout.task
    np.testing.assert_allclose(probabilities(rows), layout.score, atol=1e-6)
    assert rows.labels.tolist() == np.asarray(layout.outcome).astype(int).tolist()
    mine = figures(probabilities(rows), rows.labels)
    assert mine == pytest.approx(figures(layout.score, np.asarray(layout.outcome).astype(int)))


@pytest.mark.parametrize(("name", "data"), FLAGGED, ids=[name for name, _ in FLAGGED])
def test_labels_beside_flags_are_read_the_same_with_a_low_score(name, data, tmp_path):
    """One unlikely case more or less does not change which column is the truth."""
    score = np.where(np.arange(len(LIKELY)) == 7, 0.03, LIKELY)
    data = {key: score if column is LIKELY else column for key, column in data.items()}
    MAKERS[".csv"](Layout(name, data), tmp_path / "file.csv")
    rows = opened(tmp_path / "file.csv")
    assert rows.predictions.task == "binary"
    assert rows.labels.tolist() == CAME.tolist()


def test_a_declared_truth_beside_a_label_of_0_and_1_is_told_from_a_flag(tmp_path):
    """Nothing tells whether the label is what was predicted: both readings are offered."""
    path = tmp_path / "file.csv"
    MAKERS[".csv"](Layout("", {"label": HAT, "score": SURE, "spam": Y}), path)
    with pytest.raises(InputError) as caught:
        opened(path, label="spam")
    first, second = [opened(path, **roles) for roles in advised(str(caught.value))]
    assert (first.predictions.task, second.predictions.task) == ("top-label", "binary")
    assert first.labels.tolist() == (HAT == Y).tolist()
    assert second.labels.tolist() == Y.tolist()


def test_a_declared_truth_stays_the_truth_whatever_it_is_called(tmp_path):
    """A response is what a model said, but not where it was declared to be the label."""
    words = np.array(["LABEL_0", "LABEL_1"])
    MAKERS[".csv"](
        Layout("", {"label": words[HAT], "score": SURE, "response": Y}), tmp_path / "a.csv"
    )
    rows = opened(tmp_path / "a.csv", label="response")
    assert {role.role: role.columns for role in rows.predictions.roles}["label"] == ("response",)


@pytest.mark.parametrize("layout", DECOYS, ids=lambda layout: layout.name)
def test_a_decoy_is_refused_with_advice_that_works(layout: Layout, tmp_path):
    """Every option that the message quotes leads to a reading, the right one among them."""
    path = tmp_path / f"file{layout.suffix}"
    MAKERS[layout.suffix](layout, path)
    with pytest.raises(InputError) as caught:
        opened(path)
    message = str(caught.value)
    assert len(message) - len(str(path)) < 600
    for option in layout.options:
        assert option in message
    if "COLUMN" not in message:
        for roles in advised(message):
            labels = 3 if roles.get("task") == "multilabel" else 1
            rows = len(next(iter(layout.data.values())))
            assert len(opened(path, **roles).labels) == labels * rows


def test_the_table_is_large_enough():
    """At least 60 layouts, 45 of them to be read."""
    assert len(LAYOUTS) >= 45
    assert len(LAYOUTS) + len(DECOYS) >= 60
    names = [layout.name for layout in (*LAYOUTS, *DECOYS)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("layout", [x for x in LAYOUTS if x.suffix == ".csv"], ids=lambda x: x.name)
def test_a_name_that_says_nothing_is_never_guessed_wrong(layout: Layout, tmp_path):
    """With two more columns of the same kinds a layout is read as before, or refused."""
    rng = np.random.default_rng(5)
    rows = len(next(iter(layout.data.values())))
    more = {"qv": rng.random(rows), "zf": rng.integers(0, 2, rows)}
    path = tmp_path / "file.csv"
    MAKERS[".csv"](replace(layout, data={**more, **layout.data}), path)
    try:
        read = opened(path)
    except InputError:
        return
    assert read.predictions.task == layout.task
    np.testing.assert_allclose(probabilities(read), layout.score, atol=1e-6)
    assert read.labels.tolist() == np.asarray(layout.outcome).astype(int).tolist()

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
from tests.predictions.layouts import DECOYS, LAYOUTS, MAKERS, Layout

LISTS = ("classes", "by")


def opened(path: Any, **roles: Any) -> Rows:
    """Read a whole file."""
    return collect(open_predictions(str(path), roles=Roles(**roles)))


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
            assert len(opened(path, **roles).labels) == len(next(iter(layout.data.values())))


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

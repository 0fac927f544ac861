"""The recipes of docs/tracking.md: run with the trackers where they are, and read back."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest

import calaudit
from docs.generators.pages import ROOT, Step, steps
from tests.api.simulated import binary

STEPS = list(steps(ROOT / "docs" / "tracking.md"))
TRACKERS = {name: [step for step in STEPS if name in step.text] for name in ("mlflow", "wandb")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a folder with two files of predictions."""
    p, y = binary(600, slope=0.7)
    frame = pd.DataFrame({"label": y, "score": p, "region": np.arange(600) % 2})
    frame.to_parquet(tmp_path / "preds.parquet")
    frame.assign(score=np.sqrt(p)).to_parquet(tmp_path / "predictions.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def done(recipe: list[Step], names: dict[str, Any]) -> dict[str, Any]:
    """Run the blocks of a recipe, one after the other, and return what they named."""
    for step in recipe:
        exec(step.text, names)
    return names


def test_every_block_is_of_a_tracker() -> None:
    """So that each of them is run here."""
    assert [step.kind for step in STEPS] == ["python"] * 5
    assert sum(map(len, TRACKERS.values())) == 5


@pytest.mark.filterwarnings("ignore")  # theirs
def test_mlflow(folder: Path) -> None:
    """What was logged in a local store is read back: figures, files and the tag."""
    mlflow = pytest.importorskip("mlflow")
    names = done(TRACKERS["mlflow"], {})
    report, check = names["report"], names["check"]
    runs = mlflow.search_runs().set_index("tags.mlflow.runName")
    champion, challenger = runs.loc["champion"], runs.loc["challenger"]
    assert len(runs) == 2
    for key, value in report.scalars().items():
        assert champion[f"metrics.{key}"] == value
    assert champion["tags.calaudit"] == report.verdict.sentence
    assert challenger["metrics.rules_fail"] == 1.0
    assert challenger["metrics.smece_after"] == check.scalars()["smece_after"]
    saved = {item.path for item in mlflow.artifacts.list_artifacts(run_id=names["run"].info.run_id)}
    assert saved == {"calibrator.json", "report.html", "report.json"}
    uri = f"{names['run'].info.artifact_uri}/calibrator.json"
    assert mlflow.artifacts.load_text(uri) == names["calibrator"].to_json()


def test_weights_and_biases(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is handed over is what that tracker takes; it stands in where it is not here."""
    run = MagicMock()
    run.__enter__.return_value = run
    fake = SimpleNamespace(
        init=MagicMock(return_value=run), Artifact=MagicMock(), Table=MagicMock(), Html=MagicMock()
    )
    monkeypatch.setitem(sys.modules, "wandb", fake)
    names = done(TRACKERS["wandb"], {})
    (summary,) = run.summary.update.call_args.args
    assert summary == names["report"].scalars()
    (frame,) = fake.Table.call_args.kwargs.values()
    assert {frame[name].dtype.kind for name in ("value", "low", "high")} == {"f"}
    assert "<html" in fake.Html.call_args.args[0]
    assert calaudit.evaluate("preds.parquet", by="region") == names["report"]


def test_weights_and_biases_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is here, it takes all of it without a network."""
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    done(TRACKERS["wandb"], {})
    (kept,) = folder.glob("wandb/offline-run-*/*.wandb")
    assert b"smece_unbiased" in kept.read_bytes()

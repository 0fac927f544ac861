"""``calaudit ensemble`` as a user runs it: outputs, and the command that makes it again."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from calaudit.cli import main
from calaudit.options.commands import EnsembleOptions
from calaudit.options.declaration import defaults
from calaudit.report.command import command_of
from calaudit.report.render_json import report_from_json
from tests.cli.again import assert_made_again


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with four members as an array, in files and in rows."""
    folder = tmp_path_factory.mktemp("ensemble")
    rng = np.random.default_rng(8)
    z = rng.normal(0, 2, (200, 3))
    labels = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    own = np.exp(z + rng.normal(0, 1, (4, 200, 3)))
    p = own / own.sum(axis=-1, keepdims=True)
    np.savez(folder / "members.npz", probs=p, labels=labels)
    each = [
        pd.DataFrame(one, columns=["prob_0", "prob_1", "prob_2"]).assign(
            label=labels, row=range(200)
        )
        for one in p
    ]
    for m, frame in enumerate(each):
        frame.to_csv(folder / f"seed{m}.csv", index=False)
    pd.concat([frame.assign(member=m) for m, frame in enumerate(each)]).to_csv(
        folder / "passes.csv", index=False
    )
    return folder


ROLES = "--label label --probs prob_"
WAYS = (
    "members.npz --label labels --probs 'probs.axis0[0],probs.axis0[3]' --worst 2 --level 0.9",
    f"seed0.csv seed1.csv seed2.csv --id row --bins 10 --seed 3 {ROLES}",
    f"a=seed0.csv b=seed1.csv --same-order {ROLES} --classes 0,1,2",
    f"passes.csv --model member --id row --models 0,2,3 --allow-unmatched {ROLES}",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(
    files: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    monkeypatch.chdir(files)
    assert_made_again(files, "ensemble", *shlex.split(words))


def test_members_that_were_found_are_named(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command does not depend on their being found again."""
    monkeypatch.chdir(files)
    assert main(["ensemble", "members.npz", "-q", "-o", "found.json"]) == 0
    command = command_of(report_from_json((files / "found.json").read_text()))
    names = ",".join(f"probs.axis0[{m}]" for m in range(4))
    assert command == f"calaudit ensemble members.npz --label labels --probs '{names}'"


def test_every_format(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Files of every kind, JSON on standard output, the mean, and the saved report again."""
    monkeypatch.chdir(files)
    outputs = [word for s in ("json", "html", "md", "txt", "svg") for word in ("-o", f"r.{s}")]
    words = ["ensemble", "members.npz", "-q", *outputs, "--save-mean", "mean.parquet", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((files / "r.json").read_text())
    assert "mutual information" in (files / "r.md").read_text()
    assert "<svg" in (files / "r.svg").read_text()
    assert main(["fit", "mean.parquet", "-q", "-o", "cal.json"]) == 0
    assert main(["apply", "cal.json", "mean.parquet", "-q", "-o", "calibrated.parquet"]) == 0
    capsys.readouterr()
    assert main(["report", "r.json", "-q"]) == 0
    assert "mean of 4" in capsys.readouterr().out


def test_defaults() -> None:
    """Members are found where nothing is said of them, and nothing is written."""
    assert defaults(EnsembleOptions) == {
        "id": None, "same_order": False, "scores": None, "model": None, "models": None,
        "label": None, "score": None, "probs": None, "logits": None, "labels": None,
        "allow_unmatched": False, "positive": None, "classes": None, "out_of": 1.0,
        "no_header": False, "bins": None, "convention": "right", "level": 0.95, "seed": 0,
        "clip": 2.0**-52, "where": None, "on_invalid": "refuse", "threads": None,
        "workers": None, "cluster": None, "progress": None, "worst": 5, "save_mean": None,
    }  # fmt: skip


def test_a_pipe_is_read_once(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Members are read one after another, which a pipe does not allow: that is what is said."""
    rows = io.TextIOWrapper(io.BytesIO((files / "passes.csv").read_bytes()))
    monkeypatch.setattr("sys.stdin", rows)
    assert main(["ensemble", "-", "--model", "member", "--id", "row"]) == 3
    assert "a pipe once: give a file" in capsys.readouterr().err

"""``calaudit ood`` as a user runs it: outputs, and the command that makes it again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.cli import main
from calaudit.options.commands import OodOptions
from calaudit.options.declaration import defaults
from tests.cli.again import assert_made_again


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with logits of rows inside and outside, and a calibrator."""
    folder = tmp_path_factory.mktemp("ood")
    rng = np.random.default_rng(8)
    frames = []
    for name, scale in (("known", 3.0), ("near", 2.0), ("far", 0.7)):
        z = pd.DataFrame(rng.normal(0, scale, (120, 3)), columns=["logit_a", "logit_b", "logit_c"])
        z.to_csv(folder / f"{name}.csv", index=False)
        frames.append(z.assign(source=name, distance=-z.max(axis=1)))
    pd.concat(frames).to_csv(folder / "all.csv", index=False)
    label = np.array(list("abc"))[frames[0].iloc[:, :3].to_numpy().argmax(axis=1)]
    label[::4] = "a"
    fitted = calaudit.fit(frames[0].assign(label=label), logits="logit_", label="label",
                          method="temperature")  # fmt: skip
    (folder / "cal.json").write_text(fitted.to_json())
    return folder


WAYS = (
    "known.csv near.csv far.csv",
    "known.csv close=near.csv --act-from 0.9 --level 0.9 --seed 3",
    "known.csv far.csv --calibrator cal.json --act-from 0.8 --classes a,b,c --logits logit_",
    "all.csv --set source --inside known --logits logit_ --on-invalid drop",
    "all.csv --set source --inside known --outside far --score distance --higher outside",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(
    files: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    monkeypatch.chdir(files)
    assert_made_again(files, "ood", *shlex.split(words))


def test_every_format(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Files of every kind, JSON on standard output, and the same again from the saved report."""
    monkeypatch.chdir(files)
    outputs = [word for s in ("json", "html", "md", "txt", "svg") for word in ("-o", f"r.{s}")]
    words = ["ood", "known.csv", "near.csv", "--act-from", "0.9", "-q", *outputs, "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((files / "r.json").read_text())
    assert "would be acted on" in (files / "r.md").read_text()
    assert main(["ood", *words[1:5], "-q", "--picture", "roc", "-o", "roc.svg"]) == 0
    assert "<svg" in (files / "roc.svg").read_text()
    capsys.readouterr()
    assert main(["report", "r.json", "-q"]) == 0
    assert capsys.readouterr().out.strip().startswith("→ Of 1,000 rows of near")


def test_defaults() -> None:
    """Nothing is taken for granted of what a score means, or of what is acted on."""
    assert defaults(OodOptions) == {
        "set": None, "inside": None, "outside": None, "higher": None, "act_from": None,
        "score": None, "probs": None, "logits": None, "confidence": None, "classes": None,
        "out_of": 1.0, "no_header": False, "level": 0.95, "seed": 0, "on_invalid": "refuse",
        "threads": None, "workers": None, "cluster": None, "calibrator": None, "progress": None,
    }  # fmt: skip

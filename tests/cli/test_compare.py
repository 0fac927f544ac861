"""`calaudit compare` as a user runs it: outputs, the command that makes it again, refusals."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from calaudit.cli import main
from tests.cli.again import assert_made_again


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of two models in every form."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    p = rng.uniform(0.02, 0.98, 400)
    y = (rng.random(400) < p).astype(int)
    both = pd.DataFrame({"key": np.arange(400), "y": y, "one": p, "two": p**2})
    both.to_csv("both.csv", index=False)
    parts = [
        both[["key", "y"]].assign(p=both[m], who=f"{m} x", g=both["key"] % 30)
        for m in ("one", "two")
    ]
    for name, part in zip(("a", "b"), parts, strict=True):
        part.to_parquet(f"{name}.parquet")
    pd.concat(parts).to_csv("long.csv", index=False)
    classes = {
        f"{m}_{k}": (1 - both[m] if k == 0 else both[m]) for m in ("one", "two") for k in (0, 1)
    }
    pd.DataFrame({"y": y, **classes}).to_csv("classes.csv", index=False)
    both[["key", "y"]].to_csv("y.csv", index=False)
    for name in "ab":
        pd.read_parquet(f"{name}.parquet")[["key", "p"]].to_csv(f"s{name}.csv", index=False)
    return tmp_path


WAYS = (
    "a.parquet b.parquet --id key --label y --score p",
    "a.parquet second=b.parquet --same-order --label y --score p --baseline second --level 0.9",
    "both.csv --label y --scores one,two --bins 10",
    "long.csv --label y --score p --model who --id key --models 'two x,one x' --group g",
    "classes.csv --label y --probs one_,two_",
    "a.parquet b.parquet --label y --score p --seed 3",
    "sa.csv sb.csv --labels y.csv --id key --score p",
    "a.parquet b.parquet --id key --label y --score p --by g:3 --by who",
    "clean=a.parquet b.parquet --perturbed --id key --label y --score p",
    "long.csv --label y --score p --severity who --baseline 'severity one x' --id key",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(folder: Path, words: str) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    assert_made_again(folder, "compare", *shlex.split(words))


def test_every_format(folder: Path, capsys: Any) -> None:
    """Files of every kind, JSON on standard output, and the same again from the saved report."""
    words = ["a.parquet", "b.parquet", "--id", "key", "--label", "y", "--score", "p", "-q"]
    names = ["r.json", "r.html", "r.md", "r.txt", "r.svg"]
    outputs = [word for name in names for word in ("-o", name)]
    assert main(["compare", *words, *outputs, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((folder / "r.json").read_text())
    assert printed["schema"] == "calaudit.compare/1"
    again = [word for name in names[1:] for word in ("-o", f"again-{name}")]
    assert main(["report", "r.json", "-q", *again]) == 0
    for name in names[1:]:
        assert (folder / f"again-{name}").read_text() == (folder / name).read_text(), name
    for picture in ("differences", "reliability", "murphy"):
        assert main(["report", "r.json", "-q", "--picture", picture, "-o", f"{picture}.svg"]) == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("a.parquet", 2, "there is one model only"),
        ("a.parquet b.parquet --id nothing --label y --score p", 3, "'nothing', which is not"),
        ("a.parquet a.parquet", 2, "a.parquet is given twice"),
        ("a.parquet b.parquet --same-order --label y --score p -o b.parquet", 2, "b.parquet"),
        ("x=a.parquet y=b.parquet --label y --score p -o b.parquet", 2, "b.parquet"),
        ("long.csv --label y --score p --model who --id key --models no", 2, "no row has 'no'"),
        ("long.csv --label y --score p --model key --id key", 3, "has 400 values"),
        ("a.parquet b.parquet --label y --score p --plot", 2, "has no chart"),
    ],
)
def test_refusals(folder: Path, words: str, code: int, message: str, capsys: Any) -> None:
    """Each is short, and says what to do."""
    assert main(["compare", *shlex.split(words)]) == code
    said = capsys.readouterr().err
    assert message in said
    assert len(said) < 400

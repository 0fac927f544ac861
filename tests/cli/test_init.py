"""``calaudit init``: a configuration that works, made from a file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calaudit.cli import main
from tests.cli.conftest import ROOT


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(capfd: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return what an evaluation found, and with which columns."""
    assert main(["evaluate", *words, "--json", "-q"]) == 0
    report = json.loads(capfd.readouterr().out)
    return {key: report[key] for key in ("metrics", "task", "classes")}


@pytest.mark.parametrize(
    ("name", "options"),
    [("digits_logits.parquet", []), ("spam_filter.csv", ["--positive", "spam"])],
)
def test_says_what_was_inferred(
    capfd: pytest.CaptureFixture[str], here: Path, name: str, options: list[str]
) -> None:
    """With what it writes, and no options, evaluate finds the same as without it."""
    path = str(ROOT / "sample_data" / name)
    assert main(["init", path, *options, "-q"]) == 0
    assert found(capfd) == found(capfd, path, *options, "--config", "none")
    written = tomllib.loads((here / "calaudit.toml").read_text())
    assert {*written["defaults"]} >= {"label"}
    assert (here / written["check"]["data"][0]).resolve() == Path(path).resolve()


def write_rows(path: Path) -> None:
    """Write predictions with columns that make slices and groups, or do not."""
    rng = np.random.default_rng(3)
    p = rng.uniform(size=300)
    rows = zip(p, rng.uniform(size=300) < p, strict=True)
    lines = [
        f"{s:.6f},{int(y)},{'north' if k % 3 else 'south'},u{k // 2}"
        for k, (s, y) in enumerate(rows)
    ]
    path.write_text("score,label,region,user_id\n" + "\n".join(lines) + "\n")


def test_suggests_slices_and_groups(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Suggestions are comments; without the signs before them they work."""
    write_rows(here / "rows.csv")
    assert main(["init", "rows.csv", "-q"]) == 0
    text = (here / "calaudit.toml").read_text()
    assert '# by = ["region"]' in text
    assert '# group = "user_id"' in text
    wanted = text.replace("# by", "by").replace("# group", "group").replace("# cost", "cost")
    (here / "calaudit.toml").write_text(wanted)
    assert main(["evaluate", "--json", "-q"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert {s["value"] for s in report["slices"]} == {"north", "south"}
    assert report["groups"]["column"] == "user_id"
    assert main(["threshold", "-q"]) == 0


def test_keeps_what_was_given(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """How rows are read is written down as well as the columns, and no suggestion beside it."""
    write_rows(here / "rows.csv")
    with (here / "rows.csv").open("a") as file:
        file.write("1.5,1,north,u999\n")
    assert main(["init", "rows.csv", "--group", "user_id", "--on-invalid", "drop", "-q"]) == 0
    text = (here / "calaudit.toml").read_text()
    defaults = tomllib.loads(text)["defaults"]
    assert (defaults["group"], defaults["on_invalid"]) == ("user_id", "drop")
    assert "# group" not in text
    assert "weight_kind" not in text
    assert main(["evaluate", "--json", "-q"]) == 0
    assert json.loads(capfd.readouterr().out)["groups"]["column"] == "user_id"


def test_what_is_there_stays(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file is written anew with --force only, and what it says does not steer the new one."""
    write_rows(here / "rows.csv")
    (here / "calaudit.toml").write_text("[defaults]\nlabel = 'no_such'\n")
    assert main(["init", "rows.csv"]) == 2
    assert "add --force" in capfd.readouterr().err
    assert "no_such" in (here / "calaudit.toml").read_text()
    assert main(["init", "rows.csv", "--force", "-q"]) == 0
    assert "no_such" not in (here / "calaudit.toml").read_text()


def test_elsewhere(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Paths are relative to the file that names them."""
    write_rows(here / "rows.csv")
    (here / "ci").mkdir()
    assert main(["init", "rows.csv", "-o", "ci/calaudit.toml", "-q"]) == 0
    assert 'data = ["../rows.csv"]' in (here / "ci" / "calaudit.toml").read_text()
    assert found(capfd, "--config", "ci/calaudit.toml")["task"] == "binary"


def test_names_as_they_are(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Marks in names that TOML has signs of its own for are written so that they are read again."""
    write_rows(here / "rows.csv")
    odd = 'sco"\u200bre\\\x7f😀'
    text = (here / "rows.csv").read_text().replace("score", '"' + odd.replace('"', '""') + '"')
    (here / "odd.csv").write_text(text)
    assert main(["init", "odd.csv", "--score", odd, "-q"]) == 0
    assert tomllib.loads((here / "calaudit.toml").read_text())["defaults"]["score"] == odd
    assert found(capfd)["task"] == "binary"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-"], 2, "standard input"),
        (["none.csv"], 3, "none.csv"),
        (["rows.csv", "-o", "x.json"], 2, "must end in .toml"),
        (["rows.csv", "--label", "lable"], 3, "Did you mean label"),
        (["lines.parquet", "--probs", "cat\u200b,dog,fox"], 3, "control characters"),
    ],
)
def test_refused(
    here: Path, capfd: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    """Nothing is written, and the reason is said."""
    write_rows(here / "rows.csv")
    classes = ["cat\u200b", "dog", "fox"]
    columns: dict[str, list[Any]] = {"label": classes * 20}
    columns |= {name: [p] * 60 for name, p in zip(classes, (0.2, 0.3, 0.5), strict=True)}
    pq.write_table(pa.table(columns), here / "lines.parquet")
    assert main(["init", *words]) == code
    assert said in capfd.readouterr().err
    assert not (here / "calaudit.toml").exists()

"""What the README tells people to type works, and every option that it names exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import calaudit
from tests.api.simulated import binary, multiclass, top_label
from tests.cli.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:console|bash|sh|shell)\n(.*?)```", TEXT, re.S)
COMMANDS = [
    line.removeprefix("$ ").split(" #")[0].strip()
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
    if line.removeprefix("$ ").startswith("calaudit ")
]
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.S)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs Python in a folder with files of the names people see."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    p, y = binary(600)
    other, p, y = {"y": y[300:], "p_default": p[300:]}, p[:300], y[:300]
    pd.DataFrame({"y": y, "p_default": p}).to_csv(tmp_path / "test.csv")
    pd.DataFrame(other).to_csv(tmp_path / "validation.csv")
    rows = np.arange(300)
    region = pd.DataFrame({"label": y, "score": p, "region": rows % 3, "user": rows % 40})
    users = pd.DataFrame({"y": y, "p": p, "user": np.arange(300) % 40})
    users.to_csv(tmp_path / "preds.csv", index=False)
    calibrator = calaudit.fit(y, p, method="temperature")
    (tmp_path / "cal.json").write_text(calibrator.to_json(), encoding="utf-8")
    calaudit.threshold(y, p, cost_fp=1, cost_fn=4).save(tmp_path / "cutoffs.json")
    for name in ("preds.parquet", "predictions.parquet"):
        region.to_parquet(tmp_path / name)
    days = np.datetime64("2025-09-01") + np.arange(len(region)) // 20
    region.assign(date=days).to_parquet(tmp_path / "scored.parquet")
    for name in ("old.parquet", "new.parquet"):
        pd.DataFrame({"row_id": np.arange(300), "label": y, "score": p}).to_parquet(tmp_path / name)
    forecasts = pd.DataFrame({"rain": y, "p_bold": p**2 / (p**2 + (1 - p) ** 2), "p_calm": p})
    forecasts.to_csv(tmp_path / "forecasts.csv", index=False)
    truth, mid = np.random.default_rng(1).normal(size=(2, 300))
    pd.DataFrame({"y": truth, "lower": mid - 2, "upper": mid + 2}).to_csv(
        tmp_path / "intervals.csv"
    )
    cv = {f"{m}-{s}-90": mid + z for m in ("AutoETS", "Naive") for s, z in (("lo", -2), ("hi", 2))}
    pd.DataFrame({"y": truth, **cv}).to_csv(tmp_path / "cv.csv")
    levels = {f"q{q}": mid + z for q, z in (("05", -2), ("50", 0), ("95", 2))}
    stores = {"store": rows % 30, "region": rows % 3}
    pd.DataFrame({"y": truth, **levels, **stores}).to_parquet(tmp_path / "quantiles.parquet")
    systems = [pd.DataFrame({"row_id": rows, "label": y, "score": x}) for x in (p, p / 2)]
    runs = pd.concat(
        [f.assign(system=name) for f, name in zip(systems, ("base", "half"), strict=True)]
    )
    runs.to_csv(tmp_path / "runs.csv", index=False)
    for k in (1, 2):
        shard = calaudit.summarize(tmp_path / "preds.parquet", part=f"{k}/2", by="region")
        (tmp_path / f"shard-{k}.cal").write_bytes(shard.to_bytes())
    baseline = calaudit.evaluate(tmp_path / "preds.parquet", by="region").to_json()
    for name in ("calaudit-baseline.json", "report.json"):
        (tmp_path / name).write_text(baseline, encoding="utf-8")
    z, _, codes = multiclass(300)
    (tmp_path / "run").mkdir()
    for part in range(2):
        half = slice(150 * part, 150 * part + 150)
        frame = pd.DataFrame({f"logit_{k}": z[half, k] for k in range(4)})
        frame = frame.assign(label=codes[half], image=[f"{part}-{i}.png" for i in range(150)])
        frame.to_parquet(tmp_path / "run" / f"{part}.parquet")
    logits = pd.DataFrame({f"logit_{k}": z[:, k] for k in range(4)})
    for name in ("test", "street_numbers", "noise", "alien"):
        logits.to_parquet(tmp_path / f"{name}.parquet")
    logits.assign(source=np.where(rows % 2, "cifar10", "svhn")).to_parquet(tmp_path / "all.parquet")
    for name in ("inside", "outside"):
        np.savez(tmp_path / f"{name}.npz", scores=p)
    several = logits.assign(label=codes)
    softened = calaudit.fit(several, method="temperature")
    (tmp_path / "temperature.json").write_text(softened.to_json(), encoding="utf-8")
    calaudit.threshold(several, calibrator=softened, cost_error=5, cost_review=1).save(
        tmp_path / "thresholds.json"
    )
    stated, hit = top_label(300)
    answers = pd.DataFrame({"stated": stated, "hit": hit, "subject": np.arange(300) % 2})
    answers.to_csv(tmp_path / "answers.csv", index=False)
    said = pd.DataFrame({"question": rows // 5, "answer": np.where(hit, "a", "b"), "truth": "a"})
    said.assign(confidence=stated).to_json(tmp_path / "samples.jsonl", orient="records", lines=True)

    def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False,
        )  # fmt: skip

    return run_python


def test_there_are_commands() -> None:
    """The README has commands of calaudit, and Python."""
    assert len(COMMANDS) >= 3
    assert PYTHON


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(run: Run, command: str) -> None:
    """Every command of the README runs on files of the names that it uses."""
    words = shlex.split(re.split(r" [|>] ", command)[0])[1:]
    done = run("-m", "calaudit", *words)
    failed = words[0] == "check" and done.returncode == 1  # as the README says
    assert done.returncode == 0 or failed, done.stderr
    assert done.stdout or "--quiet" in words or "-o" in words


def test_python(run: Run, tmp_path: Path) -> None:
    """The Python of the README runs, and prints the verdict."""
    given = (
        "import pandas as pd, numpy as np\n"
        "y = np.arange(200) % 2; p = np.where(y == 1, 0.8, 0.3)\n"
        "frame = pd.DataFrame({'y': y, 'p': p})\n"
        "y_true, y_prob, w = y, p, np.ones(200)\n"
        "logits = new_logits = np.log(p / (1 - p)) + 3 * np.sin(np.arange(200))\n"
    )
    done = run("-c", given + "\n".join(PYTHON))
    assert done.returncode == 0, done.stderr
    assert "calibration error" in done.stdout
    assert "<calaudit" not in done.stdout
    assert "Report(" not in done.stdout


def help_text() -> str:
    """Return the help of every command, one after the other."""

    def shown(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "calaudit", *words, "--help"], cwd=ROOT, check=True,
            capture_output=True, encoding="utf-8", env={**os.environ, "COLUMNS": "80"},
        ).stdout  # fmt: skip

    top = shown()
    names = re.findall(r"^  ([a-z]+)  ", top.partition("Commands:")[2], re.M)
    assert {"evaluate", "schema"} <= set(names)
    return "\n".join([top, *(shown(name) for name in names)])


def test_options_exist() -> None:
    """Every option that the README names is in the help of a command."""
    # Those of other programs stand in code that does not call calaudit.
    others = re.compile(r"\$ (pip|make)|.*mypy")
    ours = "\n".join(line for line in TEXT.splitlines() if not others.match(line))
    assert set(OPTION.findall(ours)) <= set(OPTION.findall(help_text()))


def test_conventions_and_exit_codes_are_listed() -> None:
    """The conventions and exit codes of the README are those of the program."""
    from calaudit.cli import process
    from calaudit.options.choices import CONVENTIONS

    section = TEXT.partition("| `--convention` |")[2].partition("\n\n")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", "".join(firsts))) == set(CONVENTIONS)
    codes = TEXT.partition("| exit code |")[2].partition("\n\n")[0]
    assert set(map(int, re.findall(r"^\| (\d+) \|", codes, re.M))) >= {
        process.DONE, process.USAGE, process.INPUT, process.FAULT, process.INTERRUPTED,
    }  # fmt: skip

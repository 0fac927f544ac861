"""What README.md and docs/ have people do works, prints what they show, and its options exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.cli import main
from calaudit.cli.app import COMMANDS
from docs.generators.pages import PAGES, ROOT, Step, commands, named, steps, text_of
from tests.api.simulated import binary, multiclass, top_label

TEXT = "\n".join(map(text_of, PAGES))
PART = re.compile(r" \((?:from (?P<start>.+?) )?up to (?P<end>.+)\)$")
"""After a command: headings that its output is shown from and up to; "…" stands for the rest."""

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")

ELSEWHERE = {"docs/ci.md", "docs/monitoring.md", "docs/tracking.md"}
"""Pages with a test of their own: test_ci_docs.py, test_monitor.py, tests/api/test_tracking.py."""

RUN = [page for page in PAGES if named(page) not in ELSEWHERE]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files of the names that people see."""
    tmp_path = tmp_path_factory.mktemp("pages")
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    p, y = binary(600)
    other, p, y = {"y": y[300:], "p_default": p[300:]}, p[:300], y[:300]
    pd.DataFrame({"y": y, "p_default": p}).to_csv(tmp_path / "test.csv")
    pd.DataFrame(other).to_csv(tmp_path / "validation.csv")
    rows = np.arange(300)
    region = pd.DataFrame({"label": y, "score": p, "region": rows % 3, "user": rows % 40})
    users = pd.DataFrame({"y": y, "p": p, "user": np.arange(300) % 40})
    users.to_csv(tmp_path / "preds.csv", index=False)
    region.to_csv(tmp_path / "predictions.csv", index=False)
    (tmp_path / "logs").mkdir()
    for day in ("29", "30"):
        users.assign(region=rows % 3).to_parquet(tmp_path / "logs" / f"2025-11-{day}.parquet")
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
    flags = pd.DataFrame({f"in_{k}": (rows + k) % 3 > 0 for k in range(3)}).assign(label=rows % 3)
    flags.to_csv(tmp_path / "flags.csv", index=False)
    sets = [[int(k), int(k + 1) % 3] for k in rows % 3]
    listed = pd.DataFrame({"label": rows % 3, "prediction_set": sets, "region": rows % 2})
    listed.to_parquet(tmp_path / "sets.parquet")
    listed.assign(alpha=0.1).to_json(tmp_path / "sets.jsonl", orient="records", lines=True)
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
    own = np.exp(z + np.random.default_rng(3).normal(size=(3, *z.shape)))
    members = own / own.sum(axis=-1, keepdims=True)
    np.savez(tmp_path / "members.npz", probs=members, labels=codes)
    passes = [
        pd.DataFrame(m, columns=[f"prob_{k}" for k in range(4)]).assign(label=codes, row=rows)
        for m in members
    ]
    for k, each in enumerate(passes):
        each.to_csv(tmp_path / f"seed{k}.csv", index=False)
    pd.concat([each.assign(**{"pass": k}) for k, each in enumerate(passes)]).to_csv(
        tmp_path / "passes.csv", index=False
    )
    wide = {f"m{m}_{k}": members[m, :, k] for m in range(2) for k in range(4)}
    pd.DataFrame({"label": codes, **wide}).to_csv(tmp_path / "wide.csv", index=False)
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
    return tmp_path


WITHOUT_FILES = {
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            "index", "get-started", "gallery", "margin", "serving", "reviewers", "llm", "fraud",
            "medicine", "scale", "bootstrap", "conventions",
        )
    ),
}  # fmt: skip
"""Pages that a reader can follow with nothing but the sample data."""


@pytest.fixture
def folder(page: Path, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a copy of that folder, on a terminal of 80 columns without colours."""
    if named(page) in WITHOUT_FILES:
        (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    else:
        shutil.copytree(files, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # where a page imports what it has written
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


class Reader:
    """Someone who does what a page says, step by step, in one folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        y = np.arange(200) % 2
        p = np.where(y == 1, 0.8, 0.3)
        logits = np.log(p / (1 - p)) + 3 * np.sin(np.arange(200))
        self.names: dict[str, Any] = {
            "pd": pd, "np": np, "y": y, "p": p, "frame": pd.DataFrame({"y": y, "p": p}),
            "y_true": y, "y_prob": p, "w": np.ones(200), "logits": logits, "new_logits": logits,
        }  # fmt: skip
        self.typed = self.printed = ""

    def run(self, words: list[str]) -> str:
        """Run a command and return what it printed."""
        code = main(words)
        out, err = self.capsys.readouterr()
        gate = words[0] in ("check", "monitor") and code == 1  # as the page says
        assert code == 0 or gate, f"calaudit {shlex.join(words)}: exit code {code}\n{err}"
        assert out or "--quiet" in words or "-q" in words or "-o" in words
        return out

    def take(self, step: Step) -> None:
        """Do a step."""
        if step.kind == "file":
            Path(step.what).parent.mkdir(parents=True, exist_ok=True)
            Path(step.what).write_text(textwrap.dedent(step.text), encoding="utf-8")
        elif step.kind == "command":
            self.typed = re.split(r" [|>] ", step.what)[0].removeprefix("calaudit ")
            self.printed = self.run(shlex.split(self.typed))
        elif step.kind == "python":
            exec(textwrap.dedent(step.text), self.names)
            self.printed = self.capsys.readouterr().out
            assert "Report(" not in self.printed

    def output(self, step: Step) -> str:
        """Return what stands in the place of an output when it is true."""
        if step.what == "python":
            return self.printed
        part = PART.search(step.what)
        command = PART.sub("", step.what)
        if re.sub(r" -o \S+", "", self.typed) != command:  # what it prints is the same with -o
            self.printed = self.run(shlex.split(command))
        printed = self.printed.strip("\n") + "\n"
        if part is None:
            return printed
        start = _place(printed, part["start"]) if part["start"] else 0
        shown = printed[start : _place(printed, part["end"])]
        return f"…\n\n{shown}…\n" if start else f"{shown}…\n"


def _place(printed: str, heading: str) -> int:
    """Return where a heading stands."""
    found = re.search(rf"^ *{re.escape(heading)}\n", printed, re.M)
    assert found, f"there is no heading {heading!r} in\n{printed}"
    return found.start()


def test_there_is_something_to_do() -> None:
    """The README and more than a dozen pages have commands, and some have Python and output."""
    assert len(commands(ROOT / "README.md")) >= 5
    assert sum(bool(commands(page)) for page in RUN) > 12
    kinds = Counter(step.kind for page in RUN for step in steps(page))
    assert kinds["python"] > 3
    assert kinds["output"] >= 10


@pytest.mark.parametrize("page", [page for page in RUN if any(steps(page))], ids=named)
def test_page(folder: Path, capsys: pytest.CaptureFixture[str], page: Path) -> None:
    """What a page has people do works, step after step, and prints what the page shows."""
    reader = Reader(capsys)
    text = text_of(page)
    for step in steps(page):
        if step.kind != "output":
            reader.take(step)
            continue
        printed = reader.output(step)
        if os.environ.get("CALAUDIT_REFRESH_GOLDEN"):
            head = "" if step.what == "python" else "calaudit "
            head = f"<!-- output: {head}{step.what} -->\n```text\n"
            assert head + step.text in text
            text = text.replace(head + step.text, head + printed, 1)
            page.write_text(text, encoding="utf-8")
            continue
        assert step.text == printed


def help_text() -> str:
    """Return the help of every command, one after the other."""

    def shown(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "calaudit", *words, "--help"], cwd=ROOT, check=True,
            capture_output=True, encoding="utf-8", env={**os.environ, "COLUMNS": "80"},
        ).stdout  # fmt: skip

    return "\n".join([shown(), *(shown(name) for name in COMMANDS)])


def test_options_exist() -> None:
    """Every option that the README names is in the help of a command."""
    # Those of other programs stand in code that does not call calaudit.
    others = re.compile(r"\$ (pip|make)|.*mypy")
    ours = "\n".join(line for line in TEXT.splitlines() if not others.match(line))
    assert set(OPTION.findall(ours)) <= set(OPTION.findall(help_text()))


def test_conventions_are_listed() -> None:
    """The conventions of the page are those of the program."""
    from calaudit.options.choices import CONVENTIONS

    text = text_of(ROOT / "docs" / "conventions.md")
    section = text.partition("| `--convention` |")[2].partition("\n\n")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", "".join(firsts))) == set(CONVENTIONS)


def test_exit_codes_are_listed() -> None:
    """The help has every exit code that there is."""
    from calaudit.cli import failures, process, run_check

    assert set(failures.EXIT_CODES) == {
        process.DONE, run_check.FAILED, failures.USAGE, failures.INPUT, run_check.UNSETTLED,
        failures.FAULT, process.INTERRUPTED,
    }  # fmt: skip

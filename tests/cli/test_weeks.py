"""A team's repository through harmless weeks and real regressions: what each build says."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calaudit.cli import main
from tests.cli.pipeline import suites, titles
from tests.report.junit_rules import breaches

CONFIG = """
[check]
max_increase = { ece = 0.03 }

[gate.fraud]
data = "runs/fraud.parquet"
baseline = "baselines/fraud.json"
by = "channel"

[gate.churn]
data = "runs/churn.parquet"
baseline = "baselines/churn.json"
max_increase = { ece = 0.03, log_loss = 0.05 }
max_decrease = { auroc = 0.03 }

[gate.triage]
data = "runs/triage.parquet"
baseline = "baselines/triage.json"
confidence = "stated"
correct = "right"
"""

MODELS = ("fraud", "churn", "triage")
WEEKS = 10
ROWS = 12_000
REGRESSIONS = {11: "fraud", 12: "churn", 13: "triage"}
REFUSED = 14


def week_of(model: str, week: int) -> pa.Table:
    """Return a week of a model; its cases differ from week to week, and its calibration does not.

    From week 11 on a model is broken, one a week: fraud states too much in one channel of two,
    churn in all its scores, and triage is surer than it is right.
    """
    rng = np.random.default_rng([week, MODELS.index(model)])
    broken = REGRESSIONS.get(week) == model
    drift = 0.3 * np.sin(week)  # another mix of cases, as honestly scored
    z = rng.normal(drift, 1.5, ROWS)
    if model == "triage":
        stated = 1 / (1 + np.exp(-np.abs(z)))
        right = rng.random(ROWS) < (stated - 0.12 if broken else stated)
        return pa.table({"stated": stated, "right": right.astype(int)})
    channel = np.where(rng.random(ROWS) < 0.5, "app", "web")
    slope = np.where(broken & ((model == "churn") | (channel == "web")), 0.3, 1.0)
    label = (rng.random(ROWS) < 1 / (1 + np.exp(-slope * z))).astype(int)
    return pa.table({"score": 1 / (1 + np.exp(-z)), "label": label, "channel": channel})


class Build(NamedTuple):
    """What a build left: its exit code, and what people see."""

    code: int
    out: str
    err: str
    markdown: dict[str, str]
    junit: dict[str, str]
    summary: str

    def status(self, model: str) -> str:
        """Return the verdict on a model, which all places agree on."""
        found: str = re.findall(rf"^  ([A-Z]+) +{model}$", self.out, re.M)[-1]
        assert f"calaudit: {model}: {found}" in self.markdown[model].splitlines()[2]
        assert self.markdown[model] in self.summary
        (suite,) = suites(self.junit[model]).values()
        assert breaches(self.junit[model]) == []
        assert (int(suite["failures"]) > 0) == (found == "FAIL")
        assert (int(suite["errors"]) > 0) == (found == "REFUSED")
        levels = {
            level for level, title in titles(self.out) if title.startswith(f"calaudit {model}")
        }
        assert ("error" in levels) == (found in ("FAIL", "REFUSED"))
        assert ("notice" in levels) == (found == "PASS")
        return found


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[[int], Build]:
    """Return a function that runs the build of a week in a repository, as GitHub would."""
    for folder in ("runs", "baselines"):
        (tmp_path / folder).mkdir()
    (tmp_path / "calaudit.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)

    def run(week: int) -> Build:
        for model in MODELS:
            pq.write_table(week_of(model, week), f"runs/{model}.parquet")
        if week == REFUSED:
            Path("runs/churn.parquet").write_bytes(b"PAR1 cut off")
        Path("summary.md").write_text("")
        code = main(["check", "--update-baseline", "-o", "v.md", "-o", "v.xml"])
        who = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
        subprocess.run(["git", "add", "baselines"], check=True)
        subprocess.run(["git", *who, "commit", "-qm", f"{week}", "--allow-empty"], check=True)
        markdown, junit = (
            {m: Path(f"v-{m}.{form}").read_text(encoding="utf-8") for m in MODELS}
            for form in ("md", "xml")
        )
        out, err = capsys.readouterr()
        summary = Path("summary.md").read_text(encoding="utf-8")
        return Build(code, out, err, markdown, junit, summary)

    return run


def renewed() -> set[str]:
    """Return whose baseline the last build wrote anew."""
    command = ["git", "show", "--format=", "--name-only", "HEAD"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {Path(line).stem for line in done.stdout.split()}


@pytest.mark.slow
def test_weeks_of_three_models(build: Callable[[int], Build]) -> None:
    """No harmless week fails and most pass; each regression fails, and is alone in that."""
    first = build(0)
    assert first.code == 0
    assert renewed() == set(MODELS)
    passed = 0
    for week in range(1, WEEKS + 1):
        harmless = build(week)
        statuses = {model: harmless.status(model) for model in MODELS}
        assert harmless.code == 0
        assert set(statuses.values()) <= {"PASS", "INCONCLUSIVE"}, (week, statuses)
        passed += [*statuses.values()].count("PASS")
        assert renewed() == {model for model, found in statuses.items() if found == "PASS"}
    assert passed >= 24
    for week, model in REGRESSIONS.items():
        broken = build(week)
        statuses = {each: broken.status(each) for each in MODELS}
        assert broken.code == 1
        assert {each for each, found in statuses.items() if found == "FAIL"} == {model}
        assert model not in renewed()
        assert f"baselines/{model}.json stays as it was, because a rule failed" in broken.err
        where = " where channel = web" if model == "fraud" else ""
        assert ("error", f"calaudit {model}: FAIL ece{where}") in titles(broken.out)
    refused = build(REFUSED)
    assert refused.code == 3
    assert refused.status("churn") == "REFUSED"
    assert {refused.status(each) for each in ("fraud", "triage")} <= {"PASS", "INCONCLUSIVE"}
    assert "Mend the file that is named" in refused.junit["churn"]

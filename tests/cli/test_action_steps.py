"""The steps of the GitHub Action as a runner runs them: environment files, event, API."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.cli.conftest import ROOT
from tests.cli.pipeline import write_predictions

SCRIPT = ROOT / ".github" / "actions" / "calaudit-check" / "check.py"

pytestmark = [
    pytest.mark.skipif(not SCRIPT.exists(), reason="the action is not in the sources here"),
    pytest.mark.skipif(sys.platform == "win32", reason="symbolic links"),
]

Step = Callable[..., tuple[int, dict[str, str], str]]


class Api(BaseHTTPRequestHandler):
    """The part of the API of GitHub that comments need."""

    url: ClassVar[str] = ""
    comments: ClassVar[list[dict[str, Any]]] = []
    requests: ClassVar[list[str]] = []
    forbidden: ClassVar[bool] = False
    author: ClassVar[dict[str, str]] = {"login": "github-actions[bot]", "type": "Bot"}

    def answer(self) -> None:
        """Do what a request asks for, with the pages and paths of GitHub."""
        self.requests.append(f"{self.command} {self.path}")
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size) or "{}")
        allowed = self.headers["Authorization"] == "Bearer secret" and not self.forbidden
        found: Any = body
        if self.path == "/user":  # the token of a job is no user's
            found, allowed = self.author, allowed and self.author["type"] == "User"
        elif self.command == "GET":
            query = dict(part.split("=") for part in self.path.partition("?")[2].split("&"))
            start = (int(query["page"]) - 1) * int(query["per_page"])
            found = self.comments[start : start + int(query["per_page"])]
        elif allowed and self.command == "POST":
            self.comments.append({"id": len(self.comments), "user": self.author, **body})
        elif allowed and self.command == "DELETE":
            self.comments[int(self.path.rpartition("/")[2])] = {"id": -1, "body": "deleted"}
            self.send_response(204)
            self.end_headers()
            return
        elif allowed:
            self.comments[int(self.path.rpartition("/")[2])] |= body
        self.send_response(200 if allowed else 403)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - names of http.server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[type[Api]]:
    """Serve that API; the class holds what was asked and written."""
    Api.comments, Api.requests, Api.forbidden = [], [], False
    Api.author = {"login": "github-actions[bot]", "type": "Bot"}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Api.url = f"http://127.0.0.1:{server.server_port}"
    yield Api
    server.shutdown()
    server.server_close()


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """Return a function that runs a step; it gives the code, the outputs and the log."""
    temp = tmp_path / "temp"
    (temp / "calaudit" / "bin").mkdir(parents=True)
    (temp / "calaudit" / "bin" / "python").symlink_to(sys.executable)
    event = {"action": "opened", "pull_request": {"number": 7}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    write_predictions(tmp_path / "good.csv", 3000, 1)
    write_predictions(tmp_path / "a b.csv", 3000, 2, 0.4)
    (tmp_path / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\n")
    found = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])

    def run(name: str = "check", **given: str) -> tuple[int, dict[str, str], str]:
        output = tmp_path / "output"
        output.write_text("")
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": found, "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_REPOSITORY": "us/model",
            "RUNNER_TEMP": str(temp), "CALAUDIT_TOKEN": "secret", **given,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, SCRIPT, name], cwd=tmp_path, check=False,
            capture_output=True, text=True, env=environment, timeout=100,
        )  # fmt: skip
        outputs = re.findall(r"^([a-z-]+)<<(\S+)\n(.*?)\n\2$", output.read_text(), re.M | re.S)
        return done.returncode, {name: value for name, _, value in outputs}, done.stdout

    return run


@pytest.mark.parametrize(
    ("data", "arguments", "code", "status"),
    [
        ("good.csv", "--max-ece '0.1'", 0, "PASS"),
        ("a b.csv", "--max-ece 0.05", 1, "FAIL"),
        ("good.csv", "--max-ece 0.02", 0, "INCONCLUSIVE"),
        ("good.csv", "--max-ece 0.02 --strict", 4, "INCONCLUSIVE"),
        ("good.csv", "--max-auroc 1", 2, "REFUSED"),
        ("bad.csv", "--max-ece 0.1", 3, "REFUSED"),
    ],
)
def test_outputs_of_the_step(step: Step, data: str, arguments: str, code: int, status: str) -> None:
    """The step ends with the code of the check, and says status and reports to later steps."""
    returned, outputs, log = step(CALAUDIT_DATA=data, CALAUDIT_ARGS=arguments)
    assert (returned, outputs["exit-code"], outputs["status"]) == (code, str(code), status)
    assert [Path(outputs[form]).name for form in ("junit", "markdown")] == [
        "verdict.xml", "verdict.md",
    ]  # fmt: skip
    assert Path(outputs["markdown"]).parent == Path(outputs["reports"])
    assert bool(outputs["json"]) == (status != "REFUSED")
    assert status in Path(outputs["markdown"]).read_text(encoding="utf-8")
    assert re.search(r"^::(error|warning|notice) title=calaudit", log, re.M)


def test_comments_stay_in_place(step: Step, api: type[Api], tmp_path: Path) -> None:
    """Each gate has one comment, found again among hundreds, also when it is refused."""
    config = tmp_path / "calaudit.toml"
    gates = {"fraud": "good.csv", "churn": "a b.csv"}
    text = "".join(f'[gate.{name}]\ndata = "{file}"\n' for name, file in gates.items())
    config.write_text("[check]\nmax_ece = 0.05\n" + text)
    api.comments += [{"id": i, "body": "Looks good"} for i in range(130)]
    given = {"CALAUDIT_COMMENT": "true", "GITHUB_API_URL": api.url}
    assert step(**given)[0] == 1
    bodies = [each["body"] for each in api.comments[130:]]
    assert [body.splitlines()[0] for body in bodies] == [
        "<!-- calaudit check churn -->", "<!-- calaudit check fraud -->",
    ]  # fmt: skip
    assert ["FAIL" in body for body in bodies] == [True, False]
    config.write_text(config.read_text().replace("a b.csv", "bad.csv"))
    assert step(**given)[0] == 3
    assert len(api.comments) == 132
    assert ["REFUSED" in each["body"] for each in api.comments[130:]] == [True, False]
    assert api.requests[-1] == "PATCH /repos/us/model/issues/comments/131"


@pytest.mark.parametrize("kind", ["Bot", "User"])
def test_comments_of_others_stay(step: Step, api: type[Api], kind: str) -> None:
    """Whoever else begins a comment with the marker keeps it as it is."""
    api.author = {"login": "ours", "type": kind}
    mark = "<!-- calaudit check -->"
    api.comments.append({"id": 0, "body": mark, "user": {"login": "them", "type": "User"}})
    given = {"CALAUDIT_DATA": "good.csv", "CALAUDIT_ARGS": "--max-ece 0.1"}
    for _ in range(2):
        step(**given, CALAUDIT_COMMENT="true", GITHUB_API_URL=api.url)
    assert [each["user"]["login"] for each in api.comments] == ["them", "ours"]
    assert api.comments[0]["body"] == mark


def test_what_does_not_start_is_no_failure(step: Step, tmp_path: Path) -> None:
    """Python that ends with 1 has judged nothing."""
    python = tmp_path / "temp" / "calaudit" / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/false")
    code, outputs, _ = step(CALAUDIT_DATA="good.csv", CALAUDIT_ARGS="--max-ece 0.1")
    assert (code, outputs["status"]) == (1, "REFUSED")


def test_a_refusal_of_all_gates_goes(step: Step, api: type[Api], tmp_path: Path) -> None:
    """What is said of a configuration that nothing could be read from goes when it is mended."""
    config = tmp_path / "calaudit.toml"
    given = {"CALAUDIT_COMMENT": "true", "GITHUB_API_URL": api.url}
    config.write_text("[check\n")
    assert step(**given)[0] == 2
    config.write_text('[gate.fraud]\ndata = "good.csv"\nmax_ece = 0.1\n')
    assert step(**given)[0] == 0
    first, second = (each["body"] for each in api.comments)
    assert (first, second.splitlines()[0]) == ("deleted", "<!-- calaudit check fraud -->")


def test_a_comment_changes_no_verdict(step: Step, api: type[Api], tmp_path: Path) -> None:
    """Without the permission, an answer or a pull request the check is what it was."""
    given = {"CALAUDIT_DATA": "good.csv", "CALAUDIT_ARGS": "--max-ece 0.1"}
    given |= {"CALAUDIT_COMMENT": "true", "GITHUB_API_URL": api.url}
    api.forbidden = True
    code, _, log = step(**given)
    assert code == 0
    assert "::warning title=calaudit::No comment could be written (HTTPError: HTTP Error 403" in log
    assert "pull-requests: write" in log
    code, _, log = step(**given | {"GITHUB_API_URL": "http://127.0.0.1:9"})
    assert (code, "No comment could be written" in log) == (0, True)
    (tmp_path / "event.json").write_text('{"ref": "refs/heads/main"}')
    api.requests.clear()
    code, _, log = step(**given)
    assert (code, "No comment" in log, api.requests) == (0, False, [])


def test_key_of_the_cache(step: Step) -> None:
    """It is the same for the same source, and another for a release."""
    keys = [step("prepare", CALAUDIT_VERSION=version) for version in ("", "", "0.1.0", "0.2.0")]
    found = [outputs["key"] for code, outputs, _ in keys if code == 0]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert all(re.fullmatch(r"calaudit-[a-z0-9]+-\w+-[0-9a-f]{16}", each) for each in found)
    code, _, log = step("prepare", CALAUDIT_VERSION="1; touch x")
    assert (code, log.startswith("::error title=calaudit::version is a release")) == (2, True)

"""What the action does: install calaudit in an environment of its own, run the check, comment.

What the user of the action wrote comes from environment variables and goes into lists of
arguments; no shell sees it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]

STATUSES = {0: "PASS", 1: "FAIL", 4: "INCONCLUSIVE"}
"""Exit code → status; of any other, REFUSED. An inconclusive check passes without --strict."""

NEEDED = "The job needs the permission pull-requests: write, which those of forks have not."

UNNAMED = "<!-- calaudit check -->"
"""First line of a comment on no gate by name."""

PAGE = 100
"""Comments that are asked for at once, the most that GitHub gives."""


def python_of(environment: Mapping[str, str]) -> Path:
    """Return the interpreter of the environment that calaudit is installed in."""
    folder = Path(environment["RUNNER_TEMP"]) / "calaudit"
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def requirement(environment: Mapping[str, str]) -> str:
    """Return what pip installs: a release, or the source that this action belongs to.

    >>> requirement({"CALAUDIT_VERSION": " 0.1.0 "})
    'calaudit==0.1.0'
    """
    version = environment.get("CALAUDIT_VERSION", "").strip()
    if not version:
        return os.fspath(REPOSITORY)
    if not re.fullmatch(r"[0-9A-Za-z.!+_-]+", version):
        raise ValueError(f"version is a release of calaudit, such as 0.1.0, not {version!r}")
    return f"calaudit=={version}"


def arguments(environment: Mapping[str, str]) -> list[str]:
    r"""Return the arguments of calaudit.

    >>> given = {"CALAUDIT_DATA": "a b.csv\n*.parquet\n", "CALAUDIT_ARGS": "--by 'my column'"}
    >>> arguments(given | {"CALAUDIT_BASELINE": "base.json"})
    ['check', '--by', 'my column', '--baseline=base.json', '--', 'a b.csv', '*.parquet']
    """
    lines = environment.get("CALAUDIT_DATA", "").splitlines()
    data = [line.strip() for line in lines if line.strip()]
    baseline = environment.get("CALAUDIT_BASELINE", "").strip()
    try:
        options = shlex.split(environment.get("CALAUDIT_ARGS", ""))
    except ValueError as error:
        raise ValueError(f"args cannot be read ({error}): look at the quotes") from None
    named = [f"--baseline={baseline}"] if baseline else []
    return ["check", *options, *named, *(["--", *data] if data else [])]


def key(environment: Mapping[str, str]) -> str:
    """Return what the installed environment depends on, as a key of a cache."""
    wanted = requirement(environment)
    digest = hashlib.sha256(f"{wanted} {sys.version} {sys.executable}".encode())
    if wanted == os.fspath(REPOSITORY):
        for path in [REPOSITORY / "pyproject.toml", *sorted((REPOSITORY / "calaudit").rglob("*"))]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(REPOSITORY).as_posix().encode() + path.read_bytes())
    return f"calaudit-{sys.platform}-{platform.machine()}-{digest.hexdigest()[:16]}"


def prepare(environment: Mapping[str, str]) -> int:
    """Say the key of the cache, before anything is installed."""
    _tell(environment, key=key(environment))
    return 0


def install(environment: Mapping[str, str]) -> int:
    """Make the environment and install calaudit in it."""
    wanted, python = requirement(environment), python_of(environment)
    venv.create(python.parents[1], with_pip=True, clear=True)
    pip = [os.fspath(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, wanted], check=False).returncode


def check(environment: Mapping[str, str]) -> int:
    """Run the check, say what came of it, comment where that is wanted; return its exit code."""
    reports = Path(environment["RUNNER_TEMP"]) / "calaudit-reports"
    shutil.rmtree(reports, ignore_errors=True)  # those of an earlier step
    reports.mkdir()
    words = arguments(environment)
    files = [word for form in ("json", "xml", "md") for word in ("-o", f"{reports}/verdict.{form}")]
    command = [os.fspath(python_of(environment)), "-m", "calaudit", words[0], *files, *words[1:]]
    inherited = {name: value for name, value in environment.items() if name != "CALAUDIT_TOKEN"}
    code = subprocess.run(command, check=False, env=inherited).returncode
    written = {form: sorted(reports.glob(f"*.{form}")) for form in ("json", "xml", "md")}
    _tell(
        environment,
        status=_status(code, written["json"]),
        exit_code=str(code),
        reports=os.fspath(reports),
        json="\n".join(map(str, written["json"])),
        junit="\n".join(map(str, written["xml"])),
        markdown="\n".join(map(str, written["md"])),
    )
    if environment.get("CALAUDIT_COMMENT") == "true":
        try:
            comment([path.read_text(encoding="utf-8") for path in written["md"]], environment)
        except (
            OSError,
            KeyError,
            ValueError,
            http.client.HTTPException,
        ) as error:  # it changes no verdict
            why = f"{type(error).__name__}: {error}"
            _annotate("warning", f"No comment could be written ({why}). {NEEDED}")
    return code


def _status(code: int, reports: list[Path]) -> str:
    """Return the worst status: a check that ends with 0 may be inconclusive.

    Python ends with 1, too, where it cannot start: what has failed is in a report.
    """
    found = {json.loads(path.read_text(encoding="utf-8"))["status"] for path in reports}
    if code == 1 and "FAIL" not in found:
        return "REFUSED"
    return STATUSES.get(code or 4 * ("INCONCLUSIVE" in found), "REFUSED")


def comment(texts: Sequence[str], environment: Mapping[str, str]) -> None:
    """Write comments on the pull request, each in the place of the one with the same first line.

    A refusal of all gates at once has a comment without a name, which goes when they are judged.
    Of a push, which has no pull request, nothing is written.
    """
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = (event.get("pull_request") or {}).get("number")
    if number is None:
        return
    repository = f"/repos/{environment['GITHUB_REPOSITORY']}/issues"
    there: dict[str, Any] = {}
    mine = _own(environment)
    for found in _comments(f"{repository}/{number}/comments", environment):
        if mine(found.get("user") or {}):
            there.setdefault(_marker(found.get("body") or ""), found)
    for text in texts:
        old = there.get(_marker(text))
        if old is None:
            _request("POST", f"{repository}/{number}/comments", environment, {"body": text})
        else:
            _request("PATCH", f"{repository}/comments/{old['id']}", environment, {"body": text})
    old = there.get(UNNAMED)
    if old is not None and "REFUSED" in old["body"] and UNNAMED not in map(_marker, texts):
        _request("DELETE", f"{repository}/comments/{old['id']}", environment)


def _marker(text: str) -> str:
    return text.partition("\n")[0].strip()


def _own(environment: Mapping[str, str]) -> Callable[[Mapping[str, Any]], bool]:
    """Return whether an author is that of the token; the token of a job may not ask who it is."""
    try:
        login = _request("GET", "/user", environment)["login"]
    except urllib.error.HTTPError:
        return lambda user: user.get("type") == "Bot"
    return lambda user: user.get("login") == login


def _comments(path: str, environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    page, found = 1, [{}] * PAGE
    while len(found) == PAGE:
        found = _request("GET", f"{path}?per_page={PAGE}&page={page}", environment)
        yield from found
        page += 1


def _request(method: str, path: str, environment: Mapping[str, str], body: Any = None) -> Any:
    request = urllib.request.Request(
        environment.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {environment['CALAUDIT_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")  # a deletion answers nothing


def _tell(environment: Mapping[str, str], **outputs: str) -> None:
    """Write outputs of the step; a value of several lines stands between lines that it has not."""
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        for name, value in outputs.items():
            end = f"end-{hashlib.sha256(value.encode()).hexdigest()}"
            file.write(f"{name.replace('_', '-')}<<{end}\n{value}\n{end}\n")


def _annotate(level: str, message: str) -> None:
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stdout.write(f"::{level} title=calaudit::{escaped}\n")


def main(step: str, environment: Mapping[str, str]) -> int:
    """Run a step and return its exit code; inputs that make no sense are 2, as of calaudit."""
    try:
        return {"prepare": prepare, "install": install, "check": check}[step](environment)
    except ValueError as error:
        _annotate("error", str(error))
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ))

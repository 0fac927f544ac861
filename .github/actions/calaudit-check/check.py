"""What the action does: install calaudit in an environment of its own, and run the check.

What the user of the action wrote comes from environment variables and goes into lists of
arguments; no shell sees it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]


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
        raise SystemExit(f"version is a release of calaudit, such as 0.1.0, not {version!r}")
    return f"calaudit=={version}"


def arguments(environment: Mapping[str, str]) -> list[str]:
    r"""Return the arguments of calaudit.

    >>> given = {"CALAUDIT_DATA": "a b.csv\n*.parquet\n", "CALAUDIT_ARGS": "--by 'my column'"}
    >>> arguments(given | {"CALAUDIT_BASELINE": "base.json"})
    ['check', '--by', 'my column', '--baseline=base.json', '--', 'a b.csv', '*.parquet']
    """
    lines = environment.get("CALAUDIT_DATA", "").splitlines()
    data = [line.strip() for line in lines if line.strip()]
    if not data:
        raise SystemExit("data is empty: name the files of predictions, a line each")
    baseline = environment.get("CALAUDIT_BASELINE", "").strip()
    try:
        options = shlex.split(environment.get("CALAUDIT_ARGS", ""))
    except ValueError as error:
        raise SystemExit(f"args cannot be read ({error}): look at the quotes") from None
    return ["check", *options, *([f"--baseline={baseline}"] if baseline else []), "--", *data]


def install(environment: Mapping[str, str]) -> int:
    """Make the environment and install calaudit in it."""
    wanted, python = requirement(environment), python_of(environment)
    venv.create(python.parents[1], with_pip=True, clear=True)
    pip = [
        os.fspath(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        wanted,
    ]
    return subprocess.run(pip, check=False).returncode


def check(environment: Mapping[str, str]) -> int:
    """Run the check and return its exit code."""
    command = [os.fspath(python_of(environment)), "-m", "calaudit", *arguments(environment)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    step = {"install": install, "check": check}[sys.argv[1]]
    sys.exit(step(os.environ))

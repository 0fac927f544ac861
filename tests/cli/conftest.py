"""The command line, in this process and as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.examples import multiclass

ROOT = Path(__file__).parents[2]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Replace the API; return the list of what it is called with."""
    seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        seen.append((args, kwargs))
        return multiclass()

    stand_in: Any = types.ModuleType("calaudit.api.evaluation")
    stand_in.evaluate = evaluate
    monkeypatch.setitem(sys.modules, "calaudit.api.evaluation", stand_in)
    return seen


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the program over the stand-in, in an empty directory."""

    def run(*arguments: str, stand_in: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "STAND_IN": stand_in, "COLUMNS": "80"}
        environment |= more.pop("env", {})
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path, **more}
        command = [sys.executable, "-m", "tests.cli.program", *arguments]
        return subprocess.run(command, env=environment, encoding="utf-8", timeout=60, **options)

    return run

"""The pictures of a page, made by the commands that the page shows."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calaudit.cli import main
from calaudit.report.pictures import Picture
from calaudit.report.saved import saved_report
from docs.generators.pages import ROOT, steps

__all__ = ["MARK", "pictures", "shown"]

MARK = re.compile(r"^<!-- picture: (?P<name>[\w-]+)\.svg -->$", re.M)
"""Stands where a page shows the picture that one of its commands writes to this file."""


def pictures(page: Path) -> dict[str, Picture]:
    """Return the pictures that the commands of a page write, by the names of their files."""
    if not MARK.search(page.read_text(encoding="utf-8")):
        return {}
    made: dict[str, Picture] = {}
    with _folder():
        names: dict[str, Any] = {}
        for step in steps(page):
            if step.kind == "python":
                exec(step.text, names)
            if step.kind == "file":
                Path(step.what).write_text(step.text, encoding="utf-8")
            if step.kind != "command":
                continue
            words = shlex.split(step.what)[1:]
            name = next((word for word in words if word.endswith(".svg")), "")
            if not name:
                _run(words)
                continue
            which = words[words.index("--picture") + 1] if "--picture" in words else None
            words = [word for word in words if word not in ("--picture", which)]
            _run([word.replace(name, "report.json") for word in words])
            report = saved_report(Path("report.json").read_bytes())
            made[name.removesuffix(".svg")] = report.plot(which)
    return made


def _run(words: list[str]) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main(words)
    if code not in (0, 1):  # 1: a gate failed, as a page may show
        raise RuntimeError(f"calaudit {shlex.join(words)}: {said.getvalue()}")


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    """Work in a folder of its own that has the sample data."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sample_data").symlink_to(ROOT / "sample_data")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def shown(markdown: str, made: dict[str, Picture]) -> str:
    """Return the text of a page with its pictures in the place of their marks."""

    def both(found: re.Match[str]) -> str:
        alt = re.sub(r"[\[\]\n]", " ", made[found["name"]].alt)
        path = f"pictures/{found['name']}"
        return "\n".join(f"![{alt}]({path}-{t}.svg#only-{t})" for t in ("light", "dark"))

    return MARK.sub(both, markdown)

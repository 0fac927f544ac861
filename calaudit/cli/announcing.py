"""What a check says where a pipeline looks: annotations, step summary, JUnit, Markdown.

A refusal is said in the same places as a verdict would be.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from calaudit import __version__
from calaudit.cli.outputs import checked_outputs, write_contents
from calaudit.cli.streams import print_message, print_report, print_result
from calaudit.errors import SettingsError
from calaudit.report.check_report import CheckReport
from calaudit.report.refusal import Refusal
from calaudit.report.render_github import guard, render_github
from calaudit.report.render_junit import render_junit
from calaudit.report.render_markdown import render_markdown
from calaudit.visible import disarmed, visible


def announce(outcome: CheckReport | Refusal, kind: str) -> None:
    """Say the verdict of one gate, or its refusal, in a form that only a check has."""
    if kind not in ("markdown", "github"):
        return
    if kind == "markdown":
        print_result(disarmed(render_markdown(outcome)))
        return
    if isinstance(outcome, CheckReport):
        # Names from the data must not be taken for commands of the runner.
        before, after = guard(secrets.token_hex(16))
        print_result(before)
        print_report(outcome)
        print_result(after)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(render_markdown(outcome) + "\n")
        except OSError as error:
            print_message("", f"the step summary could not be written: {error.strerror}")


def conclude(outcomes: Sequence[CheckReport | Refusal], kind: str) -> None:
    """Say what is said once for all gates."""
    if kind == "junit":
        print_result(render_junit(*outcomes))
    if kind in ("console", "github") and len(outcomes) > 1:
        lines = [f"  {each.status:<12}  {visible(each.name)}" for each in outcomes]
        print_result("\n".join(["", f"{len(outcomes)} gates", *lines]) + "\n")
    if kind == "github":
        print_result(render_github(*outcomes))


def refuse(
    code: int,
    lines: tuple[str, ...],
    *,
    name: str,
    files: Sequence[Path],
    inputs: Sequence[Any],
    kind: str,
) -> Refusal:
    """Say that a gate was refused, and write it to those files that can show it.

    A file that cannot be written is passed over: the refusal is the news.
    """
    refusal = Refusal(name=name, code=code, lines=lines, calaudit=__version__)
    forms: dict[str, Callable[[Refusal], str]] = {".md": render_markdown, ".xml": render_junit}
    named = [each for each in inputs if isinstance(each, str)]
    for path in (path for path in files if path.suffix.lower() in forms):
        with contextlib.suppress(SettingsError):
            real = checked_outputs([path], named, command="check")
            write_contents([(real[0], forms[path.suffix.lower()](refusal))], quiet=True)
    announce(refusal, kind)
    return refusal


def refuse_all(code: int, lines: tuple[str, ...], words: Sequence[str]) -> None:
    """Say that a check was refused as a whole, as far as its words can be read."""
    from calaudit.cli.check import printed_format, read_leniently

    given = read_leniently(words)
    kind = printed_format(given["format"])
    inputs = [*(given["data"] or []), given["baseline"], given["against"], given["calibrator"]]
    files = given["output"] or []
    conclude([refuse(code, lines, name="", files=files, inputs=inputs, kind=kind)], kind)

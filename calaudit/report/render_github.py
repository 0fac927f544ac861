"""A check as workflow commands, which GitHub Actions shows as annotations of the run.

One ``::error`` a rule that failed and one ``::warning`` a rule that is inconclusive (an error
too under ``--strict``), each in a line of its own; a ``::notice`` where there are none. GitHub
shows the first ten errors and the first ten warnings of a step and drops the others without a
word, so that the tenth sums up what would be lost.

Source: "Workflow commands for GitHub Actions" (docs.github.com); escapes as in command.ts of
actions/toolkit, and the limits as in its docs/problem-matchers.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.visible import shortened, visible

__all__ = ["guard", "render_github"]

SHOWN = 10
"""Annotations of a kind that GitHub shows for a step."""

TITLE, MESSAGE = 120, 4_000
"""Characters of a title and of a message; GitHub takes 255 and 64 KB."""

DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})

PROPERTY = DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(report: CheckReport) -> str:
    """Return the annotations, a line each."""
    errors = [r for r in report.results if report.breaks(r.status)]
    open_ = [r for r in report.results if r.status != PASS and not report.breaks(r.status)]
    lines = _annotations("error", errors) + _annotations("warning", open_)
    lines = lines or [_command("notice", "calaudit", report.sentence)]
    return "\n".join(lines) + "\n"


def guard(token: str) -> tuple[str, str]:
    """Return the lines before and after a text in whose lines no commands are looked for.

    Names from the data may look like one (``::add-mask::``, ``##[error]``), in a report that is
    printed in the log of a step.

    Args:
        token: made anew at random, so that nothing in the text can end the guard.
    """
    return f"::stop-commands::{token}\n", f"::{token}::\n"


def _annotations(command: str, results: Sequence[RuleResult]) -> list[str]:
    kept = results if len(results) <= SHOWN else results[: SHOWN - 1]
    lines = [_command(command, _title(result), result.text) for result in kept]
    rest = results[len(kept) :]
    if rest:
        numbers = [
            (status, sum(r.status == status for r in rest)) for status in (FAIL, INCONCLUSIVE)
        ]
        counted = " and ".join(f"{number:,} more {status}" for status, number in numbers if number)
        lines.append(_command(command, "calaudit", f"{counted}: see the summary of the job."))
    return lines


def _title(result: RuleResult) -> str:
    where = f" where {result.where}" if result.where else ""
    return f"calaudit: {result.status} {result.metric}{where}"


def _command(command: str, title: str, message: str) -> str:
    title = shortened(visible(title), TITLE).translate(PROPERTY)
    message = shortened(visible(message), MESSAGE).translate(DATA)
    return f"::{command} title={title}::{message}"

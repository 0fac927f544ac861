"""A check as workflow commands, which GitHub Actions shows as annotations of the run.

One ``::error`` a rule that failed or a gate that was refused, and one ``::warning`` a gate for all
of its rules that are inconclusive (an error under ``--strict``); a ``::notice`` a gate that has
none. GitHub shows the first ten errors and the first ten warnings of a step and drops the others
without a word, so that the tenth sums up what would be lost.

Source: "Workflow commands for GitHub Actions" (docs.github.com); escapes as in command.ts of
actions/toolkit, and the limits as in its docs/problem-matchers.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest

from calaudit.report.check_report import FAIL, INCONCLUSIVE, CheckReport, RuleResult
from calaudit.report.refusal import REFUSED, Refusal
from calaudit.visible import shortened, visible

SHOWN = 10
"""Annotations of a kind that GitHub shows for a step."""

TITLE, MESSAGE = 120, 4_000
"""Characters of a title and of a message; GitHub takes 255 and 64 KB."""

DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})

PROPERTY = DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(*outcomes: CheckReport | Refusal) -> str:
    """Return the annotations of one gate or several, a line each."""
    errors = [_errors(each) for each in outcomes]
    reports = [each for each in outcomes if isinstance(each, CheckReport)]
    open_ = [_open(each) for each in reports if not each.breaks(INCONCLUSIVE)]
    lines = _annotations("error", _in_turn(errors)) + _annotations("warning", _in_turn(open_))
    for each in reports:
        if not each.failed and not each.unsettled:
            lines.append(_command("notice", _lead(each), visible(each.sentence)))
    return "\n".join(lines) + "\n"


def guard(token: str) -> tuple[str, str]:
    """Return the lines before and after a text in whose lines no commands are looked for.

    Names from the data may look like one (``::add-mask::``, ``##[error]``), in a report that is
    printed in the log of a step.

    Args:
        token: made anew at random, so that nothing in the text can end the guard.
    """
    return f"::stop-commands::{token}\n", f"::{token}::\n"


Annotation = tuple[str, str, str]
"""Status, title and message."""


def _errors(outcome: CheckReport | Refusal) -> list[Annotation]:
    if isinstance(outcome, CheckReport):
        failed = [_of_rule(outcome, r) for r in outcome.results if r.status == FAIL]
        return failed + (_open(outcome) if outcome.breaks(INCONCLUSIVE) else [])
    message = "\n".join(map(visible, outcome.told))
    return [(REFUSED, f"{_lead(outcome)}: {REFUSED} (exit code {outcome.code})", message)]


def _open(report: CheckReport) -> list[Annotation]:
    """Return one annotation for all rules that are open, or none."""
    if not report.unsettled:
        return []
    title = f"{_lead(report)}: {INCONCLUSIVE}"
    return [(INCONCLUSIVE, title, visible(f"{INCONCLUSIVE} {report.unsettled}"))]


def _of_rule(report: CheckReport, result: RuleResult) -> Annotation:
    where = f" where {result.where}" if result.where else ""
    title = f"{_lead(report)}: {result.status} {result.metric}{where}"
    return result.status, title, visible(result.text)


def _lead(outcome: CheckReport | Refusal) -> str:
    return f"calaudit {outcome.name}".strip()


def _in_turn(gates: Sequence[Sequence[Annotation]]) -> list[Annotation]:
    """Return the first of each gate, then the second: none is lost behind the others'."""
    return [each for each in chain(*zip_longest(*gates)) if each is not None]


def _annotations(command: str, found: Sequence[Annotation]) -> list[str]:
    kept = found if len(found) <= SHOWN else found[: SHOWN - 1]
    lines = [_command(command, title, message) for _, title, message in kept]
    rest = [status for status, *_ in found[len(kept) :]]
    if rest:
        numbers = [(status, rest.count(status)) for status in (REFUSED, FAIL, INCONCLUSIVE)]
        counted = " and ".join(f"{number:,} more {status}" for status, number in numbers if number)
        lines.append(_command(command, "calaudit", f"{counted}: see the summary of the job."))
    return lines


def _command(command: str, title: str, message: str) -> str:
    title = shortened(visible(title), TITLE).translate(PROPERTY)
    message = shortened(message, MESSAGE).translate(DATA)
    return f"::{command} title={title}::{message}"

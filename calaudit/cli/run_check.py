"""What ``calaudit check`` does: settings from options and file, verdict, files, exit code."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calaudit.api.checking import ARGUMENTS, Checked, checked
from calaudit.api.checks.configuration import configuration
from calaudit.api.checks.rule_settings import rules_of
from calaudit.cli.delivery import Delivery
from calaudit.cli.outputs import checked_outputs, write_outputs
from calaudit.cli.process import USAGE
from calaudit.cli.progress import Progress
from calaudit.cli.streams import print_message, print_report, print_result
from calaudit.errors import CalauditError, DrawingError, SettingsError
from calaudit.gate.rules import Rule
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import filled
from calaudit.report.check_report import CheckReport
from calaudit.visible import disarmed

__all__ = ["FAILED", "UNSETTLED", "Wanted", "run_check"]

FAILED, UNSETTLED = 1, 4

DELIVERED = ("console", "json", "vega")
"""Formats that every kind of report is printed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says.

    Attributes:
        data: the new predictions. given: every setting by name. named: those that were written.
        config: the configuration file, or None. update_baseline, force: write that anew.
        output: files to write. picture: the one that they show. format: what to print,
        full: all of it. quiet: nothing on stderr.
    """

    data: list[str]
    given: dict[str, Any]
    named: set[str]
    config: Path | None
    update_baseline: bool
    force: bool
    output: tuple[Path, ...]
    picture: str | None
    format: str
    full: bool
    quiet: bool


def run_check(wanted: Wanted) -> int:
    """Judge, print, write; return the exit code."""
    found = configuration(wanted.config)
    chosen = {k: v for k, v in wanted.given.items() if k in wanted.named or k not in found}
    settings: Any = filled(CheckOptions, found | chosen)
    given = {name: value for name, value in settings.items() if name not in ARGUMENTS}
    rules = rules_of(given, settings["rule_confidence"])
    path = _baseline_path(wanted, settings["baseline"])
    inputs = [*wanted.data, settings["against"], settings["calibrator"]]
    delivery = Delivery.checked(
        "check", [*inputs, settings["baseline"]], output=wanted.output, picture=wanted.picture,
        json=wanted.format == "json", vega=wanted.format == "vega", full=wanted.full,
        quiet=wanted.quiet,
    )  # fmt: skip
    target = [] if path is None else checked_outputs([path], inputs)
    new = bool(target) and not target[0].exists()
    result = _judged(wanted, rules, settings)
    spoken = wanted.format not in DELIVERED
    drawn = True
    try:
        delivery.run(lambda _: result.check, printed=not spoken)
    except DrawingError as error:
        drawn = False
        print_message("error", str(error))
    if spoken:
        _print(result.check, wanted.format)
    if target and (wanted.force or _replaces(result.check, new=new)):
        write_outputs(result.report, target, quiet=wanted.quiet)
    elif target and not wanted.quiet:
        why = "failed" if result.check.failed else "is inconclusive"
        print_message("", f"{path} was not written, because a rule {why}; --force writes it")
    if result.check.failed:
        return FAILED
    if not drawn:
        return USAGE
    return UNSETTLED if result.check.breaks(result.check.status) else 0


def _judged(wanted: Wanted, rules: Sequence[Rule], settings: CheckOptions) -> Checked:
    """Return the verdict; with ``--force`` without the baseline where that cannot be used."""

    def judged(**more: Any) -> Checked:
        with Progress(quiet=wanted.quiet) as progress:
            options: Any = {**settings, "progress": progress, **more}
            return checked(wanted.data, None, options, rules, first=wanted.update_baseline)

    try:
        return judged()
    except CalauditError as error:
        if not wanted.force:
            raise
        result = judged(baseline=None)  # raises again where the fault is not the baseline's
        if not wanted.quiet:
            print_message("", *str(error).split("\n"), "written anew because of --force")
        return result


def _replaces(report: CheckReport, *, new: bool) -> bool:
    """Return whether the new report becomes the baseline.

    Where a rule is inconclusive the old one stays, or changes that are too small to be seen
    would add up. The first one has none before it to settle anything with, and who gives no
    rule wants it written.
    """
    return report.passed or not report.results or (new and not report.failed)


def _baseline_path(wanted: Wanted, baseline: Any) -> Path | None:
    if wanted.force and not wanted.update_baseline:
        raise SettingsError("--force goes with --update-baseline")
    if not wanted.update_baseline:
        return None
    if baseline is None:
        raise SettingsError("--update-baseline needs --baseline FILE, the file to write")
    path = Path(str(baseline))
    if path.suffix.lower() != ".json":
        raise SettingsError(f"a baseline is a JSON report: {path} must end in .json")
    return path


def _print(report: CheckReport, kind: str) -> None:
    """Print the verdict in one of the forms that only a check has."""
    from calaudit.report.render_markdown import render_markdown

    if kind == "markdown":
        print_result(disarmed(render_markdown(report)))
        return
    if kind == "junit":
        from calaudit.report.render_junit import render_junit

        print_result(render_junit(report))
        return
    from calaudit.report.render_github import guard, render_github

    # Names from the data must not be taken for commands of the runner.
    before, after = guard(secrets.token_hex(16))
    print_result(before)
    print_report(report)
    print_result(after + render_github(report))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(render_markdown(report) + "\n")
        except OSError as error:
            print_message("", f"the step summary could not be written: {error.strerror}")

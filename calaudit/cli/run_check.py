"""What ``calaudit check`` does: settings from options and file, verdict, files, exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calaudit.api.checking import ARGUMENTS, Checked, checked
from calaudit.api.checks.rule_settings import rules_of
from calaudit.cli.announcing import announce, conclude, refuse
from calaudit.cli.configuration import Configuration, configuration
from calaudit.cli.delivery import Delivery
from calaudit.cli.entries import data_of, merged
from calaudit.cli.failures import FAULT, INPUT, USAGE, failure_of, print_failure
from calaudit.cli.outputs import checked_outputs, contents_of, write_contents
from calaudit.cli.progress import Progress
from calaudit.cli.streams import print_message
from calaudit.errors import CalauditError, DrawingError, SettingsError
from calaudit.gate.rules import Rule
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import filled
from calaudit.report.check_report import CheckReport
from calaudit.report.refusal import Refusal

FAILED, UNSETTLED = 1, 4

WORST = (FAILED, FAULT, INPUT, USAGE, UNSETTLED, 0)
"""Exit codes, the one first that is said of several gates.

What was shown comes before what could not be looked at: who lets a pipeline go on after a refusal
(``allow_failure: exit_codes: [3]``) must not let a failed gate pass with it.
"""

DELIVERED = ("console", "json", "vega")
"""Formats that every kind of report is printed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says.

    Attributes:
        data: the new predictions. given: every setting by name. named: those that were written.
        name: of the only gate to run, or None. config: the configuration file, or None.
        update_baseline, force: write the baseline anew. plan: judge as if there were none yet.
        delivered: where the verdict goes, as `Delivery` takes it. format: what to print.
    """

    data: list[str]
    given: dict[str, Any]
    named: set[str]
    name: str | None
    config: Path | None
    update_baseline: bool
    plan: bool
    force: bool
    delivered: dict[str, Any]
    format: str


def run_check(wanted: Wanted) -> int:
    """Judge all gates, print, write; return the exit code."""
    found = configuration(wanted.config)
    names = found.chosen(wanted.name)
    if len(names) > 1:
        _check_common(wanted, names)
    outcomes: list[CheckReport | Refusal] = []
    codes: list[int] = []
    owners: dict[Path, str] = {}
    for name in names:
        gate = _alone(wanted, name) if len(names) > 1 else wanted
        try:
            report, code = _run_gate(gate, name, found, owners)
            outcomes.append(report)
        except Exception as error:  # whatever it is, the other gates are judged
            code, lines = failure_of(error)
            print_failure(lines, name)
            refusal = refuse(
                code, lines, name=name, files=gate.delivered["output"], kind=wanted.format,
                inputs=[*gate.data, gate.given["baseline"], gate.given["against"]],
            )  # fmt: skip
            outcomes.append(refusal)
        codes.append(code)
    conclude(outcomes, wanted.format)
    return min(codes, key=WORST.index)


def _check_common(wanted: Wanted, names: Sequence[str]) -> None:
    """Refuse what belongs to one gate where there are several."""
    single = [f"--{name}" for name in ("baseline", "against") if name in wanted.named]
    single = ["DATA"] * bool(wanted.data) + single
    if wanted.format in ("json", "vega"):
        single.append(f"--{wanted.format}")
    if single:
        raise SettingsError(
            f"{single[0]} is about one gate, and there are {len(names)}: add --name {names[0]}, or "
            "another of them"
        )


def _alone(wanted: Wanted, name: str) -> Wanted:
    """Return what is wanted of one gate of several: files that have its name."""
    files = {
        to: tuple(p.with_name(f"{p.stem}-{name}{p.suffix}") for p in wanted.delivered[to])
        for to in ("output", "one_page")
    }
    return replace(wanted, delivered=wanted.delivered | files)


def _run_gate(
    wanted: Wanted, name: str, found: Configuration, owners: dict[Path, str]
) -> tuple[CheckReport, int]:
    """Judge one gate, print, write; return the verdict and its exit code."""
    said = found.keywords(name)
    data = data_of(wanted.data, said.pop("data", None), wanted.named)
    settings: Any = filled(CheckOptions, merged(said, wanted.given, wanted.named))
    given = {name: value for name, value in settings.items() if name not in ARGUMENTS}
    rules = rules_of(given, settings["rule_confidence"])
    if "-" in data and settings["baseline"] == "-":
        raise SettingsError("standard input is the data or the baseline, not both: name a file")
    path = _baseline_path(wanted, settings["baseline"])
    inputs = [*data, settings["against"], settings["calibrator"], settings["labels"]]
    if wanted.plan:
        matched = None if settings["labels"] is None else settings["id"]
        settings = settings | {"baseline": None, "against": None, "id": matched}
    delivery = Delivery.checked(
        "check", [*inputs, settings["baseline"]], json=wanted.format == "json",
        vega=wanted.format == "vega", **wanted.delivered,
    )  # fmt: skip
    target = [] if path is None else checked_outputs([path], inputs)
    if target and owners.setdefault(target[0], name) != name:
        raise SettingsError(f"{path} is the baseline of {owners[target[0]]}, too: name another")
    new = bool(target) and not target[0].exists()
    judged = _judged(replace(wanted, data=data), rules, settings)
    result = replace(judged, check=replace(judged.check, name=name))
    spoken = wanted.format not in DELIVERED
    drawn = True
    try:
        delivery.run(lambda _: result.check, printed=not spoken)
    except DrawingError as error:
        drawn = False
        print_message("error", str(error))
    announce(result.check, wanted.format)
    if target and (wanted.force or _replaces(result.check, new=new)):
        write_contents(contents_of(result.report, target), quiet=wanted.delivered["quiet"])
    elif target and not wanted.delivered["quiet"]:
        why = "failed" if result.check.failed else "is inconclusive"
        print_message("", f"{path} stays as it was, because a rule {why}; --force renews it")
    return result.check, _code(result.check, drawn=drawn)


def _code(report: CheckReport, *, drawn: bool) -> int:
    if report.failed:
        return FAILED
    if not drawn:
        return USAGE
    return UNSETTLED if report.breaks(report.status) else 0


def _judged(wanted: Wanted, rules: Sequence[Rule], settings: CheckOptions) -> Checked:
    """Return the verdict; with ``--force`` without the baseline where that cannot be used."""

    def judged(**more: Any) -> Checked:
        with Progress(quiet=wanted.delivered["quiet"]) as progress:
            options: Any = {**settings, "progress": progress, **more}
            first = wanted.update_baseline or wanted.plan
            return checked(wanted.data, None, options, rules, first=first)

    try:
        return judged()
    except CalauditError as error:
        if not wanted.force:
            raise
        result = judged(baseline=None)  # raises again where the fault is not the baseline's
        if not wanted.delivered["quiet"]:
            print_message("", *str(error).split("\n"), "written anew because of --force")
        return result


def _replaces(report: CheckReport, *, new: bool) -> bool:
    """Return whether the new report becomes the baseline.

    Where a rule is inconclusive the old one stays, or changes that are too small to be seen
    would add up: of creeps of 0.8 margins a week an eighth is seen in ten weeks where each week
    is the next one's baseline, and nearly all where it stays. The first one has none before it to
    settle anything with, and who gives no rule wants it written.
    """
    return report.passed or not report.results or (new and not report.failed)


def _baseline_path(wanted: Wanted, baseline: Any) -> Path | None:
    if wanted.force and not wanted.update_baseline:
        raise SettingsError("--force goes with --update-baseline")
    if wanted.plan and wanted.update_baseline:
        raise SettingsError("--plan writes nothing: give it without --update-baseline")
    if not wanted.update_baseline:
        return None
    if baseline is None:
        raise SettingsError("--update-baseline needs --baseline FILE, the file to write")
    path = Path(str(baseline))
    if path.suffix.lower() != ".json":
        raise SettingsError(f"a baseline is a JSON report: {path} must end in .json")
    return path

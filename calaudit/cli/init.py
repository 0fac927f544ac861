"""``calaudit init``: a configuration made from a file of predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import QUIET, Data, out, to_file
from calaudit.options.commands import EvaluateOptions, InitOptions
from calaudit.options.declaration import options_of

if TYPE_CHECKING:
    from calaudit.report.evaluation_report import Report

EXAMPLE = example(
    "calaudit init predictions.parquet",
    "calaudit init test.csv --label y --score p -o ci/calaudit.toml",
)

OUTPUT = to_file("The file to write.", default=Path("calaudit.toml"), shown="calaudit.toml")
FORCE = out("Write it where one is already.", default=False)

KEPT = ("group", "weight_kind", "on_invalid")
"""Options beside the columns that are written down where they were given."""

MOST_VALUES, MOST_SLICES = 20, 5
"""Values of a column that makes slices, and such columns that are suggested."""


def init(
    data: Data,
    given: Annotated[Keywords, InitOptions],
    output: Annotated[Path, OUTPUT] = OUTPUT.default,
    force: Annotated[bool, FORCE] = False,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Write a calaudit.toml from a file: columns, and suggestions.

    The file is evaluated once, so that what is written is known to work.
    """
    from calaudit.cli.outputs import checked_outputs, write_contents
    from calaudit.cli.progress import Progress
    from calaudit.errors import SettingsError

    if "-" in data:
        raise SettingsError("a configuration names files to read: standard input is none")
    (file,) = checked_outputs([output], data, command="init", suffix=".toml")
    if file.exists() and not force:
        raise SettingsError(f"{output} is there already: name another with -o, or add --force")
    from calaudit.api.evaluation import evaluate

    with Progress(quiet=quiet) as progress:
        report = evaluate(data, **given, progress=progress)
    write_contents([(file, _text(report, _beside(data, file), data, given))], quiet=quiet)


def _beside(data: Sequence[str], file: Path) -> list[str]:
    """Return the data as seen from where the configuration is."""
    import os

    from calaudit.predictions.addresses import is_remote

    return [each if is_remote(each) else os.path.relpath(each, file.parent) for each in data]


def _text(report: Report, paths: list[str], data: Sequence[str], given: Keywords) -> str:
    """Return the configuration: what was found, and in comments what may be wanted."""
    from calaudit.errors import InputError
    from calaudit.report.arguments import NoCommand, role_values

    try:
        values = role_values(report.roles, report.settings.get("declared", {}), report.classes)
    except NoCommand:
        raise InputError(
            f"{data[0]}: a column or class has a name with control characters, which no "
            "configuration can say: rename it"
        ) from None
    known = options_of(InitOptions)
    values |= {n: given[n] for n in KEPT if given[n] not in (None, known[n].default)}
    told = {role.option.removeprefix("--"): role for role in report.roles}
    slices, groups = _suggested(
        data, given, {name for role in report.roles for name in role.columns}
    )
    lines = [
        "# Settings for calaudit. Lines that begin with # are suggestions; options on the command",
        "# line win; calaudit explain config says more.",
        "",
        "[defaults]  # of every command",
    ]
    for name, value in values.items():
        role = told.get(name)
        why = [*(["inferred"] if role and role.inferred else []), *([role.detail] if role else [])]
        note = ", ".join(filter(None, why))
        lines.append(f"{name} = {_toml(value)}" + (f"  # {note}" if note else ""))
    if "by" not in values and slices:
        lines.append(f"# by = {_toml(slices)}  # columns that make slices")
    if "group" not in values:
        lines.append(f"# group = {_toml((groups or ['user_id'])[0])}  # rows that belong together")
    reads = f"data = {_toml(paths)}"
    binary = report.task == "binary"
    costs = ["# cost_fp = 1", "# cost_fn = 20  # what a missed case costs, in the same unit"]
    limits = ["# max_error = 0.02  # the share that may be wrong among those acted on"]
    sections = {
        "evaluate": [],
        "fit": [],
        "audit": ["# holdout = 0.5  # the share that is judged, not fitted on"],
        "threshold": costs if binary else limits,
        "check": [
            '# baseline = "baseline.json"  # calaudit evaluate -o baseline.json',
            "# max_increase = { ece = 0.01 }  # against the baseline",
            "# max_ece = 0.05",
        ],
    }
    for section, suggestions in sections.items():
        lines += ["", f"[{section}]", reads, *suggestions]
    return "\n".join(lines) + "\n"


def _suggested(
    data: Sequence[str], given: Keywords, taken: set[str]
) -> tuple[list[str], list[str]]:
    """Return columns that may make slices, and those whose rows may belong together."""
    from calaudit.api.rows.declared import catalogue_of
    from calaudit.api.rows.open_rows import opened_data
    from calaudit.options.declaration import filled
    from calaudit.predictions.names import CASES, folded

    options: Any = filled(EvaluateOptions, given)
    with opened_data(data, None, options) as predictions:
        catalogue = catalogue_of(predictions)
        free = catalogue.free(("text", "number", "bool"), taken)
        kinds = {name: len(catalogue.look(name).kinds) for name in free}
    groups = [name for name in free if folded(name).removesuffix("_id") in CASES]
    slices = [name for name in free if name not in groups and 1 < kinds[name] <= MOST_VALUES]
    return slices[:MOST_SLICES], groups


def _toml(value: Any) -> str:
    """Return a value as TOML writes it, which for these is as JSON does but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

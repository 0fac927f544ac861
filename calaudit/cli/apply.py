"""``calaudit apply``: calibrated copies of files of predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import QUIET, to_file
from calaudit.options.commands import ApplyOptions

if TYPE_CHECKING:
    from calaudit.api.copies import Applied

EXAMPLE = example(
    "calaudit apply cal.json predictions.parquet -o calibrated.parquet",
    "calaudit apply cal.json scores.csv.gz -o both.csv.gz --suffix _cal",
    "calaudit apply cal.json 'run/*.parquet' -o calibrated/",
    "calaudit apply predictions.csv --prior 2% --was 0.5 -o shifted.csv",
)

Calibrator = Annotated[
    str,
    typer.Argument(
        help="The calibrator that calaudit fit wrote; may be left out with --prior.",
        metavar="CALIBRATOR",
        show_default=False,
    ),
]
Data = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files of any format that is read, directories, globs or addresses; - is "
        "standard input.",
        metavar="DATA",
        show_default=False,
    ),
]
OUTPUT = to_file("The file to write, or a directory for several; the suffix says the format.")


def apply(
    calibrator: Calibrator,
    output: Annotated[str, OUTPUT],
    given: Annotated[Keywords, ApplyOptions],
    data: Data = None,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Write predictions again with calibrated scores.

    Everything else in the files stays as it is.
    """
    from calaudit.api.applying import FORECASTS
    from calaudit.api.applying import apply as write_calibrated
    from calaudit.calibrators.saved_calibrator import holds_schema
    from calaudit.cli.progress import Progress
    from calaudit.cli.streams import print_message
    from calaudit.errors import SettingsError

    shifts = any(given[name] is not None for name in ("prior", "was", "class_weight"))
    named: str | None = calibrator
    files = data or []
    if shifts and not any(holds_schema(calibrator, kind) for kind in ("calibrator", FORECASTS)):
        named, files = None, [calibrator, *files]
    if not files:
        raise SettingsError(f"name the data to calibrate: calaudit apply {calibrator} DATA")
    with Progress(quiet=quiet) as progress:
        done = write_calibrated(named, files, output, **given, progress=progress)
    if not quiet:
        print_message("", _written(done, output, added=bool(given["suffix"] or given["prefix"])))
        if done.invalid:
            print_message("note", _invalid(done, given["on_invalid"]))
        for note in done.notes:
            print_message("note", note)
        if done.unseen:
            print_message("note", done.unseen)


def _written(done: Applied, output: str, *, added: bool) -> str:
    rows = f"{done.rows_written:,} row{'s' if done.rows_written != 1 else ''}"
    names = ", ".join(done.written[:3]) + (", …" if len(done.written) > 3 else "")
    where = done.files[0][1] if len(done.files) == 1 else f"{len(done.files)} files in {output}"
    kind = {"probability": "probabilities", "logit": "logits"}.get(done.scale, "forecasts")
    verb = "added" if added else "replaced"
    if done.means is None:
        return f"wrote {where}: {rows}, {done.method}; {verb} {names} (calibrated {kind})"
    before, after = (", ".join(f"{m:.4g}" for m in means[:6]) for means in done.means)
    return (
        f"wrote {where}: {rows}, {done.method}; {verb} {names} ({kind}), mean {before} -> {after}"
    )


def _invalid(done: Applied, policy: str) -> str:
    fate = "left out" if policy == "drop" else "kept, with a missing score"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in done.refused.items())
    rows = f"{done.invalid:,} row{'s' if done.invalid != 1 else ''}"
    what = "forecast" if done.scale == "number" else "score"
    return (
        f"{rows} without a usable {what} {'were' if done.invalid != 1 else 'was'} {fate}: {reasons}"
    )

"""``calaudit apply``: calibrated copies of files of predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from calaudit.cli import options
from calaudit.cli.help import example

if TYPE_CHECKING:
    from calaudit.api.applying import Applied

__all__ = ["EXAMPLE", "apply"]

EXAMPLE = example(
    "calaudit apply cal.json predictions.parquet -o calibrated.parquet",
    "calaudit apply cal.json scores.csv.gz -o both.csv.gz --suffix _cal",
    "calaudit apply cal.json 'run/*.parquet' -o calibrated/",
)

NEW = "New scores"


def _new(flag: str, text: str, metavar: str, **more: Any) -> Any:
    return typer.Option(flag, rich_help_panel=NEW, help=text, metavar=metavar, **more)


Data = Annotated[
    list[str],
    typer.Argument(
        help="CSV, Parquet or Arrow files, directories or globs; - is standard input.",
        metavar="DATA",
        show_default=False,
    ),
]
Suffix = Annotated[
    str,
    _new(
        "--suffix",
        "Add columns of such names, and keep the old scores.",
        "TEXT",
        show_default=False,
    ),
]
Prefix = Annotated[
    str, _new("--prefix", "Likewise, with a text before the name.", "TEXT", show_default=False)
]
As = Annotated[
    Literal["probability", "logit"] | None,
    _new("--as", "probability or logit.", "SCALE", show_default="what they were"),
]
OnInvalid = Annotated[
    Literal["refuse", "drop", "keep"],
    _new("--on-invalid", "refuse rows without a usable score, drop, or keep without one.", "WHAT"),
]
Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        rich_help_panel=options.OUTPUT,
        help="The file to write, or a directory for several; the suffix says the format.",
        metavar="FILE",
        show_default=False,
    ),
]


def apply(
    calibrator: options.CalibratorFile,
    data: Data,
    output: Output,
    roles: options.ScoreRoles,
    suffix: Suffix = "",
    prefix: Prefix = "",
    as_: As = None,
    on_invalid: OnInvalid = "refuse",
    quiet: options.Quiet = False,
) -> None:
    """Write predictions again with calibrated scores; everything else stays as it is."""
    from calaudit.api.applying import apply as write_calibrated
    from calaudit.cli.progress import Progress
    from calaudit.cli.streams import print_message

    with Progress(quiet=quiet) as progress:
        done = write_calibrated(
            calibrator,
            data,
            output,
            **roles,
            suffix=suffix,
            prefix=prefix,
            scale=as_,
            on_invalid=on_invalid,
            progress=progress,
        )
    if not quiet:
        print_message("", _written(done, output, added=bool(suffix or prefix)))
        if done.invalid:
            print_message("note", _invalid(done, on_invalid))
        for note in done.notes:
            print_message("note", note)
        if done.unseen:
            print_message("note", done.unseen)


def _written(done: Applied, output: str, *, added: bool) -> str:
    rows = f"{done.rows_written:,} row{'s' if done.rows_written != 1 else ''}"
    names = ", ".join(done.written[:3]) + (", …" if len(done.written) > 3 else "")
    where = done.files[0][1] if len(done.files) == 1 else f"{len(done.files)} files in {output}"
    kind = "probabilities" if done.scale == "probability" else "logits"
    verb = "added" if added else "replaced"
    return f"wrote {where}: {rows}, {done.method}; {verb} {names} (calibrated {kind})"


def _invalid(done: Applied, policy: str) -> str:
    fate = "left out" if policy == "drop" else "kept, with a missing score"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in done.refused.items())
    rows = f"{done.invalid:,} row{'s' if done.invalid != 1 else ''}"
    return (
        f"{rows} without a usable score {'were' if done.invalid != 1 else 'was'} {fate}: {reasons}"
    )

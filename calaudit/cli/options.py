"""Options that only the command line has: the data, and where a report goes."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from calaudit.cli.groups import Keywords
from calaudit.options.declaration import Option

__all__ = [
    "FULL",
    "JSON",
    "PICTURE",
    "QUIET",
    "VEGA",
    "CalibratorFile",
    "Data",
    "Delivered",
    "out",
    "to_file",
]

out = partial(Option, panel="Output")
to_file = partial(out, flag="-o --output", metavar="FILE")

FULL = out("Print all of the report, not just a screen of it.", default=False)
JSON = out("Print the report as JSON.", default=False)
VEGA = out("Print the picture as a Vega-Lite specification.", default=False)
PICTURE = out(
    "Which picture -o and --vega give, as reliability, histogram or cost; -o FILE.html is then "
    "that picture.",
    metavar="NAME",
    shown="the main one",
)
QUIET = out("No progress and no messages on stderr.", flag="-q --quiet", default=False)

Data = Annotated[
    list[str],
    typer.Argument(
        help="Files, directories, globs or s3://, gs://, abfs:// and https:// addresses, read as "
        "one data set; - is standard input.",
        metavar="DATA",
        show_default=False,
    ),
]
CalibratorFile = Annotated[
    str,
    typer.Argument(
        help="The calibrator that calaudit fit wrote.", metavar="CALIBRATOR", show_default=False
    ),
]


class ReportOptions(TypedDict, total=False):
    """Where a report goes, and in which form."""

    full: Annotated[bool, FULL]
    plot: Annotated[bool, out("Draw the picture in the terminal, too.", default=False)]
    json: Annotated[bool, JSON]
    vega: Annotated[bool, VEGA]
    output: Annotated[
        Sequence[Path],
        to_file(
            "Write the report (.html, .json, .md, .txt) or a picture of it (.svg, .png, .pdf); "
            "may be repeated.",
            repeated=True,
            default=(),
        ),
    ]
    picture: Annotated[str | None, PICTURE]
    quiet: Annotated[bool, QUIET]


Delivered = Annotated[Keywords, ReportOptions]

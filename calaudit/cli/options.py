"""Options that only the command line has: the data, and where a report goes."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from calaudit.cli.groups import Keywords
from calaudit.options.declaration import Option

out = partial(Option, panel="Output")
to_file = partial(out, flag="-o --output", metavar="FILE")

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


class OutputOptions(TypedDict, total=False):
    """Where a report goes, and in which form."""

    output: Annotated[
        Sequence[Path],
        to_file(
            "Write the report (.html, .json, .md, .txt; of check .xml for JUnit, too) or a picture "
            "of it (.svg, .png, .pdf); may be repeated.", repeated=True, default=(),
        ),
    ]  # fmt: skip
    one_page: Annotated[
        Sequence[Path],
        out(
            "Write the report on one page, to hand on (.pdf, .html, .png, .svg); may be repeated.",
            metavar="FILE", repeated=True, default=(),
        ),
    ]  # fmt: skip
    picture: Annotated[
        str | None,
        out(
            "Which picture -o and --vega give, as reliability, histogram or cost; -o FILE.html is "
            "then that picture.", metavar="NAME", shown="the main one",
        ),
    ]  # fmt: skip
    title: Annotated[str | None, out("Title of pages and pictures.", metavar="TEXT")]
    size: Annotated[
        str | None,
        out(
            "Of one page or a picture: a4, letter, a4-landscape, letter-landscape, slide (16:9), "
            "or WIDTHxHEIGHT in pixels.", metavar="SIZE", shown="a4; a picture as drawn",
        ),
    ]  # fmt: skip
    dpi: Annotated[float | None, out("Pixels in an inch of a .png.", metavar="N", shown="192")]
    vega: Annotated[bool, out("Print the picture as a Vega-Lite specification.", default=False)]
    json: Annotated[bool, out("Print the report as JSON.", default=False)]
    full: Annotated[bool, out("Print all of it, not just a screen of it.", default=False)]
    brief: Annotated[bool, out("Print the answer alone.", default=False)]
    quiet: Annotated[bool, QUIET]


class ReportOptions(OutputOptions, total=False):
    """The same, for what has a chart for the terminal."""

    plot: Annotated[bool, out("Draw the picture in the terminal, too.", default=False)]


Delivered = Annotated[Keywords, ReportOptions]

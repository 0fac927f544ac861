"""``calaudit export``: a calibrator in the language of a serving stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from calaudit.cli import options
from calaudit.cli.help import example
from calaudit.errors import SettingsError

if TYPE_CHECKING:
    from calaudit.calibrators.export import Exported

__all__ = ["EXAMPLE", "export"]

EXAMPLE = example(
    "calaudit export cal.json --to value",
    "calaudit export cal.json --to sql --columns score",
    "calaudit export cal.json --to onnx -o calibrator.onnx",
)

EXPORT = "Export"


def _choice(*flags: str, text: str, metavar: str | None = None, **more: Any) -> Any:
    return typer.Option(*flags, rich_help_panel=EXPORT, help=text, metavar=metavar, **more)


To = Annotated[
    Literal["value", "python", "numpy", "sql", "onnx", "torch", "javascript"],
    _choice(
        "--to",
        text="value (a bare temperature), python, numpy, sql, onnx, torch or javascript.",
        metavar="TARGET",
        show_default=False,
    ),
]
Columns = Annotated[
    str | None,
    _choice(
        "--columns",
        text="SQL: the score columns, one a class.",
        metavar="A,B,C",
        show_default="those of --rows",
    ),
]
Dtype = Annotated[
    Literal["float32", "float64"] | None,
    _choice(
        "--dtype",
        text="ONNX: type of what goes in and out.",
        metavar="TYPE",
        show_default="float32; float64 for histogram and isotonic",
    ),
]
Unverified = Annotated[
    bool, _choice("--unverified", text="Accept an export that nothing here can run.")
]
Rows = Annotated[
    str | None,
    _choice(
        "--rows",
        text="Try the first rows of these predictions as well.",
        metavar="DATA",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        rich_help_panel=options.OUTPUT,
        help="The file to write.",
        metavar="FILE",
        show_default="standard output",
    ),
]


def export(
    calibrator: options.CalibratorFile,
    to: To,
    output: Output = None,
    columns: Columns = None,
    dtype: Dtype = None,
    rows: Rows = None,
    unverified: Unverified = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a calibrator as code or a graph, checked by running it."""
    from calaudit.api.exporting import export as exported_calibrator
    from calaudit.cli.streams import print_message, print_result

    if to == "onnx" and output is None:
        raise SettingsError("an ONNX graph is no text: name a file with -o, such as cal.onnx")
    exported = exported_calibrator(
        calibrator,
        to,
        columns=options.names(columns) or (),
        dtype=dtype,
        unverified=unverified,
        rows=rows,
        output=output,
    )
    if output is None:
        print_result(str(exported.content))
    if not quiet:
        print_message("", _told(exported, output))


def _told(exported: Exported, output: Path | None) -> str:
    lead = f"{exported.method} as {exported.target}" + (f", wrote {output}" if output else "")
    if exported.unverified is not None:
        return f"{lead}: UNVERIFIED, because {exported.unverified}"
    of_them = [f"{exported.fit_rows} of them rows of the fit"] * bool(exported.fit_rows)
    if exported.steep:
        of_them.append(
            f"{exported.steep} where the map is so steep that one rounding of a score moves it "
            "further: none above that"
        )
    rows = f" ({'; '.join(of_them)})" if of_them else ""
    return (
        f"{lead}: no difference above {exported.tolerance:g} on {exported.probes:,} probes{rows} "
        f"in {' and '.join(exported.differences)}"
    )

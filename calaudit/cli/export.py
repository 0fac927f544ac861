"""``calaudit export``: a calibrator in the language of a serving stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import QUIET, CalibratorFile, to_file
from calaudit.errors import SettingsError
from calaudit.options.declaration import Option
from calaudit.options.exporting import EXPORT, ExportOptions

if TYPE_CHECKING:
    from calaudit.calibrators.export import Exported

EXAMPLE = example(
    "calaudit export cal.json --to value",
    "calaudit export cal.json --to sql --columns score",
    "calaudit export cal.json --to onnx -o calibrator.onnx",
)

TO = Option(
    "value (a bare temperature), python, numpy, sql, onnx, torch or javascript.",
    panel=EXPORT,
    choices=("value", "python", "numpy", "sql", "onnx", "torch", "javascript"),
    metavar="TARGET",
)
OUTPUT = to_file("The file to write.", shown="standard output")


def export(
    calibrator: CalibratorFile,
    to: Annotated[str, TO],
    output: Annotated[Path | None, OUTPUT] = None,
    *,
    given: Annotated[Keywords, ExportOptions],
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Write a calibrator as code or a graph, checked by running it."""
    from calaudit.api.exporting import export as exported_calibrator
    from calaudit.cli.streams import print_message, print_result

    if to == "onnx" and output is None:
        raise SettingsError("an ONNX graph is no text: name a file with -o, such as cal.onnx")
    exported = exported_calibrator(calibrator, to, output=output, **given)
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

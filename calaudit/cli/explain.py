"""``calaudit explain``: what a figure, test, method, note or setting is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from calaudit.cli.help import example
from calaudit.cli.options import out

if TYPE_CHECKING:
    from calaudit.report.glossary import Entry

EXAMPLE = example(
    "calaudit explain ece smece",
    "calaudit explain 'CORP miscalibration'",
    "calaudit explain --convention",
    "calaudit explain",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="What to explain, as reports and options call it; without any, a list of all.",
        metavar="NAME",
        show_default=False,
    ),
]


JSON = out("Print the entries as JSON.")


def explain(names: Names = None, json: Annotated[bool, JSON] = False) -> None:
    """Say what a figure, test, note or setting is."""
    from calaudit.cli.streams import print_result
    from calaudit.report.glossary import entries, entry

    found = tuple(dict.fromkeys(entry(name) for name in names)) if names else entries()
    print_result(_as_json(found) if json else _drawn(found, listed=not names))


def _as_json(found: Sequence[Entry]) -> str:
    """Return entries as ASCII-only JSON text that ends with a newline."""
    from dataclasses import asdict
    from json import dumps

    return dumps([asdict(each) for each in found], indent=2) + "\n"


def _drawn(found: Sequence[Entry], *, listed: bool) -> str:
    from rich.console import Console

    from calaudit.report.console.glossary_page import render_entries, render_names

    console = Console()
    with console.capture() as drawn:
        if listed:
            render_names(console)
        else:
            render_entries(found, console)
    return drawn.get()

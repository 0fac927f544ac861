"""Gates of a configuration file, as the commands take them that can."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypedDict

import typer

from calaudit.cli.groups import CONFIG, Keywords
from calaudit.options.declaration import Option

OptionalData = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files, directories, globs or s3://, gs://, abfs:// and https:// addresses, read as "
        "one data set; - is standard input. Without any: the data of the configuration.",
        metavar="DATA",
        show_default=False,
    ),
]


_entry = partial(Option, panel="Configuration")


class EntryOptions(TypedDict, total=False):
    """Where settings come from that are not given."""

    name: Annotated[
        str | None,
        _entry("One gate, as [gate.NAME] of the configuration has it.", metavar="NAME"),
    ]
    config: Annotated[Path | None, CONFIG]


Entry = Annotated[Keywords, EntryOptions]


def named_in(context: typer.Context) -> set[str]:
    """Return the parameters that stand on the command line."""
    source = context.get_parameter_source
    return {name for name in context.params if getattr(source(name), "name", "") == "COMMANDLINE"}


def merged(found: Keywords, given: Keywords, named: set[str]) -> Keywords:
    """Return what a file says, and what was given; what was written on the command line wins."""
    return found | {k: v for k, v in given.items() if k in named or k not in found}


def data_of(data: list[str] | None, found: Any, named: set[str]) -> list[str]:
    """Return the files to read: those that were named, or else those of a gate, or the others.

    Raises:
        SettingsError: there are none.
    """
    from calaudit.errors import SettingsError

    of_gate = [found] if isinstance(found, str) else found
    chosen = data if "data" in named else of_gate or data
    if not chosen:
        raise SettingsError(
            "Missing argument DATA: name the files of predictions here (see --help), or as data of "
            "a command or gate in calaudit.toml"
        )
    return list(chosen)

"""``calaudit summarize``: tables of a part of a data set, for other commands to merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import QUIET, Data, to_file
from calaudit.options.commands import SummarizeOptions

EXAMPLE = example(
    "calaudit summarize 'logs/2025-11-*.parquet' --by region -o november.cal",
    "calaudit summarize 'logs/*.parquet' --part 3/8 -o part-3.cal",
    "calaudit evaluate part-*.cal -o report.html",
)

OUTPUT = to_file("The file to write (.cal); evaluate, check, threshold and compare read it.")


def summarize(
    data: Data,
    output: Annotated[Path, OUTPUT],
    given: Annotated[Keywords, SummarizeOptions],
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Count the rows of a part of the data, to be merged later."""
    from calaudit.cli.outputs import checked_outputs, write_contents
    from calaudit.cli.progress import Progress

    inputs = [*data, given["labels"]]
    (file,) = checked_outputs([output], inputs, command="summarize", suffix=".cal")
    from calaudit.api.summarizing import summarize as shard_of

    with Progress(quiet=quiet) as progress:
        shard = shard_of(data, **given, progress=progress)
    write_contents([(file, shard.to_bytes())], quiet=quiet)

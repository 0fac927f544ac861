"""``calaudit check``: the gate."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from calaudit.cli.entries import Entry, OptionalData, named_in
from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import OutputOptions, out
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import Option

EXAMPLE = example(
    "calaudit check preds.parquet --baseline calaudit-baseline.json --max-increase ece=0.01",
    "calaudit check preds.csv --max-ece 0.05 --min-auroc 0.8 --min-rows 1000",
    "calaudit check new.parquet --against old.parquet --id row_id --max-increase log_loss=0.005",
    "calaudit check preds.parquet --plan --max-increase ece=0.01",
    "calaudit check preds.parquet --baseline base.json --update-baseline",
    "git show main:base.json | calaudit check preds.parquet --baseline - --max-increase ece=0.01",
    "calaudit check --name fraud",
)

_compared = partial(Option, panel="Compared with")


class GateOptions(OutputOptions, total=False):
    """What the gate does that only a command can."""

    update_baseline: Annotated[
        bool, _compared("Write the baseline anew where every rule passes.", default=False)
    ]
    plan: Annotated[
        bool,
        _compared("Without a baseline: what these rows could settle of each rule.", default=False),
    ]
    force: Annotated[
        bool, _compared("With --update-baseline: also where one does not.", default=False)
    ]
    format: Annotated[
        str,
        out(
            "What to print; auto is console, and github where GitHub Actions runs it.",
            default="auto",
            metavar="FORMAT",
            choices=("auto", "console", "github", "markdown", "junit", "json"),
        ),
    ]


def check(
    context: typer.Context,
    given: Annotated[Keywords, CheckOptions],
    entry: Entry,
    gate: Annotated[Keywords, GateOptions],
    data: OptionalData = None,
) -> None:
    """Judge predictions by rules; the exit code says the verdict.

    Rules stand alone or compare with a baseline.

    0 passed (or inconclusive, which is said), 1 failed, 2 usage, 3 input refused, 4 inconclusive
    under --strict. Of several gates all are run, and the worst is said: 1, 70, 3, 2, 4, 0.
    """
    from calaudit.cli.run_check import Wanted, run_check

    format_ = printed_format(gate.pop("format"), json=gate.pop("json"), vega=gate.pop("vega"))
    own = {name: gate.pop(name) for name in ("update_baseline", "plan", "force")}
    wanted = Wanted(
        data=data or [], given=given, named=named_in(context), format=format_, delivered=gate,
        **entry, **own,
    )  # fmt: skip
    code = run_check(wanted)
    if code:
        raise typer.Exit(code)


def read_leniently(words: Sequence[str]) -> Keywords:
    """Return the options of a command line that may be wrong, as far as they can be read."""
    from calaudit.cli.app import app_of

    group: Any = typer.main.get_command(app_of("check"))
    lenient = {"ignore_unknown_options": True, "allow_extra_args": True, "resilient_parsing": True}
    context = group.commands["check"].make_context("check", list(words), **lenient)
    found: Keywords = context.params
    return found


def printed_format(wanted: str, *, json: bool = False, vega: bool = False) -> Any:
    """Return what is printed; only one thing can be."""
    from calaudit.errors import SettingsError

    short = [name for name, on in (("json", json), ("vega", vega)) if on]
    asked = short + [wanted] * (wanted not in ("auto", *short))
    if len(asked) > 1 and vega:
        other = "--json" if json else f"--format {wanted}"
        raise SettingsError(f"--vega and {other} both say what is printed; choose one")
    if short:
        return short[0]
    if wanted != "auto":
        return wanted
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "console"

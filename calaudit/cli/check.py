"""``calaudit check``: the gate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from calaudit.cli import options
from calaudit.cli.groups import Group, Keywords, Shared
from calaudit.cli.help import example

__all__ = ["EXAMPLE", "check"]

EXAMPLE = example(
    "calaudit check preds.parquet --baseline calaudit-baseline.json --max-increase ece=0.01",
    "calaudit check preds.csv --max-ece 0.05 --min-auroc 0.8 --min-rows 1000",
    "calaudit check new.parquet --against old.parquet --id row_id --max-increase log_loss=0.005",
    "calaudit check preds.parquet --baseline base.json --update-baseline",
)

RULES = "Rules"
COMPARED = "Compared with"


def _limit(flag: str, text: str) -> Shared:
    option = typer.Option(flag, rich_help_panel=RULES, help=text, metavar="X", show_default=False)
    return Shared(Annotated[float | None, option])


def _margins(flag: str, text: str) -> Shared:
    option = typer.Option(
        flag, rich_help_panel=RULES, help=text, metavar="NAME=MARGIN", show_default=False
    )
    return Shared(Annotated[list[str] | None, option], value=lambda given: given or None)


Rules = Annotated[
    Keywords,
    Group(
        {
            "max_ece": _limit("--max-ece", "Largest expected calibration error."),
            "max_smece": _limit("--max-smece", "Largest smooth calibration error."),
            "max_log_loss": _limit("--max-log-loss", "Largest log loss."),
            "max_brier": _limit("--max-brier", "Largest Brier score."),
            "min_accuracy": _limit("--min-accuracy", "Smallest accuracy."),
            "min_auroc": _limit("--min-auroc", "Smallest AUROC."),
            "max_increase": _margins(
                "--max-increase", "Largest increase since the baseline, as ece=0.01; repeatable."
            ),
            "max_decrease": _margins(
                "--max-decrease", "Largest decrease, as auroc=0.01; may be repeated."
            ),
        }
    ),
]
MinRows = Annotated[
    int | None,
    typer.Option(
        "--min-rows", rich_help_panel=RULES, help="Fewest rows.", metavar="N", show_default=False
    ),
]
Confidence = Annotated[
    float,
    typer.Option(
        "--rule-confidence",
        rich_help_panel=RULES,
        help="Confidence of a failure; for one rule write ece=0.01@0.99.",
        metavar="P",
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", rich_help_panel=RULES, help="End with 4 where a rule is inconclusive."
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        rich_help_panel=COMPARED,
        help="A report that evaluate -o wrote.",
        metavar="FILE",
        show_default=False,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        rich_help_panel=COMPARED,
        help="The old predictions, instead of a baseline.",
        metavar="DATA",
        show_default=False,
    ),
]
MatchedId = Annotated[
    str | None,
    typer.Option(
        "--id",
        rich_help_panel=COMPARED,
        help="Column that names rows in both: they are compared row by row.",
        metavar="COLUMN",
        show_default=False,
    ),
]
AllowUnmatched = Annotated[
    bool,
    typer.Option(
        "--allow-unmatched",
        rich_help_panel=COMPARED,
        help="Compare although some rows are in one file only.",
    ),
]
UpdateBaseline = Annotated[
    bool,
    typer.Option(
        "--update-baseline",
        rich_help_panel=COMPARED,
        help="Write the baseline anew where every rule passes.",
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force", rich_help_panel=COMPARED, help="With --update-baseline: also where one does not."
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        rich_help_panel=COMPARED,
        help="Rules and settings; options win.",
        metavar="FILE",
        show_default="calaudit.toml or pyproject.toml here",
    ),
]
Format = Annotated[
    Literal["auto", "console", "github", "markdown", "junit", "json"],
    typer.Option(
        "--format",
        rich_help_panel=options.OUTPUT,
        help="What to print; auto is console, and github where GitHub Actions runs it.",
        metavar="FORMAT",
    ),
]
Output = Annotated[
    list[Path] | None,
    options.output(
        "Write the verdict (.html, .json, .xml for JUnit, .md, .txt) or its picture (.svg, .png, "
        ".pdf); may be repeated."
    ),
]


def check(
    context: typer.Context,
    data: options.Data,
    roles: options.CheckRoles,
    rules: Rules,
    min_rows: MinRows = None,
    rule_confidence: Confidence = 0.95,
    strict: Strict = False,
    baseline: Baseline = None,
    against: Against = None,
    id: MatchedId = None,  # noqa: A002 - the option's name
    allow_unmatched: AllowUnmatched = False,
    update_baseline: UpdateBaseline = False,
    force: Force = False,
    config: Config = None,
    *,
    figures: options.Figures,
    format: Format = "auto",  # noqa: A002 - the option's name
    json: options.Json = False,
    vega: options.Vega = False,
    output: Output = None,
    picture: options.Picture = None,
    full: options.Full = False,
    quiet: options.Quiet = False,
) -> None:
    """Judge predictions by rules, alone or against a baseline; the exit code says the verdict.

    0 passed (or inconclusive, which is said), 1 failed, 2 usage, 3 input refused, 4 inconclusive
    under --strict.
    """
    from calaudit.cli.gate import Wanted, run_check

    given = {
        "min_rows": min_rows, "rule_confidence": rule_confidence, "strict": strict,
        "baseline": baseline, "against": against, "id": id, "allow_unmatched": allow_unmatched,
    }  # fmt: skip
    wanted = Wanted(
        data=data,
        given=roles | rules | given | figures,
        named=_named(context),
        config=config,
        update=update_baseline,
        force=force,
        outputs=tuple(output or ()),
        picture=picture,
        format=_format(format, json=json, vega=vega),
        full=full,
        quiet=quiet,
    )
    code = run_check(wanted)
    if code:
        raise typer.Exit(code)


def _named(context: typer.Context) -> set[str]:
    """Return the parameters that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {
        name
        for name, source in sources.items()
        if source is not None and source.name == "COMMANDLINE"
    }


def _format(wanted: str, *, json: bool, vega: bool) -> Any:
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

"""``calaudit threshold``: recommend cutoffs from the costs of errors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from calaudit.cli import options
from calaudit.cli.groups import Group, Keywords, Shared
from calaudit.cli.help import example

__all__ = [
    "EXAMPLE",
    "Cases",
    "Confidence",
    "Costs",
    "Guarantee",
    "Limits",
    "PerClass",
    "confidences",
    "threshold",
]

EXAMPLE = example(
    "calaudit threshold preds.parquet --cost-fp 1 --cost-fn 20 --cost-review 0.5",
    "calaudit threshold fraud.csv --cost-fp 5 --cost-fn 200 --max-review 200 --per-day 10000",
    "calaudit threshold preds.csv --min-precision 0.95",
    "calaudit threshold top.csv --max-error 0.02 --guarantee 0.95 --plot",
)

COSTS = "Costs, in any one unit"
LIMITS = "Limits"
CASES = "Cases"


def _number(panel: str, flag: str, text: str, metavar: str = "COST") -> Shared:
    option = typer.Option(
        flag, rich_help_panel=panel, help=text, metavar=metavar, show_default=False
    )
    return Shared(Annotated[float | None, option])


def _text(panel: str, flag: str, text: str, metavar: str) -> Shared:
    option = typer.Option(
        flag, rich_help_panel=panel, help=text, metavar=metavar, show_default=False
    )
    return Shared(Annotated[str | None, option])


Costs = Annotated[
    Keywords,
    Group(
        {
            "cost_fp": _number(COSTS, "--cost-fp", "Acting on a negative: a false alarm."),
            "cost_fn": _number(COSTS, "--cost-fn", "Letting a positive pass: a miss."),
            "cost_review": _number(
                COSTS, "--cost-review", "A review, after which the decision is right."
            ),
            "cost_error": _number(
                COSTS, "--cost-error", "Top-label, multiclass: accepting a wrong prediction."
            ),
            "benefit_tp": _number(COSTS, "--benefit-tp", "What acting on a positive earns."),
            "benefit_tn": _number(COSTS, "--benefit-tn", "What letting a negative pass earns."),
            "cost_matrix": _text(
                COSTS, "--cost-matrix", "Multiclass: CSV, a row a class, a column a decision.",
                "FILE",
            ),
        }
    ),
]  # fmt: skip
Limits = Annotated[
    Keywords,
    Group(
        {
            "min_precision": _text(
                LIMITS, "--min-precision", "Smallest share of positives among those acted on.", "P"
            ),
            "min_recall": _text(
                LIMITS, "--min-recall", "Smallest share of the positives to act on or review.", "P"
            ),
            "max_fpr": _text(
                LIMITS, "--max-fpr", "Largest share of the negatives to act on.", "P"
            ),
            "max_error": _text(
                LIMITS, "--max-error",
                "Largest share of errors among what is not reviewed: 0.02, or 2%.", "P",
            ),
        }
    ),
]  # fmt: skip
Cases = Annotated[
    Keywords,
    Group(
        {
            "max_review": _text(
                CASES, "--max-review", "Most reviews: a number of cases, or 5%.", "N"
            ),
            "per_day": _number(
                CASES, "--per-day", "Cases a day; --max-review and totals are of a day.", "N"
            ),
            "prevalence": _text(
                CASES, "--prevalence",
                "Share of positives in production; or a file without labels to estimate it on.",
                "P",
            ),
            "current": _number(CASES, "--current", "Cutoff in use, to compare with.", "SCORE"),
        }
    ),
]  # fmt: skip
Roles = Annotated[
    Keywords,
    options.group(
        "label", "score", "probs", "logits", "correct", "prediction", "weight", "by", "positive",
        "classes", "out_of", "task", "weight_kind",
    ),
]  # fmt: skip
Confidence = Annotated[
    list[str] | None,
    typer.Option(
        "--confidence",
        rich_help_panel=options.ROLES,
        help="Stated confidence of the prediction. A number is taken for --guarantee.",
        metavar="COLUMN",
        show_default=False,
    ),
]
Guarantee = Annotated[
    str | None,
    typer.Option(
        "--guarantee",
        rich_help_panel=LIMITS,
        help="Confidence with which the limits hold for cases to come; or none.",
        metavar="P",
        show_default="0.95",
    ),
]
PerClass = Annotated[
    bool,
    typer.Option(
        "--per-class", rich_help_panel=LIMITS, help="Multiclass: a cutoff for each class."
    ),
]
Method = Annotated[
    Literal["auto", "calibrated", "empirical"],
    typer.Option(
        "--method",
        rich_help_panel=options.FIGURES,
        help="calibrated (then cut by the costs), empirical (the cheapest on these rows), or auto: "
        "the simplest way that none is clearly cheaper than on rows it was not chosen on.",
        metavar="METHOD",
    ),
]


def threshold(
    data: options.Data,
    roles: Roles,
    confidence: Confidence = None,
    *,
    costs: Costs,
    limits: Limits,
    guarantee: Guarantee = None,
    per_class: PerClass = False,
    cases: Cases,
    method: Method = "auto",
    intervals: options.CalibratedIntervals,
    delivered: options.Delivered,
) -> None:
    """Recommend cutoffs: where to act, where to ask a person, and what that costs."""
    from calaudit.cli.delivery import Delivery

    inputs = [*data, intervals["calibrator"], costs["cost_matrix"], cases["prevalence"]]
    delivery = Delivery.checked("threshold", inputs, **delivered)
    column, holds = confidences(confidence or [], guarantee)
    from calaudit.api.thresholding import threshold as recommend

    delivery.run(
        lambda progress: recommend(
            data, **roles, **costs, **limits, **cases, **intervals, confidence=column,
            guarantee=holds, per_class=per_class, method=method, progress=progress,
        )
    )  # fmt: skip


def confidences(given: list[str], guarantee: str | None) -> tuple[str | None, Any]:
    """Return the column of the confidence and the confidence of the limits.

    Both are called so by those who use them: a number is no column.
    """
    from calaudit.errors import SettingsError
    from calaudit.report.arguments import is_level

    columns = [text for text in given if not is_level(text)]
    levels = [text for text in given if is_level(text)]
    if guarantee is not None:
        levels.append(guarantee)
    for found, what in ((columns, "--confidence names the column"), (levels, "--guarantee is")):
        if len(found) > 1:
            raise SettingsError(f"{what} once, not {' and '.join(found)}")
    return (columns[0] if columns else None), (levels[0] if levels else 0.95)

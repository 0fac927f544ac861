"""The verdict in a sentence, what it was found on, and what was taken for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calaudit.report.content.figure_columns import interval
from calaudit.report.evaluation_report import IntakeResult, Report
from calaudit.report.numbers import count, integral_percent, places, shown

if TYPE_CHECKING:
    from calaudit.report.estimate_report import EstimateReport
    from calaudit.report.threshold_report import DecisionReport


def task_text(report: Report | DecisionReport | EstimateReport) -> str:
    """Return what kind of predictions these are; the name of a class comes from the data."""
    scale = ", from logits" if report.scale == "logit" else ""
    if report.task == "multiclass":
        return f"{len(report.classes)} classes{scale}"
    if report.task == "binary":
        positive = (
            f', positive is "{_clipped(report.classes[1])}"' if len(report.classes) == 2 else ""
        )
        return f"binary{positive}{scale}"
    return f"stated confidence of the predicted answer{scale}"


def dropped_text(intake: IntakeResult) -> str:
    """Return how many rows were left out and why; "" where all were used."""
    dropped = intake.rows_read - intake.rows_used
    if dropped <= 0 and not intake.refused:
        return ""
    reasons = [f"{count(n)} {code.replace('_', ' ')}" for code, n in intake.refused.items()]
    listed = ": " + ", ".join(reasons) if reasons else ""
    return f"dropped {count(dropped)} of {count(intake.rows_read)} rows{listed}"


TOLD = {
    "cost_fp": "false alarm costs {}",
    "cost_fn": "missed positive costs {}",
    "cost_error": "error costs {}",
    "cost_review": "review costs {}",
    "benefit_tp": "acting on a positive earns {}",
    "benefit_tn": "letting a negative pass earns {}",
}
"""Setting → what was told, in words."""


def told(settings: dict[str, Any]) -> list[str]:
    """Return the costs and limits that a decision was asked for with."""
    found = [text.format(_number(settings[key])) for key, text in TOLD.items() if key in settings]
    most, cases = settings.get("max_review"), settings.get("per_day")
    if isinstance(most, str):  # a percentage
        found.append(f"at most {most} of the cases reviewed")
    elif most is not None:
        found.append(f"at most {_number(most)} reviews{' a day' if cases else ''}")
    if cases is not None:
        found.append(f"{_number(cases)} cases a day")
    if "prevalence" in settings:
        source = "estimated" if "prevalence_estimate" in settings else "assumed"
        found.append(f"{integral_percent(settings['prevalence'])} positive, {source}")
    return found


def aurc_sentence(report: DecisionReport) -> str:
    """Return the area under the risk–coverage curve; "" where there is none."""
    area = report.aurc
    if area is None or area.value is None:
        return ""
    width = None if area.low is None or area.high is None else area.high - area.low
    decimals = places(area.value, width=width)
    ends = interval(area, decimals)
    return (
        f"AURC {shown(area.value, decimals)}{f' ({ends})' if ends else ''}: the mean "
        "error over all numbers of accepted predictions, from the most confident on."
    )


def _number(value: float) -> str:
    return f"{value:,.12g}"


def _clipped(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:11]}…{name[-12:]}"

"""What a recommendation says to do, before what that costs or keeps."""

from __future__ import annotations

from calaudit.findings.finding import leads
from calaudit.report.content.cutoffs import number_text
from calaudit.report.threshold_report import DecisionReport, Option


def action_text(report: DecisionReport, *, calibrated: bool = False) -> str:
    """Return what the recommended option does, without a full stop.

    Args:
        report: with its options.
        calibrated: whether it has to be said that the scores are.
    """
    which = "calibrated " if calibrated else ""
    option = report.options[0]
    return _acting(option, which) if report.task == "binary" else _accepting(option, which)


def decision_title(report: DecisionReport) -> str:
    """Return a recommendation without its figures, or what makes it idle."""
    if not report.options:
        return report.lead
    return [*leads(report.notes), action_text(report)][0].removesuffix(".")


def _acting(option: Option, which: str) -> str:
    act, review, split = option.act_from, option.review_from, option.split
    acting = "Act on nothing"
    if act is not None:
        acting = f"Act on {which}scores of {number_text(act)} or more"
    if act == 0.0 and split is None:
        return "Act on everything"
    upto = "" if act is None else f" up to {number_text(act)}"
    if split is not None:
        some = f"review {split.reviewed:,.0f} of the {split.rows:,.0f} cases at {split.score:.6g}"
        band = "" if review is None else f" and those from {number_text(review)}{upto}"
        return f"{acting}, {some}{band}, and let the rest pass"
    if review is None:
        return "Let everything pass" if act is None else f"{acting} and let the rest pass"
    if option.rates["pass_share"].value == 0:
        return f"{acting} and review the rest" if act is not None else "Review everything"
    return f"{acting}, review those from {number_text(review)}{upto}, and let the rest pass"


def _accepting(option: Option, which: str) -> str:
    if option.act_from is None:
        return "Accept nothing without a review"
    if option.act_from == 0.0:
        return "Accept every prediction"
    cutoff = number_text(option.act_from)
    return f"Accept predictions with a {which}confidence of {cutoff} or more, review the rest"

"""A saved report of cutoffs, to be put to other rows than it was made of."""

from __future__ import annotations

import os
from typing import Any

from calaudit.bounded import read_bounded
from calaudit.errors import InputError
from calaudit.report.saved import saved_report
from calaudit.report.threshold_report import DecisionReport, Option
from calaudit.thresholds.costs import Costs


def saved_cutoffs(given: Any) -> DecisionReport | None:
    """Return a report of cutoffs, itself or from its file.

    Raises:
        InputError: the file cannot be read, or is no such report.
    """
    if given is None or isinstance(given, DecisionReport):
        return given
    path = os.fspath(given)
    try:
        report = saved_report(read_bounded(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if not isinstance(report, DecisionReport):
        raise InputError(f"{path}: is no report of calaudit threshold, saved with -o FILE.json")
    return report


def option_in(report: DecisionReport) -> Option:
    """Return the recommended cutoffs, which are of the scores as they are.

    Raises:
        InputError: there are none.
    """
    option = report.recommended
    if option is None or report.unit == "calibrated probability" or option.split is not None:
        raise InputError(
            "this report of calaudit threshold has no cutoffs of the scores as they are, but of "
            "classes, a cost matrix, calibrated scores, or of equal scores in part: choose them "
            "for one score, on files that were calibrated first, with room for all reviews"
        )
    return option


def scale_in(report: DecisionReport) -> float:
    """Return what cutoffs are out of: 1 for those of probabilities, 100 for percentages."""
    return float(report.settings["declared"]["out_of"]) if report.unit == "score" else 1.0


def costs_in(report: DecisionReport) -> Costs | None:
    """Return the costs that cutoffs were chosen by; None where these were limits alone."""
    given = {k: float(v) for k, v in report.settings.items() if k.startswith(("cost_", "benefit_"))}
    if not {"cost_fp", "cost_fn"} <= given.keys() and "cost_error" not in given:
        return None
    review = given.get("cost_review", 0.0)
    if report.task != "binary":
        return Costs(fp=given["cost_error"], fn=given["cost_error"], review=review)
    tp, tn = (-given.get(f"benefit_{name}", 0.0) for name in ("tp", "tn"))
    return Costs(fp=given["cost_fp"], fn=given["cost_fn"], review=review, tp=tp, tn=tn)

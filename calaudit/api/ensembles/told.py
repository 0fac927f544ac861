"""What is said of an ensemble."""

from __future__ import annotations

from calaudit.findings.finding import Finding, finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.ensemble_report import EnsembleReport

__all__ = ["notes_of", "told"]

FEW = 3
"""Members of which so much is said."""


def told(report: EnsembleReport) -> list[Finding]:
    """Return what to do with the mean, then whether disagreement tells errors, then what it is."""
    figures, metrics, members = report.mean.report.metrics, report.metrics, len(report.members)
    change, use = metrics["calibration_change"], metrics["error_auroc_change"]
    kinds = {-1: "calibrate", 0: "open", 1: "open", None: "few"}
    share = metrics["mutual_information"].value or 0.0
    share /= metrics["predictive_entropy"].value or 1.0
    return [
        finding(
            "ensemble-mean", kind=kinds[_side(change)], members=members, method=report.method,
            says=100 * (figures["mean_confidence"].value or 0.0),
            right=100 * (figures["accuracy"].value or 0.0),
            member_says=100 * report.average("mean_confidence"),
            member_right=100 * report.average("accuracy"),
            change=change.value, low=change.low, high=change.high,
        ),
        finding(
            "disagreement-use",
            kind={-1: "worse", 0: "open", 1: "better", None: "none"}[_side(use)],
            change=use.value, low=use.low, high=use.high, reason=use.reason,
            information=metrics["error_auroc_mutual_information"].value,
            probability=metrics["error_auroc_max_probability"].value,
        ),
        finding(
            "ensemble-doubt", share=100 * share,
            information=metrics["mutual_information"].value,
            corrected=metrics["mutual_information_corrected"].value, members=members,
        ),
    ]  # fmt: skip


def _side(change: Estimate) -> int | None:
    """Return on which side of 0 an interval lies; 0 where on both, None without one."""
    if change.low is None or change.high is None:
        return None
    return 1 if change.low > 0 else -1 if change.high < 0 else 0


def notes_of(report: EnsembleReport) -> list[Finding]:
    """Return the notes on the members."""
    few = [finding("few-members", members=len(report.members))] * (len(report.members) <= FEW)
    notes = report.members[0].report.notes
    return few + [note for note in notes if note.code != "models-pooled"]

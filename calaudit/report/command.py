"""The command that makes a report again."""

from __future__ import annotations

from typing import Any

from calaudit.report.arguments import (
    Unspeakable,
    command_line,
    is_level,
    option,
    options,
    role_words,
)
from calaudit.report.audit import AuditReport
from calaudit.report.check import CheckReport
from calaudit.report.decision import DecisionReport
from calaudit.report.kinds import kind_of, loaded
from calaudit.report.model import Report
from calaudit.report.rendered import Rendered
from calaudit.report.rule_arguments import check_words

__all__ = [
    "audit_command",
    "check_command",
    "command_of",
    "evaluate_command",
    "threshold_command",
]

WEIGHTS = {"weight_kind": "importance"}
FIGURES = {"convention": "right", "level": 0.95, "seed": 0, "clip": 2.0**-52}
INTERVALS = {"level": 0.95, "seed": 0}
INVALID = {"on_invalid": "refuse"}
"""Settings as they are when nothing is said, in the order in which they are written."""

COSTS = dict.fromkeys(
    ("cost_fp", "cost_fn", "cost_review", "cost_error", "benefit_tp", "benefit_tn")
)
LIMITS = dict.fromkeys(("min_precision", "min_recall", "max_fpr", "max_error"))
CASES = dict.fromkeys(("per_day", "current"))


def command_of(report: Rendered) -> str | None:
    """Return the command that makes this report again, in one line, quoted for a shell.

    Columns that were inferred are named, so that the command does not depend on that; settings
    are named where they are not the usual ones. Files are those that were read, from the same
    working directory.

    Returns:
        None where no command does: the data was in memory or came through a pipe, something was
        given as an object of Python, or the report does not tell. Also for a check that may have
        overwritten its baseline, and for the parts of an audit, which are about some of the rows.
    """
    again = kind_of(report).again
    if not again:
        return None
    try:
        command: str = loaded(again)(report)
    except (Unspeakable, KeyError):  # KeyError: settings that somebody edited
        return None
    return command


def evaluate_command(report: Report) -> str:
    """Return the command that makes an evaluation again; raises where there is none."""
    settings = report.settings
    words = _roles(report, report.classes) + options(settings, WEIGHTS) + _bins(settings)
    words += options(settings, FIGURES | INVALID) + _calibrator(settings)
    words += options(settings, {"worst": 0})
    return command_line("evaluate", report.inputs, settings, words)


def threshold_command(report: DecisionReport) -> str:
    """Return the command that makes a recommendation again; raises where there is none."""
    settings = report.settings
    words = _roles(report, report.classes) + options(settings, WEIGHTS | COSTS)
    if report.matrix is not None:
        words += _path("cost_matrix", settings.get("cost_matrix_file"))
    words += options(settings, LIMITS)
    if "confidence" in settings:
        words += _guarantee(settings["confidence"])
    if "max_review" in settings:
        words += option("max_review", _compact(settings["max_review"]))
    words += options(settings, CASES)
    if "prevalence_estimate" in settings:
        words += option("prevalence", settings["prevalence_estimate"]["file"])
    elif "prevalence" in settings:
        words += option("prevalence", settings["prevalence"])
    words += ["--per-class"] if report.by_class else []
    words += options(settings, {"method": "auto"} | INTERVALS | INVALID) + _calibrator(settings)
    _check_confidence(report)
    return command_line("threshold", report.inputs, settings, words)


def check_command(report: CheckReport) -> str:
    """Return the command that makes a gate again; raises where there is none."""
    # Options win over a configuration file: all of them are written.
    settings = report.settings
    words = _roles(report) + options(settings, dict.fromkeys(WEIGHTS)) + _bins(settings)
    words += options(settings, dict.fromkeys(FIGURES | INVALID)) + _calibrator(settings)
    return command_line("check", report.inputs, settings, words + check_words(report))


def audit_command(report: AuditReport) -> str:
    """Return the command that makes an audit again; raises where there is none."""
    settings, before = report.settings, report.before
    _check_confidence(before)
    words = _roles(before, before.classes, settings) + options(settings, WEIGHTS)
    for name in ("split", "holdout", "group"):
        words += option(name, settings[name]) if settings.get(name) is not None else []
    for path in _calibration(settings):
        words += option("calibration", path)
    words += options(settings, {"method": "auto", "floor": 1e-12})
    words += ["--no-mix"] if settings.get("mix") is False else []
    words += options(settings, COSTS)
    if "cost_matrix" in settings:
        words += _path("cost_matrix", settings["cost_matrix"])
    words += options(settings, LIMITS)
    if "guarantee" in settings:
        words += _guarantee(settings["guarantee"])
    for name in ("max_review", "prevalence"):
        words += option(name, _compact(settings[name])) if name in settings else []
    words += options(settings, CASES)
    words += ["--per-class"] if settings.get("per_class") else []
    words += options(settings, {"cutoffs": "auto"}) + _bins(settings)
    words += options(settings, FIGURES | INVALID | {"worst": 5})
    return command_line("audit", before.inputs, settings, words)


def _roles(
    report: Report | DecisionReport | CheckReport,
    classes: tuple[str, ...] = (),
    settings: dict[str, Any] | None = None,
) -> list[str]:
    declared = (settings or report.settings).get("declared", {})
    return role_words(report.roles, declared, classes)


def _bins(settings: dict[str, Any]) -> list[str]:
    """Return the bins where they were chosen; otherwise others may be shown in their place."""
    return option("bins", settings["bins"]) if settings.get("bins_given", True) else []


def _calibrator(settings: dict[str, Any]) -> list[str]:
    found = settings.get("calibrator")
    return [] if found is None else _path("calibrator", found.get("file"))


def _calibration(settings: dict[str, Any]) -> list[str]:
    """Return the data of its own that an audit was fitted on."""
    if "calibration" not in settings:
        return []
    if not settings["calibration"]:
        raise Unspeakable
    paths: list[str] = settings["calibration"]
    return paths


def _path(name: str, path: str | None) -> list[str]:
    if not path:
        raise Unspeakable
    return option(name, path)


def _guarantee(confidence: float | None) -> list[str]:
    return option("guarantee", "none" if confidence is None else confidence)


def _compact(value: Any) -> Any:
    """Return a percentage without its space."""
    return value.replace(" ", "") if isinstance(value, str) and value.endswith("%") else value


def _check_confidence(report: Report | DecisionReport) -> None:
    """Refuse a column that the command takes for the confidence of the limits."""
    for role in report.roles:
        if role.role == "confidence" and is_level(role.columns[0]):
            raise Unspeakable

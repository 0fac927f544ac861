"""The command that makes a report again: what it holds of each option that is declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calaudit.options.commands import OPTIONS
from calaudit.options.declaration import options_of
from calaudit.report.arguments import (
    NoCommand,
    command_line,
    is_level,
    listed,
    option_words,
    role_values,
)
from calaudit.report.kinds import kind_of, loaded
from calaudit.report.rule_arguments import rule_values

if TYPE_CHECKING:
    from calaudit.report.audit_report import AuditReport
    from calaudit.report.check_report import CheckReport
    from calaudit.report.compare_report import CompareReport
    from calaudit.report.ensemble_report import EnsembleReport
    from calaudit.report.estimate_report import EstimateReport
    from calaudit.report.evaluation_report import InputFile, Report, RoleResult
    from calaudit.report.forecast_report import ForecastReport
    from calaudit.report.monitor_report import MonitorReport
    from calaudit.report.ood_report import OodReport
    from calaudit.report.rendered import Rendered
    from calaudit.report.threshold_report import DecisionReport

LISTS = ("scores", "models", "probs", "logits")
"""Options of a comparison that name several models."""


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
    except (NoCommand, KeyError):  # KeyError: settings that somebody edited
        return None
    return command


def evaluate_command(report: Report) -> str:
    """Return the command that makes an evaluation again; raises where there is none."""
    return _command(
        "evaluate", report.inputs, _values(report.settings, report.roles, report.classes)
    )


def threshold_command(report: DecisionReport) -> str:
    """Return the command that makes a recommendation again; raises where there is none."""
    settings = report.settings
    values = _values(settings, report.roles, report.classes)
    values |= {"per_class": bool(report.by_class)}
    if "confidence" in settings:
        values |= _guarantee(settings["confidence"])
    if report.matrix is not None:
        values["cost_matrix"] = settings.get("cost_matrix_file")
    if "prevalence_estimate" in settings:
        values["prevalence"] = settings["prevalence_estimate"]["file"]
    _check_confidence(report.roles)
    return _command("threshold", report.inputs, values)


def check_command(report: CheckReport) -> str:
    """Return the command that makes a gate again; raises where there is none."""
    of_forecasts = report.task == "forecast"
    values = _of_forecasts(report) if of_forecasts else _values(report.settings, report.roles)
    values |= rule_values(report)
    # Options win over a configuration file: all of them are written.
    return _command("check", report.inputs, values, usual=True)


def audit_command(report: AuditReport) -> str:
    """Return the command that makes an audit again; raises where there is none."""
    settings, before = report.settings, report.before
    values = _values(settings, before.roles, before.classes)
    if "guarantee" in settings:
        values |= _guarantee(settings["guarantee"])
    _check_confidence(before.roles)
    return _command("audit", before.inputs, values)


def compare_command(report: CompareReport) -> str:
    """Return the command that makes a comparison again; raises where there is none."""
    return _of_models("compare", report.settings, report.baseline.report)


def fit_command(report: DecisionReport, declared: dict[str, Any]) -> str:
    """Return the command that fits a calibrator on the rows of a recommendation."""
    own = ("group", "weight_kind", "on_invalid")
    settings = {k: v for k, v in report.settings.items() if k in own and v is not None}
    values = settings | {"declared": declared}
    try:
        return _command("fit", report.inputs, _values(values, report.roles, report.classes))
    except NoCommand:
        return "calaudit fit …"


def ensemble_command(report: EnsembleReport) -> str:
    """Return the command that averages the members again; raises where there is none."""
    return _of_models("ensemble", report.settings, report.members[0].report)


def _of_models(command: str, settings: dict[str, Any], first: Report) -> str:
    if settings["data"] is None:
        raise NoCommand
    declared = first.settings.get("declared", {})
    values = _values(settings | {"declared": declared}, first.roles, first.classes)
    lists = {k: v for k, v in settings.items() if k in LISTS and isinstance(v, list)}
    if lists.keys() & {"scores", "probs", "logits"}:  # else they are columns of the baseline
        each = ("score", "probs", "logits", "confidence")
        values = {k: v for k, v in values.items() if k not in each}
    values |= {name: listed(value) for name, value in lists.items()}
    return _command(command, first.inputs, values | {"declared": {"data": settings["data"]}})


def estimate_command(report: EstimateReport) -> str:
    """Return the command that makes an estimate again; raises where there is none."""
    settings = report.settings
    if settings["reference"] is None or not report.inputs:
        raise NoCommand
    values = _values(settings, ())
    return _command("estimate", report.inputs, values)


def ood_command(report: OodReport) -> str:
    """Return the command that tells inside from outside again; raises where there is none."""
    settings = report.settings
    if settings["data"] is None:
        raise NoCommand
    values = {k: listed(v) if isinstance(v, list) else v for k, v in settings.items()}
    if "calibrator" in settings:
        values["calibrator"] = settings["calibrator"].get("file")
    declared = {"data": settings["data"]}
    return _command("ood", report.inside.inputs, values | {"declared": declared})


def monitor_command(report: MonitorReport) -> str:
    """Return the command that watches the same batches again; raises where there is none."""
    settings = report.settings
    if "state" in settings or settings["data"] is None:  # which holds them already
        raise NoCommand
    values = _values(settings | {"declared": settings["declared"]}, report.roles, report.classes)
    return _command("monitor", report.inputs, values)


def forecast_command(report: ForecastReport) -> str:
    """Return the command that makes a report on forecasts again; raises where there is none."""
    return _command("forecast", report.inputs, _of_forecasts(report))


def _of_forecasts(report: ForecastReport | CheckReport) -> dict[str, Any]:
    """Return what a report on forecasts tells of each option, by name."""
    declared = report.settings["declared"]
    lists = ("lower", "upper", "quantiles", "members", "sets", "classes")
    values = {
        k: listed(v) if k in lists and isinstance(v, list) else v for k, v in declared.items()
    }
    if "stated" in values:
        given = values["stated"]
        values["stated"] = ",".join(map(str, given)) if isinstance(given, list) else str(given)
    return report.settings | values


def _command(
    command: str,
    inputs: Sequence[InputFile],
    values: dict[str, Any],
    *,
    usual: bool = False,
) -> str:
    """Return the command of these values, without those that are ``usual`` unless these are said.

    Raises:
        NoCommand: a value is there, but the report does not tell it.
    """
    words: list[str] = []
    for name, option in options_of(OPTIONS[command]).items():
        if name not in values or not option.help:
            continue
        # None that is there is a value that the report does not tell.
        if usual or values[name] is None or values[name] != option.default:
            words += option_words(option, values[name])
    return command_line(command, inputs, values["declared"], words)


def _values(
    settings: dict[str, Any], roles: Sequence[RoleResult], classes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what is known of each option, by name."""
    # The scale of the scores, and the confidence of limits: not those of the options.
    values = {
        name: value for name, value in settings.items() if name not in ("out_of", "confidence")
    }
    if not settings.get("bins_given", True):  # otherwise others may be shown in their place
        values.pop("bins", None)
    if "calibrator" in settings:
        values["calibrator"] = settings["calibrator"].get("file")
    for name in ("max_review", "prevalence"):  # a percentage is read without its space
        if str(values.get(name)).endswith("%"):
            values[name] = values[name].replace(" ", "")
    if "shards" in settings["declared"]:  # which settle how rows are read
        own = ("bins", "by", "group", "worst", "on_invalid")
        return {name: value for name, value in values.items() if name not in own} | {
            "declared": settings["declared"]
        }
    return values | role_values(roles, settings["declared"], classes)


def _guarantee(confidence: float | None) -> dict[str, Any]:
    return {"guarantee": "none" if confidence is None else confidence}


def _check_confidence(roles: Sequence[RoleResult]) -> None:
    """Refuse a column that the command takes for the confidence of the limits."""
    for role in roles:
        if role.role == "confidence" and is_level(role.columns[0]):
            raise NoCommand

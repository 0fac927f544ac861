"""Threshold: from any predictions and the costs of errors to a decision report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.class_cutoffs import class_cutoffs
from calaudit.api.decisions.common_cutoffs import asked_costs, check_asked, cut_tables, decide
from calaudit.api.decisions.cost_matrices import MatrixPass, cost_matrix_of, matrix_result
from calaudit.api.decisions.opened import Request, groups_of_tables
from calaudit.api.decisions.sentences import class_sentence, matrix_sentence
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.decisions.threshold_notes import matrix_notes
from calaudit.api.decisions.threshold_settings import ThresholdSettings, asked
from calaudit.api.reports.evaluation_notes import reading_notes
from calaudit.api.reports.grouping import groups_note
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.declared import path_of
from calaudit.api.rows.open_rows import opened_data
from calaudit.errors import SettingsError
from calaudit.findings.finding import said
from calaudit.options.commands import ThresholdOptions
from calaudit.options.declaration import documented
from calaudit.predictions.frames import kept
from calaudit.report.threshold_report import DecisionReport
from calaudit.thresholds.problem import Problem


@documented(ThresholdOptions)
def threshold(
    data: Any = None, y_prob: Any = None, **options: Unpack[ThresholdOptions]
) -> DecisionReport:
    """Recommend the scores from which to act, and those between which to settings a person.

    Called as `evaluate` is: with data in columns, or with arrays.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(2000)
    >>> y = (rng.random(2000) < p).astype(int)
    >>> report = threshold(y, p, cost_fp=1, cost_fn=4)
    >>> round(report.recommended.act_from, 1)
    0.2

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``).
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.recommended`` has the cutoffs.

    Raises:
        NotEnoughData: the limits cannot be kept, or there is nothing to decide; the message
            says what is possible.
        InputError: the data cannot be used as it is. SettingsError: an argument is wrong.
    """
    settings = asked(options, options["method"])
    data = kept(data) if options["by"] else data  # slices take a second look at it
    predictions = opened_data(data, y_prob, options, by=options["by"], group=options["group"])
    calibrator, cost_matrix = options["calibrator"], options["cost_matrix"]
    with predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        if fitted is not None:
            check_fits(fitted, predictions)
        request = Request.of(predictions, settings, fitted, options["progress"])
        report = decided(request, cost_matrix=cost_matrix, per_class=options["per_class"])
        about: dict[str, Any] = {"declared": predictions.declared}
        if fitted is not None:
            about["calibrator"] = report.settings["calibrator"] | {"file": path_of(calibrator)}
        if cost_matrix is not None:
            about["cost_matrix_file"] = path_of(cost_matrix)
        return replace(report, settings=report.settings | about)


def decided(
    request: Request, *, cost_matrix: Any = None, per_class: bool = False
) -> DecisionReport:
    """Return the report of a request: by a cost matrix, by class, or of one pair of cutoffs.

    Raises:
        NotEnoughData: the limits cannot be kept, or there is nothing to decide.
        SettingsError: what is asked does not go together.
    """
    check_decidable(request, cost_matrix=cost_matrix, per_class=per_class)
    if cost_matrix is not None:
        return _by_matrix(request, cost_matrix)
    return _by_class(request) if per_class else decide(request)


def check_decidable(request: Request, *, cost_matrix: Any = None, per_class: bool = False) -> None:
    """Check what is asked of a request against its data, before any row is read.

    Raises:
        SettingsError: it does not go together.
        InputError: the cost matrix cannot be used.
    """
    if cost_matrix is None and not per_class:
        asked_costs(request)
        return
    if cost_matrix is not None and per_class:
        raise SettingsError("--per-class and --cost-matrix do not go together")
    settings, task = request.settings, request.predictions.task
    if per_class:
        if task != "multiclass":
            raise SettingsError(f"--per-class is for multiclass predictions; these are {task}")
        check_asked(settings, settings.costs_for("multiclass"), "multiclass")
        _refuse_others(request, "--per-class", _of_one_cutoff(settings))
        return
    if task != "multiclass":
        raise SettingsError(
            f"a cost matrix is for class probabilities; these are {task} predictions: "
            "give --cost-fp and --cost-fn, or --cost-error and --cost-review"
        )
    others = [name for name, cost in settings.costs.items() if cost is not None]
    others += list(settings.limits.given)
    _refuse_others(request, "--cost-matrix", [*others, *_of_one_cutoff(settings)])
    cost_matrix_of(cost_matrix, request.predictions.class_names)


def _by_class(request: Request) -> DecisionReport:
    """Return the report of a cutoff for each predicted class."""
    settings, predictions = request.settings, request.predictions
    costs = settings.costs_for("multiclass")
    read = request.read_tables(lambda: _class_tables(request))
    tables, cells = read.by_class(), read.table().cells()
    problem = Problem(costs=costs, limits=settings.limits, reviews=True, two_sided=False)
    found, total = class_cutoffs(tables, predictions.class_names, problem, request.unit, settings)
    rates = total.rates(settings.level)
    notes = reading_notes(predictions, cells)
    groups = groups_of_tables(predictions, read, settings.weight_kind)
    notes += [] if groups is None else [groups_note(groups)]
    report = request.report(
        sentence="", method="limits", by_class=found, notes=tuple(notes), groups=groups
    )
    sentence = class_sentence(report, rates["act_share"], rates["error"])
    return replace(report, **said([sentence], notes))


def _class_tables(request: Request) -> DecisionTables:
    predictions = request.predictions
    return DecisionTables(request.viewer, classes=predictions.n_classes, group=predictions.group)


def empty_tables(request: Request, *, cost_matrix: Any, per_class: bool) -> DecisionTables | None:
    """Return empty tables for a pass that is made anyway; None where a request needs none."""
    if cost_matrix is not None:
        return None
    return _class_tables(request) if per_class else cut_tables(request)


def _of_one_cutoff(settings: ThresholdSettings) -> list[str]:
    """Return what is given that only one pair of cutoffs for all cases can answer."""
    given = {
        "max_review": settings.most is not None or settings.most_share is not None,
        "per_day": settings.per_day is not None,
        "prevalence": settings.prevalence is not None or settings.unlabelled is not None,
        "current": settings.current is not None,
        "method": settings.method != "auto",
        "maximize": settings.maximize is not None,
    }
    return [name for name, there in given.items() if there]


def _refuse_others(request: Request, option: str, given: list[str]) -> None:
    """Refuse options that would be passed over."""
    given = [*given, "by"] if request.predictions.by else given
    if given:
        other = "--" + given[0].replace("_", "-")
        raise SettingsError(f"{other} and {option} do not go together")


def _by_matrix(request: Request, given: Any) -> DecisionReport:
    """Return the report of decisions under a cost matrix."""
    settings, predictions = request.settings, request.predictions
    matrix = cost_matrix_of(given, predictions.class_names)
    frequency = settings.weight_kind == "frequency"
    group = predictions.group
    read = request.read(lambda: MatrixPass(request.viewer, matrix, group, frequency=frequency))
    notes = reading_notes(predictions, read.tables.table().cells())
    groups = groups_of_tables(predictions, read.tables, settings.weight_kind)
    notes += [] if groups is None else [groups_note(groups)]
    report = request.report(
        sentence="",
        settings={"cost_matrix": matrix.cost.tolist(), "decisions": list(matrix.decisions)},
        method="cost matrix",
        matrix=matrix_result(read.by_group(), settings.level),
        groups=groups,
    )
    notes += matrix_notes(report)
    return replace(report, **said([matrix_sentence(report)], notes), notes=tuple(notes))

"""Threshold: from any predictions and the costs of errors to a decision report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.class_cutoffs import class_cutoffs
from calaudit.api.decisions.common_cutoffs import asked_costs, check_asked, cut_tables, decide
from calaudit.api.decisions.cost_matrices import MatrixPass, cost_matrix_of, matrix_result
from calaudit.api.decisions.opened import Job
from calaudit.api.decisions.sentences import class_sentence, matrix_sentence
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.decisions.threshold_notes import matrix_notes
from calaudit.api.decisions.threshold_settings import ThresholdSettings, asked
from calaudit.api.reports.evaluation_notes import reading_notes
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

__all__ = ["check_decidable", "decided", "empty_tables", "threshold"]


@documented(ThresholdOptions)
def threshold(
    data: Any = None, y_prob: Any = None, **options: Unpack[ThresholdOptions]
) -> DecisionReport:
    """Recommend the scores from which to act, and those between which to ask a person.

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
    ask = asked(options, options["method"])
    data = kept(data) if options["by"] else data  # slices take a second look at it
    predictions = opened_data(data, y_prob, options, by=options["by"])
    calibrator, cost_matrix = options["calibrator"], options["cost_matrix"]
    with predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        if fitted is not None:
            check_fits(fitted, predictions)
        job = Job.of(predictions, ask, fitted, options["progress"])
        report = decided(job, cost_matrix=cost_matrix, per_class=options["per_class"])
        about: dict[str, Any] = {"declared": predictions.declared}
        if fitted is not None:
            about["calibrator"] = report.settings["calibrator"] | {"file": path_of(calibrator)}
        if cost_matrix is not None:
            about["cost_matrix_file"] = path_of(cost_matrix)
        return replace(report, settings=report.settings | about)


def decided(job: Job, *, cost_matrix: Any = None, per_class: bool = False) -> DecisionReport:
    """Return the report of a job: by a cost matrix, by class, or of one pair of cutoffs.

    Raises:
        NotEnoughData: the limits cannot be kept, or there is nothing to decide.
        SettingsError: what is asked does not go together.
    """
    check_decidable(job, cost_matrix=cost_matrix, per_class=per_class)
    if cost_matrix is not None:
        return _by_matrix(job, cost_matrix)
    return _by_class(job) if per_class else decide(job)


def check_decidable(job: Job, *, cost_matrix: Any = None, per_class: bool = False) -> None:
    """Check what is asked of a job against its data, before any row is read.

    Raises:
        SettingsError: it does not go together.
        InputError: the cost matrix cannot be used.
    """
    if cost_matrix is None and not per_class:
        asked_costs(job)
        return
    if cost_matrix is not None and per_class:
        raise SettingsError("--per-class and --cost-matrix do not go together")
    ask, task = job.ask, job.predictions.task
    if per_class:
        if task != "multiclass":
            raise SettingsError(f"--per-class is for multiclass predictions; these are {task}")
        check_asked(ask, ask.costs_for("multiclass"), "multiclass")
        _refuse_others(job, "--per-class", _of_one_cutoff(ask))
        return
    if task != "multiclass":
        raise SettingsError(
            f"a cost matrix is for class probabilities; these are {task} predictions: "
            "give --cost-fp and --cost-fn, or --cost-error and --cost-review"
        )
    others = [name for name, cost in ask.costs.items() if cost is not None]
    others += list(ask.limits.given)
    _refuse_others(job, "--cost-matrix", [*others, *_of_one_cutoff(ask)])
    cost_matrix_of(cost_matrix, job.predictions.class_names)


def _by_class(job: Job) -> DecisionReport:
    """Return the report of a cutoff for each predicted class."""
    ask, predictions = job.ask, job.predictions
    costs = ask.costs_for("multiclass")
    read = job.read_tables(lambda: _class_tables(job))
    tables, cells = read.by_class(), read.table().cells()
    problem = Problem(costs=costs, limits=ask.limits, reviews=True, two_sided=False)
    found, total = class_cutoffs(tables, predictions.class_names, problem, job.unit, ask)
    rates = total.rates(ask.level)
    notes = reading_notes(predictions, cells)
    report = job.report(sentence="", method="limits", by_class=found, notes=tuple(notes))
    sentence = class_sentence(report, rates["act_share"], rates["error"])
    return replace(report, **said([sentence], notes))


def _class_tables(job: Job) -> DecisionTables:
    return DecisionTables(job.viewer, classes=job.predictions.n_classes)


def empty_tables(job: Job, *, cost_matrix: Any, per_class: bool) -> DecisionTables | None:
    """Return empty tables for a pass that is made anyway; None where a job needs none."""
    if cost_matrix is not None:
        return None
    return _class_tables(job) if per_class else cut_tables(job)


def _of_one_cutoff(ask: ThresholdSettings) -> list[str]:
    """Return what is given that only one pair of cutoffs for all cases can answer."""
    given = {
        "max_review": ask.most is not None or ask.most_share is not None,
        "per_day": ask.per_day is not None,
        "prevalence": ask.prevalence is not None or ask.unlabelled is not None,
        "current": ask.current is not None,
        "method": ask.method != "auto",
    }
    return [name for name, there in given.items() if there]


def _refuse_others(job: Job, option: str, given: list[str]) -> None:
    """Refuse options that would be passed over."""
    given = [*given, "by"] if job.predictions.by else given
    if given:
        other = "--" + given[0].replace("_", "-")
        raise SettingsError(f"{other} and {option} do not go together")


def _by_matrix(job: Job, given: Any) -> DecisionReport:
    """Return the report of decisions under a cost matrix."""
    ask, predictions = job.ask, job.predictions
    matrix = cost_matrix_of(given, predictions.class_names)
    frequency = ask.weight_kind == "frequency"
    read = job.read(lambda: MatrixPass(job.viewer, matrix, frequency=frequency))
    notes = reading_notes(predictions, read.tables.table().cells())
    report = job.report(
        sentence="",
        settings={"cost_matrix": matrix.cost.tolist(), "decisions": list(matrix.decisions)},
        method="cost matrix",
        matrix=matrix_result(read.sums, ask.level),
    )
    notes += matrix_notes(report)
    return replace(report, **said([matrix_sentence(report)], notes), notes=tuple(notes))

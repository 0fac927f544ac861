"""Threshold: from any predictions and the costs of errors to a decision report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.class_cutoffs import class_cutoffs
from calaudit.api.decisions.cost_matrices import MatrixPass, cost_matrix_of, matrix_result
from calaudit.api.decisions.deciding import asked_costs, check_asked, cut_tables, decide
from calaudit.api.decisions.job import Job
from calaudit.api.decisions.notes import matrix_notes, reading_notes
from calaudit.api.decisions.sentences import class_sentence, matrix_sentence
from calaudit.api.decisions.settings import Ask, asked
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.reports.notes import led
from calaudit.api.rows.declared import path_of
from calaudit.api.rows.kinds import check_fits
from calaudit.api.rows.opening import opened_data
from calaudit.api.rows.reading import Progress
from calaudit.errors import SettingsError
from calaudit.predictions.frames import kept
from calaudit.report.decision import DecisionReport
from calaudit.thresholds.problem import Problem

__all__ = ["check_decidable", "decided", "empty_tables", "threshold"]


def threshold(
    data: Any = None,
    y_prob: Any = None,
    *,
    y_true: Any = None,
    sample_weight: Any = None,
    cost_fp: float | None = None,
    cost_fn: float | None = None,
    cost_review: float | None = None,
    cost_error: float | None = None,
    benefit_tp: float | None = None,
    benefit_tn: float | None = None,
    cost_matrix: Any = None,
    min_precision: float | str | None = None,
    min_recall: float | str | None = None,
    max_fpr: float | str | None = None,
    max_error: float | str | None = None,
    guarantee: float | str | None = 0.95,
    max_review: float | str | None = None,
    per_day: float | None = None,
    prevalence: Any = None,
    current: float | None = None,
    method: str = "auto",
    per_class: bool = False,
    label: str | None = None,
    score: str | None = None,
    probs: str | Sequence[str] | None = None,
    logits: str | Sequence[str] | None = None,
    confidence: str | None = None,
    correct: str | None = None,
    prediction: str | None = None,
    weight: str | None = None,
    by: str | Sequence[str] | Mapping[str, Any] = (),
    positive: str | None = None,
    classes: Sequence[str] | None = None,
    out_of: float = 1.0,
    task: str | None = None,
    scale: str = "probability",
    weight_kind: str = "importance",
    level: float = 0.95,
    seed: int = 0,
    on_invalid: str = "refuse",
    threads: int | None = None,
    calibrator: Any = None,
    progress: Progress | None = None,
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
        y_true: (n,) labels, as an alternative to the first argument.
        sample_weight: (n,) weights, with arrays.
        cost_fp: binary: cost of acting on a negative, in any unit.
        cost_fn: binary: cost of letting a positive pass.
        cost_review: of a review by a person, after which the decision is right.
        cost_error: top-label and multiclass: cost of accepting a wrong prediction.
        benefit_tp: binary: what acting on a positive earns.
        benefit_tn: binary: what letting a negative pass earns.
        cost_matrix: multiclass: path of a CSV (a row a true class, a column a decision), or a
            mapping {truth: {decision: cost}}.
        min_precision: of cases acted on without a review, the least part that is positive; as all
            shares 0.9 or "90%".
        min_recall: of positives, the least part that is acted on or reviewed.
        max_fpr: of negatives, the largest part that is acted on without a review.
        max_error: of cases decided without a review, the largest part decided wrongly.
        guarantee: confidence with which the limits hold for cases to come, all together; None
            for limits that only these rows keep.
        max_review: most reviews: a number of cases, or a percentage as "5%".
        per_day: cases a day; ``max_review`` and totals are then of a day.
        prevalence: share of positives in production where it is not that of the file, as a
            number or "2%"; or a file of scores without labels to estimate it on.
        current: the cutoff in use, to be compared with.
        method: "calibrated" (Platt scaling, then the rule for calibrated scores), "empirical"
            (the cheapest on these rows), or "auto": the first up to 10,000 rows.
        per_class: multiclass: a cutoff for each predicted class.
        label: column of the true class; this and the next are inferred where not given.
        score: column of the probability of the positive class.
        probs: columns of class probabilities: a prefix, several names, or a list column.
        logits: columns of logits, in the same ways; or a binary logit.
        confidence: column of the stated confidence.
        correct: column that says whether the prediction was right.
        prediction: column of the predicted class.
        weight: column of the weight of the row.
        by: slice columns; with arrays, a mapping from name to (n,) values.
        positive: the label that counts as 1.
        classes: class names in the order of the scores.
        out_of: the largest possible score where that is not 1 (10, 100).
        task: "binary", "multiclass" or "top-label", where it is not clear from the columns.
        scale: "probability" or "logit", with arrays.
        weight_kind: "importance" (weighted rows), or "frequency" (a row stands for w rows).
        level: of intervals, 0.5 to 0.99.
        seed: of the folds.
        on_invalid: "refuse" invalid rows, or "drop" and count them.
        threads: most threads; the result does not depend on it.
        calibrator: a `Calibrator`, or the path of one, that every score goes through first;
            cutoffs are then on calibrated scores.
        progress: called with rows done and rows in all, or None.

    Returns:
        The report; ``report.recommended`` has the cutoffs.

    Raises:
        NotEnoughData: the limits cannot be kept, or there is nothing to decide; the message
            says what is possible.
        InputError: the data cannot be used as it is. SettingsError: an argument is wrong.
    """
    ask = asked(
        costs={
            "cost_fp": cost_fp, "cost_fn": cost_fn, "cost_review": cost_review,
            "cost_error": cost_error, "benefit_tp": benefit_tp, "benefit_tn": benefit_tn,
        },
        limits={
            "min_precision": min_precision, "min_recall": min_recall, "max_fpr": max_fpr,
            "max_error": max_error,
        },
        guarantee=guarantee, max_review=max_review, per_day=per_day,
        prevalence=prevalence, current=current, method=method, level=level, seed=seed,
        threads=threads, weight_kind=weight_kind,
    )  # fmt: skip
    data = kept(data) if by else data  # slices take a second look at it
    predictions = opened_data(
        data, y_prob, y_true=y_true, sample_weight=sample_weight, label=label, score=score,
        probs=probs, logits=logits, confidence=confidence, correct=correct,
        prediction=prediction, weight=weight, by=by, positive=positive, classes=classes,
        out_of=out_of, task=task, scale=scale, on_invalid=on_invalid,
    )  # fmt: skip
    with predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        if fitted is not None:
            check_fits(fitted, predictions)
        job = Job.of(predictions, ask, fitted, progress)
        report = decided(job, cost_matrix=cost_matrix, per_class=per_class)
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
    found, total = class_cutoffs(
        tables, predictions.class_names, problem, job.unit, level=ask.level,
        weight_kind=ask.weight_kind,
    )  # fmt: skip
    rates = total.rates(ask.level)
    notes = reading_notes(predictions, cells)
    report = job.report(sentence="", method="limits", by_class=found, notes=tuple(notes))
    sentence = class_sentence(report, rates["act_share"], rates["error"])
    return replace(report, sentence=led(sentence, notes))


def _class_tables(job: Job) -> DecisionTables:
    return DecisionTables(job.viewer, classes=job.predictions.n_classes)


def empty_tables(job: Job, *, cost_matrix: Any, per_class: bool) -> DecisionTables | None:
    """Return empty tables for a pass that is made anyway; None where a job needs none."""
    if cost_matrix is not None:
        return None
    return _class_tables(job) if per_class else cut_tables(job)


def _of_one_cutoff(ask: Ask) -> list[str]:
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
    read = job.read(lambda: MatrixPass(job.viewer, matrix))
    notes = reading_notes(predictions, read.tables.table().cells())
    report = job.report(
        sentence="",
        settings={"cost_matrix": matrix.cost.tolist(), "decisions": list(matrix.decisions)},
        method="cost matrix",
        matrix=matrix_result(read.sums, ask.level),
    )
    notes += matrix_notes(report)
    sentence = led(matrix_sentence(report), notes)
    return replace(report, sentence=sentence, notes=tuple(notes))

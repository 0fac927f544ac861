"""Fit: from any predictions to a calibrator with its certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Unpack

from calaudit.api.rows.binary_tables import STEEPEST, BinaryTables
from calaudit.api.rows.fit_sample import quantile_scores
from calaudit.api.rows.group_folds import group_remarks, with_even_folds
from calaudit.api.rows.open_rows import opened_data
from calaudit.api.rows.reading import Progress, read_summary
from calaudit.api.rows.repeated_reading import Passes
from calaudit.api.rows.splits import Plan, check_count, check_number, planned
from calaudit.api.rows.weights import check_whole_lines
from calaudit.calibrators.base import FLOOR, Calibrator
from calaudit.calibrators.binary import BinaryData, fit_binary
from calaudit.calibrators.certificate import MAKES_WORSE, NO_BETTER, Scores
from calaudit.calibrators.cross_fitted import FOLDS
from calaudit.calibrators.fit_figures import without_intervals
from calaudit.calibrators.methods import BINARY_METHODS, METHODS, MULTICLASS_METHODS
from calaudit.calibrators.moments import Census
from calaudit.calibrators.multiclass_fit import MulticlassData, fit_multiclass
from calaudit.errors import NotEnoughData, SettingsError
from calaudit.findings.finding import finding, once
from calaudit.options.commands import FitOptions
from calaudit.options.declaration import documented
from calaudit.options.fitting import FittingOptions
from calaudit.predictions.predictions import Predictions


@documented(FitOptions)
def fit(data: Any = None, y_prob: Any = None, **options: Unpack[FitOptions]) -> Calibrator:
    """Fit a calibrator, and say what it is worth on rows it was not fitted on.

    Called as `evaluate` is: with data in columns, or with arrays.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=2000)
    >>> y = (rng.random(2000) < 1 / (1 + np.exp(-z))).astype(int)
    >>> fitted = fit(y, 3 * z, scale="logit", method="temperature")
    >>> round(fitted.parameters()["T"], 1)
    3.0
    >>> fitted.apply(np.array([-3.0, 0.0, 3.0])).round(2)
    array([0.27, 0.5 , 0.73])

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``).
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The calibrator; its ``certificate`` has the evidence, ``to_json()`` the file.

    Raises:
        NotEnoughData: there is no such fit on these rows; the message says why.
        InputError: the data cannot be used as it is. SettingsError: an argument is wrong.
    """
    arrays = y_prob is not None
    split, group, progress = options["split"], options["group"], options["progress"]
    named = "group" if arrays and group is not None else group
    plan = planned(split, options["holdout"], named, options["seed"])
    fitting = Fitting.of(options)
    by = dict.fromkeys(plan.by, group) if arrays else plan.by
    if arrays and split is not None:
        raise SettingsError("split names a column; with arrays, pass the rows to fit on")
    predictions = opened_data(data, y_prob, options, by=by, asked=plan.asked)
    with predictions:
        plan = with_even_folds(plan.with_implied(predictions), predictions, progress)
        return fit_opened(predictions, plan, fitting)


@dataclass(frozen=True, slots=True)
class Fitting:
    """How to fit; the attributes are those of `fit`."""

    method: str
    floor: float | None
    level: float
    mix: bool
    weight_kind: str
    threads: int | None
    progress: Progress | None

    @property
    def frequency(self) -> bool:
        """Whether a row of weight w stands for w rows."""
        return self.weight_kind == "frequency"

    @classmethod
    def of(cls, options: FittingOptions) -> Fitting:
        """Return how to fit, checked as far as it can be without the data.

        Raises:
            SettingsError: an option is wrong.
        """
        _check_settings(options["method"], options["level"], options["floor"], options["threads"])
        given: dict[str, Any] = {field.name: options.get(field.name) for field in fields(cls)}
        return cls(**given)


def fit_opened(predictions: Predictions, plan: Plan, options: Fitting) -> Calibrator:
    """Return the calibrator of an opened data set.

    Args:
        predictions: the data set; its slice columns are those of the plan.
        plan: which rows are fitted, with its groups dealt out.
        options: how.

    Raises:
        NotEnoughData: there is no such fit on these rows; the message says why.
        InputError: the data cannot be used as it is.
        SettingsError: lines that stand for several rows are to be held out by a hash.
    """
    check_whole_lines(plan, predictions, options.weight_kind)
    fit_ = _fit_multiclass if predictions.task == "multiclass" else _fit_binary
    fitted = fit_(predictions, plan, options)
    if plan.group is not None:
        fitted = replace(fitted, certificate=without_intervals(fitted.certificate))
    return _with_notes(fitted, predictions, plan, options)


def _check_settings(method: str, level: float, floor: float | None, threads: int | None) -> None:
    check_number("the level", level)
    if floor is not None:
        check_number("the floor", floor)
    if method not in METHODS:
        raise SettingsError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    if not 0.5 <= level <= 0.999:
        raise SettingsError(f"the level must lie between 0.5 and 0.999 (0.95 is 95 %), not {level}")
    if floor is not None and not 0 < floor <= 1e-3:
        raise SettingsError(f"the floor must be above 0 and at most 0.001, not {floor}")
    check_count("threads", threads)


def _check_method(method: str, known: tuple[str, ...], task: str) -> None:
    if method != "auto" and method not in known:
        raise SettingsError(f"{method} is not for {task} rows; choose auto, {', '.join(known)}")


def _fit_binary(predictions: Predictions, plan: Plan, options: Fitting) -> Calibrator:
    _check_method(options.method, BINARY_METHODS, predictions.task)
    tables, passes = _read_tables(predictions, plan, options), 1
    if tables.largest > STEEPEST:
        stretch = 2.0 ** math.ceil(math.log2(tables.largest / 256.0))
        tables, passes = _read_tables(predictions, plan, options, stretch=stretch), 2
    table, held = tables.fit_table(), tables.held_table()
    tables.sides.check(plan, tables.rows_by_fold(), held.rows)
    floor = FLOOR if options.floor is None else options.floor
    sample = tables.sample(table, floor)
    if options.method != "identity":  # which takes rows of one class, too
        sample.require(1, options.method)
    judged = tables.sample(held, floor) if held.rows else None
    if judged is not None and plan.compares and 0.0 in [float(w.sum()) for w in judged.w]:
        raise NotEnoughData(
            f"every row to judge on is of one class ({plan.sentence()} are fitted)",
            "Choose another bound, with both outcomes on either side",
        )
    whole, folds = tables.folds(floor, plan.seed)
    data = BinaryData(
        task=predictions.task,
        scale=predictions.scale,
        classes=predictions.class_names if predictions.task == "binary" else (),
        floor=floor,
        floor_given=options.floor is not None,
        sample=sample,
        exact=table.exact,
        whole=whole,
        folds=folds,
        held=judged,
        at_floor=lambda low: tables.sample(table, low),
    )
    record = {"seed": plan.seed, "split": plan.sentence(), "passes": passes}
    fitted = fit_binary(data, options.method, mix=options.mix, level=options.level, **record)  # type: ignore[arg-type]
    return _with_sample(fitted, quantile_scores(sample, predictions.scale))


def _read_tables(
    predictions: Predictions, plan: Plan, options: Fitting, *, stretch: float = 1.0
) -> BinaryTables:
    make = partial(
        BinaryTables,
        plan,
        predictions.task,
        predictions.scale,
        stretch=stretch,
        frequency=options.frequency,
    )
    return read_summary(
        predictions, make, threads=options.threads, rounded=_weighted(predictions),
        progress=options.progress,
    )[0]  # fmt: skip


def _weighted(predictions: Predictions) -> bool:
    return any(role.role == "weight" for role in predictions.roles)


def _fit_multiclass(predictions: Predictions, plan: Plan, options: Fitting) -> Calibrator:
    _check_method(options.method, MULTICLASS_METHODS, predictions.task)
    passes = Passes(
        predictions,
        plan,
        frequency=options.frequency,
        threads=options.threads,
        progress=options.progress,
    )

    def check(census: Census) -> None:
        *rows, held = census.rows.tolist()
        passes.sides.check(plan, rows, held)

    data = MulticlassData(
        scale=predictions.scale,
        classes=predictions.class_names,
        floor=FLOOR if options.floor is None else options.floor,
        floor_given=options.floor is not None,
        folds=FOLDS,
        read=passes,
        start=passes.start,
        check=check,
    )
    fitted = fit_multiclass(
        data, options.method, level=options.level, seed=plan.seed, split=plan.sentence()
    )
    return _with_sample(fitted, passes.first_rows.scores())


def _with_sample(fitted: Calibrator, scores: Scores) -> Calibrator:
    return replace(fitted, certificate=replace(fitted.certificate, sample=scores))


def _with_notes(
    fitted: Calibrator, predictions: Predictions, plan: Plan, options: Fitting
) -> Calibrator:
    """Return the calibrator with the notes of the reader, on weights and on groups, before others.

    What speaks against using it stays first.
    """
    notes = once(predictions.notes)
    if _weighted(predictions):
        rows = fitted.certificate.effective_rows
        notes.append(finding("weighted", kind=options.weight_kind, rows=rows))
    remarks = (*notes, *group_remarks(plan), *fitted.certificate.remarks)
    remarks = tuple(sorted(remarks, key=lambda r: r.code not in (MAKES_WORSE, NO_BETTER)))
    certificate = replace(fitted.certificate, remarks=remarks)
    return replace(fitted, certificate=certificate)

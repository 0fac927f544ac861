"""Evaluate: from any predictions to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from calaudit import __version__
from calaudit.api.reports.assemble import assemble_report
from calaudit.api.reports.settings import Settings, checked_settings
from calaudit.api.rows.opening import opened_data
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.predictions.predictions import Predictions
from calaudit.report.model import Report
from calaudit.tables.binning import equal_width
from calaudit.tables.summary import Summary, SummaryBuilder

__all__ = ["evaluate"]


def evaluate(
    data: Any = None,
    y_prob: Any = None,
    *,
    y_true: Any = None,
    sample_weight: Any = None,
    label: str | None = None,
    score: str | None = None,
    probs: str | Sequence[str] | None = None,
    logits: str | Sequence[str] | None = None,
    confidence: str | None = None,
    correct: str | None = None,
    prediction: str | None = None,
    weight: str | None = None,
    id: str | None = None,  # noqa: A002 - the role's name
    by: str | Sequence[str] | Mapping[str, Any] = (),
    positive: str | None = None,
    classes: Sequence[str] | None = None,
    out_of: float = 1.0,
    task: str | None = None,
    scale: str = "probability",
    bins: str | int | None = None,
    convention: str = "right",
    level: float = 0.95,
    seed: int = 0,
    clip: float = 2.0**-52,
    on_invalid: str = "refuse",
    worst: int = 0,
    threads: int | None = None,
    weight_kind: str = "importance",
    calibrator: Any = None,
    progress: Progress | None = None,
) -> Report:
    """Audit the calibration of predictions.

    Two ways to call it: with data in columns, or with arrays under scikit-learn's names and
    order.

    >>> import calaudit
    >>> report = calaudit.evaluate([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3])
    >>> round(report.metrics["brier"].value, 4)
    0.0575

    Args:
        data: a path, a directory, a glob or several of them; or anything that speaks the Arrow
            PyCapsule interface (pandas, Polars, DuckDB, pyarrow). With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``).
        y_true: (n,) labels, as an alternative to the first argument.
        sample_weight: (n,) weights, with arrays.
        label: column of the true class or outcome. Like all columns, inferred and reported
            where it is not given.
        score: column of the probability of the positive class.
        probs: class probabilities: a prefix, several columns or a list column.
        logits: class logits, in the same ways, or the column of a binary logit.
        confidence: column of the stated confidence of the prediction.
        correct: column that says whether the prediction was right.
        prediction: column of the predicted class.
        weight: column of row weights; "none" leaves out one that is named like a weight.
        id: column that names rows, for ``worst``.
        by: slice columns; with arrays, a mapping from name to (n,) values.
        positive: the label that counts as 1.
        classes: class names in the order of the scores.
        out_of: the largest possible score where that is not 1 (10, 100).
        task: "binary", "multiclass" or "top-label", where it is not clear from the columns.
        scale: "probability" or "logit", with arrays.
        bins: number of equal-width bins (15), or "equal-mass:N" for the reliability table.
        convention: rule for scores on bin edges; see `calaudit.tables.binning.equal_width`.
        level: confidence level of intervals, 0.5 to 0.99; tests have size 1 − level.
        seed: of everything random.
        clip: probabilities are clipped to [clip, 1 − clip] in the log loss; 0 for no clip.
        on_invalid: "refuse" invalid rows, or "drop" and count them.
        worst: how many of the most confidently wrong rows to list.
        threads: most threads; the figures do not depend on it.
        weight_kind: "importance" (weighted rows), or "frequency" (a row stands for w rows).
        calibrator: a `Calibrator`, or the path of one, that every score goes through first.
        progress: called with rows done and rows in all, or None.

    Returns:
        The report; ``report.metrics`` has every figure by name.

    Raises:
        InputError: the data cannot be used as it is; the message says where and what to do.
        SettingsError: an argument is wrong.
    """
    settings = checked_settings(
        bins=bins,
        convention=convention,
        level=level,
        seed=seed,
        clip=clip,
        on_invalid=on_invalid,
        worst=worst,
        threads=threads,
        weight_kind=weight_kind,
    )
    predictions = opened_data(
        data, y_prob, y_true=y_true, sample_weight=sample_weight, label=label, score=score,
        probs=probs, logits=logits, confidence=confidence, correct=correct,
        prediction=prediction, weight=weight, id=id, by=by, positive=positive, classes=classes,
        out_of=out_of, task=task, scale=scale, on_invalid=on_invalid,
    )  # fmt: skip
    with predictions:
        if calibrator is not None:
            report = _calibrated(predictions, settings, progress, calibrator)
        else:
            report, _ = _evaluate(predictions, settings, progress)
    return replace(report, settings=report.settings | {"declared": predictions.declared})


def _calibrated(
    predictions: Predictions, settings: Settings, progress: Progress | None, given: Any
) -> Report:
    # Imported here: most evaluations need none of it.
    from calaudit.api.applying import opened_calibrator
    from calaudit.api.reports.calibrated import CalibratedBuilder, with_calibrator
    from calaudit.api.rows.kinds import check_fits

    calibrator = opened_calibrator(given)
    check_fits(calibrator, predictions)
    make = partial(CalibratedBuilder, calibrator)
    found = _evaluate(predictions, settings, progress, make, "float64")
    return with_calibrator(*found, calibrator, given)


def _evaluate(
    predictions: Predictions,
    settings: Settings,
    progress: Progress | None,
    make: Callable[..., SummaryBuilder] | None = None,
    dtype: str | None = None,
) -> tuple[Report, Summary]:
    """Return the report and its summary, which ``make`` builds from scores of another dtype."""
    make = make or partial(SummaryBuilder, scale=predictions.scale)
    binning = equal_width(settings.bins, settings.convention, dtype or predictions.dtype)

    def make_builder() -> SummaryBuilder:
        return make(
            task=predictions.task,
            n_classes=predictions.n_classes,
            binning=binning,
            worst=settings.worst,
            frequency=settings.weight_kind == "frequency",
        )

    summary, intake = read_summary(
        predictions,
        make_builder,
        threads=settings.threads,
        rounded=lanes_of(predictions),
        progress=progress,
    )
    report = assemble_report(__version__, predictions, summary, intake, settings, binning)
    return report, summary

"""Evaluate: from any predictions to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Unpack

from calaudit import __version__
from calaudit.api.reports.assemble import assemble_report
from calaudit.api.reports.evaluation_settings import Settings, checked_settings
from calaudit.api.rows.open_rows import opened_data, slice_names
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.errors import SettingsError
from calaudit.options.commands import EvaluateOptions
from calaudit.options.declaration import documented
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Report
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.summary import Summary, SummaryBuilder

MOST_BINS = 200
"""Bins of rows that belong together, of which each has sums for each group."""


@documented(EvaluateOptions)
def evaluate(data: Any = None, y_prob: Any = None, **options: Unpack[EvaluateOptions]) -> Report:
    """Audit the calibration of predictions.

    Two ways to call it: with data in columns, or with arrays under scikit-learn's names and
    order.

    >>> import calaudit
    >>> report = calaudit.evaluate([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3])
    >>> round(report.metrics["brier"].value, 4)
    0.0575

    Args:
        data: a path, a directory, a glob or several of them; or anything that speaks the Arrow
            PyCapsule interface (pandas, Polars, DuckDB, pyarrow), a mapping from names to arrays,
            a structured array, a lazy frame or a data set of Hugging Face. Columns whose roles
            are not given are inferred, and reported. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``): all that numpy
            reads, ``__array__`` and DLPack among it; y_true likewise, (n,) or one-hot (n, K).
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.metrics`` has every figure by name.

    Raises:
        InputError: the data cannot be used as it is; the message says where and what to do.
        SettingsError: an argument is wrong.
    """
    settings = checked_settings(options)
    check_bins(settings, options["group"])
    by, grade = options["by"], options["grade"]
    if grade is not None and not isinstance(by, Mapping):
        by = tuple(dict.fromkeys((*slice_names(by), grade)))
    asked = () if grade is None else ((grade, "--grade"),)
    predictions = opened_data(
        data, y_prob, options, id=options["id"], by=by, asked=asked, group=options["group"]
    )
    calibrator, progress = options["calibrator"], options["progress"]
    settings = predictions.settled(settings)
    with predictions:
        if calibrator is not None:
            report = _calibrated(predictions, settings, progress, calibrator, grade)
        else:
            report, _ = evaluated(predictions, settings, progress, grade=grade)
    return replace(report, settings=report.settings | {"declared": predictions.declared})


def check_bins(settings: Settings, group: Any) -> None:
    """Refuse more bins than groups have sums for.

    Raises:
        SettingsError: there are.
    """
    if group is not None and settings.bins > MOST_BINS:
        raise SettingsError(f"with --group there are {MOST_BINS} bins at most")


def _calibrated(
    predictions: Predictions,
    settings: Settings,
    progress: Progress | None,
    given: Any,
    grade: str | None,
) -> Report:
    # Imported here: most evaluations need none of it.
    from calaudit.api.applying import opened_calibrator
    from calaudit.api.reports.calibrated import CalibratedBuilder, with_calibrator
    from calaudit.api.rows.compatible import check_fits

    calibrator = opened_calibrator(given)
    check_fits(calibrator, predictions)
    make = partial(CalibratedBuilder, calibrator)
    found = evaluated(predictions, settings, progress, make, "float64", grade)
    return with_calibrator(*found, calibrator, given)


def evaluated(
    predictions: Predictions,
    settings: Settings,
    progress: Progress | None,
    make: Callable[..., SummaryBuilder] | None = None,
    dtype: str | None = None,
    grade: str | None = None,
) -> tuple[Report, Summary]:
    """Return the report and its summary, which ``make`` builds from scores of another dtype."""
    summary, intake, binning = summary_of(predictions, settings, progress, make, dtype)
    report = assemble_report(__version__, predictions, summary, intake, settings, binning, grade)
    return report, summary


def summary_of(
    predictions: Predictions,
    settings: Settings,
    progress: Progress | None,
    make: Callable[..., SummaryBuilder] | None = None,
    dtype: str | None = None,
) -> tuple[Summary, Intake, Binning]:
    """Return what the rows teach, with the intake and the bins; see `evaluated`."""
    make = make or partial(SummaryBuilder, scale=predictions.scale)
    binning = equal_width(settings.bins, settings.convention, dtype or predictions.dtype)

    def make_builder() -> SummaryBuilder:
        return make(
            task=predictions.task,
            n_classes=predictions.n_classes,
            binning=binning,
            worst=settings.worst,
            frequency=settings.weight_kind == "frequency",
            group=predictions.group,
            clip=settings.clip,
        )

    summary, intake = read_summary(
        predictions,
        make_builder,
        threads=settings.threads,
        rounded=lanes_of(predictions),
        progress=progress,
    )
    return summary, intake, binning

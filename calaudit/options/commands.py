"""The options of each command, in the order of its help."""

from collections.abc import Mapping
from typing import Annotated, Any

from calaudit.options import (
    applying,
    checking,
    comparing,
    decisions,
    estimating,
    figures,
    fitting,
    forecasting,
    monitoring,
    outside,
    rows,
)
from calaudit.options.declaration import Option


class EvaluateOptions(
    rows.Arrays, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Id, rows.Labels,
    rows.Slices, rows.Group, rows.Positive, rows.Classes, rows.Kind, figures.Binning,
    figures.ReliabilityAxis, figures.Intervals,
    figures.Clip, rows.Reading, figures.Calibrated, figures.Worst, rows.Follow, rows.Judge,
    total=False,
):  # fmt: skip
    """Options of ``evaluate``."""

    automated: Annotated[
        float | None,
        Option(doc="Share of the surest rows whose errors are wanted as ``automated_error``."),
    ]
    grade: Annotated[
        str | None,
        Option(
            "Rating grades, or score:7: stated PD against defaults.",
            panel=rows.FIGURES, metavar="COLUMN",
        ),
    ]  # fmt: skip


class InitOptions(
    rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Id, rows.Labels, rows.Slices,
    rows.Group, rows.Positive, rows.Classes, rows.Kind, rows.Reading, total=False,
):  # fmt: skip
    """Options of ``init``."""


class SummarizeOptions(
    rows.Arrays, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Id, rows.Labels,
    rows.Slices, rows.Group, rows.Positive, rows.Classes, rows.Kind, figures.Binning,
    figures.Clip, rows.Reading, figures.Worst, rows.Follow, rows.Judge, total=False,
):  # fmt: skip
    """Options of ``summarize``."""

    part: Annotated[
        str | None,
        Option(
            "Only part K of N of the files that are named, such as 3/8; all parts are merged.",
            'Only one of so many parts of the data, as "3/8"; without all eight nothing is merged.',
            panel="Output",
            metavar="K/N",
        ),
    ]


class FitOptions(
    rows.Arrays, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Id, rows.Labels,
    rows.Positive, rows.Classes, rows.Kind, fitting.Method, fitting.HeldOut, fitting.Floor,
    figures.Intervals, rows.Reading, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``fit``."""


class ThresholdOptions(
    rows.Arrays, rows.Label, rows.Scores, rows.Outcomes, rows.Id, rows.Labels, rows.Slices,
    rows.Group, rows.Positive, rows.Classes, rows.Kind, decisions.StatedOrSure,
    decisions.CostOptions, decisions.Matrix, decisions.Limits, decisions.Guarantee,
    decisions.Cases, decisions.CutoffMethod, figures.Intervals, rows.Reading, figures.Calibrated,
    rows.Follow, total=False,
):  # fmt: skip
    """Options of ``threshold``."""


class CheckOptions(
    rows.Arrays, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Labels, rows.Slices,
    rows.Group, rows.Positive, rows.Classes, rows.Kind, checking.Rules, checking.Compared,
    figures.Binning, figures.Intervals, figures.Clip, rows.Reading, figures.Calibrated,
    forecasting.Columns, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``check``."""

    worst: Annotated[int, Option(doc="As in `evaluate`; the report does not show them.", default=0)]


class CompareOptions(
    comparing.Sides, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Labels,
    rows.Slices, rows.Group, rows.Positive, rows.Classes, rows.Kind, figures.Binning,
    figures.Intervals, figures.Clip, rows.Reading, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``compare``."""


class AuditOptions(
    rows.Arrays, fitting.Division, fitting.Method, fitting.Floor, rows.Label, rows.Scores,
    rows.Outcomes, rows.Id, rows.Labels, rows.Slices, rows.Positive, rows.Classes, rows.Kind,
    decisions.StatedOrSure, decisions.CostOptions, decisions.Matrix, decisions.Limits,
    decisions.Guarantee, decisions.Cases, figures.Binning, figures.Intervals, figures.Clip,
    rows.Reading, decisions.Cutoffs, figures.FiveWorst, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``audit``."""


class EnsembleOptions(
    comparing.Models, rows.Label, rows.Scores, rows.Labels, rows.Positive, rows.Classes,
    figures.Binning, figures.Intervals, figures.Clip, rows.Reading, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``ensemble``."""

    worst: Annotated[
        int,
        Option(
            "List the K rows that members dispute most.", panel="Output", metavar="K", default=5
        ),
    ]
    save_mean: Annotated[
        Any,
        Option(
            "Write the members' mean, for fit and evaluate: .parquet or .csv.",
            panel="Output",
            metavar="FILE",
        ),
    ]


class OodOptions(
    outside.Outside, rows.Scores, rows.Stated, rows.Classes, figures.Intervals,
    rows.Passes, figures.Calibrated, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``ood``."""


class MonitorOptions(
    monitoring.Watch, rows.Label, rows.Scores, rows.Stated, rows.Outcomes, rows.Id,
    rows.LabelFile, rows.Group, rows.Positive, rows.Classes, rows.Kind, rows.Reading,
    rows.Follow, total=False,
):  # fmt: skip
    """Options of ``monitor``."""


class ApplyOptions(
    rows.Scores, rows.Stated, rows.Classes, applying.PriorShift, applying.NewScores, rows.Follow,
    total=False,
):  # fmt: skip
    """Options of ``apply``."""


class EstimateOptions(
    estimating.Estimating, rows.Label, rows.Scores, rows.Stated, rows.Id, rows.Slices,
    rows.Positive, rows.Classes, figures.Intervals, rows.Passes, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``estimate``."""


class ForecastOptions(
    forecasting.Forecast, forecasting.Recalibrated, rows.Group, rows.Where,
    rows.Invalid, rows.NoHeader, figures.Intervals, rows.Follow, total=False,
):  # fmt: skip
    """Options of ``forecast``."""


OPTIONS: Mapping[str, Any] = {
    "evaluate": EvaluateOptions,
    "fit": FitOptions,
    "threshold": ThresholdOptions,
    "check": CheckOptions,
    "audit": AuditOptions,
    "compare": CompareOptions,
    "ensemble": EnsembleOptions,
    "estimate": EstimateOptions,
    "forecast": ForecastOptions,
    "monitor": MonitorOptions,
    "ood": OodOptions,
}
"""Command that makes a report → its options."""

"""The report of ``calaudit forecast``: do forecasts hold what they state?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from calaudit.calibrators.forecast_calibrator import ForecastCalibrator
from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Count, Inside, Name, Share, Written, one_of
from calaudit.report.evaluation_report import Groups, InputFile, IntakeResult, RoleResult
from calaudit.report.rendered import Rendered

FORECAST_SCHEMA = "calaudit.forecast/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalResult:
    """Intervals of one level.

    Attributes:
        stated: share of the truths that they are to hold. lower, upper: what their ends are; of
            sets the column of both.
        coverage: share that they hold, ends included.
        below, above: share of truths below and above them; None of sets.
        width: mean; None where some are infinite. Of sets the mean number of classes.
        score: mean interval score (Winkler); None in ``value`` where some are infinite, or of sets.
        off: whether the coverage is surely another, of all intervals and levels at once.
    """

    stated: Inside
    lower: str
    upper: str
    coverage: Estimate
    below: Share | None
    above: Share | None
    width: float | None
    score: Estimate
    off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelResult:
    """Quantiles of one level.

    Attributes:
        level: stated. column: what they are. below: share of truths that are not above them, with
            the p-value of all levels at once. ties: truths that are equal to them.
    """

    level: Inside
    column: str
    below: Estimate
    ties: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """The coverage of some rows.

    Attributes:
        column, value: what they are: a slice, or "width" ("size" of sets) and the range of those.
        rows: of them. coverage: with an interval of all parts at once. off: whether it is surely
            another than stated.
    """

    column: str
    value: str
    rows: Count
    coverage: Estimate
    off: bool

    @property
    def metrics(self) -> dict[str, Estimate]:
        """What a gate may rule on."""
        return {"coverage": self.coverage}


@dataclass(frozen=True, slots=True, kw_only=True)
class PitBin:
    """A part of [0, 1]: the share of truths that fell into that part of their forecasts."""

    lower: Share
    upper: Share
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastDifference:
    """A figure of forecasts, of others of the same rows (``before``), and the first less these."""

    other: str
    metric: Name
    value: float
    before: float
    difference: Estimate


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ForecastReport(Rendered):
    """Everything ``calaudit forecast`` found out about forecasts.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        kind: what a forecast is. sentence: the answer, for people. lead: its first sentence.
        status: "calibrated", "unknown" (nothing found, but these rows could hide much),
            "too narrow", "too wide", "biased" or "off".
        metrics: coverage and widening of the main interval, interval_score, mean_pinball, wis,
            crps, kuiper, crossed; of sets set_size, empty_sets, singletons, singleton_accuracy and
            full_sets; guaranteed with calibration rows. Those that such forecasts have.
        main: index of the main interval among ``intervals``, of which ``by_width``, ``by_class``
            and ``slices`` are. by_class: of sets, the rows of each class.
        pit: histogram of where in its forecast each truth fell; () for intervals.
        recalibration: the calibrator, where one was asked for.
        against: what they score beside other forecasts of the same rows.
    """

    calaudit: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    kind: Annotated[str, one_of("intervals", "quantiles", "normal", "members", "sets")]
    intake: IntakeResult
    status: Annotated[
        str, one_of("calibrated", "unknown", "too narrow", "too wide", "biased", "off")
    ]
    sentence: str
    lead: str
    metrics: dict[Name, Estimate]
    intervals: tuple[IntervalResult, ...]
    main: Count
    levels: tuple[LevelResult, ...] = ()
    by_width: tuple[PartResult, ...] = ()
    slices: tuple[PartResult, ...] = ()
    by_class: tuple[PartResult, ...] = ()
    pit: tuple[PitBin, ...] = ()
    groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    notes: tuple[Finding, ...] = ()
    recalibration: Annotated[ForecastCalibrator | None, Written.UNLESS_NONE] = None
    against: tuple[ForecastDifference, ...] = ()
    schema: str = FORECAST_SCHEMA

    @property
    def task(self) -> str:
        """What the figures are about, which a baseline must be, too."""
        if self.kind == "quantiles":  # whose scores depend on all levels
            levels = ", ".join(f"{each.level:g}" for each in self.levels)
            return f"quantiles of the levels {levels}"
        return f"{self.kind} that state {100 * self.intervals[self.main].stated:g} %"

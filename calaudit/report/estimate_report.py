"""The report of ``calaudit estimate``: what is to be expected of rows without labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Count, Name, Scale, Share, Task, Written, one_of
from calaudit.report.compare_report import Moves
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult
from calaudit.report.rendered import Rendered

ESTIMATE_SCHEMA = "calaudit.estimate/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""

Metrics = dict[Name, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where the map from scores to outcomes is from.

    Attributes:
        inputs: labelled files; () for a calibrator.
        rows: labelled rows that the map is fitted to. method: of calibration.
        parameters: of the map.
        accuracy: of the predictions on those rows; None where a calibrator does not tell it.
    """

    inputs: tuple[InputFile, ...]
    rows: Count
    method: str
    parameters: dict[str, float]
    accuracy: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedSlice:
    """What is to be expected of one slice.

    Attributes:
        column, value: the slice is the rows where ``column`` equals ``value``. rows: of it.
        metrics: as in the report.
    """

    column: str
    value: str
    rows: Count
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsNeeded:
    """A change of the map, and how many labels of rows drawn at random would tell it.

    Attributes:
        change: "base-rate": all log-odds are off by the same, so that the share of positives (of
            right predictions) is off by ``matters``; "confidence": they are too large by one
            factor, so that accuracy falls by it.
        labels: for a test of size 5 % and a power of 80 %; None where no number would do.
    """

    change: Annotated[str, one_of("base-rate", "confidence")]
    labels: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledRows:
    """Rows that were chosen for labelling.

    Attributes:
        header: of the columns; rows: their cells as text, the label empty.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EstimateReport(Rendered):
    """Figures that labels would give, if the map from scores to outcomes is that of other rows.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        sentence: the answer, for people. lead: its first sentence.
        reference: where the map is from.
        metrics: if calibration transfers: accuracy, auroc, base_rate; of thresholds cost (per
            1,000 cases), precision, recall, error, and shares of what is done.
        otherwise: under other assumptions: "atc" (accuracy by average thresholded confidence,
            without an interval), "base_rate_shift" (only that differs), "accuracy_labelled" and
            "base_rate_labelled" (of labelled rows drawn at random, prediction-powered).
        slices: the same by slice.
        moves: of the scores, from the labelled rows; None where those are not at hand.
        map_p: p-value of one map in the labelled rows and in those labels that are there; None
            where there are none or they are too few.
        needed: how many labels would tell that the map has changed.
        sample: rows chosen for labelling.
    """

    calaudit: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    task: Task
    scale: Scale
    classes: tuple[str, ...]
    intake: IntakeResult
    sentence: str
    lead: str
    reference: Reference
    metrics: Metrics
    otherwise: Metrics
    slices: tuple[ExpectedSlice, ...] = ()
    moves: Moves | None = None
    map_p: Share | None = None
    needed: tuple[LabelsNeeded, ...] = ()
    sample: Annotated[SampledRows | None, Written.UNLESS_NONE] = None
    notes: tuple[Finding, ...] = ()
    schema: str = ESTIMATE_SCHEMA

"""The report: frozen, complete, and the only thing that renderers and gates see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calaudit.metrics.estimate import Estimate
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SCHEMA",
    "Bin",
    "ConfidentlyWrong",
    "CurvePoint",
    "Estimate",
    "InputFile",
    "IntakeResult",
    "Note",
    "Report",
    "RoleResult",
    "SliceResult",
    "Threshold",
    "Verdict",
    "WorstRow",
]

SCHEMA = "calaudit.report/1"
"""Version of the JSON report. History: 1 (0.1.0) first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer in words.

    Attributes:
        status: one for each mark of the console: "calibrated", "unknown" (nothing found, but
            these rows could hide a large error), "negligible" (measurably off, too little to
            matter), "overconfident", "underconfident" or "miscalibrated".
        direction: of a finding, also of a negligible one: "overconfident", "underconfident" or
            "miscalibrated"; None where nothing was found.
        size: "none" (nothing found), "unknown" (nothing found, but these rows could hide a large
            error), "negligible" (measurable, too small to matter),
            "moderate" or "large".
        sentence: one or two plain sentences for people; no markup.
        p_value: of the joint test: smECE's and that of Cox's line, weighted 0.9 and 0.1.
        gap: mean score minus mean label, with its interval (binary: predicted minus observed
            rate; multiclass and top-label: mean confidence minus accuracy).
        could_hide: the largest smooth calibration error that these rows cannot rule out: the
            upper end of the smECE interval, or its noise floor where that is larger.
    """

    status: str
    direction: str | None
    size: str
    sentence: str
    p_value: float | None
    gap: Estimate
    could_hide: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin of the reliability table (empty bins are present, with ``rows`` 0).

    Attributes:
        lower, upper: edges of the bin on the score axis.
        rows: number of rows; ``weight`` their total weight (equal to ``rows`` when unweighted).
        mean_score: mean score in the bin; ``observed``: mean label; None for an empty bin.
        low, high: interval for ``observed`` at the report's level.
        band_low, band_high: where ``observed`` would lie for a calibrated model (consistency
            band, Bröcker & Smith 2007) at the report's level.
    """

    lower: float
    upper: float
    rows: int
    weight: float
    mean_score: float | None
    observed: float | None
    low: float | None
    high: float | None
    band_low: float | None
    band_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of the smooth reliability curve: at ``score`` the smoothed ``observed`` rate,
    with the smoothed ``density`` of the scores (1 = uniform).
    """

    score: float
    observed: float
    density: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Rows whose confidence in the predicted outcome is above ``above``, and how many are wrong.

    share: the part of them that is wrong, by weight; None where there are no rows.
    """

    above: float
    rows: int
    wrong: int
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentlyWrong:
    """How much the worst rows cost.

    Attributes:
        worst_fraction: the share of rows looked at (0.01).
        share_of_log_loss: the part of the total log loss that comes from them, in [0, 1].
        infinite_rows: rows whose true outcome was given probability exactly 0.
        above: counts above the confidences 0.9 and 0.99.
    """

    worst_fraction: float
    share_of_log_loss: float | None
    infinite_rows: int
    above: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstRow:
    """One confidently wrong row, for ``--worst``.

    Attributes:
        file: path of the file; row: its row number from 1, header not counted; id: its id or None.
        label: the true outcome as text; predicted: the predicted one; confidence: in the
            predicted outcome; loss: -log of the probability given to the truth (None = infinite).
    """

    file: str
    row: int
    id: str | None
    label: str
    predicted: str
    confidence: float
    loss: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceResult:
    """The figures of one slice.

    Attributes:
        column, value: the slice is the rows where ``column`` equals ``value``.
        rows: number of rows. small: fewer rows than a verdict needs.
        status: as in `Verdict`, from the multiplicity-adjusted p-value; "unknown" when small.
        size: as in `Verdict`.
        p_value: of the joint test, adjusted over all slices (step-down).
        metrics: accuracy, mean_confidence (or base_rate, mean_score), smece, ece.
    """

    column: str
    value: str
    rows: int
    small: bool
    status: str
    size: str
    p_value: float | None
    metrics: dict[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to know. code: a stable name; text: what was seen; advice: what to do."""

    code: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One input: its path as given, format ("parquet", "csv", "arrow", "arrays"), rows, bytes."""

    path: str
    format: str
    rows: int
    bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleResult:
    """One column role as it was used; see `calaudit.predictions.roles.ResolvedRole`."""

    role: str
    columns: tuple[str, ...]
    inferred: bool
    option: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """Rows read, used and refused by reason: {reason: (count, text)}."""

    rows_read: int
    rows_used: int
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report(Rendered):
    """Everything calaudit found out about one file of predictions.

    Attributes:
        task: "binary", "multiclass" or "top-label". scale: "probability" or "logit".
        classes: class names (multiclass), or (negative, positive) for binary, or ().
        settings: bins, convention, level, seed, clip, on_invalid, … as JSON values.
        metrics: figures by name, in display order; names are those of the documentation.
        table: the score table as JSON values, so that the report can serve as a baseline;
            ``table["exact"]`` says whether every distinct score has its own cell.
    """

    calaudit: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    task: str
    scale: str
    classes: tuple[str, ...]
    intake: IntakeResult
    verdict: Verdict
    metrics: dict[str, Estimate]
    bins: tuple[Bin, ...]
    curve: tuple[CurvePoint, ...]
    confidently_wrong: ConfidentlyWrong
    worst: tuple[WorstRow, ...]
    slices: tuple[SliceResult, ...]
    notes: tuple[Note, ...]
    table: dict[str, Any]
    schema: str = SCHEMA

    def __repr__(self) -> str:
        """Return the verdict in a line; ``print(report)`` shows the whole."""
        return f"<calaudit report: {self.verdict.sentence}>"

    def to_frame(self) -> pd.DataFrame:
        """Return the metrics as a pandas frame: one row a metric, one column a field."""
        from calaudit.report.frame import to_frame

        return to_frame(self)

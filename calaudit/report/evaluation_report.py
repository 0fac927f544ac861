"""The report: frozen, complete, and the only thing that renderers and gates see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import (
    NAME,
    Amount,
    Count,
    Limits,
    Rows,
    Scale,
    Share,
    Task,
    Written,
    one_of,
)
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.report.frame import Figures

SCHEMA = "calaudit.report/1"
"""Version of the JSON report. History: 1 (0.1.0) first version."""

Direction = Annotated[str, one_of("overconfident", "underconfident", "miscalibrated")]
Status = Annotated[
    str,
    one_of(
        "calibrated", "unknown", "negligible", "overconfident", "underconfident", "miscalibrated"
    ),
]
Size = Annotated[str, one_of("none", "unknown", "negligible", "moderate", "large")]


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
        sentence: one or two plain sentences for people; no markup. lead: the first of them.
        p_value: of the joint test: smECE's and that of Cox's line, weighted 0.9 and 0.1.
        gap: mean score minus mean label, with its interval (binary: predicted minus observed
            rate; multiclass and top-label: mean confidence minus accuracy).
        could_hide: the largest smooth calibration error that these rows cannot rule out: the
            upper end of the smECE interval, or its noise floor where that is larger.
    """

    status: Status
    direction: Direction | None
    size: Size
    sentence: str
    p_value: Share | None
    gap: Estimate
    could_hide: Amount | None
    lead: Annotated[str, Written.LATER] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin of the reliability table (empty bins are present, with ``rows`` 0).

    Attributes:
        lower, upper: edges of the bin on the score axis.
        rows: number of rows. weight: their total weight (equal to ``rows`` when unweighted).
        mean_score: mean score in the bin; None for an empty one. observed: likewise the mean label.
        low, high: interval for ``observed`` at the report's level.
        band_low, band_high: where ``observed`` would lie for a calibrated model (consistency
            band, Bröcker & Smith 2007) at the report's level.
    """

    lower: float
    upper: float
    rows: Count
    weight: Amount
    mean_score: float | None
    observed: Share | None
    low: Share | None
    high: Share | None
    band_low: Share | None
    band_high: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of CORP's reliability curve; it is straight between the points of a piece.

    Attributes:
        score: mean of one score, or of near ones, that there are. observed: isotonic regression
            of the outcomes, so that it never falls.
        band_low, band_high: where the curve of a calibrated model would lie at this score, at
            the report's level. None in reports of version 0.1.0, whose smoothed curve is dropped.
        piece: of the curve, from 0; between two there are no scores.
    """

    score: float
    observed: float
    band_low: Annotated[Share | None, Written.LATER] = None
    band_high: Annotated[Share | None, Written.LATER] = None
    piece: Annotated[Count, Written.LATER] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitPoint:
    """A point of the decision curve: the net benefit of acting on scores from a cutoff on.

    Attributes:
        cutoff: probability from which acting does more good than harm. benefit: in true positives
            a row. low, high: its interval. act_on_all: that of acting on every row.
    """

    cutoff: Share
    benefit: float
    low: float | None
    high: float | None
    act_on_all: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin:
    """Scores by outcome, in bins that are equally wide in log-odds, so that tails show.

    Attributes:
        lower, upper: edges as probabilities, rising; equal for exactly 0 and exactly 1, which have
            bins of their own where there are such scores. The first and the last of the other
            bins also hold what lies beyond them, down to 0 and up to 1.
        zeros, ones: weight (rows, when unweighted) of label 0 and of label 1; for multiclass
            and top-label of wrong and of right predictions.
    """

    lower: Share
    upper: Share
    zeros: Amount
    ones: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassResult:
    """One class against all others: its probability, and how often it is the true one.

    Attributes:
        name: of the class.
        weight: of the rows of the class (their number, when unweighted).
        mean_score: mean probability that the class is given. observed: its share of the rows.
        ece: with the equal-width bins of the report, over all rows; its mean over all classes is
            ``classwise_ece``.
        bins: the filled bins of its probability, of equal width and without bands; empty for
            classes that are not drawn (after the first 12).
    """

    name: str
    weight: Amount
    mean_score: Share
    observed: Share
    ece: Estimate
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Rows of a high confidence in the predicted outcome, and how many are wrong.

    Attributes:
        above: the confidence. rows: with more than that. wrong: how many of them are wrong.
        share: the part of them that is wrong, by weight; None where there are no rows.
    """

    above: Share
    rows: Count
    wrong: Count
    share: Share | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentlyWrong:
    """How much the worst rows cost.

    Attributes:
        worst_fraction: the share of rows looked at (0.01).
        share_of_log_loss: the part of the total log loss that comes from them, in [0, 1].
        infinite_rows: rows whose true outcome was given probability exactly 0.
        above: counts above the confidences 0.9 and 0.99.
    """

    worst_fraction: Share
    share_of_log_loss: Share | None
    infinite_rows: Count
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
    row: Rows
    id: str | None
    label: str
    predicted: str
    confidence: Share
    loss: Amount | None


FEWEST_ROWS = 50
"""Rows below which a slice gets figures but no verdict."""


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
        bins: the filled bins, of the kind of ``settings["bins_shown"]`` and without bands; empty
            for slices that are not drawn (small ones, and after the first 12).
        groups: that it has, as in `Groups`, up to 4,096; None where rows are independent.
    """

    column: str
    value: str
    rows: Count
    small: bool
    status: Status
    size: Size
    p_value: Share | None
    metrics: dict[str, Estimate]
    bins: Annotated[tuple[Bin, ...], Written.LATER] = ()
    groups: Annotated[Count | None, Written.UNLESS_NONE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeResult:
    """Stated probability of default (PD) of a grade against its defaults.

    Attributes:
        grade, rows: as of a slice. stated: mean score. defaults: rows with the positive label.
        observed: their share, with Jeffreys' interval and the p-value of his test.
        binomial: p-value of the exact binomial test; both are one-sided: the PD is too low.
        adjusted: ``binomial`` for all grades at once (Holm 1979).
        light: "red" where ``adjusted`` is below 0.01, "yellow" below 0.05, else "green".
    """

    grade: str
    rows: Count
    stated: Share
    defaults: Count
    observed: Estimate
    binomial: Share
    adjusted: Share
    light: Annotated[str, one_of("green", "yellow", "red")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Rows that belong together.

    Attributes:
        column: whose values they have in common.
        groups: number of its values; None for more than 4,096, which were put together.
        largest: share of the rows in the largest group.
        design_effect: variance of the mean residual over that of as many independent rows.
    """

    column: str
    groups: Count | None
    largest: Share
    design_effect: Amount

    @property
    def words(self) -> str:
        """How many groups there are, of what."""
        number = "more than 4,096" if self.groups is None else f"{self.groups:,}"
        return f"{number} group{'' if self.groups == 1 else 's'} by {self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One input.

    Attributes:
        path: as given. format: "parquet", "csv", "arrow", "arrays", … rows: in it.
        bytes: of the file; None where it is none.
    """

    path: str
    format: str
    rows: Count
    bytes: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleResult:
    """One column role as it was used; see `calaudit.predictions.roles.ResolvedRole`.

    Attributes:
        role: such as "label". columns: that have it. inferred: whether nobody named them.
        option: of the command line, which changes it. detail: what else was decided.
    """

    role: str
    columns: tuple[str, ...]
    inferred: bool
    option: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """Rows read, used and refused.

    Attributes:
        rows_read: from the inputs. rows_used: of these. refused: rows by reason; a row may count
            under several.
    """

    rows_read: Count
    rows_used: Count
    refused: dict[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report(Rendered):
    """Everything calaudit found out about one file of predictions.

    Attributes:
        calaudit: version that made it.
        task: "binary", "multiclass" or "top-label". scale: "probability" or "logit".
        classes: class names (multiclass), or (negative, positive) for binary, or ().
        settings: bins, convention, level, seed, clip, on_invalid, … as JSON values; ``declared``
            is how the user named data and columns.
        metrics: figures by name, in display order; names are those of the documentation.
        decision_curve: net benefit by cutoff, of binary scores.
        histogram: scores by outcome, in bins of equal width in log-odds.
        by_class: multiclass: each class against the others, the worst first (by the ECE above
            its noise floor) and at most 50 of ``classes``.
        groups: of rows that belong together; None where they are independent.
        grades: by rising stated PD; None where no column of grades was named.
        table: the score table as JSON values, so that the report can serve as a baseline;
            ``table["exact"]`` says whether every distinct score has its own cell.
    """

    calaudit: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    task: Task
    scale: Scale
    classes: tuple[str, ...]
    intake: IntakeResult
    verdict: Verdict
    metrics: Annotated[dict[str, Estimate], Limits({"propertyNames": NAME.words})]
    bins: tuple[Bin, ...]
    curve: tuple[CurvePoint, ...]
    confidently_wrong: ConfidentlyWrong
    worst: tuple[WorstRow, ...]
    slices: tuple[SliceResult, ...]
    notes: tuple[Finding, ...]
    table: dict[str, Any]
    decision_curve: Annotated[tuple[BenefitPoint, ...], Written.LATER] = ()
    histogram: Annotated[tuple[HistogramBin, ...], Written.LATER] = ()
    by_class: Annotated[tuple[ClassResult, ...], Limits({"maxItems": 50}), Written.LATER] = ()
    groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    grades: Annotated[tuple[GradeResult, ...] | None, Written.UNLESS_NONE] = None
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        """Drop a curve without a band: version 0.1.0 smoothed it, and it is not this one."""
        if any(point.band_low is None for point in self.curve):
            object.__setattr__(self, "curve", ())

    @property
    def evaluations(self) -> tuple[Report, ...]:
        """Itself: of an audit there are two, before and after a calibrator."""
        return (self,)

    @property
    def best(self) -> Report:
        """Itself; as `AuditReport.best`."""
        return self

    @property
    def rows(self) -> int:
        """Rows that the figures are of; one with a frequency weight counts as many."""
        counted = self.metrics.get("n")
        return int(counted.value or 0) if counted else self.intake.rows_used

    @property
    def figures(self) -> Figures:
        """The metrics, the gap and the p-value of the verdict; see `Rendered.figures`."""
        found: Figures = {(name,): figure for name, figure in self.metrics.items()}
        return found | {("gap",): self.verdict.gap, ("p_value",): self.verdict.p_value}

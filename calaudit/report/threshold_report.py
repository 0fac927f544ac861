"""The report of ``calaudit threshold``: frozen, complete, and all that its renderers see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import (
    Amount,
    Count,
    Inside,
    Limits,
    Name,
    Scale,
    Share,
    Task,
    Written,
    known_keys,
    one_of,
)
from calaudit.report.evaluation_report import Groups, InputFile, IntakeResult, RoleResult
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.report.frame import Figures

DECISION_SCHEMA = "calaudit.thresholds/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""

INDEX_TITLES = {
    "f1": "F1", "youden": "Youden's J", "balanced-accuracy": "balanced accuracy"
}  # fmt: skip
"""Index that a cutoff may make the largest → what it is called."""

COUNTS = ("tp", "fp", "fn", "tn", "reviewed_positives", "reviewed_negatives")
Counts = Annotated[dict[str, Amount], known_keys(*COUNTS), Limits({"required": list(COUNTS)})]
RATES = (
    "act_share", "review_share", "pass_share", "precision", "recall", "fpr", "specificity", "npv",
    "error",
)  # fmt: skip
Rates = Annotated[dict[str, Estimate], known_keys(*RATES)]
Unit = Annotated[str, one_of("probability", "logit", "score", "calibrated probability")]
"""Of cutoffs; a score is out of more than 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Equal scores of which only a part can be reviewed, because there is no room for all.

    Attributes:
        score: the score that they share (or from which the cell of scores begins).
        rows: how many cases share it. reviewed: how many of these are reviewed.
        rest: what is done with the others: "pass" or "act".
    """

    score: float
    rows: Amount
    reviewed: Amount
    rest: Annotated[str, one_of("pass", "act")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to decide: pass below ``review_from``, review up to ``act_from``, act from there.

    Attributes:
        name: a stable name: "recommended", "calibrated_rule", "empirical_minimum",
            "as_if_calibrated", "cutoff_half", "current", "act_on_all", "act_on_none",
            "review_all". label: the same in words.
        review_from, act_from: cutoffs in the unit of the file: ``score >= cutoff``. ``act_from``
            None: nothing is acted on. ``review_from`` None: nothing is reviewed.
        split: equal scores that the reviews reach only in part, or None.
        counts: cases of the file: tp, fp, fn, tn, reviewed_positives, reviewed_negatives.
            By weight, and at the prevalence asked for, so that they need not be whole.
        rates: act_share, review_share, pass_share, precision, recall, fpr, specificity, npv, error.
        cross_fitted: whether its cost is that of rows that it was not chosen on. Rates and
            counts are those of the cutoffs shown, on the rows of the file.
        cost: mean cost per 1,000 cases; None without costs.
        apparent_cost: the same on the rows it was chosen on, which flatter it.
        total_cost: of the cases of a day, or of the file where their number a day is not given.
        excess: what it costs more than the recommended option per 1,000 cases, paired; None
            for the recommended one.
        index: the index that is to be large (``settings["maximize"]``), likewise on rows that the
            cutoff was not chosen on; apparent_index: on those that it was.
    """

    name: Name
    label: str
    review_from: float | None
    act_from: float | None
    counts: Counts
    rates: Rates
    split: Split | None = None
    cross_fitted: bool = False
    cost: Estimate | None = None
    apparent_cost: float | None = None
    total_cost: Estimate | None = None
    excess: Estimate | None = None
    index: Annotated[Estimate | None, Written.UNLESS_NONE] = None
    apparent_index: Annotated[float | None, Written.UNLESS_NONE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plateau:
    """Cutoffs among which the cheapest lies, with the confidence of intervals.

    Attributes:
        cutoff: "act_from" or "review_from".
        low, high: the range; None where it has no end on that side.
    """

    cutoff: Annotated[str, one_of("act_from", "review_from")]
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Where the cutoffs move when what was assumed changes.

    Attributes:
        change: a stable name: "miss_cost_halved", "miss_cost_doubled", "prevalence_halved",
            "prevalence_doubled", … label: the same in words.
        review_from, act_from: as in `Option`.
    """

    change: Name
    label: str
    review_from: float | None
    act_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A limit, and how it is shown to be kept.

    Attributes:
        limit: "min_precision", "min_recall", "max_fpr", "max_error", or "max_error_passing" (the
            same for cases let pass).
        value: the limit. confidence: with which it is shown; None where only these rows keep it.
        rows_needed: the fewest cases that could ever show it, none of them wrong.
        rows: cases that there are. tests: number of cutoffs tried.
        groups: that there are, in place of these rows, where they belong together.
    """

    limit: Annotated[
        str, one_of("min_precision", "min_recall", "max_fpr", "max_error", "max_error_passing")
    ]
    value: Share
    confidence: Inside | None
    rows_needed: Count | None = None
    rows: Count | None = None
    tests: Count | None = None
    groups: Annotated[Count | None, Written.UNLESS_NONE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    """A point of the cost curve: a single cutoff, on the rows of the file.

    Attributes:
        cutoff: None acts on nothing. cost: per 1,000 cases. precision, recall: None without cases.
        act_share: share of the cases that is acted on.
    """

    cutoff: float | None
    cost: float
    precision: Share | None
    recall: Share | None
    act_share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """A point of the risk–coverage curve.

    Attributes:
        cutoff: of the confidence. coverage: share of cases accepted. risk: of these, wrong.
    """

    cutoff: float
    coverage: Share
    risk: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceOutcome:
    """What the recommended cutoffs do to one slice.

    Attributes:
        column, value: the slice is the rows where ``column`` equals ``value``. rows: of it.
        counts, rates, cost: as in `Option`.
    """

    column: str
    value: str
    rows: Count
    counts: Counts
    rates: Rates
    cost: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCutoff:
    """The cutoff of one predicted class.

    Attributes:
        name: of the class. rows: predictions of it. act_from: accept from this confidence on;
            None where no cutoff keeps the limit. reason: why there is none.
        rates: act_share (accepted, of these predictions) and error (wrong, of those accepted).
    """

    name: str
    rows: Count
    act_from: float | None
    rates: Rates
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixDecision:
    """One rule of a cost matrix: "expected_cost" (the cheapest by the probabilities), "argmax".

    Attributes:
        cost: mean cost per 1,000 cases. promised: what the probabilities expect it to be.
        counts: cases by true class and decision, {truth: {decision: cases}}.
    """

    name: str
    cost: Estimate
    promised: float
    counts: dict[str, dict[str, Amount]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixResult:
    """Decisions under a cost matrix.

    Attributes:
        decisions: what can be decided, in the order of the matrix.
        rules: the cheapest decision by the probabilities, argmax, and the best single decision;
            the recommended one first.
        saving: cost of argmax less that of the expected-cost rule, per 1,000 cases, paired.
    """

    decisions: tuple[str, ...]
    rules: tuple[MatrixDecision, ...]
    saving: Estimate


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DecisionReport(Rendered):
    """Everything ``calaudit threshold`` recommends, and why.

    Attributes:
        calaudit: version that made it. classes: (negative, positive) for binary, or ().
        sentence: the recommendation, for people. lead: its first sentence.
        task: "binary", "top-label" or "multiclass". unit: of the cutoffs: "probability",
            "logit" or "score" (out of more than 1), "calibrated probability".
        settings: costs, limits, capacity, prevalence, level, seed, … as JSON values.
        volume: number of cases that totals are for. volume_of: "the file" or "a day".
        options: the recommended one first; () for a cost matrix or cutoffs by class.
        method: "calibrated rule", "empirical minimum", "current cutoff", "scores as
            probabilities", "cutoff of one half", "the same for all", "limits", "largest index" or
            "cost matrix".
        aurc: area under the risk–coverage curve; None where there is no confidence.
        groups: that rows belong together in, or None.
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
    unit: Unit
    volume: Amount
    volume_of: Annotated[str, one_of("the file", "a day")]
    method: str
    options: tuple[Option, ...] = ()
    plateaus: tuple[Plateau, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    cost_curve: tuple[CostPoint, ...] = ()
    aurc: Estimate | None = None
    risk_coverage: tuple[RiskPoint, ...] = ()
    slices: tuple[SliceOutcome, ...] = ()
    by_class: tuple[ClassCutoff, ...] = ()
    matrix: MatrixResult | None = None
    notes: tuple[Finding, ...] = ()
    lead: Annotated[str, Written.LATER] = ""
    groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    schema: str = DECISION_SCHEMA

    @property
    def recommended(self) -> Option | None:
        """The recommended option."""
        return self.options[0] if self.options else None

    @property
    def figures(self) -> Figures:
        """Cutoffs, rates and costs of every way to decide that was considered."""
        found: Figures = {("aurc", ""): self.aurc}
        for way in self.options:
            own = {"act_from": way.act_from, "review_from": way.review_from, **way.rates}
            own |= {"cost": way.cost, "total_cost": way.total_cost}
            found |= {(name, way.name): each for name, each in own.items()}
        for each in self.by_class:
            found |= {(name, each.name): rate for name, rate in each.rates.items()}
            found["act_from", each.name] = each.act_from
        if self.matrix is not None:
            found |= {("cost", rule.name): rule.cost for rule in self.matrix.rules}
            found["cost", "saving"] = self.matrix.saving
        return {name: each for name, each in found.items() if each is not None}

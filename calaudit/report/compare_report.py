"""The report of ``calaudit compare``: which of several models is better, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Amount, Count, Rows, Share, Task, Written, one_of
from calaudit.report.evaluation_report import Groups, Report
from calaudit.report.numbers import count
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.report.frame import Figures

COMPARE_SCHEMA = "calaudit.compare/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""

BETTER = {
    "log_loss": -1, "brier": -1, "smece": -1, "ece": -1, "auroc": 1, "accuracy": 1,
    "mean_confidence": 0, "gap": 0, "overconfidence": 0, "flips": 0, "silent_flips": 0,
}  # fmt: skip
"""Figures that are compared: whether less is better (−1), more (1), or neither (0)."""

OF_COPIES = ("overconfidence", "flips", "silent_flips")
"""Those of perturbed copies alone; the last two are shares: of the rows, and of the flips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model.

    Attributes:
        name: as it is told from others. report: on the rows that are compared.
        p_value: in the Model Confidence Set of three models or more: it cannot be told from the
            best where this is above 1 − level.
    """

    name: str
    report: Report
    p_value: Annotated[Share | None, Written.UNLESS_NONE] = None

    def figure(self, metric: str) -> Estimate:
        """Return a figure; "gap" is what it says less what is so."""
        gap = self.report.verdict.gap
        return gap if metric == "gap" else self.report.metrics[metric]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure of a model less that of another.

    Attributes:
        model: the one that is compared. other: with which; "" for the baseline.
        metric: the figure.
        estimate: the difference; its value is None where it is infinite, with the reason.
        rows_needed: rows (groups, where rows belong together) that would tell a difference as
            large as the one that was seen; None where these do, or it cannot be said.
    """

    model: str
    metric: str
    estimate: Estimate
    rows_needed: Rows | None = None
    other: str = ""

    @property
    def told(self) -> int:
        """−1 where the figure is surely less than that of the baseline, 1 where more, else 0."""
        low, high = self.estimate.low, self.estimate.high
        if low is None or high is None:
            return 0
        return 1 if low > 0 else -1 if high < 0 else 0

    @property
    def same(self) -> bool:
        """Whether it is 0 for certain: the models are the same by this figure."""
        return self.estimate.value == self.estimate.low == self.estimate.high == 0

    @property
    def better(self) -> int:
        """1 where the model is surely better by this figure, −1 where worse, 0 otherwise."""
        return self.told * BETTER[self.metric]


@dataclass(frozen=True, slots=True)
class SliceDifference:
    """How a model differs in one slice of the rows.

    Attributes:
        column, value: of the slice. rows: how many it has.
        difference: of the leading figure; interval and p-value are of all slices at once.
    """

    column: str
    value: str
    rows: Rows
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    """Mean cost at one cost ratio.

    Attributes:
        theta: of acting in vain, where not acting in need costs 1 − theta.
        baseline, model: mean cost of either.
        low, high: band of the difference, at all ratios at once; None where too few rows differ.
    """

    theta: Share
    baseline: Amount
    model: Amount
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The Murphy diagrams of a model and the baseline.

    Attributes:
        model: its name. finding: "better" or "worse" where it is at every ratio that the rows
            tell of, "cross" where either is at some, else "unknown".
        points: from the smallest ratio to the largest.
    """

    model: str
    finding: Annotated[str, one_of("better", "worse", "cross", "unknown")]
    points: tuple[CostPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """How the rows of all models were matched.

    Attributes:
        column: of the ids; None where the rows stand in the same order or in one file.
        matched: rows that every model has, which all figures are of.
        only: by model, its rows that another one does not have.
    """

    column: str | None
    matched: Rows
    only: dict[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How far scores moved from one set of rows to another.

    Attributes:
        psi, ks, wasserstein: distances of the scores. psi_chance, wasserstein_chance: what they
            are by chance. psi_limit: the 95 % point of the first by chance. ks_p: its p-value.
    """

    psi: Amount
    psi_chance: Amount
    psi_limit: Amount
    ks: Share
    ks_p: Share
    wasserstein: Share
    wasserstein_chance: Share

    @property
    def moved(self) -> bool:
        """Whether the scores surely moved."""
        return self.psi > self.psi_limit or self.ks_p < 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Moves):
    """What changed between two periods, or other sets of rows of their own.

    Attributes:
        map_p: p-value of one map from scores to outcomes; None where that cannot be tested, and
            ``map_reason`` says why.
        ece: in 15 equal bins, of the baseline. ece_of_scores: of its map under the other scores.
            ece_of_both: of the other rows.
    """

    map_p: Share | None
    map_reason: str
    ece: Share
    ece_of_scores: Share
    ece_of_both: Share

    @property
    def kind(self) -> str:
        """What changed: "both", "map", "scores", "none", or what is not known."""
        if self.map_p is None:
            return "unknown"
        turned = self.map_p < 0.05
        return {(1, 1): "both", (0, 1): "map", (1, 0): "scores"}.get((self.moved, turned), "none")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CompareReport(Rendered):
    """Several models side by side, the first of them the baseline.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        sentence: the answer, for people. lead: its first sentence.
        models: the baseline first.
        loss: the figure that leads: "log_loss", or "brier" where that is infinite.
        matching: how rows were matched; None where models were compared on rows of their own.
        differences: of every figure of every other model.
        agreement: by model, the rows that both, only the baseline, only the model, and neither
            has right; and McNemar's exact p-value.
        pairs: of three models or more all pairs by the leading figure; intervals and p-values are
            of all of them at once. costs: of binary labels.
        slices: of the leading figure, the surely worst first.
        groups: of rows that belong together; None where they are independent.
        change: between two sets of independent binary rows of their own; else None.
    """

    calaudit: str
    sentence: str
    settings: dict[str, Any]
    task: Task
    models: tuple[Model, ...]
    loss: Annotated[str, one_of("log_loss", "brier")]
    matching: Matching | None
    differences: tuple[Difference, ...]
    agreement: dict[str, tuple[float, ...]]
    pairs: tuple[Difference, ...] = ()
    costs: tuple[Costs, ...] = ()
    slices: tuple[SliceDifference, ...] = ()
    groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    change: Annotated[Change | None, Written.UNLESS_NONE] = None
    notes: tuple[Finding, ...] = ()
    lead: Annotated[str, Written.LATER] = ""
    schema: str = COMPARE_SCHEMA

    @property
    def baseline(self) -> Model:
        """The model that the others are compared with."""
        return self.models[0]

    @property
    def perturbed(self) -> bool:
        """Whether the other models are the first one on perturbed copies of the rows."""
        return any(each.metric == "flips" for each in self.differences)

    @property
    def size(self) -> str:
        """How much there is to tell from: groups where rows belong together."""
        if self.groups is not None:
            return self.groups.words
        return "rows" if self.matching is None else f"{count(self.matching.matched)} rows"

    @property
    def judged(self) -> int:
        """Differences in slices that have an interval: these hold all at once."""
        return sum(each.difference.estimate.low is not None for each in self.slices)

    @property
    def leading(self) -> str:
        """The figure that the first sentence is about."""
        return "accuracy" if self.perturbed else self.loss

    @property
    def contenders(self) -> list[Model]:
        """The models by how surely they may be the best; [] where there are two."""
        ranked = [model for model in self.models if model.p_value is not None]
        return sorted(ranked, key=lambda m: (-(m.p_value or 0.0), m.figure(self.loss).value or 0.0))

    def of(self, model: str) -> dict[str, Difference]:
        """Return the differences of a model, by figure."""
        return {each.metric: each for each in self.differences if each.model == model}

    @property
    def figures(self) -> Figures:
        """Those of each model, and its differences from the baseline."""
        found: Figures = {(d.model, f"{d.metric}_difference"): d.estimate for d in self.differences}
        own = ((m.name, name, each) for m in self.models for name, each in m.report.metrics.items())
        return {(model, name): each for model, name, each in own} | found

"""The report of ``calaudit ood``: whether scores tell rows that the model knows nothing of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Count, Share
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.report.frame import Figures

OOD_SCHEMA = "calaudit.ood/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""


TITLES = {
    "max-probability": "1 − largest probability", "entropy": "entropy", "max-logit":
    "largest logit", "energy": "energy", "score": "score",
}  # fmt: skip
"""Scores that tell, as they are called in tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How well one score tells one set of rows from those inside.

    Attributes:
        set: name of the set. score: of what is told by.
        auroc: probability that a row of the set is the more abnormal one, ties half.
        outside_precision, inside_precision: average precision with either side as the positive.
        accepted: share of the set that is accepted where 95 % of the inside rows are kept.
        accept_cutoff: of the score there. kept: share of the inside rows that is kept, in truth.
        flagged: share of the inside rows that is flagged where 95 % of the set are caught.
        flag_cutoff: of the score there. caught: share of the set that is caught, in truth.
    """

    set: str
    score: str
    auroc: Estimate
    outside_precision: Estimate
    inside_precision: Estimate
    accepted: Estimate
    accept_cutoff: float
    kept: Share
    flagged: Estimate
    flag_cutoff: float
    caught: Share


@dataclass(frozen=True, slots=True)
class RatePoint:
    """Shares of either side that are accepted at one cutoff."""

    inside: Share
    outside: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSet:
    """The rows of one set, the first of them inside.

    Attributes:
        name: as it is told from others. inputs: what was read.
        intake: rows read and used; those of one file that were refused are with the inside.
        acted: share that is acted on; None where no cutoff was given.
        shares: of the rows in each bin of the leading score.
        curve: accepted shares as the cutoff of the leading score moves; () of the inside.
    """

    name: str
    inputs: tuple[InputFile, ...]
    intake: IntakeResult
    acted: Estimate | None
    shares: tuple[Share, ...]
    curve: tuple[RatePoint, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows are used."""
        return self.intake.rows_used


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OodReport(Rendered):
    """Rows of the model's own kind, and sets of others.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        sentence: the answer, for people. lead: its first sentence.
        roles: how the scores were read.
        leading: the score that the answer is about.
        sets: the rows inside, then those outside, the easiest to tell first.
        detections: of every score and every set outside, the best first in each set.
        edges: of the bins of the leading score; the outermost take in all beyond.
        cutoff: from which a prediction is acted on; None where none was given.
        rows: of all sets.
    """

    calaudit: str
    sentence: str
    lead: str
    settings: dict[str, Any]
    roles: tuple[RoleResult, ...]
    leading: str
    sets: tuple[RowSet, ...]
    detections: tuple[Detection, ...]
    edges: tuple[float, ...]
    cutoff: float | None = None
    rows: Count = 0
    notes: tuple[Finding, ...] = ()
    schema: str = OOD_SCHEMA

    @property
    def inside(self) -> RowSet:
        """The rows of the model's own kind."""
        return self.sets[0]

    @property
    def intake(self) -> IntakeResult:
        """What was read of all sets."""
        every = [each.intake for each in self.sets]
        refused = sum((Counter(each.refused) for each in every), Counter[str]())
        read, used = (sum(getattr(each, n) for each in every) for n in ("rows_read", "rows_used"))
        return IntakeResult(rows_read=read, rows_used=used, refused=dict(refused))

    @property
    def leads(self) -> list[Detection]:
        """The detections by the leading score, in the order of the sets."""
        return [each for each in self.detections if each.score == self.leading]

    @property
    def figures(self) -> Figures:
        """How well each score tells each set from the rows inside."""
        rates = ("auroc", "outside_precision", "inside_precision", "accepted", "flagged")
        return {(d.set, d.score, rate): getattr(d, rate) for d in self.detections for rate in rates}

"""The report of ``calaudit ensemble``: what the members' mean is worth, and their disagreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Count, Rows, Share
from calaudit.report.compare_report import Model
from calaudit.report.evaluation_report import WorstRow
from calaudit.report.rendered import Rendered

ENSEMBLE_SCHEMA = "calaudit.ensemble/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtPart:
    """A tenth of the rows, the surest first.

    Attributes:
        rows: of it. data: expected entropy. model: mutual information. wrong: share of errors.
    """

    rows: Rows
    data: float
    model: float
    wrong: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedRow(WorstRow):
    """A row of the mean with its mutual information, and how many members predict each class."""

    information: float
    votes: dict[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnsembleReport(Rendered):
    """Members, their mean, and what they disagree on.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        sentence: the answer, for people. lead: its first sentence.
        mean: figures of the members' mean. members: of each.
        metrics: means over rows of ``predictive_entropy``, ``expected_entropy`` and
            ``mutual_information``, also ``mutual_information_corrected``; AUROC for errors of the
            mean (``error_auroc_…``); change of its log loss by calibration.
        method: of that calibration; "" where rows are too few.
        parts: tenths of the rows by predictive entropy.
        worst: rows that members disagree on most.
    """

    calaudit: str
    sentence: str
    lead: str
    settings: dict[str, Any]
    mean: Model
    members: tuple[Model, ...]
    metrics: dict[str, Estimate]
    method: str
    parts: tuple[DoubtPart, ...]
    worst: tuple[DisputedRow, ...] = ()
    notes: tuple[Finding, ...] = ()
    schema: str = ENSEMBLE_SCHEMA

    def average(self, metric: str) -> float:
        """Return a figure of the members, averaged."""
        return sum(m.report.metrics[metric].value or 0.0 for m in self.members) / len(self.members)

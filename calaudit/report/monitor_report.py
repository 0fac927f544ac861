"""The report of ``calaudit monitor``: batches in order of time, and the evidence of all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Amount, Count, Rows, Share, Task, Written, one_of
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS
from calaudit.report.compare_report import Change
from calaudit.report.evaluation_report import InputFile, RoleResult
from calaudit.report.numbers import count
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    import pandas as pd

    from calaudit.report.frame import Figures

MONITOR_SCHEMA = "calaudit.monitor/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A limit of a saved threshold, on the rows of a batch that it is about.

    Attributes:
        limit: its name. value: the largest share of errors that it allows.
        rows: it is about so many. errors: how many of them are wrong.
        log_evidence: log of the evidence that the share is larger, of all batches so far.
    """

    limit: str
    value: Share
    rows: Amount
    errors: Amount
    log_evidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a saved threshold does to a batch.

    Attributes:
        review, act: share of the rows that is reviewed, and acted on.
        cost: realised, per 1,000 cases; None without costs.
        promises: the limits that it was chosen to keep.
    """

    review: Share
    act: Share
    cost: Annotated[float | None, Written.UNLESS_NONE] = None
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch that was counted.

    Attributes:
        name: of its period or file. rows: that it has. digest: of them, to know it again.
        stated: mean score. observed: mean outcome. gap: the first less the second.
        log_evidence: log of the evidence of it and all batches before it.
        beyond: whether the means of bands are beyond the tolerance, where batches are the units.
        counts, scores, ones: by tenth of the scores its rows, the sum of their scores, and how
            many outcomes are 1.
        bands: by band of scores the mean outcome less the mean score; null without rows.
        watched: what a saved threshold does to it.
    """

    name: str
    rows: Rows
    digest: str
    stated: Share
    observed: Share
    gap: Estimate
    log_evidence: float
    beyond: bool
    counts: tuple[Count, ...]
    scores: tuple[Amount, ...]
    ones: tuple[Count, ...]
    bands: tuple[float | None, ...] = ()
    watched: Annotated[Watched | None, Written.UNLESS_NONE] = None

    @property
    def evidence(self) -> float:
        """E after this batch; what is beyond numbers is the largest of them."""
        return math.exp(min(self.log_evidence, 700.0))


def batches_text(number: int) -> str:
    """Return a number of batches.

    >>> batches_text(1), batches_text(1200)
    ('1 batch', '1,200 batches')
    """
    return f"{count(number)} batch{'' if number == 1 else 'es'}"


def evidence_text(log: float) -> str:
    """Return evidence by its log, with three digits.

    >>> evidence_text(0.0), evidence_text(4.0), evidence_text(2000.0)
    ('1', '54.6', '1e+868')
    """
    if abs(log) < 12.0:
        return f"{math.exp(log):,.3g}"
    power = math.floor(log / math.log(10.0))
    return f"1e{power:+d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A batch that is not counted yet.

    Attributes:
        name: of it. rows: that it has. labelled: of them with a label.
        reason: "labels" where some are missing, "earlier" where an earlier batch waits, "rows"
            where it is not full.
    """

    name: str
    rows: Count
    labelled: Count
    reason: Annotated[str, one_of("labels", "earlier", "rows")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffScores:
    """Scores that are off since a shift began.

    Attributes:
        lower, upper: ends of the scores. rows: that there are.
        stated: mean score. observed: mean outcome.
    """

    lower: Share
    upper: Share
    rows: Rows
    stated: Share
    observed: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Since when scores are off, in which direction, and where.

    Attributes:
        began: the first batch of it, by the lowest evidence before the highest.
        alarm: the batch after which it was an alarm.
        direction: of the scores: "too high", "too low", "too extreme" or "too timid".
        stated, observed: mean score and outcome since then.
        scores: the tenths of the scores that are surely off, the worst first.
    """

    began: str
    alarm: str
    direction: Annotated[str, one_of("too high", "too low", "too extreme", "too timid")]
    stated: Share
    observed: Share
    scores: tuple[OffScores, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """How long it takes to find the smallest shift that matters.

    Attributes:
        rows: of a batch, the median. shift: of the mean outcome that matters.
        batches: after which it is found, half of the time; None where it is never likely to be.
        rows_needed: rows of so many batches.
    """

    rows: Rows
    shift: Share
    batches: Rows | None
    rows_needed: Rows | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MonitorReport(Rendered):
    """Every batch so far, what they tell together, and whether it is an alarm.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        status: "FAIL" for an alarm, "INCONCLUSIVE" where nothing can be said yet, else "PASS".
        sentence: the verdict, for people. lead: its first sentence.
        inputs, roles, task, classes: of the data that was read last.
        units: what is taken as independent: "rows", or "batches" whose means alone are used.
        batches: in order of time. waiting: those that are not counted yet.
        new: how many of the batches are new.
        shift: where there was an alarm. recheck: when to look again.
        change: from the reference to the last ten batches; None without one.
        capacity: share of the rows that the saved threshold may have reviewed; None without one.
    """

    calaudit: str
    status: Annotated[str, one_of(PASS, FAIL, INCONCLUSIVE)]
    sentence: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    task: Task
    classes: tuple[str, ...]
    units: Annotated[str, one_of("rows", "batches")]
    batches: tuple[Batch, ...]
    waiting: tuple[Waiting, ...]
    new: Count
    shift: Shift | None = None
    recheck: Recheck | None = None
    change: Change | None = None
    capacity: Share | None = None
    notes: tuple[Finding, ...] = ()
    lead: str = ""
    schema: str = MONITOR_SCHEMA

    @property
    def alarm_at(self) -> float:
        """The evidence that is an alarm."""
        return 1.0 / float(self.settings["alpha"])

    @property
    def highest(self) -> Batch | None:
        """The batch after which the evidence was highest."""
        return max(self.batches, key=lambda batch: batch.log_evidence, default=None)

    @property
    def rows(self) -> int:
        """Rows of all batches that were counted."""
        return sum(batch.rows for batch in self.batches)

    @property
    def failed(self) -> bool:
        """Whether there was an alarm."""
        return self.status == FAIL

    @property
    def passed(self) -> bool:
        """Whether batches were judged, and none of them was an alarm."""
        return self.status == PASS

    def __bool__(self) -> bool:
        """Return whether there is no alarm; ``assert calaudit.monitor(...)`` shows it."""
        strict = bool(self.settings.get("strict"))
        return not self.failed and not (strict and self.status == INCONCLUSIVE)

    @property
    def figures(self) -> Figures:
        """The evidence and what it is of, and the last batch."""
        found: Figures = {("alarm",): float(self.failed), ("rows",): self.rows}
        found["batches",] = len(self.batches)
        for last in self.batches[-1:]:
            found |= {("evidence",): last.evidence, ("gap",): last.gap}
            found |= {("stated",): last.stated, ("observed",): last.observed}
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return the batches as a pandas frame: one row a batch."""
        import pandas as pd

        return pd.DataFrame(
            {
                "rows": [b.rows for b in self.batches],
                "stated": [b.stated for b in self.batches],
                "observed": [b.observed for b in self.batches],
                "low": [b.gap.low for b in self.batches],
                "high": [b.gap.high for b in self.batches],
                "evidence": [b.evidence for b in self.batches],
            },
            index=pd.Index([b.name for b in self.batches], name="batch"),
        )

"""The report of ``calaudit check``: what was demanded, what was found, and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.options.choices import TASKS
from calaudit.records.limits import Amount, Count, Limits, Rows, Share, Written, one_of
from calaudit.report.evaluation_report import Groups, InputFile, IntakeResult, RoleResult
from calaudit.report.rendered import Rendered
from calaudit.visible import shortened, visible

if TYPE_CHECKING:
    from calaudit.report.frame import Figures

CHECK_SCHEMA = "calaudit.check/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""

ROOM = 180
"""Characters of the rules in a representation; pytest cuts what has more than 240."""

BETTER_HIGH = ("accuracy", "auroc", "average_precision", "scaled_brier", "coverage")
"""Figures of which more is better."""

PASS, FAIL, INCONCLUSIVE = "PASS", "FAIL", "INCONCLUSIVE"
Status = Annotated[str, one_of(PASS, FAIL, INCONCLUSIVE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule on the whole file or on one slice.

    Attributes:
        rule: as it is written as an option: "--max-increase ece=0.01".
        metric: what it is about. limit: the largest (smallest) figure, or change for the worse.
        relative: whether it is about a change from the baseline.
        column, value: the slice; None for all rows.
        status: "PASS", "FAIL" or "INCONCLUSIVE".
        before, after: the figures; the median-unbiased point for those that have one. ``before``
            is None for an absolute rule.
        change: what is held against the limit: the figure, or its change, positive for the worse.
        low, high: one-sided bounds of it, at the confidence of the rule; ``low`` of a slice at
            that left after all slices are judged together.
        confidence: of the rule.
        resolvable: the smallest true change (or figure) that so many rows are likely to fail.
        rows_needed: rows that would be likely to settle what was found (where there is no
            baseline yet: from which no change passes); None when it is settled, or no number of
            rows would. groups_needed: likewise groups, where rows belong together.
        text: all of it in a line.
    """

    rule: str
    metric: str
    limit: Amount
    relative: bool
    status: Status
    confidence: Share
    text: str
    column: str | None = None
    value: str | None = None
    before: float | None = None
    after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    resolvable: float | None = None
    rows_needed: Rows | None = None
    groups_needed: Annotated[Rows | None, Written.UNLESS_NONE] = None

    @property
    def needed(self) -> int | None:
        """Rows, or groups where rows belong together, that would settle it."""
        return self.rows_needed if self.groups_needed is None else self.groups_needed

    @property
    def at_least(self) -> bool:
        """Whether the limit is the smallest figure that is allowed, and not the largest."""
        return not self.relative and self.metric in (*BETTER_HIGH, "n")

    @property
    def planned(self) -> bool:
        """Whether there is no baseline yet, so that it says only what these rows can settle."""
        return self.relative and self.before is None and self.resolvable is not None

    @property
    def where(self) -> str:
        """The slice in words, as in "region = north"; "" for all rows."""
        return "" if self.column is None else f"{self.column} = {self.value}"

    @property
    def digits(self) -> int:
        """Decimals that show the limit and the ends of the interval apart."""
        ends = [x for x in (self.low, self.high, self.limit) if x is not None]
        gaps = [abs(a - b) for i, a in enumerate(ends) for b in ends[i + 1 :] if a != b]
        smallest = min(gaps, default=0.01)
        return min(max(3, -math.floor(math.log10(smallest))), 8)

    @property
    def told(self) -> tuple[str, str, str]:
        """The text without its status, in three parts of which the second is the slice.

        The slice comes from the data, so that every renderer has to escape it.
        """
        text = self.text.removeprefix(f"{self.status} ")
        before, found, after = text.partition(f" where {self.where}")
        return (before, self.where, after) if self.where and found else (text, "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure of both files, for the table that people read. before: None without a baseline."""

    metric: str
    before: Estimate | None
    after: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How rows of both files were matched.

    Attributes:
        column: the id. matched: rows in both. only_before, only_after: rows in one of them.
        correlations: of the parts that each row has in a figure, by metric.
    """

    column: str
    matched: Count
    only_before: Count
    only_after: Count
    correlations: dict[str, Annotated[float, Limits({"minimum": -1, "maximum": 1})]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckReport(Rendered):
    """Every rule with its verdict; it fails where one of them fails.

    Attributes:
        calaudit: version that made it. settings: what was asked, as JSON values.
        status: "FAIL" where a rule fails, else "INCONCLUSIVE" where one is, else "PASS".
        sentence: the verdict, for people. lead: its first sentence.
        inputs, roles, intake, task: of the new file.
        baseline: path of the baseline (or of the old predictions), or None.
        baseline_rows: rows behind it. rows: rows of the new file.
        results: failed rules first, then inconclusive ones.
        compared: the main figures, before and after.
        pairing: where rows were matched by an id.
        name: of the gate in the configuration, or "".
        groups, baseline_groups: those of both files, where rows belong together.
    """

    calaudit: str
    status: Status
    sentence: str
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    settings: dict[str, Any]
    task: Annotated[str, one_of(*TASKS, "forecast")]
    intake: IntakeResult
    baseline: str | None
    baseline_rows: Count | None
    rows: Count
    results: tuple[RuleResult, ...]
    compared: tuple[Compared, ...]
    pairing: Pairing | None = None
    notes: tuple[Finding, ...] = ()
    name: Annotated[str, Written.LATER] = ""
    lead: Annotated[str, Written.LATER] = ""
    groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    baseline_groups: Annotated[Groups | None, Written.UNLESS_NONE] = None
    schema: str = CHECK_SCHEMA

    @property
    def unsettled(self) -> str:
        """A line on all results that are inconclusive, however many there are; "" for none."""
        found = [r for r in self.results if r.status == INCONCLUSIVE and not r.planned]
        if len(found) < 2:
            return "".join(result.text.removeprefix(f"{INCONCLUSIVE} ") for result in found)
        whole = [result.metric for result in found if result.column is None]
        parts = [", ".join(whole)] if whole else []
        slices = len(found) - len(whole)
        parts += [f"{slices} of slices"] if slices else []
        line = f"{len(found)} rules are open ({' and '.join(parts)})"
        rows = sorted(result.needed for result in found if result.needed is not None)
        if not rows:
            return line
        what = "rows" if self.groups is None else "groups"
        first, last = (float(f"{n:.2g}") for n in (rows[0], rows[-1]))
        span = f"{first:,.0f}" if first == last else f"{first:,.0f} to {last:,.0f}"
        most = "them" if len(rows) == len(found) else f"{len(rows)} of them"
        return f"{line}: about {span} {what} each would settle {most}"

    @property
    def passed(self) -> bool:
        """Whether every rule passed: nothing failed and nothing is inconclusive."""
        return self.status == PASS

    @property
    def failed(self) -> bool:
        """Whether a rule failed."""
        return self.status == FAIL

    def breaks(self, status: str) -> bool:
        """Return whether a rule of this status ends a build: under strict an inconclusive one."""
        return status == FAIL or (status == INCONCLUSIVE and bool(self.settings.get("strict")))

    def __bool__(self) -> bool:
        """Return whether nothing ends the build; ``assert calaudit.check(...)`` shows it."""
        return not self.breaks(self.status)

    @property
    def figures(self) -> Figures:
        """Those of the baseline and of these rows, and how many rules passed or did not."""
        found: Figures = {
            (each.metric, side): getattr(each, side)
            for each in self.compared
            for side in ("before", "after")
            if getattr(each, side) is not None
        }
        statuses = [result.status for result in self.results]
        told = (PASS, FAIL, INCONCLUSIVE)
        return found | {("rules", each.lower()): statuses.count(each) for each in told}

    def __repr__(self) -> str:
        """Return the verdict and what did not pass in one line, which pytest shows whole."""
        open_ = [result.text for result in self.results if result.status == FAIL]
        open_ += [f"{INCONCLUSIVE} {self.unsettled}"] if self.unsettled else []
        found = [shortened(self.sentence, 120)]
        for number, text in enumerate(open_):
            found.append(shortened(visible(text.partition(": ")[0]), 120))
            if sum(map(len, found)) > ROOM:
                found[-1] = f"{len(open_) - number} more, see str()"
                break
        return f"<calaudit check: {' | '.join(found)}>"

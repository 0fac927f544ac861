"""Rules judged together: which fail, which pass, and which these rows cannot settle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from calaudit.errors import InputError
from calaudit.gate.comparison import Bounds, Change, bounds_of, change_between
from calaudit.gate.rules import Rule
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, RuleResult

__all__ = ["Case", "judge"]

MOST_ROWS = 10**12

NOTHING = Bounds(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One rule on one part of the rows.

    Attributes:
        rule: what must be kept.
        after: the new figure. before: that of the baseline; None for an absolute rule.
        rows: of the new file (in the slice). rows_before: of the baseline, likewise.
        column, value: the slice; None for all rows.
        correlation: of matched rows; 0 for separate ones.
        missing: why there is nothing to compare with; None where there is.
    """

    rule: Rule
    after: Estimate
    before: Estimate | None
    rows: int
    column: str | None = None
    value: str | None = None
    correlation: float = 0.0
    missing: str | None = None
    rows_before: int | None = None

    @property
    def figure(self) -> str:
        """The metric, and whether it is not the plain figure that is judged."""
        return f"{'' if self.after.unbiased is None else 'unbiased '}{self.rule.metric}"

    @property
    def where(self) -> str:
        """The slice in words."""
        return "" if self.column is None else f" where {self.column} = {self.value}"

    def change(self, confidence: float) -> Change:
        """Return what is held against the limit, positive for the worse.

        Raises:
            InputError: a figure has no interval, so that nothing can be said.
        """
        return change_between(*self.sides(confidence), self.correlation)

    def sides(self, confidence: float) -> tuple[Bounds, Bounds]:
        """Return both figures, larger for the worse; without a baseline the old one is 0."""
        after = self._bounds(self.after, confidence, "the new file")
        before = NOTHING
        if self.rule.relative:
            assert self.before is not None
            before = self._bounds(self.before, confidence, "the baseline")
        if self.rule.worse_is_more:
            return before, after
        return before.negated(), after.negated()

    def _bounds(self, estimate: Estimate, confidence: float, which: str) -> Bounds:
        bounds = bounds_of(estimate, confidence)
        if bounds is None:
            why = f" ({estimate.reason})" if estimate.reason else ""
            raise InputError(
                f"{self.rule.option} cannot be judged: {self.rule.metric} of {which}{self.where} "
                f"has no interval{why}"
            )
        return bounds

    @property
    def limit(self) -> float:
        """The bound on the scale of `change`."""
        plain = self.rule.relative or self.rule.worse_is_more
        return self.rule.limit if plain else -self.rule.limit


def judge(cases: list[Case]) -> list[RuleResult]:
    """Return the verdict on every case.

    A rule fails where the lower bound of the change is above the limit. The chance that any
    of them fails by accident is held at 1 − confidence over all of them (Holm 1979): the k cases
    are judged at (1 − confidence)/k first, and those that remain, as some fail, less strictly. It
    passes where the upper bound at its own confidence is below the limit.

    Raises:
        InputError: a figure has no interval.
    """
    open_ = [case for case in cases if case.missing is None]
    failed: set[int] = set()
    while True:
        share = max(len(open_) - len(failed), 1)
        new = {
            i
            for i, case in enumerate(open_)
            if i not in failed and case.change(_adjusted(case.rule, share)).low > case.limit
        }
        if not new:
            break
        failed |= new
    results = {
        id(case): _result(case, i in failed, _adjusted(case.rule, share))
        for i, case in enumerate(open_)
    }
    return [results.get(id(case)) or _skipped(case) for case in cases]


def _adjusted(rule: Rule, share: int) -> float:
    return 1.0 - (1.0 - rule.confidence) / share


def _result(case: Case, failed: bool, adjusted: float) -> RuleResult:
    rule, limit = case.rule, case.limit
    strict, plain = case.change(adjusted), case.change(rule.confidence)
    status = FAIL if failed else PASS if plain.high < limit else INCONCLUSIVE
    sign = 1.0 if rule.relative or rule.worse_is_more else -1.0
    value, low, high = sign * plain.value, sign * strict.low, sign * plain.high
    # A figure near its end has little room below it; another that fails would have more.
    reach = max(strict.value - strict.low, strict.high - strict.value)
    resolvable = sign * (limit + reach)
    needed = _rows_needed(case, plain) if status == INCONCLUSIVE else None
    result = RuleResult(
        rule=rule.option,
        metric=rule.metric,
        limit=rule.limit,
        relative=rule.relative,
        status=status,
        confidence=rule.confidence,
        text="",
        column=case.column,
        value=case.value,
        before=case.before.led if rule.relative and case.before is not None else None,
        after=case.after.led,
        change=value,
        low=min(low, high),
        high=max(low, high),
        resolvable=resolvable,
        rows_needed=needed,
    )
    return _with_text(result, case)


def _rows_needed(case: Case, change: Change) -> int | None:
    """Return rows that would be likely to settle it: the interval shrinks with their root.

    For a change: had there been none, the upper bound would then lie below the margin. For a
    figure: the nearer bound would lie on the same side of the limit as the figure.
    """
    if case.rule.relative:
        distance, fewest = case.limit, min(case.rows, case.rows_before or case.rows)
        squares = _rows_times_square(case, change)
    else:
        below = change.value < case.limit
        half = change.high - change.value if below else change.value - change.low
        distance, fewest = abs(change.value - case.limit), case.rows
        squares = case.rows * half**2
    if distance <= 0 or squares <= 0:
        return None
    needed = squares / distance**2
    if not math.isfinite(needed) or needed > MOST_ROWS:
        return None
    return max(math.ceil(needed), fewest + 1)


def _rows_times_square(case: Case, change: Change) -> float:
    """Return n·h², which both files would share at n rows each, for the upper half h of a change.

    The rows of matched files are the same; those of others may be many in one and few in the
    other.
    """
    if case.correlation or case.rows_before is None:
        return case.rows * (change.high - change.value) ** 2
    before, after = case.sides(case.rule.confidence)
    up, down = after.high - after.point, before.point - before.low
    longer = (1.0 + max(before.slack, after.slack)) ** 2
    return longer * (case.rows * up**2 + case.rows_before * down**2)


def _with_text(result: RuleResult, case: Case) -> RuleResult:
    return replace(result, text=_text(result, case))


def _text(result: RuleResult, case: Case) -> str:
    name = case.figure + case.where
    assert result.after is not None
    assert result.change is not None
    assert result.low is not None
    assert result.high is not None
    digits = _digits(result)
    if result.relative:
        assert result.before is not None
        worse = 1.0 if case.rule.worse_is_more else -1.0
        ends = sorted((worse * result.low, worse * result.high))
        text = (
            f"{result.status} {name} {result.before:z.{digits}f} → {result.after:z.{digits}f}, "
            f"{worse * result.change:+z.{digits}f} "
            f"[{ends[0]:+z.{digits}f}, {ends[1]:+z.{digits}f}] "
            f"against a margin of {result.limit:.{digits}g}"
        )
    else:
        word = "at most" if case.rule.worse_is_more else "at least"
        text = (
            f"{result.status} {name} {result.after:z.{digits}f} [{result.low:z.{digits}f}, "
            f"{result.high:z.{digits}f}] against {word} {result.limit:.{digits}g}"
        )
    if result.status != INCONCLUSIVE:
        return text
    assert result.resolvable is not None
    what = "change" if result.relative else "figure"
    settle = "" if result.rows_needed is None else (
        f"; about {_rounded(result.rows_needed):,} rows"
        f"{' of each file' if result.relative else ''} would settle it"
    )  # fmt: skip
    return (
        f"{text}: with {case.rows:,} rows the smallest {what} that can fail is about "
        f"{result.resolvable:z.{digits}f}{settle}"
    )


def _digits(result: RuleResult) -> int:
    """Return decimals that show the limit and the ends of the interval apart."""
    ends = [x for x in (result.low, result.high, result.limit) if x is not None]
    gaps = [abs(a - b) for i, a in enumerate(ends) for b in ends[i + 1 :] if a != b]
    smallest = min(gaps, default=0.01)
    return min(max(3, -math.floor(math.log10(smallest))), 8)


def _rounded(rows: int) -> int:
    size = int(10 ** max(len(str(rows)) - 2, 0))
    return math.ceil(rows / size) * size


def _skipped(case: Case) -> RuleResult:
    return RuleResult(
        rule=case.rule.option,
        metric=case.rule.metric,
        limit=case.rule.limit,
        relative=case.rule.relative,
        status=INCONCLUSIVE,
        confidence=case.rule.confidence,
        text=f"{INCONCLUSIVE} {case.figure}{case.where}: not compared, {case.missing}",
        column=case.column,
        value=case.value,
        after=case.after.led,
    )

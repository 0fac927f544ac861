"""Rules judged: which fail, which pass, and which these rows cannot settle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from calaudit.errors import InputError
from calaudit.gate.comparison import Bounds, Change, bounds_of, change_between, reach
from calaudit.gate.rules import Rule
from calaudit.metrics.estimate import Estimate
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, RuleResult
from calaudit.tables.groups import MOST_GROUPS

MOST_ROWS = 10**12

NOTHING = Bounds(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One rule on one part of the rows.

    Attributes:
        rule: what must be kept.
        after: the new figure. before: that of the baseline; None for an absolute rule.
        rows: of the new file (in the slice), or groups where they are ``grouped``.
        rows_before: of the baseline, likewise.
        column, value: the slice; None for all rows.
        correlation: of matched rows; 0 for separate ones.
        missing: why there is nothing to compare with; None where there is.
        unchanged: whether the predictions are the same as before.
        first: whether there is no baseline yet: ``before`` is then as the new figure, as that of
            another file of so many rows that has not changed, to say what can be settled.
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
    unchanged: bool = False
    first: bool = False
    grouped: bool = False

    @property
    def open(self) -> bool:
        """Whether there is something to compare with."""
        return self.missing is None and not self.first

    @property
    def figure(self) -> str:
        """The metric, and whether it is not the plain figure that is judged."""
        if self.rule.share is not None:
            return f"errors of the surest {100 * self.rule.share:g} %"
        return f"{'' if self.after.unbiased is None else 'unbiased '}{self.rule.metric}"

    @property
    def what(self) -> str:
        """What counts."""
        return "groups" if self.grouped else "rows"

    @property
    def where(self) -> str:
        """The slice in words."""
        return "" if self.column is None else f" where {self.column} = {self.value}"

    def change(self, confidence: float) -> Change:
        """Return what is held against the limit, positive for the worse.

        Raises:
            InputError: a figure has no value or interval, so that nothing can be said.
        """
        if self.unchanged and self.after.point is not None:
            return Change(0.0, 0.0, 0.0)
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
                f"has no {'value' if estimate.point is None else 'interval'}{why}"
            )
        return bounds

    @property
    def limit(self) -> float:
        """The bound on the scale of `change`."""
        plain = self.rule.relative or self.rule.worse_is_more
        return self.rule.limit if plain else -self.rule.limit


def judge(cases: list[Case], *, failed: bool = False) -> list[RuleResult]:
    """Return the verdict on every case.

    A rule fails where the lower bound of the change is above the limit, and passes where the
    upper one is below it, both at the confidence of the rule. On all rows each is judged as if it
    were the only one, so that no other rule and no slice hides what fails without it. The slices
    are a family by themselves: the chance that any of them fails by accident is held at 1 −
    confidence (Holm 1979): the k slices are judged at (1 − confidence)/k first, and those that
    remain, as some fail, less strictly.

    Args:
        cases: every rule on every part of the rows.
        failed: whether another rule has failed already.

    Raises:
        InputError: a figure has no value or interval, and nothing fails that would be hidden.
    """
    families = [[case] for case in cases if case.column is None or not case.open]
    families.append([case for case in cases if case.column is not None and case.open])
    results: dict[int, RuleResult] = {}
    refused: list[InputError] = []
    for family in families:
        try:
            results |= {id(case): result for case, result in _judged(family)}
        except InputError as error:
            refused.append(error)
            text = f"{INCONCLUSIVE} {error}"
            results |= {id(c): replace(_bare(c, INCONCLUSIVE), text=text) for c in family}
    if refused and not failed and all(result.status != FAIL for result in results.values()):
        raise refused[0]
    return [results[id(case)] for case in cases]


def _judged(family: list[Case]) -> list[tuple[Case, RuleResult]]:
    """Return the verdicts on cases of which any fails by accident in 1 − confidence (Holm)."""
    if not all(case.open for case in family):
        return [(case, _unjudged(case)) for case in family]
    failed: set[int] = set()
    while True:
        share = max(len(family) - len(failed), 1)
        new = {
            i
            for i, case in enumerate(family)
            if i not in failed and case.change(_adjusted(case.rule, share)).low > case.limit
        }
        if not new:
            break
        failed |= new
    return [
        (case, _result(case, i in failed, _adjusted(case.rule, share)))
        for i, case in enumerate(family)
    ]


def _adjusted(rule: Rule, share: int) -> float:
    return 1.0 - (1.0 - rule.confidence) / share


def _result(case: Case, failed: bool, adjusted: float) -> RuleResult:
    rule, limit = case.rule, case.limit
    strict, plain = case.change(adjusted), case.change(rule.confidence)
    kept = case.unchanged or plain.high < limit
    status = FAIL if failed else PASS if kept else INCONCLUSIVE
    sign = 1.0 if rule.relative or rule.worse_is_more else -1.0
    value, low, high = sign * plain.value, sign * strict.low, sign * plain.high
    settled = None if status != INCONCLUSIVE else Change(plain.value, strict.low, plain.high)
    result = replace(
        _bare(case, status),
        before=case.before.point if rule.relative and case.before is not None else None,
        change=value,
        low=min(low, high),
        high=max(low, high),
        resolvable=None if case.unchanged else _resolvable(case, adjusted),
    )
    if settled is not None:
        result = _needing(result, case, _rows_needed(case, settled))
    return replace(result, text=_text(result, case))


def _bare(case: Case, status: str) -> RuleResult:
    """Return what is known of a case before it is judged."""
    return RuleResult(
        rule=case.rule.option,
        metric=case.rule.metric,
        limit=case.rule.limit,
        relative=case.rule.relative,
        status=status,
        confidence=case.rule.confidence,
        text="",
        column=case.column,
        value=case.value,
        after=case.after.point,
    )


def _resolvable(case: Case, confidence: float) -> float:
    """Return the smallest figure, or change, of which about every second is seen to be too much.

    A figure near its end has little room below it; another that fails would have more.
    """
    sign = 1.0 if case.rule.relative or case.rule.worse_is_more else -1.0
    return sign * (case.limit + reach(*case.sides(confidence), case.correlation))


def _rows_needed(case: Case, change: Change) -> int | None:
    """Return rows of each file at which such a change would be settled.

    The distance from it to the bound that is nearer to the limit shrinks with their root; of two
    files, which may have many rows and few, each gives its part.
    """
    before, after = case.sides(case.rule.confidence)
    if change.value < case.limit:
        half = change.high - change.value
        parts = (after.high - after.point, before.point - before.low)
    else:
        half = change.value - change.low
        parts = (after.point - after.low, before.high - before.point)
    squares = [part**2 for part in parts]
    distance, rows_before = abs(change.value - case.limit), case.rows_before or case.rows
    if distance <= 0 or not sum(squares) > 0:
        return None
    rows = (case.rows * squares[0] + rows_before * squares[1]) / sum(squares)
    needed = rows * (half / distance) ** 2
    if not math.isfinite(needed) or needed > MOST_ROWS:
        return None
    return max(math.ceil(needed), min(case.rows, rows_before) + 1)


def _needing(result: RuleResult, case: Case, needed: int | None) -> RuleResult:
    """Return a result with the rows, or groups, that would settle it; groups if all are known."""
    if case.grouped:
        return replace(result, groups_needed=needed if case.rows < MOST_GROUPS else None)
    return replace(result, rows_needed=needed)


def _text(result: RuleResult, case: Case) -> str:
    name = case.figure + case.where
    assert result.after is not None
    assert result.change is not None
    assert result.low is not None
    assert result.high is not None
    digits = result.digits
    if result.relative:
        assert result.before is not None
        worse = 1.0 if case.rule.worse_is_more else -1.0
        ends = sorted((worse * result.low, worse * result.high))
        change = (
            f"{worse * result.change:+z.{digits}f} [{ends[0]:+z.{digits}f}, {ends[1]:+z.{digits}f}]"
        )
        text = (
            f"{result.status} {name} {result.before:z.{digits}f} → {result.after:z.{digits}f}, "
            f"{'unchanged' if case.unchanged else change} "
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
    such = "such " if case.column is not None else ""
    settle = "" if result.needed is None else (
        f"; about {_rounded(result.needed):,} {such}{case.what}"
        f"{' of each file' if result.relative else ''} would settle it"
    )  # fmt: skip
    return f"{text}: {_smallest(result, case, digits)}{settle}"


def _smallest(result: RuleResult, case: Case, digits: int) -> str:
    assert result.resolvable is not None
    such = "such " if case.column is not None else ""
    what = "change" if result.relative else "figure"
    rows = f"{'more than ' * (case.grouped and case.rows >= MOST_GROUPS)}{case.rows:,}"
    return (
        f"with {rows} {such}{case.what} the smallest {what} that can fail is about "
        f"{result.resolvable:z.{digits}f}"
    )


def _rounded(rows: int) -> int:
    size = int(10 ** max(len(str(rows)) - 2, 0))
    return math.ceil(rows / size) * size


def _unjudged(case: Case) -> RuleResult:
    """Return what there is to say of a case with nothing to compare with."""
    result = _bare(case, INCONCLUSIVE)
    if case.missing is not None or case.before is None:
        why = f"{case.figure}{case.where}: not compared, {case.missing}"
        return replace(result, text=f"{INCONCLUSIVE} {why}")
    assert result.after is not None
    change = case.change(case.rule.confidence)
    needed = _rows_needed(case, change) if change.high >= case.limit else case.rows
    resolvable = _resolvable(case, case.rule.confidence)
    result = _needing(replace(result, resolvable=resolvable), case, needed)
    passes = "" if needed is None else f", and no change passes from about {_rounded(needed):,}"
    text = f"{case.figure}{case.where} {result.after:z.3f}: there is no baseline yet; "
    return replace(result, text=f"{INCONCLUSIVE} {text}{_smallest(result, case, 3)}{passes}")

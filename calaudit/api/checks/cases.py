"""What the gate judges: every rule on all rows and on every slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calaudit.api.checks.pairing import Matched, Part
from calaudit.errors import InputError, SettingsError
from calaudit.gate.judging import Case
from calaudit.gate.rules import Rule
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import Report, SliceResult
from calaudit.report.forecast_report import ForecastReport, PartResult
from calaudit.tables.groups import MOST_GROUPS

GONE = "the new file has no such rows"


def cases_of(
    rules: Sequence[Rule],
    old: Report | ForecastReport | None,
    new: Report | ForecastReport,
    matched: Matched | None,
    where: str,
) -> list[Case]:
    """Return every rule on all rows and on every slice."""
    cases = []
    tables = [getattr(each, "table", None) for each in (old, new)]  # forecasts have none
    same = old is not None and tables[0] == tables[1] and _same(old.metrics, new.metrics)
    for rule in rules:
        after = _figure(new.metrics, rule, "the new file")
        before = None
        if rule.relative:
            before = after if old is None else _figure(old.metrics, rule, where)
        cases.append(
            Case(
                rule, after, before, _size(new),
                correlation=_correlation(matched, rule, None),
                rows_before=None if old is None else _size(old),
                unchanged=rule.relative and same, first=rule.relative and old is None,
                grouped=new.groups is not None,
            )
        )  # fmt: skip
    columns = sorted({s.column for s in new.slices})
    if old is not None and any(rule.relative for rule in rules):
        there = {s.column for s in old.slices}
        absent = [column for column in columns if column not in there]
        if absent:
            raise InputError(
                f"{where} has no slices by {absent[0]}: write it anew with --by {absent[0]}"
            )
    olds = {} if old is None else {(s.column, s.value): s for s in old.slices}
    for rule in rules:
        cases += _slice_cases(rule, new.slices, olds, columns, matched, first=old is None)
    return cases


def _slice_cases(
    rule: Rule,
    slices: Sequence[SliceResult | PartResult],
    olds: Mapping[tuple[str, str], SliceResult | PartResult],
    columns: Sequence[str],
    matched: Matched | None,
    *,
    first: bool,
) -> list[Case]:
    cases = []
    for new in slices:
        whole = "coverage" in new.metrics or new.metrics.keys() >= {"ece", "smece"}
        if rule.metric not in new.metrics and whole:
            known = ", ".join(name for name in new.metrics if name != "n")
            raise SettingsError(
                f"{rule.option} cannot be judged by {new.column}: of slices there are {known}"
            )
        after = new.metrics.get(rule.metric, Estimate(value=None, reason="no weight"))
        old = olds.get((new.column, new.value))
        sizes = [0 if s is None else getattr(s, "groups", None) or s.rows for s in (new, old)]
        before = after if first else None if old is None else old.metrics.get(rule.metric)
        unchanged = rule.relative and old is not None and _same(old.metrics, new.metrics)
        sides = [after] if before is None or not rule.relative else [after, before]
        lost = next((side for side in sides if side.point is None), None)
        if lost is None and not unchanged:
            lost = next((side for side in sides if side.low is None), None)
        missing = None
        if rule.relative and before is None:
            missing = "it is not in the baseline"
        elif lost is not None:
            missing = lost.reason or "too few rows"
        cases.append(
            Case(
                rule, after, before, sizes[0], column=new.column, value=new.value,
                correlation=_correlation(matched, rule, (new.column, new.value)),
                missing=missing, rows_before=sizes[1] or None,
                grouped=getattr(new, "groups", None) is not None, unchanged=unchanged,
                first=rule.relative and first and missing is None,
            )
        )  # fmt: skip
    here = {(s.column, s.value) for s in slices}
    gone = [key for key in olds if key not in here and key[0] in columns]
    nothing = Estimate(value=None, reason=GONE)
    cases += [
        Case(rule, nothing, None, 0, column=column, value=value, missing=GONE)
        for column, value in gone
        if rule.relative
    ]
    return cases


def _size(report: Report | ForecastReport) -> int:
    """Return how many rows there are, or groups where rows belong together."""
    groups = report.groups
    return report.intake.rows_used if groups is None else groups.groups or MOST_GROUPS


def _correlation(matched: Matched | None, rule: Rule, part: Part) -> float:
    """Return how matched rows go together in the figure of a rule; 0 for separate ones."""
    if matched is None or not rule.relative:
        return 0.0
    return matched.correlations.get(part, {}).get(rule.metric, 0.0)


def _same(old: Mapping[str, Estimate], new: Mapping[str, Estimate]) -> bool:
    """Return whether figures are the same to the last bit, as of the same predictions.

    Those of both; what a rule adds, such as the errors of the share that it names, tells nothing.
    """
    both = (old.keys() & new.keys()) - {"automated_error"}
    return all(old[name].value == new[name].value for name in both)


def _figure(metrics: Mapping[str, Estimate], rule: Rule, where: str) -> Estimate:
    """Return the figure of a rule; one that is not of these predictions is refused."""
    found = metrics.get(rule.metric)
    if found is None:
        raise SettingsError(f"{rule.option}: {where} has no figure {rule.metric}")
    return found

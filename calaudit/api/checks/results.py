"""What a check says beside the results of its rules: on rows, in a sentence, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.findings.finding import Finding, finding
from calaudit.gate.rules import Rule
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, Compared, RuleResult
from calaudit.report.evaluation_report import Report
from calaudit.report.forecast_report import ForecastReport

R = Report | ForecastReport

SHOWN = (
    "smece", "ece", "log_loss", "brier", "accuracy", "auroc", "mean_confidence", "base_rate",
)  # fmt: skip
"""Figures of the table before and after, with those of the rules."""

ORDER = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}
"""From the worst to the best."""


def row_results(report: R, min_rows: int | None) -> list[RuleResult]:
    """Return the result of the rule on the number of rows, where there is one."""
    if min_rows is None:
        return []
    rows = report.intake.rows_used
    status = PASS if rows >= min_rows else FAIL
    return [
        RuleResult(
            rule=f"--min-rows {min_rows}", metric="n", limit=float(min_rows), relative=False,
            status=status, confidence=1.0, after=float(rows), change=float(rows),
            text=f"{status} rows {rows:,} against at least {min_rows:,}",
        )
    ]  # fmt: skip


def check_sentence(status: str, results: Sequence[RuleResult], rules: Sequence[Rule] = ()) -> str:
    """Return the verdict in a sentence, with what can do without a person where that is ruled."""
    verdict = _verdict(status, results)
    for rule in (rule for rule in rules if rule.share is not None):
        found = next(r for r in results if r.rule == rule.option and r.column is None)
        share = f"{100 * (rule.share or 0):g} % of the cases"
        risk = f"{100 * rule.limit:g} % errors"
        told = {
            PASS: f"{share} can do without a person at no more than {risk}.",
            FAIL: f"Without a person {share} would have more than {risk}.",
            INCONCLUSIVE: f"Whether {share} can do without a person at {risk} is open.",
        }
        verdict = f"{verdict} {told[found.status]}"
    return verdict


def _verdict(status: str, results: Sequence[RuleResult]) -> str:
    count = len(results)
    if not count:
        return "INCONCLUSIVE: there is no rule, and nothing was judged."
    rules = f"{count} rule{'s' if count != 1 else ''}"
    numbers = {s: sum(result.status == s for result in results) for s in ORDER}
    if status == FAIL:
        return f"FAIL: {numbers[FAIL]} of {rules} failed."
    planned = sum(result.planned for result in results)
    if status == INCONCLUSIVE and planned == numbers[INCONCLUSIVE]:
        return f"INCONCLUSIVE: there is no baseline yet to judge {planned} of {rules} by."
    if status == INCONCLUSIVE:
        return (
            f"INCONCLUSIVE: nothing failed, but these rows cannot settle {numbers[INCONCLUSIVE]} "
            f"of {rules}."
        )
    return f"PASS: {'the rule holds' if count == 1 else f'all {rules} hold'}."


def compared_of(rules: Sequence[Rule], old: R | None, new: R) -> tuple[Compared, ...]:
    """Return the figures before and after: those of the rules, and the usual ones."""
    names = dict.fromkeys((*(rule.metric for rule in rules), *SHOWN))
    return tuple(
        Compared(
            metric=name,
            before=None if old is None else old.metrics.get(name),
            after=new.metrics[name],
        )
        for name in names
        if name in new.metrics
    )


def check_notes(old: R | None, new: R) -> list[Finding]:
    """Return what makes the baseline and the new report hard to compare."""
    if not (isinstance(old, Report) and isinstance(new, Report)):
        return []
    notes = []
    if old.calaudit != new.calaudit:
        notes.append(finding("baseline-version", baseline=old.calaudit, here=new.calaudit))
    if old.scale != new.scale:
        notes.append(finding("baseline-scale", baseline=old.scale, here=new.scale))
    was, is_ = old.verdict.direction, new.verdict.direction
    if {was, is_} == {"overconfident", "underconfident"}:
        notes.append(finding("direction-changed", baseline=was, here=is_))
    then, now = (dict(r.settings.get("calibrator") or {}, file=None) for r in (old, new))
    if then != now:
        notes.append(finding("baseline-calibrator"))
    return notes

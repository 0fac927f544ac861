"""Check: from predictions, a baseline and rules to a verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from numbers import Integral
from pathlib import Path
from typing import Any

from calaudit import __version__
from calaudit.api.checks.pairing import paired
from calaudit.api.checks.rules import HOW_TO_START, rules_of
from calaudit.api.evaluation import evaluate
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.api.rows.reading import Progress
from calaudit.errors import InputError, SettingsError
from calaudit.gate.agreement import check_comparable
from calaudit.gate.judging import Case, judge
from calaudit.gate.rules import Rule
from calaudit.metrics.estimate import Estimate
from calaudit.report.check import (
    FAIL,
    INCONCLUSIVE,
    PASS,
    CheckReport,
    Compared,
    Pairing,
    RuleResult,
)
from calaudit.report.model import Note, Report, SliceResult
from calaudit.report.render_json import report_from_json
from calaudit.tables.store import table_from_values

__all__ = ["ARGUMENTS", "EVALUATION", "Checked", "check", "checked", "read_baseline"]

SHOWN = (
    "smece", "ece", "log_loss", "brier", "accuracy", "auroc", "mean_confidence", "base_rate",
)  # fmt: skip
"""Figures of the table before and after, with those of the rules."""

EVALUATION = set(signature(evaluate).parameters) - {"data", "y_prob", "id", "progress"}
"""Arguments of `calaudit.evaluate` that `check` takes as well."""

ARGUMENTS = EVALUATION | {
    "baseline", "against", "id", "allow_unmatched", "min_rows", "rule_confidence", "strict",
}  # fmt: skip
"""Arguments of `check` other than rules."""

ORDER = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}


GONE = "the new file has no such rows"


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, and the new report, which can become the baseline."""

    check: CheckReport
    report: Report


def check(
    data: Any = None,
    y_prob: Any = None,
    *,
    baseline: Any = None,
    against: Any = None,
    id: str | None = None,  # noqa: A002 - the role's name
    allow_unmatched: bool = False,
    min_rows: int | None = None,
    rule_confidence: float = 0.95,
    strict: bool = False,
    progress: Progress | None = None,
    **more: Any,
) -> CheckReport:
    """Judge predictions by rules, alone or against a baseline.

    >>> import calaudit
    >>> assert calaudit.check([0, 1, 1, 0] * 50, [0.1, 0.8, 0.9, 0.3] * 50, max_ece=0.4)

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities.
        baseline: a `Report`, or the path of one that ``evaluate -o`` wrote.
        against: the old predictions themselves, instead of a baseline.
        id: with ``against``, the column that names rows in both: they are compared row by row.
        allow_unmatched: compare although some rows are in one of the files only.
        min_rows: fewest rows; fewer fail.
        rule_confidence: with which a failure is called, over all rules together.
        strict: whether an inconclusive rule makes the report false as well.
        progress: called with rows done and rows in all, or None.
        more: rules, and arguments of `calaudit.evaluate` (label, score, by, bins, …). Rules are
            ``max_ece=0.05``, ``max_smece``, ``max_log_loss``, ``min_accuracy``, ``min_auroc``, …,
            and against the baseline ``max_increase={"ece": 0.01}``, ``max_decrease={"auroc":
            0.01}``. In place of a number: {"margin": 0.01, "confidence": 0.99}.

    Returns:
        The report; it is false where a rule fails, and ``passed`` where all pass.

    Raises:
        SettingsError: there is no rule, no baseline, or an argument is wrong.
        InputError: the data or the baseline cannot be used, or is of something else.
    """
    evaluation = {name: more.pop(name) for name in list(more) if name in EVALUATION}
    return checked(
        data, y_prob, rules=rules_of(more, rule_confidence, others=ARGUMENTS), baseline=baseline,
        against=against, id=id, allow_unmatched=allow_unmatched, min_rows=min_rows,
        strict=strict, evaluation=evaluation, progress=progress,
    ).check  # fmt: skip


def checked(
    data: Any,
    y_prob: Any = None,
    *,
    rules: Sequence[Rule],
    baseline: Any,
    against: Any,
    id: str | None,  # noqa: A002 - the role's name
    allow_unmatched: bool,
    min_rows: int | None,
    strict: bool,
    evaluation: Mapping[str, Any],
    progress: Progress | None,
    first: bool = False,
) -> Checked:
    """Return the verdict with the new report; see `check`.

    Args:
        data: the new predictions.
        y_prob: their scores, where they are arrays.
        rules: what must be kept.
        baseline: a report, or the path of one, or None.
        against: the old predictions, or None.
        id: column that names rows in both, or None.
        allow_unmatched: whether rows may be in one file only.
        min_rows: fewest rows, or None.
        strict: noted in the report.
        evaluation: arguments of `calaudit.evaluate`.
        progress: called with rows done and rows in all, or None.
        first: whether there need not be a baseline yet.
    """
    _check_asked(rules, min_rows, baseline, against, id, first)
    _check_readable(data, y_prob, against, id)
    evaluation = dict(evaluation) | ({} if id is None else {"id": id})
    old: Report | None = None
    if baseline is not None and not (first and _is_missing(baseline)):
        old = baseline if isinstance(baseline, Report) else read_baseline(baseline)
    report = evaluate(data, y_prob, **evaluation, progress=progress)
    where = "the baseline" if isinstance(baseline, Report) else str(baseline)
    pairing: Pairing | None = None
    if against is not None:
        old = evaluate(against, **evaluation, progress=progress)
        where = os.fspath(against) if isinstance(against, str | os.PathLike) else "the old data"
    if old is not None:
        check_comparable(old, report, where)
    if old is not None and id is not None:
        pairing = paired(against, data, old, report, evaluation, allow_unmatched=allow_unmatched)
    cases = _cases(rules, old, report, pairing, where)
    results = [*_row_rule(report, min_rows), *judge(cases)]
    results.sort(key=lambda result: ORDER[result.status])
    # Without a rule (when a baseline is written) nothing was judged, and nothing passed.
    status = min((r.status for r in results), key=ORDER.__getitem__, default=INCONCLUSIVE)
    return Checked(
        CheckReport(
            calaudit=__version__,
            status=status,
            sentence=_sentence(status, results),
            inputs=report.inputs,
            roles=report.roles,
            settings=report.settings
            | {"strict": strict, "rules": [rule.option for rule in rules]}
            | _compared_with(baseline, against, first=first),
            task=report.task,
            intake=report.intake,
            baseline=where if old is not None else None,
            baseline_rows=None if old is None else old.intake.rows_used,
            rows=report.intake.rows_used,
            results=tuple(results),
            compared=_compared(rules, old, report),
            pairing=pairing,
            notes=(*_notes(old, report), *report.notes),
        ),
        report,
    )


def read_baseline(path: Any) -> Report:
    """Return the report in a file.

    Raises:
        SettingsError: there is no such file.
        InputError: it is no report of this version, or its parts contradict each other.
    """
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(
            "a baseline is a report that evaluate returned, or the path of one, not "
            f"{type(path).__name__}"
        )
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        raise SettingsError(
            f"there is no baseline {os.fspath(path)}. Write one with --update-baseline, or with "
            f"calaudit evaluate … -o {os.fspath(path)}"
        ) from None
    except OSError as error:
        raise InputError(f"{os.fspath(path)} cannot be read: {error.strerror}") from None
    try:
        report = report_from_json(text, Report)
        if table_from_values(report.table).rows != report.intake.rows_used:
            raise InputError("it is damaged: its table has other rows than its figures")
        return report
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from None


def _is_missing(baseline: Any) -> bool:
    return isinstance(baseline, str | os.PathLike) and not Path(baseline).exists()


def _check_asked(
    rules: Sequence[Rule],
    min_rows: int | None,
    baseline: Any,
    against: Any,
    id_: str | None,
    first: bool,
) -> None:
    if not rules and min_rows is None and not first:
        raise SettingsError(HOW_TO_START)
    if min_rows is not None and (not _is_whole(min_rows) or min_rows < 1):
        raise SettingsError(f"min_rows is a number of rows, 1 or more, not {min_rows!r}")
    if baseline is not None and against is not None:
        raise SettingsError("give a baseline or the old predictions (against), not both")
    if id_ is not None and against is None:
        raise SettingsError(
            "--id matches rows of the old and the new predictions: give --against as well"
        )
    relative = next((rule for rule in rules if rule.relative), None)
    if relative is not None and baseline is None and against is None and not first:
        raise SettingsError(
            f"{relative.option} compares with something: give --baseline FILE (a report that "
            "calaudit evaluate -o wrote), or --against the old predictions"
        )


def _cases(
    rules: Sequence[Rule],
    old: Report | None,
    new: Report,
    pairing: Pairing | None,
    where: str,
) -> list[Case]:
    """Return every rule on all rows and on every slice."""
    cases = []
    for rule in rules:
        after = _figure(new.metrics, rule, "the new file")
        before = None
        missing = None
        if rule.relative and old is None:
            missing = "there is no baseline yet"
        elif rule.relative:
            before = _figure(old.metrics, rule, where)  # type: ignore[union-attr]
        correlation = 0.0 if pairing is None else pairing.correlations.get(rule.metric, 0.0)
        rows_before = None if old is None else old.intake.rows_used
        cases.append(
            Case(
                rule, after, before, new.intake.rows_used, correlation=correlation,
                missing=missing, rows_before=rows_before,
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
        cases += _slice_cases(rule, new.slices, olds, columns, first=old is None)
    return cases


def _slice_cases(
    rule: Rule,
    slices: Sequence[SliceResult],
    olds: Mapping[tuple[str, str], SliceResult],
    columns: Sequence[str],
    *,
    first: bool,
) -> list[Case]:
    cases = []
    for new in slices:
        if rule.metric not in new.metrics and new.metrics.keys() >= {"ece", "smece"}:
            known = ", ".join(name for name in new.metrics if name != "n")
            raise SettingsError(
                f"{rule.option} cannot be judged by {new.column}: of slices there are {known}"
            )
        after = new.metrics.get(rule.metric, Estimate(value=None, reason="no weight"))
        old = olds.get((new.column, new.value))
        before = None if old is None else old.metrics.get(rule.metric)
        missing = None
        if rule.relative and first:
            missing = "there is no baseline yet"
        elif rule.relative and before is None:
            missing = "it is not in the baseline"
        elif after.low is None or (rule.relative and before is not None and before.low is None):
            missing = "too few rows"
        cases.append(
            Case(
                rule, after, before, new.rows, column=new.column, value=new.value,
                missing=missing, rows_before=None if old is None else old.rows,
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


def _figure(metrics: Mapping[str, Estimate], rule: Rule, where: str) -> Estimate:
    """Return the figure of a rule; a rule that nothing is known about is refused."""
    found = metrics.get(rule.metric)
    if found is None:
        raise SettingsError(f"{rule.option}: {where} has no figure {rule.metric}")
    if found.value is None:
        why = found.reason or "it could not be computed"
        raise InputError(f"{rule.option}: {rule.metric} of {where} is missing: {why}")
    return found


def _check_readable(data: Any, y_prob: Any, against: Any, id_: str | None) -> None:
    if against is not None and y_prob is not None:
        raise SettingsError(
            "against takes old predictions in columns, and the new ones are arrays: put both in "
            "frames, or give a baseline (a report that evaluate returned)"
        )
    for side in (data, against) if id_ is not None else ():
        names = (side,) if isinstance(side, str) else side if isinstance(side, list) else ()
        if "-" in names or hasattr(side, "read_next_batch"):
            raise SettingsError(
                "rows are matched in a second pass, and a stream can be read only once: give "
                "files or tables"
            )


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _row_rule(report: Report, min_rows: int | None) -> list[RuleResult]:
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


def _sentence(status: str, results: Sequence[RuleResult]) -> str:
    count = len(results)
    if not count:
        return "INCONCLUSIVE: there is no rule, and nothing was judged."
    rules = f"{count} rule{'s' if count != 1 else ''}"
    numbers = {s: sum(result.status == s for result in results) for s in ORDER}
    if status == FAIL:
        return f"FAIL: {numbers[FAIL]} of {rules} failed."
    if status == INCONCLUSIVE:
        return (
            f"INCONCLUSIVE: nothing failed, but these rows cannot settle {numbers[INCONCLUSIVE]} "
            f"of {rules}."
        )
    return f"PASS: {'the rule holds' if count == 1 else f'all {rules} hold'}."


def _compared_with(baseline: Any, against: Any, *, first: bool) -> dict[str, Any]:
    """Return what the new file was compared with, as JSON values."""
    paths = {"baseline": path_of(baseline), "against": paths_of(against)}
    given = {name: value for name, value in paths.items() if value is not None}
    return given | ({"update_baseline": True} if first else {})


def _compared(rules: Sequence[Rule], old: Report | None, new: Report) -> tuple[Compared, ...]:
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


def _notes(old: Report | None, new: Report) -> list[Note]:
    if old is None:
        return []
    notes = []
    if old.calaudit != new.calaudit:
        notes.append(
            Note(
                code="baseline-version",
                text=f"The baseline was made by calaudit {old.calaudit}, this is {new.calaudit}.",
                advice="Write it anew if figures changed their meaning (see the changelog).",
            )
        )
    if old.scale != new.scale:
        notes.append(
            Note(
                code="baseline-scale",
                text=f"The baseline was made from {old.scale}s, the new file has {new.scale}s.",
                advice="Look whether that is meant.",
            )
        )
    then, now = (dict(r.settings.get("calibrator") or {}, file=None) for r in (old, new))
    if then != now:
        notes.append(
            Note(
                code="baseline-calibrator",
                text="The baseline and the new file went through different calibrators.",
                advice="Look whether that is meant.",
            )
        )
    return notes

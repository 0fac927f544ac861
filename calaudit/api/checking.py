"""Check: from predictions, a baseline and rules to a verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from numbers import Integral
from typing import Any

from calaudit import __version__
from calaudit.api.checks.baselines import is_missing, read_baseline
from calaudit.api.checks.cases import cases_of
from calaudit.api.checks.pairing import paired
from calaudit.api.checks.results import ORDER, check_notes, check_sentence, compared_of, row_results
from calaudit.api.checks.rules import HOW_TO_START, rules_of
from calaudit.api.evaluation import evaluate
from calaudit.api.reports.notes import led
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.api.rows.reading import Progress
from calaudit.errors import SettingsError
from calaudit.gate.agreement import check_comparable
from calaudit.gate.judging import judge
from calaudit.gate.rules import Rule
from calaudit.report.check import INCONCLUSIVE, CheckReport, Pairing
from calaudit.report.model import Report

__all__ = ["ARGUMENTS", "EVALUATION", "Checked", "check", "checked"]

EVALUATION = set(signature(evaluate).parameters) - {"data", "y_prob", "id", "progress"}
"""Arguments of `calaudit.evaluate` that `check` takes as well."""

ARGUMENTS = EVALUATION | {
    "baseline", "against", "id", "allow_unmatched", "min_rows", "rule_confidence", "strict",
}  # fmt: skip
"""Arguments of `check` other than rules."""


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
    if baseline is not None and not (first and is_missing(baseline)):
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
    cases = cases_of(rules, old, report, pairing, where)
    results = [*row_results(report, min_rows), *judge(cases)]
    results.sort(key=lambda result: ORDER[result.status])
    # Without a rule (when a baseline is written) nothing was judged, and nothing passed.
    status = min((r.status for r in results), key=ORDER.__getitem__, default=INCONCLUSIVE)
    return Checked(
        CheckReport(
            calaudit=__version__,
            status=status,
            sentence=led(check_sentence(status, results), report.notes),
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
            compared=compared_of(rules, old, report),
            pairing=pairing,
            notes=(*check_notes(old, report), *report.notes),
        ),
        report,
    )


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


def _compared_with(baseline: Any, against: Any, *, first: bool) -> dict[str, Any]:
    """Return what the new file was compared with, as JSON values."""
    paths = {"baseline": path_of(baseline), "against": paths_of(against)}
    given = {name: value for name, value in paths.items() if value is not None}
    return given | ({"update_baseline": True} if first else {})

"""Check: from predictions, a baseline and rules to a verdict."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Unpack

from calaudit import __version__
from calaudit.api.checks.baselines import is_missing, name_of, read_baseline
from calaudit.api.checks.cases import cases_of
from calaudit.api.checks.pairing import Matched, paired
from calaudit.api.checks.results import ORDER, check_notes, check_sentence, compared_of, row_results
from calaudit.api.checks.rule_settings import HOW_TO_START, rules_of
from calaudit.api.evaluation import evaluate
from calaudit.api.forecasting import forecast
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.errors import SettingsError
from calaudit.findings.finding import said
from calaudit.gate.agreement import check_comparable
from calaudit.gate.judging import judge
from calaudit.gate.rules import OF_FORECASTS, Rule
from calaudit.options.checking import Rules
from calaudit.options.commands import CheckOptions, EvaluateOptions, ForecastOptions
from calaudit.options.declaration import documented, options_of
from calaudit.options.forecasting import Columns
from calaudit.report.check_report import FAIL, INCONCLUSIVE, CheckReport
from calaudit.report.evaluation_report import Report
from calaudit.report.forecast_report import ForecastReport

EVALUATION = set(options_of(EvaluateOptions)) & set(options_of(CheckOptions))
"""Arguments of `calaudit.evaluate` that `check` takes as well."""

ARGUMENTS = set(options_of(CheckOptions)) - set(options_of(Rules))
"""Arguments of `check` other than rules."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, and the new report, which can become the baseline."""

    check: CheckReport
    report: Report | ForecastReport


@documented(CheckOptions, others=True)
def check(data: Any = None, y_prob: Any = None, **options: Unpack[CheckOptions]) -> CheckReport:
    """Judge predictions by rules, alone or against a baseline.

    >>> import calaudit
    >>> assert calaudit.check([0, 1, 1, 0] * 50, [0.1, 0.8, 0.9, 0.3] * 50, max_ece=0.4)

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities.
        **options: rules, and how to evaluate; declared in `calaudit.options`.

    Returns:
        The report; it is false where a rule fails, and ``passed`` where all pass.

    Raises:
        SettingsError: there is no rule, no baseline, or an argument is wrong.
        InputError: the data or the baseline cannot be used, or is of something else.
    """
    given = {name: value for name, value in options.items() if name not in ARGUMENTS}
    rules = rules_of(given, options["rule_confidence"], others=ARGUMENTS)
    return checked(data, y_prob, options, rules).check


def checked(
    data: Any, y_prob: Any, options: CheckOptions, rules: Sequence[Rule], *, first: bool = False
) -> Checked:
    """Return the verdict with the new report; see `check`.

    Args:
        data: the new predictions.
        y_prob: their scores, where they are arrays.
        options: of `check`.
        rules: what must be kept.
        first: whether there need not be a baseline yet.
    """
    baseline, against, id_ = options["baseline"], options["against"], options["id"]
    joins = options["labels"] is not None
    _check_asked(rules, options["min_rows"], baseline, against, None if joins else id_, first)
    _check_readable(data, y_prob, against, id_)
    make, kind, asked = _made_by(rules, options, arrays=y_prob is not None)
    old: Any = None
    if baseline is not None and not (first and is_missing(baseline)):
        old = baseline if isinstance(baseline, kind) else read_baseline(baseline, kind)
    if isinstance(old, Report) and asked["edges"] is None:  # the same bins on both sides
        asked["edges"] = old.settings.get("edges")
    report: Any = make(*((data,) if y_prob is None else (data, y_prob)), **asked)
    where = "the baseline" if isinstance(baseline, kind | None) else name_of(baseline)
    matched: Matched | None = None
    if against is not None:
        edges = {"edges": report.settings.get("edges")} if kind is Report else {}
        old = make(against, **asked | edges)
        where = os.fspath(against) if isinstance(against, str | os.PathLike) else "the old data"
    if old is not None:
        check_comparable(old, report, where)
    if against is not None and old is not None and id_ is not None:
        unmatched = options["allow_unmatched"]
        matched = paired(against, data, old, report, asked, allow_unmatched=unmatched)
    cases = cases_of(rules, old, report, matched, where)
    results = row_results(report, options["min_rows"])
    results += judge(cases, failed=any(result.status == FAIL for result in results))
    results.sort(key=lambda result: ORDER[result.status])
    # Without a rule (when a baseline is written) nothing was judged, and nothing passed.
    status = min((r.status for r in results), key=ORDER.__getitem__, default=INCONCLUSIVE)
    return Checked(
        CheckReport(
            calaudit=__version__, status=status, inputs=report.inputs, roles=report.roles,
            **said([check_sentence(status, results, rules)], report.notes),
            settings=report.settings
            | {"strict": options["strict"], "rules": [rule.option for rule in rules]}
            | _compared_with(baseline, against, first=first),
            task=report.task if kind is Report else "forecast", intake=report.intake,
            baseline=where if old is not None else None, rows=report.intake.rows_used,
            baseline_rows=None if old is None else old.intake.rows_used, groups=report.groups,
            baseline_groups=None if old is None else old.groups, results=tuple(results),
            compared=compared_of(rules, old, report),
            pairing=None if matched is None else matched.report,
            notes=(*check_notes(old, report), *report.notes),
        ),
        report,
    )  # fmt: skip


def _made_by(
    rules: Sequence[Rule], options: CheckOptions, *, arrays: bool
) -> tuple[Callable[..., Any], Any, Any]:
    """Return what makes figures such as the rules are on, its kind of report, and its options."""
    given: dict[str, Any] = {**options}
    if any(rule.metric in OF_FORECASTS for rule in rules):  # figures say what rows are
        if arrays or given["id"] is not None:
            raise SettingsError("forecasts are checked in columns, and without --id")
        mine = {*options_of(ForecastOptions)} - {"against"}
        asked = {name: value for name, value in given.items() if name in mine}
        return forecast, ForecastReport, asked
    lone = next((name for name in options_of(Columns) if given[name]), None)
    if lone is not None:
        raise SettingsError(f"--{lone} is for rules on forecasts, such as --min-coverage 0.85")
    asked = {name: value for name, value in given.items() if name in EVALUATION}
    asked["automated"] = next((r.share for r in rules if r.share is not None), None)
    return evaluate, Report, asked


def _check_asked(
    rules: Sequence[Rule], min_rows: int | None, baseline: Any, against: Any, id_: str | None,
    first: bool,
) -> None:  # fmt: skip
    if not rules and min_rows is None and not first:
        raise SettingsError(*HOW_TO_START.splitlines())
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

"""A cutoff for each predicted class."""

from __future__ import annotations

from dataclasses import replace

from calaudit.api.decisions.cutoff_figures import Trial
from calaudit.api.decisions.recommending import class_policy
from calaudit.api.decisions.threshold_settings import ThresholdSettings
from calaudit.api.decisions.units import Unit
from calaudit.errors import NotEnoughData
from calaudit.report.threshold_report import ClassCutoff
from calaudit.tables.groups import GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.outcome import Outcome, outcome_of
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem


def class_cutoffs(
    tables: list[tuple[ScoreTable, GroupTable | None]],
    names: tuple[str, ...],
    problem: Problem,
    unit: Unit,
    settings: ThresholdSettings,
) -> tuple[tuple[ClassCutoff, ...], Outcome]:
    """Return a cutoff for each class that is predicted, and what they do together.

    With a confidence, it is divided among the classes, so that all their limits hold together.

    Args:
        tables: confidences of the predictions of each class and whether they were right, and the
            same by group where rows belong together.
        names: of the classes.
        problem: what is asked for each of them.
        unit: of the confidences.
        settings: what is asked of them all.
    """
    predicted = [k for k, table in enumerate(tables) if len(table[0])]
    limits = problem.limits
    if limits.confidence is not None:
        each = 1.0 - (1.0 - limits.confidence) / max(len(predicted), 1)
        problem = replace(problem, limits=replace(limits, confidence=each))
    found = []
    total: Outcome | None = None
    for k in predicted:
        table, groups = tables[k]
        trial = Trial.of(
            table, unit, problem, settings=settings, rows=table.rows, deals=1, groups=groups
        )
        reason, high = "", len(table)
        try:
            high = class_policy(trial).high
        except NotEnoughData as error:
            reason = str(error)
        sample = trial.ladder.sample
        shares = Policy(low=0, high=high).shares(len(table))
        outcome = outcome_of(shares, sample.w, sample.w2, sample.counts, sample.groups)
        total = outcome if total is None else total.plus(outcome)
        rates = outcome.rates(settings.level)
        found.append(
            ClassCutoff(
                name=names[k],
                rows=table.rows,
                act_from=unit.cutoffs(table, (high,))[0],
                rates={name: rates[name] for name in ("act_share", "error")},
                reason=reason,
            )
        )
    if total is None:
        raise NotEnoughData("there are no rows to compute figures from")
    return tuple(found), total

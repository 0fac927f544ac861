"""What changed between two sets of rows: scores, what they stand for, and so the calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from calaudit.findings.finding import Finding, finding
from calaudit.metrics.drift import calibration_split, same_map, scores_moved
from calaudit.report.compare_report import Change, Model
from calaudit.report.numbers import p_value
from calaudit.tables.cells import Cells
from calaudit.tables.store import table_from_values

BINS = 15


def change_of(models: Sequence[Model]) -> Change | None:
    """Return what changed; None but for two sets of independent rows with one score each."""
    reports = [model.report for model in models]
    plain = all(r.task != "multiclass" and r.groups is None and r.table for r in reports)
    tables = [table_from_values(r.table) for r in reports] if plain and len(reports) == 2 else []
    if not tables or any(table.weights is not None for table in tables):
        return None
    return change_between(*(table.cells() for table in tables))


def change_between(one: Cells, other: Cells) -> Change:
    """Return what changed from one set of independent rows to another."""
    p, reason = same_map(one, other)
    ece, of_scores, of_both = calibration_split(one, other, BINS)
    return Change(
        **asdict(scores_moved(one, other)),
        map_p=p, map_reason=reason, ece=ece, ece_of_scores=of_scores, ece_of_both=of_both,
    )  # fmt: skip


def change_notes(change: Change | None) -> list[Finding]:
    """Return what is to be said of a change; nothing where there is none to look at."""
    if change is None:
        return []
    return [
        finding(
            "changed",
            kind=change.kind,
            psi=change.psi,
            chance=change.psi_chance,
            p="" if change.map_p is None else p_value(change.map_p),
            reason=change.map_reason,
            scores=change.ece_of_scores - change.ece,
            map=change.ece_of_both - change.ece_of_scores,
        )
    ]

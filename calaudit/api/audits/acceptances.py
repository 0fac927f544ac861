"""What accepting the most confident decisions would give, from a score table that was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.decisions.report_parts import risks_of
from calaudit.api.decisions.units import Unit, unit_of
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.fit_points import sample_of
from calaudit.predictions.predictions import Predictions
from calaudit.report.audit_report import Acceptance, Selective
from calaudit.tables.groups import CELLS, GroupTable
from calaudit.tables.keys import EXACT_LEVEL, HALF_KEY, ONE_KEY, key_of, keys_of, tails_of
from calaudit.tables.score_table import ScoreTable, Weights, floor_to, join
from calaudit.thresholds.constraints import Constraints, permitted
from calaudit.thresholds.guarantee import Shown
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import outcome_of
from calaudit.thresholds.policy import Policy

Floats = NDArray[np.float64]

LIMITS = (0.005, 0.01, 0.02, 0.05, 0.10)
"""Shares of errors among what is accepted that are looked at."""

LAST_KEY = key_of(1.0 - 2.0**-53)
"""Key of the largest float64 below 1."""

GUARANTEE = 0.95
"""Confidence with which each limit, by itself, holds for cases to come, where none is given."""

SAME = 1e-13
"""Confidences that differ by no more are one: some hundred roundings of float64."""


def selective_of(
    predictions: Predictions,
    table: ScoreTable,
    together: GroupTable | None = None,
    *,
    calibrated: bool,
    guarantee: float | None,
    weight_kind: str,
    level: float,
) -> Selective:
    """Return what accepting the most confident decisions of some rows would give.

    Each limit has the largest coverage that is shown to keep it; rows with weights that are no
    counts show nothing about cases to come, and have what they themselves keep.

    Args:
        predictions: where the rows come from.
        table: their scores as they are, or calibrated.
        together: the rows by group, where they belong together.
        calibrated: which of the two.
        guarantee: confidence with which each limit, by itself, holds for cases to come; None for
            what these rows keep.
        weight_kind: what weights mean.
        level: of intervals.
    """
    binary = predictions.task == "binary"
    unit = _unit(predictions, calibrated=calibrated)
    groups = None
    if together is not None:
        table = table.coarsened(together.level)
        groups = together.clusters(weighted_cells(table, weight_kind), CELLS).w
    if unit.name != "logit":
        if groups is not None:
            groups = _mirrored_groups(groups, table, binary=binary)
        table = confidence_table(table, binary=binary)
    sample = sample_of(weighted_cells(table, weight_kind))
    ladder = ladder_of(replace(sample, groups=groups))
    area, curve = risks_of(table, ladder.sample, unit, level=level)
    return Selective(
        unit=unit.name,
        aurc=area,
        curve=curve,
        acceptances=tuple(
            _acceptance(limit, guarantee, table, ladder, unit, level) for limit in LIMITS
        ),
    )


def _unit(predictions: Predictions, *, calibrated: bool) -> Unit:
    """Return the unit of confidences: those of a binary score are probabilities whatever it is."""
    unit = unit_of(predictions, calibrated=calibrated)
    if calibrated or predictions.task != "binary" or unit.name == "probability":
        return unit
    return replace(unit_of(predictions, calibrated=True), name="probability")


def _acceptance(
    limit: float,
    guarantee: float | None,
    table: ScoreTable,
    ladder: Ladder,
    unit: Unit,
    level: float,
) -> Acceptance:
    sample = ladder.sample
    counted = np.array_equal(sample.w, sample.counts)
    constraint = Constraints(max_error=limit, confidence=guarantee if counted else None)
    allowed = permitted(ladder, constraint, two_sided=False)
    # The rung above all scores accepts nothing, and so has no errors.
    kept = np.flatnonzero((allowed.high & (allowed.slack_high <= 0))[:-1])
    rung = int(kept[0]) if len(kept) else len(ladder)
    shares = Policy(low=0, high=rung).shares(len(ladder))
    done = outcome_of(shares, sample.w, sample.w2, sample.counts, sample.groups)
    rates = done.rates(level)
    return Acceptance(
        max_error=limit,
        guarantee=constraint.confidence,
        cutoff=unit.cutoffs(table, (rung,))[0],
        coverage=rates["act_share"],
        error=rates["error"],
        reason="" if len(kept) else _reason(allowed.shown.get("max_error")),
    )


def _reason(shown: Shown | None) -> str:
    """Return why no cutoff keeps a limit; ``shown`` is None where nothing is to be shown."""
    if shown is None:
        return "at every cutoff more of what it accepts is wrong"
    if shown.available < shown.least or shown.nearest is None or shown.bound is None:
        what = "groups to show that" if shown.grouped else "cases to show that, none of them wrong"
        return f"it takes {shown.least:,} {what}, and there are {shown.available:,}"
    cases, wrong = shown.nearest
    are = "is" if wrong == 1 else "are"
    return (
        f"of the {cases:,} most confident cases {wrong:,} {are} wrong, so that it could be "
        f"{100 * shown.bound:.3g} %"
    )


def _tied(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return confidences with those that only rounding tells apart at the lowest of them.

    The map of a calibrator takes 0.05 and 0.95 to p and 1 − p, give or take a bit, and a cutoff
    between the two would choose the rows of one outcome.
    """
    order = np.argsort(confidences, kind="stable")
    rising = confidences[order]
    first = np.concatenate([[True], np.diff(rising) > SAME])[: len(rising)]
    tied = np.empty_like(confidences)
    tied[order] = rising[first][np.cumsum(first) - 1]
    return tied


def _mirror(table: ScoreTable, *, binary: bool) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where the cell of confidences of each cell begins, and whether it was mirrored."""
    low = (table.starts < HALF_KEY) & binary
    if table.exact:
        q, above = tails_of(table.starts)
        return keys_of(_tied(np.where(low | above, 1.0 - q, q))).copy(), low
    size = np.int64(1 << (EXACT_LEVEL - table.level))
    floor = floor_to(table.starts, table.level)
    starts = np.where(low, ONE_KEY - floor - size, floor)
    starts[(table.starts == 0) & binary] = ONE_KEY
    starts[starts > LAST_KEY] = ONE_KEY
    return starts, low


def _mirrored_groups(groups: Floats, table: ScoreTable, *, binary: bool) -> Floats:
    """Return (G, 2, j) by being right what (G, 2, m) groups have in the cells of a table."""
    starts, low = _mirror(table, binary=binary)
    cell = np.unique(starts, return_inverse=True)[1]
    order = np.argsort(cell, kind="stable")
    first = np.flatnonzero(np.diff(cell[order], prepend=-1))
    right = np.where(low, groups[:, ::-1], groups)[:, :, order]
    summed: Floats = np.add.reduceat(right, first, axis=2)
    return summed


def confidence_table(table: ScoreTable, *, binary: bool) -> ScoreTable:
    """Return the table of confidences as float64 has them, and of being right.

    What float64 cannot tell apart (1 − 1e-20 from 1) is one confidence, so that a cutoff selects
    the rows that it is said to; so is what differs by the rounding of a calibrator (`SAME`).
    Where cells hold several scores, each of the lower half is mirrored to a cell of the same
    edges, so that a score of exactly 1 − edge counts to the cell below. Where in its cell a score
    lies is lost.

    Args:
        table: of scores.
        binary: whether a score p stands for a confidence of max(p, 1 − p) in the label that p ≥ ½
            predicts; otherwise it is a confidence.
    """
    starts, low = _mirror(table, binary=binary)
    order = np.argsort(starts, kind="stable")

    def mirrored(sums: NDArray[Any]) -> NDArray[Any]:
        """Return sums by label and cell as sums by being right, in the order of confidence."""
        return np.where(low, sums[::-1], sums)[:, order]

    weights = table.weights
    if weights is not None:
        w, w2 = mirrored(weights.w), mirrored(weights.w2)
        weights = Weights(w, w2, np.zeros_like(w))
    nowhere = np.zeros_like(table.high)
    counts = mirrored(table.counts)
    folded = ScoreTable(
        table.level, starts[order], counts, nowhere, nowhere, cap=table.cap, weights=weights
    )
    return join((folded,))

"""Groups that are few, dealt out so that each fold has its share of the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calaudit.api.rows.reading import Progress
from calaudit.api.rows.splits import Deal, Plan
from calaudit.calibrators.cross_fitted import dealt_places
from calaudit.calibrators.rows import HELD
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.frames import StreamSource
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions

FEW = 256
"""Groups up to which they are dealt out; the folds of more are about even by a hash."""


def with_even_folds(plan: Plan, predictions: Predictions, progress: Progress | None = None) -> Plan:
    """Return the plan with its groups dealt out, where they are few.

    Costs a pass over the rows, which ends as soon as there are too many groups. What can be
    read once only (a stream) keeps the hash.

    Args:
        plan: the division.
        predictions: the opened data set.
        progress: called with rows done and rows in all, or None.

    Returns:
        The plan as it is, or with a `Deal`.

    Raises:
        InputError: a row is in no group.
    """
    streams = any(isinstance(source, StreamSource) for source in predictions.sources)
    rows = None if plan.group is None or streams else _rows_by_group(plan, predictions, progress)
    return replace(plan, deal=_deal(plan, rows)) if rows else plan


def _rows_by_group(
    plan: Plan, predictions: Predictions, progress: Progress | None
) -> dict[int, float] | None:
    """Return the weight of each group that may be fitted on; None where there are many groups."""
    rows: dict[int, float] = {}
    done = 0
    for unit in predictions.units():
        chunks = unit.chunks(Intake())
        for chunk in chunks:
            codes = plan.group_codes(chunk)
            assert codes is not None
            chosen = plan.chosen(chunk)
            found, at = np.unique(codes[chosen], return_inverse=True)
            # A row of weight w is as large as w rows, as where weights count rows.
            weights = None if chunk.weights is None else chunk.weights[chosen]
            sizes = np.bincount(at, weights, len(found))
            for code, size in zip(found[: FEW + 1].tolist(), sizes.tolist(), strict=False):
                rows[code] = rows.get(code, 0.0) + size
            done += len(chunk)
            if progress is not None:
                progress(done, predictions.rows)
            if len(rows) > FEW:
                break
        chunks.close()  # type: ignore[attr-defined]
        if len(rows) > FEW:
            return None
    return rows


def _deal(plan: Plan, rows: dict[int, float]) -> Deal:
    """Return the places: the groups held out by lot, the others each in the smallest fold.

    From the largest group to the smallest (Graham 1969), those of one size in random order.
    """
    codes = np.array(sorted(rows), np.uint64)
    counts = np.array([rows[code] for code in codes.tolist()])
    places = np.full(len(codes), HELD, np.int64)
    held = 0
    if plan.holdout > 0:
        held = min(max(round(plan.holdout * len(codes)), 1), len(codes) - 1)
    fitted = np.argsort(plan.draws(codes, 2), kind="stable")[held:]
    fitted = fitted[np.lexsort((plan.draws(codes[fitted], 1), -counts[fitted]))]
    places[fitted] = dealt_places(counts[fitted])
    return Deal(codes, places)


def group_remarks(plan: Plan) -> tuple[Finding, ...]:
    """Return what groups mean for the intervals, where there are groups."""
    if plan.group is None:
        return ()
    return (finding("grouped-rows", kind="fit", group=plan.group),)

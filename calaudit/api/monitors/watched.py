"""A saved threshold on batches: reviews, realised cost, and whether its promises hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.decisions.saved_cutoffs import costs_in, option_in, saved_cutoffs, scale_in
from calaudit.api.decisions.units import unit_of
from calaudit.errors import InputError
from calaudit.metrics.evidence import share_evidence
from calaudit.predictions.predictions import Predictions
from calaudit.report.monitor_report import Batch, Promise, Watched
from calaudit.report.threshold_report import DecisionReport, Option
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.outcome import PER

ERRORS: dict[str, tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]] = {
    "min_precision": (((ACT, 0),), ((ACT, 0), (ACT, 1))),
    "min_recall": (((PASS, 1),), ((PASS, 1), (REVIEW, 1), (ACT, 1))),
    "max_fpr": (((ACT, 0),), ((PASS, 0), (REVIEW, 0), (ACT, 0))),
    "max_error": (((ACT, 0), (PASS, 1)), ((ACT, 0), (ACT, 1), (PASS, 0), (PASS, 1))),
    "max_error_acting": (((ACT, 0),), ((ACT, 0), (ACT, 1))),
    "max_error_passing": (((PASS, 1),), ((PASS, 0), (PASS, 1))),
}
"""Limit → which cases (what is done, label) are errors of it, and which it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A report of `threshold`, and its cutoffs, which are watched."""

    report: DecisionReport
    option: Option

    def keys(self, predictions: Predictions) -> tuple[int | None, ...]:
        """Return the keys from which cases are reviewed, and acted on.

        Raises:
            InputError: the cutoffs are those of other scores.
        """
        mine, option = self.report, self.option
        unit = unit_of(predictions, calibrated=False)
        pairs = {
            "task": (mine.task, predictions.task),
            "classes": (mine.classes, predictions.class_names),
            "unit": (mine.unit, unit.name),
            "scale": (scale_in(mine), predictions.layout.out_of),
        }
        for name, (there, here) in pairs.items():
            if there != here:
                raise InputError(
                    f"{predictions.inputs[0].path}: the saved threshold has the {name} "
                    f"{_words(there)}, and these scores {_words(here)}. Score the rows as the "
                    "threshold was chosen on (calaudit apply), or choose it again"
                )
        review = option.review_from
        if review is None and mine.task != "binary":  # a confidence is accepted or reviewed
            review = unit.lowest
        cuts = (review, option.act_from)
        return tuple(None if cut is None else unit.key(cut) for cut in cuts)

    @property
    def capacity(self) -> float | None:
        """Share of the cases that may be reviewed; None where nothing limits it."""
        most = self.report.settings.get("max_review")
        if most is None:
            return None
        if isinstance(most, str):
            return float(most.replace(" ", "").removesuffix("%")) / 100.0
        return min(float(most) / max(self.report.volume, 1.0), 1.0)

    def digest(self) -> str:
        """Return the cutoffs and limits in words, to know them again."""
        option = self.option
        limits = [f"{g.limit} {g.value:g}" for g in self.report.guarantees]
        return f"review {option.review_from}, act {option.act_from}, {', '.join(limits)}"

    def of(
        self, table: ScoreTable, before: Sequence[Batch], *, keys: Sequence[int | None]
    ) -> Watched:
        """Return what is done with a batch, and what the limits are worth so far."""
        done = _done(table, keys)
        total = float(done.sum())
        promises = []
        limits = [given.limit for given in self.report.guarantees]
        for i, given in enumerate(self.report.guarantees):
            # Where it is shown for both ends, the first of them is about cases acted on.
            acting = given.limit == "max_error" and "max_error_passing" in limits
            cases = ERRORS["max_error_acting" if acting else given.limit]
            value = 1.0 - given.value if given.limit.startswith("min") else given.value
            wrong, about = (float(sum(done[at] for at in part)) for part in cases)
            past = [b.watched.promises[i] for b in before if b.watched is not None]
            seen = [(p.errors, p.rows) for p in past if p.rows]
            log = share_evidence([*seen, (wrong, about)], value)
            promises.append(
                Promise(limit=given.limit, value=value, rows=about, errors=wrong, log_evidence=log)
            )
        costs = costs_in(self.report)
        return Watched(
            review=float(done[REVIEW].sum()) / total,
            act=float(done[ACT].sum()) / total,
            cost=None if costs is None else PER * float((done * costs.table()).sum()) / total,
            promises=tuple(promises),
        )


def _done(table: ScoreTable, keys: Sequence[int | None]) -> NDArray[np.float64]:
    """Return (3, 2) how many rows are let pass, reviewed and acted on, by label."""
    review, act = (math.inf if key is None else key for key in keys)
    counts = table.counts.astype(np.float64)
    acted = table.starts >= act
    reviewed = (table.starts >= min(review, act)) & ~acted
    return np.stack([counts[:, part].sum(axis=1) for part in (~acted & ~reviewed, reviewed, acted)])


def saved_threshold(given: Any) -> Saved | None:
    """Return a report of `threshold`, of which the path may be given.

    Raises:
        InputError: it cannot be read, or has no single pair of cutoffs.
    """
    report = saved_cutoffs(given)
    return None if report is None else Saved(report=report, option=option_in(report))


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)

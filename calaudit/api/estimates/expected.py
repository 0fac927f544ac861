"""The figures that are expected of rows without labels, and of those with labels among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calaudit.api.decisions.saved_cutoffs import costs_in, option_in, scale_in
from calaudit.api.estimates.reference import Known
from calaudit.calibrators.fit_points import Sample
from calaudit.errors import NotEnoughData
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.judges import Paired, powered_share
from calaudit.metrics.label_free import (
    Expected,
    atc_accuracy,
    expected_auroc,
    expected_mean,
    expected_recall,
    labels_to_tell,
    right_if,
    slope_shift,
    uniform_shift,
)
from calaudit.report.estimate_report import LabelsNeeded
from calaudit.report.threshold_report import DecisionReport
from calaudit.tables.cells import Cells
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.outcome import PER
from calaudit.thresholds.prevalence import prevalence_of

Floats = NDArray[np.float64]
Metrics = dict[str, Estimate]

FEWEST_LABELS = 20
"""Labelled rows from which a normal interval is given."""


def expected_metrics(
    rows: Expected, *, binary: bool, level: float, rng: np.random.Generator
) -> Metrics:
    """Return accuracy, AUROC and, of classes, the base rate, if calibration transfers."""
    found = {
        "accuracy": expected_mean(rows, right_if(rows.p, binary=binary), level=level),
        "auroc": expected_auroc(rows, level=level, rng=rng),
    }
    if binary:
        found["base_rate"] = expected_mean(rows, positive(rows.p), level=level)
    return found


def positive(p: Floats) -> Floats:
    """Return (2, m) 0 where the label is 0, and 1 where it is 1."""
    return np.stack([np.zeros_like(p), np.ones_like(p)])


def decided_metrics(
    rows: Expected, points: Sample, report: DecisionReport, *, binary: bool, level: float
) -> Metrics:
    """Return what the recommended cutoffs of a saved report do to such rows, and cost.

    Raises:
        InputError: the report has no cutoffs of such scores.
    """
    option = option_in(report)
    scores = points.z if report.unit == "logit" else points.p
    out_of = scale_in(report)
    act, review = (
        scores >= (np.inf if cutoff is None else cutoff / out_of)
        for cutoff in (option.act_from, option.review_from)
    )
    if not binary and option.review_from is None:  # a confidence is accepted or reviewed
        review = np.ones_like(act)
    done = np.where(act, ACT, np.where(review, REVIEW, PASS))
    total = rows.rows
    shares = {
        name: Estimate(value=float(rows.n[done == which].sum()) / total)
        for name, which in (("act_share", ACT), ("review_share", REVIEW), ("pass_share", PASS))
        if binary or which != PASS
    }
    none, one = np.zeros_like(rows.p), np.ones_like(rows.p)
    wrong = np.where(done == ACT, np.stack([one, none]), np.stack([none, one]))
    found: Metrics = {}
    costs = costs_in(report)
    if costs is not None:
        cost = expected_mean(rows, costs.table()[done].T * PER, level=level)
        found["cost"] = cost
    found["error"] = expected_mean(rows, wrong, level=level, chosen=done != REVIEW)
    if binary:
        chosen = done == ACT
        found["precision"] = expected_mean(rows, positive(rows.p), level=level, chosen=chosen)
        found["recall"] = expected_recall(rows, done != PASS, level=level)
    return found | shares


def other_metrics(known: Known, cells: Cells, *, level: float) -> Metrics:
    """Return accuracy by ATC, and the base rate if nothing but that differs."""
    found: Metrics = {}
    if known.cells is None or known.sample is None:
        return found
    points = known.points(cells)
    sure, others = (
        np.maximum(p, 1.0 - p) if known.binary else p for p in (known.sample.p, points.p)
    )
    accuracy = known.told.accuracy or 0.0
    rows = cells.counts.sum(axis=0).astype(np.float64)
    share, _ = atc_accuracy(sure, known.sample.w.sum(axis=0), accuracy, others, rows)
    found["atc"] = Estimate(value=share, reason="no interval is known to hold")
    if not known.binary:
        return found
    try:
        rate = prevalence_of(points, known.sample, level=level)
    except NotEnoughData as error:
        found["base_rate_shift"] = Estimate(value=None, reason=str(error))
        return found
    inside = 0.0 < rate.value < 1.0
    found["base_rate_shift"] = Estimate(
        value=rate.value, low=rate.low if inside else None, high=rate.high if inside else None,
        level=level, method="maximum likelihood (EM)",
        reason=None if inside else "the likelihood is largest at the end of the scale",
    )  # fmt: skip
    return found


def powered(known: Known, labelled: Cells, cells: Cells, *, level: float) -> Metrics:
    """Return accuracy and base rate of rows of which some, drawn at random, have labels.

    The labelled rates, moved by what the map expects of the other rows more than of these
    (prediction-powered); they hold whether the map does or not.
    """
    some, every = known.expects(labelled), known.expects(cells)
    if some.rows < FEWEST_LABELS:
        return {}
    found: Metrics = {}
    asked: dict[str, Callable[[Floats], Floats]] = {"accuracy_labelled": known.right}
    if known.binary:
        asked["base_rate_labelled"] = positive
    for name, values_of in asked.items():
        values = values_of(some.p)
        expected, all_expected = (
            v[0] + (v[1] - v[0]) * part.q
            for v, part in ((values, some), (values_of(every.p), every))
        )
        w = labelled.counts.astype(np.float64)
        own = Paired.of(w, values, np.stack([expected] * 2))
        sums = [float(every.n @ all_expected**k) - float(some.n @ expected**k) for k in (0, 1, 2)]
        rare = min(float((w * values).sum()), float((w * (1.0 - values)).sum()))
        found[name] = powered_share(own, (sums[0], sums[1], sums[2]), rare, level=level)
    return found


def labels_needed(rows: Expected, matters: float, *, binary: bool) -> tuple[LabelsNeeded, ...]:
    """Return how many labels would tell a change that matters, of either kind."""
    found = [
        LabelsNeeded(change="base-rate", labels=labels_to_tell(rows, uniform_shift(rows, matters)))
    ]
    slope = slope_shift(rows, right_if(rows.p, binary=binary), matters)
    if slope is not None:
        found.append(LabelsNeeded(change="confidence", labels=labels_to_tell(rows, slope)))
    return tuple(found)

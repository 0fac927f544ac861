"""Labels that are no outcomes, and scores that rank backwards: what makes other figures idle."""

from __future__ import annotations

import math

import numpy as np

from calaudit.findings.finding import Finding, finding
from calaudit.metrics.estimate import Estimate
from calaudit.tables.cells import Cells

LABELS_FOLLOW = "labels-are-predictions"
RANKS_BACKWARDS = "ranks-backwards"
SAID_FIRST = (LABELS_FOLLOW, RANKS_BACKWARDS)
"""Codes of what every command says before all else."""

BACKWARDS = 0.45
"""Upper end of AUROC below which the scores surely rank backwards, and not just badly."""

RARE = math.log(1000.0)
"""Labels are called no outcomes where these scores, and this order, had them by chance less
often than once in a thousand."""

LEAST = 5
"""Rows of either label that it takes."""


def label_findings(
    cells: Cells, auroc: Estimate, *, task: str, classes: tuple[str, ...] = ()
) -> list[Finding]:
    """Return that every label follows from the score, or that scores rank backwards, if so.

    Args:
        cells: scores by outcome; other than binary, confidences by right and wrong.
        auroc: of these cells.
        task: "binary", "multiclass" or "top-label".
        classes: names of label 0 and label 1, where they are known.
    """
    binary = task == "binary"
    if binary and _is_copy(cells):
        return [finding(LABELS_FOLLOW, kind="copy")]
    if _by_chance(cells) < -RARE:
        wrong, right = (int(n) for n in cells.counts.sum(axis=1))
        if not binary and wrong == 0 and right >= LEAST:
            return [finding(LABELS_FOLLOW, kind="all-right", **_otherwise(cells))]
        one = "right" if not binary else f'"{classes[1]}"' if len(classes) == 2 else "1"
        cutoff = _cutoff(cells) if min(right, wrong) >= LEAST else None
        if cutoff is not None:
            at = {"cutoff": cutoff[0], "side": cutoff[1], "outcome": one}
            return [finding(LABELS_FOLLOW, kind="cutoff", **at, **_otherwise(cells))]
    if auroc.value is None or auroc.high is None or auroc.high >= BACKWARDS:
        return []
    figures = {"auroc": auroc.value, "low": auroc.low, "high": auroc.high}
    if not binary:
        return [finding(RANKS_BACKWARDS, kind="right-and-wrong", **figures)]
    zero, one = classes if len(classes) == 2 else ("0", "1")
    return [finding(RANKS_BACKWARDS, kind="outcomes", zero=zero, one=one, **figures)]


def _is_copy(cells: Cells) -> bool:
    """Return whether labels, some of either kind, are what the scores surely say."""
    said = [cells.counts[label, cells.p == label].sum() for label in (0, 1)]
    return bool(min(said) >= LEAST and sum(said) == cells.counts.sum())


def _by_chance(cells: Cells) -> float:
    """Return the logarithm of the chance of these labels, were the scores right."""
    p = np.clip(cells.p, 1e-12, 1.0 - 1e-12)
    return float((cells.counts * np.log([1.0 - p, p])).sum())


def _otherwise(cells: Cells) -> dict[str, float]:
    """Return how many labels would be others by the scores, and of how many."""
    zeros, ones = cells.counts
    others = float((ones * (1.0 - cells.p) + zeros * cells.p).sum())
    return {"others": others, "rows": int(cells.counts.sum())}


def _cutoff(cells: Cells) -> tuple[float, str] | None:
    """Return the cutoff of the score that tells every label, and its side; None for none."""
    zeros, ones = (np.flatnonzero(n) for n in cells.counts)
    rows = cells.counts.sum(axis=1).tolist()
    orders = math.lgamma(sum(rows) + 1) - sum(math.lgamma(n + 1) for n in rows)
    cut, where = (ones[0], "or more") if zeros[-1] < ones[0] else (ones[-1], "or less")
    if orders < RARE or not (zeros[-1] < ones[0] or ones[-1] < zeros[0]):
        return None
    return float(cells.p[cut]), where

"""Labels that are no outcomes, and scores that rank backwards: what makes other figures idle."""

from __future__ import annotations

import math
import shlex

import numpy as np

from calaudit.metrics.estimate import Estimate
from calaudit.tables.cells import Cells

__all__ = ["LABELS_FOLLOW", "RANKS_BACKWARDS", "SAID_FIRST", "Finding", "label_findings"]

LABELS_FOLLOW = "labels-are-predictions"
RANKS_BACKWARDS = "ranks-backwards"
SAID_FIRST = (LABELS_FOLLOW, RANKS_BACKWARDS)
"""Codes of what every command says before all else."""

Finding = tuple[str, str, str]
"""Code, what was found (its first sentence is said first), and what to do."""

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
        text = "Every score is 0 or 1, and is the label: is the score column a copy of the labels?"
        return [(LABELS_FOLLOW, text, "Name the column of the model's scores with --score.")]
    if _by_chance(cells) < -RARE:
        wrong, right = (int(n) for n in cells.counts.sum(axis=1))
        if not binary and wrong == 0 and right >= LEAST:
            return [_followed(_all_right(cells))]
        one = "right" if not binary else f'"{classes[1]}"' if len(classes) == 2 else "1"
        if min(right, wrong) >= LEAST and (text := _follows(cells, one)):
            return [_followed(text)]
    if auroc.value is None or auroc.high is None or auroc.high >= BACKWARDS:
        return []
    figure = f"AUROC {auroc.value:.3f}, {auroc.low:.3f} to {auroc.high:.3f}; chance is 0.5"
    if not binary:
        text = f"The surest predictions are the most often wrong ({figure}): is a low value sure?"
        advice = "Look which predictions the confidences belong to."
    else:
        zero, one = classes if len(classes) == 2 else ("0", "1")
        other = f"--positive {shlex.quote(zero)}"
        text = f'The scores rank backwards ({figure}): are they of "{zero}" ({other}), or does a '
        text += f'low score mean "{one}"?'
        advice = f"Try {other}; where a low score means {one}, write 1 less the score."
    return [(RANKS_BACKWARDS, text, advice)]


def _is_copy(cells: Cells) -> bool:
    """Return whether labels, some of either kind, are what the scores surely say."""
    said = [cells.counts[label, cells.p == label].sum() for label in (0, 1)]
    return bool(min(said) >= LEAST and sum(said) == cells.counts.sum())


def _followed(text: str) -> Finding:
    advice = "Name the column of what came true with --label."
    return LABELS_FOLLOW, text, advice


def _by_chance(cells: Cells) -> float:
    """Return the logarithm of the chance of these labels, were the scores right."""
    p = np.clip(cells.p, 1e-12, 1.0 - 1e-12)
    return float((cells.counts * np.log([1.0 - p, p])).sum())


def _otherwise(cells: Cells) -> str:
    """Return how many labels would be others by the scores, and of how many."""
    zeros, ones = cells.counts
    others = float((ones * (1.0 - cells.p) + zeros * cells.p).sum())
    return f"about {others:,.0f} of the {int(cells.counts.sum()):,}"


def _all_right(cells: Cells) -> str:
    text = "Every prediction is right: is the label column the prediction? By the confidences "
    return f"{text}{_otherwise(cells)} would be wrong."


def _follows(cells: Cells, one: str) -> str:
    """Return that a cutoff of the score tells every label; "" where none does."""
    zeros, ones = (np.flatnonzero(n) for n in cells.counts)
    rows = cells.counts.sum(axis=1).tolist()
    orders = math.lgamma(sum(rows) + 1) - sum(math.lgamma(n + 1) for n in rows)
    cut, where = (ones[0], "or more") if zeros[-1] < ones[0] else (ones[-1], "or less")
    if orders < RARE or not (zeros[-1] < ones[0] or ones[-1] < zeros[0]):
        return ""
    text = "Every label follows from a cutoff of the score: is the label column the prediction? It "
    text += f"is {one} at {cells.p[cut]:.6g} {where} and nowhere else, and by the scores "
    return f"{text}{_otherwise(cells)} would be otherwise."

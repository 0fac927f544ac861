"""Whether scores rank labels at all: what a curve refuses, other methods fit with a remark."""

from __future__ import annotations

import numpy as np

from calaudit.calibrators.fit_points import Sample, calibrated_cells
from calaudit.calibrators.identity import Identity
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.discrimination import auroc as auroc_of
from calaudit.metrics.labelling import label_findings


def ranking_remarks(
    sample: Sample, *, task: str, classes: tuple[str, ...], level: float
) -> tuple[Finding, ...]:
    """Return a remark where scores rank labels the wrong way round, or separate them.

    Args:
        sample: rows to fit on.
        task: "binary" or "top-label".
        classes: names of the labels, where they are known.
        level: of intervals.
    """
    cells = calibrated_cells([(sample, Identity())])
    found = label_findings(cells, auroc_of(cells, level=level), task=task, classes=classes)
    if found:
        return tuple(found)
    w0, w1 = sample.w
    if not (w0.any() and w1.any()):  # one label has no order
        return ()
    below = np.cumsum(w0) - 0.5 * w0  # equal scores count half
    auroc = float((w1 * below).sum()) / (float(w0.sum()) * float(w1.sum()))
    if auroc < 0.5:
        return (finding("inverted", auroc=auroc),)
    if np.flatnonzero(w0 > 0)[-1] < np.flatnonzero(w1 > 0)[0]:
        return (finding("separable"),)
    return ()

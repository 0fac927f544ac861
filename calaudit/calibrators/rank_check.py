"""Whether scores rank labels at all: what a curve refuses, other methods fit with a remark."""

from __future__ import annotations

import numpy as np

from calaudit.calibrators.certificate import Remark
from calaudit.calibrators.fit_points import Sample, calibrated_cells
from calaudit.calibrators.identity import Identity
from calaudit.metrics.discrimination import auroc as auroc_of
from calaudit.metrics.labelling import label_findings

__all__ = ["ranking_remarks"]


def ranking_remarks(
    sample: Sample, *, task: str, classes: tuple[str, ...], level: float
) -> tuple[Remark, ...]:
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
        return tuple(Remark(*each) for each in found)
    w0, w1 = sample.w
    if not (w0.any() and w1.any()):  # one label has no order
        return ()
    below = np.cumsum(w0) - 0.5 * w0  # equal scores count half
    auroc = float((w1 * below).sum()) / (float(w0.sum()) * float(w1.sum()))
    if auroc < 0.5:
        remark = Remark(
            "inverted",
            "On the rows to fit on, the scores rank labels the wrong way round: AUROC is "
            f"{auroc:.3f}, and 0.5 is chance.",
            "Check the label column and the positive class before using any calibrator of them.",
        )
        return (remark,)
    if np.flatnonzero(w0 > 0)[-1] < np.flatnonzero(w1 > 0)[0]:
        remark = Remark(
            "separable",
            "A threshold separates the labels: the scores make no error on the fit rows, so that "
            "how sure they may be rests on the number of rows alone.",
            "Fit on rows on which the model errs now and then.",
        )
        return (remark,)
    return ()

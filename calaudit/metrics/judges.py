"""What a judge's verdicts are worth beside people's, and the pass rate without its errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.unseen import unseen_share
from calaudit.tables.cells import Cells

__all__ = ["JudgeFigures", "judge_figures"]


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """A judge beside people.

    Attributes:
        rows: that it judged. labelled: those of them that people judged, too.
        kappa: Cohen's, of verdicts; the judge passes what it scores at ½ or above.
        passes: share of all rows that it passes. rate: share that people would pass.
    """

    rows: int
    labelled: int
    kappa: Estimate
    passes: float
    rate: Estimate


def judge_figures(cells: Cells, alone: Sequence[float], *, level: float) -> JudgeFigures:
    """Return what the judge is worth.

    The rate that people would pass is ȳ + λ(f̄′ − f̄): their own rate, moved by what the judge's
    scores f of the other rows (′) are higher, with the λ of the least variance. It holds where
    people looked at rows drawn at random.

    Args:
        cells: scores of the rows that people judged, by their verdict; unweighted.
        alone: of the other rows: number, sum and sum of squares of scores, and how many pass.
        level: of the intervals.

    Source: Angelopoulos et al. 2023, arXiv 2311.01453 (PPI++); Cohen 1960; Fleiss, Cohen & Everitt
        1969 (the variance of kappa).
    """
    f, w = cells.p_by_label, cells.w
    n, (others, total, squares, passing) = float(w.sum()), alone
    y, mean = float(w[1].sum()) / n, float((w * f).sum()) / n
    label = np.array([[0.0], [1.0]])
    free = n / max(n - 1.0, 1.0)
    spread = free * float((w * (f - mean) ** 2).sum()) / n
    cov = free * float((w * (f - mean) * (label - y)).sum()) / n
    verdict = np.where(cells.p >= 0.5, 1, 0)
    table = np.array([[float(w[k, verdict == v].sum()) for v in (0, 1)] for k in (0, 1)])
    slope, shift, beside = 0.0, 0.0, 0.0
    if others > 1:
        shift = total / others - mean
        beside = max(squares - total * total / others, 0.0) / (others - 1.0)
        pooled = (n * spread + others * beside) / (n + others)
        slope = min(max(cov / ((1 + n / others) * pooled), 0.0), 1.0) if pooled > 0 else 0.0
    value = y + slope * shift
    residual = free * y * (1 - y) - 2 * slope * cov + slope * slope * spread
    variance = max(residual, 0.0) / n + (slope * slope * beside / others if others else 0.0)
    half = normal_quantile(0.5 + level / 2) * math.sqrt(variance)
    wrong = float(table[0, 1] + table[1, 0])
    half += unseen_share(min(wrong, *table.sum(axis=1).tolist()), n, level)
    low, high, method = max(value - half, 0.0), min(value + half, 1.0), "prediction-powered"
    return JudgeFigures(
        rows=int(n + others),
        labelled=int(n),
        kappa=_kappa(table / n, n, level),
        passes=(float(table[:, 1].sum()) + passing) / (n + others),
        rate=Estimate(
            value=min(max(value, 0.0), 1.0), low=low, high=high, level=level, method=method
        ),
    )


def _kappa(share: NDArray[np.float64], n: float, level: float) -> Estimate:
    """Return Cohen's kappa of (2, 2) shares, by people and by the judge, that sum to 1."""
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    agreed, chance = float(np.trace(share)), float(rows @ columns)
    if chance >= 1:
        return Estimate(value=None, reason="there is one verdict only")
    kappa = (agreed - chance) / (1 - chance)
    both = rows[None, :] + columns[:, None]
    on = float((np.diag(share) * (1 - np.diag(both) * (1 - kappa)) ** 2).sum())
    off = (1 - kappa) ** 2 * float((share * both**2).sum() - (np.diag(share * both**2)).sum())
    spread = max(on + off - (kappa - chance * (1 - kappa)) ** 2, 0.0) / (n * (1 - chance) ** 2)
    rarest = n * min(1 - agreed, *rows.tolist(), *columns.tolist())
    half = normal_quantile(0.5 + level / 2) * math.sqrt(spread)
    half += unseen_share(rarest, n, level) / (1 - chance)
    return Estimate(
        value=kappa, low=max(kappa - half, -1.0), high=min(kappa + half, 1.0), level=level
    )

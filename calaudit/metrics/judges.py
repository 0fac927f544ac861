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
    wrong = float(table[0, 1] + table[1, 0])
    rare = min(wrong, *table.sum(axis=1).tolist())
    own = Paired(n, y, free * y * (1 - y), mean, spread, cov)
    return JudgeFigures(
        rows=int(n + others),
        labelled=int(n),
        kappa=_kappa(table / n, n, level),
        passes=(float(table[:, 1].sum()) + passing) / (n + others),
        rate=powered_share(own, (others, total, squares), rare, level=level),
    )


@dataclass(frozen=True, slots=True)
class Paired:
    """Labelled rows: mean and variance of what is asked for and its prediction, and covariance."""

    n: float
    mean: float
    variance: float
    predicted: float
    spread: float
    cov: float

    @classmethod
    def of(cls, w: NDArray[np.float64], y: NDArray[np.float64], f: NDArray[np.float64]) -> Paired:
        """Return that of rows, or of cells of w rows, with values y and predictions f."""
        n = float(w.sum())
        mean, predicted = float((w * y).sum()) / n, float((w * f).sum()) / n
        products = ((y - mean) ** 2, (f - predicted) ** 2, (y - mean) * (f - predicted))
        variance, spread, cov = (float((w * x).sum()) / max(n - 1.0, 1.0) for x in products)
        return cls(n, mean, variance, predicted, spread, cov)


def powered_share(
    own: Paired, beside: tuple[float, float, float], rare: float, *, level: float
) -> Estimate:
    """Return the share of all rows, ȳ + λ(f̄′ − f̄), with the λ of the least variance.

    Args:
        own: the labelled rows, drawn at random.
        beside: of the other rows: number, sum and sum of squares of the predictions.
        rare: labelled rows of the rarest kind; see `unseen_share`.
        level: of the interval.
    """
    others, total, squares = beside
    slope, shift, chance = 0.0, 0.0, 0.0
    if others > 1:
        shift = total / others - own.predicted
        chance = max(squares - total * total / others, 0.0) / (others - 1.0)
        pooled = (own.n * own.spread + others * chance) / (own.n + others)
        slope = min(max(own.cov / ((1 + own.n / others) * pooled), 0.0), 1.0) if pooled > 0 else 0.0
    value = own.mean + slope * shift
    residual = own.variance - 2 * slope * own.cov + slope * slope * own.spread
    variance = max(residual, 0.0) / own.n + (slope * slope * chance / others if others else 0.0)
    half = normal_quantile(0.5 + level / 2) * math.sqrt(variance)
    half += unseen_share(rare, own.n, level)
    low, high, method = max(value - half, 0.0), min(value + half, 1.0), "prediction-powered"
    value = min(max(value, 0.0), 1.0)
    return Estimate(value=value, low=low, high=high, level=level, method=method)


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

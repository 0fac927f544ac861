"""Figures computed the slow way, row by row, from their definitions: oracles for the tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def gaps_of_groups(p: Any, y: Any, group: Any, w: Any = None) -> tuple[Floats, Floats]:
    """Return Σw of each group of rows and mean y − mean p; negative groups are left out."""
    w = np.ones(len(p)) if w is None else np.asarray(w, np.float64)
    held = np.asarray(group) >= 0
    p, y, w, group = np.asarray(p)[held], np.asarray(y)[held], w[held], np.asarray(group)[held]
    count: Floats = np.bincount(group, w).astype(np.float64)
    total: Floats = np.bincount(group, w * (y - p)).astype(np.float64)
    return count, np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def ece_of_groups(p: Any, y: Any, group: Any, w: Any = None, n: float | None = None) -> float:
    """Return Σ share · |gap| over groups of rows; ``n`` is the denominator."""
    count, gap = gaps_of_groups(p, y, group, w)
    total = float(len(p) if w is None else np.sum(w)) if n is None else n
    return float((count * np.abs(gap)).sum() / total)


def groups_of_quantiles(p: Any, bins: int) -> NDArray[np.intp]:
    """Return equal-mass groups: right-closed between the distinct quantiles of the scores."""
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)))
    if len(edges) < 2:
        return np.zeros(len(p), np.intp)
    group: NDArray[np.intp] = np.searchsorted(edges, p, side="left") - 1
    return group.clip(0, len(edges) - 2)


def smooth_residual_integral(p: Any, y: Any, sigma: float, w: Any = None) -> float:
    """Return ∫₀¹ |Σ_j r_j K_σ(x, p_j)| dx by quadrature on a fine grid.

    K is the Gaussian kernel reflected at 0 and 1, summed over its images, as it is defined in
    Błasiok & Nakkiran 2024; nothing is transformed.
    """
    w = np.ones(len(p)) if w is None else np.asarray(w, np.float64)
    p, y = np.asarray(p, np.float64), np.asarray(y, np.float64)
    u, inverse = np.unique(p, return_inverse=True)
    mass = np.bincount(inverse, w * (y - p)) / w.sum()
    step = min(sigma / 60.0, 1e-3)
    points = int(np.ceil(1.0 / step))
    x = (np.arange(points) + 0.5) / points
    field = np.zeros(points)
    reach = int(np.ceil(9.0 * sigma)) + 1
    for a, m in zip(u, mass, strict=True):
        for image in range(-reach, reach + 1):
            for centre in (2 * image + a, 2 * image - a):
                if -9 * sigma < centre < 1 + 9 * sigma:
                    field += m * np.exp(-((x - centre) ** 2) / (2 * sigma**2))
    field /= sigma * np.sqrt(2 * np.pi)
    return float(np.abs(field).mean())


def smooth_calibration_error(p: Any, y: Any, w: Any = None) -> float:
    """Return the σ at which `smooth_residual_integral` equals σ, by bisection."""
    low, high = 1e-4, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if smooth_residual_integral(p, y, middle, w) > middle:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def delong(p: Any, y: Any) -> tuple[float, float]:
    """Return AUROC and its DeLong variance from all pairs of rows (DeLong et al. 1988)."""
    ones, zeros = np.asarray(p)[np.asarray(y) == 1], np.asarray(p)[np.asarray(y) == 0]
    wins = (ones[:, None] > zeros[None, :]) + 0.5 * (ones[:, None] == zeros[None, :])
    v10, v01 = wins.mean(axis=1), wins.mean(axis=0)
    variance = v10.var(ddof=1) / len(ones) + v01.var(ddof=1) / len(zeros)
    return float(wins.mean()), float(variance)


def debiased_squared_error(p: Any, y: Any, group: Any) -> float:
    """Return T = (1/n) Σ_b (R_b² − Q_b)/(n_b − 1) with a loop over bins."""
    p, y, group = np.asarray(p, np.float64), np.asarray(y, np.float64), np.asarray(group)
    total = 0.0
    for b in np.unique(group):
        e = (y - p)[group == b]
        if len(e) >= 2:
            total += (e.sum() ** 2 - (e**2).sum()) / (len(e) - 1)
    return total / len(p)


def debiased_variance(p: Any, y: Any, group: Any) -> float:
    """Return the closed-form variance of T with a loop over bins, none below calibration's."""
    p, y, group = np.asarray(p, np.float64), np.asarray(y, np.float64), np.asarray(group)
    n = len(p)
    first = second = third = fourth = 0.0
    for b in np.unique(group):
        e = (y - p)[group == b]
        if len(e) < 2:
            continue
        expected = (p * (1 - p))[group == b].mean()
        s2, share = max(e.var(ddof=1), expected), len(e) / n
        d2 = max(e.mean() ** 2 - s2 / len(e), 0.0)
        first += 2 * len(e) * s2**2 / (len(e) - 1) / n**2
        second += 4 / n * share * d2 * s2
        third += share * d2**2
        fourth += share * d2
    return first + second + (third - fourth**2) / n

"""Risk against coverage: how errors fall as the least confident cases are left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.unseen import unseen_share

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The curve and the area under it.

    Attributes:
        coverage: (m,) share of cases at or above each confidence, rising.
        risk: (m,) share of these that are wrong.
        area: AURC, the mean risk over coverages; low is good.
        cells: (m,) index of the cell where each point begins, from the most confident.
    """

    coverage: Floats
    risk: Floats
    area: Estimate
    cells: NDArray[np.intp]


def risk_coverage(
    w: Floats, w2: Floats, *, level: float, groups: Floats | None = None
) -> RiskCoverage:
    """Return the risk–coverage curve of confidences.

    AURC = (1/n) Σ_i (wrong among the i most confident)/i (Geifman & El-Yaniv 2017); cases of
    equal confidence are taken in random order, and the expectation over it is exact. The
    interval is normal, from the influence of each case.

    Args:
        w: (2, m) weight by whether the prediction is right, in the order of confidence.
        w2: (2, m) squared weight.
        level: of the interval.
        groups: (G, 2, m) weight by group, where rows belong together.
    """
    order = np.flatnonzero(w.sum(axis=0) > 0)[::-1]
    wrong, weight = w[0][order], w.sum(axis=0)[order]
    unit = float(w2.sum()) / float(w.sum())  # a case; 1 where rows count once
    errors, cases = np.cumsum(wrong), np.cumsum(weight)
    total = float(cases[-1])
    rate = wrong / weight
    before_errors, before = errors - wrong, cases - weight
    # Σ over the cases of a block of (e + j·rate)/(n + j), j = 1, 2, …: by harmonic numbers.
    sums = harmonic(cases / unit) - harmonic(before / unit)
    area = (rate * weight + (before_errors - rate * before) * sums).sum() / total
    value = float(area)
    risk = errors / cases
    share = weight / total
    reach = np.cumsum((share / (cases / total))[::-1])[::-1]
    seen = np.cumsum((share * risk / (cases / total))[::-1])[::-1]
    spread, off = 0.0, np.zeros(0 if groups is None else len(groups))
    for label, error in ((0, 1.0), (1, 0.0)):
        influence = risk + error * reach - seen - value
        spread += float((w2[label][order] * influence**2).sum())
        if groups is not None:
            off += groups[:, label][:, order] @ influence
    if groups is not None:
        variance, ends = spread / float(w2.sum()), {"at_least": 0.0, "at_most": 1.0}
        each = groups.sum(axis=(1, 2))
        estimate = clustered_mean(value, off, each, variance, level=level, **ends)
        return RiskCoverage(cases / total, risk, estimate, order)
    half = normal_quantile(0.5 + level / 2) * math.sqrt(spread) / total
    half += unseen_share(float(wrong.sum()) / unit, total / unit, level)
    estimate = Estimate(
        value=value,
        low=max(value - half, 0.0),
        high=min(value + half, 1.0),
        level=level,
        method="influence function, normal",
    )
    return RiskCoverage(cases / total, risk, estimate, order)


def harmonic(x: Floats) -> Floats:
    """Return the harmonic numbers H(x) = ψ(x + 1) + γ, for x ≥ 0 (Abramowitz & Stegun 6.3.18)."""
    shifted = np.zeros_like(x)
    y = x + 1.0
    for _ in range(10):
        small = y < 10.0
        shifted -= np.where(small, 1.0 / np.where(small, y, 1.0), 0.0)
        y = np.where(small, y + 1.0, y)
    inverse = 1.0 / (y * y)
    series = inverse * (
        1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132)))
    )
    digamma = np.log(y) - 0.5 / y - series
    result: Floats = digamma + shifted + np.euler_gamma
    return result

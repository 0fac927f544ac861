"""The beta distribution, and what follows from it: Student's t and intervals of proportions."""

from __future__ import annotations

import math

from calaudit.metrics.estimate import Estimate

STEPS = 500
"""Terms of the continued fraction; with very many degrees of freedom fewer than that suffice."""


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return P(X ≤ x) of a beta variable, to about 1e-12 of itself.

    Args:
        x: in [0, 1].
        a: above 0, a whole number or not.
        b: likewise.

    Source: the continued fraction of DLMF 8.17.22, by Lentz's method.
    """
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    # Looked at once: near the mean rounding lets x and 1 − x both be above theirs.
    turned = x > (a + 1.0) / (a + b + 2.0)
    if turned:
        x, a, b = 1.0 - x, b, a
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1.0 / max(1.0 - (a + b) * x / (a + 1.0), tiny)
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    value = min(front * value, 1.0)
    return 1.0 - value if turned else value


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return where `beta_cdf` is ``probability``, above 0 and below 1, by bisection."""
    low, high = 0.0, 1.0
    while high - low > 1e-14 * high and high > 1e-300:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if beta_cdf(middle, a, b) < probability else (low, middle)
    return 0.5 * (low + high)


def student_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t.

    Args:
        probability: 0.5 or more, and below 1.
        df: degrees of freedom, 1 or more; whole or not.
    """
    if probability <= 0.5:
        return 0.0
    # t² / (df + t²) is beta of ½ and df/2.
    share = beta_quantile(2.0 * probability - 1.0, 0.5, df / 2.0)
    return math.sqrt(df * share / (1.0 - share))


def student_p(t: float, df: float) -> float:
    """Return P(|T| > |t|) of Student's t."""
    return beta_cdf(df / (df + t * t), df / 2.0, 0.5) if df > 0 else 1.0


def clopper_pearson(share: float, n: float, level: float) -> tuple[float, float]:
    """Return the exact interval of a proportion (Clopper & Pearson 1934).

    Args:
        share: observed, in [0, 1].
        n: number of rows, above 0; effective and not whole where rows depend on each other.
        level: confidence level.
    """
    tail = (1.0 - level) / 2.0
    hits = share * n
    low = beta_quantile(tail, hits, n - hits + 1.0) if share > 0.0 else 0.0
    return low, upper_rate(hits, n, 1.0 - tail) if share < 1.0 else 1.0


def upper_rate(hits: float, n: float, confidence: float) -> float:
    """Return the upper end of the one-sided Clopper–Pearson interval of a proportion.

    Args:
        hits: seen, 0 or more.
        n: rows, as in `clopper_pearson`.
        confidence: of the end.
    """
    return beta_quantile(confidence, hits + 1.0, n - hits) if hits < n else 1.0


def default_rate(defaults: int, rows: int, stated: float, level: float) -> Estimate:
    """Return a default rate with Jeffreys' interval, and his test that ``stated`` is too low.

    p = P(rate ≤ stated) of beta(d + ½, n − d + ½); too often small where d < 1 is expected.
    Source: Brown, Cai & DasGupta 2001 (interval); ECB 2019, validation reporting, 2.5.3 (test).
    """
    tail, a, b = (1.0 - level) / 2.0, defaults + 0.5, rows - defaults + 0.5
    low = beta_quantile(tail, a, b) if defaults else 0.0
    high = beta_quantile(1.0 - tail, a, b) if defaults < rows else 1.0
    p = beta_cdf(stated, a, b) if stated else float(not defaults)  # 0 is refuted by a default
    return Estimate(value=defaults / rows, low=low, high=high, level=level, p_value=p)

"""Exact binomial tails against scipy, and against sums of sixty digits."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import pytest
from scipy import stats

from calaudit.metrics.beta import upper_rate
from calaudit.thresholds.binomial import binomial_cdf, least_trials

RATES = (1e-6, 1e-4, 0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.98, 0.9999)
DEVIATIONS = (-30, -12, -6, -4, -2, -1.6, -1, -0.1, 0, 0.1, 1, 2, 4, 6, 12)


@pytest.mark.parametrize("trials", [1, 2, 5, 17, 150, 1000, 10**4, 10**5, 10**6, 10**7, 10**8])
def test_against_scipy(trials: int) -> None:
    """From one trial to 10⁸, in both tails and the middle, the two agree to 1e-9."""
    compared = 0
    for p in RATES:
        spread = math.sqrt(trials * p * (1 - p))
        for z in DEVIATIONS:
            k = round(trials * p + z * spread)
            wanted = float(stats.binom.cdf(k, trials, p))
            if 0 <= k <= trials and wanted > 1e-300:
                assert binomial_cdf(k, trials, p) == pytest.approx(wanted, rel=1e-9), (k, p)
                compared += 1
    assert compared >= len(RATES)


@pytest.mark.parametrize("trials", [1, 2, 3, 9, 40])
def test_every_count(trials: int) -> None:
    """Every number of successes of few trials, against sums of `math.comb`."""
    for p in RATES:
        total = 0.0
        for k in range(trials):
            total += math.comb(trials, k) * p**k * (1 - p) ** (trials - k)
            assert binomial_cdf(k, trials, p) == pytest.approx(total, rel=1e-12), (k, p)
        assert binomial_cdf(-1, trials, p) == 0.0
        assert binomial_cdf(trials, trials, p) == 1.0


def summed(k: int, trials: int, p: float) -> Decimal:
    """Return the tail as a sum of sixty-digit terms."""
    with localcontext() as context:
        context.prec = 60
        rate = Decimal(p)
        term = total = (1 - rate) ** trials
        for i in range(1, k + 1):
            term = term * (trials - i + 1) / i * rate / (1 - rate)
            total += term
        return +total


@pytest.mark.parametrize(
    ("k", "trials", "p"),
    [(4, 10**7, 1e-6), (4, 10**5, 1e-4), (1900, 10**5, 0.02), (9700, 10**6, 0.01), (0, 3000, 0.3)],
)
def test_against_sixty_digits(k: int, trials: int, p: float) -> None:
    """Lower tails, which the tests of a limit use, are right to 1e-12."""
    assert binomial_cdf(k, trials, p) == pytest.approx(float(summed(k, trials, p)), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.75, 0.9, 0.95, 0.99, 0.9999])
@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1, 0.02, 0.001])
def test_least_trials(rate: float, confidence: float) -> None:
    """Without an error so many trials show the rate, and one fewer does not."""
    with localcontext() as context:
        context.prec = 50
        good, delta = 1 - Decimal(str(rate)), 1 - Decimal(str(confidence))
        least = least_trials(rate, confidence)
        assert good**least <= delta < good ** (least - 1)


def test_least_trials_by_hand() -> None:
    """The rule of three, exactly: ln 0.05/ln 0.98 = 148.3."""
    assert least_trials(0.02, 0.95) == 149
    assert least_trials(0.5, 0.75) == 2


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.9999])
@pytest.mark.parametrize("trials", [1, 7, 120, 5000, 10**6])
def test_upper_rate(trials: int, confidence: float) -> None:
    """The upper end of Clopper & Pearson is the quantile of a beta distribution."""
    for k in sorted({0, 1, trials // 50, trials // 2, trials - 1} & set(range(trials))):
        wanted = float(stats.beta.ppf(confidence, k + 1, trials - k))
        assert upper_rate(k, trials, confidence) == pytest.approx(wanted, rel=1e-8), k
    assert upper_rate(trials, trials, confidence) == 1.0

"""Differences between models against scipy and sums over raw rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.model_set import all_pairs, losses_of, model_set
from calaudit.metrics.murphy import THETAS, elementary_scores, murphy_band
from calaudit.metrics.paired import (
    Agreement,
    Rows,
    accuracy_difference,
    auroc_difference,
    correlation,
    mcnemar,
    mean_difference,
)

RNG = np.random.default_rng(5)
N = 240
TRUTH = 1 / (1 + np.exp(-RNG.normal(size=N) * 1.5))
Y = RNG.random(N) < TRUTH
A: Any = np.round(TRUTH, 2)
B: Any = np.round(np.clip(TRUTH + 0.15 * RNG.normal(size=N), 0.0, 1.0), 2)
GROUP = RNG.integers(0, 30, N)
GROUP = np.unique(GROUP, return_inverse=True)[1]
MEMBERS: Any = [g == GROUP for g in range(30)]
ALONE = Rows(np.ones(N))
GROUPED = Rows(np.ones(N), group=GROUP)
D = (B - Y) ** 2 - (A - Y) ** 2


def ends(found: Estimate) -> Any:
    """Return the interval."""
    return (found.low, found.high)


def test_mean_difference_is_the_paired_t_test() -> None:
    """Value, interval and p-value of scipy's one-sample t-test of differences."""
    found, known = mean_difference(D, ALONE, level=0.9), stats.ttest_1samp(D, 0.0)
    assert found.value == pytest.approx(D.mean())
    assert ends(found) == pytest.approx(tuple(known.confidence_interval(0.9)))
    assert found.p_value == pytest.approx(known.pvalue)


def test_frequency_weights_are_rows() -> None:
    """A row of weight 3 is three rows; importance weights do not depend on their unit."""
    times = RNG.integers(1, 4, N)
    whole = Rows(np.ones(int(times.sum())))
    counted = Rows(times.astype(float), frequency=True)
    found = mean_difference(D, counted, level=0.95)
    known = mean_difference(np.repeat(D, times), whole, level=0.95)
    assert (found.value, *ends(found)) == pytest.approx((known.value, *ends(known)))
    one, two = (
        auroc_difference((A, B), (Y, Y), counted, level=0.95),
        auroc_difference(
            (np.repeat(A, times), np.repeat(B, times)), (np.repeat(Y, times),) * 2, whole,
            level=0.95,
        ),
    )  # fmt: skip
    assert (one.value, *ends(one)) == pytest.approx((two.value, *ends(two)))
    scaled = [
        mean_difference(D, Rows(np.asarray(c * times, np.float64)), level=0.95) for c in (1.0, 0.01)
    ]
    assert ends(scaled[0]) == pytest.approx(ends(scaled[1]))


def test_grouped_mean_difference_is_cluster_robust() -> None:
    """CR2 with Satterthwaite's degrees of freedom, by hand."""
    m, off = D.mean(), D - D.mean()
    sizes: Any = np.array([members.sum() for members in MEMBERS], float)
    sums = np.array([off[members].sum() for members in MEMBERS])
    error = math.sqrt((sums**2 / (1 - sizes / N)).sum()) / N
    variance = (off**2).mean()
    rho = ((sums**2).sum() - N * variance) / (variance * (sizes * (sizes - 1)).sum())
    size = sizes * (1 + (sizes - 1) * min(max(rho, 0.0), 1.0))
    df = size.sum() ** 2 / (size**2).sum() - 1
    found = mean_difference(D, GROUPED, level=0.95)
    half = stats.t.ppf(0.975, df) * error
    assert ends(found) == pytest.approx((m - half, m + half))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(m) / error, df))


def v10(score: Any, y: Any) -> tuple[Any, Any]:
    """Return the placements of both labels, by comparing all pairs."""
    right = (score[y][:, None] > score[~y]) + 0.5 * (score[y][:, None] == score[~y])
    return right.mean(axis=1), right.mean(axis=0)


def test_auroc_difference_is_delong() -> None:
    """The variance of DeLong et al. 1988 with ties, from all pairs; that of groups from sums."""
    (p1, n1), (p2, n2) = v10(A, Y), v10(B, Y)
    value = p2.mean() - p1.mean()
    error = math.sqrt((p2 - p1).var(ddof=1) / Y.sum() + (n2 - n1).var(ddof=1) / (~Y).sum())
    found = auroc_difference((A, B), (Y, Y), ALONE, level=0.95)
    assert ends(found) == pytest.approx((value - 1.959964 * error, value + 1.959964 * error))
    added = np.zeros(N)
    added[Y] = (p2 - p1 - value) / Y.sum()
    added[~Y] = (n2 - n1 - value) / (~Y).sum()
    g = GROUP.max() + 1
    sums = np.bincount(GROUP, added)
    half = stats.t.ppf(0.975, g - 1) * math.sqrt(g / (g - 1) * (sums**2).sum())
    found = auroc_difference((A, B), (Y, Y), GROUPED, level=0.95)
    assert ends(found) == pytest.approx((value - half, value + half))


@pytest.mark.parametrize(("only_a", "only_b"), [(3, 11), (0, 6), (7, 7), (0, 0), (40, 900)])
def test_mcnemar(only_a: int, only_b: int) -> None:
    """The exact p-value is that of the binomial test; mid-p takes half of what was seen."""
    n = only_a + only_b
    mid, exact = mcnemar(only_a, only_b)
    known = stats.binomtest(only_a, n).pvalue if n else 1.0
    assert exact == pytest.approx(known, rel=1e-9)
    k = min(only_a, only_b)
    at = stats.binom.pmf(k, n, 0.5) if n else 0.0
    assert mid == pytest.approx(min(1.0, 2 * stats.binom.cdf(k, n, 0.5) - at) if n else 1.0)


def test_newcombe_of_table_three() -> None:
    """Method 10 of Newcombe 1998, table III: 36, 12, 2 and 0 pairs, and no pair that differs."""
    rows = Rows(np.ones(50))
    counts = Agreement(both=36, only_a=2, only_b=12, neither=0)
    found = accuracy_difference(counts, rows, level=0.95)
    assert ends(found) == pytest.approx((0.0569, 0.3404), abs=5e-5)
    same = accuracy_difference(
        Agreement(both=54, only_a=0, only_b=0, neither=0), Rows(np.ones(54)), level=0.95
    )
    assert ends(same) == pytest.approx((-0.0664, 0.0664), abs=5e-5)


def test_correlation() -> None:
    """That of numpy; of groups that of their sums."""
    assert correlation(A, B, ALONE) == pytest.approx(np.corrcoef(A, B)[0, 1])
    sums = [np.bincount(GROUP, x - x.mean()) for x in (A, B)]
    known = sums[0] @ sums[1] / math.sqrt((sums[0] @ sums[0]) * (sums[1] @ sums[1]))
    assert correlation(A, B, GROUPED) == pytest.approx(known)


def models(n: int = 300) -> Any:
    """Return the losses of four models, two of which are alike."""
    rng = np.random.default_rng(11)
    shared = rng.normal(size=n)
    off = np.array([0.0, 0.02, 0.12, 0.3])
    return shared + 0.5 * rng.normal(size=(4, n)) + off[:, None]


def test_model_set_is_the_multiplier_bootstrap() -> None:
    """The same p-values as with a multiplier for each row, by hand."""
    losses = models()
    n = losses.shape[1]
    e = np.random.default_rng(1).standard_normal((20_000, n))
    noise = e @ (losses - losses.mean(axis=1, keepdims=True)).T / n
    left, known, p = [0, 1, 2, 3], np.ones(4), 0.0
    while len(left) > 1:
        x = noise[:, left] - noise[:, left].mean(axis=1, keepdims=True)
        t = (losses.mean(axis=1)[left] - losses.mean(axis=1)[left].mean()) / x.std(axis=0)
        p = max(p, float(((x / x.std(axis=0)).max(axis=1) >= t.max()).mean()))
        known[left.pop(int(t.argmax()))] = p
    found = model_set(losses_of(losses, Rows(np.ones(n))), np.random.default_rng(2))
    assert found == pytest.approx(known, abs=0.015)
    assert found[3] < 0.05 < found[1]


def test_pairs_are_stepped_down() -> None:
    """Adjusted p-values of Romano & Wolf 2005 with a multiplier for each row, by hand."""
    losses = models()
    n = losses.shape[1]
    e = np.random.default_rng(1).standard_normal((20_000, n))
    found = all_pairs(losses_of(losses, Rows(np.ones(n))), np.random.default_rng(2), level=0.95)
    d = losses[found.second] - losses[found.first]
    t = np.abs(d.mean(axis=1)) / (d.std(axis=1) / math.sqrt(n))
    noise = np.abs(e @ (d - d.mean(axis=1, keepdims=True)).T / n) / (d.std(axis=1) / math.sqrt(n))
    order = np.argsort(-t)
    p = 0.0
    for k, pair in enumerate(order):
        p = max(p, float((noise[:, order[k:]].max(axis=1) >= t[pair]).mean()))
        assert found.p[pair] == pytest.approx(p, abs=0.015)
    assert found.reach == pytest.approx(np.quantile(noise.max(axis=1), 0.95), abs=0.03)


def test_every_row_its_own_group_is_no_group() -> None:
    """The covariance is the same but for G/(G − 1)."""
    losses = models(50)
    plain = losses_of(losses, Rows(np.ones(50)))
    own = losses_of(losses, Rows(np.ones(50), group=np.arange(50)))
    assert own.covariance == pytest.approx(plain.covariance * 50 / 49)


def naive(score: Any, theta: float, *, reached: bool) -> float:
    """Return the mean elementary score at one cost ratio."""
    acts = score >= theta if reached else score > theta
    return float(np.where(Y, (1 - theta) * ~acts, theta * acts).mean())


@pytest.mark.parametrize("reached", [False, True])
def test_elementary_scores(reached: bool) -> None:
    """Means over raw rows, many of which have a score at a cost ratio."""
    found = elementary_scores(A, Y, np.ones(N), reached=reached)
    assert found == pytest.approx([naive(A, t, reached=reached) for t in THETAS], abs=1e-12)


def test_murphy_band_is_simultaneous() -> None:
    """Its width is that of the largest of normal deviates with the covariance of raw rows.

    Longer as Student's t is with twice as many degrees of freedom as rare rows differ.
    """
    band = murphy_band((A, B), Y, ALONE, np.random.default_rng(0), level=0.95)
    costs = [
        np.stack([np.where(Y, (1 - t) * ~(s > t), t * (s > t)) for t in THETAS]) for s in (A, B)
    ]
    d = costs[1] - costs[0]
    assert band.value == pytest.approx(d.mean(axis=1), abs=1e-12)
    differ = np.array([min((x[Y] != 0).sum(), (x[~Y] != 0).sum()) for x in d])
    held = differ >= 5
    assert (~np.isnan(band.low)).tolist() == held.tolist()
    off = d[held] - d[held].mean(axis=1, keepdims=True)
    error = off.std(axis=1) / math.sqrt(N)
    e = np.random.default_rng(1).standard_normal((20_000, N))
    reach = np.quantile(np.abs(e @ off.T / N / error).max(axis=1), 0.95)
    reach = stats.t.ppf(stats.norm.cdf(reach), 2 * differ[held])
    assert (band.high - band.value)[held] / error == pytest.approx(reach, rel=0.02)


def test_what_the_murphy_diagram_allows_to_be_said() -> None:
    """A model with the truth is better than noise everywhere; of like ones nothing is said."""
    rng = np.random.default_rng(3)
    p = rng.uniform(size=4000)
    y = rng.random(4000) < p
    rows = Rows(np.ones(4000))

    def finding(one: Any, other: Any) -> str:
        return murphy_band((one, other), y, rows, np.random.default_rng(0), level=0.95).finding

    noise = np.clip(p + 0.6 * rng.normal(size=4000), 0.001, 0.999)
    assert finding(noise, p) == "better"
    assert finding(p, noise) == "worse"
    assert finding(p, np.clip(p + 0.001 * rng.normal(size=4000), 0, 1)) == "unknown"
    low, high = np.where(p < 0.5, p, 0.75), np.where(p < 0.5, 0.25, p)
    assert finding(low, high) == "cross"

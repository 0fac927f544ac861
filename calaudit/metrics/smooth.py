"""The smooth calibration error (smECE), its test and interval.

With the residuals r_j = Σ(y − p)/n placed at their scores and smoothed by a reflected
Gaussian kernel of width σ, v(σ) = ∫₀¹ |r_σ(x)| dx. smECE is the σ at which v(σ) = σ
(Błasiok & Nakkiran 2024, https://arxiv.org/abs/2309.12236).

Everything is computed from the cosine coefficients D_k = Σ_j r_j cos(πk p_j), for which the
smoothing is multiplication by exp(−(σπk)²/2). They come from the cells without rounding
scores to a grid: a score is its nearest node plus a shift, and cos is expanded in the shift.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import Residuals
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import invert, noise_residuals, normal_draws, null_residuals
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

NULL_DRAWS = 999
"""Draws of a calibrated model; p-values are then multiples of 0.001."""

NOISE_DRAWS = 400
FEW_ROWS = 500.0
"""Rows up to which the upper end counts nothing as cancelled, and less from there on."""

NORMAL_FROM = 1.5
"""Variance of a node's residual from which its null draws are normal: the kernel adds up ten."""

FINE_DRAWS = 199
TAIL_DRAWS = 4999
"""More draws of a calibrated model where a p-value to be adjusted is small."""

MOST_POINTS = 1 << 13
"""Nodes of the finest simulation grid."""

BATCH = 1 << 19
"""Numbers simulated at a time, to bound the memory."""

TERMS = 9
"""Terms of the expansion of cos; with 16 nodes a period the remainder is below 1e-12."""

CUTOFF = 8.5
"""Frequencies above CUTOFF/(πσ) are damped below 1e-15 and left out."""

FINE = 32
"""Points of the integration grid for each of the highest frequencies kept."""

FEW_FREQUENCIES = 1500

SMALLEST = 2e-5
"""Widths below are not resolved: the error is then under this value."""


def point_masses(cells: Cells, residuals: Residuals) -> tuple[Floats, Floats]:
    """Return positions and residuals of point masses that stand for the rows.

    An exact cell is one mass. A cell with several scores is one mass for each label, at the
    mean of its scores, so that the error is of second order in the width of the cell.
    """
    n = residuals.w.sum()
    if cells.exact:
        return cells.p, residuals.r / n
    p0, p1 = cells.p_by_label
    w0, w1 = cells.w
    return np.concatenate([p0, p1]), np.concatenate([-w0 * p0, w1 * (1.0 - p1)]) / n


def coefficients(positions: Floats, masses: Floats, count: int) -> Floats:
    """Return D_k = Σ_j m_j cos(πk x_j) for k = 0 … count − 1, to about 1e-12 of Σ|m|.

    Args:
        positions: (m,) x_j in [0, 1].
        masses: (m,) m_j.
        count: number of coefficients.
    """
    nodes = _fast_size(8 * count)
    node = np.rint(positions * nodes).astype(np.int64)
    shift = (positions * nodes - node) / nodes
    k = np.arange(count)
    factor = (1j * math.pi * k).astype(np.complex128)
    total = np.zeros(count, np.complex128)
    scale = np.ones(count, np.complex128)
    moment = masses
    for term in range(TERMS):
        spread = np.bincount(node, moment, nodes + 1)
        # Σ_j μ_j e^{iπkj/N} is the conjugate of a real FFT of length 2N.
        total += scale * np.conj(np.fft.rfft(spread, 2 * nodes)[:count])
        scale *= factor / (term + 1)
        moment = moment * shift
    return np.ascontiguousarray(total.real)


def _fast_size(least: int) -> int:
    return 1 << max(6, (least - 1).bit_length())


def _frequencies(sigma: float) -> int:
    return int(CUTOFF / (math.pi * sigma)) + 2


def absolute_integral(damped: Floats) -> float:
    """Return ∫₀¹ |f| for f(x) = d_0 + 2 Σ d_k cos(πkx), by exact integration between roots.

    The grid is coarser with many frequencies (tables of very many rows).
    """
    count = len(damped)
    points = _fast_size((FINE if count <= FEW_FREQUENCIES else FINE // 4) * count)
    padded = np.zeros(points + 1)
    padded[0] = damped[0]
    padded[1:count] = damped[1:]
    values = _cosine_series(padded, points)
    sines = np.zeros(points + 1)
    sines[1:count] = damped[1:] / (math.pi * np.arange(1, count))
    x = np.linspace(0.0, 1.0, points + 1)
    pieces = np.diff(damped[0] * x + _sine_series(sines, points))
    change = np.flatnonzero(values[:-1] * values[1:] < 0)
    first = _up_to_root(values, change) / points
    result = np.abs(pieces)
    result[change] = np.abs(first) + np.abs(pieces[change] - first)
    return float(result.sum())


def _up_to_root(values: Floats, change: NDArray[np.intp]) -> Floats:
    """Return ∫f from a grid point up to the root before the next, in units of the grid.

    f is taken as the cubic through both points with slopes from their neighbours. The highest
    frequencies are damped to nothing, so that this is good to about 1e-11 of the integral.
    """
    last = len(values) - 1

    def f(at: NDArray[np.intp]) -> Floats:
        at = np.abs(at)  # f is even about both ends
        return values[np.where(at > last, 2 * last - at, at)]

    def slope(at: NDArray[np.intp]) -> Floats:
        return (8.0 * (f(at + 1) - f(at - 1)) - (f(at + 2) - f(at - 2))) / 12.0

    a, b, m = f(change), f(change + 1), slope(change)
    c3 = m + slope(change + 1) - 2.0 * (b - a)
    c2 = b - a - m - c3
    u = a / (a - b)
    for _ in range(3):
        rate = m + u * (2.0 * c2 + 3.0 * u * c3)
        safe = np.where(rate != 0, rate, np.inf)
        u = np.clip(u - (a + u * (m + u * (c2 + u * c3))) / safe, 0.0, 1.0)
    result: Floats = u * (a + u * (m / 2.0 + u * (c2 / 3.0 + u * c3 / 4.0)))
    return result


def _cosine_series(c: Floats, points: int) -> Floats:
    """Return c_0 + 2 Σ c_k cos(πkj/points) for j = 0 … points."""
    result: Floats = np.fft.irfft(c.astype(np.complex128), 2 * points)[: points + 1] * (2 * points)
    return result


def _sine_series(s: Floats, points: int) -> Floats:
    """Return 2 Σ s_k sin(πkj/points) for j = 0 … points."""
    result: Floats = np.fft.irfft(-1j * s, 2 * points)[: points + 1] * (2 * points)
    return result


def smece_value(cells: Cells, residuals: Residuals, *, tolerance: float = 1e-11) -> float:
    """Return the smooth calibration error of a table, in [0, 1]; 0 is best.

    The fixed point is exact for the masses of the table (no grid, no binning), to
    ``tolerance``; values below 2e-5 are reported as computed at that width.

    Source: Błasiok & Nakkiran 2024.
    """
    positions, masses = point_masses(cells, residuals)
    return _fixed_point(positions, masses, tolerance if cells.exact else 1e-8)


def _fixed_point(positions: Floats, masses: Floats, tolerance: float) -> float:
    high = float(np.abs(masses).sum())
    low = abs(float(masses.sum()))
    if high <= SMALLEST or high - low <= tolerance:
        return high  # all residuals of one sign, or nothing to smooth
    low = max(low, SMALLEST)
    if high <= low:
        return high
    # Go down from the wide end, so that few frequencies are needed until the bracket is small.
    bracket = high
    sigma = high
    while True:
        sigma = max(sigma / 3.0, low)
        d = coefficients(positions, masses, _frequencies(sigma))
        excess = _excess(d, sigma)
        if excess >= 0 or sigma <= low:
            break
        bracket = sigma
    if excess < 0:
        return sigma
    return _bisect(lambda s: _excess(d, s), sigma, bracket, excess, tolerance)


def _excess(d: Floats, sigma: float) -> float:
    """Return v(σ) − σ."""
    count = min(len(d), _frequencies(sigma))
    k = np.arange(count)
    return absolute_integral(d[:count] * np.exp(-((sigma * math.pi * k) ** 2) / 2.0)) - sigma


def _bisect(
    f: Callable[[float], float], low: float, high: float, at_low: float, tolerance: float
) -> float:
    """Return the root of a decreasing function, by false position that cannot stall (Illinois)."""
    at_high = f(high)
    if at_high >= 0:
        return high
    side = 0
    for _ in range(100):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = f(middle)
        if abs(value) <= tolerance or high - low <= tolerance:
            return middle
        if value > 0:
            low, at_low = middle, value
            if side == 1:
                at_high /= 2.0
            side = 1
        else:
            high, at_high = middle, value
            if side == -1:
                at_low /= 2.0
            side = -1
    return middle


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Residual sums on a grid about four times finer than the smoothing width."""

    sums: Residuals
    scale: float
    damping: Floats
    signal: Floats
    length: float

    @property
    def points(self) -> int:
        return len(self.damping)


def smece(
    cells: Cells,
    residuals: Residuals,
    *,
    level: float,
    rng: np.random.Generator,
    draws: int = NULL_DRAWS,
    extrapolate: bool = False,
    most_points: int = MOST_POINTS,
) -> Estimate:
    """Return smECE with its test-inversion interval and the Monte Carlo p-value.

    v falls with σ, so that a data set has smECE ≥ G exactly when its residuals smoothed at
    σ = G have ∫|r| ≥ G: every draw is smoothed once, at the observed G, and no fixed point is
    solved again. Noise around a truth has the variance ½(Q + V0)/n² in each cell of the grid;
    draws of a calibrated model have V0, drawn as binomials where cells are small.
    """
    value = smece_value(cells, residuals)
    grid = _grid_of(cells, residuals, max(value, SMALLEST), most_points)
    if grid.points > 2048:  # a finer grid has more independent parts: fewer draws will do
        draws = min(draws, FINE_DRAWS)
    noise_draws = min(draws, NOISE_DRAWS)
    noise = _smooth(_noise_of(grid, rng, noise_draws), grid.damping)
    null, floor = _null_of(grid, rng, draws)

    def statistic(fields: Floats) -> Floats:
        result: Floats = np.abs(fields).mean(axis=1)
        return result

    field = _smooth(grid.sums.r[None, :] / grid.scale, grid.damping)
    observed = float(statistic(field)[0])
    if extrapolate and np.count_nonzero(null >= observed) < 10:
        # With rare events the tail is heavier than a fitted one: draw until it shows.
        null = np.concatenate([null, _null_of(grid, rng, TAIL_DRAWS)[0]])
    inverted = invert(observed, grid.signal, noise, null, statistic, level, extrapolate=extrapolate)

    def error_of(scaled: float) -> float:
        # The truth behind t·G is the field t times over, whose own smECE is less than t·G
        # where smoothing it once more cancels some of it.
        if observed <= 1e-9 * scaled or scaled <= 0:
            return max(scaled, 0.0)
        return _error_of_field(field * (scaled / observed), grid.length)

    low, middle, high = map(error_of, (inverted.low, inverted.unbiased, inverted.high))
    # Of few rows the field is mostly noise, and what smoothing it cancels says little of the truth.
    few = min(1.0, FEW_ROWS * float(residuals.w2.sum()) / float(residuals.w.sum()) ** 2)
    high += few * (inverted.high - high)
    ends = {"low": min(low, value), "unbiased": middle, "high": high}
    return inverted.estimate(value, level, **ends, floor=floor)


def smoothed_signs(positions: Floats, residuals: Floats, points: int = 1024) -> Floats:
    """Return (n,) the sign of the smoothed residual at the score of each row.

    The width is the smECE of the same rows, found on the grid.

    Args:
        positions: (n,) scores in [0, 1].
        residuals: (n,) w (y - p).
        points: of the grid.
    """
    node = np.minimum((positions * points).astype(np.intp), points - 1)
    sums: Floats = np.bincount(node, residuals, points).astype(np.float64)
    field = sums[None, :] * (points / len(positions))
    width = max(_error_of_field(field, 1.0), 1.0 / points)
    damping = np.exp(-((width * math.pi * np.arange(points)) ** 2) / 2.0)
    signs: Floats = np.sign(_smooth(field, damping)[0])[node]
    return signs


def _noise_of(grid: _Grid, rng: np.random.Generator, draws: int) -> Floats:
    """Return (draws, points) densities of noise around any truth."""
    sums = grid.sums
    if sums.groups is not None:
        gap, weight = _smooth(np.stack([sums.r, sums.w]), grid.damping)
        gaps = gap / np.maximum(weight, 1e-9 * float(sums.w.max()))
        return noise_residuals(sums, rng, draws, gaps=lambda: gaps) / grid.scale
    e = normal_draws(rng, draws, grid.points)
    e *= np.sqrt(_noise(sums)) / grid.scale
    return e


def _noise(sums: Residuals) -> Floats:
    """Return the variance ½(Q + V0) of the residuals, and what may have been missed."""
    between = 0.5 * (sums.q + sums.v0)
    # In all no less than what was seen or expected, whichever is more.
    least = max(float(sums.q.sum()), float(sums.v0.sum()))
    scale = least / max(float(between.sum()), np.finfo(np.float64).tiny)
    noise: Floats = scale * between + (sums.noise() - np.maximum(sums.q, sums.v0))
    return noise


def _error_of_field(field: Floats, length: float) -> float:
    """Return the smECE of a residual density on a midpoint grid, (1, points)."""
    k = np.arange(field.shape[1]) / length

    def excess(sigma: float) -> float:
        damping = np.exp(-((sigma * math.pi * k) ** 2) / 2.0)
        return float(np.abs(_smooth(field.copy(), damping)).mean()) - sigma

    low, high = max(abs(float(field.mean())), SMALLEST), float(np.abs(field).mean())
    at_low = excess(low) if high > low * (1.0 + 1e-9) else 0.0
    return _bisect(excess, low, high, at_low, 1e-6 * high) if at_low > 0.0 else min(low, high)


def _grid_of(cells: Cells, residuals: Residuals, sigma: float, most: int) -> _Grid:
    begin, length = _span(cells.p, sigma)
    points = int(min(max(64, _fast_size(int(4.0 * length / sigma))), most))
    node = np.clip(((cells.p - begin) / length * points).astype(np.int64), 0, points - 1)
    sums = residuals.grouped(node, points)
    scale = float(residuals.w.sum()) / points  # a mass m on one node is a density m·points/n
    k = np.arange(points) / length
    damping = np.exp(-((sigma * math.pi * k) ** 2) / 2.0)
    signal = _smooth(sums.r[None, :] / scale, damping * damping)[0]
    return _Grid(sums, scale, damping, signal, length)


def _span(p: Floats, sigma: float) -> tuple[float, float]:
    """Return where the grid begins and how long it is: all of [0, 1], or only where scores are.

    With rare events all scores lie near 0, and a grid over [0, 1] would be nearly all empty. At
    eight widths from the scores the smoothed residuals are 0.
    """
    begin = max(0.0, float(p[0]) - 8.0 * sigma)
    end = min(1.0, float(p[-1]) + 8.0 * sigma)
    return (begin, end - begin) if end - begin < 0.5 else (0.0, 1.0)


def _smooth(fields: Floats, damping: Floats) -> Floats:
    """Smooth densities on midpoint grids, one a row, with reflection at 0 and 1; in place."""
    points = fields.shape[1]
    batch = max(1, BATCH // points)
    for begin in range(0, len(fields), batch):
        part = fields[begin : begin + batch]
        # A DCT-II by a real FFT of the mirrored field; the kernel is symmetric, so phases cancel.
        spectrum = np.fft.rfft(np.concatenate([part, part[:, ::-1]], axis=1), axis=1)
        spectrum[:, :points] *= damping
        spectrum[:, points] = 0.0
        part[:] = np.fft.irfft(spectrum, 2 * points, axis=1)[:, :points]
    return fields


def _null_of(grid: _Grid, rng: np.random.Generator, draws: int) -> tuple[Floats, float]:
    """Return v(G) of draws of a calibrated model with these scores, and its typical smECE."""
    batch = max(40, BATCH // grid.points)
    null: list[Floats] = []
    floor = 0.0
    for begin in range(0, draws, batch):
        fields = null_residuals(grid.sums, rng, min(batch, draws - begin), normal_from=NORMAL_FROM)
        fields /= grid.scale
        if begin == 0:
            floor = _null_floor(fields[:40].copy(), grid.length)
        null.append(np.abs(_smooth(fields, grid.damping)).mean(axis=1))
    return np.concatenate(null), floor


def _null_floor(fields: Floats, length: float) -> float:
    """Return the typical smECE of a calibrated model: the σ at which the mean v over its
    draws equals σ.
    """
    points = fields.shape[1]
    k = np.arange(points) / length
    low, high = 0.1 * length / points, 1.0
    while high / low > 1.005:
        middle = math.sqrt(low * high)
        damping = np.exp(-((middle * math.pi * k) ** 2) / 2.0)
        if float(np.abs(_smooth(fields.copy(), damping)).mean()) > middle:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)

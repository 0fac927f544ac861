"""Figures of scores before and after calibration, and intervals for the parameters."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.beta import Beta, beta_features
from calaudit.calibrators.certificate import (
    MAKES_WORSE,
    NO_BETTER,
    Certificate,
    Check,
    FigureSet,
    ParameterEstimate,
)
from calaudit.calibrators.fit_points import Sample, calibrated_cells
from calaudit.calibrators.identity import Identity
from calaudit.calibrators.intercept import Intercept
from calaudit.calibrators.line import coefficient_errors, gradient_left
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import Optimum, Temperature
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.bins import bin_sums, residuals_of
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.scoring import DEFAULT_CLIP, log_losses
from calaudit.metrics.smooth import smece_value
from calaudit.tables.binning import equal_width
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]
Parts = list[tuple[Sample, BinaryMap]]

BINS = 15


def calibration_errors(cells: Cells) -> tuple[float, float]:
    """Return smECE and the ECE of 15 equal-width bins, plain (both are above 0 by chance)."""
    residuals = residuals_of(cells)
    ece = ece_value(bin_sums(cells, residuals, equal_width(BINS)))
    return smece_value(cells, residuals, tolerance=1e-8), ece


def _figures(cells: Cells, clip: float) -> FigureSet:
    losses = log_losses(cells, clip)
    unlikely = np.stack([cells.above, ~cells.above])
    squares = np.where(unlikely, 1.0 - cells.q, cells.q) ** 2
    smece, ece = calibration_errors(cells)
    loss = losses.mean()
    return FigureSet(
        log_loss=loss if math.isfinite(loss) else None,
        smece=smece,
        ece=ece,
        brier=float((squares * cells.w).sum()) / float(cells.w.sum()),
    )


def binary_check(kind: str, parts: Parts, *, level: float, scale: str) -> Check:
    """Return the figures before and after, each sample through a map it was not fitted on.

    Probabilities are clipped to [2⁻⁵², 1 − 2⁻⁵²] in the log loss, as in the report; logits not.
    """
    clip = DEFAULT_CLIP if scale == "probability" else 0.0
    given: Parts = [(sample, Identity()) for sample, _ in parts]
    before, after = (_figures(calibrated_cells(p), clip) for p in (given, parts))
    mean, error = paired_saving(parts, clip)
    half = normal_quantile(0.5 + level / 2) * error
    rows = sum(int(sample.counts.sum()) for sample, _ in parts)
    finite = math.isfinite(half)
    return Check(
        kind,
        rows,
        before,
        after,
        saved=mean if math.isfinite(mean) else 0.0,
        saved_low=mean - half if finite else None,
        saved_high=mean + half if finite else None,
    )


def paired_saving(parts: Parts, clip: float) -> tuple[float, float]:
    """Return the mean saving of log loss by maps, and its standard error, paired by row.

    Args:
        parts: rows, each sample with its map.
        clip: probabilities are clipped to [clip, 1 − clip].
    """
    saved, cross, squares, total, w2 = 0.0, 0.0, 0.0, 0.0, 0.0
    for sample, mapping in parts:
        difference = _row_losses(sample, Identity(), clip) - _row_losses(sample, mapping, clip)
        held = sample.w > 0
        saved += float((sample.w[held] * difference[held]).sum())
        cross += float((sample.w2[held] * difference[held]).sum())
        squares += float((sample.w2[held] * difference[held] ** 2).sum())
        total, w2 = total + sample.total, w2 + float(sample.w2.sum())
    mean = saved / total
    spread = squares - 2.0 * mean * cross + w2 * mean * mean
    return mean, math.sqrt(max(spread, 0.0)) / total


def _row_losses(sample: Sample, mapping: BinaryMap, clip: float) -> Floats:
    """Return (2, m) losses by label, clipped."""
    if isinstance(mapping, Identity):
        q, above = sample.tail, sample.above
    else:
        q, above = mapping.tails(sample.p, sample.z)
    least = np.where(above, 1.0 - (1.0 - clip), clip)
    with np.errstate(divide="ignore"):
        far = -np.log(np.maximum(q, least))
    near = -np.log1p(-q) if clip == 0 else -np.log(np.minimum(1.0 - q, 1.0 - clip))
    return np.where(np.stack([above, ~above]), far, near)


def worse_remarks(checks: tuple[Check, ...]) -> tuple[Finding, ...]:
    """Return a remark where a log loss is worse, surely so or on held-out rows."""
    surely = [check for check in checks if _is_worse(check)]
    perhaps = [check for check in checks if check.kind == "held-out" and check.saved < 0]
    return tuple(_worse(check, sure=check in surely) for check in (surely + perhaps)[:1])


def without_intervals(certificate: Certificate) -> Certificate:
    """Return a certificate of rows that belong together, without what takes them as independent.

    Figures stay; intervals, standard errors, and that a loss is surely worse, go.
    """
    checks = tuple(replace(c, saved_low=None, saved_high=None) for c in certificate.checks)
    others = [r for r in certificate.remarks if r.code not in (MAKES_WORSE, NO_BETTER)]
    return replace(
        certificate,
        parameters=tuple(replace(p, low=None, high=None) for p in certificate.parameters),
        checks=checks,
        candidates=tuple(replace(c, error=None) for c in certificate.candidates),
        remarks=(*worse_remarks(checks), *others),
    )


def _is_worse(check: Check) -> bool:
    if check.before.log_loss is not None and check.after.log_loss is None:
        return True
    return check.saved_high is not None and check.saved_high < 0


def _worse(check: Check, *, sure: bool) -> Finding:
    figures: dict[str, Any] = {"kind": "unbounded"}
    if check.saved_low is not None and check.saved_high is not None:
        low, high = -check.saved_high, -check.saved_low
        figures = {"kind": "bounded", "rise": -check.saved, "low": low, "high": high}
    return finding(
        MAKES_WORSE if sure else NO_BETTER,
        rows=check.rows,
        which="held-out rows" if check.kind == "held-out" else "fit rows, cross-fitted,",
        before=check.before.log_loss,
        after=check.after.log_loss,
        **figures,
    )


def temperature_estimate(optimum: Optimum, level: float) -> ParameterEstimate:
    """Return T with its interval, which is symmetric in log T."""
    half = normal_quantile(0.5 + level / 2) * optimum.error
    t = optimum.temperature
    if not math.isfinite(half) or half > 300:
        return ParameterEstimate("T", t)
    return ParameterEstimate("T", t, t * math.exp(-half), t * math.exp(half))


def binary_evidence(
    mapping: BinaryMap, sample: Sample, optimum: Optimum | None, level: float
) -> tuple[tuple[ParameterEstimate, ...], float | None]:
    """Return the parameters with intervals, and the gradient left, of a fitted curve."""
    if isinstance(mapping, Temperature) and optimum is not None:
        return (temperature_estimate(optimum, level),), optimum.gradient
    offset: Floats | float = 0.0
    if isinstance(mapping, Intercept):
        x, offset = np.ones((1, len(sample.z))), sample.z
        names, values = ["b"], np.array([mapping.b])
    elif isinstance(mapping, Platt):
        x = np.stack([np.ones_like(sample.z), sample.z])
        names, values = ["b", "a"], np.array([mapping.b, mapping.a])
    elif isinstance(mapping, Beta):
        x = beta_features(sample.z)
        names, values = ["c", "a", "b"], np.array([mapping.c, mapping.a, mapping.b])
    else:
        return (), None
    # A slope held at 0 has no interval, and no gradient to speak of.
    free = (values != 0.0) | (not isinstance(mapping, Beta))
    errors = np.full(len(values), np.nan)
    errors[free] = coefficient_errors(x[free], sample, values[free], offset)
    half = normal_quantile(0.5 + level / 2) * errors
    estimates = [
        ParameterEstimate(name, float(v), float(v - h), float(v + h))
        if math.isfinite(h)
        else ParameterEstimate(name, float(v))
        for name, v, h in zip(names, values, half, strict=True)
    ]
    order = list(mapping.parameters())
    estimates.sort(key=lambda estimate: order.index(estimate.name))
    return tuple(estimates), gradient_left(x[free], sample, values[free], offset)

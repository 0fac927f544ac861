"""Fitting one calibrator to binary or top-label scores: choice, fit, evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from calaudit.calibrators.base import BinaryMap, Calibrator
from calaudit.calibrators.certificate import Candidate, Certificate, Check
from calaudit.calibrators.cross_fitted import FOLDS, CrossFit, LossSums, cross_fit
from calaudit.calibrators.fit_figures import binary_check, binary_evidence, worse_remarks
from calaudit.calibrators.fit_points import Sample
from calaudit.calibrators.floors import HANGS, Floors
from calaudit.calibrators.histogram_binning import fit_histogram
from calaudit.calibrators.isotonic import ISOTONIC_FROM, fit_centered_isotonic, fit_isotonic
from calaudit.calibrators.method_choice import CURVES, candidates_of
from calaudit.calibrators.methods import AUTO, BINARY_FITS, TRIED_FROM, BinaryFit
from calaudit.calibrators.rank_check import ranking_remarks
from calaudit.calibrators.temperature import fit_temperature, temperature_optimum
from calaudit.calibrators.venn_abers import VennAbers
from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding, finding

CROSS_FITTED_FROM = 10 * FOLDS
"""Rows below which folds are too small to say anything."""

NO_LOGARITHM = "venn-abers"
"""The simplest method that takes no logarithm of a probability."""


@dataclass(frozen=True, slots=True, eq=False)
class BinaryData:
    """What a calibrator is fitted and judged on.

    Attributes:
        task, scale, classes, floor: as in `Calibrator`. floor_given: whether the user chose it.
        sample: rows to fit on. exact: whether every distinct score has a point of its own.
        folds: the rows dealt out, on points that may be fewer. whole: those points, all rows.
        held: rows to judge on, that no fit sees.
        at_floor: returns the rows to fit on with probabilities clipped to another floor.
    """

    task: str
    scale: str
    classes: tuple[str, ...]
    floor: float
    floor_given: bool
    sample: Sample
    exact: bool
    whole: Sample
    folds: list[Sample]
    held: Sample | None
    at_floor: Callable[[float], Sample]


def fit_binary(
    data: BinaryData, method: str, *, mix: bool, level: float, seed: int, split: str, passes: int
) -> Calibrator:
    """Return the calibrator with its certificate.

    Args:
        data: what to fit and judge on.
        method: one of the binary methods, or "auto".
        mix: whether rates of exactly 0 and 1 are pulled inwards; see `isotonic.mixed`.
        level: of the intervals.
        seed: of the folds, for the record.
        split: which rows are fitted, in words, for the record.
        passes: times the rows were read, for the record.

    Raises:
        NotEnoughData: there is no such fit on these rows; the message says why.
    """
    fits = _fits(mix)
    candidates: tuple[Candidate, ...] = ()
    crossed: CrossFit | None = None
    floors = _floors(data, method)
    if method == "auto":
        candidates, crossed = chosen_fit(data.sample, data.whole, data.folds, fits, floors)
        method = next(c.method for c in candidates if c.chosen)
    elif method in CURVES and floors.refused:
        raise floors.refusal(f", or take no logarithm (--method {NO_LOGARITHM})")
    mapping = fits[method](data.sample)
    remarks = _remarks(data, method, mapping) + floors.remarks()
    if crossed is None:
        crossed, remark = _crossed(data, fits[method])
        remarks += remark
    optimum = temperature_optimum(data.sample) if method == "temperature" else None
    parameters, gradient = binary_evidence(mapping, data.sample, optimum, level)
    checks = _checks(data, mapping, crossed, level)
    ranking = ranking_remarks(data.sample, task=data.task, classes=data.classes, level=level)
    certificate = Certificate(
        rows=int(data.sample.counts.sum()),
        effective_rows=data.sample.effective_rows,
        class_rows=tuple(int(count) for count in data.sample.counts.sum(axis=1)),
        split=split,
        seed=seed,
        level=level,
        parameters=parameters,
        gradient=gradient,
        curvature=None if optimum is None else optimum.curvature,
        passes=passes,
        exact=data.exact,
        checks=checks,
        candidates=candidates,
        floors=floors.fits,
        remarks=(*ranking, *worse_remarks(checks), *remarks),
    )
    return Calibrator(mapping, data.task, data.scale, data.classes, data.floor, certificate)


def _checks(
    data: BinaryData, mapping: BinaryMap, crossed: CrossFit | None, level: float
) -> tuple[Check, ...]:
    checks: list[Check] = []
    if data.held is not None:
        held = [(data.held, mapping)]
        checks.append(binary_check("held-out", held, level=level, scale=data.scale))
    if crossed is not None:
        parts = list(crossed.parts)
        checks.append(binary_check("cross-fitted", parts, level=level, scale=data.scale))
    return tuple(checks)


def _fits(mix: bool) -> dict[str, BinaryFit]:
    return BINARY_FITS | {
        "centered-isotonic": partial(fit_centered_isotonic, mix=mix),
        "isotonic": partial(fit_isotonic, mix=mix),
        "histogram": partial(fit_histogram, mix=mix),
    }


def chosen_fit(
    sample: Sample,
    whole: Sample,
    folds: list[Sample],
    fits: dict[str, BinaryFit],
    floors: Floors | None = None,
) -> tuple[tuple[Candidate, ...], CrossFit]:
    """Return what ``auto`` chooses from, one of them chosen, and the cross-fit of that one.

    Args:
        sample: rows to fit on.
        whole: the same, on the points of the folds.
        folds: the rows dealt out.
        fits: methods by name.
        floors: what a range of floors does to a fit by logarithms; None for nothing.

    Raises:
        NotEnoughData: there are too few rows, or no curve fits them.
    """
    hanging = floors is not None and floors.refused
    sample.require(
        CROSS_FITTED_FROM,
        "auto, which judges each method by cross-validation,",
        instead="A method that is named takes fewer: --method temperature 10, platt 20",
    )
    rows = sample.effective_rows
    crossed: dict[str, CrossFit] = {}
    losses: dict[str, LossSums] = {}
    reasons: dict[str, str | NotEnoughData] = {}
    for method in AUTO:
        if hanging and method in CURVES:
            reasons[method] = HANGS
            continue
        if rows < TRIED_FROM.get(method, 0) and not (hanging and method == NO_LOGARITHM):
            reasons[method] = f"not tried (needs {TRIED_FROM[method]:,} rows)"
            continue
        try:
            fits[method](sample)  # what has no fit on all rows is no candidate
            crossed[method] = cross_fit(whole, folds, fits[method])
        except NotEnoughData as error:
            reasons[method] = error
            continue
        losses[method] = crossed[method].losses()
        if not np.isfinite(losses[method].mean()):
            reasons[method] = "its log loss on other rows is infinite"
            del losses[method]
    means = {method: sums.mean() for method, sums in losses.items()}

    def difference(one: str, other: str) -> tuple[float, float]:
        return losses[one].mean_difference(losses[other])

    if floors is not None and hanging and NO_LOGARITHM not in means:
        raise floors.refusal()
    candidates = candidates_of(AUTO, means, difference, reasons)
    return candidates, crossed[next(c.method for c in candidates if c.chosen)]


def _crossed(data: BinaryData, fit: BinaryFit) -> tuple[CrossFit | None, list[Finding]]:
    """Return the cross-fit of one method, or a remark on why there is none."""
    reason = f"there are fewer than {CROSS_FITTED_FROM} rows"
    if data.sample.effective_rows >= CROSS_FITTED_FROM:
        try:
            return cross_fit(data.whole, data.folds, fit), []
        except NotEnoughData as error:
            reason = str(error)
    return None, [finding("not-cross-fitted", reason=reason)]


def _remarks(data: BinaryData, method: str, mapping: BinaryMap) -> list[Finding]:
    if isinstance(mapping, VennAbers):
        low, high = mapping.between(data.sample.p)
        rows = data.sample.counts.sum(axis=0)
        order = np.argsort(high - low)
        share = np.cumsum(rows[order]) / rows.sum()
        near, far = (high - low)[order][np.searchsorted(share, [0.25, 0.75])]
        return [finding("venn-abers-guarantee", low=near, high=far)]
    rows = data.sample.effective_rows
    if method != "isotonic" or rows >= ISOTONIC_FROM:
        return []
    return [finding("isotonic-few-rows", least=ISOTONIC_FROM, rows=rows)]


def _impossible(data: BinaryData) -> int:
    """Return the rows whose outcome has probability exactly 0."""
    if data.scale == "logit":
        return 0
    zero = data.sample.tail == 0.0
    above = data.sample.above
    counts = data.sample.counts
    return int(counts[1][zero & ~above].sum() + counts[0][zero & above].sum())


def _floors(data: BinaryData, method: str) -> Floors:
    """Return the temperatures at several floors, where a method takes logarithms."""
    rows = _impossible(data) if method in ("auto", *CURVES) else 0

    def temperature(floor: float) -> float:
        return fit_temperature(data.at_floor(floor)).T

    return Floors.of(rows, data.floor, temperature, given=data.floor_given)

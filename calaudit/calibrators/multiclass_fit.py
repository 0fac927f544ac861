"""Fitting one calibrator to multiclass scores, a few passes over the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator, MulticlassMap
from calaudit.calibrators.certificate import (
    Candidate,
    Certificate,
    ParameterEstimate,
)
from calaudit.calibrators.fit_figures import temperature_estimate, worse_remarks
from calaudit.calibrators.floors import Floors
from calaudit.calibrators.form import Form
from calaudit.calibrators.held_out import CROSS_FITTED, JudgeSums, multiclass_check
from calaudit.calibrators.identity import MulticlassIdentity
from calaudit.calibrators.intercept import InterceptForm, MulticlassIntercept, fit_intercepts
from calaudit.calibrators.matrix_scaling import Matrix, MatrixForm, fit_matrices
from calaudit.calibrators.method_choice import candidates_of
from calaudit.calibrators.moments import Census, MomentSums
from calaudit.calibrators.rows import Read
from calaudit.calibrators.scaled import ScaledFits
from calaudit.calibrators.temperature import MulticlassTemperature
from calaudit.calibrators.temperature_passes import TemperatureFits, first_pass, fit_temperatures
from calaudit.calibrators.vector import Vector, VectorForm, fit_vectors
from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding, finding

AUTO = ("identity", "temperature", "vector")
AUTO_CLASSES = 100
"""Classes up to which ``auto`` tries vector scaling."""

CROSS_FITTED_FROM = 50
LEAST_ROWS = 10
CLASS_ROWS = 10
"""Rows of a class, of all and without each fold, below which nothing is learned of it alone."""

SCALED: dict[str, tuple[Callable[..., MulticlassMap], type[Form], Callable[..., ScaledFits]]] = {
    "intercept": (lambda _, b: MulticlassIntercept(b), InterceptForm, fit_intercepts),
    "vector": (Vector, VectorForm, fit_vectors),
    "matrix": (Matrix, MatrixForm, fit_matrices),
}
"""Method → its map, of slopes and intercepts; the form of its parameters; its fit."""


@dataclass(frozen=True, slots=True, eq=False)
class MulticlassData:
    """What a calibrator is fitted and judged on.

    Attributes:
        scale, classes, floor: as in `Calibrator`. floor_given: whether the user chose it.
        folds: number of folds. read: reads all rows into accumulators.
        start: log(1/T) to begin at at a floor, or None.
        check: raises what is wrong with the division of the rows.
    """

    scale: str
    classes: tuple[str, ...]
    floor: float
    floor_given: bool
    folds: int
    read: Read
    start: Callable[[float], float | None]
    check: Callable[[Census], object]


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """One method: the maps without each fold (``unfitted`` of them missing), last of all rows."""

    maps: Sequence[MulticlassMap]
    parameters: tuple[ParameterEstimate, ...] = ()
    gradient: float | None = None
    curvature: float | None = None
    passes: int = 0
    converged: bool = True
    unfitted: int = 0
    remarks: tuple[Finding, ...] = ()


def fit_multiclass(
    data: MulticlassData, method: str, *, level: float, seed: int, split: str
) -> Calibrator:
    """Return the calibrator with its certificate.

    Args:
        data: what to fit and judge on.
        method: "auto", "identity", "temperature", "vector" or "matrix".
        level: of the intervals.
        seed: of the folds, for the record.
        split: which rows are fitted, in words, for the record.

    Raises:
        NotEnoughData: there is no such fit on these rows; the message says why.
    """
    first = _first(data, data.floor)
    census = first.census
    assert census is not None
    data.check(census)
    if method != "identity":  # which takes rows of one class, too
        census.check(LEAST_ROWS)
    if np.count_nonzero(first.weight) < 2:
        raise NotEnoughData("the rows to fit on are all in one fold: nothing is left to judge by")
    if method == "auto" and census.effective_rows < CROSS_FITTED_FROM:
        census.check(CROSS_FITTED_FROM)
    floors = _floors(data, census, method)
    fitted, reasons = _fits(data, method, level, first)
    judge = data.read(lambda: JudgeSums({m: f.maps for m, f in fitted.items()}, data.floor))
    candidates: tuple[Candidate, ...] = ()
    if method == "auto":
        candidates = _candidates(judge, list(fitted), reasons)
        method = next(c.method for c in candidates if c.chosen)
    chosen = fitted[method]
    enough = census.effective_rows >= CROSS_FITTED_FROM
    index = list(fitted).index(method)
    found = [
        multiclass_check(judge, kind, index, level=level)
        for kind in (("held-out", "cross-fitted") if enough else ("held-out",))
    ]
    checks = tuple(check for check in found if check is not None)
    certificate = Certificate(
        rows=census.fit_rows,
        effective_rows=census.effective_rows,
        class_rows=tuple(int(count) for count in census.class_rows),
        split=split,
        seed=seed,
        level=level,
        parameters=chosen.parameters,
        gradient=chosen.gradient,
        curvature=chosen.curvature,
        passes=max(chosen.passes, 1),
        checks=checks,
        candidates=candidates,
        floors=floors.fits,
        remarks=(*worse_remarks(checks), *_remarks(data, census, chosen), *floors.remarks()),
    )
    map_ = chosen.maps[-1]
    return Calibrator(map_, "multiclass", data.scale, data.classes, data.floor, certificate)


def _first(data: MulticlassData, floor: float) -> MomentSums:
    """Return the sums of the first pass, with the census of the rows."""
    return first_pass(
        data.read,
        folds=data.folds,
        floor=floor,
        n_classes=len(data.classes),
        start=data.start(floor),
    )


def _fits(
    data: MulticlassData, method: str, level: float, first: MomentSums
) -> tuple[dict[str, _Fitted], dict[str, str]]:
    """Return the fits by method, "identity" first, and why others are missing."""
    identity = [MulticlassIdentity()] * (data.folds + 1)
    fitted = {"identity": _Fitted(identity)}
    reasons: dict[str, str] = {}
    if method == "identity":
        return fitted, reasons
    t, passes, k = 1.0, 1, len(data.classes)
    if method != "intercept":  # which keeps the slopes
        fits = fit_temperatures(data.read, first)
        fitted["temperature"] = _temperature(fits, level)
        t, passes = fits.optimum.temperature, fits.passes
    if method == "temperature":
        return fitted, reasons
    assert first.census is not None
    scarce = first.census.scarce(CLASS_ROWS)
    if method == "auto" and k > AUTO_CLASSES:
        reasons["vector"] = f"tried up to {AUTO_CLASSES} classes"
    elif method == "auto" and len(scarce):
        reasons["vector"] = f"not tried (needs {CLASS_ROWS} rows of each class)"
    elif len(scarce):
        raise NotEnoughData(
            f"{method} scaling needs {CLASS_ROWS} rows of each class in any {data.folds - 1} of "
            f"{data.folds} folds: from fewer it would learn that the class hardly exists. There "
            f"are too few of {_shown(data, scarce)}",
            "Use --method temperature, or fit on rows of every class",
        )
    else:
        make, form, fitting = SCALED["vector" if method == "auto" else method]
        found = fitting(data.read, n_classes=k, folds=data.folds, temperature=t, floor=data.floor)
        fitted[form.method] = _Fitted(
            [make(*each) for each in found.sets],
            gradient=found.gradient,
            passes=passes + found.passes,
            converged=found.converged,
            remarks=(_penalised(form, k, t, first),),
        )
    return fitted, reasons


def _shown(data: MulticlassData, classes: NDArray[np.intp]) -> str:
    return ", ".join(data.classes[k] for k in classes[:5]) + (", …" if len(classes) > 5 else "")


def _penalised(form: type[Form], k: int, t: float, first: MomentSums) -> Finding:
    assert first.census is not None
    return finding(
        "penalised",
        kind="shift" if form is InterceptForm else "slopes",
        penalty=form.penalty,
        temperature=t,
        classes=k,
        rows=first.census.effective_rows,
    )


def _temperature(fits: TemperatureFits, level: float) -> _Fitted:
    optimum = fits.optimum
    # A fold without a finite optimum is judged by the scores as they are, and a remark says so.
    betas = np.where(np.isnan(fits.log_betas), 0.0, fits.log_betas)
    maps = [MulticlassTemperature(float(t)) for t in np.exp(-betas)]
    maps.append(MulticlassTemperature(optimum.temperature))
    return _Fitted(
        maps,
        (temperature_estimate(optimum, level),),
        optimum.gradient,
        optimum.curvature,
        fits.passes,
        unfitted=int(np.isnan(fits.log_betas).sum()),
    )


def _candidates(
    judge: JudgeSums, methods: list[str], reasons: dict[str, str]
) -> tuple[Candidate, ...]:
    judged = judge.sums[CROSS_FITTED]
    means = {m: float(judged.loss[i]) / judged.weight for i, m in enumerate(methods)}

    def difference(one: str, other: str) -> tuple[float, float]:
        return judged.difference(methods.index(one), methods.index(other))

    return candidates_of(AUTO, means, difference, reasons)


def _floors(data: MulticlassData, census: Census, method: str) -> Floors:
    """Return temperatures over a range of floors where labels have probability 0.

    Raises:
        NotEnoughData: they hang on the floor, and the user has not chosen one; or logits are −inf.
    """
    rows = 0 if method == "identity" else census.impossible
    if rows and data.scale == "logit":
        raise NotEnoughData(
            f"{rows:,} row{'s have' if rows > 1 else ' has'} a logit of −inf for their own label: "
            "an infinite loss at every temperature",
            "Leave them out, or correct the labels",
        )

    def temperature(floor: float) -> float:
        return fit_temperatures(data.read, _first(data, floor)).optimum.temperature

    floors = Floors.of(rows, data.floor, temperature, given=data.floor_given)
    if floors.refused:
        raise floors.refusal()
    return floors


def _remarks(data: MulticlassData, census: Census, fitted: _Fitted) -> tuple[Finding, ...]:
    remarks: list[Finding] = []
    missing = np.flatnonzero(census.class_rows == 0)
    if len(missing):
        remarks.append(
            finding(
                "missing-classes",
                kind="fitted",
                missing=len(missing),
                classes=len(data.classes),
                names=_shown(data, missing),
            )
        )
    remarks += fitted.remarks
    if fitted.unfitted:
        folds = {"unfitted": fitted.unfitted, "folds": data.folds}
        remarks.append(finding("folds-without-fit", **folds))
    if not fitted.converged:
        left = fitted.gradient or 0.0
        remarks.append(finding("not-converged", passes=fitted.passes, gradient=left))
    if census.effective_rows < CROSS_FITTED_FROM:
        reason = f"there are fewer than {CROSS_FITTED_FROM} rows"
        remarks.append(finding("not-cross-fitted", reason=reason))
    return tuple(remarks)

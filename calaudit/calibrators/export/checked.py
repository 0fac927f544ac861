"""Export with the check: what is handed over has been run and agrees, or is not handed over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.probes import probes_of
from calaudit.calibrators.export.target import Options, Runtime, Target, bins_of, steep
from calaudit.calibrators.export.targets import TARGETS
from calaudit.errors import SettingsError
from calaudit.metrics.logistic import expit

__all__ = ["TOLERANCE", "Exported", "export_calibrator"]

Floats = NDArray[np.float64]

TOLERANCE = {"float64": 1e-12, "float32": 1e-6}
"""Largest difference of a probability that an artefact may show, by its type.

float32 counts from the float64 scores of the fit and of the user's rows, before they are rounded.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An artefact and what its check said.

    Attributes:
        target: as in ``--to``. method: of the calibrator.
        content: the artefact, text or bytes. suffix: of its files.
        differences: largest absolute difference of a probability from ``calibrator.apply``, by
            runtime; {} where nothing could run it.
        probes: number of rows tried. fit_rows: how many of them are rows of the fit.
        tolerance: the largest difference allowed.
        unverified: why it was not checked, or None.
    """

    target: str
    method: str
    content: str | bytes
    suffix: str
    differences: dict[str, float]
    probes: int
    fit_rows: int
    tolerance: float
    unverified: str | None


def export_calibrator(
    calibrator: Calibrator,
    to: str,
    *,
    options: Options | None = None,
    unverified: bool = False,
    version: str = "",
    rows: Floats | None = None,
) -> Exported:
    """Return the calibrator in another language, executed and compared.

    Args:
        calibrator: what to export.
        to: name of a target.
        options: names of columns, type of a graph.
        unverified: accept an artefact that nothing here can run.
        version: of calaudit, for the artefact's first line.
        rows: scores to try besides the probes and the sample of the fit rows that the
            calibrator holds.

    Raises:
        SettingsError: the target cannot express the method, nothing here can run it, or it
            differs from the calibrator.
    """
    if to not in TARGETS:
        raise SettingsError(f"cannot export to {to!r}; targets are {', '.join(TARGETS)}")
    target, options = TARGETS[to], options or Options()
    if options.dtype is None:
        options = replace(options, dtype="float64" if steep(calibrator) else "float32")
    reason = target.refusal(calibrator, options)
    if reason is not None:
        raise SettingsError(f"{calibrator.method} cannot be exported to {to}: {reason}")
    runtimes = _runtimes(target, unverified)
    lack = None if runtimes else f"{target.missing} was not there"
    single = target.single(options)
    tolerance = TOLERANCE["float32" if single else "float64"]
    remarks = _remarks(calibrator, runtimes, tolerance, lack, version)
    content = target.render(calibrator, options, remarks)
    sample = calibrator.certificate.sample
    probes, expected = _expected(calibrator, _tried(calibrator, single, rows))
    differences = {
        runtime.name: _checked(target, runtime, content, calibrator, options, probes, expected)
        for runtime in runtimes
    }
    return Exported(
        target=to,
        method=calibrator.method,
        content=content,
        suffix=target.suffix,
        differences=differences,
        probes=len(probes),
        fit_rows=len(sample),
        tolerance=tolerance,
        unverified=lack,
    )


def _runtimes(target: Target, unverified: bool) -> tuple[Runtime, ...]:
    runtimes = target.runtimes()
    if not runtimes and not unverified:
        raise SettingsError(
            f"the export to {target.name} cannot be checked, because {target.missing} is not "
            "here; install it, or take the export as it is with --unverified"
        )
    return runtimes


def _tried(calibrator: Calibrator, single: bool, rows: Floats | None) -> Floats:
    """Return the scores to try, as they are stored.

    The grid goes to where no float32 is: for float32 a smooth map is tried on its rounded
    scores, a steep one on every score as it is.
    """
    grid = probes_of(calibrator)
    if single and not steep(calibrator):
        with np.errstate(under="ignore"):
            grid = grid.astype(np.float32).astype(np.float64)
    parts = (grid, calibrator.certificate.sample, rows)
    return np.concatenate(
        [np.asarray(part, np.float64) for part in parts if part is not None and len(part)]
    )


def _expected(calibrator: Calibrator, probes: Floats) -> tuple[Floats, Floats]:
    """Return the probes that have an answer, and the calibrator's own answers."""
    if calibrator.method == "matrix":  # has no answer to −inf, which it refuses
        probes = probes[np.isfinite(probes).all(axis=1)]
    if calibrator.method == "histogram" and calibrator.scale == "logit":
        probes = probes[~_between_bins(calibrator, probes)]
    with np.errstate(all="ignore"):
        return probes, calibrator.probabilities(probes)


def _between_bins(calibrator: Calibrator, z: Floats) -> NDArray[np.bool_]:
    """Return where a logit lies so near to an edge that the rounding of σ(z) picks the bin.

    There σ(z) does not rise with z: the calibrator's own answer goes to and fro between
    neighbouring numbers, which no edge on logits can follow.
    """
    edges = np.array(calibrator.parameters()["edges"][1:-1], np.float64)
    p, z_edges = expit(z), bins_of(calibrator)[0]
    other = np.searchsorted(edges, p) != np.searchsorted(z_edges, z)
    near = np.abs(p[:, None] - edges) <= 4.0 * np.spacing(edges)
    result: NDArray[np.bool_] = other & near.any(axis=1)
    return result


def _checked(
    target: Target,
    runtime: Runtime,
    content: str | bytes,
    calibrator: Calibrator,
    options: Options,
    probes: Floats,
    expected: Floats,
) -> float:
    """Return the largest difference, or refuse one that is too large."""
    answers = runtime.run(content, calibrator, options, probes)
    if answers.shape != expected.shape:
        raise SettingsError(
            f"the export to {target.name} answers {answers.shape} for scores of {expected.shape} "
            f"in {runtime.name}; nothing was written"
        )
    apart = np.abs(answers - expected)
    tolerance = TOLERANCE["float32" if target.single(options) else "float64"]
    worst = int(np.argmax(np.where(np.isnan(apart), np.inf, apart).reshape(len(apart), -1).max(1)))
    difference = float(apart[worst].max())
    if not difference <= tolerance:
        raise SettingsError(
            f"the export to {target.name} differs from the calibrator by {difference:.3g} in "
            f"{runtime.name} (at most {tolerance:g} is allowed), at the score "
            f"{np.array2string(probes[worst], threshold=8, floatmode='unique')}; nothing was "
            f"written{_advice(target, calibrator, options)}"
        )
    return difference


def _advice(target: Target, calibrator: Calibrator, options: Options) -> str:
    """Return what to do about a difference that may come from float32."""
    if not target.single(options):
        return ""
    why = "has steps, and a rounded one falls beside a step" if steep(calibrator) else "is steep"
    return (
        f". float32 rounds the scores, and the map {why}: take float64 (--dtype float64), and give "
        "the graph the scores in float64, as they were for the fit"
    )


def _remarks(
    calibrator: Calibrator,
    runtimes: tuple[Runtime, ...],
    tolerance: float,
    lack: str | None,
    version: str,
) -> tuple[str, ...]:
    """Return the lines at the head of an artefact, free of line ends and non-ASCII."""
    what = "logits" if calibrator.scale == "logit" else "probabilities"
    lines = [f"calaudit {version}: {calibrator.method} calibration, {calibrator.task}, of {what}."]
    if calibrator.classes:
        names = calibrator.classes
        shown = ", ".join(ascii(name) for name in names[:20]) + (", ..." if len(names) > 20 else "")
        lines.append(f"Classes in order: {shown}")
    if lack is None:
        ran = ", ".join(runtime.name for runtime in runtimes)
        lines.append(f"Checked when exported: within {tolerance:g} of calaudit in {ran}.")
    else:
        lines.append(f"UNVERIFIED: nothing has run this; {lack} when it was exported.")
    return tuple(line.replace("\n", " ").replace("\r", " ") for line in lines)

"""Export with the check: what is handed over has been run and agrees, or is not handed over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.description import Description, described
from calaudit.calibrators.export.probes import probes_of
from calaudit.calibrators.export.target import Options, Runtime, Target
from calaudit.calibrators.export.targets import TARGETS
from calaudit.calibrators.expression import computed
from calaudit.errors import SettingsError

Floats = NDArray[np.float64]

TOLERANCE = {"float64": 1e-12, "float32": 1e-6}
"""Largest difference of a probability that an artefact may show, by its type.

float32 counts from the float64 scores of the fit and of the user's rows, before they are rounded.
"""

DRAWS = 16
"""How often the roundings of an answer are drawn, to see how far they may move it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An artefact and what its check said.

    Attributes:
        target: as in ``--to``. method: of the calibrator.
        content: the artefact, text or bytes. suffix: of its files.
        differences: largest absolute difference of a probability from ``calibrator.apply``, by
            runtime; {} where nothing could run it.
        probes: number of rows tried. fit_rows: how many of them are rows of the fit.
        steep: how many of them are where the map is so steep that one rounding of σ(z) or of a
            logit moves it further than the tolerance: `differences` leaves them out, because
            there that much is allowed, and no more.
        tolerance: the largest difference allowed elsewhere.
        unverified: why it was not checked, or None.
    """

    target: str
    method: str
    content: str | bytes = field(repr=False)
    suffix: str
    differences: dict[str, float]
    probes: int
    fit_rows: int
    steep: int
    tolerance: float
    unverified: str | None


def export_calibrator(
    calibrator: Calibrator, to: str, *, options: Options | None = None,
    unverified: bool = False, version: str = "", rows: Floats | None = None,
) -> Exported:  # fmt: skip
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
    target, options, description = TARGETS[to], options or Options(), described(calibrator)
    if options.dtype is None:
        options = replace(options, dtype="float64" if description.tables else "float32")
    reason = target.refusal(calibrator, options)
    if reason is not None:
        raise SettingsError(f"{calibrator.method} cannot be exported to {to}: {reason}")
    runtimes = _runtimes(target, unverified)
    lack = None if runtimes else f"{target.missing} was not there"
    check = _check(calibrator, description, target.single(options), rows)
    content = target.render(
        calibrator, options, _remarks(calibrator, runtimes, check, lack, version)
    )
    differences = {
        runtime.name: check.difference(
            runtime.run(content, calibrator, options, check.probes), to, runtime.name
        )
        for runtime in runtimes
    }
    return Exported(
        target=to, method=calibrator.method, content=content, suffix=target.suffix,
        differences=differences, probes=len(check.probes), steep=check.steep, unverified=lack,
        fit_rows=len(calibrator.certificate.sample), tolerance=check.tolerance,
    )  # fmt: skip


def _runtimes(target: Target, unverified: bool) -> tuple[Runtime, ...]:
    runtimes = target.runtimes()
    if not runtimes and not unverified:
        raise SettingsError(
            f"the export to {target.name} cannot be checked, because {target.missing} is not "
            "here; install it, or take the export as it is with --unverified"
        )
    return runtimes


@dataclass(frozen=True, slots=True, eq=False)
class _Check:
    """What an artefact must answer.

    Attributes:
        single: whether it takes float32. table: whether the calibrator looks its answers up.
        probes: scores to try. expected: the calibrator's own answers.
        allowed: how far each answer may be from that; in the shape of the answers.
    """

    single: bool
    table: bool
    probes: Floats
    expected: Floats
    allowed: Floats

    @property
    def tolerance(self) -> float:
        """How far answers may be from the calibrator's where the map is not steep."""
        return TOLERANCE["float32" if self.single else "float64"]

    @property
    def steep(self) -> int:
        """Number of probes at which one rounding counts for more than the tolerance."""
        more = self.allowed.reshape(len(self.allowed), -1) > self.tolerance
        return int(np.count_nonzero(more.any(axis=1)))

    def difference(self, answers: Floats, target: str, runtime: str) -> float:
        """Return the largest difference where the map is not steep, or refuse one anywhere."""
        if answers.shape != self.expected.shape:
            raise SettingsError(
                f"the export to {target} answers {answers.shape} for scores of "
                f"{self.expected.shape} in {runtime}; nothing was written"
            )
        apart = np.where(np.isnan(answers), np.inf, np.abs(answers - self.expected))
        worst = np.unravel_index(np.argmax(apart - self.allowed), apart.shape)
        if not apart[worst] <= self.allowed[worst]:
            probe = np.array2string(self.probes[worst[0]], threshold=8, floatmode="unique")
            raise SettingsError(
                f"the export to {target} differs from the calibrator by {apart[worst]:.3g} in "
                f"{runtime} (at most {self.allowed[worst]:.3g} is allowed), at the score {probe}; "
                f"nothing was written{self._advice()}"
            )
        return float(np.max(apart[self.allowed <= self.tolerance], initial=0.0))

    def _advice(self) -> str:
        """Return what to do about a difference that may come from float32."""
        if not self.single:
            return ""
        why = "has steps, and a rounded one falls beside a step" if self.table else "is steep"
        return (
            f". float32 rounds the scores, and the map {why}: take float64 (--dtype float64), and "
            "give the graph the scores in float64, as they were for the fit"
        )


def _check(
    calibrator: Calibrator, description: Description, single: bool, rows: Floats | None
) -> _Check:
    """Return the check of a calibrator, on the scores that it has an answer to.

    The grid goes to where no float32 is: for float32 a smooth map is tried on its rounded
    scores, a table on every score as it is.
    """
    grid, table = probes_of(calibrator), bool(description.tables)
    with np.errstate(all="ignore"):
        if single and not table:
            grid = grid.astype(np.float32).astype(np.float64)
        parts = (grid, calibrator.certificate.sample, rows)
        probes = np.concatenate(
            [np.asarray(part, np.float64) for part in parts if part is not None and len(part)]
        )
        valid = computed(description.valid, probes)
        probes = probes[valid.reshape(len(probes), -1).all(axis=1)]
        expected = calibrator.probabilities(probes)
        moved = _rounding(description, probes, expected)
    tolerance = TOLERANCE["float32" if single else "float64"]
    return _Check(single, table, probes, expected, np.maximum(moved, tolerance))


def _rounding(description: Description, probes: Floats, expected: Floats) -> Floats:
    """Return how far the answers move where two languages round what is behind them otherwise.

    That is one rounding or two times the slope of the map. On the value of a bin of logits it has
    a say only beside an edge, where σ(z) goes to and fro from one logit to the next, so that
    calaudit's own answer does as well, which no edge on logits can follow.
    """
    answer = description.answer
    rng, largest = np.random.default_rng(0), np.zeros_like(expected)
    for _ in range(DRAWS):
        largest = np.maximum(largest, np.abs(computed(answer, probes, rng) - expected))
    if answer.operation == "step" and answer.value is not None:
        largest *= computed(replace(answer, value=None), probes) != expected
    return largest


def _remarks(
    calibrator: Calibrator,
    runtimes: tuple[Runtime, ...],
    check: _Check,
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
        steep = " (within one rounding of a score where the map is steep)" if check.steep else ""
        lines.append(
            f"Checked when exported: within {check.tolerance:g} of calaudit{steep} in {ran}."
        )
    else:
        lines.append(f"UNVERIFIED: nothing has run this; {lack} when it was exported.")
    return tuple(line.replace("\n", " ").replace("\r", " ") for line in lines)

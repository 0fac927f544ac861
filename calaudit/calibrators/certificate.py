"""The certificate of a fit: what was fitted on what, how exactly, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.metrics.labelling import SAID_FIRST

__all__ = [
    "AGAINST",
    "MAKES_WORSE",
    "Candidate",
    "Certificate",
    "Check",
    "FigureSet",
    "FloorFit",
    "ParameterEstimate",
    "Remark",
    "Scores",
]

MAKES_WORSE = "makes-worse"
"""Code of the remark that a calibrator is not to be used."""

AGAINST = (MAKES_WORSE, *SAID_FIRST)
"""Codes of remarks that come before a calibrator."""

Scores = tuple[float | tuple[float, ...], ...]
"""Scores of some rows: a number each, or for several classes a tuple."""


@dataclass(frozen=True, slots=True)
class ParameterEstimate:
    """A parameter with its interval, which is None where none is known to hold.

    Attributes:
        name: as in the parameters of the calibrator.
        value: the estimate. low, high: ends of its interval at the level of the certificate.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class FigureSet:
    """Figures of one set of scores; each is None where it cannot be computed.

    Attributes:
        log_loss: mean, in nats. smece, ece: of the calibration view (top-label for several
            classes), ece with 15 equal-width bins. brier: as in the report of ``evaluate``.
    """

    log_loss: float | None
    smece: float | None
    ece: float | None
    brier: float | None


@dataclass(frozen=True, slots=True)
class Check:
    """Scores before and after calibration, on rows the calibrator was not fitted on.

    Attributes:
        kind: "cross-fitted" (each fold by a fit on the others) or "held-out".
        rows: number of rows.
        before, after: the figures.
        saved: mean saving of log loss in nats, with its interval at the level of the
            certificate, from the paired differences of the rows.
        saved_low, saved_high: its ends.
    """

    kind: str
    rows: int
    before: FigureSet
    after: FigureSet
    saved: float
    saved_low: float | None = None
    saved_high: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One method that was considered.

    Attributes:
        method: its name.
        log_loss: cross-validated log loss in nats, or None with the ``reason``.
        worse: how much worse than the best. error: standard error of that, paired by row.
        chosen: whether it is the simplest within one standard error of the best.
        reason: why it was left out.
    """

    method: str
    log_loss: float | None = None
    worse: float | None = None
    error: float | None = None
    chosen: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FloorFit:
    """The temperature that one floor for probabilities gives."""

    floor: float
    temperature: float | None


@dataclass(frozen=True, slots=True)
class Remark:
    """What the reader should know, and what to do about it."""

    code: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How a calibrator was fitted and what it is worth on other rows.

    Attributes:
        rows: rows it was fitted on. effective_rows: equally weighted rows they are worth.
        class_rows: rows of each class, in the order of the classes; (wrong, right) for
            top-label.
        split: which rows were fitted, in words. seed: of folds and hold-out.
        level: of the intervals.
        parameters: scalar parameters with their intervals.
        gradient: largest component of the gradient of the mean log loss, relative to the
            size of its terms; None for methods that are not fitted by gradients.
        curvature: second derivative of the mean log loss in log T (temperature only).
        passes: times the fit rows were read for the fit.
        exact: whether every distinct score had a cell of its own in the fit.
        checks: figures before and after, held-out rows first.
        candidates: what ``auto`` chose from; empty when the method was named.
        floors: temperatures over a range of floors, where probabilities are saturated.
        remarks: warnings.
        sample: scores of a few of the fit rows, as they were fitted, which exports are tried on:
            for one score up to 64, spread over its quantiles, rising; for several classes the
            first rows, up to 16 and 400 numbers.
    """

    rows: int = 0
    effective_rows: float = 0.0
    class_rows: tuple[int, ...] = ()
    split: str = "all rows"
    seed: int = 0
    level: float = 0.95
    parameters: tuple[ParameterEstimate, ...] = ()
    gradient: float | None = None
    curvature: float | None = None
    passes: int = 1
    exact: bool = True
    checks: tuple[Check, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    floors: tuple[FloorFit, ...] = ()
    remarks: tuple[Remark, ...] = ()
    sample: Scores = ()

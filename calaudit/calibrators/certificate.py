"""The certificate of a fit: what was fitted on what, how exactly, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from calaudit.findings.finding import Finding
from calaudit.metrics.labelling import SAID_FIRST
from calaudit.records.limits import Amount, Count, Limits, Rows, Written, one_of

MAKES_WORSE, NO_BETTER = "makes-worse", "no-better"
"""Codes of the remarks that a calibrator is not to be used, and that it is not seen to help."""

AGAINST = (MAKES_WORSE, NO_BETTER, *SAID_FIRST)
"""Codes of remarks that come before a calibrator."""

Scores = tuple[float | Annotated[tuple[float, ...], Limits({"minItems": 1})], ...]
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

    kind: Annotated[str, one_of("held-out", "cross-fitted")]
    rows: Count
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
    """What one floor gives. floor: for probabilities; temperature: None where there is none."""

    floor: float
    temperature: float | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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

    rows: Count = 0
    effective_rows: Amount = 0.0
    class_rows: tuple[Count, ...] = ()
    split: str = "all rows"
    seed: Count = 0
    level: float = 0.95
    parameters: tuple[ParameterEstimate, ...] = ()
    gradient: float | None = None
    curvature: float | None = None
    passes: Rows = 1
    exact: bool = True
    checks: tuple[Check, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    floors: tuple[FloorFit, ...] = ()
    remarks: tuple[Finding, ...] = ()
    sample: Annotated[Scores, Limits({"maxItems": 64}), Written.LATER] = ()

    def __repr__(self) -> str:
        """Return the parameters, the rows, and what it is worth on others, a line each."""
        lines = [_interval(p.name, p.value, p.low, p.high) for p in self.parameters[:4]]
        lines.append(f"fitted on {self.rows:,} rows ({self.split})")
        for each in self.checks:
            losses = [_number(side.log_loss) for side in (each.before, each.after)]
            saved = _interval("saves", each.saved, each.saved_low, each.saved_high)
            told = f"log loss {' → '.join(losses)} on {each.rows:,} {each.kind} rows"
            lines.append(f"{told}: {saved}")
        lines += [remark.text for remark in self.remarks if remark.code in AGAINST]
        return "\n  ".join(["<certificate:", *lines]) + ">"


def _number(value: float | None) -> str:
    return "infinite" if value is None else f"{value:.4g}"


def _interval(name: str, value: float, low: float | None, high: float | None) -> str:
    ends = "" if low is None else f" ({low:.4g} to {_number(high)})"
    return f"{name} {value:.4g}{ends}"

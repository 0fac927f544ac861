"""What a target of an export is: how it is written, and what can run it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator, logits_of_probabilities
from calaudit.metrics.logistic import expit

__all__ = [
    "Options",
    "Runtime",
    "Target",
    "bins_of",
    "end_logits",
    "inexpressible",
    "keeps_impossible",
    "needs_of",
    "number",
    "score_name",
    "steep",
]

Floats = NDArray[np.float64]

_NEEDS = {
    "temperature": "logit",
    "platt": "logit",
    "beta": "logs",
    "isotonic": "probability",
    "centered-isotonic": "probability",
    "histogram": "score",
    "identity": "probability",
}

_MULTICLASS = ("temperature", "vector", "matrix", "identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user may choose about an export.

    Attributes:
        columns: SQL: the score columns, one a class for multiclass; () for default names.
        dtype: ONNX: type of the graph's input and output; the arithmetic is float64. None for
            float32, or float64 where the map has `steep` places.
    """

    columns: tuple[str, ...] = ()
    dtype: Literal["float32", "float64"] | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """Something on this machine that can run an artefact.

    Attributes:
        name: with its version, such as "node v20.20.2".
        run: (artefact, calibrator, options, probes) → what the artefact returns for the probes,
            in the shape of ``calibrator.apply``.
    """

    name: str
    run: Callable[[Any, Calibrator, Options, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A language or format.

    Attributes:
        name: as in ``--to``. suffix: of its files.
        comment: what begins a comment line; None where the artefact has no comments.
        refusal: (calibrator, options) → why it cannot be expressed, or None.
        render: (calibrator, options, remarks) → text or bytes; remarks are single lines that
            say what it is and whether it was checked.
        runtimes: what can run it here; () where nothing can.
        missing: what would have to be installed.
        single: whether it takes and returns float32, given the options.
    """

    name: str
    suffix: str
    refusal: Callable[[Calibrator, Options], str | None]
    render: Callable[[Calibrator, Options, tuple[str, ...]], str | bytes]
    runtimes: Callable[[], tuple[Runtime, ...]]
    missing: str
    single: Callable[[Options], bool] = lambda _: False


def steep(calibrator: Calibrator) -> bool:
    """Return whether the last bits of a score may decide: a map with bins or knots jumps there.

    Scores rounded to float32 fall on the other side of a step, or slide along it.
    """
    return calibrator.method in ("histogram", "isotonic", "centered-isotonic")


def number(value: float) -> str:
    """Return a finite float as a literal that any language reads back as the same float64.

    >>> number(0.5), number(2.0), number(1e-12)
    ('0.5', '2.0', '1e-12')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no literal")
    return repr(float(value))


def end_logits(floor: float) -> tuple[float, float]:
    """Return the smallest and the largest logit that a clipped probability has."""
    low, high = logits_of_probabilities(np.array([0.0, 1.0]), floor).tolist()
    return low, high


def needs_of(calibrator: Calibrator) -> str:
    """Return what a method for one score starts from.

    "logit" (z = logit p), "logs" (ln p and ln(1 − p)), "probability" (p), or "score" (whichever
    of z and p it was fitted on).
    """
    return _NEEDS[calibrator.method]


def bins_of(calibrator: Calibrator) -> tuple[list[float], list[float]]:
    """Return the inner edges of a histogram, on the scale of its scores, and the values.

    A value jumps at an edge, where another rounding of σ(z) would fall into the other bin. So an
    edge on logits is the largest float64 that the calibrator itself puts at or below the edge.
    """
    parameters = calibrator.parameters()
    edges, values = np.array(parameters["edges"][1:-1], np.float64), parameters["values"]
    if calibrator.scale == "probability" or not len(edges):
        return edges.tolist(), values
    low, high = np.full(len(edges), -800.0), np.full(len(edges), 800.0)
    while True:
        middle = (low + high) / 2
        inside = (middle > low) & (middle < high)
        if not inside.any():
            return low.tolist(), values
        below = expit(middle) <= edges
        low, high = np.where(below & inside, middle, low), np.where(below | ~inside, high, middle)


def keeps_impossible(calibrator: Calibrator) -> bool:
    """Return whether logits of −inf meet slopes that would not leave them so (0 · −inf is NaN)."""
    if calibrator.method != "vector" or calibrator.scale != "logit":
        return False
    return bool(min(calibrator.parameters()["w"]) <= 0)


def score_name(calibrator: Calibrator) -> str:
    """Return what one value that goes in is called."""
    if calibrator.scale == "logit":
        return "logit"
    return "confidence" if calibrator.task == "top-label" else "probability"


def inexpressible(calibrator: Calibrator) -> str | None:
    """Return why no target could express the calibrator, or None."""
    known = _MULTICLASS if calibrator.task == "multiclass" else tuple(_NEEDS)
    if calibrator.method in known:
        return None
    return f"the method {calibrator.method!r} is not known to any export"

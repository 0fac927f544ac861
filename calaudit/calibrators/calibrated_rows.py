"""Calibrators on rows as they are read: the chunk's tails survive, whatever the method."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import (
    BinaryMap,
    Calibrator,
    MulticlassMap,
    logits_of_probabilities,
)
from calaudit.errors import InputError
from calaudit.metrics.logistic import expit
from calaudit.options.choices import Scale
from calaudit.predictions.chunk import Chunk

Floats = NDArray[np.float64]

_BY_LOGITS = ("temperature", "intercept", "platt", "beta", "spline", "vector", "matrix")


def calibrated_scale(calibrator: Calibrator) -> Scale:
    """Return the scale of `calibrated_chunk`: logits wherever the method computes logits.

    A probability of 1 − 1e-20 is 1 in float64, and wrong there for ever; its logit is 46.
    """
    if calibrator.method in _BY_LOGITS:
        return "logit"
    as_is = calibrator.method == "identity" and calibrator.scale == "logit"
    return "logit" if as_is else "probability"


def calibrated_chunk(chunk: Chunk, calibrator: Calibrator) -> Chunk:
    """Return the same rows with calibrated scores, on the scale `calibrated_scale`.

    Args:
        chunk: rows of the task, the scale and the classes of the calibrator; see
            `Calibrator.check`, which is for the whole data set.
        calibrator: what to apply.

    Raises:
        InputError: a row has no answer: logits of −inf mixed by a matrix.
    """
    if calibrated_scale(calibrator) == "probability":
        return replace(chunk, scores=calibrator.probabilities(_floats(chunk.scores)))
    return replace(chunk, scores=calibrated_logits(calibrator, chunk.scores))


@np.errstate(over="ignore")
def calibrated_logits(calibrator: Calibrator, scores: NDArray[Any]) -> Floats:
    """Return calibrated logits in the shape of the scores; ±inf for a probability of 0 or 1.

    Raises:
        InputError: a row has no answer; see `MulticlassMap.logits`.
    """
    x = _floats(scores)
    if isinstance(calibrator.map, MulticlassMap):
        z = x if calibrator.scale == "logit" else np.log(np.maximum(x, calibrator.floor))
        return calibrator.map.logits(z)
    assert isinstance(calibrator.map, BinaryMap)
    if calibrator.scale == "logit":
        return calibrator.map.logits(expit(x), x)
    return calibrator.map.logits(x, logits_of_probabilities(x, calibrator.floor))


def calibrated_values(
    calibrator: Calibrator, scores: NDArray[Any], *, scale: Scale, pair: bool = False
) -> Floats:
    """Return what the score columns of a file are to hold, (n, C).

    Args:
        calibrator: what to apply.
        scores: (n,) or (n, K) of the kind it was fitted on.
        scale: whether to return probabilities or logits.
        pair: binary: two columns, (negative, positive), rather than one. As logits they are
            ±half the logit, whose softmax is the probability.

    Raises:
        InputError: a row has no such value: logits of −inf mixed by a matrix, or the logit of a
            probability of exactly 0 or 1.
    """
    values = _values(calibrator, scores, scale, pair)
    binary = not isinstance(calibrator.map, MulticlassMap)
    if scale == "logit" and binary and np.isinf(values).any():
        raise InputError(
            f"{calibrator.method} calibration gives some rows a probability of exactly 0 or 1, "
            "which has no logit; write probabilities (--as probability)"
        )
    return values


def _values(calibrator: Calibrator, scores: NDArray[Any], scale: Scale, pair: bool) -> Floats:
    if isinstance(calibrator.map, MulticlassMap):
        if scale == "logit":
            return calibrated_logits(calibrator, scores)
        return calibrator.probabilities(_floats(scores))
    if scale == "logit":
        u = calibrated_logits(calibrator, scores)
        return np.stack([-u / 2, u / 2], axis=1) if pair else u[:, None]
    if not pair:
        return calibrator.probabilities(_floats(scores))[:, None]
    if calibrated_scale(calibrator) == "logit":  # 1 − p would lose the tail above ½
        u = calibrated_logits(calibrator, scores)
        return np.stack([expit(-u), expit(u)], axis=1)
    p = calibrator.probabilities(_floats(scores))
    return np.stack([1.0 - p, p], axis=1)


def _floats(scores: NDArray[Any]) -> Floats:
    """Return scores that were checked when they were read, with the tolerance of their type."""
    return np.asarray(scores, dtype=np.float64)

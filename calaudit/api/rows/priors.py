"""What is said of base rates → by what the odds of each class are to be multiplied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.percentages import number_of, share_of
from calaudit.calibrators.base import Calibrator
from calaudit.errors import SettingsError
from calaudit.options.applying import PriorShift

Floats = NDArray[np.float64]

SUM_TO = 0.01
"""How far from 1 the priors of several classes may sum up, as rounded ones do."""


def prior_odds(options: PriorShift, calibrator: Calibrator, *, fitted: bool) -> Floats | None:
    """Return (K,) the new prior of each class over the old one, or None where none is given.

    Args:
        options: the base rates, or class weights of the training.
        calibrator: of the scores; its classes are those that names stand for.
        fitted: whether it was fitted, so that it knows a base rate.

    Raises:
        SettingsError: they do not go together, or are no such numbers.
    """
    prior, was, weight = (options[name] for name in ("prior", "was", "class_weight"))
    if prior is None and was is None and weight is None:
        return None
    if calibrator.task == "top-label":
        raise SettingsError(
            "a base rate is that of a class; these scores are confidences in the predicted class, "
            "whatever it is. Give class scores (--score or --probs)"
        )
    classes = calibrator.classes
    if weight is not None:
        if prior is not None or was is not None:
            raise SettingsError("--class-weight undoes a weighted training: without --prior, --was")
        return 1.0 / _weights(weight, classes, binary=calibrator.task == "binary")
    if prior is None:
        raise SettingsError("--was is what the base rate was; --prior says what it is now")
    old = _of_fit(calibrator) if was is None and fitted else None
    if old is None and was is None:
        raise SettingsError(
            "--prior needs --was, the base rate that the scores are for: 0.5 or balanced where the "
            "model was trained on balanced rows"
        )
    new = _priors(prior, "--prior", calibrator)
    return new / (_priors(was, "--was", calibrator) if old is None else old)


def _of_fit(calibrator: Calibrator) -> Floats:
    """Return the base rates of the rows that a calibrator was fitted on."""
    certificate = calibrator.certificate
    rows = np.array(certificate.class_rows, np.float64)
    if any(remark.code == "weighted" for remark in certificate.remarks) or not rows.all():
        rows = rows[:0]
    if not len(rows) or calibrator.method == "identity":
        raise SettingsError(
            "the calibrator does not tell what the base rate was (it was fitted on weighted rows, "
            "on none of some class, or changes nothing): say --was"
        )
    shares: Floats = rows / rows.sum()
    return shares


def _priors(given: Any, option: str, calibrator: Calibrator) -> Floats:
    classes = calibrator.classes
    if given == "balanced":
        return np.full(len(classes), 1.0 / len(classes))
    if calibrator.task == "binary":
        if isinstance(given, Mapping) or (
            isinstance(given, str) and ("," in given or "=" in given)
        ):
            raise SettingsError(f"{option} is one number here, the share of {classes[-1]!r}")
        share = share_of(given, option, "a share of positives above 0 and below 1")
        return np.array([1.0 - share, share])
    values = _by_class(given, option, classes)
    shares = np.array([share_of(value, option) for value in values])
    if abs(shares.sum() - 1.0) > SUM_TO:
        raise SettingsError(f"{option} sums to {shares.sum():g}, and not to 1, over all classes")
    return shares


def _weights(given: Any, classes: Sequence[str], *, binary: bool) -> Floats:
    option = "--class-weight"
    single = binary and not isinstance(given, Mapping) and "=" not in str(given)
    values = [1.0, given] if single else _by_class(given, option, classes)
    weights = np.array([number_of(value, option)[0] for value in values])
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise SettingsError(f"{option} is above 0, not {given}")
    return weights


def _by_class(given: Any, option: str, classes: Sequence[str]) -> list[Any]:
    """Return one value a class, given by name or in the order of the classes."""
    if isinstance(given, str):
        parts = [part.strip() for part in given.split(",")]
        pairs = [part.rpartition("=") for part in parts]
        given = {name: value for name, _, value in pairs} if "=" in given else parts
    if isinstance(given, Mapping):
        named = {str(name): value for name, value in given.items()}
        if set(named) == set(classes):
            return [named[name] for name in classes]
    elif not isinstance(given, int | float) and len(given) == len(classes):
        return list(given)
    shown = ", ".join(classes[:6]) + (", …" if len(classes) > 6 else "")
    raise SettingsError(f"{option} takes one number for each class, as {classes[0]}=0.1,…: {shown}")

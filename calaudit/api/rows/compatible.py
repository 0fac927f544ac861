"""The kind of rows that a calibrator was fitted on, against that of the rows it meets."""

from __future__ import annotations

from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError
from calaudit.predictions.predictions import Predictions

__all__ = ["check_fits"]


def check_fits(calibrator: Calibrator, predictions: Predictions) -> None:
    """Refuse data of another kind than that of the fit, with both sides.

    Raises:
        InputError: the task, the scale or the classes differ.
    """
    try:
        calibrator.check(predictions.task, predictions.scale, predictions.class_names)
    except InputError as error:
        scores = ("score", "probs", "logits", "confidence")
        role = next((role for role in predictions.roles if role.role in scores), None)
        read = ""
        if role is not None and role.option:
            more = ", …" if len(role.columns) > 3 else ""
            read = f" ({', '.join(role.columns[:3])}{more} read as {role.option})"
        raise InputError(f"{predictions.inputs[0].path}: {error}{read}") from None

"""The kind of rows that a calibrator was fitted on, against that of the rows it meets."""

from __future__ import annotations

from typing import Any

from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError, SettingsError
from calaudit.predictions import Roles
from calaudit.predictions.predictions import Predictions

SCORES = ("score", "probs", "logits", "confidence")


def roles_like(labelled: Predictions) -> Roles:
    """Return the roles by which the scores of other rows are read as those of labelled ones are.

    Raises:
        SettingsError: they came as an array, so that no column is known.
    """
    layout = labelled.layout
    if labelled.inputs[0].format == "arrays":
        raise SettingsError(
            "scores without labels are read from the columns that hold the labelled ones: read "
            "these from a file or frame, too (for a prevalence with arrays give a number)"
        )
    role = next(role.role for role in labelled.roles if role.role in SCORES)
    names: Any = layout.scores if layout.form == "columns" else layout.scores[0]
    classes = None if layout.form == "column" else layout.classes
    return Roles(**{role: names}, classes=classes, out_of=layout.out_of)


def check_fits(calibrator: Calibrator, predictions: Predictions) -> None:
    """Refuse data of another kind than that of the fit, with both sides.

    Raises:
        InputError: the task, the scale or the classes differ.
    """
    try:
        calibrator.check(predictions.task, predictions.scale, predictions.class_names)
    except InputError as error:
        role = next((role for role in predictions.roles if role.role in SCORES), None)
        read = ""
        if role is not None and role.option:
            more = ", …" if len(role.columns) > 3 else ""
            read = f" ({', '.join(role.columns[:3])}{more} read as {role.option})"
        raise InputError(f"{predictions.inputs[0].path}: {error}{read}") from None

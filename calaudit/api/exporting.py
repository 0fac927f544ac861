"""Export: from a calibrator to the language of a serving stack, checked on the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.applying import opened_calibrator
from calaudit.api.calibrated import check_fits
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export import Exported, Options, export_calibrator
from calaudit.errors import SettingsError
from calaudit.predictions import Roles
from calaudit.predictions.faults import Faults
from calaudit.predictions.files import File
from calaudit.predictions.findings import Findings
from calaudit.predictions.rewriting.drafts import drafts_for, publish, refusing_full_disk
from calaudit.predictions.scores import ScoreReader
from calaudit.predictions.unlabelled import open_scores

__all__ = ["export"]

MOST_ROWS = 2000
"""Rows of a file that are tried besides the probes."""


def export(
    calibrator: Any,
    to: str,
    *,
    output: str | os.PathLike[str] | None = None,
    columns: Sequence[str] = (),
    dtype: str = "float32",
    unverified: bool = False,
    rows: str | os.PathLike[str] | None = None,
) -> Exported:
    r"""Return a calibrator as code or a graph that needs no calaudit.

    The artefact has been executed on a grid of scores (the tails, ties, 0 and 1, every knot and
    edge with its neighbours, large logits) and on the sample of the fit rows that the calibrator
    holds, and agrees with ``Calibrator.apply`` within 1e-12, or 1e-6 where it returns float32.

    >>> from calaudit.calibrators.base import Calibrator
    >>> from calaudit.calibrators.temperature import Temperature
    >>> exported = export(Calibrator(Temperature(2.5), "binary", "logit", ("0", "1")), "value")
    >>> exported.content
    '2.5\n'

    Args:
        calibrator: a `Calibrator`, or the path of one.
        to: "value" (a bare temperature), "python", "numpy", "sql", "onnx", "torch" or
            "javascript".
        output: a file to write it to; complete in the end, or not there.
        columns: SQL: the score columns, one a class for multiclass.
        dtype: ONNX: "float32" or "float64", of what goes in and out.
        unverified: accept an artefact that nothing on this machine can run; it says so.
        rows: a file of predictions, such as that of the fit, whose first rows are tried as well.

    Returns:
        The artefact and the largest difference found.

    Raises:
        SettingsError: the target cannot express the method, cannot be run here, or differs; or
            the output cannot be written.
    """
    if dtype not in ("float32", "float64"):
        raise SettingsError(f"dtype must be float32 or float64, not {dtype!r}")
    fitted = opened_calibrator(calibrator)
    options = Options(columns=tuple(columns), dtype=dtype)  # type: ignore[arg-type]
    made = partial(
        export_calibrator,
        fitted,
        to,
        options=options,
        unverified=unverified,
        version=__version__,
        rows=None if rows is None else _first_scores(fitted, os.fspath(rows)),
    )
    if output is None:
        return made()
    given = [] if fitted is calibrator else [File(str(calibrator), str(calibrator))]
    with drafts_for([os.fspath(output)], given) as drafts:
        exported = made()
        content = exported.content
        with refusing_full_disk(drafts[0].shown):
            drafts[0].temporary.write_bytes(
                content.encode() if isinstance(content, str) else content
            )
        publish(drafts)
    return exported


def _first_scores(calibrator: Calibrator, path: str) -> NDArray[np.float64]:
    """Return the valid scores among the first rows of a file."""
    opened = open_scores(
        [path],
        roles=Roles(),
        task=calibrator.task,  # type: ignore[arg-type]
        scale=calibrator.scale,  # type: ignore[arg-type]
        classes=calibrator.classes,
    )
    with opened as predictions:
        check_fits(calibrator, predictions)
        block = predictions.sources[0].peek(predictions.layout.scores).slice(0, MOST_ROWS)
        faults = Faults(block.num_rows)
        scores = ScoreReader(predictions.layout, Findings()).read(block, faults)
        return scores[~faults.any_row()].astype(np.float64)

"""Export: from a calibrator to the language of a serving stack, checked on the way."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.applying import forecast_calibrator, opened_calibrator
from calaudit.api.rows.compatible import check_fits
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export import Exported, Options, export_calibrator
from calaudit.calibrators.export.forecasts import export_forecasts
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator
from calaudit.errors import InputError, SettingsError
from calaudit.options.declaration import documented
from calaudit.options.exporting import ExportOptions
from calaudit.predictions import Roles
from calaudit.predictions.faults import Faults
from calaudit.predictions.files import File
from calaudit.predictions.findings import Findings
from calaudit.predictions.layout import Layout
from calaudit.predictions.rewriting.drafts import drafts_for, publish, refusing_full_disk
from calaudit.predictions.scores import ScoreReader
from calaudit.predictions.unlabelled import open_scores

_OPTIONS = re.compile(r" [A-Z][^.]*? --[a-z].*", re.DOTALL)
"""A sentence, and what follows, that advises options by which other commands read rows."""

MOST_ROWS = 2000
"""Rows of a file that are tried besides the probes."""


@documented(ExportOptions)
def export(
    calibrator: Any,
    to: str,
    *,
    output: str | os.PathLike[str] | None = None,
    **options: Unpack[ExportOptions],
) -> Exported:
    r"""Return a calibrator as code or a graph that needs no calaudit.

    The artefact has been executed on a grid of scores (the tails, ties, 0 and 1, every knot and
    edge with its neighbours, large logits) and on the sample of the fit rows that the calibrator
    holds, and agrees with ``Calibrator.apply`` within 1e-12, or 1e-6 where it takes float32: there
    the rows count as they are stored, before they are rounded. Where the map is so steep that one
    rounding of a score moves it further than that, it agrees as far as the rounding goes.

    >>> from calaudit.calibrators.base import Calibrator
    >>> from calaudit.calibrators.temperature import Temperature
    >>> exported = export(Calibrator(Temperature(2.5), "binary", "logit", ("0", "1")), "value")
    >>> exported.content
    '2.5\n'

    Args:
        calibrator: a `Calibrator`, or one of forecasts, or the path of one.
        to: "value" (a bare temperature), "python", "numpy", "sql", "onnx", "torch" or
            "javascript".
        output: a file to write it to; complete in the end, or not there.
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The artefact and the largest difference found.

    Raises:
        InputError: the calibrator or the rows cannot be used.
        SettingsError: the target cannot express the method, cannot be run here, or differs; or
            the output cannot be written.
    """
    columns, dtype, rows = options["columns"], options["dtype"], options["rows"]
    fitted = forecast_calibrator(calibrator) or opened_calibrator(calibrator)
    if isinstance(fitted, ForecastCalibrator):
        if columns or dtype or rows:
            raise SettingsError("a calibrator of forecasts is exported without other options")
        made = partial(export_forecasts, fitted, to, __version__)
    else:
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        found = _Rows((), None) if rows is None else _first_rows(fitted, os.fspath(rows))
        asked = Options(columns=names or found.columns, dtype=dtype)  # type: ignore[arg-type]
        made = partial(
            export_calibrator, fitted, to, options=asked, unverified=options["unverified"],
            version=__version__, rows=found.scores,
        )  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class _Rows:
    """The first valid scores of a file, and the columns that an expression would take them from."""

    columns: tuple[str, ...]
    scores: NDArray[np.float64] | None


def _first_rows(calibrator: Calibrator, path: str) -> _Rows:
    try:
        kind: Any = {"task": calibrator.task, "scale": calibrator.scale}
        opened = open_scores([path], roles=Roles(), classes=calibrator.classes, **kind)
    except InputError as error:
        raise InputError(_OPTIONS.sub(" Leave --rows out.", error.args[0])) from None
    with opened as predictions:
        check_fits(calibrator, predictions)
        layout = predictions.layout
        block = predictions.sources[0].peek(layout.scores).slice(0, MOST_ROWS)
        faults = Faults(block.num_rows)
        scores = ScoreReader(layout, Findings()).read(block, faults)
        return _Rows(_columns(layout), scores[~faults.any_row()].astype(np.float64))


def _columns(layout: Layout) -> tuple[str, ...]:
    """Return the columns that hold what the calibrator takes as it is; () where none do."""
    if layout.form == "list" or layout.out_of != 1.0:
        return ()
    if layout.form == "column" or layout.task == "multiclass":
        return layout.scores
    return layout.scores[1:] if layout.scale == "probability" else ()

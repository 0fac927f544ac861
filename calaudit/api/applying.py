"""Apply: from predictions and a calibrator to calibrated predictions, row for row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit.api.copies import Applied, Copies
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.open_rows import score_roles
from calaudit.api.rows.priors import prior_odds
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_values
from calaudit.calibrators.forecast_calibrator import (
    ForecastCalibrator,
    load_forecast_calibrator,
)
from calaudit.calibrators.prior_shift import shifted, uncalibrated
from calaudit.calibrators.saved_calibrator import holds_schema, load_calibrator
from calaudit.calibrators.venn_abers import VennAbers
from calaudit.errors import SettingsError
from calaudit.findings.finding import finding
from calaudit.metrics.logistic import expit
from calaudit.options.choices import Scale
from calaudit.options.commands import ApplyOptions
from calaudit.options.declaration import documented, options_of
from calaudit.predictions.layout import Layout
from calaudit.predictions.rewriting import Naming
from calaudit.predictions.unlabelled import open_numbers, open_scores

FORECASTS = "forecast-calibrator"

OF_FORECASTS = ("suffix", "prefix", "on_invalid", "no_header", "progress")
"""Options that are about forecasts of a number as well."""


def opened_calibrator(calibrator: Any) -> Calibrator:
    """Return the calibrator itself, or the one in a file of that name."""
    return calibrator if isinstance(calibrator, Calibrator) else load_calibrator(calibrator)


def forecast_calibrator(calibrator: Any) -> ForecastCalibrator | None:
    """Return a calibrator of forecasts, itself or in a file; None for what is none."""
    if isinstance(calibrator, str | os.PathLike):
        path = os.fspath(calibrator)
        return load_forecast_calibrator(path) if holds_schema(path, FORECASTS) else None
    return calibrator if isinstance(calibrator, ForecastCalibrator) else None


@documented(ApplyOptions)
def apply(
    calibrator: Any,
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    **options: Unpack[ApplyOptions],
) -> Applied:
    """Write predictions again with calibrated scores: same rows, same order, other columns as is.

    The output is complete under its name in the end, or not there; an input is never written
    over. Memory is bounded whatever the number of rows. For scores in memory use
    ``Calibrator.apply``.

    Args:
        calibrator: a `Calibrator`, or that of forecasts, or the path of one; None to shift the
            scores as they are to another base rate.
        data: files of any format that is read, directories or globs; ``"-"`` is standard input.
        output: the file to write, whose suffix says the format; a directory for several inputs.
        **options: as in the signature; declared in `calaudit.options`.

    Raises:
        InputError: the data cannot be used, or is not what the calibrator was fitted on; the
            message shows both.
        SettingsError: an argument is wrong, or the output cannot be written.
    """
    of_forecasts = forecast_calibrator(calibrator)
    fitted = None if of_forecasts or calibrator is None else opened_calibrator(calibrator)
    on_invalid, scale = options["on_invalid"], options["scale"]
    if os.fspath(output) == "-":
        raise SettingsError(
            "calibrated rows are not written to standard output: name a file, such as "
            "calibrated.csv"
        )
    paths = [os.fspath(p) for p in ([data] if isinstance(data, str | os.PathLike) else data)]
    if of_forecasts is not None:
        return _apply_forecasts(of_forecasts, paths, os.fspath(output), options)
    predictions = open_scores(
        paths,
        roles=score_roles(options),
        task=fitted.task if fitted else "binary",  # type: ignore[arg-type]
        scale=fitted.scale if fitted else "probability",  # type: ignore[arg-type]
        classes=fitted.classes if fitted else (),
        on_invalid=on_invalid,  # type: ignore[arg-type]
    )
    with predictions:
        known = (predictions.task, predictions.scale, predictions.class_names)
        used = uncalibrated(*known) if fitted is None else fitted
        check_fits(used, predictions)
        odds = prior_odds(options, used, fitted=fitted is not None)
        if fitted is None and odds is None:
            raise SettingsError("name a calibrator, or another base rate (--prior and --was)")
        naming = _naming(options, used, predictions.layout, shifts=odds is not None)
        moved, to = None if odds is None else shifted(used, odds), scale or used.scale
        scores = _Scores(used, moved, predictions.layout, to, len(naming.ends) > 1)  # type: ignore[arg-type]
        how: Any = (scores.values_of, scores.method, to, on_invalid, options["progress"])
        return scores.seen(Copies(predictions, naming, *how).written(paths, os.fspath(output)))


def _naming(
    options: ApplyOptions, calibrator: Calibrator, layout: Layout, *, shifts: bool
) -> Naming:
    """Return where the new scores go, with their bounds where these are wanted.

    Raises:
        SettingsError: there are no bounds, or no place for them.
    """
    naming = Naming(prefix=options["prefix"], suffix=options["suffix"])
    if not options["interval"]:
        return naming
    if not isinstance(calibrator.map, VennAbers):
        raise SettingsError(
            f"--interval: {calibrator.method} gives one probability of a score. Fit with "
            "--method venn-abers, which gives two"
        )
    if not naming.adds:
        raise SettingsError(
            "--interval adds columns: say what their names end in, as --suffix _cal"
        )
    if layout.form != "column":
        raise SettingsError("--interval takes one score a row: name the positive's with --score")
    if shifts or (options["scale"] or calibrator.scale) == "logit":
        raise SettingsError(
            "--interval writes probabilities as they were fitted: add --as probability, and leave "
            "out --prior and --class-weight"
        )
    return replace(naming, ends=("", "_low", "_high"))


@dataclass(slots=True)
class _Scores:
    """Calibrated scores, and what is seen of them on the way.

    Attributes:
        calibrator, shifted: what they go through; the latter for another base rate, or None.
        layout: of the old ones. scale: of the new ones. bounds: whether both bounds go with them.
        tops: (K,) rows by most probable class. sums: (2, K) of scores before the shift and after.
    """

    calibrator: Calibrator
    shifted: Calibrator | None
    layout: Layout
    scale: Scale
    bounds: bool
    tops: NDArray[np.int64] = field(init=False)
    sums: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        self.tops = np.zeros(len(self.calibrator.classes), np.int64)

    def values_of(self, scores: Any) -> Any:
        """Return the new scores of a block, (n,) or (n, C)."""
        pair = self.layout.task == "binary" and self.layout.form != "column"
        by = self.layout.out_of if self.scale == "probability" else 1.0
        if self.calibrator.unseen:
            self.tops += np.bincount(scores.argmax(axis=1), minlength=len(self.tops))
        using = self.shifted or self.calibrator
        with np.errstate(divide="ignore"):  # the logit of a 0 that stays one
            values = calibrated_values(using, scores, scale=self.scale, pair=pair)
            if self.shifted is not None:
                pairs, given = (self.calibrator, self.shifted), scores.astype(np.float64)
                means = [np.sum(each.probabilities(given), axis=0) for each in pairs]
                self.sums = np.array(means) + (0.0 if self.sums is None else self.sums)
        if isinstance(using.map, VennAbers) and self.bounds:
            p = scores.astype(np.float64)
            bounds = using.map.between(p if using.scale == "probability" else expit(p))
            values = np.column_stack([values, *bounds])
        return values if by == 1.0 else values * by

    @property
    def method(self) -> str:
        """What was done to them."""
        given = self.calibrator.method
        if self.shifted is None:
            return given
        return "another base rate" if given == "identity" else f"{given}, another base rate"

    def seen(self, done: Applied) -> Applied:
        """Return what was written with what was seen of it."""
        unseen = self.calibrator.unseen_finding(self.tops, "are the most probable here")
        means, rows = None, done.rows_read - done.invalid
        if self.sums is not None and rows:
            before, after = (self.sums.reshape(2, -1) / rows).tolist()
            means = tuple(before), tuple(after)
        return replace(done, means=means, unseen=None if unseen is None else unseen.text)


def _apply_forecasts(
    calibrator: ForecastCalibrator, paths: list[str], output: str, options: Any
) -> Applied:
    """Write forecasts again as their calibrator says."""
    columns, policy = calibrator.columns, options["on_invalid"]
    for name, option in options_of(ApplyOptions).items():
        if name not in OF_FORECASTS and options[name] != option.default:
            raise SettingsError(
                f"{option.spellings[-1]} is for scores: this calibrator takes the forecasts in "
                f"{', '.join(columns)}"
            )
    new = {a: b for a, b in zip(columns, calibrator.sums, strict=True) if a != b}
    naming = Naming(prefix=options["prefix"], suffix=options["suffix"], names=new)
    header = options["no_header"]
    with open_numbers(paths, columns, on_invalid=policy, no_header=header) as predictions:
        how: Any = (calibrator.apply, calibrator.method, "number", policy, options["progress"])
        done = Copies(predictions, naming, *how).written(paths, output)
    note = () if calibrator.exchangeable else (finding("no-guarantee", kind="saved").text,)
    return replace(done, notes=(*done.notes, *note))

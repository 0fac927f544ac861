"""Forecast: from forecasts and what came true to whether they hold what they state."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Unpack

from calaudit import __version__
from calaudit.api.forecasts.figures import Figures, figures_of
from calaudit.api.forecasts.paired_forecasts import Scores, differences
from calaudit.api.forecasts.recalibrating import Recalibration
from calaudit.api.forecasts.told import compared, recalibrated, told
from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.reports.evaluation_settings import checked_intervals
from calaudit.api.reports.grouping import groups_note
from calaudit.api.rows.declared import path_of, paths_of, said_roles
from calaudit.api.rows.open_rows import slice_names
from calaudit.api.rows.percentages import share_of
from calaudit.api.rows.splits import column_and_value
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator
from calaudit.errors import SettingsError
from calaudit.options.commands import ForecastOptions
from calaudit.options.declaration import documented
from calaudit.predictions.forecasts.layout import ForecastRoles
from calaudit.predictions.forecasts.rows import Forecasts, open_forecasts
from calaudit.report.forecast_report import ForecastDifference, ForecastReport


@documented(ForecastOptions)
def forecast(data: Any, **options: Unpack[ForecastOptions]) -> ForecastReport:
    """Return whether forecasts hold what they state.

    Forecasts of a number are intervals, quantiles, a mean with a standard deviation, or the members
    of an ensemble, those of a class are sets: columns beside that of what came true.

    >>> import numpy as np, pandas as pd
    >>> y = np.random.default_rng(0).normal(size=4000)
    >>> frame = pd.DataFrame({"y": y, "lower": -1.0, "upper": 1.0})
    >>> round(forecast(frame, stated=[0.9]).metrics["widening"].value, 1)
    1.6

    Args:
        data: a path, a directory, a glob or several of them, or a frame.
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.metrics`` has the figures with their intervals.

    Raises:
        InputError: the data cannot be read as forecasts; the message says where and what to do.
        SettingsError: an argument is wrong.
    """
    checked_intervals(level=options["level"], seed=options["seed"], threads=None)
    if options["guarantee"] is not None and not options["recalibrate"]:
        raise SettingsError("--guarantee goes with --recalibrate FILE, the calibrator to write")
    if (made := options["calibration_rows"]) is not None and made < 1:
        raise SettingsError(
            f"--calibration-rows is how many rows there were, 1 or more, not {made}"
        )
    by = slice_names(options["by"])
    group = options["group"]
    paths = paths_of(data)
    given = options["against"]
    others = [given] if isinstance(given, str) or hasattr(given, "columns") else list(given)
    rows = _opened(data if paths is None else paths, options, by)
    try:
        fit = Recalibration.of(rows.layout, options) if options["recalibrate"] else None
        scores = Scores("", rows.layout, group)
        also = [each.add for each in (fit, scores if others else None) if each is not None]
        figures = figures_of(rows, by=by, group=group, options=options, also=also)
        calibrator = None
        if fit is not None:
            calibrator, against = fit.written(options["recalibrate"], rows, group)
            figures.notes += against
    finally:
        rows.close()
    theirs = [_other(other, data, options) for other in others]
    beside = differences(scores, theirs, options["level"]) if theirs else []
    return _report(rows, figures, options, paths, calibrator, beside)


def _opened(data: Any, options: ForecastOptions, by: tuple[str, ...] = ()) -> Forecasts:
    """Return the opened rows, with the columns of groups and slices."""
    group, where = options["group"], options["where"]
    return open_forecasts(
        data, _roles(options), named=tuple(dict.fromkeys((*by, *([group] if group else [])))),
        where=None if where is None else column_and_value(where, "--where"),
        on_invalid=options["on_invalid"], no_header=options["no_header"],
    )  # fmt: skip


def _other(other: Any, data: Any, options: ForecastOptions) -> Scores:
    """Return what other forecasts score: those of a file, or of another model in the same one."""
    named = isinstance(other, str) and options["model"] is not None and not Path(other).exists()
    asked: Any = {**options, "group": None} | ({"model": other} if named else {})
    rows = _opened(data if named else other, asked)
    try:
        scores = Scores(other if isinstance(other, str) else "the others", rows.layout)
        for block in rows.blocks():
            scores.add(block)
        return scores
    finally:
        rows.close()


def _roles(options: ForecastOptions) -> ForecastRoles:
    several: Any = {
        name: (given,) if isinstance(given := options[name], str) else tuple(given or ())
        for name in ("lower", "upper", "quantiles", "members", "sets", "classes")
    }
    return ForecastRoles(
        label=options["label"], mean=options["mean"], std=options["std"], model=options["model"],
        stated=_levels(options["stated"]), **several,
    )  # fmt: skip


def _levels(given: Any) -> tuple[float, ...]:
    """Return stated levels: numbers, or texts such as "0.9" and "90%"."""
    single = [given] if isinstance(given, float) else given or ()
    parts = given.split(",") if isinstance(given, str) else single
    return tuple(share_of(each, "--stated", "a share between 0 and 1, as 0.9") for each in parts)


def _report(
    rows: Forecasts, figures: Figures, options: ForecastOptions, paths: list[str] | None,
    calibrator: ForecastCalibrator | None, beside: list[ForecastDifference],
) -> ForecastReport:  # fmt: skip
    intake, layout = rows.intake, rows.layout
    notes = [note for note in layout.notes if not options["group"] or "repeat" not in note.code]
    notes += figures.notes + ([] if figures.groups is None else [groups_note(figures.groups)])
    status, lead, rest = told(figures, options["level"])
    more = [] if calibrator is None else [recalibrated(calibrator)]
    rest = " ".join(filter(None, [rest, *compared(beside), *more]))
    return ForecastReport(
        calaudit=__version__, inputs=inputs_of(rows, intake), roles=roles_of(rows),
        settings=_settings(options, paths), kind=layout.kind, intake=intake_of(intake),
        status=status, sentence=f"{lead} {rest}".strip(), lead=lead, metrics=figures.metrics,
        intervals=tuple(figures.intervals), main=figures.main, levels=tuple(figures.levels),
        by_width=tuple(figures.by_width), slices=tuple(figures.slices), pit=tuple(figures.pit),
        by_class=tuple(figures.by_class), groups=figures.groups, notes=tuple(notes),
        recalibration=calibrator, against=tuple(beside),
    )  # fmt: skip


def _settings(options: ForecastOptions, paths: list[str] | None) -> dict[str, Any]:
    said = said_roles(ForecastOptions, options)
    others: Any = options["against"]
    asked: dict[str, Any] = {"against": paths_of(others)} if len(others) else {}
    if options["recalibrate"]:
        asked |= {"recalibrate": path_of(options["recalibrate"])}
        asked |= {"guarantee": options["guarantee"]} if options["guarantee"] else {}
    return {
        "level": options["level"], "seed": options["seed"], "on_invalid": options["on_invalid"],
        "declared": said | ({} if paths is None else {"data": paths}),
    } | asked  # fmt: skip

"""Forecasts with a row for each quantile, as rows with a column for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from calaudit.errors import InputError
from calaudit.predictions.catalogue import listed

if TYPE_CHECKING:
    from calaudit.predictions.forecasts.rows import ForecastBlock, Forecasts


def wide_blocks(forecasts: Forecasts) -> Iterator[ForecastBlock]:
    """Yield all forecasts in one block, and set the levels of the layout.

    Rows with equal values in all columns but the level and its quantile are of one forecast, and
    but those that have another value in each row.

    Limits: holds the quantiles of all rows.

    Raises:
        InputError: a level of a forecast has two rows, or the truth differs among them.
    """
    from calaudit.predictions.forecasts.rows import ForecastBlock, numbers

    layout = forecasts.layout
    long = layout.long
    assert long is not None
    where = forecasts.sources[0].input.path
    held: list[list[np.ndarray]] = []
    places = []
    for rows, batch in forecasts.batches((long.level, long.value, *long.keys)):
        keys = [forecasts.coded(name, batch.column(name)) for name in long.keys]
        read = [numbers(batch.column(n)) for n in (long.level, long.value, layout.truth)]
        held.append([*read, *keys])
        places.append(rows)
    at_rows = np.concatenate(places, axis=1)
    level, value, y, *keys = (np.concatenate(parts) for parts in zip(*held, strict=True))
    codes = np.zeros(len(level), np.int64)
    for key in keys:  # what was seen so far, and one column more, as whole numbers again
        if len(level) > 1 and int(key.max()) + 1 == len(level):
            continue  # it names rows, and so no forecast of several
        _, codes = np.unique(codes * (int(key.max(initial=0)) + 1) + key, return_inverse=True)
    count = int(codes.max(initial=-1)) + 1
    levels, at = np.unique(level, return_inverse=True)
    if len(levels) and levels[-1] > 50:  # percent
        levels = levels / 100.0
    if not len(level) or not (levels[0] > 0 and levels[-1] < 1):
        raise InputError(f"{where}: {long.level!r} has a level outside 0 to 1, or none.")
    cell = codes * len(levels) + at
    taken = np.bincount(cell, minlength=count * len(levels))
    if taken.max() > 1:
        row = int(np.flatnonzero(taken[cell] > 1)[0])
        raise InputError(
            f"{where}: two rows are of the level {level[row]:g} of one forecast (row "
            f"{at_rows[1, row]:,} is one): what tells forecasts apart is {listed(long.keys)}. "
            "Leave one out."
        )
    flat = np.full(count * len(levels), np.nan)
    flat[cell] = value
    wide = flat.reshape(count, len(levels))
    first = np.full(count, len(level))
    np.minimum.at(first, codes, np.arange(len(level)))
    truth = y[first]
    if (differ := np.flatnonzero((y != truth[codes]) & np.isfinite(y))).size:
        row = int(differ[0])
        raise InputError(
            f"{where}: row {at_rows[1, row]:,}: {layout.truth!r} differs within a forecast."
        )
    layout.levels = tuple(levels.tolist())
    layout.columns = tuple(f"{x:g}" for x in layout.levels)
    faults = {
        "missing-truth": (~np.isfinite(truth), layout.truth),
        "incomplete-forecast": (np.isnan(wide).any(axis=1), long.level),
    }
    keep = forecasts.refused(at_rows[:, first], faults, None)
    named = {name: key[first][keep] for name, key in zip(long.keys, keys, strict=True)}
    yield ForecastBlock(truth[keep], wide[keep], {n: named[n] for n in forecasts.named})

"""Rows of forecasts in blocks, with the only validation of them that there is."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError, NotEnoughData
from calaudit.predictions.arrays import flag_column
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import cell_text, parse_numbers
from calaudit.predictions.cuts import condition_named
from calaudit.predictions.damage import refusing_damage
from calaudit.predictions.faults import Faults
from calaudit.predictions.files import File, check_unchanged
from calaudit.predictions.findings import Findings
from calaudit.predictions.forecasts.layout import ForecastLayout, ForecastRoles, forecast_layout
from calaudit.predictions.intake import Example, Intake
from calaudit.predictions.opening import sources_of
from calaudit.predictions.reasons import REASONS
from calaudit.predictions.roles import ResolvedRole, Roles
from calaudit.predictions.slices import read_slices
from calaudit.predictions.source import Input, Source
from calaudit.predictions.spelling import encoded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 1 << 14
"""Rows that are looked at together: so many stay in the cache."""
MISSING = "(missing)"
WHY = {
    "missing-truth": "what came true is missing or no number",
    "missing-forecast": "a forecast is missing or no number",
    "negative-spread": "the spread is below 0",
    "incomplete-forecast": "not every level has a row",
    "missing-set": "the set is missing or cannot be read: one without any class is written []",
    "unknown-class": "a class in the set is missing, or none of the classes",
}


@dataclass(frozen=True, slots=True, eq=False)
class ForecastBlock:
    """Some rows.

    Attributes:
        y: (n,) what came true.
        values: (n, C) the columns of the layout; of sets (n, 2 L) whether they hold what came true,
            and their sizes, level by level.
        codes: (n,) by column, indices of `Forecasts.kinds`.
    """

    y: Floats
    values: Floats
    codes: Mapping[str, NDArray[np.intp]]


@dataclass(slots=True)
class Forecasts:
    """Opened files of forecasts; iterate over `blocks` once.

    Attributes:
        kinds: by column of groups or slices, each value with its index.
    """

    layout: ForecastLayout
    sources: Sequence[Source]
    files: Sequence[File]
    on_invalid: str
    named: tuple[str, ...]
    where: tuple[str, str] | None = None
    intake: Intake = field(default_factory=Intake)
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file or object that is read."""
        return tuple(source.input for source in self.sources)

    @property
    def roles(self) -> Sequence[ResolvedRole]:
        """How the columns were read."""
        return self.layout.roles

    def blocks(self) -> Iterator[ForecastBlock]:
        """Yield the valid rows, and at the end refuse the file if there were others.

        Raises:
            InputError: rows are invalid, or several models are in them.
            NotEnoughData: there are no rows.
        """
        if self.layout.long is not None:
            from calaudit.predictions.forecasts.long import wide_blocks

            yield from wide_blocks(self)
        else:
            for places, batch in self.batches(self.layout.columns):
                yield self.block(places, batch)
        check_unchanged(self.files)
        self._close_books()

    def batches(self, columns: Sequence[str]) -> Iterator[tuple[Ints, Any]]:
        """Yield (2, n) the file and the number of each row, and the columns of each batch."""
        layout = self.layout
        more = [layout.truth, *self.named]
        more += [column for column, _ in layout.models]
        more += [stored(self.where[0])] if self.where else []
        names = list(dict.fromkeys((*columns, *more)))
        for number, source in enumerate(self.sources):
            with refusing_damage(source.input.path):
                for part in source.parts(names):
                    first = part.first_row
                    for batch in part.batches(names, BLOCK):
                        for at in range(0, batch.num_rows, BLOCK):
                            yield self._kept(number, first + at, batch.slice(at, BLOCK))
                        first += batch.num_rows

    def _kept(self, number: int, first: int, batch: Any) -> tuple[Ints, Any]:
        """Return the rows of the model, and of the condition, that are read."""
        places = np.stack([np.full(batch.num_rows, number), first + np.arange(batch.num_rows)])
        asked = [self.where] if self.where else []
        asked += [(column, value) for column, value in self.layout.models if value is not None]
        for column, value in asked:
            faults, condition = Faults(batch.num_rows), condition_named(column)
            given = batch.column(stored(column))
            found = condition.read(given, faults, Findings()) if condition else read_slices(given)
            if faults:
                faults.record(self.intake, number, int(places[1, 0]))
                self.intake.rows_read += int(faults.any_row().sum())
            match = found.equal(value)
            batch, places = batch.filter(flag_column(match)), places[:, match]
        for column in (column for column, value in self.layout.models if value is None):
            self.coded(column, batch.column(column))
            names = list(self.kinds[column])
            if len(names) > 1:
                where = shlex.quote(f"{column}={names[0]}")
                raise InputError(
                    f"{self.sources[0].input.path}: rows are of several kinds, by {column!r}: "
                    f"{listed(names, 4)}. Say which with --where {where}."
                )
        return places, batch

    def coded(self, column: str, values: Any) -> NDArray[np.intp]:
        """Return (n,) the index of each value of a column, the same in every block."""
        codes, texts = encoded(values)
        kinds = self.kinds.setdefault(column, {})
        place = [kinds.setdefault(MISSING if t is None else t, len(kinds)) for t in texts]
        if codes.size and codes.min() < 0:
            place.append(kinds.setdefault(MISSING, len(kinds)))
        return np.asarray(place, np.intp)[codes] if place else np.zeros(0, np.intp)

    def block(self, places: Ints, batch: Any) -> ForecastBlock:
        """Return the valid rows of a batch; see `batches`."""
        layout = self.layout
        y = numbers(batch.column(layout.truth))
        values = np.empty((len(layout.columns), len(y))).T  # a column in one piece
        for i, name in enumerate(layout.columns):
            values[:, i] = numbers(batch.column(name))
        if layout.variance:
            values[:, 1] = np.sign(values[:, 1]) * np.sqrt(np.abs(values[:, 1]))
        finite = layout.kind in ("normal", "members")  # ends of intervals may be infinite
        bad = ~np.isfinite(values) if finite else np.isnan(values)
        rows = bad.any(axis=1)
        first = int(bad[rows.argmax()].argmax()) if len(bad) else 0
        faults: dict[str, tuple[Any, str]] = {
            "missing-truth": (~np.isfinite(y), layout.truth),
            "missing-forecast": (rows, layout.columns[first]),
        }
        if layout.kind == "normal":
            faults["negative-spread"] = (values[:, 1] < 0, layout.columns[1])
        return self.valid(places, faults, batch, y, values)

    def valid(
        self, places: Ints, faults: Mapping[str, tuple[Any, str]], batch: Any, y: Floats,
        values: Floats,
    ) -> ForecastBlock:  # fmt: skip
        """Return the rows without faults, which are counted."""
        keep = self.refused(places, faults, batch)
        codes = {name: self.coded(name, batch.column(name)) for name in self.named}
        if not keep.all():
            y, values = y[keep], values.T[:, keep].T
            codes = {name: each[keep] for name, each in codes.items()}
        return ForecastBlock(y, values, codes)

    def refused(
        self, places: Ints, faults: Mapping[str, tuple[Any, str]], batch: Any
    ) -> NDArray[np.bool_]:
        """Count the rows with faults, and return (n,) which have none."""
        rows = places.shape[1]
        keep = np.ones(rows, np.bool_)
        for reason, (mask, column) in faults.items():
            if mask.any():
                at = int(np.flatnonzero(mask)[0])
                text = "" if batch is None else cell_text(batch.column(column), at)
                shown = (Example(int(places[0, at]), int(places[1, at]), column, text),)
                self.intake.refuse(reason, int(mask.sum()), shown)
                keep &= ~mask
        self.intake.rows_read += rows
        self.intake.rows_used += int(keep.sum())
        return keep

    def _close_books(self) -> None:
        intake, where = self.intake, self.sources[0].input.path
        if intake.refused and self.on_invalid == "refuse":
            told = []
            for reason, found in intake.refused.items():
                one = found.examples[0]
                cell = f", column {one.column!r}: {one.value}" if one.value else ""
                why = WHY.get(reason) or REASONS[reason][0]
                rows = f"{found.count:,} row{'s' * (found.count > 1)}"
                told.append(f"{rows}: {why} (row {one.row:,}{cell}).")
            lost = intake.rows_read - intake.rows_used
            raise InputError(
                f"{where}: {lost:,} of {intake.rows_read:,} rows are invalid. {' '.join(told)} "
                "Mend them, or leave them out with --on-invalid drop."
            )
        if not intake.rows_used:
            raise NotEnoughData(f"{where}: there are no rows to look at.")

    def close(self) -> None:
        """Release files."""
        for source in self.sources:
            source.close()
        for file in self.files:
            file.discard()


def open_forecasts(
    data: Any,
    roles: ForecastRoles,
    *,
    named: Sequence[str] = (),
    where: tuple[str, str] | None = None,
    on_invalid: str = "refuse",
    no_header: bool = False,
) -> Forecasts:
    """Open files or a frame of forecasts, and settle what their columns mean.

    Args:
        data: as `open_predictions` takes it.
        roles: what is declared.
        named: columns of groups and slices.
        where: only rows with this value of this column, which may be a condition.
        on_invalid: "refuse", or "drop" and count.
        no_header: whether text begins with a row.

    Raises:
        InputError: the data cannot be read as forecasts.
        SettingsError: options contradict each other.
    """
    from calaudit.predictions.forecasts.sets import PredictionSets, set_columns, sets_layout

    files: list[File] = []
    layout: ForecastLayout
    kind: type[Forecasts] = Forecasts
    try:
        sources = sources_of(data, files, Roles(no_header=no_header))
        first = next((s for s in sources if s.input.rows != 0), sources[0])
        with refusing_damage(first.input.path):
            catalogue = Catalogue(first.columns, first.peek, first.input.path)
            plain = replace(roles, label=None, stated=(), classes=()) == ForecastRoles()
            if roles.sets or (plain and set_columns(catalogue)):
                layout, kind = sets_layout(catalogue, roles), PredictionSets
            else:
                layout = forecast_layout(catalogue, roles)
            for name in (*named, *([stored(where[0])] if where else [])):
                catalogue.require(name, "an option")
    except BaseException:
        for file in files:
            file.discard()
        raise
    layout.notes += [note for file in files for note in file.notes]
    layout.roles += [ResolvedRole("group", (n,), False, "--group or --by") for n in named]
    if kind is PredictionSets:
        named = (*named, layout.truth)  # each class is a slice
    return kind(layout, sources, files, on_invalid, tuple(named), where)


def numbers(column: Any) -> Floats:
    """Return a column as float64, NaN where there is no number."""
    return np.asarray(parse_numbers(column).values, np.float64)


def stored(name: str) -> str:
    """Return the column that a condition is about, or the name itself."""
    condition = condition_named(name)
    return name if condition is None else condition.column

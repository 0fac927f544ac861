"""Rows and labels in two files without an id: the first label is that of the first row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.arrays import number_column
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import is_list
from calaudit.predictions.roles import Roles
from calaudit.predictions.same_ids import names_rows
from calaudit.predictions.source import Column, Input, Part, Source

__all__ = ["ROW_ORDER", "with_ids"]

ROW_ORDER = "the order of rows"
"""Column of the numbers of the rows, where no other names them."""


def with_ids(
    labels: list[Source], rows: list[Source], roles: Roles
) -> tuple[list[Source], list[Source], Roles]:
    """Return labels, rows and roles with a column that names the rows in both.

    Where none is declared it is the one of both files that does, or the order of the rows.

    Raises:
        SettingsError: several could be it, or there are several files.
        InputError: a column of both files shows that their orders are others.
    """
    if roles.id:
        return labels, rows, roles
    one, other = (Catalogue(s[0].columns, s[0].peek, s[0].input.path) for s in (rows, labels))
    both = [column.name for column in one.columns if column.name in other]
    named = [name for name in both if names_rows(name)]
    if len(named) == 1:
        return labels, rows, replace(roles, id=named[0])
    if named or len(rows) > 1 or len(labels) > 1:
        told = f": {listed(named)}" if named else ""
        raise SettingsError(f"--labels needs --id, the column that names rows in both files{told}")
    for name in both:
        mine, its = one.look(name), other.look(name)
        count = min(len(mine.column), len(its.column))
        if is_list(mine.column.type) or is_list(its.column.type) or not count:
            continue
        texts = [np.array([*look.kinds, ""])[look.coded[0][:count]] for look in (mine, its)]
        if (texts[0] != texts[1]).any():
            raise InputError(
                f"{one.where} and {other.where} hold other values of {name!r}: their rows stand in "
                "another order, or are others. Give both a column that names the rows, and --id."
            )
    return [NumberedSource(labels[0])], [NumberedSource(rows[0])], replace(roles, id=ROW_ORDER)


class NumberedSource:
    """A source with the number of each row as a column."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.columns: tuple[Column, ...] = (*source.columns, Column(ROW_ORDER, "number"))

    @property
    def input(self) -> Input:
        """The source as the report lists it."""
        return self.source.input

    def peek(self, columns: Sequence[str], /) -> Any:
        """Return the first rows of the named columns."""
        return self.numbered(self.source.peek(self.stored(columns)), columns, 1)

    def parts(self, columns: Sequence[str], /) -> list[Any]:
        """Return the source's parts, each with the numbers of its rows."""
        return [NumberedPart(self, part) for part in self.source.parts(self.stored(columns))]

    def close(self) -> None:
        """Close the source."""
        self.source.close()

    def stored(self, columns: Sequence[str]) -> list[str]:
        """Return the columns of the file that are needed; at least one, to count rows by."""
        first = next(column.name for column in self.source.columns if column.name)
        return [name for name in columns if name != ROW_ORDER] or [first]

    def numbered(self, block: Any, columns: Sequence[str], first_row: int) -> Any:
        """Return the named columns of a block that begins with a row of that number."""
        numbers = number_column(np.arange(first_row, first_row + block.num_rows))
        arrays = [numbers if name == ROW_ORDER else block.column(name) for name in columns]
        return pa.RecordBatch.from_arrays(arrays, list(columns))


class NumberedPart:
    """A part of a source with the numbers of its rows."""

    def __init__(self, owner: NumberedSource, part: Part) -> None:
        self._owner, self._part = owner, part
        self.first_row, self.rows = part.first_row, part.rows

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        at = self.first_row
        for block in self._part.batches(self._owner.stored(columns), rows):
            yield self._owner.numbered(block, columns, at)
            at += block.num_rows

"""What every format offers: named columns, and parts that give record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Input:
    """One input as the report lists it.

    Attributes:
        path: as the user gave it, ``"-"`` for standard input, ``"<frame>"`` or
            ``"<arrays>"`` for data in memory.
        format: "parquet", "csv", "arrow", "jsonl", "numpy", "frame" or "arrays".
        bytes: size of the file; None for data in memory.
        rows: None when not known until the file is read.
    """

    path: str
    format: str
    bytes: int | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column by name and kind.

    Attributes:
        kind: "number", "bool", "text", "list" (of numbers), "nested" (whose values cannot be
            compared) or "other"; for text files "number" when the first rows hold numbers only.
        stored: "float16", "float32" or "float64": the type of its numbers.
        width: length of the lists where the type fixes it.
        type: of the column, where a format has types.
        classes: names of the classes that the values of lists are of, where the file tells.
    """

    name: str
    kind: str
    stored: str = "float64"
    width: int | None = None
    type: Any = None
    classes: tuple[str, ...] = ()


class Part(Protocol):
    """A piece of a source that one thread reads once."""

    first_row: int
    """Number of its first row in the file, from 1."""

    @property
    def rows(self) -> int | None:
        """How many rows it has, or None when that is not known before reading."""
        ...

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield record batches with the named columns, of about ``rows`` rows or fewer."""
        ...


class Source(Protocol):
    """One opened file or object."""

    @property
    def input(self) -> Input:
        """The source as the report lists it."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in file order; names may repeat."""
        ...

    def peek(self, columns: Sequence[str], /) -> Any:
        """Return the first rows (up to about 10,000) of the named columns as a record batch."""
        ...

    def parts(self, columns: Sequence[str], /) -> list[Any]:
        """Return the parts; together they are the whole source."""
        ...

    def close(self) -> None:
        """Release what is held open."""
        ...


def no_rows(columns: Sequence[Column], names: Sequence[str]) -> Any:
    """Return an empty record batch with the named columns, of their types."""
    kinds = {column.name: column.type or pa.string() for column in columns}
    return pa.RecordBatch.from_arrays([pa.nulls(0, kinds[name]) for name in names], list(names))


def first_line(error: BaseException) -> str:
    """Return an error's message without the stack of causes that Arrow adds to it."""
    return str(error).strip().split("\n")[0].rstrip(".")[:200]

"""Columns made from stored ones: fields of records, class scores by name, computed scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.predictions.arrays import filled, flag_column, list_column, number_column, view
from calaudit.predictions.columns import column_kind, is_list, parse_numbers, plain
from calaudit.predictions.compute import pc
from calaudit.predictions.list_cells import listed_cells
from calaudit.predictions.names import is_named, natural_key, suggests
from calaudit.predictions.source import Column, Input, Part, Source
from calaudit.predictions.spelling import encoded
from calaudit.predictions.stated import computed, stored_in

_LISTED_ROWS = 1000

_PLACE = re.compile(r"(.+?)\.(\d+)((?:\.[^.]+)*)")

_VECTOR = ["type", "size", "indices", "values"]
"""Fields of a vector as Spark stores it."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that is made: what it is, which stored ones it needs, and how a block gives it."""

    column: Column
    needs: tuple[str, ...]
    make: Callable[[Any], Any]


class DerivedSource:
    """A source of any format with further columns; one of a stored column's name replaces it.

    Args:
        source: of the rows.
        made: the columns by name.
        numbers: name of a column with the number of each row; None for none.
    """

    def __init__(
        self, source: Source, made: Mapping[str, Derived], *, numbers: str | None = None
    ) -> None:
        self.source, self._made, self._numbers = source, made, numbers
        stored = [column for column in source.columns if column.name not in made]
        more = [] if numbers is None else [Column(numbers, "number")]
        self.columns: tuple[Column, ...] = (*stored, *(d.column for d in made.values()), *more)
        self._anchor = next(column.name for column in source.columns if column.name)

    @property
    def input(self) -> Input:
        """The file as the report lists it."""
        return self.source.input

    @property
    def made(self) -> frozenset[str]:
        """The names of the columns that are made."""
        return frozenset(self._made)

    def peek(self, columns: Sequence[str], /) -> Any:
        """Return the first rows of the named columns."""
        return self.completed(self.source.peek(self.stored(columns)), columns)

    def parts(self, columns: Sequence[str], /) -> list[Any]:
        """Return the source's parts, each with the columns made."""
        return [_DerivedPart(self, part) for part in self.source.parts(self.stored(columns))]

    def close(self) -> None:
        """Close the source."""
        self.source.close()

    def stored(self, columns: Sequence[str]) -> list[str]:
        """Return the columns of the file that are needed; at least one, to count rows by."""
        there = [name for name in columns if name != self._numbers]
        needs = [self._made[n].needs if n in self._made else (n,) for n in there]
        return list(dict.fromkeys(n for names in needs for n in names)) or [self._anchor]

    def completed(self, block: Any, columns: Sequence[str], first_row: int = 1) -> Any:
        """Return the named columns of a block from a row on, made where they are not stored."""
        arrays = [self._column(block, name, first_row) for name in columns]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _column(self, block: Any, name: str, first_row: int) -> Any:
        if name == self._numbers:
            return number_column(np.arange(first_row, first_row + block.num_rows))
        return self._made[name].make(block) if name in self._made else block.column(name)


class _DerivedPart:
    """A part of a source with columns made from its own."""

    def __init__(self, owner: DerivedSource, part: Part) -> None:
        self._owner, self._part = owner, part
        self.first_row, self.rows = part.first_row, part.rows

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        at = self.first_row
        for block in self._part.batches(self._owner.stored(columns), rows):
            yield self._owner.completed(block, columns, at)
            at += block.num_rows


def with_derived(source: Source, asked: Iterable[Any] = ()) -> Source:
    """Return the source with the columns that can be made from its own.

    ``asked`` are names that the user gave: ``exp(x)`` among them is made of a column x.
    """
    read = {name: _listed(source, name) for name in getattr(source, "listed", ())}
    if any(read.values()):
        source = DerivedSource(source, {name: each for name, each in read.items() if each})
    names = [column.name for column in source.columns]
    logs = [n for n in names if is_named(n, "logprob") or "logprob" in suggests(n)]
    made: dict[str, Derived] = {}
    for text in [*(f"exp({n})" for n in logs), *(t for t in asked if isinstance(t, str))]:
        stored = None if text in names else stored_in(text)
        found = None if text in names else _in_list(source, text)
        if stored in names:
            made[text] = _computed(text, stored)
        elif found is not None:
            made[text] = found
    for column in source.columns:
        made |= {derived.column.name: derived for derived in _fields(column.name, column.type, ())}
    known = {
        n: Derived(c, (n,), partial(_field, n, ()))
        for n, c in zip(names, source.columns, strict=True)
    }
    made |= _by_class(source, known | made)
    return DerivedSource(source, made) if made else source


def _listed(source: Source, name: str) -> Derived | None:
    """Return the lists or records that a column of text holds; None where it does not."""
    cells = source.peek([name]).column(0).slice(0, _LISTED_ROWS)
    found = listed_cells(cells)
    kind = found.type
    if found.null_count > len(found) / 2 or not (is_list(kind) or pa.types.is_struct(kind)):
        return None
    return Derived(
        Column(name, column_kind(kind), type=kind),
        (name,),
        lambda block: listed_cells(block.column(name), kind),
    )


def _computed(text: str, stored: str) -> Derived:
    """Return what a text such as ``exp(x)`` says of a stored column."""
    column = Column(text, "number")
    return Derived(column, (stored,), lambda block: computed(text, block.column(stored)))


def _fields(root: str, kind: Any, path: tuple[str, ...]) -> Iterator[Derived]:
    """Yield the fields of records as columns, ``a.b``; vectors under the name of the record."""
    if kind is None or not pa.types.is_struct(kind):
        return
    vector = [field.name for field in kind] == _VECTOR
    for field in kind:
        steps = (*path, field.name)
        if pa.types.is_struct(field.type):
            yield from _fields(root, field.type, steps)
        elif not vector or field.name == "values":
            name = ".".join((root, *(path if vector else steps)))
            column = Column(name, column_kind(field.type), type=field.type)
            yield Derived(column, (root,), partial(_field, root, steps))


def _field(root: str, steps: Sequence[str], block: Any) -> Any:
    """Return a column of a block, or a field of its records."""
    records = block.column(root)
    for step in steps:
        records = pc.struct_field(records, step)
    return records


def _in_list(source: Source, text: str) -> Derived | None:
    """Return a field of the records in a list, as ``choices.0.confidence``; None for other texts.

    Rows whose lists end before that place have none.
    """
    at = _PLACE.fullmatch(text)
    lists = [c for c in source.columns if at and c.name == at[1] and c.type and is_list(c.type)]
    if at is None or not lists:
        return None
    root, place, steps = at[1], int(at[2]), at[3].split(".")[1:]

    def make(block: Any) -> Any:
        column = plain(block.column(root))
        values = column.values if is_list(column.type) else column
        if not len(values) or values is column:  # rows without any
            return pa.nulls(len(column), pa.large_string())
        lists = column.cast(pa.large_list(column.type.value_type))
        known = view(filled(lists.value_lengths(), 0)) > place
        starts = view(lists.offsets)[:-1]
        values = lists.values.take(number_column(np.where(known, starts + place, 0)))
        for step in steps:
            named = pa.types.is_struct(values.type) and values.type.get_field_index(step) >= 0
            values = pc.struct_field(values, step) if named else pa.nulls(len(column))
        kind = pa.large_string() if values.type == pa.null() else values.type
        return pc.if_else(flag_column(known), values, pa.nulls(1, values.type)[0]).cast(kind)

    found = make(source.peek([root]))
    if len(found) and found.null_count == len(found):
        return None
    kind = found.type
    return Derived(Column(text, column_kind(kind), type=kind), (root,), make)


def _by_class(source: Source, known: Mapping[str, Derived]) -> dict[str, Derived]:
    """Return the class scores that stand beside their classes' names, in an order of each row.

    They are lists of records of a class and a number, or two lists side by side.
    """
    found = {}
    for name, derived in known.items():
        kind = derived.column.type
        if kind is None or not pa.types.is_list(kind):
            continue
        fields = list(kind.value_type) if pa.types.is_struct(kind.value_type) else []
        pair = _class_and_score(fields)
        texts = {n: d for n, d in known.items() if _is_texts(d, n, name)}
        named = [d for n, d in texts.items() if not n.lower().endswith("ids")] or [*texts.values()]
        if pair is not None:
            found[name] = _scores_of(source, derived, derived, pair)
        elif column_kind(kind) == "list" and len(named) == 1:
            found[name] = _scores_of(source, named[0], derived, None)
    return {name: derived for name, derived in found.items() if derived is not None}


def _class_and_score(fields: Sequence[Any]) -> tuple[str, str] | None:
    """Return which of two fields names a class, if by a whole number, and which is its score."""
    kinds = {field.name: column_kind(field.type) for field in fields}
    whole = {field.name for field in fields if pa.types.is_integer(field.type)}
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    scores = [name for name in numbers if name not in whole] if len(numbers) > 1 else numbers
    if not scores:  # numbers that a tool wrote as text
        scores = [name for name in kinds if is_named(name, "score") and kinds[name] == "text"]
    names = [
        n for n, kind in kinds.items() if n not in scores and kind in ("text", "bool", "number")
    ]
    return (names[0], scores[0]) if len(fields) == 2 and len(names) == len(scores) == 1 else None


def _is_texts(derived: Derived, name: str, beside: str) -> bool:
    """Return whether a column holds lists of texts, and belongs to the same record."""
    kind = derived.column.type
    same = name.rpartition(".")[0] == beside.rpartition(".")[0]
    listed = kind is not None and pa.types.is_list(kind)
    return same and listed and column_kind(kind.value_type) == "text"


def _scores_of(
    source: Source, names: Derived, scores: Derived, fields: tuple[str, str] | None
) -> Derived | None:
    """Return lists of scores in one order of the classes; None if the first rows have no such."""
    needs = tuple(dict.fromkeys((*names.needs, *scores.needs)))
    head = _pairs(source.peek(list(needs)), names, scores, fields)
    known = {text for text in encoded(head[1])[1] if text is not None}
    classes = tuple(sorted(known, key=natural_key))
    if not 2 <= len(classes) <= len(head[1]) // max(len(head[0]) // 2, 1):
        return None
    rows = np.repeat(np.arange(len(head[0])), head[0])
    if len({*zip(rows.tolist(), encoded(head[1])[0].tolist(), strict=True)}) < len(rows):
        return None  # a class twice in a row: records of other things
    place = {text: k for k, text in enumerate(classes)}

    def make(block: Any) -> Any:
        lengths, texts, numbers = _pairs(block, names, scores, fields)
        matrix = np.full((len(lengths), len(classes)), np.nan)  # NaN where a row has no score
        codes, kinds = encoded(texts)
        at = np.array([*(place.get(text or "", -1) for text in kinds), -1])[codes]
        rows = np.repeat(np.arange(len(lengths)), lengths)
        matrix[rows[at >= 0], at[at >= 0]] = numbers[at >= 0]
        matrix[rows[at < 0]] = np.nan  # a class that the first rows do not have
        return list_column(number_column(matrix.reshape(-1)), len(classes))

    kind = pa.list_(pa.float64(), len(classes))
    column = Column(scores.column.name, "list", width=len(classes), type=kind, classes=classes)
    return Derived(column, needs, make)


def _pairs(
    block: Any, names: Derived, scores: Derived, fields: tuple[str, str] | None
) -> tuple[Any, Any, Any]:
    """Return (n,) lengths of the lists, and the names and numbers of all, one after another."""
    whole, texts = scores.make(block), names.make(block)
    lengths = view(filled(pc.list_value_length(whole), 0)).astype(np.int64)
    flat = whole.flatten()
    if fields is not None:
        one, other = (pc.struct_field(flat, name) for name in fields)
        return lengths, one, parse_numbers(other).values
    if not pc.list_value_length(texts).equals(pc.list_value_length(whole)):
        return np.zeros_like(lengths), texts.flatten().slice(0, 0), np.zeros(0)
    return lengths, texts.flatten(), parse_numbers(flat).values

"""Arrow IPC files and streams (Feather version 2): a part is a run of record batches."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.ipc as paipc

from calaudit.errors import InputError
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.frames import column_of
from calaudit.predictions.source import Column, Input, first_line, no_rows
from calaudit.predictions.storage import arrow_file, open_raw

_PEEK_ROWS = 10_000
_END = b"\xff\xff\xff\xff\0\0\0\0"
"""What ends a stream."""
_PADDING = 64
"""Most bytes by which a writer aligns the next message."""


class IpcSource:
    """One Arrow file or stream; batches are read one after another."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        self.input = Input(shown, "arrow", size, None)
        with open_raw(path) as file:
            self._random_access = file.read(6) == b"ARROW1"
        try:
            with arrow_file(path) as file:
                schema = self._open(file).schema
                if self._random_access:
                    _check_all_listed(file)
        except DAMAGE as error:
            raise self._failure(error) from error
        self.schema = schema
        self.columns: tuple[Column, ...] = tuple(column_of(field) for field in schema)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        for batch in self.read(columns):
            if batch.num_rows:
                return batch.slice(0, _PEEK_ROWS)
        return no_rows(self.columns, columns)

    def parts(self, _columns: Sequence[str], /) -> list[IpcPart]:
        """Return the one part."""
        return [IpcPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield the named columns of every batch."""
        names = list(columns)
        try:
            with arrow_file(self._path) as file:
                for batch in _batches(self._open(file), file):
                    yield _checked(batch.select(names))
        except DAMAGE as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _open(self, file: Any) -> Any:
        return paipc.open_file(file) if self._random_access else paipc.open_stream(file)

    def _failure(self, error: BaseException) -> InputError:
        return InputError(
            f"{self._shown}: begins as an Arrow file but cannot be read ({first_line(error)}). "
            "It is truncated or damaged, or other data was joined to it: copy or write it again."
        )


@dataclass(slots=True)
class IpcPart:
    """All of an Arrow file."""

    source: IpcSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        return self.source.read(columns)


def _batches(reader: Any, file: Any) -> Iterator[Any]:
    """Yield all batches; a stream must end with its end marker, and the file with that."""
    if hasattr(reader, "num_record_batches"):
        yield from map(reader.get_batch, range(reader.num_record_batches))
        return
    before = file.tell()
    for batch in reader:
        yield batch
        before = file.tell()
    after = file.tell()
    if after - before < len(_END) or file.read_at(len(_END), after - len(_END)) != _END:
        raise EOFError("there is no end marker after its last batch")
    if after != file.size():
        raise EOFError(f"{file.size() - after:,} bytes follow the end of the stream")


def _check_all_listed(file: Any) -> None:
    """Refuse a file that holds more than its footer lists, as two files joined to one do.

    Source: Footer and Block in File.fbs of Apache Arrow; a footer is a flatbuffer, whose third
    and fourth field are the places of dictionaries and of batches.
    """
    last = file.size() - 10  # the length of the footer, and ARROW1
    (length,) = struct.unpack("<i", file.read_at(4, last))
    footer, prefix = file.read_at(length, last - length), file.read_at(8, 8)
    (table,) = struct.unpack_from("<I", footer)
    fields = table - struct.unpack_from("<i", footer, table)[0]
    (size,) = struct.unpack_from("<H", footer, fields)
    blocks = []
    for at in (at for at in (8, 10) if at < size):
        (field,) = struct.unpack_from("<H", footer, fields + at)
        if field:
            vector = table + field + struct.unpack_from("<I", footer, table + field)[0]
            (count,) = struct.unpack_from("<I", footer, vector)
            rows = footer[vector + 4 : vector + 4 + 24 * count]
            places = struct.iter_unpack("<qi4xq", rows)
            blocks += [(begin, begin + head + body) for begin, head, body in places]
    blocks.sort()
    # Polars writes no schema at the beginning, but something of its own.
    schema = 16 + struct.unpack("<4xi", prefix)[0]
    end = schema if prefix.startswith(_END[:4]) else min(blocks, default=(last - length,))[0]
    for begin, stop in [*blocks, (last - length - len(_END), 0)]:
        if not 0 <= begin - end < _PADDING:
            raise EOFError(f"its footer does not list what is at byte {min(begin, end):,}")
        end = stop


def _checked(batch: Any) -> Any:
    """Return the batch if no value in it points to where nothing is."""
    batch.validate(full=True)
    return batch

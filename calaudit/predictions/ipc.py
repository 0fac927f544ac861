"""Arrow IPC files and streams (Feather version 2): a part is a run of record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc as paipc

from calaudit.errors import InputError
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.frames import column_of
from calaudit.predictions.source import Column, Input, first_line

__all__ = ["IpcSource"]

_PEEK_ROWS = 10_000


class IpcSource:
    """One Arrow file or stream; batches are read one after another."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        self.input = Input(shown, "arrow", size, None)
        with Path(path).open("rb") as file:
            self._random_access = file.read(6) == b"ARROW1"
        try:
            with pa.OSFile(path) as file:
                schema = self._open(file).schema
        except DAMAGE as error:
            raise self._failure(error) from error
        self.schema = schema
        self.columns: tuple[Column, ...] = tuple(column_of(field) for field in schema)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        for batch in self.read(columns):
            if batch.num_rows:
                return batch.slice(0, _PEEK_ROWS)
        return pa.RecordBatch.from_arrays(
            [pa.nulls(0, pa.string()) for _ in columns], list(columns)
        )

    def parts(self, _columns: Sequence[str], /) -> list[IpcPart]:
        """Return the one part."""
        return [IpcPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield the named columns of every batch."""
        names = list(columns)
        try:
            with pa.OSFile(self._path) as file:
                reader = self._open(file)
                if self._random_access:
                    for index in range(reader.num_record_batches):
                        yield _checked(reader.get_batch(index)).select(names)
                else:
                    for batch in reader:
                        yield _checked(batch).select(names)
        except DAMAGE as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _open(self, file: Any) -> Any:
        return paipc.open_file(file) if self._random_access else paipc.open_stream(file)

    def _failure(self, error: BaseException) -> InputError:
        return InputError(
            f"{self._shown}: begins as an Arrow file but cannot be read ({first_line(error)}). "
            "It is probably truncated: copy or write it again."
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


def _checked(batch: Any) -> Any:
    """Return the batch if its buffers are as long as its metadata says."""
    batch.validate()
    return batch

"""Where Arrow batches are written: Parquet and Arrow files, by a thread of their own."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.ipc as paipc
import pyarrow.parquet as pq

from calaudit.predictions.rewriting.drafts import refusing_full_disk
from calaudit.predictions.storage import arrow_file

_CODECS = {"UNCOMPRESSED": "none", "LZ4_RAW": "lz4"}


class Sink(Protocol):
    """Something that takes batches."""

    def write(self, batches: list[Any]) -> None:
        """Write batches as one group."""
        ...

    def close(self) -> None:
        """Write what is due at the end."""
        ...


class ParquetSink:
    """A Parquet file; every call of `write` makes one row group."""

    def __init__(self, path: Path, shown: str, schema: Any, options: dict[str, Any]) -> None:
        self._shown, self._schema = shown, schema
        with refusing_full_disk(shown):
            self._file = arrow_file(path, "wb")
            self._writer = pq.ParquetWriter(self._file, schema, **options)

    def write(self, batches: list[Any]) -> None:
        """Write batches as one row group."""
        table = pa.Table.from_batches(batches, self._schema)
        with refusing_full_disk(self._shown):
            self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def close(self) -> None:
        """Write the footer."""
        with refusing_full_disk(self._shown):
            self._writer.close()
            self._file.close()


class IpcSink:
    """An Arrow file (Feather version 2), or a stream."""

    def __init__(self, path: Path, shown: str, schema: Any, *, stream: bool) -> None:
        self._shown = shown
        with refusing_full_disk(shown):
            self._file = arrow_file(path, "wb")
            make = paipc.new_stream if stream else paipc.new_file
            self._writer = make(self._file, schema)

    def write(self, batches: list[Any]) -> None:
        """Write the batches."""
        with refusing_full_disk(self._shown):
            for batch in batches:
                self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        with refusing_full_disk(self._shown):
            self._writer.close()
            self._file.close()


class Background:
    """Hands groups of batches to a thread that writes them, at most one ahead."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._groups: queue.Queue[list[Any] | None] = queue.Queue(1)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="calaudit-write", daemon=True)
        self._thread.start()

    def write(self, batches: list[Any]) -> None:
        """Hand over a group; raises what went wrong with an earlier one."""
        if self._error is not None:
            raise self._error
        self._groups.put(batches)

    def close(self, *, complete: bool) -> None:
        """Wait for the thread; finish the file only where it is complete."""
        self._groups.put(None)
        self._thread.join()
        if self._error is not None and complete:
            raise self._error
        if self._error is None:
            self._sink.close()

    def _run(self) -> None:
        while (batches := self._groups.get()) is not None:
            if self._error is None:
                try:
                    self._sink.write(batches)
                except BaseException as error:  # raised in the thread that hands over
                    self._error = error


def like_parquet(metadata: Any, scores: set[str], added: dict[str, str]) -> dict[str, Any]:
    """Return options that write a file as compressed as another one.

    Args:
        metadata: of the other file.
        scores: its score columns: their new values are not worth a dictionary.
        added: the column whose codec each added column takes, by the name of that.
    """
    codecs: dict[str, str] = {}
    coded: list[str] = []
    if metadata.num_row_groups:
        group = metadata.row_group(0)
        for i in range(group.num_columns):
            column = group.column(i)
            path = column.path_in_schema
            codec = _CODECS.get(column.compression, column.compression.lower())
            codecs[path] = codec
            root, _, rest = path.partition(".")
            for new in (new for new, old in added.items() if old == root):
                codecs[f"{new}.{rest}" if rest else new] = codec
            if any("DICTIONARY" in e for e in column.encodings) and root not in scores:
                coded.append(path)
    return {"compression": codecs or "snappy", "use_dictionary": coded or False}

"""CSV and its relatives: every needed column is read as text and converted here.

Reading text decides types for the whole file by construction, keeps the cell for the
message when it is no number, and costs a tenth more than Arrow's own typed columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from calaudit.errors import InputError
from calaudit.predictions.arrays import text_column
from calaudit.predictions.columns import parse_numbers
from calaudit.predictions.compression import open_binary, open_stream
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.source import Column, Input

__all__ = ["CsvSource"]

_DELIMITERS = ",;\t|"
_HEAD_BYTES = 256 << 10
_BLOCK_BYTES = 1 << 20
_SAMPLE_ROWS = 1000


class CsvSource:
    """One delimited text file, plain or compressed."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        head = self._head()
        self._delimiter = _delimiter(head)
        rows, self._header_lines = _head_rows(head, self._delimiter)
        if not rows:
            raise InputError(f"{shown}: the file is empty. Write a header line and rows.")
        self._names = [name.strip() for name in rows[0]]
        self._sample = [row for row in rows[1:] if len(row) == len(rows[0])]
        self._refuse_headless(rows[0])
        self.input = Input(shown, "csv", size, None)
        self.columns: tuple[Column, ...] = tuple(
            Column(name, self._kind(i)) for i, name in enumerate(self._names)
        )

    @property
    def delimiter(self) -> str:
        """The character between two cells."""
        return self._delimiter

    @property
    def header_lines(self) -> int:
        """How many lines come before the first row."""
        return self._header_lines

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns, as text."""
        for batch in self.read(columns):
            return batch.slice(0, 10_000)
        return pa.RecordBatch.from_arrays(
            [pa.nulls(0, pa.string()) for _ in columns], list(columns)
        )

    def parts(self, _columns: Sequence[str], /) -> list[CsvPart]:
        """Return the one part."""
        return [CsvPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield blocks of rows, every column as (dictionary-coded) text."""
        keys = [f"c{self._names.index(name)}" for name in columns]
        try:
            with open_stream(self._path) as stream:
                reader = pacsv.open_csv(
                    stream,
                    read_options=pacsv.ReadOptions(
                        block_size=_BLOCK_BYTES,
                        column_names=[f"c{i}" for i in range(len(self._names))],
                        skip_rows=self._header_lines,
                    ),
                    parse_options=pacsv.ParseOptions(
                        delimiter=self._delimiter, newlines_in_values=True
                    ),
                    convert_options=pacsv.ConvertOptions(
                        include_columns=keys,
                        column_types={key: pa.string() for key in keys},
                        strings_can_be_null=False,
                    ),
                )
                for batch in reader:
                    yield batch.rename_columns(list(columns))
        except DAMAGE as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _head(self) -> str:
        try:
            with open_binary(self._path) as stream:
                raw = stream.read(_HEAD_BYTES)
        except DAMAGE as error:
            raise self._failure(error) from error
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{self._shown}: is UTF-16 text. Save it as UTF-8.")
        text = raw.decode("utf-8-sig", errors="replace")
        if len(raw) == _HEAD_BYTES and "\n" in text:
            text = text[: text.rindex("\n") + 1]
        return text

    def _kind(self, index: int) -> str:
        cells = [row[index] for row in self._sample]
        numbers = parse_numbers(text_column(cells))
        if numbers.unparsed is not None and numbers.unparsed.any():
            return "text"
        return "number"

    def _refuse_headless(self, first: list[str]) -> None:
        cells = [cell.strip() for cell in first]
        numeric = [cell for cell in cells if _is_number(cell)]
        whole = [cell for cell in numeric if cell.isdigit()]
        counted = whole == [str(i) for i in range(len(whole))] and len(whole) > 2
        if len(numeric) == len(whole) and (counted or len(numeric) < len(cells)):
            return
        raise InputError(
            f"{self._shown}: has no header: its first line is {','.join(cells)[:60]!r}. "
            "Add a first line with the column names, such as score,label."
        )

    def _failure(self, error: BaseException) -> InputError:
        text = str(error).split("\n")[0]
        if "Expected" in text and "columns" in text:
            return InputError(f"{self._shown}: {self._uneven_line()}")
        if "straddling" in text:
            return InputError(
                f"{self._shown}: a line is longer than {_BLOCK_BYTES >> 20} MB. "
                "Look for a quote that is not closed."
            )
        if "UTF8" in text or "UTF-8" in text:
            return InputError(f"{self._shown}: is not UTF-8 text ({text}). Save it as UTF-8.")
        return InputError(
            f"{self._shown}: cannot be read to its end ({text or type(error).__name__}). "
            "It is probably truncated or damaged: copy or write it again."
        )

    def _uneven_line(self) -> str:
        """Find the line with too few or too many fields; only a failure pays for this."""
        wanted = len(self._names)
        with open_binary(self._path) as raw:
            lines = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
            reader = csv.reader(lines, delimiter=self._delimiter)
            try:
                for row in reader:
                    if row and len(row) != wanted:
                        return (
                            f"line {reader.line_num} has {len(row)} fields, but the header has "
                            f"{wanted}: {self._delimiter.join(row)[:60]!r}. The file is cut off "
                            "there, or a field needs quotes."
                        )
            except csv.Error:
                return f"line {reader.line_num} has a quote that is not closed."
        return f"a line does not have the header's {wanted} fields. Look for stray quotes."


@dataclass(slots=True)
class CsvPart:
    """All of a text file."""

    source: CsvSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        return self.source.read(columns)


def _delimiter(head: str) -> str:
    first = head.split("\n", 1)[0]
    bare = "".join(first.split('"')[::2])
    best = max(_DELIMITERS, key=bare.count)
    return best if bare.count(best) else ","


def _head_rows(head: str, delimiter: str) -> tuple[list[list[str]], int]:
    """Return the header and the first rows, and how many lines come before the data."""
    reader = csv.reader(io.StringIO(head), delimiter=delimiter)
    rows: list[list[str]] = []
    lines = 1
    try:
        for row in reader:
            if row:
                lines = lines if rows else reader.line_num
                rows.append(row)
            if len(rows) > _SAMPLE_ROWS:
                break
    except csv.Error:
        # A cell longer than csv's limit: only the sample ends here, Arrow reads on.
        pass
    return rows, lines


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.lower() not in ("nan", "inf", "infinity")

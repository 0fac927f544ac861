"""CSV and its relatives: every needed column is read as text and converted here.

Reading text decides types for the whole file by construction, keeps the cell for the
message when it is no number, and costs a tenth more than Arrow's own typed columns.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from calaudit.errors import InputError
from calaudit.predictions.columns import MISSING_TOKENS, parse_numbers
from calaudit.predictions.compression import open_binary
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.hidden import refuse_hidden_rows
from calaudit.predictions.quotes import UnreadableRecord
from calaudit.predictions.records import LONGEST, Records, read_records
from calaudit.predictions.source import Column, Input, first_line, no_rows
from calaudit.predictions.text_cells import UnevenRow, cells_of

_DELIMITERS = ",;\t|^~\x01 "
_HEAD_BYTES = 256 << 10
_PEEK_ROWS, _SAMPLE_ROWS = 10_000, 1000
_THREADS = 2

_BEFORE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:sep=([\t-~])(?:\r\n|\r|\n))?(?:[#%][^\r\n]*[\r\n]+)*", re.IGNORECASE
)
"""A byte order mark, the line that tells Excel the delimiter, and lines of comments."""

_LISTS = ("[", "{", "tensor([", "array([")
"""How cells begin that hold a list or a record."""

_LINE = re.compile(rb'[\r\n]*+(?:"[^"]*+"?|[^"\r\n]++)*+')


class CsvSource:
    """One delimited text file, plain or compressed.

    Args:
        path: where it is.
        shown: how the user named it.
        size: its bytes.
        no_header: whether the first line is a row: columns are called 1, 2, … from the left.

    Attributes:
        delimiter: the character between two cells.
        header: the bytes before the first row.
        listed: columns whose cells begin like lists or records.
    """

    def __init__(self, path: str, shown: str, size: int, *, no_header: bool = False) -> None:
        self._path, self._shown = path, shown
        self.input = Input(shown, "csv", size, None)
        self._names: list[str] = []
        self._numbers: dict[int, bool] = {}
        self.listed: list[str] = []
        self.header, self.delimiter = self._beginning()
        self._skipped = len(self.header)
        first = next(self.records(), None)
        if first is None or not (end := first.first_end()):
            raise InputError(f"{shown}: the file is empty. Write a header line and rows.")
        line = first.text[:end]
        self._names = [name.strip() for name in self._named(line)]
        if no_header:
            self._names = [str(i + 1) for i in range(len(self._names))]
            line, end = b"", 0
        self._skipped = len(self.header) + end
        stop = first.last_end(end + _HEAD_BYTES)
        rows = first.text[end : stop if stop > end else None]
        try:
            self._numbers = self._number_columns(rows)
        except InputError:
            if not self._fitted(rows):
                raise
            line = self._header_line(line)
            self._numbers = self._number_columns(rows)
        self.header += line
        self._refuse_headless(no_header)
        self.columns: tuple[Column, ...] = tuple(
            Column(name, "number" if i in self._numbers else "text")
            for i, name in enumerate(self._names)
        )

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns, as text."""
        at = self._places(columns)
        for block in islice(self.records(), 1):
            parse = partial(self._parsed, block.text, at)
            return self._named_batch(parse, columns, block, 0).slice(0, _PEEK_ROWS)
        return no_rows(self.columns, columns)

    def parts(self, _columns: Sequence[str], /) -> list[CsvPart]:
        """Return the one part."""
        return [CsvPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield blocks of rows, every column as text."""
        at, done, blocks = self._places(columns), 0, self.records()
        with ThreadPoolExecutor(_THREADS) as pool, ThreadPoolExecutor(1) as reader:

            def begin() -> tuple[Records, Future[Any]] | None:
                block = next(blocks, None)
                return None if block is None else (block, pool.submit(self._parsed, block.text, at))

            waiting = deque(reader.submit(begin) for _ in range(_THREADS + 1))
            while begun := waiting.popleft().result():
                waiting.append(reader.submit(begin))
                block, parsed = begun
                batch = self._named_batch(parsed.result, columns, block, done)
                done += batch.num_rows
                yield batch

    def records(self) -> Iterator[Records]:
        """Yield the bytes of the rows, in blocks; before the header is known, it comes first."""
        width = len(self._names)
        try:
            with open_binary(self._path) as stream:
                stream.read(self._skipped)
                for block in read_records(stream, self.delimiter):
                    if block.inside is not None:
                        refuse_hidden_rows(block, self.delimiter, width, self._numbers)
                    yield block
        except UnreadableRecord as record:
            raise self._unreadable(record) from None
        except DAMAGE as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def uneven(self, row: UnevenRow, before: int) -> InputError:
        """Return the refusal of a row that is not as wide as the header."""
        number = before + row.row + 1
        why = "The file is cut off there" if number > 1 else "The line above it is no header"
        return InputError(
            f"{self._shown}: row {number} has {row.found} cells, but the header has "
            f"{len(self._names)}: {row.text[:60]!r}. {why}, or a cell needs quotes."
        )

    def _beginning(self) -> tuple[bytes, str]:
        """Return what stands before the header, and the delimiter."""
        try:
            with open_binary(self._path) as stream:
                raw = stream.read(_HEAD_BYTES)
        except DAMAGE as error:
            raise self._failure(error) from error
        before = _BEFORE.match(raw)
        assert before  # both match the empty text
        ahead, line = before[0], _LINE.match(raw, before.end())
        assert line
        told = before[1].decode("latin-1") if before[1] else ""
        last = ahead[ahead.rstrip(b"\r\n").rfind(b"\n") + 1 :]
        if last[:1] in (b"#", b"%") and _is_header(last, line[0], told):
            ahead, line = ahead[: -len(last)], _LINE.match(last)
            assert line
        return ahead, told or _delimiter(line[0])

    def _places(self, columns: Sequence[str]) -> list[int]:
        return [self._names.index(name) for name in columns]

    def _named_batch(
        self, parse: Callable[[], Any], columns: Sequence[str], block: Records, before: int
    ) -> Any:
        """Return a block as it was parsed; ``before`` it there are so many rows."""
        try:
            return parse().rename_columns(list(columns))
        except DAMAGE as error:
            raise self._refusal(error, block.text, before) from error

    def _parsed(self, text: bytes, at: Sequence[int]) -> Any:
        """Return whole rows as a record batch of text columns."""
        keys = [f"c{i}" for i in at]
        names = [f"c{i}" for i in range(len(self._names))]
        if not text.strip(b"\r\n"):
            return pa.RecordBatch.from_arrays([pa.nulls(0, pa.string()) for _ in keys], keys)
        table = pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=2 * LONGEST, column_names=names
            ),
            parse_options=pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=keys,
                column_types=dict.fromkeys(keys, pa.string()),
                strings_can_be_null=False,
            ),
        )
        return table.combine_chunks().to_batches()[0]

    def _named(self, header: bytes) -> list[str]:
        """Return the names of the columns."""
        options = pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True)
        try:
            table = pacsv.read_csv(
                pa.BufferReader(header), pacsv.ReadOptions(block_size=2 * LONGEST), options
            )
            return list(table.column_names)
        except (*DAMAGE, UnicodeError) as error:
            raise self._failure(error) from error

    def _fitted(self, rows: bytes) -> bool:
        """Return whether the names had to be made as many as the cells of the first rows.

        Where each row ends in a delimiter the last column is empty, and where R wrote the numbers
        of the rows the first has no name.
        """
        try:
            cells_of(rows + b"\n", None, len(self._names), self.delimiter)
        except UnevenRow as uneven:
            more = uneven.found - len(self._names)
            if uneven.row or abs(more) != 1:
                return False
            if more < 0:
                empty = self._names[-1:] == [""]
                self._names = self._names[:-1] if empty else self._names
                return empty
            return self._named_more(rows)
        return False

    def _named_more(self, rows: bytes) -> bool:
        """Return whether the rows have one column without a name, which is added."""
        try:
            cells = cells_of(rows + b"\n", None, len(self._names) + 1, self.delimiter)
        except UnevenRow:
            return False
        first, last = (cells.column(at).to_pylist() for at in (0, -1))
        counted = first == [str(i + 1) for i in range(len(first))]
        if any(last) and not (rows.startswith(b'"') and counted):
            return False
        self._names = ["", *self._names] if any(last) else [*self._names, ""]
        return True

    def _header_line(self, line: bytes) -> bytes:
        """Return the line of names as it should be."""
        end = line[len(line.rstrip(b"\r\n")) :]
        sign = self.delimiter
        names = [f'"{n}"' if sign in n else n for n in self._names]
        return sign.join(names).encode() + end

    def _number_columns(self, text: bytes) -> dict[int, bool]:
        """Return which columns hold numbers in the first rows, and whether all in [0, 1]."""
        every = range(len(self._names))
        text = text.decode("utf-8", "replace").encode()  # a column that is not used may be any
        try:
            sample = self._parsed(text, every).slice(0, _SAMPLE_ROWS)
        except DAMAGE as error:
            raise self._refusal(error, text, 0) from error
        found = {}
        for i, column in enumerate(sample.columns):
            numbers = parse_numbers(column)
            if numbers.unparsed is None or not numbers.unparsed.any():
                values = numbers.values
                found[i] = bool(((values >= 0) & (values <= 1) | (values != values)).all())
            elif next(filter(None, column.to_pylist()), "").lstrip().startswith(_LISTS):
                self.listed.append(self._names[i])
        return found

    def _refuse_headless(self, no_header: bool) -> None:
        names = self._names
        numeric = [name for name in names if _is_number(name)]
        words = {*names} - {*numeric} - {"nan", "inf", "infinity"}
        above = any(names[i].casefold() in words - {*MISSING_TOKENS} for i in self._numbers)
        if no_header or above:  # a word above numbers is their name
            return
        whole = [name for name in numeric if name.isdigit()]
        counted = whole == [str(i) for i in range(len(whole))] and len(whole) > 2
        if len(numeric) == len(whole) and (counted or len(numeric) < len(names)):
            return
        raise InputError(
            f"{self._shown}: has no header: its first line is {','.join(names)[:60]!r}. "
            "Say --no-header, which calls its columns 1, 2, …, or add a line with their names."
        )

    def _refusal(self, error: BaseException, text: bytes, before: int) -> InputError:
        """Return what is wrong with a block, of which so many rows come before."""
        try:
            cells_of(text + b"\n", None, len(self._names), self.delimiter)
        except UnevenRow as row:
            return self.uneven(row, before)
        return self._failure(error)

    def _unreadable(self, record: UnreadableRecord) -> InputError:
        """Return the refusal of what lies at an offset behind the header."""
        with open_binary(self._path) as stream:
            lines = (stream.read(self._skipped + record.at) + b"|").splitlines()
            line = (lines[-1][:-1] + stream.read(60)).splitlines()[0].decode("utf-8", "replace")
        return InputError(
            f"{self._shown}: line {len(lines)} {record.told}: {line[:60]!r}. The file is cut off, "
            'or a quote is a stray one: remove it, or write "" for one inside a quoted cell.'
        )

    def _failure(self, error: BaseException) -> InputError:
        text = first_line(error)
        if "UTF8" in text or "UTF-8" in text or isinstance(error, UnicodeError):
            return InputError(f"{self._shown}: is not UTF-8 text ({text}). Save it as UTF-8.")
        return InputError(
            f"{self._shown}: cannot be read to its end ({text or type(error).__name__}). "
            "It is probably truncated or damaged: copy or write it again."
        )


@dataclass(slots=True)
class CsvPart:
    """All of a text file."""

    source: CsvSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        return self.source.read(columns)


def _delimiter(line: bytes) -> str:
    """Return what most likely parts the cells of a line; a space only where nothing else does."""
    bare = re.sub(rb'"[^"]*"?', b"", line).decode("latin-1").strip(" \r\n")
    likely = max(_DELIMITERS[:-1], key=bare.count)
    return likely if bare.count(likely) else " " if " " in bare else ","


def _is_header(comment: bytes, line: bytes, told: str) -> bool:
    """Return whether a line that begins as a comment names the cells of the next one."""
    sign = told or _delimiter(comment)
    cells = line.decode("latin-1").strip("\r\n").split(sign)
    return comment.decode("latin-1").count(sign) + 1 == len(cells) and any(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.lower() not in ("nan", "inf", "infinity")

"""Delimited text in blocks of whole records: what every command that reads it gets to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from calaudit.predictions.quotes import UnreadableRecord, Words, inside_quotes, is_inside, line_ends

_BLOCK_BYTES = 1 << 20
LONGEST = 64 << 20
"""A record longer than this has a quote that is not closed, or no end at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Whole records, one after another.

    Attributes:
        text: their bytes; the last record of a file may lack its line end.
        inside: bits of the bytes that lie in quotes, as `inside_quotes` tells; None for none.
        start: offset of the first byte in the text that was read.
    """

    text: bytes
    inside: Words | None
    start: int

    def last_end(self, most: int) -> int:
        """Return where the last record ends that ends in the first ``most`` bytes, or 0."""
        return _end(self.text, self.inside, most)

    def first_end(self) -> int:
        """Return where the first line ends that is not empty, or 0."""
        blank = len(self.text) - len(self.text.lstrip(b"\r\n"))
        if blank == len(self.text):
            return 0
        ends = np.flatnonzero(line_ends(np.frombuffer(self.text, np.uint8)))
        if self.inside is not None:
            ends = ends[~is_inside(self.inside, ends)]
        return int(next(iter(ends[ends >= blank]), len(self.text) - 1)) + 1


def read_records(stream: BinaryIO, delimiter: str) -> Iterator[Records]:
    """Yield a stream that begins with a record in blocks of about a megabyte.

    Raises:
        UnreadableRecord: a quote swallows rows, or is not closed.
    """
    rest, start, size = b"", 0, _BLOCK_BYTES
    while True:
        more = stream.read(size)
        text = rest + more
        try:
            inside = inside_quotes(text, delimiter)
        except UnreadableRecord as record:
            raise UnreadableRecord(start + record.at, record.told) from None
        done = _end(text, inside, len(text))
        if not more and inside is not None and is_inside(inside, len(text) - 1):
            raise UnreadableRecord(start + done, "opens a quote that is not closed")
        if len(text) - done > LONGEST:
            raise UnreadableRecord(start + done, f"is longer than {LONGEST >> 20} MB")
        end = done if more else len(text)
        if end:
            yield Records(text[:end], inside, start)
        if not more:
            return
        rest, start = text[end:], start + end
        size = _BLOCK_BYTES if end else 2 * size


def _end(text: bytes, inside: Words | None, most: int) -> int:
    """Return where the last record ends that ends in the first ``most`` bytes, or 0."""
    for mark, last in ((b"\n", most), (b"\r", min(most, len(text) - 1))):
        at = text.rfind(mark, 0, last)  # an LF may follow a CR at the very end
        while at >= 0 and inside is not None and is_inside(inside, at):
            at = text.rfind(mark, 0, at)
        if at >= 0:
            return at + 1
    return 0

"""Which bytes of delimited text lie inside quotes, and the quotes that cannot be meant.

Most readers take all between two quotes for one cell. A stray quote, or a file cut inside a cell,
then swallows rows without a word, so every quote of a file is looked at before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["UnreadableRecord", "inside_quotes", "line_ends", "marked"]

Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

_QUOTE, _LF, _CR = b'"\n\r'
_PIECE = 1 << 16
_ONE = np.uint64(1)
_LAST = np.uint64(63)


class UnreadableRecord(Exception):
    """A record that has no end, or a quote in it that would swallow others.

    Attributes:
        at: offset of its first byte, or of the quote.
        told: what is wrong with the line there.
    """

    def __init__(self, at: int, told: str) -> None:
        super().__init__(at, told)
        self.at, self.told = at, told


def inside_quotes(text: bytes, delimiter: str) -> Flags | None:
    """Return (n,) True from a quote that opens a cell up to before the one that closes it.

    As in Arrow, a quote opens where a cell begins, and two stand for one in there; anywhere else
    it is a character like others. None where there is no quote at all.

    Args:
        text: bytes that begin with a record.
        delimiter: between two cells.

    Raises:
        UnreadableRecord: a cell that goes over several lines does not end where its quotes do.
    """
    if b'"' not in text:
        return None
    octets = np.frombuffer(text, np.uint8)
    quotes = _bits(octets, (_QUOTE,))
    edges = _bits(octets, (ord(delimiter), _LF, _CR))
    edges[len(text) >> 6] |= _ONE << np.uint64(len(text) & 63)  # the end is like a line's end
    if not (quotes & _shifted_up(edges)).any():
        return np.zeros(len(text), np.bool_)
    inside = _odd(quotes)
    beside = quotes | edges
    misplaced = (inside & ~_shifted_up(beside)) | (~inside & ~_shifted_down(beside))
    if (quotes & misplaced).any():
        return _scanned(text, delimiter)
    return np.unpackbits(inside.view(np.uint8), count=len(text), bitorder="little").view(np.bool_)


def line_ends(octets: NDArray[np.uint8]) -> Flags:
    """Return where lines end: at LF, and at CR where no LF follows."""
    ends: Flags = octets == _LF
    returns = octets == _CR
    if returns.any():
        returns[:-1] &= ~ends[1:]
        ends |= returns
    return ends


def marked(octets: NDArray[np.uint8], marks: Sequence[int]) -> Iterator[tuple[int, Flags]]:
    """Yield where one of the marks is, in pieces that stay in the processor's cache."""
    for at in range(0, len(octets), _PIECE):
        piece = octets[at : at + _PIECE]
        found: Flags = piece == marks[0]
        for mark in marks[1:]:
            found |= piece == mark
        yield at, found


def _bits(octets: NDArray[np.uint8], marks: Sequence[int]) -> Words:
    """Return where one of the marks is as bits, with room for one more."""
    packed = np.zeros(((len(octets) >> 6) + 1) * 8, np.uint8)
    for at, found in marked(octets, marks):
        packed[at >> 3 : (at + len(found) + 7) >> 3] = np.packbits(found, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


def _shifted_up(words: Words) -> Words:
    """Return the bits of the bytes before; the first byte begins a record."""
    shifted = words << _ONE
    shifted[1:] |= words[:-1] >> _LAST
    shifted[0] |= _ONE
    return shifted


def _shifted_down(words: Words) -> Words:
    """Return the bits of the bytes after."""
    shifted = words >> _ONE
    shifted[:-1] |= words[1:] << _LAST
    return shifted


def _odd(words: Words) -> Words:
    """Return bits that tell whether so far, itself included, an odd number of bits is set."""
    odd = words.copy()
    for step in (1, 2, 4, 8, 16, 32):
        odd ^= odd << np.uint64(step)
    carried = np.cumsum(odd >> _LAST) & _ONE
    odd[1:] ^= np.uint64(0) - carried[:-1]
    return odd


def _scanned(text: bytes, delimiter: str) -> Flags:
    """Return the same quote by quote: for text in which some are characters like others."""
    edges = re.escape(delimiter.encode()) + rb"\r\n"
    cell = re.compile(rb'"(?<=[' + edges + rb']")[^"]*+(?:""[^"]*+)*+("?)')
    steps = np.zeros(len(text) + 1, np.int8)
    for found in cell.finditer(b"\n" + text):
        at, end = found.start() - 1, found.end() - 1
        steps[at] = 1
        steps[end - 1 if found[1] else end] = -1
        after = text[end : end + 1]
        joined = found[1] and after and after not in delimiter.encode() + b"\r\n"
        if joined and re.search(rb"[\r\n]", text[at:end]):
            raise UnreadableRecord(at, "opens a quote that is not closed where a cell ends")
    return np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)

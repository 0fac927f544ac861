"""Which bytes of delimited text lie inside quotes, and the quotes that cannot be meant.

Most readers take all between two quotes for one cell. A stray quote, or a file cut inside a cell,
then swallows rows without a word, so every quote of a file is looked at before it is read.
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Octets = NDArray[np.uint8]
Words = NDArray[np.uint64]
"""Bits, one a byte of a text, with room for one more."""

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


def inside_quotes(text: bytes, delimiter: str) -> Words | None:
    """Return bits: set from a quote that opens a cell up to before the one that closes it.

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
    quotes = bits_of(text, _QUOTE)
    edges = bits_of(text, ord(delimiter), _LF, _CR)
    edges[len(text) >> 6] |= _ONE << np.uint64(len(text) & 63)  # the end is like a line's end
    before = shifted(edges, 1)
    before[0] |= _ONE  # the first byte begins a record
    if not (quotes & before).any():
        return np.zeros_like(quotes)
    inside = _odd(quotes)
    before |= shifted(quotes, 1)
    misplaced = (inside & ~before) | (~inside & ~shifted(quotes | edges, -1))
    return _scanned(text, delimiter) if (quotes & misplaced).any() else inside


def is_inside(inside: Words, at: NDArray[np.intp] | int) -> Flags:
    """Return which of the bytes ``at`` offsets, one or (n,), lie inside quotes, as bits tell."""
    at = np.asarray(at)
    found: Flags = (inside[at >> 6] >> (at & 63).astype(np.uint64) & _ONE).astype(np.bool_)
    return found


def line_ends(octets: Octets) -> Flags:
    """Return where lines end: at LF, and at CR where no LF follows."""
    ends: Flags = octets == _LF
    returns = octets == _CR
    if returns.any():
        returns[:-1] &= ~ends[1:]
        ends |= returns
    return ends


def bits_of(text: bytes, *marks: int | range) -> Words:
    """Return which bytes are one of the marks, or in a range of them."""
    octets = np.frombuffer(text, np.uint8)
    packed = np.zeros(((len(octets) >> 6) + 1) * 8, np.uint8)
    marks = tuple(mark for mark in marks if isinstance(mark, range) or mark in text)
    for at in range(0, len(octets) if marks else 0, _PIECE):
        piece = octets[at : at + _PIECE]
        found = _found(piece, marks[0])
        for mark in marks[1:]:
            found |= _found(piece, mark)
        packed[at >> 3 : (at + len(found) + 7) >> 3] = np.packbits(found, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


def _found(octets: Octets, mark: int | range) -> Flags:
    least, many = (mark.start, len(mark)) if isinstance(mark, range) else (mark, 1)
    found: Flags = octets - np.uint8(least) < many if many > 1 else octets == least
    return found


def shifted(words: Words, by: Literal[1, -1]) -> Words:
    """Return the bits of the bytes before (1), or after (-1), each."""
    if by == 1:
        moved = words << _ONE
        moved[1:] |= words[:-1] >> _LAST
    else:
        moved = words >> _ONE
        moved[:-1] |= words[1:] << _LAST
    return moved


def _odd(words: Words) -> Words:
    """Return bits that tell whether so far, itself included, an odd number of bits is set."""
    odd = words.copy()
    for step in (1, 2, 4, 8, 16, 32):
        odd ^= odd << np.uint64(step)
    carried = np.cumsum(odd >> _LAST) & _ONE
    odd[1:] ^= np.uint64(0) - carried[:-1]
    return odd


def _scanned(text: bytes, delimiter: str) -> Words:
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
    return bits_of(np.cumsum(steps[:-1], dtype=np.int8).tobytes(), 1)

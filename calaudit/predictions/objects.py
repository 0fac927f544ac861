"""The objects of JSON lines, or of a JSON array, taken out of a block of text at a time."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from calaudit.records.parse import GivenTwice, distinct

_BLOCK_BYTES = 1 << 20
_LONGEST = 16 << 20
"""An object of more characters has no end."""

_NEAR = 16
"""What is wrong this near to the end of a block may be right with what follows."""

_blank = re.compile(r"[ \t\r\n]*+").match


class BadObject(Exception):
    """A sentence about what stands where an object should."""


def read_objects(stream: BinaryIO, place: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON lines, or of one array.

    Args:
        stream: bytes of UTF-8.
        place: keys that lead to the array in a stream that is one object.

    Raises:
        BadObject: something else stands there, or a key is given twice.
    """
    return _Reader(stream).objects(place)


class _Reader:
    """What has been read, and how far objects have been taken out of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        strict: Any = json.JSONDecoder(object_pairs_hook=distinct)
        quick: Any = json.JSONDecoder()
        self._strict, self._scan = strict.scan_once, quick.scan_once
        self._text, self._at, self._lines, self._size = "", 0, 1, _BLOCK_BYTES

    def objects(self, place: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield every object."""
        self._skip_blank()
        if place or self._mark() == "[":
            yield from self._at_place(list(place))
            if self._mark():
                raise self._bad("goes on after the end of the array")
            return
        while self._mark():
            yield self._object()
            if not self._skip_blank():
                raise self._bad("holds more than one object")

    def _at_place(self, place: list[str]) -> Iterator[dict[str, Any]]:
        """Yield the objects of the array at a place in this object; what is around it is passed."""
        if not place:
            yield from self._array()
            return
        seen: set[Any] = set()
        for _ in self._elements("{", "}"):
            key = self._value()
            if key in seen:
                raise self._bad(f"gives the key {str(key)[:40]!r} twice")
            seen.add(key)
            self._skip_blank()
            if self._mark() != ":":
                raise self._bad("is not a JSON object")
            self._at += 1
            self._skip_blank()
            if key == place[0]:
                yield from self._at_place(place[1:])
            else:
                self._value()
        if place[0] not in seen:
            raise self._bad(f"has no {place[0]!r}")

    def _array(self) -> Iterator[dict[str, Any]]:
        for _ in self._elements("[", "]"):
            yield self._object()

    def _elements(self, begin: str, end: str) -> Iterator[None]:
        """Stand before each element of an array or object in turn, and at last behind it."""
        if self._mark() != begin:
            raise self._bad("is not what its beginning says")
        self._at += 1
        self._skip_blank()
        mark = end if self._mark() == end else ","
        while mark == ",":
            yield
            self._skip_blank()
            mark = self._mark()
            if mark == ",":
                self._at += 1
                self._skip_blank()
        if mark != end:
            raise self._bad(f"does not go on with the {'array' if end == ']' else 'object'}")
        self._at += 1
        self._skip_blank()

    def _object(self) -> dict[str, Any]:
        value = self._value()
        if type(value) is dict:
            return value
        raise self._bad("is not a JSON object")

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._scan(self._text, self._at)
                if self._scan is not self._strict and self._more_colons(value, end):
                    self._scan = self._strict
                    continue
            except (StopIteration, json.JSONDecodeError) as error:
                self._go_on(error)
            except GivenTwice as error:
                raise self._bad(f"gives the key {str(error)[:40]!r} twice") from None
            except RecursionError:
                raise self._bad("is nested too deeply") from None
            except ValueError:  # of Python's limit for the digits of an integer
                raise self._bad("holds a number of thousands of digits") from None
            else:
                self._at = end
                return value

    def _more_colons(self, value: Any, end: int) -> bool:
        """Return whether a key may have been lost: each of them has a colon, as texts may."""
        return isinstance(value, dict) and self._text.count(":", self._at, end) > len(value)

    def _go_on(self, error: StopIteration | json.JSONDecodeError) -> None:
        """Read more if that may mend the error."""
        if isinstance(error, json.JSONDecodeError):
            told, at = error.msg, error.pos
        else:
            told, at = "Expecting value", error.value
        cut = told.startswith("Unterminated") or at >= len(self._text) - _NEAR
        if len(self._text) - self._at > _LONGEST:
            raise self._bad(f"is longer than {_LONGEST >> 20} MB")
        if not cut or not self._more():
            raise self._bad(f"is not a JSON object ({told})")

    def _mark(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_blank(self) -> bool:
        """Go to what is not blank; return whether a line or the whole has ended before it."""
        ended = False
        while True:
            at = _blank(self._text, self._at).end()  # type: ignore[union-attr]
            between = self._text[self._at : at]
            ended = ended or "\n" in between or "\r" in between
            self._at = at
            if at < len(self._text):
                return ended
            if not self._more():
                return True

    def _more(self) -> bool:
        """Read on, and forget what has been taken out; return whether there was more."""
        data = self._stream.read(self._size)
        self._lines += self._text.count("\n", 0, self._at)
        self._size = _BLOCK_BYTES if self._at else 2 * self._size
        self._text, self._at = self._text[self._at :] + self._decode(data, not data), 0
        return bool(data)

    def _bad(self, told: str) -> BadObject:
        line = self._lines + self._text.count("\n", 0, self._at)
        return BadObject(
            f"line {line} {told}. Write one object a line, or an array of objects; if this is the "
            "end, the file was cut off."
        )

"""Codes of groups and of rows: the same in every chunk and format, on every machine."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.chunk import Chunk, SliceCodes

Codes = NDArray[np.uint64]

WHOLE = re.compile(r"^(-?\d+)\.0+$")

ROW_BITS = np.uint64(44)
"""Bits of a row number, above which those of its file lie."""

NO_GROUP = ("(missing)", "nan")
"""What a group that is not there is called in a chunk: null, and a number that is none."""


@dataclass(frozen=True, slots=True)
class GroupCodes:
    """Codes of the values of one column.

    Attributes:
        column: whose rows belong together; None for none.
        latest: values and codes of the last chunk of each thread.
    """

    column: str | None
    latest: dict[int, tuple[tuple[str, ...], Codes]] = field(default_factory=dict)

    def of(self, chunk: Chunk, given: SliceCodes | None = None) -> Codes | None:
        """Return (n,) the codes of the rows of a chunk; None where they are independent.

        Args:
            chunk: the rows.
            given: their values in the column; None for those of ``chunk.group``.

        Raises:
            InputError: a row is in no group.
        """
        given = chunk.group if given is None else given
        if self.column is None or given is None:
            return None
        if any(value in given.values for value in NO_GROUP):
            _check_grouped(chunk, given, self.column)
        return self._of_values(given.values)[given.codes]

    def _of_values(self, values: tuple[str, ...]) -> Codes:
        """Return the code of each value; those of a chunk, asked for twice, are kept."""
        thread = threading.get_ident()
        last = self.latest.get(thread)
        if last is not None and last[0] is values:
            return last[1]
        # Looking each value up among those of other chunks takes longer than hashing it.
        codes = codes_of(values)
        self.latest[thread] = (values, codes)
        return codes


def codes_of(values: Sequence[str]) -> Codes:
    """Return the code of each value: a hash, of a whole number the same with and without ".0"."""
    return np.frombuffer(b"".join(map(_digest, values)), ">u8").astype(np.uint64)


def place_codes(chunk: Chunk) -> Codes:
    """Return (n,) codes of rows that go by their place: the file, and the number in it."""
    row = chunk.row_numbers().astype(np.uint64)
    codes: Codes = row + (np.uint64(chunk.source) << ROW_BITS)
    return codes


def hashed(codes: Codes, salt: int = 1) -> Codes:
    """Return well mixed bits of each code (the finaliser of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        x = codes + np.uint64(0x9E3779B97F4A7C15) * np.uint64(salt)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        result: Codes = x ^ (x >> np.uint64(31))
    return result


def _check_grouped(chunk: Chunk, given: SliceCodes, column: str) -> None:
    none = np.array([value in NO_GROUP for value in given.values], np.bool_)[given.codes]
    if none.any():
        row = int(chunk.row_numbers(np.flatnonzero(none)[:1])[0])
        raise InputError(
            f"row {row:,} has no value in {column!r}, and so is in no group: fill it in, "
            "or leave such rows out"
        )


def _digest(value: str) -> bytes:
    """Return a hash of the value; of a whole number the same as an integer and as a float."""
    if value.endswith("0") and "." in value:
        value = WHOLE.sub(r"\1", value)
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()

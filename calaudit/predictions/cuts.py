"""Columns cut into few values: periods of dates, bins of numbers, and the sides of a condition."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import number_column, view
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.chunk import SliceCodes
from calaudit.predictions.columns import cell_text, parse_numbers, plain
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.slices import MISSING
from calaudit.predictions.times import Times, time_of, wall_times

Ints = NDArray[np.int64]

YES, NO = "yes", "no"
"""The values of a condition."""

_NONE = np.iinfo(np.int64).min
_CONDITION = re.compile(r"(.+?)\s*(<=|>=|<|>)\s*(.+)", re.DOTALL)
_MOST_BINS = 100


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar periods of the dates in a column.

    Attributes:
        column: the column. unit: one of `PERIODS`.
        dated: whether it is about dates, as of all cuts.
    """

    dated: ClassVar[bool] = True
    column: str
    unit: str

    def read(self, given: Any, faults: Faults, _: Findings) -> SliceCodes:
        """Return the period of each row."""
        return dated_codes(self.column, given, faults, *PERIODS[self.unit])

    def place(self, value: str) -> tuple[bool, str]:
        """Return what values are in order of time by."""
        return value == MISSING, value

    def told(self) -> Finding | None:
        """Return what should be said of it."""
        return finding("slices-by-period", column=self.column, unit=self.unit)


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of the numbers in a column, with about as many rows each.

    Attributes:
        column: the column. bins: how many are wanted.
        edges: where each but the first begins; () as long as that is not known.
    """

    dated: ClassVar[bool] = False
    column: str
    bins: int
    edges: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The bins in order, by their ends."""
        ends = [repr(edge).removesuffix(".0") for edge in self.edges]
        between = [f"{a} to under {b}" for a, b in pairwise(ends)]
        return (f"under {ends[0]}", *between, f"{ends[-1]} and over")

    def read(self, given: Any, faults: Faults, findings: Findings) -> SliceCodes:
        """Return the bin of each row."""
        values, _ = _numbers(self.column, given, faults, findings)
        return _coded(
            np.searchsorted(self.edges, values, side="right"), np.isnan(values), self._name
        )

    def _name(self, number: int) -> str:
        return self.names[number]

    def place(self, value: str) -> int:
        """Return what values are in order of numbers by."""
        return self.names.index(value) if value in self.names else len(self.names)

    def told(self) -> Finding | None:
        """Return what should be said of it."""
        found = len(self.names)
        return finding(
            "slices-by-number",
            kind="all" if found == self.bins else "fewer",
            column=self.column,
            bins=found,
            asked=self.bins,
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether the date or number in a column is before a bound, or after it.

    Attributes:
        column: the column. sign: one of <, <=, >, >=.
        bound: a number; or a date to the day where it has no time, else to the second.
    """

    column: str
    sign: str
    bound: float | np.datetime64

    def read(self, given: Any, faults: Faults, findings: Findings) -> SliceCodes:
        """Return `YES` or `NO` for each row; `MISSING` for one that is on neither side."""
        if isinstance(self.bound, float):
            values, bad = _numbers(self.column, given, faults, findings)
        else:
            times, bad = _times(self.column, given, faults)
            values = times.astype(self.bound.dtype)
        lost = values != values
        _blame(self.column, given, lost & ~bad, "on-no-side", faults)
        codes = _SIGNS[self.sign](values, self.bound).astype(np.int32)
        codes[lost | bad] = 2
        return SliceCodes(codes, (NO, YES, MISSING) if (codes == 2).any() else (NO, YES))

    @property
    def dated(self) -> bool:
        """Whether it is about dates."""
        return not isinstance(self.bound, float)

    def place(self, value: str) -> bool:
        """Return what its values are in order by."""
        return value != YES

    def told(self) -> Finding | None:
        """Return what should be said of it: its name says all."""
        return None


Cut = Period | Bins | Condition


def condition_named(name: str) -> Condition | None:
    """Return the condition that a name is; None for other names.

    >>> condition_named("age >= 18"), condition_named("age>65=true")
    (Condition(column='age', sign='>=', bound=18.0), None)
    """
    match = _CONDITION.fullmatch(name)
    bound = None if match is None else _bound(match[3])
    return None if match is None or bound is None else Condition(match[1], match[2], bound)


def cut_named(name: str, columns: Catalogue | Sequence[str]) -> Cut | None:
    """Return the cut that a name asks for; None for the plain name of a column.

    >>> cut_named("amount:5", ["amount"]), cut_named("region", ["region"])
    (Bins(column='amount', bins=5, edges=()), None)

    Raises:
        SettingsError: a column is there, but is to be cut in a way that there is not.
    """
    condition = condition_named(name)
    if condition is not None:
        return condition
    column, _, how = name.rpartition(":")
    if column and how in PERIODS:
        return Period(column, how)
    if column and how.isdecimal() and 2 <= int(how) <= _MOST_BINS:
        return Bins(column, int(how))
    if column not in columns:
        return None
    raise SettingsError(
        f"{name!r}: dates are cut by {', '.join(PERIODS)} ({column}:month), numbers into 2 to "
        f"{_MOST_BINS} bins ({column}:5)"
    )


def _bound(text: str) -> float | np.datetime64 | None:
    """Return a number or a date; None for other text.

    Raises:
        SettingsError: a date with a zone.
    """
    with suppress(ValueError):
        return number if isfinite(number := float(text)) else None
    found = time_of(text)
    if found is not None and re.search(r"(Z|[+-]\d{2}(:?\d{2})?)$", text[_DAY:]):
        raise SettingsError(f"{text}: leave the zone out; dates count as they stand in the file")
    return found.astype("M8[D]") if found is not None and len(text) == _DAY else found


def _times(column: str, given: Any, faults: Faults) -> tuple[Times, NDArray[np.bool_]]:
    """Return (n,) times, and which cells are refused, as they are no dates."""
    times, bad = wall_times(given)
    _blame(column, given, bad, "not-a-date", faults)
    return times, bad


def dated_codes(
    column: str,
    given: Any,
    faults: Faults,
    number: Callable[[Times], NDArray[Any]],
    name: Callable[[int], str],
) -> SliceCodes:
    """Return dates as codes of the numbers that they have, with the name of each."""
    times = _times(column, given, faults)[0]
    return _coded(number(times), np.isnat(times), name)


def period_of(date: str, unit: str) -> str | None:
    """Return the period that a date lies in, by its name; None for what is no date."""
    found = time_of(date)
    if found is None:
        return None
    number, name = PERIODS[unit]
    return name(int(number(np.array([found]))[0]))


def _numbers(
    column: str, given: Any, faults: Faults, findings: Findings
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return (n,) numbers, and which cells are refused, as they are none."""
    numbers = parse_numbers(given)
    findings.see_notation(column, numbers.notation)
    bad = np.zeros(len(numbers.values), np.bool_) if numbers.unparsed is None else numbers.unparsed
    _blame(column, given, bad, "not-a-number", faults)
    return numbers.values, bad


def _blame(column: str, given: Any, bad: NDArray[np.bool_], reason: str, faults: Faults) -> None:
    faults.add(reason, bad, lambda row: (column, cell_text(plain(given), row)))


def _coded(
    numbers: NDArray[Any], missing: NDArray[np.bool_], name: Callable[[int], str]
) -> SliceCodes:
    """Return numbers of slices as codes, with the name of each."""
    known = np.where(missing, _NONE, numbers.astype(np.int64))
    coded = number_column(known).dictionary_encode()
    values = [MISSING if n == _NONE else name(n) for n in coded.dictionary.to_pylist()]
    return SliceCodes(view(coded.indices), tuple(values))


def _units(unit: str, width: int = 1, first: int = 0) -> Callable[[Times], Ints]:
    """Return what numbers times by so many units from 1970 on, the first of them at ``first``."""
    return lambda times: (times.astype(f"M8[{unit}]").astype(np.int64) - first) // width


def _dated(unit: Literal["Y", "M", "D"]) -> Callable[[int], str]:
    return lambda number: str(np.datetime64(number, unit))


def _week(number: int) -> str:
    """Return a week by the year that most of it lies in, and its number there (ISO 8601)."""
    year, week, _ = np.datetime64(_MONDAY + 7 * number, "D").item().isocalendar()
    return f"{year:04}-W{week:02}"


_DAY = 10
"""Characters of a date."""

_MONDAY = -3
"""The first day of the week of 1 January 1970, counted from that."""

PERIODS: dict[str, tuple[Callable[[Times], Ints], Callable[[int], str]]] = {
    "hour": (_units("h"), lambda number: f"{np.datetime64(number, 'h')}".replace("T", " ") + ":00"),
    "day": (_units("D"), _dated("D")),
    "week": (_units("D", 7, _MONDAY), _week),
    "month": (_units("M"), _dated("M")),
    "quarter": (_units("M", 3), lambda number: f"{1970 + number // 4:04}-Q{number % 4 + 1}"),
    "year": (_units("Y"), _dated("Y")),
}
"""Unit → what numbers times by it, and what names the number."""

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

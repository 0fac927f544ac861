"""Which rows are fitted, which are held out, and which fold a row is in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.percentages import share_of
from calaudit.calibrators.cross_fitted import FOLDS
from calaudit.calibrators.rows import HELD
from calaudit.errors import SettingsError
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.cuts import YES, condition_named
from calaudit.predictions.group_codes import Codes, GroupCodes, hashed, place_codes
from calaudit.predictions.predictions import Predictions


@dataclass(frozen=True, slots=True, eq=False)
class Deal:
    """Groups that are few, each with its place.

    Attributes:
        codes: (G,) codes, rising. places: (G,) the fold of each, or `HELD`.
    """

    codes: Codes
    places: NDArray[np.int64]

    def places_of(self, codes: Codes) -> NDArray[np.int64]:
        """Return the place of each code; `HELD` for one that was not dealt."""
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, self.places[at], HELD)


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows are divided.

    Attributes:
        by: the slice columns that the division needs, in the order of ``Chunk.slices``.
        column, value: rows with this value are fitted, the others held out; or None. The column
            may be a condition, such as date<2025-09-01, whose values are yes and no.
        holdout: share of the rows (of the groups) that is held out, in [0, 1).
        group: column whose rows stay together, or None.
        seed: of the hash.
        coding: of groups.
        deal: places of the groups where they are few; otherwise a hash says.
        implied: whether the layout of the rows implies the groups, and no option.
    """

    by: tuple[str, ...]
    column: str | None
    value: str | None
    holdout: float
    group: str | None
    seed: int
    coding: GroupCodes = field(compare=False, repr=False)
    deal: Deal | None = field(default=None, compare=False)
    implied: bool = False

    def with_implied(self, predictions: Predictions) -> Plan:
        """Return the plan with the groups that the layout of the rows implies, if any."""
        group = predictions.group
        if self.group is not None or group is None:
            return self
        by, coding = (*self.by, group), GroupCodes(group)
        return replace(self, by=by, group=group, coding=coding, implied=True)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The columns of ``by`` with the options that name them."""
        named = ((self.column, "--split"), (self.group, "--group"))
        return tuple((column, option) for column, option in named if column is not None)

    @property
    def holds_out(self) -> bool:
        """Whether some rows are meant to be held out."""
        return self.column is not None or self.holdout > 0

    def which(self, equals: str = " = ") -> str:
        """Return which value of which column is fitted, as ``--split`` takes it."""
        return self.column or "" if self.compares else f"{self.column}{equals}{self.value}"

    @property
    def compares(self) -> bool:
        """Whether the division is by a condition on a date or a number."""
        return self.value == YES and condition_named(self.column or "") is not None

    def folds(self, chunk: Chunk) -> NDArray[np.int64]:
        """Return the fold of each row, or `HELD`."""
        groups = self.group_codes(chunk)
        if groups is not None and self.deal is not None:
            folds = self.deal.places_of(groups)
        else:
            codes = self._row_codes(chunk) if groups is None else groups
            folds = (self.draws(codes, 1) % np.uint64(FOLDS)).astype(np.int64)
            if self.holdout > 0:
                folds[self._drawn(codes)] = HELD
        if self.column is not None:
            folds[~self.chosen(chunk)] = HELD
        return folds

    def held(self, chunk: Chunk) -> NDArray[np.bool_]:
        """Return which rows are held out: those without a fold, found without their folds."""
        if self.column is not None:
            return ~self.chosen(chunk)
        if self.holdout == 0:
            return np.zeros(len(chunk), np.bool_)
        groups = self.group_codes(chunk)
        if groups is None:
            return self._drawn(self._row_codes(chunk))
        return self._drawn(groups) if self.deal is None else self.deal.places_of(groups) == HELD

    def _drawn(self, codes: Codes) -> NDArray[np.bool_]:
        """Return whether the lot falls on each code to be held out."""
        share = (self.draws(codes, 2) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        drawn: NDArray[np.bool_] = share < self.holdout
        return drawn

    def chosen(self, chunk: Chunk) -> NDArray[np.bool_]:
        """Return whether each row has the value of the split column that is fitted."""
        if self.column is None:
            return np.ones(len(chunk), np.bool_)
        return chunk.slices[self.by.index(self.column)].equal(self.value)

    def group_codes(self, chunk: Chunk) -> Codes | None:
        """Return a code for the group of each row, the same in every chunk and file."""
        if self.group is None:
            return None
        given = chunk.slices[self.by.index(self.group)] if chunk.group is None else None
        return self.coding.of(chunk, given)

    def draws(self, codes: Codes, salt: int) -> Codes:
        """Return well mixed bits of each code that follow the seed, others for each salt."""
        return hashed(codes if self.group is None else codes ^ np.uint64(self.seed), salt)

    def _row_codes(self, chunk: Chunk) -> Codes:
        return place_codes(chunk) + _mixed_seed(self.seed)

    def sentence(self) -> str:
        """Return which rows are fitted, in words."""
        together = f", rows of one {self.group} together" if self.group else ""
        if self.column is not None:
            return f"rows with {self.which()}{together}"
        if self.holdout > 0:
            kept = f"{1 - self.holdout:.3g} of the"
            if self.group is None:
                return f"{kept} rows, by a hash of the row's number"
            return f"{kept} groups, by a hash of {self.group}{together}"
        return f"all rows{together}"


def planned(split: str | None, holdout: float | str | None, group: str | None, seed: int) -> Plan:
    """Return the plan.

    Raises:
        SettingsError: the options contradict each other or are out of range.
    """
    column = value = None
    if split is not None and not isinstance(split, str):
        raise SettingsError(f"split is a text, COLUMN=VALUE, not {split!r}")
    held = 0.0
    if holdout is not None:
        held = share_of(holdout, "--holdout", "the share held out, above 0 and below 1")
    check_number("the seed", seed, whole=True)
    if split is not None:
        column, value = column_and_value(split, "split")
        if held:
            raise SettingsError("give split or holdout, not both: each says which rows are fitted")
    if not 0 <= seed < 2**63:
        raise SettingsError(f"the seed must be 0 or more, not {seed}")
    if group is not None:
        check_group(group)
    if group is not None and group == column:
        raise SettingsError("the column of --split and that of --group are the same")
    by = tuple(name for name in (column, group) if name is not None)
    return Plan(by, column, value, held, group, seed, GroupCodes(group))


def column_and_value(text: Any, option: str) -> tuple[str, str]:
    """Return which rows a text such as split=validation or age<18 says, by column and value.

    Raises:
        SettingsError: it says none.
    """
    told = str(text).strip()
    if condition_named(told) is not None:
        return told, YES
    column, _, value = (part.strip() for part in told.partition("="))
    if not column or not value:
        raise SettingsError(
            f"{option} is COLUMN=VALUE, such as split=validation, or a condition on a number or a "
            f"date, such as 'date<2025-09-01', not {text!r}"
        )
    return column, value


def check_group(group: Any) -> None:
    """Refuse values of groups where a column is to be named.

    Raises:
        SettingsError: it is no name.
    """
    if not isinstance(group, str):
        raise SettingsError("group holds values, which is for arrays; here name a column")


def check_number(name: str, value: Any, *, whole: bool = False) -> None:
    """Check that an argument is a number at all.

    Raises:
        SettingsError: it is not.
    """
    if not isinstance(value, Integral if whole else Real):
        raise SettingsError(f"{name} must be a {'whole ' if whole else ''}number, not {value!r}")


def check_count(name: str, value: Any) -> None:
    """Check a number of threads or processes, where one is given.

    Raises:
        SettingsError: it is no whole number of 1 or more.
    """
    if value is None:
        return
    check_number(name, value, whole=True)
    if value < 1:
        raise SettingsError(f"{name} must be 1 or more, not {value}")


def _mixed_seed(seed: int) -> np.uint64:
    return np.uint64(int(hashed(np.array([seed], np.uint64), 3)[0]))

"""What passes over the rows saw of their division: are both sides there, and apart?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.splits import Plan
from calaudit.calibrators.rows import HELD
from calaudit.errors import InputError, NotEnoughData
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import Codes

MOST_VALUES = 50
"""Values of the split column that are remembered, for a message."""

WAITING = 1 << 16
BLOCK = 1 << 16


class NoRows(NotEnoughData):
    """There is no row on one side: nothing could be said of a fit without another division."""


class CodeSet:
    """A set of codes as a sorted array: 8 bytes each, and for a moment twice that."""

    def __init__(self) -> None:
        self._sorted: Codes = np.zeros(0, np.uint64)
        self._waiting: list[Codes] = []
        self._room = WAITING

    def add(self, codes: Codes) -> None:
        """Add codes, each once."""
        self._waiting.append(codes)
        self._room -= len(codes)
        if self._room < 0:
            self.codes()

    def codes(self) -> Codes:
        """Return all codes, rising."""
        if self._waiting:
            new = np.unique(np.concatenate(self._waiting))
            self._waiting = []
            at = np.searchsorted(self._sorted, new)
            fresh = np.append(self._sorted, np.uint64(0))[at] != new
            fresh |= at == len(self._sorted)
            self._sorted = np.insert(self._sorted, at[fresh], new[fresh])
        # A constant share waits, so that each code is moved a constant number of times.
        self._room = max(WAITING, len(self._sorted) // 8)
        return self._sorted

    def count_common(self, other: CodeSet) -> int:
        """Return how many codes are in both."""
        few, many = sorted((self.codes(), other.codes()), key=len)
        common = 0
        for begin in range(0, len(few), BLOCK):
            part = few[begin : begin + BLOCK]
            at = np.searchsorted(many, part)
            inside = at < len(many)
            common += int(np.count_nonzero(many[at[inside]] == part[inside]))
        return common


@dataclass(slots=True)
class Sides:
    """Values of the split column, and the groups of both sides.

    Attributes:
        values: values of the split column, a few. fitted, held: codes of groups.
    """

    values: set[str] = field(default_factory=set)
    fitted: CodeSet = field(default_factory=CodeSet)
    held: CodeSet = field(default_factory=CodeSet)

    def add(self, plan: Plan, chunk: Chunk, folds: NDArray[np.int64]) -> None:
        """Look at a chunk."""
        if plan.column is not None and len(self.values) < MOST_VALUES:
            self.values.update(chunk.slices[plan.by.index(plan.column)].values)
        # With no split no group is on both sides, and they need counting only where they are few.
        counted = plan.column is not None or plan.deal is not None
        groups = plan.group_codes(chunk) if counted else None
        if groups is None:
            return
        held = folds == HELD
        self.fitted.add(np.unique(groups[~held]))
        self.held.add(np.unique(groups[held]))

    def merge(self, other: Sides) -> Sides:
        """Return what both saw; this one changes."""
        self.values |= other.values
        self.fitted.add(other.fitted.codes())
        self.held.add(other.held.codes())
        return self

    def check(self, plan: Plan, rows: Sequence[int], held: int) -> None:
        """Check that there are rows to fit and to judge on, in folds that can be told apart.

        Args:
            plan: the division.
            rows: rows to fit on, by fold.
            held: rows that are held out.

        Raises:
            InputError: no row has the value to fit on, or a group stands on both sides.
            NotEnoughData: a side has no rows; or groups leave fewer than two folds with rows.
        """
        fitted = sum(rows)
        if plan.column is not None and fitted == 0:
            found = ", ".join(sorted(self.values)[:10])
            told = f"{plan.value!r} in the column {plan.column!r}; its values are {found}"
            raise InputError(f"no row has {plan.column if plan.compares else told}")
        both = self.fitted.count_common(self.held)
        if both:
            raise InputError(
                f"{in_words(both, plan)} stand on both sides of "
                f"the split by {plan.column!r}: held-out figures would be too good. Use --holdout, "
                "which keeps groups together, or correct the split"
            )
        self._check_amounts(plan, rows, held)

    def _check_amounts(self, plan: Plan, rows: Sequence[int], held: int) -> None:
        fitted, groups, advice = sum(rows), "", ""
        if plan.group is not None:
            found = in_words(len(self.fitted.codes()) + len(self.held.codes()), plan)
            groups, advice = f"; of {found} in all", f". {_fewer_alone(plan)}, or use --split"
        if fitted == 0:
            raise NoRows(f"there is no row to fit on ({plan.sentence()}{groups}){advice}")
        if plan.holds_out and held == 0:
            raise NoRows(
                f"there is no row to judge on: all are fitted ({plan.sentence()}{groups}){advice}"
            )
        used = sum(count > 0 for count in rows)
        if plan.group is not None and used < 2:
            held_out = f", {len(self.held.codes()):,} more being held out" if held else ""
            raise NotEnoughData(
                f"the {fitted:,} rows to fit on are of {in_words(len(self.fitted.codes()), plan)}"
                f"{held_out}, so that {used} of {len(rows)} folds has rows: cross-validation keeps "
                "groups whole, and needs rows in 2 folds at least",
                f"{_fewer_alone(plan)}, and judge on other groups with --split or (where there "
                "are 3 groups or more) --holdout",
            )


def _fewer_alone(plan: Plan) -> str:
    """Return what makes the rows of few groups enough."""
    return "Give rows of more groups" if plan.implied else "Leave --group out"


def in_words(count: int, plan: Plan) -> str:
    """Return how many groups, in words; those that were not counted without a number."""
    number = f"{count:,} group" if count == 1 else f"{count:,} groups" if count else "groups"
    return f"{number} of {plan.group!r}"

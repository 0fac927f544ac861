"""The invalid rows of one block, before they are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.intake import EXAMPLES, Example, Intake
from calaudit.predictions.reasons import SILENT

Describe = Callable[[int], tuple[str, str]]
"""Offset in the block → (column, value as text)."""


class Faults:
    """Collects invalid rows by reason; empty for nearly every block of nearly every file."""

    def __init__(self, rows: int, *, silence_is_wrong: bool = False) -> None:
        self._rows = rows
        self._found: list[tuple[str, NDArray[np.bool_], Describe]] = []
        self._silent = np.zeros(0, np.bool_)
        self._silence_is_wrong = silence_is_wrong

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, reason: str, mask: NDArray[np.bool_], describe: Describe) -> None:
        """Record that the rows where ``mask`` holds are invalid for ``reason``."""
        if mask.any():
            self._found.append((reason, mask, describe))

    def silence(self, reason: str, mask: NDArray[np.bool_], describe: Describe) -> None:
        """Record that the rows where ``mask`` holds have no answer, whatever else is wrong."""
        if not mask.any():
            return
        self._found.append((reason, mask, describe))
        self._silent = mask if not len(self._silent) else self._silent | mask

    @property
    def silent(self) -> NDArray[np.bool_]:
        """(n,) whether a row has no answer; (0,) where all have one."""
        return self._silent

    def only(self, reason: str) -> NDArray[np.bool_]:
        """Return (n,) bool: True where a row is invalid for this reason, and for no other."""
        mine, others = np.zeros((2, self._rows), dtype=np.bool_)
        for found, mask, _ in self._found:
            (mine if found == reason else others)[:] |= mask
        return mine & ~others

    def any_row(self) -> NDArray[np.bool_]:
        """Return (n,) bool: True where a row is invalid for any reason."""
        bad = np.zeros(self._rows, dtype=np.bool_)
        for reason, mask, _ in self._found:
            if not (self._silence_is_wrong and reason in SILENT):
                bad |= mask
        return bad

    def record(
        self,
        intake: Intake,
        source: int,
        first_row: int,
        among: NDArray[np.bool_] | None = None,
    ) -> None:
        """Add the counts and the first rows of each reason to ``intake``; of rows ``among`` all."""
        kept = ~self.any_row() if self._silence_is_wrong and len(self._silent) else None
        for reason, found, describe in self._found:
            mask = found if among is None else found & among
            if kept is not None:
                unjudged = mask & self._silent & ~kept
                intake.unjudged[reason] += int(np.count_nonzero(unjudged))
            if reason in SILENT and kept is not None:
                intake.as_wrong[reason] += int(np.count_nonzero(mask & kept))
                continue
            if reason not in SILENT and kept is None and len(self._silent):
                mask = mask & ~self._silent  # a question without an answer is counted once
            if not mask.any():
                continue
            before = intake.refused.get(reason)
            wanted = EXAMPLES if before is None else EXAMPLES - len(before.examples)
            offsets: Any = np.flatnonzero(mask)
            examples = tuple(
                Example(source, first_row + int(i), *describe(int(i)))
                for i in offsets[: max(wanted, 0)]
            )
            intake.refuse(reason, len(offsets), examples)

"""The invalid rows of one block, before they are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.intake import EXAMPLES, Example, Intake

__all__ = ["Faults"]

Describe = Callable[[int], tuple[str, str]]
"""Offset in the block → (column, value as text)."""


class Faults:
    """Collects invalid rows by reason; empty for nearly every block of nearly every file."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._found: list[tuple[str, NDArray[np.bool_], Describe]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, reason: str, mask: NDArray[np.bool_], describe: Describe) -> None:
        """Record that the rows where ``mask`` holds are invalid for ``reason``."""
        if mask.any():
            self._found.append((reason, mask, describe))

    def any_row(self) -> NDArray[np.bool_]:
        """Return (n,) bool: True where a row is invalid for any reason."""
        bad = np.zeros(self._rows, dtype=np.bool_)
        for _, mask, _ in self._found:
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
        for reason, found, describe in self._found:
            mask = found if among is None else found & among
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

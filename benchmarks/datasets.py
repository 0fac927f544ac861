"""Which data there is and where it is kept; `benchmarks.make_data` makes it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import run_once

__all__ = ["LOGITS", "Dataset"]

LOGITS = tuple(f"logit_{k}" for k in range(10))
"""Columns of the data of kind ``logits``."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file of seeded data.

    Attributes:
        kind: its maker in `benchmarks.make_data`.
        rows: its length.
        folder: where it is kept.
        suffix: its format, ``parquet`` or ``csv``.
    """

    kind: str
    rows: int
    folder: Path
    suffix: str = "parquet"

    @property
    def path(self) -> Path:
        """The file, which need not exist yet."""
        return self.folder / f"{self.kind}-{self.rows}.{self.suffix}"

    def ensure(self) -> None:
        """Make the file where it is missing, in a process of its own."""
        if not self.path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            run_once(
                [sys.executable, "-m", "benchmarks.make_data", self.kind, str(self.rows),
                 str(self.path)]
            )  # fmt: skip

"""Fixtures for reading predictions: real cases, and helpers that read a data set to its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calaudit.predictions import Chunk, Intake, Predictions, Roles, from_arrays, open_predictions


@dataclass
class Rows:
    """Everything that a data set gave, put together in file order."""

    predictions: Predictions
    intake: Intake
    chunks: list[Chunk]

    @property
    def scores(self) -> Any:
        """All scores, in file order."""
        return np.concatenate([chunk.scores for chunk in self.chunks])

    @property
    def labels(self) -> Any:
        """All labels."""
        return np.concatenate([chunk.labels for chunk in self.chunks])

    @property
    def weights(self) -> Any:
        """All weights."""
        return np.concatenate([chunk.weights for chunk in self.chunks])

    @property
    def numbers(self) -> list[int]:
        """The row numbers of all rows."""
        return [int(n) for chunk in self.chunks for n in chunk.row_numbers()]

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """Columns by role."""
        return {role.role: role.columns for role in self.predictions.roles}

    @property
    def note_codes(self) -> list[str]:
        """The codes of the notes."""
        return [note.code for note in self.predictions.notes]

    def slices(self, index: int = 0) -> list[str]:
        """The texts of one slice column, row by row."""
        return [
            chunk.slices[index].values[code]
            for chunk in self.chunks
            for code in chunk.slices[index].codes
        ]


def collect(predictions: Predictions) -> Rows:
    """Read every unit of an opened data set, and let `finish` judge it."""
    total = Intake()
    chunks: list[Chunk] = []
    with predictions:
        for unit in predictions.units():
            intake = Intake()
            chunks.extend(unit.chunks(intake))
            total = total.merge(intake)
        predictions.finish(total)
    return Rows(predictions, total, chunks)


@pytest.fixture(scope="session")
def read():
    """Open a path or frame with the given roles and read all of it."""

    def read_all(data, *, on_invalid="refuse", task=None, **roles):
        if isinstance(data, Path):
            data = str(data)
        opened = open_predictions(data, roles=Roles(**roles), on_invalid=on_invalid, task=task)
        return collect(opened)

    return read_all


@pytest.fixture(scope="session")
def read_arrays():
    """Open arrays and read all of them."""

    def read_all(y_true, y_prob, **options):
        return collect(from_arrays(y_true, y_prob, **options))

    return read_all


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file of the given name and return its path."""

    def write_file(content, name="preds.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file

"""Figures that tests measure on the way: the largest of each is kept, to be read afterwards."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Measured", "measured"]

RESULTS = "CALAUDIT_RESULTS"
"""The environment variable that names a file to add the figures to, a line of JSON each."""


@dataclass
class Measured:
    """The largest value noted for each figure, and where it was seen."""

    largest: dict[str, tuple[float, str]] = field(default_factory=dict)

    def note(self, figure: str, value: float, where: str) -> float:
        """Note a value and return it."""
        if figure not in self.largest or not value <= self.largest[figure][0]:
            self.largest[figure] = (float(value), where)
        return value


@pytest.fixture(scope="session")
def measured(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Measured]:
    """What these tests measured; kept in measured.json under pytest's base folder."""
    notes = Measured()
    yield notes
    path = tmp_path_factory.getbasetemp() / "measured.json"
    # Each folder of tests has a fixture of its own, and they share the file.
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | notes.largest, indent=1, sort_keys=True))
    if RESULTS in os.environ:
        with Path(os.environ[RESULTS]).open("a", encoding="utf-8") as file:
            for name, (value, where) in sorted(notes.largest.items()):
                file.write(json.dumps({"figure": name, "value": value, "of": where}) + "\n")
    if request.config.getoption("capture") == "no":
        lines = [f"  {name:40} {v:10.3g}  {at}" for name, (v, at) in sorted(notes.largest.items())]
        sys.stderr.write("\n".join(["", *lines, ""]))

"""Figures that tests measure on the way: the largest of each is kept, to be read afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

__all__ = ["Measured", "measured"]


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
    """What was measured in this session; written to measured.json under pytest's temporary root."""
    notes = Measured()
    yield notes
    path = tmp_path_factory.getbasetemp() / "measured.json"
    path.write_text(json.dumps(notes.largest, indent=1, sort_keys=True))
    if request.config.getoption("verbose") > 0:
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line("")
            for figure, (value, where) in sorted(notes.largest.items()):
                reporter.write_line(f"  {figure:32} {value:12.3g}  {where}")

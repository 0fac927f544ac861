"""The search for examples that nobody thought of, beside the fixed ones of the quick round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.simulate
@pytest.mark.slow
def test_properties_hold_for_examples_of_the_day() -> None:
    """Every property is tried on random examples; what fails is told, to become an @example."""
    command = [sys.executable, "-m", "pytest", "tests", "-q", "-n", "0", "--tb=short"]
    chosen = ["-m", "hypothesis and not slow and not peers", "--hypothesis-profile=search"]
    found = subprocess.run(
        [*command, *chosen], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert found.returncode == 0, (
        "a property fails on an example that hypothesis found: mend the fault, and keep the "
        f"example as @example beside the property.\n{found.stdout[-20_000:]}{found.stderr[-2_000:]}"
    )

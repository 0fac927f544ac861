"""Predictions of models in a pipeline, and what a runner reads of a check."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv


def predictions(n: int, seed: int, slope: float = 1.0) -> pa.Table:
    """Return predictions of a calibrated model, or with a slope under 1 of an overconfident one."""
    rng = np.random.default_rng([seed, n])
    z = rng.normal(size=n) * 1.5
    y = (rng.random(n) < 1 / (1 + np.exp(-slope * z))).astype(int)
    region = np.where(np.arange(n) % 2 == 0, "north", "south")
    return pa.table({"row_id": np.arange(n), "score": 1 / (1 + np.exp(-z)), "label": y,
                     "region": region})  # fmt: skip


def write_predictions(path: Path, n: int, seed: int, slope: float = 1.0) -> None:
    """Write such predictions as CSV."""
    arrow_csv.write_csv(predictions(n, seed, slope), path)


def suites(text: str) -> dict[str, dict[str, str]]:
    """Return the attributes of each suite of a JUnit file, by name."""
    return {suite.attrib["name"]: dict(suite.attrib) for suite in ET.fromstring(text)}


def titles(text: str) -> list[tuple[str, str]]:
    """Return the level and the title of each annotation in what was printed."""
    found = [line for line in text.splitlines() if line.startswith("::") and " title=" in line]
    parts = (line[2:].partition("::")[0].split(" title=") for line in found)
    return [(level, title.replace("%3A", ":")) for level, title in parts]

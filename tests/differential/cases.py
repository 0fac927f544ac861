"""Files of predictions in many shapes, from one seeded generator, with what they hold."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["MISSING", "NEGATIVE", "POSITIVE", "Case", "Row", "random_rows"]

Row = tuple[float | None, float | None, float | None]
"""Score, label and weight; None where there is none."""

MISSING = ["", "NA", "N/A", "nan", "NaN", "null", "NULL", "None", "<NA>", "?", "-"]
NEGATIVE = ["0", "0.0", "false", "False", "FALSE", "no", "No"]
POSITIVE = ["1", "1.0", "true", "True", "TRUE", "yes", "Yes"]

NAMES = [
    ("score", "label", "weight"), ("p", "y", "w"), ("Wahrscheinlichkeit", "Größe 1", "Gewicht €"),
    ("probabilité", "étiquette", "poids"), ("得分", "标签", "权重"), ("a b", "c  d", "e.f"),
    ("SCORE", "Label", "wEiGhT"), ("_s", "0l", "w%"), ("x:score", "x:label", "x/weight"),
]  # fmt: skip


@dataclass
class Case:
    """A file, and what is in it.

    Attributes:
        names: of the score, the label and the weight.
        rows: what it holds.
        shape: words for what is special about it.
        delimiter: of text.
    """

    path: Path
    names: tuple[str, str, str]
    rows: list[Row]
    shape: set[str] = field(default_factory=set)
    delimiter: str = ","

    def __str__(self) -> str:
        return f"{self.path.name}: {json.dumps(sorted(self.shape))}"


def random_rows(rng: random.Random, *, most: int = 400) -> list[Row]:
    """Return rows, some of which lack something, with both labels among them."""
    many = rng.choice([2, 3, 10, 50, most])
    gaps = rng.choice([0, 0, 0.02, 0.3])
    rows: list[Row] = [(rng.random(), float(i % 2), rng.uniform(0.1, 3)) for i in range(2)]
    for _ in range(many - 2):
        score = rng.choice([0.0, 1.0, 0.5]) if rng.random() < 0.1 else rng.random()
        row = [score, float(rng.random() < score), rng.uniform(0.1, 3)]
        rows.append(tuple(None if rng.random() < gaps else x for x in row))  # type: ignore[arg-type]
    return rows

"""What was read, what was used, and what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

EXAMPLES = 5
"""How many offending rows are kept for each reason."""


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One offending row: where it is and what stands there."""

    source: int
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """All rows refused for one reason: how many, and the first few in file order."""

    count: int
    examples: tuple[Example, ...]

    def __add__(self, other: Refusal) -> Refusal:
        examples = tuple(sorted(self.examples + other.examples)[:EXAMPLES])
        return Refusal(self.count + other.count, examples)


def added(one: Iterable[float], other: Iterable[float]) -> tuple[float, ...]:
    """Return sums, each of one number of either."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


@dataclass(slots=True)
class Intake:
    """Row counts of one input or part of it; parts add up with `merge`.

    Attributes:
        rows_read: rows seen in the input.
        rows_used: rows that reached the tables.
        rows_left: rows that were passed over, because they belong to another part.
        refused: refusals by reason code (a row refused for two reasons counts in
            both, but only once in ``rows_read - rows_used``).
        parts_seen: units that were read to their end.
        shares: of stated confidences the weight of the rows used, that of those which are right,
            and that of rows without an answer: of those used, and of those left out.
        alone: of the rows that have a judge's score and no label: their number, the sum and the
            sum of squares of their scores, and how many pass.
        as_wrong: of ``rows_used``, those without an answer, which count as wrong, by reason.
        unjudged: rows that were to count so, and are refused: by reason, and by what else is wrong.
        waiting: rows whose label alone is missing, by the value of the first slice column.
    """

    rows_read: int = 0
    rows_used: int = 0
    refused: dict[str, Refusal] = field(default_factory=dict)
    parts_seen: int = 0
    rows_left: int = 0
    shares: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    as_wrong: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    alone: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    waiting: Counter[str] = field(default_factory=Counter)

    def refuse(self, reason: str, count: int, examples: tuple[Example, ...]) -> None:
        """Record ``count`` rows refused for ``reason``, with the first of them."""
        found = Refusal(count, tuple(sorted(examples)[:EXAMPLES]))
        self.refused[reason] = self.refused[reason] + found if reason in self.refused else found

    def merge(self, other: Intake) -> Intake:
        """Return the sum of two intakes; both are left unchanged."""
        merged = Intake(
            self.rows_read + other.rows_read,
            self.rows_used + other.rows_used,
            dict(self.refused),
            self.parts_seen + other.parts_seen,
            self.rows_left + other.rows_left,
            added(self.shares, other.shares),
            self.as_wrong + other.as_wrong,
            self.unjudged + other.unjudged,
            added(self.alone, other.alone),
            self.waiting + other.waiting,
        )
        for reason, refusal in other.refused.items():
            merged.refuse(reason, refusal.count, refusal.examples)
        return merged

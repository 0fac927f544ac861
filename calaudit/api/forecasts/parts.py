"""The coverage of parts of the rows: slices, classes, and widths or sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.forecasts.view import Rows
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.stated_coverage import coverage, deciles, jointly
from calaudit.report.forecast_report import PartResult

Codes = NDArray[np.intp]

FEWEST_ROWS, FEWEST_SETS = 30, 10
"""Rows below which a part has no interval, of numbers and of classes."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the coverage of parts is made of.

    Attributes:
        rows: kept of each row. group: (n,) index of the group of each, or None.
        stated: share that the main interval is to hold. classes: that sets can hold; 0 for others.
        level: of the intervals. seed: of what is simulated.
    """

    rows: Rows
    group: Codes | None
    stated: float
    classes: int
    level: float
    seed: int

    def by_width(self) -> list[PartResult]:
        """Return the coverage by tenths of the widths, or by sizes of the sets.

        Sets without any class, or with all, hold what they hold whatever is stated.
        """
        width = self.rows.width
        some = np.ones(len(width), np.bool_)
        if self.classes:
            some = (width > 0) & (width < self.classes)
        if not some.any():
            return []
        part = deciles(width[some].astype(np.float64))
        return self.of("size" if self.classes else "width", _ranges(width[some], part), part, some)

    def of(
        self, column: str, names: Sequence[str], part: NDArray[Any], some: Any = slice(None)
    ) -> list[PartResult]:
        """Return the coverage of each part of the rows, with intervals of all at once.

        Args:
            column: what parts them.
            names: of the parts.
            part: (n,) which of them each row is of.
            some: which rows these are, where they are not all.
        """
        hit, stated = self.rows.hit[some], self.stated
        at = None if self.group is None else self.group[some]
        rows = np.bincount(part, minlength=len(names)).astype(np.float64)
        hits = np.bincount(part, hit, len(names))
        fewest = FEWEST_SETS if self.classes else FEWEST_ROWS
        used = np.flatnonzero(rows >= fewest)
        if not len(used):
            return []
        off, tables = None, None
        if at is not None:
            size, g = len(names), int(at.max()) + 1
            cell = at * size + part
            tables = [
                np.bincount(cell, w, g * size).reshape(g, size).astype(np.float64)
                for w in (hit.astype(np.float64), np.ones(len(hit)))
            ]
            off = (tables[0] - stated * tables[1])[:, used]
        rng = np.random.default_rng([self.seed, 85])
        joint = jointly(
            hits[used] / rows[used], np.full(len(used), stated), rows[used], rng,
            level=self.level, nested=False, off=off,
        )  # fmt: skip
        results = []
        for k, name in enumerate(names):
            if not rows[k]:
                continue
            each = Estimate(value=float(hits[k] / rows[k]), reason=f"fewer than {fewest} rows")
            if rows[k] >= fewest:
                groups = None if tables is None else (tables[0][:, k], tables[1][:, k])
                each = coverage(float(hits[k]), float(rows[k]), joint.level, groups)
            results.append(
                PartResult(
                    column=column, value=name, rows=int(rows[k]), coverage=each,
                    off=outside(each, stated),
                )
            )  # fmt: skip
        return results


def outside(found: Estimate, stated: float) -> bool:
    """Return whether a share is surely another than was stated."""
    return (
        found.low is not None and found.high is not None and not found.low <= stated <= found.high
    )


def _ranges(width: NDArray[np.float32], part: Codes) -> list[str]:
    """Return what each part of the widths reaches from and to."""
    found = []
    for held in (width[part == k] for k in range(int(part.max(initial=-1)) + 1)):
        ends = [f"{x:.4g}" for x in (held.min(), held.max())] if len(held) else []
        found.append(" to ".join(dict.fromkeys(ends)))
    return found

"""Forecasts of every kind as quantiles and intervals: what each block of rows shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.forecast_scores import (
    central_pairs,
    crosses,
    crps_members,
    crps_normal,
    crps_quantiles,
    interval_score,
    is_symmetric,
    normal_cdf,
    pinball,
)
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.probability_integral import pit_members
from calaudit.predictions.forecasts.layout import ForecastLayout
from calaudit.predictions.forecasts.rows import ForecastBlock

Floats = NDArray[np.float64]

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Levels at which normal laws, and ensembles of many members, are looked at."""

MAIN = 0.9
"""Level of the interval that a report leads with, or the nearest one that there is."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What rows show, kept for each: float32 where that is precise enough.

    Attributes:
        width: of the main interval, or size of the set. hit: whether it holds y.
        ratio: |y − middle| over half of it. pit: where in its forecast y fell. (0,) for others.
    """

    width: NDArray[np.float32]
    ratio: NDArray[np.float32]
    hit: NDArray[np.bool_]
    pit: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """How a kind of forecast is looked at.

    Attributes:
        kind: of the forecasts. levels: of their quantiles; () for intervals and sets.
        names: what each column of quantiles, or end of intervals, is called.
        pairs: lower and upper column of each interval, and what it states.
        central: whether misses are as likely on either side as on the other by what is stated.
        main: which of the pairs leads. ranks: of sorted members that are looked at.
    """

    kind: str
    levels: tuple[float, ...]
    names: tuple[str, ...]
    pairs: tuple[tuple[int, int, float], ...]
    central: bool
    main: int
    ranks: tuple[int, ...] = ()

    @property
    def figures(self) -> list[str]:
        """The figures of a row, in the order of `figures_of`."""
        pairs = range(len(self.pairs))
        sets = self.kind == "sets"
        each = ("hit", "width") if sets else ("hit", "below", "above", "width", "score")
        names = [f"{name}{i}" for i in pairs for name in each]
        if sets:
            names += ["empty", "singletons", "right"]
        if self.levels:
            names += [f"level{i}" for i in range(len(self.levels))]
            names += [f"tie{i}" for i in range(len(self.levels))]
            names += ["mean_pinball", "crps", "crossed"]
        return names

    def quantiles(self, values: Floats) -> Floats:
        """Return (n, L) quantiles, or ends of intervals, of (n, C) values."""
        if self.kind == "normal":
            z = np.array([normal_quantile(level) for level in self.levels])
            shown: Floats = values[:, :1] + values[:, 1:] * z
            return shown
        if self.kind == "members":
            return np.sort(values, axis=1)[:, list(self.ranks)]
        return values

    def look(self, block: ForecastBlock, rng: np.random.Generator) -> tuple[list[Any], Rows]:
        """Return the figures of rows, (n,) each, and what is kept of each row."""
        y, values = block.y, block.values
        columns: list[Any] = []
        if self.kind == "sets":
            hits, sizes = values[:, ::2] > 0, values[:, 1::2]
            hit, size = hits[:, self.main], sizes[:, self.main]
            for k in range(len(self.pairs)):
                columns += [hits[:, k], sizes[:, k]]
            columns += [size == 0, size == 1, (size == 1) & hit]
            none = np.zeros(0, np.float32)
            return columns, Rows(size.astype(np.float32), none, hit, none)
        q = self.quantiles(values)
        with np.errstate(invalid="ignore"):
            for i, j, stated in self.pairs:
                low, high = q[:, i], q[:, j]
                below, above = y < low, y > high
                columns += [~(below | above), below, above, high - low]
                columns.append(interval_score(y, low, high, stated))
            pit = np.zeros(0)
            if self.levels:
                pit = self._pit(y, values, q, rng)
                columns += self._of_quantiles(y, values, q)
            i, j, _ = self.pairs[self.main]
            half = 0.5 * (q[:, j] - q[:, i])
            away = np.abs(y - 0.5 * (q[:, i] + q[:, j]))
            ratio = np.where(half > 0, away / np.where(half > 0, half, 1.0),
                             np.where(away > 0, np.inf, 0.0))  # fmt: skip
            ratio = np.where(np.isfinite(half), ratio, 0.0)
        hit = columns[5 * self.main]
        with np.errstate(over="ignore"):
            kept = Rows(*((2 * half).astype(np.float32), ratio.astype(np.float32), hit,
                          pit.astype(np.float32)))  # fmt: skip
        return columns, kept

    def _pit(self, y: Floats, values: Floats, q: Floats, rng: np.random.Generator) -> Floats:
        if self.kind == "normal":
            std = values[:, 1]
            z = (y - values[:, 0]) / np.where(std > 0, std, 1.0)
            certain = np.where(z > 0, np.inf, -np.inf)
            return normal_cdf(np.where((std > 0) | (z == 0), z, certain))
        if self.kind == "members":
            return pit_members(y, values, rng)
        edges = np.array([0.0, *self.levels, 1.0])
        at = np.count_nonzero(q < y[:, None], axis=1)
        pit: Floats = edges[at] + rng.random(len(y)) * (edges[at + 1] - edges[at])
        return pit

    def _of_quantiles(self, y: Floats, values: Floats, q: Floats) -> list[Any]:
        levels = np.array(self.levels)
        loss = pinball(y, q, levels)
        if self.kind == "normal":
            crps = crps_normal(y, values[:, 0], values[:, 1])
        elif self.kind == "members":
            crps = crps_members(y, values)
        else:
            crps = crps_quantiles(loss, levels)
        below = [y <= column for column in q.T]
        ties = [y == column for column in q.T]
        return [*below, *ties, loss.mean(axis=1), crps, crosses(q)]

    @property
    def symmetric(self) -> bool:
        """Whether twice the mean pinball loss is the WIS."""
        return self.kind == "quantiles" and is_symmetric(self.levels)


def view_of(layout: ForecastLayout) -> View:
    """Return how the forecasts of a layout are looked at."""
    kind, levels, names = layout.kind, layout.levels, layout.columns
    ranks: tuple[int, ...] = ()
    if kind == "sets":
        if len(levels) < len(names):  # of flags
            names = (f"{names[0]} … {names[-1]}",)
        pairs = tuple((i, i, stated) for i, stated in enumerate(levels))
        return View(kind, (), names, pairs, False, _main(pairs))
    if kind == "intervals":
        pairs = tuple((2 * i, 2 * i + 1, stated) for i, stated in enumerate(levels))
        return View(kind, (), names, pairs, True, _main(pairs))
    if kind == "normal":
        levels = LEVELS
    if kind == "members":
        m = len(names)
        wanted = (
            [round(level * (m + 1)) for level in LEVELS] if m > 2 * len(LEVELS) else range(m + 1)
        )
        ranks = tuple(sorted({rank - 1 for rank in wanted if 1 <= rank <= m}))
        levels = tuple((rank + 1) / (m + 1) for rank in ranks)
    if kind != "quantiles":
        names = tuple(f"{level:.3g}" for level in levels)
    found = central_pairs(levels)
    central = bool(found)
    pairs = tuple(found) or ((0, len(levels) - 1, levels[-1] - levels[0]),)
    return View(kind, levels, names, pairs, central, _main(pairs), ranks)


def _main(pairs: tuple[tuple[int, int, float], ...]) -> int:
    return min(range(len(pairs)), key=lambda i: (abs(pairs[i][2] - MAIN), -pairs[i][2]))

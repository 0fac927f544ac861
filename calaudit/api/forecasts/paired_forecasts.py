"""Forecasts beside others of the same rows: differences of their scores, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calaudit.api.forecasts.sums import RowSums
from calaudit.api.forecasts.view import view_of
from calaudit.errors import InputError, SettingsError
from calaudit.predictions.forecasts.layout import ForecastLayout
from calaudit.predictions.forecasts.rows import ForecastBlock
from calaudit.report.forecast_report import ForecastDifference


@dataclass(slots=True)
class Scores:
    """What forecasts score in each row, (n,) arrays by name; "y" is what came true."""

    name: str
    layout: ForecastLayout
    group: str | None = None
    kept: list[dict[str, Any]] = field(default_factory=list)

    def add(self, block: ForecastBlock) -> None:
        """Keep the scores of rows."""
        view = view_of(self.layout)
        figures, _ = view.look(block, np.random.default_rng(0))
        found = dict(zip(view.figures, figures, strict=True))
        wis = {"wis": 2.0 * found["mean_pinball"]} if view.symmetric else {}
        size = ("set_size", "width") if view.kind == "sets" else ("interval_score", "score")
        ends = {"coverage": f"hit{view.main}", size[0]: f"{size[1]}{view.main}"}
        held = {new: found[old].astype(np.float64) for new, old in ends.items()}
        more: Any = {name: found[name] for name in ("crps", "mean_pinball") if name in found}
        groups = {} if self.group is None else {"group": block.codes[self.group]}
        self.kept.append({"y": block.y, **groups, **held, **wis, **more})

    def whole(self) -> dict[str, Any]:
        """Return the scores of all rows."""
        return {k: np.concatenate([block[k] for block in self.kept]) for k in self.kept[0]}


def differences(mine: Scores, others: Sequence[Scores], level: float) -> list[ForecastDifference]:
    """Return the scores of forecasts less those of each of the others, on the same rows.

    Student's t of paired rows, with groups that of groups; of several others all hold at once
    (Bonferroni).

    Raises:
        InputError: rows are not the same: their number, or what came true in one, differs.
        SettingsError: nothing that both have can be compared.
    """
    ours, found, level = mine.whole(), [], 1.0 - (1.0 - level) / len(others)
    for other in others:
        theirs = other.whole()
        if len(ours["y"]) != len(theirs["y"]) or (ours["y"] != theirs["y"]).any():
            n = min(len(ours["y"]), len(theirs["y"]))
            at = int(np.argmax(np.append(ours["y"][:n] != theirs["y"][:n], True)))
            raise InputError(
                f"{other.name}: forecasts are compared on the same rows in the same order, and "
                f"row {at + 1:,} of those used is another: what came true differs. Sort both "
                "alike, and leave the same rows out of both"
            )
        skip = {"y", "group"}
        a, b = view_of(mine.layout), view_of(other.layout)
        if a.levels != b.levels:
            skip |= {"wis", "mean_pinball"}
        if "quantiles" in (a.kind, b.kind) and (a.kind, a.levels) != (b.kind, b.levels):
            skip.add("crps")  # which of a few levels is less than that of the law
        if a.pairs[a.main][2] != b.pairs[b.main][2]:
            skip |= {"coverage", "interval_score", "set_size"}
        names = [name for name in ours if name in theirs and name not in skip]
        if not names:
            raise SettingsError(f"{other.name}: states other shares: nothing can be compared")
        sums = RowSums(names, grouped=mine.group is not None)
        less = [_less(ours[name], theirs[name]) for name in names]
        sums.add(less, ours.get("group"))
        found += [
            ForecastDifference(
                other=other.name, metric=name, value=float(ours[name].mean()),
                before=float(theirs[name].mean()),
                difference=sums.estimate(name, level, at_least=-np.inf),
            )
            for name in names
        ]  # fmt: skip
    return found


def _less(ours: Any, theirs: Any) -> Any:
    """Return the differences of rows; 0 for what rounding can make."""
    less = ours - theirs
    return np.where(np.abs(less) > 1e-12 * (np.abs(ours) + np.abs(theirs)), less, 0.0)

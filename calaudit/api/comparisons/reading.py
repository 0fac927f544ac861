"""One model of a comparison: its report, and its rows where they are matched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from calaudit.api.comparisons.sides import Side, is_perturbed
from calaudit.api.evaluation import evaluated
from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.rows.keyed_rows import KeyedRows, RowKeeper
from calaudit.options.commands import CompareOptions
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import Codes
from calaudit.report.compare_report import Model
from calaudit.report.evaluation_report import Report
from calaudit.tables.binning import equal_width
from calaudit.tables.summary import SummaryBuilder
from calaudit.tables.views import View


class _Keeping(SummaryBuilder):
    """A `SummaryBuilder` that hands on every row, too."""

    def __init__(self, keeper: RowKeeper, **more: Any) -> None:
        super().__init__(**more)
        self._keeper = keeper

    def add_view(self, chunk: Chunk, view: View) -> None:
        """Add the rows of a chunk whose view is known."""
        super().add_view(chunk, view)
        self._keeper.add(chunk, view)


def read_side(
    side: Side,
    *,
    options: CompareOptions,
    settings: Settings,
    paired: bool,
    keys: Codes | None = None,
    more: Callable[[Chunk, View], dict[str, Any]] | None = None,
) -> tuple[Model, KeyedRows | None]:
    """Return a model, and its rows where they are matched.

    Args:
        side: the model.
        options: of the comparison.
        settings: of its evaluation.
        paired: whether rows are matched.
        keys: of the rows that are wanted; None for all.
        more: returns further parts of the rows of a chunk.
    """
    if side.opened is None:
        assert side.report is not None
        return Model(name=side.name, report=slim(side.report, whole=True)), None
    column, opened = options["id"], side.opened
    binning = equal_width(settings.bins, settings.convention, "float64")
    progress = options["progress"]
    stage = getattr(progress, "stage", None)
    if stage is not None:
        stage(f"Reading {side.name}")
    with opened(id=column, keys=keys) as predictions:
        named: Any = {"group": predictions.group, "stated": predictions.task == "top-label"}
        several = getattr(predictions.sources[0], "labels", None) is not None
        named |= {"by": predictions.by, "within": several, "predicted": is_perturbed(options)}
        named["gathered"] = options["samples"] is not None
        named["more"] = more
        keeper = RowKeeper(binning, settings.clip, column, **named)
        make = partial(_Keeping, keeper, scale=predictions.scale) if paired else None
        report, _ = evaluated(predictions, settings, progress, make)
        report = replace(report, settings=report.settings | {"declared": predictions.declared})
    rows = keeper.rows(side.name, partial(opened, id=column)) if paired else None
    return Model(name=side.name, report=slim(report, whole=not paired)), rows


def slim(report: Report, *, whole: bool = False) -> Report:
    """Return a report without what a comparison does not show; the ``whole`` with its table."""
    table = report.table if whole else {}
    return replace(report, histogram=(), by_class=(), slices=(), worst=(), table=table)

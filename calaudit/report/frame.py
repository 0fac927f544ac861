"""The figures of a report by name: as a pandas frame, and flat, as loggers take them."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from calaudit.metrics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from calaudit.report.rendered import Rendered

Figures = dict[tuple[str, ...], Estimate | float | None]
"""Figures by the parts of their names, such as ("smece", "before")."""

NUMBERS = ("value", "low", "high", "level", "unbiased", "noise_floor", "p_value", "error_bound")
COLUMNS = (*NUMBERS, "df", "method", "reason")

_UNSAFE = re.compile("[^A-Za-z0-9_]+")
"""What some logger takes in no name."""


def to_frame(report: Rendered) -> pd.DataFrame:
    """Return the figures, one row each, indexed by name; what is missing is NaN or None."""
    import pandas as pd

    from calaudit.report.kinds import kind_of

    names, figures = kind_of(report).index, report.figures
    rows = [_fields(figure) for figure in figures.values()]
    index: pd.Index = (
        pd.MultiIndex.from_tuples(list(figures), names=names)
        if len(names) > 1
        else pd.Index([part for (part,) in figures], name=names[0])
    )
    frame = pd.DataFrame(rows, index=index, columns=COLUMNS)
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype("float64")
    frame["df"] = frame["df"].astype("Int64")
    return frame


def to_scalars(report: Rendered) -> dict[str, float]:
    """Return the figures under flat names; those that are missing or infinite are left out."""
    found: dict[str, float] = {}
    taken: set[str] = set()
    for parts, figure in report.figures.items():
        name = _UNSAFE.sub("_", "_".join(filter(None, parts)))
        name += f"_{len(taken)}" if name in taken else ""
        taken.add(name)
        fields = _fields(figure)
        for field in NUMBERS:
            value = fields.get(field)
            if value is not None and field != "level" and math.isfinite(value):
                found[name if field == "value" else f"{name}_{field}"] = float(value)
    return found


def _fields(figure: Estimate | float | None) -> dict[str, float | None]:
    return asdict(figure) if isinstance(figure, Estimate) else {"value": figure}

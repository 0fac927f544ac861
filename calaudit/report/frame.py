"""The metrics of a report as a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from calaudit.metrics.estimate import Estimate
    from calaudit.report.audit_report import AuditReport
    from calaudit.report.evaluation_report import Report

__all__ = ["frame_of", "frame_of_sides", "to_frame"]

NUMBERS = ("value", "low", "high", "level", "unbiased", "noise_floor", "p_value", "error_bound")
COLUMNS = (*NUMBERS, "df", "method", "reason")


def to_frame(report: Report) -> pd.DataFrame:
    """Return the metrics, one row each, indexed by name; what is missing is NaN or None."""
    return frame_of(list(report.metrics.values()), list(report.metrics))


def frame_of(estimates: Sequence[Estimate], names: Sequence[str | tuple[str, str]]) -> pd.DataFrame:
    """Return estimates, one row each, indexed by the name of a metric, or of model and metric."""
    import pandas as pd

    rows = [asdict(estimate) for estimate in estimates]
    if names and isinstance(names[0], tuple):
        index: Any = pd.MultiIndex.from_tuples(list(names), names=["model", "metric"])
    else:
        index = pd.Index(list(names), name="metric")
    frame = pd.DataFrame(rows, index=index, columns=COLUMNS)
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype("float64")
    frame["df"] = frame["df"].astype("Int64")
    return frame


def frame_of_sides(report: AuditReport) -> pd.DataFrame:
    """Return the metrics of an audit before and after its calibrator, side by side in rows."""
    import pandas as pd

    sides = {"before": report.before} | ({} if report.after is None else {"after": report.after})
    frames = {name: to_frame(side) for name, side in sides.items()}
    both = pd.concat(frames, names=["side"]).swaplevel()
    return both.reindex(
        [(metric, name) for metric in report.before.metrics for name in frames]
    ).rename_axis(["metric", "side"])

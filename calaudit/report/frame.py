"""The metrics of a report as a pandas frame."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from calaudit.report.audit_report import AuditReport
    from calaudit.report.evaluation_report import Report

__all__ = ["frame_of_sides", "to_frame"]

NUMBERS = ("value", "low", "high", "level", "unbiased", "noise_floor", "p_value", "error_bound")
COLUMNS = (*NUMBERS, "df", "method", "reason")


def to_frame(report: Report) -> pd.DataFrame:
    """Return the metrics, one row each, indexed by name; what is missing is NaN or None."""
    import pandas as pd

    rows = [asdict(estimate) for estimate in report.metrics.values()]
    frame = pd.DataFrame(rows, index=pd.Index(list(report.metrics), name="metric"), columns=COLUMNS)
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

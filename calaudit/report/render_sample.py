"""Rows to label as delimited text, which evaluate reads when the labels are filled in."""

from __future__ import annotations

import csv
import io

from calaudit.errors import SettingsError
from calaudit.report.estimate_report import EstimateReport


def render_sample(report: EstimateReport) -> str:
    """Return the rows of the sample as CSV, with their weights and an empty label.

    Raises:
        SettingsError: no rows were chosen.
    """
    if report.sample is None:
        raise SettingsError("a .csv file holds the rows to label: say how many with --sample")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(report.sample.header)
    writer.writerows(report.sample.rows)
    return out.getvalue()

"""The certificate of a fit as the tests read it."""

from __future__ import annotations

import io

from rich.console import Console

from calaudit.calibrators.base import Calibrator
from calaudit.report.console import render_console
from calaudit.report.fit_report import FitReport

__all__ = ["fit_text"]


def fit_text(calibrator: Calibrator, width: int = 100) -> str:
    """Return the certificate as plain text of a fixed width, without colours."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    render_console(FitReport(calibrator=calibrator), console, full=True)
    return stream.getvalue()

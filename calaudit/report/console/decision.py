"""The report of ``calaudit threshold``: its sections, and what is asked and found in a line."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.closing import note_lines, role_lines
from calaudit.report.console.cutoffs import guarantee_lines, plateau_lines, sensitivity_lines
from calaudit.report.console.diagram_cost import cost_lines as diagram_lines
from calaudit.report.console.grid import hanging
from calaudit.report.console.matrix import decided_lines, matrix_lines
from calaudit.report.console.opening import data_lines, sentence_lines
from calaudit.report.console.options import cost_lines, option_lines, volume_lines
from calaudit.report.console.outcomes import (
    class_cutoff_lines,
    slice_outcome_lines,
    truth_lines,
)
from calaudit.report.console.page import Page, styled
from calaudit.report.content.opening import aurc_sentence, told
from calaudit.report.decision import DecisionReport

__all__ = ["DECISION_SECTIONS"]


def recommendation_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the recommendation, its first sentence in bold."""
    lead = styled(f"{page.glyphs.arrow} ", "bold cyan")
    return sentence_lines(report.sentence, lead, page)


def asked_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return what was read, and what was taken for granted."""
    lines = data_lines(report, page)
    text = f" {page.glyphs.dot} ".join(told(report.settings))
    return lines + (hanging(page.ours(text), width=page.prose) if text else [])


def risk_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the area under the risk–coverage curve."""
    text = aurc_sentence(report)
    return hanging(page.ours(text), width=page.prose) if text else []


def curve_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the curve to decide by where pictures are drawn, or why there is none."""
    if not page.plot:
        return []
    none = "There is none to draw: that takes costs and one pair of cutoffs, or confidences."
    return diagram_lines(report, page) or hanging(page.ours(none, "dim"), width=page.prose)


DECISION_SECTIONS = (
    ("", recommendation_lines),
    ("", asked_lines),
    ("Curve", curve_lines),
    ("Options", option_lines),
    ("Cost per 1,000 cases", cost_lines),
    ("Volumes", volume_lines),
    ("Recommended option on these rows", truth_lines),
    ("Decisions, cost per 1,000 cases", matrix_lines),
    ("Cases by smallest expected cost", decided_lines),
    ("Cutoffs by class", class_cutoff_lines),
    ("Limits", guarantee_lines),
    ("Range", plateau_lines),
    ("If assumptions change", sensitivity_lines),
    ("Risk and coverage", risk_lines),
    ("Slices", slice_outcome_lines),
    ("Notes", note_lines),
    ("Columns", role_lines),
)
"""Sections in the order in which they are read; one without lines is left out."""

"""The report of ``calaudit threshold``: its sections, and what is asked and found in a line."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from calaudit.report.console.closing import note_lines, role_lines
from calaudit.report.console.cutoffs import guarantee_lines, plateau_lines, sensitivity_lines
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
from calaudit.report.decision import DecisionReport
from calaudit.report.numbers import integral_percent, places, shown, shown_interval

__all__ = ["DECISION_SECTIONS"]


def recommendation_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the recommendation, its first sentence in bold."""
    lead = styled(f"{page.glyphs.arrow} ", "bold cyan")
    return sentence_lines(report.sentence, lead, page)


def asked_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return what was read, and what was taken for granted."""
    lines = data_lines(report, page)
    text = f" {page.glyphs.dot} ".join(_told(report.settings))
    return lines + (hanging(page.ours(text), width=page.prose) if text else [])


TOLD = {
    "cost_fp": "false alarm costs {}",
    "cost_fn": "missed positive costs {}",
    "cost_error": "error costs {}",
    "cost_review": "review costs {}",
    "benefit_tp": "acting on a positive earns {}",
    "benefit_tn": "letting a negative pass earns {}",
}
"""Setting → what was told, in words."""


def _told(settings: dict[str, Any]) -> list[str]:
    told = [text.format(_number(settings[key])) for key, text in TOLD.items() if key in settings]
    most, cases = settings.get("max_review"), settings.get("per_day")
    if isinstance(most, str):  # a percentage
        told.append(f"at most {most} of the cases reviewed")
    elif most is not None:
        told.append(f"at most {_number(most)} reviews{' a day' if cases else ''}")
    if cases is not None:
        told.append(f"{_number(cases)} cases a day")
    if "prevalence" in settings:
        source = "estimated" if "prevalence_estimate" in settings else "assumed"
        told.append(f"{integral_percent(settings['prevalence'])} positive, {source}")
    return told


def _number(value: float) -> str:
    return f"{value:,.12g}"


def risk_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the area under the risk–coverage curve."""
    area = report.aurc
    if area is None or area.value is None:
        return []
    width = None if area.low is None or area.high is None else area.high - area.low
    decimals = places(area.value, width=width)
    interval = shown_interval(area.low, area.high, decimals, "number")
    text = f"AURC {shown(area.value, decimals)}{f' ({interval})' if interval else ''}: the mean "
    text += "error over all numbers of accepted predictions, from the most confident on."
    return hanging(page.ours(text), width=page.prose)


DECISION_SECTIONS = (
    ("", recommendation_lines),
    ("", asked_lines),
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

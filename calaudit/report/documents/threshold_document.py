"""The document of ``calaudit threshold``."""

from __future__ import annotations

from calaudit.report.content.option_table import level_of
from calaudit.report.content.verdict_lines import told
from calaudit.report.document import Document, Section, drawing
from calaudit.report.documents.decision_sections import decision_sections
from calaudit.report.documents.shared_parts import (
    answer,
    data_parts,
    report_document,
    rows_fact,
    settings_fact,
)
from calaudit.report.threshold_report import DecisionReport


def threshold_document(report: DecisionReport) -> Document:
    """Return what is shown of a recommendation."""
    first = answer(
        report.sentence,
        report.lead,
        status="advice",
        size="advice",
        data=data_parts(report, report.groups),
        told=told(report.settings),
        intake=report.intake,
    )
    pictures = [
        drawing("cost", "pictures.cost:cost", report, chart="charts.cost_chart:cost_chart"),
        drawing(
            "risk-coverage",
            "pictures.risk:risk_coverage",
            report,
            chart="charts.risk_chart:decision_chart",
        ),
    ]
    sections = [
        Section(name="pictures", title="Pictures", blocks=pictures, short=True),
        *decision_sections(report),
    ]
    facts = [rows_fact(report.intake), settings_fact(report)]
    return report_document(report, first, sections, level=level_of(report), facts=facts)

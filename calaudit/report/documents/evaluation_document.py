"""The document of ``calaudit evaluate``."""

from __future__ import annotations

from calaudit.report.document import Document, Section, drawing
from calaudit.report.documents.classic_figures import classic_section, wrong_section
from calaudit.report.documents.group_tables import class_section, grade_section, slice_section
from calaudit.report.documents.headline_figures import headline_blocks, level_of
from calaudit.report.documents.reliability_drawing import reliability_table
from calaudit.report.documents.shared_parts import (
    answer,
    data_parts,
    read_parts,
    report_document,
    rows_fact,
    settings_fact,
)
from calaudit.report.evaluation_report import Report


def evaluation_document(report: Report) -> Document:
    """Return what is shown of an evaluation."""
    verdict = report.verdict
    first = answer(
        verdict.sentence,
        verdict.lead,
        status=verdict.status,
        size=verdict.size,
        data=data_parts(report, report.groups),
        told=read_parts(report.roles),
        intake=report.intake,
    )
    cards, table = headline_blocks(report)
    figures = [
        cards,
        drawing(
            "reliability",
            "pictures.reliability_picture:reliability",
            report,
            chart="charts.reliability_chart:reliability_chart",
            table=reliability_table(report),
        ),
        table,
    ]
    pictures = [
        drawing("histogram", "pictures.histogram_picture:histogram", report),
        drawing("classes", "pictures.multiples:classes", report),
        drawing("slices", "pictures.multiples:slices", report),
        drawing("decision-curve", "pictures.benefit:decision_curve", report),
    ]
    sections = [
        Section(name="figures", title="Figures", blocks=figures, short=True),
        Section(name="pictures", title="Pictures", blocks=pictures),
        grade_section(report),
        class_section(report),
        slice_section(report),
        classic_section(report),
        wrong_section(report),
    ]
    facts = [rows_fact(report.intake), settings_fact(report)]
    return report_document(report, first, sections, level=level_of(report), facts=facts)

"""The document of ``calaudit evaluate``."""

from __future__ import annotations

from calaudit.report.command import command_of
from calaudit.report.document import Document, Section, drawing
from calaudit.report.documents.classic_figures import classic_section, wrong_section
from calaudit.report.documents.group_tables import class_section, slice_section
from calaudit.report.documents.headline_figures import headline_blocks, level_of
from calaudit.report.documents.provenance_section import provenance_section
from calaudit.report.documents.reliability_drawing import reliability_table
from calaudit.report.documents.shared_parts import (
    answer,
    data_parts,
    document,
    notes_section,
    read_parts,
    rows_fact,
    settings_fact,
)
from calaudit.report.evaluation_report import Report

__all__ = ["evaluation_document"]


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
        class_section(report),
        slice_section(report),
        classic_section(report),
        wrong_section(report),
        notes_section(report.notes),
        *provenance_section(
            command=command_of(report),
            files=[("Files", report.inputs)],
            roles=report.roles,
            facts=[rows_fact(report.intake), settings_fact(report), ("Schema", report.schema)],
            settings=report.settings,
        ),
    ]
    return document("evaluate", report.calaudit, level_of(report), first, sections)

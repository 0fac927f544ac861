"""The document of ``calaudit check``."""

from __future__ import annotations

from dataclasses import replace

from calaudit.report.check_report import FAIL, CheckReport
from calaudit.report.document import Document, Section, drawing
from calaudit.report.documents.gate_sections import (
    compared_section,
    open_section,
    plan_section,
    rule_section,
    sides,
)
from calaudit.report.documents.shared_parts import (
    answer,
    report_document,
    rows_fact,
    rows_text,
    settings_fact,
    source_text,
)


def check_document(report: CheckReport) -> Document:
    """Return what is shown of a gate."""
    matched = [f"{name.lower()}: {text}" for name, text in sides(report)]
    named = f"{report.name}: " if report.name else ""
    first = answer(
        f"{named}{report.sentence}",
        f"{named}{report.lead}" if report.lead else "",
        status=report.status,
        size=FAIL if report.breaks(report.status) else report.status,
        data=[rows_text(report.rows, report.groups), report.task, source_text(report.inputs)],
        told=matched,
        intake=report.intake,
    )
    facts = [rows_fact(report.intake), *sides(report), settings_fact(report)]
    picture = drawing("gate", "pictures.gate_picture:gate", report)
    sections = [
        rule_section(report),
        plan_section(report),
        compared_section(report),
        open_section(report),
        Section(name="pictures", title="Pictures", blocks=[picture]),
    ]
    level = float(report.settings.get("level", 0.95))
    found = report_document(report, first, sections, level=level, facts=facts)
    return replace(found, name=report.name, closing=True)

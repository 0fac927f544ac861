"""The document of ``calaudit audit``."""

from __future__ import annotations

from collections.abc import Iterator

from calaudit.report.audit_report import AuditReport
from calaudit.report.check_report import FAIL
from calaudit.report.document import Block, Document, Section, drawing
from calaudit.report.documents.calibrator_sections import calibrator_section
from calaudit.report.documents.classic_figures import classic_section, wrong_section
from calaudit.report.documents.decision_sections import decision_sections, selective_section
from calaudit.report.documents.group_tables import class_section, slice_section
from calaudit.report.documents.headline_figures import compared_blocks, level_of
from calaudit.report.documents.reliability_drawing import reliability_table
from calaudit.report.documents.shared_parts import (
    answer,
    data_parts,
    report_document,
    rows_fact,
    settings_fact,
)


def audit_document(report: AuditReport) -> Document:
    """Return what is shown of an audit."""
    before, verdict = report.before, report.before.verdict
    first = answer(
        report.answer,
        report.lead,
        status=FAIL if report.makes_worse else verdict.status,
        size=FAIL if report.makes_worse else verdict.size,
        data=data_parts(before, before.groups),
        told=[report.division.sentence],
        intake=before.intake,
    )
    facts = [("Fitted and judged", report.division.sentence), settings_fact(report)]
    fitted = "Files that the calibrator was fitted on"
    sections = [
        *_figures(report),
        *_acting(report),
        calibrator_section(report.fitted),
        class_section(report),
        slice_section(report),
        classic_section(before, report.after),
        wrong_section(before, report.after),
    ]
    return report_document(
        report, first, sections, level=level_of(before), roles=before.roles,
        files=[(fitted, report.division.calibration), ("Files", before.inputs)],
        facts=[rows_fact(before.intake), *facts],
    )  # fmt: skip


def _figures(report: AuditReport) -> Iterator[Section]:
    cards, table = compared_blocks(report)
    blocks: list[Block] = [
        cards,
        drawing(
            "reliability",
            "pictures.before_after_picture:before_after",
            report,
            chart="charts.reliability_chart:compared_chart",
            table=reliability_table(report),
        ),
        table,
    ]
    yield Section(name="figures", title="On the rows judged", blocks=blocks, short=True)
    pictures = [
        drawing("histogram", "pictures.histogram_picture:audit_histogram", report),
        drawing("classes", "pictures.multiples:classes", report),
        drawing("slices", "pictures.multiples:slices", report),
        drawing("cost", "pictures.cost:audit_cost", report, chart="charts.cost_chart:audit_chart"),
        drawing(
            "risk-coverage",
            "pictures.risk:audit_risk",
            report,
            chart="charts.risk_chart:audit_chart",
        ),
    ]
    yield Section(name="pictures", title="Pictures", blocks=pictures, short=True)


def _acting(report: AuditReport) -> Iterator[Section]:
    """Yield where to act: by costs and limits that were given, or by the surest cases."""
    decision = report.decision
    if decision is not None:
        told = answer(decision.sentence, decision.lead, status="advice", size="advice")
        yield Section(name="decision", title="Where to act", blocks=[told])
        yield from decision_sections(decision)
    if report.selective is not None:
        yield selective_section(report.selective, level_of(report.before))

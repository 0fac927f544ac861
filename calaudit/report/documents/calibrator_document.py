"""The document of ``calaudit fit``."""

from __future__ import annotations

from calaudit.report.check_report import FAIL
from calaudit.report.content.certificate_text import fitted_on, warnings
from calaudit.report.document import Answer, Document, Section, drawing
from calaudit.report.documents.calibrator_sections import (
    calibrator_sentences,
    candidates_tables,
    check_tables,
    fit_blocks,
)
from calaudit.report.documents.shared_parts import answer, document, notes_section
from calaudit.report.fit_report import FitReport


def calibrator_document(report: FitReport) -> Document:
    """Return what is shown of a calibrator."""
    calibrator = report.calibrator
    against, others = warnings(calibrator)
    data, sentences = fitted_on(calibrator), calibrator_sentences(calibrator)
    if against:
        said = " ".join(remark.text for remark in against)
        advice = " ".join(remark.advice for remark in against if remark.advice)
        first = Answer(
            status=FAIL,
            size=FAIL,
            lead=said,
            rest=" ".join([advice, *sentences]),
            data=data,
        )
    else:
        first = answer(" ".join(sentences), sentences[0], status="advice", size="advice", data=data)
    checks = [*check_tables(calibrator), *candidates_tables(calibrator)]
    picture = drawing("map", "pictures.calibration_map:calibration_map", report)
    sections = [
        Section(name="figures", title="What it is worth", blocks=[picture, *checks], short=True),
        notes_section(others),
        Section(name="fit", title="How it was fitted", blocks=fit_blocks(calibrator)),
    ]
    level = calibrator.certificate.level
    return document("fit", report.calaudit, level, first, sections)

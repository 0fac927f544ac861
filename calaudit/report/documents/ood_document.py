"""The document of ``calaudit ood``."""

from __future__ import annotations

from calaudit.report.content.figure_columns import amounts, rates
from calaudit.report.document import Column, Document, Section, Table, drawing, names
from calaudit.report.documents.shared_parts import answer, report_document
from calaudit.report.numbers import count, counted
from calaudit.report.ood_report import TITLES, OodReport


def ood_document(report: OodReport) -> Document:
    """Return what is shown of rows inside and outside."""
    level = report.settings["level"]
    doubted = any((d.auroc.low or 0.0) <= 0.5 for d in report.leads)
    status = "unknown" if doubted else "advice"
    others = [f"{each.name}: {counted(each.rows, 'row')}" for each in report.sets[1:]]
    first = answer(
        report.sentence, report.lead, status=status, size=status, intake=report.intake,
        data=[f"inside, {report.inside.name}: {counted(report.inside.rows, 'row')}", *others],
    )  # fmt: skip
    inputs = list(dict.fromkeys(file for each in report.sets for file in each.inputs))
    sections = [
        Section(name="acted", title="What is acted on", blocks=_acted(report, level), short=True),
        Section(name="detection", title="Which score tells them apart",
                blocks=[_detection(report, level)], short=True),
        Section(name="pictures", title="Pictures", blocks=[
            drawing("outside", "pictures.ood_pictures:histogram", report),
            drawing("roc", "pictures.ood_pictures:roc", report),
        ]),
    ]  # fmt: skip
    return report_document(report, first, sections, level=level, files=[("Files", inputs)])


def _acted(report: OodReport, level: float) -> list[Table]:
    """Return how many rows of each set are acted on, where a cutoff was given."""
    found = [each.acted for each in report.sets if each.acted is not None]
    if not found or report.cutoff is None:
        return []
    return [
        Table(
            caption="Rows that pass the cutoff",
            columns=[
                names("set", [each.name for each in report.sets]),
                Column(title="rows", cells=[count(each.rows) for each in report.sets],
                       values=[each.rows for each in report.sets], drop=1),
                *rates("acted on", found, level, bounded=True),
            ],
            remarks=[f"The cutoff is {report.cutoff:g}."],
            plain=True,
        )
    ]  # fmt: skip


def _detection(report: OodReport, level: float) -> Table:
    """Return how well each score tells each set from the inside."""
    found = report.detections
    several = len(report.sets) > 2
    columns = [names("set", [d.set for d in found])] if several else []
    columns += [
        names("score", [TITLES[d.score] for d in found], named=False,
              terms=[d.score for d in found]),
        *amounts("AUROC", [d.auroc for d in found], level, decimals=3, term="auroc"),
        *rates("missed", [d.accepted for d in found], level, bounded=True, term="fpr95"),
        *rates("flagged", [d.flagged for d in found], level, bounded=True, drop=1, term="fpr95"),
    ]  # fmt: skip
    for title, each in (
        ("AP outside", [d.outside_precision for d in found]),
        ("AP inside", [d.inside_precision for d in found]),
    ):
        columns += amounts(title, each, level, bounded=False, decimals=3, drop=6,
                           term="average_precision")  # fmt: skip
    return Table(
        caption="Scores, the best first",
        columns=columns,
        remarks=[
            "Missed: outside rows that are accepted where 95 % of the inside rows are kept. "
            "Flagged: inside rows, where 95 % of the outside rows are caught."
        ],
        plain=True,
        nouns="scores",
    )

"""The document of ``calaudit ensemble``."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.content.figure_columns import amounts
from calaudit.report.content.wrong import worst_columns
from calaudit.report.document import Column, Document, Section, Table, drawing, names
from calaudit.report.documents.compare_document import models_table
from calaudit.report.documents.shared_parts import answer, data_parts, report_document
from calaudit.report.ensemble_report import EnsembleReport
from calaudit.report.numbers import shown

TITLES = {
    "predictive_entropy": "entropy of the mean",
    "expected_entropy": "in the data: expected entropy",
    "mutual_information": "in the model: mutual information",
    "mutual_information_corrected": "… of infinitely many members",
    "error_auroc_max_probability": "errors by 1 − largest probability",
    "error_auroc_predictive_entropy": "errors by entropy of the mean",
    "error_auroc_mutual_information": "errors by mutual information",
    "error_auroc_change": "mutual information − largest probability",
    "calibration_change": "log loss: calibrated mean − mean",
}


def ensemble_document(report: EnsembleReport) -> Document:
    """Return what is shown of an ensemble."""
    level, first = report.settings["level"], report.members[0].report
    status = "advice" if any(n.code == "ensemble-mean" for n in report.notes) else "unknown"
    rows, *rest = data_parts(first)
    top = answer(
        report.sentence, report.lead, status=status, size=status,
        data=[rows, f"{len(report.members)} members", *rest],
    )  # fmt: skip
    inputs = list(dict.fromkeys(f for m in report.members for f in m.report.inputs))
    average = {name: f"{report.average(name):.3f}" for name in ("accuracy", "ece", "log_loss")}
    if any(member.report.confidently_wrong.infinite_rows for member in report.members):
        average["log_loss"] = "infinite"
    remark = "A member on average: accuracy {accuracy}, plain ECE {ece}, log loss {log_loss}."
    sections = [
        Section(
            name="members", title="The mean and its members", short=True,
            blocks=[models_table([report.mean, *report.members], remark.format(**average))],
        ),
        Section(name="doubt", title="Doubt", short=True, blocks=[
            _figures(report, "Means over rows, in nats", list(TITLES)[:4],
                     "Intervals are over rows; the spread of the members is none."),
            _figures(report, "AUROC for errors of the mean, and log loss", list(TITLES)[4:]),
        ]),
        Section(name="worst", title="What members dispute", blocks=_worst(report), short=True),
        Section(name="pictures", title="Pictures",
                blocks=[drawing("doubt", "pictures.ensemble_picture:doubt", report)]),
    ]  # fmt: skip
    files = [("Files", inputs)]
    return report_document(report, top, sections, level=level, files=files, roles=first.roles)


def _figures(report: EnsembleReport, caption: str, chosen: Sequence[str], *remarks: str) -> Table:
    found = [report.metrics[name] for name in chosen]
    return Table(
        caption=caption, remarks=remarks,
        columns=[
            names("figure", [TITLES[name] for name in chosen], named=False, terms=chosen),
            *amounts("value", found, report.settings["level"], decimals=3),
        ],
    )  # fmt: skip


def _worst(report: EnsembleReport) -> list[Table]:
    found = report.worst
    votes = [", ".join(f"{name}: {n}" for name, n in each.votes.items()) for each in found]
    information = [each.information for each in found]
    columns = [
        *worst_columns(found),
        Column(title="information", cells=[shown(x, 3) for x in information], values=information,
               term="mutual_information"),
        Column(title="votes", cells=votes, right=False, named=True, whole=True),
    ]  # fmt: skip
    return [Table(caption="Rows of most mutual information", columns=columns)] if found else []

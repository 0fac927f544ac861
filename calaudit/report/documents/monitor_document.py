"""The document of ``calaudit monitor``."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from calaudit.report.check_report import INCONCLUSIVE
from calaudit.report.content.figure_columns import DASH, interval_title
from calaudit.report.document import Column, Document, Section, Table, drawing, names
from calaudit.report.documents.change_table import change_section
from calaudit.report.documents.shared_parts import answer, report_document, source_text
from calaudit.report.monitor_report import MonitorReport, batches_text, evidence_text
from calaudit.report.numbers import count, counted, places, shown, shown_interval

REASONS = {
    "labels": "labels are missing",
    "earlier": "an earlier batch waits",
    "rows": "it is not full",
}


def monitor_document(report: MonitorReport) -> Document:
    """Return what is shown of batches that are watched."""
    level = float(report.settings["level"])
    new = f"{report.new} of {len(report.batches)} batches are new"
    first = answer(
        report.sentence, report.lead, status=report.status,
        size=report.status if report or report.failed else INCONCLUSIVE,
        data=[counted(report.rows, "row"), report.task, source_text(report.inputs)],
        told=[new] if "state" in report.settings else [],
    )  # fmt: skip
    pictures = [
        drawing("evidence", "pictures.monitor_pictures:evidence", report),
        drawing("batches", "pictures.monitor_pictures:batches", report),
    ]
    sections = [
        Section(name="shift", title="What is off", blocks=_shift(report), short=True),
        Section(name="batches", title="Batches", blocks=_batches(report, level), short=True),
        Section(name="waiting", title="Waiting", blocks=_waiting(report), short=True),
        Section(name="threshold", title="Threshold", blocks=_watched(report), short=True),
        change_section(report.change),
        Section(name="pictures", title="Pictures", blocks=pictures),
    ]
    return report_document(report, first, sections, level=level)


def _shift(report: MonitorReport) -> list[Table]:
    shift = report.shift
    if shift is None:
        return []
    scores = shift.scores
    decimals = max(places(*(s.observed - s.stated for s in scores)), 3)
    columns = [
        names("scores", [f"{s.lower:g} to {s.upper:g}" for s in scores]),
        Column(title="rows", cells=[count(s.rows) for s in scores]),
        Column(title="says", cells=[shown(s.stated, decimals) for s in scores]),
        Column(title="is", cells=[shown(s.observed, decimals) for s in scores], tone="strong"),
    ]
    remark = f"Of the batches from {shift.began} on; the surest first."
    return [Table(caption="What is off", columns=columns, remarks=[remark], plain=True)]


def _batches(report: MonitorReport, level: float) -> list[Table]:
    found = report.batches
    if not found:
        return []
    widths = [b.gap.high - b.gap.low for b in found if b.gap.low is not None and b.gap.high]
    decimals = places(width=median(widths or [1.0]))
    columns = [
        names("batch", [b.name for b in found]),
        Column(title="rows", cells=[count(b.rows) for b in found], drop=2),
        Column(title="says", cells=[shown(b.stated, decimals) for b in found], drop=3),
        Column(title="is", cells=[shown(b.observed, decimals) for b in found], drop=3),
        Column(
            title="says less is",
            cells=[shown(b.gap.value, decimals, sign=True) for b in found],
            term="overconfident",
        ),
        Column(
            title=interval_title(level), right=False, drop=1,
            cells=[shown_interval(b.gap.low, b.gap.high, decimals, "number") for b in found],
        ),
    ]  # fmt: skip
    remarks = ["Intervals are of each batch by itself: of many some miss 0 by chance."]
    if report.units == "rows":
        columns.append(
            Column(
                title="evidence", tone="strong", term="evidence",
                cells=[evidence_text(b.log_evidence) for b in found],
                values=[b.log_evidence for b in found],
            )
        )  # fmt: skip
        remarks.append(f"Evidence of all batches so far; an alarm from {report.alarm_at:,.4g} on.")
    else:
        beyond = ["beyond" if b.beyond else "within" for b in found]
        columns.append(Column(title="means", cells=beyond, right=False, term="batch_means"))
        remarks.append("Means of all batches so far, within their limits or beyond.")
    return [
        Table(
            caption="Batches", columns=columns, remarks=remarks, plain=True, nouns="batches",
            rank=[float(len(found) - i) for i in range(len(found))],
        )
    ]  # fmt: skip


def _waiting(report: MonitorReport) -> list[Table]:
    found = report.waiting
    if not found:
        return []
    columns = [
        names("batch", [b.name for b in found]),
        Column(title="rows", cells=[count(b.rows) for b in found]),
        Column(title="labelled", cells=[count(b.labelled) for b in found]),
        Column(title="", cells=[REASONS[b.reason] for b in found], right=False),
    ]
    return [Table(caption="Waiting", columns=columns, plain=True, nouns="batches")]


def _watched(report: MonitorReport) -> list[Table]:
    """Return what a saved threshold does to each batch."""
    pairs = [(b, b.watched) for b in report.batches if b.watched is not None]
    if not pairs:
        return []
    found = [watched for _, watched in pairs]
    columns = [
        names("batch", [b.name for b, _ in pairs]),
        Column(title="act %", cells=_percent([w.act for w in found])),
        Column(title="review %", cells=_percent([w.review for w in found])),
    ]
    if found[0].cost is not None:
        costs = [w.cost for w in found]
        decimals = places(*costs)
        columns.append(Column(title="cost", cells=[shown(c, decimals) for c in costs]))
    for i, first in enumerate(found[0].promises):
        each = [w.promises[i] for w in found]
        wrong = [DASH if not p.rows else f"{100 * p.errors / p.rows:.2f}" for p in each]
        name = first.limit.replace("_", "-")
        columns.append(Column(title=f"errors % ({name})", cells=wrong))
        if report.units == "rows":
            cells = [evidence_text(p.log_evidence) for p in each]
            columns.append(Column(title="evidence", cells=cells, term="evidence", drop=1 + i))
    remarks = []
    if report.capacity is not None:
        over = sum(w.review > report.capacity for w in found)
        remarks.append(
            f"There is room to review {100 * report.capacity:.3g} %; {over} of "
            f"{batches_text(len(found))} would have had more."
        )
    limits = [f"--{p.limit.replace('_', '-')}: {100 * p.value:g} %" for p in found[0].promises]
    remarks += [f"Errors that are allowed: {', '.join(limits)}."] if limits else []
    remarks += ["Costs per 1,000 cases."] if found[0].cost is not None else []
    return [
        Table(
            caption="The saved threshold", columns=columns, remarks=remarks, plain=True,
            nouns="batches", rank=[float(len(found) - i) for i in range(len(found))],
        )
    ]  # fmt: skip


def _percent(shares: Sequence[float]) -> list[str]:
    return [shown(share, 1, "percent") for share in shares]

"""The document of ``calaudit estimate``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.certificate_text import method_name
from calaudit.report.content.figure_columns import (
    DASH,
    estimate_places,
    interval,
    interval_title,
    row_counts,
)
from calaudit.report.document import Column, Document, Section, Table, drawing, names
from calaudit.report.documents.change_table import move_rows
from calaudit.report.documents.shared_parts import (
    answer,
    data_parts,
    report_document,
    rows_fact,
    source_text,
)
from calaudit.report.estimate_report import EstimateReport
from calaudit.report.metric_names import Unit, metric_title, metric_unit
from calaudit.report.numbers import count, counted, p_value, shown

OTHERWISE = {
    "atc": ("accuracy", "Accuracy by ATC", "a rule of thumb without an interval"),
    "base_rate_shift": ("base_rate", "Base rate", "if only the base rate differs"),
    "accuracy_labelled": ("accuracy", "Accuracy", "by labels, if drawn at random"),
    "base_rate_labelled": ("base_rate", "Base rate", "by labels, if drawn at random"),
}
"""Figure under another assumption → its metric, its title, and what it rests on."""

DECIDED: dict[str, tuple[str, Unit]] = {
    "cost": ("Cost per 1,000", "number"),
    "error": ("Wrong without a review", "percent"),
    "precision": ("Right among acted on", "percent"),
    "recall": ("Positives found", "percent"),
    "act_share": ("Acted on", "percent"),
    "review_share": ("Reviewed", "percent"),
    "pass_share": ("Let pass", "percent"),
}
"""What cutoffs do → its title and unit."""

CHANGES = {
    "base-rate": "all log-odds off by the same",
    "confidence": "scores too extreme, or too timid",
}


def estimate_document(report: EstimateReport) -> Document:
    """Return what is shown of an estimate."""
    reference = report.reference
    where = source_text(reference.inputs) if reference.inputs else "a calibrator"
    rows = counted(reference.rows, "labelled row")
    first = answer(
        report.sentence, report.lead, status="unknown", size="unknown",
        data=data_parts(report),
        told=[f"by {method_name(reference.method)} on {rows} of {where}"],
        intake=report.intake,
    )  # fmt: skip
    picture = drawing("expected-accuracy", "pictures.estimate_picture:expected", report)
    sections = [
        Section(name="expected", title="If calibration transfers", blocks=[_expected(report)],
                short=True),
        *_otherwise_section(report),
        *_slices_section(report),
        Section(name="labels", title="What labels would tell", blocks=[_needed(report)],
                short=True),
        *_moves_section(report),
        Section(name="pictures", title="Pictures", blocks=[picture]),
    ]  # fmt: skip
    return report_document(
        report, first, sections, level=report.settings["level"],
        files=[("Files", report.inputs), ("Labelled files", reference.inputs)],
        facts=[rows_fact(report.intake), ("Map", _map(report))],
    )  # fmt: skip


def _map(report: EstimateReport) -> str:
    values = ", ".join(f"{k} = {v:.4g}" for k, v in report.reference.parameters.items())
    return f"{report.reference.method}, {values}"


def _figures(
    metrics: Mapping[str, Estimate], of: Mapping[str, str], level: float
) -> tuple[Column, Column]:
    """Return figures with their units, and their intervals; ``of`` names the metric of each."""
    values, ends = [], []
    for name, each in metrics.items():
        unit = DECIDED[name][1] if name in DECIDED else metric_unit(of.get(name, name))
        decimals = estimate_places(each, unit)
        value = shown(each.value, decimals, unit) or DASH
        values.append(f"{value} %" if unit == "percent" and value != DASH else value)
        ends.append(interval(each, decimals, unit))
    return (
        Column(title="expected", cells=values, values=[e.value for e in metrics.values()],
               tone="strong"),
        Column(title=interval_title(level), cells=ends, right=False),
    )  # fmt: skip


def _expected(report: EstimateReport) -> Table:
    metrics, reference = report.metrics, report.reference
    titles = [DECIDED[n][0] if n in DECIDED else metric_title(n) for n in metrics]
    remarks = ["The interval is for what the labels will show: their own chance, and the map's."]
    if reference.accuracy is not None:
        seen = shown(reference.accuracy, 1, "percent")
        remarks.append(f"In the labelled rows themselves accuracy was {seen} %.")
    return Table(
        caption="If calibration transfers",
        columns=[
            names("figure", titles, named=False, terms=["expected"] * len(titles)),
            *_figures(metrics, {}, report.settings["level"]),
        ],
        remarks=remarks, plain=True,
    )  # fmt: skip


def _otherwise_section(report: EstimateReport) -> Iterator[Section]:
    found = report.otherwise
    if not found:
        return
    of = {name: OTHERWISE[name][0] for name in found}
    table = Table(
        caption="Beside it",
        columns=[
            names("figure", [OTHERWISE[name][1] for name in found], named=False,
                  terms=[name.replace("_", "-") for name in found]),
            *_figures(found, of, report.settings["level"]),
            Column(title="what it rests on", cells=[OTHERWISE[n][2] for n in found], right=False,
                   drop=1),
        ],
        plain=True,
    )  # fmt: skip
    yield Section(name="beside", title="Beside it", blocks=[table], short=True)


def _slices_section(report: EstimateReport) -> Iterator[Section]:
    found = report.slices
    if not found:
        return
    level = report.settings["level"]
    columns = [
        names("slice", [f"{s.column} = {s.value}" for s in found]),
        row_counts([s.rows for s in found]),
    ]
    none = Estimate(value=None)
    for drop, metric in enumerate(report.metrics):
        if metric not in ("accuracy", "auroc", "base_rate"):
            continue
        each = {str(i): s.metrics.get(metric, none) for i, s in enumerate(found)}
        value, ends = _figures(each, dict.fromkeys(each, metric), level)
        columns += [
            Column(title=metric_title(metric).lower(), cells=value.cells, values=value.values,
                   drop=drop),
            Column(title=interval_title(level), cells=ends.cells, right=False, tone="quiet",
                   drop=drop + 3),
        ]  # fmt: skip
    table = Table(
        caption="Slices, if calibration transfers to each", columns=columns, plain=True,
        sortable=True, nouns="slices",
        remarks=["One map for all slices; each figure by itself, with an interval of its own."],
    )  # fmt: skip
    yield Section(
        name="slices", title="Slices, if calibration transfers to each", blocks=[table], short=True
    )


def _needed(report: EstimateReport) -> Table:
    matters = shown(report.settings["matters"], 1, "percent")
    what = {"base-rate": f"the share of positives by {matters} points",
            "confidence": f"accuracy by {matters} points"}  # fmt: skip
    if report.task != "binary":
        what["base-rate"] = f"the share that is right by {matters} points"
    cells = ["no number" if n.labels is None else count(n.labels) for n in report.needed]
    remarks = [
        "Labels of rows drawn at random that show such a change in 80 of 100 cases, by a test "
        "that is wrong in 5 of 100 where there is none."
    ]
    if report.map_p is not None:
        remarks.append(f"By the labels that are there: {p_value(report.map_p)} for one map.")
    return Table(
        caption="What labels would tell",
        columns=[
            names("change of the map", [CHANGES[n.change] for n in report.needed], named=False,
                  terms=["labels-needed"] * len(cells)),
            Column(title="which moves", cells=[what[n.change] for n in report.needed], right=False,
                   drop=1),
            Column(title="labels", cells=cells, values=[n.labels for n in report.needed]),
        ],
        remarks=remarks, plain=True,
    )  # fmt: skip


def _moves_section(report: EstimateReport) -> Iterator[Section]:
    if report.moves is None:
        return
    titles, values, beside = zip(*move_rows(report.moves), strict=True)
    table = Table(
        caption="Did the scores move?",
        columns=[
            names("distance", list(titles), named=False, terms=["changed"] * len(titles)),
            Column(title="figure", cells=list(values)),
            Column(title="beside it", cells=list(beside), right=False, drop=1),
        ],
        plain=True,
    )
    yield Section(name="moved", title="Did the scores move?", blocks=[table])

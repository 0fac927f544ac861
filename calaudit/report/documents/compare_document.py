"""The document of ``calaudit compare``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calaudit.report.compare_report import BETTER, OF_COPIES, CompareReport, Difference, Model
from calaudit.report.content.difference_text import signed_interval, signed_value, unit_of
from calaudit.report.content.figure_columns import DASH, interval_title
from calaudit.report.content.headline import SUFFIX
from calaudit.report.document import Block, Column, Document, Section, Table, drawing, names
from calaudit.report.documents.change_table import change_section
from calaudit.report.documents.headline_figures import level_of
from calaudit.report.documents.shared_parts import answer, report_document
from calaudit.report.metric_names import metric_title, metric_unit
from calaudit.report.numbers import count, counted, p_value, places, shown

WORDS = {1: "better", -1: "worse", 0: "open"}
BROKEN = {
    "accuracy": "accuracy", "overconfidence": "overconfidence", "flips": "flips",
    "silent_flips": "silent",
}  # fmt: skip
"""Figures of perturbed copies, with their titles."""

FIGURES = ("log_loss", "brier", "smece", "auroc", "accuracy", "mean_confidence")


def compare_document(report: CompareReport) -> Document:
    """Return what is shown of a comparison."""
    matching, rows = report.matching, report.baseline.report.intake.rows_used
    told = []
    if matching is not None:
        by = "place" if matching.column is None else matching.column
        told = [f"matched by {by}: {counted(matching.matched, 'row')} of every model"]
    sizes = [count(m.report.intake.rows_used) for m in report.models]
    of_rows = counted(rows, "row") if len(set(sizes)) == 1 else f"{' and '.join(sizes[:3])} rows"
    leads = {d.better for d in report.differences if d.metric == report.leading}
    status = "unknown" if leads == {0} else "advice"
    first = answer(
        report.sentence, report.lead, status=status, size=status,
        data=[of_rows, report.task, f"{len(report.models)} models"], told=told,
    )  # fmt: skip
    inputs = list(dict.fromkeys(f for model in report.models for f in model.report.inputs))
    pictures = [
        drawing("differences", "pictures.compare_pictures:differences", report),
        drawing("reliability", "pictures.compare_pictures:reliability_of_all", report),
        drawing("sliced-differences", "pictures.compare_pictures:slices", report),
        drawing("murphy", "pictures.compare_pictures:murphy", report),
    ]
    sections = [
        Section(name="models", title="Models", short=True, blocks=[
            models_table(report.contenders or report.models, leading=report.leading)
        ]),
        *_broken_section(report),
        Section(name="differences", title="Differences", blocks=list(_differences(report)),
                short=not report.perturbed),
        *_slices_section(report),
        change_section(report.change),
        Section(name="pictures", title="Pictures", blocks=pictures),
        Section(name="more", title="Parts of the difference", blocks=list(_parts(report))),
    ]  # fmt: skip
    base = report.baseline.report
    return report_document(
        report, first, sections, level=level_of(base), files=[("Files", inputs)], roles=base.roles
    )


def models_table(models: Sequence[Model], *remarks: str, leading: str = "log_loss") -> Table:
    """Return the figures of each model, with the p-value of a set of them where it is known."""
    columns = [names("model", [model.name for model in models])]
    for i, metric in enumerate(FIGURES):
        unit = metric_unit(metric)
        points = [model.figure(metric).point for model in models]
        decimals = max(places(*points, unit=unit), 3 if unit == "number" else 1)
        suffix = SUFFIX.get(unit, "")
        cells = [shown(x, decimals, unit) or DASH for x in points]
        if metric == "log_loss":
            lost = [model.report.confidently_wrong.infinite_rows for model in models]
            cells = ["infinite" if n else cell for n, cell in zip(lost, cells, strict=True)]
        columns.append(
            Column(
                title=f"{metric_title(metric).lower()}{suffix}",
                cells=cells, values=points,
                term=metric, tone="strong" if metric == leading else "",
                drop=(0, 3, 0, 4, 0, 2)[i] if metric != leading else 0,
            )
        )  # fmt: skip
    if models[0].p_value is not None:
        best = [f"{model.p_value:.3f}" for model in models]
        columns.append(Column(title="p of set", cells=best, term="model-set", drop=1))
    return Table(
        caption="Each model", columns=columns, remarks=remarks, plain=True, sortable=True,
        nouns="models", rank=[float(i) for i in range(len(models))],
    )  # fmt: skip


def _differences(report: CompareReport) -> Iterator[Block]:
    """Yield how the other models differ from the baseline, and all pairs."""
    found = [d for d in report.differences if d.metric not in OF_COPIES]
    titles = [metric_title(d.metric) if d.metric != "gap" else "Says less is" for d in found]
    several = len(report.models) > 2
    needed = any(d.rows_needed for d in found)
    place = {each.name: i for i, each in enumerate(report.contenders)}
    unit = "rows" if report.groups is None else "groups"
    yield Table(
        caption="Differences from the baseline",
        columns=[
            *_model_names(report, found),
            names("figure", titles, named=False, terms=[_term(d) for d in found]),
            *_interval_columns(report, found),
            Column(title="", cells=[_verdict(d, unit) for d in found], right=False),
        ],
        remarks=[
            *[f"Intervals of all {len(report.models) - 1} models at once."] * several,
            *["Beside open: how many would tell a difference as large as this one."] * needed,
        ],
        plain=True, nouns="differences",
        rank=[1000.0 * (d.metric != report.loss) + place.get(d.model, 0) for d in found],
    )  # fmt: skip
    if report.pairs:
        pairs = report.pairs
        yield Table(
            caption="All pairs",
            columns=[
                names("model", [p.other for p in pairs]),
                names("other model", [p.model for p in pairs]),
                *_interval_columns(report, pairs),
                _p_column(report, pairs, "adjusted", "max-t", drop=0),
            ],
            remarks=[f"{metric_title(report.loss)}, other less model; of all pairs at once."],
            nouns="pairs", rank=[p.estimate.p_value or 0.0 for p in pairs],
        )  # fmt: skip


def _model_names(report: CompareReport, found: Sequence[Difference]) -> list[Column]:
    """Return the models of differences, where there are several."""
    return [names("model", [d.model for d in found])] if len(report.models) > 2 else []


def _interval_columns(
    report: CompareReport,
    found: Sequence[Difference],
    title: str = "difference",
    *,
    drop: int = 1,
) -> list[Column]:
    """Return differences and their intervals, which narrow terminals drop in some order."""
    values = [d.estimate.value for d in found]
    return [
        Column(title=title, cells=[_value(d) for d in found], values=values, tone="strong"),
        Column(title=interval_title(level_of(report.baseline.report)), right=False, drop=drop,
               cells=[signed_interval(d) for d in found]),
    ]  # fmt: skip


def _p_column(
    report: CompareReport, found: Sequence[Difference], title: str, term: str, *, drop: int = 1
) -> Column:
    alpha = 1 - level_of(report.baseline.report)
    tests = [d.estimate.p_value for d in found]
    cells = [DASH if p is None else p_value(p, alpha) for p in tests]
    return Column(title=title, cells=cells, right=False, term=term, drop=drop)


def _value(difference: Difference) -> str:
    unit = unit_of(difference.metric)
    text = signed_value(difference)
    return f"{text}{SUFFIX.get(unit, '')}" if text else DASH


def _term(difference: Difference) -> str:
    return "overconfident" if difference.metric == "gap" else difference.metric


def _verdict(difference: Difference, unit: str) -> str:
    """Return what a difference says."""
    if difference.estimate.value is None:
        return "infinite" if difference.metric == "log_loss" else ""
    if difference.same:
        return "same"
    if difference.told and not BETTER[difference.metric]:
        return "more" if difference.told > 0 else "less"
    needed = difference.rows_needed
    rows = "" if needed is None else f", {count(int(float(f'{needed:.2g}')))} {unit}"
    return f"{WORDS[difference.better]}{rows}"


def _broken_section(report: CompareReport) -> Iterator[Section]:
    """Yield what perturbed copies of the rows break, one a row."""
    if not report.perturbed:
        return
    found = [report.of(model.name) for model in report.models[1:]]
    columns = [names("copy", [model.name for model in report.models[1:]])]
    for i, (metric, title) in enumerate(BROKEN.items()):
        columns += _interval_columns(report, [d[metric] for d in found], title, drop=2 + i)
    columns.append(_p_column(report, [d["accuracy"] for d in found], "p of accuracy", "perturbed"))
    remark = f"Less {report.baseline.name}; silent are shares of the flips."
    several = f" Intervals and p (Holm) of all {len(found)} copies at once." * (len(found) > 1)
    table = Table(
        caption="What breaks", columns=columns, plain=True, sortable=True, nouns="copies",
        remarks=[remark + several],
    )  # fmt: skip
    yield Section(name="broken", title="What breaks", blocks=[table], short=True)


def _slices_section(report: CompareReport) -> Iterator[Section]:
    """Yield how the models differ in each slice, by the leading figure, the worst first."""
    if not report.slices:
        return
    found = [each.difference for each in report.slices]
    name = f"{metric_title(found[0].metric)}, less that of {report.baseline.name}"
    told = [_verdict(d, "") if d.estimate.low is not None else "too few rows" for d in found]
    table = Table(
        caption="Differences by slice",
        columns=[
            names("slice", [f"{s.column} = {s.value}" for s in report.slices]),
            *_model_names(report, found),
            Column(title="rows", cells=[count(s.rows) for s in report.slices]),
            *_interval_columns(report, found, drop=2),
            _p_column(report, found, "p (Holm)", "comparison"),
            Column(title="", cells=told, right=False),
        ],
        plain=True, sortable=True, nouns="slices",
        remarks=[
            f"{name}; the surely worst first. Intervals and p of {report.judged} at once."
        ],
    )  # fmt: skip
    yield Section(name="slices", title="Slices", blocks=[table], short=True)


def _parts(report: CompareReport) -> Iterator[Block]:
    """Yield the parts of the Brier score, and who is right where."""
    parts = ("corp_mcb", "corp_dsc", "corp_unc")
    values = {m.name: [m.report.metrics[p].value or 0.0 for p in parts] for m in report.models}
    base = values.pop(report.baseline.name)
    rows = [[b - a for a, b in zip(base, v, strict=True)] for v in values.values()]
    rows = [[mcb - dsc + unc, mcb, dsc, unc] for mcb, dsc, unc in rows]
    columns = zip(("Brier", "MCB", "DSC", "UNC"),
                  zip(*rows, strict=True), strict=True)  # fmt: skip
    remarks = ["Brier score = MCB - DSC + UNC, each less that of the baseline."]
    if report.task != "binary":
        remarks.append("Of the confidence in being right.")
    yield Table(
        caption="Parts of the difference",
        columns=[
            names("model", list(values)),
            *(Column(title=title, cells=[shown(x, 4, sign=True) for x in column], term="corp_mcb")
              for title, column in columns),
        ],
        remarks=remarks,
    )  # fmt: skip
    if report.agreement:
        yield _agreement(report)


def _agreement(report: CompareReport) -> Table:
    counts: Sequence[Sequence[float]] = list(report.agreement.values())
    titles = ("both right", "only the baseline", "only the model", "neither")
    columns = [names("model", list(report.agreement))]
    columns += [
        Column(title=title, cells=[f"{each[i]:,.10g}" for each in counts])
        for i, title in enumerate(titles)
    ]
    tests = {d.model: d.estimate.p_value for d in report.differences if d.metric == "accuracy"}
    columns.append(
        Column(title="p (mid, exact)", right=False, term="mcnemar", drop=1,
               cells=[", ".join(p_value(x) for x in (tests[name], *each[4:]) if x is not None)
                      for name, each in report.agreement.items()])
    )  # fmt: skip
    return Table(caption="Agreement", columns=columns)

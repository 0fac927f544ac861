"""The document of ``calaudit forecast``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import (
    DASH,
    estimate_places,
    interval,
    interval_title,
    rates,
    row_counts,
)
from calaudit.report.document import Column, Document, Mark, Section, Table, drawing, names
from calaudit.report.documents.shared_parts import (
    answer,
    report_document,
    rows_fact,
    rows_text,
    source_text,
)
from calaudit.report.forecast_report import ForecastReport, PartResult
from calaudit.report.metric_names import metric_title, metric_unit
from calaudit.report.numbers import counted, integral_percent, p_value, places, shown

KINDS = {
    "intervals": "intervals", "quantiles": "quantiles", "normal": "normal laws",
    "members": "ensembles", "sets": "sets of classes",
}  # fmt: skip
STATUS = {
    "calibrated": ("calibrated", "none"), "unknown": ("unknown", "unknown"),
    "too narrow": ("overconfident", "large"), "too wide": ("underconfident", "moderate"),
    "biased": ("miscalibrated", "large"), "off": ("miscalibrated", "moderate"),
}  # fmt: skip
"""Status → the mark of the answer, and its size."""

OFF, RIGHT = Mark("overconfident", "moderate"), None


def forecast_document(report: ForecastReport) -> Document:
    """Return what is shown of forecasts."""
    level = report.settings["level"]
    status, size = STATUS[report.status]
    used = rows_text(report.intake.rows_used, report.groups)
    first = answer(
        report.sentence, report.lead, status=status, size=size,
        data=[used, KINDS[report.kind], source_text(report.inputs)], intake=report.intake,
    )  # fmt: skip
    pictures = [
        drawing("coverage", "pictures.forecast_pictures:coverage", report),
        drawing("pit", "pictures.forecast_pictures:pit", report),
        drawing("by-class", "pictures.forecast_pictures:by_class", report),
        drawing("widths", "pictures.forecast_pictures:widths", report),
    ]
    what, title = ("size", "Sets") if report.kind == "sets" else ("width", "Intervals")
    sections = [
        Section(name="intervals", title=title, blocks=[_intervals(report, title)], short=True),
        Section(name="figures", title="Figures", blocks=[_figures(report)], short=True),
        *_against(report),
        *_recalibration(report),
        *_parts("classes", "By class", "class", report.by_class, report),
        *_parts("widths", f"By {what}", what, report.by_width, report),
        *_parts("slices", "Slices", "slice", report.slices, report),
        *_levels(report),
        Section(name="pictures", title="Pictures", blocks=pictures),
    ]  # fmt: skip
    facts = [rows_fact(report.intake)]
    return report_document(report, first, sections, level=level, facts=facts)


def _intervals(report: ForecastReport, title: str) -> Table:
    found, level = report.intervals, report.settings["level"]
    widths = [each.width for each in found]
    scores = [each.score.value for each in found]
    more = [
        *rates("below", [Estimate(value=each.below) for each in found], level, drop=3),
        *rates("above", [Estimate(value=each.above) for each in found], level, drop=3),
        _amounts("mean width", widths, drop=2),
        _amounts("interval score", scores, term="interval_score", drop=1),
    ]
    if report.kind == "sets":
        more = [_amounts("mean size", widths, term="set_size"),
                Column(title="column", cells=[each.lower for each in found], right=False,
                       named=True, drop=1)]  # fmt: skip
    return Table(
        caption=title,
        columns=[
            names("stated", [integral_percent(each.stated) for each in found],
                  terms=[_held(report)] * len(found),
                  marks=[OFF if e.off else RIGHT for e in found]),
            *rates("held", [each.coverage for each in found], level, bounded=True),
            *more,
        ],
        remarks=["Marked: surely another share than stated, of all at once."]
        * any(each.off for each in found),
        plain=True, nouns=title.lower(),
        rank=[float(k != report.main) for k in range(len(found))],
    )  # fmt: skip


def _held(report: ForecastReport) -> str:
    return "set-coverage" if report.kind == "sets" else "interval-coverage"


def _amounts(title: str, values: Sequence[float | None], **more: object) -> Column:
    decimals = places(*values)
    cells = [shown(value, decimals) or DASH for value in values]
    return Column(title=title, cells=cells, values=values, **more)  # type: ignore[arg-type]


def _figures(report: ForecastReport) -> Table:
    found, levels = report.metrics, len(report.levels)
    cells, ends, tests = [], [], []
    for name, each in found.items():
        unit = metric_unit(name)
        decimals = estimate_places(each, unit)
        value = shown(each.value, decimals, unit) or DASH
        cells.append(f"{value} %" if unit == "percent" and value != DASH else value)
        ends.append(interval(each, decimals, unit) or (each.reason or "" if value == DASH else ""))
        tests.append("" if each.p_value is None else p_value(each.p_value))
    titles = [metric_title(name) for name in found]
    if report.kind == "quantiles":
        titles = [f"CRPS (from {levels} levels)" if t == "CRPS" else t for t in titles]
    if report.kind == "sets":
        titles[0] = "Held by the sets"
    if report.kind == "members":
        titles = ["CRPS, fair" if t == "CRPS" else t for t in titles]
    return Table(
        caption="Figures",
        columns=[
            names("figure", titles, named=False,
                  terms=[_held(report) if name == "coverage" else name for name in found]),
            Column(title="value", cells=cells, values=[e.value for e in found.values()],
                   tone="strong"),
            Column(title=interval_title(report.settings["level"]), cells=ends, right=False),
            Column(title="test", cells=tests, right=False, drop=1),
        ],
        plain=True,
    )  # fmt: skip


def _against(report: ForecastReport) -> Iterator[Section]:
    """Yield what these forecasts score beside others of the same rows."""
    found = report.against
    if not found:
        return
    by, units = [e.difference for e in found], [metric_unit(e.metric) for e in found]
    each = [(estimate_places(e, u), u) for e, u in zip(by, units, strict=True)]
    ends = [interval(e, *k) or e.reason or "" for e, k in zip(by, each, strict=True)]
    titles = [f"{metric_title(e.metric)}{' %' * (u == 'percent')}" for e, (_, u) in
              zip(found, each, strict=True)]  # fmt: skip
    sides = {"here": [e.value for e in found], "theirs": [e.before for e in found]}
    table = Table(
        caption="Against others",
        columns=[
            names("against", [e.other for e in found]),
            names("figure", titles, named=False, terms=[e.metric for e in found]),
            *(Column(title=side, cells=[shown(x, *k) for x, k in zip(values, each, strict=True)],
                     values=values, drop=1) for side, values in sides.items()),
            Column(title="difference", tone="strong", values=[e.value for e in by],
                   cells=[shown(e.value, *k, sign=True) for e, k in zip(by, each, strict=True)]),
            Column(title=interval_title(by[0].level or report.settings["level"]), cells=ends,
                   right=False),
        ],
        remarks=["Of the same rows, these less those. Lower is better, but for coverage."],
        plain=True,
    )  # fmt: skip
    yield Section(name="against", title="Against others", blocks=[table], short=True)


def _recalibration(report: ForecastReport) -> Iterator[Section]:
    """Yield what a calibrator does to intervals, and what they hold of new rows then."""
    made = report.recalibration
    if made is None:
        return
    found, unit = made.guarantees, "" if made.method == "offset" else " σ"
    decimals = places(*(end for g in found for end in (g.lower, g.upper)))
    ends = [[f"{shown(x, decimals, sign=True)}{unit}" for x in (g.lower, g.upper)] for g in found]
    level = report.settings["level"]
    held = [Estimate(value=g.coverage, low=g.low, high=g.high, level=level) for g in found]
    sure = "" if made.confidence is None else (
        f", with {integral_percent(made.confidence)} no less than stated"
    )  # fmt: skip
    table = Table(
        caption="Recalibrated",
        columns=[
            names("stated", [integral_percent(each.stated) for each in found], named=False),
            Column(title="ends", cells=[", ".join(each) for each in ends], term="conformal-offset"),
            *rates("then hold", held, level, bounded=True),
            Column(title="rows it needs", cells=[f"{g.needs:,}" for g in found], drop=2),
        ],
        remarks=[
            f"Of new rows, on average over fits of {counted(made.rows, 'row')}; the interval is "
            f"for what this one holds{sure}. For rows in no order, none of which belongs to another"
            f"{'' if made.exchangeable else ': here nothing is guaranteed'}."
        ],
        plain=True,
    )  # fmt: skip
    yield Section(name="recalibration", title="Recalibrated", blocks=[table], short=True)


def _parts(
    name: str, title: str, first: str, found: Sequence[PartResult], report: ForecastReport
) -> Iterator[Section]:
    if len(found) < 2:
        return
    stated = integral_percent(report.intervals[report.main].stated)
    what = "sets" if report.kind == "sets" else "intervals"
    off = [each for each in found if each.off]
    level = report.settings["level"]
    marks = [OFF if p.off else RIGHT for p in found]
    labels = [f"{p.column} = {p.value}" if name == "slices" else p.value for p in found]
    table = Table(
        caption=title,
        columns=[
            names(first, labels, marks=marks),
            row_counts([each.rows for each in found]),
            *rates("held", [each.coverage for each in found], level, bounded=True,
                   term=_held(report)),
        ],
        remarks=[
            f"Of {what} that say {stated}; the ends hold for all {len(found)} at once. "
            + (f"Surely other than stated: {len(off)}." if off else "None is surely off."),
        ],
        plain=True, nouns=first + ("es" if first == "class" else "s"),
        rank=[float(not each.off) for each in found],
    )  # fmt: skip
    short = name in ("slices", "classes") or bool(off)
    yield Section(name=name, title=title, blocks=[table], short=short)


def _levels(report: ForecastReport) -> Iterator[Section]:
    found = report.levels
    if not found or report.kind != "quantiles":
        return
    tests = [each.below.p_value for each in found]
    ties = sum(each.ties for each in found)
    table = Table(
        caption="Quantiles",
        columns=[
            names("level", [f"{each.level:g}" for each in found]),
            Column(title="column", cells=[each.column for each in found], right=False, named=True,
                   drop=2),
            *rates("not above it", [each.below for each in found], report.settings["level"],
                   bounded=True, term="quantile-levels"),
            Column(title="p of all", cells=[DASH if p is None else p_value(p) for p in tests],
                   right=False, drop=1),
        ],
        remarks=["Intervals and p (max-t) of all levels at once."]
        + ([f"{counted(ties, 'truth')} equal to a quantile: not above it."] * (ties > 0)),
        plain=True, nouns="levels", rank=[1.0 if p is None else p for p in tests],
    )  # fmt: skip
    yield Section(name="levels", title="Quantiles", blocks=[table], short=True)

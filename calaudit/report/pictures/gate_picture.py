"""The gate: each rule in a row, its figure and bounds against the limit."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.report.metric_names import metric_title
from calaudit.report.numbers import counted
from calaudit.report.pictures.mark_layers import field, label, layer
from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import first_sentence, fitted, text_width

WIDTH = 440
LEFT = 4
ROW = 74
MOST = 20
REACH = 0.92

LOOKS = {
    FAIL: ("fail", "M-.7,-1L0,-.3L.7,-1L1,-.7L.3,0L1,.7L.7,1L0,.3L-.7,1L-1,.7L-.3,0L-1,-.7Z"),
    INCONCLUSIVE: ("open", "diamond"),
    PASS: ("pass", "circle"),
}
"""Status → its colour and its shape."""


def gate(report: CheckReport) -> Picture | None:
    """Return the rules with their verdicts; None where there are none."""
    if not report.results:
        return None
    kept = report.results[:MOST]
    rows = [_row(result, i) for i, result in enumerate(kept)]
    height = ROW * len(rows)
    layers = [*_frame(rows, height), *_figures(rows, height), *_words(rows)]
    title = first_sentence(report.sentence, report.lead)
    subtitle = "Right of the line is worse than the limit allows; each rule has its own scale"
    if len(kept) < len(report.results):
        subtitle += f"; the first {len(kept)} of {counted(len(report.results), 'result')}"
    alt = f"{report.sentence} " + "; ".join(f"{r.status} {_name(r)} {_text(r)}" for r in kept[:6])
    body = {"width": WIDTH, "height": height, "layer": layers}
    return picture("gate", (title, subtitle, alt), body, width=WIDTH, gap=10)


def _row(result: RuleResult, i: int) -> dict[str, object]:
    """Return a datum: the figures, and where they stand when the limit is 0 and 1 is worse."""
    worse = -1.0 if result.at_least else 1.0
    figures = {"change": result.change, "low": result.low, "high": result.high}
    known = [abs(v - result.limit) for v in figures.values() if v is not None]
    if result.relative and known:
        known.append(abs(result.limit))
    span = max(known, default=0.0) or 1.0
    places = {
        f"{name}_at": None if v is None else worse * (v - result.limit) / span * REACH
        for name, v in figures.items()
    }
    zero = worse * (0.0 - result.limit) / span * REACH
    return {
        **figures, **places, "limit": result.limit, "status": result.status, "limit_at": 0.0,
        "zero_at": zero if result.relative else None, "top": i + 0.22, "said": i + 0.48,
        "line": i + 0.76, "bottom": i + 1.0, "rule": result.rule, "name": _name(result),
        "text": _text(result), "told": result.text,
    }  # fmt: skip


def _name(result: RuleResult) -> str:
    where = f" · {result.where}" if result.where else ""
    return f"{metric_title(result.metric)}{where}"


def _text(result: RuleResult) -> str:
    """Return the figures, as short as they can be; where there are none, why."""
    change, low, high = result.change, result.low, result.high
    if result.after is None or change is None:
        name, _, why = result.told
        return why.lstrip(": ") or name
    if low is None or high is None:
        return f"{result.after:,.10g}, {_bound(result)} {result.limit:,.10g}"
    digits = result.digits
    if not result.relative:
        ends = f"[{low:z.{digits}f}, {high:z.{digits}f}]"
        return f"{result.after:z.{digits}f} {ends}, {_bound(result)} {result.limit:.{digits}g}"
    worse = -1.0 if change * (result.after - (result.before or 0.0)) < 0 else 1.0
    first, last = sorted((worse * low, worse * high))
    ends = f"[{first:+z.{digits}f}, {last:+z.{digits}f}]"
    text = "unchanged" if low == high else f"{worse * change:+z.{digits}f} {ends}"
    return f"{text}, margin {result.limit:.{digits}g}"


def _bound(result: RuleResult) -> str:
    return "at least" if result.at_least else "at most"


def _x(name: str) -> Spec:
    return field(name, {"domain": [-1, 1], "range": [LEFT, WIDTH], "nice": False})


def _y(name: str, height: float) -> Spec:
    scale = {"domain": [0, height / ROW], "range": [0, height], "nice": False}
    return field(name, scale)


def _frame(rows: Sequence[dict[str, object]], height: float) -> list[Spec]:
    edges = [{"bottom": row["bottom"]} for row in rows[:-1]]
    lines = {"x": {"value": 0}, "x2": {"value": WIDTH}, "y": _y("bottom", height)}
    limits = [{"limit_at": 0, "from": _number(row["line"]) - 0.13,
               "to": _number(row["line"]) + 0.13} for row in rows]  # fmt: skip
    tick = {"x": _x("limit_at"), "y": _y("from", height), "y2": {"field": "to"}}
    base = {"x": {"value": LEFT}, "x2": {"value": WIDTH}, "y": _y("line", height)}
    return [
        layer("rule", edges, lines, colour="grid", strokeWidth=1),
        layer("rule", rows_of(rows, "line"), base, colour="grid", strokeWidth=1),
        layer("rule", limits, tick, colour="ink", strokeWidth=2),
    ]


def rows_of(rows: Sequence[dict[str, object]], *names: str) -> list[dict[str, object]]:
    """Return the rows with only some of their fields, so that they say nothing of themselves."""
    return [{name: row[name] for name in names} for row in rows]


def _figures(rows: Sequence[dict[str, object]], height: float) -> list[Spec]:
    layers = []
    y = _y("line", height)
    for status, (token, shape) in LOOKS.items():
        found = [row for row in rows if row["status"] == status]
        bounded = [r for r in found if r["low_at"] is not None and r["high_at"] is not None]
        if bounded:
            encoding = {"x": _x("low_at"), "x2": {"field": "high_at"}, "y": y}
            layers.append(layer("rule", bounded, encoding, colour=token, strokeWidth=3))
        known = [r for r in found if r["change_at"] is not None]
        more = {"shape": shape, "filled": True, "opacity": 1}
        size = 140 if status == FAIL else 90
        if known:
            encoding = {"x": _x("change_at"), "y": y}
            halo = {"stroke": LIGHT["paper"], "strokeWidth": 0.5 if status == FAIL else 1.2}
            layers.append(layer("point", known, encoding, colour=token, size=size, **more, **halo))
        if found:
            words = rows_of(found, "top", "status")
            top = _y("top", height)
            mark = {"x": {"value": 6}, "y": top}
            text = {"x": {"value": 16}, "y": top, "text": {"field": "status", "type": "nominal"}}
            layers.append(layer("point", words, mark, colour=token, size=size, **more))
            bold = {"align": "left", "baseline": "middle", "fontWeight": "bold"}
            layers.append(layer("text", words, text, colour=token, **bold))
    return layers


def _words(rows: Sequence[dict[str, object]]) -> list[Spec]:
    layers = []
    for row in rows:
        left = 24 + text_width(str(row["status"]), SMALL, bold=True)
        name = fitted(str(row["name"]), WIDTH - left, SMALL, bold=True)
        top, said = (ROW * _number(row[at]) for at in ("top", "said"))
        layers.append(label(name, left, top, colour="ink", fontWeight="bold"))
        layers.append(label(fitted(str(row["text"]), WIDTH, SMALL), 0, said))
    limit = {"shape": "stroke", "angle": 90, "size": 160, "strokeWidth": 2, "filled": False}
    return [*layers, *key_rows([(limit, "ink", "limit")], WIDTH)]


def _number(value: object) -> float:
    return value if isinstance(value, float) else 0.0

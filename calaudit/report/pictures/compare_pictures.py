"""The pictures of a comparison: its differences, the reliability of all, and what acting costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calaudit.report.compare_report import BETTER, CompareReport, Difference
from calaudit.report.content.difference_text import better_text
from calaudit.report.content.reliability_table import domain_of
from calaudit.report.numbers import places, shown
from calaudit.report.pictures.axes import axis
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.mark_layers import field, label, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability_picture import SIZE, hints, outcome_word, titles_of
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import first_sentence, fitted

WIDTH, ROW = 440, 46
MOST_ROWS = 16
TOKENS = ("model", "outside", "pass", "open", "neutral", "ink")
"""Colours of the models, the baseline first."""

LOOKS = {1: ("pass", "circle"), -1: ("fail", "diamond"), 0: ("neutral", "square")}
"""Better, worse or open → colour and shape."""


def differences(report: CompareReport) -> Picture | None:
    """Return the differences from the baseline with their intervals; better is on the right."""
    several = len(report.models) > 2
    found = [
        (f"{d.model}: " * several, d)
        for d in report.differences
        if BETTER[d.metric] and (not several or d.metric == report.leading)
    ]
    scale = "" if several else "; each figure has its own scale"
    return _forest("differences", found, report, one_scale=several, scale=scale)


def slices(report: CompareReport) -> Picture | None:
    """Return the differences in each slice, the surely worst first; None without slices."""
    several = len(report.models) > 2
    found = [
        (f"{s.column} = {s.value}{f', {s.difference.model}' * several}: ", s.difference)
        for s in report.slices
    ]
    scale = f"; intervals of {report.judged} at once"
    return _forest("sliced-differences", found, report, one_scale=True, scale=scale)


def _forest(
    name: str,
    named: Sequence[tuple[str, Difference]],
    report: CompareReport,
    *,
    one_scale: bool,
    scale: str,
) -> Picture | None:
    """Return differences with their intervals, each with its name before it."""
    named = [each for each in named if each[1].estimate.low is not None][:MOST_ROWS]
    if not named:
        return None
    found = [d for _, d in named]
    ends = [max(abs(d.estimate.low or 0.0), abs(d.estimate.high or 0.0)) or 1.0 for d in found]
    ends = [max(ends)] * len(found) if one_scale else ends
    rows = [_row(d, i, reach) for i, (d, reach) in enumerate(zip(found, ends, strict=True))]
    height = ROW * len(rows)
    zero = [{"at": 0, "top": row["line"] - 0.2, "bottom": row["line"] + 0.2} for row in rows]
    layers = [
        layer("rule", zero, {"x": _x("at"), "y": _y("top", height), "y2": {"field": "bottom"}},
              colour="ink", strokeWidth=1.5)
    ]  # fmt: skip
    for side, (token, shape) in LOOKS.items():
        some = [row for row in rows if row["side"] == side]
        if some:
            spot = {"x": _x("value"), "y": _y("line", height)}
            span = {**spot, "x": _x("low"), "x2": {"field": "high"}}
            layers += [
                layer("rule", some, span, colour=token, strokeWidth=3),
                layer("point", some, spot, colour=token, shape=shape, size=90, filled=True,
                      opacity=1),
            ]  # fmt: skip
    texts = [f"{before}{row['told']}" for (before, _), row in zip(named, rows, strict=True)]
    for row, text in zip(rows, texts, strict=True):
        layers.append(label(fitted(text, WIDTH, SMALL), 0, ROW * row["said"]))
    words = (
        first_sentence(report.sentence, report.lead),
        f"Right of the line is better than {report.baseline.name}, left of it worse{scale}",
        f"{report.lead} " + "; ".join(texts[:6]),
    )
    return picture(name, words, {"width": WIDTH, "height": height, "layer": layers},
                   width=WIDTH, gap=10)  # fmt: skip


def _row(d: Difference, i: int, reach: float) -> dict[str, Any]:
    """Return a datum whose figures lie between −1 and 1, better on the right."""
    e, sign = d.estimate, BETTER[d.metric]
    ends = sorted(sign * (x or 0.0) / reach for x in (e.low, e.high))
    return {
        "value": sign * (e.value or 0.0) / reach, "low": ends[0], "high": ends[1],
        "side": d.better, "said": i + 0.3, "line": i + 0.72, "told": better_text(d),
    }  # fmt: skip


def _x(name: str) -> Spec:
    return field(name, {"domain": [-1.02, 1.02], "range": [0, WIDTH], "nice": False})


def _y(name: str, height: float) -> Spec:
    return field(name, {"domain": [0, height / ROW], "range": [0, height], "nice": False})


def reliability_of_all(report: CompareReport) -> Picture | None:
    """Return the reliability curves of all models in one diagram."""
    models = [m for m in report.models if m.report.bins and m.report.curve][: len(TOKENS)]
    filled = [b for m in models for b in m.report.bins if b.observed is not None]
    if not filled:
        return None
    x, y = titles_of(report.task)
    plane = Diagram(domain_of(filled), SIZE, outcome_word(report.task), (x, y))
    taken = [at for m in models for at in plane.taken((), m.report.curve)]
    words = hints(plane, taken, report.task)
    layers: list[Spec] = [plane.diagonal()]
    entries: list[tuple[Spec, str, str]] = []
    stroke = {"shape": "stroke", "size": 160, "strokeWidth": 2, "filled": False}
    for model, token in zip(models, TOKENS, strict=False):
        layers += plane.curve(model.report.curve, token, f"reliability of {model.name}")
        error = model.report.metrics["smece"].point
        told = "" if error is None else f": {shown(error, max(places(error), 3))}"
        entries.append((stroke, token, fitted(f"{model.name}{told}", SIZE - 20, SMALL)))
    layers += [*words.layers, *key_rows([*entries, *words.entries], SIZE)]
    subtitle = "Reliability (isotonic), with the smooth calibration error of each"
    alt = f"Reliability curves of {', '.join(m.name for m in models)}. {report.lead}"
    title = first_sentence(report.sentence, report.lead)
    body = {"width": SIZE, "height": SIZE, "layer": layers}
    return picture("reliability", (title, subtitle, alt), body, width=SIZE + 30)


def murphy(report: CompareReport) -> Picture | None:
    """Return the difference of the Murphy diagrams with its band; None where there is none.

    Of several models it is that of the first which may be the best, and is not the baseline.
    """
    best = [each.name for each in report.contenders]
    ordered: Sequence[Any] = sorted(
        report.costs, key=lambda c: best.index(c.model) if c.model in best else 0
    )
    costs = next((c for c in ordered if any(p.low is not None for p in c.points)), None)
    if costs is None:
        return None
    rows = [
        {"theta": p.theta, "low": p.low, "high": p.high, "difference": p.model - p.baseline,
         "run": sum(q.low is None for q in costs.points[:i])}
        for i, p in enumerate(costs.points)
    ]  # fmt: skip
    across = field(
        "theta", {"domain": [0, 1]}, axis("Cutoff: what acting in vain costs, of both errors")
    )
    up = axis(f"Mean cost less that of {fitted(report.baseline.name, 160, SMALL)}")
    banded = [row for row in rows if row["low"] is not None]
    band = {"x": across, "y": field("low", None, up), "y2": {"field": "high"},
            "detail": {"field": "run", "type": "nominal"}}  # fmt: skip
    layers = [
        layer("area", banded, band, colour="plateau"),
        layer("rule", [{"zero": 0}], {"y": field("zero", None, up)}, colour="axis",
              strokeDash=[4, 3]),
        layer("line", rows, {"x": across, "y": field("difference", None, up)}, colour="model",
              strokeWidth=1.8),
    ]  # fmt: skip
    said = {
        "better": f"{costs.model} costs less at every cutoff that these rows can tell of",
        "worse": f"{costs.model} costs more at every cutoff that these rows can tell of",
        "cross": f"Whether {costs.model} costs less depends on the cutoff",
        "unknown": f"These rows do not tell whether {costs.model} costs less at every cutoff",
    }[costs.finding]
    subtitle = f"Murphy diagram: below 0 {costs.model} costs less; band of all cutoffs at once"
    body = {"width": SIZE, "height": 240, "layer": layers}
    return picture("murphy", (said, subtitle, f"{said}."), body, width=SIZE + 30)

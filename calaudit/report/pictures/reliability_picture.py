"""The reliability diagram of one report: what the scores say against what came true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from calaudit.report.content.reliability_table import curve_name, domain_of, is_inside, rows_in
from calaudit.report.evaluation_report import Bin, Report
from calaudit.report.numbers import counted, integral_percent
from calaudit.report.pictures.bin_text import told_span
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.mark_layers import field, label, layer
from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import Place, Point, free_place, key_rows, line_of
from calaudit.report.pictures.theme import SMALL, Spec, concatenated
from calaudit.report.pictures.words import (
    amount,
    figure,
    first_sentence,
    interval,
    percent,
    text_width,
)

SIZE = 375
BAND = {"shape": "square", "size": 110, "stroke": LIGHT["band-edge"], "strokeWidth": 0.8}
PERFECT = "perfect calibration"
STROKE = {"shape": "stroke", "size": 160, "strokeWidth": 2, "filled": False}
ANGLE = -45.0

NARROW = 0.012
"""Share of the axis that each bar of the strip is wide at least."""


def reliability(report: Report) -> Picture | None:
    """Return the reliability diagram; None where there is nothing to draw."""
    filled = [b for b in report.bins if b.mean_score is not None and b.observed is not None]
    if not filled:
        return None
    x, y = titles_of(report.task)
    log_odds = report.settings.get("axis") == "log-odds"
    domain = domain_of(filled, log_odds=log_odds)
    plane = Diagram(domain, SIZE, outcome_word(report.task), ("", y), log_odds)
    words = hints(plane, plane.taken(filled, report.curve), report.task)
    layers = [
        *plane.ribbon(report.curve),
        *plane.band(filled),
        plane.diagonal(),
        *plane.curve(report.curve, "model", curve_name(report.curve)),
        *plane.points(filled, "model"),
        *words.layers,
        *key_rows([*_key(report, filled), *words.entries], SIZE),
    ]
    body = concatenated(
        [
            {"width": SIZE, "height": SIZE, "layer": layers},
            strip(report, plane, x),
        ],
        spacing=12,
    )
    alt = _alt(report, filled)
    subtitle = _told_size(report)
    title = first_sentence(report.verdict.sentence, report.verdict.lead)
    return picture("reliability", (title, subtitle, alt), body, width=SIZE + 30)


def _told_size(report: Report) -> str:
    """Return how many rows there are and how far off they are, for a subtitle."""
    error = report.metrics.get("smece")
    text = f"Reliability of {counted(rows_in(report.bins), 'row')}"
    text += "" if report.groups is None else f" in {report.groups.words}"
    if error is None or error.value is None:
        return text
    ends = interval(error).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{text}, smooth calibration error {figure(error)}{f' ({ends})' if ends else ''}"


def outcome_word(task: str) -> str:
    """Return how what was observed is called."""
    return "comes true" if task == "binary" else "right"


def unit_of(report: Report) -> str:
    """Return what is counted: rows, or their weight."""
    weighted = any(role.role == "weight" for role in report.roles)
    return "Weight" if weighted else "Rows"


def titles_of(task: str) -> tuple[str, str]:
    """Return the titles of both axes."""
    if task == "binary":
        return "Predicted probability", "Share that comes true"
    return "Confidence", "Share that is right"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in the free places of a diagram, and what has to be said in its key instead."""

    layers: list[Spec]
    entries: list[tuple[Spec, str, str]]


def hints(plane: Diagram, taken: list[Point], task: str) -> Words:
    """Return the words beside the diagonal and in both corners, where there is room."""
    layers: list[Spec] = []
    entries: list[tuple[Spec, str, str]] = []
    place = free_place(PERFECT, _along(plane.size), taken, near=8)
    if place:
        layers.append(label(PERFECT, place[0], place[1], align="center", angle=place[2]))
    else:
        entries.append((STROKE | {"strokeWidth": 1.2, "strokeDash": [3, 2]}, "axis", PERFECT))
    names = ("predicted too low", "predicted too high")
    above, below = names if task == "binary" else ("underconfident", "overconfident")
    taken = [*taken, *line_of([(0, plane.size), (plane.size, 0)])]
    for text, y in ((above, 14.0), (below, plane.size - 14.0)):
        half = text_width(text, SMALL) / 2 + 8
        x = half if text == above else plane.size - half
        if free_place(text, [(x, y, 0.0)], taken, near=10):
            layers.append(label(text, x, y, align="center", fontStyle="italic"))
    return Words(layers, entries)


def _along(size: float) -> Iterator[Place]:
    """Return places beside the diagonal, below it first."""
    for side in (9.0, -9.0):
        for share in (0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.16):
            yield share * size + side * 0.75, (1 - share) * size + side * 0.75, ANGLE


def strip(report: Report, plane: Diagram, title: str, *, colour: str = "neutral") -> Spec:
    """Return where the rows are, below the diagram and on its axis.

    Bins of one width have their rows as heights. Where widths differ, heights are rows by width,
    so that areas are rows: bins that hold equally many rows would be a wall of equal bars.
    """
    unit = unit_of(report).lower()
    rows: list[dict[str, Any]] = []
    for b in report.bins:
        if b.weight > 0:
            start, end = _reach(b, plane)
            told = f"{told_span(b)} · {amount(b.weight)} {unit}"
            rows.append({"lower": b.lower, "upper": b.upper, "weight": b.weight, "zero": 0,
                         "start": start, "end": end, "height": b.weight / (end - start),
                         "told": told})  # fmt: skip
    widths = [row["end"] - row["start"] for row in rows]
    even = not rows or max(widths) < 1.01 * min(widths)
    most = max((row["height"] for row in rows), default=1.0)
    scale = {"type": "sqrt", "domain": [0, most], "nice": False}
    count = amount(max((b.weight for b in report.bins), default=0.0))
    ends = {
        "title": f"{unit_of(report)} (√)" if even else "Density (√)",
        "values": [most] if even else [],
        "labelExpr": f"'{count}'",
        "grid": False,
    }
    encoding = {
        "x": replace(plane, titles=(title, "")).x("start"),
        "x2": {"field": "end"},
        "y": field("zero", scale, ends),
        "y2": {"field": "height"},
    }
    bars = layer(
        "rect", rows, encoding, colour=colour, clip=True, stroke=None, opacity=0.75,
        xOffset=0.5, x2Offset=-0.5, minBandSize=1,
    )  # fmt: skip
    return {"width": plane.size, "height": 46, "layer": [bars]}


def _reach(b: Bin, plane: Diagram) -> tuple[float, float]:
    """Return from where to where a bin is drawn: around a single score wide enough to be seen."""
    low, high, lower, upper = map(plane.at, (*plane.domain, b.lower, b.upper))
    pad = max(NARROW * (high - low) - (upper - lower), 0.0) / 2
    return lower - pad, upper + pad


def _key(report: Report, bins: Sequence[Bin]) -> list[tuple[Spec, str, str]]:
    level = report.settings.get("level")
    bounded = isinstance(level, float) and any(b.low is not None for b in bins)
    with_interval = f", {integral_percent(float(level or 0))} interval" if bounded else ""
    entries: list[tuple[Spec, str, str]] = [({}, "model", f"observed{with_interval}")]
    if any(b.band_low is not None for b in bins):
        entries.append((BAND, "band", "range of a calibrated model"))
    if any(not is_inside(b) for b in bins):
        entries.append(({"shape": "diamond"}, "outside", "observed outside of it"))
    if report.curve:
        entries.append((STROKE, "model", curve_name(report.curve)))
    return entries


def _alt(report: Report, bins: Sequence[Bin]) -> str:
    outside = [b for b in bins if not is_inside(b)]
    banded = sum(b.band_low is not None for b in bins)
    says, is_so = percent(bins[-1].mean_score, bins[-1].observed)
    told = f"{counted(rows_in(bins), 'row')} in {counted(len(bins), 'bin')}"
    alt = f"Reliability diagram of {told}"
    if error := report.metrics.get("smece"):
        alt += f", smooth calibration error {figure(error)}"
    if banded:
        alt += f"; {len(outside)} of {banded} bins lie outside the range of a calibrated model"
    came = "come true" if report.task == "binary" else "are right"
    return f"{alt}. In the highest bin the mean score is {says} and {is_so} {came}."

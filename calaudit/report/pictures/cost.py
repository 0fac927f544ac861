"""The cost curve: what each cutoff costs, where the cheapest lies, and how far it could move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from calaudit.report.audit_report import AuditReport
from calaudit.report.content.action_text import decision_title
from calaudit.report.content.cost_axis import REFERENCES, marked
from calaudit.report.numbers import places, shown, shown_interval
from calaudit.report.pictures.cost_plane import HEIGHT, WIDTH, Plane, plane_of
from calaudit.report.pictures.mark_layers import label, layer
from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import cutoff_text, text_width
from calaudit.report.threshold_report import CostPoint, DecisionReport, Option


def audit_cost(report: AuditReport) -> Picture | None:
    """Return the cost curve of the decision in an audit; None where there is none."""
    return None if report.decision is None else cost(report.decision)


def cost(report: DecisionReport) -> Picture | None:
    """Return the cost curve; None for a decision without costs or without single cutoffs."""
    points = [p for p in report.cost_curve if p.cutoff is not None]
    if len(points) < 2:
        return None
    plane = plane_of(report, points)
    names, room = _names(report, plane)
    layers = [
        *_plateaus(report, plane),
        *_band(report, plane),
        *_references(report, plane),
        _curve(points, plane),
        *_cutoffs(report, plane),
        *names,
        *key_rows(_entries(report), WIDTH, above=room),
    ]
    title = decision_title(report)
    subtitle = "What it costs to act from each cutoff on"
    if plane.log:
        subtitle += ", on a logarithmic axis"
    alt = f"Cost curve over {len(points)} cutoffs. {report.sentence}"
    body = {"width": WIDTH, "height": HEIGHT, "layer": layers}
    return picture("cost", (title, subtitle, alt), body)


def _curve(points: Sequence[CostPoint], plane: Plane) -> Spec:
    rows = [{"at": plane.at(p.cutoff), "cutoff": p.cutoff, "cost": p.cost} for p in points]
    drawn = layer("line", rows, {"x": plane.x(), "y": plane.y("cost")}, colour="model",
                  strokeWidth=2, clip=True)  # fmt: skip
    drawn["mark"].update(aria=True, description="Cost of a single cutoff")
    return drawn


def _plateaus(report: DecisionReport, plane: Plane) -> list[Spec]:
    rows = []
    for plateau in report.plateaus:
        low, high = plateau.low, plateau.high
        span = " to ".join("the end" if end is None else cutoff_text(end) for end in (low, high))
        verb = "act" if plateau.cutoff == "act_from" else "review"
        rows.append(
            {
                "from": plane.across[0] if low is None else plane.at(low),
                "to": plane.at(high), "low": low, "high": high, "cutoff": plateau.cutoff,
                "told": f"these rows cannot tell apart cutoffs to {verb} from {span}",
            }
        )  # fmt: skip
    if not rows:
        return []
    encoding = {"x": plane.x("from"), "x2": {"field": "to"}}
    edges = [{"at": row[end]} for row in rows for end in ("from", "to")]
    more = {"strokeWidth": 0.8, "opacity": 0.55}
    return [
        layer("rect", rows, encoding, colour="plateau", stroke=None, opacity=1),
        layer("rule", edges, {"x": plane.x()}, colour="model", **more),
    ]


def _band(report: DecisionReport, plane: Plane) -> list[Spec]:
    """Return the recommended cutoffs' reach: between them a person decides."""
    best = report.recommended
    if best is None or best.cost is None or best.cost.value is None or best.review_from is None:
        return []
    row = {"from": plane.at(best.review_from), "to": plane.at(best.act_from),
           "review_from": best.review_from, "act_from": best.act_from,
           "cost": best.cost.value}  # fmt: skip
    encoding = {"x": plane.x("from"), "x2": {"field": "to"}, "y": plane.y("cost")}
    return [layer("rule", [row], encoding, colour="outside", strokeWidth=4, opacity=0.9)]


def _references(report: DecisionReport, plane: Plane) -> list[Spec]:
    rows: list[dict[str, Any]] = [
        {"cost": o.cost.value, "text": REFERENCES[o.name], "told": _told(o)}
        for o in report.options
        if o.name in REFERENCES and o.cost is not None and o.cost.value is not None
    ]
    if not rows:
        return []
    rule = {"strokeDash": [3, 3], "strokeWidth": 1}
    lines = layer("rule", rows, {"y": plane.y("cost")}, colour="axis", **rule)
    found = sorted((plane.height(row["cost"]), row["text"]) for row in rows)
    names = []
    last = -math.inf
    for y, text in found:
        last = max(y, last + 14)
        names.append(label(text, WIDTH + 5, last))
    return [lines, *names]


def _cutoffs(report: DecisionReport, plane: Plane) -> list[Spec]:
    layers: list[Spec] = []
    for option in marked(report):
        best = option.name == "recommended"
        token = "outside" if best else "muted"
        cuts = [(option.review_from, "review"), (option.act_from, "act")]
        found = [(c, verb) for c, verb in cuts if c is not None]
        rule = {"strokeWidth": 1.2} if best else {"strokeDash": [2, 2], "strokeWidth": 1}
        rows = [
            {"at": plane.at(c), "cutoff": c, "told": f"{verb} from {cutoff_text(c)}"}
            for c, verb in found
        ]
        layers.append(layer("rule", rows, {"x": plane.x()}, colour=token, opacity=0.8, **rule))
        if option.cost is not None and option.cost.value is not None:
            layers += _point(option, plane, token, found[-1:] or [(None, "act")])
    return layers


def _point(
    option: Option, plane: Plane, token: str, cut: Sequence[tuple[float | None, str]]
) -> list[Spec]:
    assert option.cost is not None
    row = {
        "at": plane.at(cut[0][0]), "cutoff": cut[0][0], "cost": option.cost.value,
        "low": option.cost.low, "high": option.cost.high, "told": _told(option),
    }  # fmt: skip
    x = plane.x()
    shape = {"shape": "diamond" if token == "outside" else "circle", "size": 80}
    layers = []
    if option.cost.low is not None and option.cost.high is not None:
        ends = {"x": x, "y": plane.y("low"), "y2": {"field": "high"}}
        layers.append(layer("rule", [row], ends, colour=token, strokeWidth=2.4))
    more = {"filled": True, "opacity": 1, **shape}
    layers.append(layer("point", [row], {"x": x, "y": plane.y("cost")}, colour=token, **more))
    return layers


def _names(report: DecisionReport, plane: Plane) -> tuple[list[Spec], float]:
    """Return the names of the cutoffs above the drawing, and how much room they take."""
    layers: list[Spec] = []
    rows: list[list[tuple[float, float]]] = [[], []]
    for option in marked(report):
        best = option.name == "recommended"
        cuts = [(option.review_from, "review ≥"), (option.act_from, "act ≥" if best else "current")]
        found = [(c, verb) for c, verb in cuts if c is not None]
        for i, (cut, verb) in enumerate(found):
            text = f"{verb} {cutoff_text(cut)}"
            need = text_width(text, SMALL, bold=best)
            shift = -need / 2 if len(found) == 1 else (-need - 4, 4)[i]
            left = plane.pixel(cut) + shift
            left = min(max(left, 0.0), WIDTH - need)
            row = 0 if all(left > b + 4 or left + need < a - 4 for a, b in rows[0]) else 1
            rows[row].append((left, left + need))
            bold = {"fontWeight": "bold"} if best else {}
            token = "outside" if best else "muted"
            layers.append(label(text, left, -8 - 15 * row, colour=token, **bold))
    return layers, 15.0 * sum(map(bool, rows)) + 2


def _entries(report: DecisionReport) -> list[tuple[Spec, str, str]]:
    stroke = {"shape": "stroke", "size": 160, "strokeWidth": 2, "filled": False}
    entries: list[tuple[Spec, str, str]] = [(stroke, "model", "a single cutoff")]
    best = report.recommended
    if best is not None and best.cost is not None and best.cost.value is not None:
        entries.append(({"shape": "diamond"}, "outside", f"recommended: {_figures(best)}"))
    if report.plateaus:
        square = {"shape": "square", "size": 110, "stroke": LIGHT["model"], "strokeWidth": 0.8}
        entries.append((square, "plateau", "the cheapest may lie here"))
    return entries


def _figures(option: Option) -> str:
    estimate = option.cost
    if estimate is None or estimate.value is None:
        return ""
    low, high = estimate.low, estimate.high
    width = None if low is None or high is None else high - low
    decimals = places(estimate.value, width=width)
    ends = shown_interval(low, high, decimals, "number") if width else ""
    return f"{shown(estimate.value, decimals)}{f' ({ends})' if ends else ''}"


def _told(option: Option) -> str:
    figures = _figures(option)
    return f"{option.label}: {figures} per 1,000 cases" if figures else option.label

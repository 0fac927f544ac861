"""The decision curve: what acting on scores is worth, against acting on all and on none."""

from __future__ import annotations

from dataclasses import asdict

from calaudit.report.evaluation_report import Report
from calaudit.report.pictures.axes import axis, share_axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability_picture import BAND, STROKE
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import WIDTH
from calaudit.report.pictures.words import first_sentence, percent

DASHED = {"strokeWidth": 1.2, "strokeDash": [4, 3]}


def decision_curve(report: Report) -> Picture | None:
    """Return the decision curve; None for other scores than binary ones."""
    points = report.decision_curve
    if len(points) < 2:
        return None
    best = max(max(p.benefit, p.act_on_all, p.high or 0.0) for p in points)
    better = [p.cutoff for p in points if p.benefit > p.act_on_all and (p.low or 0.0) > 0.0]
    told = "At no cutoff is acting on scores clearly worth more than acting on all or on none"
    if better:
        first, last = percent(better[0], better[-1])
        told = f"Acting on scores is worth the most at cutoffs from {first} to {last}"
    rows = [asdict(p) | {"none": 0.0} for p in points]
    ends = {"domain": [0, points[-1].cutoff], "nice": False}
    x = field("cutoff", ends, share_axis("Risk from which acting is right"))
    scale = {"domain": [-0.25 * best, 1.05 * best], "nice": False}
    up = axis("Net benefit, true positives a case")
    lines = (("none", "axis", {"strokeWidth": 1.2}), ("act_on_all", "axis", DASHED),
             ("benefit", "model", {"strokeWidth": 2}))  # fmt: skip
    band = {"x": x, "y": field("low", scale, up), "y2": {"field": "high"}}
    layers = [
        layer("area", [row for row in rows if row["low"] is not None], band, colour="band"),
        *(
            layer("line", rows, {"x": x, "y": field(name, scale, up)}, colour=colour, **more)
            for name, colour, more in lines
        ),
        *key_rows([(STROKE, "model", "acting on scores"), (STROKE | DASHED, "axis", "on all"),
                   (STROKE | {"strokeWidth": 1.2}, "axis", "on none"),
                   (BAND, "band", "interval at each cutoff")], WIDTH),
    ]  # fmt: skip
    for each in layers[:4]:
        each["mark"]["clip"] = True
    title = first_sentence(report.verdict.sentence, report.verdict.lead)
    body = {"width": WIDTH, "height": 260, "layer": layers}
    return picture("decision-curve", (told, title, f"Decision curve: {told}."), body)

"""The picture of an ensemble: how much of its doubt is in the data, and how much in the model."""

from __future__ import annotations

from calaudit.report.ensemble_report import EnsembleReport
from calaudit.report.numbers import shown
from calaudit.report.pictures.axes import axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.words import first_sentence

SIZE = 340
KEY = (
    ({"shape": "square"}, "neutral", "in the data: expected entropy"),
    ({"shape": "square"}, "model", "in the model: mutual information"),
)


def doubt(report: EnsembleReport) -> Picture | None:
    """Return the two parts of the doubt of rows by how much they have of it."""
    most = max((p.data + max(p.model, 0.0) for p in report.parts), default=0.0) or 1.0
    rows = [
        {
            "left": i + 0.6, "right": i + 1.4, "middle": i + 1, "zero": 0, "data": p.data,
            "all": p.data + max(p.model, 0.0), "text": f"{shown(p.wrong, 0, 'percent')} %",
            "told": f"Part {i + 1}: data {p.data:.3f}, model {p.model:.3f} nats; "
            f"{shown(p.wrong, 1, 'percent')} % wrong",
        }
        for i, p in enumerate(report.parts)
    ]  # fmt: skip
    across = {"domain": [0.5, len(rows) + 0.5], "nice": False}
    tenths = axis("Tenths of the rows, the surest first", format="d")
    scale, nats = {"domain": [0, 1.12 * most], "nice": False}, axis("Doubt in nats", tickCount=5)
    layers = [
        layer("rect", rows, {"x": field("left", across, tenths), "x2": {"field": "right"},
                             "y": field(low, scale, nats), "y2": {"field": high}}, colour=colour)
        for low, high, colour in (("zero", "data", "neutral"), ("data", "all", "model"))
    ]  # fmt: skip
    place = {"x": field("middle", across, tenths), "y": field("all", scale, nats)}
    text = {**place, "text": {"field": "text", "type": "nominal"}}
    layers.append(layer("text", rows, text, colour="ink", dy=-7, fontSize=10))
    layers += key_rows(KEY, SIZE)
    told = "; ".join(str(row["told"]) for row in rows)
    subtitle = "Above each bar: how many predictions of the mean are wrong"
    words = (first_sentence(report.sentence, report.lead), subtitle, told)
    body = {"width": SIZE, "height": 220, "layer": layers}
    return picture("doubt", words, body, width=SIZE + 50)

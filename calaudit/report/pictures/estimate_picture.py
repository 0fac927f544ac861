"""The picture of an estimate: accuracy to be expected, of all rows and of each slice."""

from __future__ import annotations

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import estimate_places, interval
from calaudit.report.estimate_report import EstimateReport
from calaudit.report.numbers import shown
from calaudit.report.pictures.axes import share_axis
from calaudit.report.pictures.mark_layers import field, label, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.theme import SMALL
from calaudit.report.pictures.words import first_sentence, fitted

WIDTH, ROW, NAMES = 300, 24, 170
MOST_ROWS = 30


def expected(report: EstimateReport) -> Picture | None:
    """Return accuracy with its interval; the labelled rows and ATC stand beside it."""
    named = [("these rows, expected", report.metrics["accuracy"])]
    named += [
        (f"{s.column} = {s.value}", s.metrics["accuracy"]) for s in report.slices if s.metrics
    ]
    beside = [("the labelled rows", Estimate(value=report.reference.accuracy))]
    beside.append(("these rows, ATC", report.otherwise.get("atc", Estimate(value=None))))
    rows = [
        *[(name, e, "neutral") for name, e in beside if e.value is not None],
        *[(name, e, "model") for name, e in named[:MOST_ROWS]],
    ]
    told = [f"{fitted(name, NAMES, SMALL)}: {_text(e)}" for name, e, _ in rows]
    data = [
        {"value": e.value, "low": e.value if e.low is None else e.low,
         "high": e.value if e.high is None else e.high, "row": i + 0.5, "token": token,
         "told": text}
        for i, ((_, e, token), text) in enumerate(zip(rows, told, strict=True))
    ]  # fmt: skip
    height = ROW * len(rows)
    ends = [end for _, e, _ in rows for end in (e.value, e.low, e.high) if end is not None]
    domain = [max(min(ends) - 0.02, 0.0), min(max(ends) + 0.02, 1.0)]
    across = field("value", {"domain": domain, "nice": False}, share_axis("Accuracy"))
    down = field("row", {"domain": [0, len(rows)], "range": [0, height]})
    layers = []
    for token in ("neutral", "model"):
        some = [row for row in data if row["token"] == token]
        if some:
            span = {"x": {**across, "field": "low"}, "x2": {"field": "high"}, "y": down}
            layers += [
                layer("rule", some, span, colour=token, strokeWidth=3),
                layer("point", some, {"x": across, "y": down}, colour=token, filled=True, size=80,
                      opacity=1),
            ]  # fmt: skip
    layers += [
        label(fitted(name, NAMES - 14, SMALL), -10, ROW * (i + 0.5), align="right")
        for i, (name, _, _) in enumerate(rows)
    ]
    words = (
        first_sentence(report.sentence, report.lead),
        "Accuracy to be expected if calibration transfers, with its interval",
        f"{report.lead} " + "; ".join(told[:6]),
    )
    body = {"width": WIDTH, "height": height, "layer": layers}
    return picture("expected-accuracy", words, body, width=WIDTH + NAMES, gap=10)


def _text(estimate: Estimate) -> str:
    decimals = estimate_places(estimate, "percent")
    ends = interval(estimate, decimals, "percent")
    return f"{shown(estimate.value, decimals, 'percent')} %" + (f" ({ends})" if ends else "")

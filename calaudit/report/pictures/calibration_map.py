"""What a calibrator of one score does: the calibrated probability against the score."""

from __future__ import annotations

from calaudit.report.content.certificate_text import method_title
from calaudit.report.fit_report import FitReport
from calaudit.report.pictures.axes import share_axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.theme import WIDTH, Spec
from calaudit.report.pictures.words import percent

STEPS = 400
"""Scores that the line goes through."""

LOGITS = 8.0
"""Logits are drawn from −8 to 8, probabilities of .0003 and .9997."""


def calibration_map(report: FitReport) -> Picture | None:
    """Return the map of one score; None for several classes, whose scores move together."""
    calibrator = report.calibrator
    if calibrator.task == "multiclass":
        return None
    logit = calibrator.scale == "logit"
    low, high = (-LOGITS, LOGITS) if logit else (0.0, 1.0)
    scores = [low + (high - low) * i / STEPS for i in range(STEPS + 1)]
    calibrated = calibrator.apply(scores).tolist()
    rows = [{"score": s, "calibrated": c} for s, c in zip(scores, calibrated, strict=True)]
    x = field("score", {"domain": [low, high], "nice": False}, _axis(logit=logit))
    y = field("calibrated", {"domain": [0, 1], "nice": False}, share_axis("Calibrated probability"))
    line = layer("line", rows, {"x": x, "y": y}, colour="model", strokeWidth=2)
    layers = [line]
    if not logit:
        ends = [{"score": end, "calibrated": end} for end in (0.0, 1.0)]
        dashes = {"strokeDash": [4, 4], "strokeWidth": 1}
        layers.insert(0, layer("line", ends, {"x": x, "y": y}, colour="axis", **dashes))
    middle = percent(calibrated[STEPS // 2])[0]
    title = f"{method_title(calibrator.method)}: what becomes of a score"
    at = f"{(low + high) / 2:g}"
    alt = f"Calibrated probability against the score; a score of {at} becomes {middle}."
    body: Spec = {"width": WIDTH, "height": WIDTH, "layer": layers}
    return picture("map", (title, "Calibrated probability, by score", alt), body)


def _axis(*, logit: bool) -> Spec:
    return {"title": "Score, as a logit"} if logit else share_axis("Score")

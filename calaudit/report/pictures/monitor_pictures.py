"""The pictures of batches over time: what they say and what is so, and the evidence of all."""

from __future__ import annotations

from typing import Any

from calaudit.report.monitor_report import MonitorReport
from calaudit.report.numbers import count, shown
from calaudit.report.pictures.axes import axis, named_axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.theme import WIDTH, Spec
from calaudit.report.pictures.words import first_sentence

HEIGHT = 220
LEAST, MOST = 1e-3, 1e6
"""Evidence that is drawn; beyond is drawn at the edge."""

MOST_NAMES = 4


def evidence(report: MonitorReport) -> Picture | None:
    """Return the evidence of all batches so far on a log scale, with the alarm; None without."""
    found = report.batches
    if len(found) < 2 or report.units != "rows":
        return None
    alarm = report.alarm_at
    rows: list[dict[str, Any]] = [
        {
            "at": i, "evidence": min(max(b.evidence, LEAST), MOST),
            "told": f"{b.name} · evidence {b.evidence:.3g}",
        }
        for i, b in enumerate(found)
    ]  # fmt: skip
    ends = [row["evidence"] for row in rows] + [alarm, 1.0]
    scale = {"type": "log", "domain": [min(ends) / 1.5, max(ends) * 2]}
    up = field("evidence", scale, axis("Evidence", format="~g", tickCount=5))
    across = _across(report)
    past = [row for row in rows if row["evidence"] >= alarm]
    layers = [
        layer(
            "rule", [{"evidence": alarm}], {"y": up}, colour="fail", strokeDash=[5, 4],
            strokeWidth=1.5,
        ),
        layer("line", rows, {"x": across, "y": up}, colour="model", strokeWidth=1.8),
        layer("point", rows, {"x": across, "y": up}, colour="model", filled=True, size=45,
              opacity=1),
    ]  # fmt: skip
    if past:
        spot = {"x": across, "y": up}
        layers.append(
            layer("point", past, spot, colour="fail", shape="diamond", filled=True, size=90,
                  opacity=1)
        )  # fmt: skip
    words = (
        first_sentence(report.sentence, report.lead),
        f"Evidence that scores are off, of all batches so far; the dashed line, {alarm:,.4g}, is "
        "an alarm",
        f"{report.lead} Evidence after {found[-1].name}: {found[-1].evidence:.3g}.",
    )
    body = {"width": WIDTH, "height": HEIGHT, "layer": layers}
    return picture("evidence", words, body, width=WIDTH + 50)


def batches(report: MonitorReport) -> Picture | None:
    """Return mean score less mean outcome of each batch, with its interval; None without any."""
    found = report.batches
    if not found:
        return None
    rows = [
        {
            "at": i, "gap": b.gap.value, "low": b.gap.low, "high": b.gap.high,
            "told": f"{b.name} · {count(b.rows)} rows · says {shown(b.stated, 3)}, is "
            f"{shown(b.observed, 3)}",
        }
        for i, b in enumerate(found)
    ]  # fmt: skip
    tolerance = report.settings["tolerance"]
    up = field("gap", {"zero": True}, axis("Mean score less mean outcome", tickCount=5))
    across = _across(report)
    band = {"y": field("low", None, up["axis"]), "y2": {"field": "high"}}
    bounded = [row for row in rows if row["low"] is not None]
    layers: list[Spec] = [
        layer("rect", [{"low": -tolerance, "high": tolerance}], band, colour="band"),
        layer("rule", [{"gap": 0}], {"y": up}, colour="axis", strokeDash=[4, 3]),
        layer("rule", bounded, {"x": across, **band}, colour="model", strokeWidth=2),
        layer("point", rows, {"x": across, "y": up}, colour="model", filled=True, size=50,
              opacity=1),
    ]  # fmt: skip
    words = (
        first_sentence(report.sentence, report.lead),
        f"Each batch with its interval; grey is the tolerance of {tolerance:g}. Of many intervals "
        "some miss 0 by chance",
        f"{report.lead} {len(found)} batches from {found[0].name} to {found[-1].name}.",
    )
    body = {"width": WIDTH, "height": HEIGHT, "layer": layers}
    return picture("batches", words, body, width=WIDTH + 50)


def _across(report: MonitorReport) -> Spec:
    """Return the batches in order, of which a few are named."""
    names = [batch.name for batch in report.batches]
    span = {"domain": [-0.5, len(names) - 0.5], "nice": False}
    return field("at", span, named_axis("", names, WIDTH, MOST_NAMES))

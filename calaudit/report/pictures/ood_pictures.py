"""The pictures of rows inside and outside: where their scores lie, and what is accepted of both."""

from __future__ import annotations

from calaudit.report.numbers import shown
from calaudit.report.ood_report import TITLES, OodReport, RowSet
from calaudit.report.pictures.axes import axis, share_axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import first_sentence, fitted

SIZE = 340
TOKENS = ("model", "outside", "open", "fail", "neutral", "ink")
"""Colours of the sets, the inside first."""

STROKE = {"shape": "stroke", "size": 160, "strokeWidth": 2, "filled": False}


def histogram(report: OodReport) -> Picture | None:
    """Return where the leading score lies, set by set."""
    sets = report.sets[: len(TOKENS)]
    across = field(
        "x", {"domain": [report.edges[0], report.edges[-1]], "nice": False, "zero": False},
        axis(f"{TITLES[report.leading].capitalize()}: more abnormal to the right"),
    )  # fmt: skip
    up = field("y", {"zero": True}, share_axis("Share of the set"))
    layers: list[Spec] = []
    for each, token in zip(sets, TOKENS, strict=False):
        rows = [{"x": edge, "y": share} for edge, share in _steps(report, each)]
        encoding = {"x": across, "y": up}
        if each is report.inside:
            layers.append(layer("area", rows, {**encoding, "y2": {"datum": 0}}, colour=token,
                                opacity=0.2))  # fmt: skip
        layers.append(layer("line", rows, encoding, colour=token, strokeWidth=1.8))
    key = [
        (STROKE, token, fitted(f"{each.name}{' (inside)' * (each is report.inside)}", SIZE, SMALL))
        for each, token in zip(sets, TOKENS, strict=False)
    ]
    layers += key_rows(key, SIZE)
    return _picture(report, "outside", f"Where the {TITLES[report.leading]} lies", layers, 200)


def _steps(report: OodReport, each: RowSet) -> list[tuple[float, float]]:
    """Return the outline of the bars."""
    found = []
    for i, share in enumerate(each.shares):
        found += [(report.edges[i], share), (report.edges[i + 1], share)]
    return found


def roc(report: OodReport) -> Picture | None:
    """Return what is accepted of each set outside, as the cutoff moves."""
    sets = report.sets[1 : len(TOKENS)]
    across = field("x", {"domain": [0, 1]}, share_axis("Accepted of the outside"))
    up = field("y", {"domain": [0, 1]}, share_axis("Kept of the inside"))
    layers = [
        layer("line", [{"x": 0, "y": 0}, {"x": 1, "y": 1}], {"x": across, "y": up}, colour="axis",
              strokeDash=[4, 3]),
        layer("rule", [{"y": 0.95}], {"y": up}, colour="axis", strokeDash=[1, 3]),
    ]  # fmt: skip
    key = []
    for each, token in zip(sets, TOKENS[1:], strict=False):
        rows = [{"x": 0.0, "y": 0.0}, *({"x": p.outside, "y": p.inside} for p in each.curve)]
        layers.append(
            layer("line", rows, {"x": across, "y": up}, colour=token, strokeWidth=1.8,
                  interpolate="step-before")
        )  # fmt: skip
        value = next(d.auroc.value for d in report.leads if d.set == each.name)
        key.append((STROKE, token, fitted(f"{each.name}: AUROC {shown(value, 3)}", SIZE, SMALL)))
    layers += key_rows(key, SIZE)
    subtitle = "Dotted: 95 % of the inside rows are kept. Dashed: no better than chance"
    return _picture(report, "roc", subtitle, layers, SIZE)


def _picture(
    report: OodReport, name: str, subtitle: str, layers: list[Spec], height: int
) -> Picture:
    title = first_sentence(report.sentence, report.lead)
    alt = f"{subtitle}. {report.sentence}"
    body = {"width": SIZE, "height": height, "layer": layers}
    return picture(name, (title, subtitle, alt), body, width=SIZE + 30)

"""Small multiples: a little reliability diagram for each class or slice, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.report.audit import AuditReport
from calaudit.report.model import Bin, Report
from calaudit.report.pictures.axes import domain_of
from calaudit.report.pictures.bins import is_outside
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.marks import label
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability import came_of, titles_of, unit_of
from calaudit.report.pictures.theme import SMALL, Spec, concatenated
from calaudit.report.pictures.words import amount, figure, fitted

__all__ = ["classes", "slices"]

MOST = 12
SIZE = 136
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class _Panel:
    """What one of them shows: a name from the data, how many rows, and how far off."""

    name: str
    weight: float
    error: Estimate | None
    label: str
    unit: str
    bins: tuple[Bin, ...]


def classes(report: Report | AuditReport) -> Picture | None:
    """Return a diagram for each class against all others; None where there are none."""
    judged, when = _judged(report)
    unit = unit_of(judged).lower()
    panels = [
        _Panel(each.name, each.weight, each.ece, "ECE", unit, each.bins)
        for each in judged.by_class
        if any(b.observed is not None for b in each.bins)
    ]
    what = "Each class against all others"
    words = ("Predicted probability", "Share that comes true")
    return _multiples("classes", panels, (what, when), len(judged.by_class), words, "comes true")


def slices(report: Report | AuditReport) -> Picture | None:
    """Return a diagram for each slice; None where there are none."""
    judged, when = _judged(report)
    panels = []
    columns = {each.column for each in judged.slices}
    one = columns.pop() if len(columns) == 1 else None
    for each in judged.slices:
        name = "smece" if "smece" in each.metrics else "ece"
        error = each.metrics.get(name)
        title = each.value if one is not None else f"{each.column} = {each.value}"
        word = {"smece": "smECE", "ece": "ECE"}[name]
        if any(b.observed is not None for b in each.bins):
            panels.append(_Panel(title, each.rows, error, word, "rows", each.bins))
    came = came_of(judged.task)
    what = "Each slice" if one is None else f"Each {fitted(one, 150, SMALL)}"
    return _multiples(
        "slices", panels, (what, when), len(judged.slices), titles_of(judged.task), came
    )


def _judged(report: Report | AuditReport) -> tuple[Report, str]:
    if isinstance(report, Report):
        return report, ""
    if report.after is None:
        return report.before, ""
    return report.after, ", calibrated"


def _multiples(
    name: str,
    panels: Sequence[_Panel],
    what: tuple[str, str],
    total: int,
    words: tuple[str, str],
    came: str,
) -> Picture | None:
    if not panels:
        return None
    kept = sorted(panels, key=_badness)[:MOST]
    domain = domain_of([b for panel in kept for b in panel.bins])
    ordered = f"{what[0]}{what[1]}, the worst first"
    if len(kept) < total:
        ordered += f" ({len(kept)} of {total})"
    worst = kept[0]
    title = f"“{_shown(worst.name)}” is furthest off: {worst.label} {figure(worst.error)}"
    if len(kept) == 1:
        title = f"“{_shown(worst.name)}”: {worst.label} {figure(worst.error)}"
    views = [
        _view(panel, domain, came, words, left=i % COLUMNS == 0, below=i + COLUMNS >= len(kept))
        for i, panel in enumerate(kept)
    ]
    singles = tuple(_single(name, panel, domain, came, words) for panel in kept)
    alt = f"Reliability diagrams, {len(kept)} of {total} {name}: "
    alt += "; ".join(f"{_shown(p.name)} {p.label} {figure(p.error)}" for p in kept[:4]) + "."
    body = concatenated(views, columns=COLUMNS, spacing=16)
    return picture(name, (title, ordered, alt), body, width=COLUMNS * SIZE + 100, panels=singles)


def _single(
    name: str, panel: _Panel, domain: tuple[float, float], came: str, words: tuple[str, str]
) -> Picture:
    """Return one panel as a picture of its own."""
    outside = sum(is_outside(b) for b in panel.bins)
    title = f"{panel.label} {figure(panel.error)}, {amount(panel.weight)} {panel.unit}"
    alt = f"Reliability diagram of {_shown(panel.name)}: {title}; {outside} bins are off."
    view = _view(panel, domain, came, words, left=True, below=True, alone=True)
    heading = fitted(panel.name, SIZE + 40, 15, bold=True)
    return picture(name, (heading, title, alt), view, width=SIZE + 40, gap=8)


def _view(
    panel: _Panel,
    domain: tuple[float, float],
    came: str,
    words: tuple[str, str],
    *,
    left: bool,
    below: bool,
    alone: bool = False,
) -> Spec:
    plane = Diagram(domain, SIZE, came, (words[0] if below else "", words[1] if left else ""))
    return {
        "width": SIZE,
        "height": SIZE,
        "layer": [
            *([] if alone else _heading(panel)),
            *plane.band(panel.bins),
            plane.diagonal(),
            *plane.points(panel.bins, "model", name=_shown(panel.name)),
        ],
    }


def _heading(panel: _Panel) -> list[Spec]:
    """Return the name and the figures of a panel, above it."""
    name = fitted(panel.name, SIZE + 8, SMALL + 0.5, bold=True)
    figures = f"{panel.label} {figure(panel.error)} · {amount(panel.weight)} {panel.unit}"
    return [
        label(name, 0, -29, colour="ink", fontWeight="bold", fontSize=SMALL + 0.5),
        label(figures, 0, -14, fontSize=SMALL - 0.5),
    ]


def _badness(panel: _Panel) -> float:
    error = panel.error
    if error is None or error.value is None:
        return 0.0
    return -(error.value if error.unbiased is None else error.unbiased)


def _shown(name: str) -> str:
    return fitted(name, 200, SMALL)

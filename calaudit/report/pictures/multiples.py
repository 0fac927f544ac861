"""Small multiples: a little reliability diagram for each class or slice, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.report.audit_report import AuditReport
from calaudit.report.content.reliability_table import domain_of, is_inside, rows_in
from calaudit.report.content.slice_table import (
    class_places,
    error_text,
    slice_places,
    worst_first,
)
from calaudit.report.evaluation_report import Bin, Report, SliceResult
from calaudit.report.numbers import counted
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.mark_layers import label
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability_picture import outcome_word, titles_of, unit_of
from calaudit.report.pictures.theme import SMALL, Spec, concatenated
from calaudit.report.pictures.words import amount, fitted

MOST = 12
SIZE = 134
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class _Panel:
    """What one of them shows: a name from the data, how far off by ``word``, of how many rows."""

    name: str
    word: str
    error: str
    size: str
    bins: tuple[Bin, ...]

    @property
    def told(self) -> str:
        """The figures in a line."""
        return f"{self.error} · {self.size}"

    @property
    def off(self) -> str:
        """How far off it is, with the word for that."""
        return f"{self.word} {self.error}"


def classes(report: Report | AuditReport) -> Picture | None:
    """Return a diagram for each class against all others; None where there are none."""
    judged, when = _judged(report)
    unit = unit_of(judged).lower()
    decimals = class_places(report.evaluations)
    panels = [
        _Panel(
            each.name,
            "unbiased ECE",
            error_text(each.ece.point, decimals),
            f"{amount(each.weight)} of {amount(sum(b.weight for b in each.bins))} {unit}",
            each.bins,
        )
        for each in worst_first(judged.by_class)
        if any(b.observed is not None for b in each.bins)
    ]
    if not panels:
        return None
    worst = f"“{_shown(panels[0].name)}” is furthest off: {panels[0].off}"
    what = f"Each class against all others{when}, with its {panels[0].word}, the worst first"
    words = ("Predicted probability", "Share that comes true")
    return _multiples("classes", panels, (worst, what), len(judged.classes), words, "comes true")


def slices(report: Report | AuditReport) -> Picture | None:
    """Return a diagram for each slice, in the order of their table; None where there are none."""
    judged, when = _judged(report)
    columns = {each.column for each in judged.slices}
    one = columns.pop() if len(columns) == 1 else None
    decimals = slice_places(judged.slices)
    drawn = [each for each in judged.slices if any(b.observed is not None for b in each.bins)]
    panels = [
        _Panel(
            each.value if one is not None else f"{each.column} = {each.value}",
            "calibration error",
            _error(each, decimals),
            counted(rows_in(each.bins), "row"),
            each.bins,
        )
        for each in drawn
    ]
    if not panels:
        return None
    worst = max(range(len(drawn)), key=lambda i: _surely_off(drawn[i]))
    surely = _surely_off(drawn[worst]) > 0
    lead = "is off the most surely: " if surely else "comes first, though it may be by chance: "
    title = f"“{_shown(panels[worst].name)}” {lead}{panels[worst].off}"
    what = "Each slice" if one is None else f"Each {fitted(one, 150, SMALL)}"
    places = list(dict.fromkeys(each.column for each in drawn))
    ranked = sorted(drawn, key=lambda s: (places.index(s.column), -_surely_off(s)))
    what += f"{when}, with its {panels[0].word}, "
    what += "the most surely off first" if ranked == drawn else "in order"
    came = outcome_word(judged.task)
    total = len(judged.slices)
    return _multiples("slices", panels, (title, what), total, titles_of(judged.task), came)


def _surely_off(s: SliceResult) -> float:
    found = s.metrics.get("smece")
    return (found.low if found else None) or 0.0


def _error(s: SliceResult, decimals: int) -> str:
    found = s.metrics.get("smece")
    return error_text(found.point if found else None, decimals) or "–"


def _judged(report: Report | AuditReport) -> tuple[Report, str]:
    calibrated = report.best is not report.evaluations[0]
    return report.best, ", calibrated" if calibrated else ""


def _multiples(
    name: str,
    panels: Sequence[_Panel],
    said: tuple[str, str],
    total: int,
    words: tuple[str, str],
    came: str,
) -> Picture:
    kept = panels[:MOST]
    domain = domain_of([b for panel in kept for b in panel.bins])
    title, what = said
    what += f" ({len(kept)} of {total})" if len(kept) < total else ""
    if len(kept) == 1:
        title = f"“{_shown(kept[0].name)}”: {kept[0].off}"
    views = [
        _view(panel, domain, came, words, left=i % COLUMNS == 0, below=i + COLUMNS >= len(kept))
        for i, panel in enumerate(kept)
    ]
    singles = tuple(_single(name, panel, domain, came, words) for panel in kept)
    alt = f"Reliability diagrams, {len(kept)} of {total} {name}: "
    alt += "; ".join(f"{_shown(p.name)} {p.off}" for p in kept[:4]) + "."
    body = concatenated(views, columns=COLUMNS, spacing=16)
    return picture(name, (title, what, alt), body, width=COLUMNS * SIZE + 100, panels=singles)


def _single(
    name: str, panel: _Panel, domain: tuple[float, float], came: str, words: tuple[str, str]
) -> Picture:
    """Return one panel as a picture of its own."""
    outside = sum(not is_inside(b) for b in panel.bins)
    told = f"{panel.word} {panel.told}"
    alt = f"Reliability diagram of {_shown(panel.name)}: {told}; {outside} bins are off."
    view = _view(panel, domain, came, words, left=True, below=True, alone=True)
    heading = fitted(panel.name, SIZE + 40, 15, bold=True)
    return picture(name, (heading, told, alt), view, width=SIZE + 40, gap=8)


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
    return [
        label(name, 0, -29, colour="ink", fontWeight="bold", fontSize=SMALL + 0.5),
        label(panel.told, 0, -14, fontSize=SMALL - 0.5),
    ]


def _shown(name: str) -> str:
    return fitted(name, 200, SMALL)

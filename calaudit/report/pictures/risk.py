"""The risk–coverage curve: how many of the decisions are wrong if only the surest are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.report.audit_report import AuditReport, Selective
from calaudit.report.content.acceptance_table import told_acceptance
from calaudit.report.content.action_text import decision_title
from calaudit.report.content.reliability_table import nice_top
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import integral_percent
from calaudit.report.pictures.axes import share_axis
from calaudit.report.pictures.mark_layers import field, label, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.room import Place, Point, free_place, line_of
from calaudit.report.pictures.theme import SMALL, WIDTH, Spec
from calaudit.report.pictures.words import cutoff_text, figure, percent, text_width
from calaudit.report.threshold_report import DecisionReport, RiskPoint

HEIGHT = 280


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A cutoff on the curve, and the limit that it was chosen for."""

    cutoff: float
    coverage: Estimate
    error: Estimate
    limit: float | None


def risk_coverage(report: DecisionReport) -> Picture | None:
    """Return the curve with the recommended cutoff on it; None without a curve."""
    limit = next((g.value for g in report.guarantees if g.limit == "max_error"), None)
    best = report.recommended
    marked = []
    if best is not None and best.act_from is not None:
        coverage, error = best.rates.get("act_share"), best.rates.get("error")
        if coverage is not None and error is not None:
            marked.append(_Accepted(best.act_from, coverage, error, limit))
    title = decision_title(report)
    return _picture(report.risk_coverage, marked, report.aurc, title)


def audit_risk(report: AuditReport) -> Picture | None:
    """Return the curve of an audit, with a cutoff for each limit that can be kept."""
    found = report.selective
    if found is None:
        return None if report.decision is None else risk_coverage(report.decision)
    # The strictest limit comes first; one that leads to the same cutoff says nothing more.
    marked: dict[float, _Accepted] = {}
    for a in found.acceptances:
        if a.cutoff is not None:
            marked.setdefault(a.cutoff, _Accepted(a.cutoff, a.coverage, a.error, a.max_error))
    return _picture(found.curve, tuple(marked.values()), found.aurc, _told(found, report.before))


def _told(found: Selective, before: Report) -> str:
    best = told_acceptance(found, before)
    if best is None or best.coverage.value is None:
        return "Accepting the surest decisions and reviewing the rest"
    share, limit = integral_percent(best.coverage.value), _percent(best.max_error)
    return f"If {limit} errors are allowed, {share} of the cases can do without a person"


def _picture(
    curve: Sequence[RiskPoint], marked: Sequence[_Accepted], area: Estimate | None, title: str
) -> Picture | None:
    if len(curve) < 2:
        return None
    heights = [p.risk for p in curve] + [m.limit for m in marked if m.limit is not None]
    heights += [e for m in marked for e in (m.error.value, m.error.high) if e is not None]
    top = _top(max(heights))
    layers = [_curve(curve, top), *_accepted(marked, top), *_names(marked, curve, top)]
    subtitle = "Share that is wrong among those accepted, the most confident first"
    if area is not None and area.value is not None:
        subtitle += f"; area under the curve {figure(area)}"
    ends = percent(curve[-1].coverage, curve[-1].risk)
    alt = f"Risk–coverage curve: with {ends[0]} accepted, {ends[1]} are wrong"
    for m in marked:
        if m.coverage.value is not None and m.error.value is not None:
            share, wrong = percent(m.coverage.value, m.error.value)
            alt += f"; from a confidence of {cutoff_text(m.cutoff)} on {share} are accepted, "
            alt += f"{wrong} wrong"
    body = {"width": WIDTH, "height": HEIGHT, "layer": layers}
    return picture("risk-coverage", (title, subtitle, f"{alt}."), body)


def _top(most: float) -> float:
    """Return the end of the axis: a round figure not much above the largest."""
    top = nice_top(most) if most > 0 else 0.1
    return next((top * part for part in (0.5, 0.6, 0.7, 0.8, 0.9) if top * part > 1.08 * most), top)


def _x(name: str) -> Spec:
    scale = {"domain": [0, 1], "nice": False}
    return field(name, scale, share_axis("Share of cases accepted"))


def _y(name: str, top: float) -> Spec:
    scale = {"domain": [0, top], "nice": False}
    return field(name, scale, share_axis("Share of these that is wrong"))


def _curve(curve: Sequence[RiskPoint], top: float) -> Spec:
    rows = [{"coverage": p.coverage, "risk": p.risk, "cutoff": p.cutoff} for p in curve]
    encoding = {"x": _x("coverage"), "y": _y("risk", top)}
    drawn = layer("line", rows, encoding, colour="model", strokeWidth=2, clip=True)
    drawn["mark"].update(aria=True, description="Risk–coverage curve")
    return drawn


def _accepted(marked: Sequence[_Accepted], top: float) -> list[Spec]:
    layers: list[Spec] = []
    for m in marked:
        if m.coverage.value is None or m.error.value is None:
            continue
        share, wrong, low, high = percent(
            m.coverage.value, m.error.value, m.error.low, m.error.high
        )
        told = f"confidence ≥ {cutoff_text(m.cutoff)}: {share} accepted, {wrong} wrong"
        told += "" if m.error.low is None or m.error.high is None else f" ({low} to {high})"
        row = {"coverage": m.coverage.value, "risk": m.error.value, "low": m.error.low,
               "high": m.error.high, "cutoff": m.cutoff, "limit": m.limit,
               "told": told}  # fmt: skip
        x = _x("coverage")
        if m.limit is not None:
            line = {"x": {"value": 0}, "x2": {"value": WIDTH}, "y": _y("limit", top)}
            rule = {"strokeDash": [3, 3], "strokeWidth": 1}
            layers.append(layer("rule", [row], line, colour="axis", **rule))
        drop = {"x": x, "y": _y("risk", top), "y2": {"value": HEIGHT}}
        layers.append(layer("rule", [row], drop, colour="outside", opacity=0.5, strokeWidth=1))
        if m.error.low is not None and m.error.high is not None:
            ends = {"x": x, "y": _y("low", top), "y2": {"field": "high"}}
            layers.append(layer("rule", [row], ends, colour="outside", strokeWidth=2))
        spot = {"x": x, "y": _y("risk", top)}
        more = {"shape": "diamond", "filled": True, "size": 80, "opacity": 1}
        layers.append(layer("point", [row], spot, colour="outside", **more))
    return layers


def _names(marked: Sequence[_Accepted], curve: Sequence[RiskPoint], top: float) -> list[Spec]:
    """Return what each cutoff gives: on the line of its limit; without a limit, beside its point.

    What has no room is left out: the table says the same.
    """

    def pixel(coverage: float, risk: float) -> Point:
        return coverage * WIDTH, (1 - risk / top) * HEIGHT

    layers = []
    taken = line_of([pixel(p.coverage, p.risk) for p in curve])
    for m in marked:
        ends = [(m.coverage.value or 0.0, v) for v in (0.0, m.error.high or m.error.value or 0.0)]
        taken += line_of([pixel(*end) for end in ends])
        if m.limit is not None:
            taken += line_of([pixel(0.0, m.limit), pixel(1.0, m.limit)])
    for m in marked:
        at = pixel(m.coverage.value or 0.0, m.error.value or 0.0)
        line = None if m.limit is None else pixel(0.0, m.limit)[1]
        for text in _texts(m):
            half = text_width(text, SMALL) / 2
            places = _beside(at, half) if line is None else _along(line, at[0], half)
            free = (p for p in places if free_place(text, [p], taken, near=7))
            place = next(free, None)
            if place is not None:
                x, y, _ = place
                layers.append(label(text, x - half, y, colour="outside"))
                taken += line_of([(x - half, y), (x + half, y)])
                break
    return layers


def _texts(m: _Accepted) -> list[str]:
    """Return what is said of a cutoff, at length and shorter."""
    share, wrong = percent(m.coverage.value, m.error.value)
    if m.limit is None:
        return [f"{_accept(m.cutoff)}: {share}, {wrong} wrong"]
    limit = f"at most {_percent(m.limit)} wrong"
    return [f"{limit}: {_accept(m.cutoff)}, {share}", f"{limit}: {share}", limit]


def _along(line: float, at: float, half: float) -> Iterator[Place]:
    """Return places on a line across: above its left end, and below it to the right of a point."""
    for x in (5 + half, at - half - 6):
        if x >= half + 5:
            yield x, line - 9, 0.0
    for x in (at + 9 + half, WIDTH - half):
        if at + 9 + half <= x <= WIDTH - half:
            yield x, line + 9, 0.0
            yield x, line - 9, 0.0


def _beside(at: Point, half: float) -> Iterator[Place]:
    """Return places beside a point, the nearest first."""
    x, y = at
    below = [min(y + down, HEIGHT - 8) for down in (13, 24, 36, 60)]
    yield from ((x + 9 + half, down, 0.0) for down in below if x + 9 + 2 * half < WIDTH)
    yield from ((WIDTH - half, down, 0.0) for down in below)
    yield from ((5 + half, up, 0.0) for up in (y - 12, y - 30, 10.0))


def _accept(cutoff: float) -> str:
    return f"accept ≥ {cutoff_text(cutoff)}" if cutoff > 0 else "accept everything"


def _percent(share: float) -> str:
    return f"{100 * share:.10g} %"

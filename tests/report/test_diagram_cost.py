"""The curves to decide by in the terminal: read back from their cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.text import Text

from calaudit.report.charts.cost_chart import cost_chart
from calaudit.report.charts.risk_chart import decision_chart
from calaudit.report.console.chart_lines import chart_lines
from calaudit.report.console.diagram_canvas import Canvas
from calaudit.report.console.page import Page
from calaudit.report.pictures import picture_of
from calaudit.report.threshold_report import CostPoint, DecisionReport, Plateau, RiskPoint
from tests.report.decisions import DECISIONS, answers, fraud, matrix, spam

ASCII_PAGE = Page(80, "ascii", 0.95)


def cost_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the curve that a terminal draws of a decision: of costs, or else of risk."""
    chart = cost_chart(report) or decision_chart(report)
    return [] if chart is None else chart_lines(chart, page)


def risk_lines(points: Sequence[RiskPoint], page: Page) -> list[Text]:
    """Return the risk–coverage curve of these points."""
    return cost_lines(replace(answers(), risk_coverage=tuple(points)), page)


def curve(costs: dict[float, float]) -> tuple[CostPoint, ...]:
    """Return a cost curve."""
    return tuple(
        CostPoint(cutoff=at, cost=cost, precision=None, recall=None, act_share=1 - at)
        for at, cost in costs.items()
    )


def one_cutoff(**changes) -> DecisionReport:
    """Return a report whose recommended option is a cutoff of 0.4, on a V-shaped curve."""
    best = replace(spam().options[0], review_from=None, act_from=0.4)
    given = {
        "options": (best,),
        "plateaus": (Plateau(cutoff="act_from", low=0.3, high=0.55),),
        "cost_curve": curve({i / 100: 100 + 400 * abs(i / 100 - 0.4) for i in range(101)}),
    }
    return replace(spam(), **{**given, **changes})


def grid_of(report: DecisionReport, page: Page) -> tuple[list[str], list[float], list[float]]:
    """Return the cells from the bottom up, and the value at the middle of each column and row.

    The values are found from the labels of the axes alone, by a line through two of them.
    """
    text = [line.plain for line in cost_lines(report, page)]
    base = next(i for i, line in enumerate(text) if line.lstrip().startswith(("++", "+-", "└")))
    start = text[base].index("+" if page.encoding == "ascii" else "└") + 1
    width = len(text[base]) - start
    rows = [line[start:].ljust(width) for line in text[2:base]][::-1]
    ticks = [x for x, sign in enumerate(text[base][start:]) if sign in "+┬"]
    across = dict(zip(ticks, map(float, text[base + 1].split()), strict=True))
    ups = {
        y: float(line[: start - 1].strip().replace(",", ""))
        for y, line in enumerate(text[2:base][::-1])
        if line[: start - 1].strip()
    }
    return rows, _along(across, width), _along(ups, len(rows))


def _along(known: dict[int, float], cells: int) -> list[float]:
    (first, low), (last, high) = min(known.items()), max(known.items())
    return [low + (i - first) * (high - low) / (last - first) for i in range(cells)]


def test_the_curve_goes_through_its_points() -> None:
    """In every column there is a sign of the curve where the cost of that cutoff lies."""
    rows, xs, ys = grid_of(one_cutoff(options=(), plateaus=()), ASCII_PAGE)
    step = ys[1] - ys[0]
    slope = 400 * (xs[1] - xs[0])
    for column, x in enumerate(xs):
        cost = 100 + 400 * abs(x - 0.4)
        drawn = [ys[y] for y, row in enumerate(rows) if row[column] == "*"]
        if cost < ys[-1] - step:
            assert min(abs(y - cost) for y in drawn) <= step + slope
        assert all(abs(y - cost) <= 1.5 * step + slope for y in drawn)


def test_the_recommended_cutoff_stands_at_its_score() -> None:
    """The upright line is in the column of the cutoff, its name over it, its cost on it."""
    report = one_cutoff()
    rows, xs, ys = grid_of(report, ASCII_PAGE)
    lines = [x for x, sign in enumerate(rows[-1]) if sign == "|"]
    assert len(lines) == 1
    assert abs(xs[lines[0]] - 0.4) <= xs[1] - xs[0]
    marked = [y for y, row in enumerate(rows) if row[lines[0]] == "X"]
    cost = report.options[0].cost
    assert cost is not None
    assert abs(ys[marked[0]] - (cost.value or 0)) <= ys[1] - ys[0]
    names = cost_lines(report, ASCII_PAGE)[1].plain
    assert names.split() == ["act"]


def test_the_plateau_is_shaded() -> None:
    """The shade covers the columns of the plateau and no others."""
    rows, xs, _ = grid_of(one_cutoff(), ASCII_PAGE)
    shaded = [x for x in range(len(xs)) if any(row[x] == ":" for row in rows)]
    cell = xs[1] - xs[0]
    assert abs(xs[shaded[0]] - 0.3) <= cell
    assert abs(xs[shaded[-1]] - 0.55) <= cell


@pytest.mark.parametrize(("low", "high"), [(None, 0.2), (0.9, None), (None, None)])
def test_a_plateau_without_an_end(low: float | None, high: float | None) -> None:
    """A plateau that has no end on a side reaches the end of the picture there."""
    plateaus = (Plateau(cutoff="act_from", low=low, high=high),)
    rows, xs, _ = grid_of(one_cutoff(plateaus=plateaus), ASCII_PAGE)
    shaded = {x for x in range(len(xs)) if any(row[x] == ":" for row in rows)}
    assert (0 in shaded) == (low is None)
    assert (len(xs) - 1 in shaded) == (high is None)


def test_the_valley_is_seen() -> None:
    """One end that costs a hundred times as much is drawn, and does not flatten the rest: the axis
    is logarithmic, as that of the picture is.
    """
    costs = {i / 100: 100 + 200 * abs(i / 100 - 0.7) for i in range(20, 101)}
    report = one_cutoff(cost_curve=curve({0.0: 50_000.0} | costs), plateaus=())
    lines = [line.plain for line in cost_lines(report, ASCII_PAGE)]
    assert lines[0].endswith("on a logarithmic axis")
    drawn = [i for i, line in enumerate(lines) if "*" in line]
    labels = {line.split("|")[0].split("+")[0].strip(): i for i, line in enumerate(lines)}
    assert min(drawn) <= labels["10,000"] < labels["100"]
    assert len([i for i in drawn if i >= labels["1,000"]]) >= 3
    assert lines[2].index("*") <= lines[2].index("|") + 3  # the dear end is at the left
    assert "not drawn" not in " ".join(lines)
    assert picture_of(report, "cost").subtitle.endswith("on a logarithmic axis")


def test_cutoffs_near_zero_are_told_apart() -> None:
    """Where cutoffs are small the axis is one of log-odds: each tick has its room."""
    best = replace(spam().options[0], act_from=0.012)
    costs = {p: 10 + 3 * abs(math.log(p / 0.012)) for p in (0.001, 0.003, 0.01, 0.03, 0.1, 0.6)}
    report = one_cutoff(options=(best,), cost_curve=curve(costs), plateaus=())
    lines = [line.plain for line in cost_lines(report, ASCII_PAGE)]
    assert lines[-2].split() == ["0.001", "0.01", "0.1", "0.5", "0.9"]
    ticks = [x for x, sign in enumerate(lines[-3]) if sign == "+"]
    line = lines[1].index("act") + 1
    assert ticks[-4] <= line <= ticks[-4] + (ticks[-3] - ticks[-4]) // 4


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [40, 80, 140, 300])
def test_it_fits(name: str, encoding: str, width: int) -> None:
    """Every decision has a picture within the page, or none; plain where only ASCII is."""
    lines = [line.plain for line in cost_lines(DECISIONS[name](), Page(width, encoding, 0.95))]
    assert all(cell_len(line) <= min(width, 104) for line in lines)
    assert len(lines) <= 24
    assert encoding != "ascii" or "".join(lines).isascii()


@pytest.mark.parametrize("unit", ["logit", "score"])
def test_other_units(unit: str) -> None:
    """Cutoffs that are no probabilities have an axis from the smallest to the largest."""
    best = replace(fraud().options[0], review_from=-2.0, act_from=1.5)
    report = replace(
        fraud(), unit=unit, options=(best,), plateaus=(),
        cost_curve=curve({x / 4: 200.0 + x * x for x in range(-20, 21)}),
    )  # fmt: skip
    rows, xs, _ = grid_of(report, ASCII_PAGE)
    lines = [x for x, sign in enumerate(rows[-1]) if sign == "|"]
    cell = xs[1] - xs[0]
    assert [abs(xs[x] - at) <= cell for x, at in zip(lines, (-2.0, 1.5), strict=True)] == [True] * 2


def test_gains_are_drawn_below_zero() -> None:
    """Where deciding earns something, costs are negative and the axis says so."""
    costs = {i / 10: -500 + 300 * abs(i / 10 - 0.5) for i in range(11)}
    _, _, ys = grid_of(one_cutoff(options=(), cost_curve=curve(costs)), ASCII_PAGE)
    assert ys[0] <= -490
    assert ys[-1] <= 0


def test_equal_costs() -> None:
    """A curve that is flat is a line in the middle, not a fault."""
    rows, _, _ = grid_of(one_cutoff(options=(), cost_curve=curve(dict.fromkeys(
        (0.0, 0.5, 1.0), 7.0))), ASCII_PAGE)  # fmt: skip
    assert sum("*" in row for row in rows) == 1


def test_without_costs_risk_is_drawn() -> None:
    """Where there are limits instead of costs, the curve is of risk, with what is recommended."""
    lines = [line.plain for line in cost_lines(answers(), ASCII_PAGE)]
    assert "wrong among those accepted" in lines[0]
    assert sum(line.count("X") for line in lines[1:-1]) == 1
    base = next(i for i, line in enumerate(lines) if line.lstrip().startswith("++"))
    start = lines[base].index("+") + 1
    marked = next(line.index("X") for line in lines[1:base] if "X" in line)
    share = (marked - start + 0.5) / (len(lines[base]) - start)
    best = answers().options[0].rates["act_share"].value
    assert best is not None
    assert abs(share - best) < 0.02


def test_nothing_to_draw() -> None:
    """A cost matrix has no single cutoff: no picture, and no fault; nor has a single point."""
    assert cost_lines(matrix(), ASCII_PAGE) == []
    point = RiskPoint(cutoff=0.5, coverage=1.0, risk=0.1)
    assert risk_lines((point,), ASCII_PAGE) == []


@pytest.mark.parametrize("risk", [0.0, 1e-9, 0.4, 1.0])
def test_any_risk(risk: float) -> None:
    """Risks from none to all have an axis that holds them."""
    points = [RiskPoint(cutoff=0.5, coverage=c / 10, risk=risk * c / 10) for c in range(1, 11)]
    lines = [line.plain for line in risk_lines(points, ASCII_PAGE)]
    assert any("*" in line for line in lines)


@pytest.mark.parametrize("dear", [1e6, 1e15, 1e300])
def test_a_dear_end_is_not_drawn_dot_by_dot(monkeypatch: pytest.MonkeyPatch, dear: float) -> None:
    """What one end costs beyond the axis takes no time: dots are only made where they show."""
    made = []
    monkeypatch.setattr(Canvas, "_dot", lambda *place: made.append(place))
    report = one_cutoff(cost_curve=curve({0.0: dear, 0.2: 100.0, 0.4: 100.0, 0.9: 150.0}))
    assert cost_lines(report, Page(80, "utf-8", 0.95))
    assert 0 < len(made) < 5000

"""The reliability diagram in the terminal: what is drawn is read back from its cells."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from calaudit.report.audit_report import AuditReport
from calaudit.report.charts.reliability_chart import compared_chart, reliability_chart
from calaudit.report.charts.ticks import steps
from calaudit.report.console import render_console
from calaudit.report.console.chart_lines import chart_lines, densities
from calaudit.report.console.diagram_canvas import Scale
from calaudit.report.console.page import ASCII, UNICODE, Glyphs, Page
from calaudit.report.content.reliability_table import domain_of, is_inside
from calaudit.report.evaluation_report import Bin, Report
from tests.report.examples import EXAMPLES, binary_calibrated, llm, multiclass, one_bin
from tests.report.test_console import drawn

WAYS = [(80, "utf-8"), (140, "utf-8"), (40, "utf-8"), (80, "ascii")]


def plotted(report: Report, **options) -> str:
    """Return what a terminal is sent of the report with its diagram."""
    stream = io.StringIO()
    given = {"color_system": None, "force_terminal": False, **options}
    render_console(report, Console(file=stream, width=80, **given), full=True, plot=True)
    return stream.getvalue()


@dataclass(frozen=True)
class Picture:
    """A diagram, taken apart: the rows of its cells from the bottom up, and its domain."""

    cells: list[str]
    width: int
    low: float
    high: float
    text: list[str]

    def place(self, score: float, rate: float) -> tuple[int, int]:
        """Return the column and the row that belong to a score and a rate."""
        x, y = ((v - self.low) / (self.high - self.low) for v in (score, rate))
        return (
            min(max(int(x * self.width), 0), self.width - 1),
            min(max(int(y * len(self.cells)), 0), len(self.cells) - 1),
        )

    def at(self, column: int, row: int) -> str:
        """Return the sign in a cell."""
        return self.cells[row][column]


def diagram_lines(report: Report, page: Page, after: Report | None = None) -> list[Text]:
    """Return what a terminal draws of a report, or of the same rows before and after."""
    if after is None:
        chart = reliability_chart(report)
    else:
        chart = compared_chart(cast(AuditReport, SimpleNamespace(before=report, after=after)))
    return [] if chart is None else chart_lines(chart, page)


def read(report: Report, page: Page, after: Report | None = None) -> Picture:
    """Draw a report and take the drawing apart."""
    glyphs = page.glyphs
    text = [line.plain for line in diagram_lines(report, page, after)]
    base = next(i for i, line in enumerate(text) if line.lstrip().startswith(glyphs.axes[2]))
    start = text[base].index(glyphs.axes[2]) + 1
    width = len(text[base]) - start
    rows = [line[start:].ljust(width) for line in text[1:base]]
    filled = [b for each in (report, after) if each for b in each.bins if b.rows]
    return Picture(rows[::-1], width, *domain_of(filled), text)


def point_of(b: Bin) -> tuple[float, float]:
    """Return the mean score and the rate of a bin that is not empty."""
    assert b.mean_score is not None
    assert b.observed is not None
    return b.mean_score, b.observed


def marks(glyphs: Glyphs) -> str:
    """Return the signs of points."""
    return glyphs.inside + glyphs.outside


def points(bins: Sequence[Bin], picture: Picture) -> dict[tuple[int, int], Bin]:
    """Return the cell of each point with the heaviest bin in it."""
    return {picture.place(*point_of(b)): b for b in sorted(bins, key=lambda b: b.weight) if b.rows}


@pytest.mark.parametrize(("width", "encoding"), WAYS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_points_are_in_their_cells(name: str, width: int, encoding: str) -> None:
    """Every bin is marked where its mean score and its rate lie, and nothing else is marked."""
    report = EXAMPLES[name]()
    page = Page(width, encoding, 0.95)
    picture = read(report, page)
    found = {
        (x, y): sign
        for y, row in enumerate(picture.cells)
        for x, sign in enumerate(row)
        if sign in marks(page.glyphs)
    }
    expected = points(report.bins, picture)
    assert found.keys() == expected.keys()
    for place, b in expected.items():
        assert found[place] == (page.glyphs.inside if is_inside(b) else page.glyphs.outside)


@pytest.mark.parametrize(("width", "encoding"), WAYS)
@pytest.mark.parametrize("make", [binary_calibrated, multiclass, llm])
def test_intervals_cover_their_cells(make, width: int, encoding: str) -> None:
    """Above and below a point a line covers its interval, from cell to cell, and no further."""
    report = make()
    page = Page(width, encoding, 0.95)
    picture = read(report, page)
    bins = [b for b in report.bins if b.rows]
    columns = [picture.place(*point_of(b))[0] for b in bins]
    for b, column in zip(bins, columns, strict=True):
        if columns.count(column) > 1:
            continue
        first, last = (picture.place(b.mean_score, end)[1] for end in (b.low, b.high))
        for row in range(len(picture.cells)):
            covered = picture.at(column, row) in (*page.glyphs.stem, *marks(page.glyphs))
            assert covered == (first <= row <= last), (b, row)


@pytest.mark.parametrize(("width", "encoding"), WAYS)
@pytest.mark.parametrize("make", [binary_calibrated, multiclass])
def test_the_band_covers_its_cells(make, width: int, encoding: str) -> None:
    """At the mean score of a bin the shade reaches over its band, and no further."""
    report = make()
    bare = tuple(replace(b, low=None, high=None) for b in report.bins)
    page = Page(width, encoding, 0.95)
    picture = read(replace(report, bins=bare), page)
    bins = [b for b in bare if b.rows]
    for b in bins:
        column, point = picture.place(*point_of(b))
        first, last = (picture.place(b.mean_score, end)[1] for end in (b.band_low, b.band_high))
        for row in range(len(picture.cells)):
            sign = picture.at(column, row)
            if first <= row <= last:
                assert sign != " "
            elif row != point:
                assert sign != page.glyphs.shade


@pytest.mark.parametrize(("width", "encoding"), WAYS)
def test_the_diagonal(width: int, encoding: str) -> None:
    """Where nothing covers it, every column has its piece of the diagonal."""
    bins = tuple(
        replace(b, low=None, high=None, band_low=None, band_high=None)
        for b in binary_calibrated().bins
    )
    picture = read(replace(binary_calibrated(), bins=bins), Page(width, encoding, 0.95))
    for column in range(picture.width):
        value = (column + 0.5) / picture.width
        row = picture.place(value, value)[1]
        assert picture.at(column, row) != " "


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_labels_stand_at_their_values(encoding: str) -> None:
    """Ticks of both axes lie where their labels say, in percent up and as scores across."""
    page = Page(80, encoding, 0.95)
    picture = read(multiclass(), page)
    start = picture.text[1].index(page.glyphs.axes[1]) + 1
    rows = picture.text[1 : len(picture.cells) + 1][::-1]
    ups = {float(row[: start - 1].strip(" %")): y for y, row in enumerate(rows) if "%" in row}
    assert ups == {v: picture.place(0, v / 100)[1] for v in (0, 20, 40, 60, 80, 100)}
    labels = next(i for i, line in enumerate(picture.text) if line.split()[:2] == ["0", "0.2"])
    ticks = picture.text[labels - 1][start:]
    across = [x for x, sign in enumerate(ticks) if sign == page.glyphs.axes[4]]
    values = [float(text) for text in picture.text[labels].split()]
    assert across == [picture.place(v, 0)[0] for v in values]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(("width", "encoding"), [*WAYS, (60, "utf-8"), (300, "utf-8")])
def test_it_fits(name: str, width: int, encoding: str) -> None:
    """No line is wider than the page, and the diagram stays small: it is seen at one glance."""
    lines = [line.plain for line in diagram_lines(EXAMPLES[name](), Page(width, encoding, 0.95))]
    assert max(map(cell_len, lines)) <= min(width, 100)
    assert len(lines) <= {40: 25, 60: 25, 80: 24}.get(width, 30)
    assert encoding != "ascii" or "".join(lines).isascii()


def test_an_empty_report_has_no_diagram() -> None:
    """Without a filled bin there is nothing to draw, and nothing fails."""
    assert diagram_lines(replace(multiclass(), bins=()), Page(80, "utf-8", 0.95)) == []


@pytest.mark.parametrize("score", [0.0, 0.004, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("observed", [0.0, 0.3, 1.0])
def test_one_bin(score: float, observed: float) -> None:
    """Scores that are all equal are one point, with its rows under it."""
    page = Page(80, "utf-8", 0.95)
    report = replace(multiclass(), bins=(one_bin(score, score, 50, score, observed),))
    picture = read(report, page)
    assert picture.at(*picture.place(score, observed)) in marks(UNICODE)
    assert sum(line.count("█") for line in picture.text) == 3


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", UNICODE), ("ascii", ASCII)])
def test_before_and_after(encoding: str, signs: Glyphs) -> None:
    """Two reports are in one picture, each with marks and a histogram of its own."""
    after = replace(
        multiclass(),
        bins=tuple(replace(b, observed=b.mean_score) if b.rows else b for b in multiclass().bins),
    )
    page = Page(80, encoding, 0.95)
    picture = read(multiclass(), page, after)
    for b, sign in [(b, signs.after) for b in after.bins if b.rows]:
        assert picture.at(*picture.place(*point_of(b))) == sign
    for b in [
        b for b in multiclass().bins if b.rows and abs(point_of(b)[0] - point_of(b)[1]) > 0.1
    ]:
        assert picture.at(*picture.place(*point_of(b))) == signs.before
    names = [line.split()[0] for line in picture.text if line.strip()]
    assert "before" in names
    assert "after" in names


def test_colours_only_add() -> None:
    """With colours the same signs are drawn as without; inside and outside differ in both."""
    plain = plotted(multiclass())
    coloured = plotted(multiclass(), color_system="truecolor", force_terminal=True)
    assert "\x1b[1;31m●" in coloured
    assert "\x1b[32m○" in coloured
    assert "\x1b" not in plain
    assert "●" in plain
    assert "○" in plain


def test_the_diagram_stands_for_the_small_drawings() -> None:
    """With --plot the table keeps every figure and leaves the drawing to the diagram."""
    table, picture = drawn(multiclass()), plotted(multiclass())
    row = next(line for line in table.splitlines() if "0.600–0.667" in line)
    figures = row.split()[:8]
    assert any(line.split() == figures for line in picture.splitlines())
    assert "┼" in table
    assert "┼" not in picture


@st.composite
def anything(draw: st.DrawFn) -> tuple[Bin, ...]:
    """Return bins that touch each other, of any width, some of them empty."""
    edges = draw(st.lists(st.floats(0, 1), min_size=2, max_size=12, unique=True).map(sorted))
    bins = []
    for lower, upper in pairwise(edges):
        n = draw(st.sampled_from([0, 1, 3, 10**9]))
        score = lower + (upper - lower) * draw(st.floats(0, 1))
        bins.append(one_bin(lower, upper, n, min(max(score, 0), 1), draw(st.floats(0, 1))))
    return tuple(bins)


@settings(max_examples=200, deadline=None)
@given(bins=anything(), width=st.integers(40, 160), encoding=st.sampled_from(["utf-8", "ascii"]))
def test_any_bins(bins: tuple[Bin, ...], width: int, encoding: str) -> None:
    """Whatever the bins: each has its point, to a cell, and the picture fits the page."""
    report = replace(multiclass(), bins=bins)
    page = Page(width, encoding, 0.95)
    if not any(b.rows for b in bins):
        assert diagram_lines(report, page) == []
        return
    picture = read(report, page)
    assert max(map(cell_len, picture.text)) <= width
    for b in bins:
        if b.rows:
            near = [
                picture.place(point_of(b)[0] + dx, point_of(b)[1] + dy)
                for dx in (-1e-9, 0, 1e-9)
                for dy in (-1e-9, 0, 1e-9)
            ]
            assert any(picture.at(*place) in marks(page.glyphs) for place in near)


@settings(max_examples=200, deadline=None)
@given(bins=anything(), cells=st.integers(10, 100))
def test_the_histogram_loses_no_row(bins: tuple[Bin, ...], cells: int) -> None:
    """The bars add up to the rows, and a bin has them only in the cells that it touches."""
    found = densities([(b.lower, b.upper, b.weight) for b in bins], Scale(0.0, 1.0, cells))
    assert math.isclose(sum(found), sum(b.weight for b in bins), rel_tol=1e-6)
    touched = {
        cell
        for b in bins
        if b.rows
        for cell in range(int(b.lower * cells - 1e-6), int(b.upper * cells + 1e-6) + 1)
    }
    assert {i for i, value in enumerate(found) if value} <= touched


def test_the_highest_bar_is_the_fullest_bin() -> None:
    """The bin with most rows reaches to the top, one with half of them half as high."""
    bins = (one_bin(0, 0.5, 1_000, 0.25, 0.25), one_bin(0.5, 1, 500, 0.75, 0.75))
    picture = read(replace(binary_calibrated(), bins=bins), Page(140, "utf-8", 0.95))
    base = next(i for i, line in enumerate(picture.text) if line.lstrip().startswith("└"))
    start = picture.text[base].index("└") + 1
    strip = [line[start:] for line in picture.text[base + 1 : base + 5]]
    heights = [sum(row[x : x + 1] == "█" for row in strip) for x in range(picture.width)]
    assert set(heights[: picture.width // 2]) == {4}
    assert set(heights[picture.width // 2 + 1 :]) == {2}


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0, 0.05), (0.5, 1), (0.98, 1), (0, 2e-6), (-3, 40), (0, 54321)]
)
def test_steps_are_round(low: float, high: float) -> None:
    """Ticks are 3 to 6 multiples of 1, 2 or 5 times a power of ten, all within the axis."""
    found = steps(low, high)
    step = found[1] - found[0]
    digit = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(digit - nice) for nice in (1, 2, 5)) < 1e-6
    assert 3 <= len(found) <= 6
    slack = 1e-6 * (high - low)
    assert all(low - slack <= value <= high + slack for value in found)
    assert all(abs(value / step - round(value / step)) < 1e-6 for value in found)

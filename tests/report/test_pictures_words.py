"""What stands on pictures: numbers as people write them, findings, and where the rows are."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from calaudit.report.evaluation_report import Bin, HistogramBin, Threshold
from calaudit.report.pictures import picture_of, pictures_of, themed_svg
from calaudit.report.pictures.axes import logit, probability_axis
from calaudit.report.pictures.theme import SMALL
from calaudit.report.pictures.words import amount, cutoff_text, percent, score_text, text_width
from tests.report.examples import one_bin
from tests.report.pictured import DRAWN, audited, drawn

EXPONENT = re.compile(r"\d\s*[eE][+\-−]?\d")


def tiny_scores() -> tuple[HistogramBin, ...]:
    """Return bins of scores that reach to within 1e-15 of 0 and of 1, with weights."""
    edges = [1e-15, 1e-9, 1e-5, 0.5, 1 - 1e-5, 1 - 1e-9, 1 - 1e-15]
    return tuple(
        HistogramBin(lower=lo, upper=hi, zeros=1942.5, ones=0.00001) for lo, hi in pairwise(edges)
    )


def test_no_exponent_is_shown_anywhere() -> None:
    """Neither axes nor tooltips nor keys write 1e-5 or 1.94e+03, however small scores are."""
    base = drawn()
    bins = tuple(
        replace(each, weight=weight)
        for each, weight in (
            (one_bin(0.0, 1e-7, 1942, 5e-8, 2e-8), 1942.5),
            (one_bin(1 - 1e-9, 1.0, 3, 1.0, 1.0), 3.25),
        )
    )
    report = replace(base, histogram=tiny_scores(), bins=bins)
    for picture in pictures_of(report)[:2]:
        svg = themed_svg(picture)
        shown = re.findall(r">([^<>]+)<", svg) + re.findall(r'aria-label="([^"]*)"', svg)
        assert len(shown) > 10
        assert [text for text in shown if EXPONENT.search(text)] == []


def test_numbers_keep_what_tells_them_from_0_and_1() -> None:
    """Scores next to 1 are not written as 1, and weights have their thousands set apart."""
    assert score_text(0.99999) == "0.99999"
    assert score_text(1 - 1e-9) == "0.999999999"
    assert cutoff_text(0.00001) == "0.00001"
    assert cutoff_text(0.9999999123) == "≈ 0.9999999123"
    assert (amount(1942.5), amount(0.00001)) == ("1,942", "0.00001")
    assert percent(2e-9) == ["0.0000002 %"]


@pytest.mark.parametrize("reach", [3.0, 8.0, 20.0, 36.0])
def test_labels_of_log_odds_have_room(reach: float) -> None:
    """However far an axis reaches, no two labels touch, and the middle is named."""
    size = 390.0
    axis = probability_axis("Score", (-reach, reach), size)
    named = re.findall(r"\(([-\d.e]+)\)\) < 1e-6 \? '([^']+)'", axis["labelExpr"])
    places = sorted((float(at), text) for at, text in named)
    assert (0.0, "0.5") in places
    assert len(places) >= 3
    for (a, one), (b, other) in pairwise(places):
        wide = (text_width(one, SMALL) + text_width(other, SMALL)) / 2
        assert (b - a) * size / (2 * reach) > wide
    for at, text in places:
        assert at == pytest.approx(logit(float(text)), abs=1e-6)


def test_the_histogram_says_where_the_surest_rows_are() -> None:
    """Its title is the share above the highest confidence that is not rare, and what is wrong."""
    base = drawn()
    rows = base.intake.rows_used
    above = (Threshold(above=0.9, rows=rows // 2, wrong=7, share=0.25),
             Threshold(above=0.99, rows=rows // 100, wrong=1, share=0.5))  # fmt: skip
    wrong = replace(base.confidently_wrong, above=above)
    report = replace(base, confidently_wrong=wrong)
    title = "50 % of the rows have a confidence above 0.9; 25 % of these are wrong"
    assert picture_of(report, "histogram").title == title
    none = tuple(replace(each, rows=0, wrong=0, share=None) for each in above)
    bare = replace(base, confidently_wrong=replace(wrong, above=none))
    assert picture_of(bare, "histogram").title == "No row has a confidence above 0.9"
    audit = audited()
    assert audit.after is not None
    moved = replace(audit, before=report, after=replace(audit.after, confidently_wrong=wrong))
    assert picture_of(moved, "histogram").title == (
        "Above 0.9 confidence: 50 % of the rows before, 50 % after temperature scaling"
    )


def strip_of(bins: tuple[Bin, ...]) -> tuple[str, list[tuple[float, float, float]]]:
    """Return the title of the strip under a diagram, and where each bar stands and how high."""
    spec = picture_of(replace(drawn(), bins=bins)).spec["concat"][1]
    (layer,) = spec["layer"]
    rows = [(row["start"], row["end"], row["height"]) for row in layer["data"]["values"]]
    return layer["encoding"]["y"]["axis"]["title"], rows


def test_the_strip_of_bins_of_equal_mass_shows_their_density() -> None:
    """Bins with equally many rows are the taller the narrower they are: areas are rows."""
    bins = (one_bin(0.0, 0.8, 100, 0.4, 0.4), one_bin(0.8, 1.0, 100, 0.9, 0.9))
    title, rows = strip_of(bins)
    assert title == "Density (√)"
    assert [(end - start) * height for start, end, height in rows] == pytest.approx([100, 100])
    assert rows[1][2] == pytest.approx(4 * rows[0][2])


def test_the_strip_of_bins_of_one_width_shows_rows() -> None:
    """There heights are rows, and the axis says so; single scores are wide enough to be seen."""
    bins = (one_bin(0.0, 0.5, 100, 0.3, 0.3), one_bin(0.5, 1.0, 300, 0.7, 0.7))
    title, rows = strip_of(bins)
    assert title == "Rows (√)"
    assert rows[1][2] == pytest.approx(3 * rows[0][2])
    title, rows = strip_of((one_bin(0.2, 0.2, 50, 0.2, 0.2), one_bin(0.9, 0.9, 100, 0.9, 0.9)))
    assert title == "Rows (√)"
    assert [end - start for start, end, _ in rows] == pytest.approx([0.012, 0.012])
    assert rows[1][2] == pytest.approx(2 * rows[0][2])


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_in_a_page_have_its_title_and_its_font(name: str) -> None:
    """The SVG brings neither a font nor a title of its own; the file has both."""
    for picture in pictures_of(DRAWN[name]):
        svg = themed_svg(picture)
        assert "font-family" not in svg
        assert "role-title" not in svg
        assert "font-family" in picture.to_svg()
        assert "role-title" in picture.to_svg()

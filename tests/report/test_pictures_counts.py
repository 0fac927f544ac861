"""Every count that the words of a picture say is the number of what is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.report.formats import render
from calaudit.report.pictures import picture_of, pictures_of
from calaudit.report.pictures.picture import Picture
from calaudit.report.rendered import Rendered
from tests.report.pictured import DRAWN, rows_with

OF = re.compile(r"\((\d+) of ([\d,]+)\)")
ROWS = re.compile(r"^([\d,]+) rows|[Rr]eliability(?: diagrams?)? of ([\d,]+) rows")


def number(text: str) -> int:
    """Return a number with its thousands set apart."""
    return int(text.replace(",", ""))


def simulated(n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, scores of which a tenth is exactly 0, and whole weights."""
    rng = np.random.default_rng(3)
    p = 1 / (1 + np.exp(-rng.normal(0, 2, n)))
    p[: n // 10] = 0.0
    return (rng.random(n) < p).astype(int), p, rng.integers(1, 5, n).astype(float)


@cache
def many_classes(*, weighted: bool = False) -> calaudit.report.evaluation_report.Report:
    """Return the report on 60 classes."""
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.full(60, 0.1), 2000)
    y = (p.cumsum(1) > rng.random(2000)[:, None]).argmax(1)
    w = rng.integers(1, 5, 2000).astype(float) if weighted else None
    return calaudit.evaluate(y, p, sample_weight=w, weight_kind="frequency")


def frequency() -> Rendered:
    """Return the report on rows that stand for several, in slices."""
    y, p, w = simulated()
    by = {"g": np.arange(len(y)) % 14}
    return calaudit.evaluate(y, p, sample_weight=w, weight_kind="frequency", by=by)


MADE: dict[str, Callable[[], Rendered]] = {
    "convention": lambda: calaudit.evaluate(*simulated()[:2], convention="guo"),
    "frequency": frequency,
    "classes": many_classes,
    "weighted classes": lambda: many_classes(weighted=True),
    "audit": lambda: calaudit.audit(*simulated()[:2], method="temperature"),
    **{name: lambda report=report: report for name, report in DRAWN.items()},  # type: ignore[misc]
}


def drawn_rows(picture: Picture) -> set[int]:
    """Return the rows of the points of a picture, before and after a calibrator."""
    points = rows_with(picture.spec, "observed", "told", "rows")
    names = {point["told"].partition(" · ")[0] for point in points}
    behind = [p for p in points if p["told"].startswith("before")]
    sides = [behind, [p for p in points if p not in behind]] if "before" in names else [points]
    return {sum(point["rows"] for point in side) for side in sides}


@pytest.mark.parametrize("name", MADE)
def test_rows_that_are_told_are_drawn(name: str) -> None:
    """The rows of the title and of the description are those of the points."""
    for picture in pictures_of(MADE[name]()):
        if picture.name != "reliability":
            continue
        told = [
            number(next(filter(None, found)))
            for text in (picture.subtitle, picture.alt)
            for found in ROWS.findall(text)
        ]
        assert told, picture.subtitle
        assert set(told) <= drawn_rows(picture)


@pytest.mark.parametrize("name", MADE)
def test_panels_that_are_told_are_drawn(name: str) -> None:
    """“12 of 60” are the panels that there are, of all classes or slices that there are."""
    report: Any = MADE[name]()
    for picture in pictures_of(report):
        if not picture.panels:
            continue
        best = getattr(report, "best", report)
        there = best.classes if picture.name == "classes" else best.slices
        found = OF.search(picture.subtitle)
        counts = tuple(map(number, found.groups())) if found else (len(there),) * 2
        assert counts == (len(picture.panels), len(there))
        for panel in picture.panels:
            told = [number(n) for n in re.findall(r"[\d,]+(?= (?:rows|weight))", panel.subtitle)]
            points = rows_with(panel.spec, "observed", "told", "rows")
            weight = sum(point["weight"] for point in points)
            assert told == [round(weight)] or told == [sum(point["rows"] for point in points)]


def test_shares_of_frequency_weights_are_of_their_rows() -> None:
    """The title of the histogram is the share of rows, not of lines."""
    _, p, w = simulated()
    sure = np.maximum(p, 1 - p) > 0.9
    title = picture_of(frequency(), "histogram").title
    assert title.startswith(f"{100 * w[sure].sum() / w.sum():.0f} % of the rows have")
    assert re.search(r"of ([\d,]+) scores", picture_of(frequency(), "histogram").alt)


def test_the_table_of_classes_says_how_many_there_are() -> None:
    """The page lists 50 of 60 classes, and says so."""
    assert "50 of 60 classes" in str(render(many_classes(), ".html"))

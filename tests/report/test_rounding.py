"""No digits of rounding, which differ from machine to machine, in what people read."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich.console import Console

import calaudit
from calaudit.report.console import render_console
from calaudit.report.fit_report import FitReport
from calaudit.report.formats import render

NOISE = re.compile(r"\de-(?:1[2-9]|[2-9]\d)")
MEANT = ("clip 2.22e-16", "2.220446049250313e-16", "floor 1e-12")
"""Settings that are as small as they say."""


def noise(text: str) -> list[str]:
    """Return the lines that show what rounding left of 0."""
    for setting in MEANT:
        text = text.replace(setting, "")
    return [line for line in " ".join(text.split()).split(". ") if NOISE.search(line)]


def exact() -> tuple[np.ndarray, np.ndarray]:
    """Return stated scores that come true exactly as often as they say."""
    stated = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], 400)
    return (np.tile(np.arange(400), 5) < 400 * stated - 1e-6).astype(int), stated


def symmetric() -> tuple[np.ndarray, np.ndarray]:
    """Return rows and their mirror images: an offset of exactly 0."""
    rng = np.random.default_rng(0)
    p = 1 / (1 + np.exp(-rng.normal(0, 2, 500)))
    y = (rng.random(500) < p).astype(int)
    return np.r_[y, 1 - y], np.r_[p, 1 - p]


ROWS = {"exact": exact(), "symmetric": symmetric()}


@pytest.mark.parametrize("rows", ROWS)
def test_a_report_shows_no_rounding(rows: str) -> None:
    """Errors of exactly 0 are 0 in every format, and do not widen their table."""
    y, p = ROWS[rows]
    report = calaudit.evaluate(y, p)
    text, page = (str(render(report, suffix)) for suffix in (".txt", ".html"))
    assert not noise(text)
    shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.S)
    assert not noise(shown)
    if rows == "exact":
        assert "0.000  0.000 to 0.029" in text


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("method", ["temperature", "platt", "beta"])
def test_a_fit_shows_no_rounding(method: str, rows: str) -> None:
    """Parameters of exactly 0 are 0, and of the gradient only that it is small enough."""
    console = Console(width=80, color_system=None)
    with console.capture() as printed:
        fitted = FitReport(calibrator=calaudit.fit(*ROWS[rows], method=method))
        render_console(fitted, console, full=True)
    text = printed.get()
    assert not noise(text)
    assert "relative gradient left below 1e-8" in " ".join(text.split())

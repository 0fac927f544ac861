"""The console report: golden pictures, and laws that hold for every report."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.console import render_console, render_text
from calaudit.report.evaluation_report import Bin
from calaudit.report.rendered import Rendered
from tests.report.checks import CHECKS
from tests.report.decisions import DECISIONS
from tests.report.examples import EXAMPLES, multiclass, rare_events, sliced

GOLDEN = Path(__file__).parent / "golden"

ALL: dict[str, Callable[[], Rendered]] = {**EXAMPLES, **DECISIONS, **CHECKS}

PICTURES = [
    *((name, 80, "utf-8") for name in ALL),
    ("multiclass", 60, "utf-8"),
    ("multiclass", 140, "utf-8"),
    ("multiclass", 80, "ascii"),
    ("sliced", 80, "ascii"),
    ("fraud", 60, "utf-8"),
    ("fraud", 140, "utf-8"),
    ("limits", 80, "ascii"),
    ("regression", 60, "utf-8"),
    ("regression", 140, "utf-8"),
    ("hostile", 80, "ascii"),
]


def drawn(
    report: Rendered, width: int = 80, encoding: str = "utf-8", *, full: bool = True, **options
) -> str:
    """Return what a terminal of this width and encoding is sent."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    options = {"color_system": None, "force_terminal": False, **options}
    console = Console(file=stream, width=width, legacy_windows=False, **options)
    render_console(report, console, full=full)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize(("name", "width", "encoding"), PICTURES)
def test_golden(name: str, width: int, encoding: str) -> None:
    """Every example looks exactly as it did when someone last looked at it."""
    text = drawn(ALL[name](), width, encoding)
    path = GOLDEN / f"{name}-{width}{'-ascii' if encoding == 'ascii' else ''}.txt"
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "shift_jis"])
def test_other_encodings_are_no_error(encoding: str) -> None:
    """A stream in an old encoding gets plain drawings and escaped names."""
    text = drawn(sliced(), 80, encoding)
    assert "●" not in text
    assert "calibrated" in text


def test_data_cannot_steer_the_terminal() -> None:
    """Names from the data are shown as they are: no markup, no control characters."""
    text = drawn(sliced(), 140)
    assert "[bold]south[/bold]" in text
    assert r"\x1b[31mred\x07\nalert" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_bidirectional_overrides_and_surrogates_are_shown() -> None:
    """A name cannot turn the line around, and half a character is no encoding error."""
    base = sliced()
    nasty = replace(base.slices[0], value="a\u202eb\ud800c\u2028d")
    text = drawn(replace(base, slices=(nasty,)), 140)
    assert r"a\u202eb\ud800c\u2028d" in text


def test_colours_only_where_they_are_wanted() -> None:
    """Colour codes are sent to a colour terminal, and to no other."""
    coloured = drawn(multiclass(), color_system="standard", force_terminal=True)
    plain = drawn(multiclass(), color_system="standard", force_terminal=True, no_color=True)
    assert "\x1b[1;33m▲" in coloured
    assert "33m" not in plain
    assert "\x1b" not in drawn(multiclass())


def test_the_mark_tells_statuses_apart_without_colour() -> None:
    """Each status starts its verdict with a mark of its own, in both alphabets."""
    statuses = ["calibrated", "overconfident", "underconfident", "miscalibrated"]
    base = multiclass()
    for encoding in ("utf-8", "ascii"):
        marks = {
            drawn(replace(base, verdict=replace(base.verdict, status=s)), 80, encoding).split()[0]
            for s in statuses
        }
        assert len(marks) == 4


def test_order_of_sections() -> None:
    """The verdict comes first, and how columns were read comes last."""
    text = drawn(multiclass())
    parts = [
        "Overconfident:", "9,988 rows", "Calibration error", "\nReliability", "\nClassic figures",
        "\nConfidently wrong", "Worst rows", "\nNotes", "\nColumns", "\nWhere this comes from",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_every_metric_is_shown_even_one_that_is_not_known() -> None:
    """A metric that is added later appears under its name, without a change here."""
    base = multiclass()
    metrics = {**base.metrics, "brand_new_figure": Estimate(value=0.123)}
    assert "brand new figure" in drawn(replace(base, metrics=metrics))


def test_what_is_missing_says_why() -> None:
    """A figure that cannot be computed shows the reason, never nan or None."""
    text = drawn(EXAMPLES["tiny"]())
    assert "needs at least 100 rows" in text
    assert not re.search(r"\b(nan|None|inf)\b", text)


def test_roles_name_the_option_that_changes_them() -> None:
    """What was inferred is printed with its option, what was declared without."""
    text = " ".join(drawn(rare_events(), 140).split())
    assert "labels are 0 and 1 (inferred; --label changes it)" in text
    assert "--score changes it" not in text


def test_accuracy_below_one_is_never_shown_as_100() -> None:
    """99.996 % stays below 100 %, however wide the interval."""
    base = multiclass()
    metrics = {**base.metrics, "accuracy": Estimate(value=0.99996, low=0.97, high=1.0)}
    line = next(s for s in drawn(replace(base, metrics=metrics)).splitlines() if "Accuracy" in s)
    assert float(line.split()[1].lstrip(">")) < 100


def test_a_gap_outside_of_its_band_is_never_shown_as_zero() -> None:
    """A bin that is marked as off shows by how much, at any number of rows."""
    lines = [s for s in drawn(EXAMPLES["huge"]()).splitlines() if s.endswith("●")]
    gaps = [float(re.search(r"[+-]\d+\.\d+", line).group()) for line in lines]  # type: ignore[union-attr]
    assert gaps
    assert 0 not in gaps


def test_accuracy_and_confidence_that_differ_are_told_apart() -> None:
    """When their difference is clear, the two rates behind it do not look alike."""
    base = multiclass()
    gap = Estimate(value=0.00029, low=0.0001, high=0.0005, level=0.95, method="normal")
    verdict = replace(base.verdict, gap=gap)
    metrics = {
        **base.metrics,
        "accuracy": Estimate(value=0.91102, low=0.905, high=0.917),
        "mean_confidence": Estimate(value=0.91131, low=0.905, high=0.917),
    }
    lines = drawn(replace(base, metrics=metrics, verdict=verdict)).splitlines()
    rates = [s.split("%")[0].split()[-1] for s in lines if s.startswith(("  Accuracy", "  Mean c"))]
    assert len(set(rates)) == 2


def test_many_bins_are_summarised() -> None:
    """Of a hundred filled bins those with the most error are shown, and it says so."""
    b = next(b for b in rare_events().bins)
    bins = tuple(
        Bin(lower=i / 100, upper=(i + 1) / 100, rows=b.rows, weight=b.weight, mean_score=i / 100,
            observed=i / 100 + (0.1 if i == 77 else 0.001), low=None, high=None, band_low=None,
            band_high=None) for i in range(100)
    )  # fmt: skip
    text = drawn(replace(rare_events(), bins=bins))
    assert "The 60 of 100 bins with the most error" in text
    assert "0.77–0.78" in text
    assert "30 of 60 bins; all are in the JSON report." in text


def test_notes_have_their_advice_under_them() -> None:
    """A note without advice takes one entry, one with advice two."""
    notes = (Finding(code="a", text="Seen."), Finding(code="b", text="Odd.", advice="do this"))
    text = drawn(replace(rare_events(), notes=notes))
    assert "  • Seen.\n  • Odd.\n    → do this\n" in text


def test_text_file_is_plain_and_of_fixed_width() -> None:
    """A .txt report depends on no terminal."""
    text = render_text(multiclass())
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= 100

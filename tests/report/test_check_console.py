"""The console report of a check: what someone who reads a log of CI must be able to see."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from tests.report.checks import (
    CHECKS,
    absolute,
    compared,
    hostile,
    many,
    matched,
    regression,
    strict,
    unsettled,
)
from tests.report.test_console import drawn


def section(report: CheckReport, title: str, width: int = 80) -> list[str]:
    """Return the lines under a title."""
    text = drawn(report, width).split(f"\n{title}\n")[1]
    return text.split("\n\n")[0].splitlines()


def data(report: CheckReport) -> list[str]:
    """Return the lines under the verdict: which rows there are."""
    return drawn(report).strip("\n").split("\n\n")[1].splitlines()


@pytest.mark.parametrize(
    ("report", "colour", "mark"),
    [
        (regression(), 31, "✗"),
        (absolute(), 32, "✓"),
        (unsettled(), 33, "?"),
        (strict(), 31, "?"),
    ],
)
def test_the_first_line_is_the_verdict(report: CheckReport, colour: int, mark: str) -> None:
    """The verdict stands out by its mark and by its colour, which is red where a build ends."""
    lines = drawn(report, 100, color_system="standard", force_terminal=True).splitlines()
    assert lines[0] == ""
    assert lines[1].startswith(f"\x1b[1;{colour}m{mark}\x1b[0m \x1b[1m{report.sentence[:12]}")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_verdicts_differ_without_colour(encoding: str) -> None:
    """Each status has a mark of its own, in both alphabets."""
    reports = (regression(), absolute(), unsettled())
    assert len({drawn(report, 80, encoding).split()[0] for report in reports}) == 3


def test_order() -> None:
    """Verdict, rows, rules, figures, and the small print last."""
    text = drawn(regression())
    parts = ["FAIL: 2 of 6", "9,988 rows", "\nRules", "\nFigures", "\nNotes", "\nColumns"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", ["regression", "unsettled", "matched", "absolute"])
def test_every_rule_is_told_in_full(name: str, width: int) -> None:
    """The words of every verdict are there, folded where they must be, the failed ones first."""
    report = CHECKS[name]()
    words = " ".join(" ".join(section(report, "Rules", width)[1:]).split())
    found: dict[str, list[str]] = {FAIL: [], INCONCLUSIVE: [], PASS: []}
    for result in report.results:
        found[result.status].append(result.text)
    if len(found[INCONCLUSIVE]) > 1:
        found[INCONCLUSIVE] = [f"{INCONCLUSIVE} {report.unsettled}"]
    marks = {FAIL: "✗", INCONCLUSIVE: "?", PASS: "✓"}
    told = " ".join(f"{marks[status]} {text}" for status, texts in found.items() for text in texts)
    assert words.removesuffix(f" {JOINT.get(name, '')}") == told


JOINT = {
    "regression": "Each rule is judged alone, the 3 slices together as one: any fails by accident "
    "in at most 20 %."
}
"""What follows where there are several rules, by the name of the example."""


def test_any_number_of_open_rules_is_a_line() -> None:
    """500 rules that these rows cannot settle are one line; each is in the full form."""
    lines = section(many(), "Rules", 140)
    assert [line for line in lines if "INCONCLUSIVE" in line] == [
        "  ? INCONCLUSIVE  500 rules are open (500 of slices)"
    ]
    assert drawn(many()).split("\nOpen rules\n")[1].count("? INCONCLUSIVE  ece where") > 9


def test_what_so_many_rows_can_settle() -> None:
    """Before there is a baseline each rule has the change that can fail, and rows to pass."""
    planned = replace(unsettled().results[0], before=None, change=None, low=None, high=None)
    first = replace(unsettled(), results=(planned,), baseline=None, baseline_rows=None)
    lines = section(first, "What these rows can settle")
    assert lines[0].split() == ["rule", "can", "fail", "from", "no", "change", "passes", "from"]
    assert lines[1].split() == ["max-increase", "ece=0.01", "0.020", "25,000", "rows"]
    assert "\nRules\n" not in drawn(first)
    assert first.unsettled == ""


def test_the_verdict_stands_last_as_well() -> None:
    """Whoever reads a log from its end finds it."""
    for report in (regression(), absolute(), unsettled()):
        lines = [line for line in drawn(report, 100).splitlines() if line]
        assert lines[-1] == lines[0]


@pytest.mark.parametrize("width", [60, 80])
def test_rules_hang_under_their_text(width: int) -> None:
    """A status stands alone in its column, so that the eye finds it."""
    for line in section(regression(), "Rules", width)[1:-2]:
        assert re.match(r"  (✗ FAIL|\? INCONCLUSIVE|✓ PASS| {14}) +\S", line)
        assert re.match(rf"  . ({FAIL}|{INCONCLUSIVE}|{PASS})", line) or line[:18] == " " * 18


def test_statuses_are_coloured() -> None:
    """Red, yellow and green tell them apart on a terminal; NO_COLOR leaves the words."""
    coloured = drawn(regression(), color_system="standard", force_terminal=True)
    plain = drawn(regression(), color_system="standard", force_terminal=True, no_color=True)
    for status, mark, colour in ((FAIL, "✗", 31), (INCONCLUSIVE, "?", 33), (PASS, "✓", 32)):
        assert f"\x1b[1;{colour}m{mark}\x1b[0m {status}" in coloured
        assert status in plain
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain)


def test_no_failed_rule_is_left_out() -> None:
    """Of a thousand rules all that failed are listed, and the rest counted."""
    worse = replace(many(), results=many().results[:1] * 500 + many().results[13:])
    lines = section(worse, "Rules", 140)
    assert sum(line.startswith("  ✗ FAIL ") for line in lines) == 500
    assert lines[-3] == "  500 of 1,001 rules; all are in the JSON report."


INTERVAL = ["0.024", "to", "0.043"], ["0.047", "to", "0.068"]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_figures_before_and_after(width: int) -> None:
    """A line a figure: the median-unbiased points, as in the rules, and their difference."""
    lines = section(regression(), "Figures", width)
    assert lines[0].split() == ["before", "95", "%", "after", "95", "%", "change"]
    assert lines[1].split()[:2] == ["Unbiased", "ECE"]  # evaluate's ECE is the plain one
    assert lines[1].split()[2:] == ["0.031", *INTERVAL[0], "0.058", *INTERVAL[1], "+0.027"]
    assert sum("0." in line for line in lines) == len(regression().compared)


def test_intervals_go_where_there_is_no_room() -> None:
    """On a narrow page the figures stay and the older interval goes first."""
    longer = replace(matched(), compared=(compared("recoverable_log_loss", (0.4139, 0.401, 0.427),
                                                   (0.41412, 0.401, 0.427)),))  # fmt: skip
    many_digits = replace(
        longer, results=(replace(longer.results[0], metric="recoverable_log_loss"),)
    )
    heads = {width: section(many_digits, "Figures", width)[0].split() for width in (50, 70, 100)}
    assert heads == {
        50: ["before", "after", "change"],
        70: ["before", "after", "95", "%", "change"],
        100: ["before", "95", "%", "after", "95", "%", "change"],
    }


def test_a_small_change_that_was_settled_is_not_shown_as_nothing() -> None:
    """Matched rows settle what the intervals of the figures cannot: its digits are shown."""
    line = next(s for s in section(matched(), "Figures") if "Log loss" in s)
    assert line.split()[-1] == "+0.00022"


def test_without_a_baseline_there_is_no_change() -> None:
    """A check of figures alone has a column of values, and one line of rows."""
    lines = section(absolute(), "Figures")
    assert lines[0].split() == ["value", "95", "%"]
    assert lines[1].split() == ["Unbiased", "ECE", "0.058", *INTERVAL[1]]
    assert data(absolute()) == ["  9,988 rows · binary · new.parquet"]


def test_a_figure_that_is_missing_is_a_dash() -> None:
    """AUROC of one class is no figure, and neither is its change."""
    line = next(s for s in section(matched(), "Figures") if "AUROC" in s)
    assert line.split() == ["AUROC", "–", "0.926", "0.920", "to", "0.932", "–"]


def test_rows_and_how_they_were_matched() -> None:
    """Both sides, their rows, and what had no partner."""
    assert data(matched()) == [
        "  9,988 rows · binary · new.parquet",
        "  baseline: old.parquet, 10,050 rows · matched: 9,981 rows by row_id, 69 only",
        "  before, 7 only after",
    ]
    assert data(regression())[-1] == "  dropped 12 of 10,000 rows: 12 score missing"


@pytest.mark.parametrize("width", [60, 80, 140])
def test_data_cannot_steer_the_terminal(width: int) -> None:
    """Names of slices, columns and files are shown as they are: no control codes."""
    text = drawn(hostile(), width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "é☃ = 😀 日本" in text


def test_a_long_name_does_not_bury_the_figures() -> None:
    """A slice with a name of ten thousand letters is shortened in its middle."""
    first, *rest = regression().results
    long = "x" * 10_000
    renamed = replace(
        first, column="c", value=long, text=f"FAIL ece where c = {long} 0.031 → 0.058"
    )
    lines = section(replace(regression(), results=(renamed, *rest)), "Rules")
    assert lines[1].startswith("  ✗ FAIL          ece where c =")
    assert "0.031 → 0.058" in " ".join(" ".join(lines).split())
    assert len(lines) < 20


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_missing_is_not_spelt_in_python(name: str) -> None:
    """A figure that is not there is a dash or nothing."""
    assert not re.search(r"\b(nan|None|inf)\b", drawn(CHECKS[name]()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("FAIL ece where a = b 0.1 → 0.2", ("ece", "a = b", " 0.1 → 0.2")),
        ("FAIL ece 0.1 → 0.2", ("ece 0.1 → 0.2", "", "")),
        ("FAIL ece where a = b where a = b", ("ece", "a = b", " where a = b")),
    ],
)
def test_the_slice_is_told_apart_from_our_words(text: str, told: tuple[str, str, str]) -> None:
    """Renderers escape the name of a slice and not the sentence around it."""
    found = RuleResult(rule="--max-ece 0.1", metric="ece", limit=0.1, relative=False, status=FAIL,
                       confidence=0.95, text=text, column="a", value="b")  # fmt: skip
    assert found.told == told

"""A check as workflow commands of GitHub Actions, read back the way the runner reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from calaudit.report.check_report import FAIL, INCONCLUSIVE, CheckReport
from calaudit.report.render_github import guard, render_github
from calaudit.visible import visible
from tests.report.checks import (
    CHECKS,
    NAMES,
    absolute,
    check,
    hostile,
    many,
    regression,
    result,
    strict,
    unsettled,
)

COMMAND = re.compile(r"::(?P<name>[a-z-]+) (?P<properties>[^:]*)::(?P<message>[^\r\n]*)")
"""``::name key=value,key=value::message``, where "::" ends the properties."""


def unescaped(text: str) -> str:
    """Return what the runner makes of a property; of a message, which has fewer escapes, too."""
    for escape, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, char)
    return text


def commands(report: CheckReport) -> list[tuple[str, str, str]]:
    """Return the name, title and message of each annotation."""
    text = render_github(report)
    assert text.endswith("\n")
    found = []
    for line in text[:-1].split("\n"):
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = [pair.split("=", 1) for pair in match["properties"].split(",")]
        assert [key for key, _ in pairs] == ["title"]
        found.append((match["name"], unescaped(pairs[0][1]), unescaped(match["message"])))
    return found


def test_errors_and_warnings() -> None:
    """A failed rule is an error, all inconclusive ones are a warning, one that passed is silent."""
    report = regression()
    assert commands(report) == [
        ("error", "calaudit: FAIL ece", report.results[0].text),
        ("error", "calaudit: FAIL ece where region = north", report.results[1].text),
        (
            "warning",
            "calaudit: INCONCLUSIVE",
            "INCONCLUSIVE 2 rules are open (log_loss and 1 of slices): about 25,000 rows each "
            "would settle 1 of them",
        ),
    ]


def test_a_pass_is_one_notice() -> None:
    """A run in which all rules pass says so once."""
    assert commands(absolute()) == [("notice", "calaudit", "PASS: all 2 rules hold.")]


@pytest.mark.parametrize(("report", "name"), [(unsettled(), "warning"), (strict(), "error")])
def test_strict(report: CheckReport, name: str) -> None:
    """What ends the build is an error."""
    assert [each[0] for each in commands(report)] == [name]


def test_documented_escapes() -> None:
    """Per cent and line ends are escaped in both parts, colon and comma in the title only."""
    found = result(FAIL, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), ("a,b", "50 %: c"))
    line = render_github(check(status=FAIL, sentence="FAIL: it did.", results=(found,)))
    assert line.startswith("::error title=calaudit%3A FAIL ece where a%2Cb = 50 %25%3A c::FAIL ece")
    assert "where a,b = 50 %25: c 0.030" in line


@pytest.mark.parametrize(
    ("failed", "open_", "strictly", "errors", "warnings"),
    [
        (10, 10, False, 10, 1),
        (11, 12, False, 10, 1),
        (6, 4, True, 7, 0),
        (13, 1, True, 10, 0),
        (0, 300, False, 0, 1),
    ],
)
def test_ten_of_each_kind(
    failed: int, open_: int, strictly: bool, errors: int, warnings: int
) -> None:
    """GitHub shows ten of each kind: none is lost, because one counts the others."""
    figures = (0.03, 0.05, 0.02, 0.01, 0.03)
    statuses = [FAIL] * failed + [INCONCLUSIVE] * open_
    results = tuple(result(s, "ece", 0.01, figures, ("c", f"{i}")) for i, s in enumerate(statuses))
    report = check(status=statuses[0], sentence="So.", results=results)
    found = commands(replace(report, settings={"strict": strictly}))
    assert sum(name == "error" for name, _, _ in found) == errors
    assert sum(name == "warning" for name, _, _ in found) == warnings
    told = sum(" where " in title for _, title, _ in found)
    summed = [int(n) for _, _, text in found for n in re.findall(r"(\d+) more FAIL", text)]
    assert told + sum(summed) == failed
    assert sum("INCONCLUSIVE" in title + text for _, title, text in found) == 1


def test_the_sum_names_what_it_counts() -> None:
    """Of 13 failed rules and 500 inconclusive ones the last annotations say how many are left."""
    *_, more, open_ = commands(many())
    assert more == ("error", "calaudit", "4 more FAIL: see the summary of the job.")
    assert open_ == (
        "warning",
        "calaudit: INCONCLUSIVE",
        "INCONCLUSIVE 500 rules are open (500 of slices)",
    )


@pytest.mark.parametrize("name", CHECKS)
def test_every_example_is_read_back(name: str) -> None:
    """Every line is a command with a title and a message that fit."""
    for _, title, message in commands(CHECKS[name]()):
        assert 0 < len(title) <= 255
        assert 0 < len(message) < 60_000


def test_names_start_no_command() -> None:
    """A slice that holds a line of its own with a command stays within its annotation."""
    assert len(commands(hostile())) == 2
    assert "\x1b" not in render_github(hostile())


@given(NAMES, NAMES)
def test_any_name_is_read_back(column: str, value: str) -> None:
    """Whatever the data holds, the runner reads one annotation whose message has it."""
    found = result(FAIL, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), (column, value))
    report = check(status=FAIL, sentence="FAIL: 1 of 1 rule failed.", results=(found,))
    ((name, _, message),) = commands(report)
    assert (name, message) == ("error", visible(found.text))


def test_long_names_are_shortened() -> None:
    """A name of a megabyte neither fills the log nor is dropped by GitHub."""
    found = result(FAIL, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), ("c", "x" * 1_000_000))
    ((_, title, message),) = commands(check(status=FAIL, sentence="FAIL: so.", results=(found,)))
    assert len(title) <= 255
    assert len(message) <= 4_000
    assert message.endswith("against a margin of 0.01")


def test_guard() -> None:
    """The runner looks for no commands between the two lines, of which the second has the token."""
    assert guard("abc123") == ("::stop-commands::abc123\n", "::abc123::\n")

"""A check as JUnit XML: what CI systems count, and that no name can break it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS
from calaudit.report.render_junit import render_junit
from calaudit.visible import visible
from tests.report.checks import CHECKS, NAMES, check, hostile, regression, result, strict, unsettled
from tests.report.junit_rules import breaches

FORBIDDEN = re.compile(r"[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (2.2) has no way to write."""


def suite_of(text: str) -> ET.Element:
    """Return the one test suite of a file."""
    (suite,) = ET.fromstring(text)
    return suite


@pytest.mark.parametrize("name", CHECKS)
def test_valid_by_both_schemas(name: str) -> None:
    """Every example keeps the rules that the schemas of Jenkins and of Ant state."""
    assert breaches(render_junit(CHECKS[name]())) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<system-err />", ""),
        ('errors="0"', ""),
        ('tests="6"', 'tests="six"'),
        ("<testsuites>", '<testsuites tests="6">'),
        ("</failure>", "</failure><system-out>x</system-out>"),
        ('time="0" />', 'time="0">passed</testcase>'),
        ("system-err", "system-log"),
        (' type="FAIL"', ""),
        ('hostname="localhost"', 'hostname=" "'),
    ],
)
def test_the_rules_find_what_is_wrong(old: str, new: str) -> None:
    """What the schemas forbid is found by the table that stands for them."""
    text = render_junit(regression())
    assert old in text
    assert len(breaches(text.replace(old, new))) >= 1


@pytest.mark.parametrize("name", CHECKS)
def test_counts_are_those_of_the_cases(name: str) -> None:
    """Jenkins and GitHub sum the attributes of the suite, GitLab the cases: both agree."""
    suite = suite_of(render_junit(CHECKS[name]()))
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    assert suite.attrib["errors"] == "0"


@pytest.mark.parametrize(
    ("status", "strictly", "element"),
    [
        (PASS, False, None),
        (PASS, True, None),
        (FAIL, False, "failure"),
        (FAIL, True, "failure"),
        (INCONCLUSIVE, False, "skipped"),
        (INCONCLUSIVE, True, "failure"),
    ],
)
def test_status_of_a_case(status: str, strictly: bool, element: str | None) -> None:
    """A case fails where the build does; an inconclusive one is neither passed nor failed."""
    results = (result(status, "ece", 0.01, (0.03, 0.04, 0.01, 0.0, 0.02)),)
    report = check(status=status, sentence="It is so.", results=results)
    report = replace(report, settings={"strict": strictly})
    (case,) = suite_of(render_junit(report)).findall("testcase")
    assert [child.tag for child in case] == ([] if element is None else [element])
    assert [child.attrib["type"] for child in case] == ([] if element is None else [status])


def test_a_case_is_a_rule_and_a_slice() -> None:
    """The class is the metric and the name the rule with its slice, as in every run."""
    cases = suite_of(render_junit(regression())).findall("testcase")
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert names[:3] == [
        ("calaudit.ece", "--max-increase ece=0.01"),
        ("calaudit.ece", "--max-increase ece=0.01 where region = north"),
        ("calaudit.log_loss", "--max-increase log_loss=0.01"),
    ]


def test_a_failure_says_it_where_each_system_looks() -> None:
    """Jenkins shows the message, GitLab the text, which has the figures to the last digit."""
    failure = suite_of(render_junit(regression())).find("testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == regression().results[0].text
    lines = (failure.text or "").splitlines()
    assert lines[:2] == [regression().results[0].text, "rule: --max-increase ece=0.01"]
    assert {"before: 0.0312", "after: 0.058", "low: 0.0144"} <= set(lines)


def test_strict_changes_the_outcome_and_not_the_status() -> None:
    """Under --strict the same rule fails its case, still said to be inconclusive."""
    lenient, strictly = (suite_of(render_junit(r)) for r in (unsettled(), strict()))
    assert lenient.find("testcase/skipped") is not None
    failure = strictly.find("testcase/failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("INCONCLUSIVE ece")


def test_names_are_unique() -> None:
    """GitLab drops a second case of the same name, so none has one, not even by design."""
    one = result(PASS, "ece", 0.01, (0.03, 0.04, 0.01, 0.0, 0.02))
    values = ("a", "a", "a (2)", "\x01", r"\x01")
    results = tuple(
        replace(one, column="c", value=value, text=f"PASS ece where c = {value} 0.1")
        for value in values
    )
    suite = suite_of(render_junit(check(status=PASS, sentence="Fine.", results=results)))
    names = [case.attrib["name"] for case in suite.findall("testcase")]
    assert len(names) == len(set(names)) == len(values)


def test_equal_checks_are_equal_files() -> None:
    """Nothing depends on the time of day, so that the file can be compared and cached."""
    text = render_junit(regression())
    assert text == render_junit(regression())
    assert "timestamp" not in text
    assert not re.search(r"\d\d:\d\d", text)


def test_markup_in_names_stays_text() -> None:
    """A slice that is called like an element is shown as it is."""
    text = render_junit(hostile())
    assert "<script" not in text
    failure = suite_of(text).find("testcase/failure")
    assert failure is not None
    assert '<script>alert("1")</script>' in failure.attrib["message"]


@given(NAMES, NAMES)
def test_any_name_can_be_written(column: str, value: str) -> None:
    """Whatever the data holds, the file can be read, and the name in it is that of the data."""
    found = result(FAIL, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), (column, value))
    text = render_junit(check(status=FAIL, sentence="FAIL: 1 of 1 rule failed.", results=(found,)))
    assert not FORBIDDEN.search(text)
    assert text.encode("utf-8")
    assert breaches(text) == []
    case = suite_of(text).find("testcase")
    assert case is not None
    assert case.attrib["name"] == visible(f"{found.rule} where {column} = {value}")
    assert case[0].attrib["message"] == visible(found.text)

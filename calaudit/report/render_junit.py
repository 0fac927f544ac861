"""A check as JUnit XML, one test case a rule and slice, for GitHub, GitLab and Jenkins.

What a case says is in the ``message`` (Jenkins shows it) and in the text of its element (GitLab
and the reporters of GitHub show it). An inconclusive rule is *skipped*: all of them count that
apart from what passed, name the case, and do not fail on it. A case that passed with some
``system-out`` would be one that passed: GitLab and dorny/test-reporter do not show the output of
those at all. Under ``--strict`` an inconclusive rule ends the build, and is a failure here.

Names are unique, because GitLab drops the second case of a name. There is no time of day in it,
so that equal checks are equal files.

Source: junit-10.xsd of jenkinsci/xunit-plugin, which it is valid by; JUnit.xsd of
windyroad/JUnit-Schema, which asks for a ``timestamp`` beyond that.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from calaudit.report.check_report import PASS, CheckReport, RuleResult
from calaudit.visible import visible

__all__ = ["render_junit"]


def render_junit(report: CheckReport) -> str:
    """Return the check as JUnit XML that ends with a newline."""
    outcomes = [_outcome(result, report) for result in report.results]
    # JUnit.xsd knows no attributes of testsuites, and this order of the parts of testsuite.
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name="calaudit check",
        package="calaudit",
        id="0",
        hostname="localhost",
        tests=str(len(outcomes)),
        failures=str(outcomes.count("failure")),
        errors="0",
        skipped=str(outcomes.count("skipped")),
        time="0",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", name=name, value=visible(value))
    taken: set[tuple[str, str]] = set()
    for result, outcome in zip(report.results, outcomes, strict=True):
        suite.append(_case(result, outcome, taken))
    lines = [report.sentence, *(result.text for result in report.results)]
    ET.SubElement(suite, "system-out").text = "\n".join(map(visible, lines)) + "\n"
    ET.SubElement(suite, "system-err")
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _outcome(result: RuleResult, report: CheckReport) -> str | None:
    """Return the element of a test case that did not pass; one that passed has none."""
    if result.status == PASS:
        return None
    return "failure" if report.breaks(result.status) else "skipped"


def _case(result: RuleResult, outcome: str | None, taken: set[tuple[str, str]]) -> ET.Element:
    classname = visible(f"calaudit.{result.metric}")
    name = whole = visible(f"{result.rule} where {result.where}" if result.where else result.rule)
    again = 1
    while (classname, name) in taken:
        again += 1
        name = f"{whole} ({again})"
    taken.add((classname, name))
    case = ET.Element("testcase", classname=classname, name=name, time="0")
    if outcome is not None:
        text = visible(result.text)
        found = ET.SubElement(case, outcome, message=text, type=visible(result.status))
        found.text = "\n".join([text, *_figures(result)])
    return case


def _figures(result: RuleResult) -> list[str]:
    """Return what the rule was judged by, in full precision."""
    names = ("limit", "confidence", "before", "after", "change", "low", "high", "resolvable")
    pairs = [(name, getattr(result, name)) for name in (*names, "rows_needed")]
    return [f"rule: {visible(result.rule)}", *(f"{n}: {v!r}" for n, v in pairs if v is not None)]


def _properties(report: CheckReport) -> list[tuple[str, str]]:
    found = [("calaudit", report.calaudit), ("verdict", report.status), ("rows", str(report.rows))]
    if report.baseline is not None:
        found += [("baseline", report.baseline), ("baseline_rows", str(report.baseline_rows))]
    return found

"""A check as JUnit XML, one test case a rule and slice, for GitHub, GitLab and Jenkins.

What a case says is in the ``message`` (Jenkins shows it) and in the text of its element (GitLab
and the reporters of GitHub show it). An inconclusive rule is *skipped*: all of them count that
apart from what passed, name the case, and do not fail on it. A case that passed with some
``system-out`` would be one that passed: GitLab and dorny/test-reporter do not show the output of
those at all. Under ``--strict`` an inconclusive rule ends the build, and is a failure here.

A gate that was refused is a suite with one *error*, which says why and what to do.

Names are unique, because GitLab drops the second case of a name. There is no time of day in it,
so that equal checks are equal files.

Source: junit-10.xsd of jenkinsci/xunit-plugin, which it is valid by; JUnit.xsd of
windyroad/JUnit-Schema, which asks for a ``timestamp`` beyond that.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from calaudit.report.check_report import PASS, CheckReport, RuleResult
from calaudit.report.refusal import Refusal
from calaudit.visible import visible


def render_junit(*outcomes: CheckReport | Refusal) -> str:
    """Return one check or several as JUnit XML that ends with a newline, a suite each."""
    # JUnit.xsd knows no attributes of testsuites, and this order of the parts of testsuite.
    suites = ET.Element("testsuites")
    for number, each in enumerate(outcomes):
        suites.append(_suite(each, number))
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(outcome: CheckReport | Refusal, number: int) -> ET.Element:
    title = visible(outcome.name)
    classname = f"calaudit.{title}" if title else "calaudit"
    if isinstance(outcome, CheckReport):
        cases, told = _cases(outcome, classname), [result.text for result in outcome.results]
    else:
        cases, told = [_refused(outcome, classname)], [*outcome.told]
    tags = [child.tag for case in cases for child in case]
    suite = ET.Element(
        "testsuite",
        name=f"calaudit check {title}".strip(),
        package="calaudit",
        id=f"{number}",
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
        skipped=str(tags.count("skipped")),
        time="0",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(outcome):
        ET.SubElement(properties, "property", name=name, value=visible(value))
    suite.extend(cases)
    lines = [outcome.sentence, *told]
    ET.SubElement(suite, "system-out").text = "\n".join(map(visible, lines)) + "\n"
    ET.SubElement(suite, "system-err")
    return suite


def _refused(refusal: Refusal, classname: str) -> ET.Element:
    """Return the one test case of a gate that judged nothing."""
    case = ET.Element("testcase", classname=classname, name="check", time="0")
    message = visible(" ".join(refusal.lines))
    error = ET.SubElement(case, "error", message=message, type=refusal.status)
    error.text = "\n".join(map(visible, [refusal.sentence, *refusal.told]))
    return case


def _cases(report: CheckReport, classname: str) -> list[ET.Element]:
    taken: set[tuple[str, str]] = set()
    return [
        _case(result, _outcome(result, report), f"{classname}.{result.metric}", taken)
        for result in report.results
    ]


def _outcome(result: RuleResult, report: CheckReport) -> str | None:
    """Return the element of a test case that did not pass; one that passed has none."""
    if result.status == PASS:
        return None
    return "failure" if report.breaks(result.status) else "skipped"


def _case(
    result: RuleResult, outcome: str | None, classname: str, taken: set[tuple[str, str]]
) -> ET.Element:
    classname = visible(classname)
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
    pairs = [(name, getattr(result, name)) for name in (*names, "rows_needed", "groups_needed")]
    return [f"rule: {visible(result.rule)}", *(f"{n}: {v!r}" for n, v in pairs if v is not None)]


def _properties(outcome: CheckReport | Refusal) -> list[tuple[str, str]]:
    found = [("calaudit", outcome.calaudit)]
    if isinstance(outcome, Refusal):
        return [*found, ("verdict", outcome.status), ("exit_code", str(outcome.code))]
    found += [("verdict", outcome.status), ("rows", str(outcome.rows))]
    if outcome.baseline is not None:
        found += [("baseline", outcome.baseline), ("baseline_rows", str(outcome.baseline_rows))]
    if outcome.groups is not None:
        found.append(("groups", outcome.groups.words))
    return found

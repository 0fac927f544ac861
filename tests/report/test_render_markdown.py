"""A check as Markdown, read back with a parser of CommonMark and its tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from calaudit.findings.finding import Finding
from calaudit.report.check_report import FAIL, INCONCLUSIVE
from calaudit.report.render_markdown import NAME, render_markdown
from calaudit.visible import shortened, visible
from tests.report.checks import (
    CHECKS,
    HOSTILE,
    NAMES,
    absolute,
    check,
    compared,
    hostile,
    many,
    regression,
    result,
    strict,
    unsettled,
)

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

OURS = {"text", "html_inline", "strong_open", "strong_close", "em_open", "em_close"}
"""What a line of ours is made of; a name from the data could add a link, an image, emphasis, …"""


def parts(text: str) -> list[Token]:
    """Return what the lines of a text are made of."""
    return [part for token in PARSER.parse(text) for part in token.children or ()]


def shown(text: str) -> str:
    """Return the words that a reader sees, a line each."""
    lines = [token for token in PARSER.parse(text) if token.type == "inline"]
    return "\n".join(
        "".join(part.content for part in line.children or () if part.type == "text")
        for line in lines
    )


def rows_of(text: str, title: str = "Figures") -> list[list[str]]:
    """Return the cells of the first table under a title."""
    tokens = PARSER.parse(text.partition(f"**{title}**\n")[2].partition("\n**")[0])
    rows: list[list[str]] = []
    for i, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(shown(tokens[i + 1].content))
    return rows


def test_the_verdict_is_the_heading() -> None:
    """The first thing that is read is the verdict; the line before it is for bots."""
    first, _, heading = render_markdown(regression()).splitlines()[:3]
    assert first == "<!-- calaudit check -->"
    assert heading == "### ❌ calaudit: FAIL: 2 of 6 rules failed."


@pytest.mark.parametrize(
    ("report", "mark"),
    [(absolute(), "✅"), (regression(), "❌"), (unsettled(), "⚠️"), (strict(), "❌")],
)
def test_the_mark_is_that_of_the_build(report, mark: str) -> None:
    """What ends the build has a cross, also an inconclusive check under --strict."""
    assert f"### {mark} calaudit" in render_markdown(report)


def test_order() -> None:
    """Verdict, rules, the failed ones first, figures and notes are in sight; the rest is folded."""
    text = render_markdown(regression())
    places = [
        text.index(part)
        for part in ("### ", "❌ FAIL", "⚠️ INCONCLUSIVE", "✅ PASS", "| before |", "**Notes**",
                     "<details>", "**Columns**", "</details>")
    ]  # fmt: skip
    assert places == sorted(places)


def test_table_before_and_after() -> None:
    """A row a figure: the points that rules are about, their intervals, and the difference."""
    rows = rows_of(render_markdown(regression()))
    assert rows[0] == ["", "before", "95 %", "after", "95 %", "change"]
    assert rows[1] == ["Unbiased ECE", "0.031", "0.024 to 0.043", "0.058", "0.047 to 0.068",
                       "+0.027"]  # fmt: skip
    assert len(rows) == 1 + len(regression().compared)


def test_table_without_a_baseline() -> None:
    """Where there is nothing to compare with, there are no columns for it."""
    rows = rows_of(render_markdown(absolute()))
    assert rows[:2] == [["", "value", "95 %"], ["Unbiased ECE", "0.058", "0.047 to 0.068"]]


def test_intervals_of_another_level() -> None:
    """A baseline that was written at another level says so over its intervals."""
    one = compared("ece", (0.03, 0.02, 0.04), (0.05, 0.04, 0.06))
    assert one.before is not None
    other = replace(one, before=replace(one.before, level=0.9))
    assert rows_of(render_markdown(replace(regression(), compared=(other,))))[0][1:5] == [
        "before", "90 %", "after", "95 %",
    ]  # fmt: skip
    assert rows_of(render_markdown(replace(regression(), compared=(one, other))))[0][2] == (
        "interval"
    )


def test_every_rule_is_told_in_full() -> None:
    """The list has the words of every rule, with its slice."""
    text = shown(render_markdown(regression())).replace("\u200b", "")
    for each in regression().results:
        assert each.text.removeprefix(each.status).strip() in text


def test_rows_and_notes() -> None:
    """Whose rows were compared, how they were matched, and what is to be known."""
    text = shown(render_markdown(regression()))
    assert "baseline: calaudit-baseline.json, 10,012 rows" in text
    assert "dropped 12 of 10,000 rows: 12 score missing" in text
    assert "this is 0.1.0. Write it anew" in text
    matched = shown(render_markdown(CHECKS["matched"]()))
    assert "matched: 9,981 rows by row_id, 69 only before, 7 only after" in matched


@pytest.mark.parametrize("name", CHECKS)
def test_examples_hold_nothing_but_text_and_code(name: str) -> None:
    """No example has a link, an image, emphasis or HTML that is not ours."""
    found = parts(render_markdown(CHECKS[name]()))
    assert {part.type for part in found} <= OURS
    tags = {part.content for part in found if part.type == "html_inline"}
    assert tags <= {"<code>", "</code>"}


@given(NAMES)
def test_any_name_is_shown_as_it_is(value: str) -> None:
    """Whatever the data holds, the reader sees it, and it changes nothing around it."""
    found = result(FAIL, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), ("c", value))
    report = replace(hostile(), results=(found,), baseline=value, notes=())
    text = render_markdown(report)
    assert {part.type for part in parts(text)} <= OURS
    assert len(rows_of(text)) == 1 + len(report.compared)
    seen = shown(text)
    told = f"ece where {shortened(visible(f'c = {value}'), NAME)} 0.030 → 0.050"
    assert told in seen.replace("\u200b", "")
    assert visible(value).strip() in seen.replace("\u200b", "")


@given(NAMES)
def test_any_note_is_shown_as_it_is(name: str) -> None:
    """A sentence with a name from the data stays one sentence, in one item of the list."""
    report = replace(regression(), notes=(Finding(code="odd", text=f"{name} is odd"),))
    text = render_markdown(report)
    assert {part.type for part in parts(text)} <= OURS
    assert visible(f"{name} is odd").strip() in shown(text).replace("\u200b", "")
    blocks = {token.type: token.level for token in PARSER.parse(text)}
    assert blocks["bullet_list_open"] == 0  # no list within a list
    assert not {"ordered_list_open", "blockquote_open", "code_block", "fence"} & blocks.keys()


def test_nobody_is_mentioned() -> None:
    """GitHub rings at an @ before a name, and links a # before a number, but not in code."""
    inside, prose = False, ""
    for part in parts(render_markdown(hostile())):
        inside = part.content == "<code>" if part.type == "html_inline" else inside
        prose += part.content if part.type == "text" and not inside else "\n"
    assert "@\u200ball #\u200b1" in prose
    assert not re.search(r"[@#]\w", prose)


def test_addresses_become_no_links() -> None:
    """GitHub makes links of bare addresses: it finds none to make one of."""
    address = "https://example.org www.example.org me@example.org"
    text = render_markdown(replace(regression(), baseline=address, sentence=address))
    assert not re.search(r"://|www\.|\w@\w", text)
    assert shown(text).replace("\u200b", "").count(address) >= 2


def test_many_rules_are_cut_short_and_counted() -> None:
    """The worst thirty rows are in sight, and the others are counted; 500 open rules are one."""
    text = render_markdown(many())
    assert text.count("❌ FAIL") == 13
    assert len(rows_of(text, "Rules")) == 1 + 30
    assert "30 of 514 rules; all are in the JSON report." in shown(text)


def test_it_fits_into_a_comment() -> None:
    """GitHub refuses a comment of more than 65,536 characters; names cannot make one."""
    bad = "<" * 5_000
    results = tuple(
        result(status, "ece", 0.01, (0.03, 0.05, 0.02, 0.01, 0.03), (bad, f"{i}{bad}"), bad)
        for status in (FAIL, INCONCLUSIVE, "PASS")
        for i in range(200)
    )
    base = hostile()
    report = replace(
        base,
        results=results,
        notes=tuple(Finding(code="odd", text=bad, advice=bad) for _ in range(50)),
        inputs=(replace(base.inputs[0], path=bad),) * 50,
        baseline=bad,
        sentence=f"FAIL: {bad}",
    )
    assert len(render_markdown(report)) <= 65_536


def test_hostile_names_are_not_lost() -> None:
    """What is escaped is still what a reader sees."""
    assert visible(HOSTILE)[:20] in shown(render_markdown(hostile()))


def test_no_rules_at_all() -> None:
    """A first baseline may be written without rules; the text then has neither table."""
    report = check(status="PASS", sentence="PASS: no rules.", results=(), baseline=None)
    assert "**Rules**" not in render_markdown(replace(report, compared=()))

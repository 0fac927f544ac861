"""A check as Markdown: a comment of a pull request, and the summary of a step.

What did not pass is in sight, the rest is folded. Nothing from the data is read as Markdown or
HTML, mentions anyone or refers to an issue. The text stays below what a comment may have.

Source: GitHub Flavored Markdown Spec; a comment of GitHub has at most 65,536 characters, and the
summary of a step 1 MiB.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from calaudit.report.check import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.report.labels import metric_title
from calaudit.report.numbers import count, counted
from calaudit.report.side_by_side import level_titles, side_by_side
from calaudit.report.visible import shortened, visible

__all__ = ["render_markdown"]

MARKS = {PASS: "✅", FAIL: "❌", INCONCLUSIVE: "⚠️"}

MARKER = "<!-- calaudit check -->"
"""First line, by which a bot finds the comment that it wrote before."""

LINES, CHARACTERS = 30, 15_000
"""Items of a list that are shown at most, and characters of them together."""

NAME, TEXT = 80, 1_000
"""Characters of a name, and of a sentence, that are shown at most."""

SIGNS = re.compile(
    r"[&<>|`*~\\$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\](?=[(\[:])|[:@](?=\S)|(?<=www)\."
)
"""What Markdown, GitHub or GitLab could read as more than a character; the signs of our own
sentences stay as they are."""


def render_markdown(report: CheckReport) -> str:
    """Return the check as GitHub Flavored Markdown that ends with a newline."""
    passed = [result for result in report.results if result.status == PASS]
    others = [result for result in report.results if result.status != PASS]
    kept = f"{counted(len(passed), 'rule')} that passed, rows" if passed else "Rows"
    mark = MARKS[FAIL if report.breaks(report.status) else report.status]
    notes = _listed([_prose(f"{note.text} {note.advice}".strip(" ")) for note in report.notes])
    blocks = [
        [MARKER],
        [f"### {mark} calaudit: {_prose(report.sentence)}"],
        _table(report),
        _listed([_rule(result) for result in others]),
        ["<details>", f"<summary>{kept} and notes</summary>"],
        # Words between them: two lists in a row would be read as one.
        _listed([_rule(result) for result in passed]),
        ["Rows:"],
        _rows(report),
        ["Notes:"] if notes else [],
        notes,
        ["</details>"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _table(report: CheckReport) -> list[str]:
    rows = side_by_side(report)
    if not rows:
        return []
    then, now = level_titles(report)
    titles, cells = ["value", now], [[row.after, row.after_interval] for row in rows]
    if report.baseline is not None:
        titles = ["before", then, "after", now, "change"]
        cells = [
            [row.before, row.before_interval, row.after, row.after_interval, row.change]
            for row in rows
        ]
    names = [f"{metric_title(row.metric)} {_name(row.metric)}" for row in rows]
    lines = [["", *titles], ["---", *["---:"] * len(titles)]]
    lines += [
        [name, *(cell or "–" for cell in found)] for name, found in zip(names, cells, strict=True)
    ]
    return [f"| {' | '.join(line)} |" for line in lines]


def _rule(result: RuleResult) -> str:
    before, where, after = result.told
    named = f" where {_name(where)}" if where else ""
    status = f"{MARKS[result.status]} **{result.status}**"
    return f"{status} {_prose(before)}{named}{_prose(after)}"


def _rows(report: CheckReport) -> list[str]:
    paths = ["standard input" if each.path == "-" else each.path for each in report.inputs]
    named = ", ".join(map(_name, paths[:3])) or "no files"
    named += f" and {count(len(paths) - 3)} more" if len(paths) > 3 else ""
    items = [f"after: {counted(report.rows, 'row')}, {report.task}, {named}"]
    if report.baseline is not None:
        known = "" if report.baseline_rows is None else f"{counted(report.baseline_rows, 'row')}, "
        items.insert(0, f"before: {known}{_name(report.baseline)}")
    if report.pairing is not None:
        p = report.pairing
        items.append(
            f"matched: {counted(p.matched, 'row')} by {_name(p.column)}, "
            f"{count(p.only_before)} only before, {count(p.only_after)} only after"
        )
    dropped = report.intake.rows_read - report.intake.rows_used
    if dropped > 0:
        reasons = ", ".join(
            f"{count(n)} {_prose(code.replace('_', ' '))}"
            for code, n in report.intake.refused.items()
        )
        items.append(
            f"dropped: {count(dropped)} of {counted(report.intake.rows_read, 'row')}"
            + (f" ({reasons})" if reasons else "")
        )
    return _listed([*items, _prose(f"calaudit {report.calaudit}")])


def _listed(items: Sequence[str]) -> list[str]:
    """Return a list of what fits, and how many items do not."""
    lines: list[str] = []
    room = CHARACTERS
    for item in items[:LINES]:
        room -= len(item)
        if room < 0:
            break
        lines.append(f"- {item}")
    left = len(items) - len(lines)
    return [*lines, f"- … and {count(left)} more, in the JSON report"] if left else lines


def _name(text: str) -> str:
    """Return a name as code: there GitHub and GitLab look for no mentions and references."""
    return f"<code>{_escaped(shortened(visible(text), NAME))}</code>"


def _prose(text: str) -> str:
    """Return a sentence; a name in it mentions nobody, with a blank of no width in between."""
    escaped = _escaped(shortened(visible(text), TEXT))
    escaped = re.sub("(&#64;|&#35;)", r"\1&#8203;", escaped)
    return re.sub(r"^[-+=\d]", lambda found: f"&#{ord(found.group())};", escaped)  # no list in it


def _escaped(text: str) -> str:
    """Return ``text`` as Markdown, also within a table, that shows just that.

    An entity stands for a character and never for a sign of Markdown (CommonMark 0.31, 6.2).
    """
    return SIGNS.sub(lambda found: f"&#{ord(found.group())};", text)

"""A report as Markdown: a comment of a pull request, the summary of a step, a part of a document.

What the short form has is in sight, the rest is folded. Nothing from the data is read as Markdown
or HTML, mentions anyone or refers to an issue. The text stays below what a comment may have.

Source: GitHub Flavored Markdown Spec; a comment of GitHub has at most 65,536 characters, and the
summary of a step 1 MiB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from calaudit.report.content.status_marks import EMOJI
from calaudit.report.document import (
    Answer,
    Block,
    Code,
    Column,
    Document,
    Drawing,
    Facts,
    Notes,
    Prose,
    Section,
    Table,
)
from calaudit.report.kinds import document_of
from calaudit.report.refusal import Refusal
from calaudit.report.rendered import Rendered
from calaudit.visible import shortened, visible

ROWS, MOST_ROWS, CHARACTERS = 30, 100, 60_000
"""Rows of a table that are shown, those of a negative rank at most, and characters of all."""

NAME, TEXT = 80, 1_000
"""Characters of a name, and of a sentence, that are shown at most."""

SIGNS = re.compile(
    r"[&<>|`*~\\$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\](?=[(\[:])|[:@](?=\S)|(?<=www)\."
)
"""What Markdown, GitHub or GitLab could read as more than a character; the signs of our own
sentences stay as they are."""

END = ["", "</details>"]


def render_markdown(report: Rendered | Refusal) -> str:
    """Return the report as GitHub Flavored Markdown that ends with a newline."""
    if isinstance(report, Refusal):
        return _refused(report)
    document = document_of(report)
    shown = [s for s in document.sections if s.short]
    folded = [s for s in document.sections if not s.short and s.name != "definitions"]
    lines = [_marker(document.command, document.name), "", *_answer(document)]
    room = CHARACTERS - sum(map(len, lines))
    for section in shown:
        room = _add(lines, _section(section), room)
    titles = _prose(", ".join(section.title for section in folded))
    lines += ["", "<details>", f"<summary>{titles}</summary>"]
    for section in folded:
        room = _add(lines, _section(section), room)
    lines += ["", _prose(f"calaudit {document.version}"), *END]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _refused(refusal: Refusal) -> str:
    lead = f"{refusal.name}: {refusal.sentence}" if refusal.name else refusal.sentence
    told = [f"### {EMOJI[refusal.status]} calaudit: {_prose(lead)}", *map(_prose, refusal.told)]
    return "\n\n".join([_marker("check", refusal.name), *told]) + "\n"


def _marker(command: str, name: str) -> str:
    """Return the first line, by which a comment is found again: of one command and gate only."""
    return f"<!-- {visible(f'calaudit {command} {name}'.strip()).replace('>', '&gt;')} -->"


def _add(lines: list[str], more: Sequence[str], room: int) -> int:
    """Add lines where there is room for all of them, and say so where there is none."""
    size = sum(len(line) + 1 for line in more)
    if size > room:
        lines += ["", "More is in the JSON report."] if room > 0 else []
        return 0
    lines += more
    return room - size


def _answer(document: Document) -> Iterator[str]:
    found = document.answer
    mark = EMOJI.get(found.size, EMOJI.get(found.status, ""))
    yield f"### {mark} calaudit: {_prose(found.lead)}".replace("  ", " ")
    for text in (found.rest, " · ".join(found.data), " · ".join(found.told), found.dropped):
        if text:
            yield from ("", _prose(text))


def _section(section: Section) -> list[str]:
    lines = [line for block in section.blocks for line in _block(block)]
    return ["", f"**{_prose(section.title)}**", *lines] if lines else []


def _block(block: Block) -> list[str]:
    match block:
        case Answer():
            return ["", _prose(f"{block.lead} {block.rest}".strip())]
        case Table():
            return _table(block)
        case Drawing(table=Table() as table):
            return _table(table)
        case Prose():
            title = ["", f"*{_prose(block.title)}*"] if block.title else []
            return [*title, *(line for t in block.texts if t for line in ("", _prose(t)))]
        case Notes():
            return ["", *(f"- {_prose(f'{n.text} {n.advice}'.strip(' '))}" for n in block.notes)]
        case Facts():
            return ["", *(f"- {_prose(name)}: {_prose(text)}" for name, text in block.pairs)]
        case Code():
            text = _escaped(visible(block.text))
            return ["", f"{_prose(block.title)}:", "", f"<pre>{text}</pre>"]
        case _:
            return []


def _table(table: Table) -> list[str]:
    kept = table.chosen(ROWS)[:MOST_ROWS]
    heads = [_name(c.title) if c.title_named else _inline(c.title) for c in table.columns]
    rule = ["---:" if c.right else "---" for c in table.columns]
    rows = [[_cell(c, row, first=i == 0) for i, c in enumerate(table.columns)] for row in kept]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]
    said = [*table.cut(len(kept), "all are in the JSON report"), *table.remarks]
    caption = [] if table.plain else ["", f"*{_prose(table.caption)}*"]
    return [*caption, "", *lines, *(line for text in said for line in ("", _prose(text)))]


def _cell(column: Column, row: int, *, first: bool) -> str:
    text = column.cells[row]
    shown = _name(text) if column.named and first and text else _inline(text)
    if column.tone_of(row) == "strong" and shown:
        shown = f"**{shown}**"
    sign = column.marks[row] if column.marks else None
    mark = "" if sign is None else EMOJI.get(sign.size, EMOJI.get(sign.status, ""))
    return f"{mark} {shown}".strip()


def _name(text: str) -> str:
    """Return a name as code: there GitHub and GitLab look for no mentions and references."""
    return f"<code>{_escaped(shortened(visible(text), NAME))}</code>"


def _prose(text: str) -> str:
    """Return a sentence that begins a line."""
    escaped = _inline(text)
    return re.sub(r"^[-+=\d]", lambda found: f"&#{ord(found.group())};", escaped)  # no list in it


def _inline(text: str) -> str:
    """Return a text; a name in it mentions nobody, with a blank of no width in between."""
    escaped = _escaped(shortened(visible(text), TEXT))
    return re.sub("(&#64;|&#35;)", r"\1&#8203;", escaped)


def _escaped(text: str) -> str:
    """Return ``text`` as Markdown, also within a table, that shows just that.

    An entity stands for a character and never for a sign of Markdown (CommonMark 0.31, 6.2).
    """
    return SIGNS.sub(lambda found: f"&#{ord(found.group())};", text)

"""One page, and one picture, set on a sheet: upright in one column, across in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calaudit.findings.finding import Finding
from calaudit.report.content.next_steps import next_step
from calaudit.report.content.status_marks import tone_of
from calaudit.report.document import Answer, Cards, Document, Notes, Table
from calaudit.report.one_page import pieces as draw
from calaudit.report.one_page.pieces import BODY, NOTHING, Piece, at, stack, text
from calaudit.report.one_page.sheet import Sheet, today
from calaudit.report.pictures.picture import Picture

MARGIN, GAP = 44.0, 16.0
"""Pixels around a page, and between its parts."""

LEAST, LEAST_ACROSS = 0.7, 0.55
"""How large a picture is at least, of what it was drawn."""

SCALES = (0.85, 0.92, 1.0, 1.1, 1.2, 1.3)
"""How much more than the paper is shown on it: above 1 text is smaller."""

NARROW = 560.0
"""Pixels that a page is wide at least: less paper shows more in smaller text."""

CUTS = ((3, 5, 3), (3, 3, 2), (2, 3, 2), (1, 3, 1), (0, 0, 0))
"""How many tables, rows of each, and notes are kept, until all fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePage:
    """What stands on one page, chosen from the blocks of a document of any kind.

    Attributes:
        title, date: its first line.
        cards: the main figures; None where tables hold them.
        picture: the main one; None where there are no data.
        step: what to do next, or "". notes: what has to be known, those with advice first.
        tables: with their headings.
    """

    title: str
    date: str
    document: Document
    cards: Cards | None
    picture: Picture | None
    step: str
    notes: Sequence[Finding]
    tables: Sequence[tuple[str, Table]]


def chosen(document: Document, sheet: Sheet) -> OnePage:
    """Return what stands on one page: what the short form has, and the main picture."""
    blocks = [block for section in document.sections for block in section.blocks]
    figures = next((block for block in blocks if isinstance(block, Cards)), None)
    tables = [
        (section.title if block.plain else block.caption, block)
        for section in document.sections
        if section.short and figures not in section.blocks  # whose table has the same figures
        for block in section.blocks
        if isinstance(block, Table)
    ]
    notes = [note for block in blocks if isinstance(block, Notes) for note in block.notes]
    made = (drawing.picture() for drawing in document.drawings)
    picture = next((each for each in made if each is not None), None)
    if picture is not None and document.answer.lead.startswith(picture.title):
        picture = replace(picture, title=picture.subtitle, subtitle="")  # the page begins with it
    return OnePage(
        title=sheet.title or f"calaudit {document.command}", date=sheet.date or today(),
        document=document, cards=figures, picture=picture,
        step=next_step(document), notes=sorted(notes, key=lambda n: not n.advice), tables=tables,
    )  # fmt: skip


def page_svg(page: OnePage, paper: tuple[float, float]) -> str:
    """Return a page as an SVG document: as much as fits, in text that can be read."""
    svg = "" if page.picture is None else page.picture.bare_svg()
    least = max(1.0, NARROW / paper[0])
    tries = [(scale * least, cut) for cut in CUTS for scale in SCALES]
    tries += [(scale * least / 4, CUTS[-1]) for scale in range(6, 60)]
    drafts = ((_Draft(page, svg, scale, paper, *cut).placed(), scale) for scale, cut in tries)
    inner, scale = next(each for each in drafts if each[0])
    return draw.document(inner, paper, scale, page.title)


def picture_svg(picture: Picture, paper: tuple[float, float]) -> str:
    """Return a picture that fills a sheet: below its words, or beside them where that is wide."""
    (width, height), inner = paper, paper[0] - 2 * MARGIN
    beside = width > 1.2 * height
    words = _words(picture, 0.32 * inner if beside else inner, large=min(paper) / 450)
    x, y = (0.32 * inner + 2 * GAP, 0.0) if beside else (0.0, words.height + GAP)
    drawn = draw.boxed(picture.bare_svg(), inner - x, height - 2 * MARGIN - y, 9.0)
    placed = at(MARGIN, MARGIN, words) + at(MARGIN + x, MARGIN + y, drawn)
    return draw.document(placed, paper, 1, picture.title)


def _words(picture: Picture | None, width: float, large: float = 1.0) -> Piece:
    if picture is None:
        return NOTHING
    named = text(picture.title, width, large * BODY, bold=True, most=8)
    return stack([named, text(picture.subtitle, width, large * 11, colour="muted", most=8)], 3)


def _answer(said: Answer, width: float) -> Piece:
    """Return the answer beside a bar in its colour, and what it was found on."""
    data = [*said.data, *said.told, *filter(None, [said.dropped])]
    size = 19 if len(said.lead) < 110 else 16
    told = stack([
        text(said.lead, width - 16, size, bold=True, most=5),
        text(said.rest, width - 16, most=9),
        text(" · ".join(data), width - 16, 10.5, colour="muted", most=3),
    ], 5)  # fmt: skip
    return Piece(told.height, draw.rule(5, tone_of(said.size), told.height).svg + at(16, 0, told))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A page on ``scale`` times its paper, with as many tables, rows and notes as are kept."""

    page: OnePage
    svg: str
    scale: float
    paper: tuple[float, float]
    tables: int
    rows: int
    notes: int

    def drawn(self, width: float, height: float, least: float) -> Piece | None:
        """Return the picture in its place; None where that is too small for it."""
        if not self.svg:
            return NOTHING
        drawn = draw.boxed(self.svg, width, height, 1.25 * max(self.scale, 1))
        least *= (
            self.scale * draw.size_of(self.svg)[1] * bool(self.rows)
        )  # or there is no more to cut
        return drawn if drawn.height >= least else None

    def steps(self, width: float) -> Piece:
        """Return what to do next, and what has to be known."""
        parts = [("What to do next", [text(self.page.step, width)])] if self.page.step else []
        known = [
            text(said, width, 11, colour=colour, most=4)
            for note in self.page.notes[: self.notes]
            for said, colour in ((note.text, "ink"), (note.advice, "muted"))
        ]
        parts += [("Notes", known)] if known else []
        return stack([stack([text(h, width, bold=True), *p], 4) for h, p in parts], GAP)

    def placed(self) -> str:
        """Return all of it in its place; "" where not all fits."""
        page, (width, height) = self.page, (self.scale * side for side in self.paper)
        inner, across = width - 2 * MARGIN, width > height
        when = text(page.date, inner, 11, colour="muted", end=True)
        named = text(page.title, inner - 110, BODY + 1, bold=True, most=2)
        line = Piece(max(named.height, when.height), named.svg + when.svg)
        head = stack([line, draw.rule(inner, "ink", 1.5)], 5)
        made = f"Made by calaudit {page.document.version}. The report has all figures, explained."
        foot = text(made, inner, 9.5, colour="muted", most=1)
        y = MARGIN + head.height + GAP
        end = height - MARGIN - foot.height
        column = 0.53 * inner if across else inner
        figures = (
            NOTHING if page.cards is None else draw.cards(page.cards, column, 2 if across else 4)
        )
        top = stack([_answer(page.document.answer, column), figures], GAP)
        kept = page.tables[: self.tables]
        tables = stack([draw.table(name, t, column, self.rows) for name, t in kept], GAP)
        place = self.across if across else self.upright
        found = place(top, tables, inner, end - GAP - y)
        frame = at(MARGIN, MARGIN, head) + at(MARGIN, end, foot)
        return frame + at(MARGIN, y, found) if found else ""

    def upright(self, top: Piece, tables: Piece, inner: float, room: float) -> Piece | None:
        """Return one column, its picture beside what to do."""
        half = 0.54 * inner
        right = inner - half - GAP
        words = stack([_words(self.page.picture, right), self.steps(right)], GAP)
        room -= top.height + tables.height + 2 * GAP
        drawn = self.drawn(half, room, LEAST)
        if drawn is None or words.height > room:
            return None
        both = at(0, 0, drawn) + at(half + GAP, 0, words)
        return stack([top, Piece(max(drawn.height, words.height), both), tables], GAP)

    def across(self, top: Piece, tables: Piece, inner: float, room: float) -> Piece | None:
        """Return two columns: words and figures, and the picture."""
        left, right = 0.53 * inner + 2 * GAP, 0.47 * inner - 2 * GAP
        words, steps = stack([top, tables], GAP), self.steps(right)
        if words.height + GAP + steps.height <= room:  # the picture is larger then
            words, steps = stack([words, steps], GAP), NOTHING
        named = _words(self.page.picture, right)
        drawn = self.drawn(right, room - named.height - steps.height - 2 * GAP, LEAST_ACROSS)
        if drawn is None or words.height > room:
            return None
        return Piece(room, words.svg + at(left, 0, stack([named, drawn, steps], GAP)))

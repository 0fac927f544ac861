"""What a section of the page is made of: one class a kind of block, drawn by its own template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from calaudit.report.content.columns import Column
from calaudit.report.glossary import Entry
from calaudit.report.model import Note

__all__ = [
    "Answer",
    "Block",
    "Card",
    "Cards",
    "Cell",
    "Code",
    "Drawing",
    "Facts",
    "Head",
    "Notes",
    "Panel",
    "Prose",
    "Section",
    "Table",
    "Terms",
    "cells_of",
    "heads_of",
    "name_cells",
    "table_of",
]


DEFINED = ("precision", "recall", "fpr", "cost")
"""Columns that the glossary knows by their title."""

TERMS = {"ECE": "ece", "chance": "noise_floor", "log loss": "log_loss"}
"""Title of a column → its name in the glossary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what is shown. value: what it is sorted by, if not by its text.
        left: whether it is set to the left. tone: "strong", "quiet" or "".
        status: a status, whose mark stands before the text, or "". size: as in `Verdict`.
        term: name of what is defined in the glossary, or "". named: whether the text comes from
            the data. part: whether the row belongs to the one before it. wide: whether it is left
            out where there is little room.
    """

    text: str
    value: float | None = None
    left: bool = False
    tone: str = ""
    status: str = ""
    size: str = ""
    term: str = ""
    named: bool = False
    part: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column: what stands over it, on which side, and what it is in the glossary."""

    title: str
    left: bool = False
    term: str = ""
    named: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of each row is its header.

    Attributes:
        remarks: sentences under it. plain: whether the heading of the section says what its
            caption does, which then is for those who do not see the page.
    """

    kind: ClassVar[str] = "table"
    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    remarks: Sequence[str] = ()
    sortable: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is read first: a mark, one sentence, the rest, and what it was found on."""

    kind: ClassVar[str] = "answer"
    status: str
    size: str
    lead: str
    rest: str
    data: Sequence[str]
    dropped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure in large: after a calibrator where ``after`` is not ""."""

    title: str
    value: str
    interval: str
    remark: str = ""
    after: str = ""
    after_interval: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """Figures beside each other. level: of their intervals, in words."""

    kind: ClassVar[str] = "cards"
    cards: Sequence[Card]
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One SVG of a drawing; with a name from the data, and its figures, where there are several."""

    svg: str
    name: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as inline SVGs.

    Attributes:
        name: of the picture. title: what it finds. subtitle: what is drawn.
        text: how to read it.
        panels: one, or those of small multiples, which wrap.
        table: the same in figures, where that is short.
    """

    kind: ClassVar[str] = "drawing"
    name: str
    title: str
    subtitle: str
    text: str
    panels: Sequence[Panel]
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences, a paragraph each; under a heading if there is one."""

    kind: ClassVar[str] = "prose"
    texts: Sequence[str]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes, each with its advice."""

    kind: ClassVar[str] = "notes"
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    kind: ClassVar[str] = "facts"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Code:
    """A command to copy."""

    kind: ClassVar[str] = "code"
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How what is shown is defined: one family of it."""

    kind: ClassVar[str] = "terms"
    title: str
    entries: Sequence[Entry]


Block = Answer | Cards | Code | Drawing | Facts | Notes | Prose | Table | Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page with a heading; name: of its anchor."""

    name: str
    title: str
    blocks: Sequence[Block]


def table_of(
    caption: str,
    names: Sequence[Cell],
    columns: Iterable[Column],
    *,
    title: Head | None = None,
    remarks: Sequence[str] = (),
    sortable: bool = False,
    plain: bool = False,
) -> Table:
    """Return a table with a column of names before columns of figures."""
    found = list(columns)
    heads = [title or Head(title="", left=True), *heads_of(found)]
    rows = list(zip(names, *map(cells_of, found), strict=True))
    return Table(
        caption=caption,
        heads=heads,
        rows=rows,
        remarks=[remark for remark in remarks if remark],
        sortable=sortable and len(rows) > 1,
        plain=plain,
    )


def name_cells(names: Iterable[str]) -> list[Cell]:
    """Return names from the data as the first cells of rows."""
    return [Cell(text=name, left=True, named=True) for name in names]


def heads_of(columns: Iterable[Column]) -> list[Head]:
    """Return the heads of columns, with what the glossary knows of them."""
    return [
        Head(title=c.title, left=not c.right, term=_term(c.title), named=c.named) for c in columns
    ]


def cells_of(column: Column) -> list[Cell]:
    """Return the cells of a column."""
    values = column.values or (None,) * len(column.cells)
    return [
        Cell(text=text, value=value, left=not column.right, tone=column.tone, named=column.named)
        for text, value in zip(column.cells, values, strict=True)
    ]


def _term(title: str) -> str:
    name = title.removesuffix(" %")
    return TERMS.get(name, name if name in DEFINED else "")

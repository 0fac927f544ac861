"""What a report says, as blocks in the order in which they are read.

Every kind of report becomes a `Document`, and every renderer draws its blocks. Nothing here
knows a kind of report, a width, a colour or an alphabet; what one renderer leaves out is decided
by the type of the block, never by the kind of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from calaudit.findings.finding import Finding
from calaudit.report.numbers import count

if TYPE_CHECKING:
    from calaudit.report.chart import Chart
    from calaudit.report.glossary import Entry
    from calaudit.report.pictures import Picture

Tone = Literal["", "strong", "quiet"]
"""What is to be read first, what stands beside it, or neither."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding in a sign: its form tells the status, its colour the size (see `Verdict`)."""

    status: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table; every sequence has an entry for each row, or is ().

    Attributes:
        title: what stands over it.
        cells: texts, from the first row to the last.
        values: numbers behind the cells, to sort by.
        right: whether it is set to the right, as figures are.
        tone: of the column; ``tones``: of cells that have their own.
        named: whether the cells come from the data; ``title_named``: whether the title does.
        term: name of the column in the glossary; ``terms``: of its cells.
        marks: signs before the cells.
        indented: whether a row belongs to the one before it.
        drop: what a narrow terminal leaves out first: the highest; a column of 0 stays.
        whole: of the last column: whether its cells go under their rows where they do not fit
            beside them in one line, instead of being folded.
    """

    title: str
    cells: Sequence[str]
    values: Sequence[float | None] = ()
    right: bool = True
    tone: Tone = ""
    tones: Sequence[Tone] = ()
    named: bool = False
    title_named: bool = False
    term: str = ""
    terms: Sequence[str] = ()
    marks: Sequence[Mark | None] = ()
    indented: Sequence[bool] = ()
    drop: int = 0
    whole: bool = False

    def tone_of(self, row: int) -> Tone:
        """Return the tone of a cell."""
        return self.tones[row] if self.tones else self.tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """What one row of a table draws: a score, what came true, and where that could lie.

    inside: whether ``observed`` is one that the range, or chance, allows.
    """

    score: float | None
    observed: float | None
    low: float | None
    high: float | None
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A drawing in each row of a table, on a common axis from ``low`` to ``high``.

    Attributes:
        rows: what is drawn; None for a row without a drawing.
        keys: what the score, the outcome, and one outside of the range are called.
    """

    rows: Sequence[Dots | None]
    low: float
    high: float
    keys: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first column names the rows.

    Attributes:
        remarks: sentences under it.
        sortable: whether its rows have no order of their own.
        plain: whether the heading of the section says what its caption does.
        gauge: a drawing in each row, for where no picture stands beside the table.
        nouns: what the rows are, for how many of them are not shown.
        rank: of each row; where not all are shown, those of the smallest rank are, and all of a
            negative one.
    """

    caption: str
    columns: Sequence[Column]
    remarks: Sequence[str] = ()
    sortable: bool = False
    plain: bool = False
    gauge: Gauge | None = None
    nouns: str = "rows"
    rank: Sequence[float] = ()

    @property
    def length(self) -> int:
        """Number of rows."""
        return len(self.columns[0].cells)

    def cut(self, shown: int, where: str) -> list[str]:
        """Return that only some rows are shown, and where the others are; [] where all are."""
        if shown == self.length:
            return []
        return [f"{count(shown)} of {count(self.length)} {self.nouns}; {where}."]

    def chosen(self, most: int) -> list[int]:
        """Return the rows that are shown where there is room for ``most``, in their order."""
        ranks = self.rank or [0.0] * self.length
        most = max(most, sum(rank < 0 for rank in ranks))
        return sorted(sorted(range(self.length), key=lambda row: ranks[row])[:most])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is read first: a mark, one sentence, the rest, and what it was found on.

    Attributes:
        status, size: of its mark; "advice" for a recommendation.
        data: parts of a line on the data. told: further lines on it.
        dropped: how many rows were left out and why.
    """

    status: str
    size: str
    lead: str
    rest: str = ""
    data: Sequence[str] = ()
    told: Sequence[str] = ()
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
    """Figures of a table beside it, in large. level: of their intervals, in words."""

    cards: Sequence[Card]
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture, with the same figures as a table where that is short.

    Attributes:
        name: of the picture, as `--picture` takes it.
        picture: makes it; None where the data do not suffice.
        chart: makes what a terminal draws; None for nothing.
        table: its figures.
    """

    name: str
    picture: Callable[[], Picture | None]
    chart: Callable[[], Chart | None] = lambda: None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences, a paragraph each; under a heading if there is one."""

    texts: Sequence[str]
    title: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes, each with its advice."""

    notes: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Code:
    """A command to copy."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How what is shown is defined: one family of it."""

    title: str
    entries: Sequence[Entry]


Block = Answer | Cards | Code | Drawing | Facts | Notes | Prose | Table | Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document with a heading.

    Attributes:
        name: of its anchor. short: whether the short form has it.
        folded: whether a page folds it away, and prints it only where it was opened.
    """

    name: str
    title: str
    blocks: Sequence[Block]
    short: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that is shown of a report.

    Attributes:
        command: which makes such reports. version: of calaudit, that made this one.
        name: of the gate that it is about, where it has one.
        level: of its intervals.
        sections: those that have content.
        closing: whether a terminal, which may have scrolled the answer away, ends with it.
    """

    command: str
    version: str
    level: float
    answer: Answer
    sections: Sequence[Section]
    name: str = ""
    closing: bool = False

    @property
    def drawings(self) -> Iterator[Drawing]:
        """The pictures, the main one first."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Drawing))


def fitting(
    columns: Sequence[Column], needed: Callable[[Sequence[Column]], float], room: float
) -> list[Column]:
    """Return the columns that fit: without the first to be dropped, and then without the last."""
    kept = list(columns)
    while len(kept) > 2 and needed(kept) > room:
        most = max(kept[1:], key=lambda c: c.drop)
        kept.remove(most if most.drop else next((c for c in kept[:1:-1] if c.right), kept[-1]))
    return kept


def names(title: str, cells: Sequence[str], *, named: bool = True, **more: Any) -> Column:
    """Return a first column, of names from the data unless ``named`` is false."""
    return Column(title=title, cells=tuple(cells), right=False, named=named, **more)


def drawing(
    name: str, picture: str, report: object, *, chart: str = "", table: Table | None = None
) -> Drawing:
    """Return a drawing whose code is imported when it is drawn.

    Args:
        name: of the picture.
        picture: "module:function", a function from the report to a picture or None.
        report: what is drawn.
        chart: the same for a terminal.
        table: the figures of the picture.
    """
    made = {"chart": partial(_called, chart, report)} if chart else {}
    return Drawing(name=name, picture=partial(_called, picture, report), table=table, **made)


def _called(path: str, report: object) -> Any:
    module, _, function = path.partition(":")
    return getattr(import_module(f"calaudit.report.{module}"), function)(report)

"""A page of HTML taken apart, strictly: what browsers would mend is an error here."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr"}


@dataclass
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str = "") -> list[Element]:
        """Return the elements within, in order; those of one tag, if it is given."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if tag in ("", child.tag) else []
                found += child.all(tag)
        return found

    @property
    def text(self) -> str:
        """The text within, as it is read, with single blanks."""
        parts = [c if isinstance(c, str) else c.text for c in self.children]
        return " ".join("".join(parts).split())

    def by_id(self, name: str) -> Element:
        """Return the element with this id."""
        (found,) = [e for e in self.all() if e.attributes.get("id") == name]
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element that has nothing within."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last, which has to have this tag."""
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text."""
        self.open[-1].children.append(data)


def parsed(page: str) -> Element:
    """Return a page as a tree; every tag has to be closed, and by its own."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert len(parser.open) == 1, f"not closed: {[e.tag for e in parser.open[1:]]}"
    return parser.open[0]


def rows_of(table: Element) -> list[list[str]]:
    """Return the texts of the cells in the body of a table."""
    (body,) = table.all("tbody")
    cells = [[c for c in row.children if isinstance(c, Element)] for row in body.all("tr")]
    return [[cell.text for cell in row] for row in cells]


def tables_of(page: Element) -> dict[str, Element]:
    """Return the tables by their captions."""
    return {table.all("caption")[0].text: table for table in page.all("table")}

"""The glossary, a page a kind of entry."""

from __future__ import annotations

from calaudit.report.glossary import KINDS, Entry, entries
from docs.generators.markdown import code, joined, plain, table

__all__ = ["pages"]


def pages() -> dict[str, str]:
    """Return a page for each kind of entry, and one that lists them, by their paths."""
    made = {f"reference/glossary/{kind}.md": _page(kind, title) for kind, title in KINDS.items()}
    rows = [
        (f"[{title}]({kind}.md)", ", ".join(
            f"[{plain(each.title)}]({kind}.md#{each.name})" for each in _of(kind)))
        for kind, title in KINDS.items()
    ]  # fmt: skip
    index = joined(
        "# Glossary",
        "What every figure, test, method, note and setting is. `calaudit explain NAME` prints an "
        "entry in the terminal, and every page that calaudit writes has those that it uses.",
        table(("kind", "entries"), rows),
    )
    return {"reference/glossary/index.md": index, **made}


def _of(kind: str) -> list[Entry]:
    return [each for each in entries() if each.kind == kind]


def _page(kind: str, title: str) -> str:
    return joined(f"# {title}", *map(_entry, _of(kind)))


def _entry(each: Entry) -> str:
    facts = {
        "Formula": code(" ".join(each.formula.split())) if each.formula else "",
        "Read it": plain(each.reading),
        "Limits": plain(each.limits),
        "Source": plain(each.source),
        "Also": ", ".join(map(plain, each.aliases)),
    }
    return joined(
        f"## {plain(each.title)} {{ #{each.name} }}",
        f"{code(each.name)} · {plain(each.short)}",
        plain(each.what),
        *(f"**{name}** {text}" for name, text in facts.items() if text),
    ).rstrip("\n")

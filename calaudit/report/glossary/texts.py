"""The texts as they are written: one TOML file a kind, one table an entry."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from calaudit.report.glossary.entry import KINDS, Entry

HERE = Path(__file__).parent


@cache
def all_entries() -> tuple[Entry, ...]:
    """Return every entry, kind by kind, in the order in which they are written."""
    return tuple(entry for kind in KINDS for entry in _entries_of(kind))


def _entries_of(kind: str) -> list[Entry]:
    tables = tomllib.loads((HERE / f"{kind}.toml").read_text(encoding="utf-8"))
    return [
        Entry(
            name=name,
            kind=kind,
            aliases=tuple(table.pop("aliases", ())),
            **{field: " ".join(text.split()) for field, text in table.items()},
        )
        for name, table in tables.items()
    ]

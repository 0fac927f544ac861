"""Hive partitions: columns whose value stands in a file's directory, ``fold=3/part.parquet``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import repeated, text_column
from calaudit.predictions.derived import Derived, DerivedSource
from calaudit.predictions.source import Column, Source
from calaudit.predictions.spelling import encoded, label_text

_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_values(folder: str | Path) -> dict[str, str]:
    """Return the columns that a directory path gives; a null partition is empty text."""
    pairs = (part.split("=", 1) for part in Path(folder).parts if "=" in part)
    return {key: "" if value == _HIVE_NULL else unquote(value) for key, value in pairs}


class PartitionedSource(DerivedSource):
    """A source of any format with constant columns added; a stored column of the name wins."""

    def __init__(self, source: Source, values: Mapping[str, str]) -> None:
        stored = {column.name for column in source.columns}
        made = {
            name: Derived(Column(name, "text"), (), partial(_constant, value))
            for name, value in values.items()
            if name not in stored
        }
        super().__init__(source, made)
        self._doubled = {name: value for name, value in values.items() if name in stored}

    def contradiction(self, name: str) -> Finding | None:
        """Return a note if a column's first rows are not what the path says of it."""
        value = self._doubled.get(name)
        if value is None:
            return None
        _, texts = encoded(self.source.peek([name]).column(0))
        other = next((text for text in texts if text != label_text(value)), None)
        if other is None:
            return None
        return finding(
            "folder-contradicts-column",
            file=self.input.path,
            column=name,
            folder=f"{value}",
            cell=other,
        )


def _constant(value: str, block: Any) -> Any:
    return repeated(text_column([value]), block.num_rows)


def _within(source: Source) -> Source:
    """Return the partitioned source within one that makes columns of its own."""
    while isinstance(source, DerivedSource) and not isinstance(source, PartitionedSource):
        source = source.source
    return source


def contradictions(sources: Sequence[Source], columns: Sequence[str]) -> list[Finding]:
    """Return a note for each column that is used and contradicted by the path of a file."""
    given = [bare for source in sources if isinstance(bare := _within(source), PartitionedSource)]
    found = ((source.contradiction(name) for source in given) for name in columns)
    return [note for notes in found if (note := next(filter(None, notes), None))]

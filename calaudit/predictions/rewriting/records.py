"""JSON lines with new scores: every other field of a record stays as it was, however deep."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.jsonl import JsonlSource, json_array, value_at
from calaudit.predictions.rewriting.drafts import refusing_full_disk
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer

_BLOCK = 8192


def rewrite_records(
    source: JsonlSource,
    sink: BinaryIO,
    shown: str,
    rescorer: Rescorer,
    naming: Naming,
    advance: Callable[[int], None],
) -> None:
    """Copy records with new scores, a line each, or as one array where the name ends in .json.

    Args:
        source: the input.
        sink: where the text goes.
        shown: what the output is called.
        rescorer: what gives the new scores.
        naming: where they go: beside the old ones, in the same record.
        advance: called with the number of rows of each block.
    """
    if source.is_log:
        raise InputError(f"{source.input.path}: is a log, which is read as rows but not written.")
    array = re.search(r"\.json(\.\w+)?$", shown.lower()) is not None
    first, between, last = (b"[\n", b",\n", b"\n]\n") if array else (b"", b"\n", b"\n")
    written = 0
    for count, lines in _rewritten(source, rescorer, naming):
        with refusing_full_disk(shown):
            for line in lines:
                sink.write((between if written else first) + line)
                written += 1
        advance(count)
    with refusing_full_disk(shown):
        sink.write(last if written else first + b"]\n" * array)


def _rewritten(
    source: JsonlSource, rescorer: Rescorer, naming: Naming
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield how many records were read, and the lines that are written of them."""
    names = rescorer.layout.scores
    paths = [source.paths[name] for name in names]
    targets = [(source.paths[name], end) for name in names for end in naming.ends]
    records = source.records()
    while block := list(islice(records, _BLOCK)):
        lists = rescorer.layout.form == "list"
        cells = [json_array([value_at(r, path) for r in block], lists) for path in paths]
        values, valid = rescorer.values(pa.RecordBatch.from_arrays(cells, list(names)))
        kept = np.ones(len(block), np.bool_) if valid is None else valid
        lines = []
        for record, row, ok in zip(block, values.tolist(), kept.tolist(), strict=True):
            if not ok and rescorer.invalid == "drop":
                continue
            for (path, end), value in zip(targets, [row] if lists else row, strict=True):
                _set(record, path, value if ok else None, naming, end, source.input.path)
            lines.append(json.dumps(record, ensure_ascii=False).encode())
        yield len(block), lines


def _set(
    record: Any, path: tuple[str | int, ...], value: Any, naming: Naming, end: str, where: str
) -> None:
    """Put a new value at a path of a record, or beside what stands there, its name with an end."""
    keys = [key for key in path if isinstance(key, str)]
    for key in keys[:-1]:
        record = record.get(key) if isinstance(record, dict) else None
    if not isinstance(record, dict):
        return  # a record that lacks the score, and is kept as it is
    name = naming.of(keys[-1]) + end
    if naming.adds and name in record:
        raise SettingsError(
            f"{where} has a field {name!r} already; choose another --suffix or --prefix"
        )
    record[name] = [value] if len(keys) < len(path) else value

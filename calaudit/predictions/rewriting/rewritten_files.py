"""One file → the same rows with other scores, in the format that the output's name says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.damage import refusing_damage
from calaudit.predictions.delimited import CsvSource
from calaudit.predictions.derived import DerivedSource
from calaudit.predictions.files import File
from calaudit.predictions.ipc import IpcSource
from calaudit.predictions.pixels import PixelSource
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.rewriting.array_files import rewrite_arrays
from calaudit.predictions.rewriting.batches import (
    grouped,
    ipc_batches,
    parquet_batches,
    text_batches,
    text_schema,
)
from calaudit.predictions.rewriting.delimited_text import open_text_sink, rewrite_text
from calaudit.predictions.rewriting.drafts import Draft, refusing_full_disk
from calaudit.predictions.rewriting.new_columns import ColumnPlan
from calaudit.predictions.rewriting.records import rewrite_records
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer
from calaudit.predictions.rewriting.sinks import (
    Background,
    IpcSink,
    ParquetSink,
    Sink,
    like_parquet,
)

_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc", ".arrows")
_TEXT = (".csv", ".tsv", ".tab", ".psv", ".txt")
_RECORDS = (".jsonl", ".ndjson", ".json")
_ARRAYS = (".npz", ".npy")
_ALIKE = ("jsonl", "numpy")
"""Formats that are not written as others."""

_PACKED = (".gz", ".zst", ".bz2", ".xz")
_DELIMITERS = {".tsv": "\t", ".tab": "\t", ".psv": "|"}


def check_format(source: Any, name: str) -> str:
    """Return "parquet", "arrow", "csv", "jsonl" or "numpy" for an output called ``name``.

    Raises:
        SettingsError: the name says nothing, or what is in the input would be lost.
    """
    plain = _bare(source)
    held = plain.input.format
    wanted, suffix = _format(name)
    if isinstance(plain, PixelSource):
        raise SettingsError(f"{plain.input.path}: maps of pixels are only read")
    own = Path(plain.input.path).suffix.lower() if held == "numpy" else ".jsonl"
    if (held in _ALIKE or wanted in _ALIKE) and (
        held != wanted or (held == "numpy" and suffix != own)
    ):
        raise SettingsError(
            f"{name}: a {held} file is written in its own format; "
            f"name the output {own if held in _ALIKE else f'.{held}'}"
        )
    if wanted == "csv" and held != "csv":
        raise SettingsError(
            f"{name}: text cannot hold the types of a {held} file; name the output .{held}"
        )
    if wanted == "csv":
        assert isinstance(plain, CsvSource)
        implied = _DELIMITERS.get(suffix)
        if implied is not None and implied != plain.delimiter:
            raise SettingsError(
                f"{name}: the cells of {plain.input.path} are separated by {plain.delimiter!r}, "
                f"and stay so; name the output .csv rather than {suffix}"
            )
    elif held == "csv":
        names = [column.name for column in plain.columns]
        if len(set(names)) < len(names):
            raise SettingsError(f"{plain.input.path}: two columns share a name; write it as .csv")
    return wanted


def rewrite(
    predictions: Predictions,
    index: int,
    draft: Draft,
    rescorer: Rescorer,
    naming: Naming,
    advance: Callable[[int], None],
) -> None:
    """Write one file of a data set with new scores.

    Args:
        predictions: the opened data.
        index: which of its files.
        draft: where it goes.
        rescorer: what gives the new scores; it counts the rows.
        naming: where the new scores go.
        advance: called with numbers of rows done.

    Raises:
        InputError: the file is damaged.
        SettingsError: the output cannot be written.
    """
    _check_stored(predictions.sources[index], rescorer.layout.scores)
    source, file = _bare(predictions.sources[index]), predictions.files[index]
    kind = check_format(source, draft.path.name)
    with refusing_damage(source.input.path):
        if kind == "numpy":
            rewrite_arrays(file.path, file.shown, draft, rescorer, naming, advance)
            return
        if kind in ("csv", "jsonl"):
            copy: Any = rewrite_text if kind == "csv" else rewrite_records
            with _text_sink(draft) as sink:
                copy(source, sink, draft.shown, rescorer, naming, advance)
            return
        opened = _opened(source, file)
        plan = ColumnPlan(opened.schema, rescorer, naming, source.input.path)
        with _background(_sink(kind, draft, plan, opened.metadata, rescorer, naming)) as writer:
            for group in grouped(_rewritten(opened.batches, plan, advance)):
                writer.write(group)


@dataclass(frozen=True, slots=True)
class _Opened:
    schema: Any
    batches: Iterator[Any]
    metadata: Any = None


def _bare(source: Any) -> Any:
    while isinstance(source, DerivedSource):
        source = source.source
    return source


def _check_stored(source: Any, columns: Sequence[str]) -> None:
    """Refuse scores that no column holds as they are read."""
    made = source.made & {*columns} if isinstance(source, DerivedSource) else ()
    if made:
        raise InputError(
            f"{source.input.path}: the scores {min(made)!r} are made from what is stored, so that "
            "no calibrated ones can stand in their place. Write them as columns of numbers first."
        )


def _format(name: str) -> tuple[str, str]:
    path = Path(name)
    suffix = path.suffix.lower()
    packed = suffix in _PACKED
    if packed:
        suffix = Path(path.stem).suffix.lower()
    if suffix in _PARQUET and not packed:
        return "parquet", suffix
    if suffix in _ARROW and not packed:
        return "arrow", suffix
    if suffix in _TEXT:
        return "csv", suffix
    if suffix in _RECORDS:
        return "jsonl", suffix
    if suffix in _ARRAYS and not packed:
        return "numpy", suffix
    raise SettingsError(
        f"cannot tell the format of {name} from its suffix; those known are "
        f"{', '.join((*_TEXT, *_RECORDS, *_PARQUET, *_ARROW, *_ARRAYS))}, and "
        f"{', '.join(_PACKED)} after the first eight"
    )


def _opened(source: Any, file: File) -> _Opened:
    if isinstance(source, CsvSource):
        return _Opened(text_schema(source), text_batches(source))
    if isinstance(source, IpcSource):
        return _Opened(source.schema, ipc_batches(source))
    if source.encrypted:
        raise InputError(
            f"{source.input.path}: has encrypted columns, which cannot be copied. Write the file "
            "without encryption."
        )
    return _Opened(source.schema, parquet_batches(file.path, source.metadata), source.metadata)


def _rewritten(
    batches: Iterator[Any], plan: ColumnPlan, advance: Callable[[int], None]
) -> Iterator[Any]:
    for batch in batches:
        if batch is None:
            yield None
        else:
            yield plan.rewritten(batch)
            advance(batch.num_rows)


def _sink(
    kind: str, draft: Draft, plan: ColumnPlan, metadata: Any, rescorer: Rescorer, naming: Naming
) -> Sink:
    if kind == "arrow":
        stream = draft.path.suffix.lower() == ".arrows"
        return IpcSink(draft.temporary, draft.shown, plan.schema, stream=stream)
    scores = rescorer.layout.scores
    options: dict[str, Any] = {"compression": "snappy"}
    if metadata is not None:
        added = {new: old for old, new in naming.written(scores)} if naming.adds else {}
        replaced = set() if naming.adds else set(scores)
        options = like_parquet(metadata, replaced, added)
    return ParquetSink(draft.temporary, draft.shown, plan.schema, options)


@contextlib.contextmanager
def _background(sink: Sink) -> Iterator[Background]:
    writer = Background(sink)
    try:
        yield writer
    except BaseException:
        with contextlib.suppress(Exception):  # the first failure is the one to tell
            writer.close(complete=False)
        raise
    writer.close(complete=True)


@contextlib.contextmanager
def _text_sink(draft: Draft) -> Iterator[Any]:
    with refusing_full_disk(draft.shown):
        sink = open_text_sink(draft.temporary, draft.path.name)
    try:
        yield sink
    except BaseException:
        with contextlib.suppress(Exception):
            sink.close()
        raise
    with refusing_full_disk(draft.shown):
        sink.close()

"""Arrow and Parquet files with columns of many types, in many pieces."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc as paipc
import pyarrow.parquet as pq

from tests.differential.cases import NAMES, Case, random_rows

__all__ = ["arrow_case", "parquet_case"]

Rng = random.Random

NUMBERS = {
    "float16": pa.float16(), "float32": pa.float32(), "float64": pa.float64(),
    "decimal128": pa.decimal128(20, 9), "decimal256": pa.decimal256(50, 12),
    "text": pa.string(), "large text": pa.large_string(),
    "dictionary": pa.dictionary(pa.int16(), pa.float64()),
}  # fmt: skip
LABELS = {
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint64": pa.uint64(),
    "float32": pa.float32(), "float64": pa.float64(), "flags": pa.bool_(), "text": pa.string(),
    "large text": pa.large_string(), "text view": pa.string_view(),
    "decimal128": pa.decimal128(5, 2), "decimal256": pa.decimal256(40, 1),
    "dictionary": pa.dictionary(pa.int8(), pa.string()),
    "decimal32": pa.decimal32(4, 1), "decimal64": pa.decimal64(12, 0),
}  # fmt: skip


def arrow_case(path: Path, seed: int) -> Case:
    """Write an Arrow file or stream."""
    rng = random.Random(seed)
    case, table = _table(path, rng)
    stream = rng.random() < 0.4
    case.shape.add("stream" if stream else "file")
    codec = rng.choice([None, None, "lz4", "zstd"])
    if codec:
        case.shape.add("packed")
    size = rng.choice([1, 7, 64, 1000]) if table.num_rows < 1000 else 1000
    options = paipc.IpcWriteOptions(compression=codec, unify_dictionaries=not stream)
    writer = (paipc.new_stream if stream else paipc.new_file)(path, table.schema, options=options)
    with writer:
        for batch in table.to_batches(max_chunksize=size):
            writer.write_batch(batch)
            if rng.random() < 0.1:
                writer.write_batch(batch.slice(0, 0))
    return case


def parquet_case(path: Path, seed: int) -> Case:
    """Write a Parquet file."""
    rng = random.Random(seed)
    case, table = _table(path, rng)
    options: dict[str, Any] = {
        "compression": rng.choice(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
        "row_group_size": rng.choice([1, 7, 64]) if table.num_rows < 1000 else 9999,
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "version": rng.choice(["1.0", "2.4", "2.6"]),
        "use_dictionary": rng.random() < 0.5,
        "write_page_checksum": rng.random() < 0.5,
        "write_page_index": rng.random() < 0.3,
        "write_statistics": rng.random() < 0.7,
        "data_page_size": rng.choice([100, 1 << 20]),
        "store_schema": rng.random() < 0.7,
        "store_decimal_as_integer": rng.random() < 0.3,
    }
    score = table.schema.field(case.names[0]).type
    if not options["use_dictionary"] and pa.types.is_floating(score) and rng.random() < 0.5:
        options["column_encoding"] = {case.names[0]: "BYTE_STREAM_SPLIT"}
        case.shape.add("split bytes")
    pq.write_table(table, path, **options)
    return case


def _table(path: Path, rng: Rng) -> tuple[Case, Any]:
    case = Case(path, rng.choice(NAMES), [])
    rows = random_rows(rng, most=30_000 if rng.random() < 0.05 else 400)
    kinds = rng.choice(sorted(NUMBERS)), rng.choice(sorted(LABELS)), rng.choice(sorted(NUMBERS))
    case.shape |= {
        f"{part} {k}" for part, k in zip(("score", "label", "weight"), kinds, strict=True)
    }
    types = NUMBERS[kinds[0]], LABELS[kinds[1]], NUMBERS[kinds[2]]
    arrays, held = [], []
    for i, kind in enumerate(types):
        array, values = _array([row[i] for row in rows], kind)
        arrays.append(array)
        held.append(values)
    case.rows = list(zip(*held, strict=True))
    columns = dict(zip(case.names, arrays, strict=True))
    if rng.random() < 0.4:
        columns["tokens"] = pa.array([[1.5] * (i % 3) for i in range(len(rows))])
        columns["record"] = pa.array([{"a": i, "b": None} for i in range(len(rows))])
    order = list(columns)
    rng.shuffle(order)
    return case, pa.table({name: columns[name] for name in order})


def _array(values: list[float | None], kind: Any) -> tuple[Any, list[float | None]]:
    """Return a column of a type, and the numbers that it holds."""
    bare = kind.value_type if pa.types.is_dictionary(kind) else kind
    made: list[Any] = [None if x is None else _value(x, bare) for x in values]
    array = pa.array(made, bare)
    held = [None if x is None else float(x) for x in array.to_pylist()]
    return (array.dictionary_encode().cast(kind) if bare is not kind else array), held


def _value(x: float, kind: Any) -> Any:
    if pa.types.is_decimal(kind):
        return Decimal(repr(x)).quantize(Decimal(1).scaleb(-kind.scale))
    if pa.types.is_boolean(kind):
        return bool(x)
    if pa.types.is_integer(kind):
        return int(x)
    if pa.types.is_floating(kind):
        return x
    return repr(int(x)) if x in (0, 1) else repr(x)

"""Make a data set, a block of rows at a time: ``python -m benchmarks.make_data KIND ROWS FILE``.

Each block has a generator of its own, seeded with its number, so that the first rows of a file
are the same however long it is, and memory does not grow with the rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.datasets import LOGITS
from benchmarks.logits import drawn_labels, network

__all__ = ["MAKERS", "blocks", "write"]

SEED = 20240229
BLOCK = 1_000_000
"""Rows of a row group."""

WIDE_BLOCK = 50_000
WIDE = 1000
SLICES = 20
SATURATED = 0.3

Rng = np.random.Generator
Columns = dict[str, Any]


def _labels(rng: Rng, scores: NDArray[Any]) -> NDArray[np.int8]:
    return (rng.random(len(scores)) < scores).astype(np.int8)


def _binary(rng: Rng, rows: int) -> Columns:
    scores = rng.random(rows)
    return {"score": scores, "label": _labels(rng, scores)}


def _rounded(rng: Rng, rows: int) -> Columns:
    scores = np.round(rng.random(rows), 2)
    return {"score": scores, "label": _labels(rng, scores)}


def _single(rng: Rng, rows: int) -> Columns:
    scores = rng.random(rows, dtype=np.float32)
    return {"score": scores, "label": _labels(rng, scores)}


def _saturated(rng: Rng, rows: int) -> Columns:
    scores = rng.random(rows)
    labels = _labels(rng, scores)
    scores = np.where(rng.random(rows) < SATURATED, np.round(scores), scores)
    return {"score": scores, "label": labels}


def _sliced(rng: Rng, rows: int) -> Columns:
    names = pa.array([f"region-{i:02}" for i in range(SLICES)])
    regions = names.take(pa.array(rng.integers(SLICES, size=rows)))
    return {**_binary(rng, rows), "region": regions}


def _weighted(rng: Rng, rows: int) -> Columns:
    return {**_binary(rng, rows), "weight": rng.gamma(2.0, 0.5, rows)}


def _distribution(rng: Rng, rows: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (rows, WIDE) probabilities and labels drawn from them."""
    powers = np.exp(3.0 * rng.standard_normal((rows, WIDE), dtype=np.float32))
    labels = drawn_labels(rng, powers)
    powers /= powers.sum(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)
    return powers, labels


def _wide_columns(rng: Rng, rows: int) -> Columns:
    matrix, labels = _distribution(rng, rows)
    return {**{f"p_{k}": matrix[:, k] for k in range(WIDE)}, "label": labels}


def _wide_list(rng: Rng, rows: int) -> Columns:
    matrix, labels = _distribution(rng, rows)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), WIDE)
    return {"probs": lists, "label": labels}


def _logits(rng: Rng, rows: int) -> Columns:
    logits, labels = network(rng, rows, len(LOGITS))
    return {**dict(zip(LOGITS, logits.T, strict=True)), "label": labels}


MAKERS: dict[str, Callable[[Rng, int], Columns]] = {
    "binary": _binary,
    "rounded": _rounded,
    "float32": _single,
    "saturated": _saturated,
    "sliced": _sliced,
    "weighted": _weighted,
    "wide-columns": _wide_columns,
    "wide-list": _wide_list,
    "logits": _logits,
}


def blocks(kind: str, rows: int) -> Iterator[Any]:
    """Yield the tables of which the data consists."""
    size = WIDE_BLOCK if kind.startswith("wide") else BLOCK
    for number, begin in enumerate(range(0, rows, size)):
        rng = np.random.default_rng([SEED, number])
        yield pa.table(MAKERS[kind](rng, min(size, rows - begin)))


def write(kind: str, rows: int, path: Path) -> None:
    """Write a data set: Parquet with snappy, a row group a block, or CSV by the suffix."""
    unfinished = path.with_name(path.name + ".part")
    tables = blocks(kind, rows)
    first = next(tables)
    with _writer(unfinished, path.suffix, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    unfinished.replace(path)


def _writer(path: Path, suffix: str, schema: Any) -> Any:
    if suffix == ".csv":
        return pyarrow.csv.CSVWriter(path, schema)
    return pq.ParquetWriter(path, schema, compression="snappy")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

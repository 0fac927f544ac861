"""The rows that calaudit, pyarrow, pandas, DuckDB and Polars read, in one form."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.ipc as paipc
import pyarrow.json as pajson
import pyarrow.parquet as pq

from calaudit.predictions import Intake, Roles, open_predictions
from tests.differential.cases import MISSING, NEGATIVE, POSITIVE, Case

__all__ = ["PEERS", "Sums", "calaudit_sums", "sums"]

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "bz2": bz2.decompress,
    "xz": lzma.decompress,
    "zst": lambda data: pa.input_stream(pa.BufferReader(data), compression="zstd").read(),
}
LABELS = {word.casefold(): 0.0 for word in NEGATIVE} | {w.casefold(): 1.0 for w in POSITIVE}


@dataclass(frozen=True)
class Sums:
    """How many rows there are, how many are whole, and what these sum to."""

    rows: int
    used: int
    score: float
    label: float
    weight: float


def sums(columns: Iterable[Iterable[Any]]) -> Sums:
    """Return the sums of scores, labels and weights, as whatever a reader makes of them."""
    rows = [tuple(map(_value, row)) for row in zip(*columns, strict=True)]
    used = [row for row in rows if None not in row]
    totals = (math.fsum(row[i] for row in used) for i in range(3))  # type: ignore[misc]
    return Sums(len(rows), len(used), *totals)


def _value(cell: Any) -> float | None:
    if cell is None or cell is pd.NA or cell != cell:
        return None
    if isinstance(cell, str):
        return LABELS[cell.casefold()] if cell.casefold() in LABELS else float(cell)
    return float(cell)


def calaudit_sums(case: Case) -> Sums:
    """Return what calaudit reads."""
    score, label, weight = case.names
    roles = Roles(score=score, label=label, weight=weight)
    totals: list[list[float]] = [[], [], []]
    with open_predictions(case.path, roles=roles, on_invalid="drop") as opened:
        whole = Intake()
        for unit in opened.units():
            part = Intake()
            for chunk in unit.chunks(part):
                totals[0] += chunk.scores.astype(float).tolist()
                totals[1] += chunk.labels.tolist()
                totals[2] += [] if chunk.weights is None else chunk.weights.tolist()
            whole = whole.merge(part)
        opened.finish(whole)
    return Sums(whole.rows_read, whole.rows_used, *map(math.fsum, totals))


def _arrow_csv(case: Case) -> Any:
    score, label, weight = case.names
    mark = "," if "decimal comma" in case.shape else "."
    return pacsv.read_csv(
        io.BytesIO(_plain(case)),
        parse_options=pacsv.ParseOptions(delimiter=case.delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types={score: pa.float64(), label: pa.string(), weight: pa.float64()},
            include_columns=case.names, null_values=MISSING, strings_can_be_null=True,
            decimal_point=mark,
        ),
    ).to_pydict()  # fmt: skip


def _pandas_csv(case: Case) -> Any:
    score, label, weight = case.names
    return pd.read_csv(
        io.BytesIO(_plain(case)), sep=case.delimiter, usecols=list(case.names),
        dtype={score: "float64", label: "object", weight: "float64"}, encoding="utf-8-sig",
        na_values=MISSING, keep_default_na=False, float_precision="round_trip",
        decimal="," if "decimal comma" in case.shape else ".",
    ).astype(object)  # fmt: skip


def _duckdb_csv(case: Case) -> Any:
    return _fetched(
        "read_csv(?, delim=?, header=true, all_varchar=true, quote='\"', escape='\"', nullstr=?, "
        "auto_detect=true, sample_size=-1, null_padding=false, max_line_size=10000000)",
        case, case.delimiter, MISSING,
    )  # fmt: skip


def _duckdb_json(case: Case) -> Any:
    return _fetched("read_json(?, sample_size=-1)", case)


def _duckdb_parquet(case: Case) -> Any:
    return _fetched("read_parquet(?)", case)


def _fetched(source: str, case: Case, *options: Any) -> Any:
    """Return what DuckDB selects, with text as numbers."""
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in case.names)
    plain = case.path.with_name("plain")
    plain.write_bytes(_plain(case))  # not all that is packed can be read
    with duckdb.connect() as connection:
        connection.execute("SET threads TO 1")
        found = connection.execute(f"SELECT {names} FROM {source}", [str(plain), *options])
        columns = list(zip(*found.fetchall(), strict=True)) or [(), (), ()]
    if "decimal comma" in case.shape:
        columns = [tuple(x and x.replace(",", ".") for x in column) for column in columns]
    return dict(zip(case.names, columns, strict=True))


def _pandas_json(case: Case) -> Any:
    lines = "array" not in case.shape
    return pd.read_json(
        io.BytesIO(_plain(case)), lines=lines, dtype=False, precise_float=True, convert_dates=False
    ).astype(object)


def _ipc(case: Case) -> Any:
    opened = paipc.open_stream if "stream" in case.shape else paipc.open_file
    with pa.OSFile(str(case.path)) as file:
        return opened(file).read_all().select(case.names).to_pydict()


def _pandas_ipc(case: Case) -> Any:
    return pd.read_feather(case.path, columns=list(case.names)).astype(object)


def _polars_ipc(case: Case) -> Any:
    read = pl.read_ipc_stream if "stream" in case.shape else pl.read_ipc
    return read(case.path, columns=list(case.names)).to_dict(as_series=False)


def _plain(case: Case) -> bytes:
    data = case.path.read_bytes()
    packed = case.shape & UNPACK.keys()
    return UNPACK[packed.pop()](data) if packed else data


PEERS: dict[str, dict[str, Callable[[Case], Any]]] = {
    "csv": {"pyarrow": _arrow_csv, "pandas": _pandas_csv, "duckdb": _duckdb_csv},
    "jsonl": {
        "pyarrow": lambda case: pajson.read_json(io.BytesIO(_plain(case))).to_pydict(),
        "pandas": _pandas_json,
        "duckdb": _duckdb_json,
    },
    "arrow": {"pyarrow": _ipc, "pandas": _pandas_ipc, "polars": _polars_ipc},
    "parquet": {
        "pyarrow": lambda case: pq.read_table(case.path, columns=list(case.names)).to_pydict(),
        "pandas": lambda case: pd.read_parquet(case.path, columns=list(case.names)).astype(object),
        "duckdb": _duckdb_parquet,
        "polars": lambda case: pl.read_parquet(case.path, columns=list(case.names)).to_dict(
            as_series=False
        ),
    },
}

"""Objects of stores and pages of servers give the same report as files of this machine."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from calaudit import evaluate, fit, threshold
from calaudit.predictions import Roles, open_predictions
from tests.predictions.conftest import collect
from tests.remote.conftest import Bucket

Rows = Any


def parquet(table: Rows) -> bytes:
    """Return rows as a Parquet file of several row groups."""
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=1500)
    return sink.getvalue()


def csv(table: Rows) -> bytes:
    """Return rows as CSV."""
    sink = io.BytesIO()
    pacsv.write_csv(table, sink)
    return sink.getvalue()


def gzipped(table: Rows) -> bytes:
    """Return rows as CSV, compressed."""
    import gzip

    return gzip.compress(csv(table), 1)


def bzipped(table: Rows) -> bytes:
    """Return rows as CSV, compressed otherwise."""
    import bz2

    return bz2.compress(csv(table), 1)


def wide(table: Rows) -> bytes:
    """Return rows as CSV in UTF-16."""
    return csv(table).decode().encode("utf-16")


def jsonl(table: Rows) -> bytes:
    """Return rows as JSON lines."""
    return "\n".join(map(json.dumps, table.slice(0, 3000).to_pylist())).encode()


def arrow(table: Rows) -> bytes:
    """Return rows as an Arrow file."""
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1000)
    return sink.getvalue()


def stream(table: Rows) -> bytes:
    """Return rows as an Arrow stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1000)
    return sink.getvalue()


def npz(table: Rows) -> bytes:
    """Return columns of numbers as arrays."""
    sink = io.BytesIO()
    numbers = table.drop_columns(["region"])
    np.savez_compressed(sink, **{n: numbers[n].to_numpy() for n in numbers.column_names})
    return sink.getvalue()


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "p.parquet": parquet, "p.csv": csv, "p.csv.gz": gzipped, "p.csv.bz2": bzipped, "p.txt": wide,
    "p.jsonl": jsonl, "p.arrow": arrow, "p.arrows": stream, "p.npz": npz,
}  # fmt: skip


def rows_of(data: str, **roles: Any) -> bytes:
    """Return all that is read of the rows, in order."""
    found = collect(open_predictions(data, roles=Roles(**roles)))
    slices = found.slices() if roles.get("by") else []
    arrays = (found.scores, found.labels, *([found.weights] if "weight" in roles else []))
    return b"".join(array.tobytes() for array in arrays) + "|".join(slices).encode()


def figures(data: Any, **options: Any) -> str:
    """Return a whole report as JSON but for where its rows are from and when it was made."""
    text = evaluate(data, **options).to_json()
    return without_places(text)


def without_places(text: str) -> str:
    """Return a report as JSON without what names its files."""
    report = json.loads(text)
    for name in ("provenance", "inputs", "created", "declared", "command"):
        report.pop(name, None)
    return re.sub(r"[^\s\"]*(s3|http)://[^\s\"]*/|/[^\s\"]*/", "", json.dumps(report, indent=1))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_alike_from_a_bucket(
    bucket: Bucket, table: Rows, tmp_path: Path, name: str
) -> None:
    """Formats need not know where their bytes come from."""
    data = FORMATS[name](table)
    (tmp_path / name).write_bytes(data)
    roles = {"weight": "weight"} | ({} if name == "p.npz" else {"by": ("region",)})
    remote = rows_of(bucket.put(f"deep/{name}", data), **roles)
    assert remote == rows_of(str(tmp_path / name), **roles)


def test_a_whole_report_is_the_same_byte_for_byte(
    bucket: Bucket, table: Rows, tmp_path: Path
) -> None:
    """Only what names the file differs."""
    (tmp_path / "p.parquet").write_bytes(parquet(table))
    address = bucket.put("p.parquet", parquet(table))
    options = {"weight": "weight", "by": "region"}
    assert figures(address, **options) == figures(str(tmp_path / "p.parquet"), **options)


@pytest.mark.parametrize("parts", [True, False])
@pytest.mark.parametrize("name", ["p.parquet", "p.csv.gz"])
def test_pages_are_read_alike_with_parts_and_without(
    pages: Callable[..., tuple[str, Path]], table: Rows, name: str, parts: bool
) -> None:
    """Servers that give no parts of a page are copied."""
    address, folder = pages(parts=parts)
    (folder / name).write_bytes(FORMATS[name](table))
    assert rows_of(f"{address}/{name}") == rows_of(str(folder / name))


@pytest.fixture
def partitioned(bucket: Bucket, table: Rows, tmp_path: Path) -> tuple[str, str]:
    """Return a folder with a file a day, in a bucket and here."""
    for day in (1, 2, 3):
        part = table.slice((day - 1) * 2000, 2000).drop_columns(["region"])
        key = f"table/date=2026-01-0{day}/part-0.parquet"
        bucket.put(key, parquet(part))
        path = tmp_path / key
        path.parent.mkdir(parents=True)
        path.write_bytes(parquet(part))
    for aside in ("table/_SUCCESS", "table/_log/1.json", "table/date=2026-01-01/.part.crc"):
        bucket.put(aside, b"x")
    return f"s3://{bucket.name}/table", str(tmp_path / "table")


@pytest.mark.parametrize("end", ["/", "/*/*.parquet", "/**/part-*", "/*-0[12]/*"])
def test_folders_and_patterns_stand_for_the_same_files(
    partitioned: tuple[str, str], end: str
) -> None:
    """Partitions, too; what stands aside is left out."""
    remote, local = partitioned
    assert rows_of(remote + end, by=("date",)) == rows_of(local + end, by=("date",))


def test_two_columns_of_fifty_cost_about_two_columns(bucket: Bucket, tmp_path: Path) -> None:
    """As counted where the answers pass."""
    rng = np.random.default_rng(1)
    rows = 150_000
    columns = {f"feature_{i}": rng.random(rows) for i in range(48)}
    columns |= {"score": rng.random(rows), "label": rng.integers(0, 2, rows).astype(float)}
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=50_000, use_dictionary=False,
                   compression="none")  # fmt: skip
    address = bucket.put("wide.parquet", path.read_bytes())
    roles = {"score": "score", "label": "label"}
    assert rows_of(address, **roles) == rows_of(str(path), **roles)
    # Two of fifty, their first rows once more, and the heads of answers.
    assert bucket.proxy.sent < 1.6 * path.stat().st_size * 2 / 50, bucket.proxy.requests


def test_labels_fits_and_thresholds_read_objects(
    bucket: Bucket, table: Rows, tmp_path: Path
) -> None:
    """Whatever reads predictions reads objects."""
    ids = table.append_column("row", pa.array([f"r{i}" for i in range(len(table))]))
    rows, labels = ids.drop_columns(["label"]), ids.select(["row", "label"])
    joined = {"labels": bucket.put("labels.csv", csv(labels)), "id": "row"}
    remote = figures(bucket.put("rows.parquet", parquet(rows)), **joined)
    (tmp_path / "rows.parquet").write_bytes(parquet(rows))
    (tmp_path / "labels.csv").write_bytes(csv(labels))
    here = {"labels": str(tmp_path / "labels.csv"), "id": "row"}
    assert remote == figures(str(tmp_path / "rows.parquet"), **here)

    address, path = bucket.put("p.parquet", parquet(table)), tmp_path / "p.parquet"
    path.write_bytes(parquet(table))
    assert without_places(threshold(address, cost_fp=1, cost_fn=4).to_json()) == without_places(
        threshold(str(path), cost_fp=1, cost_fn=4).to_json()
    )
    fits = [repr(fit(data, method="beta").parameters) for data in (address, str(path))]
    assert fits[0] == fits[1]


def test_other_processes_read_objects_by_themselves(bucket: Bucket, table: Rows) -> None:
    """They are sent the address, and no bytes."""
    address = bucket.put("p.parquet", parquet(table))
    one = figures(address, weight="weight", workers=1)
    before = len(bucket.proxy.requests)
    assert figures(address, weight="weight", workers=2) == one
    assert len(bucket.proxy.requests) > before


@pytest.mark.parametrize("name", ["s3:p.csv", "http.csv", "a:/p.csv"])
def test_what_is_no_address_is_a_file(
    tmp_path: Path, table: Rows, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a known scheme and // go to the network."""
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(csv(table))
    assert evaluate(name).rows == len(table)

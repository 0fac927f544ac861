"""Any chunking, any order of the rows and any number of threads give the same report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.predictions import parquet
from tests.api.simulated import binary, multiclass, top_label

N = 600
RNG = np.random.default_rng(7)


def _tables() -> dict[str, pa.Table]:
    p, y = binary(N, slope=0.8)
    coarse = np.round(p, 2)
    _, probs, codes = multiclass(N)
    z, _, codes_of_logits = multiclass(N, temperature=2.0)
    confidence, right = top_label(N, gap=0.05)
    group = RNG.integers(0, 3, N)
    weight = RNG.gamma(1.0, 1.0, N)
    matrix = {f"p_{k}": probs[:, k] for k in range(4)}
    logits = {f"logit_{k}": z[:, k].astype(np.float32) for k in range(4)}
    return {
        "binary": pa.table({"score": p, "label": y, "group": group}),
        "binary-ties": pa.table({"score": coarse, "label": y, "group": group}),
        "top-label": pa.table({"confidence": confidence, "correct": right, "group": group}),
        "binary-weighted": pa.table({"score": p, "label": y, "weight": weight, "group": group}),
        "multiclass": pa.table({**matrix, "label": codes, "group": group}),
        "multiclass-logits": pa.table({**logits, "label": codes_of_logits, "group": group}),
        "multiclass-weighted": pa.table(
            {**matrix, "label": codes, "weight": weight, "group": group}
        ),
    }


TABLES = _tables()
EXACT = ("binary", "binary-ties", "top-label")
ROUNDED = tuple(name for name in TABLES if name not in EXACT)


def document(report: calaudit.Report) -> dict[str, Any]:
    """Return the report without its inputs, and without the places of the worst rows."""
    values = {k: v for k, v in report.to_dict().items() if k != "inputs"}
    values["settings"].pop("declared")  # the folder or pattern that was read, if it was one
    worst = [{k: v for k, v in w.items() if k not in ("file", "row")} for w in values["worst"]]
    return values | {"worst": worst}


def text_of(report: calaudit.Report) -> str:
    """Return those parts as they are written."""
    return json.dumps(document(report), allow_nan=False)


def close(one: Any, other: Any, where: str = "report") -> None:
    """Check that two JSON values are equal, numbers to 1e-12 of their size, curves to 1e-8."""
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            close(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            close(a, b, f"{where}[{i}]")
    elif isinstance(one, float) and isinstance(other, float):
        # Test statistics near 0 are differences of numbers of about 1; the curve divides by a
        # density that is next to nothing where there are no scores.
        limit = 1e-8 if ".curve" in where else 1e-12
        assert other == pytest.approx(one, rel=limit, abs=limit / 10), where
    else:
        assert one == other, where


def same(name: str, one: calaudit.Report, other: calaudit.Report) -> None:
    """Check two reports on the same rows: bytes where sums are whole numbers, else 1e-12."""
    if name in EXACT:
        assert text_of(one) == text_of(other)
    else:
        close(document(one), document(other))


def audit(path: Any, **options: Any) -> calaudit.Report:
    """Return the report on a file, with slices and worst rows."""
    return calaudit.evaluate(path, by="group", worst=5, **options)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, calaudit.Report]:
    """The report on each table, from a Parquet file of one row group, with one thread."""
    folder = tmp_path_factory.mktemp("one")
    for name, table in TABLES.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: audit(folder / f"{name}.parquet", threads=1) for name in TABLES}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every row group be a part of its own, so that a small file has many."""
    monkeypatch.setattr(parquet, "_PART_CELLS", 1)


@pytest.mark.parametrize("rows", [1, 7, 300])
@pytest.mark.parametrize("name", TABLES)
def test_row_groups(name: str, rows: int, reports: Any, tmp_path: Path, small_parts: None) -> None:
    """Row groups of 1, 7 and 300 rows, each read by itself, on 1, 2 and 4 threads."""
    table, whole = TABLES[name], reports[name]
    if rows == 1:  # as many row groups as rows, of fewer rows
        table = table.slice(0, 120)
        pq.write_table(table, tmp_path / "whole.parquet")
        whole = audit(tmp_path / "whole.parquet")
    pq.write_table(table, tmp_path / "p.parquet", row_group_size=rows)
    several = [audit(tmp_path / "p.parquet", threads=t) for t in ((1, 2, 4) if rows == 7 else (4,))]
    for report in several:
        same(name, whole, report)
    # Threads change nothing at all, not even the last digit of a rounded sum.
    assert len({text_of(report) for report in several}) == 1


@pytest.mark.parametrize("name", TABLES)
def test_order_of_rows(name: str, reports: Any, tmp_path: Path) -> None:
    """Sorted by score, sorted by label and shuffled files are the same data."""
    table = TABLES[name]
    orders = {
        "shuffled": np.random.default_rng(1).permutation(N),
        "by label": pc.sort_indices(table, [(table.column_names[-2], "ascending")]),
        "by score": pc.sort_indices(table, [(table.column_names[0], "descending")]),
    }
    for order, rows in orders.items():
        path = tmp_path / f"{order}.parquet"
        pq.write_table(table.take(pa.array(rows)), path)
        same(name, reports[name], audit(path))


@pytest.mark.parametrize("name", TABLES)
def test_formats_and_parts(name: str, reports: Any, tmp_path: Path) -> None:
    """CSV with all its digits, and one data set of three files, are the same rows."""
    table = TABLES[name]
    if name != "multiclass-logits":  # float32, which has no decimals of its own
        pacsv.write_csv(table, str(tmp_path / "p.csv"))
        same(name, reports[name], audit(tmp_path / "p.csv"))
    (tmp_path / "parts").mkdir()
    for i, (begin, end) in enumerate([(0, 1), (1, 400), (400, N)]):
        pq.write_table(table.slice(begin, end - begin), tmp_path / "parts" / f"{i}.parquet")
    same(name, reports[name], audit(tmp_path / "parts"))
    same(name, reports[name], audit([tmp_path / "parts" / f"{i}.parquet" for i in (2, 0, 1)]))


@pytest.mark.parametrize("name", TABLES)
def test_twice_the_same_bytes(name: str, tmp_path: Path, small_parts: None) -> None:
    """The same call twice gives the same bytes, on any number of threads."""
    pq.write_table(TABLES[name], tmp_path / "p.parquet", row_group_size=13)
    texts = {audit(tmp_path / "p.parquet", threads=threads).to_json() for threads in (1, 4, 4)}
    assert len(texts) == 1


def test_worst_rows_keep_their_places(tmp_path: Path) -> None:
    """A row keeps its number, whatever the row groups, and its file in a data set of several."""
    table = TABLES["binary"]
    for rows in (7, N):
        pq.write_table(table, tmp_path / f"{rows}.parquet", row_group_size=rows)
    many, one = (audit(tmp_path / f"{rows}.parquet").worst for rows in (7, N))
    assert [w.row for w in many] == [w.row for w in one]
    (tmp_path / "d").mkdir()
    pq.write_table(table.slice(0, 400), tmp_path / "d" / "a.parquet")
    pq.write_table(table.slice(400), tmp_path / "d" / "b.parquet")
    placed = [
        w.row + (400 if w.file.endswith("b.parquet") else 0) for w in audit(tmp_path / "d").worst
    ]
    assert placed == [w.row for w in one]


@pytest.mark.parametrize("weighted", [False, True])
def test_tables_that_are_not_exact(weighted: bool, tmp_path: Path) -> None:
    """More distinct scores than cells, in any order and row groups: the same cells."""
    n = 250_000
    p, y = binary(n, slope=0.9)
    table = pa.table({"score": p, "label": y})
    if weighted:
        table = table.append_column("weight", pa.array(np.random.default_rng(2).random(n)))
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=n)
    mixed = table.take(pa.array(np.random.default_rng(3).permutation(n)))
    pq.write_table(mixed, tmp_path / "b.parquet", row_group_size=40_000)
    one = calaudit.evaluate(tmp_path / "a.parquet", threads=1)
    other = calaudit.evaluate(tmp_path / "b.parquet", threads=4)
    assert one.table["exact"] is False
    assert one.metrics["auroc"].error_bound is not None
    same("binary-weighted" if weighted else "binary", one, other)
    loss = -np.log(np.where(y == 1, p, 1 - p))
    w = table["weight"].to_numpy() if weighted else None
    for name, values in (("brier", (p - y) ** 2), ("log_loss", loss)):
        found = one.metrics[name].value
        assert found == pytest.approx(np.average(values, weights=w), abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ROUNDED)
def test_order_at_length(name: str, tmp_path: Path) -> None:
    """Rounded sums of 120,000 rows agree to 1e-12 in any order and on any threads."""
    table = pa.concat_tables([TABLES[name]] * 200)
    pq.write_table(table, tmp_path / "a.parquet")
    mixed = table.take(pa.array(np.random.default_rng(4).permutation(len(table))))
    pq.write_table(mixed, tmp_path / "b.parquet", row_group_size=17_000)
    close(
        document(audit(tmp_path / "a.parquet", threads=1)),
        document(audit(tmp_path / "b.parquet", threads=4)),
    )

"""The same rows, however they are stored, cut and ordered."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.predictions import Intake, open_predictions

PROBABILITY = st.floats(0.0, 1.0) | st.sampled_from([0.0, 1.0, 0.5])
ROWS = st.lists(
    st.tuples(PROBABILITY, st.integers(0, 1), st.sampled_from(["a", "b", "c;d", 'e"f', ""])),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, group=st.integers(1, 7), delimiter=st.sampled_from([",", ";", "\t"]))
def test_csv_parquet_frames_and_arrays_agree(
    read, read_arrays, tmp_path_factory, rows, group, delimiter
):
    """CSV, Parquet in row groups of any size, a frame and arrays give bit-identical rows."""
    scores, labels, kinds = (list(column) for column in zip(*rows, strict=True))
    table = pa.table({"score": scores, "label": labels, "kind": kinds})
    folder = tmp_path_factory.mktemp("same")
    pq.write_table(table, folder / "p.parquet", row_group_size=group)
    options = pacsv.WriteOptions(delimiter=delimiter)
    pacsv.write_csv(table, folder / "p.csv", options)
    seen = [
        read(folder / "p.parquet", by=("kind",)),
        read(folder / "p.csv", by=("kind",)),
        read(table, by=("kind",)),
        read_arrays(labels, scores, by={"kind": kinds}),
    ]
    for each in seen:
        assert each.scores.tolist() == scores
        assert each.labels.tolist() == labels
        assert each.slices() == [kind or "(missing)" for kind in kinds]
        assert each.numbers == list(range(1, len(rows) + 1))


@settings(max_examples=40, deadline=None)
@given(
    scores=st.lists(st.floats(allow_nan=True, width=32), min_size=1, max_size=60),
    group=st.integers(1, 9),
)
def test_exactly_the_invalid_rows_are_dropped(read, tmp_path_factory, scores, group):
    """Whatever the numbers and the cut, what is kept is what lies in [0, 1]."""
    valid = [i for i, score in enumerate(scores) if -1e-3 <= score <= 1 + 1e-3]
    outside = sum(1 for score in scores if np.isfinite(score)) - len(valid)
    if not valid or 4 * outside > len(scores):
        return
    path = tmp_path_factory.mktemp("drop") / "p.parquet"
    pq.write_table(
        pa.table({"score": scores, "label": [1] * len(scores)}), path, row_group_size=group
    )
    rows = read(path, on_invalid="drop")
    assert rows.numbers == [i + 1 for i in valid]
    assert rows.scores.tolist() == [min(max(scores[i], 0.0), 1.0) for i in valid]


@pytest.mark.parametrize("width", [3, 12, 400])
@pytest.mark.parametrize("form", ["columns", "list", "fixed"])
def test_class_columns_and_lists_agree(read, tmp_path, width, form):
    """Many or few classes, as columns or lists, in one or many row groups: the same matrix."""
    rng = np.random.default_rng(width)
    matrix = rng.dirichlet(np.ones(width), 1500).astype(np.float32)
    labels = rng.integers(0, width, 1500)
    flat = pa.array(matrix.ravel())
    if form == "columns":
        data = {f"p_{k}": np.ascontiguousarray(matrix[:, k]) for k in range(width)}
    elif form == "list":
        offsets = pa.array(np.arange(0, matrix.size + 1, width, dtype=np.int32))
        data = {"probs": pa.ListArray.from_arrays(offsets, flat)}
    else:
        data = {"probs": pa.FixedSizeListArray.from_arrays(flat, width)}
    pq.write_table(pa.table({**data, "label": labels}), tmp_path / "p.parquet", row_group_size=700)
    rows = read(tmp_path / "p.parquet")
    assert np.array_equal(rows.scores, matrix)
    assert np.array_equal(rows.labels, labels)
    assert all(chunk.scores.flags.c_contiguous for chunk in rows.chunks)
    assert max(chunk.scores.nbytes for chunk in rows.chunks) <= 2 << 20


def test_units_may_be_read_in_any_order_by_threads(tmp_path):
    """Units read backwards by four threads give every row once, and the same refusals."""
    rng = np.random.default_rng(5)
    n = 1_200_000
    scores = rng.random(n)
    scores[::100_000] = np.nan
    table = pa.table({"score": scores, "label": (rng.random(n) < 0.5).astype(np.int8)})
    pq.write_table(table, tmp_path / "p.parquet", row_group_size=100_000)

    def consume(unit):
        intake, total = Intake(), 0.0
        for chunk in unit.chunks(intake):
            assert len(chunk) <= 65_536
            total += float(chunk.scores.sum())
        return intake, total

    seen = []
    for order, threads in ((1, 1), (-1, 4)):
        with open_predictions(tmp_path, on_invalid="drop") as opened:
            units = list(opened.units())[::order]
            assert len(units) > 1
            with ThreadPoolExecutor(threads) as pool:
                parts = list(pool.map(consume, units))
            intake = Intake()
            for part, _ in parts:
                intake = intake.merge(part)
            opened.finish(intake)
            seen.append((intake, round(sum(total for _, total in parts), 6)))
    assert seen[0] == seen[1]
    assert seen[0][0].rows_used == n - 12
    assert [e.row for e in seen[0][0].refused["missing-score"].examples][:2] == [1, 100_001]


def test_only_the_columns_used_are_read(tmp_path, monkeypatch):
    """A column without a role is never decoded."""
    table = pa.table({"score": [0.5], "label": [1], "essay": ["long"]})
    pq.write_table(table, tmp_path / "p.parquet")
    asked = []
    original = pq.ParquetFile.iter_batches

    def spy(self, *args, **kwargs):
        asked.append(kwargs["columns"])
        return original(self, *args, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    with open_predictions(tmp_path / "p.parquet") as opened:
        for unit in opened.units():
            list(unit.chunks(Intake()))
    assert asked
    assert all("essay" not in columns for columns in asked)


def test_importing_the_package_is_cheap():
    """Neither scipy nor pandas nor pyarrow is imported until data is opened; pandas never is."""
    code = (
        "import sys, calaudit.predictions as p; "
        "assert not {'scipy', 'pandas', 'pyarrow'} & set(sys.modules); "
        "p.from_arrays([0, 1], [.1, .9]); assert not {'scipy', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0

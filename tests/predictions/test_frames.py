from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from calaudit.errors import InputError, SettingsError
from calaudit.predictions import Intake, from_arrays, open_predictions

DATA = {"score": [0.25, 0.75, 0.5], "label": [0, 1, 1], "kind": ["a", "b", None]}


class Stream:
    """An object that offers the Arrow stream interface and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "make",
    [
        pa.table,
        pd.DataFrame,
        lambda data: pa.table(data).to_reader(),
        lambda data: Stream(pa.table(data)),
        lambda data: pa.record_batch(data),
        lambda data: pytest.importorskip("polars").DataFrame(data),
    ],
    ids=["table", "pandas", "reader", "stream", "batch", "polars"],
)
def test_anything_with_the_arrow_stream_interface(read, make):
    """pandas, Polars, pyarrow and unknown objects all give the same rows."""
    rows = read(make(DATA), by=("kind",))
    assert rows.scores.tolist() == DATA["score"]
    assert rows.labels.tolist() == DATA["label"]
    assert rows.slices() == ["a", "b", "(missing)"]
    assert rows.numbers == [1, 2, 3]


def test_a_duckdb_relation(read):
    """A query result is read as a stream."""
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select i / 4.0 as score, i % 2 as label from range(4) t(i)")
    assert read(relation).scores.tolist() == [0.0, 0.25, 0.5, 0.75]


def test_pandas_categories_are_classes(read):
    """A categorical label with unused categories finds the class columns by name."""
    labels = pd.Categorical(["dog", "cat"], categories=["cat", "cow", "dog"])
    frame = pd.DataFrame({"p_cat": [0.25, 0.5], "p_dog": [0.75, 0.5], "label": labels})
    rows = read(frame, probs="p_")
    assert rows.labels.tolist() == [1, 0]


def test_a_stream_of_many_batches_keeps_its_row_numbers(read):
    """Row numbers count on over batches, empty ones among them."""
    table = pa.concat_tables([pa.table(DATA), pa.table(DATA).slice(0, 0), pa.table(DATA)])
    rows = read(Stream(table))
    assert rows.numbers == [1, 2, 3, 4, 5, 6]
    assert len(rows.chunks) == 1  # what is done once a chunk takes longer than some rows


def test_batches_whose_dictionaries_do_not_fit_into_one(read):
    """Small batches are read together, unless that would need larger indices than theirs."""
    kind = pa.dictionary(pa.int8(), pa.string())
    sites = [
        pa.array([f"{k}-{i}" for i in range(100)]).dictionary_encode().cast(kind) for k in "ab"
    ]
    scores, labels = pa.array([0.25, 0.75] * 50), pa.array([0, 1] * 50)
    table = pa.Table.from_batches(
        [pa.record_batch({"score": scores, "label": labels, "site": s}) for s in sites]
    )
    rows = read(Stream(table), by=("site",))
    assert len(set(rows.slices())) == 200


def test_an_empty_frame_is_refused(read):
    """No rows, no audit."""
    with pytest.raises(InputError, match="no rows"):
        read(pa.table(DATA).slice(0, 0))


@pytest.mark.parametrize("shape", ["vector", "column", "list", "tensor-like"])
def test_binary_arrays(read_arrays, shape):
    """Vectors, (n, 1) columns, lists and whatever converts to numpy are read alike."""

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.array(DATA["score"], dtype=dtype)

    scores = {
        "vector": np.array(DATA["score"]),
        "column": np.array(DATA["score"])[:, None],
        "list": DATA["score"],
        "tensor-like": Tensor(),
    }[shape]
    labels = np.array(DATA["label"])
    rows = read_arrays(labels[:, None] if shape == "column" else labels, scores)
    assert rows.predictions.task == "binary"
    assert rows.scores.tolist() == DATA["score"]
    assert rows.labels.tolist() == DATA["label"]


def test_two_and_more_columns(read_arrays):
    """(n, 2) is binary on the second column and (n, K) multiclass, in the type as given."""
    pair = np.array([[0.75, 0.25], [0.25, 0.75]], np.float32)
    rows = read_arrays([0, 1], pair)
    assert rows.scores.tolist() == [0.25, 0.75]
    assert rows.scores.dtype == np.float32
    many = np.asfortranarray([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    rows = read_arrays(["b", "c"], many, classes=["a", "b", "c"])
    assert rows.scores.tolist() == many.tolist()
    assert rows.labels.tolist() == [1, 2]


def test_arrays_are_not_copied():
    """A contiguous array is seen through, chunk by chunk."""
    scores = np.linspace(0, 1, 100_000)
    with from_arrays(np.arange(100_000) % 2, scores) as opened:
        for unit in opened.units():
            for chunk in unit.chunks(Intake()):
                assert np.shares_memory(chunk.scores, scores)


def test_weights_and_slices(read_arrays):
    """Every argument reaches the chunks, whose rows keep their numbers."""
    rows = read_arrays(
        DATA["label"],
        [0.25, np.nan, 0.5],
        sample_weight=[1, 2, 3],
        by={"kind": np.array(["a", "b", "c"], dtype=object), "even": [True, False, True]},
        on_invalid="drop",
    )
    chunk = rows.chunks[0]
    assert chunk.weights.tolist() == [1.0, 3.0]
    assert rows.slices(0) == ["a", "c"]
    assert rows.slices(1) == ["True", "True"]
    assert chunk.row_numbers().tolist() == [1, 3]
    assert chunk.row_numbers(np.array([1])).tolist() == [3]


def test_top_label_arrays(read_arrays):
    """A stated confidence goes with 0/1 correctness."""
    rows = read_arrays([True, False], [0.9, 0.8], task="top-label")
    assert rows.predictions.task == "top-label"
    assert rows.predictions.class_names == ()
    assert rows.labels.tolist() == [1, 0]


def test_logit_arrays(read_arrays):
    """The scale is an argument and never guessed."""
    rows = read_arrays([0, 1], [-3.0, 4.0], scale="logit")
    assert rows.predictions.scale == "logit"
    assert rows.scores.tolist() == [-3.0, 4.0]


def test_arrays_that_do_not_fit(read_arrays):
    """Different lengths, three dimensions and ragged lists are refused by name."""
    with pytest.raises(SettingsError, match="y_true has 2, y_prob has 3"):
        read_arrays([0, 1], [0.1, 0.2, 0.3])
    with pytest.raises(SettingsError, match=r"y_prob has shape \(2, 2, 2\)"):
        read_arrays([0, 1], np.zeros((2, 2, 2)))
    with pytest.raises(SettingsError, match="y_prob"):
        read_arrays([0, 1], [[0.1, 0.9], [0.5]])
    with pytest.raises(SettingsError, match="used for another argument"):
        read_arrays([0, 1], [0.1, 0.9], by={"y_true": [0, 1]})


def test_a_unit_of_a_million_rows(read_arrays):
    """Longer arrays are several units, whose row numbers follow on."""
    n = 1_000_003
    opened = from_arrays(np.arange(n) % 2, np.full(n, 0.5))
    units = opened.units()
    assert [unit.rows for unit in units] == [1_000_000, 3]
    (last,) = units[1].chunks(Intake())
    assert last.row_numbers().tolist() == [1_000_001, 1_000_002, 1_000_003]


def test_slices_of_any_type(read):
    """Numbers, booleans, dates and dictionaries become text."""
    table = pa.table(
        {
            "score": [0.25, 0.75],
            "label": [0, 1],
            "i": [1, 2],
            "f": [1.0, 2.5],
            "b": [True, False],
            "d": pa.array([0, 1], pa.date32()),
            "c": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    rows = read(table, by=("i", "f", "b", "d", "c"))
    texts = [rows.slices(k) for k in range(5)]
    assert texts == [
        ["1", "2"],
        ["1", "2.5"],
        ["True", "False"],
        ["1970-01-01", "1970-01-02"],
        ["x", "y"],
    ]


def test_on_invalid_has_two_values():
    """A misspelt policy is not silently "refuse"."""
    policy: Any = "ignore"
    with pytest.raises(SettingsError, match="'refuse' or 'drop'"):
        open_predictions(pa.table(DATA), on_invalid=policy)
    with pytest.raises(SettingsError, match="'refuse' or 'drop'"):
        from_arrays([0, 1], [0.1, 0.9], on_invalid=policy)

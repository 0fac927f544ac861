"""However the rows come in, the report is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit import InputError, Report, SettingsError
from tests.api.simulated import binary, logit, multiclass, top_label

P, Y = binary(400, slope=0.7)
TABLE = pa.table({"score": P, "label": Y})


def figures(report: Report) -> dict[str, Any]:
    """Return the report without what says where the rows came from."""
    document = report.to_dict()
    del document["settings"]["declared"]
    return {k: v for k, v in document.items() if k not in ("inputs", "roles", "notes")}


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """The report on two arrays."""
    return figures(calaudit.evaluate(Y, P))


ARRAYS = {
    "keywords": lambda: calaudit.evaluate(y_true=Y, y_prob=P),
    "lists": lambda: calaudit.evaluate(Y.tolist(), P.tolist()),
    "tuples": lambda: calaudit.evaluate(tuple(Y.tolist()), tuple(P.tolist())),
    "labels (n, 1)": lambda: calaudit.evaluate(Y[:, None], P),
    "scores (n, 1)": lambda: calaudit.evaluate(Y, P[:, None]),
    "scores (n, 2)": lambda: calaudit.evaluate(Y, np.stack([1 - P, P], axis=1)),
    "lists of pairs": lambda: calaudit.evaluate(Y.tolist(), [[1 - p, p] for p in P.tolist()]),
    "uint8 labels": lambda: calaudit.evaluate(Y.astype(np.uint8), P),
    "float labels": lambda: calaudit.evaluate(Y.astype(np.float32), P),
    "text labels": lambda: calaudit.evaluate(Y.astype(str), P),
    "object labels": lambda: calaudit.evaluate(Y.astype(object), P),
    "big-endian": lambda: calaudit.evaluate(Y.astype(">i4"), P.astype(">f8")),
    "strided": lambda: calaudit.evaluate(np.repeat(Y, 3)[::3], np.repeat(P, 2)[::2]),
    "reversed twice": lambda: calaudit.evaluate(Y[::-1][::-1], P[::-1][::-1]),
    "read-only": lambda: calaudit.evaluate(*(_read_only(a) for a in (Y, P))),
    "bytes as labels": lambda: calaudit.evaluate(Y.astype("S"), P),
    "__array__": lambda: calaudit.evaluate(OnlyArray(Y), OnlyArray(P)),
    "DLPack": lambda: calaudit.evaluate(OnlyDLPack(Y), OnlyDLPack(P)),
    "DLPack (n, 2)": lambda: calaudit.evaluate(Y, OnlyDLPack(np.stack([1 - P, P], axis=1))),
    "one-hot labels": lambda: calaudit.evaluate(np.eye(2)[Y], P),
    "one-hot booleans": lambda: calaudit.evaluate(np.eye(2, dtype=bool)[Y], P[:, None]),
    "one-hot frame": lambda: calaudit.evaluate(pd.get_dummies(Y), np.stack([1 - P, P], axis=1)),
    "masked arrays without a mask": lambda: calaudit.evaluate(np.ma.array(Y), np.ma.array(P)),
    "pandas series": lambda: calaudit.evaluate(pd.Series(Y), pd.Series(P, index=range(7, 407))),
    "polars series": lambda: calaudit.evaluate(pl.Series(Y), pl.Series(P)),
    "arrow arrays": lambda: calaudit.evaluate(pa.array(Y), pa.chunked_array([P[:9], P[9:]])),
}


class Tensor:
    """What has one of the two interfaces of tensors and nothing else of an array."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)


class OnlyArray(Tensor):
    """As tensors of the memory of the processor are read."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values


class OnlyDLPack(Tensor):
    """As arrays of the standard are handed over."""

    def __dlpack__(self, **more: Any) -> Any:
        return self.values.__dlpack__(**more)

    def __dlpack_device__(self) -> Any:
        return self.values.__dlpack_device__()


class Elsewhere(OnlyDLPack):
    """A tensor in the memory of a graphics card."""

    def __dlpack_device__(self) -> Any:
        return (2, 0)

    def __dlpack__(self, **more: Any) -> Any:
        raise BufferError("the tensor is on a device that numpy does not read")


def _read_only(array: Any) -> Any:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


@pytest.mark.parametrize("way", ARRAYS)
def test_arrays(way: str, expected: dict[str, Any]) -> None:
    """Arrays in scikit-learn's order, of any kind that numpy understands."""
    assert figures(ARRAYS[way]()) == expected


def test_bool_labels(expected: dict[str, Any]) -> None:
    """Booleans are the labels false and true, with the same figures."""
    assert figures(calaudit.evaluate(Y == 1, P)) == expected | {"classes": ["false", "true"]}


class DataSet:
    """What calaudit asks of a data set of Hugging Face's `datasets`."""

    def __init__(self, table: Any, rows: Any) -> None:
        self.table, self.rows = table, rows

    def with_format(self, name: str) -> DataSet:
        """Return itself: its rows are Arrow tables already."""
        assert name == "arrow"
        return self

    def iter(self, batch_size: int) -> Any:
        """Yield the rows that were selected, in their order, as tables."""
        table = self.table.take(self.rows)
        return iter([table.slice(0, 100), table.slice(100)][: 1 + (batch_size > 100)])


def _structured() -> Any:
    array = np.empty(len(P), [("score", "f8"), ("label", "i8")])
    array["score"], array["label"] = P, Y
    return array


def _shuffled(data_set: Any) -> Any:
    """Return twice the rows, of which the first are chosen, backwards."""
    twice = pa.concat_tables([TABLE, TABLE.slice(0, 9)])
    return data_set(twice, np.arange(399, -1, -1))


def _hugging_face(table: Any, rows: Any) -> Any:
    datasets = pytest.importorskip("datasets")
    return datasets.Dataset(table).select(rows.tolist())


FRAMES = {
    "dict": lambda: {"score": P, "label": Y},
    "dict of lists": lambda: {"score": P.tolist(), "label": Y.tolist()},
    "dict of tensors": lambda: {"score": OnlyDLPack(P), "label": OnlyArray(Y)},
    "structured array": _structured,
    "recarray": lambda: _structured().view(np.recarray),
    "polars lazy": lambda: (
        pl.DataFrame({"score": P, "label": Y}).lazy().filter(pl.col("score") >= 0)
    ),
    "data set": lambda: _shuffled(DataSet),
    "Hugging Face": lambda: _shuffled(_hugging_face),
    "pandas": lambda: TABLE.to_pandas(),
    "pandas with an index": lambda: TABLE.to_pandas().set_index(pd.Index(range(400)) * 3),
    "pandas pyarrow types": lambda: TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda: pl.from_arrow(TABLE),
    "duckdb": lambda: duckdb.from_arrow(TABLE),
    "arrow table": lambda: TABLE,
    "arrow chunks": lambda: pa.concat_tables([TABLE.slice(0, 7), TABLE.slice(7)]),
    "arrow batch": lambda: TABLE.combine_chunks().to_batches()[0],
    "arrow reader": lambda: TABLE.to_reader(max_chunksize=13),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind: str, expected: dict[str, Any]) -> None:
    """Frames of every library that speaks the Arrow interface."""
    assert figures(calaudit.evaluate(FRAMES[kind]())) == expected


def test_what_is_masked_is_missing() -> None:
    """Of numbers and of labels; before, the value behind the mask was taken."""
    mask = np.arange(400) < 3
    for y, p in ((Y, np.ma.array(P, mask=mask)), (np.ma.array(Y, mask=mask), P)):
        with pytest.raises(InputError, match=r"3 of 400 rows are invalid\.\n.*missing"):
            calaudit.evaluate(y, p)
        assert calaudit.evaluate(y, p, on_invalid="drop").intake.rows_used == 397


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"score": P, "label": Y[:9]}, "differ in length: score has 400, label has 9 rows"),
        ({"score": P, "label": 1}, r"label has shape \(\): give one value a row"),
        ({"score": np.zeros((4, 2, 2))}, r"score has shape \(4, 2, 2\)"),
        (
            {"train": DataSet(TABLE, []), "test": DataSet(TABLE, [])},
            r"give one of .* data\['train'\]",
        ),
        (5, "a mapping from names of columns to arrays"),
        (P, "for arrays without names give y_true and y_prob"),
        (
            {"score": Elsewhere(P), "label": Y},
            r"a device .*score=x\.detach\(\)\.cpu\(\)\.float\(\)",
        ),
    ],
)
def test_data_that_are_no_columns(data: Any, told: str) -> None:
    """What cannot be read is refused with the name of the column and with what can be."""
    with pytest.raises(SettingsError, match=told):
        calaudit.evaluate(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rows in two parts, and beside it the rows in one file."""
    root = tmp_path_factory.mktemp("ways")
    (root / "parts").mkdir()
    pq.write_table(TABLE.slice(0, 150), root / "parts" / "a.parquet")
    pq.write_table(TABLE.slice(150), root / "parts" / "b.parquet")
    pacsv.write_csv(TABLE, str(root / "one.csv"))
    return root


FILES = {
    "csv": lambda f: f / "one.csv",
    "text path": lambda f: str(f / "one.csv"),
    "folder": lambda f: f / "parts",
    "glob": lambda f: str(f / "parts" / "*.parquet"),
    "list": lambda f: [f / "parts" / "b.parquet", str(f / "parts" / "a.parquet")],
    "tuple": lambda f: (f / "parts" / "a.parquet", f / "parts" / "b.parquet"),
}


@pytest.mark.parametrize("way", FILES)
def test_files(way: str, folder: Path, expected: dict[str, Any]) -> None:
    """A path, several, a folder and a glob."""
    report = calaudit.evaluate(FILES[way](folder))
    assert figures(report) == expected
    assert sum(i.rows for i in report.inputs) == 400


def test_logits_and_probabilities_agree() -> None:
    """A logit stands for its probability, in one column and in two."""
    plain = calaudit.evaluate(Y, P)
    pair = np.stack([np.zeros(400), logit(P)], axis=1)
    for given in (logit(P), pair):
        report = calaudit.evaluate(Y, given, scale="logit")
        assert report.scale == "logit"
        for name in ("brier", "log_loss", "auroc", "ece", "smece", "cox_slope"):
            assert report.metrics[name].value == pytest.approx(
                plain.metrics[name].value, rel=1e-9
            ), name


def test_float32_scores_are_their_own_float64() -> None:
    """Scores in float32 are not rounded a second time."""
    single = P.astype(np.float32)
    assert figures(calaudit.evaluate(Y, single)) == figures(
        calaudit.evaluate(Y, single.astype(np.float64))
    )


Z, PROBS, CODES = multiclass(300)
NAMES = np.array(["ant", "bee", "cow", "dog"])


def test_multiclass_ways(tmp_path: Path) -> None:
    """A matrix, lists, columns, a list column and named classes are one thing."""
    expected = figures(calaudit.evaluate(CODES, PROBS))
    assert expected["task"] == "multiclass"
    columns = {f"p_{k}": PROBS[:, k] for k in range(4)}
    lists = pa.FixedSizeListArray.from_arrays(pa.array(PROBS.ravel()), 4)
    pq.write_table(pa.table({**columns, "label": CODES}), tmp_path / "p.parquet")
    for report in (
        calaudit.evaluate(CODES.tolist(), PROBS.tolist()),
        calaudit.evaluate(CODES.astype(str), np.asfortranarray(PROBS)),
        calaudit.evaluate(tmp_path / "p.parquet"),
        calaudit.evaluate(pa.table({"probs": lists, "label": CODES})),
        calaudit.evaluate({"probs": PROBS, "label": CODES}),
        calaudit.evaluate({"probs": OnlyDLPack(PROBS), "label": np.eye(4)[CODES]}, label="label"),
        calaudit.evaluate(np.eye(4, dtype=bool)[CODES], PROBS),
        calaudit.evaluate(pd.DataFrame({**columns, "label": CODES}), probs="p_"),
    ):
        assert figures(report) == expected
    named = calaudit.evaluate(NAMES[CODES], PROBS, classes=NAMES.tolist())
    assert named.classes == tuple(NAMES)
    by_class = [c | {"name": NAMES[int(c["name"])]} for c in expected["by_class"]]
    assert figures(named) == expected | {"classes": NAMES.tolist(), "by_class": by_class}


def test_multiclass_logits() -> None:
    """Logits give the figures of their softmax, and missing classes are said."""
    plain = calaudit.evaluate(CODES, PROBS)
    for name, estimate in calaudit.evaluate(CODES, Z, scale="logit").metrics.items():
        if name in ("brier", "log_loss", "ece", "smece", "auroc", "classwise_ece", "accuracy"):
            assert estimate.value == pytest.approx(plain.metrics[name].value, rel=1e-9), name
    few = calaudit.evaluate(np.minimum(CODES, 1), PROBS)
    assert "missing-classes" in [note.code for note in few.notes]


def test_top_label_ways() -> None:
    """Confidence with correct, and with prediction and label, are one thing."""
    confidence, right = top_label(300, gap=0.1)
    expected = figures(calaudit.evaluate(right, confidence, task="top-label"))
    said = np.where(right == 1, "cat", "dog")
    for data in (
        pd.DataFrame({"confidence": confidence, "correct": right == 1}),
        pd.DataFrame({"confidence": confidence, "prediction": "cat", "label": said}),
    ):
        assert figures(calaudit.evaluate(data)) == expected
    assert expected["task"] == "top-label"


def test_roles_are_reported() -> None:
    """What was declared and what was inferred is in the report, with the option."""
    frame = pd.DataFrame({"a": P, "target": Y, "w": np.ones(400), "g": ["x", "y"] * 200})
    report = calaudit.evaluate(frame, score="a", weight="w", by="g")
    roles = {role.role: role for role in report.roles}
    assert (roles["score"].columns, roles["score"].inferred) == (("a",), False)
    assert (roles["label"].columns, roles["label"].inferred) == (("target",), True)
    assert (roles["weight"].columns, roles["label"].option) == (("w",), "--label")
    assert [(s.column, s.value, s.rows) for s in report.slices] in (
        [("g", "x", 200), ("g", "y", 200)],
        [("g", "y", 200), ("g", "x", 200)],
    )


def test_weights_of_one_are_no_weights() -> None:
    """Equal weights give the unweighted figures, whatever their size.

    All but the equal-mass bins, in which a weight above 1 is a number of rows.
    """
    plain = calaudit.evaluate(Y, P)
    for size in (1.0, 1e-3, 1024.0):
        report = calaudit.evaluate(Y, P, sample_weight=np.full(400, size))
        for name in ("n", "brier", "log_loss", "ece", "smece", "auroc", "cox_slope"):
            assert report.metrics[name].value == pytest.approx(
                plain.metrics[name].value, rel=1e-12
            ), name


def test_frequency_weights_are_repeated_rows() -> None:
    """With frequency weights every figure is that of the rows written out."""
    times = np.random.default_rng(1).integers(1, 4, 400)
    weighted = calaudit.evaluate(Y, P, sample_weight=times, weight_kind="frequency")
    repeated = calaudit.evaluate(np.repeat(Y, times), np.repeat(P, times))
    for name, estimate in repeated.metrics.items():
        other = weighted.metrics[name]
        for part in ("value", "low", "high", "unbiased", "noise_floor", "p_value"):
            wanted = getattr(estimate, part)
            assert getattr(other, part) == (
                None if wanted is None else pytest.approx(wanted, rel=1e-9, abs=1e-12)
            ), (name, part)
    assert weighted.verdict.sentence == repeated.verdict.sentence
    assert [b.rows for b in weighted.bins] == [b.rows for b in repeated.bins]


def test_importance_weights_move_the_figures() -> None:
    """Weights that favour wrong rows raise the Brier score, by numpy's weighted mean."""
    w = np.where((P > 0.5) == (Y == 1), 1.0, 5.0)
    report = calaudit.evaluate(Y, P, sample_weight=w)
    assert report.metrics["brier"].value == pytest.approx(np.average((P - Y) ** 2, weights=w))
    assert report.metrics["n"].value == 400
    assert "weighted" in [note.code for note in report.notes]


@pytest.mark.parametrize("weight", [0.5, 2.0**60])
def test_frequency_weights_are_whole_numbers(weight: float) -> None:
    """A frequency that is no count of rows is refused, and the other kind is named."""
    with pytest.raises(InputError, match="importance"):
        calaudit.evaluate(Y, P, sample_weight=np.full(400, weight), weight_kind="frequency")


def test_by_with_arrays() -> None:
    """With arrays ``by`` maps names to values; the slices are those of a frame."""
    region, half = np.array(["n", "s"] * 200), np.arange(400) // 200
    arrays = calaudit.evaluate(Y, P, by={"region": region, "half": half})
    frame = pd.DataFrame({"score": P, "label": Y, "region": region, "half": half})
    framed = calaudit.evaluate(frame, by=["region", "half"])
    assert arrays.slices == framed.slices
    assert {(s.column, s.value) for s in arrays.slices} == {
        ("region", "n"), ("region", "s"), ("half", "0"), ("half", "1"),
    }  # fmt: skip


def test_positive_and_task() -> None:
    """The positive class can be named; turning it round mirrors the scores."""
    words = np.where(Y == 1, "bad", "good")
    bad = calaudit.evaluate(words, P, positive="bad")
    assert bad.classes == ("good", "bad")
    assert figures(replace(bad, classes=("0", "1"))) == figures(calaudit.evaluate(Y, P))
    good = calaudit.evaluate(words, 1 - P, positive="good")
    assert good.metrics["brier"].value == pytest.approx(bad.metrics["brier"].value, rel=1e-12)


def test_worst_rows_and_ids() -> None:
    """The most confidently wrong rows come first, under their numbers and ids."""
    frame = pd.DataFrame({"score": P, "label": Y, "key": [f"row {i}" for i in range(400)]})
    report = calaudit.evaluate(frame, id="key", worst=5)
    doubt = np.where((P >= 0.5) == (Y == 1), 9.0, np.minimum(P, 1 - P))
    wanted = np.argsort(doubt, kind="stable")[:5]
    assert [w.row - 1 for w in report.worst] == wanted.tolist()
    assert [w.id for w in report.worst] == [f"row {i}" for i in wanted]
    given = np.where(Y == 1, P, 1 - P)[wanted]
    assert [w.loss for w in report.worst] == pytest.approx((-np.log(given)).tolist())


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: calaudit.evaluate(), SettingsError, "nothing to read"),
        (lambda: calaudit.evaluate(y_true=Y), SettingsError, "nothing to read"),
        (lambda: calaudit.evaluate(Y, P, y_true=Y), SettingsError, "once"),
        (lambda: calaudit.evaluate(y_prob=P), SettingsError, "once"),
        (lambda: calaudit.evaluate(Y, P[:-1]), SettingsError, "399"),
        (lambda: calaudit.evaluate(Y, P, sample_weight=P[:-1]), SettingsError, "399"),
        (lambda: calaudit.evaluate(Y, P, by={"g": P[:-1]}), SettingsError, "399"),
        (lambda: calaudit.evaluate(Y, PROBS[None]), SettingsError, "shape"),
        (lambda: calaudit.evaluate([], []), InputError, "no rows"),
        (lambda: calaudit.evaluate(Y, P + 1), InputError, "2"),
        (lambda: calaudit.evaluate(Y, np.where(P > 0.9, np.nan, P)), InputError, "missing"),
        (lambda: calaudit.evaluate(Y / 2, P), InputError, "0.5"),
        (lambda: calaudit.evaluate(Y, P, sample_weight=-P), InputError, "weight"),
        (lambda: calaudit.evaluate(3.5), SettingsError, "path"),
        (lambda: calaudit.evaluate(TABLE, label=""), SettingsError, "empty"),
        (lambda: calaudit.evaluate(TABLE, score="x"), InputError, "'x'"),
        (lambda: calaudit.evaluate(Y, P, task="multiclass"), SettingsError, "multiclass"),
        (lambda: calaudit.evaluate(Y, P, weight="w"), SettingsError, "weight names a column"),
        (lambda: calaudit.evaluate(Y, P, out_of=10), SettingsError, "out_of is for columns"),
        (lambda: calaudit.evaluate(Y, P, by="g"), SettingsError, "by names columns"),
        (lambda: calaudit.evaluate(TABLE, by={"g": Y}), SettingsError, "by is for arrays"),
        (lambda: calaudit.evaluate(TABLE, y_true=Y), SettingsError, "y_true is for arrays"),
        (lambda: calaudit.evaluate(TABLE, sample_weight=Y), SettingsError, "sample_weight is"),
        (lambda: calaudit.evaluate(TABLE, scale="logit"), SettingsError, "scale is for arrays"),
    ],
)
def test_wrong_calls(call: Any, error: type[Exception], said: str) -> None:
    """What does not fit together is refused with the class a caller can act on."""
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("bins", 0), ("bins", "ten"), ("bins", "equal-mass:"), ("bins", -3), ("bins", 10_001),
        ("bins", "9" * 5000), ("convention", "middle"), ("level", 95), ("level", 0.4),
        ("level", float("nan")), ("clip", 0.5), ("clip", -1e-9), ("clip", float("nan")),
        ("seed", -1), ("worst", -1), ("worst", 10**6), ("threads", 0),
        ("on_invalid", "ignore"), ("weight_kind", "probability"),
    ],
)  # fmt: skip
def test_wrong_settings(setting: str, value: Any) -> None:
    """A setting out of its range is refused by its name before anything is read."""
    with pytest.raises(SettingsError, match=setting.replace("_", ".")):
        calaudit.evaluate("no-such-file.csv", **{setting: value})


@pytest.mark.parametrize("setting", ["scale", "task"])
def test_wrong_choices_of_arrays(setting: str) -> None:
    """A scale or task that does not exist is a wrong setting, not a silent other one."""
    wrong: dict[str, Any] = {setting: "odds"}
    with pytest.raises(SettingsError, match=setting):
        calaudit.evaluate(Y, P, **wrong)


def test_settings_reach_the_figures() -> None:
    """Level, clip, bins, convention and seed change what they should, and only that."""
    plain = calaudit.evaluate(Y, P)
    narrow = calaudit.evaluate(Y, P, level=0.5)
    assert narrow.metrics["brier"].value == plain.metrics["brier"].value
    assert plain.metrics["brier"].low < narrow.metrics["brier"].low  # type: ignore[operator]
    assert len(calaudit.evaluate(Y, P, bins=7).bins) == 7
    assert calaudit.evaluate(Y, P, bins="equal-mass:9").bins[0].rows in (44, 45)
    clipped = calaudit.evaluate(Y, P, clip=0.2).metrics["log_loss"].value
    held = np.clip(np.where(Y == 1, P, 1 - P), 0.2, 0.8)
    assert clipped == pytest.approx(-np.log(held).mean(), rel=1e-12)
    other = calaudit.evaluate(Y, P, seed=1)
    assert other.metrics["smece"].value == plain.metrics["smece"].value
    assert other.metrics["smece"].high != plain.metrics["smece"].high
    edges = calaudit.evaluate([0, 1, 1], [0.2, 0.2, 0.9], bins=5, convention="left")
    assert [b.rows for b in edges.bins] == [0, 2, 0, 0, 1]

import gzip
import io
import json
import lzma
import pickle
import re
import sys
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.errors import CalauditError, IncompleteError, InputError, NotEnoughData, SettingsError
from calaudit.predictions import Intake, Roles, open_predictions
from tests.predictions.conftest import collect

TABLE = pa.table({"score": [0.25, 0.75, 0.5], "label": [0, 1, 1]})


@pytest.fixture
def parquet(tmp_path):
    """A small Parquet file."""
    path = tmp_path / "preds.parquet"
    pq.write_table(TABLE, path)
    return path


def zipped(*names: str) -> bytes:
    """Return a zip archive with members of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "score,label\n0.5,1\n")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (pickle.dumps([1, 2]), "p.npy", "pickle"),
        (b"<!DOCTYPE html><html></html>", "p.csv", "HTML"),
        (b"SQLite format 3\0", "p.db", "SQLite"),
        (b"version https://git-lfs.github.com/spec/v1\noid x\n", "p.parquet", "git lfs pull"),
        (b"\x00\x01\x02\x03", "p.bin", "not text"),
        (b"\x00\x01\x02\x03", "p.parquet", "does not begin as a Parquet"),
        (b"[1, 2]", "p.json", "line 1 is not a JSON object"),
        (b"PK\x03\x04junk", "p.xlsx", "damaged, or not what it begins as"),
        (
            zipped("xl/workbook.xml", "[Content_Types].xml"),
            "p.xlsx",
            "Excel.*read_excel.* as CSV",
        ),
        (zipped("archive/data.pkl", "archive/version"), "p.pt", r"PyTorch.* numpy\.savez"),
        (zipped("data.csv"), "p.zip", r"zip archive that holds data\.csv, .*Unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "p.xls", "old Office"),
        (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "p.mat", r"MATLAB.*loadmat"),
        (b"\0" * 257 + b"ustar\x0000", "p.tar", "a tar archive. Unpack it"),
        (b"\x89HDF\r\n\x1a\n\0\0", "p.h5", "HDF5.*read_hdf"),
        (b"PAR1junkjunk", "p.parquet", "truncated"),
        (b"ARROW1\0\0junk", "p.arrow", "truncated"),
    ],
)
def test_foreign_content_is_named(read, write, content, name, said):
    """A file that is not predictions is refused in one sentence that says what it is."""
    with pytest.raises(InputError, match=said) as caught:
        read(write(content, name))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_content_outranks_the_suffix(read, write, parquet):
    """CSV called .parquet and Parquet called .csv are read as what they are."""
    rows = read(write("score,label\n0.25,0\n0.75,1\n", "a.parquet"))
    assert rows.predictions.inputs[0].format == "csv"
    rows = read(write(parquet.read_bytes(), "b.csv"))
    assert rows.predictions.inputs[0].format == "parquet"
    assert rows.predictions.inputs[0].rows == 3


def test_a_truncated_parquet_file(read, write, parquet):
    """A file without its footer is refused."""
    data = parquet.read_bytes()
    with pytest.raises(InputError, match="cannot be read"):
        read(write(data[: len(data) - 20], "cut.parquet"))


def test_a_damaged_page_is_refused(read, tmp_path):
    """Garbage in the middle of a Parquet file ends in a sentence, not in an Arrow error."""
    path = tmp_path / "p.parquet"
    rng = np.random.default_rng(2)
    pq.write_table(
        pa.table({"score": rng.random(50_000), "label": rng.integers(0, 2, 50_000)}), path
    )
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(0).column(0).data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="cannot be decoded"):
        read(path)


def test_a_missing_file_suggests_near_names(read, parquet):
    """A typing error in a path is met with the name that exists."""
    with pytest.raises(InputError, match=r"Did you mean .*preds\.parquet"):
        read(parquet.with_name("pred.parquet"))
    with pytest.raises(InputError, match="nor a folder"):
        read(parquet.parent / "nowhere" / "x.csv")


def test_permission_denied(read, parquet, monkeypatch):
    """A file that may not be read says so."""
    opener = Path.open

    def refuse(self, *args, **kwargs):
        if self == parquet:
            raise PermissionError(13, "Permission denied")
        return opener(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="permission denied"):
        read(parquet)


def test_a_directory_is_one_data_set(read, tmp_path):
    """Marker, hidden and checksum files are passed over; parts are read in order of name."""
    for part in range(3):
        pq.write_table(TABLE.slice(part, 1), tmp_path / f"part-{part}.parquet")
    for name in ("_SUCCESS", ".hidden.parquet", "part-0.parquet.crc", "README.md"):
        (tmp_path / name).write_bytes(b"")
    rows = read(tmp_path)
    assert rows.scores.tolist() == [0.25, 0.75, 0.5]
    assert [chunk.source for chunk in rows.chunks] == [0, 1, 2]
    assert rows.numbers == [1, 1, 1]
    assert rows.predictions.rows == 3


def test_globs_and_lists_of_paths(read, tmp_path):
    """A glob and a list of paths give the same rows; a file named twice is refused."""
    for part in range(2):
        pq.write_table(TABLE.slice(part, 1), tmp_path / f"part-{part}.parquet")
    by_glob = read(str(tmp_path / "part-*.parquet"))
    both = [str(tmp_path / "part-0.parquet"), tmp_path / "part-1.parquet"]
    assert by_glob.scores.tolist() == read(both).scores.tolist()
    with pytest.raises(InputError, match="named twice"):
        read([both[0], both[0]])
    with pytest.raises(InputError, match="no file matches"):
        read(str(tmp_path / "*.csv"))


def test_a_directory_without_data(read, tmp_path):
    """An empty folder is refused with what was found there."""
    (tmp_path / "README.md").write_text("nothing")
    with pytest.raises(InputError, match=r"no data files .*found only README\.md"):
        read(tmp_path)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_hive_partitions_are_columns(read, tmp_path, suffix):
    """A partition column can be a slice, and a null partition is missing."""
    for value in ("a", "b", "__HIVE_DEFAULT_PARTITION__"):
        folder = tmp_path / f"model={value}"
        folder.mkdir()
        if suffix == "parquet":
            pq.write_table(TABLE, folder / "x.parquet")
        else:
            (folder / "x.csv").write_text("score,label\n0.25,0\n0.75,1\n0.5,1\n")
    rows = read(tmp_path, by=("model",))
    assert sorted(rows.slices()) == ["(missing)"] * 3 + ["a"] * 3 + ["b"] * 3


def test_files_must_have_the_same_columns(read, tmp_path):
    """The file that lacks a column is named."""
    pq.write_table(TABLE, tmp_path / "a.parquet")
    pq.write_table(TABLE.rename_columns(["p", "label"]), tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"b\.parquet: has no column 'score'"):
        read(tmp_path)


def test_formats_and_float_types_may_be_mixed(read, tmp_path):
    """A float32 Parquet file and a CSV file make one float64 data set."""
    pq.write_table(
        pa.table({"score": pa.array([0.25], pa.float32()), "label": [1]}), tmp_path / "a.parquet"
    )
    (tmp_path / "b.csv").write_text("label,score\n0,0.75\n")
    rows = read(tmp_path)
    assert rows.predictions.dtype == "float64"
    assert {chunk.scores.dtype.name for chunk in rows.chunks} == {"float64"}
    assert rows.scores.tolist() == [0.25, 0.75]


def test_standard_input(read, monkeypatch, parquet):
    """A dash reads CSV or Parquet from standard input and leaves no file behind."""
    for content in (b"score,label\n0.25,0\n0.75,1\n0.5,1\n", parquet.read_bytes()):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        rows = read("-")
        assert rows.scores.tolist() == [0.25, 0.75, 0.5]
        assert rows.predictions.inputs[0].path == "-"
        assert not Path(rows.predictions.files[0].path).exists()


def test_a_file_that_changes_while_it_is_read(write):
    """A file that has grown since it was opened gives no figure."""
    path = write("score,label\n0.25,0\n0.75,1\n")
    with open_predictions(path) as opened:
        intake = Intake()
        for unit in opened.units():
            list(unit.chunks(intake))
        with path.open("a") as file:
            file.write("0.5,1\n")
        with pytest.raises(IncompleteError, match="changed while it was read"):
            opened.finish(intake)


def test_a_file_that_disappears_while_it_is_read(write):
    """A file that is gone at the end gives no figure."""
    path = write("score,label\n0.25,0\n0.75,1\n")
    with open_predictions(path) as opened:
        intake = Intake()
        for unit in opened.units():
            list(unit.chunks(intake))
        path.unlink()
        with pytest.raises(IncompleteError, match="disappeared"):
            opened.finish(intake)


def test_a_unit_that_was_not_read_to_its_end(tmp_path):
    """Figures of a prefix are refused, as are those of a lost unit."""
    for part in range(2):
        pq.write_table(TABLE, tmp_path / f"{part}.parquet")
    with open_predictions(tmp_path) as opened:
        intake = Intake()
        first, second = opened.units()
        list(first.chunks(intake))
        next(iter(second.chunks(intake)))
        with pytest.raises(IncompleteError, match="only 1 of 2 parts"):
            opened.finish(intake)


def test_rows_read_must_be_rows_promised(parquet):
    """A count that differs from the file's own is refused."""
    with open_predictions(parquet) as opened:
        intake = Intake()
        for unit in opened.units():
            list(unit.chunks(intake))
        intake.rows_read -= 1
        with pytest.raises(IncompleteError, match="2 rows were read, but the files promise 3"):
            opened.finish(intake)


def test_arrow_files_and_streams(read, tmp_path):
    """Feather files and IPC streams give the rows of the table."""
    feather.write_feather(TABLE, str(tmp_path / "a.feather"))
    with (
        pa.OSFile(str(tmp_path / "b.arrows"), "wb") as sink,
        pa.ipc.new_stream(sink, TABLE.schema) as writer,
    ):
        writer.write_table(TABLE)
    for name in ("a.feather", "b.arrows"):
        rows = read(tmp_path / name)
        assert rows.scores.tolist() == [0.25, 0.75, 0.5]
        assert rows.predictions.inputs[0].format == "arrow"


def test_npz_arrays_are_columns(read, tmp_path):
    """Arrays of one length are columns; labels of shape (n, 1) are flattened."""
    probs = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], np.float32)
    np.savez(tmp_path / "p.npz", probs=probs, labels=np.array([[0], [2]]))
    rows = read(tmp_path / "p.npz")
    assert np.array_equal(rows.scores, probs)
    assert rows.labels.tolist() == [0, 2]


def test_npy_files_are_columns(read, tmp_path):
    """Scores and labels in files of their own stand side by side; other lengths are refused."""
    probs = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], np.float32)
    np.save(tmp_path / "probs.npy", probs)
    np.save(tmp_path / "labels.npy", np.array([0, 2]))
    both = [str(tmp_path / "probs.npy"), str(tmp_path / "labels.npy")]
    for paths in (both, both[::-1], str(tmp_path)):
        rows = read(paths)
        assert np.array_equal(rows.scores, probs)
        assert rows.labels.tolist() == [0, 2]
    np.save(tmp_path / "labels.npy", np.array([0, 2, 1]))
    with pytest.raises(InputError, match="probs has 2, labels has 3 rows"):
        read(both)
    (tmp_path / "more").mkdir()
    np.save(tmp_path / "more" / "probs.npy", probs)
    with pytest.raises(InputError, match="two of the files are called 'probs'"):
        read([*both, str(tmp_path / "more" / "probs.npy")])


def test_a_structured_array_is_a_table(read, tmp_path):
    """Its fields are columns."""
    made = np.array([(0.25, 0), (0.75, 1)], dtype=[("score", "f4"), ("label", "i8")])
    np.save(tmp_path / "p.npy", made)
    assert read(tmp_path / "p.npy").scores.tolist() == [0.25, 0.75]


def test_a_lone_array_and_pickled_objects_are_refused(read, tmp_path):
    """A lone array has no labels, and pickled objects are never loaded."""
    np.save(tmp_path / "p.npy", np.zeros(3))
    with pytest.raises(InputError, match=r"single array.* scores\.npy labels\.npy"):
        read(tmp_path / "p.npy")
    for name, save in (("p.npz", np.savez), ("q.npy", np.save)):
        save(tmp_path / name, np.array([{"a": 1}], dtype=object))
        with pytest.raises(InputError, match="never loaded"):
            read(tmp_path / name)


def test_json_lines(read, write):
    """Scores, lists and labels of changing type are read; a cut last line is refused."""
    rows = read(write('{"score": 0.25, "label": 0}\n{"score": 1, "label": "1"}\n', "p.jsonl"))
    assert rows.scores.tolist() == [0.25, 1.0]
    assert rows.labels.tolist() == [0, 1]
    rows = read(write('{"probs": [0.5, 0.25, 0.25], "label": 2}\n', "q.jsonl"))
    assert rows.scores.tolist() == [[0.5, 0.25, 0.25]]
    with pytest.raises(InputError, match="line 2 is not a JSON object"):
        read(write('{"score": 0.25, "label": 0}\n{"score": 0.', "r.jsonl"))


def test_an_empty_parquet_file(read, tmp_path):
    """A Parquet file without rows is refused as such."""
    pq.write_table(TABLE.slice(0, 0), tmp_path / "e.parquet")
    with pytest.raises(NotEnoughData, match="no rows"):
        read(tmp_path / "e.parquet")


def test_data_of_another_type(read):
    """What cannot be read is told what could be."""
    with pytest.raises(SettingsError, match="give a path"):
        read(3)
    with pytest.raises(InputError, match="no input was named"):
        read([])


def test_close_may_be_called_twice(parquet):
    """Closing is harmless however often it is done."""
    opened = open_predictions(parquet)
    opened.close()
    opened.close()
    assert parquet.exists()


def test_an_empty_first_part_decides_nothing(read, tmp_path):
    """Spark writes empty parts; the first part with rows settles the number of classes."""
    table = pa.table({"probs": [[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], "label": [0, 2]})
    pq.write_table(table.slice(0, 0), tmp_path / "part-0.parquet")
    pq.write_table(table, tmp_path / "part-1.parquet")
    rows = read(tmp_path)
    assert rows.predictions.n_classes == 3
    assert rows.labels.tolist() == [0, 2]


def test_memory_does_not_grow_with_the_row_group(tmp_path):
    """A large row group is decoded piece by piece and never held as a whole."""
    n = 3_000_000
    table = pa.table({"score": np.random.default_rng(3).random(n), "label": np.ones(n, np.int64)})
    pq.write_table(table, tmp_path / "p.parquet", row_group_size=n, use_dictionary=False)
    del table
    before, peak = pa.total_allocated_bytes(), 0
    with open_predictions(tmp_path / "p.parquet") as opened:
        for unit in opened.units():
            for _ in unit.chunks(Intake()):
                peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 16 << 20


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_compressed_json_lines(read, write, codec):
    """JSON lines are read through the same compressions as CSV."""
    text = b'{"score": 0.25, "label": 0}\n{"score": 0.75, "label": 1}\n'
    packed = gzip.compress(text) if codec == "gzip" else pa.compress(text, "zstd", asbytes=True)
    assert read(write(packed, "p.jsonl.packed")).scores.tolist() == [0.25, 0.75]


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(["p.csv", "p.csv.gz", "p.csv.xz", "p.parquet", "p.feather", "p.jsonl"]),
    cut=st.floats(0, 1) | st.none(),
    flips=st.lists(st.tuples(st.floats(0, 0.7), st.integers(0, 255)), max_size=8),
)
def test_damage_is_always_a_sentence(read, tmp_path_factory, name, cut, flips):
    """Whatever bytes change or are cut off, the reader refuses or reads, and never crashes."""
    data = bytearray(_intact()[name])
    for at, value in flips:
        data[int(at * (len(data) - 1))] = value
    path = tmp_path_factory.mktemp("damage") / name
    path.write_bytes(bytes(data if cut is None else data[: int(cut * len(data))]))
    rows = None
    with suppress(CalauditError):
        rows = read(path, on_invalid="drop")
    if rows is not None:
        assert ((rows.scores >= 0) & (rows.scores <= 1)).all()
        assert set(rows.labels.tolist()) <= {0, 1}
    if cut is None and not flips:
        assert rows is not None
        assert rows.intake.rows_used == 200


@cache
def _intact():
    rng = np.random.default_rng(4)
    table = pa.table({"score": rng.random(200), "label": rng.integers(0, 2, 200)})
    parquet, arrow, text = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet, row_group_size=60)
    feather.write_feather(table, arrow, compression="uncompressed")
    pacsv.write_csv(table, text)
    lines = "\n".join(json.dumps(row) for row in table.to_pylist())
    return {
        "p.parquet": parquet.getvalue(),
        "p.feather": arrow.getvalue(),
        "p.csv": text.getvalue(),
        "p.csv.gz": gzip.compress(text.getvalue()),
        "p.csv.xz": lzma.compress(text.getvalue()),
        "p.jsonl": lines.encode(),
    }


def test_a_part_without_rows_is_passed_over(tmp_path):
    """As Spark writes beside others, also where class scores are made of lists of records."""
    kind = pa.list_(pa.struct({"label": pa.int64(), "prob": pa.float64()}))
    probs = [[{"label": 1, "prob": p}, {"label": 0, "prob": 1 - p}] for p in (0.2, 0.7)]
    full = pa.table({"churn": [0, 1], "churn_probs": pa.array(probs, kind)})
    pq.write_table(full.slice(0, 0), tmp_path / "a.parquet")
    pq.write_table(full, tmp_path / "b.parquet")
    with pytest.raises(CalauditError):
        open_predictions(str(tmp_path / "a.parquet"))
    rows = collect(open_predictions(str(tmp_path), roles=Roles(probs="churn_probs")))
    assert rows.labels.tolist() == [0, 1]
    np.testing.assert_allclose(rows.scores, [0.2, 0.7])


def test_the_line_that_converts_a_pickle_makes_a_file_that_is_read(tmp_path, monkeypatch):
    """Advice is code that runs as it stands."""
    frame = {"score": [0.2, 0.9, 0.4], "label": [0, 1, 1]}
    (tmp_path / "my rows.pkl").write_bytes(pickle.dumps(frame))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="never opened") as caught:
        open_predictions("my rows.pkl")
    line = re.search(r'python -c "(.*)"', str(caught.value))
    assert line
    exec(line[1])
    assert collect(open_predictions("rows.parquet")).labels.tolist() == [0, 1, 1]


def test_members_or_passes_are_never_pooled(tmp_path):
    """Each can be chosen, and the command that averages them is named."""
    probs = np.random.default_rng(1).dirichlet([1, 1, 1], (5, 20))
    np.savez(tmp_path / "m.npz", probs=probs, labels=np.arange(20) % 3)
    with pytest.raises(InputError, match=r"'probs\.axis0\[4\]'\. Members .*: calaudit ensemble"):
        open_predictions(str(tmp_path / "m.npz"))
    one = open_predictions(str(tmp_path / "m.npz"), roles=Roles(probs="probs.axis0[4]"))
    np.testing.assert_array_equal(collect(one).scores, probs[4])

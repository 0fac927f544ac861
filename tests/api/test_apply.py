"""Calibrated copies of files: right scores, everything else as it was, whole or not there."""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import lzma
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.api.applying import apply
from calaudit.api.evaluation import evaluate
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.identity import Identity
from calaudit.calibrators.isotonic import Isotonic
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.errors import InputError, NotEnoughData, SettingsError
from calaudit.predictions import records
from calaudit.predictions.rewriting import batches, rescoring
from calaudit.predictions.text_cells import UnevenRow, cells_of

PLATT = Calibrator(Platt(1.5, -0.2), "binary", "probability", ("0", "1"))
LOGIT = Calibrator(Temperature(2.0), "binary", "logit", ("0", "1"))
AS_IS = Calibrator(Identity(), "binary", "probability", ("0", "1"))
TOP = Calibrator(Platt(1.5, -0.2), "top-label", "probability")
THREE = Calibrator(MulticlassTemperature(2.0), "multiclass", "probability", ("a", "b", "c"))
THREE_LOGITS = Calibrator(MulticlassTemperature(2.0), "multiclass", "logit", ("a", "b", "c"))
LISTS = Calibrator(MulticlassTemperature(2.0), "multiclass", "probability", ("0", "1", "2"))

WHEN = pa.timestamp("us", "UTC")
NESTED = pa.struct([("a", pa.int8()), ("b", pa.bool_())])


def table(rows: int = 300, kind: Any = None) -> Any:
    """Return a table with a score and columns of many types, with nulls."""
    rng = np.random.default_rng(3)
    some = [None if i % 7 == 0 else i for i in range(rows)]

    def made(values: Any, type_: Any) -> Any:
        return pa.array([None if v is None else values(v) for v in some], type_)

    columns = {
        "id": pa.array(range(rows)),
        "text": made(lambda v: f"größe, {v}\n", pa.string()),
        "when": made(lambda v: datetime(2024, 1, 1 + v % 28, tzinfo=UTC), WHEN),
        "score": pa.array(rng.random(rows), kind or pa.float64()),
        "day": made(lambda v: date(2024, 1, 1 + v % 28), pa.date32()),
        "price": made(lambda v: Decimal(v) / 100, pa.decimal128(12, 2)),
        "tags": made(lambda v: ["x"] * (v % 3), pa.list_(pa.string())),
        "nested": made(lambda v: {"a": v % 99, "b": None}, NESTED),
        "flag": made(lambda v: v % 5 == 0, pa.bool_()),
        "region": made(lambda v: "nsew"[v % 4], pa.string()).dictionary_encode(),
        "bytes": made(lambda v: bytes([v % 256]), pa.binary()),
        "label": pa.array(rng.integers(0, 2, rows), pa.int8()),
    }  # fmt: skip
    made_table = pa.table(columns)
    return made_table.replace_schema_metadata(
        {"origin": "a test", **(made_table.schema.metadata or {})}
    )


def written(tmp_path: Path, data: Any, name: str = "in.parquet", **options: Any) -> str:
    """Write a table and return its path."""
    path = tmp_path / name
    if path.suffix == ".parquet":
        pq.write_table(data, path, **options)
    else:
        feather.write_feather(data, path, compression="uncompressed")
    return str(path)


def probabilities(rows: int = 50, dtype: Any = np.float64) -> Any:
    """Return (n, 3) class probabilities."""
    e = np.exp(3 * np.random.default_rng(5).standard_normal((rows, 3)))
    return (e / e.sum(axis=1, keepdims=True)).astype(dtype)


def same_but_scores(before: Any, after: Any, scores: tuple[str, ...]) -> None:
    """Assert that all other columns, their order, types and metadata are equal."""
    assert after.schema.metadata == before.schema.metadata
    assert after.column_names[: len(before.column_names)] == before.column_names
    for name in before.column_names:
        if name not in scores:
            assert after.schema.field(name).equals(before.schema.field(name), check_metadata=True)
            assert after.column(name).equals(before.column(name)), name


class TestTables:
    """Parquet and Arrow."""

    @pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
    @pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
    def test_replaced(self, tmp_path: Path, kind: Any, suffix: str) -> None:
        """The score keeps its type and is the calibrator's; every other column is equal."""
        source = written(tmp_path, table(kind=kind), f"in{suffix}")
        done = apply(PLATT, source, tmp_path / f"out{suffix}")
        read = pq.read_table if suffix == ".parquet" else feather.read_table
        before, after = read(source), read(tmp_path / f"out{suffix}")
        same_but_scores(before, after, ("score",))
        assert after.schema.field("score").type == kind
        expected = PLATT.apply(before["score"].to_numpy().astype(np.float64))
        assert np.array_equal(after["score"].to_numpy(), expected.astype(kind.to_pandas_dtype()))
        assert (done.rows_read, done.rows_written, done.invalid) == (300, 300, 0)

    def test_added(self, tmp_path: Path) -> None:
        """With a suffix the old scores stay and the new ones come last, of the same type."""
        source = written(tmp_path, table(kind=pa.float32()))
        apply(PLATT, source, tmp_path / "out.parquet", suffix="_cal")
        before, after = pq.read_table(source), pq.read_table(tmp_path / "out.parquet")
        same_but_scores(before, after, ())
        assert after.column_names == [*before.column_names, "score_cal"]
        expected = PLATT.apply(before["score"].to_numpy().astype(np.float64)).astype(np.float32)
        assert np.array_equal(after["score_cal"].to_numpy(), expected)

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            (pa.int64(), [0, 1, 1]),
            (pa.decimal128(5, 3), [Decimal("0.25")] * 3),
            (pa.string(), ["0.5"] * 3),
        ],
    )
    def test_other_numbers_become_float64(self, tmp_path: Path, kind: Any, values: Any) -> None:
        """An integer column could not hold the new scores, so it becomes float64."""
        source = written(tmp_path, pa.table({"score": pa.array(values, kind), "x": [1, 2, 3]}))
        apply(PLATT, source, tmp_path / "out.parquet")
        after = pq.read_table(tmp_path / "out.parquet")
        assert after.schema.field("score").type == pa.float64()
        assert np.array_equal(after["score"], PLATT.apply([float(v) for v in values]))

    @pytest.mark.parametrize(
        "kind",
        [
            pa.list_(pa.float32()), pa.list_(pa.float32(), 3), pa.large_list(pa.float64()),
            pa.list_(pa.field("element", pa.float16(), nullable=False)),
        ],
    )  # fmt: skip
    def test_lists(self, tmp_path: Path, kind: Any) -> None:
        """A list column stays a list of the same type."""
        p = probabilities(dtype=kind.value_type.to_pandas_dtype())
        made = pa.table({"k": range(50), "probs": pa.array(list(p), kind), "z": ["t"] * 50})
        apply(LISTS, written(tmp_path, made), tmp_path / "out.parquet")
        before, after = (pq.read_table(tmp_path / f"{x}.parquet") for x in ("in", "out"))
        same_but_scores(before, after, ("probs",))
        assert after.schema.field("probs").equals(before.schema.field("probs"))
        x = np.array(before["probs"].to_pylist(), np.float64)
        got = np.array(after["probs"].to_pylist(), np.float64)
        tolerance = 1e-3 if kind.value_type == pa.float16() else 1e-7
        assert np.abs(got - LISTS.apply(x / x.sum(1, keepdims=True))).max() < tolerance

    def test_class_columns(self, tmp_path: Path) -> None:
        """Each class column gets its own class, wherever it stands in the file."""
        p = probabilities()
        before = pa.table({"p_c": p[:, 2], "n": range(50), "p_a": p[:, 0], "p_b": p[:, 1]})
        source = written(tmp_path, before)
        apply(THREE, source, tmp_path / "out.parquet", probs=["p_a", "p_b", "p_c"])
        after = pq.read_table(tmp_path / "out.parquet")
        same_but_scores(before, after, ("p_a", "p_b", "p_c"))
        got = np.stack([after[f"p_{k}"].to_numpy() for k in "abc"], axis=1)
        assert np.array_equal(got, THREE.apply(p))

    @pytest.mark.parametrize("names", [("no", "yes"), ("yes", "no")])
    def test_two_columns_are_both_calibrated(self, tmp_path: Path, names: tuple[str, str]) -> None:
        """Two class columns stay complements, in either order, with both tails kept."""
        pair = Calibrator(Temperature(0.5), "binary", "probability", ("no", "yes"))
        yes = np.array([1e-9, 0.25, 0.999, 1 - 1e-9])
        values = {"p_yes": yes, "p_no": 1 - yes}
        source = written(tmp_path, pa.table({f"p_{n}": values[f"p_{n}"] for n in names}))
        apply(pair, source, tmp_path / "out.parquet")
        after = pq.read_table(tmp_path / "out.parquet")
        assert np.allclose(after["p_yes"], pair.apply(yes), rtol=1e-12, atol=0)
        assert np.allclose(after["p_no"], pair.apply(1 - yes), rtol=1e-6, atol=0)

    def test_logits_stay_logits(self, tmp_path: Path) -> None:
        """Replaced logits are calibrated logits, whose softmax is the calibrated probability."""
        z = 4 * np.random.default_rng(1).standard_normal((40, 3))
        before = pa.table({f"logit_{k}": z[:, i] for i, k in enumerate("abc")})
        done = apply(THREE_LOGITS, written(tmp_path, before), tmp_path / "out.parquet")
        after = pq.read_table(tmp_path / "out.parquet")
        assert done.scale == "logit"
        assert np.array_equal(np.stack([c.to_numpy() for c in after.columns], axis=1), z / 2.0)

    def test_logits_as_probabilities(self, tmp_path: Path) -> None:
        """On demand they hold probabilities instead."""
        z = np.array([-800.0, -1.0, 0.0, 30.0])
        source = written(tmp_path, pa.table({"logit": z}))
        apply(LOGIT, source, tmp_path / "p.parquet", scale="probability")
        assert np.array_equal(pq.read_table(tmp_path / "p.parquet")["logit"], LOGIT.apply(z))
        apply(LOGIT, source, tmp_path / "z.parquet")
        assert np.array_equal(pq.read_table(tmp_path / "z.parquet")["logit"], z / 2.0)

    def test_no_logit_of_certainty(self, tmp_path: Path) -> None:
        """A calibrator that gives exactly 0 has no logit there; that is said, not written."""
        steps = Calibrator(
            Isotonic(np.array([0.2, 0.8]), np.array([0.0, 1.0])), "binary", "logit", ("0", "1")
        )
        source = written(tmp_path, pa.table({"logit": [-9.0, 0.0]}))
        with pytest.raises(InputError, match="exactly 0 or 1, which has no logit"):
            apply(steps, source, tmp_path / "out.parquet")
        apply(steps, source, tmp_path / "out.parquet", scale="probability")
        assert pq.read_table(tmp_path / "out.parquet")["logit"][0].as_py() == 0.0

    def test_a_matrix_has_no_answer_to_infinity(self, tmp_path: Path) -> None:
        """0 · −inf is no number, and no row gets NaN without a word."""
        mixed = Calibrator(Matrix(np.eye(3), np.zeros(3)), "multiclass", "logit", ("a", "b", "c"))
        data = pa.table({"logit_a": [0.0], "logit_b": [-np.inf], "logit_c": [1.0]})
        with pytest.raises(InputError):
            apply(mixed, written(tmp_path, data), tmp_path / "out.parquet")
        assert not (tmp_path / "out.parquet").exists()

    @pytest.mark.parametrize("kind", [pa.float16(), pa.float32()])
    def test_nothing_becomes_impossible_by_rounding(self, tmp_path: Path, kind: Any) -> None:
        """A probability of 1 − 1e-12 is stored as the largest float below 1, never as 1."""
        sharp = Calibrator(Temperature(0.1), "binary", "probability", ("0", "1"))
        p = np.array([0.0, 0.01, 0.5, 0.95, 1.0], kind.to_pandas_dtype())
        apply(
            sharp, written(tmp_path, pa.table({"score": pa.array(p, kind)})), tmp_path / "o.parquet"
        )
        q = pq.read_table(tmp_path / "o.parquet")["score"].to_numpy()
        exact = sharp.apply(p.astype(np.float64))
        assert ((q > 0) == (exact > 0)).all()
        assert ((q < 1) == (exact < 1)).all()
        assert np.abs(q - exact).max() <= np.finfo(q.dtype).eps

    def test_row_groups_codecs_and_order(self, tmp_path: Path) -> None:
        """Row groups, compression and the order of rows are those of the input."""
        before = table(1000)
        source = written(tmp_path, before, row_group_size=130, compression="zstd")
        apply(PLATT, source, tmp_path / "out.parquet")
        old, new = pq.read_metadata(source), pq.read_metadata(tmp_path / "out.parquet")
        assert [new.row_group(i).num_rows for i in range(new.num_row_groups)] == [
            old.row_group(i).num_rows for i in range(old.num_row_groups)
        ]
        for i in range(old.num_columns):
            assert new.row_group(0).column(i).compression == old.row_group(0).column(i).compression
        assert pq.read_table(tmp_path / "out.parquet")["id"].equals(before["id"])

    def test_in_pieces_as_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """However small the blocks, the output is the same table."""
        source = written(tmp_path, table(1000), row_group_size=400)
        apply(PLATT, source, tmp_path / "once.parquet")
        monkeypatch.setattr(batches, "GROUP_BYTES", 2000)
        monkeypatch.setattr(batches, "_MOST_ROWS", 256)
        monkeypatch.setattr(rescoring, "chunk_rows", lambda _: 7)
        apply(PLATT, source, tmp_path / "pieces.parquet")
        assert pq.read_metadata(tmp_path / "pieces.parquet").num_row_groups > 3
        assert pq.read_table(tmp_path / "pieces.parquet").equals(
            pq.read_table(tmp_path / "once.parquet")
        )

    def test_empty_tables_are_refused(self, tmp_path: Path) -> None:
        """No row, no calibrated row; nothing is written."""
        with pytest.raises(NotEnoughData):
            apply(PLATT, written(tmp_path, table(5).slice(0, 0)), tmp_path / "out.parquet")
        assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]

    def test_out_of(self, tmp_path: Path) -> None:
        """Scores of 0 to 100 stay on that scale."""
        source = written(tmp_path, pa.table({"score": [10.0, 90.0]}))
        apply(PLATT, source, tmp_path / "out.parquet", out_of=100)
        got = pq.read_table(tmp_path / "out.parquet")["score"].to_numpy()
        assert np.allclose(got, 100 * PLATT.apply([0.1, 0.9]), rtol=1e-14)


ODD = (
    b'\xef\xbb\xbfid;score;"a ""note"""\r\n'
    b'1;0.25;"two\r\nlines; and ""quotes"""\r\n'
    b"\r\n"
    b' 2 ;0.5;  spaced "inside" \r\n'
    b"3;0.125;caf\xe9\r\n"
    b'4;0.75;""'
)


class TestText:
    """CSV and its relatives."""

    def test_every_other_byte_is_kept(self, tmp_path: Path) -> None:
        """Quotes, line ends, blank lines, foreign bytes and a missing last line end stay."""
        (tmp_path / "in.csv").write_bytes(ODD)
        apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_bytes() == ODD

    def test_replaced_cells(self, tmp_path: Path) -> None:
        """The score's cells alone change, and give the calibrator's float back."""
        (tmp_path / "in.csv").write_bytes(ODD)
        apply(PLATT, tmp_path / "in.csv", tmp_path / "out.csv")
        expected = ODD
        for text in ("0.25", "0.5", "0.125", "0.75"):
            new = repr(float(PLATT.apply([float(text)])[0]))
            expected = expected.replace(f";{text};".encode(), f";{new};".encode())
        assert (tmp_path / "out.csv").read_bytes() == expected

    def test_added_cells(self, tmp_path: Path) -> None:
        """Added cells come last in each line, the name quoted where it must be."""
        (tmp_path / "in.csv").write_bytes(b"score,x\r\n0.25,a\r\n\r\n0.5,b")
        apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv", suffix=', "new"')
        assert (tmp_path / "out.csv").read_bytes() == (
            b'score,x,"score, ""new"""\r\n0.25,a,0.25\r\n\r\n0.5,b,0.5'
        )

    def test_the_decimal_comma_stays(self, tmp_path: Path) -> None:
        """Numbers are written with the file's own mark, in quotes where commas part the cells.

        a = 2, b = 0 makes the odds their square: 0.8 (4 to 1) becomes 16/17, 0.5 stays.
        """
        squared = Calibrator(Platt(2.0, 0.0), "binary", "probability", ("0", "1"))
        new = repr(float(squared.apply([0.8])[0])).replace(".", ",")
        assert float(new.replace(",", ".")) == pytest.approx(16 / 17)
        (tmp_path / "in.csv").write_bytes(b"score;x\n0,8;1,5\n0;0.5\n0,50;3\n")
        apply(squared, tmp_path / "in.csv", tmp_path / "out.csv")
        text = (tmp_path / "out.csv").read_text()
        zero = text.split("\n")[2].removesuffix(";0.5")
        assert float(zero.replace(",", ".")) == squared.apply([0.0])[0]
        assert "." not in zero
        assert text == f"score;x\n{new};1,5\n{zero};0.5\n0,5;3\n"
        (tmp_path / "in.csv").write_bytes(b'x,score\n1,"0,8"\n')
        apply(squared, tmp_path / "in.csv", tmp_path / "out.csv", suffix="_cal")
        assert (tmp_path / "out.csv").read_text() == f'x,score,score_cal\n1,"0,8","{new}"\n'

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(st.text(), st.sampled_from(["0.5", "0.125", "1", "0"]), st.text()), min_size=1
        ),
        st.sampled_from([",", ";", "\t", "|"]),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
        st.integers(1, 60),
        st.booleans(),
    )
    def test_any_text_in_any_blocks(
        self, tmp_path_factory, rows, delimiter, ending, quoting, size, whole
    ) -> None:
        """Whatever csv.writer writes comes back byte for byte, in blocks of any size."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=quoting)
        writer.writerow(["note", "score", "more"])
        # csv.writer leaves a carriage return bare, where it ends the line for every reader.
        lost = "\0" if quoting == csv.QUOTE_NONNUMERIC else "\0\r"
        bare = str.maketrans("", "", lost)
        writer.writerows((a.translate(bare), float(p), b.translate(bare)) for a, p, b in rows)
        raw = text.getvalue().replace("1.0", "1").replace("0.0", "0").encode("utf-8", "replace")
        raw = raw if whole else raw.removesuffix(ending.encode())
        folder = tmp_path_factory.mktemp("any")
        (folder / "in.csv").write_bytes(raw)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(records, "_BLOCK_BYTES", size)
            apply(AS_IS, folder / "in.csv", folder / "out.csv", score="score")
        assert (folder / "out.csv").read_bytes() == raw

    @pytest.mark.parametrize(
        "body", [b'a"b,0.5\n"c""d",0.25\n', b'"a" x,0.5\n,0.25\n', b'"",0.5\n""",",0.25\n']
    )
    @pytest.mark.parametrize("size", [1, 5, 1 << 20])
    def test_quotes_as_arrow_reads_them(
        self, tmp_path: Path, monkeypatch, body: bytes, size: int
    ) -> None:
        """A quote in the middle of a cell is a character, as it is for `evaluate`."""
        monkeypatch.setattr(records, "_BLOCK_BYTES", size)
        raw = b"x,score\n" + body
        (tmp_path / "in.csv").write_bytes(raw)
        apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_bytes() == raw

    @pytest.mark.parametrize("packed", ["", ".gz", ".zst", ".bz2", ".xz"])
    def test_compression(self, tmp_path: Path, packed: str) -> None:
        """The suffix of the output says how it is compressed."""
        raw = b"score\n0.25\n0.5\n"
        (tmp_path / "in.csv").write_bytes(raw)
        out = tmp_path / f"out.csv{packed}"
        apply(AS_IS, tmp_path / "in.csv", out)
        unpack: Any = {
            "": bytes, ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress,
            ".zst": lambda data: pa.input_stream(pa.py_buffer(data), compression="zstd").read(),
        }[packed]  # fmt: skip
        assert unpack(out.read_bytes()) == raw
        apply(AS_IS, out, tmp_path / "back.csv")
        assert (tmp_path / "back.csv").read_bytes() == raw

    def test_quoted_scores(self, tmp_path: Path) -> None:
        """A score in quotes is a score; its new cell needs none."""
        (tmp_path / "in.csv").write_bytes(b'"score","x"\n"0.25","0.25"\n')
        apply(PLATT, tmp_path / "in.csv", tmp_path / "out.csv")
        new = repr(float(PLATT.apply([0.25])[0])).encode()
        assert (tmp_path / "out.csv").read_bytes() == b'"score","x"\n' + new + b',"0.25"\n'

    def test_text_into_parquet(self, tmp_path: Path) -> None:
        """Text may be written as Parquet: numbers for the scores, text for the rest."""
        (tmp_path / "in.csv").write_bytes(b"x,score,y\n01,0.25,\n02,0.5,b\n")
        apply(PLATT, tmp_path / "in.csv", tmp_path / "out.parquet")
        after = pq.read_table(tmp_path / "out.parquet")
        assert after.drop(["score"]).to_pydict() == {"x": ["01", "02"], "y": ["", "b"]}
        assert np.array_equal(after["score"], PLATT.apply([0.25, 0.5]))

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"1,0.5\n2\n", "row 2 has 1 cells, but the header has 2"),
            (b"1,0.5\n2,0.5,3\n", "row 2 has 3 cells"),
            (b'1,0.5\n"2,0.5\n3,0.5\n', "line 3 opens a quote that is not closed"),
        ],
    )
    @pytest.mark.parametrize("size", [3, 1 << 20])
    def test_uneven_lines(
        self, tmp_path: Path, monkeypatch, body: bytes, told: str, size: int
    ) -> None:
        """A line with too few or too many cells is refused with its number."""
        monkeypatch.setattr(records, "_BLOCK_BYTES", size)
        (tmp_path / "in.csv").write_bytes(b"x,score\n" + body)
        with pytest.raises(InputError, match=told):
            apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv")
        assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]

    def test_cells_are_those_of_csv(self) -> None:
        """The cells found are the cells that Python's csv module finds."""
        text = ODD[3:].replace(b"\xe9", b"e") + b"\r\n"
        cells = cells_of(text, None, 3, ";")
        found = list(zip(*(cells.column(i).to_pylist() for i in range(3)), strict=True))
        rows = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=";")
        assert found == [tuple(row) for row in rows if row]

    def test_uneven_rows_are_found(self) -> None:
        """The first uneven row is named, blank lines not counted."""
        with pytest.raises(UnevenRow) as error:
            cells_of(b"a,b\n\n1,2,3\n", None, 2, ",")
        assert (error.value.row, error.value.found) == (1, 3)


class TestInvalid:
    """Rows without a usable score."""

    CSV = b"n,score\n1,0.25\n2,\n3,1.5\n4,0.5\n"

    def test_refused(self, tmp_path: Path) -> None:
        """By default the file is refused, every reason counted with its rows, as in evaluate."""
        (tmp_path / "in.csv").write_bytes(self.CSV)
        with pytest.raises(InputError, match=r"2 of 4 rows are invalid(.|\n)*row 3, score: 1.5"):
            apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv")
        assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]

    def test_dropped(self, tmp_path: Path) -> None:
        """Dropped rows are not in the output, and are counted."""
        (tmp_path / "in.csv").write_bytes(self.CSV.replace(b"3,1.5", b"3,x"))
        done = apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv", on_invalid="drop")
        assert (tmp_path / "out.csv").read_bytes() == b"n,score\n1,0.25\n4,0.5\n"
        assert (done.rows_read, done.rows_written, done.invalid) == (4, 2, 2)
        assert done.refused == {"missing-score": 1, "score-not-a-number": 1}

    def test_kept(self, tmp_path: Path) -> None:
        """Kept rows have no score."""
        (tmp_path / "in.csv").write_bytes(self.CSV.replace(b"3,1.5", b"3,NaN"))
        done = apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv", on_invalid="keep")
        assert (tmp_path / "out.csv").read_bytes() == b"n,score\n1,0.25\n2,\n3,\n4,0.5\n"
        assert (done.rows_read, done.rows_written, done.invalid) == (4, 4, 2)

    def test_kept_however_many(self, tmp_path: Path) -> None:
        """Kept are also so many rows that the column seems to hold logits; dropping asks first."""
        (tmp_path / "in.csv").write_bytes(b"n,score\n1,-3\n2,0.5\n3,4\n")
        done = apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv", on_invalid="keep")
        assert (tmp_path / "out.csv").read_bytes() == b"n,score\n1,\n2,0.5\n3,\n"
        assert done.refused == {"score-out-of-range": 2}
        with pytest.raises(InputError, match="look like logits"):
            apply(AS_IS, tmp_path / "in.csv", tmp_path / "new.csv", on_invalid="drop")

    @pytest.mark.parametrize(
        "kind",
        [
            pa.float64(),
            pa.list_(pa.float32()),
            pa.large_list(pa.float64()),
            pytest.param(
                pa.list_(pa.float64(), 3),
                marks=pytest.mark.skipif(
                    int(pa.__version__.partition(".")[0]) < 26,
                    reason="pyarrow before 26 reads no nulls among lists of one size in Parquet",
                ),
            ),
        ],
    )
    def test_in_tables(self, tmp_path: Path, kind: Any) -> None:
        """In Parquet a kept row has a null, and a dropped one is gone, lists too."""
        lists = kind != pa.float64()
        name, good = ("probs", [0.5, 0.25, 0.25]) if lists else ("score", 0.5)
        calibrator = LISTS if lists else AS_IS
        bad = [[0.5, 2.0, 0.25], None] if lists else [float("nan"), None]
        data = pa.table({"n": range(4), name: pa.array([good, bad[0], good, bad[1]], kind)})
        source = written(tmp_path, data)
        apply(calibrator, source, tmp_path / "kept.parquet", on_invalid="keep")
        apply(calibrator, source, tmp_path / "dropped.parquet", on_invalid="drop")
        kept, dropped = (pq.read_table(tmp_path / f"{x}.parquet") for x in ("kept", "dropped"))
        assert kept["n"].to_pylist() == [0, 1, 2, 3]
        assert [v is None for v in kept[name].to_pylist()] == [False, True, False, True]
        assert dropped["n"].to_pylist() == [0, 2]
        assert dropped[name].null_count == 0
        assert kept.schema.field(name).type == data.schema.field(name).type
        assert pc.equal(kept["n"], data["n"]).to_pylist() == [True] * 4

    def test_labels_do_not_matter(self, tmp_path: Path) -> None:
        """Rows to be calibrated need no label, nor a usable one."""
        (tmp_path / "in.csv").write_bytes(b"label,score\n,0.25\nmaybe,0.5\n")
        apply(AS_IS, tmp_path / "in.csv", tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_bytes() == b"label,score\n,0.25\nmaybe,0.5\n"


class TestRefusals:
    """Data that is not what the calibrator was fitted on; outputs that cannot be."""

    @pytest.mark.parametrize(
        ("calibrator", "columns", "told"),
        [
            (PLATT, ["logit"], "fitted on probabilities; these are logits.*logit read as --logits"),
            (LOGIT, ["score"], "fitted on logits; these are probabilities.*score read as"),
            (THREE, ["p_a", "p_c", "p_b"], "in the order a, b, c; these are in the order a, c, b"),
            (THREE, ["p_a", "p_b", "p_x"], "the classes a, b, c; these are a, b, x"),
            (THREE, ["p_a", "p_b", "p_c", "p_d"], "3 classes .a, b, c.; these have 4 .a, b, c, d."),
            (THREE, ["p_a", "p_b"], "fitted on multiclass rows; these are binary"),
            (THREE_LOGITS, ["p_a", "p_b", "p_c"], "fitted on logits; these are probabilities"),
            (PLATT, ["p_a", "p_b", "p_c"], "fitted on binary rows; these are multiclass"),
        ],
    )
    def test_other_data(self, tmp_path: Path, calibrator, columns, told: str) -> None:
        """Both sides are shown, and the columns that were looked at."""
        share = 1 / len(columns)
        row = ",".join(str(share) for _ in columns)
        (tmp_path / "in.csv").write_text(f"{','.join(columns)}\n{row}\n")
        with pytest.raises(InputError, match=told):
            apply(calibrator, tmp_path / "in.csv", tmp_path / "out.csv")
        assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]

    @pytest.mark.parametrize(
        ("calibrator", "name", "sides", "option"),
        [
            (TOP, "score", r"top-label rows .* 'score' is named like .* \(binary\)", "confidence"),
            (PLATT, "conf", r"binary rows .* 'conf' is named like .* \(top-label\)", "score"),
        ],
    )
    def test_a_name_of_the_other_kind(
        self, tmp_path: Path, calibrator, name: str, sides: str, option: str
    ) -> None:
        """A confidence is no probability of the positive class, unless the user says it is."""
        (tmp_path / "in.csv").write_text(f"{name}\n0.5\n")
        paths = (tmp_path / "in.csv", tmp_path / "out.csv")
        with pytest.raises(InputError, match=f"{sides}.* --{option} {name}"):
            apply(calibrator, *paths)
        other = {"score": "confidence", "confidence": "score"}[option]
        wrong: dict[str, Any] = {other: name}
        right: dict[str, Any] = {option: name}
        with pytest.raises(InputError, match=f"fitted on .*{name} read as --{other}"):
            apply(calibrator, *paths, **wrong)
        assert not paths[1].exists()
        assert apply(calibrator, *paths, **right).columns == (name,)

    @pytest.mark.parametrize(
        ("header", "rows"),
        [
            ("prob_0", "0.9 0.5 0.2"),
            ("p0", "0.9 0.5 0.2"),
            ("prob_negative", "0.9 0.5 0.2"),
            ("prediction,score", "0,0.95 1,0.70 0,0.80 1,0.90"),
            ("prediction,score", "1,0.05 0,0.70 1,0.20 0,0.90"),
            ("prediction,score", "no,0.95 yes,0.70 no,0.80 yes,0.90"),
            ("prediction,score", "0,0.55 0,0.70"),
            ("label,score", "LABEL_0,0.95 LABEL_1,0.70 LABEL_0,0.80 LABEL_1,0.90"),
            ("expected,label,score", "0,NO,0.95 1,YES,0.70 1,NO,0.80 0,YES,0.90"),
        ],
    )
    def test_a_score_of_something_else(self, tmp_path: Path, header: str, rows: str) -> None:
        """Of class 0 or of the class predicted: not P(positive), unless the user says it is."""
        (tmp_path / "in.csv").write_text("\n".join([header, *rows.split()]) + "\n")
        paths, name = (tmp_path / "in.csv", tmp_path / "out.csv"), header.split(",")[-1]
        with pytest.raises(InputError, match=f"the positive class; .*--score {name}"):
            apply(PLATT, *paths)
        assert not paths[1].exists()
        assert apply(PLATT, *paths, score=name).columns == (name,)

    @pytest.mark.parametrize(
        ("calibrator", "header", "rows"),
        [
            (PLATT, "prediction,score", "0,0.05 1,0.70 0,0.20 1,0.90"),
            (PLATT, "prediction,score", "1,0.95 1,0.70"),
            (PLATT, "prediction,score", "no,0.15 no,0.30"),
            (PLATT, "prob_1", "0.9 0.5"),
            (PLATT, "label,score", "0,0.95 1,0.7 0,0.3 1,0.9"),
            (TOP, "prediction,score", "0,0.95 1,0.70 0,0.80 1,0.90"),
            (TOP, "label,score", "LABEL_0,0.95 LABEL_1,0.70 LABEL_0,0.80 LABEL_1,0.90"),
        ],
    )
    def test_what_predictions_bear_out(
        self, tmp_path: Path, calibrator: Calibrator, header: str, rows: str
    ) -> None:
        """Predictions that turn at a cutoff, or do not, show what the calibrator takes."""
        (tmp_path / "in.csv").write_text("\n".join([header, *rows.split()]) + "\n")
        applied = apply(calibrator, tmp_path / "in.csv", tmp_path / "out.csv")
        assert applied.columns == (header.split(",")[-1],)

    def test_the_positive_class_of_the_fit_decides(self, tmp_path: Path) -> None:
        """Fitted on the scores of class 0 as the positive one, a calibrator takes those."""
        calibrator = Calibrator(Platt(1.5, -0.2), "binary", "probability", ("1", "0"))
        (tmp_path / "in.csv").write_text("prob_0\n0.5\n0.25\n")
        assert apply(calibrator, tmp_path / "in.csv", tmp_path / "out.csv").columns == ("prob_0",)

    def test_the_kind_decides_between_readings(self, tmp_path: Path) -> None:
        """Where a file has both, the calibrator's own kind is taken."""
        (tmp_path / "in.csv").write_text("score,logit\n0.25,-1\n")
        assert apply(PLATT, tmp_path / "in.csv", tmp_path / "p.csv").columns == ("score",)
        assert apply(LOGIT, tmp_path / "in.csv", tmp_path / "z.csv").columns == ("logit",)

    def test_two_readings_are_refused(self, tmp_path: Path) -> None:
        """Two scores of one kind are not chosen between."""
        (tmp_path / "in.csv").write_text("score,y_prob\n0.25,0.5\n")
        with pytest.raises(InputError, match=r"2 readings .* --score score, --score y_prob"):
            apply(PLATT, tmp_path / "in.csv", tmp_path / "out.csv")

    @pytest.mark.parametrize("name", ["in.csv", "hard.csv", "soft.csv", "../{}/in.csv"])
    def test_never_over_its_input(self, tmp_path: Path, name: str) -> None:
        """However the input is spelt."""
        source = tmp_path / "in.csv"
        source.write_text("score\n0.5\n")
        (tmp_path / "hard.csv").hardlink_to(source)
        (tmp_path / "soft.csv").symlink_to(source)
        output = tmp_path / name.format(tmp_path.name)
        with pytest.raises(SettingsError, match="inputs are never overwritten"):
            apply(PLATT, source, output)
        assert source.read_text() == "score\n0.5\n"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("no/out.csv", "its directory does not exist"),
            ("-", "not written to standard output"),
            ("out.xlsx", "cannot tell the format of out.xlsx"),
            ("out.tsv", "separated by ',', and stay so"),
            ("out.parquet.gz", "cannot tell the format"),
        ],
    )
    def test_outputs(self, tmp_path: Path, name: str, told: str) -> None:
        """A bad output fails before the rows are read."""
        (tmp_path / "in.csv").write_text("score\nnot a number\n")
        with pytest.raises(SettingsError, match=told):
            apply(PLATT, tmp_path / "in.csv", name if name == "-" else tmp_path / name)

    @pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices")
    def test_a_device_is_no_output(self, tmp_path: Path) -> None:
        """A name that leads to a device is refused: a file in its place would remove it."""
        (tmp_path / "in.csv").write_text("score\n0.5\n")
        (tmp_path / "out.csv").symlink_to("/dev/null")
        with pytest.raises(SettingsError, match=r"not a regular file|cannot tell the format"):
            apply(PLATT, tmp_path / "in.csv", tmp_path / "out.csv")
        assert Path("/dev/null").is_char_device()

    def test_types_are_not_lost_in_text(self, tmp_path: Path) -> None:
        """Parquet is not written as CSV."""
        with pytest.raises(SettingsError, match="text cannot hold the types of a parquet file"):
            apply(PLATT, written(tmp_path, table(9)), tmp_path / "out.csv")

    def test_added_names_must_be_free(self, tmp_path: Path) -> None:
        """An added column does not take the name of another."""
        (tmp_path / "in.csv").write_text("score,score_cal\n0.5,0.25\n")
        with pytest.raises(SettingsError, match="has a column 'score_cal' already"):
            apply(PLATT, tmp_path / "in.csv", tmp_path / "out.csv", score="score", suffix="_cal")

    @pytest.mark.parametrize("wrong", [{"on_invalid": "ignore"}, {"scale": "percent"}])
    def test_arguments(self, tmp_path: Path, wrong: dict[str, Any]) -> None:
        """Arguments are checked first."""
        with pytest.raises(SettingsError, match="must be"):
            apply(PLATT, tmp_path / "none.csv", tmp_path / "out.csv", **wrong)


class TestWholeOrNothing:
    """The output is complete, or what was there is left alone."""

    @pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
    def test_a_failure_leaves_the_old_output(self, tmp_path: Path, suffix: str) -> None:
        """An invalid row at the very end leaves an older output as it was, and nothing else."""
        scores = [0.5] * 5000 + [7.0]
        if suffix == ".csv":
            (tmp_path / "in.csv").write_text("score\n" + "\n".join(map(str, scores)) + "\n")
        else:
            written(tmp_path, pa.table({"score": scores}), f"in{suffix}")
        out = tmp_path / f"out{suffix}"
        out.write_bytes(b"old")
        with pytest.raises(InputError, match="row 5001"):
            apply(PLATT, tmp_path / f"in{suffix}", out)
        assert out.read_bytes() == b"old"
        assert sorted(p.name for p in tmp_path.iterdir()) == [f"in{suffix}", f"out{suffix}"]

    def test_a_damaged_input(self, tmp_path: Path) -> None:
        """A Parquet file that breaks off in the middle is refused, and nothing is written."""
        source = Path(written(tmp_path, table(3000), compression="none", use_dictionary=False))
        raw = bytearray(source.read_bytes())
        raw[len(raw) // 3 : len(raw) // 3 + 4000] = b"\xff" * 4000
        source.write_bytes(bytes(raw))
        with pytest.raises(InputError):
            apply(PLATT, source, tmp_path / "out.parquet")
        assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """When writing fails the message says where, and nothing is left."""

        class Full:
            def __init__(self, *_: Any, **__: Any) -> None: ...

            def write_table(self, *_: Any, **__: Any) -> None:
                raise OSError(28, "No space left on device")

            def close(self) -> None: ...

        monkeypatch.setattr(pq, "ParquetWriter", Full)
        source = written(tmp_path, table(3000))
        with pytest.raises(SettingsError, match=r"out\.parquet: No space left on device"):
            apply(PLATT, source, tmp_path / "out.parquet")
        assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]

    def test_the_mode_of_an_old_output_is_kept(self, tmp_path: Path) -> None:
        """An output that was private stays private."""
        (tmp_path / "in.csv").write_text("score\n0.5\n")
        out = tmp_path / "out.csv"
        out.write_text("old")
        out.chmod(0o600)
        apply(PLATT, tmp_path / "in.csv", out)
        assert out.stat().st_mode & 0o777 == 0o600
        assert out.read_text().startswith("score\n0.")


class TestSeveral:
    """Several inputs are several outputs."""

    def test_into_a_directory(self, tmp_path: Path) -> None:
        """Each input has an output of its name, below a directory that is made."""
        parts = [table(50).slice(0, 20), table(50).slice(20)]
        for i, part in enumerate(parts):
            written(tmp_path, part, f"part-{i}.parquet")
        out = tmp_path / "deep" / "out"
        one = apply(PLATT, tmp_path / "part-0.parquet", f"{tmp_path}/new/one/")
        assert one.files[0][1] == str(tmp_path / "new/one/part-0.parquet")
        assert Path(one.files[0][1]).exists()
        done = apply(PLATT, str(tmp_path / "part-*.parquet"), out)
        assert [Path(o).name for _, o in done.files] == ["part-0.parquet", "part-1.parquet"]
        for i, part in enumerate(parts):
            before = pq.read_table(tmp_path / f"part-{i}.parquet")
            same_but_scores(before, pq.read_table(out / f"part-{i}.parquet"), ("score",))
            assert before["id"].equals(part["id"])
        assert done.rows_written == 50

    def test_partitions_stay_where_they_are(self, tmp_path: Path) -> None:
        """A directory of partitions becomes a directory of the same partitions."""
        for fold in (0, 1):
            (tmp_path / f"in/fold={fold}").mkdir(parents=True)
            (tmp_path / f"in/fold={fold}/x.csv").write_text("score\n0.5\n")
        apply(AS_IS, tmp_path / "in", tmp_path / "out")
        found = sorted(
            str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.csv")
        )
        assert found == ["fold=0/x.csv", "fold=1/x.csv"]

    def test_one_bad_file_and_none_is_written(self, tmp_path: Path) -> None:
        """An invalid row in the last file leaves no output of the first, nor the directory."""
        (tmp_path / "a.csv").write_text("score\n0.5\n")
        (tmp_path / "b.csv").write_text("score\n5\n0.5\n0.5\n0.5\n0.5\n")
        with pytest.raises(InputError, match=r"row 1 of .*b\.csv"):
            apply(PLATT, [tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "new" / "out")
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "b.csv"]

    def test_one_name_twice(self, tmp_path: Path) -> None:
        """Two inputs of one name would be one output."""
        for folder in ("x", "y"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.csv").write_text("score\n0.5\n")
        with pytest.raises(SettingsError, match="written twice"):
            apply(PLATT, [tmp_path / "x/a.csv", tmp_path / "y/a.csv"], tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_not_into_one_file(self, tmp_path: Path) -> None:
        """Two inputs do not fit into one output."""
        for name in ("a", "b"):
            (tmp_path / f"{name}.csv").write_text("score\n0.5\n")
        with pytest.raises(SettingsError, match="is one file, but there are 2"):
            apply(PLATT, [tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out.csv")


class TestEvaluate:
    """``evaluate --calibrator`` is ``apply`` and then ``evaluate``."""

    @pytest.mark.parametrize("calibrator", [PLATT, AS_IS, LOGIT, THREE_LOGITS])
    def test_the_same_figures(self, tmp_path: Path, calibrator: Calibrator) -> None:
        """Every figure agrees with that of the file that apply writes."""
        rng = np.random.default_rng(11)
        rows = 3000
        z = 3 * rng.standard_normal((rows, 3))
        names = ["logit_a", "logit_b", "logit_c"]
        columns = {name: z[:, k] for k, name in enumerate(names)}
        label: Any = np.array(list("abc"))[rng.integers(0, 3, rows)]
        if calibrator.task == "binary":
            label = rng.integers(0, 2, rows)
            name, x = ("logit", z[:, 0]) if calibrator is LOGIT else ("score", rng.random(rows))
            columns = {name: x}
        source = written(tmp_path, pa.table({**columns, "label": label}))
        apply(calibrator, source, tmp_path / "out.parquet")
        direct = evaluate(source, calibrator=calibrator, threads=1)
        twice = evaluate(str(tmp_path / "out.parquet"), threads=1)
        for name, figure in twice.metrics.items():
            ours = direct.metrics[name]
            assert (ours.value is None) == (figure.value is None), name
            if figure.value is not None:
                assert ours.value == pytest.approx(figure.value, rel=1e-9, abs=1e-12), name

    def test_the_report_names_it(self, tmp_path: Path) -> None:
        """The settings hold the file and the method, and a note says what was audited."""
        (tmp_path / "cal.json").write_text(PLATT.to_json())
        rng = np.random.default_rng(0)
        data = pa.table({"score": rng.random(500), "label": rng.integers(0, 2, 500)})
        report = evaluate(written(tmp_path, data), calibrator=tmp_path / "cal.json")
        assert report.settings["calibrator"] == {
            "file": str(tmp_path / "cal.json"),
            "method": "platt",
            "scale": "probability",
            "parameters": {"a": 1.5, "b": -0.2},
        }
        assert report.notes[0].code == "calibrated"
        assert "on the rows that it was fitted on are too good" in report.notes[0].advice
        assert "calibrator" not in evaluate(written(tmp_path, data)).settings

    def test_other_data_is_refused(self, tmp_path: Path) -> None:
        """As by apply, with both sides."""
        data = pa.table({"logit": [0.5, -3.0], "label": [0, 1]})
        with pytest.raises(InputError, match="fitted on probabilities; these are logits"):
            evaluate(written(tmp_path, data), calibrator=PLATT)

    def test_a_tail_survives(self, tmp_path: Path) -> None:
        """A wrong row at a calibrated 1 − 1e-20 costs 46 nats, not infinity."""
        sharp = Calibrator(Temperature(0.5), "binary", "logit", ("0", "1"))
        z = np.r_[np.full(99, 23.0), -23.0]
        data = pa.table({"logit": z, "label": np.zeros(100, np.int64)})
        report = evaluate(written(tmp_path, data), calibrator=sharp, clip=0.0)
        assert report.confidently_wrong.infinite_rows == 0
        assert report.metrics["log_loss"].value == pytest.approx(0.99 * 46.0, rel=1e-9)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the peak from")
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_memory_is_bounded(tmp_path: Path, suffix: str) -> None:
    """Ten times the rows take hardly more memory: far less than the file has."""
    (tmp_path / "cal.json").write_text(PLATT.to_json())
    peaks = []
    for rows in (400_000, 4_000_000):
        rng = np.random.default_rng(0)
        data = pa.table(
            {"score": rng.random(rows), "text": ["some words"] * rows, "k": range(rows)}
        )
        source = tmp_path / f"in{suffix}"
        if suffix == ".csv":
            pacsv.write_csv(data, source)
        else:
            pq.write_table(data, source, row_group_size=200_000)
        del data
        code = (
            "import sys; from calaudit.api.applying import apply; apply(*sys.argv[1:]); "
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
        )
        arguments = [str(tmp_path / "cal.json"), str(source), str(tmp_path / f"out{suffix}")]
        command = [sys.executable, "-c", code, *arguments]
        told = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
        peaks.append(int(told.stdout) / 1024)
    assert peaks[1] < peaks[0] + 60


def month_intervals(path: Path) -> None:
    """Write a stream with intervals in months, of which pyarrow has the type but no arrays.

    Their unit is a number in the schema, changed from that of a type that pyarrow can write.
    """
    sink = io.BytesIO()
    values = pa.array([pa.MonthDayNano([i, 1, 1]) for i in range(4)])
    table = pa.table({"score": [0.1, 0.4, 0.6, 0.9], "since": values})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data = sink.getvalue()
    for at in (at for at in range(8, 400) if data[at] == 2):
        changed = data[:at] + b"\0" + data[at + 1 :]
        with contextlib.suppress(pa.ArrowException, OSError):
            if "month_interval" in map(str, pa.ipc.open_stream(changed).schema.types):
                path.write_bytes(changed)
                return
    raise AssertionError("no such type")


def test_types_that_pyarrow_has_no_arrays_of(tmp_path: Path) -> None:
    """Columns that are only copied may be of any type."""
    month_intervals(tmp_path / "in.arrows")
    apply(AS_IS, tmp_path / "in.arrows", tmp_path / "out.arrows")
    with pa.OSFile(str(tmp_path / "out.arrows")) as file:
        batch = pa.ipc.open_stream(file).read_next_batch()
    assert str(batch.schema.types[1]) == "month_interval"
    assert batch.column(0).to_pylist() == pytest.approx([0.1, 0.4, 0.6, 0.9])

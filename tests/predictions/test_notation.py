"""Numbers written in text: one notation a column, decided from all of it."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calaudit.api.applying import apply
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.identity import Identity
from calaudit.errors import InputError
from calaudit.predictions import open_predictions, records
from tests.predictions.conftest import collect

AS_IS = Calibrator(Identity(), "binary", "probability", ("0", "1"))
LABELS = [0, 1] * 4


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """Read a few rows at a time."""
    monkeypatch.setattr(records, "_BLOCK_BYTES", 400)


def csv_of(cells, delimiter=",", name="score", pad=0):
    """Return a file with these cells in one column, the first of them in many more rows."""
    rows = [cells[0]] * pad + list(cells)
    lines = [f'"{cell}"{delimiter}{i % 2}' for i, cell in enumerate(rows)]
    return "\n".join([f"{name}{delimiter}label", *lines, ""])


@pytest.mark.parametrize("pad", [0, 60])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["0.25", "1", ".5", "5e-1"], [0.25, 1.0, 0.5, 0.5]),
        (["0,25", "1", ",5", "5,0e-1", "0,528"], [0.25, 1.0, 0.5, 0.5, 0.528]),
        (["1", "0", "NA", "", "0,123"], [1.0, 0.0, 0.123]),
        (["83%", "5 %", "0%", "12.5%", "NA", "100%"], [0.83, 0.05, 0.0, 0.125, 1.0]),
        (["83,5%", "5 %"], [0.835, 0.05]),
        (["85%", "0.85", "0", "100%"], [0.85, 0.85, 0.0, 1.0]),
        (["8/10", "17 / 20", "NA", "9 out of 10", "0/5", "10/10"], [0.8, 0.85, 0.9, 0.0, 1.0]),
        (["8/10", "0.85", "7.5/10", "90%", "0/0"], [0.8, 0.85, 0.75, 0.9]),
    ],
)
def test_one_notation_is_read(read, write, pad, delimiter, cells, values):
    """Decimal points, decimal commas; percent signs and parts of a whole beside shares of 1."""
    rows = read(write(csv_of(cells, delimiter, pad=pad)), on_invalid="drop")
    assert rows.scores.tolist()[pad:] == values
    assert ("percent-read" in rows.note_codes) == ("%" in "".join(cells))
    assert ("parts-read" in rows.note_codes) == ("/" in cells[0])


MIXED = [
    (["269", "1,528"], "thousands separators, as in '1,528'"),
    (["12.5", "1,528"], "thousands separators, as in '1,528'"),
    (["1", "1,234.5"], "thousands separators"),
    (["1", "1,234,567"], "thousands separators"),
    (["1", "12,34,567"], "thousands separators"),
    (["0,5", "1.234,5"], "thousands separators"),
    (["1", "1.234.567"], "thousands separators"),
    (["1", "1 234"], "thousands separators"),
    (["1", "1\u202f234,5"], "thousands separators"),
    (["1", "1'234"], "thousands separators"),
    (["0.5", "0,5"], "two decimal marks, as in '0,5' and '0.5'"),
    (["0.5%", "0,5%"], "two decimal marks"),
    (["8/10", "9"], "parts of a whole here and not there, as in '8/10' and '9'"),
    (["8 out of 10", "1"], "parts of a whole here and not there"),
    (["83%", "85"], "percentages here and not there, as in '83%' and '85'"),
    (["83%", "1"], "percentages here and not there"),
]


@pytest.mark.parametrize("pad", [0, 60])
@pytest.mark.parametrize(("cells", "told"), MIXED)
@pytest.mark.parametrize("on_invalid", ["refuse", "drop"])
def test_mixed_notation_is_refused(write, tmp_path, pad, cells, told, on_invalid):
    """One cell in another notation, however late, is no invalid row but a refusal of the whole."""
    path = write(csv_of(cells, pad=pad))
    opened = open_predictions(path, on_invalid=on_invalid)
    with pytest.raises(InputError, match=told):
        collect(opened)
    with pytest.raises(InputError, match=told):
        apply(AS_IS, path, tmp_path / "out.csv", on_invalid=on_invalid)
    weights = write(
        csv_of(cells, name="weight").replace("\n", ",0.5\n").replace(",0.5", ",score", 1)
    )
    opened = open_predictions(weights, on_invalid=on_invalid)
    with pytest.raises(InputError, match=told):
        collect(opened)


@pytest.mark.parametrize(("cells", "told"), MIXED[:1] + MIXED[-2:])
def test_text_of_other_formats_too(write, tmp_path, cells, told):
    """What holds for CSV holds for text in JSON lines, Parquet and frames."""
    frame = pa.table({"score": cells, "label": LABELS[: len(cells)]})
    pq.write_table(frame, tmp_path / "p.parquet")
    lines = [json.dumps({"score": c, "label": i}) for i, c in enumerate(cells)]
    for data in (frame, str(tmp_path / "p.parquet"), write("\n".join(lines), "p.jsonl")):
        opened = open_predictions(data)
        with pytest.raises(InputError, match=told):
            collect(opened)


def test_class_columns_have_a_notation_each(read, write):
    """Every column is judged by itself."""
    good = "p_0;p_1;p_2;label\n0,5;0.25;25%;0\n0,25;0.5;25%;1\n"
    assert read(write(good)).scores.tolist() == [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]
    opened = open_predictions(write(good.replace("25%;1", "1;1")))
    with pytest.raises(InputError, match="'p_2' are percentages here and not there"):
        collect(opened)


def test_percent_signs_and_a_scale_exclude_each_other(read, write):
    """``--out-of 100`` of cells with a percent sign would divide twice."""
    with pytest.raises(InputError, match="Leave --out-of out"):
        read(write(csv_of(["83%", "5%"])), out_of=100.0)


def test_what_apply_writes_is_of_one_notation(write, tmp_path):
    """The decimal mark is chosen once, for all blocks; percentages become shares of 1."""
    path = write(csv_of(["0,5", "1", "0"], ";", pad=60))
    apply(AS_IS, path, tmp_path / "out.csv")
    cells = {line.split(";")[0] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]}
    assert cells in ({"0,5", "1,0", "0,0"}, {"0,5", "1", "0"})
    path = write(csv_of(["1", "0", "0,5"], ";", pad=500))
    apply(AS_IS, path, tmp_path / "out.csv")
    cells = {line.split(";")[0] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]}
    assert not any("," in cell for cell in cells)
    apply(AS_IS, write(csv_of(["83%", "5%"])), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "score,label\n0.83,0\n0.05,1\n"


@pytest.mark.parametrize(
    ("scores", "weights", "means"),
    [
        ("0,9 0,2 0,6 0,4", "1.234 2 1.234 5", None),
        ("0,9 0,2 0,6 0,4", "1.000 2 3.000 5", None),
        ("0,9 0,2 0,6 0,4", "-1.234 2 3 5", None),
        ("1.234 200 600 400", "0,5 1,5 2 1", None),
        ("0.9 0.2 0.6 0.4", "1.234 2 1.234 5", [1.234, 2.0, 1.234, 5.0]),
        ("0,9 0,2 0,6 0,4", "1.234 2.5 1.234 5", [1.234, 2.5, 1.234, 5.0]),
        ("0,9 0,2 0,6 0,4", "0.234 2 1.234 5", [0.234, 2.0, 1.234, 5.0]),
        ("0.9 0.2 0.6 0.4", "1,5 2 1,25 5", [1.5, 2.0, 1.25, 5.0]),
    ],
)
def test_decimal_commas_beside_points(read, write, scores, weights, means):
    """A point before three digits may part thousands where another column has decimal commas."""
    rows = zip(scores.split(), weights.split(), "1001", strict=True)
    path = write("score;weight;label\n" + "".join(f"{a};{b};{c}\n" for a, b, c in rows))
    out_of = 2000.0 if "200" in scores else 1.0
    if means is not None:
        assert read(path).weights.tolist() == pytest.approx(means)
        return
    with pytest.raises(InputError, match=r"points between thousands, as in '-?1\.") as caught:
        read(path, out_of=out_of)
    assert len(str(caught.value)) - len(str(path)) < 300

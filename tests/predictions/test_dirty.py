"""Delimited text as people and their programs write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.calibrators.saved_calibrator import load_calibrator
from calaudit.cli import main
from calaudit.errors import InputError
from calaudit.predictions import Roles, open_predictions
from tests.predictions.conftest import collect

ROWS = 40
rng = np.random.default_rng(8)
P = np.round(rng.uniform(0.02, 0.98, ROWS), 6)
Y = (rng.random(ROWS) < P).astype(int)
ID, SCORE, LABEL = (list(map(str, values)) for values in (range(1, ROWS + 1), P, Y))
COMMA = [text.replace(".", ",") for text in SCORE]
NAMES = ("row_id", "score", "label")


def text(*columns: Any, names: Any = NAMES, sep: str = ",", end: str = "\n") -> str:
    """Return columns as delimited text."""
    rows = [*([names] if names else []), *zip(*columns, strict=True)]
    return end.join(sep.join(row) for row in rows) + end


PLAIN = text(ID, SCORE, LABEL)
QUOTED = ['"a\nb, c ""d"""'] * ROWS
WIDE = {f"f{k}": ["0.5"] * ROWS for k in range(3000)}

DIRTY: dict[str, str | bytes] = {
    "a mark": "\ufeff" + PLAIN,
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16, the other way, tabs": b"\xfe\xff"
    + text(ID, SCORE, LABEL, sep="\t", end="\r\n").encode("utf-16-be"),
    "UTF-16 with other letters": text(ID, ["żółć 点"] * ROWS, SCORE, LABEL,
                                      names=("row_id", "name", "score", "label")).encode("utf-16"),
    "semicolons and decimal commas": text(ID, COMMA, LABEL, sep=";"),
    "decimal commas in quotes": text(ID, [f'"{c}"' for c in COMMA], LABEL),
    "decimal commas in labels": text(ID, COMMA, [f"{k},0" for k in LABEL], sep=";"),
    "thousands in ids": text([f'"{int(k) + 1000:,}"' for k in ID], SCORE, LABEL),
    "a delimiter at the end of rows": PLAIN.replace("\n", ",\n").replace(",\n", "\n", 1),
    "a delimiter at the end of the header": PLAIN.replace("\n", ",\n", 1),
    "a delimiter at the end of all": PLAIN.replace("\n", ",\n"),
    "numbers of rows by R": text([f'"{k}"' for k in ID], SCORE, LABEL, names=NAMES[1:]),
    "spaces": text(ID, SCORE, LABEL, sep=" "),
    "quotes and spaces": text([f'"{k}"' for k in ID], SCORE, LABEL, sep=" "),
    "carets": text(ID, SCORE, LABEL, sep="^"),
    "Hive": text(ID, SCORE, LABEL, sep="\x01"),
    "comments": "# by a tool\n# in May\n" + PLAIN,
    "a mark and a comment": "\ufeff% by a tool\r\n" + PLAIN,
    "a header that looks like one": "#" + PLAIN,
    "blank names": text(ID, ID, SCORE, LABEL, names=("", "", *NAMES[1:])),
    "a name twice": text(ID, ID, SCORE, LABEL, names=("a", "a", *NAMES[1:])),
    "lines in cells": text(ID, QUOTED, SCORE, LABEL, names=("row_id", "t", *NAMES[1:])),
    "a name that is a number": text(ID, SCORE, LABEL, SCORE, names=(*NAMES, "0.5")),
    "thousands of columns": text(ID, SCORE, LABEL, *WIDE.values(), names=(*NAMES, *WIDE)),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_text_is_read_as_it_was_meant(name, tmp_path):
    """Every row, with its score and its label."""
    content = DIRTY[name]
    path = tmp_path / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = collect(open_predictions(str(path)))
    assert rows.scores.tolist() == P.tolist()
    assert rows.labels.tolist() == Y.tolist()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("A title\n" + PLAIN, "row 1 has 1 cells, but the header has 2"),
        (PLAIN + "# the end\n", f"row {ROWS + 1} has 1 cells"),
        (text(ID, SCORE, LABEL, ID, names=NAMES), "row 1 has 4 cells"),
        (text(SCORE, LABEL, ["x"] * ROWS, names=("score", "label")), "row 1 has 3 cells"),
        (text(ID, SCORE, LABEL, names=()), "--no-header"),
        ("nan,1,0.5\n" + text(SCORE, LABEL, SCORE, names=()), "--no-header"),
        ("é,score,label\n".encode("latin-1") + PLAIN.encode(), "not UTF-8"),
        (PLAIN.encode("utf-16")[:-1], "truncated"),
        (PLAIN.encode("utf-32"), "UTF-32"),
        ("@relation x\n@data\n0.1,1\n", "ARFF"),
    ],
)
def test_text_that_may_mean_something_else_is_refused(content, told, tmp_path):
    """Nothing is moved by a column, nor a row taken for names."""
    path = tmp_path / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        collect(open_predictions(str(path)))
    assert told in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_columns_without_names_are_numbered(tmp_path):
    """With --no-header the first line is a row, and roles are columns by number."""
    path = tmp_path / "rows.csv"
    path.write_text(text(ID, SCORE, LABEL, names=()))
    roles = Roles(score="2", label="3", no_header=True)
    rows = collect(open_predictions(str(path), roles=roles))
    assert rows.scores.tolist() == P.tolist()
    assert rows.labels.tolist() == Y.tolist()
    path.write_text(text(LABEL, SCORE, names=()))
    assert collect(open_predictions(str(path), roles=Roles(no_header=True))).labels.tolist() == (
        Y.tolist()
    )


def test_calibrated_rows_have_no_header_where_there_was_none(tmp_path, capsys):
    """`fit` and `apply` take rows without names, and text of UTF-16, as the others."""
    rows, wide = tmp_path / "rows.csv", tmp_path / "wide.csv"
    rows.write_text(text(LABEL, SCORE, names=()))
    wide.write_bytes(text(LABEL, SCORE, names=("label", "score")).encode("utf-16"))
    made, out = tmp_path / "c.json", tmp_path / "out.csv"
    assert main(["fit", str(rows), "--no-header", "--method", "platt", "-o", str(made)]) == 0
    assert main(["apply", str(made), str(rows), "--no-header", "-o", str(out)]) == 0
    fitted = load_calibrator(made).apply(P)
    written = np.loadtxt(out, delimiter=",")
    np.testing.assert_allclose(written, np.column_stack([Y, fitted]), rtol=1e-12)
    assert main(["apply", str(made), str(wide), "-o", str(out)]) == 0
    assert out.read_text().startswith("label,score\n")
    np.testing.assert_allclose(np.loadtxt(out, delimiter=",", skiprows=1), written, rtol=1e-12)
    capsys.readouterr()


def test_calibrated_rows_get_the_header_that_fits_them(tmp_path, capsys):
    """Names that were one too few or too many are as many as the cells afterwards."""
    rows, made, out = (tmp_path / name for name in ("rows.csv", "c.json", "out.csv"))
    rows.write_text(PLAIN.replace("\n", ",\n").replace(",\n", "\n", 1))
    assert main(["fit", str(rows), "--method", "platt", "-o", str(made)]) == 0
    assert main(["apply", str(made), str(rows), "--suffix", "_new", "-o", str(out)]) == 0
    lines = out.read_text().splitlines()
    assert lines[0] == "row_id,score,label,,score_new"
    assert {line.count(",") for line in lines} == {4}
    capsys.readouterr()

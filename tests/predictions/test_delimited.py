import bz2
import gzip
import lzma

import numpy as np
import pyarrow as pa
import pytest

from calaudit.errors import InputError, NotEnoughData

PLAIN = "score,label\n0.25,0\n0.75,1\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(read, write, delimiter):
    """Comma, semicolon, tab and pipe files give the same rows."""
    rows = read(write(PLAIN.replace(",", delimiter)))
    assert rows.scores.tolist() == [0.25, 0.75]
    assert rows.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        (".gz", gzip.compress),
        (".zst", lambda data: pa.compress(data, "zstd", asbytes=True)),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
    ],
)
@pytest.mark.parametrize("honest", [True, False])
def test_compression_is_recognised_by_content(read, write, suffix, pack, honest):
    """A compressed file is read whether or not its name says that it is compressed."""
    name = "p.csv" + (suffix if honest else "")
    assert read(write(pack(PLAIN.encode()), name)).scores.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffscore,label\n.25,0\n.75,1\n",
        '"score","label"\n"0.25","0"\n"0.75","1"\n',
        ",score,label\n0,0.25,0\n1,0.75,1\n",
        "Unnamed: 0.1,Unnamed: 0,,score,label\n0,0,0,0.25,0\n1,1,1,0.75,1\n",
        " score , label \n 0.25 , 0 \n 0.75 , 1 \n",
        "score,label\r\n0.25,0\r\n0.75,1\r\n",
        "score,label\n2.5e-1,0\n+7.5E-1,1",
        "Score,LABEL\n0.25,0.0\n0.75,1.0\n",
        'note,score,label\n"two\nlines, one cell",0.25,0\nx,0.75,1\n',
    ],
)
def test_headers_and_cells_as_people_write_them(read, write, text):
    """BOM, quotes, index columns, spaces, CRLF, exponents and quoted newlines are all read."""
    rows = read(write(text))
    assert rows.scores.tolist() == [0.25, 0.75]
    assert rows.labels.tolist() == [0, 1]
    assert rows.numbers == [1, 2]


def test_a_decimal_comma_is_read_between_semicolons(read, write):
    """In a semicolon file 0,25 is a number."""
    rows = read(write("score;label\n0,25;0\n,75;1\n1;1\n"))
    assert rows.scores.tolist() == [0.25, 0.75, 1.0]


@pytest.mark.parametrize("first", ["0.5,1", "1,0", "0.1,0.9,cat"])
def test_a_file_without_a_header_is_refused(read, write, first):
    """Numbers in the first line are not taken for column names."""
    with pytest.raises(InputError, match=r"has no header: its first line is .*Add a first line"):
        read(write(first + "\n" + first + "\n"))


def test_numbered_class_columns_are_a_header(read, write):
    """Columns called 0, 1, 2, as pandas writes them, are names and not data."""
    text = ",0,1,2,label\n0,0.5,0.25,0.25,0\n1,0.25,0.25,0.5,2\n"
    rows = read(write(text), probs=("0", "1", "2"))
    assert rows.scores.shape == (2, 3)
    assert rows.labels.tolist() == [0, 2]


def test_types_are_decided_for_the_whole_file(read, write):
    """Labels that are 0/1 for megabytes and then "cat" or 0.5 are refused with their rows."""
    lines = ["score,label"] + [f"{i % 2},{i % 2}" for i in range(600_000)]
    lines[500_001] = "0.5,cat"
    lines[600_000] = "0.5,0.5"
    path = write("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"(?s)2 of 600,000 rows .*row 500001, label: cat.*600000"):
        read(path)
    kept = read(path, on_invalid="drop")
    assert kept.intake.rows_used == 599_998
    assert 500_001 not in kept.numbers


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("NA", "missing-score"),
        ("", "missing-score"),
        ("nan", "missing-score"),
        ("cell_empty", "score-not-a-number"),
        ("no_confidence", "score-not-a-number"),
        ("0.5.1", "score-not-a-number"),
        ("-0.01", "score-out-of-range"),
        ("362880", "score-out-of-range"),
        ("inf", "score-infinite"),
        ("-Inf", "score-infinite"),
    ],
)
def test_a_bad_score_cell_is_refused_with_its_row_and_value(read, write, cell, reason):
    """Whatever stands in a score cell, the message names reason, row, column and value."""
    good = "".join(f"0.{i},{i % 2}\n" for i in range(1, 10))
    path = write(f"score,label\n{good}{cell},1\n")
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert f"[{reason}]" in message
    assert f"row 10, score: {cell or '(empty)'}" in message
    assert "--on-invalid drop" in message
    rows = read(path, on_invalid="drop")
    assert rows.intake.refused[reason].count == 1
    assert rows.numbers == list(range(1, 10))


def test_a_cut_last_line_is_refused(read, write):
    """A line with fewer fields than the header is refused with its number."""
    with pytest.raises(InputError, match=r"line 3 has 1 fields, but the header has 2: '0\.7'"):
        read(write("score,label\n0.25,0\n0.7"))


def test_a_truncated_gzip_is_refused(read, write):
    """No figure is given for the readable beginning of a compressed file."""
    rng = np.random.default_rng(1)
    text = "score,label\n" + "".join(f"{s},{int(s > 0.5)}\n" for s in rng.random(200_000))
    packed = gzip.compress(text.encode())
    with pytest.raises(InputError, match="truncated or damaged"):
        read(write(packed[: len(packed) // 2], "p.csv.gz"))


def test_a_header_without_rows(read, write):
    """A header alone is said to be one."""
    with pytest.raises(NotEnoughData, match="no rows, only a header"):
        read(write("score,label\n"))


@pytest.mark.parametrize("content", ["\n\n", "", gzip.compress(b"", mtime=0)])
def test_an_empty_file(read, write, content):
    """Nothing at all is refused as empty."""
    with pytest.raises(InputError, match="empty"):
        read(write(content))


def test_duplicate_names_are_refused_only_where_they_are_used(read, write):
    """Two columns of one name matter when a role needs that name."""
    text = "x,x,score,label\n1,2,0.25,0\n1,2,0.75,1\n"
    assert len(read(write(text)).labels) == 2
    with pytest.raises(InputError, match=r"2 columns are called 'x'"):
        read(write(text), weight="x")


def test_utf16_and_latin1_are_refused_with_advice(read, write):
    """Text in another encoding says so instead of giving a decoding error."""
    with pytest.raises(InputError, match="UTF-16"):
        read(write(PLAIN.encode("utf-16")))
    with pytest.raises(InputError, match="UTF-8"):
        read(write("score,label\n0.5,café\n".encode("latin-1")))


def test_an_open_quote_is_refused(read, write):
    """A quote that is never closed swallows the rest of the file, which is said."""
    body = "".join(f"0.{i % 9}1,{i % 2}\n" for i in range(300_000))
    with pytest.raises(InputError, match="quote"):
        read(write('score,label\n0.5,1\n"0.5,1\n' + body))

import bz2
import gzip
import lzma

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.api.applying import apply
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.identity import Identity
from calaudit.errors import InputError, NotEnoughData
from calaudit.predictions import delimited, open_predictions, records
from calaudit.predictions.quotes import UnreadableRecord, inside_quotes, is_inside
from tests.predictions.conftest import collect

AS_IS = Calibrator(Identity(), "binary", "probability", ("0", "1"))

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
    with pytest.raises(InputError, match=r"has no header: its first line is .*Say --no-header"):
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
    with pytest.raises(InputError, match=r"row 2 has 1 cells, but the header has 2: '0\.7'"):
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


def test_latin1_is_refused_with_advice(read, write):
    """Text in another encoding says so instead of giving a decoding error."""
    with pytest.raises(InputError, match="UTF-8"):
        read(write("score,label\n0.5,café\n".encode("latin-1")))


def test_an_open_quote_is_refused(read, write):
    """A quote that is never closed swallows the rest of the file, which is said."""
    body = "".join(f"0.{i % 9}1,{i % 2}\n" for i in range(300_000))
    with pytest.raises(InputError, match="quote"):
        read(write('score,label\n0.5,1\n"0.5,1\n' + body))


def rows_of(count, text='"abc"'):
    """Return lines of a score, a label and a text."""
    return [f"0.{i % 9 + 1}{i % 7},{i % 2},{text}" for i in range(count)]


def lines_of(rows, ending="\n"):
    """Return a file with a header and these lines."""
    return ending.join(["score,label,text", *rows, ""])


@pytest.fixture
def refused_alike(tmp_path):
    """Check that a file is refused with the same words by reading and by writing anew."""

    def check(path, match):
        with pytest.raises(InputError, match=match) as read_error, open_predictions(path) as opened:
            collect(opened)
        out = tmp_path / "out.csv"
        with pytest.raises(InputError) as apply_error:
            apply(AS_IS, path, out, on_invalid="drop")
        assert str(apply_error.value) == str(read_error.value)
        assert len(str(read_error.value).removeprefix(str(path))) < 300
        assert not out.exists()

    return check


@pytest.mark.parametrize("block", [64, 1000, 1 << 20])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("strays", "line"),
    [
        ({200: '"abc'}, 202),  # never closed
        ({100: '"abc', 300: '"abc'}, 102),  # closed where no cell ends
        ({100: '"abc', 300: 'abc"'}, 102),  # closed where a cell ends
        ({100: '"abc', 102: 'abc"'}, 102),
        ({100: '"abc', 200: '"d" e'}, 102),
        ({0: '"abc'}, 2),
        ({399: '"abc'}, 401),
    ],
)
def test_stray_quotes_are_refused(write, refused_alike, monkeypatch, block, ending, strays, line):
    """A quote that swallows rows is refused with its line, whatever closes it."""
    monkeypatch.setattr(records, "_BLOCK_BYTES", block)
    rows = rows_of(400, "abc")
    for row, text in strays.items():
        rows[row] = rows[row].replace("abc", text)
    refused_alike(write(lines_of(rows, ending)), f"line {line} opens a quote")


@pytest.mark.parametrize(
    "rows",
    [
        [f"0.{i % 9 + 1},{i % 2 if i % 40 else ''},abc" for i in range(400)],
        [f"0.{i % 9 + 1},{i % 2},{'NA' if i == 200 else i},abc" for i in range(400)],
        [f"0.{i % 9 + 1},{i % 2},{f'X{i}' if i > 250 else i},abc" for i in range(400)],
        [f"{i % 90 + 1}.5%,{i % 2},abc" for i in range(400)],
    ],
    ids=["missing", "once NA", "text later on", "percent"],
)
def test_swallowed_rows_may_lack_numbers(write, refused_alike, monkeypatch, rows):
    """Rows inside a cell are told from text by most of them, in the forms that numbers have."""
    monkeypatch.setattr(delimited, "_SAMPLE_ROWS", 100)
    rows[100] = rows[100].replace("abc", '"abc')
    rows[300] = rows[300].replace("abc", 'abc"')
    head = "score,label,text" if rows[0].count(",") == 2 else "score,label,id,text"
    refused_alike(write("\n".join([head, *rows, ""])), "line 102 opens a quoted cell that holds")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("missing", [1, 3, 9, 20])
def test_a_file_cut_inside_a_quoted_cell_is_refused(write, refused_alike, pack, missing):
    """A broken download of answers over several lines gives no figure of its beginning."""
    text = lines_of(rows_of(240, '"The answer, as ""asked"", is 7\nand more"'))
    cut = text[: len(text) - missing].encode()
    if text[: len(text) - missing].endswith('"'):
        return  # only a line end is missing
    refused_alike(write(pack(cut)), "line 480 opens a quote that is not closed")


def test_a_missing_quote_among_quoted_cells(write, refused_alike):
    """Where one closing quote is missing, the next cell's opening one would close the cell."""
    rows = rows_of(50)
    rows[20] = rows[20].removesuffix('"')
    refused_alike(write(lines_of(rows)), "line 22 opens a quote that is not closed where")


@pytest.mark.parametrize(
    "text",
    [
        '5" nail',
        '6" and 7" nails',
        '"a ""quoted"" word"',
        '""',
        '"5"" nail"',
        '"""',
        '"a" b',
        '"Here it is:\n\n1, 2, 3\nand so on, and on"',
        '"0.5\r0.6"',
        '"ends with\n"',
        '"\n\n\n\n"',
        '"many\n\n\n\nblank lines"',
        '"1, 2, buckle\n3, 4, knock"',
        ' "spaced',
    ],
)
@pytest.mark.parametrize("block", [40, 1 << 20])
def test_quotes_that_swallow_nothing_are_read(read, write, monkeypatch, text, block):
    """A quote in the middle of a cell, and cells over several lines, are what people write."""
    monkeypatch.setattr(records, "_BLOCK_BYTES", block)
    text = text if text != '"""' else '""""'
    rows = read(write(lines_of(rows_of(60, text))), label="label")
    assert len(rows.labels) == 60
    assert rows.labels.sum() == 30
    assert rows.scores.sum() == pytest.approx(sum(float(row[:4]) for row in rows_of(60)))


@pytest.mark.parametrize(
    "header",
    [
        'score,label,"te\rxt"\n',
        'score,label,"te\nxt"\n',
        'score,label,"5"" nails"\n',
        "\n\nscore,label,text\n",
        "sep=,\nscore,label,text\r\n",
        "\ufeffsep=,\r\nscore,label,text\n",
        "score,label," + "long" * 100_000 + "\n",
        '"score","label","text"\r',
    ],
)
def test_headers_of_every_kind(read, write, tmp_path, header):
    """Line ends in names, Excel's first line, blank lines and very long names are read and kept."""
    text = header + "0.25,0,a\n0.75,1,b\n"
    path = write(text)
    rows = read(path)
    assert rows.scores.tolist() == [0.25, 0.75]
    apply(AS_IS, path, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == text.encode()


def test_the_line_for_excel_gives_the_delimiter(read, write):
    """``sep=;`` decides, whatever else is in the names."""
    rows = read(write("sep=;\nscore;label;a,b,c,d\n0,25;0;x\n0,75;1;y\n"))
    assert rows.scores.tolist() == [0.25, 0.75]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_large_cell_in_an_unused_column(read, write, quoted):
    """A cell of two megabytes does not keep the other columns from being read."""
    cell = "x, y\n" * 400_000 if quoted else "x" * 2_000_000
    cell = f'"{cell}"' if quoted else cell
    lines = rows_of(30, "abc")
    lines[0], lines[17] = f"0.5,1,{cell}", f"0.5,1,{cell}"
    rows = read(write(lines_of(lines)), label="label")
    assert len(rows.labels) == 30


@pytest.mark.parametrize("end", [0, 1, 7])
def test_lines_that_end_in_carriage_returns(read, write, monkeypatch, end):
    """Files of old Macintosh programs are read, in blocks that end anywhere."""
    monkeypatch.setattr(records, "_BLOCK_BYTES", 50 + end)
    rows = read(write(lines_of(rows_of(100, "abc"), "\r")))
    assert len(rows.labels) == 100


def test_a_line_without_an_end(write, monkeypatch):
    """What is no text at all is refused before it fills the memory."""
    monkeypatch.setattr(records, "LONGEST", 1 << 20)
    path = write("score,label\n0.5,1\n" + "x" * (4 << 20))
    opened = open_predictions(path)
    with pytest.raises(InputError, match="line 3 is longer than 1 MB"):
        collect(opened)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    data=st.binary(max_size=80).map(lambda b: bytes(b'ab,"\n\r'[c % 6] for c in b)),
    delimiter=st.sampled_from([",", "a"]),
)
def test_quoted_bytes_are_those_of_the_plain_rule(data, delimiter):
    """The bits agree with a state machine that goes byte by byte, or the text is refused."""
    inside, opened, start, at = [], False, True, 0
    while at < len(data):
        byte = data[at : at + 1]
        if not opened:
            opened = start and byte == b'"'
        elif byte == b'"' and data[at + 1 : at + 2] == b'"':
            inside.append(True)
            at += 1
        elif byte == b'"':
            opened = False
        start = not opened and byte in (delimiter.encode(), b"\n", b"\r")
        inside.append(opened)
        at += 1
    try:
        found = inside_quotes(data, delimiter)
    except UnreadableRecord:
        return
    found = np.zeros(2, np.uint64) if found is None else found
    ends = [i for i in range(len(data)) if data[i : i + 1] in (delimiter.encode(), b"\n", b"\r")]
    assert is_inside(found, np.array(ends, np.intp)).tolist() == [inside[i] for i in ends]

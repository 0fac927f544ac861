"""JSON lines and arrays: every record is read, or the file is refused."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.errors import InputError
from calaudit.predictions import objects, open_predictions
from tests.predictions.conftest import collect

ROWS = [{"score": s, "label": i % 2} for i, s in enumerate([0.25, 0.75, 0.5, 1.0])]
LINES = "\n".join(map(json.dumps, ROWS)) + "\n"


@pytest.fixture
def blocks(monkeypatch, request):
    """Read so many bytes at a time."""
    monkeypatch.setattr(objects, "_BLOCK_BYTES", request.param)


@pytest.mark.parametrize("blocks", [1, 7, 1 << 20], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.rstrip("\n"),
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", "\r"),
        LINES.replace("\n", "\n\n \t\n"),
        "\ufeff" + LINES,
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        "\n" + json.dumps(ROWS, separators=(",", ":")) + "\n\n",
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        pd.DataFrame(ROWS).to_json(orient="records"),
        pd.DataFrame(ROWS).to_json(orient="records", lines=True, indent=None),
        pd.DataFrame(ROWS).to_json(orient="records", indent=4),
    ],
)
def test_lines_and_arrays_are_read(blocks, read, write, text):
    """JSON lines, an array on one line or indented, whatever the line ends."""
    rows = read(write(text, "p.json"))
    assert rows.scores.tolist() == [0.25, 0.75, 0.5, 1.0]
    assert rows.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("blocks", [1, 7, 1 << 20], indirect=True)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LINES[:-10], "line 4 is not a JSON object"),
        (LINES.replace("}\n{", "}{", 1), "line 1 holds more than one object"),
        (LINES.replace("\n", ",\n"), "line 1 holds more than one object"),
        (LINES + "[1]\n", "line 5 is not a JSON object"),
        (LINES + "null\n", "line 5 is not a JSON object"),
        (LINES + "NaN", "line 5 is not a JSON object"),
        (LINES + "}", "line 5 is not a JSON object"),
        (json.dumps(ROWS)[:-1], "line 1 does not go on with the array"),
        (json.dumps(ROWS)[:-9], "line 1 is not a JSON object"),
        (json.dumps(ROWS).replace("}, {", "} {", 1), "line 1 does not go on with the array"),
        (json.dumps(ROWS).replace("}]", "},]"), "line 1 is not a JSON object"),
        (json.dumps(ROWS) + "\n" + LINES, "line 2 goes on after the end of the array"),
        (json.dumps([[1, 2]]), "line 1 is not a JSON object"),
        (LINES.replace("0.5,", '0.5, "label": 1,'), "line 3 gives the key 'label' twice"),
        (LINES.replace("0.5,", '0.5, "x": {"a": 1, "a": 2},'), "line 3 gives the key 'a' twice"),
        (LINES + '{"score": ' + "[" * 100_000, "line 5 is nested too deeply"),
        (LINES + '{"x": ' * 100_000, "line 5 is nested too deeply"),
        (LINES + '{"score": ' + "7" * 5000 + "}", "line 5 holds a number of thousands of digits"),
    ],
)
def test_what_is_no_record_is_refused(blocks, read, write, text, told):
    """A cut or garbled record, two on a line, and a key given twice are refused with their line."""
    if len(text) > 10_000 and objects._BLOCK_BYTES < 100:
        pytest.skip("slow byte by byte")
    with pytest.raises(InputError, match=told) as caught:
        read(write(text, "p.jsonl"))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("cell", "shown", "reason"),
    [
        (None, "(empty)", "missing-score"),
        (float("nan"), "nan", "missing-score"),
        (float("inf"), "inf", "score-infinite"),
        (10**399, "1" + "0" * 36 + "...", "score-infinite"),
        ([0.1, 0.9], "[0.1, 0.9]", "score-not-a-number"),
        ({"a": 1}, '{"a": 1}', "score-not-a-number"),
        ("high", "high", "score-not-a-number"),
    ],
)
def test_a_cell_that_is_no_score_is_shown(read, write, cell, shown, reason):
    """Null, NaN, an integer of 400 digits, lists and objects are called what they are."""
    path = write(LINES + json.dumps({"score": cell, "label": 1}) + "\n", "p.jsonl")
    with pytest.raises(InputError) as caught:
        read(path)
    assert f"[{reason}]" in str(caught.value)
    assert f"row 5, score: {shown}" in str(caught.value)
    assert read(path, on_invalid="drop").numbers == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("cell", "shown", "reason"),
    [
        ([0.2, None, 0.8], "probs[1]: (empty)", "missing-score"),
        ([0.2, "x", 0.8], "probs[1]: x", "score-not-a-number"),
        ([0.2, {"a": 1}, 0.8], 'probs[1]: {"a": 1}', "score-not-a-number"),
        (0.5, "probs: 1 values instead of 3", "row-length"),
        ({"a": 1}, "probs: 1 values instead of 3", "row-length"),
        (None, "probs[0]: (empty)", "missing-score"),
    ],
)
def test_a_list_that_is_no_distribution_is_shown(read, write, cell, shown, reason):
    """The same inside lists and in their place."""
    good = json.dumps({"probs": [0.5, 0.25, 0.25], "label": 0}) + "\n"
    path = write(good * 2000 + json.dumps({"probs": cell, "label": 1}) + "\n", "p.jsonl")
    with pytest.raises(InputError) as caught:
        read(path)
    assert f"[{reason}]" in str(caught.value)
    assert f"row 2001, {shown}" in str(caught.value)
    assert len(read(path, on_invalid="drop").labels) == 2000


def test_numbers_as_text_in_lists(read, write):
    """A list of texts is read as numbers where it follows lists of numbers."""
    good = json.dumps({"probs": [0.5, 0.25, 0.25], "label": 0}) + "\n"
    text = json.dumps({"probs": ["0.25", "0.5", "0.25"], "label": 1}) + "\n"
    rows = read(write(good * 2000 + text, "p.jsonl"))
    assert rows.scores[-1].tolist() == [0.25, 0.5, 0.25]


@pytest.mark.parametrize("orient", ["index", "table"])
def test_an_object_of_columns_is_refused_with_the_way_out(read, write, orient):
    """What pandas writes without ``orient="records"`` is one object; the advice works."""
    frame = pd.DataFrame(ROWS)
    with pytest.raises(
        InputError, match=r"one JSON object, not one for each row.*orient='records'"
    ):
        read(write(frame.to_json(orient=orient), "p.json"))


def test_large_identifiers_stay_what_they_are(read, write):
    """Integers beyond 64 bits, and beside null, are not rounded."""
    ids = [2**53 + 1, None, 2**53 + 3]
    lines = [json.dumps({"score": 0.5, "label": i % 2, "id": v}) for i, v in enumerate(ids)]
    rows = read(write("\n".join(lines), "p.jsonl"), id="id")
    assert rows.chunks[0].ids() == ids
    lines = [json.dumps({"score": 0.5, "label": i, "id": 2**64 + i}) for i in range(2)]
    rows = read(write("\n".join(lines), "p.jsonl"), id="id")
    assert [str(v) for v in rows.chunks[0].ids()] == [str(2**64), str(2**64 + 1)]


@settings(max_examples=60, deadline=None)
@given(
    records=st.lists(
        st.dictionaries(
            st.text(max_size=4),
            st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
            max_size=4,
        ),
        max_size=8,
    ),
    indent=st.none() | st.integers(0, 3),
    ascii_only=st.booleans(),
    array=st.booleans(),
    size=st.integers(1, 40),
)
def test_objects_are_those_of_json(records, indent, ascii_only, array, size):
    """Whatever Python writes comes back, in blocks of any size."""
    texts = [json.dumps(r, indent=indent, ensure_ascii=ascii_only) for r in records]
    text = f"[{','.join(texts)}]" if array else "\n".join(texts)
    raw = text.encode("utf-8", "surrogatepass" if ascii_only else "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "_BLOCK_BYTES", size)
        found = list(objects.read_objects(io.BytesIO(raw)))
    assert found == [json.loads(t.encode("utf-8", "replace")) for t in texts]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by /proc")
@pytest.mark.parametrize(
    ("start", "filler", "exit_code"),
    [('{"x": "', "a", 3), ('{"x": [', "1.5,", 3), ('{"x": {"y": ', " ", 3), ("", " ", 0)],
)
def test_an_endless_line_needs_little_memory(tmp_path, start, filler, exit_code):
    """A line of 100 MB, packed to some KB, is refused, or skipped if blank, in bounded memory."""
    path = tmp_path / "p.jsonl.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(LINES.encode() + start.encode())
        for _ in range(100):
            file.write(filler.encode() * ((1 << 20) // len(filler)))
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30));"
        "from calaudit.cli import main; code = main();"
        # The largest size of this program alone: ru_maxrss begins at that of the one that ran it.
        "found = [line for line in open('/proc/self/status') if line.startswith('VmHWM')];"
        "print(int(found[0].split()[1]) >> 10); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "evaluate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    assert exit_code == 0 or "line 5 is longer than 16 MB" in done.stderr
    assert int(done.stdout.split()[-1]) < 600


@pytest.mark.parametrize("form", ["lists", "by row", "one list", "one list of lists"])
def test_an_object_that_holds_columns_is_its_rows(tmp_path, form):
    """As json.dump of a dict, pandas by default, and prediction services write them."""
    scores, labels = [0.2, 0.9, 0.4, 0.7], [0, 1, 1, 0]
    rows = [{"score": p, "label": y} for p, y in zip(scores, labels, strict=True)]
    content: Any = {"score": scores, "label": labels}
    if form == "by row":
        content = {k: {str(i): v for i, v in enumerate(c)} for k, c in content.items()}
    if form == "one list":
        content = {"predictions": rows}
    if form == "one list of lists":
        content = {"probs": [[1 - p, p] for p in scores], "label": labels}
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(content, indent=1))
    read = collect(open_predictions(str(path)))
    np.testing.assert_allclose(read.scores, scores)
    assert read.labels.tolist() == labels
    path.write_text(json.dumps({"probs": scores, "label": labels[:-1]}))
    with pytest.raises(InputError, match="is one JSON object"):
        open_predictions(str(path))


def test_a_line_of_lists_is_a_row(tmp_path):
    """Several lines are rows, however long the lists in them."""
    path = tmp_path / "rows.jsonl"
    line = {"probs": [0.2, 0.3, 0.5], "label": [0, 0, 1]}
    path.write_text((json.dumps(line) + "\n") * 5)
    assert collect(open_predictions(str(path))).labels.tolist() == [2] * 5


def written(folder, form, rows):
    """Return a file of records in one of the formats that have them."""
    path, table = folder / f"rows.{form}", pa.Table.from_pylist(rows)
    if form == "parquet":
        pq.write_table(table, path)
    elif form == "arrow":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("form", ["jsonl", "parquet", "arrow"])
def test_fields_of_records_and_of_records_in_lists_have_any_role(tmp_path, read, form):
    """By their path, with the place in a list as a number; a list that ends before has none."""
    rows = [
        {
            "response": {"stated": {"confidence": 0.5 + k / 100}},
            "grades": [{"right": bool(k % 3)}, {"note": "x", "right": k % 2 == 0}][: 1 + (k != 7)],
            "meta": {"id": f"q{k}"},
        }
        for k in range(40)
    ]
    path = written(tmp_path, form, rows)
    roles = {"confidence": "response.stated.confidence", "id": "meta.id"}
    found = read(path, correct="grades.0.right", **roles)
    assert found.labels.tolist() == [int(bool(k % 3)) for k in range(40)]
    assert found.scores.tolist() == [0.5 + k / 100 for k in range(40)]
    assert found.chunks[0].ids(np.array([3])) == ["q3"]
    with pytest.raises(InputError, match=r"row 8, grades.1.right: \(empty\)"):
        read(path, correct="grades.1.right", **roles)
    kept = read(path, correct="grades.1.right", on_invalid="drop", **roles)
    assert kept.labels.tolist() == [int(k % 2 == 0) for k in range(40) if k != 7]
    with pytest.raises(InputError, match=r"grades.0\.wrong', which is not there"):
        read(path, correct="grades.0.wrong", **roles)
    with pytest.raises(InputError, match=r"grades.5\.right', which is not there"):
        read(path, correct="grades.5.right", **roles)

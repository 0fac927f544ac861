"""What people read: short, with nothing in it that steers a terminal or a runner of CI jobs."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from calaudit.cli import main
from calaudit.errors import CalauditError, InputError
from calaudit.report.formats import render
from calaudit.report.saved import saved_report
from calaudit.visible import LINE, disarmed, told

COMMAND = "::error title=x::injected"
HOSTILE = f"{COMMAND}\n{COMMAND}\r::stop-commands::t\x1b[31m\u202eevil\u2028##[error]##vso[a]\x9b"

RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
ARMED = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)

OURS = re.compile(r"^::(stop-commands::)?[0-9a-f]{32}(::)?$|^::\w+ title=calaudit.*$", re.MULTILINE)
"""Commands that are meant: annotations of the gate, and what guards its report."""

MOST = 1500
"""Characters of a whole message, which may have several lines."""


def table(*columns: str, rows: int = 40, label: tuple[str, str] = ("0", "1")) -> str:
    """Return CSV with a score, a label and further columns, whose cells are all the last one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns[:2], *columns[2::2]])
    for i in range(rows):
        writer.writerow([(i + 0.5) / rows, label[i * 7 % 10 > 4], *columns[3::2]])
    return out.getvalue()


def write(name: str, text: str) -> str:
    """Write a file in the working directory."""
    Path(name).write_text(text, encoding="utf-8", newline="")
    return name


NAME = HOSTILE.replace("/", "").replace("\x00", "")


def attempts() -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Yield ways in which text from outside gets into messages and reports."""
    h = NAME
    yield "column", lambda: ["check", write("p.csv", table(h, "lab")), "--max-ece", "0.1"]
    yield "score", lambda: ["evaluate", write("p.csv", table(h, "label")), "--score", "x"]
    yield "suggestion", lambda: ["evaluate", write("p.csv", table(h, "label")), "--score", h[:-1]]
    yield "option", lambda: ["evaluate", write("p.csv", table("score", "label")), "--by", h]
    yield "choice", lambda: ["evaluate", "p.csv", "--task", h]
    yield "no such option", lambda: ["evaluate", "p.csv", f"--{h}"]
    yield "no such command", lambda: [h]
    yield "labels", lambda: ["evaluate", write("p.csv", table("score", "label", label=("a", h)))]
    yield "cell", lambda: ["evaluate", write("p.csv", table("label", "score", label=("0.5", h)))]
    yield "slices", lambda: [
        "evaluate", write("p.csv", table("score", "label", "g", h)), "--by", "g",
    ]  # fmt: skip
    yield "slice column", lambda: [
        "evaluate", write("p.csv", table("score", "label", h, "a")), "--by", h.replace("\r", " "),
    ]  # fmt: skip
    yield "name of a file", lambda: ["evaluate", write(h, table("score", "lab"))]
    yield "missing", lambda: ["evaluate", h]
    yield "output", lambda: [
        "evaluate", write("p.csv", table("score", "label")), "-o", f"{h}.json", "-o", f"{h}.svg",
    ]  # fmt: skip
    yield "json", lambda: [
        "evaluate", write("p.csv", table("score", "label", "g", h)), "--by", "g", "--json",
    ]  # fmt: skip
    yield "configuration", lambda: [
        "check", write("p.csv", table("score", "label")), "--config",
        write("c.toml", f"[check]\n{json.dumps(h)} = 1\n"),
    ]  # fmt: skip
    yield "baseline", lambda: [
        "check", write("p.csv", table("score", "label")), "--max-increase", "ece=0.1",
        "--baseline", write("b.json", json.dumps({"schema": h})),
    ]  # fmt: skip
    yield "report", lambda: ["report", write("r.json", json.dumps({"schema": h}))]
    yield "calibrator", lambda: [
        "apply", write("c.json", json.dumps({"schema": h})), write("p.csv", table("score", "lab")),
        "-o", "o.csv",
    ]  # fmt: skip
    yield "gate", lambda: [
        "check", write("p.csv", table("score", "label", "g", h)), "--max-ece", "0.1", "--by", "g",
        "--min-rows", "1",
    ]  # fmt: skip


ATTEMPTS = dict(attempts())


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not possible there")
@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.parametrize("times", [1, 300])
def test_nothing_steers(name: str, times: int, tmp_path: Path, monkeypatch, capsys) -> None:
    """Names from outside are shown, and make no line, no command and no escape; nor long lines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr(f"{__name__}.NAME", HOSTILE + "y" * 50 * (times - 1))
    if times > 1 and name in ("name of a file", "output"):
        pytest.skip("no system has such long names of files")
    code = main(ATTEMPTS[name]())
    out, err = capsys.readouterr()
    assert code in (0, 1, 2, 3), err
    for text in (OURS.sub("", out), err):
        assert RAW.search(text) is None, repr(text)
        assert ARMED.search(text) is None, repr(text)
    assert len(err) <= MOST, err


def test_long_lists_are_cut(tmp_path: Path, monkeypatch, capsys) -> None:
    """Thousands of columns, of kinds of faults and of labels make no longer a message."""
    monkeypatch.chdir(tmp_path)
    names = ",".join(f"a rather long name of a column {i}" for i in range(5000))
    write("columns.csv", f"{names}\n{names}\n")
    labels = "".join(f"0.5,a rather long label of the row {i}\n" for i in range(500))
    write("labels.csv", f"score,label\n{labels}")
    cells = ["", "x" * 9000, "nan", "7", "-3", "inf", "0.5"]
    rows = "".join(f"{a},{b},{c}\n" for a in cells for b in cells for c in cells)
    write("cells.csv", f"score,label,weight\n{rows}")
    for name in ("columns.csv", "labels.csv", "cells.csv"):
        assert main(["evaluate", name]) == 3
        err = capsys.readouterr().err
        assert 40 < len(err) <= MOST, err
        assert max(map(len, err.splitlines())) <= LINE + 40


def test_errors_from_python_are_the_same() -> None:
    """An error is made visible where it is made, so that a notebook and a log show it alike."""
    error = InputError(f"a {HOSTILE} b", "second line")
    first, second = str(error).split("\n")
    assert RAW.search(first) is None
    assert (second, error.args[1]) == ("second line", "second line")
    assert issubclass(InputError, CalauditError)


def test_told_and_disarmed() -> None:
    """A line keeps its beginning and its end; the same text told twice is the same."""
    line = f"p.csv: the column '{'x' * 5000}' is missing. Name another one."
    assert len(told(line)) <= LINE
    assert told(line).startswith("p.csv: the column 'xxx")
    assert told(line).endswith("is missing. Name another one.")
    assert told(told(line)) == told(line)
    assert told("word " * 1000).endswith("word ")
    assert disarmed("a ::error:: b\nstd::vector") == "a ::error:: b\nstd::vector"
    assert disarmed("\u3000::error::\n\n\t::x") == "\u3000\\x3a:error::\n\n\t\\x3a:x"


def leaves(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where texts are in JSON; of a list one of each kind."""
    if isinstance(values, str):
        yield path
    items: Any = values.items() if isinstance(values, dict) else ()
    items = enumerate(values[:1]) if isinstance(values, list) else items
    for key, value in items:
        yield from leaves(value, (*path, key))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("evaluate", marks=pytest.mark.slow),
        pytest.param("threshold", marks=pytest.mark.slow),
        "check",
    ],
)
def test_hostile_reports(command: str, tmp_path: Path, monkeypatch, capsys) -> None:
    """Whatever text stands in a saved report is shown, in every format, or refused."""
    monkeypatch.chdir(tmp_path)
    options = {"threshold": ["--cost-fp", "1", "--cost-fn", "5"], "check": ["--max-ece", "0.1"]}
    data = write("p.csv", table("score", "label", "g", "a"))
    assert main([command, data, *options.get(command, ["--by", "g"]), "-o", "r.json"]) in (0, 1)
    capsys.readouterr()
    document = json.loads(Path("r.json").read_text(encoding="utf-8"))
    seen = 0
    for path in leaves(document):
        changed = json.loads(json.dumps(document))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = HOSTILE
        try:
            report = saved_report(json.dumps(changed).encode())
        except CalauditError:
            continue
        for suffix in (".txt", ".html", ".md", *([".xml"] if command == "check" else [])):
            try:
                text = render(report, suffix)
            except (CalauditError, ArithmeticError, LookupError, TypeError, ValueError):
                continue  # a word that chooses what is drawn; the program says so
            seen += 1
            assert RAW.search(str(text)) is None, path
    assert seen > 20

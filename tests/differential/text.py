"""CSV and JSON lines as people and programs write them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.differential.cases import MISSING, NAMES, NEGATIVE, POSITIVE, Case, Row, random_rows

__all__ = ["csv_case", "json_case"]

Rng = random.Random

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}

WORDS = [
    "plain", "two words", "", " padded ", "été", "数据", "🙂", "3.5", "1,5", "a;b", "x|y", "O'N",
    "https://a.b/c?d=1:2", "tab\there",
]  # fmt: skip


def _number(x: float, rng: Rng, shape: set[str]) -> tuple[str, float]:
    """Return a number as a cell, and its value."""
    digits = rng.choice([2, 6, 17])
    forms = [repr(x), f"{x:.{digits}f}", f"{x:.{digits}e}", f"{x:.{digits}E}", repr(x)]
    text = rng.choice(forms)
    if "bare points" in shape and text.startswith("0.") and rng.random() < 0.5:
        text = text[1:]
    if "signs" in shape and rng.random() < 0.3:
        text = "+" + text
    if "padded" in shape and rng.random() < 0.3:
        text = f" {text} "
    return text, float(text)


def csv_case(path: Path, seed: int) -> Case:
    """Write a delimited file."""
    rng = random.Random(seed)
    case = Case(path, rng.choice(NAMES), [], delimiter=rng.choice(",,,;\t|"))
    for word in ("bom", "blank lines", "quoted", "multiline", "bare quotes", "padded", "signs",
                 "bare points", "no last end"):  # fmt: skip
        if rng.random() < 0.2:
            case.shape.add(word)
    case.shape.add(rng.choice(["LF", "LF", "LF", "CRLF", "CRLF", "CR"]))
    if case.delimiter != "," and rng.random() < 0.3:
        case.shape.add("decimal comma")
    long = rng.random() < 0.01
    rows = random_rows(rng, most=10_000 if long else 200)
    text = _csv_text(case, rows, rng, rng.choice([0, 1, 1, 3, 3 if long else 40]))
    _write(case, text.encode(), rng)
    return case


def _csv_text(case: Case, rows: list[Row], rng: Rng, more: int) -> str:
    kind = rng.randrange(len(POSITIVE))
    missing = rng.choice(MISSING)
    end = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}[(case.shape & {"LF", "CRLF", "CR"}).pop()]
    extra = [f"text {i}" for i in range(more)]
    order = [*case.names, *extra]
    rng.shuffle(order)
    lines = [case.delimiter.join(_quoted(name, case, rng) for name in order) + end]
    for score, label, weight in rows:
        cells, values = {}, []
        for name, x in ((case.names[0], score), (case.names[2], weight)):
            cell, value = (missing, None) if x is None else _number(x, rng, case.shape)
            if "decimal comma" in case.shape and x is not None:
                cell = cell.replace(".", ",")
            cells[name] = cell
            values.append(value)
        words = POSITIVE if label else NEGATIVE
        cells[case.names[1]] = missing if label is None else words[kind]
        cells |= {name: _words(case, rng) for name in extra}
        line = case.delimiter.join(_quoted(cells[name], case, rng) for name in order)
        lines.append((line or '""') + end)
        if "blank lines" in case.shape and rng.random() < 0.2:
            lines.append(end)
        case.rows.append((values[0], label, values[1]))
    text = "".join(lines)
    if "no last end" in case.shape and "blank lines" not in case.shape:
        text = text.removesuffix(end)
    return text


def _words(case: Case, rng: Rng) -> str:
    words = [rng.choice(WORDS) for _ in range(rng.choice([1, 1, 3]))]
    if "multiline" in case.shape and rng.random() < 0.3:
        words.append(rng.choice(["\n", "\nline", "two\n\nlines", 'said "so"\nand went']))
    if "quoted" in case.shape and rng.random() < 0.3:
        words.append(rng.choice(['"', 'a "b"', '""']))
    if "bare quotes" in case.shape and rng.random() < 0.3:
        return '5" nail'
    return " ".join(words)


def _quoted(cell: str, case: Case, rng: Rng) -> str:
    """Return a cell in quotes where it needs them, and sometimes where not."""
    bare = cell == '5" nail'
    needs = not bare and any(mark in cell for mark in (case.delimiter, '"', "\n", "\r"))
    if needs or (not bare and "quoted" in case.shape and rng.random() < 0.5):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def json_case(path: Path, seed: int) -> Case:
    """Write JSON lines, or an array of objects."""
    rng = random.Random(seed)
    case = Case(path, rng.choice(NAMES), random_rows(rng))
    for word in ("bom", "blank lines", "array", "absent keys", "nested", "ASCII", "no last end"):
        if rng.random() < 0.25:
            case.shape.add(word)
    label = rng.choice(["integers", "floats", "flags", "texts"])
    case.shape |= {label, rng.choice(["LF", "LF", "CRLF"])}
    texts = [_record(case, row, label, rng) for row in case.rows]
    end = "\r\n" if "CRLF" in case.shape else "\n"
    if "array" in case.shape:
        text = "[" + f",{end}".join(texts) + "]" + end
    else:
        gaps = (
            end * 2 if "blank lines" in case.shape and rng.random() < 0.2 else end for _ in texts
        )
        text = "".join(text + gap for text, gap in zip(texts, gaps, strict=True))
    if "no last end" in case.shape:
        text = text.rstrip("\r\n")
    _write(case, text.encode(), rng)
    return case


def _record(case: Case, row: Row, label: str, rng: Rng) -> str:
    score, y, weight = row
    kinds: dict[str, Callable[[float], Any]] = {
        "integers": int, "floats": float, "flags": bool, "texts": lambda y: "01"[int(y)],
    }  # fmt: skip
    values: dict[str, Any] = {
        case.names[0]: score if score is None or score % 1 or rng.random() < 0.5 else int(score),
        case.names[1]: None if y is None else kinds[label](y),
        case.names[2]: weight,
    }
    if "absent keys" in case.shape:
        values = {name: value for name, value in values.items() if value is not None}
    if "nested" in case.shape:
        values["more"] = {"tokens": [1, 2.5, None], "text": 'a: "b"\n', "deep": {"x": rng.random()}}
    if "blank lines" in case.shape:
        values = dict(sorted(values.items(), key=lambda _: rng.random()))
    return json.dumps(values, ensure_ascii="ASCII" in case.shape)


def _write(case: Case, data: bytes, rng: Rng) -> None:
    if "bom" in case.shape:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.25:
        suffix = rng.choice(sorted(PACKED))
        case.shape.add(suffix)
        case.path = case.path.with_name(f"{case.path.name}.{suffix}")
        data = PACKED[suffix](data)
    case.path.write_bytes(data)

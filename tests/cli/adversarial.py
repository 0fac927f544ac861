"""Files that try to break the reader, with what must come of each: a refusal or known figures."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["CASES", "Case", "Truth", "naive_figures", "random_case"]

CLIP = 2.0**-52


@dataclass
class Truth:
    """What the rows of a file say: scores (n,) or (n, K), labels, weights."""

    scores: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None


@dataclass
class Case:
    """One attempt.

    Attributes:
        write: writes the file into a folder and returns what to give on the command line.
        code: the exit code; truth: what the valid rows say, for exit 0. arguments: options.
        said: a part of the message, for refusals.
        odd: whether the names hold words such as None or nan, which the report then shows.
    """

    name: str
    write: Callable[[Path], list[str]]
    code: int
    arguments: list[str] = field(default_factory=list)
    truth: Truth | None = None
    said: str = ""
    odd: bool = False
    clip: float = CLIP
    bins: int = 15


def weighty(truth: Truth) -> Truth:
    """Return the rows without those of weight 0, which are no evidence."""
    if truth.weights is None:
        return truth
    w = np.asarray(truth.weights, np.float64)
    return Truth(truth.scores[w > 0], truth.labels[w > 0], w[w > 0])


def naive_figures(truth: Truth, *, bins: int = 15, clip: float = CLIP) -> dict[str, float | None]:
    """Return Brier score, log loss and ECE row by row from their definitions."""
    truth = weighty(truth)
    p, y = truth.scores, truth.labels
    w = np.ones(len(y)) if truth.weights is None else truth.weights
    if p.ndim == 2:
        given = p[np.arange(len(y)), y]
        squares = ((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1)
        score, hit = p.max(axis=1), p.argmax(axis=1) == y
    else:
        given, squares, score, hit = np.where(y == 1, p, 1 - p), (p - y) ** 2, p, y == 1
    with np.errstate(divide="ignore"):
        losses = -np.log(np.clip(given, clip, 1 - clip) if clip else given)
    edges = np.linspace(0, 1, bins + 1)
    group = np.clip(np.searchsorted(edges, score, side="left") - 1, 0, bins - 1)
    gaps = np.bincount(group, w * (hit - score), bins)
    mean_loss = float(np.average(losses[w > 0], weights=w[w > 0]))
    return {
        "n": float(len(y)),
        "brier": float(np.average(squares, weights=w)),
        "log_loss": mean_loss if np.isfinite(mean_loss) else None,
        "ece": float(np.abs(gaps).sum() / w.sum()),
    }


def _text(content: str | bytes, name: str = "p.csv") -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return [str(path)]

    return write


def _parquet(columns: dict[str, Any], **options: Any) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        pq.write_table(pa.table(columns), folder / "p.parquet", **options)
        return [str(folder / "p.parquet")]

    return write


P = np.array([0.1, 0.25, 0.4, 0.5, 0.65, 0.8, 0.9, 0.95])
Y = np.array([0, 0, 1, 0, 1, 1, 1, 0])
W = np.array([1.0, 2, 0.5, 3, 1, 1, 0.25, 4])
BINARY = Truth(P, Y)
PROBS = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25],
                  [0.05, 0.05, 0.9], [0.2, 0.2, 0.6]])  # fmt: skip
CODES = np.array([0, 1, 1, 0, 2, 0])
MULTI = Truth(PROBS, CODES)


def _rows(*columns: Any, header: str = "score,label", end: str = "\n", comma: str = ",") -> str:
    lines = [header] + [comma.join(map(str, row)) for row in zip(*columns, strict=True)]
    return end.join(lines) + end


def _quoted(header: list[str], *columns: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue()


PLAIN = _rows(P, Y)


def _good(name: str, text: str | bytes, *arguments: str, file: str = "p.csv", **more: Any) -> Case:
    truth = more.pop("truth", BINARY)
    return Case(name, _text(text, file), 0, list(arguments), truth, **more)


def _bad(name: str, text: str | bytes, *arguments: str, file: str = "p.csv", said: str = "",
         code: int = 3) -> Case:  # fmt: skip
    return Case(name, _text(text, file), code, list(arguments), None, said)


def _delimited() -> list[Case]:
    spaced = "\n".join(" , ".join(line.split(",")) for line in PLAIN.splitlines()) + "\n"
    noted = _quoted(["note", "score", "label"], ["two\nlines", "a,b", '"q"', "x", *"abcd"], P, Y)
    upper = PLAIN.replace("score,label", "SCORE,Label")
    return [
        _good("crlf", PLAIN.replace("\n", "\r\n")),
        _good("no-last-newline", PLAIN.rstrip()),
        _good("bom", codecs.BOM_UTF8 + PLAIN.encode()),
        _good("spaces", spaced),
        _good("upper-case-names", upper),
        _good("quoted-newlines", noted),
        _good("semicolons-decimal-comma", PLAIN.replace(",", ";").replace(".", ",")),
        _good("tabs", PLAIN.replace(",", "\t"), file="p.tsv"),
        _good("pipes", PLAIN.replace(",", "|"), file="p.txt"),
        _good("blank-lines", PLAIN.replace("\n", "\n\n")),
        _good("index-column", "".join(f"{i - 1 if i else ''},{line}\n"
                                      for i, line in enumerate(PLAIN.splitlines()))),
        _good("exponents", _rows([f"{p:.17e}" for p in P], Y)),
        _good("plus-signs", _rows([f"+{p}" for p in P], Y)),
        _good("bare-points", _rows([str(p).lstrip("0") for p in P], Y)),
        _good("float-labels", _rows(P, Y.astype(float))),
        _good("padded-numbers", _rows([f"{p:.30f}" for p in P], Y)),
        _good("quoted-cells", _quoted(["score", "label"], P, Y).replace("0.1", '"0.1"', 1)),
        _good("gzip", gzip.compress(PLAIN.encode()), file="p.csv.gz"),
        _good("gzip-twice-joined", gzip.compress(PLAIN[:30].encode())
              + gzip.compress(PLAIN[30:].encode()), file="p.csv.gz"),
        _good("bz2-as-csv", bz2.compress(PLAIN.encode())),
        _good("xz", lzma.compress(PLAIN.encode()), file="p.csv.xz"),
        _good("csv-called-parquet", PLAIN, file="p.parquet"),
        _good("json-lines", "".join(json.dumps({"score": p, "label": int(y)}) + "\n"
                                    for p, y in zip(P, Y, strict=True)), file="p.jsonl"),
        _good("json-array", json.dumps([{"score": p, "label": int(y)}
                                        for p, y in zip(P, Y, strict=True)], indent=1)),
        _good("carriage-returns", PLAIN.replace("\n", "\r")),
        _good("line-for-excel", "sep=,\r\n" + PLAIN),
        _good("percentages", _rows([f"{100 * p:g}%" for p in P], Y)),
        _good("thousand-columns", "".join(
            line + "," + ",".join(f"x{i}" if first else "0" for i in range(1000)) + "\n"
            for first, line in zip([True] + [False] * 9, PLAIN.splitlines(), strict=False))),
        _good("utf16", PLAIN.encode("utf-16")),
        _bad("latin-1", "score,label,café\n0.5,1,é\n".encode("latin-1") * 2),
        _good("trailing-commas", PLAIN.replace("\n", ",\n").replace("label,", "label", 1)),
        _good("comment-lines", "# made by x\n" + PLAIN),
        _bad("short-line", PLAIN + "0.5\n"),
        _bad("long-line", PLAIN + "0.5,1,1\n"),
        _bad("empty", ""),
        _bad("newlines-only", "\n\n\n"),
        _bad("header-only", "score,label\n"),
        _bad("no-header", PLAIN.split("\n", 1)[1]),
        _bad("nul-bytes", b"score,label\n0.5,1\n\x00\x00,0\n"),
        _bad("binary-noise", bytes(range(256)) * 20),
        _bad("open-quote", PLAIN + '"0.5,1\n'),
        _bad("truncated-gzip", gzip.compress(PLAIN.encode() * 50)[:-20], file="p.csv.gz"),
        _bad("garbage-after-gzip", gzip.compress(PLAIN.encode())[:-8] + b"x" * 8, file="p.csv.gz"),
        _bad("html", "<!DOCTYPE html><html></html>"),
        _bad("json-array-cut", json.dumps([{"score": 0.5, "label": 1}])[:-1], file="p.json"),
        _bad("json-key-twice", '{"score": 0.5, "label": 1, "score": 0.7}\n', said="twice"),
        _bad("stray-quote", PLAIN + '0.5,"1\n' + PLAIN.split("\n", 1)[1] + '0.5,1"\n'),
        _bad("json-cut", '{"score": 0.5, "label": 1}\n{"sco', file="p.jsonl"),
        _bad("duplicate-header", _rows(P, P, Y, header="score,score,label")),
        _bad("names-with-only-spaces", _rows(P, Y, header=" , ")),
    ]  # fmt: skip


def _numbers() -> list[Case]:
    def one(cell: str) -> str:
        return PLAIN + f"{cell},1\n"

    def also(value: float) -> Truth:
        return Truth(np.append(P, value), np.append(Y, 1))

    tiny = "1e-400"
    refused = ["nan", "NaN", "NA", "", "null", "None", "inf", "-inf", "Infinity", "1e999", "-1e999",
               "0x1p-1", "0x8", "1_0", "-0.1", "1.1", "362880", "cell_empty",
               "٠.٥", "½", "0.5.1", "--1", "1e", "true"]  # fmt: skip
    cases = [
        Case(f"score-{cell or 'empty'}", _text(_quoted(["score", "label"], [*P, cell], [*Y, 1])),
             3, said="row 9") for cell in refused
    ] + [
        Case(f"score-{cell or 'empty'}-dropped",
             _text(_quoted(["score", "label"], [*P, cell], [*Y, 1])), 0,
             ["--on-invalid", "drop"], BINARY) for cell in refused
    ]  # fmt: skip
    mixed = [
        _bad(f"{name}{'-'.join(option)}", _quoted(["score", "label"], [*P, cell], [*Y, 1]), *option,
             said=said)
        for name, cell, said in [("thousands", "1,234.5", "separator"),
                                 ("decimal-comma", "0,5", "two decimal marks")]
        for option in ([], ["--on-invalid", "drop"])
    ]  # fmt: skip
    return [
        *cases,
        *mixed,
        _good("underflow", one(tiny), truth=also(0.0)),
        _good("minus-zero", one("-0.0"), truth=also(0.0)),
        _good("percent-beside-shares", one("50%"), truth=also(0.5)),
        _good("subnormal", one("5e-324"), truth=also(5e-324)),
        _good("float-noise-above-one", one("1.0000000002"), truth=also(1.0)),
        _good("float-noise-below-zero", one("-1e-12"), truth=also(0.0)),
        _good("float-sum-noise", one(repr(0.1 + 0.2)), truth=also(0.1 + 0.2)),
        _good("seventeen-digits", one("0.12345678901234567"), truth=also(0.12345678901234567)),
        _good("many-digits", one("0." + "3" * 400), truth=also(1 / 3)),
        _good("nearest-to-one", one(repr(np.nextafter(1, 0).item())),
              truth=also(np.nextafter(1, 0).item())),
        _bad("label-half", PLAIN + "0.5,0.5\n", said="0.5"),
        _bad("label-two", PLAIN + "0.5,2\n"),
        _bad("label-nan", PLAIN + "0.5,nan\n", said="missing"),
        _bad("label-empty", PLAIN + "0.5,\n", said="missing"),
        _bad("label-word", PLAIN + "0.5,maybe\n"),
        _bad("percent", _rows(100 * P, Y), said="100"),
        _bad("ten-scale", _rows(10 * P, Y), said="10"),
        _bad("logits-as-score", _rows(np.log(P / (1 - P)), Y), said="--logits"),
        _good("logits", _rows([repr(float(z)) for z in np.log(P / (1 - P))], Y, header="z,label"),
              "--logits", "z"),
        _good("huge-logits", _rows([-1e308, 1e308, 800, -800], [0, 1, 1, 0], header="z,label"),
              "--logits", "z",
              truth=Truth(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0, 1, 1, 0]))),
        _bad("infinite-logit", _rows(["inf", 1, -1], [1, 1, 0], header="z,label"), "--logits", "z"),
        _good("negative-labels", _rows(P, 2 * Y - 1)),
        _good("yes-no", _rows(P, np.where(Y == 1, "Yes", "no"))),
        _good("true-false", _rows(P, np.where(Y == 1, "TRUE", "False"))),
        _good("positive-given", _rows(P, np.where(Y == 1, "bad", "good")), "--positive", "bad"),
        _bad("positive-unknown", _rows(P, np.where(Y == 1, "bad", "good")), "--positive", "worse"),
        _bad("labels-in-words", _rows(P, np.where(Y == 1, "bad", "good")), said="--positive"),
        _bad("three-kinds", _rows(P, [0, 1, 2, 0, 1, 2, 0, 1])),
        _bad("score-column-is-text", _rows(["a"] * 8, Y)),
        _bad("score-all-missing", _rows([""] * 8, Y), "--on-invalid", "drop"),
        _bad("scores-all-missing", _rows([""] * 8, Y)),
    ]  # fmt: skip


def _shapes() -> list[Case]:
    def rows(p: list[float], y: list[int]) -> dict[str, Any]:
        return {"text": _rows([repr(float(x)) for x in p], y),
                "truth": Truth(np.array(p, float), np.array(y))}  # fmt: skip

    shapes: dict[str, tuple[list[float], list[int]]] = {
        "one-row-right": ([0.7], [1]), "one-row-wrong": ([0.7], [0]), "one-row-sure": ([1.0], [1]),
        "one-row-sure-and-wrong": ([1.0], [0]), "one-row-half": ([0.5], [1]),
        "one-row-zero": ([0.0], [0]), "two-rows": ([0.2, 0.9], [0, 1]),
        "two-rows-wrong": ([0.2, 0.9], [1, 0]), "one-class-ones": ([0.2, 0.9, 0.4], [1, 1, 1]),
        "one-class-zeros": ([0.2, 0.9, 0.4], [0, 0, 0]), "all-equal": ([0.3] * 10, [0, 1] * 5),
        "all-half": ([0.5] * 10, [0, 1] * 5), "all-equal-one-class": ([0.3] * 10, [1] * 10),
        "all-zero-right": ([0.0] * 10, [0] * 10), "all-zero-wrong": ([0.0] * 10, [1] * 10),
        "all-one-right": ([1.0] * 10, [1] * 10), "all-one-wrong": ([1.0] * 10, [0] * 10),
        "hard-right": ([0.0, 1.0] * 5, [0, 1] * 5), "hard-wrong": ([0.0, 1.0] * 5, [1, 0] * 5),
        "hard-mixed": ([0.0, 1.0] * 5, [0, 1, 1, 0, 0, 1, 0, 0, 1, 1]),
        "all-wrong": ([0.01, 0.99] * 20, [1, 0] * 20),
        "perfect": ([0.01, 0.99] * 20, [0, 1] * 20),
        "on-edges": ([i / 15 for i in range(16)] * 2, [0, 1] * 16),
        "tiny-scores": ([1e-300, 1e-310, 5e-324, 1e-20] * 5, [0, 0, 0, 1] * 5),
        "near-one": ([1 - 2.0**-53, 1 - 2.0**-52, 1.0] * 5, [1, 1, 1, 0, 1] * 3),
        "near-half": ([0.5, 0.5 + 2.0**-52, 0.5 - 2.0**-54] * 4, [0, 1, 1] * 4),
        "one-positive-in-many": ([0.001] * 500, [1] + [0] * 499),
    }  # fmt: skip
    cases = [_good(name, **rows(p, y)) for name, (p, y) in shapes.items()]
    for name in ("hard-mixed", "one-row-sure-and-wrong", "all-zero-wrong"):
        case = _good(f"{name}-no-clip", **rows(*shapes[name]))
        case.arguments, case.clip = ["--clip", "0"], 0.0
        cases.append(case)
    for bins in (1, 2, 10_000):
        case = _good(f"bins-{bins}", PLAIN)
        case.arguments, case.bins = ["--bins", str(bins)], bins
        cases.append(case)
    return [
        *cases,
        _good("level-half", PLAIN, "--level", "0.5"),
        _good("level-highest", PLAIN, "--level", "0.99"),
        _good("equal-mass-many", PLAIN, "--bins", "equal-mass:1000"),
        _good("many-worst", PLAIN, "--worst", "100000"),
        _good("clip-large", PLAIN, "--clip", "0.4", clip=0.4),
        _good("huge-seed", PLAIN, "--seed", str(2**63)),
        _bad("level-one", PLAIN, "--level", "1", code=2),
        _bad("level-nan", PLAIN, "--level", "nan", code=2),
        _bad("level-percent", PLAIN, "--level", "95", code=2),
        _bad("clip-half", PLAIN, "--clip", "0.5", code=2),
        _bad("clip-nan", PLAIN, "--clip", "nan", code=2),
        _bad("bins-zero", PLAIN, "--bins", "0", code=2),
        _bad("bins-too-many", PLAIN, "--bins", "10001", code=2),
        _bad("bins-huge", PLAIN, "--bins", "9" * 5000, code=2),
        _bad("bins-words", PLAIN, "--bins", "equal-mass:x", code=2),
        _bad("mapie-one-bin", PLAIN, "--bins", "1", "--convention", "mapie", code=2),
        _bad("seed-negative", PLAIN, "--seed", "-1", code=2),
        _bad("threads-zero", PLAIN, "--threads", "0", code=2),
        _bad("worst-negative", PLAIN, "--worst", "-1", code=2),
        _bad("no-such-column", PLAIN, "--label", "target", said="'target'"),
        _bad("no-such-slice", PLAIN, "--by", "region", said="region"),
        _bad("score-and-probs", PLAIN, "--score", "score", "--probs", "score", code=2),
        _bad("empty-column-name", PLAIN, "--label", "", code=2, said="label"),
        _bad("same-column-twice", PLAIN, "--label", "score", "--score", "score", code=2),
    ]


def _weights() -> list[Case]:
    def weighted(name: str, w: Any, **more: Any) -> Case:
        w = np.asarray(w, float)
        text = _rows(P, Y, [repr(float(x)) for x in w], header="score,label,weight")
        return _good(name, text, "--weight", "weight", truth=Truth(P, Y, w), **more)

    def refused(name: str, cell: str, said: str = "") -> Case:
        text = _rows(P, Y, [cell] + ["1"] * 7, header="score,label,weight")
        return _bad(name, text, "--weight", "weight", said=said)

    return [
        weighted("weights", W),
        weighted("weights-some-zero", [0, 0, 0, 1, 1, 1, 1, 1]),
        weighted("weights-one-row-left", [0, 0, 0, 1, 0, 0, 0, 0]),
        weighted("weights-one-class-left", [0, 0, 1, 0, 1, 1, 1, 0]),
        weighted("weights-large", [1e50] * 8),
        weighted("weights-small", [1e-50] * 8),
        weighted("weights-far-apart", [1e-50, 1e50, 1, 1, 1, 1, 1, 1]),
        refused("weight-too-large", "1e51", "row 1"),
        refused("weight-largest", "1.7e308", "row 1"),
        refused("weight-too-small", "1e-51", "row 1"),
        refused("weight-subnormal", "5e-324", "row 1"),
        weighted("weights-one-dominates", [1e12, 1, 1, 1, 1, 1, 1, 1]),
        _bad("weights-all-zero", _rows(P, Y, [0] * 8, header="score,label,weight"),
             "--weight", "weight", said="sum to 0"),
        refused("weight-negative", "-1", "row 1"),
        refused("weight-nan", "nan", "row 1"),
        refused("weight-inf", "inf", "row 1"),
        refused("weight-word", "many", "row 1"),
        refused("weight-empty", "", "row 1"),
        Case("weights-frequency", _text(_rows(P, Y, [1, 2, 3, 1, 1, 1, 2, 4],
                                              header="score,label,weight")), 0,
             ["--weight", "weight", "--weight-kind", "frequency"], None),
        Case("weights-frequency-fractions", _text(_rows(P, Y, [0.3] * 8,
                                                        header="score,label,weight")), 3,
             ["--weight", "weight", "--weight-kind", "frequency"], None),
        Case("weights-frequency-zeros", _text(_rows(P, Y, [0, 0, 1, 0, 0, 1, 0, 0],
                                                    header="score,label,weight")), 0,
             ["--weight", "weight", "--weight-kind", "frequency"], None),
        Case("weights-frequency-huge", _text(_rows(P, Y, [1e30] * 8,
                                                   header="score,label,weight")), 3,
             ["--weight", "weight", "--weight-kind", "frequency"], None),
    ]  # fmt: skip


NAMES = {
    "emoji": "👩‍🔬🎯", "markup": "[bold red]x[/bold red]", "bracket": "[/]", "backslash": "a\\[b]",
    "control": "a\x1b[31mb\x07", "newline": "two\nlines", "bidi": "a\u202eb", "comma": "a,b",
    "quote": 'say "x"', "long": "x" * 3000, "combining": "e\u0301" * 40, "wide": "日本語" * 30,
    "html": "<script>alert(1)</script>", "percent": "%s%d{0}", "dollar": "$(reboot)`x`",
    "space": " padded ", "dash": "--label", "nan": "nan", "none": "None", "tab": "a\tb",
    "zero-width": "a\u200bb", "nel": "a\x85b",
}  # fmt: skip


def _naming() -> list[Case]:
    cases = []
    for kind, name in NAMES.items():
        odd = kind in ("nan", "none")
        columns = {f"s{name}": P, f"l{name}": Y, f"b{name}": [name] * 4 + ["other"] * 4,
                   f"i{name}": [name + str(i) for i in range(8)]}  # fmt: skip
        arguments = [f"--score=s{name}", f"--label=l{name}", f"--by=b{name}", f"--id=i{name}",
                     "--worst=9"]  # fmt: skip
        cases.append(Case(f"names-{kind}", _parquet(columns), 0, arguments, BINARY, odd=odd))
        if kind == "dash":  # a prefix ends before the dashes, so that the class is called label
            continue
        classes = [name, "dog", "cat"]
        labels = [classes[c] for c in CODES]
        probs = {f"p_{c}": PROBS[:, k] for k, c in enumerate(classes)}
        cases.append(
            Case(f"classes-{kind}", _parquet({**probs, "label": labels}), 0,
                 ["--probs=p_", "--worst=9"], MULTI, odd=odd)
        )  # fmt: skip
    return cases


def _columns() -> list[Case]:
    def typed(kind: str, score: Any, label: Any, truth: Truth = BINARY, **more: Any) -> Case:
        return Case(
            f"type-{kind}", _parquet({"score": score, "label": label}, **more), 0, [], truth
        )

    half, single = P.astype(np.float16), P.astype(np.float32)
    decimals = pa.array([Decimal(str(p)) for p in P], pa.decimal128(5, 3))
    struct = pa.array([{"a": 1}] * 8)
    days = pa.array([date(2024, 1, 1)] * 8)
    table = {"score": P, "label": Y}
    return [
        typed("float16", half, Y, Truth(half.astype(float), Y)),
        typed("float32", single, Y, Truth(single.astype(float), Y)),
        typed("decimal", decimals, Y),
        typed("text", [str(p) for p in P], Y),
        typed("dictionary-score", pa.array([str(p) for p in P]).dictionary_encode(), Y),
        typed("integer-score", [0, 0, 1, 0, 1, 1, 1, 0], Y, Truth(Y.astype(float), Y)),
        typed("bool-label", P, Y == 1),
        typed("uint8-label", P, Y.astype(np.uint8)),
        typed("uint64-label", P, Y.astype(np.uint64)),
        typed("float-label", P, Y.astype(np.float32)),
        typed("decimal-label", P, pa.array([Decimal(int(y)) for y in Y], pa.decimal128(3, 0))),
        typed("text-label", P, [str(y) for y in Y]),
        typed("dictionary-label", P, pa.array([str(y) for y in Y]).dictionary_encode()),
        typed("view-label", P, pa.array([str(y) for y in Y], pa.string_view())),
        typed("large-label", P, pa.array([str(y) for y in Y], pa.large_string())),
        typed("row-groups-of-one", P, Y, row_group_size=1),
        Case("nested-beside", _parquet({**table, "x": struct, "l": [[1, 2]] * 8}), 0, [], BINARY),
        Case("by-date", _parquet({**table, "day": days}), 0, ["--by", "day"], BINARY),
        Case("by-bool", _parquet({**table, "b": [True, False, None, True] * 2}), 0,
             ["--by", "b"], BINARY),
        Case("by-float", _parquet({**table, "b": [1.0, float("nan"), None, np.inf] * 2}), 0,
             ["--by", "b"], BINARY, odd=True),
        Case("by-null", _parquet({**table, "b": pa.nulls(8)}), 0, ["--by", "b"], BINARY),
        Case("by-same-twice", _parquet({**table, "b": list("abab") * 2}), 0,
             ["--by", "b", "--by", "b"], BINARY),
        Case("by-score", _parquet(table), 0, ["--by", "score", "--score", "score"], BINARY),
        Case("by-label", _parquet(table), 0, ["--by", "label", "--label", "label"], BINARY),
        Case("by-struct", _parquet({**table, "x": struct}), 3, ["--by", "x"]),
        Case("label-null", _parquet({"score": P, "label": pa.array([None, *Y[1:].tolist()])}), 3,
             said="row 1"),
        Case("score-null", _parquet({"score": pa.array([None, *P[1:].tolist()]), "label": Y}), 3,
             said="row 1"),
        Case("score-all-null", _parquet({"score": pa.nulls(8), "label": Y}), 3),
        Case("score-nan", _parquet({"score": np.append(P[1:], np.nan), "label": Y}), 3,
             said="row 8"),
        Case("score-date", _parquet({"score": days, "label": Y}), 3),
        Case("score-struct", _parquet({"score": struct, "label": Y}), 3),
        Case("label-struct", _parquet({"score": P, "label": struct}), 3),
        Case("label-list", _parquet({"score": P, "label": [[1]] * 8}), 3),
        Case("label-date", _parquet({"score": P, "label": days}), 3),
        Case("score-bool", _parquet({"score": Y == 1, "label": Y}), 3),
        Case("columns-by-their-values", _parquet({"a": P, "b": Y}), 0, truth=Truth(P, Y)),
        Case("no-rows", _parquet({"score": P[:0], "label": Y[:0]}), 3, said="no rows"),
        Case("no-columns", _parquet({}), 3),
    ]  # fmt: skip


def _distributions() -> list[Case]:
    names = ["p_0", "p_1", "p_2"]

    def spread(p: Any, y: Any = CODES, columns: list[str] | None = None) -> str:
        p = np.asarray(p)
        cells = [[repr(float(x)) for x in p[:, k]] for k in range(p.shape[1])]
        return _rows(*cells, y, header=",".join([*(columns or names), "label"]))

    zero = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]])
    third = np.full((6, 3), 1 / 3)
    two = np.stack([1 - P, P], axis=1)
    rng = np.random.default_rng(5)
    many = rng.dirichlet(np.full(1000, 0.05), 30)
    many /= many.sum(axis=1, keepdims=True)
    codes = rng.integers(0, 1000, 30)
    z = np.log(PROBS)
    masked = np.array([[0.0, -np.inf, 1.0], [2.0, 1.0, -np.inf], [0.0, 0.5, -1.0]])
    soft = np.exp(masked) / np.exp(masked).sum(axis=1, keepdims=True)
    shifted = z + np.array([[1e6], [0], [-1e6], [3], [4], [5]])
    whole = shifted - shifted.max(axis=1, keepdims=True)
    whole = np.exp(whole) / np.exp(whole).sum(axis=1, keepdims=True)
    wide = {"probs": pa.FixedSizeListArray.from_arrays(pa.array(many.ravel()), 1000)}
    return [
        _good("probs", spread(PROBS), truth=MULTI),
        _good("probs-hard", spread(zero), truth=Truth(zero, CODES)),
        _good("probs-uniform", spread(third), truth=Truth(third, CODES)),
        _good("probs-one-row", spread(PROBS[:1], CODES[:1]), truth=Truth(PROBS[:1], CODES[:1])),
        _good("probs-one-class", spread(PROBS, [1] * 6), truth=Truth(PROBS, np.ones(6, int))),
        _good("probs-named", spread(PROBS, np.array(["ant", "bee", "cow"])[CODES],
                                    ["p_ant", "p_bee", "p_cow"]), truth=MULTI),
        _good("probs-out-of-order", spread(PROBS[:, ::-1], CODES, names[::-1]), truth=MULTI),
        _good("probs-comma-list", spread(PROBS, CODES, ["x", "y", "z"]), "--probs", "x,y,z",
              truth=MULTI),
        _good("probs-two", spread(two, Y, ["p_0", "p_1"])),
        _good("probs-two-one-row", spread(two[:1], Y[:1], ["p_0", "p_1"]),
              truth=Truth(P[:1], Y[:1])),
        _bad("probs-two-as-multiclass", spread(two, Y, ["p_0", "p_1"]), "--task", "multiclass",
             code=2),
        _bad("probs-two-as-top-label", spread(two, Y, ["p_0", "p_1"]), "--task", "top-label",
             code=2),
        _good("logit-columns", spread(z, CODES, ["logit_0", "logit_1", "logit_2"]), truth=MULTI),
        _good("logits-shifted", spread(shifted, CODES, ["logit_0", "logit_1", "logit_2"]),
              truth=Truth(whole, CODES)),
        _good("logits-masked", spread(masked, [2, 0, 1], ["logit_0", "logit_1", "logit_2"]),
              truth=Truth(soft, np.array([2, 0, 1]))),
        _good("logits-masked-truth", spread(masked, [1, 0, 1], ["logit_0", "logit_1", "logit_2"]),
              truth=Truth(soft, np.array([1, 0, 1]))),
        _bad("logits-all-masked", spread(np.full((2, 3), -np.inf), [0, 1],
                                         ["logit_0", "logit_1", "logit_2"]), said="infinite"),
        _bad("logits-infinite", spread([[np.inf, 0, 0], [0, 1, 2]], [0, 1],
                                       ["logit_0", "logit_1", "logit_2"]), said="infinite"),
        _bad("logits-as-probs", spread(z - z.min()), said="not probabilities"),
        _bad("negative-logits-as-probs", spread(z), said="--logits"),
        _bad("probs-as-logits", spread(PROBS), "--logits", "p_", said="--probs"),
        _bad("sums-to-0.9", spread(0.9 * PROBS), said="sum"),
        _bad("sums-to-0.998", spread(0.998 * PROBS), said="sum"),
        _bad("sums-to-100", spread(100 * PROBS)),
        _good("sums-to-0.9999", spread(np.round(0.9999 * PROBS, 9)),
              truth=Truth(np.round(0.9999 * PROBS, 9), CODES)),
        _bad("labels-from-one", spread(PROBS, CODES + 1), said="--classes"),
        _good("labels-from-one-told", spread(PROBS, CODES + 1), "--classes", "1..3", truth=MULTI),
        _bad("label-too-large", spread(PROBS, [0, 1, 2, 0, 1, 7]), said="row 6"),
        _bad("label-negative", spread(PROBS, [0, 1, 2, 0, 1, -1]), said="row 6"),
        _bad("label-fraction", spread(PROBS, [0, 1, 2, 0, 1, 0.5]), said="row 6"),
        _bad("label-unknown", spread(PROBS, ["ant", "bee", "cow", "ant", "bee", "elk"],
                                     ["p_ant", "p_bee", "p_cow"]), "--probs", "p_", said="elk"),
        _bad("classes-too-few", spread(PROBS), "--classes", "a,b", code=2),
        _bad("classes-twice", spread(PROBS), "--classes", "a,a,b", code=2),
        _bad("probs-missing-cell", spread(PROBS).replace("0.7,", ",", 1), said="row 1"),
        _bad("probs-no-such-prefix", spread(PROBS), "--probs", "q_"),
        _bad("label-among-probs", spread(PROBS), "--probs", "p_0,p_1,label"),
        Case("thousand-classes", _parquet({**wide, "label": codes}), 0, [], Truth(many, codes)),
        Case("thousand-class-columns",
             _parquet({**{f"p_{k}": many[:, k] for k in range(1000)}, "label": codes}), 0, [],
             Truth(many, codes)),
        Case("lists-uneven", _parquet({"probs": [[0.5, 0.5], [1.0], [0.2, 0.3, 0.5]],
                                       "label": [0, 0, 1]}), 3),
        Case("lists-with-null", _parquet({"probs": [[0.5, 0.5, 0], None, [0.2, 0.3, 0.5]],
                                          "label": [0, 0, 1]}), 3),
        Case("lists-with-null-inside", _parquet({"probs": [[0.5, None, 0.5], [0.2, 0.3, 0.5]],
                                                 "label": [0, 1]}), 3),
        Case("lists-of-text", _parquet({"probs": [["a", "b"]] * 3, "label": [0, 0, 1]}), 3),
        Case("lists-of-one", _parquet({"probs": [[1.0]] * 3, "label": [0, 0, 1]}), 3),
        Case("lists-empty", _parquet({"probs": pa.array([[]] * 3, pa.list_(pa.float64())),
                                      "label": [0, 0, 1]}), 3),
        _good("top-label", _rows(P, Y, header="confidence,correct")),
        _good("top-label-words", _rows(P, ["cat"] * 8, np.where(Y == 1, "cat", "dog"),
                                       header="confidence,prediction,label")),
        _good("top-label-mixed-numbers", _rows(P, ["3"] * 8, np.where(Y == 1, "3.0", "4"),
                                               header="confidence,prediction,label")),
        _good("top-label-prediction-missing",
              _rows(P, [""] + ["cat"] * 7, ["dog", "cat"] * 4,
                    header="confidence,prediction,label"),
              truth=Truth(P[1:], np.array([1, 0, 1, 0, 1, 0, 1]))),
    ]  # fmt: skip


def _files() -> list[Case]:
    def two(folder: Path) -> list[str]:
        (folder / "a.csv").write_text(_rows(P[:3], Y[:3]))
        feather.write_feather(pa.table({"label": Y[3:], "score": P[3:]}), str(folder / "b.feather"))
        return [str(folder / "a.csv"), str(folder / "b.feather")]

    def empty_part(folder: Path) -> list[str]:
        (folder / "a.csv").write_text("score,label\n")
        (folder / "b.csv").write_text(PLAIN)
        return [str(folder)]

    def empty_group(folder: Path) -> list[str]:
        table = pa.table({"score": P, "label": Y})
        with pq.ParquetWriter(folder / "p.parquet", table.schema) as writer:
            for part in (table.slice(0, 0), table.slice(0, 5), table.slice(0, 0), table.slice(5)):
                writer.write_table(part)
        return [str(folder)]

    def loop(folder: Path) -> list[str]:
        (folder / "a.csv").symlink_to(folder / "a.csv")
        return [str(folder / "a.csv")]

    def folder_loop(folder: Path) -> list[str]:
        (folder / "sub").mkdir()
        (folder / "sub" / "up").symlink_to(folder)
        (folder / "p.csv").write_text(PLAIN)
        return [str(folder)]

    def dangling(folder: Path) -> list[str]:
        (folder / "a.csv").symlink_to(folder / "none.csv")
        return [str(folder / "a.csv")]

    def twice(folder: Path) -> list[str]:
        return _text(PLAIN)(folder) * 2

    def cut(folder: Path, share: float) -> list[str]:
        (name,) = _parquet({"score": np.tile(P, 100), "label": np.tile(Y, 100)})(folder)
        data = Path(name).read_bytes()
        Path(name).write_bytes(data[: int(len(data) * share)])
        return [name]

    def one_file_differs(folder: Path) -> list[str]:
        (folder / "a.csv").write_text(PLAIN)
        (folder / "b.csv").write_text(PLAIN.replace("score", "p"))
        return [str(folder)]

    def huge_name(folder: Path) -> list[str]:
        return [str(folder / ("x" * 5000))]

    def odd_name(folder: Path) -> list[str]:
        return _text(PLAIN, "[bold]😀 a'b\x1b[31m*?.csv")(folder)

    cuts = [Case(f"parquet-cut-{s}", partial(cut, share=s), 3) for s in (0.0, 0.1, 0.5, 0.99)]
    return [
        *cuts,
        Case("two-formats", two, 0, [], BINARY),
        Case("empty-part", empty_part, 0, [], BINARY),
        Case("empty-row-groups", empty_group, 0, [], BINARY),
        Case("folder-loop", folder_loop, 0, [], BINARY),
        Case("odd-file-name", odd_name, 0, [], BINARY),
        Case("symlink-loop", loop, 3),
        Case("dangling-link", dangling, 3),
        Case("named-twice", twice, 3, said="twice"),
        Case("one-file-differs", one_file_differs, 3, said="b.csv"),
        Case("empty-folder", lambda f: [str(f)], 3),
        Case("missing", lambda f: [str(f / "none.csv")], 3),
        Case("glob-of-nothing", lambda f: [str(f / "*.csv")], 3),
        Case("name-too-long", huge_name, 3),
        Case("empty-name", lambda _: [""], 3),
        Case("null-device", lambda _: ["/dev/null"], 3),
    ]


CASES: list[Case] = [
    *_delimited(), *_numbers(), *_shapes(), *_weights(), *_naming(), *_columns(),
    *_distributions(), *_files(),
]  # fmt: skip


def random_case(seed: int, *, most: int = 300) -> Case:
    """Return a random valid file, possibly with bad rows that are to be dropped."""
    rng = np.random.default_rng(seed)
    n = min(int(rng.choice([1, 2, 3, 10, 100, 300, 3000])), most)
    k = int(rng.choice([1, 1, 1, 2, 3, 7]))
    levels = rng.choice([0, 2, 5, 101])
    if k == 1:
        a, b = rng.choice([0.05, 0.5, 1.0, 3.0], 2).tolist()
        p = rng.beta(a, b, n)
        p = np.round(p * (levels - 1)) / (levels - 1) if levels > 1 else p
        y = (rng.random(n) < np.clip(p * rng.choice([0.3, 1.0, 3.0]), 0, 1)).astype(np.int64)
    else:
        p = rng.dirichlet(np.full(k, rng.choice([0.02, 0.3, 2.0])), n)
        y = np.array([rng.choice(k, p=row / row.sum()) for row in p])
    form = str(rng.choice(["csv", "parquet", "feather", "parts"]))
    if form != "csv" and rng.random() < 0.5:  # text has the decimals of a float32, not its bits
        p = p.astype(np.float32)
    w = rng.choice([0.0, 1e-3, 0.5, 1.0, 7.0, 1e4], n) if rng.random() < 0.4 else None
    if w is not None and w.sum() == 0:
        w = None
    columns: dict[str, Any] = (
        {"score": p} if k == 1 else {f"prob_{i}": np.ascontiguousarray(p[:, i]) for i in range(k)}
    )
    columns["label"] = y if rng.random() < 0.5 else [str(v) for v in y]
    if w is not None:
        columns["weight"] = w
    columns["noise"] = rng.integers(0, 3, n)
    truth = Truth(p.astype(np.float64), y, w)
    if k == 2:
        truth = Truth(truth.scores[:, 1], y, w)
    arguments = ["--worst", str(rng.integers(0, 5)), "--by", "noise", "--seed", str(seed)]
    arguments += ["--threads", str(rng.integers(1, 4))]
    # Columns in any order, and bad rows in between that are to be dropped.
    table = pa.table({name: columns[name] for name in rng.permutation(list(columns))})
    bad = min(int(rng.choice([0, 0, 1, 40])), n // 4)
    if bad:
        spoilt = table.take(rng.integers(0, n, bad))
        names = table.column_names
        at = next(i for i, name in enumerate(names) if name.startswith(("score", "prob")))
        kind = table.schema.types[at]
        values = pa.array(rng.choice([np.nan, 7.5, -3.0, np.inf], bad), kind)
        spoilt = spoilt.set_column(at, names[at], values)
        table = pa.concat_tables([table, spoilt])
        table = table.take(rng.permutation(len(table)))
        arguments += ["--on-invalid", "drop"]

    def write(folder: Path) -> list[str]:
        if form == "csv":
            table.to_pandas().to_csv(folder / "p.csv", index=False)
        elif form == "feather":
            feather.write_feather(table, str(folder / "p.feather"))
        elif form == "parquet":
            pq.write_table(table, folder / "p.parquet", row_group_size=max(1, n // 3))
        else:
            for i in range(3):
                part = table.slice(
                    i * len(table) // 3, (i + 1) * len(table) // 3 - i * len(table) // 3
                )
                pq.write_table(part, folder / f"{i}.parquet")
        return [str(folder)]

    return Case(f"seed-{seed}", write, 0, arguments, truth)

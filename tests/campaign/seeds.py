"""Small valid inputs of every reader and every saved file, and what each is tried with."""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as paipc
import pyarrow.parquet as pq

from calaudit.api.checks.baselines import read_baseline
from calaudit.api.decisions.cost_matrices import cost_matrix_of
from calaudit.calibrators.saved_calibrator import load_calibrator
from calaudit.cli import main
from calaudit.cli.configuration import configuration
from calaudit.predictions import Intake, Roles, open_predictions
from calaudit.report.saved import saved_report
from tests.predictions.log_records import (
    as_archive,
    as_document,
    batch_line,
    inspect_sample,
    lm_eval_sample,
    promptfoo_result,
)

__all__ = ["SEEDS", "Seed"]

ROWS = 60


@dataclass(frozen=True)
class Seed:
    """A valid input.

    Attributes:
        name: of the file; its suffix says the format.
        content: of the file.
        kind: how it is changed: "bytes", "text", "json", "lines" (of JSON) or "toml".
        look: reads a file quickly and returns what it says, to be compared.
        command: the words of the program, with X for the file.
        count: independent count of the rows in changed content; None where there is none.
        checked: ranges of bytes, any change in which a checksum shows.
    """

    name: str
    content: bytes
    kind: str
    look: Callable[[Path], Any]
    command: tuple[str, ...]
    count: Callable[[bytes], int | None] = lambda _: None
    checked: tuple[tuple[int, int], ...] = ()


def rows_of(path: Path, *, data: Any = None, **how: Any) -> tuple[float, ...]:
    """Return the number of rows that predictions have, and sums over them.

    Args:
        path: of the predictions, or of their labels where ``data`` is given.
        data: the predictions.
        **how: options of `open_predictions`.
    """
    total, sums = Intake(), np.zeros(3)
    how = {"labels": str(path), **how} if data is not None else how
    with open_predictions(str(path) if data is None else str(data), **how) as data:
        for unit in data.units():
            intake = Intake()
            for chunk in unit.chunks(intake):
                sums[0] += float(np.sum(chunk.scores, dtype=np.float64))
                sums[1] += float(np.dot(chunk.labels, np.arange(1.0, len(chunk.labels) + 1)))
                sums[2] += float(np.sum(chunk.weights)) if chunk.weights is not None else 0.0
            total = total.merge(intake)
        data.finish(total)
    return total.rows_read, *sums.tolist()


def lines_of(content: bytes, unpacked: Callable[[bytes], bytes] = bytes) -> int | None:
    """Return how many rows text has without quotes: its lines but the first."""
    try:
        text = unpacked(content)
    except (OSError, EOFError, ValueError, lzma.LZMAError):
        return None
    if b'"' in text:
        return None
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return sum(line != b"" for line in lines) - 1


def records_of(content: bytes) -> int | None:
    """Return how many values of JSON follow one another."""
    try:
        text, count = content.decode("utf-8-sig").strip(), 0
        while text:
            text = text[json.JSONDecoder().raw_decode(text)[1] :].strip()
            count += 1
    except (ValueError, RecursionError):
        return None
    return count


def parquet_rows(content: bytes) -> int | None:
    """Return how many rows pyarrow reads of all columns."""
    try:
        return int(pq.read_table(io.BytesIO(content)).num_rows)
    except Exception:
        return None


def arrow_rows(content: bytes) -> int | None:
    """Likewise for Arrow."""
    read = paipc.open_file if content.startswith(b"ARROW1") else paipc.open_stream
    try:
        return int(read(content).read_all().num_rows)
    except Exception:
        return None


@cache
def columns() -> dict[str, Any]:
    """Return the rows: well calibrated scores, with labels of both kinds everywhere."""
    rng = np.random.default_rng(41)
    scores = np.round(rng.uniform(0.02, 0.98, ROWS), 6)
    labels = (rng.random(ROWS) < scores).astype(np.int64)
    return {"score": scores, "label": labels, "weight": np.round(rng.uniform(0.5, 2, ROWS), 3)}


def text(delimiter: str = ",", end: str = "\n", **more: list[str]) -> bytes:
    """Return the rows as delimited text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    held = {**{k: v.tolist() for k, v in columns().items()}, **more}
    writer.writerow(held)
    writer.writerows(zip(*held.values(), strict=True))
    return out.getvalue().encode()


def several() -> dict[str, Any]:
    """Return rows of three classes."""
    rng = np.random.default_rng(42)
    probs = np.round(rng.dirichlet([1.0, 1.0, 1.0], ROWS), 9)
    return {"probs": probs, "label": np.array([rng.choice(3, p=p / p.sum()) for p in probs])}


def files() -> Iterator[tuple[str, bytes, str, dict[str, Any]]]:
    """Yield files of predictions: name, content, how they are changed, and what is known."""
    plain = text()
    quoted = text(note=[('say "hi", ' + "x" * (i % 9)) if i % 3 else "a\nb" for i in range(ROWS)])
    yield "plain.csv", plain, "text", {"count": lines_of}
    yield "quoted.csv", quoted, "text", {}
    yield "comma.csv", text(";").replace(b".", b","), "text", {"count": lines_of}
    yield "tabs.tsv", text("\t", "\r\n"), "text", {"count": lines_of}
    packers: dict[str, tuple[Any, Any]] = {
        "gz": (partial(gzip.compress, mtime=0), gzip.decompress),
        "bz2": (bz2.compress, bz2.decompress),
        "xz": (lzma.compress, lzma.decompress),
    }
    for suffix, (pack, unpack) in packers.items():
        content = pack(plain[:900]) + pack(plain[900:])
        known = {"count": partial(lines_of, unpacked=unpack), "checked": ((0, len(content)),)}
        yield f"packed.csv.{suffix}", content, "bytes", known
    yield "packed.csv.zst", pa.compress(plain, "zstd", asbytes=True), "bytes", {}
    records = [dict(zip(columns(), row, strict=True)) for row in zip(
        *(v.tolist() for v in columns().values()), strict=True)]  # fmt: skip
    lines = "".join(json.dumps(record) + "\n" for record in records).encode()
    yield "lines.jsonl", lines, "text", {"count": records_of}
    yield from binary()


def binary() -> Iterator[tuple[str, bytes, str, dict[str, Any]]]:
    """Yield files of the formats that are no text."""
    table = pa.table({**columns(), "name": [f"row {i % 7}" for i in range(ROWS)]})
    classes = several()
    lists = pa.FixedSizeListArray.from_arrays(pa.array(classes["probs"].ravel()), 3)
    wide = pa.table({"probs": lists, "label": classes["label"]})
    writers: dict[str, tuple[Any, dict[str, Any]]] = {
        "plain.parquet": (table, {"compression": "none", "use_dictionary": False}),
        "small.parquet": (table, {"compression": "zstd", "row_group_size": 25}),
        "lists.parquet": (wide, {"compression": "snappy"}),
        "checked.parquet": (table, {"write_page_checksum": True, "compression": "none"}),
    }
    for name, (rows, options) in writers.items():
        sink = io.BytesIO()
        pq.write_table(rows, sink, **options)
        content = sink.getvalue()
        known: dict[str, Any] = {"count": parquet_rows}
        if name == "checked.parquet":
            known["checked"] = pages(content)
        yield name, content, "bytes", known
    for codec in ("uncompressed", "lz4", "zstd"):
        sink = io.BytesIO()
        coded = table.set_column(3, "name", table["name"].dictionary_encode())
        feather.write_feather(coded, sink, compression=codec, chunksize=25)
        yield f"{codec}.arrow", sink.getvalue(), "bytes", {"count": arrow_rows}
    sink = io.BytesIO()
    with paipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=25)
    yield "stream.arrows", sink.getvalue(), "bytes", {"count": arrow_rows}
    for save in (np.savez, np.savez_compressed):
        sink = io.BytesIO()
        save(sink, **columns())
        whole = {"checked": ((0, len(sink.getvalue())),)}
        yield f"{save.__name__}.npz", sink.getvalue(), "bytes", whole


def shapes() -> Iterator[tuple[str, bytes, str, dict[str, Any]]]:
    """Yield files with several labels a row, of pixels, and as platforms write them."""
    held = columns()
    scores = np.stack([held["score"], held["score"][::-1], 1 - held["score"]], axis=1)
    labels = (scores > np.array([0.3, 0.5, 0.6])).astype(int)
    names = ("a", "b", "c")
    wide = [",".join([*(f"p_{n}" for n in names), *(f"is_{n}" for n in names)])]
    wide += [",".join(map(str, [*p, *y])) for p, y in zip(scores, labels, strict=True)]
    yield "labels.csv", ("\n".join(wide) + "\n").encode(), "text", {}
    lines = [
        {"probs": p, "label": y} for p, y in zip(scores.tolist(), labels.tolist(), strict=True)
    ]
    yield "labels.jsonl", _lines(lines), "text", {}
    yield "labels.npz", _saved(y_true=labels, y_prob=scores), "bytes", {}
    both = np.stack([1 - scores, scores], axis=2).transpose(1, 0, 2)
    yield "labels-first.npz", _saved(y_true=labels, y_proba=both), "bytes", {}
    maps = several()["probs"].reshape(3, 4, 5, 3)
    mask = maps.argmax(axis=3).astype(np.uint8)
    mask[:, 0] = 255
    yield "maps.npz", _saved(probs=maps, mask=mask), "bytes", {}
    more = {f"more{i}": np.arange(i) for i in range(12)}
    yield "members.npz", _saved(**held, **more), "bytes", {}
    pairs = list(zip(held["score"].tolist(), held["label"].tolist(), strict=True))
    exports = [
        {
            "churn": y,
            "predicted_churn_probs": [{"label": 1, "prob": p}, {"label": 0, "prob": 1 - p}],
        }
        for p, y in pairs
    ]
    yield "structs.jsonl", _lines(exports), "text", {"count": records_of}
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(exports), sink)
    yield "structs.parquet", sink.getvalue(), "bytes", {"count": parquet_rows}
    vertex = [
        {
            "instance": {"truth": "ny"[y]},
            "prediction": {"classes": ["n", "y"], "scores": [1 - p, p]},
        }
        for p, y in pairs
    ]
    yield "vertex.jsonl", _lines(vertex), "text", {"count": records_of}
    listed = "".join(f'"[{1 - p}, {p}]",{y}\n' for p, y in pairs)
    yield "lists.csv", ("probs,label\n" + listed).encode(), "text", {}
    yield "wide.csv", text().decode().encode("utf-16"), "bytes", {}
    noted = b"# a note\n" + text("\t").replace(b"\n", b"\t\n").replace(b"\t\n", b"\n", 1)
    yield "noted.tsv", noted, "text", {}
    yield "bare.csv", text().partition(b"\n")[2], "text", {}


def _lines(records: list[Any]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _saved(**arrays: Any) -> bytes:
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def shaped(folder: Path) -> Iterator[Seed]:
    """Yield the seeds of `shapes`, and of labels that stand in a second file."""
    command = ("evaluate", "X", "--json")
    for name, content, kind, known in shapes():
        how: dict[str, Any] = {}
        words: tuple[str, ...] = command
        if name.startswith("labels"):
            how, words = {"task": "multilabel"}, (*command, "--task", "multilabel")
        if name == "bare.csv":
            how = {"roles": Roles(score="1", label="2", no_header=True)}
            words = (*command, "--no-header", "--score", "1", "--label", "2")
        yield Seed(name, content, kind, partial(rows_of, **how), words, **known)
    held = columns()
    ids = np.arange(ROWS) + 100
    scores = "".join(f"{i},{p}\n" for i, p in zip(ids, held["score"], strict=True))
    truths = "".join(f"{i},{y}\n" for i, y in zip(ids, held["label"], strict=True))
    rows, labels = folder / "rows.csv", folder / "truths.csv"
    rows.write_text("id,score\n" + scores)
    labels.write_text("id,label\n" + truths)
    named: dict[str, Any] = {"roles": Roles(id="id")}
    joined: dict[str, Any] = {"labels": str(labels), **named}
    given = (*command[:2], "--labels", str(labels), "--id", "id")
    yield Seed("joined.csv", rows.read_bytes(), "text", partial(rows_of, **joined), given)
    of_labels = ("evaluate", str(rows), "--labels", "X", "--id", "id")
    look = partial(rows_of, data=rows, **named)
    yield Seed("truths.csv", labels.read_bytes(), "text", look, of_labels)
    plain, order = folder / "plain.npz", folder / "order.csv"
    plain.write_bytes(_saved(score=held["score"]))
    order.write_text("\n".join(["label", *map(str, held["label"])]) + "\n")
    of_order = ("evaluate", str(plain), "--labels", "X")
    yield Seed("order.csv", order.read_bytes(), "text", partial(rows_of, data=plain), of_order)


def logs(folder: Path) -> Iterator[Seed]:
    """Yield logs of evaluations of language models, and what is read of their answers."""
    held, rng = columns(), np.random.default_rng(43)
    pairs = list(zip(held["score"].tolist(), held["label"].tolist(), strict=True))
    command = ("evaluate", "X", "--json")
    options = rng.dirichlet(np.ones(3), ROWS)
    harness = [
        lm_eval_sample(k, np.log(p), ["a", "bc", "d"], int(rng.choice(3, p=p)))
        for k, p in enumerate(options)
    ]
    yield Seed("samples.jsonl", _lines(harness), "lines", rows_of, command, count=records_of)
    tokens = [{"token": " A", "logprob": -0.2, "top_logprobs": [{"token": "B", "logprob": -2.0}]}]
    samples = [
        inspect_sample(k // 3, k % 3, y == 1, p, tokens, ["x", "y"])
        for k, (p, y) in enumerate(pairs)
    ]
    for sample in samples:
        sample["scores"]["judged"]["answer"] = f"is {sample['scores']['judged']['value']}"
    samples[5]["scores"]["judged"]["value"] = "N"
    path = as_document(folder / "inspect.json", samples, 1)
    agreed: dict[str, Any] = {"roles": Roles(samples="id")}
    of_samples = (*command, "--samples", "id")
    yield Seed("inspect.json", path.read_bytes(), "json", rows_of, command)
    yield Seed("epochs.json", path.read_bytes(), "json", partial(rows_of, **agreed), of_samples)
    for method in (zipfile.ZIP_DEFLATED, "zstd"):
        content = as_archive(folder / "inspect.eval", samples, method).read_bytes()
        yield Seed(f"inspect-{method}.eval", content, "bytes", rows_of, command)
    results = [promptfoo_result(k, "a", y, p) for k, (p, y) in enumerate(pairs)]
    yield Seed("promptfoo.jsonl", _lines(results), "lines", rows_of, command, count=records_of)
    whole = {"evalId": "x", "results": {"version": 3, "results": results}}
    yield Seed("promptfoo.json", json.dumps(whole).encode(), "json", rows_of, command)
    events: list[Any] = [{"spec": {"run_id": "x"}}]
    for k, (p, y) in enumerate(pairs):
        logged = {"sample_id": f"t.{k}", "type": "cond_logp", "data": {"logp": float(np.log(p))}}
        events += [logged, logged | {"type": "match", "data": {"correct": y == 1}}]
    yield Seed("evals.jsonl", _lines(events), "lines", rows_of, command)
    batch = [batch_line(k, [("yes", float(np.log(p)))]) for k, (p, _) in enumerate(pairs)]
    truths = folder / "batch-truths.csv"
    truths.write_text(
        "custom_id,truth\n" + "".join(f"t{k},{'ny'[y]}es\n" for k, (_, y) in enumerate(pairs))
    )
    joined: dict[str, Any] = {"labels": str(truths), "roles": Roles(id="custom_id")}
    given = (*command, "--labels", str(truths), "--id", "custom_id")
    yield Seed("batch.jsonl", _lines(batch), "lines", partial(rows_of, **joined), given)
    nested = [{"a": {"p": f"{100 * p:.1f}%"}, "b": [{"c": y}]} for p, y in pairs]
    roles = Roles(confidence="a.p", correct="b.0.c")
    named = (*command, "--confidence", "a.p", "--correct", "b.0.c")
    look = partial(rows_of, roles=roles)
    yield Seed("nested.jsonl", _lines(nested), "lines", look, named, count=records_of)
    none = ("", "I don't know")
    said = [none[k % 2] if k % 9 < 2 else "ab"[y] for k, (_, y) in enumerate(pairs)]
    rows = [f"{p},{answer},a" for (p, _), answer in zip(pairs, said, strict=True)]
    silent = ("confidence,prediction,label\n" + "\n".join(rows) + "\n").encode()
    wrong = partial(rows_of, roles=Roles(unanswered="wrong"))
    more = (*command, "--unanswered", "wrong")
    yield Seed("silent.csv", silent, "text", wrong, more, count=lines_of)
    verdicts = [f"{p},{('', y)[k % 3 == 0]}" for k, (p, y) in enumerate(pairs)]
    judged = ("verdict,label\n" + "\n".join(verdicts) + "\n").encode()
    look = partial(rows_of, roles=Roles(judge="verdict"))
    yield Seed("judged.csv", judged, "text", look, (*command, "--judge", "verdict"))


def pages(content: bytes) -> tuple[tuple[int, int], ...]:
    """Return where the values of the columns that are used are; headers have no checksum."""
    group = pq.read_metadata(io.BytesIO(content)).row_group(0)
    found = []
    for i in range(3):
        chunk = group.column(i)
        end = chunk.data_page_offset + chunk.total_compressed_size
        if chunk.dictionary_page_offset:
            end -= chunk.data_page_offset - chunk.dictionary_page_offset
        found.append((end - ROWS // 2, end))  # the end of the last page
    return tuple(found)


def saved(folder: Path) -> Iterator[Seed]:
    """Yield files that the program writes, with what reads them."""
    data, classes = folder / "data.csv", folder / "classes.csv"
    data.write_bytes(text())
    three = several()
    header = "p_0,p_1,p_2,label\n"
    rows = zip(three["probs"].tolist(), three["label"].tolist(), strict=True)
    classes.write_text(header + "".join(",".join(map(str, [*p, y])) + "\n" for p, y in rows))
    made = {
        "report.json": ["evaluate", str(data)],
        "thresholds.json": ["threshold", str(data), "--cost-fp", "1", "--cost-fn", "4"],
        "check.json": ["check", str(data), "--max-ece", "0.5"],
        "audit.json": ["audit", str(data)],
    }
    for name, words in made.items():
        _made(*words, "-o", str(folder / name))
        content = (folder / name).read_bytes()
        yield Seed(name, content, "json", look_report, ("report", "X", "--json"))
    yield Seed("baseline.json", (folder / "report.json").read_bytes(), "json", look_baseline,
               ("check", str(data), "--baseline", "X", "--max-increase", "ece=0.2"))  # fmt: skip
    for method, rows_ in (("beta", data), ("centered-isotonic", data), ("temperature", classes)):
        path = folder / f"{method}.json"
        _made("fit", str(rows_), "--method", method, "-o", str(path))
        yield Seed(path.name, path.read_bytes(), "json", look_calibrator,
                   ("apply", "X", str(rows_), "-o", str(folder / "out.csv")))  # fmt: skip
    settings = '[check]\nmax-ece = 0.4\nmin-rows = 10\nlevel = 0.9\nby = ["label"]\nbins = 10\n'
    yield Seed("calaudit.toml", settings.encode(), "toml", look_settings,
               ("check", str(data), "--config", "X"))  # fmt: skip
    costs = "truth,0,1,2,ask\n0,0,1,5,1\n1,2,0,3,1\n2,4,4,0,1\n"
    yield Seed("costs.csv", costs.encode(), "text", look_costs,
               ("threshold", str(classes), "--cost-matrix", "X"))  # fmt: skip


def _made(*words: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        assert main([*words, "--quiet"]) == 0, words


def look_report(path: Path) -> Any:
    """Return a saved report as text."""
    return saved_report(path.read_bytes()).to_json()


def look_baseline(path: Path) -> Any:
    """Return a baseline as text."""
    return read_baseline(path).to_json()


def look_calibrator(path: Path) -> Any:
    """Return what a calibrator gives for a few scores."""
    calibrator = load_calibrator(path)
    scores = np.linspace(0.1, 0.9, 9)
    if calibrator.task == "multiclass":
        scores = np.stack([scores, 1 - scores, 0 * scores], axis=1)
    return calibrator.apply(scores).tolist()


def look_settings(path: Path) -> Any:
    """Return the settings in a file."""
    return sorted(configuration(path).keywords().items(), key=str)


def look_costs(path: Path) -> Any:
    """Return a cost matrix."""
    return cost_matrix_of(path, ("0", "1", "2")).cost.tolist()


def SEEDS(folder: Path) -> dict[str, Seed]:
    """Return all seeds by name; what the program writes is made in ``folder``."""
    command = ("evaluate", "X", "--json", "--worst", "0")
    every = [
        Seed(name, content, kind, rows_of, command, **known)
        for name, content, kind, known in files()
    ]
    return {seed.name: seed for seed in (*every, *saved(folder), *shaped(folder), *logs(folder))}

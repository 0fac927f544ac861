"""calaudit reads the same rows as pyarrow, pandas, DuckDB and Polars: their numbers and their sums.

A file has what its generator put into it. Where a peer reads something else, or nothing, the shape
of the file that it takes is named here with the reason; everywhere else all must agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.differential.cases import Case
from tests.differential.columnar import arrow_case, parquet_case
from tests.differential.readers import PEERS, Sums, calaudit_sums, sums
from tests.differential.text import csv_case, json_case

pytestmark = pytest.mark.filterwarnings("ignore")  # of peers about their own options

CASES: dict[str, Callable[[Path, int], Case]] = {
    "csv": csv_case,
    "jsonl": json_case,
    "arrow": arrow_case,
    "parquet": parquet_case,
}
QUICK = {"csv": 15, "jsonl": 15, "arrow": 15, "parquet": 8}
SLOW = {"csv": 400, "jsonl": 400, "arrow": 400, "parquet": 240}

UNREAD: dict[tuple[str, str, frozenset[str]], str] = {
    ("csv", "pandas", frozenset({"CR", "blank lines"})): "takes them for rows of what comes before",
    ("jsonl", "pyarrow", frozenset({"array"})): "reads JSON lines only",
    ("jsonl", "pandas", frozenset({"bom"})): "knows no byte order mark in JSON",
    ("jsonl", "duckdb", frozenset({"bom", "array"})): "knows no byte order mark before an array",
    ("arrow", "pandas", frozenset({"stream"})): "reads files with a footer only",
    ("parquet", "duckdb", frozenset({"score float16", "split bytes"})): "splits larger types only",
}
"""Format, peer and shape of what it does not read, and the reason."""

POLARS_PANICS = {"packed", "score decimal256", "label decimal256", "weight decimal256"}
"""What is in files on which Polars panics, which may end the process: they are not given to it."""


def unread(kind: str, peer: str, case: Case) -> bool:
    """Return whether a peer is known not to read a file."""
    if peer == "polars":
        return bool(POLARS_PANICS & case.shape)
    return any((kind, peer) == known[:2] and known[2] <= case.shape for known in UNREAD)


def same(one: Sums, other: Sums) -> bool:
    """Return whether two readers saw the same rows; sums of floats may differ in the last bit."""
    close = (
        math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-300)
        for a, b in ((one.score, other.score), (one.weight, other.weight))
    )
    counts = (one.rows, one.used, one.label) == (other.rows, other.used, other.label)
    return counts and all(close)


def disagreements(kind: str, seeds: range, folder: Path) -> list[str]:
    """Return what readers say otherwise of generated files, and that each peer was asked."""
    found, asked = [], dict.fromkeys(PEERS[kind], 0)
    for seed in seeds:
        case = CASES[kind](folder / f"{seed}.{kind}", seed)
        truth = sums(zip(*case.rows, strict=True))
        told = {"calaudit": calaudit_sums(case)}
        for peer, read in PEERS[kind].items():
            if not unread(kind, peer, case):
                table = read(case)
                told[peer] = sums([list(table[name]) for name in case.names])
                asked[peer] += 1
        found += [
            f"{who} of {case}: {said}, not {truth}"
            for who, said in told.items()
            if not same(said, truth)
        ]
        case.path.unlink()
    assert min(asked.values()) > len(seeds) / 6, asked
    return found


@pytest.mark.parametrize("kind", CASES)
def test_readers_agree(kind: str, tmp_path: Path) -> None:
    """A few files of each format."""
    assert disagreements(kind, range(QUICK[kind]), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("quarter", range(4))
def test_readers_agree_on_many_files(kind: str, quarter: int, tmp_path: Path) -> None:
    """Many more, of all shapes together."""
    many = SLOW[kind] // 4
    first = QUICK[kind] + quarter * many
    assert disagreements(kind, range(first, first + many), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "peer", "shape"), UNREAD)
def test_what_peers_do_not_read(
    kind: str, peer: str, shape: frozenset[str], tmp_path: Path
) -> None:
    """Every exception is needed: there are files of the shape that the peer refuses or misreads."""
    for seed in range(3000):
        case = CASES[kind](tmp_path / f"{seed}.{kind}", seed)
        if shape <= case.shape:
            truth = sums(zip(*case.rows, strict=True))
            try:
                table = PEERS[kind][peer](case)
                said = sums([list(table[name]) for name in case.names])
            except Exception:
                return
            if not same(said, truth):
                return
    pytest.fail(f"{peer} reads all files of the shape {sorted(shape)}")

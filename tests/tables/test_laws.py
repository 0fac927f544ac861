"""Merging: any split of the rows, in any order, gives the table of all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.errors import MergeError
from calaudit.predictions.chunk import Chunk, SliceCodes
from calaudit.predictions.intake import Example, Intake
from calaudit.tables import ScoreTable, SummaryBuilder
from calaudit.tables.binning import equal_width
from calaudit.tables.builder import TableBuilder
from calaudit.tables.multiclass import ClassSums
from calaudit.tables.views import view_of
from calaudit.tables.worst import WorstRows
from tests.tables.distributions import DISTRIBUTIONS, labels_for
from tests.tables.laws import (
    Mergeable,
    check_laws,
    same_classes,
    same_intake,
    same_summary,
    same_table,
    same_worst,
)

seeds = st.integers(0, 2**32 - 1)
names = st.sampled_from(sorted(DISTRIBUTIONS))
ROWS = 600
CUTS = tuple(equal_width(15).cuts)

Rows = dict[str, Any]


def rows_of(name: str, seed: int, *, weighted: bool = False, n: int = ROWS) -> Rows:
    """Return binary rows of one distribution."""
    rng = np.random.default_rng(seed)
    p = DISTRIBUTIONS[name](rng, n)
    rows = {"p": p, "y": labels_for(rng, p), "at": np.arange(n)}
    if weighted:
        rows["w"] = rng.choice([0.0, 0.5, 1.0, 2.0, 1e-3, 1e3], n)
    return rows


def cut_up(rows: Rows, seed: int) -> list[Rows]:
    """Return the rows dealt out to a few parts, some of them empty; each keeps the file's order."""
    rng = np.random.default_rng(seed)
    n = len(rows["at"])
    order = rng.permutation(n)
    where = np.sort(rng.integers(0, n + 1, rng.integers(0, 7)))
    return [{k: v[np.sort(i)] for k, v in rows.items()} for i in np.split(order, where)]


def table_kind(cap: int, cuts: tuple[int, ...]) -> Mergeable[ScoreTable]:
    """Return the score table as a mergeable."""

    def of(rows: Rows) -> ScoreTable:
        return ScoreTable.of(rows["p"], rows["y"], rows.get("w"), cuts=cuts, cap=cap)

    return Mergeable(of, lambda: ScoreTable.empty(cuts=cuts, cap=cap), same_table)


@settings(max_examples=150, deadline=None)
@given(names, seeds, seeds, st.sampled_from([2100, 2200, 4096]), st.booleans())
def test_score_table_over_all_octaves(name, seed, split, cap, weighted):
    """Tables merge exactly at any cap, for scores that span hundreds of octaves as well."""
    rows = rows_of(name, seed, weighted=weighted, n=3000)
    check_laws(table_kind(cap, CUTS), cut_up(rows, split), rows)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(set(DISTRIBUTIONS) - {"tiny", "mixture"})),
    seeds,
    seeds,
    st.sampled_from([160, 256]),
    st.booleans(),
    st.booleans(),
)
def test_score_table_coarsens_the_same_in_any_split(name, seed, split, cap, weighted, cut):
    """With a small cap the level depends on the rows alone and not on how they came."""
    rows = rows_of(name, seed, weighted=weighted)
    check_laws(table_kind(cap, CUTS if cut else ()), cut_up(rows, split), rows)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_score_table_of_any_scores(pairs, where):
    """The laws hold for whatever scores hypothesis thinks of."""
    p = np.array([score for score, _ in pairs], np.float64)
    y = np.array([label for _, label in pairs], np.uint8)
    parts = [
        {"p": a, "y": b}
        for a, b in zip(np.split(p, sorted(where)), np.split(y, sorted(where)), strict=True)
    ]
    check_laws(table_kind(1 << 17, CUTS), parts, {"p": p, "y": y})


def test_tables_that_do_not_belong_together_are_refused():
    """Other cuts, another cap, or weights on one side only are an error and not a guess."""
    p, y = np.array([0.2, 0.7]), np.array([0, 1])
    plain = ScoreTable.of(p, y)
    for other in (
        ScoreTable.of(p, y, cuts=(5,)),
        ScoreTable.of(p, y, cap=100),
        ScoreTable.of(p, y, np.ones(2)),
    ):
        with pytest.raises(MergeError):
            plain.merge(other)


def test_scores_that_cannot_fit_are_refused():
    """Where even one cell an octave is too many for the cap, the message says what to do."""
    p = np.exp(np.linspace(-600, -0.1, 1000))
    with pytest.raises(MergeError, match="raise the cap"):
        ScoreTable.of(p, np.ones(1000, int), cap=64)


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_a_table_keeps_its_cap_and_its_rows(name):
    """No row is lost by coarsening, and the level is the finest one that fits."""
    rows = rows_of(name, 3, n=20_000)
    cap = 3000
    table = ScoreTable.of(rows["p"], rows["y"], cap=cap)
    assert table.rows == 20_000
    assert len(table) <= cap
    exact = ScoreTable.of(rows["p"], rows["y"], cap=1 << 20)
    assert exact.exact
    if not table.exact:
        assert len(exact.coarsened(table.level)) == len(table)
        assert len(exact.coarsened(table.level + 1)) > cap


@settings(max_examples=150, deadline=None)
@given(
    names,
    seeds,
    st.sampled_from([2200, 1 << 17]),
    st.sampled_from([64, 1000]),
    st.booleans(),
    st.booleans(),
)
def test_every_way_to_build_gives_the_same_table(name, seed, cap, waiting, weighted, cut):
    """Known scores, dense arrays, sorting and tails give one table; ways only cost time."""
    rows = rows_of(name, seed, weighted=weighted, n=4000)
    cuts = CUTS if cut else ()
    want = ScoreTable.of(rows["p"], rows["y"], rows.get("w"), cuts=cuts, cap=cap)
    rng = np.random.default_rng(seed)
    where = np.sort(rng.integers(0, 4000, 12))
    for quick in (True, False):
        builder = TableBuilder(cuts=cuts, cap=cap, waiting=waiting, quick=quick)
        for i in np.split(np.arange(4000), where):
            builder.add(rows["p"][i], rows["y"][i], rows["w"][i] if weighted else None)
        same_table(builder.table(), want)
    tails = TableBuilder(cuts=cuts, cap=cap, waiting=waiting)
    p = rows["p"]
    tails.add_tails(np.where(p > 0.5, 1.0 - p, p), p > 0.5, rows["y"], rows.get("w"))
    same_table(tails.table(), want)


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
@pytest.mark.parametrize("weighted", [False, True])
def test_a_long_stream_builds_the_table_of_its_rows(name, weighted):
    """Half a million rows in blocks, with tables asked for on the way, lose and double nothing."""
    rows = rows_of(name, 11, weighted=weighted, n=500_000)
    cap = 1 << 12
    exact = ScoreTable.of(rows["p"], rows["y"], rows.get("w"), cuts=CUTS, cap=1 << 21)
    builder = TableBuilder(cuts=CUTS, cap=cap, waiting=20_000)
    for i in np.array_split(np.arange(500_000), 37):
        builder.add(rows["p"][i], rows["y"][i], rows["w"][i] if weighted else None)
        if i[0] % 3 == 0:
            builder.table()
    # The exact table comes from one sort; refitting it to the cap is the definition.
    plain = ScoreTable(
        exact.level, exact.starts, exact.counts, exact.high, exact.low, exact.cuts, cap,
        exact.weights,
    ).fitted()  # fmt: skip
    same_table(builder.table(), plain)


def test_coarsest_level_does_not_overflow():
    """Many rows at the top of one octave add up, at the coarsest level as well."""
    rng = np.random.default_rng(0)
    wide = np.exp(rng.uniform(np.log(1e-100), np.log(0.9), 3000))
    heavy = np.full(200_000, np.nextafter(0.25, 0))
    builder = TableBuilder(cap=600, waiting=1000)
    builder.add(wide, np.zeros(3000, int))
    builder.add(heavy, np.ones(200_000, int))
    table = builder.table()
    assert table.level == 0
    assert table.counts.sum(axis=1).tolist() == [3000, 200_000]
    cells = table.cells()
    at = int(np.argmax(cells.counts[1]))
    assert cells.p_by_label[1][at] == pytest.approx(0.25, rel=1e-8)


def test_minus_zero_is_zero():
    """−0.0, which arithmetic leaves in files, is the score 0 in every way to build a table."""
    p = np.array([-0.0, 0.0, 0.3])
    want = ScoreTable.of(np.abs(p), np.array([0, 1, 1]), np.ones(3))
    same_table(ScoreTable.of(p, np.array([0, 1, 1]), np.ones(3)), want)
    assert want.starts[0] == 0


# Intake ---------------------------------------------------------------------------------


def intake_of(events: list[tuple[str, int]]) -> Intake:
    """Return the intake of rows, each refused for a reason or used (reason '')."""
    intake = Intake(parts_seen=1 if events else 0)
    for reason, row in events:
        intake.rows_read += 1
        if reason:
            intake.refuse(reason, 1, (Example(0, row, "p", str(row)),))
        else:
            intake.rows_used += 1
    return intake


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["", "missing-score", "bad-weight"]), max_size=20), max_size=6
    )
)
def test_intake(parts):
    """Counts add up, and the examples kept are the first in the file, however it was read."""
    row, numbered = 0, []
    for part in parts:
        numbered.append([(reason, row + i) for i, reason in enumerate(part)])
        row += len(part)
    whole = [event for part in numbered for event in part]

    def of(events):
        intake = intake_of(events)
        intake.parts_seen = 0  # a unit is a part of its own; splits do not multiply them
        return intake

    check_laws(Mergeable(of, Intake, same_intake), numbered, whole)


# Multiclass, worst rows, summaries ------------------------------------------------------


def multiclass_rows(seed: int, n: int, k: int, *, weighted: bool) -> Rows:
    """Return probabilities with zeros, ones and ties, and labels that mostly agree."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, rng.choice([1.0, 5.0, 60.0], (n, 1)), (n, k))
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p = p.astype(np.float32) if seed % 2 else np.round(p, 3)
    best = p.argmax(axis=1)
    y = np.where(rng.random(n) < 0.6, best, rng.integers(k, size=n))
    rows = {"p": p, "y": y, "at": np.arange(n), "s": rng.integers(0, 3, n)}
    if weighted:
        rows["w"] = rng.choice([0.0, 1.0, 2.5], n)
    return rows


def chunk_of(rows: Rows) -> Chunk:
    """Return rows as a chunk; row numbers are those of the uncut file."""
    slices = (SliceCodes(rows["s"].astype(np.int32), ("a", "b", "c")),) if "s" in rows else ()
    kept = rows["at"].astype(np.int64)
    return Chunk(rows["p"], rows["y"], rows.get("w"), kept=kept, slices=slices)


@settings(max_examples=40, deadline=None)
@given(seeds, seeds, st.booleans(), st.sampled_from(["right", "left", "mapie", "torchmetrics"]))
def test_class_sums(seed, split, weighted, convention):
    """Sums by class add up to those of all rows; Brier to the last bit."""
    binning = equal_width(15, convention)
    rows = multiclass_rows(seed, 300, 4, weighted=weighted)

    def of(part: Rows) -> ClassSums:
        sums = ClassSums.zeros(4, binning)
        sums.add(view_of(chunk_of(part), "multiclass", "probability"))
        return sums

    kind = Mergeable(of, lambda: ClassSums.zeros(4, binning), same_classes)
    parts = [part for part in cut_up(rows, split) if len(part["at"])]
    check_laws(kind, parts, rows)


@settings(max_examples=60, deadline=None)
@given(seeds, seeds, st.integers(1, 20), st.sampled_from(["binary", "multiclass", "top-label"]))
def test_worst_rows(seed, split, most, task):
    """The most confidently wrong rows are the same however the file is cut, ties included."""
    rows: Rows
    if task == "multiclass":
        rows = multiclass_rows(seed, 300, 3, weighted=False)
    else:
        rng = np.random.default_rng(seed)
        p = rng.choice([0.0, 0.1, 0.5, 0.9, 1.0], 300)
        rows = {"p": p, "y": rng.integers(0, 2, 300), "at": np.arange(300)}

    def of(part: Rows) -> WorstRows:
        chunk = chunk_of(part)
        return WorstRows(most).with_chunk(chunk, view_of(chunk, task, "probability"), task)

    check_laws(Mergeable(of, WorstRows, same_worst), cut_up(rows, split), rows)
    found = of(rows).rows
    assert [row.doubt for row in found] == sorted(row.doubt for row in found)


@settings(max_examples=40, deadline=None)
@given(seeds, seeds, st.booleans(), st.sampled_from(["binary", "multiclass"]))
def test_summary(seed, split, weighted, task):
    """A whole summary, slices included, is the merge of the summaries of its parts."""
    if task == "multiclass":
        rows = multiclass_rows(seed, 400, 3, weighted=weighted)
    else:
        rows = rows_of("mixture", seed, weighted=weighted, n=400)
        rows["s"] = np.random.default_rng(seed).integers(0, 3, 400)

    def build(parts: list[Rows]) -> Any:
        builder = SummaryBuilder(task, "probability", n_classes=3, binning=equal_width(15), worst=5)
        for part in parts:
            if len(part["at"]):
                builder.add(chunk_of(part))
        return builder.summary()

    kind = Mergeable(lambda part: build([part]), lambda: build([]), same_summary)
    parts = cut_up(rows, split)
    check_laws(kind, parts, rows)
    same_summary(build(parts), build([rows]))


def test_a_summary_is_not_changed_by_later_rows():
    """What a builder has given out stays as it was when more rows come."""
    rows = multiclass_rows(1, 100, 3, weighted=False)
    builder = SummaryBuilder("multiclass", "probability", n_classes=3, binning=equal_width(15))
    builder.add(chunk_of(rows))
    first = builder.summary()
    assert first.classes is not None
    before = first.classes.p.copy()
    builder.add(chunk_of(rows))
    assert (first.classes.p == before).all()
    assert first.classes.rows == 100


def test_summaries_of_different_tasks_are_refused():
    """Binary and top-label tables look alike and mean different things."""
    binary = SummaryBuilder("binary", "probability", binning=equal_width(15)).summary()
    top = SummaryBuilder("top-label", "probability", binning=equal_width(15)).summary()
    with pytest.raises(MergeError, match="binary"):
        binary.merge(top)


def test_class_sums_of_other_bins_are_refused():
    """Bins closed on the other side have the same shape and other contents."""
    with pytest.raises(MergeError):
        ClassSums.zeros(3, equal_width(15)).merge(ClassSums.zeros(3, equal_width(15, "left")))

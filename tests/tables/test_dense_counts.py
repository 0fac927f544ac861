"""Every quick way to count gives the table that sorting gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.tables.builder import TableBuilder
from calaudit.tables.dense_counts import DenseCounts
from calaudit.tables.keys import (
    ONE_KEY,
    SHORT_BASE,
    SHORT_LEAST,
    SHORT_SHIFT,
    KeyBuffers,
    key_of,
    keys_of,
)
from calaudit.tables.score_table import ScoreTable

ROWS = 600_000
CUTS = tuple(key_of(k / 15) for k in range(1, 15))
TINY = float(np.finfo(np.float32).tiny)
ODD = np.array([0, 1, 0.5, TINY, TINY / 8, 1e-45, 1 - 2**-24, 1e-30, 1 / 15, 0.9], np.float32)


@pytest.fixture(scope="module")
def rows() -> tuple[Any, Any, Any]:
    """Scores of which most lie in the window, and odd ones; labels; weights that add exactly."""
    rng = np.random.default_rng(5)
    scores = rng.beta(0.8, 1.5, ROWS).astype(np.float32)
    odd = rng.random(ROWS) < 0.0005
    scores[odd] = rng.choice(ODD, int(odd.sum()))
    return scores, (rng.random(ROWS) < 0.3).astype(np.uint8), rng.integers(1, 9, ROWS) / 8.0


def built(
    scores: Any, labels: Any, weights: Any, *, quick: bool, cap: int
) -> tuple[ScoreTable, Any]:
    """Return the table of the rows, and the way that counted the last of them."""
    builder = TableBuilder(cuts=CUTS, cap=cap, waiting=1 << 17, quick=quick)
    for begin in range(0, len(scores), 65_536):
        part = slice(begin, begin + 65_536)
        builder.add(scores[part], labels[part], None if weights is None else weights[part])
    return builder.table(), builder._quick


def assert_same(one: ScoreTable, other: ScoreTable) -> None:
    """Compare two tables, cell by cell."""
    assert one.level == other.level
    for name in ("starts", "counts", "high", "low"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.weights is None) == (other.weights is None)
    if one.weights is not None and other.weights is not None:
        np.testing.assert_array_equal(one.weights.w, other.weights.w)
        np.testing.assert_array_equal(one.weights.w2, other.weights.w2)
        np.testing.assert_allclose(one.weights.wr, other.weights.wr, rtol=1e-12)


def test_short_keys_tell_the_keys() -> None:
    """A short key and its formula give the key, but for 0, 1 and what is subnormal."""
    rng = np.random.default_rng(1)
    scores = np.concatenate([ODD, rng.random(10_000).astype(np.float32)])
    short = keys_of(scores, KeyBuffers(len(scores), np.float32)).astype(np.int64)
    keys = keys_of(scores.astype(np.float64))
    told = (keys >= SHORT_LEAST) & (keys <= ONE_KEY - SHORT_LEAST)
    assert told.sum() == len(scores) - 4  # 0, 1 and the two subnormal tails
    np.testing.assert_array_equal((short[told] << SHORT_SHIFT) + SHORT_BASE, keys[told])
    assert np.all((short[~told] < 1 << 23) | (short[~told] == 2 * (short[2])))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cap", [1 << 10, 1 << 16])
def test_counts_of_short_keys_are_those_of_sorting(
    rows: tuple[Any, Any, Any], weighted: bool, cap: int
) -> None:
    """Float32 scores are counted without their long keys: the same table."""
    scores, labels, weights = rows
    given = weights if weighted else None
    quick, way = built(scores, labels, given, quick=True, cap=cap)
    assert isinstance(way, DenseCounts)
    assert way.short
    assert_same(quick, built(scores, labels, given, quick=False, cap=cap)[0])


@pytest.mark.parametrize("weighted", [False, True])
def test_short_keys_and_others_can_take_turns(rows: tuple[Any, Any, Any], weighted: bool) -> None:
    """Files of float32 and of float64 may follow each other."""
    scores, labels, weights = rows
    doubles = scores.astype(np.float64) * (1 - 2**-30)
    both: list[ScoreTable] = []
    for quick in (True, False):
        builder = TableBuilder(cuts=CUTS, waiting=1 << 17, quick=quick)
        for turn, begin in enumerate(range(0, ROWS, 10_000)):
            part = slice(begin, begin + 10_000)
            chosen = doubles if turn % 3 else scores
            builder.add(chosen[part], labels[part], weights[part] if weighted else None)
        both.append(builder.table())
    assert both[0].level > 12  # so that the lower part of the offsets counts
    assert_same(*both)

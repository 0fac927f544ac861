"""Groups of both sides of a split, in few bytes each."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calaudit.api.rows import sides
from calaudit.api.rows.sides import CodeSet

codes = st.lists(st.integers(0, 40) | st.sampled_from([2**63, 2**64 - 1]), max_size=30)


@given(st.lists(codes, max_size=8), st.lists(codes, max_size=8), st.integers(0, 20))
def test_sets(ones, others, waiting) -> None:
    """Codes added in parts, in any order, are the set of all; common ones are counted."""
    found = [CodeSet(), CodeSet()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "WAITING", waiting)
        patch.setattr(sides, "BLOCK", 7)
        for kept, parts in zip(found, (ones, others), strict=True):
            kept._room = waiting
            for part in parts:
                kept.add(np.unique(np.array(part, np.uint64)))
        expected = [{code for part in parts for code in part} for parts in (ones, others)]
        for kept, all_ in zip(found, expected, strict=True):
            assert kept.codes().tolist() == sorted(all_)
        assert found[0].count_common(found[1]) == len(expected[0] & expected[1])


def test_memory() -> None:
    """A code takes 8 bytes, and while more are added at most 24."""
    count, part = 1_500_000, 50_000
    every = np.random.default_rng(0).permutation(count).astype(np.uint64)
    kept = CodeSet()
    tracemalloc.start()
    for begin in range(0, count, part):
        kept.add(np.sort(every[begin : begin + part]))
    found = kept.codes()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.nbytes == 8 * count
    assert peak <= 24 * count

"""Keys: monotone, lossless, symmetric."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calaudit.tables.keys import (
    EXACT_LEVEL,
    HALF_KEY,
    ONE_KEY,
    KeyBuffers,
    key_of,
    keys_of,
    keys_of_tails,
    tails_of,
)

SMALLEST = 5e-324

probabilities = st.one_of(
    st.floats(0.0, 1.0),
    st.floats(0.0, 1e-300),
    st.floats(0.4999999999, 0.5000000001),
    st.floats(0.9999999999, 1.0),
    st.sampled_from([0.0, -0.0, SMALLEST, 2.2250738585072014e-308, 0.5, np.nextafter(1.0, 0), 1.0]),
    st.floats(0.0, 1.0, width=32),
)


@pytest.mark.parametrize(
    ("p", "key"), [(0.0, 0), (-0.0, 0), (0.5, HALF_KEY), (1.0, ONE_KEY), (SMALLEST, 1)]
)
def test_landmarks(p, key):
    """0, ½, 1 and the smallest number above 0 have the keys that bins are cut at."""
    assert key_of(p) == key


@given(probabilities, probabilities)
@example(-0.0, 0.0)
@example(0.5, np.nextafter(0.5, 1))
def test_monotone_and_injective(a, b):
    """Keys compare as the scores do, so that equal keys are equal scores."""
    assert (key_of(a) < key_of(b)) == (a < b)
    assert (key_of(a) == key_of(b)) == (a == b)


@given(probabilities)
def test_lossless(p):
    """The tail of a key gives the score back, bit for bit."""
    tail, above = tails_of(keys_of(np.array([p])))
    assert (1.0 - tail[0] if above[0] else tail[0]) == p
    assert bool(above[0]) == (p > 0.5)


@given(st.floats(0.5, 1.0))
def test_symmetric(p):
    """A score and its complement have keys that mirror each other."""
    assert key_of(1.0 - p) == ONE_KEY - key_of(p)


@given(st.floats(0.0, 0.5), st.booleans())
def test_tails_make_the_same_keys(q, upper):
    """A score given by its tail has the key of the score, and survives beyond 2⁻⁵³."""
    key = keys_of_tails(np.array([q]), np.array([upper]))
    back, above = tails_of(key)
    assert back[0] == q
    assert bool(above[0]) == (upper and q < 0.5)
    if not upper:
        assert key[0] == key_of(q)


@given(st.lists(probabilities, min_size=1, max_size=50), st.integers(0, EXACT_LEVEL))
def test_cells_of_a_coarser_level_are_unions(values, level):
    """Scores that share a cell share every coarser cell, and cells are runs of scores."""
    keys = np.sort(keys_of(np.array(values)))
    fine = keys >> np.int64(EXACT_LEVEL - level)
    assert (np.diff(fine) >= 0).all()
    if level:
        coarse = keys >> np.int64(EXACT_LEVEL - level + 1)
        assert ((fine >> np.int64(1)) == coarse).all()


def test_scratch_arrays_change_nothing():
    """Keys made in reused scratch space are those made without it, for float32 as well."""
    rng = np.random.default_rng(1)
    buffers = KeyBuffers(100)
    for dtype in (np.float64, np.float32):
        p = rng.random(100).astype(dtype)
        want = keys_of(p.astype(np.float64))
        assert (keys_of(p.astype(np.float64), buffers) == want).all()
        assert (keys_of(p[:7].astype(np.float64), buffers) == want[:7]).all()

"""Scores that are hard for a table: each function maps (rng, n) to (n,) scores in [0, 1]."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def uniform(rng: np.random.Generator, n: int) -> Scores:
    """All of [0, 1]."""
    return rng.random(n)


def close(rng: np.random.Generator, n: int) -> Scores:
    """All within 1e-4 of each other."""
    return 0.3 + 1e-4 * rng.random(n)


def very_close(rng: np.random.Generator, n: int) -> Scores:
    """All within 1e-9 of each other, high up."""
    return 0.9 + 1e-9 * rng.random(n)


def around_half(rng: np.random.Generator, n: int) -> Scores:
    """On both sides of one half, where keys turn over."""
    return 0.5 + 1e-3 * rng.standard_normal(n).clip(-4, 4)


def saturated(rng: np.random.Generator, n: int) -> Scores:
    """A confident network in float32: many exact ones and values next to one."""
    logits = rng.normal(8.0, 8.0, n).astype(np.float32)
    return (1.0 / (1.0 + np.exp(-logits))).astype(np.float64)


def single_precision(rng: np.random.Generator, n: int) -> Scores:
    """Values of float32."""
    return rng.random(n).astype(np.float32).astype(np.float64)


def tied(rng: np.random.Generator, n: int) -> Scores:
    """Two decimals."""
    return np.round(rng.random(n), 2)


def tiny(rng: np.random.Generator, n: int) -> Scores:
    """Log-uniform from 1e-300 to 1."""
    return np.exp(rng.uniform(np.log(1e-300), 0.0, n))


def both_tails(rng: np.random.Generator, n: int) -> Scores:
    """Log-uniform distances from 0 and from 1."""
    tail = np.exp(rng.uniform(np.log(1e-16), np.log(0.5), n))
    return np.where(rng.random(n) < 0.5, tail, 1.0 - tail)


def rare(rng: np.random.Generator, n: int) -> Scores:
    """A default model at 0.3 %."""
    return rng.beta(0.5, 166.0, n)


def mixture(rng: np.random.Generator, n: int) -> Scores:
    """A little of everything."""
    kinds: list[Callable[[np.random.Generator, int], Scores]] = [
        uniform, close, very_close, around_half, saturated, tied, tiny, both_tails,
    ]  # fmt: skip
    which = rng.integers(len(kinds), size=n)
    return np.choose(which, [kind(rng, n) for kind in kinds])


def ends_and_more(rng: np.random.Generator, n: int) -> Scores:
    """Exact 0 and 1 among uniform scores."""
    p = rng.random(n)
    p[rng.random(n) < 0.3] = 0.0
    p[rng.random(n) < 0.3] = 1.0
    return p


DISTRIBUTIONS: dict[str, Callable[[np.random.Generator, int], Scores]] = {
    kind.__name__: kind
    for kind in (
        uniform, close, very_close, around_half, saturated, ends_and_more, single_precision,
        tied, tiny, both_tails, rare, mixture,
    )
}  # fmt: skip


def labels_for(rng: np.random.Generator, scores: Scores) -> NDArray[np.uint8]:
    """Return labels that agree with the scores on the whole, and err now and then."""
    return (rng.random(len(scores)) < 0.1 + 0.8 * scores).astype(np.uint8)

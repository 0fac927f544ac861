"""Small and degenerate data sets that every figure must survive."""

from __future__ import annotations

from typing import Any

import numpy as np

Rows = tuple[Any, Any, Any]


def edge_cases() -> dict[str, Rows]:
    """Return (scores, labels, weights or None) by what is odd about them."""
    rng = np.random.default_rng(0)
    few = rng.random(40)
    labels = (rng.random(40) < few).astype(int)
    rare = rng.beta(0.5, 166.0, 3000)
    saturated = (1 / (1 + np.exp(-rng.normal(0, 20, 500).astype(np.float32)))).astype(np.float32)
    return {
        "one row, right": (np.array([0.7]), np.array([1]), None),
        "one row, wrong": (np.array([0.7]), np.array([0]), None),
        "one row at 0": (np.array([0.0]), np.array([0]), None),
        "one row at 1, wrong": (np.array([1.0]), np.array([0]), None),
        "one weighted row": (np.array([0.2]), np.array([1]), np.array([3.5])),
        "two rows, equal": (np.array([0.4, 0.4]), np.array([0, 1]), None),
        "two rows, separated": (np.array([0.2, 0.8]), np.array([0, 1]), None),
        "two rows, reversed": (np.array([0.2, 0.8]), np.array([1, 0]), None),
        "only ones": (few, np.ones(40, int), None),
        "only zeros": (few, np.zeros(40, int), None),
        "all tied": (np.full(40, 0.3), labels, None),
        "all tied at one half": (np.full(40, 0.5), labels, None),
        "all tied, one class": (np.full(40, 0.3), np.zeros(40, int), None),
        "only 0 and 1, right": (labels.astype(float), labels, None),
        "only 0 and 1, wrong": (1.0 - labels, labels, None),
        "only 0 and 1, mixed": (np.repeat([0.0, 1.0], 20), labels, None),
        "0, ½ and 1": (np.tile([0.0, 0.5, 1.0, 0.5], 10), labels, None),
        "saturated float32": (saturated, (rng.random(500) < 0.5).astype(int), None),
        "rare events": (rare, (rng.random(3000) < rare).astype(int), None),
        "rare, no event": (rare, np.zeros(3000, int), None),
        "tiny scores": (np.geomspace(5e-324, 1e-300, 30), np.zeros(30, int), None),
        "weights": (few, labels, rng.exponential(1.0, 40)),
        "weights with zeros": (few, labels, np.tile([0.0, 2.0], 20)),
        "weight on one row": (few, labels, np.eye(40)[3]),
        "weight on one class": (few, labels, labels.astype(float)),
        "tiny weights": (few, labels, np.full(40, 1e-12)),
        "huge weights": (few, labels, np.full(40, 1e12)),
        "a heavy row": (few, labels, np.where(np.arange(40) == 5, 1e9, 1.0)),
        "separated": (np.sort(few), np.repeat([0, 1], 20), None),
        "close together": (0.3 + 1e-12 * few, labels, None),
    }


EDGES = edge_cases()

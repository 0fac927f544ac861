"""A portfolio with rating grades."""

from __future__ import annotations

from typing import Any

import numpy as np

import calaudit
from calaudit.report.evaluation_report import Report

STATED = {"A": (0.001, 400, 0), "B": (0.01, 1000, 25), "C": (0.05, 300, 14), "D": (0.2, 50, 3)}
"""PD, rows and defaults of each grade; only B defaults more often than stated."""


def portfolio(**options: Any) -> Report:
    """Return the report on a portfolio with these grades."""
    p = np.concatenate([np.full(n, pd) for pd, n, _ in STATED.values()])
    y = np.concatenate([np.arange(n) < d for _, n, d in STATED.values()]).astype(int)
    grade = np.repeat(list(STATED), [n for _, n, _ in STATED.values()])
    return calaudit.evaluate(y, p, by={"rating": grade}, grade="rating", **options)

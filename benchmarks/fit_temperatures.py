"""Fit temperatures with every tool that is installed, in one process; prints JSON.

``python -m benchmarks.fit_temperatures scales``, or ``… fit ROWS RUNS``.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
from scipy.optimize import brentq
from scipy.special import softmax

from benchmarks.fitters import FITTERS, TIMED, Fitter, Labels, Logits
from benchmarks.logits import network_in_memory
from benchmarks.temperatures import OWN, Measured, ScaleFit, TemperatureFit

__all__ = ["fits", "reference", "scales", "slope_at"]

MIDDLE = 2.9524
SCALES = (1e-3, 0.1, 1.0, 10.0, 1e3)
"""The best temperatures are `MIDDLE` times these."""

SCALE_ROWS, SCALE_CLASSES = 5000, 10
WIDE = 1000
BLOCK = 1000


def slope_at(logits: Logits, labels: Labels, beta: float) -> tuple[float, float]:
    """Return f'(β) = mean[E_p z − z_y] and the mean absolute size of its terms, in float64.

    Written apart from calaudit's own sums: row by row, from the largest logit down.
    """
    slope = size = 0.0
    for begin in range(0, len(logits), BLOCK):
        z = logits[begin : begin + BLOCK].astype(np.float64)
        z -= z.max(axis=1, keepdims=True)
        mine = z[np.arange(len(z)), labels[begin : begin + BLOCK]]
        mean = (softmax(beta * z, axis=1) * z).sum(axis=1)
        slope += float((mean - mine).sum())
        size += float((np.abs(mean) + np.abs(mine)).sum())
    return slope / len(logits), size / len(logits)


def reference(logits: Logits, labels: Labels) -> float:
    """Return the temperature at which f' is 0, by Brent's method on log T."""
    root = brentq(
        lambda u: slope_at(logits, labels, math.exp(-u))[0], -16.0, 16.0, xtol=1e-15, rtol=1e-15
    )
    return math.exp(root)


def scales() -> Measured:
    """Return what each tool makes of the same logits at several scales."""
    given, labels = network_in_memory(SCALE_ROWS, SCALE_CLASSES)
    unit = MIDDLE / reference(given, labels)
    tools, absent = _opened(list(FITTERS))
    found = []
    for tool, fit in tools.items():
        for dtype in ("float64", "float32", "float16") if tool == OWN else ("float64", "float32"):
            for scale in SCALES:
                logits = (given.astype(np.float64) * (unit * scale)).astype(dtype)
                found.append(_scale_fit(tool, fit, logits, labels))
    title = f"{SCALE_ROWS:,} × {SCALE_CLASSES} logits"
    return Measured(title, found, absent)


def _scale_fit(tool: str, fit: Fitter, logits: Logits, labels: Labels) -> ScaleFit:
    best, dtype = reference(logits, labels), str(logits.dtype)
    try:
        found = fit(logits, labels)
    except Exception as error:  # whatever another tool fails with belongs into the table
        if tool == OWN:
            raise
        return ScaleFit(tool, dtype, best, reason=f"{type(error).__name__}: {error}"[:200])
    if not math.isfinite(found):
        return ScaleFit(tool, dtype, best, reason=f"T = {found}")
    return ScaleFit(tool, dtype, best, found, abs(found / best - 1.0))


def fits(rows: int, runs: int) -> Measured:
    """Return the time of every tool, in rounds, and the gradient left at its answer."""
    logits, labels = network_in_memory(rows, WIDE)
    tools, absent = _opened(TIMED)
    found = {tool: fit(logits, labels) for tool, fit in tools.items()}  # and this warms them up
    taken: dict[str, list[float]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool, fit in tools.items():
            start = time.perf_counter()
            fit(logits, labels)
            taken[tool].append(time.perf_counter() - start)
    timed = []
    for tool, temperature in found.items():
        slope, size = slope_at(logits, labels, 1.0 / temperature)
        timed.append(TemperatureFit(tool, taken[tool], temperature, abs(slope) / size))
    return Measured(f"{rows:,} × {WIDE:,} float32 logits", timed, absent)


def _opened(tools: Sequence[str]) -> tuple[dict[str, Fitter], list[str]]:
    able, absent = {}, []
    for tool in tools:
        try:
            able[tool] = FITTERS[tool]()
        except ImportError as error:
            absent.append(f"{tool}: {error}")
    return able, absent


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what other tools print and warn of out of the figures."""
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


if __name__ == "__main__":
    with _silence():
        measured = scales() if sys.argv[1] == "scales" else fits(*map(int, sys.argv[2:]))
    print(json.dumps(asdict(measured)))

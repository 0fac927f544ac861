"""What printed cutoffs do to rows, applied the way a user applies them."""

from __future__ import annotations

from typing import Any

import numpy as np

COUNTS = ("tp", "fp", "fn", "tn", "reviewed_positives", "reviewed_negatives")


def applied(option: Any, x: Any, y: Any, w: Any = None) -> dict[str, float]:
    """Return the counts of ``score >= cutoff`` with the numbers of an option, by name."""
    w = np.ones(len(y)) if w is None else w
    nothing = np.zeros(len(y), np.bool_)
    act = nothing if option.act_from is None else x >= option.act_from
    review = nothing if option.review_from is None else (x >= option.review_from) & ~act
    rest = ~act & ~review
    parts = (act & (y == 1), act & (y == 0), rest & (y == 1), rest & (y == 0),
             review & (y == 1), review & (y == 0))  # fmt: skip
    return {name: float(w[part].sum()) for name, part in zip(COUNTS, parts, strict=True)}


def option_of(report: Any, name: str) -> Any:
    """Return an option by its name."""
    return next(option for option in report.options if option.name == name)


def notes_of(report: Any) -> dict[str, Any]:
    """Return the notes by code."""
    return {note.code: note for note in report.notes}


def calibrated(n: int, seed: int, shift: float = 0.0, sharpen: float = 1.0) -> tuple[Any, Any]:
    """Return scores σ(sharpen·z) and labels of rate σ(z), z normal around ``shift``."""
    rng = np.random.default_rng(seed)
    z = rng.normal(shift, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)
    return 1 / (1 + np.exp(-sharpen * z)), y

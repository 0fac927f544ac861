"""Figures of simulated and resampled files before and after a change, and what the gate says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import calaudit
from calaudit.api.checks.pairing import Matched, paired
from calaudit.gate.judging import Case, judge
from calaudit.gate.rules import Rule
from calaudit.metrics import calibration_error as binned
from calaudit.metrics import discrimination, scoring
from calaudit.metrics.bins import bin_sums, residuals_of
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.smooth import smece
from calaudit.options.commands import EvaluateOptions
from calaudit.options.declaration import defaults
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from tests.simulation.models import Model
from tests.simulation.simulate import seed_of

__all__ = [
    "MARGIN",
    "REPLICATES",
    "Figures",
    "figures_of",
    "matched_of",
    "model_of",
    "replicates",
    "statuses",
]

Floats = NDArray[np.float64]
Figures = dict[str, Estimate]

MARGIN = 0.01
REPLICATES = {"ece": 400, "log_loss": 400, "auroc": 400, "smece": 100}
"""How often each figure is drawn; the slowest of them less often."""

BINNING = equal_width(15)

SCORES: dict[str, Callable[[Floats], Floats]] = {
    "top-label": lambda u: 0.5 + 0.5 * np.cbrt(u),
    "uniform": lambda u: 0.1 + 0.8 * u,
}
"""Quantiles of the scores: confidences of which most are near 1, and scores of all sizes."""


@cache
def model_of(scores: str, error: float) -> Model:
    """Return a model that says ``error`` too much everywhere: its true ECE and smECE."""
    return Model(f"{scores}, off by {error}", SCORES[scores], lambda p: p - error)


def figures_of(p: Floats, y: NDArray[np.int64], *, smooth: bool = True) -> Figures:
    """Return the figures of one file, as a report with its seed 0 has them."""
    cells = ScoreTable.of(p, y, cuts=BINNING.cuts).cells()
    residuals = residuals_of(cells)
    rng = np.random.default_rng(0)
    figures = {
        "ece": binned.ece(bin_sums(cells, residuals, BINNING), level=0.95, rng=rng),
        "log_loss": scoring.log_loss(
            scoring.log_losses(cells), clip=scoring.DEFAULT_CLIP, level=0.95
        ),
        "auroc": discrimination.auroc(cells, level=0.95),
    }
    if smooth:
        figures["smece"] = smece(cells, residuals, level=0.95, rng=rng)
    return figures


@cache
def replicates(scores: str, error: float, n: int, side: str) -> list[Figures]:
    """Return the figures of many files of n rows; both sides are drawn separately."""
    model = model_of(scores, error)
    rng = np.random.default_rng(seed_of("gate", scores, error, n, side))
    return [
        figures_of(*model.draw(rng, n), smooth=i < REPLICATES["smece"])
        for i in range(max(REPLICATES.values()))
    ]


@cache
def _any_report() -> calaudit.Report:
    return calaudit.evaluate([0, 1] * 50, [0.25, 0.75] * 50)


def matched_of(old: Floats, new: Floats, y: NDArray[np.int64]) -> Matched:
    """Return how matched rows go together, of the old scores and the new ones."""
    frames = [
        pd.DataFrame({"id": np.arange(len(y)), "score": scores, "label": y})
        for scores in (old, new)
    ]
    report = _any_report()  # for its settings
    old_rows, new_rows = frames
    options: Any = defaults(EvaluateOptions) | {"id": "id"}
    matched = paired(old_rows, new_rows, report, report, options, allow_unmatched=False)
    assert matched.report.matched == len(y)
    return matched


def statuses(
    figure: str,
    before: Sequence[Figures],
    after: Sequence[Figures],
    *,
    margin: float = MARGIN,
    matched: Sequence[Matched] | None = None,
) -> list[str]:
    """Return what the gate says to each pair of files, by one rule at a confidence of 0.95."""
    kind = "max_decrease" if figure == "auroc" else "max_increase"
    rule = Rule(kind=kind, metric=figure, limit=margin).check()
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if figure in a and figure in b]
    rho = [0.0] * len(pairs)
    if matched is not None:
        rho = [each.correlations[None][figure] for each in matched]
    return [
        judge([Case(rule, b[figure], a[figure], 1000, correlation=r)])[0].status
        for (a, b), r in zip(pairs, rho[: len(pairs)], strict=True)
    ]

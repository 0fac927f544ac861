"""Time single figures beside other tools: ``python -m benchmarks.peers ROWS RUNS`` prints JSON.

Every time is that from arrays to the figure, so calaudit's has the score table in it, which
serves all figures and is also shown by itself.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.memory import Timing

__all__ = ["TOOLS", "timings"]

SEED = 20240229
BINS = 15

ECE = f"ECE, {BINS} bins"
SMECE = "smECE"
BRIER = "Brier score"
LOG_LOSS = "log loss"
AUROC = "AUROC"
SPIEGELHALTER = "Spiegelhalter's z"
TABLE = "score table alone"
ALL = "everything, with its intervals and tests"

Calls = dict[str, Callable[[], Any]]


def _data(rows: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels and scores of a model that is a little too sure."""
    rng = np.random.default_rng(SEED)
    p = rng.random(rows)
    truth = 1.0 / (1.0 + (1.0 / p - 1.0) ** 0.8)
    return (rng.random(rows) < truth).astype(np.int64), p


def _calaudit(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    from calaudit.api.evaluation import evaluate
    from calaudit.metrics.bins import bin_sums, residuals_of
    from calaudit.metrics.calibration_error import ece_value
    from calaudit.metrics.discrimination import auroc
    from calaudit.metrics.scoring import brier, log_losses
    from calaudit.metrics.significance import spiegelhalter_z
    from calaudit.metrics.smooth import smece_value
    from calaudit.tables.binning import equal_width
    from calaudit.tables.score_table import ScoreTable

    binning = equal_width(BINS)

    def cells() -> Any:
        return ScoreTable.of(p, y, cuts=binning.cuts).cells()

    def ece() -> float:
        found = cells()
        return ece_value(bin_sums(found, residuals_of(found), binning))

    def smece() -> float:
        found = cells()
        return smece_value(found, residuals_of(found))

    return {
        TABLE: lambda: ScoreTable.of(p, y, cuts=binning.cuts),
        ECE: ece,
        SMECE: smece,
        BRIER: lambda: brier(cells(), level=0.95).value,
        LOG_LOSS: lambda: log_losses(cells()).mean(),
        AUROC: lambda: auroc(cells(), level=0.95).value,
        SPIEGELHALTER: lambda: spiegelhalter_z(cells()).value,
        ALL: lambda: evaluate(y, p),
    }


def _sklearn(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    return {
        BRIER: lambda: brier_score_loss(y, p),
        LOG_LOSS: lambda: log_loss(y, p),
        AUROC: lambda: roc_auc_score(y, p),
    }


def _netcal(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    import netcal.metrics

    return {ECE: lambda: netcal.metrics.ECE(bins=BINS).measure(p, y)}


def _torchmetrics(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    import torch
    from torchmetrics.functional.classification import binary_auroc, binary_calibration_error

    scores, labels = torch.from_numpy(p), torch.from_numpy(y)
    return {
        ECE: lambda: binary_calibration_error(scores, labels, n_bins=BINS, norm="l1"),
        AUROC: lambda: binary_auroc(scores, labels),
    }


def _relplot(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    import relplot

    return {SMECE: lambda: relplot.smECE(p, y)}


def _calzone(y: NDArray[np.int64], p: NDArray[np.float64]) -> Calls:
    from calzone.metrics import CalibrationMetrics

    both = np.column_stack([1.0 - p, p])
    metrics = CalibrationMetrics(class_to_calculate=1, num_bins=BINS)

    def figure(name: str, key: str) -> Callable[[], float]:
        return lambda: float(metrics.calculate_metrics(y, both, [name])[key])

    return {
        ECE: figure("ECE-H", "ECE-H"),
        SPIEGELHALTER: figure("SpiegelhalterZ", "SpiegelhalterZ score"),
        ALL: lambda: metrics.calculate_metrics(y, both, "all"),
    }


TOOLS: dict[str, Callable[[NDArray[np.int64], NDArray[np.float64]], Calls]] = {
    "calaudit": _calaudit,
    "scikit-learn": _sklearn,
    "netcal": _netcal,
    "torchmetrics": _torchmetrics,
    "relplot": _relplot,
    "calzone": _calzone,
}


def timings(rows: int, runs: int) -> list[Timing]:
    """Return the timings of all figures, run in turn; tools that are absent are said to be."""
    y, p = _data(rows)
    calls: dict[tuple[str, str], Callable[[], Any]] = {}
    absent = []
    for tool, open_tool in TOOLS.items():
        try:
            calls |= {(figure, tool): call for figure, call in open_tool(y, p).items()}
        except ImportError as error:
            absent.append(Timing("left out", tool, None, reason=str(error)))
    values = {key: call() for key, call in calls.items()}  # and this warms them up
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for _ in range(runs):
        for key, call in calls.items():
            start = time.perf_counter()
            call()
            taken[key].append(time.perf_counter() - start)
    order = list(dict.fromkeys(figure for figure, _ in calls))
    found = [
        Timing(figure, tool, median(taken[figure, tool]), _number(values[figure, tool]))
        for figure, tool in sorted(calls, key=lambda key: order.index(key[0]))
    ]
    return found + absent


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what other tools warn of is not measured here
        found = timings(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps([asdict(timing) for timing in found]))

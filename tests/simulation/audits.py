"""Audits of drawn rows whose truth is known: rows in groups, and limits on errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import calaudit
from calaudit.api.audits.acceptances import selective_of
from calaudit.api.rows.open_rows import opened_data
from calaudit.metrics.estimate import Estimate
from calaudit.options.declaration import defaults
from calaudit.options.rows import RowOptions
from calaudit.report.content.acceptance_table import told_acceptance
from calaudit.tables.score_table import ScoreTable

__all__ = ["broken_limit", "saved_in_groups", "true_error", "true_saving"]

Floats = NDArray[np.float64]

ROWS: Any = defaults(RowOptions)
SLOPE = 1.6
"""What the logits are too steep by."""


def grouped(
    rng: np.random.Generator, groups: int, rows: int
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return logits too steep, labels, and groups that share a random effect (sd 1) of the truth.

    Args:
        rng: of the draws.
        groups: how many.
        rows: of each.
    """
    group = np.repeat(np.arange(groups), rows)
    z = rng.normal(size=groups * rows) * 1.5
    effect = rng.normal(size=groups)[group]
    return SLOPE * z, (rng.random(len(z)) < 1 / (1 + np.exp(-z - effect))).astype(np.int64), group


def saved_in_groups(rng: np.random.Generator, groups: int, rows: int) -> tuple[Estimate, float]:
    """Return what an audit says that a calibrator saves, and its temperature.

    The rows to fit on are drawn alike, so that nothing depends on them but the temperature.
    """
    z, y, group = grouped(rng, 2 * groups, rows)
    found = calaudit.audit(
        y, z, scale="logit", split=group < groups, group=group, method="temperature", worst=0
    )
    return found.saved, float(found.calibrator["parameters"]["T"])


def true_saving(temperature: float, population: tuple[Floats, Floats]) -> float:
    """Return what dividing the logits by a temperature saves in the population.

    Args:
        temperature: what they are divided by.
        population: logits as they are stated, and the true rates.
    """
    z, rate = population

    def loss(logits: Floats) -> float:
        return float((np.logaddexp(0.0, logits) - rate * logits).mean())

    return loss(z) - loss(z / temperature)


def population(seed: int = 0, size: int = 400_000) -> tuple[Floats, Floats]:
    """Return logits and true rates of many groups of one row."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=size) * 1.5
    return SLOPE * z, 1 / (1 + np.exp(-z - rng.normal(size=size)))


def true_error(cutoff: float, slope: float) -> float:
    """Return the share of wrong decisions among confidences from a cutoff on.

    The logits are normal with a spread of 2, and the true logit is slope times the stated one.
    """
    z = np.linspace(np.log(cutoff / (1 - cutoff)), 16.0, 20_001)
    density = np.exp(-0.5 * (z / 2.0) ** 2)
    return float((density / (1 + np.exp(slope * z))).sum() / density.sum())


def broken_limit(rng: np.random.Generator, rows: int, slope: float) -> bool | None:
    """Return whether the limit that an audit's answer names is broken; None where it names none.

    Args:
        rng: of the draws.
        rows: how many are judged, each independent of the others.
        slope: of the true logits over the stated ones.
    """
    z = 2.0 * rng.normal(size=rows)
    p, y = 1 / (1 + np.exp(-z)), (rng.random(rows) < 1 / (1 + np.exp(-slope * z))).astype(np.int64)
    with opened_data(y, p, ROWS) as predictions:
        found = selective_of(
            predictions, ScoreTable.of(p, y), calibrated=False, guarantee=0.95,
            weight_kind="importance", level=0.95,
        )  # fmt: skip
    before: Any = _Before()
    told = told_acceptance(found, before)
    if told is None or told.cutoff is None:
        return None
    return true_error(told.cutoff, slope) > told.max_error


class _Before:
    """As much of a report as tells which limit is named: two outcomes that are equally common."""

    task = "binary"
    metrics = {"base_rate": Estimate(value=0.5)}  # noqa: RUF012

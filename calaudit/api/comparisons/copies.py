"""Perturbed copies of rows: what an attack or a corruption breaks, and what breaks unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.comparisons.differences import confidence_of
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.model_set import holm
from calaudit.metrics.paired import Rows, mean_difference, share_among
from calaudit.report.compare_report import CompareReport, Difference
from calaudit.report.content.difference_text import better_text, signed_interval, signed_value
from calaudit.report.numbers import shown

Parts = Mapping[str, NDArray[Any]]

SURE = 0.9
"""Confidence from which a changed prediction is silent, whatever the clean one was."""

UNKNOWN = "the file does not say what was predicted"


def broken(
    model: str, a: Parts, b: Parts, rows: Rows, *, task: str, level: float
) -> list[Difference]:
    """Return what a copy of the rows breaks beside the figures that all models have.

    Args:
        model: name of the copy.
        a: of each row when clean; see `KeyedRows`.
        b: likewise of the copy.
        rows: their weights and groups.
        task: of the rows.
        level: of the intervals.
    """
    before, after = (confidence_of(parts, task) for parts in (a, b))
    excess = (after - b["accuracy"]) - (before - a["accuracy"])
    flips = silent = Estimate(value=None, reason=UNKNOWN)
    if task == "binary" or ("predicted" in a and "predicted" in b):
        said = [p["score"] >= 0.5 if task == "binary" else p["predicted"] for p in (a, b)]
        flipped = said[0] != said[1]
        flips = share_among(flipped, rows, level=level)
        kept = (after >= before) | (after >= SURE)
        silent = share_among(kept, rows, level=level, among=flipped)
    over = mean_difference(excess, rows, level=level)
    found = {"overconfidence": over, "flips": flips, "silent_flips": silent}
    return [Difference(model=model, metric=name, estimate=each) for name, each in found.items()]


def with_holm(differences: Sequence[Difference]) -> list[Difference]:
    """Return differences whose p-values are those of all copies at once, a figure each."""
    result = list(differences)
    for metric in {d.metric for d in differences}:
        at = [
            i
            for i, d in enumerate(differences)
            if d.metric == metric and d.estimate.p_value is not None
        ]
        p = holm(np.array([differences[i].estimate.p_value for i in at]))
        for i, value in zip(at, p.tolist(), strict=True):
            result[i] = replace(result[i], estimate=replace(result[i].estimate, p_value=value))
    return result


def copies_answer(report: CompareReport) -> list[str]:
    """Return the sentences of the first paragraph, the answer first."""
    names = [model.name for model in report.models[1:]]
    drops = [report.of(name)["accuracy"] for name in names]
    worst = min(range(len(names)), key=lambda i: drops[i].estimate.value or 0.0)
    name, model, drop = names[worst], report.models[1 + worst], drops[worst]
    clean, there = (_percent(m.figure("accuracy")) for m in (report.baseline, model))
    told = f"{better_text(drop)}, from {clean} to {there}"
    if len(names) > 1:
        fell = sum(d.better < 0 for d in drops)
        told = f"most under {name}: {told}"
        first = f"Accuracy surely falls in {fell} of {len(names)} copies, {told}."
    elif drop.told:
        first = f"Under {name}: {told}."
    else:
        first = f"These {report.size} do not tell whether {name} costs accuracy: {told}."
    found = report.of(name)
    says = _percent(model.figure("mean_confidence"))
    sentences = [first, f"It says {says} there: {better_text(found['overconfidence'])}."]
    flips, silent = found["flips"], found["silent_flips"]
    if flips.estimate.value is None:
        return [*sentences, f"Which predictions flip is not known: {flips.estimate.reason}."]
    text = f"{_share(flips)} of the predictions flip"
    if flips.estimate.value:
        text = f"{text}, {_share(silent)} of these silently: no less sure than before, or "
        text = f"{text}{100 * SURE:g} % sure"
    return [*sentences, f"{text}."]


def _share(d: Difference) -> str:
    ends = signed_interval(d)
    return f"{signed_value(d)} %{f' ({ends})' if ends else ''}"


def _percent(e: Estimate) -> str:
    return f"{shown(e.point, 1, 'percent')} %"

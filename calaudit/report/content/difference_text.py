"""Differences between models in words: "better by 0.012 (0.004 to 0.020)"."""

from __future__ import annotations

from calaudit.metrics.estimate import Estimate
from calaudit.report.compare_report import BETTER, Difference
from calaudit.report.metric_names import Unit, metric_title
from calaudit.report.numbers import places, shown

UNITS: dict[str, Unit] = {
    "accuracy": "points", "mean_confidence": "points", "gap": "points", "mean_score": "points",
    "overconfidence": "points", "flips": "percent", "silent_flips": "percent",
}  # fmt: skip
"""Figures whose differences are percentage points, and shares, which are no differences."""

WORDS = {1: ("better", "worse"), -1: ("worse", "better")}


def figure_name(metric: str, task: str) -> str:
    """Return what a figure is called inside a sentence."""
    if metric == "gap":
        return "overprediction" if task == "binary" else "overconfidence"
    name = metric_title(metric)
    return name if name[:2].isupper() or metric == "brier" else name[:1].lower() + name[1:]


def unit_of(metric: str) -> Unit:
    """Return the unit of a difference."""
    return UNITS.get(metric, "number")


def better_text(difference: Difference) -> str:
    """Return a difference with its direction in words.

    Where the interval lies on both sides of 0 both directions are named.
    """
    metric, e = difference.metric, difference.estimate
    name, better = figure_name(metric, ""), BETTER[metric]
    assert e.value is not None
    if e.low is None or e.high is None:
        return f"{name} {_by(metric, e.value, e)}"
    if difference.same:
        return f"{name} the same"
    up, down = WORDS[better] if better else ("more", "less")
    if difference.told:
        word = up if difference.told > 0 else down
        ends = sorted((abs(e.low), abs(e.high)))
        low, high = (_amount(end, e, metric) for end in ends)
        return f"{name} {word} by {_by(metric, abs(e.value), e)} ({low} to {high})"
    worse, good = (e.low, e.high) if better > 0 or not better else (e.high, e.low)
    texts = [_amount(abs(end), e, metric) for end in (worse, good)]
    of_value = up if e.value > 0 else down
    seen = f"{of_value} by {_by(metric, abs(e.value), e)}" if e.value else "the same"
    low_word, high_word = ("less", "more") if not better else ("worse", "better")
    return f"{name} {seen} ({texts[0]} {low_word} to {texts[1]} {high_word})"


def signed_value(difference: Difference) -> str:
    """Return a difference with its sign; "" where it has no value."""
    return _signed(difference.estimate.value, difference)


def signed_interval(difference: Difference) -> str:
    """Return the interval of a difference, its ends with their signs; "" for none."""
    e = difference.estimate
    if e.low is None or e.high is None:
        return ""
    return " to ".join(_signed(end, difference) for end in (e.low, e.high))


def _signed(value: float | None, difference: Difference) -> str:
    unit = unit_of(difference.metric)
    return shown(value, _places(difference.estimate, unit), unit, sign=unit != "percent")


def _by(metric: str, value: float, e: Estimate) -> str:
    unit = unit_of(metric)
    return f"{_amount(value, e, metric)}{' points' if unit == 'points' else ''}"


def _amount(value: float, e: Estimate, metric: str) -> str:
    unit = unit_of(metric)
    return shown(value, _places(e, unit), unit)


def _places(e: Estimate, unit: Unit) -> int:
    width = None if e.low is None or e.high is None else e.high - e.low
    return places(e.value, width=width, unit=unit)

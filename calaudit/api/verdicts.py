"""From figures to a sentence: is it calibrated, which way is it off, and does it matter?"""

from __future__ import annotations

import math

from calaudit.metrics.estimate import Estimate
from calaudit.report.model import Verdict

__all__ = ["gap_of", "percent_pair", "verdict_of"]

NEGLIGIBLE = 0.005
"""Smooth calibration errors below this are negligible, unless outcomes are rare."""

LARGE = 0.05

SMOOTH_WEIGHT = 0.9
"""Share of the size of the joint test that the smECE test has; the line test has the rest."""

RARE_NEGLIGIBLE = 0.1
RARE_LARGE = 0.5
"""The same for rare outcomes, as shares of the rate of the rarer one: when 0.3 % of loans
default, an error of 0.005 is more than the whole risk."""


def gap_of(residual: float, variance: float, total: float, *, level: float, z: float) -> Estimate:
    """Return mean score minus mean label with a normal interval.

    Args:
        residual: Σ w (y − p). variance: of it. total: Σ w. level, z: confidence level and its
            normal quantile.
    """
    value = -residual / total
    half = z * math.sqrt(variance) / total
    return Estimate(value=value, low=value - half, high=value + half, level=level, method="normal")


def verdict_of(
    task: str,
    metrics: dict[str, Estimate],
    gap: Estimate,
    *,
    level: float,
    mean_score: float,
    rate: float,
) -> Verdict:
    """Return the verdict on the figures of a whole data set.

    Args:
        task: kind of the rows. metrics: figures by name. gap: mean score minus mean label.
        level: confidence level; the test has size 1 − level.
        mean_score, rate: mean score and mean label.
    """
    smece = metrics["smece"]
    n = int(metrics["n"].value or 0)
    off = smece.unbiased or 0.0
    negligible, large = _sizes(min(rate, 1.0 - rate))
    p_value, by_line = _joint_test(smece.p_value, metrics["cox_slope"].p_value)
    if p_value is None or p_value > 1.0 - level + 1e-12:
        unknown = smece.high is None or smece.high >= large
        status, size = "calibrated", "unknown" if unknown else "none"
        sentence = _calibrated_sentence(smece.high, n, negligible, unknown)
    else:
        status = _direction(task, metrics, gap, off)
        size = "negligible" if off < negligible else "large" if off >= large else "moderate"
        if by_line and size == "negligible":
            sentence = _tails_sentence(status, metrics["cox_slope"], smece.high)
        else:
            sentence = _off_sentence(task, status, size, mean_score, rate, gap, smece, metrics)
    return Verdict(
        status=status,
        size=size,
        sentence=sentence,
        p_value=p_value,
        gap=gap,
        could_hide=smece.high,
    )


def _joint_test(smooth: float | None, line: float | None) -> tuple[float | None, bool]:
    """Return the p-value of the two tests together, and whether the line test decides.

    A Bonferroni test with weights 0.9 and 0.1: the smooth error sees most, the line sees what
    is small in absolute terms, at scores near 0 and 1.
    """
    weighted = [
        (min(1.0, p / weight), by_line)
        for p, weight, by_line in ((smooth, SMOOTH_WEIGHT, False), (line, 1 - SMOOTH_WEIGHT, True))
        if p is not None
    ]
    return min(weighted) if weighted else (None, False)


def _tails_sentence(status: str, slope: Estimate, high: float | None) -> str:
    at_most = "" if high is None else f"at most {_short(high)} in absolute terms, but "
    line = "" if slope.value is None else f" (Cox slope {slope.value:.2f})"
    if status == "overconfident":
        return f"Overconfident where it is surest{line}: {at_most}too sure near 0 and 1."
    if status == "underconfident":
        return f"Underconfident where it is surest{line}: {at_most}too timid near 0 and 1."
    return f"Measurably off near 0 and 1{line}: {at_most}not small beside the risks there."


def _sizes(scale: float) -> tuple[float, float]:
    if scale <= 0:
        return NEGLIGIBLE, LARGE
    return min(NEGLIGIBLE, RARE_NEGLIGIBLE * scale), min(LARGE, RARE_LARGE * scale)


def _direction(task: str, metrics: dict[str, Estimate], gap: Estimate, off: float) -> str:
    """Return which way the scores are off.

    Top-label confidences are overconfident when they exceed the accuracy. Scores of a
    positive class, and confidences that are right on average, are overconfident when they are
    too extreme (Cox slope below 1).
    """
    if task != "binary":
        if gap.value is not None and abs(gap.value) >= 0.5 * off and _excludes(gap, 0.0):
            return "overconfident" if gap.value > 0 else "underconfident"
    slope = metrics["cox_slope"]
    if slope.value is not None and _excludes(slope, 1.0):
        return "overconfident" if slope.value < 1 else "underconfident"
    return "miscalibrated"


def _excludes(estimate: Estimate, value: float) -> bool:
    if estimate.low is None or estimate.high is None:
        return False
    return estimate.low > value or estimate.high < value


def _calibrated_sentence(high: float | None, n: int, negligible: float, unknown: bool) -> str:
    rows = f"{n:,} row{'s' if n != 1 else ''}"
    if high is None:
        return f"Cannot tell: {rows} cannot show whether the scores are calibrated."
    if unknown:
        return (
            f"Cannot tell: {rows} show nothing wrong, "
            f"but could hide a calibration error of up to {_short(high)}."
        )
    if high < negligible:
        return f"Calibrated: with {rows}, any smooth calibration error is below {_short(high)}."
    return (
        f"Calibrated as far as {rows} can show: "
        f"they could hide a calibration error of up to {_short(high)}."
    )


def _off_sentence(
    task: str,
    status: str,
    size: str,
    mean_score: float,
    rate: float,
    gap: Estimate,
    smece: Estimate,
    metrics: dict[str, Estimate],
) -> str:
    off = smece.unbiased or 0.0
    if size == "negligible":
        return (
            f"Measurably but negligibly off: a smooth calibration error of {_short(off)} "
            f"({_interval(smece)})."
        )
    said, was = percent_pair(mean_score, rate)
    error = f"Smooth calibration error {_short(off)} ({_interval(smece)})."
    if task != "binary":
        head = status.capitalize()
        verb = "says" if status != "miscalibrated" else "on average it says"
        return f"{head}: {verb} {said}, is right {was} of the time. {error}"
    shifted = gap.value is not None and _excludes(gap, 0.0)
    side = "high" if (gap.value or 0.0) > 0 else "low"
    average = f"predicts {said} on average, and {was} happen."
    slope = metrics["cox_slope"].value
    if status == "miscalibrated" or slope is None:
        if shifted:
            return f"Miscalibrated: scores are too {side}: {average} {error}"
        return f"Miscalibrated: right on average, but not at every score. {error}"
    extreme = "too extreme" if status == "overconfident" else "too timid"
    also = f" and too {side}: {average}" if shifted else "."
    return f"{status.capitalize()}: scores are {extreme} (Cox slope {slope:.2f}){also} {error}"


def percent_pair(a: float, b: float) -> tuple[str, str]:
    """Return two shares as percentages with as many decimals as it takes to tell them apart.

    >>> percent_pair(0.9651, 0.911), percent_pair(0.99962, 0.99931), percent_pair(0.003, 0.0021)
    (('96.5 %', '91.1 %'), ('99.96 %', '99.93 %'), ('0.30 %', '0.21 %'))
    """
    gap = abs(a - b) * 100.0
    small = min(a, b, 1.0 - a, 1.0 - b) * 100.0
    decimals = 1
    for size in (gap, small):
        if 0 < size < 1:
            decimals = max(decimals, min(6, 1 - math.floor(math.log10(size))))
    return f"{a * 100:.{decimals}f} %", f"{b * 100:.{decimals}f} %"


def _short(value: float) -> str:
    """Return a figure with two significant digits, in plain notation."""
    if value <= 0:
        return "0"
    decimals = max(2, 1 - math.floor(math.log10(value)))
    return f"{value:.{min(decimals, 8)}f}"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None or estimate.level is None:
        return "no interval"
    percent = f"{estimate.level * 100:g} %"
    return f"{percent} interval {_short(estimate.low)} to {_short(estimate.high)}"

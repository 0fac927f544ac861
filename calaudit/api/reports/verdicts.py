"""From figures to a sentence: is it calibrated, which way is it off, and does it matter?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.recalibration import NO_LOGIT
from calaudit.report.evaluation_report import Verdict

__all__ = ["Finding", "finding_of", "joint_test", "pair_decimals", "percent_pair", "verdict_of"]

NEGLIGIBLE = 0.005
"""Smooth calibration errors below this are negligible, unless outcomes are rare."""

LARGE = 0.05

ALPHA = 0.05
"""Size of the test that tells which way scores are off where Cox's slope does not."""

SMOOTH_WEIGHT = 0.9
"""Share of the size of the joint test that the smECE test has; the line test has the rest."""

RARE_NEGLIGIBLE = 0.1
RARE_LARGE = 0.5
"""The same for rare outcomes, as shares of the rate of the rarer one: when 0.3 % of loans
default, an error of 0.005 is more than the whole risk."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the tests and the sizes say together.

    Attributes:
        status, direction, size: as in `Verdict`.
        by_line: whether the line test decided, and not the smooth error.
    """

    status: str
    direction: str | None
    size: str
    by_line: bool = False


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
        task: kind of the rows.
        metrics: figures by name.
        gap: mean score minus mean label.
        level: confidence level; the joint test has size 1 − level.
        mean_score: mean score of the rows.
        rate: mean label of the rows.
    """
    smece = metrics["smece"]
    p_value, by_line = joint_test(metrics)
    finding = finding_of(task, metrics, gap, rate, level=level, p_value=p_value, by_line=by_line)
    if finding.direction is None:
        n = int(metrics["n"].value or 0)
        sentence = _nothing_found(finding.status, _could_hide(smece), n, _sizes(rate)[0])
    elif finding.status == "negligible":
        sentence = (
            f"Measurably but negligibly off: a smooth calibration error of "
            f"{_short(smece.unbiased or 0.0)} ({_interval(smece)})."
        )
    elif finding.by_line and (smece.low or 0.0) <= 0.0:
        sentence = _tails_sentence(finding.status, metrics["cox_slope"], smece.high)
    else:
        sentence = _off_sentence(task, finding.status, mean_score, rate, gap, metrics, p_value)
    return Verdict(
        status=finding.status,
        direction=finding.direction,
        size=finding.size,
        sentence=sentence,
        p_value=p_value,
        gap=gap,
        could_hide=_could_hide(smece),
    )


def _could_hide(smece: Estimate) -> float | None:
    """Return the largest error that the rows cannot rule out.

    However lucky the rows, and the end of the interval with them: no rows can rule out an error
    as small as what chance alone makes of a calibrated model.
    """
    if smece.high is None:
        return None
    return max(smece.high, smece.noise_floor or 0.0)


def joint_test(metrics: dict[str, Estimate]) -> tuple[float | None, bool]:
    """Return the p-value of the two tests together, and whether the line test decides.

    A Bonferroni test with weights 0.9 and 0.1: the smooth error sees most, the line sees what
    is small in absolute terms, at scores near 0 and 1.
    """
    tests = (
        (metrics["smece"], SMOOTH_WEIGHT, False),
        (metrics["cox_test"], 1 - SMOOTH_WEIGHT, True),
    )
    weighted = [
        (min(1.0, test.p_value / weight), by_line)
        for test, weight, by_line in tests
        if test.p_value is not None
    ]
    return min(weighted) if weighted else (None, False)


def finding_of(
    task: str,
    metrics: dict[str, Estimate],
    gap: Estimate,
    rate: float,
    *,
    level: float,
    p_value: float | None,
    by_line: bool,
) -> Finding:
    """Return what was found, given the p-value of the joint test (adjusted, for slices).

    An error is called negligible only when its whole interval is, and large when its
    median-unbiased point is.
    """
    smece = metrics["smece"]
    negligible, large = _sizes(rate)
    if p_value is None or p_value > 1.0 - level + 1e-12:
        hidden = _could_hide(smece)
        unknown = hidden is None or hidden >= large
        return (
            Finding("unknown", None, "unknown") if unknown else Finding("calibrated", None, "none")
        )
    off = smece.unbiased or 0.0
    direction = _direction(task, metrics, gap, off)
    if smece.high is not None and smece.high < negligible:
        return Finding("negligible", direction, "negligible", by_line)
    return Finding(
        direction,
        direction,
        "large" if off >= large and (smece.low or 0.0) > 0 else "moderate",
        by_line,
    )


def _sizes(rate: float) -> tuple[float, float]:
    """Return the error below which it is negligible, and from which it is large."""
    scale = min(rate, 1.0 - rate)
    if scale <= 0:
        return NEGLIGIBLE, LARGE
    return min(NEGLIGIBLE, RARE_NEGLIGIBLE * scale), min(LARGE, RARE_LARGE * scale)


def _direction(task: str, metrics: dict[str, Estimate], gap: Estimate, off: float) -> str:
    """Return which way the scores are off.

    Top-label confidences are overconfident when they exceed the accuracy. Scores of a
    positive class that are too high or too low on the whole are miscalibrated; otherwise
    they, and confidences that are right on average, are overconfident when they are too
    extreme (Cox slope below 1).
    """
    if gap.value is not None and abs(gap.value) >= 0.5 * off and _excludes(gap, 0.0):
        if task == "binary":
            return "miscalibrated"
        return "overconfident" if gap.value > 0 else "underconfident"
    side = _side_of_line(metrics)
    if side and not _falls(metrics["cox_slope"]):
        return "overconfident" if side < 0 else "underconfident"
    return "miscalibrated"


def _side_of_line(metrics: dict[str, Estimate]) -> int:
    """Return -1 where scores are surely too extreme, 1 where too timid, and 0 where not told.

    Scores of exactly 0 or 1 leave Cox's slope without an interval; Spiegelhalter's z takes them.
    """
    slope, z = metrics["cox_slope"], metrics.get("spiegelhalter_z")
    if slope.reason == NO_LOGIT and z is not None and z.value is not None:
        return (z.value < 0) - (z.value > 0) if (z.p_value or 0.0) < ALPHA else 0
    return _excludes(slope, 1.0) * (-1 if (slope.value or 0.0) < 1 else 1)


def _falls(slope: Estimate) -> bool:
    """Whether outcomes are surely the rarer, the higher the score: too extreme is not the word."""
    return slope.high is not None and slope.high < 0.0


def _excludes(estimate: Estimate, value: float) -> bool:
    if estimate.low is None or estimate.high is None:
        return False
    return estimate.low > value or estimate.high < value


def _nothing_found(status: str, high: float | None, n: int, negligible: float) -> str:
    rows = f"{n:,} row{'s' if n != 1 else ''}"
    if high is None:
        return f"Cannot tell: {rows} cannot show whether the scores are calibrated."
    if status == "unknown":
        return (
            f"Cannot tell: {rows} show{'s' if n == 1 else ''} nothing wrong, "
            f"but could hide a calibration error of up to {_short(high)}."
        )
    if high < negligible:
        return f"Calibrated: with {rows}, any smooth calibration error is below {_short(high)}."
    return (
        f"Calibrated as far as {rows} can show: "
        f"they could hide a calibration error of up to {_short(high)}."
    )


def _tails_sentence(status: str, slope: Estimate, high: float | None) -> str:
    most = "" if high is None else f" In absolute terms the error is at most {_short(high)}."
    line = "" if slope.value is None else f" (Cox slope {slope.value:.2f})"
    if status == "overconfident":
        return f"Overconfident where it is surest: scores near 0 and 1 are too extreme{line}.{most}"
    if status == "underconfident":
        return f"Underconfident where it is surest: scores near 0 and 1 are too timid{line}.{most}"
    return f"Miscalibrated near 0 and 1, where small differences count{line}.{most}"


def _off_sentence(
    task: str,
    status: str,
    mean_score: float,
    rate: float,
    gap: Estimate,
    metrics: dict[str, Estimate],
    p_value: float | None,
) -> str:
    smece, slope = metrics["smece"], metrics["cox_slope"]
    said, was = percent_pair(mean_score, rate)
    doubt = "" if (smece.low or 0.0) > 0 or p_value is None else f"; p = {p_value:.2g}"
    error = f"Smooth calibration error {_short(smece.unbiased or 0.0)} ({_interval(smece)}{doubt})."
    if task != "binary":
        head = status.capitalize()
        if status == "miscalibrated":
            return f"{head}: right on average ({was}), but not at every confidence. {error}"
        says = f"says {said}, is right {was} of the time"
        if _excludes(gap, 0.0) and ((gap.value or 0.0) > 0) == (status == "overconfident"):
            return f"{head}: {says}. {error}"
        word = "extreme" if status == "overconfident" else "timid"
        mean = "though right on average"
        if _excludes(gap, 0.0):
            mean = f"though too {'high' if (gap.value or 0.0) > 0 else 'low'} on average"
        line = "" if slope.value is None else f" (Cox slope {slope.value:.2f})"
        return f"{head}: confidences are too {word}{line}, {mean}: {says}. {error}"
    extreme, way = "", _side_of_line(metrics)
    if way:
        word = "too extreme" if way < 0 else "too timid"
        word = "the wrong way round" if _falls(slope) else word
        extreme = word if slope.low is None else f"{word} (Cox slope {slope.value:.2f})"
    if _excludes(gap, 0.0):
        side = "high" if (gap.value or 0.0) > 0 else "low"
        average = f"predicts {said} on average, and {was} happen. {error}"
        if status == "miscalibrated":
            also = f", and {extreme}" if extreme else ""
            return f"Miscalibrated: scores are too {side}{also}: {average}"
        return f"{status.capitalize()}: scores are {extreme}, and too {side}: {average}"
    if status == "miscalibrated":
        return f"Miscalibrated: right on average, but not at every score. {error}"
    return f"{status.capitalize()}: scores are {extreme}. {error}"


def percent_pair(a: float, b: float) -> tuple[str, str]:
    """Return two shares as percentages with as many decimals as it takes to tell them apart.

    >>> percent_pair(0.9651, 0.911), percent_pair(0.99962, 0.99931), percent_pair(0.003, 0.0021)
    (('96.5 %', '91.1 %'), ('99.962 %', '99.931 %'), ('0.300 %', '0.210 %'))
    """
    decimals = pair_decimals(a, b)
    return f"{a * 100:.{decimals}f} %", f"{b * 100:.{decimals}f} %"


def pair_decimals(a: float, b: float) -> int:
    """Return the decimals that it takes to tell two shares apart as percentages."""
    gap = abs(a - b) * 100.0
    small = min(a, b, 1.0 - a, 1.0 - b) * 100.0
    sizes = (size for size in (gap, small) if 0 < size < 1)
    return max([1, *(min(6, 1 - math.floor(math.log10(size))) for size in sizes)])


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

"""From figures to a judgement: is it calibrated, which way is it off, and does it matter?"""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.recalibration import NO_LOGIT

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
class Judgement:
    """What the tests and the sizes say together.

    Attributes:
        status, direction, size: as in `Verdict`.
    """

    status: str
    direction: str | None
    size: str


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


def judgement_of(
    task: str,
    metrics: dict[str, Estimate],
    gap: Estimate,
    rate: float,
    *,
    level: float,
    p_value: float | None,
) -> Judgement:
    """Return what was found, given the p-value of the joint test (adjusted, for slices).

    An error is called negligible only when its whole interval is, and large when its
    median-unbiased point is.
    """
    smece = metrics["smece"]
    negligible, large = error_sizes(rate)
    if p_value is None or p_value > 1.0 - level + 1e-12:
        hidden = could_hide(smece)
        unknown = hidden is None or hidden >= large
        status, size = ("unknown", "unknown") if unknown else ("calibrated", "none")
        return Judgement(status, None, size)
    off = smece.unbiased or 0.0
    direction = _direction(task, metrics, gap, off)
    if smece.high is not None and smece.high < negligible:
        return Judgement("negligible", direction, "negligible")
    return Judgement(
        direction,
        direction,
        "large" if off >= large and (smece.low or 0.0) > 0 else "moderate",
    )


def _direction(task: str, metrics: dict[str, Estimate], gap: Estimate, off: float) -> str:
    """Return which way the scores are off.

    Top-label confidences are overconfident when they exceed the accuracy. Scores of a
    positive class that are too high or too low on the whole are miscalibrated; otherwise
    they, and confidences that are right on average, are overconfident when they are too
    extreme (Cox slope below 1).
    """
    if gap.value is not None and abs(gap.value) >= 0.5 * off and excludes(gap, 0.0):
        if task == "binary":
            return "miscalibrated"
        return "overconfident" if gap.value > 0 else "underconfident"
    side = side_of_line(metrics)
    if side and not falls(metrics["cox_slope"]):
        return "overconfident" if side < 0 else "underconfident"
    return "miscalibrated"


def could_hide(smece: Estimate) -> float | None:
    """Return the largest error that the rows cannot rule out.

    However lucky the rows, and the end of the interval with them: no rows can rule out an error
    as small as what chance alone makes of a calibrated model.
    """
    if smece.high is None:
        return None
    return max(smece.high, smece.noise_floor or 0.0)


def error_sizes(rate: float) -> tuple[float, float]:
    """Return the error below which it is negligible, and from which it is large."""
    scale = min(rate, 1.0 - rate)
    if scale <= 0:
        return NEGLIGIBLE, LARGE
    return min(NEGLIGIBLE, RARE_NEGLIGIBLE * scale), min(LARGE, RARE_LARGE * scale)


def side_of_line(metrics: dict[str, Estimate]) -> int:
    """Return -1 where scores are surely too extreme, 1 where too timid, and 0 where not told.

    Scores of exactly 0 or 1 leave Cox's slope without an interval; Spiegelhalter's z takes them.
    """
    slope, z = metrics["cox_slope"], metrics.get("spiegelhalter_z")
    if slope.reason == NO_LOGIT and z is not None and z.value is not None:
        return (z.value < 0) - (z.value > 0) if (z.p_value or 0.0) < ALPHA else 0
    return excludes(slope, 1.0) * (-1 if (slope.value or 0.0) < 1 else 1)


def falls(slope: Estimate) -> bool:
    """Whether outcomes are surely the rarer, the higher the score: too extreme is not the word."""
    return slope.high is not None and slope.high < 0.0


def excludes(estimate: Estimate, value: float) -> bool:
    """Return whether an interval lies on one side of a value."""
    if estimate.low is None or estimate.high is None:
        return False
    return estimate.low > value or estimate.high < value

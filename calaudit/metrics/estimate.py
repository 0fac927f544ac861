"""One figure with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Annotated, Any

from calaudit.records.limits import Amount, Inside, Positive, Share, Written


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimate:
    """One figure with its uncertainty.

    Attributes:
        value: the plain statistic as its source defines it; None where it cannot be computed.
        low, high: ends of the interval at ``level``; None where there is no interval.
        level: confidence level of the interval, in (0, 1).
        one_sided: true where an end has room for what was not seen (the rule of three), so that it
            is at ``level`` by itself.
        method: how the interval was made ("test inversion", "Wilson", …).
        reason: why ``value`` or the interval is missing.
        unbiased: the median-unbiased point, for ECE-like figures.
        noise_floor: what a perfectly calibrated model with these scores and rows would show.
        p_value: of the null hypothesis that the model is calibrated (of a difference: that there
            is none), in [0, 1].
        df: degrees of freedom of a chi-squared statistic.
        t_df: of the Student's t that the ends are of; None where they are of a normal law.
        error_bound: largest possible difference from the exact figure when the table is not
            exact; None when it is exact.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: Inside | None = None
    method: str | None = None
    reason: Annotated[str | None, Written.UNLESS_NONE] = None
    unbiased: Annotated[float | None, Written.UNLESS_NONE] = None
    noise_floor: Annotated[float | None, Written.UNLESS_NONE] = None
    p_value: Annotated[Share | None, Written.UNLESS_NONE] = None
    df: Annotated[int | None, Written.UNLESS_NONE] = None
    error_bound: Annotated[Amount | None, Written.UNLESS_NONE] = None
    one_sided: Annotated[bool | None, Written.UNLESS_NONE] = None
    t_df: Annotated[Positive | None, Written.UNLESS_NONE] = None

    def __repr__(self) -> str:
        """Return the fields that it has."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        held = [f"{k}={v!r}" for k, v in every.items() if v is not None or k == "value"]
        return f"Estimate({', '.join(held)})"

    @property
    def point(self) -> float | None:
        """The figure that reports lead with: the median-unbiased point where there is one."""
        return self.value if self.unbiased is None else self.unbiased


def around(
    value: float, half: float, level: float, method: str, *,
    at_least: float = -math.inf, at_most: float = math.inf, room: float = 0.0, **more: Any,
) -> Estimate:  # fmt: skip
    """Return a figure with the same on either side, and ``room`` above that, within its range."""
    low, high = max(value - half, at_least), min(value + half + room, at_most)
    return Estimate(value=value, low=low, high=high, level=level, method=method, **more)

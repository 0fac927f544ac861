"""Axes: the piece of [0, 1] that the data fill, log-odds labelled as probabilities, ticks."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import fitted, plain, text_width

LADDER = (
    0.5,
    *(float(f"0.{'0' * zeros}1") for zeros in range(15)),
    *(float(f"0.9{'9' * nines}") for nines in range(15)),
)
"""Probabilities that an axis of log-odds may name."""


STEPS = (0.02, 0.05, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.95, 0.98)
"""Further ones, for an axis that is short."""


def axis(title: str, **more: object) -> Spec:
    """Return an axis with a title; none of its labels may fall on another."""
    return {"title": title or None, "labelOverlap": True, **more}


def share_axis(title: str, *, ticks: int = 5) -> Spec:
    """Return an axis of shares, in percent."""
    return axis(title, tickCount=ticks, labelExpr="format(100 * datum.value, '~f') + ' %'")


def named_axis(title: str, names: Sequence[str], size: float, most: int) -> Spec:
    """Return an axis of places 0, 1, … of which at most so many are named."""
    places = range(0, len(names), max(1, math.ceil(len(names) / most)))
    texts = [json.dumps(fitted(names[at], size / len(places), SMALL)) for at in places]
    named = "".join(f"datum.value == {at} ? {t} : " for at, t in zip(places, texts, strict=True))
    return axis(title, values=[*places], labelExpr=f"{named}''")


def logit(p: float) -> float:
    """Return the log-odds of a probability; infinite at 0 and at 1."""
    if p <= 0:
        return -math.inf
    return math.inf if p >= 1 else math.log(p) - math.log1p(-p)


def probability_axis(
    title: str, span: tuple[float, float], size: float, extra: Sequence[Spec] = ()
) -> Spec:
    """Return an axis over log-odds whose labels are probabilities, as many as have room.

    Args:
        title: of the axis.
        span: log-odds at the left end and at the right one.
        size: pixels from one to the other.
        extra: further ticks, {"value": log-odds, "text": label}: the bars of exactly 0 and 1.
    """
    low, high = span
    ticks = [(float(each["value"]), str(each["text"])) for each in extra]
    inside = [p for p in sorted(LADDER) if low <= logit(p) <= high]
    if len(inside) < 5:
        inside = [p for p in sorted({*LADDER, *STEPS}) if low <= logit(p) <= high]
    centre = (low + high) / 2
    for p in sorted(inside, key=lambda p: (p != 0.5, abs(logit(p) - centre))):
        each = (logit(p), plain(p))
        if all(_apart(each, other, size / (high - low)) for other in ticks):
            ticks.append(each)
    named = " : ".join(f"abs(datum.value - ({v!r})) < 1e-6 ? '{text}'" for v, text in ticks)
    return axis(title, values=[v for v, _ in ticks], labelExpr=f"{named} : ''")


def _apart(one: tuple[float, str], other: tuple[float, str], scale: float) -> bool:
    """Return whether two labels do not touch; ``scale``: pixels for one unit of log-odds."""
    room = (text_width(one[1], SMALL) + text_width(other[1], SMALL)) / 2 + 10
    return abs(one[0] - other[0]) * scale >= room

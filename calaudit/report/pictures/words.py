"""Names and sentences as they are written on a picture: in one line, cut and wrapped to fit."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from calaudit.findings.finding import parted
from calaudit.metrics.estimate import Estimate
from calaudit.report.numbers import compact, places, shown, shown_interval
from calaudit.visible import visible

SHARES = {
    **dict.fromkeys("ijl.,:;'|! ", 0.28),
    **dict.fromkeys('frt()[]/-"', 0.35),
    **dict.fromkeys("mwMW@%", 0.88),
}
"""Character → width as a share of the font size, in Liberation Sans and Arial."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is, in pixels, for fonts with the metrics of Arial."""
    return sum(map(_share, text)) * size * (1.06 if bold else 1.0)


def fitted(name: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a name from the data in one line, without its middle where it is too long."""
    text = visible(name)
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = len(text)
    while kept > 1:
        kept -= 1
        tail = kept // 3
        cut = text[: kept - tail].rstrip() + "…" + (text[-tail:].lstrip() if tail else "")
        if text_width(cut, size, bold=bold) <= width:
            return cut
    return "…"


def wrapped(
    text: str, width: float, size: float, *, bold: bool = False, most: int = 3
) -> list[str]:
    """Return a text as lines that fit; what does not fit on the last is cut off."""
    lines: list[str] = [""]
    for word in filter(None, visible(text).split(" ")):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, bold=bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [fitted(line, width, size, bold=bold) for line in lines]


def first_sentence(text: str, lead: str) -> str:
    """Return the first sentence of what a report says, for a title (see `parted`).

    >>> first_sentence("Overconfident: says 97.0 %, is right 91.4 %. Smooth error 0.05.", "")
    'Overconfident: says 97.0 %, is right 91.4 %'
    """
    return parted(text, lead)[0].removesuffix(".")


def figure(estimate: Estimate | None) -> str:
    """Return the point that reports lead with: the median-unbiased one where there is one."""
    if estimate is None or estimate.value is None:
        return "–"
    point = estimate.point
    assert point is not None
    ends = (estimate.low, estimate.high)
    width = None if None in ends else (estimate.high or 0) - (estimate.low or 0)
    return shown(point, places(point, width=width))


def interval(estimate: Estimate) -> str:
    """Return the interval of an estimate, as in "0.04 to 0.07"; "" where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    decimals = places(estimate.value, width=estimate.high - estimate.low)
    return shown_interval(estimate.low, estimate.high, decimals, "number")


def percent(*values: float | None) -> list[str]:
    """Return shares in percent, with a decimal, and more where they are nearly 0 or 1.

    >>> percent(0.5, 0.00042, 0.99995, 1.0, None)
    ['50.0 %', '0.042 %', '99.995 %', '100 %', '–']
    """
    return ["–" if value is None else _percent(value) for value in values]


def _percent(share: float) -> str:
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    if 0 < share < 1e-7:
        return f"{plain(float(f'{100 * share:.2g}'))} %"
    least = min(abs(share), abs(1 - share))
    decimals = 1 if least >= 0.01 else min(1 - math.floor(math.log10(100 * least)), 6)
    return f"{shown(share, decimals, 'percent')} %"


def cutoff_text(value: float) -> str:
    """Return a cutoff to its last digit, as it can be typed in; a long one cut short and marked so.

    >>> cutoff_text(0.9521), cutoff_text(1.0), cutoff_text(1 / 3)
    ('0.9521', '1', '≈ 0.3333')
    """
    text = plain(value)
    return text if len(text) <= 9 else f"≈ {score_text(value)}"


def amount(weight: float) -> str:
    """Return how many rows: whole numbers as they are, weights with three digits.

    >>> amount(1940.0), amount(1942.5), amount(0.25)
    ('1,940', '1,942', '0.25')
    """
    if abs(weight - round(weight)) < 1e-6 or weight >= 1000:
        return compact(round(weight))
    return plain(float(f"{weight:.3g}"))


def plain(value: float) -> str:
    """Return a number to its last digit, and never with an exponent.

    >>> plain(1e-05), plain(0.25), plain(3.0)
    ('0.00001', '0.25', '3')
    """
    return f"{Decimal(repr(float(value))):f}".removesuffix(".0")


def score_text(value: float) -> str:
    """Return a score with three digits of its distance from 0 or from 1, whichever is nearer.

    >>> score_text(0.06666666), score_text(0.99999), score_text(1 / 3), score_text(1.0)
    ('0.0667', '0.99999', '0.3333', '1')
    """
    least = min(abs(value), abs(1 - value)) if 0 < value < 1 else abs(value)
    if least in (0.0, math.inf):
        return plain(value) if math.isfinite(value) else str(value)
    digits = 2 if least < 1 else 3
    decimals = min(max(digits - math.floor(math.log10(least)), 0), 17)
    return plain(round(value, max(decimals, 4 if least < 1 else 0)))


def _share(char: str) -> float:
    if char in SHARES:
        return SHARES[char]
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.69 if char.isupper() else 0.56


def listed(parts: Sequence[str]) -> str:
    """Return what is known of a mark, in a line for its tooltip."""
    return " · ".join(part for part in parts if part)

"""The sheet that a page or a picture is set on: its title, its size, its resolution, its date."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from calaudit.errors import SettingsError

A4, LETTER = (793.7, 1122.5), (816.0, 1056.0)

SIZES = {
    "a4": A4, "letter": LETTER, "a4-landscape": A4[::-1], "letter-landscape": LETTER[::-1],
    "slide": (1280.0, 720.0),
}  # fmt: skip
"""Name → width and height in pixels, 96 of which are an inch; a slide is 16:9."""

LEAST, MOST, DPI = 300, 6000, 192.0
"""Pixels that a side may have, and those in an inch of a PNG, unless others are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page or a picture is set on.

    Attributes:
        title: stands over it; "" for its own.
        size: one of `SIZES`, or WIDTHxHEIGHT in pixels; "" for a picture as it is drawn, and A4.
        dpi: pixels in an inch of a PNG.
        date: printed on one page, as YYYY-MM-DD; "" for `today`.
    """

    title: str = ""
    size: str = ""
    dpi: float = DPI
    date: str = ""

    def __post_init__(self) -> None:
        """Refuse a resolution or a size that there is not."""
        if not 36 <= self.dpi <= 1200:
            raise SettingsError(f"dpi is {self.dpi:g}, and has to be from 36 to 1200")
        if min(self.sides) < LEAST or max(self.sides) > MOST:
            raise SettingsError(
                f"there is no size {self.size!r}; there are: {', '.join(SIZES)}, or "
                f"WIDTHxHEIGHT in pixels from {LEAST} to {MOST}, such as 1200x675"
            )

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height in pixels; nothing for a size that there is not.

        >>> Sheet(size="1200x675").sides
        (1200.0, 675.0)
        """
        found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", self.size.lower())
        sides = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
        return SIZES.get(self.size.lower() or "a4", sides)


def today() -> str:
    """Return the date to print: of ``SOURCE_DATE_EPOCH`` where that is set, else of the clock."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = datetime.fromtimestamp(int(told), UTC) if told else datetime.now()
        return now.date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise SettingsError(
            f"SOURCE_DATE_EPOCH is {told!r}, and has to be a number of seconds since 1970"
        ) from None

"""The reliability table: what the scores say, what came true, and how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.report.content.columns import DASH, rate_text
from calaudit.report.model import Bin
from calaudit.report.numbers import compact, shown

__all__ = ["BinLine", "BinTable", "is_inside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLine:
    """One bin as text; what an empty bin does not have is ""."""

    span: str
    rows: str
    says: str
    came: str
    interval: str
    gap: str


class BinTable:
    """The bins as text; decimals are shared by all of them.

    Args:
        bins: those that are shown, none of them empty.
    """

    def __init__(self, bins: Sequence[Bin]) -> None:
        self._edges = _edge_places(bins)
        self._decimals = _rate_places(bins)

    def line(self, b: Bin) -> BinLine:
        """Return one bin."""
        d = self._decimals
        gap = None if b.mean_score is None or b.observed is None else b.mean_score - b.observed
        ends = [rate_text(end, d) for end in (b.low, b.high)]
        return BinLine(
            span=self.span(b.lower, b.upper),
            rows=compact(b.rows),
            says=rate_text(b.mean_score, d),
            came=rate_text(b.observed, d),
            interval=DASH.join(ends) if all(ends) else "",
            gap=shown(gap, d, "points", sign=True),
        )

    def span(self, lower: float, upper: float) -> str:
        """Return the scores from ``lower`` to ``upper``."""
        last = f"{DASH}{upper:.{self._edges}f}" if upper > lower else ""
        return f"{lower:.{self._edges}f}{last}"


def is_inside(b: Bin) -> bool:
    """Return whether the observed rate lies where a calibrated model's would."""
    if b.observed is None or b.band_low is None or b.band_high is None:
        return True
    return b.band_low <= b.observed <= b.band_high


def _rate_places(bins: Sequence[Bin]) -> int:
    """Return decimals that show small rates, and every gap that lies outside of the band."""
    rates = [v for b in bins for v in (b.mean_score, b.observed) if v]
    gaps = [abs((b.mean_score or 0) - (b.observed or 0)) for b in bins if not is_inside(b)]
    smallest = min([10 * min(rates, default=0.1), *(20 * gap for gap in gaps if gap)])
    return next((d for d in (1, 2, 3) if smallest >= 10.0 ** -(d + 1)), 4)


def _edge_places(bins: Sequence[Bin]) -> int:
    """Return as few decimals as place the edges within a fiftieth of the narrowest bin."""
    edges = [edge for b in bins for edge in (b.lower, b.upper)]
    near = min((b.upper - b.lower for b in bins if b.upper > b.lower), default=0.1) / 50
    return next((d for d in range(2, 6) if all(abs(round(e, d) - e) <= near for e in edges)), 6)

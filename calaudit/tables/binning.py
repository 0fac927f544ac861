"""Where one bin of scores ends and the next begins, in each convention people use.

Tools disagree about scores that sit exactly on an edge, about exact 0 and exact 1, and about
the denominator. A `Binning` says it once, as keys of the score table, so that the same table
serves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import SettingsError
from calaudit.options.choices import CONVENTIONS
from calaudit.tables.keys import ONE_KEY, keys_of

MAX_BINS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Binning:
    """Bins of [0, 1] that are runs of keys.

    Attributes:
        convention: name of the rule.
        begins: (B,) sorted int64; bin b holds the keys in ``[begins[b], begins[b + 1])``.
        lower, upper: (B,) edges for display.
        dropped: whether rows before the first bin (exact 0) are left out of every bin.
        shrinks: whether dropped rows also leave the denominator.
    """

    convention: str
    begins: NDArray[np.int64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    dropped: bool = False
    shrinks: bool = False

    def __len__(self) -> int:
        return len(self.begins)

    @property
    def cuts(self) -> tuple[int, ...]:
        """Keys at which a table must split its cells for the bins to be exact."""
        return tuple(int(key) for key in self.begins if key > 0)

    def bin_of(self, starts: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the bin of each cell by its first key; -1 for a cell that no bin holds."""
        return np.searchsorted(self.begins, starts, side="right") - 1


def equal_width(bins: int, convention: str = "right", dtype: str = "float64") -> Binning:
    """Return equal-width bins of [0, 1].

    Args:
        bins: number of bins as the convention counts them (``mapie`` counts edges).
        convention: "right" (lo, hi] with 0 in the first bin (Guo et al. 2017 for p > 0; also
            ``sklearn``); "left" [lo, hi) with 1 in the last (also ``netcal``); "guo": as
            right, but exact 0 falls into no bin and stays in n; "calzone": as guo, and n
            shrinks; "torchmetrics": as left, but exact 1 in a bin of its own, and edges as
            torch rounds them in the dtype of the scores; "mapie": ``bins - 1`` bins (lo, hi]
            and one for exact 0.
        dtype: dtype of the scores ("float32" matters to ``torchmetrics`` only).

    Raises:
        SettingsError: unknown convention, or too few or too many bins.
    """
    if convention not in CONVENTIONS:
        raise SettingsError(
            f"unknown convention {convention!r}; choose one of {', '.join(CONVENTIONS)}"
        )
    least = 2 if convention == "mapie" else 1
    if not least <= bins <= MAX_BINS:
        raise SettingsError(f"the number of bins must be {least} to {MAX_BINS}, not {bins}")
    edges = np.linspace(0.0, 1.0, bins if convention == "mapie" else bins + 1)
    if convention == "torchmetrics":
        edges = _torch_edges(bins, np.float64 if dtype == "float64" else np.float32)
    lower, upper = edges[:-1], edges[1:]
    inner = keys_of(edges[1:-1]).copy()
    if convention in ("left", "netcal", "torchmetrics"):
        begins = np.concatenate([[0], inner])
        if convention == "torchmetrics":
            begins = np.append(begins, ONE_KEY)
            lower, upper = np.append(lower, 1.0), np.append(upper, 1.0)
        return Binning(convention, begins, lower, upper)
    after = inner + 1  # the first key above the edge: an edge belongs to the bin below it
    if convention in ("guo", "calzone"):
        begins = np.concatenate([[1], after])
        return Binning(convention, begins, lower, upper, True, convention == "calzone")
    if convention == "mapie":
        begins = np.concatenate([[0, 1], after])
        return Binning(convention, begins, np.append(0.0, lower), np.append(0.0, upper))
    return Binning(convention, np.concatenate([[0], after]), lower, upper)


def _torch_edges(bins: int, kind: type[np.float64] | type[np.float32]) -> NDArray[np.float64]:
    """Return the edges as ``torch.linspace(0, 1, bins + 1)`` rounds them.

    It multiplies a rounded step, from 0 in the first half and back from 1 in the second, with
    one rounding for product and difference; 0.3 and 0.7 of ten bins are not numpy's.
    """
    step = Fraction(float(kind(1.0) / kind(bins)))
    half = (bins + 1) // 2
    exact = [step * i if i < half else 1 - step * (bins - i) for i in range(bins + 1)]
    return np.array([float(edge) for edge in exact]).astype(kind).astype(np.float64)

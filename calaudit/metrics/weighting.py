"""What weights do to the uncertainty of a figure.

A weight may hang on the label (negatives kept at 2 % and weighted 50) or on a part of the rows
with another error rate, so that no number of rows is worth as much as all of them for every
figure. Two quantities serve instead. The variance of a weighted mean is the sandwich
Σ w²(x − m)²/(Σw)². That of Σ w(y − p), were the scores calibrated, is Σ w p(1−p)·u with
u = (1−p)·ω₁ + p·ω₀, ω_y = Σw²/Σw over the rows of label y with scores nearby. Without weights,
and where a row of weight w stands for w rows, every ω is exactly 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.normal import normal_quantile, wilson
from calaudit.tables.cells import Cells
from calaudit.tables.groups import Clusters

Floats = NDArray[np.float64]

NEAR = 200
"""Rows of a label around a score whose weights say what one more there would weigh: fewer may all
be light where one in fifty is heavy."""

REACH = 0.05
FEW = 5
"""They have scores within `REACH` of it where at least so many do."""


PLENTY = 0.01
"""1/df that is let go: an interval would be longer by less than 2 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Rows in sets, whatever their shape: Σw, Σw² and the number of rows of each.

    Where rows belong together, and a set is of a label and cell, ``groups`` has them by group.
    """

    w: Floats
    w2: Floats
    rows: NDArray[Any]
    groups: Clusters | None = None

    def of(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Weighed:
        """Return what a function of sums, such as one that picks or adds groups, makes of each."""
        return Weighed(change(self.w), change(self.w2), change(self.rows))


def weighed(cells: Cells) -> Weighed:
    """Return the rows of each label and cell."""
    return Weighed(cells.w, cells.w2, cells.counts, cells.groups)


def near_weights(sums: Weighed, scores: Floats) -> Floats:
    """Return (2, m) ω: what Σw²/Σw of rows of each label is around the scores of each cell.

    That of the nearest rows of the label. Where they are far off, and the rows of the other label
    have other weights there than here, so have they: the ratio of both labels is carried over. A
    label without rows is taken to have the weights of the other.

    Args:
        sums: (2, m) rows by label and cell.
        scores: (m,) rising scores of the cells.
    """
    if np.array_equal(sums.w, sums.w2):
        return np.ones_like(sums.w)
    labels = [sums.of(itemgetter(y)) for y in (0, 1) if sums.w[y].any()]
    alone = [_near(label, scores, np.ones_like(scores)) for label in labels]
    if len(labels) == 1:
        return np.stack(alone * 2)
    return np.stack([alone[1 - y] * _near(labels[y], scores, alone[1 - y]) for y in (0, 1)])


def _near(sums: Weighed, scores: Floats, relative: Floats) -> Floats:
    """Return (m,) Σw²/Σ(w · relative) over the nearest rows; a cell may be taken in part."""
    held = sums.w > 0
    at = np.concatenate([[0.0], np.cumsum(np.where(held, sums.rows, 0))])
    least, most = (min(rows, at[-1]) / 2.0 for rows in (FEW, NEAR))
    middle = np.clip((at[1:] + at[:-1]) / 2.0, least, at[-1] - least)
    begin = at[np.searchsorted(scores, scores - REACH)]
    end = at[np.searchsorted(scores, scores + REACH, side="right")]
    begin = np.clip(begin, middle - most, middle - least)
    end = np.clip(end, middle + least, middle + most)
    weight = sums.w * relative
    squares, weights = (
        np.interp(end, at, total) - np.interp(begin, at, total)
        for total in (np.concatenate([[0.0], np.cumsum(x)]) for x in (sums.w2, weight))
    )
    own = sums.w2[held] / weight[held]
    # Beside weights of another size, little may be left of a difference of sums.
    near: Floats = np.clip(squares / np.maximum(weights, 1e-300), own.min(), own.max())
    return near


def mixed(rate: Floats, weights: Floats) -> Floats:
    """Return (1 − rate)·ω₁ + rate·ω₀: by what, times rate·(1 − rate)/Σw, a share varies.

    Args:
        rate: share, or probability, of label 1.
        weights: (2, …) ω₀ and ω₁.
    """
    result: Floats = (1.0 - rate) * weights[1] + rate * weights[0]
    return result


def stretch(off: Floats, sums: Weighed, level: float) -> Floats:
    """Return by what an interval is longer because few heavy rows decide its variance Σw²off².

    Student's quantile over the normal one, with the degrees of freedom of Satterthwaite 1946 that
    weights cost: 1/df = Σw⁴off⁴/(Σw²off²)² − Σoff⁴/(Σoff²)², less `PLENTY`. It is 1 without
    weights, and where heavy rows are many, or no farther off than others.

    Args:
        off: (j, …) distance of the rows of each group from their mean; groups are added up.
        sums: (j, …) the rows.
        level: of the interval.
    """
    square = off * off
    heavy, plain = sums.w2 * square, sums.rows * square
    fourth = heavy * heavy * sums.w2 / np.where(sums.w > 0, sums.w**2, 1.0)
    shares = [
        x.sum(axis=0) / np.maximum(y.sum(axis=0), 1e-150) ** 2
        for x, y in ((fourth, heavy), (plain * square, plain))
    ]
    lost = np.clip(shares[0] - shares[1] - PLENTY, 0.0, 0.5)
    z2 = normal_quantile(0.5 + level / 2) ** 2
    # The expansion of Abramowitz & Stegun 26.7.5.
    third = ((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0
    second = (5.0 * z2 + 16.0) * z2 + 3.0
    result: Floats = 1.0 + lost * ((z2 + 1.0) / 4.0 + lost * (second / 96.0 + lost * third / 384.0))
    return result


def share_interval(
    sums: Weighed, near: Floats, level: float, *, unseen: float = 1.0
) -> tuple[Floats, Floats]:
    """Return Wilson's interval of shares of weighted rows.

    Of as many rows of equal weight as a share so uncertain is of: m(1 − m)/variance. The variance
    reckons with a row not seen on either side: those seen may by chance be light ones alone, so
    that it has at least the weight that it would have if both sides varied alike.

    Limits: of a bin in which few heavy rows decide the interval holds in 88 to 91 %.

    Args:
        sums: (2, …) rows that are not, and that are, counted in the share.
        near: (2, …) Σw²/Σw that more such rows would have.
        level: of the interval.
        unseen: how many of them are reckoned with.
    """
    w, total = sums.w, sums.w[0] + sums.w[1]
    if not np.array_equal(w, sums.w2):
        held = np.where(w > 0, w, 1.0)
        varied = np.where(w > 0, sums.w2 * sums.rows / held**2, 1.0)
        near = np.maximum(near, w / np.maximum(sums.rows, 1) * varied[::-1])
    share = np.clip(w[1] / np.where(total > 0, total, 1.0), 0.0, 1.0)
    n = total / mixed(share, (sums.w2 + unseen * near * near) / (w + unseen * near))
    n = n / stretch(np.stack([share, 1.0 - share]), sums, level) ** 2
    return wilson(share, np.where(total > 0, n, 1.0), level)

"""The forms of maps that are affine in the logits: what vector and matrix scaling differ in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INFINITE = 1e149
"""Logits at or below minus this count as −inf: their squares would overflow."""

ALONE = 1 << 18
"""Multiplications that OpenBLAS does in one thread. More are spread over threads that spin until
the last is done: no faster for so little work, and many times slower on a busy machine."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Logits in units of the temperature, with what is impossible set apart.

    Attributes:
        u: (n, K) logits divided by T; 0 where they are −inf.
        never: (n, K) where they are −inf, or None where none is.
    """

    u: Floats
    never: NDArray[np.bool_] | None

    @classmethod
    def of(cls, u: Floats) -> Units:
        """Return logits that are finite or −inf."""
        never = u <= -INFINITE
        return cls(np.where(never, 0.0, u), never) if never.any() else cls(u, None)

    def part(self, rows: slice) -> Units:
        """Return some of the rows."""
        return Units(self.u[rows], None if self.never is None else self.never[rows])


class Form(ABC):
    """How (K, d) parameters x turn units into logits, linearly: s_ij = x_j · features_j(u_i)."""

    method: ClassVar[str]
    penalty: ClassVar[str]
    masks: ClassVar[bool]
    """Whether a logit of −inf has a meaning: a class that cannot be."""
    shifts: ClassVar[bool] = False
    """Whether the units are added to the scores, with a slope that is not fitted."""

    @abstractmethod
    def centre(self, k: int) -> Floats:
        """Return the parameters that leave the units as they are: temperature scaling."""

    @abstractmethod
    def pull(self, k: int) -> Floats:
        """Return how many rows' worth of evidence pulls each parameter to the centre."""

    @abstractmethod
    def scores(self, x: Floats, u: Floats) -> Floats:
        """Return (n, K) logits."""

    @abstractmethod
    def back(self, r: Floats, u: Floats) -> Floats:
        """Return (K, d) sums over rows Σ_i r_ij features_j(u_i), the transpose of `scores`."""

    @abstractmethod
    def features(self, u: Floats, j: int) -> Floats:
        """Return (n, d) what the parameters of output j are multiplied by."""

    def below(self, x: Floats, units: Units) -> Floats:
        """Return (n, K) logits less the largest of their row; −inf for what is impossible."""
        s = self.scores(x, units.u)
        if self.shifts:
            s += units.u
        if units.never is not None:
            s[units.never] = -np.inf
        s -= s.max(axis=1, keepdims=True)
        return s


def slices(n: int, k: int) -> Iterator[slice]:
    """Yield slices of n rows whose products with a (K, K) matrix are best done at a time."""
    few = ALONE // (k * k)
    size = few if few >= 16 else ALONE // k
    return (slice(begin, begin + size) for begin in range(0, n, size))

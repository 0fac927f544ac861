"""Probabilities of exactly 0 for what happened, whose logarithm hangs on what stands for 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calaudit.calibrators.certificate import FloorFit
from calaudit.errors import InputError, NotEnoughData
from calaudit.findings.finding import Finding, finding

FLOORS = (1e-45, 1e-12, 1e-7)

ALIKE = 1.05
"""Largest ratio of temperatures at which a fit is the same at every floor, as people see it."""

HANGS = "hangs on the floor"


@dataclass(frozen=True, slots=True)
class Floors:
    """What a range of floors does to a fit by logarithms.

    Attributes:
        rows: rows that give probability 0 to what happened.
        floor: of the fit. given: whether the user chose it.
        fits: temperatures by floor; none where there are no such rows.
    """

    rows: int
    floor: float
    given: bool
    fits: tuple[FloorFit, ...] = ()

    @classmethod
    def of(cls, rows: int, floor: float, fit: Callable[[float], float], *, given: bool) -> Floors:
        """Return the temperatures that ``fit`` finds at several floors, where that matters."""
        found = []
        for low in FLOORS if rows else ():
            try:
                found.append(FloorFit(low, fit(low)))
            except InputError:
                found.append(FloorFit(low, None))
        return cls(rows, floor, given, tuple(found))

    @property
    def refused(self) -> bool:
        """Whether the fit is another, or none, at another floor, and nobody chose this one."""
        return self._hang and not self.given

    @property
    def _hang(self) -> bool:
        found = [fit.temperature for fit in self.fits if fit.temperature is not None]
        return bool(found) and (len(found) < len(self.fits) or max(found) > ALIKE * min(found))

    def refusal(self, instead: str = "") -> NotEnoughData:
        """Return the error that says so; ``instead``: what else to do than to fit on logits."""
        shown = ", ".join(
            f"{'none' if f.temperature is None else format(f.temperature, '.4g')} at {f.floor:g}"
            for f in self.fits
        )
        return NotEnoughData(
            f"{self._said} (rounded or saturated probabilities), so that there is no one "
            "temperature",
            f"T by the floor that stands for 0: {shown}. Fit on logits{instead}; or accept one "
            f"floor with --floor {self.floor:g}",
        )

    def remarks(self) -> list[Finding]:
        """Return a remark where there are such rows."""
        kind = "left-out" if self.refused else "depends" if self._hang else "alike"
        remark = finding("saturated", kind=kind, rows=self.rows, floor=self.floor)
        return [remark] * bool(self.fits)

    @property
    def _said(self) -> str:
        rows = f"{self.rows:,} row gives" if self.rows == 1 else f"{self.rows:,} rows give"
        return f"{rows} probability exactly 0 to what happened"

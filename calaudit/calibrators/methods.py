"""The methods by name, the simplest first: what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable

from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.beta import fit_beta
from calaudit.calibrators.fit_points import Sample
from calaudit.calibrators.histogram_binning import fit_histogram
from calaudit.calibrators.identity import Identity
from calaudit.calibrators.intercept import fit_intercept
from calaudit.calibrators.isotonic import fit_centered_isotonic, fit_isotonic
from calaudit.calibrators.platt import fit_platt
from calaudit.calibrators.spline import fit_spline
from calaudit.calibrators.temperature import fit_temperature
from calaudit.calibrators.venn_abers import fit_venn_abers

BinaryFit = Callable[[Sample], BinaryMap]


def _fit_identity(_: Sample) -> Identity:
    return Identity()


BINARY_FITS: dict[str, BinaryFit] = {
    "identity": _fit_identity,
    "temperature": fit_temperature,
    "intercept": fit_intercept,
    "platt": fit_platt,
    "beta": fit_beta,
    "spline": fit_spline,
    "centered-isotonic": fit_centered_isotonic,
    "isotonic": fit_isotonic,
    "histogram": fit_histogram,
    "venn-abers": fit_venn_abers,
}
"""Method → fit, in the order of simplicity that ``auto`` goes by."""

AUTO = ("identity", "temperature", "platt", "beta", "venn-abers")
"""What ``auto`` chooses from. Venn-Abers prediction loses a half to two thirds of what isotonic
regression does, centred or not, whatever the law (``tests/simulation/test_calibrator_choice.py``);
these, histogram binning, which is no smoother, and a shift alone, for who knows that only the base
rate differs, have to be asked for. So has the spline, which gains on beta calibration where there
are many rows and a bend: there it loses, in 1e-4 nats, 3.1 to 12.3 on 10,000 rows but 28.0 to 29.0
on 1,000, and on steps 72.9 to the 14.8 of Venn-Abers prediction."""

TRIED_FROM = {"venn-abers": 1000}
"""Rows from which ``auto`` tries a method that is not a curve with few parameters."""

BINARY_METHODS = tuple(BINARY_FITS)
MULTICLASS_METHODS = ("identity", "temperature", "intercept", "vector", "matrix")
METHODS = tuple(dict.fromkeys(("auto", *BINARY_METHODS, *MULTICLASS_METHODS)))

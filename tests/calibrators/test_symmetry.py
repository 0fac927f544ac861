"""What is true of p is true of 1 − p: the two ends of the scale are treated alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator, logits_of_probabilities
from calaudit.calibrators.fit_points import sample_of
from calaudit.calibrators.identity import Identity
from calaudit.calibrators.temperature import Temperature
from calaudit.tables import ScoreTable
from tests.calibrators.simulated import binary

# 1 − p is exact for each of these, so that both ends can be asked.
EXACT = np.array([0.0, 2.0**-53, 2.0**-52, 2.0**-40, 1e-3 - 1e-3 % 2.0**-53, 0.25, 0.5])
FLOORS = [1e-3, 1e-7, 1e-12, 1e-15, 1e-16, 1e-45, 1e-300]


def of(mapping: Any, floor: float) -> Calibrator:
    """Return a binary calibrator of probabilities."""
    return Calibrator(mapping, "binary", "probability", ("0", "1"), floor)


@pytest.mark.parametrize("floor", FLOORS)
def test_logits(floor) -> None:
    """The logit of 1 − p is minus that of p to the last bit; 0 and 1 are at the floor."""
    assert np.array_equal(1.0 - (1.0 - EXACT), EXACT)
    low, high = (logits_of_probabilities(p, floor) for p in (EXACT, 1.0 - EXACT))
    assert np.array_equal(low, -high)
    assert low[0] == pytest.approx(np.log(floor) - np.log1p(-floor), rel=1e-15)
    assert np.isfinite(low).all()
    assert np.all(np.diff(low) >= 0)


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("mapping", [Temperature(0.3), Temperature(1.0), Temperature(40.0)])
def test_temperature(mapping, floor) -> None:
    """apply(1 − p) = 1 − apply(p), and what is near 0 keeps its digits."""
    calibrator = of(mapping, floor)
    low, high = calibrator.apply(EXACT), calibrator.apply(1.0 - EXACT)
    assert np.abs(high - (1.0 - low)).max() <= 2.0**-53
    odds = np.maximum(EXACT, floor) / (1.0 - np.maximum(EXACT, floor))
    expected = odds ** (1.0 / mapping.T)
    assert low == pytest.approx(expected / (1.0 + expected), rel=1e-12)


def test_identity() -> None:
    """Identity gives every probability back, 0, 1 and the smallest float included."""
    p = np.array([0.0, 5e-324, 2.0**-53, 0.5, 1.0 - 2.0**-53, 1.0])
    assert np.array_equal(of(Identity(), 1e-12).apply(p), p)


@pytest.mark.parametrize("floor", FLOORS)
def test_ends(floor) -> None:
    """The smallest float is not below 0, 1 − 2⁻⁵³ is not above 1, and the map does not fall."""
    p = np.array([0.0, 5e-324, 2.0**-53, 0.5, 1.0 - 2.0**-53, 1.0])
    found = of(Temperature(2.0), floor).apply(p)
    assert np.all(np.diff(found) >= 0)
    assert found[3] == 0.5
    assert found[0] + found[-1] == pytest.approx(1.0, abs=2.0**-53)
    assert found[0] > 0.0


@pytest.mark.parametrize("floor", FLOORS)
def test_samples_and_scores_agree(floor) -> None:
    """The fit sees the logits that are calibrated later, at both ends."""
    p = np.concatenate([EXACT, 1.0 - EXACT, [5e-324, 0.9]])
    sample = sample_of(ScoreTable.of(p, np.arange(len(p)) % 2).cells(), floor=floor)
    assert np.array_equal(sample.z, logits_of_probabilities(sample.p, floor))


@pytest.mark.parametrize("method", ["identity", "temperature", "platt", "beta"])
@pytest.mark.parametrize("floor", [1e-3, 1e-12, 1e-20])
def test_fits(method, floor) -> None:
    """Exchanging the classes exchanges the answers, with scores of exactly 0 and 1 as well."""
    z, y = binary(2000, 3.0)
    p = np.round(1.0 / (1.0 + np.exp(-z)) * 64) / 64
    one = fit(y, p, method=method, floor=floor)
    other = fit(1 - y, 1.0 - p, method=method, floor=floor)
    assert other.apply(1.0 - p) == pytest.approx(1.0 - one.apply(p), rel=1e-9, abs=1e-12)

"""What ``auto`` chooses, and what it shows of the choice."""

from __future__ import annotations

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.method_choice import candidates_of
from calaudit.errors import NotEnoughData
from tests.calibrators.simulated import binary, several

METHODS = ("identity", "temperature", "platt")


def chosen(means: dict[str, float], error: float) -> str:
    """Return the choice, every difference having one error."""
    found = candidates_of(
        METHODS, means, lambda a, b: (means[a] - means[b], error if a != b else 0.0), {}
    )
    assert sum(c.chosen for c in found) == 1
    return next(c.method for c in found if c.chosen)


def test_simplest_within_one_error() -> None:
    """The first within one standard error of the best is chosen, not the best."""
    assert chosen({"identity": 0.50, "temperature": 0.41, "platt": 0.40}, 0.02) == "temperature"
    assert chosen({"identity": 0.50, "temperature": 0.43, "platt": 0.40}, 0.02) == "platt"
    assert chosen({"identity": 0.42, "temperature": 0.43, "platt": 0.40}, 0.02) == "identity"


def test_no_curve_is_no_choice() -> None:
    """Where no curve can be fitted the reason is raised, instead of "identity" chosen."""
    with pytest.raises(NotEnoughData, match="separable"):
        candidates_of(
            METHODS, {"identity": 0.1}, lambda *_: (0.0, 0.0),
            {"temperature": "separable", "platt": "separable"},
        )  # fmt: skip


def test_calibrated_scores_stay() -> None:
    """Scores that are calibrated are mostly left alone."""
    left = 0
    for seed in range(20):
        z, y = binary(1000, 1.0, seed=seed)
        left += fit(y, z, scale="logit").method == "identity"
    assert left >= 14


def test_overconfident_scores_get_a_temperature() -> None:
    """Scores that are too extreme by one factor get that factor, and not more."""
    z, y = binary(5000, 3.0)
    assert fit(y, z, scale="logit").method == "temperature"
    z, y = several(3000, 5, 3.0)
    assert fit(y, z, scale="logit").method == "temperature"


def test_shifted_classes_get_a_vector() -> None:
    """Classes that are shifted against each other need more than a temperature."""
    z, y = several(5000, 4, 1.0)
    assert fit(y, z + np.array([0, 1.5, -1.5, 0]), scale="logit").method == "vector"


def test_table_of_candidates() -> None:
    """Every method has its loss or the reason why not, and the best is worse by 0."""
    z, y = binary(2000, 2.0)
    candidates = fit(y, z, scale="logit").certificate.candidates
    assert [c.method for c in candidates] == [
        "identity", "temperature", "platt", "beta", "venn-abers",
    ]  # fmt: skip
    assert min(c.worse for c in candidates if c.worse is not None) == 0.0
    (few,) = fit(y[:900], z[:900], scale="logit").certificate.candidates[-1:]
    assert few.reason == "not tried (needs 1,000 rows)"


def test_cross_fitted_figures_are_those_of_the_choice() -> None:
    """The log loss of the check is the cross-validated loss of the chosen candidate."""
    for z, y in (binary(3000, 2.0), several(2000, 4, 2.0)):
        certificate = fit(y, z, scale="logit").certificate
        (check,) = certificate.checks
        loss = next(c.log_loss for c in certificate.candidates if c.chosen)
        assert check.kind == "cross-fitted"
        assert check.after.log_loss == pytest.approx(loss, rel=1e-9)
        first = certificate.candidates[0].log_loss
        assert check.before.log_loss == pytest.approx(first, rel=1e-9)
        assert first is not None
        assert loss is not None
        assert check.saved == pytest.approx(first - loss, rel=1e-9)

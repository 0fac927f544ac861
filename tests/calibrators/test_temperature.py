"""Temperature scaling: the right number at every scale, for every type, from any start."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.certificate import ParameterEstimate
from calaudit.calibrators.temperature import solve_temperature
from calaudit.report.content.certificate_text import meaning
from tests.calibrators.simulated import binary, reference_temperature, several

SCALES = (0.001, 0.29524, 2.9524, 29.524, 1000.0)
TYPES = ("float16", "float32", "float64")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("temperature", SCALES)
def test_multiclass_scales(temperature, kind) -> None:
    """T agrees with Brent's method in extended precision to 1e-9, far out too."""
    z, y = several(5000, 10, temperature, seed=3)
    z = z.astype(kind)
    found = fit(y, z, scale="logit", method="temperature").parameters()["T"]
    assert found == pytest.approx(reference_temperature(z, y), rel=1e-9)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("temperature", SCALES)
def test_binary_scales(temperature, kind) -> None:
    """The same from a score table, where logits in the thousands have no float64 tail."""
    z, y = binary(5000, temperature, seed=4)
    z = z.astype(kind)
    found = fit(y, z, scale="logit", method="temperature").parameters()["T"]
    assert found == pytest.approx(reference_temperature(z, y), rel=1e-9)


def test_two_classes_and_one_logit_agree() -> None:
    """A binary logit and the two logits (0, z) have one temperature, and one interval."""
    z, y = binary(3000, 1.7, seed=5)
    one = fit(y, z, scale="logit", method="temperature")
    never = np.full_like(z, -np.inf)
    two = fit(y, np.stack([0 * z, z, never], axis=1), scale="logit", method="temperature")
    a, b = one.certificate.parameters[0], two.certificate.parameters[0]
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-9)


def test_weights_count_rows() -> None:
    """A row of weight 3 moves T as three rows do, for one score and for several classes."""
    rng = np.random.default_rng(6)
    for make, options in ((binary, {}), (lambda n, t, seed: several(n, 4, t, seed), {})):
        z, y = make(600, 2.0, 7)
        w = rng.integers(1, 4, 600)
        weighted = fit(y, z, sample_weight=w, scale="logit", method="temperature", **options)
        repeated = fit(
            np.repeat(y, w), np.repeat(z, w, axis=0), scale="logit", method="temperature"
        )
        assert weighted.parameters()["T"] == pytest.approx(repeated.parameters()["T"], rel=1e-9)


def test_row_shift_changes_nothing() -> None:
    """Adding a constant to all logits of a row leaves T as it is."""
    z, y = several(2000, 5, 2.0, seed=8)
    shifted = z + np.linspace(-50, 50, len(z))[:, None]
    plain, moved = (
        fit(y, x, scale="logit", method="temperature").parameters()["T"] for x in (z, shifted)
    )
    assert moved == pytest.approx(plain, rel=1e-10)


def test_impossible_classes_are_masked() -> None:
    """−inf logits of other classes count as impossible, as a very low logit does."""
    z, y = several(2000, 5, 2.0, seed=9)
    out = np.zeros_like(z, bool)
    out[::3, 0] = True
    out[np.arange(len(y)), y] = False
    low, minus = np.where(out, -1e5, z), np.where(out, -np.inf, z)
    found = [fit(y, x, scale="logit", method="temperature") for x in (low, minus)]
    a, b = (c.parameters()["T"] for c in found)
    assert a == pytest.approx(b, rel=1e-10)
    assert np.all(found[1].apply(minus, scale="logit")[out] == 0)


@pytest.mark.parametrize("start", [-20.0, -3.0, 0.0, 3.0, 20.0])
def test_solver_from_anywhere(start) -> None:
    """Newton's method inside its bracket ends at the root, wherever it begins."""

    def derivatives(beta: float) -> tuple[float, float]:
        bend = math.tanh(beta - 2.0)
        return bend + 0.01 * (beta - 2.0), 1.01 - bend**2

    log_beta, slope, _, _ = solve_temperature(derivatives, 1.0, start=start)
    assert math.exp(log_beta) == pytest.approx(2.0, rel=1e-12)
    assert abs(slope) < 1e-12


def test_certificate() -> None:
    """The gradient left is nil, the curvature and interval are those of the formulas."""
    z, y = several(4000, 6, 2.5, seed=10)
    fitted = fit(y, z, scale="logit", method="temperature", level=0.9)
    certificate = fitted.certificate
    t = fitted.parameters()["T"]
    p = fitted.apply(z, scale="logit")
    mean = (p * z).sum(axis=1)
    gap = mean - z[np.arange(len(z)), y]
    variance = (p * z * z).sum(axis=1) - mean**2
    assert certificate.gradient == pytest.approx(0.0, abs=1e-10)
    assert certificate.curvature == pytest.approx(variance.mean() / t**2, rel=1e-8)
    half = 1.6448536 * math.sqrt((gap**2).sum()) / len(z) / (variance.mean() / t)
    (parameter,) = certificate.parameters
    assert parameter.low == pytest.approx(t * math.exp(-half), rel=1e-6)
    assert parameter.high == pytest.approx(t * math.exp(half), rel=1e-6)
    assert certificate.rows == 4000
    assert certificate.class_rows == tuple(np.bincount(y))


def worded(low: float | None, high: float | None) -> str:
    """Return what a certificate says of a temperature with this interval."""
    fitted = fit(*binary(200)[::-1], scale="logit", method="temperature")
    estimate = ParameterEstimate("T", 2.0, low, high)
    return meaning(replace(fitted, certificate=replace(fitted.certificate, parameters=(estimate,))))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.49, 4237.0, "These rows hardly tell T."),
        (None, None, "These rows hardly tell T."),
        (0.8, 1.3, "The scores were about right: 1 is in the interval."),
        (1.1, 1.5, "The scores were too extreme (overconfident)."),
        (1.5, 8.5, "The scores were too extreme (overconfident); these rows hardly tell by how "
         "much."),
        (0.5, 0.9, "The scores were too timid (underconfident)."),
    ],
)  # fmt: skip
def test_what_a_temperature_says(low, high, words) -> None:
    """Scores are about right only where these rows tell T; a wide interval says otherwise."""
    assert worded(low, high) == words

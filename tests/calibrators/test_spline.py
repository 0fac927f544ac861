"""The monotone spline: by hand, against scipy and scikit-learn, and what must hold whatever."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import calaudit
from calaudit.api.fitting import fit
from calaudit.calibrators import spline
from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from calaudit.calibrators.platt import fit_platt
from calaudit.calibrators.spline import LINES, PENALTIES, Spline, fit_spline
from calaudit.cli import main
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import expit
from tests.calibrators.simulated import Floats, binary
from tests.calibrators.test_methods import points


def drawn(law, rows: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Return logits, and labels whose true logit is a law of them."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, 2.0, rows)
    return z, (rng.random(rows) < expit(law(z))).astype(int)


def bent(z: Floats) -> Floats:
    """Return a law that is three times as steep below 0 as above."""
    return np.where(z > 0, 0.5 * z, 1.5 * z)


def test_map_by_hand() -> None:
    """Between knots it is their line, beyond the ends that of the end."""
    lines = Spline(np.array([-1.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0]))
    z = np.array([-3.0, -1.0, 0.0, 1.5, 2.0, 4.0])
    assert lines.logits(expit(z), z) == pytest.approx([-1.0, 0.0, 0.5, 2.5, 4.0, 10.0])


def test_two_scores_by_hand() -> None:
    """Two distinct scores make one line, through the log-odds of their rates."""
    z = np.repeat([-1.0, 2.0], 40)
    y = np.concatenate([np.arange(40) < 10, np.arange(40) < 32]).astype(int)
    fitted = fit(y, z, scale="logit", method="spline").parameters()
    assert fitted["x"] == pytest.approx([-1.0, 2.0])
    assert fitted["y"] == pytest.approx(np.log([1 / 3, 4.0]), abs=1e-9)


def _features(z: Floats, x: Floats) -> Floats:
    """Return 1, z and a hinge at each inner knot: another basis of the same curves."""
    return np.stack([np.ones_like(z), z, *(np.maximum(z - knot, 0.0) for knot in x[1:-1])])


@pytest.mark.parametrize("law", [bent, lambda z: 2.0 * np.floor(z / 1.5)])
def test_optimum_is_that_of_scipy(law) -> None:
    """Of all penalties the evidence, and the least loss there, are those of L-BFGS-B."""
    z, y = drawn(law, 1500, 4)
    sample = points(expit(z), y)
    fitted, a = fit_spline(sample), fit_platt(sample).a
    m = len(fitted.x) - 1
    starts, ends = np.append(-np.inf, fitted.x[1:-1]), np.append(fitted.x[1:-1], np.inf)
    along = np.clip(z[:, None], starts, ends) - fitted.x[:-1]

    def loss(b: Floats, penalty: float) -> tuple[float, Floats]:
        s, turns = b[0] + along @ b[1:], np.diff(b[1:]) / a
        value = np.logaddexp(0.0, np.where(y == 1, -s, s)).sum() + penalty / 2 * turns @ turns
        left = expit(s) - y
        slope = np.append(left.sum(), left @ along)
        slope[2:] += penalty * turns / a
        slope[1:-1] -= penalty * turns / a
        return float(value), slope

    best = (-np.inf, 0.0, np.zeros(0), 0.0)
    for penalty in PENALTIES:
        found = minimize(
            loss, np.append(0.0, np.full(m, a)), (penalty,), "L-BFGS-B", jac=True,
            bounds=[(None, None)] + [(0, None)] * m,
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 10_000, "maxfun": 100_000},
        )  # fmt: skip
        # The curvature in the hinges' basis, which is turned to the lines' by a matrix of det a^m.
        h = _features(z, fitted.x)
        p = expit(found.x[0] + along @ found.x[1:])
        second = (h * (p * (1 - p))) @ h.T
        second[2:, 2:] += penalty / a**2 * np.eye(m - 1)
        determinant = np.linalg.slogdet(second)[1] + 2 * m * np.log(a)
        evidence = (m - 1) / 2 * np.log(penalty) - found.fun - determinant / 2
        if evidence > best[0]:
            best = (evidence, found.fun, found.x, penalty)
    ours = np.append(fitted.y[0], fitted.slopes)
    assert loss(ours, best[3])[0] / len(z) == pytest.approx(best[1] / len(z), abs=1e-6)
    assert fitted.logits(expit(z), z) == pytest.approx(best[2][0] + along @ best[2][1:], abs=0.01)


def test_straight_is_the_line_of_scikit_learn(monkeypatch) -> None:
    """With a penalty that allows no bend it is logistic regression."""
    from sklearn.linear_model import LogisticRegression

    z, y = drawn(bent, 2000, 1)
    monkeypatch.setattr(spline, "PENALTIES", np.array([1e9]))
    peer = LogisticRegression(C=1e10, tol=1e-9, max_iter=1000).fit(z[:, None], y)
    grid = np.linspace(-8.0, 8.0, 33)
    found = fit_spline(points(expit(z), y)).logits(expit(grid), grid)
    assert found == pytest.approx(peer.decision_function(grid[:, None]), abs=1e-4)


def test_bent_law_is_recovered() -> None:
    """On 20,000 rows it is within three standard errors of the rate of one line's rows."""
    z, y = drawn(bent, 20_000)
    grid = np.linspace(-5.0, 5.0, 41)
    found = fit_spline(points(expit(z), y)).logits(expit(grid), grid)
    assert np.abs(expit(found) - expit(bent(grid))).max() < 3.0 * 0.5 * (LINES / 20_000) ** 0.5


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_straight_law_stays_straight(temperature) -> None:
    """Where the truth is a line, so is the curve, very nearly, and its slope is 1/T."""
    z, y = binary(10_000, temperature, seed=3)
    sample = points(expit(z), y)
    grid = np.linspace(-4.0, 4.0, 41) * temperature
    line, curve = (
        each.logits(expit(grid), grid) for each in (fit_platt(sample), fit_spline(sample))
    )
    assert curve == pytest.approx(line, abs=0.15)


def test_knots_are_quantiles() -> None:
    """Of 1,600 rows each of the 16 lines has 100, from the lowest logit to the highest."""
    z, y = drawn(bent, 1600)
    knots = fit_spline(points(expit(z), y)).x
    assert len(knots) == LINES + 1
    assert np.histogram(z, np.append(knots[:-1], 1e3))[0] == pytest.approx(100, abs=1.5)


def test_weights() -> None:
    """Their scale says nothing; frequency weights are rows, one by one."""
    z, y = drawn(bent, 900)
    w = 1 + np.arange(900) % 3
    of: dict[str, Any] = {"scale": "logit", "method": "spline"}
    counted = fit(y, z, sample_weight=w, weight_kind="frequency", **of).apply(z)
    repeated = fit(np.repeat(y, w), np.repeat(z, w), **of).apply(z)
    assert counted == pytest.approx(repeated, abs=1e-9)
    weighted, scaled = (fit(y, z, sample_weight=k * w, **of).apply(z) for k in (1.0, 1e-3))
    assert weighted == pytest.approx(scaled, abs=1e-9)


def test_units_of_logits_say_nothing() -> None:
    """Scores stretched and shifted are calibrated to the same probabilities."""
    z, y = drawn(bent, 1000)
    one, other = (fit(y, x, scale="logit", method="spline").apply(x) for x in (z, 50.0 * z - 200.0))
    assert one == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize("digits", [0, 1])
def test_few_distinct_scores(digits) -> None:
    """Scores that repeat make fewer lines, which still do not fall."""
    z, y = drawn(bent, 2000, 2)
    fitted = fit(y, np.round(z, digits), scale="logit", method="spline")
    assert np.all(np.diff(fitted.apply(np.linspace(-30, 30, 601))) >= 0)
    assert len(fitted.parameters()["x"]) <= len(np.unique(np.round(z, digits)))


def test_refusals() -> None:
    """Too few rows, one class, and labels that a threshold separates have no spline."""
    z, y = drawn(bent, 200)
    of: dict[str, Any] = {"scale": "logit", "method": "spline"}
    with pytest.raises(NotEnoughData, match="spline needs at least 50 rows"):
        fit(y[:49], z[:49], **of)
    with pytest.raises(NotEnoughData, match="every row to fit on is positive"):
        fit(np.ones(200, int), z, task="binary", classes=["0", "1"], **of)
    with pytest.raises(NotEnoughData, match="T goes to 0"):
        fit((z > 0).astype(int), z, **of)


@pytest.mark.parametrize("scale", ["probability", "logit"])
@pytest.mark.parametrize("name", [name for name in TARGETS if name != "value"])
def test_export_of_a_fit(name, scale) -> None:
    """What is exported agrees with the calibrator, beyond its knots as between them."""
    if name == "onnx":
        pytest.importorskip("onnx")
    if not TARGETS[name].runtimes():
        pytest.skip(f"nothing here runs {name}")
    z, y = drawn(bent, 2000)
    fitted = fit(y, z if scale == "logit" else expit(z), scale=scale, method="spline")
    rows = np.linspace(-40.0, 40.0, 501)
    made = export_calibrator(
        fitted,
        name,
        options=Options(dtype="float64"),
        rows=rows if scale == "logit" else expit(rows),
    )
    assert max(made.differences.values()) <= 1e-12


def test_command(tmp_path, capsys) -> None:
    """The command fits, says how many knots there are, and what it saved is read back."""
    z, y = drawn(bent, 2000)
    path, saved = tmp_path / "rows.csv", tmp_path / "cal.json"
    path.write_text(
        "y,p\n" + "".join(f"{a},{b!r}\n" for a, b in zip(y, expit(z).tolist(), strict=True))
    )
    assert main(["fit", str(path), "--method", "spline", "-o", str(saved)]) == 0
    assert "Monotone spline with 17 knots" in capsys.readouterr().out
    assert json.loads(saved.read_text())["method"] == "spline"
    back = calaudit.load_calibrator(saved)
    expected = fit_spline(points(expit(z), y)).probabilities(expit(z), z)
    assert back.apply(expit(z)) == pytest.approx(expected, abs=1e-9)

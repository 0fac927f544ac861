"""Fits on half of real files, held against figures that independent code computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.beta import fit_beta
from calaudit.calibrators.fit_points import Sample, calibrated_cells, sample_of
from calaudit.calibrators.isotonic import fit_isotonic
from calaudit.calibrators.platt import platt_line
from calaudit.calibrators.temperature import Temperature, temperature_optimum
from calaudit.errors import NotEnoughData
from calaudit.metrics.bins import bin_sums, residuals_of
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.scoring import log_losses
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from tests.golden.cases import Case, binary, golden, multiclass
from tests.measured import Measured

pytestmark = pytest.mark.cases

CLOSE = 1e-6
SPLITS = ("half", "evenodd")
BINNING = equal_width(15)


def _split(case: Case, name: str) -> dict[str, Any]:
    """Return the figures of a split of a binary series, or of the top label of another."""
    if case.name.count("/") == 2:
        folder, series, _ = case.name.split("/")
        found = golden()[folder]["series"][series].get("split", {}).get(name, {})
        return dict(found.get("top_label_calibrators", {}))
    return dict(case.figures.get("split", {}).get(name, {}))


BINARY = [(case, split) for case in binary() for split in SPLITS if _split(case, split)]
SEVERAL = [
    (case, split, key.removeprefix("temperature_"))
    for case in multiclass()
    for split in SPLITS
    for key in case.figures.get("split", {}).get(split, {})
    if key.startswith("temperature_")
]
FLOORS = {
    "logprobs_noclip": 1e-300,
    "logprobs_eps1e-15": 1e-15,
    "logprobs_eps1e-12": 1e-12,
    "logprobs_eps1e-07": 1e-7,
}
TEMPERATURES = [
    (case, split, key)
    for case, split in BINARY
    for key in _split(case, split)
    if key.startswith("temperature_eps")
]
each_binary = pytest.mark.parametrize(
    ("case", "split"), BINARY, ids=[f"{case.name}-{split}" for case, split in BINARY]
)


def _fit_rows(n: int, split: str) -> np.ndarray:
    rows = np.arange(n)
    return rows < n // 2 if split == "half" else rows % 2 == 0


def _samples(
    case: Case, split: str, floor: float = 1e-12, clip: float = 0.0
) -> tuple[Sample, Sample]:
    """Return the rows to fit on and the others.

    The references clip to [clip, 1 − clip], which is rounded above and so not the same distance
    from 0 and from 1; calaudit's own floor is. What is theirs is done here, before it.
    """
    rows = case.rows()
    fitted = _fit_rows(len(rows["p"]), split)
    p, y = np.clip(rows["p"], clip, 1.0 - clip), rows["y"]
    tables = [ScoreTable.of(p[part], y[part]) for part in (fitted, ~fitted)]
    one, other = (sample_of(table.cells(), floor=floor) for table in tables)
    return one, other


def _figures(sample: Sample, mapping: BinaryMap, clip: float = 1e-15) -> tuple[float, float]:
    """Return ECE and log loss after calibration."""
    cells = calibrated_cells([(sample, mapping)])
    return ece_value(bin_sums(cells, residuals_of(cells), BINNING)), log_losses(cells, clip).mean()


def _check(
    sample: Sample, mapping: BinaryMap, expected: dict[str, Any], measured: Measured, where: str
) -> None:
    ece, loss = _figures(sample, mapping)
    measured.note(f"{mapping.method}: ECE", abs(ece - expected["ece15_right"]), where)
    measured.note(f"{mapping.method}: log loss", abs(loss - expected["log_loss_eps1e-15"]), where)
    assert ece == pytest.approx(expected["ece15_right"], abs=CLOSE)
    assert loss == pytest.approx(expected["log_loss_eps1e-15"], abs=CLOSE)


@pytest.mark.parametrize(
    ("case", "split", "key"),
    TEMPERATURES,
    ids=[f"{c.name}-{s}-{key}" for c, s, key in TEMPERATURES],
)
def test_temperature(case, split, key, measured) -> None:
    """T to 1e-9 of the reference and the log loss of the other half; or no finite optimum.

    With the same floor at both ends instead of the reference's rounded one, T to 1e-6.
    """
    expected = _split(case, split)[key]
    clip = float(key.removeprefix("temperature_eps"))
    fitted, other = _samples(case, split, floor=clip / 2, clip=clip)
    if expected["T_no_finite_optimum"]:
        with pytest.raises(NotEnoughData):
            temperature_optimum(fitted)
        return
    t = temperature_optimum(fitted).temperature
    measured.note("temperature: T, relative", abs(t / expected["T"] - 1), f"{case.name} {split}")
    assert t == pytest.approx(expected["T"], rel=1e-9)
    ours = temperature_optimum(_samples(case, split, floor=clip)[0]).temperature
    assert ours == pytest.approx(expected["T"], rel=CLOSE)
    _, loss = _figures(other, Temperature(t), clip=0)
    assert loss == pytest.approx(expected["nll_test_after"], abs=CLOSE)


@each_binary
def test_platt(case, split, measured) -> None:
    """The maximum-likelihood line on the logits, with ECE and log loss of the other half."""
    expected = _split(case, split)["platt_logit_mle"]
    fitted, other = _samples(case, split)
    line = platt_line(fitted)
    gap = max(abs(line.a - expected["slope"]), abs(line.b - expected["intercept"]))
    measured.note("platt: coefficients", gap, f"{case.name} {split}")
    assert line.a == pytest.approx(expected["slope"], abs=CLOSE)
    assert line.b == pytest.approx(expected["intercept"], abs=CLOSE)
    _check(other, line, expected["test"], measured, f"{case.name} {split}")


@each_binary
def test_beta(case, split, measured) -> None:
    """Beta calibration at its true maximum."""
    expected = _split(case, split)["beta_abm"]
    if "mle_a" not in expected:  # the reference raised: there is nothing to hold this against
        assert "ERR" in str(expected)
        return
    fitted, other = _samples(case, split, floor=2.0**-52)
    curve = fit_beta(fitted)
    for name in "abc":
        gap = abs(getattr(curve, name) - expected[f"mle_{name}"])
        measured.note("beta: coefficients", gap, f"{case.name} {split}")
        assert getattr(curve, name) == pytest.approx(expected[f"mle_{name}"], abs=CLOSE)
    _check(other, curve, expected["mle_test"], measured, f"{case.name} {split}")


@each_binary
def test_isotonic(case, split, measured) -> None:
    """Isotonic regression without mixing: knots, ECE and log loss as scikit-learn."""
    expected = _split(case, split)["isotonic"]
    fitted, other = _samples(case, split)
    steps = fit_isotonic(fitted, mix=False)
    assert len(steps.x) == expected["n_thresholds"]
    _check(other, steps, expected["test"], measured, f"{case.name} {split}")


@each_binary
def test_isotonic_as_a_step(case, split, measured) -> None:
    """The same knots read as a step function (the last knot at or below the score)."""
    expected = _split(case, split)["isotonic"]["test_step_interpolation"]
    fitted, other = _samples(case, split)
    steps = fit_isotonic(fitted, mix=False)

    class Step(type(steps)):  # type: ignore[misc]
        def probabilities(self, p, z):  # noqa: ARG002 - of the interface
            last = np.searchsorted(self.x, p, side="right") - 1
            return self.y[np.maximum(last, 0)]

    _check(other, Step(steps.x, steps.y), expected, measured, f"{case.name} {split}")


@pytest.mark.parametrize(
    ("case", "split", "key"), SEVERAL, ids=[f"{c.name}-{s}-{key}" for c, s, key in SEVERAL]
)
def test_multiclass_temperature(case, split, key, measured) -> None:
    """T of real networks to 1e-8, with log loss and top-label ECE of the other half."""
    expected = case.figures["split"][split][f"temperature_{key}"]
    rows = case.rows()
    part = _fit_rows(len(rows["y"]), split)
    scores = rows["z"] if key == "logits" else rows["p"]
    options = {"scale": "logit"} if key == "logits" else {"floor": FLOORS[key]}
    names = [str(k) for k in range(scores.shape[1])]
    try:
        fitted = fit(rows["y"][part], scores[part], method="temperature", classes=names, **options)
    except NotEnoughData:
        assert expected["T_no_finite_optimum"]
        return
    t = fitted.parameters()["T"]
    where = f"{case.name} {split} {key}"
    measured.note("multiclass temperature: T, relative", abs(t / expected["T"] - 1), where)
    assert t == pytest.approx(expected["T"], rel=1e-8)
    p = fitted.apply(scores[~part].astype(np.float64))
    y = rows["y"][~part]
    mine = p[np.arange(len(p)), y]
    assert float(-np.log(mine).mean()) == pytest.approx(expected["nll_test_after"], abs=CLOSE)
    table = ScoreTable.of(p.max(axis=1), p.argmax(axis=1) == y, cuts=BINNING.cuts)
    cells = table.cells()
    ece = ece_value(bin_sums(cells, residuals_of(cells), BINNING))
    assert ece == pytest.approx(expected["top_ece15_test_after"], abs=CLOSE)

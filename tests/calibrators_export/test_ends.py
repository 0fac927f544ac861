"""Both ends of the scale, and beyond: floors, and logits of −inf, in every language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.vector import Vector
from tests.calibrators_export.examples import CLASSES, EVERY

OPTIONS = Options(columns=(), dtype="float64")
TARGETS_BUT_VALUE = [name for name in TARGETS if name != "value"]


def export(calibrator: Calibrator, name: str) -> Any:
    """Return the export, where something here runs it."""
    if name == "onnx":
        pytest.importorskip("onnx")
    if not TARGETS[name].runtimes():
        pytest.skip(f"nothing here runs {name}")
    return export_calibrator(calibrator, name, options=OPTIONS)


@pytest.mark.parametrize("floor", [1e-3, 1e-7, 3e-14, 1e-15, 1e-16, 1e-45])
@pytest.mark.parametrize("case", ["hot-probability", "platt-probability", "beta-probability"])
@pytest.mark.parametrize("name", TARGETS)
def test_floors(name, case, floor) -> None:
    """Scores near 0 and near 1 are clipped alike, whatever 1 − floor rounds to."""
    if name == "value" and not case.startswith("hot"):
        pytest.skip("only a temperature is one value")
    made = export(replace(EVERY[case], floor=floor), name)
    assert max(made.differences.values()) <= 1e-12


@pytest.mark.parametrize("name", TARGETS_BUT_VALUE)
def test_a_slope_that_does_not_rise(name) -> None:
    """What is impossible stays so with slopes of 0 and less; the probes hold such rows."""
    w, b = np.array([0.5, 0.0, -2.0, 0.7, 1.0]), np.linspace(-1.0, 1.0, 5)
    made = export(Calibrator(Vector(w, b), "multiclass", "logit", CLASSES), name)
    assert max(made.differences.values()) <= 1e-12


@pytest.mark.parametrize("name", TARGETS_BUT_VALUE)
def test_a_matrix_has_no_answer_to_infinity(name) -> None:
    """Where the calibrator refuses a row of −inf, its exports raise, or give NaN or NULL."""
    w = np.eye(5) + 0.1
    matrix = Calibrator(Matrix(w, np.zeros(5)), "multiclass", "logit", CLASSES)
    content = export(matrix, name).content
    z = np.array([[0.5, -np.inf, 0.1, 0.2, 0.2]])
    run = TARGETS[name].runtimes()[0].run
    if name in ("python", "numpy", "javascript"):
        with pytest.raises(Exception, match=r"are not 5 logits|does not run"):
            run(content, matrix, OPTIONS, z)
    else:
        assert np.isnan(np.asarray(run(content, matrix, OPTIONS, z), np.float64)).all()

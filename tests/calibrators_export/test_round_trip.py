"""Every method in every language gives what the calibrator gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from tests.calibrators_export.examples import EVERY, random_calibrators, random_scores

TARGET_OPTIONS = [
    *((name, Options()) for name in TARGETS if name != "onnx"),
    ("onnx", Options(dtype="float32")),
    ("onnx", Options(dtype="float64")),
]


def exported(calibrator: Calibrator, name: str, options: Options) -> Any:
    """Return the export and the answers of each runtime to scores that are not probes."""
    if name == "onnx":
        pytest.importorskip("onnx")
    if not TARGETS[name].runtimes():
        pytest.skip(f"nothing here runs {name}")
    made = export_calibrator(calibrator, name, options=options)
    scores = random_scores(calibrator).astype(
        "float32" if TARGETS[name].single(options) else "float64"
    )
    scores = scores.astype(np.float64)
    answers = [
        runtime.run(made.content, calibrator, options, scores)
        for runtime in TARGETS[name].runtimes()
    ]
    return made, scores, answers


def rounding_moves(calibrator: Calibrator) -> float:
    """Return how far rounding scores to float32 moves the probabilities of a map with steps."""
    parameters = calibrator.parameters()
    knots = [*parameters.get("x", ()), *parameters.get("edges", ())[1:-1]]
    if not knots:
        return 0.0
    at = np.array(knots)
    at = np.concatenate([np.nextafter(at, 0), at, np.nextafter(at, 1), (at[1:] + at[:-1]) / 2])
    if calibrator.scale == "logit":
        at = at[(at > 0) & (at < 1)]
        at = np.log(at) - np.log1p(-at)
    rounded = at.astype(np.float32).astype(np.float64)
    if calibrator.scale == "probability":
        at, rounded = np.clip(at, 0, 1), np.clip(rounded, 0, 1)
    moved = float(np.abs(calibrator.apply(at) - calibrator.apply(rounded)).max())
    return moved if moved > 1e-7 else 0.0


@pytest.mark.parametrize(
    ("name", "options"), TARGET_OPTIONS, ids=[f"{n}-{o.dtype}" for n, o in TARGET_OPTIONS]
)
@pytest.mark.parametrize("case", EVERY)
def test_every_method_in_every_target(name: str, options: Options, case: str) -> None:
    """The check at export passes, and other scores than the probes agree as well."""
    calibrator = EVERY[case]
    if name == "value" and calibrator.method != "temperature":
        pytest.skip("only a temperature is one value")
    if options.dtype == "float32" and (moved := rounding_moves(calibrator)):
        pytest.skip(f"rounding to float32 moves a probability by {moved:.2g}")
    made, scores, answers = exported(calibrator, name, options)
    expected = calibrator.apply(scores)
    assert made.differences
    assert max(made.differences.values()) <= made.tolerance
    assert made.tolerance == (1e-6 if TARGETS[name].single(options) else 1e-12)
    for answer in answers:
        assert np.abs(answer - expected).max() <= made.tolerance


@settings(max_examples=60, deadline=None)
@given(random_calibrators())
def test_random_parameters(calibrator: Calibrator) -> None:
    """Whatever the parameters, the cheap targets agree within 1e-12."""
    names = ["python", "numpy"] + ["value"] * (calibrator.method == "temperature")
    for name in names:
        made, scores, answers = exported(calibrator, name, Options())
        assert max(made.differences.values()) <= 1e-12
        assert np.abs(answers[0] - calibrator.apply(scores)).max() <= 1e-12


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(random_calibrators())
def test_random_parameters_in_other_runtimes(calibrator: Calibrator) -> None:
    """Likewise for the targets that need a process, a database or a package."""
    for name in ("sql", "javascript", "torch", "onnx"):
        if not TARGETS[name].runtimes():
            continue
        made, scores, answers = exported(calibrator, name, Options(dtype="float64"))
        assert max(made.differences.values()) <= 1e-12
        assert all(np.abs(a - calibrator.apply(scores)).max() <= 1e-12 for a in answers)


@pytest.mark.parametrize("case", EVERY)
def test_python_needs_only_its_standard_library(case: str) -> None:
    """The Python function imports nothing but ``math`` and ``bisect``."""
    made = export_calibrator(EVERY[case], "python")
    imports = [line for line in str(made.content).splitlines() if line.startswith("import ")]
    assert set(imports) <= {"import math", "import bisect"}


def test_value_is_the_temperature_to_the_last_bit() -> None:
    """``--to value`` is the repr of T and nothing else."""
    made = export_calibrator(EVERY["temperature-logit"], "value")
    assert made.content == "2.95\n"


def test_the_far_tail_survives() -> None:
    """In the far tail an export from logits keeps more than 1 − p could: e^-700, not 0."""
    names: dict[str, Any] = {}
    exec(str(export_calibrator(EVERY["temperature-logit"], "python").content), names)
    assert names["calibrate"](-700 * 2.95) == pytest.approx(math.exp(-700), rel=1e-12)


def test_the_sample_is_tried_as_well() -> None:
    """Rows that are given count among the probes."""
    calibrator = EVERY["platt-logit"]
    alone = export_calibrator(calibrator, "numpy").probes
    assert export_calibrator(calibrator, "numpy", rows=np.arange(9.0)).probes == alone + 9


def test_the_text_is_for_readers() -> None:
    """What is used twice has a telling name, and every line is a step of the arithmetic."""
    lines = str(export_calibrator(EVERY["beta-probability"], "python").content).splitlines()
    assert [line.strip() for line in lines[-7:]] == [
        "below = math.log(tail) - math.log1p(-tail)",
        "z = -below if p > 0.5 else below",
        "log_p = -(max(-z, 0.0) + math.log1p(math.exp(-abs(-z))))",
        "log_q = -(max(z, 0.0) + math.log1p(math.exp(-abs(z))))",
        "u = 0.4 * log_p - 2.0 * log_q + 0.3",
        "e = math.exp(-abs(u))",
        "return 1.0 / (1.0 + e) if u >= 0.0 else e / (1.0 + e)",
    ]

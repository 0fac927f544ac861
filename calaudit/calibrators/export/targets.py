"""Every target by its name, the bare temperature among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.javascript import JAVASCRIPT
from calaudit.calibrators.export.onnx import ONNX
from calaudit.calibrators.export.python import NUMPY, PYTHON
from calaudit.calibrators.export.sql import SQL
from calaudit.calibrators.export.target import Options, Runtime, Target
from calaudit.calibrators.export.text import number
from calaudit.calibrators.export.torch import TORCH

Floats = NDArray[np.float64]


def _refusal(calibrator: Calibrator, _: Options) -> str | None:
    if calibrator.method == "temperature":
        return None
    names = ", ".join(calibrator.parameters()) or "nothing"
    return f"only a temperature is one value; {calibrator.method} has {names}"


def _render(calibrator: Calibrator, _: Options, __: tuple[str, ...]) -> str:
    return number(calibrator.parameters()["T"]) + "\n"


def _run(artefact: str, calibrator: Calibrator, _: Options, probes: Floats) -> Floats:
    """Divide by the temperature that a reader of the file finds."""
    found = type(calibrator.map)(float(artefact))  # type: ignore[call-arg]
    return replace(calibrator, map=found).probabilities(probes)


VALUE = Target(
    name="value",
    suffix=".txt",
    refusal=_refusal,
    render=_render,
    runtimes=lambda: (Runtime(f"numpy {np.__version__}", _run),),
    missing="nothing",
)

TARGETS: dict[str, Target] = {
    target.name: target for target in (VALUE, PYTHON, NUMPY, SQL, ONNX, TORCH, JAVASCRIPT)
}
"""In the order of the documentation."""

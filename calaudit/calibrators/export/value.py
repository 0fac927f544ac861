"""``--to value``: the bare temperature, for a configuration file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import Options, Runtime, Target, number

__all__ = ["VALUE"]

Floats = NDArray[np.float64]


def _refusal(calibrator: Calibrator, _: Options) -> str | None:
    if calibrator.method == "temperature":
        return None
    names = ", ".join(calibrator.parameters()) or "nothing"
    return f"only a temperature is one value; {calibrator.method} has {names}"


def _render(calibrator: Calibrator, _: Options, __: tuple[str, ...]) -> str:
    return number(calibrator.parameters()["T"]) + "\n"


def _run(artefact: str, calibrator: Calibrator, _: Options, probes: Floats) -> Floats:
    """Divide by the temperature as a reader of the file would."""
    T = float(artefact)
    if calibrator.task == "multiclass":
        z = probes if calibrator.scale == "logit" else np.log(np.maximum(probes, calibrator.floor))
        e = np.exp(z / T - (z / T).max(axis=1, keepdims=True))
        shares: Floats = e / e.sum(axis=1, keepdims=True)
        return shares
    z = probes
    if calibrator.scale == "probability":
        q = np.maximum(np.minimum(probes, 1.0 - probes), calibrator.floor)
        z = np.copysign(np.log(q) - np.log1p(-q), probes - 0.5)
    result: Floats = np.exp(-np.logaddexp(0.0, -z / T))
    return result


VALUE = Target(
    name="value",
    suffix=".txt",
    refusal=_refusal,
    render=_render,
    runtimes=lambda: (Runtime(f"numpy {np.__version__}", _run),),
    missing="nothing",
)

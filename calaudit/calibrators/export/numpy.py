"""``--to numpy``: a function of whole arrays that needs nothing but numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import (
    Options,
    Runtime,
    Target,
    bins_of,
    inexpressible,
    keeps_impossible,
    needs_of,
    number,
    score_name,
)

__all__ = ["NUMPY"]

Floats = NDArray[np.float64]

_SIGMOID = "    return np.exp(-np.logaddexp(0.0, -u))\n"

_SOFTMAX = """\
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""


def _render(calibrator: Calibrator, _: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"# {line}\n" for line in remarks)
    several = calibrator.task == "multiclass"
    constants, body = _multiclass(calibrator) if several else _one_score(calibrator)
    return f"{head}import numpy as np\n{constants}\n\n{body}"


def _one_score(calibrator: Calibrator) -> tuple[str, str]:
    logit = calibrator.scale == "logit"
    name = "z" if logit else "p"
    valid = "np.isfinite(z)" if logit else "(p >= 0.0) & (p <= 1.0)"
    constants, end = _method(calibrator)
    return constants, (
        f"def calibrate({name}):\n"
        f'    """Return calibrated probabilities of an array of {_plural(calibrator)}."""\n'
        f"    {name} = np.asarray({name}, dtype=np.float64)\n"
        f"    if not np.all({valid}):\n"
        f'        raise ValueError("there is a score that is no {_kind(calibrator)}")\n'
        f"{_input(calibrator)}{end}"
    )


def _kind(calibrator: Calibrator) -> str:
    return "finite logit" if calibrator.scale == "logit" else "probability"


def _plural(calibrator: Calibrator) -> str:
    return {"probability": "probabilities"}.get(n := score_name(calibrator), f"{n}s")


def _input(calibrator: Calibrator) -> str:
    needs, logit = needs_of(calibrator), calibrator.scale == "logit"
    if needs == "probability":
        return "    p = np.exp(-np.logaddexp(0.0, -z))\n" if logit else ""
    lines = ""
    if not logit and needs != "score":
        lines = (
            f"    q = np.maximum(np.minimum(p, 1.0 - p), {number(calibrator.floor)})\n"
            "    z = np.where(p > 0.5, np.log1p(-q) - np.log(q), np.log(q) - np.log1p(-q))\n"
        )
    if needs == "logs":
        lines += "    log_p, log_q = -np.logaddexp(0.0, -z), -np.logaddexp(0.0, z)\n"
    return lines


def _method(calibrator: Calibrator) -> tuple[str, str]:
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return "", "    return p\n"
    if calibrator.method == "histogram":
        edges, values = map(_array, bins_of(calibrator))
        name = "z" if calibrator.scale == "logit" else "p"
        constants = f"\nEDGES = {edges}\nVALUES = {values}\n"
        return constants, f'    return VALUES[np.searchsorted(EDGES, {name}, side="left")]\n'
    if "x" in parameters:
        constants = f"\nX = {_array(parameters['x'])}\nY = {_array(parameters['y'])}\n"
        return constants, "    return np.interp(p, X, Y)\n"
    v = {name: number(value) for name, value in parameters.items()}
    line = {
        "temperature": "u = z / {T}",
        "platt": "u = {a} * z + {b}",
        "beta": "u = {a} * log_p - {b} * log_q + {c}",
    }[calibrator.method].format(**v)
    return "", f"    {line}\n{_SIGMOID}"


def _multiclass(calibrator: Calibrator) -> tuple[str, str]:
    K, parameters = len(calibrator.classes), calibrator.parameters()
    constants = "".join(
        f"\n{name.upper()} = {_array(parameters[name])}"
        for name in ("w", "W", "b")
        if name in parameters
    )
    line = {
        "identity": "u = z",
        "temperature": f"u = z / {number(parameters.get('T', 1.0))}",
        "vector": "u = z * W + B",
        "matrix": "u = z @ W.T + B",
    }[calibrator.method]
    if keeps_impossible(calibrator):
        line = "u = np.where(z > -np.inf, np.nan_to_num(z, neginf=0.0) * W + B, z)"
    logit = calibrator.scale == "logit"
    name, valid = ("z", "z < np.inf") if logit else ("p", "(p >= 0.0) & (p <= 1.0)")
    if logit and calibrator.method == "matrix":
        valid = "np.isfinite(z)"
    turned = "" if logit else f"    z = np.log(np.maximum(p, {number(calibrator.floor)}))\n"
    end = f"{turned}    {line}\n{_SOFTMAX}"
    if calibrator.method == "identity" and not logit:
        end = "    return p\n"
    what = "logits" if logit else "probabilities"
    return constants + "\n" * bool(constants), (
        f"def calibrate({name}):\n"
        f'    """Return calibrated probabilities of an array of {K} {what} a row."""\n'
        f"    {name} = np.asarray({name}, dtype=np.float64)\n"
        f"    if {name}.shape[-1] != {K} or not np.all({valid}):\n"
        f'        raise ValueError("the rows are not {K} {what} each")\n'
        f"{end}"
    )


def _array(values: list[Any]) -> str:
    if values and isinstance(values[0], list):
        rows = "".join(f"        [{', '.join(map(number, row))}],\n" for row in values)
        return f"np.array(\n    [\n{rows}    ]\n)"
    return f"np.array([{', '.join(map(number, values))}])"


def _run(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    names: dict[str, Any] = {}
    exec(compile(artefact, "<export>", "exec"), names)
    return np.asarray(names["calibrate"](probes), np.float64)


NUMPY = Target(
    name="numpy",
    suffix=".py",
    refusal=lambda calibrator, _: inexpressible(calibrator),
    render=_render,
    runtimes=lambda: (Runtime(f"numpy {np.__version__}", _run),),
    missing="nothing",
)

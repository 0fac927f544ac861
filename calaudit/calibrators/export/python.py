"""``--to python``: a function that needs nothing but ``math``."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import (
    Options,
    Runtime,
    Target,
    bins_of,
    end_logits,
    inexpressible,
    keeps_impossible,
    needs_of,
    number,
    score_name,
)

__all__ = ["PYTHON"]

Floats = NDArray[np.float64]

_LOGIT_CHECK = """\
    if not -1.7976931348623157e308 <= z <= 1.7976931348623157e308:
        raise ValueError(f"{z!r} is not a finite logit")
"""

_PROBABILITY_CHECK = """\
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{p!r} is not a probability")
"""

_SIGMOID = """\
    if u >= 0.0:
        return 1.0 / (1.0 + math.exp(-u))
    e = math.exp(u)
    return e / (1.0 + e)
"""

_P_OF_LOGIT = """\
    if z >= 0.0:
        p = 1.0 / (1.0 + math.exp(-z))
    else:
        p = math.exp(z) / (1.0 + math.exp(z))
"""

_SOFTPLUS = """\
    spill = math.log1p(math.exp(-abs(z)))  # ln p and ln(1 - p), exact in both tails
    log_p = min(z, 0.0) - spill
    log_q = min(-z, 0.0) - spill
"""

_INTERPOLATION = """\
    i = bisect.bisect_right(X, p)
    if i == 0:
        return Y[0]
    if i == len(X):
        return Y[-1]
    return Y[i - 1] + (Y[i] - Y[i - 1]) * ((p - X[i - 1]) / (X[i] - X[i - 1]))
"""

_SOFTMAX = """\
    top = max(u)
    e = [math.exp(value - top) for value in u]
    total = sum(e)
    return [value / total for value in e]
"""


def _render(calibrator: Calibrator, _: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"# {line}\n" for line in remarks)
    if calibrator.task == "multiclass":
        imports, constants, body = "import math\n", *_multiclass(calibrator)
    else:
        imports, constants, body = _imports(calibrator), *_one_score(calibrator)
    return f"{head}{imports}{constants}\n\n{body}"


def _imports(calibrator: Calibrator) -> str:
    needs = needs_of(calibrator)
    searches = needs == "score" or "x" in calibrator.parameters()
    counts = needs in ("logit", "logs") or (needs == "probability" and calibrator.scale == "logit")
    return "import bisect\n" * searches + "import math\n" * counts


def _one_score(calibrator: Calibrator) -> tuple[str, str]:
    """Return constants and function for one score a row."""
    logit = calibrator.scale == "logit"
    name = "z" if logit else "p"
    what = "z" if logit else "p: 0 to 1"
    lines = [f"def calibrate({name}):\n"]
    lines.append(f'    """Return the calibrated probability of one {score_name(calibrator)}.')
    lines.append(f' {what}."""\n' if not logit else '"""\n')
    lines.append(_check_logit() if logit else _check_probability())
    lines.append(_input(calibrator))
    constants, end = _method(calibrator)
    return constants, "".join([*lines, end])


def _check_logit() -> str:
    return (
        "    if not -1.7976931348623157e308 <= z <= 1.7976931348623157e308:\n"
        '        raise ValueError(f"{z!r} is not a finite logit")\n'
    )


def _check_probability() -> str:
    return '    if not 0.0 <= p <= 1.0:\n        raise ValueError(f"{p!r} is not a probability")\n'


def _input(calibrator: Calibrator) -> str:
    """Return lines that turn the score into what the method starts from."""
    needs, logit = needs_of(calibrator), calibrator.scale == "logit"
    if needs == "probability":
        return _P_OF_LOGIT if logit else ""
    clipped = ""
    if not logit and needs != "score":
        floor, (low, high) = calibrator.floor, end_logits(calibrator.floor)
        clipped = (
            f"    if p <= {number(floor)}:\n        z = {number(low)}\n"
            f"    elif 1.0 - p <= {number(floor)}:\n        z = {number(high)}\n"
            "    else:\n        z = math.log(p) - math.log1p(-p)\n"
        )
    return clipped + (_SOFTPLUS if needs == "logs" else "")


def _method(calibrator: Calibrator) -> tuple[str, str]:
    """Return constants, and the lines that end the function."""
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return "", "    return p\n"
    if calibrator.method == "histogram":
        edges, values = bins_of(calibrator)
        name = "z" if calibrator.scale == "logit" else "p"
        constants = f"\nEDGES = {_listed(edges)}\nVALUES = {_listed(values)}\n"
        return constants, f"    return VALUES[bisect.bisect_left(EDGES, {name})]\n"
    if "x" in parameters:
        constants = f"\nX = {_listed(parameters['x'])}\nY = {_listed(parameters['y'])}\n"
        return constants, _INTERPOLATION
    v = {name: number(value) for name, value in parameters.items()}
    line = {
        "temperature": "u = z / {T}",
        "platt": "u = {a} * z + {b}",
        "beta": "u = {a} * log_p - {b} * log_q + {c}",
    }[calibrator.method].format(**v)
    return "", f"    {line}\n{_SIGMOID}"


def _multiclass(calibrator: Calibrator) -> tuple[str, str]:
    """Return constants and function for one score a class."""
    K, parameters = len(calibrator.classes), calibrator.parameters()
    constants = "".join(
        f"\n{name.upper()} = {_nested(parameters[name])}"
        for name in ("w", "W", "b")
        if name in parameters
    )
    line = {
        "identity": "u = z",
        "temperature": f"u = [value / {number(parameters.get('T', 1.0))} for value in z]",
        "vector": "u = [w * value + b for w, value, b in zip(W, z, B)]",
        "matrix": ("u = [sum(w * value for w, value in zip(row, z)) + b for row, b in zip(W, B)]"),
    }[calibrator.method]
    if keeps_impossible(calibrator):
        line = "u = [w * v + b if v > -math.inf else v for w, v, b in zip(W, z, B)]"
    if calibrator.scale == "logit":
        finite = calibrator.method == "matrix"
        name, range_, turned = "z", "math.isfinite(value)" if finite else "value < math.inf", ""
    else:
        name, range_ = "p", "0.0 <= value <= 1.0"
        turned = f"    z = [math.log(max(value, {number(calibrator.floor)})) for value in p]\n"
    end = f"{turned}    {line}\n{_SOFTMAX}"
    if calibrator.method == "identity" and name == "p":
        end = "    return [float(value) for value in p]\n"
    what = "logits" if name == "z" else "probabilities"
    return constants + "\n" * bool(constants), (
        f"def calibrate({name}):\n"
        f'    """Return the {K} calibrated probabilities of {K} {what}."""\n'
        f"    if len({name}) != {K} or not all({range_} for value in {name}):\n"
        f'        raise ValueError(f"{{{name}!r}} are not {K} {what}")\n'
        f"{end}"
    )


def _listed(values: list[float]) -> str:
    return "[" + ", ".join(number(value) for value in values) + "]"


def _nested(values: list[Any]) -> str:
    if values and isinstance(values[0], list):
        return "[\n" + "".join(f"    {_listed(row)},\n" for row in values) + "]"
    return _listed(values)


def _run(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    names: dict[str, Any] = {}
    exec(compile(artefact, "<export>", "exec"), names)
    return np.array([names["calibrate"](row) for row in probes.tolist()], np.float64)


PYTHON = Target(
    name="python",
    suffix=".py",
    refusal=lambda calibrator, _: inexpressible(calibrator),
    render=_render,
    runtimes=lambda: (Runtime(f"Python {platform.python_version()}", _run),),
    missing="nothing",
)

"""``--to torch``: the source of a module whose buffers hold the parameters."""

from __future__ import annotations

import functools
import importlib.util
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
    steep,
)

__all__ = ["TORCH"]

Floats = NDArray[np.float64]

_SOFTPLUS = """\
        zero = torch.zeros_like(z)  # softplus itself is rounded off above 20
        log_p, log_q = -torch.logaddexp(zero, -z), -torch.logaddexp(zero, z)
"""

_INTERPOLATION = """\
        high = torch.searchsorted(self.x, p, right=True).clamp(1, len(self.x) - 1)
        low = high - 1
        share = (p - self.x[low]) / (self.x[high] - self.x[low])
        result = self.y[low] + (self.y[high] - self.y[low]) * share.clamp(0.0, 1.0)
"""


def _render(calibrator: Calibrator, _: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"# {line}\n" for line in remarks)
    several = calibrator.task == "multiclass"
    what = f"{len(calibrator.classes)} scores a row" if several else f"{score_name(calibrator)}s"
    what = what.replace("probabilitys", "probabilities")
    forward = _rows(calibrator) if several else _one_score(calibrator)
    jumps = (
        "\n    The map has steps: give it scores of the type that it was fitted on. "
        "What was float64 and\n    is rounded to float32 may fall beside a step.\n"
    )
    return (
        f"{head}import torch\n\n\nclass Calibrator(torch.nn.Module):\n"
        f'    """Calibrated probabilities of {what}; what cannot be a score gives NaN.\n\n'
        "    The arithmetic is float64 whatever the input; the output has the input's dtype.\n"
        f"{jumps if steep(calibrator) else ''}"
        '    """\n\n'
        f"    def __init__(self):\n        super().__init__()\n{_buffers(calibrator)}\n"
        f"    def forward(self, scores):\n{forward}"
        "        return torch.where(valid, result, torch.nan).to(scores.dtype)\n"
    )


def _buffers(calibrator: Calibrator) -> str:
    lines = []
    for name, value in calibrator.parameters().items():
        if calibrator.method == "histogram" and name == "edges":
            value, _ = bins_of(calibrator)
        lines.append(
            f'        self.register_buffer("{name}", '
            f"torch.tensor({_literal(value)}, dtype=torch.float64))\n"
        )
    return "".join(lines)


def _one_score(calibrator: Calibrator) -> str:
    needs, logit = needs_of(calibrator), calibrator.scale == "logit"
    floor, (low, high) = calibrator.floor, end_logits(calibrator.floor)
    if logit:
        lines = "        z = scores.double()\n        valid = torch.isfinite(z)\n"
        lines += "        p = torch.sigmoid(z)\n" * (needs == "probability")
    else:
        lines = "        p = scores.double()\n        valid = (p >= 0.0) & (p <= 1.0)\n"
        if needs in ("logit", "logs"):
            lines += (
                "        z = torch.log(p) - torch.log1p(-p)\n"
                f"        z = torch.where(p <= {number(floor)}, {number(low)}, z)\n"
                f"        z = torch.where(1.0 - p <= {number(floor)}, {number(high)}, z)\n"
            )
    return lines + _SOFTPLUS * (needs == "logs") + _method(calibrator)


def _method(calibrator: Calibrator) -> str:
    if calibrator.method == "histogram":
        name = "z" if calibrator.scale == "logit" else "p"
        return f"        result = self.values[torch.searchsorted(self.edges, {name})]\n"
    if calibrator.method.endswith("isotonic"):
        if len(calibrator.parameters()["x"]) == 1:
            return "        result = self.y[0].expand_as(p)\n"
        return _INTERPOLATION
    line = {
        "identity": "p",
        "temperature": "torch.sigmoid(z / self.T)",
        "platt": "torch.sigmoid(self.a * z + self.b)",
        "beta": "torch.sigmoid(self.a * log_p - self.b * log_q + self.c)",
    }[calibrator.method]
    return f"        result = {line}\n"


def _rows(calibrator: Calibrator) -> str:
    logit, K = calibrator.scale == "logit", len(calibrator.classes)
    valid = "(x < torch.inf)" if logit else "((x >= 0.0) & (x <= 1.0))"
    if logit and calibrator.method == "matrix":
        valid = "torch.isfinite(x)"
    floor = number(calibrator.floor)
    line = {
        "identity": "z",
        "temperature": "z / self.T",
        "vector": "z * self.w + self.b",
        "matrix": "z @ self.W.T + self.b",
    }[calibrator.method]
    if keeps_impossible(calibrator):
        line = "torch.where(torch.isneginf(z), z, z * self.w + self.b)"
    end = (
        f"        z = {'x' if logit else f'torch.log(x.clamp_min({floor}))'}\n"
        f"        result = torch.softmax({line}, -1)\n"
    )
    if calibrator.method == "identity" and not logit:
        end = "        result = x\n"
    return (
        "        x = scores.double()\n"
        f"        if x.shape[-1] != {K}:\n"
        f'            raise ValueError("the rows do not have {K} scores each")\n'
        f"        valid = {valid}.all(-1, keepdim=True)\n"
        f"{end}"
    )


def _literal(value: Any) -> str:
    if not isinstance(value, list):
        return number(value)
    if value and isinstance(value[0], list):
        return "[\n" + "".join(f"            {_literal(row)},\n" for row in value) + "        ]"
    return "[" + ", ".join(number(item) for item in value) + "]"


@functools.cache
def _torch() -> tuple[Runtime, ...]:
    if importlib.util.find_spec("torch") is None:
        return ()
    import torch

    return (Runtime(f"torch {torch.__version__}", _run),)


def _run(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    import torch

    names: dict[str, Any] = {}
    exec(compile(artefact, "<export>", "exec"), names)
    with torch.no_grad():
        answer = names["Calibrator"]()(torch.from_numpy(probes.copy()))
    return np.asarray(answer.numpy(), np.float64)


TORCH = Target(
    name="torch",
    suffix=".py",
    refusal=lambda calibrator, _: inexpressible(calibrator),
    render=_render,
    runtimes=lambda: _torch(),
    missing="torch (pip install torch)",
)

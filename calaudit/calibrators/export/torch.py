"""``--to torch``: the source of a module whose buffers hold the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import Options, Target, installed, loaded
from calaudit.calibrators.export.text import ATOM, Printer
from calaudit.calibrators.expression import Node

Floats = NDArray[np.float64]

_INTERPOLATE = '''\
def interpolate(x, X, Y):
    """Return the height at x of the line through the knots (X, Y), flat beyond its ends."""
    if len(X) == 1:
        return Y[0].expand_as(x)
    x = x.clamp(X[0], X[-1])
    after = torch.searchsorted(X, x, right=True).clamp(1, len(X) - 1)
    before = after - 1
    return (Y[after] - Y[before]) / (X[after] - X[before]) * (x - X[before]) + Y[before]


'''

_STEPS = """\

    The map has steps: give it scores of the type that it was fitted on. What was float64 and
    is rounded to float32 may fall beside a step.
"""

_CLASS = '''\
class Calibrator(torch.nn.Module):
    """Calibrated probabilities of {what}; what cannot be a score gives NaN.

    The arithmetic is float64 whatever the input; the output has the input's dtype.
{steps}    """

    def __init__(self):
        super().__init__()
{buffers}
    def forward(self, scores):
        {score} = scores.double()
'''

_ONE_SCORE = f"{_CLASS}        valid = {{valid}}\n"

_CLASSES = f"""{_CLASS}\
        if {{score}}.shape[-1] != {{K}}:
            raise ValueError("the rows do not have {{K}} scores each")
        valid = ({{valid}}).all(-1, keepdim=True)
"""


class _Torch(Printer):
    opening = "import torch\n"
    one_score, several, helpers = _ONE_SCORE, _CLASSES, {"interp": _INTERPOLATE}
    indent = " " * 8
    answer = "return torch.where(valid, {value}, torch.nan).to(scores.dtype)"
    templates: ClassVar[Mapping[str, str]] = {
        **{
            name: f"torch.{name}({{0}})" for name in ("absolute", "exp", "log", "log1p", "isneginf")
        },
        "logaddexp": "(torch.clamp({1}, min={0}) + torch.log1p(torch.exp(-torch.abs({1}))))",
        "minimum": "torch.minimum({0}, {1})",
        "maximum": "torch.clamp({0}, min={1})",
        "where": "torch.where({0}, {1}, {2})",
        "within": "({0} >= {1}) & ({0} <= {2})",
        "sum": "{0}.sum(-1, keepdim=True)",
        "max": "{0}.amax(-1, keepdim=True)",
        "product": "({1} @ {0}.T)",
        "step": "{2}[torch.searchsorted({1}, {0})]",
        "interp": "interpolate({0}, {1}, {2})",
    }

    def parameter(self, node: Node, _: Any) -> tuple[str, int]:
        """Return the buffer that holds a parameter."""
        self.constants[node.name] = np.asarray(node.value)
        return f"self.{node.name}", ATOM

    def kept(self) -> str:
        """Return nothing: the buffers are in the module."""
        return ""

    @property
    def words(self) -> dict[str, str]:
        """What the head of the module speaks of, with the statements that make the buffers."""
        words, several = super().words, self.description.classes > 0
        buffers = [
            f'        self.register_buffer("{name}", '
            f"torch.tensor({self.array(value, ' ' * 8)}, dtype=torch.float64))\n"
            for name, value in self.constants.items()
        ]
        return words | {
            "what": "{K} scores a row".format(**words) if several else words["names"],
            "steps": _STEPS if self.description.tables else "",
            "buffers": "".join(buffers),
        }


def _run(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    import torch

    with torch.no_grad():
        answer = loaded(artefact, "Calibrator")()(torch.from_numpy(probes.copy()))
    return np.asarray(answer.numpy(), np.float64)


TORCH = Target(
    name="torch",
    suffix=".py",
    render=_Torch.render,
    runtimes=lambda: installed("torch", _run),
    missing="torch (pip install torch)",
)

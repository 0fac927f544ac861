"""``--to numpy``: a function of whole arrays that needs nothing but numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import Options, Runtime, Target
from calaudit.calibrators.export.text import Printer

__all__ = ["NUMPY"]

Floats = NDArray[np.float64]

_ONE_SCORE = '''\
def calibrate({score}):
    """Return calibrated probabilities of an array of {names}."""
    {score} = np.asarray({score}, dtype=np.float64)
    if not np.all({valid}):
        raise ValueError("there is a score that is no {kind}")
'''

_CLASSES = '''\
@np.errstate(invalid="ignore")
def calibrate({score}):
    """Return calibrated probabilities of an array of {K} {kinds} a row."""
    {score} = np.asarray({score}, dtype=np.float64)
    if {score}.shape[-1] != {K} or not np.all({valid}):
        raise ValueError("the rows are not {K} {kinds} each")
'''


class _Numpy(Printer):
    opening = "import numpy as np\n"
    one_score, several, constant = _ONE_SCORE, _CLASSES, "{name} = np.array({value})"
    templates: ClassVar[Mapping[str, str]] = {
        **{name: f"np.{name}({{0}})" for name in ("absolute", "exp", "log", "log1p", "isneginf")},
        **{name: f"np.{name}({{0}}, {{1}})" for name in ("minimum", "maximum", "logaddexp")},
        "where": "np.where({0}, {1}, {2})",
        "within": "({0} >= {1}) & ({0} <= {2})",
        "sum": "{0}.sum(axis=-1, keepdims=True)",
        "max": "{0}.max(axis=-1, keepdims=True)",
        "product": "({1} @ {0}.T)",
        "step": '{2}[np.searchsorted({1}, {0}, side="left")]',
        "interp": "np.interp({0}, {1}, {2})",
    }


def _run(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    names: dict[str, Any] = {}
    exec(compile(artefact, "<export>", "exec"), names)
    return np.asarray(names["calibrate"](probes), np.float64)


NUMPY = Target(
    name="numpy",
    suffix=".py",
    render=_Numpy.render,
    runtimes=lambda: (Runtime(f"numpy {np.__version__}", _run),),
    missing="nothing",
)

"""``--to python`` and ``numpy``: functions of one row, and of whole arrays of them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import Options, Runtime, Target, loaded
from calaudit.calibrators.export.text import Printer

Floats = NDArray[np.float64]

_INTERPOLATE = '''\
def interpolate(x, X, Y):
    """Return the height at x of the line through the knots (X, Y), flat beyond its ends."""
    after = bisect.bisect_right(X, x)
    if after in (0, len(X)):
        return Y[0] if after == 0 else Y[-1]
    before = after - 1
    return (Y[after] - Y[before]) / (X[after] - X[before]) * (x - X[before]) + Y[before]


'''

_ONE_SCORE = '''\
def calibrate({score}):
    """Return the calibrated probability of one {name}."""
    if not {valid}:
        raise ValueError(f"{{{score}!r}} is not a {kind}")
'''

_CLASSES = '''\
def calibrate({score}):
    """Return the {K} calibrated probabilities of {K} {kinds}."""
    if len({score}) != {K} or not all({valid} for k in range({K})):
        raise ValueError(f"{{{score}!r}} are not {K} {kinds}")
'''


_ARRAY = '''\
def calibrate({score}):
    """Return calibrated probabilities of an array of {names}."""
    {score} = np.asarray({score}, dtype=np.float64)
    if not np.all({valid}):
        raise ValueError("there is a score that is no {kind}")
'''

_ROWS = '''\
@np.errstate(invalid="ignore")
def calibrate({score}):
    """Return calibrated probabilities of an array of {K} {kinds} a row."""
    {score} = np.asarray({score}, dtype=np.float64)
    if {score}.shape[-1] != {K} or not np.all({valid}):
        raise ValueError("the rows are not {K} {kinds} each")
'''


class _Python(Printer):
    modules = ("bisect", "math")
    one_score, several, helpers = _ONE_SCORE, _CLASSES, {"interp": _INTERPOLATE}
    index, each = "k", "[{value} for k in range({classes})]"
    templates: ClassVar[Mapping[str, str]] = {
        "absolute": "abs({0})",
        "exp": "math.exp({0})",
        "log": "math.log({0})",
        "log1p": "math.log1p({0})",
        "logaddexp": "(max({1}, {0}) + math.log1p(math.exp(-abs({1}))))",
        "isneginf": "{0} == -math.inf",
        "minimum": "min({0}, {1})",
        "maximum": "max({0}, {1})",
        "where": "{1} if {0} else {2}",
        "within": "{1} <= {0} <= {2}",
        "sum": "sum({0})",
        "max": "max({0})",
        "product": "sum({0}[k][j] * {1}[j] for j in range(len({1})))",
        "step": "{2}[bisect.bisect_left({1}, {0})]",
        "interp": "interpolate({0}, {1}, {2})",
    }


class _Numpy(Printer):
    opening = "import numpy as np\n"
    one_score, several, constant = _ARRAY, _ROWS, "{name} = np.array({value})"
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
    calibrate = loaded(artefact, "calibrate")
    return np.array([calibrate(row) for row in probes.tolist()], np.float64)


def _run_numpy(artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    return np.asarray(loaded(artefact, "calibrate")(probes), np.float64)


PYTHON = Target(
    name="python",
    suffix=".py",
    render=_Python.render,
    runtimes=lambda: (Runtime(f"Python {platform.python_version()}", _run),),
    missing="nothing",
)

NUMPY = Target(
    name="numpy",
    suffix=".py",
    render=_Numpy.render,
    runtimes=lambda: (Runtime(f"numpy {np.__version__}", _run_numpy),),
    missing="nothing",
)

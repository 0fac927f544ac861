"""``--to javascript``: a function without dependencies, for node and browsers."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import Options, Runtime, Target
from calaudit.calibrators.export.text import Printer
from calaudit.errors import SettingsError

Floats = NDArray[np.float64]

_COUNT = """\
/** Return how many numbers, of which the first ones pass a test, pass it. */
function count(numbers, passes) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(numbers[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

"""

_INTERPOLATE = """\
/** Return the height at x of the line through the knots (X, Y), flat beyond its ends. */
function interpolate(x, X, Y) {
  const after = count(X, (knot) => knot <= x);
  if (after === 0) return Y[0];
  if (after === X.length) return Y[after - 1];
  const before = after - 1;
  return ((Y[after] - Y[before]) / (X[after] - X[before])) * (x - X[before]) + Y[before];
}

"""

_ONE_SCORE = """\
/** Return the calibrated probability of one {name}. */
function calibrate({score}) {{
  if (!(typeof {score} === "number" && {valid})) {{
    throw new RangeError(`${{{score}}} is not a {kind}`);
  }}
"""

_CLASSES = """\
/** Return the {K} calibrated probabilities of an array of {K} {kinds}. */
function calibrate({score}) {{
  const valid = (_, k) => typeof {score}[k] === "number" && {valid};
  if ({score}.length !== {K} || !{score}.every(valid)) {{
    throw new RangeError(`[${{{score}}}] are not {K} {kinds}`);
  }}
"""

_END = """\
}

if (typeof module !== "undefined") module.exports = { calibrate };
"""

_RUN = """\
const answers = {rows}.map((row) => calibrate(row));
process.stdout.write(JSON.stringify(answers, (_, x) => (typeof x === "number" ? String(x) : x)));
"""


class _JavaScript(Printer):
    opening, one_score, several, end = '"use strict";\n', _ONE_SCORE, _CLASSES, _END
    helpers: ClassVar[Mapping[str, str]] = {"step": _COUNT, "interp": f"{_COUNT}{_INTERPOLATE}"}
    index, each = "k", "{score}.map((_, k) => {value})"
    statement, answer = "const {name} = {value};", "return {value};"
    constant, indent, gap, comment = "const {name} = {value};", "  ", "\n", "//"
    templates: ClassVar[Mapping[str, str]] = {
        **{name: f"Math.{name}({{0}})" for name in ("exp", "log", "log1p")},
        "absolute": "Math.abs({0})",
        "logaddexp": "(Math.max({1}, {0}) + Math.log1p(Math.exp(-Math.abs({1}))))",
        "isneginf": "{0} === -Infinity",
        "minimum": "Math.min({0}, {1})",
        "maximum": "Math.max({0}, {1})",
        "where": "{0} ? {1} : {2}",
        "within": "{0} >= {1} && {0} <= {2}",
        "sum": "{0}.reduce((sum, value) => sum + value, 0)",
        "max": "{0}.reduce((a, b) => Math.max(a, b))",
        "product": "{0}[k].reduce((sum, weight, j) => sum + weight * {1}[j], 0)",
        "step": "{2}[count({1}, (edge) => edge < {0})]",
        "interp": "interpolate({0}, {1}, {2})",
    }


@functools.cache
def _node() -> tuple[Runtime, ...]:
    """Return node, if it is there and runs."""
    path = shutil.which("node") or shutil.which("nodejs")
    if path is None:
        return ()
    try:
        told = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    run = functools.partial(_run, path)
    return (Runtime(f"node {told.stdout.decode().strip()}", run),)


def _run(node: str, artefact: str, _: Calibrator, __: Options, probes: Floats) -> Floats:
    with tempfile.TemporaryDirectory(prefix="calaudit-") as folder:
        script = Path(folder) / "run.cjs"  # a command line takes 128 KB
        rows = json.dumps(probes.tolist())  # with -Infinity and -0, as JavaScript has them
        script.write_text(artefact + _RUN.replace("{rows}", rows), encoding="utf-8")
        try:
            answer = subprocess.run(
                [node, str(script)],
                capture_output=True,
                encoding="utf-8",
                timeout=600,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SettingsError(f"node cannot be run: {error}") from None
    if answer.returncode:
        raise SettingsError(f"node does not run the function: {answer.stderr.strip()[-300:]}")
    return np.array(json.loads(answer.stdout), dtype=np.float64)


JAVASCRIPT = Target(
    name="javascript",
    suffix=".js",
    render=_JavaScript.render,
    runtimes=lambda: _node(),
    missing="node (https://nodejs.org)",
)

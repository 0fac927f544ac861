"""``--to javascript``: a function without dependencies, for node and browsers."""

from __future__ import annotations

import functools
import json
import math
import shutil
import subprocess
import tempfile
from pathlib import Path
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
from calaudit.errors import SettingsError

__all__ = ["JAVASCRIPT"]

Floats = NDArray[np.float64]

_SIGMOID = """\
  if (u >= 0) return 1 / (1 + Math.exp(-u));
  const e = Math.exp(u);
  return e / (1 + e);
"""

_P_OF_LOGIT = """\
  const p = z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
"""

_SOFTPLUS = """\
  const spill = Math.log1p(Math.exp(-Math.abs(z))); // ln p and ln(1 - p), exact in both tails
  const logP = Math.min(z, 0) - spill;
  const logQ = Math.min(-z, 0) - spill;
"""

_SEARCH = """\
  let low = 0; // how many of {name} are {below} {given}
  let high = {name}.length;
  while (low < high) {{
    const middle = (low + high) >> 1;
    if ({name}[middle] {relation} {given}) low = middle + 1;
    else high = middle;
  }}
"""

_INTERPOLATION = """\
  if (low === 0) return Y[0];
  if (low === X.length) return Y[Y.length - 1];
  const share = (p - X[low - 1]) / (X[low] - X[low - 1]);
  return Y[low - 1] + (Y[low] - Y[low - 1]) * share;
"""

_SOFTMAX = """\
  const top = u.reduce((a, b) => Math.max(a, b));
  const e = u.map((value) => Math.exp(value - top));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
"""

_END = """\

if (typeof module !== "undefined") module.exports = { calibrate };
"""

_RUN = """\
const rows = JSON.parse(require("fs").readFileSync(0, "utf8"));
const read = (x) => (Array.isArray(x) ? x.map(read) : Number(x));
const answers = rows.map((row) => calibrate(read(row)));
process.stdout.write(JSON.stringify(answers, (_, x) => (typeof x === "number" ? String(x) : x)));
"""


def _render(calibrator: Calibrator, _: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"// {line}\n" for line in remarks)
    several = calibrator.task == "multiclass"
    constants, body = _multiclass(calibrator) if several else _one_score(calibrator)
    return f'{head}"use strict";\n{constants}\n{body}}}\n{_END}'


def _one_score(calibrator: Calibrator) -> tuple[str, str]:
    logit = calibrator.scale == "logit"
    name, what = score_name(calibrator), "a finite logit" if logit else "a probability"
    given = "z" if logit else "p"
    valid = "Number.isFinite(z)" if logit else 'typeof p === "number" && p >= 0 && p <= 1'
    constants, end = _method(calibrator)
    return constants, (
        f"/** Return the calibrated probability of one {name}. */\n"
        f"function calibrate({given}) {{\n"
        f"  if (!({valid})) throw new RangeError(`${{{given}}} is not {what}`);\n"
        f"{_input(calibrator)}{end}"
    )


def _input(calibrator: Calibrator) -> str:
    needs, logit = needs_of(calibrator), calibrator.scale == "logit"
    if needs == "probability":
        return _P_OF_LOGIT if logit else ""
    clipped = ""
    if not logit and needs != "score":
        floor, (low, high) = calibrator.floor, end_logits(calibrator.floor)
        clipped = (
            "  let z = Math.log(p) - Math.log1p(-p);\n"
            f"  if (p <= {number(floor)}) z = {number(low)};\n"
            f"  else if (1 - p <= {number(floor)}) z = {number(high)};\n"
        )
    return clipped + (_SOFTPLUS if needs == "logs" else "")


def _method(calibrator: Calibrator) -> tuple[str, str]:
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return "", "  return p;\n"
    if calibrator.method == "histogram":
        edges, values = bins_of(calibrator)
        given = "z" if calibrator.scale == "logit" else "p"
        constants = f"\nconst EDGES = {_array(edges)};\nconst VALUES = {_array(values)};\n"
        search = _SEARCH.format(name="EDGES", given=given, relation="<", below="below")
        return constants, f"{search}  return VALUES[low];\n"
    if "x" in parameters:
        x, y = _array(parameters["x"]), _array(parameters["y"])
        search = _SEARCH.format(name="X", given="p", relation="<=", below="not above")
        return f"\nconst X = {x};\nconst Y = {y};\n", search + _INTERPOLATION
    v = {name: number(value) for name, value in parameters.items()}
    line = {
        "temperature": "const u = z / {T};",
        "platt": "const u = {a} * z + {b};",
        "beta": "const u = {a} * logP - {b} * logQ + {c};",
    }[calibrator.method].format(**v)
    return "", f"  {line}\n{_SIGMOID}"


def _multiclass(calibrator: Calibrator) -> tuple[str, str]:
    K, parameters = len(calibrator.classes), calibrator.parameters()
    constants = "".join(
        f"\nconst {name.upper()} = {_array(parameters[name])};"
        for name in ("w", "W", "b")
        if name in parameters
    )
    line = {
        "identity": "const u = z;",
        "temperature": f"const u = z.map((value) => value / {number(parameters.get('T', 1.0))});",
        "vector": "const u = z.map((value, k) => W[k] * value + B[k]);",
        "matrix": "const u = W.map((row, j) => row.reduce((t, w, k) => t + w * z[k], 0) + B[j]);",
    }[calibrator.method]
    if keeps_impossible(calibrator):
        line = "const u = z.map((v, k) => (v > -Infinity ? W[k] * v + B[k] : v));"
    logit = calibrator.scale == "logit"
    name, valid = ("z", "value < Infinity") if logit else ("p", "value >= 0 && value <= 1")
    if logit and calibrator.method == "matrix":
        valid = "Number.isFinite(value)"
    floor = number(calibrator.floor)
    turned = f"  const z = p.map((value) => Math.log(Math.max(value, {floor})));\n"
    end = f"{'' if logit else turned}  {line}\n{_SOFTMAX}"
    if calibrator.method == "identity" and not logit:
        end = "  return p.slice();\n"
    what = "logits" if logit else "probabilities"
    return constants + "\n" * bool(constants), (
        f"/** Return the {K} calibrated probabilities of an array of {K} {what}. */\n"
        f"function calibrate({name}) {{\n"
        f'  const valid = (value) => typeof value === "number" && {valid};\n'
        f"  if ({name}.length !== {K} || !{name}.every(valid)) {{\n"
        f"    throw new RangeError(`[${{{name}}}] are not {K} {what}`);\n  }}\n"
        f"{end}"
    )


def _array(values: list[Any]) -> str:
    if values and isinstance(values[0], list):
        return "[\n" + "".join(f"  {_array(row)},\n" for row in values) + "]"
    return "[" + ", ".join(number(value) for value in values) + "]"


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
        script.write_text(artefact + _RUN, encoding="utf-8")
        try:
            answer = subprocess.run(
                [node, str(script)],
                input=json.dumps(_texts(probes.tolist())),
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


def _texts(values: list[Any]) -> list[Any]:
    """Return numbers as texts, because JSON has no -Infinity and no -0."""
    return [
        _texts(value) if isinstance(value, list) else
        ("-Infinity" if value == -math.inf else repr(value))
        for value in values
    ]  # fmt: skip


JAVASCRIPT = Target(
    name="javascript",
    suffix=".js",
    refusal=lambda calibrator, _: inexpressible(calibrator),
    render=_render,
    runtimes=lambda: _node(),
    missing="node (https://nodejs.org)",
)

"""``--to onnx``: a graph from scores to calibrated probabilities.

The arithmetic is float64 whatever type goes in and out, so that a float32 graph loses nothing
but its last rounding. What is no score gives NaN.
"""

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
    score_name,
)
from calaudit.errors import SettingsError

__all__ = ["ONNX"]

Floats = NDArray[np.float64]

OPSET = 17
IR_VERSION = 8
"""Both of 2022, so that serving stacks of the last years take the graph."""


def _refusal(calibrator: Calibrator, _: Options) -> str | None:
    if importlib.util.find_spec("onnx") is None:
        raise SettingsError(
            "an ONNX graph is built with the package onnx, which is not installed: "
            "pip install 'calaudit[onnx]'"
        )
    return inexpressible(calibrator)


class _Graph:
    """Nodes and constants, added in the order in which they run."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self.helper, self._numpy_helper = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, operation: str, *inputs: str | float | NDArray[Any], **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        names = [value if isinstance(value, str) else self._constant(value) for value in inputs]
        output = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(operation, names, [output], **attributes))
        return output

    def _constant(self, value: float | NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        array = value if isinstance(value, np.ndarray) else np.array(value, np.float64)
        self.constants.append(self._numpy_helper.from_array(array, name))
        return name


def _render(calibrator: Calibrator, options: Options, remarks: tuple[str, ...]) -> bytes:
    import onnx

    kind = onnx.TensorProto.DOUBLE if options.dtype == "float64" else onnx.TensorProto.FLOAT
    graph = _Graph()
    x = graph.add("Cast", "scores", to=onnx.TensorProto.DOUBLE)
    several = calibrator.task == "multiclass"
    valid, answer = _rows(graph, calibrator, x) if several else _one_score(graph, calibrator, x)
    answer = graph.add("Where", valid, answer, float("nan"))
    output = graph.helper.make_node("Cast", [answer], ["calibrated"], to=kind)
    shape = ["rows", *([len(calibrator.classes)] if several else [])]
    made = graph.helper.make_graph(
        [*graph.nodes, output],
        "calibrator",
        [graph.helper.make_tensor_value_info("scores", kind, shape)],
        [graph.helper.make_tensor_value_info("calibrated", kind, shape)],
        graph.constants,
        doc_string="\n".join(remarks),
    )
    model = graph.helper.make_model(
        made,
        opset_imports=[graph.helper.make_opsetid("", OPSET)],
        producer_name="calaudit",
        ir_version=IR_VERSION,
        doc_string=f"{calibrator.method} calibration of {score_name(calibrator)} scores",
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _one_score(graph: _Graph, calibrator: Calibrator, x: str) -> tuple[str, str]:
    """Return the names of "this is a score" and of the calibrated probability."""
    add, needs = graph.add, needs_of(calibrator)
    if calibrator.scale == "logit":
        valid = add("LessOrEqual", add("Abs", x), float(np.finfo(np.float64).max))
        p = _sigmoid(graph, x) if needs == "probability" else x
        z = x
    else:
        valid = add("And", add("GreaterOrEqual", x, 0.0), add("LessOrEqual", x, 1.0))
        p = x
        z = _logit(graph, x, calibrator.floor) if needs in ("logit", "logs") else x
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return valid, p
    if calibrator.method == "histogram":
        edges, values = (np.array(part, np.float64) for part in bins_of(calibrator))
        return valid, add("Gather", values, _count(graph, edges, x, "Less"))
    if "x" in parameters:
        return valid, _interpolation(graph, parameters, p)
    if calibrator.method == "beta":
        log_p, log_q = _log_sigmoid(graph, z), _log_sigmoid(graph, add("Neg", z))
        u = add("Sub", add("Mul", log_p, parameters["a"]), add("Mul", log_q, parameters["b"]))
        u = add("Add", u, parameters["c"])
    elif calibrator.method == "platt":
        u = add("Add", add("Mul", z, parameters["a"]), parameters["b"])
    else:
        u = add("Div", z, parameters["T"])
    return valid, _sigmoid(graph, u)


def _logit(graph: _Graph, p: str, floor: float) -> str:
    add, (low, high) = graph.add, end_logits(floor)
    z = add("Sub", add("Log", p), add("Log", add("Sub", 1.0, p)))
    z = add("Where", add("LessOrEqual", add("Sub", 1.0, p), floor), high, z)
    return add("Where", add("LessOrEqual", p, floor), low, z)


def _sigmoid(graph: _Graph, u: str) -> str:
    """Return e^min(u, 0) / (1 + e^−|u|); Sigmoid itself may be an approximation."""
    add = graph.add
    small = add("Exp", add("Neg", add("Abs", u)))
    top = add("Exp", add("Min", u, 0.0))
    return add("Div", top, add("Add", small, 1.0))


def _log_sigmoid(graph: _Graph, z: str) -> str:
    """Return ln σ(z) = min(z, 0) − ln(1 + e^−|z|)."""
    add = graph.add
    spill = add("Log", add("Add", add("Exp", add("Neg", add("Abs", z))), 1.0))
    return add("Sub", add("Min", z, 0.0), spill)


def _count(graph: _Graph, bounds: Floats, p: str, relation: str) -> str:
    """Return how many bounds stand in the relation to p: a binary search without branches."""
    add = graph.add
    size = 1 << max(len(bounds), 1).bit_length()
    padded = np.append(bounds, np.full(size - len(bounds), np.nan))  # NaN compares as False
    count = add("Cast", add("Less", p, p), to=7)  # zeros
    step = size // 2
    while step:
        further = add("Add", count, np.array(step))
        bound = add("Gather", padded, add("Sub", further, np.array(1)))
        count = add("Where", add(relation, bound, p), further, count)
        step //= 2
    return count


def _interpolation(graph: _Graph, parameters: dict[str, Any], p: str) -> str:
    add = graph.add
    x, y = (np.array(parameters[name], np.float64) for name in "xy")
    # A knot before the first and one after the last make the ends flat.
    count = _count(graph, x, p, "LessOrEqual")
    ends = np.r_[x[0] - 1.0, x, x[-1] + 1.0], np.r_[y[0], y, y[-1]]
    after = add("Add", count, np.array(1))
    x0, x1 = (add("Gather", ends[0], at) for at in (count, after))
    y0, y1 = (add("Gather", ends[1], at) for at in (count, after))
    share = add("Div", add("Sub", p, x0), add("Sub", x1, x0))
    return add("Add", y0, add("Mul", add("Sub", y1, y0), share))


def _rows(graph: _Graph, calibrator: Calibrator, x: str) -> tuple[str, str]:
    add, parameters = graph.add, calibrator.parameters()
    largest = float(np.finfo(np.float64).max)
    if calibrator.scale == "logit":
        size = add("Abs", x) if calibrator.method == "matrix" else x
        within, z = add("LessOrEqual", size, largest), x
    else:
        within = add("And", add("GreaterOrEqual", x, 0.0), add("LessOrEqual", x, 1.0))
        z = add("Log", add("Max", x, calibrator.floor)) if calibrator.method != "identity" else x
    counted = add("Cast", within, to=6)
    valid = add("Cast", add("ReduceMin", counted, axes=[-1], keepdims=1), to=9)
    if calibrator.method == "temperature":
        z = add("Div", z, parameters["T"])
    elif calibrator.method == "vector":
        u = add("Add", add("Mul", z, np.array(parameters["w"])), np.array(parameters["b"]))
        z = add("Where", add("Less", x, -largest), x, u) if keeps_impossible(calibrator) else u
    elif calibrator.method == "matrix":
        W = np.ascontiguousarray(np.array(parameters["W"], np.float64).T)
        z = add("Add", add("MatMul", z, W), np.array(parameters["b"]))
    as_is = calibrator.method == "identity" and calibrator.scale == "probability"
    return valid, z if as_is else add("Softmax", z, axis=-1)


@functools.cache
def _onnxruntime() -> tuple[Runtime, ...]:
    if importlib.util.find_spec("onnxruntime") is None:
        return ()
    import onnxruntime

    return (Runtime(f"onnxruntime {onnxruntime.__version__}", _run),)


def _run(artefact: bytes, _: Calibrator, options: Options, probes: Floats) -> Floats:
    import onnxruntime

    session = onnxruntime.InferenceSession(artefact, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"scores": probes.astype(options.dtype)})
    return np.asarray(answer, np.float64)


ONNX = Target(
    name="onnx",
    suffix=".onnx",
    refusal=_refusal,
    render=_render,
    runtimes=lambda: _onnxruntime(),
    missing="onnxruntime (pip install 'calaudit[onnx]')",
    single=lambda options: options.dtype == "float32",
)

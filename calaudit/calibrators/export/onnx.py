"""``--to onnx``: a graph from scores to calibrated probabilities.

The arithmetic is float64 whatever type goes in and out, so that a float32 graph loses nothing
but its last rounding. What is no score gives NaN.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.description import LARGEST, described
from calaudit.calibrators.export.target import Options, Target, installed
from calaudit.calibrators.export.text import score_name
from calaudit.calibrators.expression import Node
from calaudit.errors import SettingsError

Floats = NDArray[np.float64]

OPSET = 17
IR_VERSION = 8
"""Both of 2022, so that serving stacks of the last years take the graph."""


def _refusal(_: Calibrator, __: Options) -> str | None:
    if importlib.util.find_spec("onnx") is None:
        raise SettingsError(
            "an ONNX graph is built with the package onnx, which is not installed: "
            "pip install 'calaudit[onnx]'"
        )
    return None


DOUBLE, INT32, INT64, BOOL = 11, 6, 7, 9
"""Types of ONNX by their numbers."""

_NODES = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "negative": "Neg",
    "absolute": "Abs",
    "minimum": "Min",
    "maximum": "Max",
    "exp": "Exp",
    "log": "Log",
    "where": "Where",
    "greater_equal": "GreaterOrEqual",
    "less_equal": "LessOrEqual",
    "greater": "Greater",
}


class _Graph:
    """Nodes and constants, added in the order in which they run."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self.helper, self._numpy_helper = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._known: dict[Node, str] = {}

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

    def of(self, node: Any) -> str:
        """Return the name of a value, whose nodes are added where they are not there yet."""
        if not isinstance(node, Node):
            return self._constant(float(node))
        if node not in self._known:
            self._known[node] = self._of(node)
        return self._known[node]

    def _of(self, node: Node) -> str:
        add, operation = self.add, node.operation
        if operation == "score":
            return add("Cast", "scores", to=DOUBLE)
        if operation == "parameter":
            return self._constant(np.asarray(node.value))
        if operation in ("sigmoid", "logit", "softmax"):
            return self.of(node.value)
        if operation == "product":
            matrix = np.ascontiguousarray(node.parts[0].value.T)
            return add("MatMul", self.of(node.parts[1]), matrix)
        if operation in ("interp", "step"):
            return self._looked_up(node, self.of(node.parts[0]))
        parts = [self.of(part) for part in node.parts]
        match operation:
            case "within":
                x, low, high = parts
                return add("And", add("GreaterOrEqual", x, low), add("LessOrEqual", x, high))
            case "log1p":
                return add("Log", add("Add", *parts, 1.0))
            case "logaddexp":
                zero, x = parts
                spill = add("Log", add("Add", add("Exp", add("Neg", add("Abs", x))), 1.0))
                return add("Add", add("Max", x, zero), spill)
            case "isneginf":
                return add("Less", *parts, -LARGEST)
            case "sum":
                return add("ReduceSum", *parts, np.array([-1]), keepdims=1)
            case "max":
                return add("ReduceMax", *parts, axes=[-1], keepdims=1)
        return add(_NODES[operation], *parts)

    def _looked_up(self, table: Node, at: str) -> str:
        add = self.add
        x, y = (np.asarray(part.value, np.float64) for part in table.parts[1:])
        if table.operation == "step":
            return add("Gather", y, self._count(x, at, "Less"))
        # A knot before the first and one after the last make the ends flat.
        before = self._count(x, at, "LessOrEqual")
        x, y = np.r_[x[0] - 1.0, x, x[-1] + 1.0], np.r_[y[0], y, y[-1]]
        columns = (x, y, np.diff(y) / np.diff(x))
        x0, y0, slope = (add("Gather", column, before) for column in columns)
        return add("Add", add("Mul", slope, add("Sub", at, x0)), y0)

    def _count(self, bounds: Floats, at: str, relation: str) -> str:
        """Return how many bounds stand in the relation: a binary search without branches."""
        add = self.add
        size = 1 << max(len(bounds), 1).bit_length()
        padded = np.append(bounds, np.full(size - len(bounds), np.nan))  # NaN compares as False
        count = add("Cast", add("Less", at, at), to=INT64)  # zeros
        step = size // 2
        while step:
            further = add("Add", count, np.array(step))
            bound = add("Gather", padded, add("Sub", further, np.array(1)))
            count = add("Where", add(relation, bound, at), further, count)
            step //= 2
        return count


def _render(calibrator: Calibrator, options: Options, remarks: tuple[str, ...]) -> bytes:
    import onnx

    kind = onnx.TensorProto.DOUBLE if options.dtype == "float64" else onnx.TensorProto.FLOAT
    graph, description = _Graph(), described(calibrator)
    valid, classes = graph.of(description.valid), description.classes
    if classes:
        least = graph.add("ReduceMin", graph.add("Cast", valid, to=INT32), axes=[-1], keepdims=1)
        valid = graph.add("Cast", least, to=BOOL)
    answer = graph.add("Where", valid, graph.of(description.answer), float("nan"))
    output = graph.helper.make_node("Cast", [answer], ["calibrated"], to=kind)
    shape = ["rows", classes] if classes else ["rows"]
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
    runtimes=lambda: installed("onnxruntime", _run),
    missing="onnxruntime (pip install 'calaudit[onnx]')",
    single=lambda options: options.dtype == "float32",
)

"""What a calibrator computes, as an expression that can be written in any language.

Nodes take part in numpy's arithmetic and functions, which make new nodes of them: so calaudit's
own evaluation of a map, given nodes in the place of arrays, is its description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from calaudit.metrics.logistic import expit

Floats = NDArray[np.float64]
Value = TypeVar("Value")

NAMES = {"exp": "e"}
"""What is computed once, under a name, although nothing else names it."""

ROUNDED = ("exp", "log", "log1p", "logaddexp", "divide")
"""Where languages differ in the last places, or hand on what does."""

ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
"""How far they are apart there at most, relative to the value."""


@dataclass(frozen=True, slots=True, eq=False)
class Node(NDArrayOperatorsMixin):
    """A value a row, or one a class of each row.

    Attributes:
        operation: its name in numpy; or "score", what goes in; "parameter"; "sigmoid" and
            "logit", which languages may spell as is best; "step", the value of a bin;
            "product" of a matrix and the values of all classes; "sum" and "max" of those.
        parts: what it is computed from: nodes and numbers.
        name: under which it is computed once; "" for what is written in its place.
        value: of a parameter; of a score the number of classes, or 0; of another node one that
            is the same, as calaudit computes it.
    """

    operation: str
    parts: tuple[Any, ...] = ()
    name: str = ""
    value: Any = None

    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: np.ufunc, _: str, *inputs: Any, **__: Any) -> Node:
        return Node(ufunc.__name__, inputs, NAMES.get(ufunc.__name__, ""))

    def __array_function__(self, function: Any, _: Any, inputs: Any, __: Any) -> Node:
        return Node(function.__name__, inputs)

    @property
    def by_class(self) -> bool:
        """Whether it is one value a class."""
        if self.operation in ("score", "parameter"):
            return bool(np.ndim(self.value) if self.operation == "parameter" else self.value)
        parts = self.parts[:1] if self.operation in ("interp", "step") else self.parts
        several = any(isinstance(part, Node) and part.by_class for part in parts)
        return several and self.operation not in ("sum", "max")

    def walk(self) -> Iterator[Node]:
        """Return the node and all that it is computed from."""
        yield self
        for part in self.parts:
            if isinstance(part, Node):
                yield from part.walk()


def named(name: str, value: Value) -> Value:
    """Return a node that is computed once, under a name; what is no node, or has one, as it is."""
    if not isinstance(value, Node) or value.name:
        return value
    return replace(value, name=name)


def sigmoid(u: Any) -> Any:
    """Return σ(u), as calaudit computes it."""
    u = named("u", u)
    return Node("sigmoid", (u,), value=expit(u))


def softmax(u: Any) -> Any:
    """Return the softmax of the values of the classes."""
    u = named("u", u)
    e = np.exp(u - Node("max", (u,), "top"))
    return Node("softmax", (u,), value=e / Node("sum", (e,), "total"))


def stepped(p: Any, edges: Floats, values: Floats) -> Any:
    """Return the value of the right-closed bin of a probability.

    A value jumps at an edge, where another rounding of σ(z) would fall into the other bin. So
    for logits an edge is the largest float64 of which calaudit puts σ at or below the edge.
    """
    tables = [Node("parameter", (), name, v) for name, v in (("edges", edges), ("values", values))]
    source = Node("step", (p, *tables))
    if p.operation != "sigmoid":
        return source
    on_logits = Node("parameter", (), "edges", _logits_at(edges))
    return Node("step", (p.parts[0], on_logits, tables[1]), value=source)


def _logits_at(edges: Floats) -> Floats:
    low, high = np.full(len(edges), -800.0), np.full(len(edges), 800.0)
    while True:
        middle = (low + high) / 2
        inside = (middle > low) & (middle < high)
        if not inside.any():
            return low
        below = expit(middle) <= edges
        low, high = np.where(below & inside, middle, low), np.where(below | ~inside, high, middle)


def computed(node: Node, scores: Floats, rng: np.random.Generator | None = None) -> Any:
    """Return the values of a node for scores, as calaudit computes them.

    Args:
        node: the node.
        scores: (n,), or (n, K) where there are classes.
        rng: to round otherwise on the way, up or down as it falls, as another language may.
    """
    known: dict[Node, Any] = {}

    def of(part: Any) -> Any:
        if not isinstance(part, Node):
            return part
        if part not in known:
            known[part] = scores if part.operation == "score" else _applied(part, of, rng)
        return known[part]

    return of(node)


def _applied(node: Node, of: Callable[[Any], Any], rng: np.random.Generator | None) -> Any:
    """Return the value of a node from those of its parts."""
    if node.value is not None:
        return of(node.value)
    parts = [of(part) for part in node.parts]
    match node.operation:
        case "sum" | "max":
            return getattr(np, node.operation)(parts[0], axis=-1, keepdims=True)
        case "product":
            return parts[1] @ parts[0].T
        case "within":
            return (parts[0] >= parts[1]) & (parts[0] <= parts[2])
        case "step":
            return parts[2][np.searchsorted(parts[1], parts[0], side="left")]
    value = getattr(np, node.operation)(*parts)
    if rng is None or node.operation not in ROUNDED:
        return value
    return value * (1.0 + np.where(rng.random(np.shape(value)) < 0.5, ROUNDING, -ROUNDING))

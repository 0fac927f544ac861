"""Expressions as text: what the languages of the exports have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.description import described
from calaudit.calibrators.export.target import Options
from calaudit.calibrators.expression import Node

CHOICE, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(6)
"""How tightly the parts of an expression hold together."""

_INFIX = {
    "greater_equal": (COMPARISON, ">="),
    "less_equal": (COMPARISON, "<="),
    "greater": (COMPARISON, ">"),
    "add": (SUM, "+"),
    "subtract": (SUM, "-"),
    "multiply": (PRODUCT, "*"),
    "divide": (PRODUCT, "/"),
}


def number(value: float) -> str:
    """Return a finite float as a literal that any language reads back as the same float64.

    >>> number(0.5), number(2.0), number(1e-12)
    ('0.5', '2.0', '1e-12')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no literal")
    return repr(float(value))


def score_name(calibrator: Calibrator) -> str:
    """Return what one value that goes in is called."""
    if calibrator.scale == "logit":
        return "logit"
    return "confidence" if calibrator.task == "top-label" else "probability"


class Printer:
    """An expression in a language: statements for what has a name, and one for the answer.

    Attributes:
        opening: what comes first. modules: what may have to be imported besides.
        one_score, several: heads of the function, with places for `words`.
        templates: the language's functions by operation, "{0}" the first argument.
        helpers: functions that a kind of lookup needs.
        index: what counts the classes, where the language takes them one by one.
        each: how it makes a list of one value a class. statement: how it gives a name.
        answer: how it returns. constant: how it keeps an array. comment: what begins a comment.
        indent: of statements. gap: before functions. end: after them.
        lines: the statements so far. constants: the arrays so far, by name.
    """

    opening: ClassVar[str] = ""
    modules: ClassVar[tuple[str, ...]] = ()
    one_score: ClassVar[str]
    several: ClassVar[str]
    templates: ClassVar[Mapping[str, str]]
    helpers: ClassVar[Mapping[str, str]] = {}
    index: ClassVar[str] = ""
    each: ClassVar[str] = "{value}"
    statement: ClassVar[str] = "{name} = {value}"
    answer: ClassVar[str] = "return {value}"
    constant: ClassVar[str] = "{name} = {value}"
    comment: ClassVar[str] = "#"
    indent: ClassVar[str] = "    "
    gap: ClassVar[str] = "\n\n"
    end: ClassVar[str] = ""

    def __init__(self, calibrator: Calibrator) -> None:
        self.calibrator = calibrator
        self.description = described(calibrator)
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._names: dict[Node, str] = {}

    @classmethod
    def render(cls, calibrator: Calibrator, _: Options, remarks: tuple[str, ...]) -> str:
        """Return the source of a function that does what a calibrator does."""
        printer = cls(calibrator)
        function = printer.function()
        kinds = {table.operation for table in printer.description.tables}
        code = "".join(text for kind, text in cls.helpers.items() if kind in kinds) + function
        imports = "".join(f"import {name}\n" for name in cls.modules if f"{name}." in code)
        head = "".join(f"{cls.comment} {line}\n" for line in remarks)
        return f"{head}{cls.opening}{imports}{printer.kept()}{cls.gap}{code}{cls.end}"

    @property
    def words(self) -> dict[str, str]:
        """What the head of a function may speak of."""
        name, logit = score_name(self.calibrator), self.description.score.name == "z"
        return {
            "score": self.description.score.name,
            "name": name,
            "names": {"probability": "probabilities"}.get(name, f"{name}s"),
            "kind": "finite logit" if logit else "probability",
            "kinds": "logits" if logit else "probabilities",
            "K": str(self.description.classes),
        }

    def function(self) -> str:
        """Return the function."""
        answer = self.answer.format(value=self.whole(self.description.answer))
        several = self.description.classes > 0
        valid = self.text(self.description.valid, k=self.index if several else "")
        head = (self.several if several else self.one_score).format(valid=valid, **self.words)
        return head + "".join(f"{self.indent}{line}\n" for line in (*self.lines, answer))

    def kept(self) -> str:
        """Return the constants."""
        arrays = [(name, self.array(value)) for name, value in self.constants.items()]
        lines = "".join(f"{self.constant.format(name=n, value=v)}\n" for n, v in arrays)
        return f"\n{lines}" if lines else ""

    def whole(self, node: Node) -> str:
        """Return a value, a list of them where there is one a class."""
        if not (node.by_class and self.index):
            return self.text(node)
        value, description = self.text(node, k=self.index), self.description
        score = description.score.name
        return self.each.format(value=value, score=score, classes=description.classes)

    def text(self, node: Any, needs: int = CHOICE, k: Any = "") -> str:
        """Return a value, in parentheses where it holds together less than is needed.

        Args:
            node: the value.
            needs: how tightly it must hold together.
            k: the class of which it is the value, "" for all.
        """
        shown, holds = self.shown(node, k)
        return shown if holds >= needs else f"({shown})"

    def shown(self, node: Any, k: Any) -> tuple[str, int]:
        """Return a value by its name if it has one, and how tightly it holds together."""
        if not isinstance(node, Node):
            return self.literal(float(node)), ATOM if node >= 0.0 else SIGN
        if node.operation == "parameter":
            return self.parameter(node, k)
        if not node.name:
            return self.spelt(node, k)
        name = node.name if node.operation == "score" else self._named(node)
        return self.at(name, node, k), ATOM

    def spelt(self, node: Node, k: Any) -> tuple[str, int]:
        """Return a value as it is computed, and how tightly it holds together."""
        operation, parts = node.operation, node.parts
        if operation in _INFIX:
            holds, sign = _INFIX[operation]
            left, right = (self.text(parts[i], holds + i, k) for i in (0, 1))
            return f"{left} {sign} {right}", holds
        if operation == "negative":
            return f"-{self.text(parts[0], ATOM, k)}", SIGN
        if operation not in self.templates:
            assert node.value is not None, f"{type(self).__name__} knows no {operation}"
            return self.spelt(node.value, k)
        if operation in ("sum", "max", "product"):
            k = ""  # of all classes together
        choice = operation == "where"
        shown = [self.text(part, COMPARISON if choice else CHOICE, k) for part in parts]
        return self.templates[operation].format(*shown), CHOICE if choice else ATOM

    def _named(self, node: Node) -> str:
        """Return the name of a value, which a statement has given to it."""
        if node not in self._names:
            value = self.whole(replace(node, name=""))
            same = [name for name in self._names.values() if name.rstrip("23456789") == node.name]
            self._names[node] = f"{node.name}{len(same) + 1}" if same else node.name
            self.lines.append(self.statement.format(name=self._names[node], value=value))
        return self._names[node]

    def parameter(self, node: Node, k: Any) -> tuple[str, int]:
        """Return a parameter: a number as it is, an array as a constant with its name."""
        if not node.by_class:
            return self.shown(node.value, k)
        name = node.name.upper()
        self.constants[name] = node.value
        return self.at(name, node, k), ATOM

    def at(self, name: str, node: Node, k: Any) -> str:
        """Return what has a name, or what it is for one class."""
        return f"{name}[{k}]" if k != "" and node.by_class else name

    def literal(self, value: float) -> str:
        """Return a number."""
        return number(value)

    def array(self, value: Any, indent: str = "") -> str:
        """Return an array as a list, a matrix as a list of rows."""
        value = np.asarray(value)
        if value.ndim == 0:
            return number(value)
        if value.ndim == 2:
            rows = "".join(f"{indent}    {self.array(row)},\n" for row in value)
            return f"[\n{rows}{indent}]"
        return f"[{', '.join(number(item) for item in value.tolist())}]"

"""Calibrators as versioned JSON: readable, deterministic, every float back to its last bit."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import asdict
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from calaudit.bounded import read_bounded
from calaudit.calibrators.base import Calibrator, Map
from calaudit.calibrators.beta import Beta
from calaudit.calibrators.certificate import Certificate, Scores
from calaudit.calibrators.histogram import Histogram
from calaudit.calibrators.identity import Identity, MulticlassIdentity
from calaudit.calibrators.isotonic import CenteredIsotonic, Isotonic
from calaudit.calibrators.matrix import Matrix
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.calibrators.vector import Vector
from calaudit.errors import InputError, SettingsError

__all__ = ["SCHEMA", "calibrator_of", "calibrator_text", "load_calibrator"]

SCHEMA = "calaudit.calibrator/1"
"""Name and version of the format. Version 1: the first."""

LINE = 256
"""Most numbers in a line: what a row of a matrix may have."""

KEYS = ("schema", "method", "task", "scale", "classes", "floor", "parameters", "certificate")

Floats = NDArray[np.float64]


def calibrator_text(calibrator: Calibrator) -> str:
    """Return a calibrator as JSON text: keys in a fixed order, nothing of when or where."""
    values = {
        "schema": SCHEMA,
        "method": calibrator.method,
        "task": calibrator.task,
        "scale": calibrator.scale,
        "classes": list(calibrator.classes),
        "floor": calibrator.floor,
        "parameters": calibrator.parameters(),
        "certificate": asdict(calibrator.certificate),
    }
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return NUMBERS.sub(_in_one_line, text)


NUMBERS = re.compile(r"\[\n *(?=[-\d])[-+.,\deE\s]*\]")
"""A list of numbers, with an item a line; no text of JSON holds the end of a line."""


def _in_one_line(found: re.Match[str]) -> str:
    """Return a list of numbers in one line, unless that were very long."""
    items = found.group()[1:-1].split(",")
    if len(items) > LINE:
        return found.group()
    return "[" + ", ".join(item.strip() for item in items) + "]"


def load_calibrator(source: Any) -> Calibrator:
    """Return a calibrator from its JSON text, or from the path of a file that holds it.

    Args:
        source: a path, or text that begins with ``{``.

    Raises:
        InputError: there is no such file, or it is not a calibrator of this version.
        SettingsError: the source is neither a path nor text.
    """
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return calibrator_of(source)
    if not isinstance(source, str | os.PathLike):
        raise SettingsError(
            f"a calibrator is what calaudit.fit returned, or the path of its file, not {source!r}"
        )
    try:
        text = read_bounded(source).decode()
    except UnicodeDecodeError:
        raise InputError(f"{source}: is not a calibrator, but a file of another kind") from None
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror or error})") from None
    try:
        return calibrator_of(text)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def calibrator_of(text: str) -> Calibrator:
    """Return the calibrator that a JSON text describes.

    Raises:
        InputError: the text is damaged, of an unknown version, or something else.
    """
    try:
        values = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the calibrator is damaged: it is not JSON ({error})") from None
    if not isinstance(values, dict) or "schema" not in values:
        raise InputError('this is not a calibrator: there is no "schema" in it')
    if values["schema"] != SCHEMA:
        raise InputError(
            f"the calibrator is of the version {values['schema']!r}; this program reads {SCHEMA!r}"
        )
    try:
        return _decoded(values)
    except KeyError as error:
        raise InputError(f"the calibrator is damaged: {error} is missing") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the calibrator is damaged: {error}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON whose keys are all different; the last of two would win."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"the key {key!r} stands twice in one object")
        values[key] = value
    return values


def _decoded(values: dict[str, Any]) -> Calibrator:
    extra = set(values) - set(KEYS)
    if extra:
        raise ValueError(f"it has the unknown key {min(extra)!r}")
    task, scale = values["task"], values["scale"]
    if task not in ("binary", "top-label", "multiclass"):
        raise ValueError(f"there is no task {task!r}")
    if scale not in ("probability", "logit"):
        raise ValueError(f"there is no scale {scale!r}")
    classes = _strings(values["classes"])
    _check_classes(task, classes)
    maps = MULTICLASS if task == "multiclass" else BINARY
    if values["method"] not in maps:
        raise ValueError(f"there is no method {values['method']!r} for {task} rows")
    floor = _number(values["floor"])
    if not 0 < floor < 0.5:
        raise ValueError(f"the floor must lie between 0 and 0.5, not {floor}")
    parameters = _Parameters(values["parameters"], len(classes))
    mapping = maps[values["method"]](parameters)
    parameters.check_all_asked(values["method"])
    certificate = _built(Certificate, values["certificate"])
    _check_sample(certificate.sample, scale, len(classes) if task == "multiclass" else 0)
    return Calibrator(mapping, task, scale, classes, floor, certificate)


def _check_classes(task: str, classes: tuple[str, ...]) -> None:
    least = {"top-label": 0, "binary": 2, "multiclass": 2}[task]
    if len(classes) < least or (task != "multiclass" and len(classes) > least):
        raise ValueError(f"{len(classes)} classes do not go with {task} rows")
    twice = next((name for at, name in enumerate(classes) if name in classes[:at]), None)
    if twice is not None:
        raise ValueError(f"the class {twice!r} stands twice in its classes")


def _check_sample(sample: Scores, scale: str, n_classes: int) -> None:
    """Check that the sample holds scores that the calibrator takes; 0 classes for one score."""
    for row in sample:
        scores = row if isinstance(row, tuple) else (row,)
        if isinstance(row, tuple) != bool(n_classes) or len(scores) != (n_classes or 1):
            raise ValueError(f"a row of its sample has {len(scores)} scores")
        if scale == "probability" and not all(0.0 <= score <= 1.0 for score in scores):
            raise ValueError(f"its sample holds {row}, which is no probability")


class _Parameters:
    """The parameters of a file, checked as they are asked for."""

    def __init__(self, values: Any, n_classes: int) -> None:
        if not isinstance(values, dict):
            raise TypeError("the parameters are not an object")
        self._values, self.n_classes = values, n_classes
        self._asked: set[str] = set()

    def value(self, name: str) -> Any:
        """Return a parameter as it stands in the file."""
        self._asked.add(name)
        return self._values[name]

    def check_all_asked(self, method: str) -> None:
        """Refuse a parameter that the method does not have."""
        extra = set(self._values) - self._asked
        if extra:
            raise ValueError(f"{method} has no parameter {min(extra)!r}")

    def number(self, name: str, *, least: float = -math.inf) -> float:
        value = _number(self.value(name))
        if value < least:
            raise ValueError(f"the parameter {name} is {value}, below {least:g}")
        return value

    def positive(self, name: str) -> float:
        value = self.number(name, least=0.0)
        if value == 0:
            raise ValueError(f"the parameter {name} must be above 0")
        return value

    def vector(self, name: str) -> Floats:
        given = self.value(name)
        if not isinstance(given, list):
            raise TypeError(f"the parameter {name} is not a list")
        return np.array([_number(x) for x in given], np.float64)

    def by_class(self, name: str) -> Floats:
        vector = self.vector(name)
        if len(vector) != self.n_classes:
            raise ValueError(f"{name} has {len(vector)} values for {self.n_classes} classes")
        return vector

    def square(self, name: str) -> Floats:
        rows = self.value(name)
        if not isinstance(rows, list) or len(rows) != self.n_classes:
            raise ValueError(f"{name} does not have {self.n_classes} rows")
        if any(not isinstance(row, list) or len(row) != self.n_classes for row in rows):
            raise ValueError(f"a row of {name} does not have {self.n_classes} values")
        return np.array([[_number(x) for x in row] for row in rows], np.float64)

    def slopes(self) -> tuple[float, float]:
        """Return the two slopes of a beta map, at least one of them above 0."""
        a, b = self.number("a", least=0.0), self.number("b", least=0.0)
        if a == b == 0:
            raise ValueError("the parameters a and b are both 0, so that no score tells anything")
        return a, b

    def knots(self) -> tuple[Floats, Floats]:
        x, y = self.vector("x"), self.vector("y")
        if not len(x) or len(x) != len(y):
            raise ValueError(f"{len(x)} knots have {len(y)} values")
        if np.any(np.diff(x) <= 0) or np.any(np.diff(y) < 0):
            raise ValueError("the knots do not rise")
        if x[0] < 0 or x[-1] > 1 or y[0] < 0 or y[-1] > 1:
            raise ValueError("a knot lies outside of 0 to 1")
        return x, y

    def bins(self) -> tuple[Floats, Floats]:
        edges, values = self.vector("edges"), self.vector("values")
        if len(edges) != len(values) + 1 or not len(values):
            raise ValueError(f"{len(edges)} edges do not go with {len(values)} bins")
        if edges[0] != 0 or edges[-1] != 1 or np.any(np.diff(edges) <= 0):
            raise ValueError("the edges do not rise from 0 to 1")
        if np.any((values < 0) | (values > 1)):
            raise ValueError("the value of a bin lies outside of 0 to 1")
        return edges, values


BINARY: dict[str, Callable[[_Parameters], Map]] = {
    "identity": lambda _: Identity(),
    "temperature": lambda p: Temperature(p.positive("T")),
    "platt": lambda p: Platt(p.positive("a"), p.number("b")),
    "beta": lambda p: Beta(*p.slopes(), p.number("c")),
    "isotonic": lambda p: Isotonic(*p.knots()),
    "centered-isotonic": lambda p: CenteredIsotonic(*p.knots()),
    "histogram": lambda p: Histogram(*p.bins()),
}
MULTICLASS: dict[str, Callable[[_Parameters], Map]] = {
    "identity": lambda _: MulticlassIdentity(),
    "temperature": lambda p: MulticlassTemperature(p.positive("T")),
    "vector": lambda p: Vector(p.by_class("w"), p.by_class("b")),
    "matrix": lambda p: Matrix(p.square("W"), p.by_class("b")),
}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not finite")
    return float(value)


def _strings(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("the classes are not a list of texts")
    return tuple(values)


def _built(kind: Any, value: Any) -> Any:
    """Return the JSON value as a type made of dataclasses, tuples, unions and plain types."""
    if get_origin(kind) in (Union, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        fits = (k for k in get_args(kind) if (get_origin(k) is tuple) == isinstance(value, list))
        return _built(next(fits, get_args(kind)[0]), value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is not a list")
        return tuple(_built(get_args(kind)[0], item) for item in value)
    if hasattr(kind, "__dataclass_fields__"):
        hints = get_type_hints(kind)
        if not isinstance(value, dict) or set(value) - set(hints):
            raise ValueError(f"the {kind.__name__.lower()} has unknown keys")
        return kind(**{name: _built(hints[name], item) for name, item in value.items()})
    if kind is float:
        return _number(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r} is not of the type {kind.__name__}")
    return value

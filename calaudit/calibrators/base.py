"""A fitted calibrator: the map, what it was fitted on, and the evidence for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.certificate import Certificate
from calaudit.calibrators.expression import Node, named, sigmoid
from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.logistic import expit
from calaudit.predictions.reasons import SUM_TOLERANCE
from calaudit.records.limits import Limits

Floats = NDArray[np.float64]


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"items": items, "minItems": 1}


Numbers = Annotated[Floats, Limits(_list_of({"type": "number"}))]
Shares = Annotated[Floats, Limits(_list_of({"type": "number", "minimum": 0, "maximum": 1}))]
Rows = Annotated[Floats, Limits(_list_of({"type": "array", **_list_of({"type": "number"})}))]
"""Arrays of parameters, as lists in files: any numbers, those in [0, 1], rows of numbers."""

Parameters = dict[str, Any]
"""Parameters by name: numbers, lists of numbers, or lists of lists of numbers."""

FLOOR = 1e-12
"""Probabilities nearer to 0 or 1 are taken to be this far from it before the logarithm."""


class Map(ABC):
    """What every method has: a name, and parameters that are all there is to know about it.

    Every method is a dataclass; its fields are the parameters, with the limits that they keep.
    """

    method: ClassVar[str]

    def parameters(self) -> Parameters:
        """Return the parameters as JSON values, in a fixed order."""
        names = [field.name for field in fields(cast("Any", self))]
        values = {name: getattr(self, name) for name in names}
        arrays = {k: v.tolist() for k, v in values.items() if isinstance(v, np.ndarray)}
        return values | arrays

    def symbolic(self) -> Any:
        """Return the map with nodes in the place of its parameters."""
        held = {field.name: getattr(self, field.name) for field in fields(cast("Any", self))}
        nodes = {name: Node("parameter", (), name, value) for name, value in held.items()}
        return replace(cast("Any", self), **nodes)


class BinaryMap(Map):
    """A map from one probability to another."""

    @abstractmethod
    def logits(self, p: Floats, z: Floats) -> Floats:
        """Return calibrated logits, each (n,); ±inf for a probability of exactly 0 or 1.

        Args:
            p: (n,) probabilities, as given.
            z: (n,) their logits, after clipping.
        """

    def expression(self, p: Any, z: Any) -> Any:
        """Return what `probabilities` computes of nodes, for exports."""
        return sigmoid(self.symbolic().logits(p, z))

    def probabilities(self, p: Floats, z: Floats) -> Floats:
        """Return calibrated probabilities, (n,) in [0, 1]."""
        return expit(self.logits(p, z))

    def tails(self, p: Floats, z: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the distance of calibrated probabilities from the nearer of 0 and 1, and
        whether that is 1: what a probability near 1 would round away.
        """
        s = self.logits(p, z)
        e = np.exp(-np.abs(s))
        return e / (1.0 + e), s > 0


class ProbabilityMap(BinaryMap):
    """A map that is given by probabilities and not by logits."""

    def expression(self, p: Any, z: Any) -> Any:
        """Return what `probabilities` computes of nodes."""
        return self.symbolic().probabilities(p, z)

    @abstractmethod
    def probabilities(self, p: Floats, z: Floats) -> Floats:
        """Return calibrated probabilities, (n,) in [0, 1]."""

    def logits(self, p: Floats, z: Floats) -> Floats:
        """Return the logits of the probabilities; ±inf where they are 0 or 1."""
        value = self.probabilities(p, z)
        with np.errstate(divide="ignore"):
            result: Floats = np.log(value) - np.log1p(-value)
        return result

    def tails(self, p: Floats, z: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the tails of the probabilities, exactly."""
        value = self.probabilities(p, z)
        return np.minimum(value, 1.0 - value), value > 0.5


class MulticlassMap(Map):
    """A map from logits (or log probabilities) of K classes to others."""

    @abstractmethod
    def scores(self, z: Floats) -> Floats:
        """Return calibrated logits, (n, K), from (n, K); not checked."""

    def expression(self, z: Any) -> Any:
        """Return what `scores` computes of nodes, for exports."""
        return self.symbolic().scores(z)

    def logits(self, z: Floats) -> Floats:
        """Return calibrated logits, (n, K), the largest of each row finite; −inf stays −inf.

        Raises:
            InputError: there is no such answer for a row.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            s = self.scores(z)
            if np.isfinite(s.sum()):
                return s
        lost = ~np.isfinite(s.max(axis=1)) | (z.max(axis=1) == np.inf)
        if lost.any():
            first = ", ".join(f"{value:g}" for value in z[lost][0, :6])
            raise InputError(
                f"{self.method} calibration has no answer for {np.count_nonzero(lost):,} rows, "
                f"the first with the logits {first}{', …' if z.shape[1] > 6 else ''}. Give it "
                "finite logits, or use temperature, which takes -inf for a class that cannot be"
            )
        return s

    def probabilities(self, z: Floats) -> Floats:
        """Return calibrated probabilities, (n, K), rows summing to 1; raises as `logits`."""
        s = self.logits(z)
        s = s - s.max(axis=1, keepdims=True)
        np.exp(s, out=s)
        s /= s.sum(axis=1, keepdims=True)
        result: Floats = s
        return result


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Calibrator:
    """A fitted calibrator.

    Attributes:
        map: the method with its parameters.
        task: kind of the rows it was fitted on: "binary", "top-label" or "multiclass".
        scale: what it was fitted on, "probability" or "logit"; it takes nothing else.
        classes: class names in the order of the scores: (negative, positive) for binary, ()
            for top-label.
        floor: probabilities are clipped to [floor, 1 − floor] (multiclass: raised to floor)
            before their logarithm is taken.
        certificate: how it was fitted and how well it does on rows it was not fitted on.
    """

    map: Map
    task: str
    scale: str
    classes: tuple[str, ...] = ()
    floor: float = FLOOR
    certificate: Certificate = field(default_factory=Certificate)

    def __repr__(self) -> str:
        """Return what it maps, and its certificate, in 10 lines at most."""
        what = f"{len(self.classes)} classes" if self.task == "multiclass" else self.task
        kind = "logits" if self.scale == "logit" else "probabilities"
        return repr(self.certificate).replace(
            "<certificate:", f"<calaudit calibrator: {self.method} of {kind}, {what}", 1
        )

    @property
    def method(self) -> str:
        """Name of the method, such as "temperature"."""
        return self.map.method

    @property
    def unseen(self) -> tuple[int, ...]:
        """The classes, by number, of which it was fitted on no row; of no fit there are none."""
        if self.task != "multiclass" or self.method == "identity":
            return ()
        return tuple(k for k, rows in enumerate(self.certificate.class_rows) if not rows)

    def unseen_finding(self, rows: NDArray[Any], where: str) -> Finding | None:
        """Return what to say where classes turn up that it never saw; None where none does.

        Args:
            rows: (K,) rows, or their weight, by class.
            where: what turning up is, as "occur here".
        """
        found = [f"{self.classes[k]} ({rows[k]:,.0f} rows)" for k in self.unseen if rows[k] > 0]
        kind = "temperature" if self.method == "temperature" else "other"
        classes = _listed(found)
        return finding("unseen-classes", kind=kind, where=where, classes=classes) if found else None

    def parameters(self) -> Parameters:
        """Return the parameters by name, as JSON values in a fixed order."""
        return self.map.parameters()

    def apply(self, scores: Any, *, scale: str | None = None) -> Floats:
        """Return calibrated probabilities, float64, in the shape of the scores.

        Args:
            scores: (n,) for binary and top-label, (n, K) for multiclass; finite, except that
                multiclass logits may be −inf; rows of probabilities sum to 1, within 0.001
                (0.005 for float16), as in a file.
            scale: what the scores are, "probability" or "logit"; that of the fit when None.

        Raises:
            InputError: the scores are not of the kind it was fitted on.
        """
        x, kind = _numbers(scores)
        if self.task == "multiclass":
            if x.ndim != 2 or x.shape[1] != len(self.classes):
                raise InputError(
                    f"the calibrator was fitted on {len(self.classes)} classes and takes an "
                    f"array of shape (n, {len(self.classes)}), not {x.shape}"
                )
        elif x.ndim != 1:
            raise InputError(
                f"the calibrator was fitted on {self.task} scores and takes an array of shape "
                f"(n,), not {x.shape}"
            )
        self.check(self.task, scale or self.scale, self.classes)
        _check_values(x, self.task, self.scale)
        if self.task == "multiclass" and self.scale == "probability":
            _check_sums(x, SUM_TOLERANCE.get(kind, SUM_TOLERANCE["float64"]))
        return self.probabilities(x)

    @np.errstate(over="ignore")  # a logit beyond all numbers is infinite
    def probabilities(self, x: Floats) -> Floats:
        """Return calibrated probabilities of scores that were checked, as the readers do."""
        if not isinstance(self.map, BinaryMap):
            assert isinstance(self.map, MulticlassMap)
            if self.method == "identity" and self.scale == "probability":
                return x.copy()
            z = x if self.scale == "logit" else np.log(np.maximum(x, self.floor))
            return self.map.probabilities(z)
        if self.scale == "logit":
            return self.map.probabilities(expit(x), x)
        return self.map.probabilities(x, logits_of_probabilities(x, self.floor))

    def check(self, task: str, scale: str, classes: Sequence[str]) -> None:
        """Compare other data with what the calibrator was fitted on.

        Raises:
            InputError: the data is of another kind; the message shows both sides.
        """
        names = tuple(str(name) for name in classes)
        if task != self.task:
            raise InputError(f"the calibrator was fitted on {self.task} rows; these are {task}")
        if scale != self.scale:
            kinds = {"probability": "probabilities", "logit": "logits"}
            raise InputError(
                f"the calibrator was fitted on {kinds[self.scale]}; these are "
                f"{kinds.get(scale, scale)}. Give it {kinds[self.scale]}, or fit one on these"
            )
        if names == self.classes:
            return
        mine, theirs = _listed(self.classes), _listed(names)
        if len(names) != len(self.classes):
            what = f"{len(self.classes)} classes ({mine}); these have {len(names)} ({theirs})"
        elif set(names) == set(self.classes):
            what = f"the classes in the order {mine}; these are in the order {theirs}"
        else:
            what = f"the classes {mine}; these are {theirs}"
        raise InputError(f"the calibrator was fitted on {what}")

    def to_json(self) -> str:
        """Return the calibrator as JSON (schema "calaudit.calibrator/1"), for a file."""
        from calaudit.calibrators.saved_calibrator import calibrator_text

        return calibrator_text(self)


def logits_of_probabilities(p: Floats, floor: float) -> Floats:
    """Return log p − log(1 − p) of probabilities; see `logits_of_tails`."""
    return logits_of_tails(np.minimum(p, 1.0 - p), p > 0.5, floor)


def logits_of_tails(tail: Floats, above: NDArray[np.bool_], floor: float) -> Floats:
    """Return the logits of probabilities known by their distance from the nearer of 0 and 1.

    The distance is raised to the floor, on both sides alike: 1 − floor itself is rounded, to 1
    for a floor below 2⁻⁵³.
    """
    q = named("tail", np.maximum(tail, floor))
    below = named("below", np.log(q) - np.log1p(-q))
    return np.where(above, -below, below)


def _numbers(scores: Any) -> tuple[Floats, str]:
    """Return scores as float64, and the name of the type they were in."""
    try:
        given = np.asarray(scores)
        if given.dtype.kind == "c":
            raise TypeError("they are complex")
        return given.astype(np.float64, copy=False), given.dtype.name
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the scores are not an array of numbers: {error}. Give their column alone; "
            "calaudit.apply calibrates files with all their columns"
        ) from None


def _check_sums(x: Floats, tolerance: float) -> None:
    sums = x.sum(axis=1)
    off = np.abs(sums - 1.0) > tolerance
    if off.any():
        at, others = int(np.argmax(off)), np.count_nonzero(off) - 1
        more = f"; {others:,} more rows do not either" if others else ""
        raise InputError(
            f"the row of probabilities at {at} sums to {sums[at]:.6g}, and not to 1 (within "
            f"{tolerance:g}){more}. Give it every class, "
            "and what the model gave as it was; for logits fit a calibrator with scale='logit'"
        )


def _check_values(x: Floats, task: str, scale: str) -> None:
    if scale == "probability":
        bad = ~((x >= 0.0) & (x <= 1.0))
    elif task == "multiclass":
        bad = np.isnan(x) | (x == np.inf)
        never = (x == -np.inf).all(axis=1)
        if x.size and not bad.any() and never.any():
            raise InputError(f"the row of logits at {int(np.argmax(never))} is −inf throughout")
    else:
        bad = ~np.isfinite(x)
    if bad.any():
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        what = "a probability" if scale == "probability" else "a usable logit"
        raise InputError(f"the score at {list(at)} is {x[at]!r}, which is not {what}")


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return shown + (", …" if len(names) > most else "") if names else "none"

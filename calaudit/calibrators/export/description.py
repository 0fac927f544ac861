"""What a calibrator computes of a score, from its checks to the calibrated probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calaudit.calibrators.base import BinaryMap, Calibrator, logits_of_probabilities
from calaudit.calibrators.expression import Node, named, sigmoid, softmax

LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True)
class Description:
    """A calibrator as expressions.

    Attributes:
        score: what goes in, "p" or "z". valid: whether there is an answer to it.
        answer: the calibrated probability, of each class where there are several.
    """

    score: Node
    valid: Node
    answer: Node

    @property
    def classes(self) -> int:
        """Number of classes, 0 where a row has one score."""
        return int(self.score.value)

    @property
    def tables(self) -> list[Node]:
        """What is looked up: there the last bits of a score may decide.

        Scores rounded to float32 fall on the other side of a step, or slide along it.
        """
        return [node for node in self.answer.walk() if node.operation in ("interp", "step")]


def described(calibrator: Calibrator) -> Description:
    """Return the expressions of a calibrator, as `Calibrator.probabilities` evaluates it."""
    logit, fitted, floor = calibrator.scale == "logit", calibrator.map, calibrator.floor
    classes = len(calibrator.classes) if calibrator.task == "multiclass" else 0
    x: Any = Node("score", (), "z" if logit else "p", classes)
    valid = Node("within", (x, -LARGEST, LARGEST) if logit else (x, 0.0, 1.0))
    if isinstance(fitted, BinaryMap):
        p, z = x, x
        if logit:
            p = named("p", sigmoid(x))
        else:
            z = Node("logit", (x,), "z", logits_of_probabilities(x, floor))
        return Description(x, valid, fitted.expression(p, z))
    if calibrator.method == "identity" and not logit:
        return Description(x, valid, x)
    z = x if logit else named("z", np.log(np.maximum(x, floor)))
    answer = softmax(fitted.expression(z))  # type: ignore[attr-defined]
    if logit and all(node.operation != "product" for node in answer.walk()):
        valid = x <= LARGEST  # −inf is a class that cannot be
    return Description(x, valid, answer)

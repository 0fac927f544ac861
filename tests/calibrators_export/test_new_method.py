"""A method that no export has heard of is exported by its own arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from calaudit.calibrators.base import BinaryMap, Calibrator, MulticlassMap, ProbabilityMap
from calaudit.calibrators.export import TARGETS, Options, export_calibrator


@dataclass(frozen=True, slots=True)
class Cubic(BinaryMap):
    """σ(a z³ + b min(|z|, ln(1 + e^−|z|)) + z)."""

    method: ClassVar[str] = "cubic"
    a: float
    b: float

    def logits(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return the logits."""
        return self.a * z * z * z + self.b * np.minimum(np.abs(z), np.log1p(np.exp(-np.abs(z)))) + z


@dataclass(frozen=True, slots=True)
class Mixed(ProbabilityMap):
    """A share of the probability, and a share of 0.5 where that is larger."""

    method: ClassVar[str] = "mixed"
    share: float

    def probabilities(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return the probabilities."""
        return np.where(p > 0.5, self.share * p + 0.5 * (1.0 - self.share), p)


@dataclass(frozen=True, slots=True, eq=False)
class Shifted(MulticlassMap):
    """softmax(t (Z − b))."""

    method: ClassVar[str] = "shifted"
    t: float
    b: Any

    def scores(self, z: Any) -> Any:
        """Return the logits."""
        return self.t * (z - self.b)


@pytest.mark.parametrize("scale", ["probability", "logit"])
@pytest.mark.parametrize("fitted", [Cubic(0.1, 0.3), Mixed(0.7), Shifted(0.4, np.arange(3.0))])
@pytest.mark.parametrize("name", [name for name in TARGETS if name != "value"])
def test_any_arithmetic_is_exported(name: str, fitted: Any, scale: str) -> None:
    """No printer knows the map; each gives its probabilities."""
    if name == "onnx":
        pytest.importorskip("onnx")
    if not TARGETS[name].runtimes():
        pytest.skip(f"nothing here runs {name}")
    several = isinstance(fitted, Shifted)
    task, classes = ("multiclass", ("a", "b", "c")) if several else ("binary", ("0", "1"))
    calibrator = Calibrator(fitted, task, scale, classes)
    made = export_calibrator(calibrator, name, options=Options(dtype="float64"))
    assert max(made.differences.values()) <= 1e-12

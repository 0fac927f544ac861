"""Every target by its name."""

from __future__ import annotations

from calaudit.calibrators.export.javascript import JAVASCRIPT
from calaudit.calibrators.export.numpy import NUMPY
from calaudit.calibrators.export.onnx import ONNX
from calaudit.calibrators.export.python import PYTHON
from calaudit.calibrators.export.sql import SQL
from calaudit.calibrators.export.target import Target
from calaudit.calibrators.export.torch import TORCH
from calaudit.calibrators.export.value import VALUE

__all__ = ["TARGETS"]

TARGETS: dict[str, Target] = {
    target.name: target for target in (VALUE, PYTHON, NUMPY, SQL, ONNX, TORCH, JAVASCRIPT)
}
"""In the order of the documentation."""

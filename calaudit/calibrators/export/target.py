"""What a target of an export is: how it is written, and what can run it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user may choose about an export.

    Attributes:
        columns: SQL: the score columns, one a class for multiclass; () for default names.
        dtype: ONNX: type of the graph's input and output; the arithmetic is float64. None for
            float32, or float64 where the map is a table.
    """

    columns: tuple[str, ...] = ()
    dtype: Literal["float32", "float64"] | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """Something on this machine that can run an artefact.

    Attributes:
        name: with its version, such as "node v20.20.2".
        run: (artefact, calibrator, options, probes) → what the artefact returns for the probes,
            in the shape of ``calibrator.apply``.
    """

    name: str
    run: Callable[[Any, Calibrator, Options, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A language or format.

    Attributes:
        name: as in ``--to``. suffix: of its files.
        refusal: (calibrator, options) → why it cannot be expressed, or None.
        render: (calibrator, options, remarks) → text or bytes; remarks are single lines that
            say what it is and whether it was checked.
        runtimes: what can run it here; () where nothing can.
        missing: what would have to be installed.
        single: whether it takes and returns float32, given the options.
    """

    name: str
    suffix: str
    render: Callable[[Calibrator, Options, tuple[str, ...]], str | bytes]
    runtimes: Callable[[], tuple[Runtime, ...]]
    missing: str
    refusal: Callable[[Calibrator, Options], str | None] = lambda *_: None
    single: Callable[[Options], bool] = lambda _: False


def installed(package: str, run: Callable[..., Floats]) -> tuple[Runtime, ...]:
    """Return what runs artefacts by a package; () where that is not installed."""
    if importlib.util.find_spec(package.lower()) is None:
        return ()
    return (Runtime(f"{package} {version(package.lower())}", run),)


def loaded(artefact: str, name: str) -> Any:
    """Return what Python source calls by a name."""
    names: dict[str, Any] = {}
    exec(compile(artefact, "<export>", "exec"), names)
    return names[name]

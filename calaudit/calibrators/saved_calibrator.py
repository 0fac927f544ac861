"""Calibrators as versioned JSON: readable, deterministic, every float back to its last bit."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from calaudit.bounded import read_bounded
from calaudit.calibrators.base import Calibrator, Map
from calaudit.calibrators.beta import Beta
from calaudit.calibrators.certificate import Certificate, Scores
from calaudit.calibrators.histogram_binning import Histogram
from calaudit.calibrators.identity import Identity, MulticlassIdentity
from calaudit.calibrators.intercept import Intercept, MulticlassIntercept
from calaudit.calibrators.isotonic import CenteredIsotonic, Isotonic
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.spline import Spline
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.calibrators.vector import Vector
from calaudit.calibrators.venn_abers import VennAbers
from calaudit.errors import InputError, SettingsError
from calaudit.records import decoded, parsed
from calaudit.records.limits import Limits, Scale, Task, one_of

SCHEMA = "calaudit.calibrator/1"
"""Name and version of the format. Version 1: the first."""

LINE = 256
"""Most numbers in a line: what a row of a matrix may have."""

MULTICLASS: dict[str, type[Map]] = {
    each.method: each
    for each in (MulticlassIdentity, MulticlassTemperature, MulticlassIntercept, Vector, Matrix)
}
BINARY: dict[str, type[Map]] = {
    each.method: each
    for each in (
        Identity,
        Temperature,
        Intercept,
        Platt,
        Beta,
        Spline,
        CenteredIsotonic,
        Isotonic,
        Histogram,
        VennAbers,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratorFile:
    """A fitted calibrator with its certificate, as ``calaudit fit -o`` writes it.

    Attributes:
        scale: what it was fitted on; it takes nothing else.
        classes: in the order of the scores: negative and positive for binary, empty for top-label.
        floor: probabilities are clipped to [floor, 1 - floor] (multiclass: raised to floor) before
            their logarithm.
        parameters: of the method.
    """

    schema: str = SCHEMA
    method: Annotated[str, one_of(*{**BINARY, **MULTICLASS})]
    task: Task
    scale: Scale
    classes: Annotated[tuple[str, ...], Limits({"uniqueItems": True})]
    floor: Annotated[float, Limits({"exclusiveMinimum": 0, "exclusiveMaximum": 0.5})]
    parameters: dict[str, Any]
    certificate: Certificate


def calibrator_text(calibrator: Calibrator) -> str:
    """Return a calibrator as JSON text: keys in a fixed order, nothing of when or where."""
    file = CalibratorFile(
        method=calibrator.method,
        task=calibrator.task,
        scale=calibrator.scale,
        classes=calibrator.classes,
        floor=calibrator.floor,
        parameters=calibrator.parameters(),
        certificate=calibrator.certificate,
    )
    text = json.dumps(asdict(file), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return NUMBERS.sub(_in_one_line, text)


NUMBERS = re.compile(r"\[\n *(?=[-\d])[-+.,\deE\s]*\]")
"""A list of numbers, with an item a line; no text of JSON holds the end of a line."""


def _in_one_line(found: re.Match[str]) -> str:
    """Return a list of numbers in one line, unless that were very long."""
    items = found.group()[1:-1].split(",")
    if len(items) > LINE:
        return found.group()
    return "[" + ", ".join(item.strip() for item in items) + "]"


def holds_schema(path: str, kind: str = "calibrator") -> bool:
    """Return whether a file seems to be a calibrator, or a report, of whatever version."""
    try:
        if not Path(path).is_file():  # a pipe waits, and what is read of it is lost
            return False
        with Path(path).open("rb") as file:
            return f'"calaudit.{kind}/'.encode() in file.read(LINE)
    except OSError:
        return False


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


def calibrator_of(text: str | bytes) -> Calibrator:
    """Return the calibrator that a JSON text describes.

    Raises:
        InputError: the text is damaged, of an unknown version, or something else.
    """
    try:
        values = parsed(text)
    except InputError as error:
        raise InputError(f"the calibrator is damaged: {error}") from None
    if not isinstance(values, dict) or "schema" not in values:
        raise InputError('this is not a calibrator: there is no "schema" in it')
    if values["schema"] != SCHEMA:
        raise InputError(
            f"the calibrator is of the version {values['schema']!r}; this program reads {SCHEMA!r}"
        )
    try:
        return _decoded(decoded(CalibratorFile, values, "", strict=True))
    except InputError as error:
        raise InputError(f"the calibrator is damaged: {error}") from None


def _decoded(file: CalibratorFile) -> Calibrator:
    several = file.task == "multiclass"
    maps = MULTICLASS if several else BINARY
    if file.method not in maps:
        raise InputError(f"there is no method {file.method!r} for {file.task} rows")
    _check_classes(file.task, len(file.classes))
    mapping = decoded(maps[file.method], file.parameters, "parameters", strict=True)
    _check_together(mapping, len(file.classes))
    _check_sample(file.certificate.sample, file.scale, len(file.classes) if several else 0)
    return Calibrator(mapping, file.task, file.scale, file.classes, file.floor, file.certificate)


def _check_classes(task: str, count: int) -> None:
    least = {"top-label": 0, "binary": 2, "multiclass": 2}[task]
    if count < least or (task != "multiclass" and count > least):
        raise InputError(f"{count} classes do not go with {task} rows")


def _check_sample(sample: Scores, scale: str, n_classes: int) -> None:
    """Check that the sample holds scores that the calibrator takes; 0 classes for one score."""
    for row in sample:
        scores = row if isinstance(row, tuple) else (row,)
        if isinstance(row, tuple) != bool(n_classes) or len(scores) != (n_classes or 1):
            raise InputError(f"a row of its sample has {len(scores)} scores")
        if scale == "probability" and not all(0.0 <= score <= 1.0 for score in scores):
            raise InputError(f"its sample holds {row}, which is no probability")


@np.errstate(over="ignore", invalid="ignore")
def _check_together(mapping: Map, n_classes: int) -> None:
    """Check what the limits of the single parameters do not say."""
    fault = ""
    if isinstance(mapping, Beta) and mapping.a == mapping.b == 0:
        fault = "the parameters a and b are both 0, so that no score tells anything"
    elif isinstance(mapping, Isotonic | Spline):
        x, y = mapping.x, mapping.y
        if len(x) != len(y):
            fault = f"{len(x)} knots have {len(y)} values"
        elif np.any(np.diff(x) <= 0) or np.any(np.diff(y) < 0):
            fault = "the knots do not rise"
        elif isinstance(mapping, Spline) and not (len(x) > 1 and np.isfinite(mapping.slopes).all()):
            fault = "the knots make no lines"
    elif isinstance(mapping, Histogram | VennAbers):
        edges, (size, *others) = mapping.edges, [len(each) for each in mapping.of_bins()]
        if len(edges) != size + 1 or any(other != size for other in others):
            fault = f"{len(edges)} edges do not go with {size} bins"
        elif isinstance(mapping, VennAbers) and not np.all(mapping.low < mapping.high):
            fault = "a lower probability is not below the upper one"
        elif edges[0] != 0 or edges[-1] != 1 or np.any(np.diff(edges) <= 0):
            fault = "the edges do not rise from 0 to 1"
    elif isinstance(mapping, MulticlassIntercept | Vector | Matrix):
        for name, given in mapping.parameters().items():
            shape = np.shape(given)
            if set(shape) != {n_classes}:
                sizes = " by ".join(map(str, shape))
                fault = f"{name} has {sizes} values for {n_classes} classes"
    if fault:
        raise InputError(fault)

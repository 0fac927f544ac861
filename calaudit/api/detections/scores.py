"""How abnormal the rows of a set are by each score, and how many of them are acted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.open_rows import score_roles, shared_out
from calaudit.api.rows.reading import read_summary
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_values
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding
from calaudit.metrics.out_of_distribution import SCORES, abnormality
from calaudit.options.commands import OodOptions
from calaudit.predictions.catalogue import listed
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.row_choice import choice_of
from calaudit.predictions.subset import subset
from calaudit.predictions.unlabelled import open_scores
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult

__all__ = ["EXTERNAL", "RowScores", "read_scores", "values_of"]

Floats = NDArray[np.float64]

EXTERNAL = "score"
"""What a score that is not the model's own is called."""


@dataclass(frozen=True, slots=True, eq=False)
class RowScores:
    """What was read of a set.

    Attributes:
        values: (n,) how abnormal its rows are, by score. acted: how many are acted on.
        inputs, intake, roles, notes: as a report tells of them.
    """

    values: dict[str, Floats]
    acted: int
    inputs: tuple[InputFile, ...]
    intake: IntakeResult
    roles: tuple[RoleResult, ...]
    notes: list[Finding]


def read_scores(
    paths: Sequence[str],
    value: str | None,
    options: OodOptions,
    fitted: Calibrator | None,
    cutoff: float | None,
) -> RowScores:
    """Read the rows of a set.

    Args:
        paths: of its files.
        value: of the column ``set`` that its rows have; None for all rows.
        options: how they are read.
        fitted: what scores go through before they are held against the cutoff, or None.
        cutoff: from which rows are acted on, or None.

    Raises:
        InputError: the data cannot be used as it is.
        SettingsError: it is not said what a score means.
    """
    with _opened(paths, options, fitted) as whole:
        predictions, column = whole, options["set"]
        if column is not None:
            by = _by(whole, column)
            predictions = subset(by, by=(), choice=choice_of(column, value or ""))
        scale = _scale(predictions, options)
        if fitted is not None:
            if scale == EXTERNAL:
                raise SettingsError("--calibrator takes the model's own scores, not --score")
            check_fits(fitted, predictions)
        names = _score_names(predictions, scale)
        reading = _Reading(names, scale, options["higher"], cutoff, fitted)
        found, intake = read_summary(
            predictions, cast(Any, lambda: _Rows(reading)), threads=options["threads"], rounded=0,
            progress=options["progress"],
        )  # fmt: skip
        rows = cast(_Rows, found)
        return RowScores(
            {name: np.concatenate(parts) for name, parts in rows.parts.items()}, rows.acted,
            inputs_of(predictions, intake), intake_of(intake), roles_of(predictions),
            predictions.notes,
        )  # fmt: skip


def values_of(paths: Sequence[str], column: str, inside: str, options: OodOptions) -> list[str]:
    """Return the other values of the column that says which set a row is of.

    Raises:
        InputError: no row has the value for the inside.
    """
    with _opened(paths, options, None) as whole:
        found = read_summary(
            _by(whole, column), cast(Any, _Values), threads=options["threads"], rounded=0,
            progress=options["progress"],
        )[0]  # fmt: skip
    values = cast(_Values, found).values
    if inside not in values:
        raise InputError(
            f"no row has {column}={inside}; its values are {', '.join(sorted(values)[:10])}"
        )
    return sorted(values - {inside})


def _opened(paths: Sequence[str], options: OodOptions, fitted: Calibrator | None) -> Predictions:
    score = options["score"]
    if score is not None and options["higher"] is None:
        raise SettingsError(
            f"does {score!r} rise or fall outside? Say --higher inside, as of confidences, or "
            "--higher outside, as of distances and energies"
        )
    if options["higher"] is not None and score is None:
        raise SettingsError("--higher says what --score means: name that column")
    predictions = open_scores(
        paths,
        roles=score_roles(options),
        task="multiclass" if fitted is None else fitted.task,  # type: ignore[arg-type]
        scale="probability" if fitted is None else fitted.scale,  # type: ignore[arg-type]
        classes=() if fitted is None else fitted.classes,
        on_invalid=options["on_invalid"],  # type: ignore[arg-type]
    )
    shared_out(predictions, options)
    if score is not None:  # any number, as a logit may be
        layout = replace(predictions.layout, scale="logit", task="binary")
        predictions.resolution = replace(predictions.resolution, layout=layout)
    return predictions


def _by(predictions: Predictions, column: str) -> Predictions:
    """Return the data with a column as its slices."""
    first = predictions.sources[0]
    if column not in [each.name for each in first.columns]:
        found = listed([each.name for each in first.columns])
        raise InputError(f"{first.input.path}: there is no column {column!r}. Columns: {found}.")
    return subset(predictions, by=(column,))


def _scale(predictions: Predictions, options: OodOptions) -> str:
    """Return what the scores are.

    Raises:
        SettingsError: one column, of which it is not said what it means.
    """
    if options["score"] is not None:
        return "score"
    if predictions.layout.form != "column":
        return predictions.scale
    if predictions.task == "top-label":
        return "confidence"
    name = predictions.layout.scores[0]
    raise SettingsError(
        f"{predictions.inputs[0].path}: the one column of scores, {name!r}, may rise or fall "
        f"outside. Say --score {name} --higher inside (as of confidences) or --higher outside"
    )


def _score_names(predictions: Predictions, scale: str) -> tuple[str, ...]:
    """Return the scores that there are of such outputs."""
    if scale == EXTERNAL:
        return (EXTERNAL,)
    pair = predictions.task != "multiclass"  # whose logits are left as a difference
    names = SCORES["logit" if scale == "logit" and not pair else "probability"]
    return names[:1] if scale == "confidence" else names


class _Values:
    """The values of a column."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    def add(self, chunk: Chunk) -> None:
        self.values.update(chunk.slices[0].values)

    def summary(self) -> _Values:
        return self

    def merge(self, other: _Values) -> _Values:
        self.values |= other.values
        return self


class _Rows:
    """How abnormal rows are by each score, and how many of them are acted on."""

    def __init__(self, read: _Reading) -> None:
        self._read, self.acted = read, 0
        self.parts: dict[str, list[Floats]] = {name: [] for name in read.names}

    def add(self, chunk: Chunk) -> None:
        read = self._read
        values = read.scores(chunk)
        for name, found in values.items():
            self.parts[name].append(found)
        self.acted += read.acted(chunk, values)

    def summary(self) -> _Rows:
        return self

    def merge(self, other: _Rows) -> _Rows:
        self.acted += other.acted
        for name, parts in other.parts.items():
            self.parts[name] += parts
        return self


@dataclass(frozen=True)
class _Reading:
    """What is made of the scores of a chunk.

    Attributes:
        names: of the scores. scale: of the outputs; "score" of one that is not the model's.
        higher: side on which that is higher.
        cutoff: from which rows are acted on, or None. calibrator: that they go through first.
    """

    names: tuple[str, ...]
    scale: str
    higher: str | None
    cutoff: float | None
    calibrator: Calibrator | None

    def scores(self, chunk: Chunk) -> dict[str, Floats]:
        """Return (n,) how abnormal rows are, by score."""
        x = chunk.scores.astype(np.float64)
        if self.scale == "score":
            return {EXTERNAL: -x if self.higher == "inside" else x}
        if self.scale == "confidence":
            return {self.names[0]: 1.0 - x}
        if x.ndim == 1:  # of two classes: the second, or its logit less that of the first
            first = np.zeros_like(x) if self.scale == "logit" else 1.0 - x
            x = np.stack([first, x], axis=1)
        return {name: abnormality(name, x, self.scale) for name in self.names}  # type: ignore[arg-type]

    def acted(self, chunk: Chunk, values: dict[str, Floats]) -> int:
        """Return how many rows are acted on."""
        if self.cutoff is None:
            return 0
        if self.scale == "score":
            sign = -1.0 if self.higher == "inside" else 1.0
            return int(np.count_nonzero(values[EXTERNAL] <= sign * self.cutoff))
        confidence = 1.0 - values[self.names[0]]
        if self.calibrator is not None:
            p = calibrated_values(self.calibrator, chunk.scores, scale="probability", pair=True)
            single = self.scale == "confidence"
            confidence = p[:, 1] if single else p.max(axis=1)
        return int(np.count_nonzero(confidence >= self.cutoff))

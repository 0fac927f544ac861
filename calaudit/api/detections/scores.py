"""How abnormal the rows of a set are by each score, and how many of them are acted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.open_rows import score_roles, shared_out
from calaudit.api.rows.reading import Gathering, read_summary
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_values
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding
from calaudit.metrics.out_of_distribution import SCORES, abnormality
from calaudit.options.commands import OodOptions
from calaudit.predictions.catalogue import listed
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.subset import subset
from calaudit.predictions.unlabelled import open_scores
from calaudit.report.evaluation_report import InputFile, IntakeResult, RoleResult
from calaudit.tables.summary import check_slices

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
    paths: Sequence[str], options: OodOptions, fitted: Calibrator | None, cutoff: float | None
) -> dict[str, RowScores]:
    """Read files once; return the rows by value of the column ``set``, or all of them as "".

    Args:
        paths: of the files.
        options: how they are read.
        fitted: what scores go through before they are held against the cutoff, or None.
        cutoff: from which rows are acted on, or None.

    Raises:
        InputError: the data cannot be used as it is.
        SettingsError: it is not said what a score means.
    """
    with _opened(paths, options, fitted) as predictions:
        column = options["set"]
        if column is not None:
            predictions = _by(predictions, column)
        scale = _scale(predictions, options)
        if fitted is not None:
            if scale == EXTERNAL:
                raise SettingsError("--calibrator takes the model's own scores, not --score")
            check_fits(fitted, predictions)
        names = _score_names(predictions, scale)
        reading = _Reading(names, scale, options["higher"], cutoff, fitted)
        found, intake = read_summary(
            predictions, partial(_Rows, reading), threads=options["threads"], rounded=0,
            progress=options["progress"],
        )  # fmt: skip
        inputs, roles = inputs_of(predictions, intake), roles_of(predictions)
        whole = intake_of(intake)
        lost = whole.rows_read - whole.rows_used
        sets = {}
        for value, (parts, acted) in found.sets.items():
            scores = np.concatenate(parts, axis=1)
            used = {"rows_used": scores.shape[1], "rows_read": scores.shape[1]}
            if value in ("", options["inside"]):  # of others it is not known how many are lost
                own = replace(whole, **used | {"rows_read": scores.shape[1] + lost})
            else:
                own = IntakeResult(**used)
            values = dict(zip(names, scores, strict=True))
            sets[value] = RowScores(values, acted, inputs, own, roles, predictions.notes)
        return sets


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
        return EXTERNAL
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


class _Rows(Gathering):
    """How abnormal rows are by each score, and how many of them are acted on, by set.

    Attributes:
        sets: by value, (scores, n) parts, and how many rows are acted on.
    """

    def __init__(self, read: _Reading) -> None:
        self._read = read
        self.sets: dict[str, tuple[list[Floats], int]] = {}

    def add(self, chunk: Chunk) -> None:
        values, acted = self._read.scores(chunk)
        if not chunk.slices:
            self._add("", [values], int(acted.sum()))
            return
        codes, names = chunk.slices[0].codes, chunk.slices[0].values
        order = np.argsort(codes, kind="stable")
        found, first = np.unique(codes[order], return_index=True)
        for code, at in zip(found.tolist(), np.split(order, first[1:]), strict=True):
            self._add(names[code], [values[:, at]], int(acted[at].sum()))

    def _add(self, value: str, parts: list[Floats], acted: int) -> None:
        have, before = self.sets.get(value, ([], 0))
        self.sets[value] = ([*have, *parts], before + acted)
        check_slices(len(self.sets), "--set")

    def merge(self, other: _Rows) -> _Rows:
        for value, (parts, acted) in other.sets.items():
            self._add(value, parts, acted)
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

    def scores(self, chunk: Chunk) -> tuple[Floats, NDArray[np.bool_]]:
        """Return (scores, n) how abnormal rows are by each, and (n,) which are acted on."""
        x = chunk.scores.astype(np.float64)
        if x.ndim == 1 and self.scale in SCORES:
            # Of two classes: the second, or its logit less that of the first.
            first = np.zeros_like(x) if self.scale == "logit" else 1.0 - x
            x = np.stack([first, x], axis=1)
        if self.scale == EXTERNAL:
            found = [-x if self.higher == "inside" else x]
        elif self.scale == "confidence":
            found = [1.0 - x]
        else:
            found = [abnormality(name, x, self.scale) for name in self.names]  # type: ignore[arg-type]
        return np.stack(found), self._acted(chunk.scores, x)

    def _acted(self, given: NDArray[Any], x: Floats) -> NDArray[np.bool_]:
        """Return (n,) which rows are acted on: by the scores as they are given, in their type.

        Args:
            given: the scores.
            x: of two or more classes (n, K).
        """
        if self.cutoff is None:
            return np.zeros(len(x), np.bool_)
        if self.calibrator is not None:
            p = calibrated_values(self.calibrator, given, scale="probability", pair=True)
            given = p[:, 1] if self.scale == "confidence" else p.max(axis=1)
        elif self.scale == "logit":
            given = 1.0 / np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1)
        elif self.scale == "probability":
            given = np.maximum(given, 1 - given) if given.ndim == 1 else given.max(axis=1)
        turned = self.scale == EXTERNAL and self.higher == "outside"
        return np.asarray(given <= self.cutoff if turned else given >= self.cutoff)

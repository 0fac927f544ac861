"""Out of distribution: whether scores fall where the model knows nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack, cast

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.saved_cutoffs import saved_cutoffs
from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.reports.evaluation_settings import checked_intervals
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.api.rows.open_rows import column_names
from calaudit.api.rows.reading import read_summary
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_values
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding, once, said
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import wilson
from calaudit.metrics.out_of_distribution import SCORES, Separation, abnormality, separation_of
from calaudit.options.commands import OodOptions
from calaudit.options.declaration import documented
from calaudit.predictions import Roles
from calaudit.predictions.catalogue import listed
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.row_choice import choice_of
from calaudit.predictions.subset import subset
from calaudit.predictions.unlabelled import open_scores
from calaudit.report.ood_report import TITLES, Detection, OodReport, RatePoint, RowSet

__all__ = ["ood"]

Floats = NDArray[np.float64]

EXTERNAL = "score"
"""What a score that is not the model's own is called."""

GIVEN = (
    "set", "inside", "outside", "higher", "score", "probs", "logits", "confidence", "classes",
    "out_of", "no_header",
)  # fmt: skip
"""Options that a report names where they are given."""

MOST_TOLD = 3
"""Sets that the answer tells of."""

BINS, POINTS = 40, 200
"""Bins of the histogram, and points of a curve."""


@dataclass
class _Side:
    """One set of rows: where it is, and what its rows are worth by each score."""

    name: str
    paths: list[str]
    value: str | None = None
    values: dict[str, Floats] = None  # type: ignore[assignment]
    acted: int = 0
    predictions: Predictions = None  # type: ignore[assignment]
    intake: Intake = None  # type: ignore[assignment]


@documented(OodOptions)
def ood(data: Any, **options: Unpack[OodOptions]) -> OodReport:
    """Tell whether scores fall where the model knows nothing.

    Every row's scores are kept: about 8 bytes a row and score.

    Args:
        data: files, the first with rows of the model's own kind, each other with rows that are
            not; a mapping names them. Or one file with ``set`` and ``inside``.
        **options: as in the signature; declared in `calaudit.options`.

    Raises:
        InputError: the data cannot be used as it is.
        SettingsError: an argument is wrong, or what a score means is not said.
    """
    checked_intervals(level=options["level"], seed=options["seed"], threads=options["threads"])
    calibrator = options["calibrator"]
    fitted = None if calibrator is None else opened_calibrator(calibrator)
    cutoff = _cutoff(options["act_from"], calibrator)
    sides = _sides(data, options)
    for side in sides:
        _read(side, options, fitted, cutoff)
    return _report(sides, options, cutoff, data)


def _sides(data: Any, options: OodOptions) -> list[_Side]:
    """Return the sets, that of the inside first."""
    named: list[tuple[str, str]]
    if isinstance(data, Mapping):
        named = [(str(name), os.fspath(path)) for name, path in data.items()]
    else:
        paths = [data] if isinstance(data, str | os.PathLike) else list(data)
        if not all(isinstance(path, str | os.PathLike) for path in paths):
            raise SettingsError("ood reads files: give their paths")
        parts = [os.fspath(path).partition("=") for path in paths]
        named = [(n, p) if p and not Path(n + "=" + p).exists() else ("", n + e + p)
                 for n, e, p in parts]  # fmt: skip
    column, inside = options["set"], options["inside"]
    if column is None:
        if inside is not None or options["outside"] is not None:
            raise SettingsError("--inside and --outside are values of a column: name it with --set")
        if len(named) < 2:
            raise SettingsError(
                "give the rows of the model's own kind first, then those of another: calaudit ood "
                "inside.parquet outside.parquet; or one file with --set COLUMN --inside VALUE"
            )
        names = _names(named)
        real = [os.path.realpath(path) for _, path in named]
        if len(set(real)) < len(real):
            raise SettingsError("one file is given twice: rows cannot be inside and outside")
        return [_Side(name, [path]) for name, (_, path) in zip(names, named, strict=True)]
    if inside is None:
        raise SettingsError(f"say which rows are inside: --inside, a value of {column!r}")
    files = [path for _, path in named]
    values = options["outside"] or _values(files, column, inside, options)
    return [_Side(value, files, value) for value in (inside, *values)]


def _names(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each file: that which was given, its stem, or its path."""
    stems = [name or Path(path).stem for name, path in named]
    names = [s if stems.count(s) == 1 else path for s, (_, path) in zip(stems, named, strict=True)]
    if len(set(names)) < len(names):
        raise SettingsError("two sets are called the same: name each, as NAME=FILE")
    return names


def _roles(options: OodOptions) -> Roles:
    classes, score = options["classes"], options["score"]
    if score is not None and options["higher"] is None:
        raise SettingsError(
            f"does {score!r} rise or fall outside? Say --higher inside, as of confidences, or "
            "--higher outside, as of distances and energies"
        )
    if options["higher"] is not None and score is None:
        raise SettingsError("--higher says what --score means: name that column")
    return Roles(
        score=score,
        probs=column_names(options["probs"]),
        logits=column_names(options["logits"]),
        confidence=options["confidence"],
        classes=None if classes is None else tuple(classes),
        out_of=options["out_of"],
        no_header=options["no_header"],
    )


def _opened(paths: list[str], options: OodOptions, fitted: Calibrator | None) -> Predictions:
    predictions = open_scores(
        paths,
        roles=_roles(options),
        task="multiclass" if fitted is None else fitted.task,  # type: ignore[arg-type]
        scale="probability" if fitted is None else fitted.scale,  # type: ignore[arg-type]
        classes=() if fitted is None else fitted.classes,
        on_invalid=options["on_invalid"],  # type: ignore[arg-type]
    )
    predictions.workers = options["workers"]
    if options["score"] is not None:  # any number, as a logit may be
        layout = replace(predictions.layout, scale="logit", task="binary")
        predictions.resolution = replace(predictions.resolution, layout=layout)
    return predictions


def _values(files: list[str], column: str, inside: str, options: OodOptions) -> list[str]:
    """Return the other values of the column that says which set a row is of."""
    with _opened(files, options, None) as whole:
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


def _by(predictions: Predictions, column: str) -> Predictions:
    """Return the data with a column as its slices."""
    first = predictions.sources[0]
    if column not in [each.name for each in first.columns]:
        found = listed([each.name for each in first.columns])
        raise InputError(f"{first.input.path}: there is no column {column!r}. Columns: {found}.")
    return subset(predictions, by=(column,))


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


def _read(
    side: _Side, options: OodOptions, fitted: Calibrator | None, cutoff: float | None
) -> None:
    """Read the rows of a set."""
    with _opened(side.paths, options, fitted) as whole:
        predictions, column = whole, options["set"]
        if column is not None:
            by = _by(whole, column)
            predictions = subset(by, by=(), choice=choice_of(column, side.value or ""))
        scale = _scale(predictions, options)
        if fitted is not None:
            if scale == "score":
                raise SettingsError("--calibrator takes the model's own scores, not --score")
            check_fits(fitted, predictions)
        names: tuple[str, ...] = (EXTERNAL,)
        if scale != "score":
            pair = predictions.task != "multiclass"  # whose logits are left as a difference
            names = SCORES["probability" if pair or scale != "logit" else scale]
            names = names[:1] if scale == "confidence" else names
        reading = _Reading(names, scale, options["higher"], cutoff, fitted)
        found, side.intake = read_summary(
            predictions, cast(Any, lambda: _Rows(reading)), threads=options["threads"], rounded=0,
            progress=options["progress"],
        )  # fmt: skip
        rows = cast(_Rows, found)
        side.values = {name: np.concatenate(parts) for name, parts in rows.parts.items()}
        side.acted, side.predictions = rows.acted, predictions


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


def _cutoff(act_from: Any, calibrator: Any) -> float | None:
    """Return the cutoff from which predictions are acted on.

    Raises:
        InputError: the report cannot be read.
        SettingsError: it is none.
    """
    if act_from is None:
        return None
    try:
        return float(act_from)
    except (TypeError, ValueError):
        pass
    report = saved_cutoffs(act_from)
    if report is None or report.recommended is None:
        raise SettingsError("--act-from takes a number, or a report of calaudit threshold")
    cutoff = report.recommended.act_from
    if report.task == "binary" or cutoff is None:
        raise SettingsError(
            "--act-from: that report gives no cutoff of a confidence; make it with calaudit "
            "threshold --confidence COLUMN, or give a number"
        )
    if report.unit == "calibrated probability" and calibrator is None:
        raise SettingsError(
            "--act-from: that cutoff is for calibrated scores: give the same --calibrator"
        )
    return float(cutoff)


def _report(sides: list[_Side], options: OodOptions, cutoff: float | None, data: Any) -> OodReport:
    inside, level = sides[0], options["level"]
    names = list(inside.values)
    if any(list(side.values) != names for side in sides):
        raise InputError(
            "the sets hold different scores: "
            + "; ".join(f"{side.name}: {', '.join(side.values)}" for side in sides)
        )
    found: dict[tuple[str, str], Separation] = {
        (side.name, name): separation_of(
            inside.values[name], side.values[name], level=level, seed=options["seed"]
        )
        for side in sides[1:]
        for name in names
    }
    leading = names[0]

    def order(side: _Side) -> float:
        return -(found[side.name, leading].auroc.value or 0.0)

    others = sorted(sides[1:], key=order)
    detections = [
        _detection(side.name, name, found[side.name, name])
        for side in others
        for name in sorted(names, key=lambda name: -(found[side.name, name].auroc.value or 0.0))
    ]
    edges = _edges([side.values[leading] for side in sides])
    sets = tuple(_set(side, inside, leading, edges, cutoff, level) for side in (inside, *others))
    report = OodReport(
        calaudit=__version__,
        sentence="",
        lead="",
        settings=_settings(options, data),
        roles=roles_of(inside.predictions),
        leading=leading,
        sets=sets,
        detections=tuple(detections),
        edges=tuple(edges.tolist()),
        cutoff=cutoff,
        rows=sum(each.rows for each in sets),
    )
    answers = _answers(report)
    read = [n for side in sides for n in side.predictions.notes
            if n.code != "logits-look-like-probabilities" or options["score"] is None]  # fmt: skip
    notes = once([*(a for a in answers if a.advice), *read])
    return replace(report, notes=tuple(notes), **said([a.text for a in answers]))


def _settings(options: OodOptions, data: Any) -> dict[str, Any]:
    """Return what a reader needs to repeat it, as JSON values."""
    values: dict[str, Any] = {**options}
    given = {name: value for name in GIVEN if (value := values[name]) not in (None, 1.0, False)}
    plain: dict[str, Any] = {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()}
    if options["calibrator"] is not None:
        plain["calibrator"] = {"file": path_of(options["calibrator"])}
    if options["act_from"] is not None:
        act_from = options["act_from"]
        plain["act_from"] = act_from if isinstance(act_from, float | int) else path_of(act_from)
    paths = None if isinstance(data, Mapping) else paths_of(data)
    return plain | {
        "data": paths, "level": options["level"], "seed": options["seed"],
        "on_invalid": options["on_invalid"],
    }  # fmt: skip


def _detection(name: str, score: str, found: Separation) -> Detection:
    return Detection(
        set=name,
        score=score,
        auroc=found.auroc,
        outside_precision=found.outside_precision,
        inside_precision=found.inside_precision,
        accepted=found.accepted.rate,
        accept_cutoff=found.accepted.cutoff,
        kept=found.accepted.kept,
        flagged=found.flagged.rate,
        flag_cutoff=found.flagged.cutoff,
        caught=found.flagged.kept,
    )


def _edges(values: Sequence[Floats]) -> Floats:
    """Return the edges of bins over the middle of what all sets have."""
    low = min(float(np.quantile(each, 0.002)) for each in values)
    high = max(float(np.quantile(each, 0.998)) for each in values)
    return np.linspace(low, high if high > low else low + 1.0, BINS + 1)


def _set(
    side: _Side, inside: _Side, leading: str, edges: Floats, cutoff: float | None, level: float
) -> RowSet:
    values = side.values[leading]
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    curve: tuple[RatePoint, ...] = ()
    if side is not inside:
        own = np.sort(inside.values[leading])
        cuts = np.unique(np.quantile(np.concatenate([own, values]), np.linspace(0, 1, POINTS)))
        kept = np.searchsorted(own, cuts, side="right") / len(own)
        theirs = np.searchsorted(np.sort(values), cuts, side="right") / len(values)
        curve = tuple(map(RatePoint, kept.tolist(), theirs.tolist()))
    acted = None
    if cutoff is not None:
        share = side.acted / len(values)
        low, high = wilson(np.array([share]), np.array([len(values)]), level)
        acted = Estimate(
            value=share, low=float(low[0]), high=float(high[0]), level=level, method="Wilson"
        )
    predictions, intake = side.predictions, side.intake
    return RowSet(
        name=side.name,
        inputs=inputs_of(predictions, intake),
        intake=intake_of(intake),
        acted=acted,
        shares=tuple((counts / len(values)).tolist()),
        curve=curve,
    )


def _answers(report: OodReport) -> list[Finding]:
    """Return what is to be said first: what is acted on, then what is told apart; the worst first.

    Of many sets some are told of.
    """
    kept = 0.0 if report.inside.acted is None else report.inside.acted.value or 0.0
    acted = [each for each in report.sets[1:] if each.acted is not None]
    acted.sort(key=lambda each: -(each.acted.value or 0.0) if each.acted else 0.0)
    return [
        *(_acted(each, kept, first=each is acted[0]) for each in acted[:MOST_TOLD]),
        *(_told(each) for each in report.leads[::-1][:MOST_TOLD]),
    ]


def _acted(each: RowSet, kept: float, *, first: bool) -> Finding:
    assert each.acted is not None
    share, low, high = (1000 * (x or 0.0) for x in (each.acted.value, each.acted.low,
                                                   each.acted.high))  # fmt: skip
    return finding(
        "outside-acted-on", kind="first" if first else "more", name=each.name, acted=share, low=low,
        high=high, inside=1000 * kept,
    )  # fmt: skip


def _told(each: Detection) -> Finding:
    low, high = each.auroc.low, each.auroc.high
    kind = "open" if low is None or high is None or low <= 0.5 <= high else "told"
    kind = "turned" if high is not None and high < 0.5 else kind
    return finding(
        "outside-told-apart", kind=kind, name=each.set, score=TITLES[each.score],
        auroc=each.auroc.value, low=low, high=high, missed=100 * (each.accepted.value or 0.0),
        kept=100 * each.kept,
    )  # fmt: skip

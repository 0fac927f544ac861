"""Out of distribution: whether scores fall where the model knows nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.saved_cutoffs import saved_cutoffs, scale_in
from calaudit.api.detections.scores import RowScores
from calaudit.api.detections.sides import read_sides
from calaudit.api.detections.told import answers
from calaudit.api.reports.evaluation_settings import checked_intervals
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.api.rows.percentages import number_of, percentage_hint
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import once, said
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import wilson
from calaudit.metrics.out_of_distribution import Separation, separation_of
from calaudit.options.commands import OodOptions
from calaudit.options.declaration import documented
from calaudit.report.ood_report import Detection, OodReport, RatePoint, RowSet

Floats = NDArray[np.float64]

GIVEN = (
    "set", "inside", "outside", "higher", "score", "probs", "logits", "confidence", "classes",
    "out_of", "no_header",
)  # fmt: skip
"""Options that a report names where they are given."""

BINS, POINTS = 40, 200
"""Bins of the histogram, and points of a curve."""


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
    cutoff = _cutoff(options)
    return _report(read_sides(data, options, fitted, cutoff), options, cutoff, data)


def _cutoff(options: OodOptions) -> float | None:
    """Return the cutoff from which predictions are acted on: a confidence, or of ``score``.

    Raises:
        InputError: the report cannot be read.
        SettingsError: it is none.
    """
    act_from = options["act_from"]
    if act_from is None:
        return None
    try:
        value = number_of(act_from, "--act-from")[0]
    except SettingsError:
        return _saved_cutoff(act_from, options["calibrator"])
    if options["score"] is None and not 0.0 < value <= 1.0:
        raise SettingsError(
            f"--act-from is a confidence above 0, up to 1, not {act_from}{percentage_hint(value)}"
        )
    if not math.isfinite(value):
        raise SettingsError(f"--act-from is a number, not {act_from}")
    return value


def _saved_cutoff(act_from: Any, calibrator: Any) -> float:
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
    return float(cutoff) / scale_in(report)


def _report(
    sides: Mapping[str, RowScores], options: OodOptions, cutoff: float | None, data: Any
) -> OodReport:
    level, (inside, *outside) = options["level"], list(sides.values())
    names = list(inside.values)
    if any(list(each.values) != names for each in outside):
        held = "; ".join(f"{name}: {', '.join(each.values)}" for name, each in sides.items())
        raise InputError(
            f"the sets hold different scores: {held}. Give all as logits, or all as probabilities"
        )
    found: dict[tuple[str, str], Separation] = {
        (side, name): separation_of(
            inside.values[name], rows.values[name], level=level, seed=options["seed"]
        )
        for side, rows in sides.items() if rows is not inside
        for name in names
    }  # fmt: skip
    leading = names[0]

    def auroc(set_name: str, score: str) -> float:
        return found[set_name, score].auroc.value or 0.0

    edges = _edges([each.values[leading] for each in sides.values()])
    sets = [_set(name, rows, inside, leading, edges, cutoff, level) for name, rows in sides.items()]
    others = sorted(sets[1:], key=lambda each: -auroc(each.name, leading))
    detections = [
        _detection(each.name, name, found[each.name, name])
        for each in others
        for name in sorted(names, key=lambda name: -auroc(each.name, name))
    ]
    report = OodReport(
        calaudit=__version__,
        sentence="",
        lead="",
        settings=_settings(options, data),
        roles=inside.roles,
        leading=leading,
        sets=(sets[0], *others),
        detections=tuple(detections),
        edges=tuple(edges.tolist()),
        cutoff=cutoff,
        rows=sum(each.rows for each in sets),
    )
    told = answers(report)
    own = options["score"] is None
    noticed = [n for rows in sides.values() for n in rows.notes
               if own or n.code != "logits-look-like-probabilities"]  # fmt: skip
    notes = once([*(each for each in told if each.advice), *noticed])
    return replace(report, notes=tuple(notes), **said([each.text for each in told]))


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
    name: str,
    rows: RowScores,
    inside: RowScores,
    leading: str,
    edges: Floats,
    cutoff: float | None,
    level: float,
) -> RowSet:
    values = rows.values[leading]
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    curve: tuple[RatePoint, ...] = ()
    if rows is not inside:
        own = np.sort(inside.values[leading])
        cuts = np.unique(np.quantile(np.concatenate([own, values]), np.linspace(0, 1, POINTS)))
        kept = np.searchsorted(own, cuts, side="right") / len(own)
        theirs = np.searchsorted(np.sort(values), cuts, side="right") / len(values)
        curve = tuple(map(RatePoint, kept.tolist(), theirs.tolist()))
    acted = None
    if cutoff is not None:
        share = rows.acted / len(values)
        low, high = wilson(np.array([share]), np.array([len(values)]), level)
        acted = Estimate(
            value=share, low=float(low[0]), high=float(high[0]), level=level, method="Wilson"
        )
    return RowSet(
        name=name,
        inputs=rows.inputs,
        intake=rows.intake,
        acted=acted,
        shares=tuple((counts / len(values)).tolist()),
        curve=curve,
    )

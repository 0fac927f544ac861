"""Ensemble: from the members' probabilities to their mean, and what they disagree on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.comparisons.reading import slim
from calaudit.api.comparisons.sides import COLUMNS, evaluation_of, sides_of
from calaudit.api.ensembles.members import predicted, read_members, with_members
from calaudit.api.evaluation import evaluate
from calaudit.api.fitting import fit
from calaudit.api.reports.evaluation_settings import checked_settings
from calaudit.api.rows.declared import paths_of
from calaudit.api.rows.keyed_rows import KeyedRows
from calaudit.errors import NotEnoughData, SettingsError
from calaudit.findings.finding import Finding, finding, parted, said
from calaudit.metrics.ensembles import disagreement, error_auroc
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.paired import Rows, auroc_difference, mean_difference
from calaudit.options.commands import CompareOptions, EnsembleOptions
from calaudit.options.declaration import defaults, documented, options_of
from calaudit.predictions.group_codes import ROW_BITS
from calaudit.predictions.rewriting.new_files import write_columns
from calaudit.report.compare_report import Model
from calaudit.report.ensemble_report import DisputedRow, DoubtPart, EnsembleReport

Floats = NDArray[np.float64]

USED = ("level", "seed", "threads")
FIGURES = (*USED, "bins", "convention", "clip")
SAID = ("id", "same_order", "model", "allow_unmatched")
PARTS = 10
FEW = 3
"""Members of which so much is said."""


@documented(EnsembleOptions)
def ensemble(data: Any, **options: Unpack[EnsembleOptions]) -> EnsembleReport:
    """Audit the mean of an ensemble's members, or of passes with dropout, and their disagreement.

    Members are read one after another; n rows of K classes take about 90·n·K bytes at most.

    Args:
        data: files or frames, one a member, with ``id`` or ``same_order``; a mapping names them.
            Or one with all members: as columns or lists of each, as rows of each (``model`` and
            ``id``), or as an axis of an array.
        **options: as in the signature; declared in `calaudit.options`.

    Raises:
        InputError: the data cannot be used as it is, or a row misses a member.
        SettingsError: an argument is wrong, or there is one member only.
    """
    save = "" if options["save_mean"] is None else os.fspath(options["save_mean"])
    if save and not save.lower().endswith((".csv", ".parquet")):
        raise SettingsError(f"{save}: the mean is written as .parquet or .csv")
    given: dict[str, Any] = {**options}
    known = options_of(CompareOptions).keys() & given.keys()
    asked: Any = defaults(CompareOptions) | {name: given[name] for name in known}
    checked = checked_settings(evaluation_of(asked) | {"worst": options["worst"]})
    settings = replace(checked, worst=0)
    asked = with_members(data, asked)
    sides, together = sides_of(data, asked)
    if not (together or asked["id"] or asked["same_order"]):
        raise SettingsError("rows of all files are matched: by --id COLUMN, or give --same-order")
    members, rows = read_members(sides, asked, settings)
    report = _report(members, rows, given)
    lists = (*COLUMNS, "models")
    several = {k: list(asked[k]) for k in lists if not isinstance(asked[k], str | None)}
    values = settings.values() | {k: asked[k] for k in SAID if asked[k]} | several
    values |= {"worst": options["worst"], "data": paths_of(data)}
    if save:
        inputs = [file.path for each in members for file in each.report.inputs]
        write_columns(save, _columns(rows, asked["id"], members[0].report.classes), inputs)
    return replace(report, settings=values)


def _report(members: list[Model], kept: KeyedRows, options: dict[str, Any]) -> EnsembleReport:
    level, w, p = options["level"], kept.parts["weight"], kept.parts["p"]
    labels, two = kept.parts["label"].astype(np.int64), p.shape[1] == 2
    shared: Any = {"y_prob": p[:, 1] if two else p, "sample_weight": None if (w == 1).all() else w}
    shared |= {} if two else {"classes": tuple(map(str, range(p.shape[1])))}
    mean = evaluate(labels, **shared, **{name: options[name] for name in FIGURES})
    wrong = predicted(p) != labels
    loss = -np.log(np.maximum(p[np.arange(len(p)), labels], max(options["clip"], 2.0**-52)))
    found = disagreement(p, kept.parts["entropy"], len(members))
    top, information, rows = 1.0 - p.max(axis=1), found["mutual_information"], Rows(w)
    metrics = {
        name: replace(mean_difference(values, rows, level=level), method="t", p_value=None)
        for name, values in found.items()
    }
    for name, doubt in (("max_probability", top), *found.items()):
        if name not in ("expected_entropy", "mutual_information_corrected"):
            metrics[f"error_auroc_{name}"] = error_auroc(doubt, wrong, rows, level=level)
    both = (top, information), (wrong, wrong)
    metrics["error_auroc_change"] = auroc_difference(*both, rows, level=level)
    method, metrics["calibration_change"] = _calibration(labels, shared, options)
    report = EnsembleReport(
        calaudit=__version__, sentence="", lead="", settings={},
        mean=Model(name=f"mean of {len(members)}", report=slim(mean)), members=tuple(members),
        metrics=metrics, method=method, parts=_parts(found, wrong, w),
        worst=_worst(members[0], kept, information, loss, options["worst"]),
    )  # fmt: skip
    findings = _told(report)
    notes = [each for each in findings if each.advice]
    notes += [finding("few-members", members=len(members))] * (len(members) <= FEW)
    notes += [note for note in members[0].report.notes if note.code != "models-pooled"]
    sentences = [*parted(findings[0].text), *(each.text for each in findings[1:])]
    return replace(report, notes=tuple(notes), **said(sentences))


def _calibration(labels: Any, shared: Any, options: dict[str, Any]) -> tuple[str, Estimate]:
    """Return how ``calaudit fit`` would calibrate the mean, and how the log loss changes."""
    try:
        fitted = fit(labels, **shared, **{name: options[name] for name in USED})
    except NotEnoughData as error:
        return "", Estimate(value=None, reason=str(error))
    check = next(iter(fitted.certificate.checks), None)
    if check is None or check.saved_low is None or check.saved_high is None:
        return "", Estimate(value=None, reason="too few rows")
    return fitted.method, Estimate(
        value=-check.saved, low=-check.saved_high, high=-check.saved_low, level=options["level"],
        method=f"{check.kind}, paired",
    )  # fmt: skip


def _parts(found: dict[str, Floats], wrong: Any, w: Floats) -> tuple[DoubtPart, ...]:
    order = np.argsort(found["predictive_entropy"], kind="stable")
    each = (found["expected_entropy"], found["mutual_information"], wrong)
    parts = [at for at in np.array_split(order, PARTS) if w[at].sum() > 0]
    means = [[float(np.average(x[at], weights=w[at])) for x in each] for at in parts]
    return tuple(
        DoubtPart(rows=len(at), data=data, model=model, wrong=share)
        for at, (data, model, share) in zip(parts, means, strict=True)
    )


def _worst(
    first: Model, kept: KeyedRows, information: Floats, loss: Floats, most: int
) -> tuple[DisputedRow, ...]:
    names, parts = first.report.classes, kept.parts
    found = []
    for at in np.argsort(-information, kind="stable")[:most].tolist():
        votes = np.bincount(parts["votes"][at], minlength=len(names))
        ranked, p = np.argsort(-votes, kind="stable").tolist(), parts["p"][at]
        found.append(
            DisputedRow(
                file=first.report.inputs[int(parts["place"][at] >> ROW_BITS)].path,
                row=int(parts["place"][at] & ((np.uint64(1) << ROW_BITS) - np.uint64(1))),
                id=None if kept.column is None else str(parts["id"][at]),
                label=names[int(parts["label"][at])],
                predicted=names[int(predicted(p[None])[0])],
                confidence=min(float(p.max()), 1.0), loss=float(loss[at]),
                information=float(information[at]),
                votes={names[k]: int(votes[k]) for k in ranked if votes[k]},
            )
        )  # fmt: skip
    return tuple(found)


def _columns(kept: KeyedRows, id_: str | None, classes: Sequence[str]) -> dict[str, Any]:
    """Return the mean of the members as columns."""
    parts = kept.parts
    found = {} if id_ is None else {id_: parts["id"]}
    found["label"] = np.array(classes)[parts["label"].astype(np.int64)]
    found |= {f"prob_{name}": parts["p"][:, k] for k, name in enumerate(classes)}
    return found | ({"weight": parts["weight"]} if (parts["weight"] != 1).any() else {})


def _told(report: EnsembleReport) -> list[Finding]:
    """Return what to do with the mean, then whether disagreement tells errors, then what it is."""
    figures, metrics = report.mean.report.metrics, report.metrics
    change, use = metrics["calibration_change"], metrics["error_auroc_change"]
    values = {name: each.value or 0.0 for name, each in metrics.items()}
    total, information = values["predictive_entropy"], values["mutual_information"]
    return [
        finding(
            "ensemble-mean", kind=_side(change, "calibrate", "open", "open", "few"),
            members=len(report.members), method=report.method,
            says=100 * (figures["mean_confidence"].value or 0.0),
            right=100 * (figures["accuracy"].value or 0.0),
            member_says=100 * report.average("mean_confidence"),
            member_right=100 * report.average("accuracy"),
            change=change.value, low=change.low, high=change.high,
        ),
        finding(
            "disagreement-use", kind=_side(use, "worse", "open", "better", "none"),
            change=use.value, low=use.low, high=use.high,
            reason={0.0: "the mean makes errors only", 1.0: "the mean makes no errors"}.get(
                figures["accuracy"].value or 0.0, use.reason
            ),
            information=values["error_auroc_mutual_information"],
            probability=values["error_auroc_max_probability"],
        ),
        finding(
            "ensemble-doubt", share=100 * information / total if total else 0.0,
            information=information, corrected=values["mutual_information_corrected"],
        ),
    ]  # fmt: skip


def _side(change: Estimate, below: str, across: str, above: str, without: str) -> str:
    """Return a word by the side of 0 on which an interval lies."""
    if change.low is None or change.high is None:
        return without
    return above if change.low > 0 else below if change.high < 0 else across

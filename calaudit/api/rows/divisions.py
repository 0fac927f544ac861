"""An honest division of labelled rows: those to fit a calibrator on, and those to judge it on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from calaudit.api.rows.apart import SAME, check_apart, check_different, check_groups
from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.group_folds import with_even_folds
from calaudit.api.rows.open_rows import opened_data, slice_names
from calaudit.api.rows.splits import Plan, planned
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.identity import Identity
from calaudit.errors import SettingsError
from calaudit.options.commands import AuditOptions
from calaudit.predictions.frames import kept
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.row_choice import Choice
from calaudit.predictions.subset import subset

HOLDOUT = 0.5
"""Share of the rows that is judged where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How rows are to be divided, as far as it is clear without them.

    Attributes:
        kind: "split", "file" or "holdout".
        plan: of the data that is fitted on.
        calibration: data of its own to fit on, or None; with arrays labels, scores and weights.
        values: with arrays, the values of the columns of the plan, by name.
    """

    kind: str
    plan: Plan
    calibration: Any
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """Both sides of the rows, opened.

    Attributes:
        kind: as in `Wanted`. plan: with groups dealt out.
        fitted: what is fitted on; the plan says which rows. judged: all of it is judged.
    """

    kind: str
    plan: Plan
    fitted: Predictions
    judged: Predictions

    def fitted_rows(self) -> Predictions | None:
        """Return the rows that are fitted on, to be read alone; None where a hash picks them."""
        if self.kind == "holdout":
            return None
        choice = None
        if self.kind == "split":
            choice = Choice(self.plan.by, self.plan.chosen)
        return subset(self.fitted, by=(), choice=choice)

    def sentence(self, fitted: int, judged: int) -> str:
        """Return how many rows were fitted and judged, and what divides them."""
        plan = self.plan
        if self.kind == "file":
            name, other = (_named(side) for side in (self.fitted, self.judged))
            return f"fitted on the {fitted:,} rows of {name}, judged on the {judged:,} of {other}"
        if self.kind == "split":
            which = plan.which()
            return f"fitted on the {fitted:,} rows with {which}, judged on the {judged:,} others"
        by = f"of {plan.group}, whose rows stay together" if plan.group else "of the row's number"
        return f"fitted on {fitted:,} rows, judged on {judged:,} others, divided by a hash {by}"


def wanted_division(options: AuditOptions, *, arrays: bool) -> Wanted:
    """Return how rows are to be divided.

    Args:
        options: what divides them.
        arrays: whether the data comes as arrays.

    Raises:
        SettingsError: the options contradict each other or are out of range.
    """
    split, calibration, holdout = options["split"], options["calibration"], options["holdout"]
    group, seed = options["group"], options["seed"]
    given = {"--split": split, "--calibration": calibration, "--holdout": holdout}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise SettingsError(
            f"{' and '.join(named)} each say which rows are fitted and which are judged: give one"
        )
    values: dict[str, Any] = {}
    if arrays and split is not None:
        values["split"] = _as_booleans(split)
        split = "split=True"
    if arrays and group is not None:
        if calibration is not None:
            raise SettingsError(
                "group is for rows of one data set; with arrays and calibration, see to it that no "
                "group is in both"
            )
        values["group"], group = group, "group"
    if calibration is not None:
        return Wanted(
            kind="file", plan=planned(None, None, group, seed), calibration=calibration,
            values=values,
        )  # fmt: skip
    if split is None and holdout is None:
        holdout = HOLDOUT
    plan = planned(split, holdout, group, seed)
    kind = "holdout" if split is None else "split"
    return Wanted(kind=kind, plan=plan, calibration=None, values=values)


def _as_booleans(split: Any) -> Any:
    values = np.asarray(split)
    if values.dtype != np.bool_ or values.ndim != 1:
        raise SettingsError(
            "split, with arrays, is (n,) booleans: True for the rows to fit on, False for those "
            f"to judge on, not {str(split)[:40]!r}"
        )
    return values


@contextlib.contextmanager
def divided(wanted: Wanted, data: Any, y_prob: Any, options: AuditOptions) -> Iterator[Divided]:
    """Open the data and give both sides of it.

    Args:
        wanted: how to divide it.
        data: of the rows that are judged; without data to calibrate on, of all.
        y_prob: scores, where the data comes as arrays.
        options: how the rows are to be read.

    Raises:
        InputError: the data cannot be used, the two data sets are of different kinds, or a
            group is on both sides.
    """
    by, progress = options["by"], options["progress"]
    names = slice_names(by)
    columns: Any = tuple(dict.fromkeys((*names, *wanted.plan.by)))
    if y_prob is not None:
        columns = _with_values(by, wanted.values)
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(
            opened_data(
                kept(data), y_prob, options, id=options["id"], by=columns, asked=wanted.plan.asked
            )
        )
        if wanted.calibration is None:
            plan = wanted.plan.with_implied(opened)
            fitted = subset(opened, by=plan.by)
            plan = with_even_folds(plan, fitted, progress)
            choice = Choice(plan.by, plan.held)
            judged = subset(opened, by=names, choice=choice, group=plan.group)
            yield Divided(wanted.kind, plan, fitted, judged)
            return
        other = _opened_calibration(wanted, data, y_prob, options)
        fitted = stack.enter_context(other)
        check_different(fitted, opened)
        check_fits(Calibrator(Identity(), fitted.task, fitted.scale, fitted.class_names), opened)
        if wanted.plan.group is not None:
            check_groups(wanted.plan, fitted, opened, progress)
        judged = subset(opened, by=names, group=wanted.plan.group)
        plan = with_even_folds(wanted.plan.with_implied(fitted), fitted, progress)
        yield Divided(wanted.kind, plan, fitted, judged)


def _with_values(by: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slices of arrays with the values of the plan."""
    given: dict[str, Any] = dict(by) if isinstance(by, Mapping) else {}
    for name, value in values.items():
        if name in given and given[name] is not value:
            raise SettingsError(f"by: the name {name!r} is used for another argument.")
    return given | dict(values)


def _opened_calibration(
    wanted: Wanted, data: Any, scores: Any, options: AuditOptions
) -> Predictions:
    """Return the data to fit on, opened as that to judge on is."""
    given = wanted.calibration
    if scores is not None:
        if not isinstance(given, tuple) or len(given) not in (2, 3):
            raise SettingsError(
                "calibration, with arrays, is (y_true, y_prob), or with weights (y_true, y_prob, "
                "sample_weight)"
            )
        y_true, y_prob, *weights = given
        check_apart(y_prob, scores)
        weight = weights[0] if weights else None
        other: AuditOptions = {**options, "y_true": y_true, "sample_weight": weight}
        return opened_data(None, y_prob, other, id=options["id"], by={})
    if given is data:
        raise SettingsError(SAME)
    plan = wanted.plan
    return opened_data(kept(given), None, options, by=plan.by, asked=plan.asked)


def _named(predictions: Predictions) -> str:
    inputs = predictions.inputs
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    return f"{'standard input' if inputs[0].path == '-' else inputs[0].path}{more}"

"""Two data sets, one to fit on and one to judge on, that must have nothing in common."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from calaudit.api.rows.reading import Gathering, Progress, read_summary
from calaudit.api.rows.sides import CodeSet, in_words
from calaudit.api.rows.splits import Plan
from calaudit.errors import InputError, SettingsError
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.subset import subset

ADVICE = (
    "a calibrator looks too good on the rows that it was fitted on. Leave --calibration out, and "
    "the rows are divided (--holdout, --split)"
)

SAME = f"--calibration and the data are the same: {ADVICE}"

WORK = 100_000
"""Steps that are taken to find out whether two arrays overlap."""


def check_different(fitted: Predictions, judged: Predictions) -> None:
    """Refuse a file that is on both sides, by whatever name."""
    for one in (file for file in fitted.files if not file.of_labels):
        for other in judged.files:
            if one.shown == other.shown or one.identity == other.identity:
                raise SettingsError(f"{one.shown}: {SAME}")


def check_apart(one: Any, other: Any) -> None:
    """Refuse scores in memory that are on both sides: the same object, or the same memory.

    Args:
        one: (n,) or (n, K) scores of one side.
        other: those of the other side.
    """
    same = one is other
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        try:
            same = np.shares_memory(one, other, max_work=WORK)  # type: ignore[arg-type]
        except (np.exceptions.TooHardError, OverflowError):
            same = False  # interleaved in a way that is hard to tell apart
    if same:
        raise SettingsError(SAME)


class _Groups(Gathering):
    """The groups of all rows."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self.codes = plan, CodeSet()

    def add(self, chunk: Chunk) -> None:
        codes = self._plan.group_codes(chunk)
        assert codes is not None
        self.codes.add(np.unique(codes))

    def merge(self, other: _Groups) -> _Groups:
        self.codes.add(other.codes.codes())
        return self


def check_groups(
    plan: Plan, fitted: Predictions, judged: Predictions, progress: Progress | None
) -> None:
    """Refuse groups that are on both sides: one more read of each."""
    assert plan.group is not None
    alone = replace(plan, by=(plan.group,))
    found = []
    for side in (fitted, judged):
        groups, _ = read_summary(
            subset(side, by=alone.by), partial(_Groups, alone), threads=None, rounded=0,
            progress=progress,
        )  # fmt: skip
        found.append(groups.codes)
    both = found[0].count_common(found[1])
    if both:
        raise InputError(
            f"{in_words(both, plan)} {'is' if both == 1 else 'are'} in both data sets, so that the "
            "audited figures would be too good. Take the rows of these groups out of one of them"
        )

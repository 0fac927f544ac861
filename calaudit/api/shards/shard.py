"""What one pass over a part of a data set learnt, as a file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from typing import Any

from calaudit import __version__
from calaudit.api.reports.evaluation_settings import Settings
from calaudit.errors import InputError
from calaudit.findings.finding import Finding
from calaudit.predictions.cuts import Bins, Condition, Period
from calaudit.predictions.findings import Findings, Predicted
from calaudit.predictions.intake import Example, Intake, Refusal
from calaudit.predictions.joining import Join
from calaudit.predictions.layout import Layout
from calaudit.predictions.melted import Labels
from calaudit.predictions.predicted_class import Claim
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.source import Column, Input
from calaudit.predictions.storage import open_raw
from calaudit.predictions.vocabulary import Vocabulary
from calaudit.records.container import packed, unpacked
from calaudit.tables.binning import Binning
from calaudit.tables.groups import GroupTable
from calaudit.tables.multiclass import ClassSums
from calaudit.tables.score_table import ScoreTable, Weights
from calaudit.tables.summary import Summary
from calaudit.tables.worst import WorstCandidate, WorstRows

SCHEMA = "calaudit.shard/1"
"""Name and version of the format. Version 1: the first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Shard:
    """The tables of a part of a data set, with how its rows were read.

    Attributes:
        calaudit: version that made it.
        settings: that the tables depend on; of the others the usual ones.
        layout, roles: how the columns were read. labels: of rows with several.
        group: column whose rows belong together. by_place: whether their place tells which do.
        inputs: what was read. prints: the files with what tells their content from others.
        joined: the same of the files with labels.
        share: which of so many shares of the inputs, from 1; None for all of them.
        units: parts of the inputs that were to be read, and of all of them.
        rows: promised by the inputs; None where they do not say.
        notes: before anything was judged by the whole. findings: what the whole is judged by.
        on_invalid, allow_unmatched, declared: as the user said.
        intake: rows read, used and refused. summary: what they taught.
    """

    calaudit: str = __version__
    settings: Settings
    layout: Layout
    roles: tuple[ResolvedRole, ...]
    labels: Labels | None
    group: str | None
    by_place: bool
    inputs: tuple[Input, ...]
    prints: tuple[tuple[str, str], ...]
    joined: tuple[tuple[str, str], ...]
    share: tuple[int, int] | None
    units: tuple[int, int]
    rows: int | None
    notes: list[Finding]
    findings: Findings
    on_invalid: Any
    allow_unmatched: bool
    declared: dict[str, Any]
    intake: Intake
    summary: Summary

    def __repr__(self) -> str:
        """Return what it is of in a line."""
        paths = ", ".join(each.path for each in self.inputs[:3])
        return f"<calaudit shard: {self.intake.rows_used:,} rows of {paths}>"

    @property
    def digest(self) -> str:
        """What tells it from others, of rows in memory."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the file: the same bytes for the same rows, read in the same way."""
        return packed(SCHEMA, self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Shard:
        """Return the shard that a file holds.

        Raises:
            InputError: it is none, of another version, cut short or damaged.
        """
        found = unpacked(SCHEMA, bytes(data), CLASSES, "calaudit summarize")
        if not isinstance(found, cls):
            raise InputError("it holds something else than a shard")
        return found

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Shard:
        """Return the shard in a file.

        Raises:
            InputError: it cannot be read, is none, of another version, cut short or damaged.
        """
        shown = os.fspath(path)
        try:
            with open_raw(shown) as file:
                return cls.from_bytes(file.read())
        except OSError as error:
            raise InputError(f"{shown} cannot be read: {error.strerror or error}") from None
        except InputError as error:
            raise InputError(f"{shown}: {error}") from None


CLASSES = (
    Shard, Settings, Layout, Bins, Period, Condition, Claim, Vocabulary, Join, Column, ResolvedRole,
    Labels, Input, Finding, Findings, Predicted, Intake, Refusal, Example, Summary, ScoreTable,
    Weights, ClassSums, Binning, GroupTable, WorstRows, WorstCandidate,
)  # fmt: skip
"""What a file is made of."""


def shard_of(
    predictions: Predictions, summary: Summary, intake: Intake, settings: Settings
) -> Shard:
    """Return the shard of what was read.

    Args:
        predictions: where the rows come from, read already.
        summary: of them.
        intake: of them.
        settings: that the tables were made with.
    """
    layout, first = predictions.layout, predictions.sources[0]
    if layout.join is not None:  # the labels stay where they are; how many there were is judged
        import numpy as np

        join, none = layout.join, np.zeros(0, np.int32)
        codes = np.zeros(len(join.codes), np.bool_)
        column = replace(join.column, type=None)
        join = replace(join, codes=codes, labels=none, texts=None, column=column)
        layout = replace(layout, join=join)
    together = getattr(first, "together", None)
    prints = [(file.of_labels, file.shown, file.fingerprint()) for file in predictions.files]
    slices = dict(sorted(summary.slices.items()))
    slice_groups = dict(sorted(summary.slice_groups.items()))
    return Shard(
        settings=replace(settings, threads=None),
        layout=layout,
        roles=predictions.roles,
        labels=getattr(first, "labels", None),
        group=predictions.group,
        by_place=together is not None and together == predictions.group,
        inputs=predictions.inputs,
        prints=tuple((name, found) for of_labels, name, found in prints if not of_labels),
        joined=tuple((name, found) for of_labels, name, found in prints if of_labels),
        share=predictions.share,
        units=(predictions.parts, predictions.all_parts),
        rows=predictions.rows,
        notes=predictions.notes,
        findings=predictions.findings,
        on_invalid=predictions.on_invalid,
        allow_unmatched=predictions.allow_unmatched,
        declared=predictions.declared,
        intake=intake,
        summary=replace(summary, slices=slices, slice_groups=slice_groups),
    )

"""Rows with several labels each, as rows of one label: those of one row belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError
from calaudit.predictions.arrays import number_column, text_column
from calaudit.predictions.candidates import declared_candidate, inferred_candidates
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.columns import MISSING_TOKENS, cell_text, parse_numbers, plain
from calaudit.predictions.look import Look
from calaudit.predictions.names import grouped
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Column, Input, Part, Source
from calaudit.predictions.spelling import encoded

LABEL_NAME, ROW = "label_name", "row"
"""Columns of the melted rows: which label a score is of, and the row that it is from."""

SCORE, OUTCOME = "score", "outcome"


@dataclass(frozen=True, slots=True)
class Labels:
    """Where the scores and the truths of several labels are.

    Attributes:
        names: of the labels, in order.
        scores, truths: a column for each label, or one column of lists.
        logits: whether the scores are logits.
    """

    names: tuple[str, ...]
    scores: tuple[str, ...]
    truths: tuple[str, ...]
    logits: bool = False


def melted_roles(roles: Roles, logits: bool) -> Roles:
    """Return the roles of melted rows."""
    return replace(
        roles,
        label=OUTCOME,
        score=None if logits else SCORE,
        logits=SCORE if logits else None,
        probs=None,
        classes=None,
        by=(*roles.by, LABEL_NAME),
    )


def labels_of(catalogue: Catalogue, roles: Roles) -> Labels:
    """Return the labels that columns hold, as declared or by their names.

    Raises:
        InputError: no columns, or several, could be the scores or the truths.
    """
    scores = declared_candidate(roles, catalogue)
    found = [scores] if scores else inferred_candidates(catalogue, ())
    found = [each for each in found if each.form != "column"]
    ways = [(each, truths) for each in found for truths in _truths(catalogue, roles, each)]
    if len(ways) != 1:
        told = "no columns are" if not ways else "more than one set of columns could be"
        raise InputError(
            f"{catalogue.where}: {told} the scores and the truths of several labels. Give both, as "
            "in --probs prob_ --label true_, or a column of lists for each."
        )
    each, truths = ways[0]
    width = len(truths) if len(truths) > 1 else _width(catalogue, truths[0])
    names = roles.classes or each.suffixes or tuple(str(k) for k in range(width))
    if len(names) != width:
        raise InputError(f"{catalogue.where}: --classes names {len(names)} of {width} labels.")
    return Labels(tuple(names), each.columns, truths, each.scale == "logit")


def _truths(catalogue: Catalogue, roles: Roles, scores: Any) -> list[tuple[str, ...]]:
    """Return the columns that could be the truths of these scores; each a reading."""
    if scores.form == "list":
        names = [roles.label] if roles.label else catalogue.named_for("label", ("list",), ())
        same = [n for n in names if n and _width(catalogue, n) == _width(catalogue, scores.value)]
        return [(name,) for name in same if name != scores.value]
    others = [c.name for c in catalogue.columns if c.name not in scores.columns]
    prefixes = {roles.label} if roles.label else {_before(name, scores) for name in others}
    known = set(others)
    columns = [tuple(f"{p}{s}" for s in scores.suffixes) for p in sorted(filter(None, prefixes))]
    return [
        names
        for names in dict.fromkeys(columns)
        if known.issuperset(names) and all(catalogue.look(name).classes for name in names)
    ]


def _before(name: str, scores: Any) -> str | None:
    """Return what stands before the first label's name in the name of a column."""
    first = scores.suffixes[0]
    told = grouped(name)
    return told[1] if told and told[2] == first else name[: -len(first)] * name.endswith(first)


def _width(catalogue: Catalogue, name: str) -> int:
    values = catalogue.look(name).values
    return int(values.shape[1]) if values.ndim == 2 else 0


class MeltedSource:
    """A source with a row for each label of each row.

    Args:
        source: of the rows.
        labels: of each.
        strict: whether a cell that cannot be used is refused here, where its row is known.
        prefix: of the names of the rows, where there are several files.
    """

    together = ROW

    def __init__(self, source: Source, labels: Labels, *, strict: bool, prefix: str) -> None:
        self.source, self.labels = source, labels
        self._strict, self._prefix = strict, prefix
        rows = source.input.rows
        width = len(labels.names)
        self.input: Input = replace(source.input, rows=None if rows is None else rows * width)
        spent = {*labels.scores, *labels.truths, LABEL_NAME, ROW, SCORE, OUTCOME}
        self._passed = tuple(c for c in source.columns if c.name not in spent)
        stored = {c.name: c.stored for c in source.columns}[labels.scores[0]]
        made = (Column(SCORE, "number", stored), Column(OUTCOME, "text"))
        names = (Column(LABEL_NAME, "text"), Column(ROW, "text"))
        self.columns: tuple[Column, ...] = (*made, *names, *self._passed)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        return self.melted(self.source.peek(self.stored(columns)), columns, 1, strict=False)

    def parts(self, columns: Sequence[str], /) -> list[Any]:
        """Return the source's parts, melted."""
        return [MeltedPart(self, part) for part in self.source.parts(self.stored(columns))]

    def close(self) -> None:
        """Close the source."""
        self.source.close()

    def stored(self, columns: Sequence[str]) -> list[str]:
        """Return the columns of the file that are needed."""
        passed = [c.name for c in self._passed if c.name in columns]
        return list(dict.fromkeys((*self.labels.scores, *self.labels.truths, *passed)))

    def melted(self, block: Any, columns: Sequence[str], first_row: int, *, strict: bool) -> Any:
        """Return the named columns of a block with a row for each label of each row.

        Raises:
            InputError: a cell holds no score or no truth, where that is refused here.
        """
        rows, width = block.num_rows, len(self.labels.names)
        numbers = np.arange(first_row, first_row + rows)
        names = [f"{self._prefix}{n}" for n in numbers.tolist()]
        codes = np.repeat(np.arange(rows, dtype=np.int32), width)
        scores = self._interleaved(block, self.labels.scores)
        truths = self._interleaved(block, self.labels.truths)
        if strict:
            self._check(scores, truths, first_row)
        made = {
            SCORE: scores,
            OUTCOME: truths,
            LABEL_NAME: pa.DictionaryArray.from_arrays(
                number_column(np.tile(np.arange(width, dtype=np.int32), rows)),
                text_column(self.labels.names),
            ),
            ROW: pa.DictionaryArray.from_arrays(number_column(codes), text_column(names)),
        }
        at = number_column(codes)
        arrays = [made[n] if n in made else block.column(n).take(at) for n in columns]
        return pa.RecordBatch.from_arrays(arrays, list(columns))

    def _interleaved(self, block: Any, names: Sequence[str]) -> Any:
        """Return the cells of a column for each label, or of lists, row by row."""
        rows, width = block.num_rows, len(self.labels.names)
        if len(names) < width:
            lists = plain(block.column(names[0]))
            lengths = Look(lists).values.shape
            if lists.null_count or (rows and lengths != (rows, width)):
                raise InputError(
                    f"{self.input.path}: lists in {names[0]!r} do not hold {width} values, one for "
                    "each label."
                )
            return lists.flatten()
        columns = [plain(block.column(name)) for name in names]
        if len({column.type for column in columns}) > 1:
            columns = [number_column(parse_numbers(column).values) for column in columns]
        order = np.arange(rows * width).reshape(width, rows).T.reshape(-1)
        return pa.concat_arrays(columns).take(number_column(order))

    def _check(self, scores: Any, truths: Any, first_row: int) -> None:
        values = parse_numbers(scores).values
        with np.errstate(invalid="ignore"):
            bad = ~np.isfinite(values)
            if not self.labels.logits:
                bad |= (values < 0) | (values > 1)
        codes, texts = encoded(truths)
        gone = [text is None or text.casefold() in MISSING_TOKENS for text in texts]
        absent = np.array([*gone, True])[codes]
        where = self.labels.scores, self.labels.truths
        for cells, wrong, names in ((scores, bad, where[0]), (truths, absent, where[1])):
            if wrong.any():
                at = int(np.argmax(wrong))
                row, label = divmod(at, len(self.labels.names))
                name = names[label] if len(names) > 1 else f"{names[0]}[{label}]"
                told = "no truth" if cells is truths else "no score"
                raise InputError(
                    f"{self.input.path}: row {first_row + row}, {name}: {cell_text(cells, at)} is "
                    f"{told}. Correct it, or leave such cells out with --on-invalid drop."
                )


@dataclass(slots=True)
class MeltedPart:
    """A part of a source, melted."""

    owner: MeltedSource
    part: Part

    @property
    def first_row(self) -> int:
        """Number of its first melted row."""
        return (self.part.first_row - 1) * len(self.owner.labels.names) + 1

    @property
    def rows(self) -> int | None:
        """How many melted rows it has."""
        rows = self.part.rows
        return None if rows is None else rows * len(self.owner.labels.names)

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield melted record batches of the named columns."""
        owner, at = self.owner, self.part.first_row
        few = max(rows // len(owner.labels.names), 1)
        for block in self.part.batches(owner.stored(columns), few):
            yield owner.melted(block, columns, at, strict=owner._strict)
            at += block.num_rows

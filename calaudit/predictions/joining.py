"""Labels that stand in a second file, found by the id of a row: as 7 and "7" in any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import flag_column, number_column, text_column
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.compute import pc
from calaudit.predictions.findings import Findings
from calaudit.predictions.group_codes import Codes
from calaudit.predictions.id_codes import NO_ID, id_codes
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Column, Source
from calaudit.predictions.spelling import encoded

_KINDS = ("number", "bool", "text")
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """Labels by id: 12 bytes an id, whatever else stands in the file.

    Attributes:
        where: the file they are from. id: the column of ids, in both files.
        column: that of the labels.
        codes: (m,) hashes of the ids, rising, each once.
        labels: (m,) which of the texts is the label of each, -1 for none.
        texts: the labels that there are, as an Arrow array.
        repeated: rows that repeat an id, with the same label. unnamed: rows without an id.
    """

    where: str
    id: str
    column: Column
    codes: Codes
    labels: NDArray[np.int32]
    texts: Any
    repeated: int
    unnamed: int

    def places(self, ids: Any) -> NDArray[np.int64]:
        """Return (n,) where the label of each id stands, -1 for an id that has none."""
        codes = id_codes(ids)
        order = np.argsort(codes)  # rising ones are found several times as fast
        at = np.empty(len(codes), np.int64)
        at[order] = np.searchsorted(self.codes, codes[order])
        at = np.minimum(at, len(self.codes) - 1)
        return np.where(self.codes[at] == codes, at, -1)

    def taken(self, places: NDArray[np.int64]) -> Any:
        """Return the labels at (n,) places as an Arrow array, null where there is none."""
        found = np.where(places >= 0, self.labels[places], np.int32(-1))
        none = pa.nulls(1, pa.int32())[0]
        indices = pc.if_else(flag_column(found >= 0), number_column(found), none)
        return pa.DictionaryArray.from_arrays(indices, self.texts)

    def beside(self, source: Source) -> Catalogue:
        """Return the columns of predictions with the labels beside them."""
        name = self.column.name

        def peek(columns: Sequence[str]) -> Any:
            stored = dict.fromkeys([self.id, *(n for n in columns if n != name)])
            return self.completed(source.peek(list(stored))).select(list(columns))

        stored = [column for column in source.columns if column.name != name]
        return Catalogue([*stored, self.column], peek, source.input.path)

    def completed(self, block: Any, findings: Findings | None = None) -> Any:
        """Return a block of predictions with their labels, and note which have one."""
        places = self.places(block.column(self.id))
        if findings is not None:
            findings.see_places(places, len(self.codes))
        return block.append_column(self.column.name, self.taken(places))

    def told(self, source: Source) -> Finding:
        """Return what was joined, and which column of the predictions is not used for it."""
        own = Catalogue(source.columns, source.peek, source.input.path)
        named = own.named_for("label", _KINDS, ()) or [n for n in [self.column.name] if n in own]
        return finding(
            "labels-joined", kind="beside" if named else "alone", column=self.column.name,
            file=self.where, id=self.id, own=listed(named), predictions=source.input.path,
        )  # fmt: skip


def joined_with(sources: Sequence[Source], roles: Roles) -> tuple[Join, Roles]:
    """Return the labels of a second data set by id, and the roles with the column of them.

    Raises:
        InputError: a column is not there, which is the label cannot be told, or an id has two.
    """
    first, id_ = sources[0], str(roles.id)
    role, column = _label_of(Catalogue(first.columns, first.peek, first.input.path), roles)
    codes, labels, kinds = list[Codes](), list[NDArray[np.int32]](), dict[str, int]()
    for source in sources:
        here = Catalogue(source.columns, source.peek, source.input.path)
        names = [here.require(name, "--labels").name for name in (id_, column.name)]
        for part in source.parts(names):
            for block in part.batches(names, _ROWS):
                indices, texts = encoded(block.column(1))
                at = [kinds.setdefault(text, len(kinds)) if text else -1 for text in texts]
                labels.append(np.array([*at, -1], np.int32)[indices])
                codes.append(id_codes(block.column(0)))
        source.close()
    if not codes:
        raise InputError(f"{first.input.path}: there are no rows, only a header.")
    every, given = np.concatenate(codes), np.concatenate(labels)
    order = np.argsort(every, kind="stable")
    order = order[every[order] != NO_ID]
    again = np.flatnonzero(every[order[1:]] == every[order[:-1]]) + 1
    texts = list(kinds)
    for at in again[given[order[again]] != given[order[again - 1]]][:1]:
        rows = order[[at - 1, at]]
        said = " and ".join("none" if k < 0 else repr(texts[k]) for k in given[rows].tolist())
        raise InputError(
            f"{first.input.path}: rows {rows[0] + 1:,} and {rows[1] + 1:,} have the same {id_}, "
            f"but other labels ({said}). Give each {id_} one label."
        )
    once = np.delete(order, again)
    if not len(once):
        raise InputError(f"{first.input.path}: no row has a value in {id_!r}, which --id names.")
    join = Join(
        where=first.input.path,
        id=id_,
        column=column,
        codes=every[once],
        labels=given[once],
        texts=text_column(texts),
        repeated=len(again),
        unnamed=len(every) - len(order),
    )
    return join, replace(roles, **{role: column.name})  # type: ignore[arg-type]


def _label_of(catalogue: Catalogue, roles: Roles) -> tuple[str, Column]:
    """Return the role and the column of what is joined."""
    catalogue.require(str(roles.id), "--id")
    for role in ("label", "correct"):
        named = getattr(roles, role)
        if named is not None:
            return role, catalogue.require(named, f"--{role}, with --labels,")
    for role in ("label", "correct", "event"):
        known = catalogue.suggested if role == "event" else catalogue.named_for
        found = known(role, _KINDS, (str(roles.id),))
        role = "label" if role == "event" else role
        if len(found) == 1:
            return role, catalogue[found[0]]
    free = catalogue.free(_KINDS, (str(roles.id),))
    if len(free) != 1:
        raise InputError(
            f"{catalogue.where}: which column is the label? Name it with --label: {listed(free)}."
        )
    return "label", catalogue[free[0]]

"""Several files given as one that hold the same rows: probably those of several models."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.layout import Layout
from calaudit.predictions.names import CASES, folded
from calaudit.predictions.source import Source

KEYS = {"id", "uid", "uuid", "guid", "key", "rowid"}
"""Names of columns that name rows, beside those that end in _id."""

FEWEST = 20
"""Ids in common, in the first rows of two files, from which they are no accident."""

MOST_FILES = 8
"""Files that are looked at."""


def shared_ids(sources: Sequence[Source], layout: Layout, asked: Collection[str]) -> list[Finding]:
    """Return a note where two files have the same ids, with the same labels, in their first rows.

    Rows that are numbered anew in each file have the same ids and other labels: these say nothing.

    Args:
        sources: the files.
        layout: how they are read.
        asked: columns that slices and groups are made of, which need no note.
    """
    files = [Catalogue(s.columns, s.peek, s.input.path) for s in sources[:MOST_FILES]]
    label = layout.label
    if len(files) < 2 or label is None or any(label not in each for each in files):
        return []
    first = files[0]
    names = [c.name for c in first.columns if c.kind in ("number", "text")]
    for name in (name for name in names if names_rows(name) and name not in asked):
        for other in files[1:]:
            try:
                if name in other and _alike(first, other, name, label):
                    where = {"one": first.where, "other": other.where}
                    return [finding("files-share-ids", column=name, files=len(sources), **where)]
            except InputError:  # such as an encrypted one, which nobody asked for
                continue
    return []


def names_rows(name: str) -> bool:
    """Return whether the name of a column is that of ids."""
    plain = folded(name)
    return plain in KEYS or plain in CASES or plain.endswith("_id")


def _alike(one: Catalogue, other: Catalogue, name: str, label: str) -> bool:
    """Return whether the first rows of both have ids in common, and of these the same labels."""
    truths = []
    for file in (one, other):
        if not file.look(name).names_rows:
            return False
        (ids, texts), (codes, kinds) = file.look(name).coded, file.look(label).coded
        pairs = zip(ids.tolist(), codes.tolist(), strict=True)
        truths.append({texts[i]: kinds[k] for i, k in pairs if i >= 0 and k >= 0})
    both = truths[0].keys() & truths[1].keys()
    if len(both) < max(FEWEST, min(map(len, truths)) / 2):
        return False
    same = {truths[0][each] for each in both if truths[0][each] == truths[1][each]}
    return len(same) > 1 and all(truths[0][each] == truths[1][each] for each in both)

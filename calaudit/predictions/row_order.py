"""Rows and labels in two files without an id: the first label is that of the first row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import is_list
from calaudit.predictions.derived import DerivedSource
from calaudit.predictions.roles import Roles
from calaudit.predictions.same_ids import names_rows
from calaudit.predictions.source import Source

ROW_ORDER = "the order of rows"
"""Column of the numbers of the rows, where no other names them."""


def with_ids(
    labels: list[Source], rows: list[Source], roles: Roles
) -> tuple[list[Source], list[Source], Roles]:
    """Return labels, rows and roles with a column that names the rows in both.

    Where none is declared it is the one of both files that does, or the order of the rows.

    Raises:
        SettingsError: several could be it, or there are several files.
        InputError: a column of both files shows that their orders are others.
    """
    if roles.id:
        return labels, rows, roles
    one, other = (Catalogue(s[0].columns, s[0].peek, s[0].input.path) for s in (rows, labels))
    both = [column.name for column in one.columns if column.name in other]
    named = [name for name in both if names_rows(name)]
    if len(named) == 1:
        return labels, rows, replace(roles, id=named[0])
    if named or len(rows) > 1 or len(labels) > 1:
        told = f": {listed(named)}" if named else ""
        raise SettingsError(f"--labels needs --id, the column that names rows in both files{told}")
    for name in both:
        mine, its = one.look(name), other.look(name)
        count = min(len(mine.column), len(its.column))
        if is_list(mine.column.type) or is_list(its.column.type) or not count:
            continue
        texts = [np.array([*look.kinds, ""])[look.coded[0][:count]] for look in (mine, its)]
        if (texts[0] != texts[1]).any():
            raise InputError(
                f"{one.where} and {other.where} hold other values of {name!r}: their rows stand in "
                "another order, or are others. Give both a column that names the rows, and --id."
            )
    ordered: list[list[Source]] = [
        [DerivedSource(each[0], {}, numbers=ROW_ORDER)] for each in (labels, rows)
    ]
    return ordered[0], ordered[1], replace(roles, id=ROW_ORDER)

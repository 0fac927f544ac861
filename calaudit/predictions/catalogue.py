"""The columns of a data set, to be looked up by name, and sampled."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from calaudit.errors import InputError
from calaudit.predictions.look import Look
from calaudit.predictions.names import folded, is_named, suggests
from calaudit.predictions.source import Column

_MOST_CELLS, _LEAST_ROWS = 1 << 20, 256
"""What is looked at: first rows, fewer of many columns."""


class Catalogue:
    """Names, kinds and first rows of the columns of one file."""

    def __init__(
        self, columns: Sequence[Column], peek: Callable[[Sequence[str]], Any], where: str
    ) -> None:
        self.where = where
        self.columns = tuple(column for column in columns if column.name)
        self._by_name = {column.name: column for column in reversed(self.columns)}
        self._count = Counter(column.name for column in self.columns)
        self._peek = peek
        self._looks: dict[str, Look] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def require(self, name: str, option: str) -> Column:
        """Return the column a user named, or refuse with the closest names."""
        if name not in self._by_name:
            near = difflib.get_close_matches(name, list(self._by_name), 3, 0.5)
            same = [n for n in self._by_name if folded(n) == folded(name)]
            close = " or ".join(dict.fromkeys(same + near))
            hint = f"Did you mean {close}?" if close else ""
            raise InputError(
                f"{self.where}: {option} names the column {name!r}, which is not there. "
                f"{hint or f'Columns: {listed(self._by_name)}.'}"
            )
        if self._count[name] > 1:
            raise InputError(
                f"{self.where}: {self._count[name]} columns are called {name!r}. "
                "Rename them so that it is clear which one is meant."
            )
        if self._by_name[name].kind == "nested":
            raise InputError(
                f"{self.where}: {option} names the column {name!r}, which holds neither numbers "
                "nor text. Choose another one, or write what is in it as text."
            )
        return self._by_name[name]

    def named_for(self, role: str, kinds: Iterable[str], taken: Iterable[str]) -> list[str]:
        """Return the columns whose name suggests ``role``, of one of the kinds, not taken."""
        used, allowed = set(taken), set(kinds)
        names = (c.name for c in self.columns if c.kind in allowed and c.name not in used)
        return list(dict.fromkeys(name for name in names if is_named(name, role)))

    def suggested(self, role: str, kinds: Iterable[str], taken: Iterable[str]) -> list[str]:
        """Return the columns that are in no list of names, but whose name suggests ``role``."""
        return [name for name in self.free(kinds, taken) if role in suggests(name)]

    def look(self, name: str) -> Look:
        """Return what the first rows of a column show."""
        self.look_ahead([name])
        return self._looks[name]

    def look_ahead(self, names: Iterable[str]) -> None:
        """Read the first rows of several columns at once, for `look`."""
        for name in names:
            self.require(name, "a role")
        wanted = [name for name in dict.fromkeys(names) if name not in self._looks]
        if wanted:
            block = self._peek(wanted).slice(0, max(_LEAST_ROWS, _MOST_CELLS // len(wanted)))
            self._looks |= {name: Look(block.column(i)) for i, name in enumerate(wanted)}

    def rows(self, name: str) -> Any:
        """Return the first rows of a column, whatever it holds."""
        if self._count[name] != 1:
            self.require(name, "a role")
        return self._peek([name]).column(0)

    def labels(self, name: str) -> list[str]:
        """Return the distinct texts in a column's first rows, missing ones left out."""
        return self.look(name).kinds

    def free(self, kinds: Iterable[str], taken: Iterable[str]) -> list[str]:
        """Return the columns of some kinds that are not taken, each name once."""
        used, allowed = set(taken), set(kinds)
        names = [c.name for c in self.columns if c.kind in allowed and c.name not in used]
        return [name for name in names if self._count[name] == 1]


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names joined by commas, shortened."""
    every = list(names)
    more = f", … ({len(every)} in all)" if len(every) > most else ""
    return ", ".join(every[:most]) + more

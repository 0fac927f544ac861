"""The columns of a data set, to be looked up by name, and sampled."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from calaudit.errors import InputError
from calaudit.predictions.columns import MISSING_TOKENS, parse_numbers
from calaudit.predictions.labels import encoded
from calaudit.predictions.names import NAMES, folded
from calaudit.predictions.source import Column

__all__ = ["Catalogue", "listed"]


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

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def require(self, name: str, option: str) -> Column:
        """Return the column a user named, or refuse with the closest names."""
        if name not in self._by_name:
            near = difflib.get_close_matches(name, list(self._by_name), 3, 0.5)
            same = [n for n in self._by_name if folded(n) == folded(name)]
            hint = f"Did you mean {' or '.join(dict.fromkeys(same + near))}?" if near else ""
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
        return list(dict.fromkeys(name for name in names if folded(name) in NAMES[role]))

    def sample(self, name: str) -> Any:
        """Return the first rows of a column as an Arrow array."""
        self.require(name, "a role")
        return self._peek([name]).column(0)

    def labels(self, name: str) -> list[str]:
        """Return the distinct texts in a column's first rows, missing ones left out."""
        _, texts = encoded(self.sample(name))
        return sorted({t for t in texts if t is not None and t.casefold() not in MISSING_TOKENS})

    def in_unit_interval(self, taken: Iterable[str]) -> list[str]:
        """Return number columns whose first rows all lie in [0, 1] and are not only 0 and 1."""
        used = set(taken)
        found = []
        for column in self.columns:
            if column.kind == "number" and column.name not in used and self._count[column.name] < 2:
                values = parse_numbers(self.sample(column.name)).values
                values = values[values == values]
                inside = len(values) and values.min() >= 0 and values.max() <= 1
                if inside and ((values > 0) & (values < 1)).any():
                    found.append(column.name)
        return found


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names joined by commas, shortened."""
    every = list(names)
    more = f", … ({len(every)} in all)" if len(every) > most else ""
    return ", ".join(every[:most]) + more

"""Scores computed from a stored column: ``exp(x)``, ``scale(x, 1, 10)`` and ``words(x)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import SettingsError
from calaudit.predictions.arrays import doubles, number_column, text_column
from calaudit.predictions.columns import parse_numbers, plain
from calaudit.predictions.compute import pc

_CALL = re.compile(r"(exp|scale|words)\((.+)\)")

WORDS = {
    "almost no chance": 0.02, "remote chance": 0.05, "highly unlikely": 0.05, "little chance": 0.1,
    "chances are slight": 0.1, "improbable": 0.1, "unlikely": 0.2, "could happen": 0.4,
    "may happen": 0.4, "might happen": 0.4, "about even": 0.5, "better than even": 0.6,
    "realistic possibility": 0.6, "likely": 0.75, "probable": 0.75, "very good chance": 0.8,
    "highly likely": 0.9, "almost certain": 0.95, "will happen": 1.0,
}  # fmt: skip
"""What 5,174 people take phrases of probability for, in the median.

Source: Kucharski 2026, CAPphrase, absolute_judgements.csv.
"""


def stored_in(text: str) -> str | None:
    """Return the column that a score is computed from; None for the name of a column.

    >>> stored_in("scale(judge, 1, 10)"), stored_in("words(sure, yes=0.9, no=0.1)"), stored_in("p")
    ('judge', 'sure', None)
    """
    call = _CALL.fullmatch(text)
    if call is None:
        return None
    return _arguments(call)[0]


def _arguments(call: re.Match[str]) -> tuple[str, list[str]]:
    """Return the column and what follows it; commas may stand in the name of a column."""
    parts = call[2].split(",")
    at = len(parts)
    if call[1] == "scale":
        at = max(len(parts) - 2, 1)
    elif call[1] == "words":
        at = next((k for k, part in enumerate(parts) if k and "=" in part), at)
    return ",".join(parts[:at]).strip(), [part.strip() for part in parts[at:]]


def computed(text: str, column: Any) -> Any:
    """Return the scores that a text such as ``scale(x, 1, 10)`` says of its stored column.

    Args:
        text: of which `stored_in` is a column.
        column: that column's values, (n,).

    Raises:
        SettingsError: the text has not what its function needs.
    """
    call = _CALL.fullmatch(text)
    assert call is not None
    _, more = _arguments(call)
    if call[1] == "exp":
        return exponential(column)
    if call[1] == "words":
        return _of_words(column, _stated_map(text, more) if more else WORDS)
    try:
        low, high = map(float, more)
    except ValueError:
        low = high = 0.0
    if not low < high < np.inf:
        raise SettingsError(f"{text}: say the lowest and the highest rating: scale(x, 1, 10).")
    return number_column((doubles(parse_numbers(column).values) - low) / (high - low))


def exponential(column: Any) -> Any:
    """Return the probabilities whose logarithms a column holds."""
    with np.errstate(over="ignore"):
        return number_column(np.exp(doubles(parse_numbers(column).values)))


def _stated_map(text: str, pairs: list[str]) -> dict[str, float]:
    found = {}
    for pair in pairs:
        word, _, number = pair.rpartition("=")
        try:
            found[_folded(word)] = float(number)
        except ValueError:
            raise SettingsError(
                f"{text}: {pair!r} is no word with a number: words(x, sure=0.9, unsure=0.5)."
            ) from None
    return found


def _folded(word: str) -> str:
    return word.strip().strip(".!\"'").casefold()


def _of_words(column: Any, numbers: Mapping[str, float]) -> Any:
    """Return the numbers of words as text; what is no known word stays as it is."""
    cells = plain(column)
    if not pa.types.is_dictionary(cells.type):
        cells = cells.cast(pa.large_string()).dictionary_encode()
    kinds = [None if k is None else str(k) for k in cells.dictionary.to_pylist()]
    read = [k if k is None else str(numbers.get(_folded(k), k)) for k in kinds]
    return pc.take(text_column(read), cells.indices)

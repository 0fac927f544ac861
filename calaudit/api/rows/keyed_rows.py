"""Rows of several data sets side by side: each by its key, with what it adds to figures."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import Codes, GroupCodes, codes_of, place_codes
from calaudit.predictions.id_codes import NO_ID
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.spelling import id_text
from calaudit.tables.binning import Binning
from calaudit.tables.views import Tails, View

Floats = NDArray[np.float64]

SHOWN = 3
"""Ids that a message names."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyedRows:
    """Rows of one data set in the order of their keys.

    Attributes:
        name: of the data, in messages. column: of the ids; None where rows go by their order.
        keys: (n,) hashes of the ids, each once.
        parts: (n,) each, by name: "label", "weight", "bin" (of the calibration error), "one"
            (whether the label is 1, or the prediction is right), "score", "accuracy" (1 where
            right), "brier", "log_loss", "impossible" (whether it is infinite), "group", "by …"
            the hash of the value of a slice column, and where wanted "predicted" of classes.
        texts: returns the ids of some keys, the first ones in the order of the data.
        silent: returns how many rows that were left out, as they have no answer, have these keys.
        values: by slice column the value of each hash.
    """

    name: str
    column: str | None
    keys: Codes
    parts: dict[str, NDArray[Any]]
    texts: Callable[[Codes], list[str]]
    silent: Callable[[Codes], int]
    values: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def of(self, keys: Codes) -> KeyedRows:
        """Return the rows of some keys, all of which are there."""
        return self.take(np.searchsorted(self.keys, keys))

    def take(self, rows: NDArray[Any]) -> KeyedRows:
        """Return some of the rows."""
        parts = {name: part[rows] for name, part in self.parts.items()}
        return replace(self, keys=self.keys[rows], parts=parts)


class RowKeeper:
    """Keeps of each row that passes its key and its parts, whatever its width.

    Args:
        binning: of the calibration error.
        clip: of the log loss.
        column: that names rows; None to go by their order.
        by: the slice columns, in the order of ``Chunk.slices``.
        group: column whose rows belong together, or None.
        stated: whether scores are stated confidences, and labels whether these were right.
        within: whether an id names several rows, which the last slice column tells apart.
        predicted: whether the predicted class is kept, where there is one.
        gathered: whether rows are made of several answers to a question, which slices may part.
        more: returns further parts of the rows of a chunk.
    """

    def __init__(
        self,
        binning: Binning,
        clip: float,
        column: str | None,
        *,
        by: tuple[str, ...] = (),
        group: str | None = None,
        stated: bool = False,
        within: bool = False,
        predicted: bool = False,
        gathered: bool = False,
        more: Callable[[Chunk, View], dict[str, NDArray[Any]]] | None = None,
    ) -> None:
        self._more = more
        self._predicted = predicted
        self._parting = (*by, *([group] if group else [])) if gathered else ()
        self._binning, self._clip, self._column = binning, clip, column
        self._stated, self._within = stated, within
        self._by, self._coding = by, GroupCodes(group)
        self._values: dict[str, dict[int, str]] = {}
        self._lock = threading.Lock()
        self._parts: list[dict[str, NDArray[Any]]] = []

    def add(self, chunk: Chunk, view: View) -> None:
        """Keep the rows of a chunk; chunks may come in any order and from any thread."""
        parts = parts_of(view, self._binning, self._clip, stated=self._stated)
        for name, given in zip(self._by, chunk.slices, strict=True):
            codes = codes_of(given.values)
            parts[f"by {name}"] = codes[given.codes]
            with self._lock:
                self._values.setdefault(name, {}).update(
                    zip(codes.tolist(), given.values, strict=True)
                )
        group = self._coding.of(chunk)
        parts |= {} if group is None else {"group": group}
        if self._predicted and view.predicted is not None:
            parts["predicted"] = view.predicted.astype(np.int32)
        elif self._predicted and chunk.predicted_column is not None:
            parts["predicted"] = codes_of([str(each) for each in chunk.predicted() or ()])
        parts["key"] = _keys_of(chunk, self._column, within=self._within)
        self._parts.append(parts | (self._more(chunk, view) if self._more else {}))

    def rows(self, name: str, opened: Callable[[], Predictions]) -> KeyedRows:
        """Return all rows.

        Args:
            name: of the data, in messages.
            opened: opens it once more, where a message has to name ids.

        Raises:
            InputError: an id is missing, or names several rows.
        """
        parts = {
            part: np.concatenate([each[part] for each in self._parts]) for part in self._parts[0]
        }
        self._parts.clear()
        keys = parts.pop("key")
        order = np.argsort(keys, kind="stable")
        column, within = self._column, self._within

        def texts(wanted: Codes) -> list[str]:
            return _first_texts(opened, column, wanted, within=within)

        def silent(wanted: Codes) -> int:
            return _unanswered(opened, column, wanted, within=within)

        found = KeyedRows(name, column, keys, parts, texts, silent, self._values).take(order)
        missing = int((keys == NO_ID).sum())
        if missing and column is not None:
            raise InputError(f"{name}: {missing:,} rows have no {column}")
        again = found.keys[1:][found.keys[1:] == found.keys[:-1]]
        if len(again) and self._parting:
            raise InputError(
                f"{name}: answers to {column} {texts(again)[0]} differ in "
                f"{' or '.join(self._parting)} ({len(again):,} such rows): slices and groups are "
                f"of questions here. Choose answers, as with --where {self._parting[0]}=VALUE"
            )
        if len(again):
            copies = ", unless --severity says which copy a row is of" if self._predicted else ""
            raise InputError(
                f"{name}: the {column or 'place'} {texts(again)[0]} occurs more than once "
                f"({len(again):,} such rows): it does not name rows{copies}"
            )
        return found


def check_matched(one: KeyedRows, two: KeyedRows, *, allow_unmatched: bool) -> tuple[int, int]:
    """Return how many rows of each are in it only.

    Raises:
        InputError: no row is in both, or, unless it is allowed, one has no partner.
    """
    both = np.intersect1d(one.keys, two.keys, assume_unique=True)
    only = (len(one) - len(both), len(two) - len(both))
    column = one.column or "place"
    if not len(both):
        raise InputError(f"no {column} of {two.name} is in {one.name}: is it the id?")
    if any(only) and not allow_unmatched:
        lost = [np.setdiff1d(each.keys, both, assume_unique=True) for each in (one, two)]
        some = one.texts(lost[0]) if only[0] else two.texts(lost[1])
        silent = two.silent(lost[0]) if only[0] else 0
        silent += one.silent(lost[1]) if only[1] else 0
        told = f"{only[0]:,} rows of {one.name} and {only[1]:,} of {two.name}"
        first = f"({', '.join(some)}{', …' if sum(only) > len(some) else ''})"
        if silent == sum(only):
            raise InputError(
                f"{told} have no answer in the other, by {column} {first}; {len(both):,} have. "
                "--unanswered wrong counts what is not answered as wrong; --allow-unmatched "
                "compares only what both answer"
            )
        known = f"{silent:,} of them are there without an answer (see --unanswered wrong). "
        raise InputError(
            f"{told} have no partner with the same {column} {first}; {len(both):,} have. "
            f"{known if silent else ''}Give the same rows, or --allow-unmatched to compare them "
            "all the same"
        )
    return only


def check_same(one: KeyedRows, two: KeyedRows, *parts: str) -> None:
    """Refuse rows of the same keys, in the same order, whose labels (or weights, …) differ."""
    for part in parts:
        differ = np.flatnonzero(one.parts[part] != two.parts[part])
        if len(differ):
            where = one.texts(one.keys[differ])[0]
            raise InputError(
                f"the {part}s of {len(differ):,} rows differ between the files, first where "
                f"{one.column or 'the place'} is {where}: they are not the same rows"
            )


def signed_residuals(parts: Mapping[str, NDArray[Any]]) -> Floats:
    """Return sgn(R of its bin)(y − p) of each row: what it adds to the calibration error."""
    gap, weight = parts["one"] - parts["score"], parts["weight"]
    at = parts["bin"] + 1  # -1 where the convention leaves a row out
    signed: Floats = np.sign(np.bincount(at, weight * gap))[at] * gap
    return signed


def name_of_data(data: Any, otherwise: str) -> str:
    """Return what data is called in messages."""
    return os.fspath(data) if isinstance(data, str | os.PathLike) else otherwise


def _keys_of(chunk: Chunk, column: str | None, *, within: bool = False) -> Codes:
    if column is None:
        return place_codes(chunk)
    keys = chunk.id_codes()
    for given in chunk.slices[-1:] if within else ():
        keys = np.where(keys == NO_ID, keys, keys ^ codes_of(given.values)[given.codes])
    return keys


def _first_texts(
    opened: Callable[[], Predictions], column: str | None, wanted: Codes, *, within: bool
) -> list[str]:
    """Return the ids of the first rows of these keys, in the order of the data."""
    found: list[str] = []
    with opened() as predictions:
        for unit in predictions.units():
            for chunk in unit.chunks(Intake()):
                at = np.flatnonzero(np.isin(_keys_of(chunk, column, within=within), wanted))
                named = chunk.row_numbers(at) if column is None else chunk.ids(at) or []
                found += [text for text in map(id_text, named) if text not in found]
                if len(found) >= SHOWN:
                    return found[:SHOWN]
    return found


def _unanswered(
    opened: Callable[[], Predictions], column: str | None, wanted: Codes, *, within: bool
) -> int:
    """Return how many rows that were left out, as they have no answer, have one of these keys."""
    found = 0
    with opened() as predictions:
        if predictions.task == "top-label":
            layout = replace(predictions.layout, silence_is_wrong=True)
            predictions.resolution.layout = layout
            for unit in predictions.units():
                for chunk in unit.chunks(Intake()):
                    keys = _keys_of(chunk, column, within=within)
                    found += int(np.count_nonzero(np.isin(keys, wanted)))
    return found


def parts_of(
    view: View, binning: Binning, clip: float, *, stated: bool = False
) -> dict[str, NDArray[Any]]:
    """Return what each row adds to figures; see `KeyedRows`."""
    p = view.confidence()
    one = view.labels > 0
    if view.truth is None:
        q = np.where(one, p, 1.0 - p)
        right = one if stated else (p >= 0.5) == one
        brier = (one - p) ** 2
        label = view.labels
    else:
        assert view.probabilities is not None
        assert view.classes is not None
        q = view.truth.values() if isinstance(view.truth, Tails) else view.truth
        right = one
        brier = (view.probabilities**2).sum(axis=1) - 2.0 * q + 1.0
        label = view.classes
    return {
        "label": label,
        "weight": np.ones(len(p)) if view.weights is None else view.weights,
        "bin": binning.bin_of(view.keys()).astype(np.int32),
        "one": one,
        "score": p,
        "accuracy": right,
        "brier": brier,
        # A loss is infinite only where the clip is 0.
        "log_loss": -np.log(np.maximum(q, max(clip, 2.0**-52))),
        "impossible": q <= 0.0,
    }

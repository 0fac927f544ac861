"""Maps of scores beside maps of labels: a pixel is a row, and those of an image belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.arrays import (
    array_column,
    list_column,
    number_column,
    repeated,
    text_column,
)
from calaudit.predictions.frames import column_of
from calaudit.predictions.names import NAMES, folded
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Column, Input

IMAGE = "image"
"""Column that names the image of a pixel: pixels of one belong together."""

IGNORED = frozenset({255, -1, -100})
"""Labels that stand for no class where the scores have no class of that number."""

_MASKS = NAMES["label"] | {"mask", "masks"}


@dataclass(frozen=True, slots=True, eq=False)
class PixelMaps:
    """Scores and labels of the pixels of images.

    Attributes:
        scores: (N, H, W), (N, H, W, K) or (N, K, H, W).
        labels: (N, H, W) integers.
        first: whether the axis of the classes is the first after that of the images.
        classes: K; None for the probability of class 1.
        names: of the columns of scores and of labels.
        others: by name (N,) what else is known of each image.
    """

    scores: NDArray[Any]
    labels: NDArray[Any]
    first: bool
    classes: int | None
    names: tuple[str, str]
    others: Mapping[str, NDArray[Any]]


def pixel_maps(arrays: Mapping[str, NDArray[Any]], shown: str, roles: Roles) -> PixelMaps | None:
    """Return the maps among arrays, first those that roles name; None where there are none.

    Raises:
        InputError: several arrays could be the scores or the labels, or the axis of the classes
            cannot be told.
    """
    labels = {n: a for n, a in arrays.items() if a.ndim in (2, 3) and a.dtype.kind in "iub"}
    scores = {n: a for n, a in arrays.items() if a.ndim in (3, 4) and a.dtype.kind == "f"}
    pairs = [
        (s, label, axis)
        for s, one in scores.items()
        for label, other in labels.items()
        for axis in _axes(one.shape, other.shape)
    ]
    if not pairs:
        return None
    asked = {roles.label, roles.score, roles.confidence, *_listed(roles.probs, roles.logits)}
    for place, usual in enumerate(((), _MASKS)):
        names = {pair[:2][place] for pair in pairs}
        meant = names & asked or {name for name in names if folded(name) in usual} or names
        pairs = [pair for pair in pairs if pair[:2][place] in meant]
    if len(pairs) > 1:
        same = len({pair[:2] for pair in pairs}) == 1
        told = (
            f"the axes of {pairs[0][0]!r} {scores[pairs[0][0]].shape} are equally long, so that "
            "that of the classes cannot be told. Save it with the classes last, and another size"
            if same
            else f"several arrays could be maps of scores and labels: {_named(pairs)}. Name "
            "those that are meant with --label, and --score or --probs"
        )
        raise InputError(f"{shown}: {told}.")
    name, label, axis = pairs[0]
    found, mask = scores[name], labels[label]
    if mask.ndim == 2:
        found, mask = found if axis == 0 else found[None], mask[None]
    classes = None if axis == 0 else found.shape[1 if axis < 0 else -1]
    usual = "score" if classes is None else "probs"
    if "logit" in folded(name) or folded(name) in NAMES["logit"]:
        usual = "logits"
    columns = (name if name in asked else usual, label if label in asked else "label")
    taken = (IMAGE, *columns)
    others = {n: a for n, a in arrays.items() if a.shape == mask.shape[:1] and n not in taken}
    return PixelMaps(found, mask, axis < 0, classes, columns, others)


def squeezed(array: NDArray[Any]) -> NDArray[Any]:
    """Return (N, H, W) of an array with an axis of one class, (1, H, W) of (H, W, 1)."""
    if array.ndim == 4 and 1 in (array.shape[1], array.shape[-1]):
        return array[..., 0] if array.shape[-1] == 1 else array[:, 0]
    return np.moveaxis(array, -1, 0) if array.ndim == 3 and array.shape[-1] == 1 else array


def _listed(*given: str | tuple[str, ...] | None) -> list[str]:
    return [name for one in given if one for name in ((one,) if isinstance(one, str) else one)]


def _axes(scores: tuple[int, ...], labels: tuple[int, ...]) -> list[int]:
    """Return where the classes stand: 1 last, −1 first, 0 for scores of one class."""
    if (scores == labels and len(labels) == 3 and labels[-1] > 1) or scores == (1, *labels):
        return [0]
    if len(scores) != len(labels) + 1:
        return []
    images = len(labels) - 2
    last = scores[:-1] == labels and scores[-1] > 1
    first = scores[:images] + scores[images + 1 :] == labels and scores[images] > 1
    return [1] * last + [-1] * first


def _named(pairs: Sequence[tuple[str, str, int]]) -> str:
    return ", ".join(f"{score!r} and {label!r}" for score, label, _ in pairs[:3])


class PixelSource:
    """The pixels of images, an image a part; those with an ignored label are left out.

    Args:
        maps: of one or more files.
        shown: how the user named them. size: their bytes.
        prefix: of the names of the images; the name where there is one.
        ids: maps of ids, where a row is to be a region.

    Attributes:
        strays: how many pixels of each image have labels that are the number of no class.
        ignored: those of these labels that are left out.
    """

    together = IMAGE

    def __init__(
        self,
        maps: PixelMaps,
        shown: str,
        size: int,
        prefix: str,
        ids: Sequence[NDArray[Any]] = (),
    ) -> None:
        self.maps, self.prefix, self.ids = maps, prefix, ids
        self.strays = [_strays(each, maps.classes or 2) for each in maps.labels]
        self.input = Input(shown, "numpy", size, None)
        self.leave_out(IGNORED)
        self.columns: tuple[Column, ...] = tuple(
            column_of(field) for field in self._batch(0, 0, 0, None).schema
        )

    def leave_out(
        self,
        ignored: Collection[int],
        clear: Collection[int] = (),
        rest: Mapping[int, int] | None = None,
    ) -> None:
        """Leave out the pixels with some of the stray labels.

        Args:
            ignored: the labels.
            rest: by label that of the class that it is read as.
            clear: those of the two classes, to tell by them which is which; () for any.
        """
        self.ignored = [k for k in ignored if any(k in strays for strays in self.strays)]
        self._clear, self._rest = list(clear), rest or {}
        whole = int(np.prod(self.maps.labels.shape[1:]))
        self._rows = [whole - sum(strays[label] for label in ignored) for strays in self.strays]
        self.input = replace(self.input, rows=sum(self._rows))

    def held(self, labels: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return which pixels of an image, or of a part of it, are not left out; None for all."""
        held: NDArray[np.bool_] | None = None
        for label in self.ignored:
            held = labels != label if held is None else held & (labels != label)
        return held

    def peek(self, columns: Sequence[str]) -> Any:
        """Return some pixels of the first image that has any."""
        image = next((k for k, rows in enumerate(self._rows) if rows), 0)
        labels = self.maps.labels[image].reshape(-1)[:10_000]
        return self._batch(image, 0, 10_000, columns, clear=self._is_clear(labels))

    def _is_clear(self, labels: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return which pixels show what the two classes are: a few others are found as read."""
        clear = np.isin(labels, self._clear) if self._clear else np.zeros(0, np.bool_)
        return clear if clear.any() else None

    def parts(self, _columns: Sequence[str], /) -> list[PixelPart]:
        """Return the images."""
        starts = np.concatenate([[0], np.cumsum(self._rows)])
        return [
            PixelPart(self, image, int(starts[image]) + 1, rows)
            for image, rows in enumerate(self._rows)
        ]

    def close(self) -> None:
        """Nothing is held open."""

    def name(self, image: int) -> str:
        """Return what an image is called."""
        return f"{self.prefix}{image}" if len(self.maps.labels) > 1 else self.prefix

    def place(self, row: int) -> str:
        """Return where the pixel of a row, counted from 1, is: its image, line and column."""
        ends = np.cumsum(self._rows)
        image = int(np.searchsorted(ends, row))
        labels = self.maps.labels[image]
        held = self.held(labels.reshape(-1))
        at = row - 1 - int(ends[image] - self._rows[image])
        pixel = at if held is None else int(np.flatnonzero(held)[at])
        line, column = np.unravel_index(pixel, labels.shape)
        return f"image {self.name(image)}, pixel [{line}, {column}]"

    def batches(self, image: int, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Yield record batches of the pixels of an image."""
        size = int(np.prod(self.maps.labels.shape[1:]))
        for start in range(0, size, rows):
            yield self._batch(image, start, start + rows, columns)

    def _batch(
        self,
        image: int,
        start: int,
        end: int,
        columns: Sequence[str] | None,
        clear: NDArray[np.bool_] | None = None,
    ) -> Any:
        """Return the pixels between two places of an image that are ``clear``, or not left out."""
        maps = self.maps
        labels = maps.labels[image].reshape(-1)[start:end]
        if maps.classes is None:
            scores = maps.scores[image].reshape(-1)[start:end]
        elif maps.first:
            scores = maps.scores[image].reshape(maps.classes, -1)[:, start:end].T
        else:
            scores = maps.scores[image].reshape(-1, maps.classes)[start:end]
        held = self.held(labels) if clear is None else clear
        if held is not None and not held.all():
            labels, scores = labels[held], scores[held]
        if self._rest:
            stored = labels
            for old, new in self._rest.items():
                labels = np.where(stored == old, np.asarray(new, labels.dtype), labels)
        found, label = maps.names
        arrays = {
            IMAGE: repeated(text_column([self.name(image)]), len(labels)),
            label: number_column(np.asarray(labels, np.int64)),
        }
        if maps.classes is None:
            arrays[found] = number_column(np.asarray(scores))
        else:
            flat = np.ascontiguousarray(scores).reshape(-1)
            arrays[found] = list_column(number_column(flat), maps.classes)
        for name, values in maps.others.items():
            arrays[name] = repeated(array_column(values[image : image + 1], name), len(labels))
        chosen = list(arrays) if columns is None else list(columns)
        return pa.RecordBatch.from_arrays([arrays[name] for name in chosen], chosen)


@dataclass(slots=True)
class PixelPart:
    """An image."""

    source: PixelSource
    image: int
    first_row: int
    rows: int | None

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield record batches of its pixels."""
        return self.source.batches(self.image, columns, rows)


def _strays(labels: NDArray[Any], classes: int) -> Counter[int]:
    """Return how many pixels of an image have each of the labels that are no number of a class."""
    stray = (labels < 0) | (labels >= classes)
    kinds, counts = np.unique(labels[stray] if stray.any() else labels[:0], return_counts=True)
    return Counter(dict(zip(kinds.tolist(), counts.tolist(), strict=True)))

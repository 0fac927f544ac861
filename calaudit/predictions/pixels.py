"""Maps of scores beside maps of labels: a pixel is a row, and those of an image belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import (
    array_column,
    list_column,
    number_column,
    repeated,
    text_column,
)
from calaudit.predictions.frames import column_of
from calaudit.predictions.source import Column, Input, Source

__all__ = ["IMAGE", "PixelMaps", "PixelSource", "ignored_label", "ignored_notes", "pixel_maps"]

IMAGE = "image"
"""Column that names the image of a pixel: pixels of one belong together."""

IGNORED = (255, -1, -100)
"""Labels that stand for no class where the scores have no class of that number."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelMaps:
    """Scores and labels of the pixels of images.

    Attributes:
        scores: (N, H, W), (N, H, W, K) or (N, K, H, W).
        labels: (N, H, W) integers.
        first: whether the axis of the classes is the first after that of the images.
        classes: K; None for the probability of class 1.
        others: by name (N,) what else is known of each image.
    """

    scores: NDArray[Any]
    labels: NDArray[Any]
    first: bool
    classes: int | None
    others: Mapping[str, NDArray[Any]]


def pixel_maps(arrays: Mapping[str, NDArray[Any]], shown: str) -> PixelMaps | None:
    """Return the maps among arrays; None where there are none.

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
    if len(pairs) > 1:
        same = len({pair[:2] for pair in pairs}) == 1
        told = (
            f"the axes of {pairs[0][0]!r} {scores[pairs[0][0]].shape} are equally long, so that "
            "that of the classes cannot be told. Save it with the classes last, and another size"
            if same
            else f"several arrays could be maps of scores and labels: {_named(pairs)}. Save one of "
            "each"
        )
        raise InputError(f"{shown}: {told}.")
    name, label, axis = pairs[0]
    found, mask = scores[name], labels[label]
    if mask.ndim == 2:
        found, mask = found[None], mask[None]
    classes = None if axis == 0 else found.shape[1 if axis < 0 else -1]
    others = {n: a for n, a in arrays.items() if a.ndim == 1 and len(a) == len(mask) and n != IMAGE}
    return PixelMaps(found, mask, axis < 0, classes, others)


def _axes(scores: tuple[int, ...], labels: tuple[int, ...]) -> list[int]:
    """Return where the classes stand: 1 last, −1 first, 0 for scores of one class."""
    if scores == labels and len(labels) == 3:
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

    Attributes:
        ignored: the label that stands for no class, how many pixels have it, and of how many.
    """

    together = IMAGE

    def __init__(self, maps: PixelMaps, shown: str, size: int, prefix: str) -> None:
        self._maps, self._prefix = maps, prefix
        ignored = [_ignored(each, maps.classes or 2) for each in maps.labels]
        kinds = {kind for kind, _ in ignored if kind is not None}
        # Two kinds of stray labels are no ignore index: the reader of labels refuses them.
        self._ignore = kinds.pop() if len(kinds) == 1 else None
        whole = int(np.prod(maps.labels.shape[1:]))
        lost = [count if self._ignore is not None else 0 for _, count in ignored]
        self._rows = [whole - count for count in lost]
        self.input = Input(shown, "numpy", size, sum(self._rows))
        self.ignored: tuple[int | None, int, int] = (self._ignore, sum(lost), whole * len(lost))
        self.columns: tuple[Column, ...] = tuple(
            column_of(field) for field in self._batch(0, 0, 0, None).schema
        )

    def peek(self, columns: Sequence[str]) -> Any:
        """Return some pixels of the first image that has any."""
        image = next((k for k, rows in enumerate(self._rows) if rows), 0)
        return self._batch(image, 0, 10_000, columns)

    def parts(self, _columns: Sequence[str], /) -> list[PixelPart]:
        """Return the images."""
        starts = np.concatenate([[0], np.cumsum(self._rows)])
        return [
            PixelPart(self, image, int(starts[image]) + 1, rows)
            for image, rows in enumerate(self._rows)
        ]

    def close(self) -> None:
        """Nothing is held open."""

    def _name(self, image: int) -> str:
        return f"{self._prefix}{image}" if len(self._maps.labels) > 1 else self._prefix

    def batches(self, image: int, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Yield record batches of the pixels of an image."""
        size = int(np.prod(self._maps.labels.shape[1:]))
        for start in range(0, size, rows):
            yield self._batch(image, start, start + rows, columns)

    def _batch(self, image: int, start: int, end: int, columns: Sequence[str] | None) -> Any:
        """Return those pixels between two places of an image that have a label."""
        maps = self._maps
        labels = maps.labels[image].reshape(-1)[start:end]
        if maps.classes is None:
            scores = maps.scores[image].reshape(-1)[start:end]
        elif maps.first:
            scores = maps.scores[image].reshape(maps.classes, -1)[:, start:end].T
        else:
            scores = maps.scores[image].reshape(-1, maps.classes)[start:end]
        if self._ignore is not None:
            held = labels != self._ignore
            if not held.all():
                labels, scores = labels[held], scores[held]
        arrays = {
            IMAGE: repeated(text_column([self._name(image)]), len(labels)),
            "label": number_column(np.asarray(labels, np.int64)),
        }
        if maps.classes is None:
            arrays["score"] = number_column(np.asarray(scores))
        else:
            flat = np.ascontiguousarray(scores).reshape(-1)
            arrays["probs"] = list_column(number_column(flat), maps.classes)
        for name, values in maps.others.items():
            arrays[name] = repeated(array_column(values[image : image + 1], name), len(labels))
        chosen = list(arrays) if columns is None else list(columns)
        return pa.RecordBatch.from_arrays([arrays[name] for name in chosen], chosen)


def ignored_notes(sources: Sequence[Source]) -> list[Finding]:
    """Return how many pixels of all maps are left out; nothing where none are."""
    found = [each.ignored for each in sources if isinstance(each, PixelSource)]
    lost, pixels = sum(each[1] for each in found), sum(each[2] for each in found)
    label = next((each[0] for each in found if each[1]), None)
    return [finding("pixels-ignored", label=label, pixels=lost, of=pixels)] if lost else []


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


def ignored_label(labels: NDArray[Any], classes: int) -> int | None:
    """Return the label of an image that stands for no class; None where there is none."""
    return _ignored(labels, classes)[0]


def _ignored(labels: NDArray[Any], classes: int) -> tuple[int | None, int]:
    """Return the label of an image that stands for no class, and how many pixels have it."""
    stray = (labels < 0) | (labels >= classes)
    kinds = np.unique(labels[stray]).tolist() if stray.any() else []
    known = len(kinds) == 1 and kinds[0] in IGNORED
    return (int(kinds[0]), int(stray.sum())) if known else (None, 0)

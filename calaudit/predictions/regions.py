"""Regions of maps of pixels, a row each: the mean of its scores, and whether it is a hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.arrays import number_column, text_column
from calaudit.predictions.frames import TableSource, table_of
from calaudit.predictions.pixels import IMAGE, PixelMaps, PixelSource
from calaudit.predictions.source import Input

_OVERLAP = 0.5


class RegionSource(TableSource):
    """Regions, of which those of an image belong together."""

    together = IMAGE


def region_ids(
    arrays: Mapping[str, NDArray[Any]], names: Sequence[str], shown: str
) -> list[NDArray[Any]]:
    """Return the maps of ids that were named: of the regions, and perhaps of the true objects.

    Raises:
        InputError: there is no such array, or it holds no whole numbers.
    """
    for name in names:
        if name not in arrays:
            raise InputError(
                f"{shown}: --regions names {name!r}, but there are {', '.join(arrays)[:200]}."
            )
        if arrays[name].dtype.kind not in "iub":
            raise InputError(
                f"{shown}: {name!r} holds no ids of regions: whole numbers, 0 for none."
            )
    if not 1 <= len(names) <= 2:
        raise InputError(f"{shown}: --regions takes one map of ids, or two: IDS,TRUE_IDS.")
    return [arrays[name] for name in names]


def regions_of(source: PixelSource, positive: int) -> RegionSource:
    """Return a row for each region of each image, 0 being none.

    Its score is the mean of its pixels, of several classes that of the class with the largest
    mean. It is a hit where more than half of its pixels have the class; or, beside ids of true
    objects, where the intersection with one of these is at least half of their union.

    Args:
        source: of the pixels, with maps of ids, of the regions and perhaps of the true objects.
        positive: the label of the positive class where there are two.

    Raises:
        InputError: maps of other sizes, labels of no class, or scores that are no probabilities.
    """
    maps, ids, shown = source.maps, source.ids, source.input
    sizes = {each.shape if each.ndim == 3 else (1, *each.shape) for each in ids}
    if sizes != {maps.labels.shape}:
        raise InputError(f"{shown.path}: the maps of regions are not of the size of the labels.")
    fine = {*source.ignored, positive}
    wrong = [(k, label) for k, each in enumerate(source.strays) for label in each.keys() - fine]
    if wrong and len(ids) == 1:
        image, label = wrong[0]
        raise InputError(
            f"{shown.path}: the label {label} in image {source.name(image)} is none of the "
            "classes. Correct it, or write 255 where a pixel has none."
        )
    stacks = [each.reshape(maps.labels.shape) for each in ids]
    found: dict[str, list[Any]] = {"image": [], "region": [], "score": [], "hit": [], "pixels": []}
    for image, labels in enumerate(maps.labels):
        flat = labels.reshape(-1)
        codes = np.where(flat == positive, 1, np.where(flat == 1, positive, flat))
        every = [stack[image].reshape(-1) for stack in stacks]
        each = _of_image(maps, image, codes, every, source.held(flat))
        found["image"] += [source.name(image)] * len(each[0])
        for column, values in zip(("region", "score", "hit", "pixels"), each, strict=True):
            found[column].append(values)
    parts = {name: np.concatenate(values) for name, values in found.items() if name != "image"}
    if len(parts["score"]) and not (parts["score"].min() >= 0 and parts["score"].max() <= 1):
        raise InputError(f"{shown.path}: the scores are no probabilities: they leave 0 to 1.")
    score, hit = ("score", "label") if maps.classes is None else ("confidence", "correct")
    columns = {
        IMAGE: text_column(found["image"]),
        "region": number_column(parts["region"]),
        score: number_column(parts["score"]),
        hit: number_column(parts["hit"].astype(np.int64)),
        "pixels": number_column(parts["pixels"]),
    }
    table = table_of(columns, shown.path)
    return RegionSource(table, Input(shown.path, shown.format, shown.bytes, table.num_rows))


def _of_image(
    maps: PixelMaps,
    image: int,
    labels: NDArray[Any],
    ids: Sequence[NDArray[Any]],
    seen: NDArray[np.bool_] | None,
) -> tuple[NDArray[Any], ...]:
    """Return (R,) ids, scores, hits and numbers of pixels of the regions of an image."""
    seen = np.ones(len(labels), np.bool_) if seen is None else seen
    held = (ids[0] > 0) & seen
    regions, at, pixels = np.unique(ids[0][held], return_inverse=True, return_counts=True)
    scores = _scores(maps, image)[:, held].astype(np.float64)
    if scores.size and not (scores.min() >= 0 and scores.max() <= 1):
        scores = np.full_like(scores, np.nan)  # a mean could hide it
    count = len(regions)
    means = np.stack([np.bincount(at, row, count) / np.maximum(pixels, 1) for row in scores])
    top = means.argmax(axis=0) if len(means) > 1 else np.ones(count, np.int64)
    if len(ids) == 1:
        hits = 2 * np.bincount(at, labels[held] == top[at], count) > pixels
    else:
        hits = _overlap(at, pixels, ids[1][held], ids[1][seen]) >= _OVERLAP
    best = means.max(axis=0) if count else np.zeros(0)
    return regions.astype(np.int64), best, hits, pixels


def _scores(maps: PixelMaps, image: int) -> NDArray[Any]:
    """Return (K, pixels) scores of an image."""
    stored: NDArray[Any] = maps.scores[image]
    if maps.classes is None or maps.first:
        flat = stored.reshape(maps.classes or 1, -1)
    else:
        flat = stored.reshape(-1, maps.classes).T
    return np.asarray(flat)


def _overlap(
    at: NDArray[np.int64], pixels: NDArray[np.int64], truth: NDArray[Any], every: NDArray[Any]
) -> NDArray[np.float64]:
    """Return (R,) the largest intersection over union of each region with a true object."""
    objects, sizes = np.unique(every[every > 0], return_counts=True)
    best = np.zeros(len(pixels))
    inside = truth > 0
    pair = at[inside] * max(len(objects), 1) + np.searchsorted(objects, truth[inside])
    pairs, both = np.unique(pair, return_counts=True)
    region, which = np.divmod(pairs, max(len(objects), 1))
    np.maximum.at(best, region, both / (pixels[region] + sizes[which] - both))
    return best

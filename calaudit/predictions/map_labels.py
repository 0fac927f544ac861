"""What the labels of maps stand for, decided once for all images that are read together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.catalogue import listed
from calaudit.predictions.pixels import IGNORED, PixelSource
from calaudit.predictions.regions import regions_of
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Source
from calaudit.predictions.spelling import label_text
from calaudit.predictions.vocabulary import expanded

_MANY = 20
"""Percent of the pixels without a class from which on it is said how to name it as one."""

_FEW = 10
"""Percent of the pixels up to which a label of no class is a fault, and not a third class."""


def settled(sources: list[Source], roles: Roles) -> tuple[list[Source], Roles, list[Finding]]:
    """Return sources that leave out the labels of no class, their roles, and what is said of it.

    A label that the roles name is a class. Beside 0 alone another label is the positive one, as in
    masks of 0 and 255; beside 1 alone -1 is the negative one.
    """
    maps = [each for each in sources if isinstance(each, PixelSource)]
    if not maps:
        return sources, roles, []
    strays = sum((of_image for each in maps for of_image in each.strays), Counter[int]())
    pixels = sum(each.maps.labels.size for each in maps)
    width = maps[0].maps.classes
    two = width in (None, 2)
    named = _numbers((*(expanded(roles.classes) or ()), roles.positive if two else None))
    pair = _pair(maps, strays, named) if two else ()
    ignored = IGNORED - named - ({*pair} or {k for k in strays if two and k > 1})
    notes = [
        finding(
            "pixels-ignored", kind="many" if 100 * count >= _MANY * pixels else "few",
            label=label, pixels=count, of=pixels, share=100 * count / pixels,
        )
        for label, count in sorted(strays.items())
        if label in ignored
    ]  # fmt: skip
    others = {label: n for label, n in strays.items() if label not in {*ignored, *pair}}
    faults = sum(others.values()) if two else 0
    clear = {0, 1, *pair} if 0 < 100 * faults <= _FEW * pixels else set[int]()
    rest = _rest(roles, width, set() if clear else {*others})
    if two and others and not (clear or rest):
        raise InputError(_three(maps[0], {*pair, *others}))
    for each in maps:
        each.leave_out(ignored, clear, rest)
    if pair not in ((), (0, 1)):
        if not named:
            notes.append(finding("positive-inferred", negative=pair[0], positive=pair[1]))
        roles = _with_pair(roles, pair, width)
    if roles.regions:
        top = pair[1] if pair else 1
        return [regions_of(each, top) for each in maps], _of_regions(roles, maps[0]), notes
    return sources, roles, notes


def _numbers(names: Sequence[str | None]) -> set[int]:
    texts = [label_text(name) or "" for name in names]
    return {int(text) for text in texts if text.removeprefix("-").isdecimal()}


def _pair(maps: Sequence[PixelSource], strays: Collection[int], named: set[int]) -> tuple[int, ...]:
    """Return the labels of two classes, the positive one last; () for more than two."""
    stated, high = [k for k in strays if k in named], [k for k in strays if k > 1]
    if not strays:
        return 0, 1
    if stated:
        return (0, stated[0]) if len(stated) == 1 else ()
    zero, one = (_occurs(maps, label) for label in (0, 1))
    if one:
        return (-1, 1) if not zero and -1 in strays else (0, 1)
    if zero and high:
        return (0, high[0]) if len(high) == 1 else ()
    return 0, 1


def _rest(roles: Roles, width: int | None, others: set[int]) -> dict[int, int]:
    """Return what to read in the place of labels that are not the one class that scores are of."""
    positive = _numbers((roles.positive,)) if width is None else set()
    rest = 1 if positive == {0} else 0
    return dict.fromkeys({0, 1, *others} - positive - {rest}, rest) if positive else {}


def _three(source: PixelSource, kinds: set[int]) -> str:
    """Return the refusal of more kinds of labels than two classes have."""
    every = sorted(kinds | {0})
    advice = f"Name the positive one, as in --positive {every[-1]}."
    if source.maps.classes is not None:
        advice = "Save a score for each, or write 255 where a pixel has no class."
    return (
        f"{source.input.path}: the labels of the maps are of {len(every)} kinds "
        f"({listed(map(str, every), 6)}), but the scores of two classes. {advice}"
    )


def _occurs(maps: Sequence[PixelSource], label: int) -> bool:
    return any((image == label).any() for each in maps for image in each.maps.labels)


def _with_pair(roles: Roles, pair: tuple[int, ...], width: int | None) -> Roles:
    if roles.regions:  # which are hits or not, whatever the label of a hit
        return replace(roles, positive=None)
    if roles.classes is not None:
        return roles
    names = tuple(str(label) for label in pair)
    if width == 2:
        return replace(roles, classes=names)
    return replace(roles, positive=roles.positive or names[1])


def _of_regions(roles: Roles, source: PixelSource) -> Roles:
    """Return roles without those that name maps: regions have columns of their own."""
    named = (*source.maps.names, *((name,) for name in source.maps.names))
    maps = ("label", "score", "probs", "logits")
    gone: dict[str, Any] = {role: None for role in maps if getattr(roles, role) in named}
    return replace(roles, **gone)

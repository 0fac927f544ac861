"""Two spellings of the same classes: the one-to-one map between them, where there is one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calaudit.errors import SettingsError
from calaudit.predictions.look import Look
from calaudit.predictions.spelling import NEGATIVE, POSITIVE, joined, label_text

_RANGE = re.compile(r"^(-?\d+)\.\.(-?\d+)$")
_MOST_PAIRS = 12
_MOST_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How labels, and predictions or names of classes, are spelled so that they can be compared.

    Attributes:
        how: in a few words, for the reader; empty where they are compared as they are.
        folds: whether case and blanks make no difference.
        prefixes: what is taken off labels, and off the others, as ``("", "LABEL_")``.
        pairs: of labels, and of the others: what stands for what; anything else is no class.
    """

    how: str = ""
    folds: bool = False
    prefixes: tuple[str, str] = ("", "")
    pairs: tuple[Mapping[str, str], Mapping[str, str]] | None = field(default=None, hash=False)

    def key(self, text: str, side: int) -> str | None:
        """Return the common spelling of a label (side 0) or of the others (1); None if strange."""
        if self.pairs is not None:
            return self.pairs[side].get(text)
        if self.folds:
            text = _folded(text)
        prefix = self.prefixes[side]
        text = text.removeprefix(prefix) if prefix else text
        return label_text(text) or text


AS_IT_IS = Vocabulary()
"""Labels and predictions that are written alike."""


def agreement(labels: Look, others: Look, classes: Sequence[str] | None) -> Vocabulary | None:
    """Return how labels and predictions are compared.

    Args:
        labels: first rows of the labels.
        others: those of the predictions.
        classes: what the user states.

    Returns:
        The map; None where none fits, or where numbers are the same but for a shift by one.
    """
    if classes:
        return stated(classes, (labels.kinds, others.kinds))
    if not labels.kinds or not others.kinds:
        return Vocabulary()
    if shifted(labels.kinds, others.kinds):
        return None
    found = matched(labels.kinds, others.kinds) or signed(labels.kinds, others.kinds)
    return found or placed(labels, others)


def proposals(labels: Look, others: Look) -> tuple[str, list[str]]:
    """Return what is wrong with labels and predictions, and what --classes could say."""
    move = shifted(labels.kinds, others.kinds)
    if move:
        runs = [_run(side.kinds) for side in (labels, others)]
        whole = _run([*labels.kinds, *others.kinds])
        return "are the same numbers moved by one", ["=".join(runs), whole]
    pairs = usual_pairs(labels, others)
    told = joined(f"{label}={other}" for label, other in pairs.items())
    return "have no value in common", [told] if 1 < len(pairs) <= _MOST_PAIRS else []


def matched(labels: Collection[str], others: Collection[str]) -> Vocabulary | None:
    """Return how the values of two columns are the same classes, the plainest way that fits.

    Args:
        labels: values of the one, in the spelling of `label_text`.
        others: values of the other.

    Returns:
        The map; None where they share no value whatever the spelling.
    """
    ways = [Vocabulary(), Vocabulary("but for case and blanks", folds=True)]
    for folds in (False, True):
        sides = [[_folded(t) if folds else t for t in side] for side in (labels, others)]
        prefixes = (_prefix(sides[0]), _prefix(sides[1]))
        for pair in ((prefixes[0], ""), ("", prefixes[1]), prefixes):
            if any(pair):
                told = " and ".join(repr(prefix) for prefix in pair if prefix)
                ways.append(Vocabulary(f"{told} left out", folds, pair))
    fits = [way for way in ways if _contained(way, labels, others)]
    if fits:
        return fits[0]
    return ways[0] if set(labels) & set(others) else None


def shifted(labels: Iterable[str], others: Iterable[str]) -> int:
    """Return by how much the one run of whole numbers is the other one moved; 0 if it is not."""
    runs = []
    for side in (labels, others):
        numbers = {int(text) if _is_whole(text) else None for text in side}
        if None in numbers or not numbers:
            return 0
        known = [number for number in numbers if number is not None]
        runs.append((min(known), max(known)))
    (low, high), (least, most) = runs
    return least - low if least - low == most - high and abs(least - low) == 1 else 0


def stated(classes: Sequence[str], sides: Sequence[Collection[str]]) -> Vocabulary:
    """Return the map that ``--classes`` states for labels and predictions.

    ``label=prediction`` names both; a name alone is that of the class numbered by its place,
    from 0, and stands on the side where the names are.
    """
    labels: dict[str, str] = {}
    others: dict[str, str] = {}
    classes = expanded(tuple(classes)) or ()
    names = {label_text(name) or name for name in classes}
    by_name = [set(side) <= names for side in sides]
    for place, entry in enumerate(classes):
        left, equals, right = entry.partition("=")
        lefts, rights = expanded((left,)), expanded((right,)) if equals else (str(place),)
        if len(lefts or ()) != len(rights or ()):
            raise SettingsError(f"--classes: {entry!r} does not name as many labels as predictions")
        for one, other in zip(lefts or (), rights or (), strict=True):
            name, spelled = label_text(one.strip()) or one, label_text(other.strip()) or other
            labels[name if equals or by_name[0] else spelled] = name
            others[spelled if equals or not by_name[1] else name] = name
    return Vocabulary("as --classes says", pairs=(labels, others))


def signed(labels: Collection[str], others: Collection[str]) -> Vocabulary | None:
    """Return the map between two spellings of yes and no, as ``true`` and ``LABEL_1``."""
    pairs: list[dict[str, str]] = []
    for side in (labels, others):
        prefix = _prefix([*side])
        bare = {text: text.removeprefix(prefix).casefold() for text in side}
        pairs.append({text: "1" for text, word in bare.items() if word in POSITIVE})
        pairs[-1] |= {text: "0" for text, word in bare.items() if word in NEGATIVE}
        if len(side) != 2 or {*pairs[-1].values()} != {"0", "1"}:
            return None
    return Vocabulary("as yes and no", pairs=(pairs[0], pairs[1]))


def placed(labels: Look, others: Look) -> Vocabulary | None:
    """Return the map from numbers 0 … K-1 to K names in alphabetical order, if rows bear it out.

    They do where every number, whatever stands before it, stands beside its name more often than
    beside any other.
    """
    sides = [labels, others]
    stems = [_prefix(side.kinds) for side in sides]
    runs = [
        {stem + str(k): k for k in range(len(s.kinds))}
        for stem, s in zip(stems, sides, strict=True)
    ]
    numbered = [{*side.kinds} == {*run} for side, run in zip(sides, runs, strict=True)]
    if numbered[0] == numbered[1] or not len(labels.kinds) == len(others.kinds) > 1:
        return None
    names = sorted(sides[numbered[0]].kinds, key=str.casefold)
    by_number = {text: names[k] for text, k in runs[numbered[1]].items()}
    wanted = by_number if numbered[0] else {name: number for number, name in by_number.items()}
    if usual_pairs(labels, others) != wanted:
        return None
    pairs = (by_number, {name: name for name in names})
    told = f"numbers are names in alphabetical order: {next(iter(by_number))} is {names[0]}"
    return Vocabulary(told, pairs=pairs if numbered[0] else pairs[::-1])


def usual_pairs(labels: Look, others: Look) -> dict[str, str]:
    """Return for each label the value that stands beside it most often; {} if none is unlike."""
    if len(labels.kinds) * len(others.kinds) > _MOST_CELLS:
        return {}
    counts = np.zeros((len(labels.kinds), len(others.kinds)), np.int64)
    both = (labels.coded[0] >= 0) & (others.coded[0] >= 0)
    np.add.at(counts, (labels.coded[0][both], others.coded[0][both]), 1)
    if not counts.size or len({*counts.argmax(axis=1).tolist()}) < len(counts):
        return {}
    best = np.sort(counts, axis=1)
    if counts.shape[1] > 1 and (best[:, -1] == best[:, -2]).any():
        return {}
    return {text: others.kinds[counts[i].argmax()] for i, text in enumerate(labels.kinds)}


def expanded(classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return class names with a range such as ``1..10`` written out."""
    match = _RANGE.match(classes[0]) if classes and len(classes) == 1 else None
    if match is None:
        return classes or None
    first, last = int(match[1]), int(match[2])
    return tuple(str(k) for k in range(first, last + 1))


def _contained(way: Vocabulary, labels: Collection[str], others: Collection[str]) -> bool:
    """Return whether the way keeps values apart, and one side holds all of the other."""
    keys = [{way.key(text, side) for text in texts} for side, texts in enumerate((labels, others))]
    apart = len(keys[0]) == len(set(labels)) and len(keys[1]) == len(set(others))
    return apart and bool(keys[0]) and bool(keys[1]) and (keys[0] <= keys[1] or keys[1] <= keys[0])


def _prefix(texts: Sequence[str]) -> str:
    """Return what all texts begin with, up to a number or a mark: ``LABEL_`` of ``LABEL_1``."""
    low, high = (min(texts), max(texts)) if texts else ("", "")
    common = low[: next((i for i, c in enumerate(low) if c != high[i : i + 1]), 0)]
    marked = re.match(r"^.*[_\-:. ]", common)
    worded = marked or re.match(r"^[^\W\d]+", common)
    prefix = worded[0] if worded else ""
    rest = [text[len(prefix) :] for text in texts]
    return prefix if all(rest) and (marked or all(t.isdigit() for t in rest)) else ""


def _folded(text: str) -> str:
    plain = re.sub(r"[\s_\-]+", " ", text).strip().casefold()
    return re.sub(r"^(\d+) [^\W\d]+$", r"\1", plain)  # 5 stars


def _run(texts: Iterable[str]) -> str:
    """Return whole numbers as a range, as ``1..4``."""
    numbers = [int(text) for text in texts]
    return f"{min(numbers)}..{max(numbers)}"


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdigit()

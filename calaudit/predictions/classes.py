"""The classes' names and order, and how labels name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pyarrow as pa

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.candidates import Candidate
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import plain
from calaudit.predictions.labels import NEGATIVE, POSITIVE, label_text
from calaudit.predictions.roles import Roles

__all__ = ["Naming", "binary_names", "class_names"]

_RANGE = re.compile(r"^(-?\d+)\.\.(-?\d+)$")


@dataclass(slots=True)
class Naming:
    """The classes in the order of the score columns; for binary (negative, positive).

    Attributes:
        numbered: integer labels are positions although the classes have names.
        swapped: the two score columns must change places, so that the positive is second.
        negative: the text of the negative label where `--positive` was given and it was seen.
    """

    classes: tuple[str, ...]
    detail: str = ""
    numbered: bool = False
    swapped: bool = False
    negative: str | None = None
    notes: list[tuple[str, str, str]] = field(default_factory=list)


def binary_names(catalogue: Catalogue, label: str, roles: Roles) -> Naming:
    """Return the two classes that the labels of a single score column name."""
    seen = catalogue.labels(label)
    if roles.positive is not None:
        return _declared_positive(catalogue, label, roles.positive, seen)
    known = [text for text in seen if text.casefold() in POSITIVE | NEGATIVE]
    strange = [text for text in seen if text not in known and not _is_fraction(text)]
    positive = [text for text in known if text.casefold() in POSITIVE]
    negative = [text for text in known if text not in positive]
    if strange and not (positive and negative):
        if len(seen) == 2:
            raise InputError(
                f"{catalogue.where}: the labels in {label!r} are {seen[0]!r} and {seen[1]!r}, and "
                f"which of them is the positive class cannot be told. Say so, as in "
                f"--positive {seen[-1]}."
            )
        raise InputError(
            f"{catalogue.where}: the labels in {label!r} are of {len(seen)} kinds "
            f"({listed(seen, 6)}), but a single score column needs two. For several classes give "
            f"their columns with --probs; for one class against the rest write 0/1 labels."
        )
    if len(positive) > 1 or len(negative) > 1:
        raise InputError(_mixed(catalogue.where, label, positive, negative))
    classes = (negative[0] if negative else "0", positive[0] if positive else "1")
    naming = Naming(classes, f"{classes[1]} is positive, {classes[0]} negative")
    if classes[0] == "-1":
        naming.notes.append(
            (
                "labels-minus-one",
                f"The labels in {label!r} are -1 and 1; -1 is read as the negative class.",
                "If -1 stands for a missing label, remove those rows.",
            )
        )
    return naming


def class_names(catalogue: Catalogue, candidate: Candidate, label: str, roles: Roles) -> Naming:
    """Return the classes of several score columns, or of a list column."""
    width = _width(catalogue, candidate)
    given = _expanded(roles.classes)
    if given is not None and len(given) != width:
        raise SettingsError(
            f"--classes names {len(given)} classes, but {candidate.option} gives {width} scores."
        )
    classes = given or candidate.suffixes or tuple(str(k) for k in range(width))
    folded = [(label_text(name) or name) for name in classes]
    if len(set(folded)) < len(folded):
        raise SettingsError(f"two classes have the same name: {listed(classes, 6)}.")
    naming = Naming(tuple(classes))
    seen = catalogue.labels(label)
    digits = all(name.lstrip("-").isdigit() for name in folded)
    if width == 2:
        _order_pair(naming, candidate, roles)
    if not digits and seen and all(text.isdigit() for text in seen) and width > 2:
        naming.numbered = True
        naming.notes.append(
            (
                "labels-numbered",
                f"The labels in {label!r} are numbers, read as positions from 0 in the order of "
                f"the columns: 0 is {classes[0]}, {width - 1} is {classes[-1]}.",
                "If the order is another one, name the classes with --classes.",
            )
        )
    elif folded == [str(k) for k in range(width)] and _one_based(seen, width):
        raise InputError(one_based_advice(catalogue.where, label, width))
    if not naming.detail:
        naming.detail = "positions of the classes" if naming.numbered else "names of the classes"
    return naming


def one_based_advice(where: str, label: str, width: int) -> str:
    """Return the refusal of labels 1 … K against columns 0 … K-1."""
    return (
        f"{where}: the labels in {label!r} run from 1 to {width}, but the classes are numbered "
        f"0 to {width - 1}. If label 1 means the first column, say --classes 1..{width}."
    )


def _one_based(seen: list[str], width: int) -> bool:
    return str(width) in seen and "0" not in seen


def _order_pair(naming: Naming, candidate: Candidate, roles: Roles) -> None:
    classes = naming.classes
    words = [name.casefold() for name in classes]
    swap = words[0] in POSITIVE and words[1] in NEGATIVE
    if roles.positive is not None:
        if roles.positive not in classes:
            raise SettingsError(
                f"--positive {roles.positive} is neither of the classes {classes[0]}, {classes[1]}."
            )
        swap = roles.positive == classes[0]
    if swap:
        if candidate.form == "list":
            raise SettingsError(
                f"--positive {classes[0]} is the first value of the list; write the lists as "
                "(negative, positive)."
            )
        naming.classes = classes[::-1]
        naming.swapped = True
    naming.detail = f"{naming.classes[1]} is positive, {naming.classes[0]} negative"


def _declared_positive(catalogue: Catalogue, label: str, positive: str, seen: list[str]) -> Naming:
    chosen = label_text(positive) or positive
    match = [text for text in seen if text == chosen or text.casefold() == chosen.casefold()]
    if not match and len(seen) > 1:
        raise InputError(
            f"{catalogue.where}: --positive {positive} does not occur in the first rows of "
            f"{label!r}, which hold {listed(seen, 6)}."
        )
    others = [text for text in seen if text not in match]
    if "0" in others:
        others = ["0"]
    others = [text for text in others if not _is_fraction(text)] or others
    if len(others) > 1:
        raise InputError(
            f"{catalogue.where}: besides {positive!r}, the labels in {label!r} have "
            f"{len(others)} kinds ({listed(others, 6)}), but binary labels have two. "
            "Write 0/1 labels for one class against the rest."
        )
    negative = others[0] if others else None
    shown = negative or f"not {positive}"
    return Naming((shown, chosen), f"{chosen} is positive, {shown} negative", negative=negative)


def _mixed(where: str, label: str, positive: list[str], negative: list[str]) -> str:
    kinds = listed([*negative, *positive], 6)
    return (
        f"{where}: the labels in {label!r} mix several spellings ({kinds}). Write each class "
        "in one way, such as 0 and 1."
    )


def _is_fraction(text: str) -> bool:
    try:
        return not float(text).is_integer()
    except (ValueError, OverflowError):
        return False


def _width(catalogue: Catalogue, candidate: Candidate) -> int:
    if candidate.form == "columns":
        return len(candidate.columns)
    name = candidate.columns[0]
    fixed = catalogue[name].width
    if fixed is not None:
        width = fixed
    else:
        column = plain(catalogue.sample(name))
        if pa.types.is_fixed_size_list(column.type):
            width = column.type.list_size
        else:
            lengths = column.value_lengths().drop_null().to_pylist()
            width = max(set(lengths), key=lengths.count) if lengths else 0
    if width < 2:
        raise InputError(
            f"{catalogue.where}: the lists in {name!r} hold {width} values. A class distribution "
            "has two or more; a single score needs a plain column."
        )
    return int(width)


def _expanded(classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return class names with a range such as ``1..10`` written out."""
    match = _RANGE.match(classes[0]) if classes and len(classes) == 1 else None
    if match is None:
        return classes or None
    first, last = int(match[1]), int(match[2])
    return tuple(str(k) for k in range(first, last + 1))

"""The classes' names and order, and how labels name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.candidates import MOST_OPTIONS, Candidate, Unclear
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import plain
from calaudit.predictions.roles import Roles
from calaudit.predictions.spelling import NEGATIVE, POSITIVE, is_fraction, label_text
from calaudit.predictions.vocabulary import Vocabulary, expanded, matched


@dataclass(slots=True)
class Naming:
    """The classes in the order of the score columns; for binary (negative, positive).

    Attributes:
        numbered: integer labels are positions although the classes have names.
        swapped: the two score columns must change places, so that the positive is second.
        negative: the text of the negative label where `--positive` was given and it was seen.
        vocabulary: how labels are compared with the names of the classes.
    """

    classes: tuple[str, ...]
    detail: str = ""
    numbered: bool = False
    swapped: bool = False
    negative: str | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    notes: list[Finding] = field(default_factory=list)


def binary_names(
    catalogue: Catalogue, label: str, roles: Roles, above: str | None = None
) -> Naming:
    """Return the two classes of a single score; ``above`` is the one it is seen to be of."""
    seen = catalogue.labels(label)
    if roles.positive is not None:
        return _declared_positive(catalogue, label, roles.positive, seen)
    naming = _conventional(catalogue, label, seen)
    if above is None or (naming is not None and label_text(naming.classes[1]) == above):
        if naming is None:
            raise Unclear(
                f"the labels in {label!r} are {seen[0]!r} and {seen[1]!r}, and which of them is "
                "the positive class cannot be told.",
                [{"positive": text} for text in seen[::-1]],
            )
        return naming
    if naming is not None and above in {naming.classes[0], *seen}:
        raise Unclear(
            f"the score goes with the label {above!r}, which is usually the negative one.",
            [{"positive": above}, {"positive": naming.classes[1]}],
        )
    others = [text for text in seen if text != above] or [f"not {above}"]
    return Naming(
        (others[0], above), f"{above} is positive: the score is of it", negative=others[0]
    )


def _conventional(catalogue: Catalogue, label: str, seen: list[str]) -> Naming | None:
    """Return the two classes as they are usually called; None for two that have no usual order."""
    known = [text for text in seen if text.casefold() in POSITIVE | NEGATIVE]
    strange = [text for text in seen if text not in known and not is_fraction(text)]
    positive = [text for text in known if text.casefold() in POSITIVE]
    negative = [text for text in known if text not in positive]
    if strange and not (positive and negative):
        stems = matched(seen, ("0", "1")) if len(seen) == 2 else None
        if stems is not None and stems.how:
            pair = sorted(seen, key=lambda text: stems.key(text, 0) or "")
            return Naming((pair[0], pair[1]), f"{pair[1]} is positive, {pair[0]} negative")
        if len(seen) == 2:
            return None
        raise Unclear(
            f"the labels in {label!r} are of {len(seen)} kinds ({listed(seen, 6)}), but a single "
            "score column is of one class against the rest. For several classes give their "
            "columns with --probs.",
            [{"positive": text} for text in seen] if len(seen) <= MOST_OPTIONS else (),
        )
    if len(positive) > 1 or len(negative) > 1:
        raise InputError(_mixed(catalogue.where, label, positive, negative))
    classes = (negative[0] if negative else "0", positive[0] if positive else "1")
    naming = Naming(classes, f"{classes[1]} is positive, {classes[0]} negative")
    if classes[0] == "-1":
        naming.notes.append(finding("labels-minus-one", column=label))
    return naming


def class_names(
    catalogue: Catalogue, candidate: Candidate, labels: tuple[str, ...], roles: Roles
) -> Naming:
    """Return the classes of several score columns, or of a list; labels are one, or one a class."""
    width = width_of(catalogue, candidate)
    given = expanded(roles.classes)
    if given is not None and len(given) != width:
        raise SettingsError(
            f"--classes names {len(given)} classes, but {candidate.option} gives {width} scores."
        )
    check_order(given or (), candidate.suffixes, candidate.role)
    classes = given or candidate.suffixes or tuple(str(k) for k in range(width))
    folded = [(label_text(name) or name) for name in classes]
    if len(set(folded)) < len(folded):
        raise SettingsError(f"two classes have the same name: {listed(classes, 6)}.")
    naming = Naming(tuple(classes))
    one_list = catalogue[labels[0]].kind == "list"
    if width == 2 and not one_list:
        _order_pair(naming, candidate, roles)
    if len(labels) > 1 or one_list:
        naming.detail = "the one that is 1"
        if len(labels) not in (1, width):
            raise SettingsError(
                f"--label names {len(labels)} columns, but {candidate.option} gives {width} scores."
            )
        return naming
    label = labels[0]
    seen = catalogue.labels(label)
    digits = all(name.lstrip("-").isdigit() for name in folded)
    numbers = bool(seen) and all(text.isdigit() for text in seen)
    stems = matched(seen, classes) if numbers and not digits else None
    if numbers and not digits and width > 2 and (stems is None or not stems.how):
        naming.numbered = True
        naming.notes.append(
            finding(
                "labels-numbered",
                column=label,
                first=classes[0],
                highest=width - 1,
                last=classes[-1],
            )
        )
    elif folded == [str(k) for k in range(width)] and _one_based(seen, width):
        raise InputError(one_based_advice(catalogue.where, label, width))
    elif not {*seen} & {*folded} or (width == 2 and digits and not _whole(seen) <= {*folded}):
        _match(catalogue, naming, label, seen)
    if not naming.detail:
        naming.detail = "positions of the classes" if naming.numbered else "names of the classes"
    return naming


def check_order(given: Sequence[str], named: Sequence[str], role: str) -> None:
    """Refuse classes in another order than that of the columns named like them; numbers may be."""
    if sorted(given) == sorted(named) and (*given,) != (*named,) and not "".join(named).isdigit():
        raise SettingsError(
            f"--classes names the classes in another order than their columns, {listed(named, 6)}: "
            f"leave it out, or name the columns in order, as --{role} A,B,…"
        )


def _match(catalogue: Catalogue, naming: Naming, label: str, seen: list[str]) -> None:
    """Find out how labels spell the classes, or refuse them."""
    found = matched(seen, naming.classes) if seen else Vocabulary()
    words = {text.casefold() for text in seen}
    shared = {*seen} & {label_text(name) or name for name in naming.classes}
    if found is not None and (found.how or not shared):
        naming.vocabulary = found
        naming.detail = found.how and f"names of the classes, {found.how}"
    elif shared or not (len(naming.classes) == 2 and words <= POSITIVE | NEGATIVE):
        raise InputError(
            f"{catalogue.where}: the labels in {label!r} ({listed(seen, 4)}) are not the classes "
            f"of the scores ({listed(naming.classes, 4)}). Name the classes as the labels do, in "
            "the order of the columns, with --classes A,B,…"
        )


def _whole(seen: list[str]) -> set[str]:
    return {text for text in seen if not is_fraction(text)}


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
    others = [text for text in others if not is_fraction(text)] or others
    if len(others) > 1:
        naming = Naming((f"not {chosen}", chosen), f"{chosen} is positive, {listed(others, 4)} not")
        if "-1" in others and "0" in others:
            naming.notes.append(finding("labels-minus-one", column=label))
        return naming
    negative = others[0] if others else None
    shown = negative or f"not {positive}"
    return Naming((shown, chosen), f"{chosen} is positive, {shown} negative", negative=negative)


def _mixed(where: str, label: str, positive: list[str], negative: list[str]) -> str:
    kinds = listed([*negative, *positive], 6)
    return (
        f"{where}: the labels in {label!r} mix several spellings ({kinds}). Write each class "
        "in one way, such as 0 and 1."
    )


def width_of(catalogue: Catalogue, candidate: Candidate) -> int:
    """Return how many scores a row has."""
    if candidate.form == "columns":
        return len(candidate.columns)
    name = candidate.columns[0]
    width = catalogue[name].width
    if width is None:
        lengths = plain(catalogue.look(name).column).value_lengths().drop_null().to_pylist()
        width = max(set(lengths), key=lengths.count) if lengths else 0
    if width < 2:
        raise InputError(
            f"{catalogue.where}: the lists in {name!r} hold {width} values. A class distribution "
            "has two or more; a single score needs a plain column."
        )
    return int(width)

"""Shards that are parts of one data set: read alike, none of them twice, and none missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from calaudit.api.shards.named import Named
from calaudit.api.shards.shard import Shard
from calaudit.errors import IncompleteError, InputError
from calaudit.predictions.catalogue import listed

__all__ = ["check_agree"]

WHICH = ("where", "regions", "judge")
"""What the user said of the rows that no layout holds."""

LAYOUT = {
    "label": "label", "correct": "correct", "prediction": "prediction", "weight": "weight",
    "scores": "score", "by": "by", "classes": "classes", "positive": "positive",
    "out_of": "out-of", "task": "task",
}  # fmt: skip
"""What a layout says → the option that says it; of other differences only the rows tell."""

OWN = ("dtype", "negative", "join")
"""Of a layout, what each part may have of its own, or is compared by itself."""

FIGURES = ("bins", "equal_mass", "convention", "clip", "worst", "weight_kind")


def check_agree(shards: Sequence[Named]) -> None:
    """Refuse shards that are not parts of one data set.

    Raises:
        InputError: two were read in different ways, or hold the same rows.
        IncompleteError: one is missing, or the files have changed between two.
    """
    first, *others = shards
    for other in others:
        if other.shard.calaudit != first.shard.calaudit:
            versions = f"calaudit {other.shard.calaudit}, {first.name} {first.shard.calaudit}"
            raise InputError(
                f"{other.name} was made by {versions}: they may read rows differently. "
                "Summarize all with one version."
            )
    with_rows = [each for each in shards if each.shard.intake.rows_read]
    for other in with_rows[1:]:
        _check_alike(with_rows[0], other)
    _check_once(shards)
    _check_shares(shards)


def _check_alike(first: Named, other: Named) -> None:
    for what, one, its, option in _differences(first.shard, other.shard):
        advice = f"with {option}, or" if option else "as"
        raise InputError(
            f"{other.name} and {first.name} were read differently: {what} is {_told(its)} in "
            f"{other.name} and {_told(one)} in {first.name}. Summarize one of them again {advice} "
            "all files in one command, with --part 1/2, 2/2, … on each machine."
        )


def _differences(one: Shard, other: Shard) -> Iterator[tuple[str, Any, Any, str]]:
    """Yield what differs, on both sides, with the option that says it; "" where none does."""
    pairs: list[tuple[str, Any, Any, str]] = [
        (f"--{name.replace('_', '-')}", *(getattr(s.settings, name) for s in (one, other)), "")
        for name in FIGURES
    ]
    pairs = [(what, a, b, what) for what, a, b, _ in pairs]
    pairs += [(f"--{n}", one.declared.get(n), other.declared.get(n), f"--{n}") for n in WHICH]
    pairs += [
        (
            f"--{option}" if option else f"the way that columns are read ({name})",
            getattr(one.layout, name),
            getattr(other.layout, name),
            f"--{option}" if option else "",
        )
        for name, option in (
            (field.name, LAYOUT.get(field.name, "")) for field in fields(one.layout)
        )
        if name not in OWN
    ]
    pairs.append(("--group", one.group, other.group, "--group"))
    pairs.append(("the file of labels", one.joined, other.joined, "--labels"))
    pairs.append(("--on-invalid", one.on_invalid, other.on_invalid, "--on-invalid"))
    unmatched = (one.allow_unmatched, other.allow_unmatched)
    pairs.append(("--allow-unmatched", *unmatched, "--allow-unmatched"))
    for what, a, b, option in pairs:
        if a != b:
            yield what, a, b, option


def _told(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return listed(value, 6) or "none"
    return "none" if value is None else str(value)[:80]


def _check_once(shards: Sequence[Named]) -> None:
    """Refuse shards that have rows in common."""
    seen: dict[Any, tuple[str, str]] = {}
    for each in shards:
        shard = each.shard
        if not shard.intake.rows_read:
            continue
        for path, found in shard.prints or (("the same rows", shard.digest),):
            name, its = seen.setdefault((found, shard.share), (each.name, path))
            if name != each.name:
                same = f"{path}" if path == its else f"{path}, which is {its} there"
                part = "" if shard.share is None else f" (part {shard.share[0]})"
                raise InputError(
                    f"{each.name} and {name} are both of {same}{part}: its rows would count "
                    "double. Leave one of them out."
                )


def _check_shares(shards: Sequence[Named]) -> None:
    """Refuse shares of several divisions, or of files that have changed, and shares missing."""
    first = shards[0]
    shares = [each.shard.share for each in shards]
    if shares.count(None) == len(shards):
        return
    for each in shards[1:]:
        mine, its = each.shard.share, first.shard.share
        if mine is None or its is None or mine[1] != its[1]:
            raise InputError(
                f"{each.name} is {_part(mine)}, and {first.name} {_part(its)}: only parts of one "
                "division go together."
            )
        same = each.shard.prints == first.shard.prints
        if not same or each.shard.units[1] != first.shard.units[1]:
            raise IncompleteError(
                f"{each.name} and {first.name} were made of other files, or of files that changed "
                f"in between: {_changed(each.shard, first.shard)}. Summarize all parts again."
            )
    there = {share[0] for share in shares if share is not None}
    whole = first.shard.share[1] if first.shard.share else 0
    missing = [str(k) for k in range(1, whole + 1) if k not in there]
    if missing:
        raise IncompleteError(
            f"{len(there)} of {whole} parts are here; missing: {listed(missing, 8)}. No figure is "
            f"given for part of the data: add what calaudit summarize --part {missing[0]}/{whole} "
            "writes."
        )


def _part(share: tuple[int, int] | None) -> str:
    return "all of its files" if share is None else f"part {share[0]} of {share[1]}"


def _changed(one: Shard, other: Shard) -> str:
    """Return the files that only one of two has, or has with this content."""
    both = sorted({*one.prints} ^ {*other.prints})
    return listed(list(dict.fromkeys(path for path, _ in both)), 3) or "their row groups"

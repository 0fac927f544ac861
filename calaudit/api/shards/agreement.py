"""Shards that are parts of one data set: read alike, none of them twice, and none missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from calaudit.api.shards.named import Named
from calaudit.api.shards.shard import Shard
from calaudit.errors import IncompleteError, InputError
from calaudit.predictions.catalogue import listed

LAYOUT = {
    "label": "--label", "correct": "--correct", "prediction": "--prediction", "by": "--by",
    "weight": "--weight", "scores": "--score", "classes": "--classes", "out_of": "--out-of",
    "task": "--task",
}  # fmt: skip
"""What a layout says → the option that says it; of other differences only the rows tell."""

OWN = ("dtype", "positive", "negative", "join", "cuts")
"""Of a layout, what each part may have of its own, or what other parts of it tell."""


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
    one, its = _said(first.shard), _said(other.shard)
    for what, value in one.items():
        if value != its.get(what):
            option = what if what[:2] == "--" or " " in what else f"the reading of columns ({what})"
            again = f"{other.name} again with {option} {_told(value)}, or " * what.startswith("--")
            both = f"{_told(its.get(what))} in {other.name} and {_told(value)} in {first.name}"
            raise InputError(
                f"{other.name} and {first.name} were read differently: {option} is {both}. "
                f"Summarize {again}all files with the same options, as --part 1/2 and --part 2/2."
            )


def _said(shard: Shard) -> dict[str, Any]:
    """Return what shards of one data set have in common, by option."""
    settings, layout = shard.settings.values(), shard.layout
    names = ("bins", "convention", "clip", "worst", "weight_kind", "on_invalid")
    found = {f"--{name.replace('_', '-')}": settings[name] for name in names}
    found |= {f"--{name}": shard.declared.get(name) for name in ("where", "regions", "judge")}
    found |= {"--group": shard.group, "--allow-unmatched": shard.allow_unmatched}
    found |= {"the file of labels": shard.joined}
    found |= {"the bins of slices": layout.edges}
    if settings["convention"] == "torchmetrics":  # whose bins hang on the type of the scores
        found["type of the scores"] = layout.dtype
    each = (field.name for field in fields(layout) if field.name not in OWN)
    found |= {LAYOUT.get(name, name): getattr(layout, name) for name in each}
    if layout.task == "binary":  # what is not positive is called by what the first rows show
        found["--positive"] = found.pop("--classes")[1]
    return found


def _told(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return ",".join(value[:6]) + ",…" * (len(value) > 6) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name} at {', '.join(map(str, at))}" for name, at in value.items())
    return "none" if value is None else str(value)[:60]


def _check_once(shards: Sequence[Named]) -> None:
    """Refuse shards that have rows in common."""
    seen: dict[Any, tuple[str, str]] = {}
    for each in shards:
        shard = each.shard
        if not shard.intake.rows_read:
            continue
        rows = [("the same rows", shard.digest)] if shard.summary.table.tells_rows else []
        for path, found in shard.prints or rows:
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

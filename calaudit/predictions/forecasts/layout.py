"""Which columns hold the truth and which the forecasts: declared, or told by names and values."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.forecasts.names import (
    ABOUT_OTHERS,
    CAUSES,
    CENTRES,
    DATES,
    EVENTS,
    LEVELS,
    PLAIN,
    SERIES,
    SPREADS,
    TIMES,
    VALUES,
    Named,
    levels_of,
    named,
)
from calaudit.predictions.names import CASES, MODELS, folded, natural_key
from calaudit.predictions.roles import ResolvedRole

Kind = Literal["intervals", "quantiles", "normal", "members", "sets"]

NUMBERS = ("number",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRoles:
    """Columns of forecasts as the user declared them; None or () means "infer".

    ``lower`` and ``upper`` are the ends of intervals, in the order of the levels ``stated``;
    ``quantiles``, ``members`` and ``sets`` name columns. ``model`` is one of several in the file;
    ``classes`` are those that sets are of.
    """

    label: str | None = None
    lower: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()
    mean: str | None = None
    std: str | None = None
    quantiles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    stated: tuple[float, ...] = ()
    model: str | None = None
    sets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LongForm:
    """A row for each quantile: columns of its level and value, and those that name a forecast."""

    level: str
    value: str
    keys: tuple[str, ...]


@dataclass(slots=True)
class ForecastLayout:
    """How columns are read.

    Attributes:
        kind: what a forecast is.
        columns: of quantiles by rising level; lower and upper end of each interval; mean and
            spread; or members.
        levels: of the quantiles, or of the intervals.
        truth: the column of what came true.
        variance: whether the spread is the square of one.
        long: where each row is one quantile.
        models: columns, as of models, of which there may be one value only, and that or None.
        time: a column that says when rows were, or None.
        roles: as they were read. notes: what should be said.
    """

    kind: Kind
    columns: tuple[str, ...]
    levels: tuple[float, ...] = ()
    truth: str = ""
    variance: bool = False
    long: LongForm | None = None
    models: tuple[tuple[str, str | None], ...] = ()
    time: str | None = None
    roles: list[ResolvedRole] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def is_forecast(catalogue: Catalogue) -> bool:
    """Whether the columns of a file without scores are named as forecasts of a number are.

    Raises:
        InputError: outcomes are censored.
    """
    _refuse_censored(catalogue)
    try:
        found = catalogue.named_for("label", NUMBERS, ())
        truth = [name for name in found if not catalogue.look(name).binary]  # these are classes
        return bool(truth and _inferred(catalogue, ForecastRoles(), found))
    except (InputError, SettingsError):
        return True  # there are some, and they leave questions


def forecast_layout(catalogue: Catalogue, roles: ForecastRoles) -> ForecastLayout:
    """Return how the columns are to be read.

    Raises:
        InputError: nothing fits, more than one reading does, a level stands nowhere, or values
            contradict the names.
        SettingsError: options that contradict each other.
    """
    if roles.label is None:
        _refuse_censored(catalogue)
    if roles.classes:
        raise SettingsError("--classes are those of --sets, and there are none")
    truth = truth_of(catalogue, roles, NUMBERS)
    layout = _declared(catalogue, roles)
    inferred = layout is None
    if layout is None:
        found = _inferred(catalogue, roles, (truth,))
        found = found or _inferred(catalogue, roles, (truth,), (*NUMBERS, "text"))  # one is none
        if len(found) != 1:
            raise InputError(f"{catalogue.where}: {_unclear(catalogue, found)}")
        layout = found[0]
    for name in layout.columns:
        catalogue.require(name, "a role")
    layout.truth = truth
    layout.models = models_of(catalogue, roles)
    if roles.model and not layout.models and not _is_of(roles.model, layout.columns):
        raise InputError(f"{catalogue.where}: there is no model {roles.model!r}: leave it out.")
    option = {"intervals": "--lower, --upper", "normal": "--mean, --std"}.get(layout.kind)
    layout.roles = [
        ResolvedRole("label", (truth,), roles.label is None, "--label", "what came true"),
        ResolvedRole(
            layout.kind, layout.columns, inferred, option or f"--{layout.kind}", _detail(layout)
        ),
    ]
    _check_values(catalogue, layout)
    note_repeats(catalogue, layout)
    return layout


def truth_of(catalogue: Catalogue, roles: ForecastRoles, kinds: Sequence[str]) -> str:
    """Return the column of what came true, of one of the kinds; raises `InputError` for none."""
    if roles.label is not None:
        return catalogue.require(roles.label, "--label").name
    found = catalogue.named_for("label", kinds, _taken(roles))
    if len(found) == 1:
        return found[0]
    which = (
        f"{listed(found)} could be what came true"
        if found
        else f"no column{' of numbers' * (kinds == NUMBERS)} is named like what came true"
    )
    example = f"--label {shlex.quote(found[0])}" if found else "--label COLUMN"
    names = "" if found else f" Columns: {listed(c.name for c in catalogue.columns)}."
    raise InputError(f"{catalogue.where}: {which}. Say which with {example}.{names}")


def _taken(roles: ForecastRoles) -> list[str]:
    """Return what cannot be the truth: what is declared otherwise."""
    several = (roles.lower, roles.upper, roles.quantiles, roles.members, roles.sets)
    given = [*(name for names in several for name in names), roles.mean, roles.std]
    return [name for name in given if name]


def _declared(catalogue: Catalogue, roles: ForecastRoles) -> ForecastLayout | None:
    """Return what is declared; None where nothing is."""
    ends, normal = (roles.lower, roles.upper), (roles.mean, roles.std)
    given = [any(ends), any(normal), bool(roles.quantiles), bool(roles.members)]
    if sum(given) > 1:
        raise SettingsError(
            "give one of --lower and --upper, --mean and --std, --quantiles, or --members"
        )
    if given[0]:
        if len(roles.lower) != len(roles.upper):
            raise SettingsError("--lower and --upper go together, as many of one as of the other")
        between = [_between(*pair) for pair in zip(*ends, strict=True)]
        levels = _stated(catalogue, between, roles, roles.lower[0])
        pairs = [name for pair in zip(*ends, strict=True) for name in pair]
        return ForecastLayout("intervals", tuple(pairs), levels)
    if given[1]:
        if roles.std is None:
            raise SettingsError("--mean and --std go together: intervals are --lower and --upper")
        mean = roles.mean or _one_of(catalogue, CENTRES, "--mean")
        return ForecastLayout("normal", (mean, roles.std), variance=_is_variance(roles.std))
    if given[2]:
        names = prefixed(catalogue, roles.quantiles, NUMBERS)
        parts = [named(name) for name in names]
        numbers = [part.number for part in parts if part is not None]
        found = levels_of(numbers) if len(numbers) == len(names) else None
        levels = roles.stated or tuple(found or ())
        if len(levels) != len(names):
            raise SettingsError(
                f"--quantiles are {len(names)} columns: say their levels in the same order, as "
                "--stated 0.05,0.5,0.95"
            )
        return _quantiles(names, levels)
    if given[3]:
        return ForecastLayout("members", tuple(prefixed(catalogue, roles.members, NUMBERS)))
    return None


def _between(low: str, high: str) -> Named | None:
    """Return what the names of two ends tell of the level of the interval; None where nothing."""
    one, other = named(low), named(high)
    if one is None or other is None or one.kind != other.kind:
        return None
    if one.kind == "interval":
        return one if one.number == other.number else None
    levels = levels_of([one.number, other.number]) if one.kind == "quantile" else None
    share = round(levels[1] - levels[0], 9) if levels else 0.0
    return Named("interval", "", low=True, number=str(share)) if share > 0 else None


def prefixed(catalogue: Catalogue, names: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """Return the columns of a list of names, or all that begin with the only one."""
    if len(names) > 1 or names[0] in catalogue:
        return list(names)
    free = catalogue.free(kinds, ())
    found = [name for name in free if name.startswith(names[0])]
    if not found:
        catalogue.require(names[0], "the option")
    return sorted(found, key=natural_key)


def _one_of(catalogue: Catalogue, known: frozenset[str], option: str) -> str:
    found = [name for name in catalogue.free(NUMBERS, ()) if folded(name) in known]
    if len(found) != 1:
        raise InputError(f"{catalogue.where}: say which column is the mean with {option} COLUMN.")
    return found[0]


def _inferred(
    catalogue: Catalogue, roles: ForecastRoles, taken: Sequence[str],
    kinds: tuple[str, ...] = NUMBERS,
) -> list[ForecastLayout]:  # fmt: skip
    """Return what names tell, of one model."""
    free = catalogue.free(kinds, taken)
    by_kind: dict[str, dict[str, dict[str, Named]]] = {}
    for name in free:
        part = named(name)
        if part is not None:
            by_kind.setdefault(part.kind, {}).setdefault(part.stem, {})[name] = part
    found: list[ForecastLayout] = []
    quantiles = {s: c for s, c in by_kind.get("quantile", {}).items() if len(c) > 1}
    if quantiles:
        found.append(_of_quantiles(catalogue, _chosen(catalogue, roles, quantiles), roles))
    ends = {s: c for s, c in by_kind.get("interval", {}).items() if len(c) > 1}
    if ends:
        found.append(_of_ends(catalogue, _chosen(catalogue, roles, ends), roles))
    members = {s: c for s, c in by_kind.get("member", {}).items() if len(c) > 2}
    if members and not found:
        names = sorted(_chosen(catalogue, roles, members), key=natural_key)
        found.append(ForecastLayout("members", tuple(names)))
    spreads = [name for name in free if folded(name) in SPREADS]
    centres = [name for name in free if folded(name) in CENTRES]
    if len(spreads) == 1 and len(centres) == 1:
        variance = _is_variance(spreads[0])
        found.append(ForecastLayout("normal", (centres[0], spreads[0]), variance=variance))
    if not found:
        found += _long(catalogue, free, taken)
    return found


def _chosen(
    catalogue: Catalogue, roles: ForecastRoles, stems: dict[str, dict[str, Named]]
) -> dict[str, Named]:
    """Return the columns of one model or variable.

    Raises:
        InputError: there are several, or none that is about the truth.
    """
    if roles.model is not None and len(stems) > 1:
        mine = [stem for stem in stems if folded(stem) == folded(roles.model)]
        if not mine:
            raise InputError(
                f"{catalogue.where}: there is no model {roles.model!r}; there are {listed(stems)}."
            )
        return stems[mine[0]]
    about = [stem for stem in stems if folded(stem) not in ABOUT_OTHERS]
    plain = [stem for stem in about if folded(stem) in PLAIN or not stem]
    if len(about) == 1 and (len(stems) == 1 or plain):
        return stems[about[0]]
    if not about:
        one = next(iter(stems))
        raise InputError(
            f"{catalogue.where}: {listed(stems[one])} are of {one!r}, and not of what came true. "
            "If they are: name them, as --lower COLUMN --upper COLUMN."
        )
    raise InputError(
        f"{catalogue.where}: holds forecasts of {len(stems)} models: {listed(stems)}. Say which "
        f"with --model {shlex.quote(about[0])}."
    )


def _of_quantiles(
    catalogue: Catalogue, columns: dict[str, Named], roles: ForecastRoles
) -> ForecastLayout:
    levels = levels_of([part.number for part in columns.values()])
    if levels is None:
        raise InputError(
            f"{catalogue.where}: which levels {listed(columns)} are does not show in their names. "
            "Name these columns with --quantiles A,B,… and their levels with --stated 0.1,0.5,…"
        )
    if roles.stated and {*roles.stated} != {*levels}:
        raise SettingsError(f"--stated contradicts the levels in the names: {listed(columns)}")
    return _quantiles(list(columns), levels)


def _quantiles(names: Sequence[str], levels: Sequence[float]) -> ForecastLayout:
    order = sorted(range(len(names)), key=lambda i: levels[i])
    return ForecastLayout(
        "quantiles", tuple(names[i] for i in order), tuple(levels[i] for i in order)
    )


def _of_ends(
    catalogue: Catalogue, columns: dict[str, Named], roles: ForecastRoles
) -> ForecastLayout:
    """Return intervals, each lower end matched with the upper one of its level by name."""
    lows = {(p.number, p.order): name for name, p in columns.items() if p.low}
    highs = {(p.number, p.order): name for name, p in columns.items() if not p.low}
    lone = lows.keys() ^ highs.keys()
    if lone:
        name = next(n for key, n in (lows | highs).items() if key in lone)
        raise InputError(
            f"{catalogue.where}: no column is the other end of {name!r}. Name both with --lower "
            "COLUMN --upper COLUMN."
        )
    parts = [columns[name] for name in lows.values()]
    levels = _stated(catalogue, parts, roles, next(iter(lows.values())))
    pairs = [name for key in lows for name in (lows[key], highs[key])]
    return ForecastLayout("intervals", tuple(pairs), levels)


def _stated(
    catalogue: Catalogue, parts: Sequence[Named | None], roles: ForecastRoles, low: str
) -> tuple[float, ...]:
    """Return the levels of intervals: in their names, or as they were stated.

    Raises:
        InputError: they stand nowhere.
        SettingsError: they are stated otherwise, or not for each.
    """
    numbers = [part.number for part in parts if part is not None and part.number]
    levels = levels_of(numbers) if len(numbers) == len(parts) else None
    if levels is not None and roles.stated and sorted(levels) != sorted(roles.stated):
        raise SettingsError(f"--stated contradicts the name {low!r}: leave it out")
    if levels is not None:
        return tuple(levels)
    if roles.stated:
        if len(roles.stated) != len(parts):
            raise SettingsError(
                f"--stated has {len(roles.stated)} levels for {len(parts)} intervals; in their "
                "order, as --stated 0.8,0.95"
            )
        return roles.stated
    example = "0.9, where they are for 90 %" if len(parts) == 1 else "0.8,0.95, in their order"
    hint = ""
    misses = [c.name for c in catalogue.columns if folded(c.name) == "alpha" and c.kind == "number"]
    if misses and len(seen := np.unique(catalogue.look(misses[0]).numbers)) == 1:
        hint = f" alpha is the share of misses: {seen[0]:g} there means --stated {1 - seen[0]:g}."
    raise InputError(
        f"{catalogue.where}: what share of truths the intervals ({low}, …) are to hold stands "
        f"nowhere. Say it, as --stated {example}.{hint}"
    )


def _long(catalogue: Catalogue, free: Sequence[str], taken: Sequence[str]) -> list[ForecastLayout]:
    """Return the long form: a row a quantile."""
    levels = [name for name in free if folded(name) in LEVELS]
    values = [name for name in free if folded(name) in VALUES and name not in levels]
    if len(levels) != 1 or len(values) != 1:
        return []
    seen = catalogue.look(levels[0]).numbers
    if not len(seen) or seen.min() <= 0 or seen.max() >= 100 or 1 <= seen.max() <= 50:
        return []
    used = {levels[0], values[0], *taken}
    keys = [c.name for c in catalogue.columns if c.name not in used and c.kind != "nested"]
    long = LongForm(levels[0], values[0], tuple(dict.fromkeys(keys)))
    return [ForecastLayout("quantiles", (values[0],), long=long)]


def _is_of(model: str, columns: Sequence[str]) -> bool:
    return all(folded(name).startswith(folded(model)) for name in columns)


def _is_variance(name: str) -> bool:
    return "var" in folded(name).replace("variance", "var").split("_")


def models_of(catalogue: Catalogue, roles: ForecastRoles) -> tuple[tuple[str, str | None], ...]:
    """Return the column that says which model a row is of, and which one is read."""
    found = [c.name for c in catalogue.columns if folded(c.name) in MODELS and c.kind == "text"]
    return ((found[0], roles.model),) if len(found) == 1 else ()


def _check_values(catalogue: Catalogue, layout: ForecastLayout) -> None:
    """Refuse ends or quantiles whose means lie the other way round than their names say."""
    if layout.long is not None or layout.kind not in ("intervals", "quantiles"):
        return
    columns = layout.columns
    ends = [(columns[0], columns[-1])]
    if layout.kind == "intervals":
        ends = list(zip(columns[::2], columns[1::2], strict=True))
    catalogue.look_ahead([name for pair in ends for name in pair])
    for low, high in ends:
        a, b = (catalogue.look(name).numbers for name in (low, high))
        if len(a) and len(b) and a.mean() > b.mean():
            raise InputError(
                f"{catalogue.where}: {low!r} lies above {high!r} on average, which its name "
                "contradicts. Name the columns as they are meant."
            )


def note_repeats(catalogue: Catalogue, layout: ForecastLayout) -> None:
    """Note columns whose values repeat, as rows of one of them depend on each other; and dates."""
    layout.time = next((c.name for c in catalogue.columns if folded(c.name) in DATES), None)
    names = [c.name for c in catalogue.columns if folded(c.name) in SERIES | CASES]
    names = [name for name in names if name != layout.truth]
    catalogue.look_ahead(names)
    repeated = [
        name for name in names
        if 1 < len(catalogue.look(name).kinds) <= 0.5 * len(catalogue.look(name).column)
    ]  # fmt: skip
    if repeated:
        layout.notes.append(
            finding("forecast-rows-repeat", columns=listed(repeated, 3), column=repeated[0])
        )


def _detail(layout: ForecastLayout) -> str:
    if layout.long is not None:
        return f"a row a quantile, by {layout.long.level}"
    if layout.levels:
        return "levels " + listed([f"{level:g}" for level in layout.levels], 6)
    return "variance" if layout.variance else ""


def _unclear(catalogue: Catalogue, found: Sequence[ForecastLayout]) -> str:
    if not found:
        names: Iterable[str] = (c.name for c in catalogue.columns)
        return (
            "no columns are named like forecasts. Name them with --lower and --upper, --mean and "
            f"--std, --quantiles, --members or --sets. Columns: {listed(names)}."
        )
    told = []
    for layout in found:
        first = shlex.quote(layout.columns[0])
        last = shlex.quote(layout.columns[-1])
        told.append(
            {
                "intervals": f"--lower {first} --upper {last}",
                "quantiles": f"--quantiles {shlex.quote(','.join(layout.columns))}",
                "normal": f"--std {last}",
                "members": f"--members {first}",
            }[layout.kind]
        )
    return f"holds several kinds of forecasts. Say which with one of: {listed(told)}."


def _refuse_censored(catalogue: Catalogue) -> None:
    """Refuse times to events of which some have not happened yet."""
    plain = {c.name: folded(c.name) for c in catalogue.columns}
    events = [n for n, p in plain.items() if p in EVENTS]
    times = [n for n, p in plain.items() if TIMES.fullmatch(p) and catalogue[n].kind == "number"]
    causes = any(CAUSES.fullmatch(p) for p in plain.values())
    whole = [n for n in events if catalogue.look(n).classes and 1 < len(catalogue.labels(n)) < 10]
    if whole and times and (causes or len(catalogue.labels(whole[0])) > 2):
        raise InputError(
            f"{catalogue.where}: {whole[0]!r} and {times[0]!r} are times to an event, where some "
            "rows are censored: when these ended is not known, which needs methods of survival "
            "analysis, that calaudit does not have. Rows followed up to one horizon, with what "
            "had happened by then as a column, can be evaluated."
        )

"""Shards that stand in the place of the rows they were made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, NoReturn

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.shards.agreement import check_agree
from calaudit.api.shards.named import Named
from calaudit.api.shards.shard import Shard
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.options.commands import EvaluateOptions
from calaudit.options.declaration import options_of
from calaudit.options.rows import ROLES
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import Intake
from calaudit.predictions.melted import Labels
from calaudit.predictions.predictions import Predictions, Unit
from calaudit.predictions.resolve import Resolution
from calaudit.predictions.source import Input
from calaudit.tables.summary import Summary, SummaryBuilder
from calaudit.tables.worst import WorstRows

WIDTHS = ("float16", "float32", "float64")

SAME = ("convention", "clip", "weight_kind")
"""Options that are not taken from shards, but must be those of shards."""

USUAL = options_of(EvaluateOptions)
OF_ROWS = {"y_true", "sample_weight", "scale", "edges"} | (
    {name for name, option in USUAL.items() if option.panel == ROLES} - {"by", "group", *SAME}
)
"""Options of an evaluation that are about how rows are read, and are not compared by themselves."""


@dataclass(slots=True)
class _Seen:
    """A file that somebody has read."""

    input: Input
    labels: Labels | None = None
    columns: tuple[Any, ...] = ()

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(slots=True)
class Gathered(Predictions):
    """The rows of several shards, as far as tables tell of them.

    Attributes:
        names: of the shards. settings: that their tables were made with.
        total: intake of all. summary: of all.
        units_read: units that were to be read. promised: rows; None where nobody knew.
    """

    names: tuple[str, ...] = ()
    settings: Settings | None = None
    total: Intake = field(default_factory=Intake)
    summary: Summary | None = None
    units_read: int = 0
    promised: int | None = None

    @property
    def rows(self) -> int | None:
        """Rows that the inputs promised, where they did."""
        return self.promised

    @property
    def parts(self) -> int:
        """How many units were to be read."""
        return self.units_read

    def units(self) -> Sequence[Unit]:
        """Refuse to give rows.

        Raises:
            InputError: always.
        """
        self.refuse_rows("single rows")

    def refuse_rows(self, wanted: str) -> NoReturn:
        """Refuse what tables do not tell.

        Raises:
            InputError: always.
        """
        more = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        files = ", ".join(each.path for each in self.inputs[:3])
        raise InputError(
            f"{self.names[0]}{more}: holds tables and no rows, and this needs {wanted}. Give it "
            f"the files that were summarized ({files}{', …' * (len(self.inputs) > 3)})."
        )

    def learned(self, make_builder: Any) -> tuple[Any, Intake]:
        """Return what a builder would have learnt of the rows, and the intake."""
        assert self.summary is not None
        builder = make_builder()
        if type(builder) is SummaryBuilder:
            found: Any = builder.summary().merge(self.summary)
        elif hasattr(builder, "take") and builder.take(self.summary):
            found = builder.summary()
        else:
            self.refuse_rows("single rows, or more of them than tables tell")
        self.finish(self.total)
        return found, self.total

    def settled(self, settings: Settings) -> Settings:
        """Return the settings of an evaluation with those of the tables."""
        assert self.settings is not None
        names = ("bins", "equal_mass", "bins_given", "worst", "on_invalid")
        return replace(settings, **{name: getattr(self.settings, name) for name in names})


def gathered(
    shards: Sequence[Named], options: Mapping[str, Any], *, by: Any, group: Any
) -> Gathered:
    """Return shards as opened predictions.

    Args:
        shards: of one data set, in any order.
        options: of the command.
        by: slice columns that are asked for.
        group: column whose rows belong together, where one is asked for.

    Raises:
        InputError: they do not go together, or one is missing.
        SettingsError: an option says how rows are read, which was settled when they were.
    """
    shards = sorted(shards, key=_place)
    check_agree(shards)
    alike = next((each for each in shards if each.shard.intake.rows_read), shards[0]).shard
    _check_options(alike, shards[0].name, options, by=by, group=group)
    _check_places(shards)
    parts = [each.shard for each in shards]
    shared = alike.share is not None
    inputs = list(parts[0].inputs) if shared else [i for part in parts for i in part.inputs]
    at, summaries, total, findings = 0, list[Summary](), Intake(), Findings()
    for part in parts:
        summaries.append(_moved_summary(part.summary, at))
        total = total.merge(_moved(part.intake, at))
        findings.merge(part.findings)
        at += 0 if shared else len(part.inputs)
    promised = [part.rows for part in parts]
    dtype = max((part.layout.dtype for part in parts), key=WIDTHS.index)
    notes = _notes([alike, *parts])
    sources: Any = [_Seen(each, alike.labels) for each in inputs]
    layout, roles = replace(alike.layout, dtype=dtype), alike.roles
    if "bins" not in options:  # tables of slices are those of evaluations
        layout, roles = replace(layout, by=()), tuple(r for r in roles if r.role != "by")
    expected = None if alike.share is None else alike.share[1]
    kind = "unknown" if expected is None else "all"
    notes.append(finding("from-shards", kind=kind, shards=len(parts), expected=expected))
    return Gathered(
        Resolution(layout, roles, notes), sources, [], alike.on_invalid, roles, [*notes],
        findings=findings,
        declared=alike.declared | {
            "data": [each.name for each in shards],
            "shards": {"seen": len(parts), "expected": expected},
        },
        allow_unmatched=alike.allow_unmatched,
        group=alike.group,
        names=tuple(each.name for each in shards),
        settings=alike.settings,
        total=total,
        summary=reduce(Summary.merge, summaries),
        units_read=sum(part.units[0] for part in parts),
        promised=None if None in promised else sum(n for n in promised if n is not None),
    )  # fmt: skip


def _notes(parts: Sequence[Shard]) -> list[Finding]:
    """Return the notes of the first part, and of others those of a kind that is not there yet."""
    found: list[Finding] = []
    for part in parts:
        there = {note.code for note in found}
        found += [note for note in part.notes if note.code not in there]
    return found


def _place(named: Named) -> tuple[Any, ...]:
    """Return what shards stand in order by, in whichever they were named."""
    shard = named.shard
    paths = [each.path for each in shard.inputs]
    return shard.share or (0, 0), paths, shard.prints or shard.digest


def _moved(intake: Intake, by: int) -> Intake:
    """Return an intake whose files stand behind ``by`` others."""
    refused = {
        reason: replace(
            each, examples=tuple(replace(e, source=e.source + by) for e in each.examples)
        )
        for reason, each in intake.refused.items()
    }
    return replace(intake, refused=refused)


def _moved_summary(summary: Summary, by: int) -> Summary:
    worst = summary.worst
    rows = tuple(replace(row, source=row.source + by) for row in worst.rows)
    return replace(summary, worst=WorstRows(worst.most, rows))


def _check_options(
    shard: Shard, name: str, options: Mapping[str, Any], *, by: Any, group: Any
) -> None:
    """Refuse options that would be passed over, or that the tables do not fit."""
    if options.get("calibrator") is not None:
        raise SettingsError(
            f"{name} holds tables of the scores as they were: a calibrator needs the rows. Give "
            "--calibrator with the files that were summarized"
        )
    if "bins" not in options and by:
        raise SettingsError(
            f"{name} holds no rows, which --by and --split need here: give them with the files "
            "that were summarized"
        )
    has = shard.settings.values() | {"by": shard.layout.by, "group": shard.group}
    asked = {name: options.get(name) or None for name in ("bins", "worst")}
    asked |= {"by": tuple([by] if isinstance(by, str) else by) or None, "group": group}
    asked |= {name: options[name] for name in SAME if name in options}
    if "holdout" in options:  # an audit lists worst rows by default
        asked.pop("worst")
    for option, value in asked.items():
        if value is not None and value != has[option] and str(value) != str(has[option]):
            flag = f"--{option.replace('_', '-')}"
            one, other = (", ".join(x) if option == "by" else x for x in (has[option], value))
            how = (
                f"with {flag} {one}: say so here as well"
                if one
                else f"without {flag}: leave it out"
            )
            raise SettingsError(
                f"{name} was summarized {how}, or summarize again with {flag} {other}"
            )
    for option, value in options.items():
        if option == "edges" and value == shard.layout.edges:
            continue  # those of a baseline
        if option in OF_ROWS and value != USUAL[option].default:
            raise SettingsError(
                f"--{option.replace('_', '-')} says how rows are read, and {name} holds none: "
                "give it to calaudit summarize"
            )


def _check_places(shards: Sequence[Named]) -> None:
    """Refuse rows that belong together by their place, where several files share their names."""
    parts = [each.shard for each in shards]
    if len(parts) == 1 or not parts[0].by_place or parts[0].share is not None:
        return
    paths = [each.path for part in parts for each in part.inputs]
    if parts[0].labels is not None or len(set(paths)) < len(paths):
        raise InputError(
            f"{shards[1].name} and {shards[0].name}: their rows belong together by their place in "
            "a file, which shards of separate files do not tell apart. Summarize all files with "
            f"--part 1/{len(parts)}, 2/{len(parts)}, …"
        )

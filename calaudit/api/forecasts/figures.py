"""The figures of forecasts: one pass over the rows, and what follows from its sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.forecasts.parts import Parts, outside
from calaudit.api.forecasts.sums import RowSums
from calaudit.api.forecasts.view import Rows, View, view_of
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.clustered import spread
from calaudit.metrics.conformal import guaranteed
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.probability_integral import Shape, kuiper_test, shape_of
from calaudit.metrics.stated_coverage import coverage, jointly, widening
from calaudit.predictions.forecasts.rows import ForecastBlock, Forecasts
from calaudit.predictions.forecasts.sets import PredictionSets
from calaudit.predictions.group_codes import codes_of
from calaudit.predictions.names import natural_key
from calaudit.report.evaluation_report import Groups
from calaudit.report.forecast_report import IntervalResult, LevelResult, PartResult, PitBin
from calaudit.tables.groups import MOST_GROUPS, SHARD_BITS

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

BINS = 20
"""Bars of the histogram of the PIT."""


@dataclass(slots=True)
class Figures:
    """What a report is made of.

    Attributes:
        view: how forecasts were looked at. rows: used.
        p: p-value of the test that decides; None for intervals, where each says if it is off.
        shape: of the PIT; None for intervals.
        classes: that sets can hold; 0 for other forecasts.
    """

    view: View
    rows: int
    metrics: dict[str, Estimate] = field(default_factory=dict)
    intervals: list[IntervalResult] = field(default_factory=list)
    levels: list[LevelResult] = field(default_factory=list)
    by_width: list[PartResult] = field(default_factory=list)
    slices: list[PartResult] = field(default_factory=list)
    pit: list[PitBin] = field(default_factory=list)
    groups: Groups | None = None
    notes: list[Finding] = field(default_factory=list)
    p: float | None = None
    shape: Shape | None = None
    by_class: list[PartResult] = field(default_factory=list)
    classes: int = 0

    @property
    def main(self) -> int:
        """Which interval leads."""
        return self.view.main


def figures_of(
    forecasts: Forecasts, *, by: Sequence[str], group: str | None, options: Any,
    also: Sequence[Callable[[ForecastBlock], None]] = (),
) -> Figures:  # fmt: skip
    """Read all rows and return their figures; ``also`` are called with each block.

    Raises:
        InputError, NotEnoughData: rows are invalid, or there are none.
    """
    level, truth = options["level"], forecasts.layout.truth
    sums, view, whole, codes = _read(forecasts, (*by, *([group] if group else [])), group,
                                    options["seed"], also)  # fmt: skip
    at = None
    if group is not None:
        at = np.unique(codes[group], return_inverse=True)[1].astype(np.intp)
    found = Figures(view, sums.rows)
    _intervals(found, sums, level, options["seed"])
    if isinstance(forecasts, PredictionSets):
        found.classes = len(forecasts.known)
    stated = found.intervals[found.main].stated
    parts = Parts(whole, at, stated, found.classes, level, options["seed"])
    if isinstance(forecasts, PredictionSets):
        _set_metrics(found, sums, whole, level)
        each = parts.of(truth, list(forecasts.kinds[truth]), codes[truth])
        found.by_class = sorted(each, key=lambda part: natural_key(part.value))
        if forecasts.repeats:
            found.notes.append(finding("classes-repeat", rows=forecasts.repeats))
    else:
        _metrics(found, sums, whole, at, level)
    if view.levels:
        _quantiles(found, sums, whole, at, level, options["seed"])
    if (rows := options["calibration_rows"]) is not None:
        may = Estimate(value=None, reason="no guarantee for rows that belong together")
        may = guaranteed(stated, rows, sums.rows, level) if at is None else may
        found.metrics["guaranteed"] = may
    found.by_width = parts.by_width()
    for column in by:
        found.slices += parts.of(column, list(forecasts.kinds[column]), codes[column])
    if group is not None:
        found.groups = _groups(group, sums, found, len(forecasts.kinds[group]))
    crossed = round(sums.mean("crossed") * sums.rows) if view.levels else 0
    wrong = {"quantiles-cross": crossed, "intervals-reversed": int((whole.width < 0).sum())}
    found.notes += [finding(code, rows=n, of=sums.rows) for code, n in wrong.items() if n]
    return found


def _read(
    forecasts: Forecasts, named: Sequence[str], group: str | None, seed: int,
    also: Sequence[Callable[[ForecastBlock], None]],
) -> tuple[RowSums, View, Rows, dict[str, NDArray[np.int32]]]:  # fmt: skip
    """Return sums of the rows, how they were looked at, what is kept, and (n,) codes by column."""
    truth = forecasts.layout.truth
    named = (*named, *([truth] if isinstance(forecasts, PredictionSets) else []))
    codes: dict[str, list[NDArray[np.int32]]] = {name: [] for name in named}
    sums, view, kept = None, None, []
    rng = np.random.default_rng([seed, 81])
    for block in forecasts.blocks():
        if view is None or sums is None:  # the long form knows its levels once it is read
            view = view_of(forecasts.layout)
            sums = RowSums(view.figures, grouped=group is not None)
        figures, rows = view.look(block, rng)
        for keep in also:
            keep(block)
        own = {name: block.codes[name].astype(np.int32) for name in codes}
        if group is not None and group != truth:
            own[group] = _shards(forecasts, group)[own[group]]
        sums.add(figures, own[group].astype(np.intp) if group else None)
        kept.append(rows)
        for name, values in own.items():
            codes[name].append(values)
    assert view is not None
    assert sums is not None
    whole = Rows(*(np.concatenate([getattr(rows, n) for rows in kept]) for n in Rows.__slots__))
    return sums, view, whole, {name: np.concatenate(held) for name, held in codes.items()}


def _shards(forecasts: Forecasts, group: str) -> NDArray[np.int32]:
    """Return what number each value of the group has: that of a hash where there are many."""
    kinds = forecasts.kinds[group]
    if len(kinds) <= MOST_GROUPS:
        return np.arange(len(kinds), dtype=np.int32)
    hashed = codes_of(list(kinds)) >> np.uint64(64 - SHARD_BITS)
    return hashed.astype(np.int32)


def _intervals(found: Figures, sums: RowSums, level: float, seed: int) -> None:
    """Add the intervals, and which of them surely hold another share."""
    view = found.view
    stated = np.array([pair[2] for pair in view.pairs])
    shares = np.array([sums.mean(f"hit{k}") for k in range(len(stated))])
    off = _off(sums, [f"hit{k}" for k in range(len(stated))], stated)
    rng = np.random.default_rng([seed, 82])
    rows = np.full(len(stated), float(sums.rows))
    tests = 1.0 - (1.0 - level) / (1 + bool(view.levels))  # another one may find something, too
    joint = jointly(shares, stated, rows, rng, level=tests, nested=True, off=off)
    for k, (i, j, state) in enumerate(view.pairs):
        wide = sums.share(f"hit{k}", joint.level)
        ends = view.kind != "sets"
        score = sums.estimate(f"score{k}", level) if view.central else None
        width = sums.mean(f"width{k}")
        found.intervals.append(
            IntervalResult(
                stated=state, lower=view.names[i], upper=view.names[j],
                coverage=replace(sums.share(f"hit{k}", level), p_value=float(joint.p[k])),
                below=_share(sums, f"below{k}") if ends else None,
                above=_share(sums, f"above{k}") if ends else None,
                width=width if np.isfinite(width) else None,
                score=score or Estimate(value=None, reason="not central" if ends else "of sets"),
                off=outside(wide, state),
            )
        )  # fmt: skip


def _share(sums: RowSums, name: str) -> float:
    return min(max(round(sums.mean(name) * sums.rows) / sums.rows, 0.0), 1.0)


def _off(sums: RowSums, names: Sequence[str], stated: Floats) -> Floats | None:
    """Return (G, k) by how much more each group holds than was stated; None without groups."""
    if sums.group_sums(names[0]) is None:
        return None
    each = [sums.group_sums(name) or (np.zeros(0), np.zeros(0)) for name in names]
    return np.column_stack([hits - n * s for (hits, n), s in zip(each, stated, strict=True)])


def _metrics(found: Figures, sums: RowSums, rows: Rows, at: Codes | None, level: float) -> None:
    view, metrics = found.view, found.metrics
    lead = found.intervals[found.main]
    metrics["coverage"] = lead.coverage
    metrics["widening"] = widening(rows.ratio.astype(np.float64), lead.stated, level, at)
    metrics["interval_score"] = lead.score
    if not view.levels:
        return
    pin = sums.estimate("mean_pinball", level)
    if view.kind == "quantiles":
        metrics["mean_pinball"] = pin
    if view.symmetric and pin.value is not None:
        ends = {e: 2 * v for e in ("low", "high") if (v := getattr(pin, e)) is not None}
        metrics["wis"] = replace(pin, value=2 * pin.value, **ends)
    metrics["crps"] = sums.estimate("crps", level, at_least=-np.inf)
    if view.kind == "quantiles":
        metrics["crossed"] = sums.share("crossed", level)


def _set_metrics(found: Figures, sums: RowSums, rows: Rows, level: float) -> None:
    """Add what sets of the main level are like."""
    lead, metrics, main = found.intervals[found.main], found.metrics, found.main
    metrics["coverage"] = lead.coverage
    metrics["set_size"] = sums.estimate(f"width{main}", level)
    metrics["empty_sets"] = sums.share("empty", level)
    metrics["singletons"] = sums.share("singletons", level)
    single, groups = round(sums.mean("singletons") * sums.rows), None
    if (right := sums.group_sums("right")) is not None:
        groups = right[0], (sums.group_sums("singletons") or right)[0]
    metrics["singleton_accuracy"] = Estimate(value=None, reason="there are none")
    if single:
        hits = round(sums.mean("right") * sums.rows)
        metrics["singleton_accuracy"] = coverage(hits, single, level, groups)
    full = int(np.count_nonzero(rows.width >= found.classes))
    metrics["full_sets"] = Estimate(value=full / sums.rows)


def _quantiles(
    found: Figures, sums: RowSums, rows: Rows, at: Codes | None, level: float, seed: int
) -> None:
    """Add the levels, the PIT, and the test that decides."""
    view, n = found.view, sums.rows
    stated = np.array(view.levels)
    names = [f"level{k}" for k in range(len(stated))]
    shares = np.array([sums.mean(name) for name in names])
    rng = np.random.default_rng([seed, 83])
    joint = jointly(
        shares, stated, np.full(len(stated), float(n)), rng, level=level, nested=True,
        off=_off(sums, names, stated),
    )  # fmt: skip
    for k, name in enumerate(names):
        below = replace(sums.share(name, joint.level), p_value=float(joint.p[k]))
        ties = round(sums.mean(f"tie{k}") * n)
        found.levels.append(
            LevelResult(level=float(stated[k]), column=view.names[k], below=below, ties=ties)
        )
    pit = np.clip(rows.pit.astype(np.float64), 0.0, 1.0)
    found.shape = shape_of(pit, at)
    found.p = float(joint.p.min())
    edges = np.linspace(0.0, 1.0, BINS + 1)
    if view.kind == "quantiles":
        edges = np.array([0.0, *stated, 1.0])
    else:
        test = kuiper_test(pit, np.random.default_rng([seed, 84]), at)
        found.metrics["kuiper"], found.p = test, test.p_value
    held = np.histogram(pit, edges)[0] / n
    ends = edges.tolist()
    found.pit = [
        PitBin(lower=a, upper=b, share=share)
        for a, b, share in zip(ends, ends[1:], held.tolist(), strict=False)
    ]


def _groups(column: str, sums: RowSums, found: Figures, kinds: int) -> Groups:
    hits, rows = sums.group_sums(f"hit{found.main}") or (np.zeros(1), np.ones(1))
    share = float(hits.sum() / rows.sum())
    alone = share * (1.0 - share) * float(rows.sum())
    return Groups(
        column=column,
        groups=kinds if kinds <= MOST_GROUPS else None,
        largest=float(rows.max() / rows.sum()),
        design_effect=spread(hits - share * rows) / alone if alone > 0 else 1.0,
    )

"""Limits on the error rates of a policy, and the rungs that keep them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import NotEnoughData, SettingsError
from calaudit.metrics.clustered import FEW_GROUPS
from calaudit.thresholds.binomial import binomial_cdf, least_trials
from calaudit.thresholds.guarantee import Sets, Shown, shown_rungs
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.search import TOLERANCE

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Limits; None where there is none.

    Attributes:
        min_precision: of cases acted on without a review, the part that is positive.
        min_recall: of positives, the part that is acted on or reviewed.
        max_fpr: of negatives, the part that is acted on without a review.
        max_error: of cases decided without a review, the part decided wrongly.
        confidence: with which the limits hold for cases to come, all of them together; None for
            limits that only the rows of the file keep.
    """

    min_precision: float | None = None
    min_recall: float | None = None
    max_fpr: float | None = None
    max_error: float | None = None
    confidence: float | None = None

    @property
    def given(self) -> dict[str, float]:
        """The limits that there are, by name."""
        names = [field.name for field in fields(self) if field.name != "confidence"]
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def check(self) -> Constraints:
        """Return the limits, which some policy could keep.

        Raises:
            SettingsError: a limit is not a rate.
        """
        for name, limit in self.given.items():
            if not 0.0 < limit < 1.0:
                option = "--" + name.replace("_", "-")
                raise SettingsError(f"{option} is a rate above 0 and below 1, not {limit:g}")
        if self.confidence is not None and not 0.5 <= self.confidence <= 0.9999:
            raise SettingsError(f"--guarantee is 0.5 to 0.9999, or none, not {self.confidence:g}")
        return self


@dataclass(frozen=True, slots=True)
class Unkept:
    """A limit that no rung keeps.

    Attributes:
        option: which sets it. why: what the rows allow at best. more: said after that.
        stated: whether ``why`` says that there is no cutoff.
    """

    option: str
    why: str
    more: str = ""
    stated: bool = False

    def __str__(self) -> str:
        """Return all of it, as an error says it."""
        return f"{self.option}: {self.why}{self.more}"


@dataclass(frozen=True, slots=True, eq=False)
class Permitted:
    """Rungs that keep the limits.

    Attributes:
        low, high: (m + 1,) whether each rung may be the lower, the upper end of the band.
        slack_low, slack_high: (m + 1,) parts of a sum that may not exceed 0: the error rate of
            both ends together.
        shown: the tests behind each limit, by name; empty without a confidence.
        possible: what the rows allow at best for each limit that no rung keeps.
    """

    low: Mask
    high: Mask
    slack_low: Floats
    slack_high: Floats
    shown: dict[str, Shown]
    possible: tuple[Unkept, ...] = ()


def permitted(ladder: Ladder, limits: Constraints, *, two_sided: bool = True) -> Permitted:
    """Return which rungs keep the limits: on the rows, or with confidence for all cases.

    Args:
        ladder: the rows.
        limits: what must be kept.
        two_sided: whether cases are also let pass without a review.

    Raises:
        NotEnoughData: a guarantee is asked of weighted rows.
    """
    rungs = len(ladder) + 1
    low, high = np.ones(rungs, np.bool_), np.ones(rungs, np.bool_)
    slack_low, slack_high = np.zeros(rungs), np.zeros(rungs)
    shown: dict[str, Shown] = {}
    possible: list[Unkept] = []
    if limits.confidence is not None and limits.given:
        _check_counts(ladder)
        shown = _guaranteed(ladder, limits, low, high, possible, two_sided)
        return Permitted(low, high, slack_low, slack_high, shown, tuple(possible))
    give = TOLERANCE * ladder.total
    below, above = ladder.below, ladder.above
    if limits.min_precision is not None:
        acted = above[0] + above[1]
        kept = above[0] <= (1.0 - limits.min_precision) * acted + give
        kept &= acted > 0  # the precision of nothing is no precision
        _narrow(high, kept)
        if not kept.any():
            best = _largest(above[1], acted)
            why = f"the best precision that any cutoff reaches is {best:.4g}"
            possible.append(Unkept(f"--min-precision {limits.min_precision:g} cannot be kept", why))
    if limits.min_recall is not None:
        _narrow(low, below[1] <= (1.0 - limits.min_recall) * below[1, -1] + give)
    if limits.max_fpr is not None:
        _narrow(high, above[0] <= limits.max_fpr * below[0, -1] + give)
    if limits.max_error is not None:
        r = limits.max_error
        slack_low = below[1] - r * (below[0] + below[1])
        slack_high = above[0] - r * (above[0] + above[1])
    return Permitted(low, high, slack_low, slack_high, shown, tuple(possible))


def _narrow(mask: Mask, kept: Mask) -> None:
    mask &= kept


def _largest(part: Floats, whole: Floats) -> float:
    held = whole > 0
    return float((part[held] / whole[held]).max()) if held.any() else 0.0


def _check_counts(ladder: Ladder) -> None:
    sample = ladder.sample
    if not np.array_equal(sample.w, sample.counts):
        raise NotEnoughData(
            "a guarantee rests on counts of rows, and these rows have weights, or a prevalence "
            "that is not theirs: give --guarantee none for limits on the weighted rows"
        )


def _guaranteed(
    ladder: Ladder,
    limits: Constraints,
    low: Mask,
    high: Mask,
    possible: list[Unkept],
    two_sided: bool,
) -> dict[str, Shown]:
    """Narrow the rungs to those that passed; the confidence is divided among the limits."""
    below = np.rint(ladder.below).astype(np.int64)
    above = below[:, -1:] - below
    down = slice(None, None, -1)  # from the strictest cutoff on
    acted = (above[0] + above[1])[down]
    of = "cases that it acts on" if two_sided else "predictions that it accepts"
    under, over = (None, None) if ladder.sample.groups is None else ladder.by_group()
    strict = None if over is None else (over.sum(axis=1)[:, down], over[:, 0, down])
    mild = None if under is None else (under.sum(axis=1), under[:, 1])
    act = _Test(high, down, Sets.of(acted, above[0][down], strict), of)
    passing = Sets.of(below[0] + below[1], below[1], mild)
    let = _Test(low, slice(None), passing, "cases that it lets pass")
    sides: list[_Test | None] = [act, let] if two_sided else [act]
    tests: dict[str, list[_Test | None]] = {
        "min_precision": [act], "min_recall": [None], "max_fpr": [None], "max_error": sides,
    }  # fmt: skip
    assert limits.confidence is not None
    count = sum(len(tests[name]) for name in limits.given)
    confidence = 1.0 - (1.0 - limits.confidence) / count
    shown: dict[str, Shown] = {}
    for name, value in limits.given.items():
        limit = value if name.startswith("max") else 1.0 - value
        failures = []
        for test in tests[name]:
            if test is None:
                kept, result = _share_of_label(ladder, name, limit, confidence)
                mask, of = (low, "positives") if name == "min_recall" else (high, "negatives")
            else:
                kept, result = test.kept(limit, confidence)
                mask, of = test.mask, test.of
            shown[f"{name}_passing" if test is let else name] = result
            if not kept.any():
                failures.append(_impossible(name, limit, confidence, result, of))
            if name == "max_error":  # an end where nothing is decided has no errors
                kept[0 if test is let else -1] = True
            _narrow(mask, kept)
        if len(failures) == len(tests[name]):
            if len(failures) > 1:
                more = (
                    f". (Each side is tested at {confidence:.4g}, so that both hold together with "
                    f"{limits.confidence:g})"
                )
                failures[0] = replace(failures[0], more=failures[0].more + more)
            possible.extend(failures)
    return shown


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """A sequence of nested sets of cases: those beyond each rung, on one side.

    Attributes:
        mask: the rungs that it narrows. order: from the strictest rung on.
        sets: in that order. of: what the cases are, in words.
    """

    mask: Mask
    order: slice
    sets: Sets
    of: str

    def kept(self, limit: float, confidence: float) -> tuple[Mask, Shown]:
        result = shown_rungs(self.sets, limit=limit, confidence=confidence)
        kept = np.zeros(len(self.mask), np.bool_)
        kept[np.arange(len(kept))[self.order][result.passed]] = True
        return kept, result


def _share_of_label(
    ladder: Ladder, name: str, limit: float, confidence: float
) -> tuple[Mask, Shown]:
    """Return the rungs whose share of wrong decisions among the rows of one label is limited.

    The sets are nested the other way: the rows of the label stay, and those decided wrongly
    become more from rung to rung. The order, from the safest rung on, is fixed by the scores.
    """
    label = 1 if name == "min_recall" else 0
    below, above = np.rint(ladder.below).astype(np.int64), np.rint(ladder.above).astype(np.int64)
    wrong = below[1] if label == 1 else above[0][::-1]
    n = int(below[label, -1])
    delta = 1.0 - confidence
    if ladder.sample.groups is not None:
        under, over = ladder.by_group()
        each = under[:, 1] if label == 1 else over[:, 0, ::-1]
        rows = np.broadcast_to(under[:, label, -1:], each.shape)
        sets = Sets.of(np.full(len(wrong), n), wrong, (rows, each))
        return _in_turn(sets, limit, delta, turned=label == 0)
    # The test passes up to some number of wrong ones, the same at every rung: the last rung
    # with no more passes, and with it all before.
    most = -1
    step = 1 << max(n.bit_length() - 1, 0)
    while step:
        if most + step <= n and n and binomial_cdf(most + step, n, limit) <= delta:
            most += step
        step >>= 1
    kept = wrong <= most
    if label == 0:
        kept = kept[::-1]
    passed = np.flatnonzero(kept)
    return kept, Shown(passed, len(passed) + 1, least_trials(limit, confidence), n)


def _in_turn(sets: Sets, limit: float, delta: float, *, turned: bool) -> tuple[Mask, Shown]:
    """Return the rungs up to the first whose rate is not shown, and the test behind them.

    The rate rises from rung to rung, so that one without a wrong row need not pass by itself.
    """
    assert sets.held is not None
    last = tried = 0
    for at in range(len(sets.wrong)):
        tried += 1
        if sets.held[at] >= FEW_GROUPS and sets.chance(at, limit, delta) <= delta:
            last = at + 1
        elif sets.wrong[at] > 0:
            break
    kept = np.arange(len(sets.wrong)) < last
    shown = Shown(np.arange(last), tried, FEW_GROUPS, int(sets.held[0]), grouped=True)
    return kept[::-1] if turned else kept, shown


def _impossible(name: str, limit: float, confidence: float, shown: Shown, of: str) -> Unkept:
    option = "--" + name.replace("_", "-")
    if shown.available < shown.least:
        takes = f"{shown.least:,} {of}, none of them wrong"
        takes = f"{shown.least:,} groups of {of}" if shown.grouped else takes
        why = (
            f"to show a rate of wrong ones of at most {limit:.4g} with confidence "
            f"{confidence:.4g} takes at least {takes}; there "
            f"are {shown.available:,}"
        )
        return Unkept(option, why)
    text = (
        f"no cutoff is shown to keep wrong ones among the {of} to at most {limit:.4g} "
        f"with confidence {confidence:.4g}"
    )
    if shown.nearest is None or shown.bound is None:
        return Unkept(option, text, stated=True)
    cases, wrong = shown.nearest
    are = "none is" if not wrong else f"{wrong:,} {'is' if wrong == 1 else 'are'}"
    text += f": of the {cases:,} with the most certain scores {are} wrong, so that the rate "
    text += f"could be {shown.bound:.4g}"
    more = ". Ask for less, or for what these rows alone keep (--guarantee none)"
    return Unkept(option, text, more, stated=True)

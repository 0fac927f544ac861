"""The verdict in words: for those who know the statistics, and for those who do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calaudit.api.reports.verdicts import (
    could_hide,
    error_sizes,
    excludes,
    falls,
    joint_test,
    judgement_of,
    side_of_line,
)
from calaudit.findings.finding import Finding, said
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import Verdict
from calaudit.tables.cells import Cells


def verdict_of(
    task: str,
    metrics: dict[str, Estimate],
    gap: Estimate,
    *,
    level: float,
    mean_score: float,
    rate: float,
    groups: int | None = None,
    notes: Sequence[Finding] = (),
    more: Sequence[str] = (),
) -> Verdict:
    """Return the verdict on the figures of a whole data set.

    Args:
        task: kind of the rows.
        metrics: figures by name.
        gap: mean score minus mean label.
        level: confidence level; the joint test has size 1 − level.
        mean_score: mean score of the rows.
        rate: mean label of the rows.
        groups: that rows belong together in; None where they are independent.
        notes: findings that are said in it, or before it.
        more: sentences that follow those of the judgement.
    """
    p_value, _ = joint_test(metrics)
    found = judgement_of(task, metrics, gap, rate, level=level, p_value=p_value)
    verdict = Verdict(
        status=found.status,
        direction=found.direction,
        size=found.size,
        sentence="",
        p_value=p_value,
        gap=gap,
        could_hide=could_hide(metrics["smece"]),
    )
    judged = Judged(
        task=task, verdict=verdict, metrics=metrics, mean_score=mean_score, rate=rate, groups=groups
    )
    return replace(verdict, **said([*judged.sentences(), *more], notes))


def stated_sentences(cells: Cells, ranking: Estimate) -> list[str]:
    """Return how often the surest and the most frequent stated values are wrong, and the ranking.

    Args:
        cells: of a few values.
        ranking: their AUROC; that the surest are the most often wrong is said before all else.
    """
    rows = cells.counts.sum(axis=0)
    surest, usual = int(np.flatnonzero(rows)[-1]), int(rows.argmax())
    wrong = [f"wrong {cells.counts[0, k]:,} of {rows[k]:,}" for k in (surest, usual)]
    often = "" if usual == surest else f"; {cells.p[usual]:.4g}, most often: {wrong[1]}"
    found = [f"Stated {cells.p[surest]:.4g}: {wrong[0]}{often}."]
    if ranking.low is not None and ranking.high is not None and ranking.high >= 0.5:
        told = "It tells right from wrong"
        told = told if ranking.low > 0.5 else "Whether it tells right from wrong is open"
        ends = f"{ranking.low:.2f} to {ranking.high:.2f}"
        found.append(f"{told}: AUROC {ranking.value:.2f} ({ends}).")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with the figures behind it, to be put into words.

    Attributes:
        task, metrics, mean_score, rate: as in `verdict_of`.
        verdict: its status and figures; its own sentence is not looked at.
        plain: whether the names of statistics are left out.
        named: returns what the calibration error is called.
        groups: that rows belong together in; None where they are independent.
    """

    task: str
    verdict: Verdict
    metrics: dict[str, Estimate]
    mean_score: float
    rate: float
    plain: bool = False
    named: Callable[[], str] = lambda: "calibration error"
    groups: int | None = None

    def sentences(self) -> list[str]:
        """Return the verdict, a sentence each."""
        smece, status = self.metrics["smece"], self.verdict.status
        if self.verdict.direction is None:
            return [self._nothing_found()]
        if status == "negligible":
            figure = f"{_short(smece.unbiased or 0.0)} ({_interval(smece)})"
            return [f"Measurably but negligibly off: a {self._smooth}{self.named()} of {figure}."]
        if joint_test(self.metrics)[1] and (smece.low or 0.0) <= 0.0:
            return list(self._tails())
        head = self._off()
        if self.plain:
            return [f"{head}; the {self.named()} is {self._error}."]
        return [f"{head}.", f"Smooth {self.named()} {self._error}."]

    @property
    def _smooth(self) -> str:
        return "" if self.plain else "smooth "

    @property
    def _slope(self) -> str:
        """The slope of Cox's line in brackets."""
        slope = self.metrics["cox_slope"].value
        return "" if slope is None or self.plain else f" (Cox slope {slope:.2f})"

    @property
    def _error(self) -> str:
        smece, p_value = self.metrics["smece"], self.verdict.p_value
        sure = (smece.low or 0.0) > 0 or p_value is None or self.plain
        doubt = "" if sure else f"; p = {p_value:.2g}"
        return f"{_short(smece.unbiased or 0.0)} ({_interval(smece)}{doubt})"

    def _nothing_found(self) -> str:
        high, what = self.verdict.could_hide, "row" if self.groups is None else "group"
        n = int(self.metrics["n"].value or 0) if self.groups is None else self.groups
        rows = f"{n:,} {what}{'s' if n != 1 else ''}"
        if high is None:
            return f"Cannot tell: {rows} cannot show whether the scores are calibrated."
        if self.verdict.status == "unknown":
            return (
                f"Cannot tell: {rows} show{'s' if n == 1 else ''} nothing wrong, "
                f"but could hide a {self.named()} of up to {_short(high)}."
            )
        if high < error_sizes(self.rate)[0]:
            name = f"{self._smooth}{self.named()}"
            return f"Calibrated: with {rows}, any {name} is below {_short(high)}."
        return (
            f"Calibrated as far as {rows} can show: "
            f"they could hide a {self.named()} of up to {_short(high)}."
        )

    def _tails(self) -> Iterator[str]:
        status, high = self.verdict.status, self.metrics["smece"].high
        if status == "miscalibrated":
            yield f"Miscalibrated near 0 and 1, where small differences count{self._slope}."
        else:
            how = "extreme" if status == "overconfident" else "timid"
            where = f"scores near 0 and 1 are too {how}{self._slope}"
            yield f"{status.capitalize()} where it is surest: {where}."
        if high is not None:
            yield f"In absolute terms the error is at most {_short(high)}."

    def _off(self) -> str:
        """Return which way the scores are off, without the full stop."""
        status, gap = self.verdict.status, self.verdict.gap
        head = status.capitalize()
        told, was = percent_pair(self.mean_score, self.rate)
        if self.task != "binary":
            if status == "miscalibrated":
                return f"{head}: right on average ({was}), but not at every confidence"
            says = f"says {told}, is right {was} of the time"
            if excludes(gap, 0.0) and ((gap.value or 0.0) > 0) == (status == "overconfident"):
                return f"{head}: {says}"
            word = "extreme" if status == "overconfident" else "timid"
            mean = "though right on average"
            if excludes(gap, 0.0):
                mean = f"though too {'high' if (gap.value or 0.0) > 0 else 'low'} on average"
            return f"{head}: confidences are too {word}{self._slope}, {mean}: {says}"
        extreme = self._extreme()
        if excludes(gap, 0.0):
            side = "high" if (gap.value or 0.0) > 0 else "low"
            average = f"predicts {told} on average, and {was} happen"
            if status == "miscalibrated":
                also = f", and {extreme}" if extreme else ""
                return f"Miscalibrated: scores are too {side}{also}: {average}"
            return f"{head}: scores are {extreme}, and too {side}: {average}"
        if status == "miscalibrated":
            return "Miscalibrated: right on average, but not at every score"
        return f"{head}: scores are {extreme}"

    def _extreme(self) -> str:
        """Return that binary scores are too extreme or too timid; "" where neither is told."""
        slope, way = self.metrics["cox_slope"], side_of_line(self.metrics)
        if not way:
            return ""
        word = "too extreme" if way < 0 else "too timid"
        word = "the wrong way round" if falls(slope) else word
        return word if slope.low is None else f"{word}{self._slope}"


def percent_pair(a: float, b: float) -> tuple[str, str]:
    """Return two shares as percentages with as many decimals as it takes to tell them apart.

    >>> percent_pair(0.9651, 0.911), percent_pair(0.99962, 0.99931), percent_pair(0.003, 0.0021)
    (('96.5 %', '91.1 %'), ('99.962 %', '99.931 %'), ('0.300 %', '0.210 %'))
    """
    decimals = pair_decimals(a, b)
    return f"{a * 100:.{decimals}f} %", f"{b * 100:.{decimals}f} %"


def pair_decimals(a: float, b: float) -> int:
    """Return the decimals that it takes to tell two shares apart as percentages."""
    gap = abs(a - b) * 100.0
    small = min(a, b, 1.0 - a, 1.0 - b) * 100.0
    sizes = (size for size in (gap, small) if 0 < size < 1)
    return max([1, *(min(6, 1 - math.floor(math.log10(size))) for size in sizes)])


def _short(value: float) -> str:
    """Return a figure with two significant digits, in plain notation."""
    if value <= 0:
        return "0"
    decimals = max(2, 1 - math.floor(math.log10(value)))
    return f"{value:.{min(decimals, 8)}f}"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None or estimate.level is None:
        return "no interval"
    percent = f"{estimate.level * 100:g} %"
    return f"{percent} interval {_short(estimate.low)} to {_short(estimate.high)}"

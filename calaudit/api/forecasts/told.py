"""What a report on forecasts says first."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.api.forecasts.figures import Figures
from calaudit.api.forecasts.view import MAIN
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator
from calaudit.metrics.estimate import Estimate
from calaudit.report.forecast_report import ForecastDifference
from calaudit.report.metric_names import metric_title
from calaudit.report.numbers import integral_percent, p_value, places, shown

SURE = 3.0
"""Standard errors from which a bias, or a spread, is told of where a test has found something."""

MATTERS = 0.05
"""How far from what is stated the coverage may lie by its interval where nothing was found."""


def told(figures: Figures, level: float) -> tuple[str, str, str]:
    """Return the status, the first sentence, and the rest."""
    every = [figures.intervals[figures.main], *figures.intervals]
    lead = next((each for each in every if each.off), every[0]) if figures.p is None else every[0]
    says, holds = integral_percent(lead.stated), _with_ends(lead.coverage)
    sets = figures.classes > 0
    held = f"{'sets' if sets else 'intervals'} that say {says} hold {holds} of the truths"
    found = any(each.off for each in figures.intervals)
    if figures.p is not None:  # of two tests each has half of the size
        found = found or figures.p < (1.0 - level) / 2
    if not found:
        ends = (lead.coverage.low, lead.coverage.high)
        far = max((abs(end - lead.stated) for end in ends if end is not None), default=1.0)
        if far > MATTERS:
            rest = ["So few independent rows could hide more.", *_of_sets(figures)]
            return "unknown", f"Cannot tell: nothing is found wrong, and {held}.", " ".join(rest)
        what = "Sets" if sets else "Forecasts"
        return "calibrated", f"{what} hold what they state: {held}.", " ".join(_of_sets(figures))
    status = _status(figures)
    words = {
        "too narrow": "Forecasts are too narrow", "too wide": "Forecasts are too wide",
        "biased": "Forecasts are biased", "off": "Forecasts do not hold what they state",
    }  # fmt: skip
    if sets:
        words = {"too narrow": "Sets hold too little", "too wide": "Sets hold too much"}
    rest = [*([] if sets else _rest(figures, status)), *_of_sets(figures)]
    return status, f"{words[status]}: {held}.", " ".join(rest)


def _of_sets(figures: Figures) -> list[str]:
    """Return how large sets are, where they hold another share, and what is guaranteed."""
    found, metrics = [], figures.metrics
    if figures.classes:
        one, none = (integral_percent(metrics[n].value or 0) for n in ("singletons", "empty_sets"))
        says = integral_percent(figures.intervals[figures.main].stated)
        says = "They" if len(figures.intervals) == 1 else f"Those that say {says}"
        size = f"{shown(metrics['set_size'].value, 2)} of {figures.classes} classes on average"
        found.append(f"{says} have {size}; {one} have one, {none} none.")
    for what, parts in (("classes", figures.by_class), ("sizes", figures.by_width)):
        off = sorted((p for p in parts if p.off), key=lambda p: p.coverage.value or 0.0)
        if figures.classes and off:
            worst = f"{off[0].value} with {integral_percent(off[0].coverage.value or 0.0)}"
            found.append(f"Of {len(parts)} {what} {len(off)} surely hold another share: {worst}.")
    if (may := metrics.get("guaranteed")) and may.low is not None and may.high is not None:
        inside = may.low <= (metrics["coverage"].value or 0.0) <= may.high
        found.append(
            f"Right ones from so many calibration rows hold {shown(may.low, 1, 'percent')} to "
            f"{shown(may.high, 1, 'percent')} % of such rows: these do{' not' * (not inside)}."
        )
    return found


def recalibrated(made: ForecastCalibrator) -> str:
    """Return what a calibrator is worth, in a sentence."""
    lead = min(made.guarantees, key=lambda each: abs(each.stated - MAIN))
    says, holds = integral_percent(lead.stated), shown(lead.coverage, 1, "percent")
    like = "if those are like these" if made.exchangeable else "which is not guaranteed here"
    return f"Recalibrated, those that say {says} hold {holds} % of new rows, {like}."


def compared(found: Sequence[ForecastDifference]) -> list[str]:
    """Return by which score forecasts are better than others, or worse: a sentence for each."""
    told = []
    for other in dict.fromkeys(each.other for each in found):
        mine = {each.metric: each for each in found if each.other == other}
        name = next((n for n in ("crps", "wis", "interval_score") if n in mine), next(iter(mine)))
        by, title = mine[name].difference, metric_title(name)
        title = title if title.isupper() else title.lower()
        if by.value is None or by.low is None or by.high is None or by.low <= 0 <= by.high:
            told.append(
                f"These rows cannot tell which {title} is better, theirs or that of {other}."
            )
            continue
        ends = [abs(x) for x in (by.value, *sorted((by.low, by.high), key=abs))]
        size, low, high = (shown(x, places(by.value, width=by.high - by.low)) for x in ends)
        word = "better" if by.value < 0 else "worse"
        told.append(f"By their {title} they are {word} than {other} by {size} ({low} to {high}).")
    return told


def _status(figures: Figures) -> str:
    shape, lead = figures.shape, figures.intervals[figures.main]
    if shape is not None:
        if abs(shape.bias) > max(abs(shape.spread), SURE):
            return "biased"
        if abs(shape.spread) > SURE:
            return "too narrow" if shape.spread > 0 else "too wide"
    off = next((each for each in (lead, *figures.intervals) if each.off), None)
    if off is None or off.coverage.value is None:
        return "off"
    return "too narrow" if off.coverage.value < off.stated else "too wide"


def _rest(figures: Figures, status: str) -> list[str]:
    lead, factor = figures.intervals[figures.main], figures.metrics["widening"]
    found = []
    if factor.value and status in ("too narrow", "too wide") and lead.off:
        times, ends = factor.value, [factor.low, factor.high]
        if times < 1:
            times, ends = 1 / times, [1 / end if end else None for end in reversed(ends)]
        between = " to ".join(shown(end, 2) for end in ends if end is not None)
        between = f" ({between})" if None not in ends else ""
        found.append(f"They are {status} by a factor of {shown(times, 2)}{between}.")
    shape = figures.shape
    up, down = lead.above or 0.0, lead.below or 0.0
    deff = 1.0 if figures.groups is None else max(figures.groups.design_effect, 1.0)
    apart = abs(up - down) / max((up + down) * deff / figures.rows, 1e-300) ** 0.5
    biased = (abs(shape.bias) if shape is not None else apart) > SURE
    if biased:
        higher = shape.bias > 0 if shape is not None else up > down
        where = "above" if higher else "below"
        sides = f": of all, {integral_percent(up)} above and {integral_percent(down)} below these "
        sides = f"{sides}intervals" if (up > down) == higher else ""
        found.append(f"Truths lie {where} what is forecast{sides}.")
    if figures.p is not None:
        test = "Kuiper's test of the PIT" if "kuiper" in figures.metrics else "All levels at once"
        found.append(f"{test}: {p_value(figures.p)}.")
    return found


def _with_ends(found: Estimate) -> str:
    value = f"{shown(found.value, 1, 'percent')} %"
    if found.low is None or found.high is None:
        return value
    return f"{value} ({shown(found.low, 1, 'percent')} to {shown(found.high, 1, 'percent')} %)"

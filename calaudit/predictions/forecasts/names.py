"""What the names of columns of forecasts say: quantiles, ends of intervals, members, spreads.

| kind     | names                                                                            |
|----------|----------------------------------------------------------------------------------|
| quantile | q05, q0.05, 0.05, p2_5, 5%, X5., quantile_0.05, y_q0.050, pred_0.1, 5th_percentile |
| interval | lower, upper; y_lo, y_hi; lower_90; Model-lo-90; Hi.95; yhat_lower; obs_ci_lower  |
| member   | member_3, ens_3, sample_3, draw_3                                                |
| normal   | mean, mu, y_pred, … beside std, sigma, sd, y_std; variance                        |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LOW, _HIGH = (
    "lower|low|lo|lwr|lcl|lb|lowerbound|lower_bound",
    "upper|high|hi|upr|ucl|ub|upperbound|upper_bound",
)
_NUMBER = r"\d*\.?\d+|\d+\.\d*|\d+_\d+"
_QUANTILES = (
    r"(?P<stem>.*?)(?:^|[-_. ])(?:quantile|quant|percentile|pctl?|q|p)[-_. ]?"
    rf"(?P<number>{_NUMBER})%?",
    rf"(?P<stem>)[xX]?(?P<number>{_NUMBER})"
    r"(?:%|\.|(?:st|nd|rd|th)[-_. ]?(?:percentile|quantile|pct))",
    r"(?P<stem>(?:.*[-_ ])?)(?P<number>0?\.\d+)",
)
_INTERVAL = (
    rf"(?P<stem>.*?)(?:^|[-_. ])(?P<side>{_LOW}|{_HIGH})"
    rf"(?:[-_. ]?(?:pi|ci|bound|interval))?(?:[-_. ]?(?P<number>{_NUMBER})%?)?"
)
_LEVEL_FIRST = rf"(?P<stem>.*?)(?:^|[-_. ])(?P<number>{_NUMBER})%?[-_. ](?P<side>{_LOW}|{_HIGH})"
_AXES = r"(?P<stem>.*)\[:, (?P<side>[01]), (?P<order>\d+)\]"
_MEMBER = (
    r"(?P<stem>.*?)(?:^|[-_. ])(?:members?|mem|ens|ensemble|samples?|draws?|realizations?|"
    r"traj|trajectory|passe?s?|trees?)[-_. ]?(?P<number>\d+)"
)
_PATTERNS = [
    (kind, re.compile(text, re.IGNORECASE))
    for kind, text in (
        ("interval", _AXES),
        ("member", _MEMBER),
        *(("interval", text) for text in (_LEVEL_FIRST, _INTERVAL)),
        *(("quantile", text) for text in _QUANTILES),
    )
]
_LOW_SIDE = re.compile(rf"{_LOW}|0", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLAIN = _words(
    "y yhat y_hat pred prediction predicted forecast obs obs_ci pi y_pred target value "
    "interval prediction_interval pred_interval conf confidence ci conf_int y_pis"
)
"""What intervals about the truth are of; also of nothing at all."""

ABOUT_OTHERS = _words(
    "trend mean_ci mean mu additive_terms multiplicative_terms weekly yearly daily monthly "
    "holidays seasonal seasonality extra_regressors_additive extra_regressors_multiplicative"
)
"""What intervals are of that do not speak of the truth."""

CENTRES = _words(
    "mean mu y_pred yhat y_hat pred prediction predicted forecast predictive_mean y_mean pred_mean "
    "predicted_mean mean_pred prediction_mean forecast_mean loc median"
)
SPREADS = _words(
    "std sd sigma stdev stddev std_dev y_std y_sd pred_std std_pred predicted_std prediction_std "
    "predictive_std y_pred_std yhat_std pred_sd forecast_std uncertainty "
    "var variance y_var pred_var predictive_variance y_variance pred_variance"
)
"""Spreads; those that are called a variance are the square of one."""

LEVELS = _words("quantile quantile_level level tau q probability_level quantile_id output_type_id")
VALUES = _words(
    "value predicted prediction forecast pred yhat y_pred quantile_value predicted_value"
)
"""Columns of the long form: the level of each row, and its quantile."""

SERIES = _words(
    "unique_id item_id series_id series ts_id store location station site sku product country "
    "region cutoff start_date reference_date forecast_date target_end_date origin window horizon"
)
"""Columns of which rows with one value depend on each other."""

DATES = _words(
    "ds date datetime time timestamp day week month target_end_date forecast_date valid_time"
)
"""Columns that say when a row was."""

EVENTS = _words(
    "event status censored cens event_observed event_indicator event_occurred delta is_censored "
    "observed_event event_type cause"
)
TIMES = re.compile(r"(?:.*_)?(?:time|duration|tte|survival|follow_?up|futime|tenure)(?:_.*)?")
CAUSES = re.compile(r"(?:cif|surv|survival|hazard)_.*")
"""Names of what is known of outcomes that are censored."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the name of a column says.

    Attributes:
        kind: "quantile", "interval" or "member".
        stem: of what: the name of a model or of a variable.
        low: whether it is the lower end of an interval.
        number: of its level, or of the member, as written; "" for none.
        order: where an interval without a level stands among others.
    """

    kind: str
    stem: str
    low: bool = False
    number: str = ""
    order: int = 0


def named(column: str) -> Named | None:
    """Return what the name of a column says; None where it is that of no forecast.

    >>> named("AutoETS-lo-90").stem, named("y_q0.050").number, named("0.1").kind, named("q1_a")
    ('AutoETS', '0.050', 'quantile', None)
    """
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(column.strip())
        if match is not None:
            found = match.groupdict()
            low = bool(_LOW_SIDE.fullmatch(found.get("side") or ""))
            stem = found["stem"].strip("-_. ")
            order = int(found.get("order") or 0)
            return Named(kind, stem, low, found.get("number") or "", order)
    return None


def levels_of(numbers: Sequence[str]) -> list[float] | None:
    """Return the levels that numbers in names of one kind stand for; None where that is unclear.

    Levels where all are below 1, otherwise percent; 025 and 975 are what follows "0.".

    >>> levels_of(["05", "50"]), levels_of(["0.1", "0.9"]), levels_of(["2_5", "97_5"])
    ([0.05, 0.5], [0.1, 0.9], [0.025, 0.975])
    >>> levels_of(["025", "975"]), levels_of(["1", "5", "9"])
    ([0.025, 0.975], None)
    """
    values = [float(number.replace("_", ".")) for number in numbers]
    if all(value < 1 for value in values):
        found = values
    elif all(len(number) == 1 for number in numbers):
        return None  # 9 is 0.9 or 0.09
    elif any(value >= 100 for value in values) and all(n.isdigit() for n in numbers):
        found = [float(f"0.{number}") for number in numbers]
    else:
        found = [round(value / 100, 12) for value in values]
    return found if all(0 < value < 1 for value in found) and len({*found}) == len(found) else None

"""Rules, and how people write them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from calaudit.errors import SettingsError
from calaudit.options.checking import Rules
from calaudit.options.declaration import options_of
from calaudit.report.check_report import BETTER_HIGH

OF_FORECASTS = ("coverage", "interval_score", "mean_pinball", "wis", "crps")
"""Figures of forecasts of a number; in their unit, but for the first."""

BETTER_LOW = (
    "ece", "ece_equal_mass", "mce", "rmsce", "debiased_ece", "smece", "ecce_r", "ecce_mad",
    "log_loss", "brier", "recoverable_log_loss", "classwise_ece", "ici",
    *OF_FORECASTS[1:],
)  # fmt: skip
"""Figures of which less is better."""

UNBOUNDED = ("log_loss", "recoverable_log_loss", "brier", *OF_FORECASTS[1:])
"""Figures that can be above 1 (the Brier score of several classes is up to 2)."""

KINDS = ("max", "min", "max_increase", "max_decrease")

DECLARED = options_of(Rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a figure must keep.

    Attributes:
        kind: "max" or "min" (of the figure itself), "max_increase" or "max_decrease" (of its
            change since the baseline).
        metric: name of the figure.
        limit: the bound; of a change, the margin, at least 0.
        confidence: with which a failure is called, 0.5 to 0.999.
        share: of the surest cases, among which the limit is of the errors; None for all others.
    """

    kind: str
    metric: str
    limit: float
    confidence: float = 0.95
    share: float | None = None

    @property
    def relative(self) -> bool:
        """Whether it needs a baseline."""
        return self.kind in ("max_increase", "max_decrease")

    @property
    def worse_is_more(self) -> bool:
        """Whether the figure gets worse as it grows."""
        return self.kind in ("max", "max_increase")

    @property
    def option(self) -> str:
        """The rule as it is written on the command line, or in a configuration where it is not."""
        key = f"{self.kind}_{self.metric}"
        if self.share is not None:
            return f"--min-automated {self.limit:.12g}={self.share:.12g}"
        if self.relative:
            return f"--{self.kind.replace('_', '-')} {self.metric}={self.limit:.12g}"
        if key in DECLARED and DECLARED[key].help:
            return f"--{key.replace('_', '-')} {self.limit:.12g}"
        return f"{key} = {self.limit:.12g}"

    def check(self) -> Rule:
        """Return the rule, which makes sense.

        Raises:
            SettingsError: the figure is unknown, better the other way, or the limit is no number.
        """
        if self.share is not None and not (0 < self.limit < 1 and 0 < self.share <= 1):
            raise SettingsError(
                f"{self.option}: risk and share lie between 0 and 1: 0.02=0.6 is at most 2 % "
                "errors among the surest 60 %"
            )
        known = BETTER_LOW + BETTER_HIGH if self.share is None else (self.metric,)
        if self.metric not in known:
            raise SettingsError(
                f"{self.option}: there is no figure {self.metric!r} to rule on"
                f"{nearest(self.metric, known)}. Those known are {', '.join(known)}"
            )
        if self.share is None and (self.metric in BETTER_LOW) != self.worse_is_more:
            other = {
                "max": "min", "min": "max", "max_increase": "max_decrease",
                "max_decrease": "max_increase",
            }[self.kind]  # fmt: skip
            better = "less" if self.metric in BETTER_LOW else "more"
            fixed = Rule(kind=other, metric=self.metric, limit=self.limit)
            raise SettingsError(
                f"{self.option}: of {self.metric} {better} is better; write {fixed.option}"
            )
        if not math.isfinite(self.limit) or (self.limit < 0):
            raise SettingsError(f"{self.option}: the limit is a number of 0 or more")
        if self.limit > 1 and self.metric not in UNBOUNDED:
            hint = f"; {self.limit:g} % is {self.limit / 100:g}" if self.limit <= 100 else ""
            raise SettingsError(
                f"{self.option}: {self.metric} lies between 0 and 1, and so does its limit{hint}"
            )
        if not 0.5 <= self.confidence <= 0.999:
            raise SettingsError(
                f"{self.option}: the confidence is 0.5 to 0.999, not {self.confidence:g}"
            )
        return self


def parse_rule(kind: str, text: str, confidence: float = 0.95) -> Rule:
    """Return the rule that ``NAME=LIMIT`` or ``NAME=LIMIT@CONFIDENCE`` describes.

    >>> rule = parse_rule("max_increase", "log-loss=0.02@0.99")
    >>> rule.metric, rule.limit, rule.confidence
    ('log_loss', 0.02, 0.99)

    Raises:
        SettingsError: it is written in another way, or makes no sense.
    """
    option = "--" + kind.replace("_", "-")
    name, equals, rest = text.partition("=")
    limit, at, own = rest.partition("@")
    if not equals or not name.strip() or not limit.strip() or (at and not own.strip()):
        raise SettingsError(f"{option} is written NAME=MARGIN, such as ece=0.01, not {text!r}")
    metric = name.strip().lower().replace("-", "_")
    return Rule(
        kind=kind,
        metric=metric,
        limit=number_of(limit, f"{option} {text}"),
        confidence=number_of(own, f"{option} {text}") if at else confidence,
    ).check()


def parse_automated(text: Any, confidence: float) -> Rule:
    """Return the rule of ``RISK=SHARE``: at most so many errors among the surest cases.

    >>> parse_automated("0.02=0.6", 0.95).option
    '--min-automated 0.02=0.6'

    Raises:
        SettingsError: it is written in another way, or makes no sense.
    """
    risk, equals, rest = str(text).partition("=")
    share, at, own = rest.partition("@")
    if not equals or not risk.strip() or not share.strip() or (at and not own.strip()):
        raise SettingsError(f"--min-automated is written RISK=SHARE, as 0.02=0.6, not {text!r}")
    where = f"--min-automated {text}"
    return Rule(
        kind="max",
        metric="automated_error",
        limit=number_of(risk, where),
        confidence=number_of(own, where) if at else confidence,
        share=number_of(share, where),
    ).check()


def rule_of_value(kind: str, metric: str, value: Any, confidence: float, where: str) -> Rule:
    """Return the rule of a configuration: a number, or a table with limit and confidence.

    Raises:
        SettingsError: it is neither.
    """
    if isinstance(value, dict):
        unknown = sorted(set(value) - {"limit", "margin", "confidence"})
        if unknown or len({"limit", "margin"} & set(value)) != 1:
            raise SettingsError(
                f"{where}: a rule is a number, or a table with margin (or limit) and confidence"
                + (f", not {unknown[0]!r}" if unknown else "")
            )
        confidence = number_of(value.get("confidence", confidence), where)
        value = value.get("limit", value.get("margin"))
    return Rule(
        kind=kind, metric=metric, limit=number_of(value, where), confidence=confidence
    ).check()


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean X?" where a known name is near, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {found[0]}?)" if found else ""


def number_of(value: Any, where: str) -> float:
    """Return a value as a number.

    Raises:
        SettingsError: it is none.
    """
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{where}: {value!r} is not a number") from None

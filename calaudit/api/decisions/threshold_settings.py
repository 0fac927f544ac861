"""What is asked of ``threshold``, checked before any row is read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calaudit.api.reports.evaluation_settings import checked_intervals
from calaudit.api.rows.percentages import number_of, percentage_hint, share_of
from calaudit.errors import SettingsError
from calaudit.options.decisions import CostOptions, DecisionOptions, Limits
from calaudit.options.declaration import chosen
from calaudit.predictions.addresses import is_remote
from calaudit.thresholds.constraints import Constraints
from calaudit.thresholds.costs import Costs

TINY, HUGE = 1e-12, 1e12
"""Ends of the range of costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSettings:
    """What is asked, as far as it is clear without the data.

    Attributes:
        costs: as given: cost_fp, cost_fn, cost_error, cost_review, benefit_tp, benefit_tn.
        limits: error rates that must be kept.
        most: largest number of reviews; most_share: as a share of the cases; or None.
        per_day: cases a day, or None.
        prevalence: share of positives in production, or None. unlabelled: file to estimate it on.
        current: cutoff in use, in the unit of the file, or None.
        method: "auto", "calibrated" or "empirical". maximize: index of `thresholds.index`, or None.
    """

    costs: dict[str, float | None]
    limits: Constraints
    most: float | None
    most_share: float | None
    per_day: float | None
    prevalence: float | None
    unlabelled: str | None
    current: float | None
    method: str
    level: float
    seed: int
    threads: int | None
    weight_kind: str
    maximize: str | None = None

    def capacity(self, rows: float) -> float | None:
        """Return the largest share of the cases that can be reviewed.

        Raises:
            SettingsError: there are no more cases than reviews.
        """
        if self.most is None:
            return self.most_share
        cases = self.per_day or rows
        if self.most >= cases:
            of = "a day (--per-day)" if self.per_day else "rows"
            raise SettingsError(
                f"--max-review {self.most:g} is no limit: there are {cases:,.0f} {of}. Leave it "
                "out, or, if it is a number a day, say with --per-day how many cases there are"
            )
        return self.most / cases

    def costs_for(self, task: str) -> Costs | None:
        """Return the costs of a task, or None where there are none.

        Raises:
            SettingsError: they are not those of the task, or no cutoff follows from them.
        """
        given = {name for name, cost in self.costs.items() if cost is not None}
        limited = self._limited
        if task == "binary":
            if "cost_error" in given:
                raise SettingsError(
                    "--cost-error is for predictions that are right or wrong; for a binary score "
                    "say what each error costs, with --cost-fp and --cost-fn"
                )
            if not given & {"cost_fp", "cost_fn"}:
                self._check_lonely(given)
                return None
            if not {"cost_fp", "cost_fn"} <= given:
                missing = "--cost-fn" if "cost_fp" in given else "--cost-fp"
                raise SettingsError(
                    f"give {missing} as well: a cutoff weighs one error against the other"
                )
            return Costs(
                fp=self.costs["cost_fp"] or 0.0, fn=self.costs["cost_fn"] or 0.0,
                review=self._review(), tp=-(self.costs["benefit_tp"] or 0.0),
                tn=-(self.costs["benefit_tn"] or 0.0),
            ).check(capacity=limited)  # fmt: skip
        other = given - {"cost_error", "cost_review"}
        if other:
            option = "--" + min(other).replace("_", "-")
            raise SettingsError(
                f"{option} is for binary scores; a prediction with a confidence is right or wrong: "
                "give --cost-error and --cost-review, or a cost matrix (--cost-matrix)"
            )
        if "cost_error" not in given:
            self._check_lonely(given)
            return None
        error, review = self.costs["cost_error"] or 0.0, self._review()
        return _accepting(error, review, limited)

    @property
    def _limited(self) -> bool:
        """Whether there can be fewer reviews than cases."""
        return self.most is not None or (self.most_share is not None and self.most_share < 1.0)

    def _review(self) -> float | None:
        cost = self.costs["cost_review"]
        return 0.0 if cost is None and (self.most or self.most_share) else cost

    def _check_lonely(self, given: set[str]) -> None:
        if given:
            option = "--" + min(given).replace("_", "-")
            raise SettingsError(
                f"{option} needs the cost of errors beside it: --cost-fp and --cost-fn for a "
                "binary score, --cost-error for a confidence"
            )


def _accepting(error: float, review: float | None, limited: bool) -> Costs:
    """Return the costs of accepting or reviewing predictions: only accepted errors cost."""
    if not 0 < error < float("inf"):
        raise SettingsError(f"--cost-error is {error:g}: an error must cost something")
    if review is None:
        raise SettingsError(
            "give --cost-review as well: a prediction that is not accepted is reviewed, and "
            "accepting weighs the cost of an error against that of a review"
        )
    if review < 0 or (review == 0 and not limited):
        raise SettingsError(
            f"--cost-review is {review:g}: reviews that cost nothing are always the best. Review "
            "everything, or say how many there can be with --max-review"
        )
    if review >= error:
        raise SettingsError(
            f"a review at {review:g} never pays where an error costs {error:g}: accept everything"
        )
    return Costs(fp=error, fn=error, review=review)


def asked(options: DecisionOptions, method: str) -> ThresholdSettings:
    """Return what is asked.

    Raises:
        SettingsError: an argument is out of range.
    """
    level, seed, threads = options["level"], options["seed"], options["threads"]
    checked_intervals(level=level, seed=seed, threads=threads)
    costs = chosen(CostOptions, options)
    for name, cost in costs.items():
        if cost is not None and not (cost == 0 or TINY <= cost <= HUGE):
            option = "--" + name.replace("_", "-")
            if TINY > cost > 0 or HUGE < cost < float("inf"):
                raise SettingsError(
                    f"{option} is {cost:g}: choose another unit, so that costs lie between "
                    f"{TINY:g} and {HUGE:g}"
                )
            raise SettingsError(
                f"{option} is {cost:g}: costs and benefits are 0 or more; what being right earns "
                "is given by --benefit-tp and --benefit-tn"
            )
    per_day, current = options["per_day"], options["current"]
    if per_day is not None and not 0 < per_day < float("inf"):
        raise SettingsError(f"--per-day is the number of cases a day, above 0, not {per_day:g}")
    if current is not None and not -1.7e308 < current < 1.7e308:
        raise SettingsError(f"--current is the cutoff in use, not {current:g}")
    most, share = _capacity(options["max_review"])
    index: Any = options.get("maximize")
    number, file = _prevalence(options["prevalence"])
    return ThresholdSettings(
        costs=costs, limits=_limits(chosen(Limits, options), options["guarantee"]),
        most=most, most_share=share, per_day=per_day, prevalence=number, unlabelled=file,
        current=current, method=method, level=level, seed=seed, threads=threads,
        weight_kind=options["weight_kind"], maximize=index,
    )  # fmt: skip


def _limits(given: dict[str, float | str | None], guarantee: float | str | None) -> Constraints:
    rates = {
        name: share_of(rate, "--" + name.replace("_", "-"), "a rate above 0 and below 1")
        for name, rate in given.items()
        if rate is not None
    }
    return Constraints(**rates, confidence=guarantee_of(guarantee)).check()


def guarantee_of(given: float | str | None) -> float | None:
    """Return the confidence with which limits are to hold, or None for none.

    Raises:
        SettingsError: it is no share.
    """
    if given is None or (isinstance(given, str) and given.strip().lower() == "none"):
        return None
    return share_of(given, "--guarantee", "0.5 to 0.9999, or none")


def _capacity(given: float | str | None) -> tuple[float | None, float | None]:
    if given is None:
        return None, None
    value, percent = number_of(given, "--max-review")
    if percent and not 0 < value <= 1:
        raise SettingsError(f"--max-review is above 0 % and up to 100 % of the cases, not {given}")
    if not percent and not 1 <= value < float("inf"):
        hint = f"; {100 * value:g} % of the cases is written {100 * value:g}%" if value > 0 else ""
        raise SettingsError(
            f"--max-review is a number of cases, 1 or more, or a percentage, not {given}{hint}"
        )
    return (None, value) if percent else (value, None)


def _prevalence(given: Any) -> tuple[float | None, str | None]:
    if given is None:
        return None, None
    if isinstance(given, str | os.PathLike):
        text = os.fspath(given)
        try:
            value, percent = number_of(text, "--prevalence")
        except SettingsError:
            if not (is_remote(text) or Path(text).exists()):
                raise SettingsError(
                    f"--prevalence is a number such as 0.02 or 2%, or a file of scores without "
                    f"labels to estimate it on; there is no file {text!r}"
                ) from None
            return None, text
    else:
        value, percent = number_of(given, "--prevalence")
    if not 1e-9 <= value <= 1.0 - 1e-9:
        hint = "" if percent else percentage_hint(value)
        raise SettingsError(
            "--prevalence is a share above 0 and below 1, by 1e-9 at least on both sides, not "
            f"{given}{hint}"
        )
    return value, None

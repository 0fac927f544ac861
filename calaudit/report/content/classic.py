"""The classic figures beside what chance alone would show, the tests, and the shape."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import estimate_places, interval
from calaudit.report.content.headline import HEADLINES
from calaudit.report.evaluation_report import Report
from calaudit.report.metric_names import metric_title, metric_unit
from calaudit.report.numbers import MOST, p_value, shown

ELSEWHERE = {*HEADLINES, "n", "noise_floor"}
"""Metrics that other sections show (the noise floor stands beside each figure)."""

TESTS = ("cox_test", "spiegelhalter_z", "hosmer_lemeshow")
"""Metrics that are test statistics: of use through their p-value."""

IDEAL = {"cox_slope": 1.0, "cox_intercept": 0.0, "observed_expected": 1.0}
"""Metrics with an ideal value other than the smallest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classic:
    """One figure, by chance, unbiased, and what stands behind it; each "" where there is none.

    Attributes:
        support: its interval and its test. remark: what would be ideal, or what is missing.
    """

    name: str
    title: str
    value: str = ""
    chance: str = ""
    unbiased: str = ""
    support: tuple[str, ...] = ()
    remark: str = ""


def classics(report: Report) -> list[Classic]:
    """Return every metric that no other section shows, and the test behind the verdict."""
    alpha = 1 - float(report.settings.get("level", 0.95))
    rows = [
        _classic(name, estimate, alpha)
        for name, estimate in report.metrics.items()
        if name not in ELSEWHERE
    ]
    smece = report.metrics.get("smece")
    if smece is not None and smece.p_value is not None:
        test = (p_value(smece.p_value, alpha),)
        rows.insert(0, Classic(name="smece", title="smECE test", support=test))
    return rows


def _classic(name: str, estimate: Estimate, alpha: float) -> Classic:
    unit, title = metric_unit(name), metric_title(name)
    if estimate.value is None:
        return Classic(name=name, title=title, remark=estimate.reason or "not computed")
    decimals = min(estimate_places(estimate, unit), 2 if name in TESTS else MOST)
    support = [interval(estimate, decimals, unit)]
    if estimate.p_value is not None:
        df = f" ({estimate.df} df)" if estimate.df is not None else ""
        support.append(p_value(estimate.p_value, alpha) + df)
    return Classic(
        name=name,
        title=title,
        value=shown(estimate.value, decimals, unit),
        chance=shown(estimate.noise_floor, decimals, unit),
        unbiased=shown(estimate.unbiased, decimals, unit),
        support=tuple(part for part in support if part),
        remark=_against_ideal(name, estimate) if name in IDEAL else estimate.reason or "",
    )


def _against_ideal(name: str, estimate: Estimate) -> str:
    ideal = f"ideal {IDEAL[name]:g}"
    if name == "cox_slope" and estimate.low is not None and estimate.high is not None:
        if estimate.high < 1:
            return f"{ideal}: too extreme"
        if estimate.low > 1:
            return f"{ideal}: too timid"
    return f"{ideal}; {estimate.reason}" if estimate.reason else ideal

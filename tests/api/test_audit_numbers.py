"""Every number in the first paragraph of an audit is a figure of its report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import calaudit
from calaudit.report.audit_report import AuditReport

DATA = Path(__file__).parents[2] / "sample_data"

AUDITS: dict[str, tuple[str, dict[str, Any]]] = {
    "clean": ("breast_cancer.csv", {}),
    "helps": ("digits_logits.parquet", {"split": "split=validation"}),
    "limit": ("digits_probs.csv", {"max_error": "5%", "guarantee": 0.9}),
    "top-label": ("digits_toplabel.csv", {"cost_error": 10, "cost_review": 1}),
    "slices": ("doctor_visits.csv", {"by": "health"}),
    "costs": ("fraud_queue.parquet", {"cost_fp": 5, "cost_fn": 200, "cost_review": 4}),
    "current": ("spam_filter.csv", {
        "positive": "spam", "cost_fp": 10, "cost_fn": 1, "current": 0.5,
    }),
    "beta": ("doctor_visits.csv", {"holdout": 0.9, "method": "beta", "weight": "none"}),
}  # fmt: skip

PROSE = ("answer", "sentence", "label", "text", "advice", "reason")
CURVES = ("curve", "cost_curve", "risk_coverage", "table", "reliability", "bins", "histogram")
DETAIL = ("calibrator", "worst", "notes", "by_class", "sensitivity", "plateaus")
"""Keys of the report that hold no figures, or so many that any number would be among them."""

IDIOMS = re.compile(r"per 1,000 cases|near 0 and 1|less than 0\.0+1")
NUMBER = re.compile(r"(?<![\w.])(-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?)( %)?(?![\w])")


@cache
def audited(name: str) -> AuditReport:
    """Return one of the audits."""
    file, how = AUDITS[name]
    return calaudit.audit(DATA / file, **how)


def figures(values: Any) -> Iterator[float]:
    """Yield all numbers of a report as JSON values."""
    if isinstance(values, dict):
        for key, value in values.items():
            if key not in (*PROSE, *CURVES, *DETAIL):
                yield from figures(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from figures(value)
    elif isinstance(values, int | float) and not isinstance(values, bool):
        yield float(values)


def known(report: AuditReport) -> list[float]:
    """Return all figures of a report, and what the paragraph works out from two of them.

    These are the part of the log loss that is saved, and the cases acted on and reviewed.
    """
    found = list(figures(report.to_dict()))
    loss, saved = report.before.metrics["log_loss"].value, report.saved.value
    found += [saved / loss] if loss and saved else []
    recommended = None if report.decision is None else report.decision.recommended
    if recommended is not None:
        counts = recommended.counts
        found += [counts["tp"] + counts["fp"]]
        found += [counts["reviewed_positives"] + counts["reviewed_negatives"]]
    return found


def strangers(text: str, among: list[float]) -> list[str]:
    """Return the numbers of a text that no figure is, rounded as they are."""
    missing = []
    for digits, percent in NUMBER.findall(IDIOMS.sub("", text)):
        number, scale = float(digits.replace(",", "")), 100.0 if percent else 1.0
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2]) * (1 + 1e-9)
        if not any(abs(abs(scale * x) - abs(number)) <= half for x in among):
            missing.append(digits + percent)
    return missing


@pytest.mark.parametrize("name", AUDITS)
def test_every_number_is_a_figure_of_the_report(name: str) -> None:
    """What the paragraph says in numbers, anyone finds in the JSON, to the digits shown."""
    report = audited(name)
    assert len(NUMBER.findall(report.answer)) >= 3
    assert strangers(report.answer, known(report)) == []


@pytest.mark.parametrize("name", AUDITS)
def test_numbers_of_another_report_are_found_out(name: str) -> None:
    """The figures are so few that those of another report do not do for this one."""
    other = "clean" if name != "clean" else "costs"
    assert len(strangers(audited(name).answer, known(audited(other)))) >= 3

"""Reports of every kind for the page: those built by hand, and audits of the sample data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import calaudit
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report
from calaudit.report.rendered import Rendered
from tests.report.checks import CHECKS
from tests.report.comparisons import COMPARISONS
from tests.report.decisions import DECISIONS
from tests.report.ensembles import seeds
from tests.report.estimates import ESTIMATES
from tests.report.examples import EXAMPLES, multiclass, sliced
from tests.report.forecasts import FORECASTS
from tests.report.graded import portfolio
from tests.report.monitors import MONITORS
from tests.report.outsides import images

SAMPLES = Path(__file__).parents[2] / "sample_data"

SCRIPT = "<script>alert(1)</script>"
ATTRIBUTE = '"><img src=x onerror=alert(1)>.csv'
CONTROL = "a\u202eb\x1b[31m\u2066\x00\ud800\ntwo"
"""Names that the page must show, and neither run nor obey."""


@cache
def digits_audit() -> AuditReport:
    """Return an audit of several classes, without costs."""
    return calaudit.audit(SAMPLES / "digits_logits.parquet", worst=3)


@cache
def spam_audit() -> AuditReport:
    """Return an audit of a positive class, with costs."""
    path = SAMPLES / "spam_filter.csv"
    return calaudit.audit(path, positive="spam", cost_fp=10, cost_fn=1)


def hostile() -> Report:
    """Return a report in which every name from the data means something to a browser."""
    report, source = multiclass(), sliced()
    names = (SCRIPT, ATTRIBUTE, CONTROL, *report.classes[3:])
    classes = zip(report.by_class, names, strict=False)
    slices = zip(source.slices, (SCRIPT, ATTRIBUTE, CONTROL), strict=False)
    worst = [
        replace(row, label=SCRIPT, predicted=ATTRIBUTE, id=CONTROL, file=ATTRIBUTE)
        for row in report.worst
    ]
    return replace(
        report,
        classes=names,
        inputs=(replace(report.inputs[0], path=ATTRIBUTE),),
        roles=tuple(replace(role, columns=(SCRIPT, CONTROL)) for role in report.roles),
        settings={**report.settings, "positive": SCRIPT},
        by_class=tuple(replace(each, name=name) for each, name in classes),
        slices=tuple(replace(each, column=CONTROL, value=name) for each, name in slices),
        worst=tuple(worst),
        notes=tuple(replace(note, text=f"{note.text} {SCRIPT}") for note in report.notes),
        verdict=replace(report.verdict, sentence=f"{report.verdict.sentence} {ATTRIBUTE}"),
    )


REPORTS: dict[str, Callable[[], Rendered]] = {
    **EXAMPLES,
    **{f"decision-{name}": make for name, make in DECISIONS.items()},
    **{f"check-{name}": make for name, make in CHECKS.items()},
    **{f"compare-{name}": make for name, make in COMPARISONS.items()},
    **{f"estimate-{name}": make for name, make in ESTIMATES.items()},
    **{f"forecast-{name}": make for name, make in FORECASTS.items()},
    "evaluation-grades": portfolio,
    "ensemble-seeds": seeds,
    "ood-images": images,
    **{f"monitor-{name}": make for name, make in MONITORS.items()},
    "audit-digits": digits_audit,
    "audit-spam": spam_audit,
    "all-names-hostile": hostile,
}
"""Every report by name."""

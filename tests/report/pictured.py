"""Reports to be drawn, and the figures read back from specifications."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.temperature import Temperature
from calaudit.metrics.estimate import Estimate
from calaudit.report.audit_report import Acceptance, AuditReport, Division, Selective
from calaudit.report.evaluation_report import ClassResult, CurvePoint, HistogramBin, Report
from calaudit.report.pictures.theme import Spec
from calaudit.report.rendered import Rendered
from calaudit.report.threshold_report import CostPoint, DecisionReport, RiskPoint
from tests.report import decisions
from tests.report.checks import CHECKS
from tests.report.examples import EXAMPLES, bins_of, error, estimate, multiclass, sliced

HOSTILE = (
    "<script>alert(1)</script>", "it's \"quoted\" & <b>", "line\nbreak\x1b[31m", "n" * 200,
    "مرحبا بالعالم", "\u202eevil", "😀 日本語", "#0b69ac", "url(#part1)", "${x}", "{{y}}",
    "datum.told", "",
)  # fmt: skip
"""Names that data may hold, and that specifications or SVG could take for something else."""


def drawn() -> Report:
    """Return a multiclass report with all that can be drawn."""
    base = multiclass()
    gaps = (0.02, -0.03, 0.1, 0.2, -0.1, 0.05, 0.0, 0.15, -0.2, 0.03)
    rows = (4_000, 300, 90, 40, 30, 0, 25, 80, 210, 900)
    classes = tuple(
        ClassResult(name=name, weight=100.0 + i, mean_score=0.1, observed=0.11,
                    ece=error(0.01 * (14 - i), 0.002, 0.01 * (14 - i) - 0.002, 0.0, 0.2),
                    bins=bins_of(rows, gaps))
        for i, name in enumerate(HOSTILE)
    )  # fmt: skip
    return replace(base, histogram=histogram(), by_class=classes, classes=HOSTILE)


def histogram() -> tuple[HistogramBin, ...]:
    """Return bins from exactly 0 to exactly 1, some of them empty."""
    edges = [1 / (1 + math.exp(-0.5 * i)) for i in range(-12, 13)]
    inner = tuple(
        HistogramBin(lower=lo, upper=hi, zeros=float((24 - i) ** 2 % 37), ones=float(i * i % 41))
        for i, (lo, hi) in enumerate(itertools.pairwise(edges))
    )
    ends = (
        HistogramBin(lower=0.0, upper=0.0, zeros=1_234.0, ones=3.0),
        HistogramBin(lower=1.0, upper=1.0, zeros=2.0, ones=4_321.0),
    )
    return (ends[0], *inner, ends[1])


def slices() -> Report:
    """Return a report with slices that are drawn, and one that is not."""
    base = sliced()
    found = [replace(s, bins=bins_of((40, 9, 0, 30, 21), (0.1, 0.0, 0.0, -0.2, 0.0)))
             for s in base.slices]  # fmt: skip
    found[0] = replace(found[0], bins=())
    return replace(base, slices=tuple(found), histogram=histogram())


def risk() -> tuple[RiskPoint, ...]:
    """Return a risk–coverage curve."""
    return tuple(
        RiskPoint(cutoff=1 - i / 40, coverage=i / 40, risk=0.2 * (i / 40) ** 2)
        for i in range(1, 41)
    )


FITTED = json.loads(
    Calibrator(
        map=Temperature(2.0), task="binary", scale="probability", classes=("0", "1")
    ).to_json()
)
"""A calibrator as an audit holds it."""


def audited(*, helped: bool = True, priced: bool = False) -> AuditReport:
    """Return an audit, with a calibrator unless it is of no use, and with costs if wanted."""
    before = drawn()
    curve = tuple(
        CurvePoint(score=i / 50, observed=i / 50, band_low=i / 60, band_high=i / 50)
        for i in range(51)
    )
    after = replace(
        before,
        bins=bins_of((0, 5, 20, 60, 80, 90, 120, 300, 900, 2_000), (0.0,) * 10),
        curve=curve,
        metrics={**before.metrics, "smece": error(0.009, 0.006, 0.004, 0.0, 0.012)},
    )
    none = Estimate(value=None, reason="none")
    acceptances = (
        Acceptance(max_error=0.001, guarantee=0.95, cutoff=None, coverage=none, error=none,
                   reason="too few rows"),
        Acceptance(max_error=0.05, guarantee=0.95, cutoff=0.75, coverage=estimate(0.5, 0.49, 0.51),
                   error=estimate(0.04, 0.03, 0.05)),
        Acceptance(max_error=0.1, guarantee=0.95, cutoff=0.4, coverage=estimate(0.7, 0.69, 0.71),
                   error=estimate(0.09, 0.08, 0.1)),
    )  # fmt: skip
    selective = Selective(unit="calibrated probability", aurc=estimate(0.03, 0.02, 0.04),
                          curve=risk(), acceptances=acceptances)  # fmt: skip
    return AuditReport(
        calaudit="0.1.0",
        answer="Overconfident by 5.4 points as it is; temperature scaling mends it. More follows.",
        settings={"level": 0.95},
        division=Division(kind="holdout", sentence="half", fitted_rows=5_000, audited_rows=9_988),
        before=before,
        after=after if helped else None,
        saved=estimate(0.074, 0.065, 0.083),
        calibrator=FITTED,
        decision=priced_decision() if priced else None,
        selective=None if priced else selective,
    )


def priced_decision() -> DecisionReport:
    """Return a decision with a cost curve of many cutoffs, a review band and a plateau."""
    curve = [
        CostPoint(cutoff=i / 100, cost=300 + 4_000 * (i / 100 - 0.3) ** 2, precision=0.5,
                  recall=0.5, act_share=1 - i / 100)
        for i in range(100)
    ]  # fmt: skip
    curve.append(CostPoint(cutoff=None, cost=2_300.0, precision=None, recall=0.0, act_share=0.0))
    return replace(decisions.fraud(), cost_curve=tuple(curve))


DRAWN: dict[str, Rendered] = {
    **{name: make() for name, make in EXAMPLES.items()},
    **{name: make() for name, make in decisions.DECISIONS.items()},
    **{name: make() for name, make in CHECKS.items()},
    "drawn": drawn(),
    "slices": slices(),
    "audit": audited(),
    "audit_identity": audited(helped=False),
    "audit_priced": audited(priced=True),
    "priced": priced_decision(),
}
"""Every report that is drawn, by name."""


def data_of(spec: Spec) -> Iterator[list[dict[str, Any]]]:
    """Yield the data of every layer of a specification."""
    for key, value in spec.items():
        if key == "data":
            yield value["values"]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from data_of(each)


def rows_with(spec: Spec, *names: str) -> list[dict[str, Any]]:
    """Return the distinct rows that have these fields, in the order in which they are drawn."""
    found: list[dict[str, Any]] = []
    for rows in data_of(spec):
        found += [row for row in rows if set(names) <= set(row) and row not in found]
    return found

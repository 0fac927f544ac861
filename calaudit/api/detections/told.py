"""What is said of rows inside and outside."""

from __future__ import annotations

from calaudit.findings.finding import Finding, finding
from calaudit.report.ood_report import TITLES, Detection, OodReport, RowSet

MOST_TOLD = 3
"""Sets that the answer tells of."""


def answers(report: OodReport) -> list[Finding]:
    """Return what is to be said first: what is acted on, then what is told apart; the worst first.

    Of many sets some are told of.
    """
    kept = 0.0 if report.inside.acted is None else report.inside.acted.value or 0.0
    acted = [each for each in report.sets[1:] if each.acted is not None]
    acted.sort(key=lambda each: -(each.acted.value or 0.0) if each.acted else 0.0)
    return [
        *(_acted(each, kept, first=each is acted[0]) for each in acted[:MOST_TOLD]),
        *(_told(each) for each in report.leads[::-1][:MOST_TOLD]),
    ]


def _acted(each: RowSet, kept: float, *, first: bool) -> Finding:
    assert each.acted is not None
    share, low, high = (1000 * (x or 0.0) for x in (each.acted.value, each.acted.low,
                                                   each.acted.high))  # fmt: skip
    return finding(
        "outside-acted-on", kind="first" if first else "more", name=each.name, acted=share, low=low,
        high=high, inside=1000 * kept,
    )  # fmt: skip


def _told(each: Detection) -> Finding:
    low, high = each.auroc.low, each.auroc.high
    kind = "open" if low is None or high is None or low <= 0.5 <= high else "told"
    kind = "turned" if high is not None and high < 0.5 else kind
    return finding(
        "outside-told-apart", kind=kind, name=each.set, score=TITLES[each.score],
        auroc=each.auroc.value, low=low, high=high, missed=100 * (each.accepted.value or 0.0),
        kept=100 * each.kept,
    )  # fmt: skip

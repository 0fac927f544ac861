"""What no calibrator can mend, in the first paragraph of an audit: scores that tell nothing."""

from __future__ import annotations

from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import shown

NOTHING, LITTLE = 0.5, 0.6
"""AUROC of scores that tell nothing, and one that is still next to nothing."""


def ranking_sentence(before: Report) -> list[str]:
    """Return that the scores hardly tell cases apart; [] where these rows show that they do."""
    auroc = before.metrics.get("auroc")
    if auroc is None or auroc.value is None or auroc.low is None or auroc.high is None:
        return []
    if not auroc.low <= NOTHING <= auroc.high:
        return []
    what = "the outcomes apart" if before.task == "binary" else "right from wrong"
    found = f"{what} (AUROC {shown(auroc.value, 2)}, {shown(auroc.low, 2)} to "
    found += f"{shown(auroc.high, 2)}), and a calibrator cannot mend that."
    if auroc.high < LITTLE:
        return [f"The scores hardly tell {found}"]
    return [f"These rows do not show that the scores tell {found}"]

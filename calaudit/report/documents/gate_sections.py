"""The rules of a gate, the figures that they are about, and the rows on both sides."""

from __future__ import annotations

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.report.content.figure_columns import DASH
from calaudit.report.document import Column, Mark, Section, Table, names
from calaudit.report.metric_names import metric_title
from calaudit.report.numbers import count, counted
from calaudit.report.side_by_side import level_titles, side_by_side
from calaudit.visible import shortened, visible

__all__ = ["compared_section", "rule_section", "sides"]

ORDER = {FAIL: -1.0, INCONCLUSIVE: 1.0, PASS: 2.0}
"""Status → where it stands; those that failed are always shown."""

UNBIASED = "Calibration errors are unbiased, here and in rules; evaluate shows the plain ones, too."

NAME = 80
"""Characters of a slice that are shown, so that it does not bury the figures."""


def rule_section(report: CheckReport) -> Section:
    """Return every rule with its verdict, the failed ones first."""
    found = sorted(report.results, key=lambda result: ORDER[result.status])
    sizes = [FAIL if report.breaks(result.status) else result.status for result in found]
    columns = [
        names(
            "verdict",
            [result.status for result in found],
            named=False,
            marks=[Mark(r.status, size) for r, size in zip(found, sizes, strict=True)],
        ),
        Column(title="what was found", cells=[_told(r) for r in found], right=False, named=True),
    ]
    table = Table(
        caption="Every rule",
        columns=columns,
        plain=True,
        sortable=True,
        nouns="rules",
        rank=[ORDER[r.status] for r in found],
    )
    return Section(name="rules", title="Rules", blocks=[table] if found else [], short=True)


def _told(result: RuleResult) -> str:
    before, where, after = result.told
    return f"{before} where {shortened(visible(where), NAME)}{after}" if where else before


def compared_section(report: CheckReport) -> Section:
    """Return the figures before and after, with their intervals."""
    rows = side_by_side(report)
    then, now = level_titles(report)
    single = report.baseline is None
    found = [row.metric for row in rows]
    columns = [names("", [metric_title(n) for n in found], named=False, terms=found)]
    if not single:
        columns += [
            Column(title="before", cells=[row.before or DASH for row in rows]),
            Column(title=then, cells=[r.before_interval for r in rows], right=False, tone="quiet",
                   drop=2),
        ]  # fmt: skip
    columns += [
        Column(
            title="value" if single else "after",
            cells=[row.after or DASH for row in rows],
            tone="strong",
        ),
        Column(title=now, cells=[r.after_interval for r in rows], right=False, tone="quiet",
               drop=1),
    ]  # fmt: skip
    if not single:
        columns.append(Column(title="change", cells=[row.change or DASH for row in rows]))
    caption = "Figures" if single else "Figures before and after"
    unbiased = any(each.after.unbiased is not None for each in report.compared)
    remarks = [UNBIASED] if unbiased else []
    table = Table(caption=caption, columns=columns, plain=True, remarks=remarks)
    return Section(name="figures", title="Figures", blocks=[table] if rows else [], short=True)


def sides(report: CheckReport) -> list[tuple[str, str]]:
    """Return which rows there are before and after, and how they were matched."""
    facts = []
    if report.baseline is not None:
        known = report.baseline_rows
        rows = "" if known is None else f", {counted(known, 'row')}"
        facts.append(("Baseline", f"{report.baseline}{rows}"))
    if report.pairing is not None:
        p = report.pairing
        only = f"{count(p.only_before)} only before, {count(p.only_after)} only after"
        facts.append(("Matched", f"{counted(p.matched, 'row')} by {p.column}, {only}"))
    return facts

"""The rules of a gate, the figures that they are about, and the rows on both sides."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.report.content.figure_columns import DASH
from calaudit.report.document import Column, Mark, Section, Table, names
from calaudit.report.documents.shared_parts import rows_text
from calaudit.report.metric_names import metric_title
from calaudit.report.numbers import count, counted
from calaudit.report.side_by_side import level_titles, side_by_side
from calaudit.visible import shortened, visible

ORDER = {FAIL: -1.0, INCONCLUSIVE: 1.0, PASS: 2.0}
"""Status → where it stands; those that failed are always shown."""

PLANNED = (
    ": the smallest change for the worse of which about every second fails, and the {what} of "
    "each file from which no change is likely to pass. Rows matched by --id show smaller ones."
)

NAME = 80
"""Characters of a slice that are shown, so that it does not bury the figures."""


def rule_section(report: CheckReport) -> Section:
    """Return the rules with their verdicts, the failed ones first, those left open in a line."""
    found = [r for r in report.results if not r.planned]
    left = [r for r in found if r.status == INCONCLUSIVE]
    rows = [(r.status, _told(r)) for r in found if r.status == FAIL]
    if left:
        rows.append((INCONCLUSIVE, _told(left[0]) if len(left) == 1 else report.unsettled))
    rows += [(r.status, _told(r)) for r in found if r.status == PASS]
    tables = [_verdicts(rows, report, "Every rule", remarks=_rate(found))] if found else []
    return Section(name="rules", title="Rules", blocks=tables, short=True)


def open_section(report: CheckReport) -> Section:
    """Return each rule that these rows cannot settle, where there are several."""
    left = [r for r in report.results if r.status == INCONCLUSIVE and not r.planned]
    rows = [(INCONCLUSIVE, _told(r)) for r in left]
    tables = [_verdicts(rows, report, "Every open rule")] if len(left) > 1 else []
    return Section(name="open", title="Open rules", blocks=tables)


def plan_section(report: CheckReport) -> Section:
    """Return what these rows can settle of each rule that has no baseline yet."""
    found = [r for r in report.results if r.planned]
    what = "rows" if report.groups is None else "groups"
    columns = [
        names("rule", [_rule(r) for r in found]),
        Column(title="can fail from", cells=[f"{r.resolvable:.3f}" for r in found]),
        Column(
            title="no change passes from",
            cells=[DASH if r.needed is None else _needed(r) for r in found],
        ),
    ]
    table = Table(
        caption="What these rows can settle",
        columns=columns,
        plain=True,
        nouns="rules",
        rank=[float(r.column is not None) for r in found],
        remarks=[f"Of a new file of as many {what}{PLANNED.format(what=what)}"],
    )
    title = "What these rows can settle"
    return Section(name="plan", title=title, blocks=[table] if found else [], short=True)


def _rule(result: RuleResult) -> str:
    where = f" where {shortened(visible(result.where), NAME)}" if result.where else ""
    return result.rule.removeprefix("--") + where


def _needed(result: RuleResult) -> str:
    what = "rows" if result.groups_needed is None else "groups"
    return f"{float(f'{result.needed:.2g}'):,.0f} {what}"


def _verdicts(
    rows: Sequence[tuple[str, str]],
    report: CheckReport,
    caption: str,
    remarks: Sequence[str] = (),
) -> Table:
    marks = [Mark(status, FAIL if report.breaks(status) else status) for status, _ in rows]
    told = [text for _, text in rows]
    return Table(
        caption=caption,
        columns=[
            names("verdict", [status for status, _ in rows], named=False, marks=marks),
            Column(title="what was found", cells=told, right=False, named=True),
        ],
        plain=True,
        sortable=True,
        nouns="rules",
        rank=[ORDER[status] for status, _ in rows],
        remarks=remarks,
    )


def _rate(results: Sequence[RuleResult]) -> list[str]:
    """Return how often any of several rules fails by accident, where there are several."""
    alone = [1 - r.confidence for r in results if r.column is None and r.confidence < 1]
    slices = [1 - r.confidence for r in results if r.column is not None]
    if len(alone) + len(slices) < 2:
        return []
    joint = min(sum(alone) + max(slices, default=0.0), 1.0)
    family = "" if not slices else f", the {counted(len(slices), 'slice')} together as one"
    return [
        f"Each rule is judged alone{family}: any fails by accident in at most {100 * joint:.3g} %."
    ]


def _told(result: RuleResult) -> str:
    before, where, after = result.told
    return f"{before} where {shortened(visible(where), NAME)}{after}" if where else before


def compared_section(report: CheckReport) -> Section:
    """Return the figures before and after, with their intervals."""
    rows = side_by_side(report)
    then, now = level_titles(report)
    single = report.baseline is None
    found = [row.metric for row in rows]
    # What evaluate calls by the plain name is the plain figure, but for smECE.
    unbiased = {c.metric for c in report.compared if c.after.unbiased is not None} - {"smece"}
    titles = [metric_title(n) for n in found]
    titles = [
        f"Unbiased {title.removesuffix(', equal width')}" if n in unbiased else title
        for n, title in zip(found, titles, strict=True)
    ]
    columns = [names("", titles, named=False, terms=found)]
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
    table = Table(caption=caption, columns=columns, plain=True)
    return Section(name="figures", title="Figures", blocks=[table] if rows else [], short=True)


def sides(report: CheckReport) -> list[tuple[str, str]]:
    """Return which rows there are before and after, and how they were matched."""
    facts = []
    if report.baseline is not None:
        known = report.baseline_rows
        rows = "" if known is None else f", {rows_text(known, report.baseline_groups)}"
        facts.append(("Baseline", f"{report.baseline}{rows}"))
    if report.pairing is not None:
        p = report.pairing
        only = f"{count(p.only_before)} only before, {count(p.only_after)} only after"
        facts.append(("Matched", f"{counted(p.matched, 'row')} by {p.column}, {only}"))
    return facts

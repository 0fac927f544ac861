"""Every kind of report as sections, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from calaudit.report.audit import AuditReport
from calaudit.report.check import FAIL, CheckReport, RuleResult
from calaudit.report.content.opening import dropped_text, sentences, task_text, told
from calaudit.report.decision import DecisionReport
from calaudit.report.glossary import KINDS, Entry, known
from calaudit.report.html.blocks import (
    Answer,
    Block,
    Cards,
    Cell,
    Drawing,
    Head,
    Notes,
    Section,
    Table,
    Terms,
)
from calaudit.report.html.certificate import certificate_section
from calaudit.report.html.figures import (
    classic_section,
    comparison_section,
    headline_section,
    level_of,
    wrong_section,
)
from calaudit.report.html.groups import class_section, slice_section
from calaudit.report.html.pictures import picture_section
from calaudit.report.html.provenance import provenance_section
from calaudit.report.html.thresholds import decision_sections, selective_section
from calaudit.report.kinds import AnyReport
from calaudit.report.model import InputFile, Note, Report
from calaudit.report.numbers import count, counted
from calaudit.report.side_by_side import level_titles, side_by_side

__all__ = ["answer_of", "sections_of"]


def answer_of(report: AnyReport) -> Answer:
    """Return what is read first."""
    if isinstance(report, AuditReport):
        lead, rest = sentences(report.answer)
        verdict = report.before.verdict
        status, size = verdict.status, verdict.size
        if report.makes_worse:
            status, size = FAIL, FAIL
        data = [*_data(report.before), report.division.sentence]
        return Answer(
            status=status, size=size, lead=lead, rest=rest, data=data,
            dropped=dropped_text(report.before.intake),
        )  # fmt: skip
    dropped = dropped_text(report.intake)
    if isinstance(report, CheckReport):
        lead, rest = sentences(report.sentence)
        size = FAIL if report.breaks(report.status) else report.status
        data = [counted(report.rows, "row"), report.task, _source(report.inputs)]
        return Answer(
            status=report.status, size=size, lead=lead, rest=rest, data=data, dropped=dropped
        )
    if isinstance(report, DecisionReport):
        lead, rest = sentences(report.sentence)
        data = [*_data(report), *told(report.settings)]
        return Answer(
            status="advice", size="advice", lead=lead, rest=rest, data=data, dropped=dropped
        )
    lead, rest = sentences(report.verdict.sentence)
    return Answer(
        status=report.verdict.status, size=report.verdict.size, lead=lead, rest=rest,
        data=_data(report), dropped=dropped,
    )  # fmt: skip


def sections_of(report: AnyReport) -> list[Section]:
    """Return the sections that have content, the definitions of what they show among them."""
    found = [section for section in _sections(report) if section.blocks]
    terms = _terms(found)
    if terms:
        found.insert(len(found) - 1, _definitions(terms))
    return found


def _sections(report: AnyReport) -> Iterator[Section]:
    if isinstance(report, AuditReport):
        yield from _audit(report)
    elif isinstance(report, DecisionReport):
        yield picture_section(report)
        yield from decision_sections(report)
        yield _notes(report.notes)
    elif isinstance(report, CheckReport):
        yield _rules(report)
        yield _compared(report)
        yield picture_section(report)
        yield _notes(report.notes)
    else:
        yield from _opened(headline_section(report), picture_section(report))
        yield class_section(report)
        yield slice_section(report)
        yield classic_section(report)
        yield wrong_section(report)
        yield _notes(report.notes)
    yield provenance_section(report)


def _audit(report: AuditReport) -> Iterator[Section]:
    before, after = report.before, report.after
    yield from _opened(comparison_section(report), picture_section(report))
    yield class_section(report)
    yield slice_section(report)
    if report.decision is not None:
        lead, rest = sentences(report.decision.sentence)
        yield Section(name="decision", title="Where to act", blocks=[_told(lead, rest)])
        yield from decision_sections(report.decision)
    if report.selective is not None:
        yield selective_section(report.selective, level_of(before))
    yield certificate_section(report.fitted)
    yield classic_section(before, after)
    yield wrong_section(before, after)
    yield _notes(report.notes)


def _opened(figures: Section, pictures: Section) -> Iterator[Section]:
    """Yield both with the main picture where it is seen first: under the figures in large.

    The next stands beside it where both are narrow and the page is not.
    """
    large, *tables = figures.blocks
    narrow = takewhile(lambda b: isinstance(b, Drawing) and len(b.panels) == 1, pictures.blocks)
    seen = max(min(len(list(narrow)), 2), 1)
    yield replace(figures, blocks=[large, *pictures.blocks[:seen], *tables])
    yield replace(pictures, blocks=pictures.blocks[seen:])


def _told(lead: str, rest: str) -> Answer:
    return Answer(status="advice", size="advice", lead=lead, rest=rest, data=[])


def _notes(notes: Sequence[Note]) -> Section:
    return Section(name="notes", title="Notes", blocks=[Notes(notes)] if notes else [])


def _data(report: Report | DecisionReport) -> list[str]:
    used = counted(report.intake.rows_used, "row")
    return [used, task_text(report), _source(report.inputs)]


def _source(inputs: tuple[InputFile, ...]) -> str:
    if not inputs:
        return "no files"
    if len(inputs) == 1:
        return "standard input" if inputs[0].path == "-" else inputs[0].path
    return f"{count(len(inputs))} files from {inputs[0].path}"


def _rules(report: CheckReport) -> Section:
    table = Table(
        caption="Every rule",
        plain=True,
        heads=[Head(title="verdict", left=True), Head(title="what was found", left=True)],
        rows=[_rule(result, report) for result in report.results],
        sortable=len(report.results) > 1,
    )
    return Section(name="rules", title="Rules", blocks=[table] if report.results else [])


def _rule(result: RuleResult, report: CheckReport) -> list[Cell]:
    before, where, after = result.told
    told = f"{before} where {where}{after}" if where else before
    size = FAIL if report.breaks(result.status) else result.status
    return [
        Cell(text=result.status, left=True, status=result.status, size=size),
        Cell(text=told, left=True, named=True),
    ]


def _compared(report: CheckReport) -> Section:
    rows = side_by_side(report)
    then, now = level_titles(report)
    single = report.baseline is None
    titles = ["value", now] if single else ["before", then, "after", now, "change"]
    cells = [
        [
            Cell(text=row.metric, left=True, term=row.metric),
            *([] if single else [Cell(text=row.before), Cell(text=row.before_interval)]),
            Cell(text=row.after, tone="strong"),
            Cell(text=row.after_interval),
            *([] if single else [Cell(text=row.change, tone="strong")]),
        ]
        for row in rows
    ]
    heads = [Head(title="figure", left=True), *(Head(title=title) for title in titles)]
    caption = "Figures" if single else "Figures before and after"
    table = Table(caption=caption, heads=heads, rows=cells, plain=True)
    return Section(name="figures", title="Figures", blocks=[table] if rows else [])


def _definitions(terms: Sequence[Entry]) -> Section:
    """Return what is defined, a family at a time, in the order of the glossary."""
    kinds = list(KINDS)
    ordered = sorted(terms, key=lambda entry: kinds.index(entry.kind))
    families = groupby(ordered, key=lambda entry: entry.kind)
    blocks = [Terms(KINDS[kind], list(family)) for kind, family in families]
    return Section(name="definitions", title="How figures are defined", blocks=blocks)


def _terms(sections: Iterable[Section]) -> list[Entry]:
    """Return what is named in the sections and known to the glossary, once each."""
    names = (name for section in sections for block in section.blocks for name in _named(block))
    found = (known(name) for name in names if name)
    return list({entry.name: entry for entry in found if entry is not None}.values())


def _named(block: Block) -> Iterator[str]:
    if isinstance(block, Cards):
        yield from (card.term for card in block.cards)
    if isinstance(block, Table):
        yield from (head.term for head in block.heads)
        yield from (cell.term for row in block.rows for cell in row[:1])

"""What the documents of several kinds of report have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from calaudit.findings.finding import Finding, parted
from calaudit.report.command import command_of
from calaudit.report.content.columns_read import settings_text
from calaudit.report.content.verdict_lines import dropped_text, task_text
from calaudit.report.document import (
    Answer,
    Block,
    Cards,
    Document,
    Drawing,
    Notes,
    Section,
    Table,
    Terms,
)
from calaudit.report.documents.provenance_section import column_text, provenance_section
from calaudit.report.evaluation_report import Groups, InputFile, IntakeResult, Report, RoleResult
from calaudit.report.glossary import KINDS, Entry, known
from calaudit.report.kinds import kind_of
from calaudit.report.numbers import count, counted

if TYPE_CHECKING:
    from calaudit.report.estimate_report import EstimateReport
    from calaudit.report.threshold_report import DecisionReport


def answer(
    sentence: str,
    lead: str,
    *,
    status: str,
    size: str,
    data: Sequence[str] = (),
    told: Sequence[str] = (),
    intake: IntakeResult | None = None,
) -> Answer:
    """Return what is read first, its first sentence apart (see `parted`)."""
    lead, rest = parted(sentence, lead)
    dropped = "" if intake is None else dropped_text(intake)
    return Answer(
        status=status, size=size, lead=lead, rest=rest, data=data, told=told, dropped=dropped
    )


def document(
    command: str, version: str, level: float, first: Answer, sections: Iterable[Section]
) -> Document:
    """Return a document of the sections that have content, with what defines its terms."""
    found = [section for section in sections if section.blocks]
    terms = _terms(found)
    if terms:
        found.insert(len(found) - 1, _definitions(terms))
    return Document(
        command=command, version=version, level=level, answer=first, sections=tuple(found)
    )


def report_document(
    report: Any,
    first: Answer,
    sections: Iterable[Section],
    *,
    level: float,
    files: Sequence[tuple[str, Sequence[InputFile]]] | None = None,
    roles: Sequence[RoleResult] | None = None,
    facts: Sequence[tuple[str, str]] = (),
) -> Document:
    """Return the document of a report: sections, then its notes and where it comes from.

    Args:
        report: of a kind that a command makes again.
        first: what is read first.
        sections: of its own.
        level: of the intervals.
        files: captions, and what was read; None for the inputs of the report.
        roles: which column is what; None for those of the report.
        facts: names, and what they are; the schema follows.
    """
    made = provenance_section(
        command=command_of(report),
        files=[("Files", report.inputs)] if files is None else files,
        roles=report.roles if roles is None else roles,
        facts=[*facts, ("Schema", report.schema)],
        settings=report.settings,
    )
    found = [*sections, notes_section(report.notes), *made]
    return document(kind_of(report).command, report.calaudit, level, first, found)


def data_parts(
    report: Report | DecisionReport | EstimateReport, groups: Groups | None = None
) -> list[str]:
    """Return the rows, what kind of predictions they are, and where they are from."""
    used = rows_text(report.intake.rows_used, groups)
    return [used, task_text(report), source_text(report.inputs)]


def rows_text(rows: int, groups: Groups | None) -> str:
    """Return how many rows there are, and in how many groups."""
    return counted(rows, "row") if groups is None else f"{counted(rows, 'row')} in {groups.words}"


def read_parts(roles: Sequence[RoleResult]) -> list[str]:
    """Return which columns were read as what."""
    return [
        f"{role.role}: {column_text(role)}{' (inferred)' if role.inferred else ''}"
        for role in roles
    ]


def source_text(inputs: Sequence[InputFile]) -> str:
    """Return the name of the file, or how many there are."""
    if not inputs:
        return "no files"
    if len(inputs) == 1:
        return "standard input" if inputs[0].path == "-" else inputs[0].path
    return f"{count(len(inputs))} files from {inputs[0].path}"


def notes_section(notes: Sequence[Finding]) -> Section:
    """Return what should be known, each with what to do."""
    return Section(name="notes", title="Notes", blocks=[Notes(notes)] if notes else [], short=True)


def rows_fact(intake: IntakeResult) -> tuple[str, str]:
    """Return how many rows were used, and why others were not."""
    used = f"{count(intake.rows_used)} of {counted(intake.rows_read, 'row')} used"
    dropped = dropped_text(intake)
    return "Rows", f"{used}; {dropped}" if dropped else used


def settings_fact(report: object) -> tuple[str, str]:
    """Return the settings that figures depend on, in a line."""
    settings, version = getattr(report, "settings", {}), getattr(report, "calaudit", "")
    return "Settings", settings_text(settings, getattr(report, "table", {}), version)


def _definitions(terms: Sequence[Entry]) -> Section:
    """Return what is defined, a family at a time, in the order of the glossary."""
    kinds = list(KINDS)
    ordered = sorted(terms, key=lambda entry: kinds.index(entry.kind))
    families = groupby(ordered, key=lambda entry: entry.kind)
    blocks = [Terms(KINDS[kind], list(family)) for kind, family in families]
    return Section(name="definitions", title="How figures are defined", blocks=blocks, folded=True)


def _terms(sections: Iterable[Section]) -> list[Entry]:
    """Return what is named in the sections and known to the glossary, once each."""
    named = (name for section in sections for block in section.blocks for name in _named(block))
    found = (known(name) for name in named if name)
    return list({entry.name: entry for entry in found if entry is not None}.values())


def _named(block: Block) -> Iterator[str]:
    if isinstance(block, Cards):
        yield from (card.term for card in block.cards)
    if isinstance(block, Drawing) and block.table is not None:
        yield from _named(block.table)
    if isinstance(block, Table):
        yield from (column.term for column in block.columns)
        yield from (term for column in block.columns for term in column.terms)

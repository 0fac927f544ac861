"""From scores to decisions: options, costs, counts, limits, and what they rest on."""

from __future__ import annotations

from itertools import groupby

from calaudit.report.audit import Selective
from calaudit.report.content.columns import Column
from calaudit.report.content.cutoffs import (
    guarantee_sentences,
    plateau_sentence,
    sensitivity_pairs,
)
from calaudit.report.content.matrix import (
    decided_columns,
    few,
    matrix_columns,
    matrix_names,
    saving_parts,
)
from calaudit.report.content.opening import aurc_sentence
from calaudit.report.content.options import (
    RATES,
    cost_columns,
    cost_remark,
    level_of,
    option_cutoffs,
    option_names,
    option_remark,
    rate_columns,
    rate_names,
    volume_columns,
    volume_remark,
)
from calaudit.report.content.outcomes import (
    class_cutoff_columns,
    slice_outcome_columns,
    truth_columns,
    truth_names,
    truth_remark,
)
from calaudit.report.content.selective import (
    selective_columns,
    selective_names,
    selective_remarks,
)
from calaudit.report.decision import DecisionReport
from calaudit.report.html.blocks import (
    Block,
    Cell,
    Head,
    Prose,
    Section,
    Table,
    name_cells,
    table_of,
)

__all__ = ["decision_sections", "selective_section"]


def decision_sections(report: DecisionReport) -> list[Section]:
    """Return the options side by side, what limits them, and what one does to whom."""
    return [
        Section(name="options", title="Options", blocks=_options(report)),
        Section(name="counts", title="What the recommended option does", blocks=_truths(report)),
        Section(name="matrix", title="Decisions by expected cost", blocks=_matrix(report)),
        Section(name="cutoffs", title="Cutoffs by class", blocks=_by_class(report)),
        Section(name="limits", title="Limits and assumptions", blocks=_assumptions(report)),
        Section(name="outcomes", title="Slices at these cutoffs", blocks=_slices(report)),
    ]


def _options(report: DecisionReport) -> list[Block]:
    if not report.options:
        return []
    names = [
        Cell(text=name, left=True, tone="strong" if name == "recommended" else "")
        for name in option_names(report)
    ]
    cutoffs = Column(title="cutoffs", cells=tuple(option_cutoffs(report)), right=False)
    blocks: list[Block] = [
        table_of("Options and their cutoffs", names, [cutoffs], remarks=[option_remark(report)])
    ]
    found = [option.rates for option in report.options]
    shares = rate_columns(rate_names(report), found, report, RATES)
    blocks.append(table_of("What each option does", names, shares))
    costs = cost_columns(report)
    if costs:
        remarks = [cost_remark(report)]
        blocks.append(table_of("Cost per 1,000 cases", names, costs, remarks=remarks))
    volumes = volume_columns(report)
    blocks.append(table_of("Volumes", names, volumes, remarks=[volume_remark(report)]))
    return blocks


def _truths(report: DecisionReport) -> list[Block]:
    columns = truth_columns(report)
    if not columns:
        return []
    names = name_cells(truth_names(report))
    caption = "Cases by what they are and what is done with them"
    return [table_of(caption, names, columns, remarks=[truth_remark(report)])]


def _matrix(report: DecisionReport) -> list[Block]:
    matrix = report.matrix
    if matrix is None:
        return []
    names = [Cell(text=name, left=True) for name in matrix_names(matrix)]
    columns = matrix_columns(matrix, level_of(report))
    saving = "".join(saving_parts(matrix))
    blocks: list[Block] = [table_of("Cost per 1,000 cases", names, columns, remarks=[saving])]
    if few(matrix):
        blocks.append(
            table_of(
                "Cases by smallest expected cost",
                name_cells(matrix.rules[0].counts),
                decided_columns(matrix),
                title=Head(title="truth", left=True),
            )
        )
    return blocks


def _by_class(report: DecisionReport) -> list[Block]:
    if not report.by_class:
        return []
    reasons = Column(title="", cells=tuple(c.reason for c in report.by_class), right=False)
    columns = class_cutoff_columns(report.by_class, report)
    columns += [reasons] if any(reasons.cells) else []
    names = name_cells(c.name for c in report.by_class)
    title = Head(title="predicted", left=True)
    return [table_of("Cutoffs by predicted class", names, columns, title=title, sortable=True)]


def _assumptions(report: DecisionReport) -> list[Block]:
    blocks: list[Block] = []
    limits = guarantee_sentences(report)
    if limits:
        blocks.append(Prose(limits, "Limits"))
    reach = plateau_sentence(report)
    if reach:
        blocks.append(Prose([reach], "Range"))
    pairs = sensitivity_pairs(report)
    if pairs:
        names = [Cell(text=label, left=True) for label, _ in pairs]
        cutoffs = Column(title="cutoffs", cells=tuple(text for _, text in pairs), right=False)
        blocks.append(table_of("If assumptions change", names, [cutoffs]))
    area = aurc_sentence(report)
    if area:
        blocks.append(Prose([area], "Risk and coverage"))
    return blocks


def _slices(report: DecisionReport) -> list[Table]:
    tables = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        tables.append(
            table_of(
                f"What these cutoffs do by {column}",
                name_cells(s.value for s in found),
                slice_outcome_columns(found, report, RATES),
                title=Head(title=column, left=True, named=True),
                sortable=True,
            )
        )
    return tables


def selective_section(selective: Selective, level: float) -> Section:
    """Return what accepting the most confident decisions and reviewing the rest would give."""
    blocks = []
    if selective.acceptances:
        blocks.append(
            table_of(
                "Accepting the most confident, reviewing the rest",
                [Cell(text=name, left=True) for name in selective_names(selective)],
                selective_columns(selective, level),
                title=Head(title="errors", left=True),
                remarks=selective_remarks(selective),
            )
        )
    return Section(name="selective", title="Without a person", blocks=blocks)

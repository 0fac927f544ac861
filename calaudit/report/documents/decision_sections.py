"""From scores to decisions: options, costs, counts, limits, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from calaudit.report.audit_report import Selective
from calaudit.report.content.acceptance_table import (
    selective_columns,
    selective_names,
    selective_remarks,
)
from calaudit.report.content.cutoffs import (
    guarantee_sentences,
    plateau_sentence,
    sensitivity_pairs,
)
from calaudit.report.content.matrix_table import (
    decided_columns,
    few,
    matrix_columns,
    matrix_names,
    saving_text,
)
from calaudit.report.content.option_table import (
    cost_columns,
    cost_remark,
    index_columns,
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
from calaudit.report.content.verdict_lines import aurc_sentence
from calaudit.report.document import Block, Column, Prose, Section, Table, Tone, names
from calaudit.report.threshold_report import DecisionReport


def decision_sections(report: DecisionReport) -> list[Section]:
    """Return the options side by side, what limits them, and what one does to whom."""
    return [
        Section(name="options", title="Options", blocks=_options(report), short=True),
        Section(name="counts", title="Counts of cases", blocks=_counts(report)),
        Section(
            name="matrix", title="Decisions by expected cost", blocks=_matrix(report), short=True
        ),
        Section(name="cutoffs", title="Cutoffs by class", blocks=_by_class(report), short=True),
        Section(name="limits", title="Limits", blocks=_limits(report), short=True),
        Section(name="assumptions", title="If assumptions change", blocks=_assumptions(report)),
        Section(name="outcomes", title="Slices at these cutoffs", blocks=_slices(report)),
    ]


def _options(report: DecisionReport) -> list[Block]:
    if not report.options:
        return []
    rates = rate_columns(rate_names(report), [option.rates for option in report.options], report)
    # They are typed in: beside their row or under it, never folded.
    cells = option_cutoffs(report)
    cutoffs = Column(title="cutoffs", cells=cells, right=False, tone="quiet", whole=True)
    blocks: list[Block] = [
        _option_table(
            report, "Options", [*index_columns(report), *rates, cutoffs], option_remark(report)
        )
    ]
    costs = cost_columns(report)
    if costs:
        blocks.append(_option_table(report, "Cost per 1,000 cases", costs, cost_remark(report)))
    return blocks


def _option_table(
    report: DecisionReport, caption: str, columns: Sequence[Column], remark: str
) -> Table:
    found = option_names(report)
    tones: list[Tone] = ["strong" if name == "recommended" else "" for name in found]
    return Table(
        caption=caption,
        columns=[names("", found, named=False, tones=tones), *columns],
        remarks=[remark] if remark else [],
        plain=caption == "Options",
    )


def _counts(report: DecisionReport) -> list[Block]:
    """Return how many cases go where, and what those of the file are."""
    if not report.options:
        return []
    volumes = _option_table(report, "Volumes", volume_columns(report), volume_remark(report))
    columns = truth_columns(report)
    if not columns:
        return [volumes]
    remark = truth_remark(report)
    table = Table(
        caption="Cases by what they are and what is done with them",
        columns=[names("", truth_names(report)), *columns],
        remarks=[remark] if remark else [],
    )
    if report.task != "binary" or "npv" not in report.options[0].rates:  # of an older version
        return [volumes, table]
    rates = [option.rates for option in report.options]
    found = rate_columns(("recall", "specificity", "precision", "npv"), rates, report)
    return [volumes, table, _option_table(report, "Positives and negatives told apart", found, "")]


def _matrix(report: DecisionReport) -> list[Block]:
    matrix = report.matrix
    if matrix is None:
        return []
    saving = saving_text(matrix)
    blocks: list[Block] = [
        Table(
            caption="Cost per 1,000 cases",
            columns=[
                names("", matrix_names(matrix), named=False),
                *matrix_columns(matrix, level_of(report)),
            ],
            remarks=[saving] if saving else [],
        )
    ]
    if few(matrix):
        truths = names("truth", list(matrix.rules[0].counts))
        columns = [truths, *decided_columns(matrix)]
        blocks.append(Table(caption=f"Cases by {matrix_names(matrix)[0]}", columns=columns))
    return blocks


def _by_class(report: DecisionReport) -> list[Block]:
    if not report.by_class:
        return []
    columns = [
        names("predicted", [c.name for c in report.by_class]),
        *class_cutoff_columns(report.by_class, report),
    ]
    reasons = [c.reason for c in report.by_class]
    if any(reasons):
        columns.append(Column(title="", cells=reasons, right=False, tone="quiet"))
    caption = "Cutoffs by predicted class"
    table = Table(caption=caption, columns=columns, sortable=True, plain=True, nouns="classes")
    return [table]


def _limits(report: DecisionReport) -> list[Block]:
    found = [
        (guarantee_sentences(report), ""),
        ([plateau_sentence(report)], "Range"),
        ([aurc_sentence(report)], "Risk and coverage"),
    ]
    return [Prose(texts, title) for texts, title in found if any(texts)]


def _assumptions(report: DecisionReport) -> list[Block]:
    pairs = sensitivity_pairs(report)
    if not pairs:
        return []
    columns = [
        names("", [label for label, _ in pairs], named=False),
        Column(title="cutoffs", cells=[text for _, text in pairs], right=False, whole=True),
    ]
    return [Table(caption="If assumptions change", columns=columns, plain=True)]


def _slices(report: DecisionReport) -> list[Table]:
    tables = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        columns = [
            names(column, [s.value for s in found], title_named=True),
            *slice_outcome_columns(found, report),
        ]
        caption = f"What these cutoffs do by {column}"
        tables.append(Table(caption=caption, columns=columns, sortable=True, nouns="slices"))
    return tables


def selective_section(selective: Selective, level: float) -> Section:
    """Return what accepting the most confident decisions and reviewing the rest would give."""
    blocks: list[Block] = []
    if selective.acceptances:
        columns = [
            names("errors allowed", selective_names(selective), named=False),
            *selective_columns(selective, level),
        ]
        blocks.append(
            Table(
                caption="Accepting the most confident, reviewing the rest",
                columns=columns,
                remarks=selective_remarks(selective),
                plain=True,
            )
        )
    return Section(name="selective", title="Without a person", blocks=blocks, short=True)

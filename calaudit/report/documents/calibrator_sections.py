"""A calibrator: what it is, what it is worth, how it was chosen."""

from __future__ import annotations

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.certificate import MAKES_WORSE
from calaudit.report.content.certificate_text import (
    CHOSEN,
    candidate_line,
    check_lines,
    check_title,
    checks_of,
    fit_text,
    fitted_on,
    floor_pairs,
    meaning,
    method_title,
    parameters_text,
)
from calaudit.report.content.figure_columns import DASH
from calaudit.report.document import Block, Column, Notes, Prose, Section, Table, names


def calibrator_sentences(calibrator: Calibrator) -> list[str]:
    """Return what the calibrator does, and what that says of the scores, if anything."""
    title = f"{method_title(calibrator.method)}{parameters_text(calibrator)}"
    return [title, *filter(None, [meaning(calibrator)])]


def calibrator_section(calibrator: Calibrator) -> Section:
    """Return the calibrator of an audit, whose other parts judge it on other rows."""
    # The others are among the notes of the audit.
    against = [r for r in calibrator.certificate.remarks if r.code == MAKES_WORSE]
    blocks: list[Block] = [Notes(against)] if against else []
    blocks.append(Prose([" ".join(calibrator_sentences(calibrator))]))
    blocks.append(Prose([" · ".join(fitted_on(calibrator))], tone="quiet"))
    blocks += check_tables(calibrator, audited=True)
    blocks += candidates_tables(calibrator)
    blocks += fit_blocks(calibrator)
    return Section(name="calibrator", title="Calibrator", blocks=blocks)


def check_tables(calibrator: Calibrator, *, audited: bool = False) -> list[Table]:
    """Return the figures before and after, of each set of rows that it was checked on."""
    tables = []
    for check in checks_of(calibrator, audited=audited):
        lines = check_lines(check)
        columns = [
            names("", [x.title for x in lines], named=False, terms=[x.name for x in lines]),
            Column(title="before", cells=[x.before for x in lines]),
            Column(title="after", cells=[x.after for x in lines], tone="strong"),
            Column(title="", cells=[x.remark for x in lines], right=False, tone="quiet"),
        ]
        tables.append(Table(caption=check_title(check), columns=columns))
    return tables


def candidates_tables(calibrator: Calibrator) -> list[Table]:
    """Return the methods that were considered; none where one was asked for."""
    candidates = calibrator.certificate.candidates
    if not candidates:
        return []
    lines = [candidate_line(each) for each in candidates]
    columns = [
        names("", [x.method for x in lines], named=False, terms=[x.method for x in lines]),
        Column(
            title="log loss",
            cells=[x.log_loss or DASH for x in lines],
            values=[c.log_loss for c in candidates],
            term="log_loss",
        ),
        Column(
            title="worse by",
            cells=[x.worse or DASH for x in lines],
            values=[c.worse for c in candidates],
        ),
        Column(
            title="error",
            cells=[x.error or DASH for x in lines],
            values=[c.error for c in candidates],
        ),
        Column(
            title="",
            cells=["chosen" if x.chosen else x.reason for x in lines],
            right=False,
            tones=["strong" if x.chosen else "quiet" for x in lines],
        ),
    ]
    caption = "Candidates, cross-validated"
    return [Table(caption=caption, columns=columns, remarks=[CHOSEN], sortable=True)]


def fit_blocks(calibrator: Calibrator) -> list[Block]:
    """Return how exactly it was fitted, and what other floors of probabilities would give."""
    blocks: list[Block] = []
    pairs = floor_pairs(calibrator)
    if pairs:
        columns = [
            names("floor", [floor for floor, _ in pairs], named=False),
            Column(title="T", cells=[temperature for _, temperature in pairs]),
        ]
        blocks.append(Table(caption="Temperature by floor", columns=columns))
    return [*blocks, Prose([fit_text(calibrator)], "Fit", "quiet")]

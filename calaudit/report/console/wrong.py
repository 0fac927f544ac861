"""The confidently wrong: what they cost, and which rows they are."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page
from calaudit.report.model import Report, Threshold, WorstRow
from calaudit.report.numbers import count, integral_percent, places, shown

__all__ = ["worst_lines", "wrong_lines"]


def wrong_lines(report: Report, page: Page) -> list[Text]:
    """Return a sentence for the cost and one for each confidence."""
    wrong = report.confidently_wrong
    sentences = []
    if wrong.share_of_log_loss is not None:
        worst, share = integral_percent(wrong.worst_fraction), wrong.share_of_log_loss
        sentences.append(
            f"The worst {worst} of rows make {integral_percent(share)} of the log loss."
        )
    filled = sum(t.rows > 0 for t in wrong.above)
    sentences += [_above(t) for t in wrong.above[: filled + 1]]
    if wrong.infinite_rows:
        rows = "row gives" if wrong.infinite_rows == 1 else "rows give"
        sentences.append(
            f"{count(wrong.infinite_rows)} {rows} the truth a probability of exactly 0: "
            "an infinite log loss, were it not clipped."
        )
    return [line for s in sentences for line in hanging(page.ours(s), width=page.prose)]


def worst_lines(report: Report, page: Page) -> list[Text]:
    """Return the most confidently wrong rows, worst first."""
    several = len({row.file for row in report.worst}) > 1
    named = any(row.id is not None for row in report.worst)
    room = max((page.width - 34) // (2 + named + several), 10)
    if named and not several:  # classes are short; an id must be whole to be of use
        taken = max(len(r.label) + len(r.predicted) for r in report.worst)
        room = max(room, page.width - 36 - taken)
    first = [Column("file", right=False)] if several else []
    first += [Column("row")] + ([Column("id", right=False)] if named else [])
    columns = [*first, Column("truth", right=False), Column("predicted", right=False),
               Column("confidence"), Column("log loss")]  # fmt: skip
    rows = [_worst_row(row, page, room, several=several, named=named) for row in report.worst]
    return grid(columns, rows, width=page.width) if rows else []


def _above(threshold: Threshold) -> str:
    above = f"Above {threshold.above:g} confidence"
    if threshold.rows == 0:
        return f"{above} there are no rows."
    part = threshold.wrong / threshold.rows if threshold.share is None else threshold.share
    share = integral_percent(part)
    return f"{above} {count(threshold.wrong)} of {count(threshold.rows)} rows are wrong ({share})."


def _worst_row(row: WorstRow, page: Page, room: int, *, several: bool, named: bool) -> list[Text]:
    decimals = places(row.confidence, 1 - row.confidence, width=1 - row.confidence, unit="percent")
    confidence = shown(row.confidence, min(decimals, 4), "percent")
    return [
        *([page.name(row.file, room)] if several else []),
        Text(str(row.row)),
        *([page.name(row.id or "", room)] if named else []),
        page.name(row.label, room),
        page.name(row.predicted, room),
        Text(("100" if row.confidence == 1 else confidence) + " %"),
        Text("infinite" if row.loss is None else f"{row.loss:.2f}"),
    ]

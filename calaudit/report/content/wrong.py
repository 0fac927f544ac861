"""The confidently wrong: what they cost, and which rows they are."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.document import Column
from calaudit.report.evaluation_report import Report, Threshold, WorstRow
from calaudit.report.numbers import count, integral_percent, places, shown


def wrong_sentences(report: Report) -> list[str]:
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
    return sentences


def worst_columns(worst: Sequence[WorstRow]) -> list[Column]:
    """Return columns of rows, the worst first; [] where there are none.

    The file is named where there are several, the id where there is one.
    """
    if not worst:
        return []
    several = len({row.file for row in worst}) > 1
    named = any(row.id is not None for row in worst)
    return [
        *([_names("file", [row.file for row in worst])] if several else []),
        Column(
            title="row",
            cells=tuple(str(row.row) for row in worst),
            values=tuple(row.row for row in worst),
        ),
        *([_names("id", [row.id or "" for row in worst])] if named else []),
        _names("truth", [row.label for row in worst]),
        _names("predicted", [row.predicted for row in worst]),
        Column(
            title="confidence",
            cells=tuple(map(_confidence, worst)),
            values=tuple(row.confidence for row in worst),
        ),
        Column(
            title="log loss",
            cells=tuple("infinite" if row.loss is None else f"{row.loss:.2f}" for row in worst),
            values=tuple(float("inf") if row.loss is None else row.loss for row in worst),
        ),
    ]


def _names(title: str, cells: list[str]) -> Column:
    return Column(title=title, cells=tuple(cells), right=False, named=True)


def _confidence(row: WorstRow) -> str:
    decimals = places(row.confidence, 1 - row.confidence, width=1 - row.confidence, unit="percent")
    confidence = shown(row.confidence, min(decimals, 4), "percent")
    return ("100" if row.confidence == 1 else confidence) + " %"


def _above(threshold: Threshold) -> str:
    above = f"Above {threshold.above:g} confidence"
    if threshold.rows == 0:
        return f"{above} there are no rows."
    counted = integral_percent(threshold.wrong / threshold.rows)
    share = counted if threshold.share is None else integral_percent(threshold.share)
    share += "" if share == counted else " by weight"
    return f"{above} {count(threshold.wrong)} of {count(threshold.rows)} rows are wrong ({share})."

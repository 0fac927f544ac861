"""Cutoffs in words and in digits that are exact, and how far they can be trusted to stay."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.report.numbers import count
from calaudit.report.threshold_report import DecisionReport, Guarantee, Option, Plateau, Sensitivity


@dataclass(frozen=True, slots=True)
class Verbs:
    """What is done with a case: short, as a title, of cases done with, and of one that is not."""

    act: str
    act_on: str
    acted_on: str
    let_pass: str


ACTING = Verbs("act", "act on", "acted on", "let pass")
ACCEPTING = Verbs("accept", "accept", "accepted", "let pass")


def verbs(report: DecisionReport) -> Verbs:
    """Return how deciding is called: predictions are accepted, positive cases acted on."""
    return ACTING if report.task == "binary" else ACCEPTING


Cut = Option | Sensitivity
"""Whatever has two cutoffs."""


def number_text(value: float | None) -> str:
    """Return a cutoff to the last digit: what is printed can be typed in; "never" for none.

    >>> number_text(0.3128662109375), number_text(None)
    ('0.3128662109375', 'never')
    """
    return "never" if value is None else repr(float(value)).removesuffix(".0")


def cutoff_text(cut: Cut, report: DecisionReport) -> str:
    """Return what is done from which score on."""
    act = verbs(report).act
    acting = f"{act} never" if cut.act_from is None else f"{act} ≥ {number_text(cut.act_from)}"
    if report.task != "binary" or cut.review_from is None:
        return acting
    split = cut.split if isinstance(cut, Option) else None
    part = f" and part of {number_text(split.score)}" if split else ""
    return f"review ≥ {number_text(cut.review_from)}{part}, {acting}"


def plateau_sentence(report: DecisionReport) -> str:
    """Return where the cheapest cutoffs lie; "" where that was not looked for."""
    act = verbs(report).act
    reaches = [
        f"to {act if plateau.cutoff == 'act_from' else 'review'}, {_reach(plateau)}"
        for plateau in report.plateaus
    ]
    if not reaches:
        return ""
    level = typed_percent(float(report.settings.get("level", 0.95)))
    return f"With {level} confidence the cheapest cutoff is: {'; '.join(reaches)}."


def _reach(plateau: Plateau) -> str:
    low, high = (None if end is None else number_text(end) for end in (plateau.low, plateau.high))
    if low is None and high is None:
        return "any"
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"from {low} on, or none"
    return f"from {low} to {high}"


def sensitivity_pairs(report: DecisionReport) -> list[tuple[str, str]]:
    """Return assumptions and the cutoffs under them, those recommended first."""
    best = report.recommended
    if best is None or not report.sensitivity:
        return []
    cuts: list[tuple[str, Cut]] = [("as assumed", best)]
    cuts += [(each.label, each) for each in report.sensitivity]
    return [(label, cutoff_text(cut, report)) for label, cut in cuts]


def guarantee_sentences(report: DecisionReport) -> list[str]:
    """Return each limit, with which confidence it is kept, and how that was shown."""
    return [_guarantee(each, report) for each in report.guarantees]


def _guarantee(guarantee: Guarantee, report: DecisionReport) -> str:
    names = {
        "min_precision": "precision ≥ {}",
        "min_recall": "recall ≥ {}",
        "max_fpr": "false positive rate ≤ {}",
        "max_error": f"error ≤ {{}} among those {verbs(report).acted_on}",
        "max_error_passing": f"error ≤ {{}} among those {verbs(report).let_pass}",
    }
    if report.task == "binary" and guarantee.confidence is None:
        names["max_error"] = "error ≤ {} among those decided without a review"
    limit = names[guarantee.limit].format(typed_percent(guarantee.value))
    if guarantee.confidence is None:
        return f"{limit}: kept on these rows; nothing is shown for others."
    parts = []
    if guarantee.tests is not None:
        of = "" if guarantee.groups is None else f" of {count(guarantee.groups)} groups"
        parts.append(f"shown by {count(guarantee.tests)} test{'s' * (guarantee.tests != 1)}{of}")
    if guarantee.rows_needed is not None:
        needed = f"at least {count(guarantee.rows_needed)} rows needed"
        there = "" if guarantee.rows is None else f", there are {count(guarantee.rows)}"
        parts.append(needed + there)
    how = f": {'; '.join(parts)}" if parts else ""
    return f"{limit}, with {typed_percent(guarantee.confidence)} confidence{how}."


def typed_percent(share: float) -> str:
    """Return a share that someone typed, to the last digit."""
    return f"{100 * share:.10g} %"

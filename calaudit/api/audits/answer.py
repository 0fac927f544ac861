"""The first paragraph of an audit: what anyone who reads no further must know."""

from __future__ import annotations

import re

from calaudit.api.audits.acting import act_sentence
from calaudit.api.audits.effect import help_sentence
from calaudit.api.audits.ranking_sentence import ranking_sentence
from calaudit.api.audits.surprises import watch_sentences
from calaudit.metrics.labelling import LABELS_FOLLOW, SAID_FIRST
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report

__all__ = ["answer_of", "calibration_sentence"]

MOST = 7
"""Sentences at most; what to watch comes last, and gives way."""

MEANINGS = {
    "calibration error": "how far scores are from what comes true",
    "log loss": "which punishes being sure and wrong",
}
"""What is said of a figure where it is first named."""


def answer_of(report: AuditReport) -> str:
    """Return the answer in a few plain sentences: how far off, what helps, where to act, what to
    watch. A calibrator that makes scores worse comes first.

    Args:
        report: with everything but its answer and its notes.
    """
    first = [calibration_sentence(report.before), help_sentence(report)]
    codes = {note.code for note in report.before.notes}
    if report.makes_worse and codes.isdisjoint(SAID_FIRST):
        first.reverse()
    acting = "" if LABELS_FOLLOW in codes else act_sentence(report)
    said = [*first, ranking_sentence(report.before), acting]
    sentences = _split(" ".join(filter(None, said)))
    sentences += watch_sentences(report)[: max(MOST - len(sentences), 0)]
    text = " ".join(sentences)
    for name, meaning in MEANINGS.items():
        text = text.replace(name, f"{name} ({meaning})", 1)
    return text


def _split(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text.strip())


def calibration_sentence(before: Report) -> str:
    """Return the verdict in words that need no glossary: without names of statistics."""
    text = re.sub(r" \((?:Cox slope|p =)[^)]*\)", "", before.verdict.sentence)
    text = re.sub(r"; p [=<] [^)]*\)", ")", text)
    text = re.sub(r"\. Smooth calibration error (?=\d)", "; the calibration error is ", text)
    return text.replace("smooth calibration", "calibration")

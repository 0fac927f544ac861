"""The first paragraph of an audit: what anyone who reads no further must know."""

from __future__ import annotations

from functools import partial

from calaudit.api.audits.acting import act_sentences
from calaudit.api.audits.effect import help_sentence
from calaudit.api.audits.ranking_sentence import ranking_sentence
from calaudit.api.audits.surprises import watch_sentences
from calaudit.api.audits.terms import CALIBRATION_ERROR, Terms
from calaudit.api.reports.verdict_sentences import Judged
from calaudit.findings.finding import lasts, leads
from calaudit.metrics.labelling import LABELS_FOLLOW, SAID_FIRST
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report

MOST = 7
"""Sentences at most; what to watch comes last, and gives way."""


def answer_of(report: AuditReport) -> list[str]:
    """Return the answer in a few plain sentences: how far off, what helps, where to act, what to
    watch. A calibrator that makes scores worse comes first.

    Args:
        report: with everything but its answer and its notes.
    """
    terms, codes = Terms(), {note.code for note in report.before.notes}
    steps = [
        partial(calibration_sentences, report.before, terms),
        partial(help_sentence, report, terms),
    ]
    if report.makes_worse and codes.isdisjoint(SAID_FIRST):
        steps.reverse()
    sentences = [sentence for step in steps for sentence in step()]
    sentences += ranking_sentence(report.before)
    sentences += [] if LABELS_FOLLOW in codes else act_sentences(report)
    return sentences + watch_sentences(report, terms)[: max(MOST - len(sentences), 0)]


def calibration_sentences(before: Report, terms: Terms) -> list[str]:
    """Return the verdict in words that need no glossary: without names of statistics."""
    sides = ("mean_score", "base_rate") if before.task == "binary" else (
        "mean_confidence", "accuracy"
    )  # fmt: skip
    mean_score, rate = (before.metrics[side].value or 0.0 for side in sides)
    judged = Judged(
        task=before.task,
        verdict=before.verdict,
        metrics=before.metrics,
        mean_score=mean_score,
        rate=rate,
        plain=True,
        named=partial(terms, CALIBRATION_ERROR),
    )
    return [*leads(before.notes), *judged.sentences(), *lasts(before.notes)]

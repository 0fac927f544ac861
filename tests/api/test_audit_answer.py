"""The first paragraph of an audit, on reports built by hand: every verdict, every effect."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from calaudit.api.audits.acting import act_sentences
from calaudit.api.audits.answer import answer_of
from calaudit.api.audits.audit_notes import audit_notes
from calaudit.api.audits.effect import effect_of, help_sentence
from calaudit.api.audits.surprises import watch_sentences
from calaudit.api.audits.terms import CALIBRATION_ERROR, LOG_LOSS, Terms
from calaudit.api.reports.verdict_sentences import Judged, verdict_of
from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.report.audit_report import Acceptance, AuditReport, Division, Selective
from calaudit.report.evaluation_report import Report
from tests.report.decisions import fraud
from tests.report.examples import binary_calibrated, error, estimate, multiclass, sliced, wrong

JARGON = re.compile(r"Cox|smECE|smooth|p [=<] |nats|AURC|\*\*|`")
"""What nobody but us knows, and markup."""


def acceptance(limit: float, cutoff: float | None, coverage: float, **more: Any) -> Acceptance:
    """Return what one limit gives."""
    return Acceptance(
        max_error=limit, guarantee=more.get("guarantee", 0.95), cutoff=cutoff,
        coverage=estimate(coverage), error=estimate(limit / 2),
        reason="" if cutoff is not None else "there are too few",
    )  # fmt: skip


def selective(*acceptances: Acceptance, unit: str = "calibrated probability") -> Selective:
    """Return selective automation with these limits."""
    return Selective(
        unit=unit, aurc=estimate(0.01, 0.008, 0.012), curve=(), acceptances=acceptances
    )


USUAL = selective(
    acceptance(0.005, None, 0.0), acceptance(0.01, 0.995, 0.3), acceptance(0.02, 0.97, 0.63),
    acceptance(0.05, 0.9, 0.8), acceptance(0.1, 0.7, 1.0),
)  # fmt: skip


def calibrated(before: Report, off: float, status: str = "calibrated") -> Report:
    """Return the report after a calibrator that leaves an error of ``off``."""
    metrics = before.metrics | {
        "smece": error(off + 0.002, 0.006, off, max(off - 0.005, 0), off + 0.005)
    }
    verdict = replace(before.verdict, status=status, sentence="…")
    return replace(before, metrics=metrics, verdict=verdict)


def audit(
    before: Report | None = None,
    *,
    off: float | None = 0.01,
    saved: Estimate | None = None,
    **more: Any,
) -> AuditReport:
    """Return an audit built by hand; ``off`` None for no calibrator."""
    before = before or multiclass()
    tests = {
        "cox_slope": estimate(1.0), "cox_test": estimate(9.0, p_value=0.5),
        "mean_score": estimate(0.4),
    }  # fmt: skip
    before = replace(before, metrics=tests | before.metrics)
    given: dict[str, Any] = {
        "after": None if off is None else calibrated(before, off),
        "saved": saved or estimate(0.08, 0.05, 0.11),
        "calibrator": {
            "method": "identity" if off is None else "temperature",
            "certificate": {"remarks": []},
        },
        "selective": USUAL,
        "division": Division(
            kind="holdout", sentence="…", fitted_rows=10_000, audited_rows=9_988
        ),
        "settings": {"method": "auto"},
    }  # fmt: skip
    return AuditReport(calaudit="0.1.0", answer="", before=before, **given | more)


def told() -> Terms:
    """Return names that have been explained already."""
    terms = Terms()
    for name in (CALIBRATION_ERROR, LOG_LOSS):
        terms(name)
    return terms


def answer_text(report: AuditReport) -> str:
    """Return the whole answer."""
    return " ".join(answer_of(report))


def help_text(report: AuditReport) -> str:
    """Return the sentence on the calibrator."""
    (text,) = help_sentence(report, told())
    return text


def acting(report: AuditReport) -> str:
    """Return where to act."""
    return " ".join(act_sentences(report))


def watched(report: AuditReport) -> list[str]:
    """Return what is to be watched."""
    return watch_sentences(report, told())


def verdicts() -> dict[str, list[str]]:
    """Return the sentence of every verdict that there is, and the same in plain words."""

    def said(
        task: str, smece: tuple[float, ...], slope: tuple[float, ...], gap: tuple[float, ...],
        p: float, line: float, rate: float = 0.4,
    ) -> tuple[str, str, str]:  # fmt: skip
        value, low, high = smece
        metrics = {
            "n": estimate(2000.0),
            "smece": error(value, 0.01, value, low, high, p_value=p),
            "cox_slope": estimate(*slope),
            "cox_test": estimate(9.0, p_value=line),
        }
        found = verdict_of(
            task, metrics, estimate(*gap), level=0.95, mean_score=rate + gap[0], rate=rate
        )
        plain = Judged(
            task=task, verdict=found, metrics=metrics, mean_score=rate + gap[0], rate=rate,
            plain=True,
        )  # fmt: skip
        return found.status, found.sentence, " ".join(plain.sentences())

    none, extreme, timid = (1.0, 0.9, 1.1), (0.6, 0.5, 0.7), (1.5, 1.3, 1.7)
    level, high = (0.0, -0.01, 0.01), (0.05, 0.04, 0.06)
    off = (0.05, 0.04, 0.06)
    found = [
        said("binary", (0.005, 0.0, 0.02), none, level, 0.5, 0.5),
        said("binary", (0.0, 0.0, 0.2), none, level, 0.5, 0.5),
        said("binary", (0.002, 0.001, 0.003), none, level, 0.001, 0.5),
        said("binary", off, extreme, level, 0.001, 0.001),
        said("binary", off, timid, level, 0.001, 0.001),
        said("binary", off, extreme, high, 0.001, 0.001),
        said("binary", off, none, level, 0.001, 0.5),
        said("binary", (0.01, 0.0, 0.02), extreme, level, 0.03, 0.5),
        said("binary", (0.003, 0.0, 0.008), extreme, level, 0.5, 0.001),
        said("binary", (0.003, 0.0, 0.008), timid, level, 0.5, 0.001),
        said("top-label", off, extreme, high, 0.001, 0.001, 0.8),
        said("top-label", off, timid, (-0.05, -0.06, -0.04), 0.001, 0.001, 0.8),
        said("multiclass", off, none, level, 0.001, 0.5, 0.8),
    ]
    statuses = {status for status, _, _ in found}
    assert statuses == {
        "calibrated", "unknown", "negligible", "overconfident", "underconfident", "miscalibrated",
    }  # fmt: skip
    return {f"{i}-{status}": both for i, (status, *both) in enumerate(found)}


@pytest.mark.parametrize(("sentence", "told"), verdicts().values(), ids=verdicts().keys())
def test_every_verdict_is_told_without_jargon(sentence: str, told: str) -> None:
    """Whatever the verdict, the sentence keeps its numbers and loses names of statistics."""
    assert not JARGON.search(told)
    assert told.endswith(".")
    assert ".." not in told
    assert "()" not in told
    assert told.count("(") == told.count(")")
    plain = re.sub(r"\(Cox slope[^)]*\)|; p = [\d.]+", "", sentence)
    assert re.findall(r"\d[\d,.]*", told) == re.findall(r"\d[\d,.]*", plain)


INFINITE = Estimate(value=None, reason="infinite")


@pytest.mark.parametrize(
    ("saved", "off", "effect", "words"),
    [
        (estimate(0.08, 0.05, 0.11), 0.01, "helps", "helps: the calibration error falls from"),
        (estimate(0.08, 0.05, 0.11), 0.09, "helps", "but not the calibration error"),
        (estimate(0.01, -0.01, 0.03), 0.01, "unclear", "do not show that it lowers"),
        (estimate(0.01, -0.01, 0.03), 0.09, "useless", "No calibrator helps"),
        (estimate(-0.05, -0.07, -0.03), 0.09, "worse", "Do not use"),
        (estimate(0.01, reason="one row has no interval"), 0.01, "unclear", "do not show"),
    ],
)
def test_every_effect_has_its_sentence(
    saved: Estimate, off: float, effect: str, words: str
) -> None:
    """What the calibrator does is told from the interval of what it saves, and the errors."""
    found = audit(saved=saved, off=off)
    assert effect_of(found) == effect
    sentence = help_text(found)
    assert words in sentence
    assert not JARGON.search(sentence)


def off(way: tuple[str | None, Estimate, Estimate], task: str, error_: float) -> Report:
    """Return a report that is off in this way (None for not at all), by so much."""
    direction, gap, slope = way
    base = binary_calibrated() if task == "binary" else multiclass()
    verdict = replace(
        base.verdict, status=direction or "calibrated", direction=direction, gap=gap, sentence="…"
    )
    metrics = {"smece": error(error_, 0.004, error_, error_ / 2, 2 * error_), "cox_slope": slope}
    return replace(base, verdict=verdict, metrics=base.metrics | metrics)


LEVEL, HIGH, LOW = (
    estimate(0.0, -0.01, 0.01),
    estimate(0.05, 0.04, 0.06),
    estimate(-0.05, -0.06, -0.04),
)
NONE, EXTREME, TIMID = estimate(1.0, 0.9, 1.1), estimate(0.6, 0.5, 0.7), estimate(1.5, 1.3, 1.7)


@pytest.mark.parametrize(
    ("task", "before", "after", "size", "words"),
    [
        ("multiclass", ("overconfident", HIGH, EXTREME), ("underconfident", LOW, NONE), 0.02,
         "now slightly underconfident"),
        ("multiclass", ("overconfident", HIGH, EXTREME), ("underconfident", LEVEL, TIMID), 0.05,
         "now underconfident"),
        ("multiclass", ("overconfident", HIGH, EXTREME), ("overconfident", HIGH, NONE), 0.05,
         "still overconfident"),
        ("multiclass", ("overconfident", HIGH, EXTREME), ("overconfident", HIGH, NONE), 0.03,
         "still slightly overconfident"),
        ("multiclass", ("underconfident", LOW, NONE), ("overconfident", LEVEL, EXTREME), 0.01,
         "now slightly overconfident"),
        ("multiclass", ("overconfident", HIGH, EXTREME), ("miscalibrated", LEVEL, NONE), 0.01,
         "still off at some scores"),
        ("multiclass", (None, LEVEL, NONE), ("overconfident", HIGH, NONE), 0.05,
         "now overconfident"),
        ("binary", ("miscalibrated", LOW, EXTREME), ("overconfident", LEVEL, EXTREME), 0.05,
         "still overconfident"),
        ("binary", ("miscalibrated", LOW, NONE), ("miscalibrated", LOW, NONE), 0.02,
         "still slightly too low on the whole"),
        ("binary", ("miscalibrated", LOW, NONE), ("miscalibrated", HIGH, NONE), 0.05,
         "now too high on the whole"),
        ("binary", ("overconfident", LOW, EXTREME), ("miscalibrated", LOW, EXTREME), 0.05,
         "still too low on the whole"),
    ],
)  # fmt: skip
def test_what_is_left_is_compared_with_what_was(
    task: str, before: Any, after: Any, size: float, words: str
) -> None:
    """Still so, or now the other way; slightly where the error is at most half of what it was."""
    old, new = off(before, task, 0.06), off(after, task, size)
    found = audit(old, off=None, after=new, calibrator=audit().calibrator)
    assert f"({words})" in help_text(found)


def test_a_slice_is_off_as_before_or_anew() -> None:
    """A slice is still off only where it was off in that way before calibration."""
    before, after = sliced(), sliced()
    told = audit(before, off=None, after=after, calibrator=audit().calibrator)
    assert "it is still overconfident" in watched(told)[0]
    turned = tuple(replace(s, status="underconfident") for s in before.slices)
    told = replace(told, before=replace(before, slices=turned))
    assert "it is now overconfident" in watched(told)[0]


def test_names_of_figures_are_explained_once() -> None:
    """The first calibration error and the first log loss say what they are, the others not."""
    text = answer_text(audit())
    assert text.count("calibration error (how far scores are from what comes true)") == 1
    assert text.count("calibration error") >= 1
    assert text.count("log loss (which punishes being sure and wrong)") == 1


def test_an_infinite_loss_after_is_worse() -> None:
    """A calibrator that makes the log loss infinite is not to be used."""
    found = audit(saved=INFINITE)
    assert found.after is not None
    after = replace(found.after, metrics=found.after.metrics | {"log_loss": INFINITE})
    found = replace(found, after=after)
    assert effect_of(found) == "worse"
    assert "becomes infinite" in help_text(found)


def test_no_calibrator_is_said_so() -> None:
    """Without a calibrator: none was better, or none was asked for."""
    assert "No calibrator is worth having" in help_text(audit(off=None))
    asked = audit(off=None, settings={"method": "identity"})
    assert "as was asked for" in help_text(asked)


def test_errors_are_those_of_the_verdict() -> None:
    """Before and after have the decimals of the verdict, and what is almost 0 is not shown as 0."""
    assert "from 0.054 to 0.010" in help_text(audit(off=0.01))
    assert "from 0.054 to less than 0.001" in help_text(audit(off=0.00002))


def test_worse_comes_first() -> None:
    """A calibrator that makes worse is what the answer begins with."""
    found = audit(saved=estimate(-0.05, -0.07, -0.03), off=0.09)
    assert answer_text(found).startswith("Do not use the calibrator that was fitted (temperature")
    assert answer_text(audit()).startswith("Overconfident: says 96.5 %")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (USUAL, "If 2 % errors are allowed, 63 % of the cases can do without a person: those with "
         "a calibrated confidence of 0.97 or more (this holds with 95 % certainty)."),
        (selective(acceptance(0.01, 0.4, 1.0)), "every case can do without a person"),
        (selective(acceptance(0.01, None, 0.0), acceptance(0.1, None, 0.0)),
         "Nothing can be decided without a person: these rows cannot show a confidence from which "
         "at most 10 % are wrong."),
        (selective(acceptance(0.1, 0.99, 0.01)), "Next to nothing"),
        (selective(acceptance(0.02, 0.9, 0.6, guarantee=None)), "(on these rows)"),
        (selective(acceptance(0.02, 0.123456789, 0.6)), "about 0.1235 or more"),
        (selective(acceptance(0.02, 0.9, 0.6), unit="probability"), "with a confidence of 0.9"),
    ],
)  # fmt: skip
def test_where_to_act_without_costs(given: Selective, words: str) -> None:
    """The strictest limit at which half of the cases are accepted is named, or that none is."""
    assert words in acting(audit(selective=given))


def test_a_rare_outcome_needs_costs() -> None:
    """Where one outcome is rarer than any limit on errors, accepting says nothing."""
    before = binary_calibrated()
    before = replace(before, metrics=before.metrics | {"base_rate": estimate(0.008)})
    given = selective(acceptance(0.01, 0.6, 0.99), acceptance(0.1, 0.5, 1.0))
    assert "give what errors cost" in acting(audit(before, selective=given))


def test_the_recommendation_names_calibrated_scores() -> None:
    """With costs the recommendation is told, on calibrated scores where they are, as a cost."""
    decision = replace(fraud(), unit="calibrated probability")
    told = acting(audit(decision=decision, selective=None))
    assert told.startswith("Act on calibrated scores of 0.31 or more, review 21 of the 64 cases")
    assert "at a cost of 143 (113 to 174) per 1,000 cases" in told


def test_what_to_watch() -> None:
    """The worst slice, few rows and confident rows that are wrong are named; small slices not."""
    few = audit(division=Division(kind="split", sentence="…", fitted_rows=120, audited_rows=300))
    assert watched(few)[0].startswith("Only 300 rows could be judged")
    slices = watched(audit(sliced(), off=None))
    assert any("Watch region = [bold]south[/bold]: it is overconfident" in s for s in slices)
    assert not any("Straße" in s for s in slices)
    cost = wrong(0.3, ((900, 250), (100, 1)))
    shares = tuple(replace(t, share=t.wrong / t.rows) for t in cost.above)
    bold = replace(sliced(), slices=(), confidently_wrong=replace(cost, above=shares))
    assert watched(audit(bold, off=None)) == [
        "Of the 900 rows with a confidence above 0.9, 28 % are wrong all the same."
    ]


def test_the_answer_is_a_short_paragraph() -> None:
    """Three to seven sentences, whatever there is to say."""
    long = tuple(Finding(code=code, text=f"That is {code}.") for code in ("no-cutoff", "no-fit"))
    for found in (
        audit(), audit(off=None), audit(sliced()), audit(decision=fraud(), selective=None),
        audit(sliced(), decision=fraud(), selective=None, off=0.2,
              division=Division(kind="split", sentence="…", fitted_rows=90, audited_rows=80)),
        audit(sliced(), off=None, notes=long),
    ):  # fmt: skip
        text = answer_text(found)
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)
        assert 3 <= len(sentences) <= 7, text
        assert not JARGON.search(text)


def test_notes_of_all_parts_stand_once() -> None:
    """Each kind of note is told once, those before calibration first, and none that is obvious."""
    before = replace(multiclass(), notes=(Finding(code="few-rows", text="a"),))
    after = replace(before, notes=(
        Finding(code="calibrated", text="b"), Finding(code="few-rows", text="c"),
        Finding(code="few-scores", text="d"),
    ))  # fmt: skip
    remarks = [{"code": "makes-worse", "text": "e", "advice": ""},
               {"code": "penalised", "text": "f", "advice": "g"}]  # fmt: skip
    found = audit(before, calibrator={"method": "vector", "certificate": {"remarks": remarks}})
    notes = audit_notes(replace(found, after=after), [Finding(code="current-calibrated", text="h")])
    assert [note.text for note in notes] == ["h", "a", "f", "d"]


def test_classes_that_never_occur() -> None:
    """A calibrator that saw no row of a class is not recommended without saying so."""
    before = multiclass()
    missing = Finding(code="missing-classes", text="2 of 4 classes never occur as a label.")
    told = watched(audit(replace(before, notes=(missing,))))
    assert told[0].startswith("Of classes that never occur here the calibrator knows nothing")
    assert watched(audit(replace(before, notes=(missing,)), off=None)) == []
    assert watched(audit(before)) == []

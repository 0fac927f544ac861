"""What the answer of an audit tells of odd cases, on reports built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats

from calaudit.api.audits.effect import effect_of
from calaudit.findings.finding import Finding
from calaudit.report.audit_report import AuditReport, Division
from tests.api.test_audit_answer import INFINITE, answer_text, audit, calibrated, help_text, watched
from tests.report.examples import binary_calibrated, estimate, multiclass, sliced, wrong


def lossy(found: AuditReport, before: float | None, after: float | None) -> AuditReport:
    """Return an audit with these log losses, None for infinite ones."""
    assert found.after is not None
    both = [
        replace(
            each, metrics=each.metrics | {"log_loss": INFINITE if loss is None else estimate(loss)}
        )
        for each, loss in ((found.before, before), (found.after, after))
    ]
    return replace(found, before=both[0], after=both[1], saved=INFINITE)


def test_an_infinite_loss_before_is_helped() -> None:
    """A loss that was infinite and is finite is what helping is; one that stays has its words."""
    helped = lossy(audit(), None, 0.526)
    assert effect_of(helped) == "helps"
    assert "the log loss from infinite to 0.526." in help_text(helped)
    both = lossy(audit(), None, None)
    assert effect_of(both) == "infinite"
    assert "the log loss is infinite before and after" in help_text(both)
    assert not helped.makes_worse
    assert not both.makes_worse


def test_too_few_rows_are_not_told_as_nothing_left() -> None:
    """Where these rows cannot tell, that is said, and not that there is nothing."""
    before = multiclass()
    told = help_text(audit(before, off=None, after=calibrated(before, 0.01, "unknown"),
                               calibrator=audit().calibrator))  # fmt: skip
    assert "(these rows are too few to tell what is left)" in told
    assert "(these rows show nothing left)" in help_text(audit())


@pytest.mark.parametrize("method", ["vector", "matrix", "temperature"])
def test_predictions_that_change_are_told(method: str) -> None:
    """Methods that change the predicted class say what that does to the accuracy."""
    before = multiclass()
    before = replace(before, metrics=before.metrics | {"accuracy": estimate(0.934)})
    after = calibrated(before, 0.01)
    after = replace(after, metrics=after.metrics | {"accuracy": estimate(0.952)})
    given = {"method": method, "certificate": {"remarks": []}}
    told = help_text(audit(before, off=None, after=after, calibrator=given))
    words = ", and accuracy goes from 93.4 to 95.2 %."
    assert told.endswith(words) == (method != "temperature")
    same = replace(after, metrics=after.metrics | {"accuracy": estimate(0.934)})
    assert "accuracy" not in help_text(audit(before, off=None, after=same, calibrator=given))


@pytest.mark.parametrize(
    ("auroc", "words"),
    [
        (
            (0.52, 0.48, 0.55),
            "The scores hardly tell the outcomes apart (AUROC 0.52, 0.48 to 0.55)",
        ),
        ((0.6, 0.4, 0.8), "These rows do not show that the scores tell the outcomes apart"),
        ((0.6, 0.55, 0.65), ""),
    ],
)
def test_scores_that_tell_nothing(auroc: tuple[float, float, float], words: str) -> None:
    """That scores do not rank is said, and that no calibrator mends it; where they do, nothing."""
    before = binary_calibrated()
    before = replace(before, metrics=before.metrics | {"auroc": estimate(*auroc)})
    text = answer_text(audit(before, off=None))
    assert words in text
    assert ("a calibrator cannot mend that" in text) == bool(words)


def test_notes_of_the_audit_are_told() -> None:
    """Other rows, no fit and no cutoff are told in the answer as their notes have them."""
    notes = {
        "different-rows": "The rows judged differ from those fitted on: 62.0 % positive against "
        "52.0 %; fit on rows like them.",
        "no-cutoff": "No cutoff can be recommended: there are 3 rows.",
        "no-fit": "No calibrator can be fitted: there are 4 rows.",
    }
    given = tuple(Finding(code=code, text=text) for code, text in notes.items())
    text = answer_text(audit(off=None, notes=given))
    for told in notes.values():
        assert told in text
    assert "No calibrator is worth having" not in text
    assert "with more, another method" not in answer_text(
        audit(off=None, notes=given,
              division=Division(kind="split", sentence="…", fitted_rows=90, audited_rows=8000))
    )  # fmt: skip


def test_other_slices_are_off_in_whatever_direction() -> None:
    """What is said of the other slices that are off holds for either direction."""
    before = sliced()
    worst = next(s for s in before.slices if s.status == "overconfident")
    more = [replace(worst, value=f"v{i}", status=status, metrics=worst.metrics
                    | {"smece": replace(worst.metrics["smece"], low=0.0001)})
            for i, status in enumerate(("underconfident", "miscalibrated"))]  # fmt: skip
    told = watched(audit(replace(before, slices=(worst, *more)), off=None))
    assert any(s.endswith("; 2 others are off, too.") for s in told)


@pytest.mark.parametrize(("rows", "wrong_ones", "told"), [(60, 14, True), (60, 13, False)])
def test_sure_rows_that_are_wrong_by_chance_are_no_news(
    rows: int, wrong_ones: int, told: bool
) -> None:
    """Wrong ones count only where so many are rarer than 0.5 % in rows that are right as said."""
    by_chance = stats.binom.sf(wrong_ones - 1, rows, 0.1)
    assert (by_chance < 0.005) == told
    cost = wrong(0.3, ((rows, wrong_ones), (10, 0)))
    shares = tuple(replace(t, share=t.wrong / t.rows) for t in cost.above)
    bold = replace(sliced(), slices=(), confidently_wrong=replace(cost, above=shares))
    assert bool(watched(audit(bold, off=None))) == told

"""What to know about a recommendation, and what to do about it."""

from __future__ import annotations

import shlex

from calaudit.metrics.discrimination import auroc
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.labelling import label_findings
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Note
from calaudit.report.threshold_report import DecisionReport, Option
from calaudit.tables.cells import Cells

__all__ = ["decision_notes", "matrix_notes", "reading_notes"]

FLATTERY = 0.02
"""Optimism from which it is named."""


def reading_notes(predictions: Predictions, cells: Cells) -> list[Note]:
    """Return what the labels and scores are not, and the notes of the reader."""
    found = label_findings(
        cells, auroc(cells, level=0.95), task=predictions.task, classes=predictions.class_names
    )
    known = dict.fromkeys([*found, *predictions.notes])
    return [Note(code=code, text=text, advice=advice) for code, text, advice in known]


def decision_notes(report: DecisionReport, predictions: Predictions, cells: Cells) -> list[Note]:
    """Return the notes of the reader and those that the options give rise to."""
    notes = reading_notes(predictions, cells)
    options = {option.name: option for option in report.options}
    first = report.options[0]
    if "calibrator" in report.settings and predictions.scale == "logit":
        notes.append(
            Note(
                code="cutoffs-on-probabilities",
                text="The cutoffs are on calibrated probabilities, and the file holds logits.",
                advice="Write what they are compared with by calaudit apply --as probability.",
            )
        )
    notes += _few(first)
    notes += _not_paying(options)
    notes += _miscalibrated(report, options)
    notes += _beaten(options)
    notes += _optimism(first)
    notes += _split(first)
    return notes


def _miscalibrated(report: DecisionReport, options: dict[str, Option]) -> list[Note]:
    naive = options.get("as_if_calibrated")
    if naive is None or not _worse(naive.excess) or naive.excess is None:
        return []
    if any(name == "no-calibrated-rule" for name in (note.code for note in report.notes)):
        return []
    data = " ".join(shlex.quote(i.path) for i in report.inputs[:3] if i.format != "arrays")
    calibrate = f"calaudit fit {data or '…'} -o cal.json"
    if "calibrator" in report.settings:
        advice = "The calibrator does not fit these rows: fit it anew, on rows like them."
    else:
        advice = (
            f"Calibrate first: {calibrate}, then calaudit threshold … --calibrator cal.json on "
            "other rows; or use the cutoffs above, which are on the scores as they are."
        )
    return [
        Note(
            code="miscalibrated-for-decision",
            text=(
                "The scores are not probabilities where it matters: cutoffs that take them for "
                f"such ({_cuts(naive)}) cost {_signed(naive.excess)} per 1,000 cases more."
            ),
            advice=advice,
        )
    ]


FEW_CASES, FEW_OF_A_LABEL = 60, 10
"""Cases, and cases of either label, below which the figures are a first guess."""


def _few(option: Option) -> list[Note]:
    counts = option.counts
    positives = counts["tp"] + counts["fn"] + counts["reviewed_positives"]
    total = sum(counts.values())
    if total >= FEW_CASES and min(positives, total - positives) >= FEW_OF_A_LABEL:
        return []
    return [
        Note(
            code="few-cases",
            text=(
                f"There are {total:,.0f} cases, {positives:,.0f} of them positive: too few to "
                "trust any cutoff or interval here."
            ),
            advice="Take it as a first guess, and look again with more rows.",
        )
    ]


SAME_FOR_ALL = {
    "act_on_none": "Letting everything pass",
    "act_on_all": "Doing without the scores, everything acted on or accepted,",
    "review_all": "Reviewing everything",
}


def _not_paying(options: dict[str, Option]) -> list[Note]:
    """Return a note where one decision for all cases is not clearly dearer."""
    for name, what in SAME_FOR_ALL.items():
        option = options.get(name)
        if option is None or option.excess is None or option.cost is None:
            continue
        low = option.excess.low
        if low is not None and low <= 0 and option.cost.value is not None:
            return [
                Note(
                    code="scores-do-not-pay",
                    text=(
                        f"{what} costs {option.cost.value:.3g} per 1,000 cases, a difference of "
                        f"{_signed(option.excess)}: at these costs these rows do not show that "
                        "deciding by the scores pays."
                    ),
                    advice="Look at the costs again, or bring more rows or a better model.",
                )
            ]
    return []


def _beaten(options: dict[str, Option]) -> list[Note]:
    for other, what in (
        ("empirical_minimum", "the cheapest cutoffs on these rows"),
        ("calibrated_rule", "calibrating and then cutting by the costs"),
    ):
        option = options.get(other)
        if option is not None and option.excess is not None:
            high = option.excess.high
            if high is not None and high < 0:
                method = "empirical" if other == "empirical_minimum" else "calibrated"
                return [
                    Note(
                        code="other-rule-cheaper",
                        text=(
                            f"On rows they were not chosen on, {what} ({_cuts(option)}) are "
                            f"cheaper: {_signed(option.excess)} per 1,000 cases."
                        ),
                        advice=f"Look at them with --method {method}.",
                    )
                ]
    return []


def _optimism(option: Option) -> list[Note]:
    apparent, cost = option.apparent_cost, option.cost
    if apparent is None or cost is None or cost.value is None or cost.value <= 0:
        return []
    share = 1.0 - apparent / cost.value
    if share < FLATTERY:
        return []
    return [
        Note(
            code="optimism",
            text=(
                f"On the rows they were chosen on, these cutoffs seem to cost {apparent:.3g} per "
                f"1,000 cases, {100 * share:.2g} % less than on rows they were not chosen on."
            ),
            advice="Plan with the cross-fitted figures; more rows narrow the gap.",
        )
    ]


def _split(option: Option) -> list[Note]:
    if option.split is None:
        return []
    split = option.split
    rest = "are acted on" if split.rest == "act" else "pass"
    return [
        Note(
            code="capacity-splits-ties",
            text=(
                f"Of {split.rows:,.0f} {'case' if split.rows == 1 else 'cases'} with the score "
                f"{split.score:g}, reviewers have room for {split.reviewed:,.3g}; the rest {rest}."
            ),
            advice="Pick those to review at random, or by what else is known of them.",
        )
    ]


def _worse(excess: Estimate | None) -> bool:
    return excess is not None and excess.low is not None and excess.low > 0


def _cuts(option: Option) -> str:
    act = "never act" if option.act_from is None else f"act from {option.act_from:.4g}"
    if option.review_from is None:
        return act
    return f"review from {option.review_from:.4g}, {act}"


def _signed(excess: Estimate) -> str:
    if excess.value is None or excess.low is None or excess.high is None:
        return "an unknown amount"
    return f"{excess.value:.3g} ({excess.low:.3g} to {excess.high:.3g})"


def matrix_notes(report: DecisionReport) -> list[Note]:
    """Return a warning where the probabilities promise another cost than what came."""
    assert report.matrix is not None
    rule = next(rule for rule in report.matrix.rules if rule.name == "expected_cost")
    if rule.cost.low is None or rule.cost.high is None:
        return []
    if rule.cost.low <= rule.promised <= rule.cost.high:
        return []
    return [
        Note(
            code="promised-cost-differs",
            text=(
                f"The probabilities promise a cost of {rule.promised:.4g} per 1,000 cases, and it "
                f"was {rule.cost.value:.4g} ({rule.cost.low:.4g} to {rule.cost.high:.4g})."
            ),
            advice="Decisions by expected cost need calibrated probabilities: see calaudit fit.",
        )
    ]

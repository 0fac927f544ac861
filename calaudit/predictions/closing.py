"""The last word on a data set: complete, valid and large enough, or a refusal."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from calaudit.errors import IncompleteError, InputError, NotEnoughData
from calaudit.findings.finding import finding
from calaudit.predictions.candidates import spelled
from calaudit.predictions.catalogue import listed
from calaudit.predictions.classes import one_based_advice
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import EXAMPLES, Intake
from calaudit.predictions.layout import Layout
from calaudit.predictions.names import natural_key
from calaudit.predictions.notation import ambiguity, rival
from calaudit.predictions.reasons import REASONS, SILENT
from calaudit.predictions.spelling import is_fraction, joined, silent_text
from calaudit.predictions.stated import WORDS, stored_in
from calaudit.predictions.vocabulary import shifted
from calaudit.visible import shortened

NO_LABEL = "missing-label"

_LARGE = 10
"""Of so many rows one may be left out by advice; of fewer the rest is no sample of all."""

_FEW_ROWS = 20
"""Predictions that may all be wrong without a doubt about how they are written."""

_MARKED = {"percent": "percent-read", "parts": "parts-read"}
"""Forms of numbers that say what they are out of, and the finding that says so."""

_FEW_DROPPED = 0.05
"""Share of the rows that may be left out without a word in the verdict."""

_SILENCES = dict(zip(SILENT, ("missing", "that say so"), strict=True))

_KINDS = 4
"""Texts that stand in the place of a number, of which the most frequent are named."""

_REASONS, _EXAMPLE = 4, 120
"""Reasons in a refusal, and characters of an example."""


def close_books(predictions: Any, intake: Intake) -> None:
    """Raise what is wrong with the whole, or add the notes that are due.

    Of a part only what is wrong with the whole as well is raised: what part has no row, or labels
    of one kind, may be right.
    """
    layout: Layout = predictions.layout
    where = _where(predictions)
    _check_complete(predictions, intake, where)
    others = intake.refused.keys() - {*SILENT, *([NO_LABEL] if predictions.allow_unmatched else [])}
    refuses = bool(others) and predictions.on_invalid == "refuse"
    if predictions.in_part and not refuses:
        return
    _check_notations(predictions, where)
    _check_labels(predictions, intake, where)
    _check_scale(predictions, intake, where)
    if intake.rows_read == 0:
        raise NotEnoughData(f"{where}: there are no rows, only a header.")
    dropped = _invalid(intake) - sum(intake.unjudged[r] for r in SILENT)
    dropped -= predictions.findings.weightless  # which is told apart, as labels to come are
    _check_joined(predictions, intake, where)
    if refuses:
        raise InputError(*_refusal(predictions, intake, where))
    waiting = None if layout.judged else intake.refused.get(NO_LABEL)
    if predictions.allow_unmatched and waiting:
        rows, left = intake.rows_read, waiting.count
        note = finding("labels-waiting", labelled=rows - left, rows=rows, waiting=left)
        predictions.notes.append(note)
        dropped -= left
    if layout.weight and predictions.findings.weightless and intake.rows_used == 0:
        raise NotEnoughData(f"{where}: the weights in {layout.weight!r} sum to 0.")
    all_wait = predictions.may_wait and waiting and waiting.count == intake.rows_read
    if intake.rows_used == 0 and not all_wait:
        reasons = listed([f"{r.count} × {REASONS[c][0]}" for c, r in intake.refused.items()], 4)
        raise NotEnoughData(f"{where}: no valid row is left of {intake.rows_read}: {reasons}.")
    _note_silence(predictions, intake)
    _note_dust(predictions)
    if predictions.findings.weightless and intake.rows_used:
        predictions.notes.append(finding("weightless-rows", rows=predictions.findings.weightless))
    if layout.scale == "logit" and not predictions.findings.logits_seen:
        column = layout.scores[0]
        predictions.notes.append(finding("logits-look-like-probabilities", column=column))
    if dropped > _FEW_DROPPED * intake.rows_read and predictions.on_invalid != "keep":
        predictions.notes.append(
            finding(
                "rows-dropped",
                dropped=dropped,
                rows=intake.rows_read,
                share=100 * dropped / intake.rows_read,
                whose="",
                kinds=_kinds(predictions.findings, ": "),
            )
        )


def _invalid(intake: Intake) -> int:
    """Return how many rows are not used, but for those without an answer, or a judge's alone."""
    silent = sum(intake.refused[r].count for r in SILENT if r in intake.refused)
    return intake.rows_read - intake.rows_used - silent - int(intake.alone[0])


def _where(predictions: Any) -> str:
    inputs = predictions.inputs
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    return f"{inputs[0].path}{more}"


def _check_complete(predictions: Any, intake: Intake, where: str) -> None:
    parts = predictions.parts
    if intake.parts_seen != parts:
        raise IncompleteError(
            f"{where}: only {intake.parts_seen} of {parts} parts were read to their end; "
            "no figure is given for part of a file."
        )
    promised = predictions.rows
    found = intake.rows_read + intake.rows_left
    if promised is not None and promised != found:
        raise IncompleteError(
            f"{where}: {found:,} rows were read, but the files promise {promised:,}."
        )


def _check_joined(predictions: Any, intake: Intake, where: str) -> None:
    """Refuse rows and labels without a partner, and ids that are repeated, unless it is allowed."""
    join, found = predictions.layout.join, predictions.findings
    if join is not None and not found.matched and intake.rows_read:
        raise InputError(f"no {join.id} of {where} is in {join.where}: is it the id?")
    if join is None or predictions.allow_unmatched:
        return
    seen = 0 if found.seen is None else int(np.count_nonzero(found.seen))
    rows, refused = intake.rows_read + intake.rows_left, intake.refused.get(NO_LABEL)
    waiting = max(rows - found.matched, 0 if refused is None else refused.count)
    counts = {
        f"of {rows:,} rows have no label there": waiting,
        f"ids of {join.where} are in no row": len(join.codes) - seen,
        "rows have an id that another row has": found.matched - seen,
        f"rows of {join.where} repeat an id": join.repeated,
        f"rows of {join.where} have no id": join.unnamed,
    }
    told = "; ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    if told:
        early = "Labels that come first are often of one kind. " if waiting else ""
        raise InputError(
            f"{where}, joined with {join.where} by {join.id!r}: {told}. {early}Give each row its "
            f"label once, or use the {rows - waiting:,} that have one with --allow-unmatched."
        )


def _note_dust(predictions: Any) -> None:
    findings = predictions.findings
    if findings.dust:
        predictions.notes.append(
            finding("rounding-dust", rows=findings.dust, most=findings.dust_size)
        )


def _note_silence(predictions: Any, intake: Intake) -> None:
    """Note the rows without an answer, and what accuracy is if they are taken otherwise."""
    out = Counter({r: intake.refused[r].count for r in SILENT if r in intake.refused})
    unjudged = Counter({r: intake.unjudged[r] for r in SILENT})
    found = out or intake.as_wrong + unjudged
    silent = sum(found.values())
    if not silent:
        return
    used, right, as_wrong, left = intake.shares
    weights = (used, used + left if left else used - as_wrong)
    shares = [round(100.0 * right / n, 9) if n else math.nan for n in weights]
    predictions.notes.append(
        finding(
            "answers-missing",
            kind="out" if out else _kind_of(sum(unjudged.values()), silent),
            silent=silent,
            rows=intake.rows_read,
            kinds=", ".join(f"{n:,} {_SILENCES[r]}" for r, n in sorted(found.items()) if n),
            right=shares[0],
            otherwise=shares[1],
            unjudged=sum(unjudged.values()),
            judged=sum(intake.as_wrong.values()),
            whose="",
        )
    )


def _kind_of(unjudged: int, silent: int) -> str:
    """Return whether of the rows without an answer all count as wrong, some or none."""
    return "wrong" if not unjudged else "unjudged" if unjudged == silent else "some"


def _check_silence(predictions: Any, where: str) -> None:
    """Refuse what stands for no answer, but is an answer in later rows."""
    layout, (labels, _) = predictions.layout, predictions.findings.sides
    both = sorted(text for text in labels if silent_text(text) in layout.silent)
    if both and layout.prediction is not None:
        raise InputError(
            f"{where}: {both[0]!r} is a label, but as a prediction it stands for no answer, since "
            "the first rows have no such label. Write it otherwise where it is a class."
        )


def _check_notations(predictions: Any, where: str) -> None:
    layout: Layout = predictions.layout
    notations = predictions.findings.notations
    for name, notation in notations.items():
        told = ambiguity(notation) or rival(notation, notations)
        if told is not None:
            raise InputError(f"{where}: the numbers in {name!r} {told}.")
        marked = [form for form in _MARKED if form in notation]
        if marked and name in layout.scores and layout.out_of != 1:
            raise InputError(
                f"{where}: cells such as {notation[marked[0]]!r} in {name!r} say what they are out "
                "of. Leave --out-of out."
            )
        predictions.notes += [
            finding(_MARKED[form], column=name, example=notation[form]) for form in marked
        ]


def _check_labels(predictions: Any, intake: Intake, where: str) -> None:
    layout, findings = predictions.layout, predictions.findings
    name = layout.label or layout.correct or ""
    if layout.claim is not None:
        classes = len(findings.sides[0] | findings.sides[1])
        why = layout.claim.refuted(findings.predicted, classes)
        if why is not None:
            raise InputError(
                f"{where}: by the first rows {layout.scores[0]!r} is "
                f"{'a confidence' if layout.task == 'top-label' else 'the score of a class'}, but "
                f"{why}. Say which it is: {layout.claim.advice}."
            )
    if layout.task == "top-label" and layout.label is not None:
        _check_silence(predictions, where)
        _check_compared(layout, findings, intake, where)
    elif layout.task != "multiclass":
        _check_kinds(layout, findings, name, where)
    elif _one_based(layout, findings):
        raise InputError(one_based_advice(where, name, len(layout.classes)))


def _check_compared(layout: Layout, findings: Findings, intake: Intake, where: str) -> None:
    """Refuse labels and predictions that are written differently, however the file is sorted."""
    labels, predictions = findings.sides
    if layout.vocabulary.pairs is not None or not intake.rows_used:
        return
    move = shifted(labels, predictions)
    if not move and (findings.agreed or intake.rows_used < _FEW_ROWS):
        return
    held = " and ".join(listed(sorted(side, key=natural_key), 4) for side in findings.sides)
    told = "are the same numbers moved by one" if move else "agree in no row"
    raise InputError(
        f"{where}: the label {layout.label!r} and the prediction {layout.prediction!r} ({held}) "
        f"{told}. Say what is what with --classes LABEL=PREDICTION,… such as --classes 1..9=0..8."
    )


def _check_kinds(layout: Layout, findings: Findings, name: str, where: str) -> None:
    """Refuse labels of more kinds than two, or of which no one is usually the positive one."""
    rest = layout.positive is not None and layout.negative is None
    if len(findings.positives) > 1 or (len(findings.negatives) > 1 and not rest):
        kinds = listed(sorted(findings.negatives) + sorted(findings.positives), 8)
        raise InputError(
            f"{where}: the labels in {name!r} are of more than two kinds ({kinds}). "
            "Write each class in one way, such as 0 and 1."
        )
    whole = [text for text in sorted(findings.strangers) if not is_fraction(text)]
    if whole and not (findings.negatives and findings.positives):
        every = sorted(findings.negatives | findings.positives | set(whole))
        raise InputError(
            f"{where}: the labels in {name!r} are {listed(every, 6)}; which of them is the "
            f"positive class cannot be told. Say so, as in --positive {whole[-1]}."
        )


def _one_based(layout: Layout, findings: Findings) -> bool:
    width = len(layout.classes)
    counted = layout.classes == tuple(str(k) for k in range(width))
    return counted and str(width) in findings.strangers and not findings.zero_label


def _check_scale(predictions: Any, intake: Intake, where: str) -> None:
    layout, findings = predictions.layout, predictions.findings
    names = listed(layout.scores, 3)
    out = intake.refused.get("score-out-of-range")
    if layout.scale == "logit":
        if intake.rows_used and not findings.logits_seen and layout.form != "column":
            raise InputError(
                f"{where}: {names} were declared logits, but every row lies in [0, 1] and sums "
                "to 1: these are probabilities. Use --probs."
            )
        return
    # A few stray values are bad rows; a quarter of all rows is a scale.
    kept = predictions.on_invalid == "keep"  # whatever they are, as the user wants them
    if out is None or kept or 4 * out.count <= intake.rows_read or stored_in(layout.scores[0]):
        return
    holds = "holds" if len(layout.scores) == 1 else "hold"
    seen = f"{where}: {names} {holds} values from {findings.low:.6g} to {findings.high:.6g}"
    if findings.negative and findings.high < 0 and layout.form == "column":
        role = "confidence" if layout.task == "top-label" else "score"
        raise InputError(
            f"{seen}: these look like logarithms of probabilities, or logits. Say which with one "
            f"of: {spelled({role: f'exp({names})'})}, {spelled({'logits': names})}."
        )
    if findings.negative:
        raise InputError(
            f"{seen}: these look like logits, not probabilities. "
            f"Use {spelled({'logits': _prefix(layout)})}."
        )
    if 1.0 < findings.high <= 100:
        scale = "a scale of 0 to 10" if findings.high <= 10 else "percentages"
        raise InputError(
            f"{seen}: these look like {scale}, not probabilities. If they are, say "
            f"--out-of {10 if findings.high <= 10 else 100}{_for_ratings(layout, findings.high)}."
        )


def _for_ratings(layout: Layout, high: float) -> str:
    """Return what to do with ratings that do not begin at 0."""
    if high > 10 or layout.form != "column":
        return ""
    role = "confidence" if layout.task == "top-label" else "score"
    most = 5 if high <= 5 else 10
    return f"; of ratings from 1 on {spelled({role: f'scale({layout.scores[0]}, 1, {most})'})}"


def _prefix(layout: Layout) -> str:
    if layout.form != "columns":
        return layout.scores[0]
    shared = layout.scores[0]
    while shared and not all(name.startswith(shared) for name in layout.scores):
        shared = shared[:-1]
    return shared or joined(layout.scores)


def _refusal(predictions: Any, intake: Intake, where: str) -> list[str]:
    inputs = predictions.inputs
    usual = (*SILENT, NO_LABEL) if predictions.layout.judged else SILENT
    every = sorted((code, r) for code, r in intake.refused.items() if code not in usual)
    refused = _invalid(intake)
    lines = [f"{where}: {refused:,} of {intake.rows_read:,} rows are invalid."]
    for code, refusal in every[:_REASONS]:
        what, advice = REASONS[code]
        if code == "score-out-of-range" and predictions.findings.low >= 0:
            advice = "find out which scale they are of; --out-of divides every score"
        if code == "score-not-a-number":
            advice = _for_texts(predictions, advice)
            what += _kinds(predictions.findings, ", ")
        if code == NO_LABEL:
            what += f" ({intake.rows_read - refusal.count:,} have one)"
        if unjudged := intake.unjudged[code]:
            some = "" if unjudged == refusal.count else f"{advice}; "
            what += f" ({unjudged:,} no answer too)" if some else ", and there is no answer either"
            advice = f"{some}--unanswered out leaves unanswered rows out"
        lines.append(f"  {refusal.count:,} {_rows(refusal.count)}: {what} [{code}]: {advice}.")
        for example in refusal.examples[: max(1, EXAMPLES // len(every))]:
            file = f" of {inputs[example.source].path}" if len(inputs) > 1 else ""
            place = getattr(predictions.sources[example.source], "place", None)
            pixel = f" ({place(example.row)})" if place else ""
            line = f"    row {example.row}{pixel}{file}, {example.column}: {example.value}"
            lines.append(shortened(line, _EXAMPLE))
    if len(every) > _REASONS:
        lines.append(f"  and rows of {len(every) - _REASONS} other kinds.")
    if _LARGE * refused <= intake.rows_read:
        lines.append("Correct them, or leave them out with --on-invalid drop.")
    else:
        share = f"{100 * refused / intake.rows_read:.0f} %"
        lines.append(f"They are {share} of the rows: what is left would be another data set.")
    return lines


def _kinds(findings: Findings, before: str) -> str:
    """Return the texts that stand in the place of a number, the most frequent first."""
    most = sorted(findings.texts.items(), key=lambda kind: (-kind[1], kind[0]))
    told = [f"{rows:,} × {shortened(repr(text), _EXAMPLE // _KINDS)}" for text, rows in most]
    return before + listed(told, _KINDS) if told else ""


def _for_texts(predictions: Any, advice: str) -> str:
    """Return what to do about text that is no number: words may say how sure somebody is."""
    layout, texts = predictions.layout, predictions.findings.texts
    if not any(text.casefold() in WORDS for text in texts) or stored_in(layout.scores[0]):
        return advice
    role = "confidence" if layout.task == "top-label" else "score"
    return f"words are read by {spelled({role: f'words({layout.scores[0]})'})}"


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"

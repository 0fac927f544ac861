"""Why a row is refused: the stable codes, and what to say about each."""

from __future__ import annotations

SILENT = ("no-answer", "abstained")
"""Reasons for which a question has no answer: left out or wrong, as the user wants it."""

ABSTENTIONS = frozenset({
    "i don't know", "i don’t know", "i dont know", "i do not know", "don't know", "do not know",
    "dont know", "idk", "i'm not sure", "i am not sure", "i cannot answer", "i can't answer",
    "cannot answer", "no answer", "no_answer", "noanswer", "unanswered", "abstain", "abstained",
    "abstention", "refuse", "refused", "refusal", "request failed", "unparsed", "unparseable",
    "unparsable",
})  # fmt: skip
"""What stands in the place of an answer, whatever its case and with or without a full stop."""

SUM_TOLERANCE = {"float16": 5e-3, "float32": 1e-3, "float64": 1e-3}
"""Probabilities may lie outside [0, 1], and their sum beside 1, by this much, by their type."""

NOISE = {"float16": 1e-3, "float32": 2e-7, "float64": 2e-7}
"""Probabilities this far outside [0, 1] are clipped silently; more, up to the above, is counted.

float64 gets the limit of float32: most stored float64 scores were computed in float32.
"""

REASONS: dict[str, tuple[str, str]] = {
    "missing-score": (
        "the score is missing or NaN",
        "fill the cells in, or remove the rows",
    ),
    "score-not-a-number": (
        "the score is text that is not a number",
        "write a number, or leave these rows out",
    ),
    "score-infinite": (
        "the score is infinite, or every class is -inf",
        "find out where the model overflowed",
    ),
    "score-out-of-range": (
        "the probability lies outside [0, 1]",
        "negative values such as -0.01 often stand for a missing score",
    ),
    "row-sum": (
        "the class probabilities do not sum to 1 (by more than 0.001)",
        "check that every class column is named, and that these are probabilities; rounded ones"
        " are best saved again with all their digits",
    ),
    "row-length": (
        "the list does not have one value a class",
        "every row needs the same number of classes",
    ),
    "missing-label": (
        "the label is missing",
        "join the labels first (--labels FILE), or use the rows that have one with"
        " --allow-unmatched",
    ),
    "label-not-binary": (
        "the label is neither of two classes",
        "name the positive class with --positive, or remove rows without a clear outcome"
        " (a tie written 0.5 is not a class)",
    ),
    "label-not-a-class": (
        "the label is not one of the classes",
        "name the classes in the order of the columns with --classes",
    ),
    "label-not-one-hot": (
        "not exactly one of the label's columns is 1",
        "a row with several labels is no row of one class: --task multilabel judges each",
    ),
    "prediction-not-a-class": (
        "the prediction is none of those that --classes names",
        "name every class with --classes LABEL=PREDICTION,…",
    ),
    "no-answer": (
        "there is no answer",
        "such rows are left out and counted; --unanswered wrong counts them as wrong",
    ),
    "abstained": (
        "the answer says that it is none",
        "such rows are left out and counted; --unanswered wrong counts them as wrong",
    ),
    "bad-weight": (
        "the weight is missing, negative, too large, too small or not a number",
        "weights are 0, or numbers from 1e-50 to 1e50",
    ),
    "not-a-date": (
        "the date is written as no date that can be read",
        "write it as 2025-03-31 or 2025-03-31T14:05:00, the year first; a week by its Monday",
    ),
    "not-a-number": (
        "text stands where a number is to be cut or compared",
        "write a number, or nothing",
    ),
    "on-no-side": (
        "the value is missing, so that the row is on neither side",
        "fill it in, or remove the row",
    ),
}
"""Reason code: what is wrong with such rows, and what to do about it."""

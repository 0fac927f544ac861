"""Column names that are taken for a role when the user declares none.

Names are compared in lower case, with spaces, dots and dashes as underscores. A name
suggests, it never overrides an option; two names for one role are refused as ambiguous.

| role       | names                                                                      |
|------------|----------------------------------------------------------------------------|
| label      | label, labels, y, y_true, target, truth, true_label, gt, obs, outcome, …   |
| score      | score, p, prob, proba, y_prob, y_score, p1, p_1, prob_1, proba_1, …        |
| confidence | confidence, conf, max_prob, …; else a name that ends in _confidence        |
| correct    | correct, is_correct, hit, acc, …                                           |
| prediction | pred, prediction, y_pred, pred_label, predicted, extracted_answer, …       |
| weight     | weight, weights, sample_weight, w, …                                       |
| probs      | a group p_*, prob_*, proba_*, …; or one list column named so               |
| logits     | a group logit_*, logits_*, z_*; a column logit; or one list column         |
"""

from __future__ import annotations

import re

__all__ = ["NAMES", "SUFFIXES", "folded", "grouped", "natural_key"]

NAMES: dict[str, frozenset[str]] = {
    "label": frozenset(
        [
            "label",
            "labels",
            "y",
            "y_true",
            "ytrue",
            "target",
            "targets",
            "truth",
            "true",
            "true_label",
            "truelabel",
            "label_true",
            "true_class",
            "ground_truth",
            "groundtruth",
            "gt",
            "gold",
            "gold_label",
            "obs",
            "observed",
            "observation",
            "outcome",
            "actual",
            "actual_label",
            "class",
            "correct_answer",
            "correct_label",
            "answer",
        ]
    ),
    "score": frozenset(
        [
            "score",
            "scores",
            "p",
            "prob",
            "proba",
            "probability",
            "y_prob",
            "y_proba",
            "y_score",
            "yhat_prob",
            "p1",
            "p_1",
            "prob1",
            "prob_1",
            "proba_1",
            "proba1",
            "probability_1",
            "pred_prob",
            "pred_proba",
            "predicted_probability",
            "predict_proba",
            "forecast",
        ]
    ),
    "logit": frozenset(["logit", "logits", "z", "log_odds", "logodds"]),
    "confidence": frozenset(
        [
            "confidence",
            "confidences",
            "conf",
            "max_prob",
            "max_proba",
            "maxprob",
            "top_prob",
            "top1_prob",
            "msp",
        ]
    ),
    "correct": frozenset(
        [
            "correct",
            "is_correct",
            "iscorrect",
            "hit",
            "hits",
            "acc",
            "correctness",
            "is_right",
            "was_correct",
        ]
    ),
    "prediction": frozenset(
        [
            "pred",
            "preds",
            "prediction",
            "predictions",
            "y_pred",
            "ypred",
            "pred_label",
            "predicted",
            "predicted_label",
            "predicted_class",
            "pred_class",
            "label_pred",
            "extracted_answer",
            "model_answer",
            "yhat",
            "y_hat",
        ]
    ),
    "weight": frozenset(
        ["weight", "weights", "sample_weight", "sample_weights", "case_weight", "case_weights", "w"]
    ),
    "probs list": frozenset(
        [
            "probs",
            "prob",
            "proba",
            "probas",
            "probability",
            "probabilities",
            "p",
            "y_prob",
            "y_proba",
            "y_probs",
            "softmax",
            "scores",
            "y_score",
            "class_probs",
            "class_probabilities",
            "pred_probs",
            "predict_proba",
        ]
    ),
    "logits list": frozenset(["logits", "logit", "z"]),
}

SUFFIXES = {"confidence": ("_confidence", "_conf"), "correct": ("_correct", "_correctness")}
"""Endings that suggest a role when no column has one of its names."""

_PROBS = (
    r"p|prob|probs|proba|probas|probability|probabilities|pred_prob|pred_proba|y_prob|y_proba"
    r"|y_score|y_pred_proba|predict_proba|softmax|score|scores|\.pred"
)
_GROUPS = {
    "probs": re.compile(rf"^(?:{_PROBS})(?:[_. -]+(.+)|(\d+))$", re.IGNORECASE),
    "logits": re.compile(r"^(?:logits?|z)(?:[_. -]+(.+)|(\d+))$", re.IGNORECASE),
}


def folded(name: str) -> str:
    """Return a column name in the spelling that `NAMES` uses."""
    return re.sub(r"[\s.\-]+", "_", name.strip().lower()).strip("_")


def grouped(name: str) -> tuple[str, str, str] | None:
    """Return ("probs" or "logits", prefix, class suffix) for a name such as ``p_3``, or None."""
    for role, pattern in _GROUPS.items():
        match = pattern.match(name.strip())
        if match:
            suffix = match.group(1) or match.group(2)
            return role, name.strip()[: -len(suffix)], suffix
    return None


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts ``p_10`` after ``p_9``."""
    pieces = re.split(r"(\d+)", text)
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pieces if p)

"""Column names that suggest a role when the user declares none.

Names are compared in lower case, with spaces, dots and dashes as underscores. A name suggests,
it never overrides an option or what the values show; two names for one role are refused.

| role       | names                                                                      |
|------------|----------------------------------------------------------------------------|
| label      | label, y, y_true, target, truth, gt, obs, outcome, expected, y_test, …     |
| score      | score, p, prob, proba, y_prob, y_score, p1, p_1, prob_1, churn_prob, …     |
| logit      | logit, z, margin, log_odds, …                                              |
| logprob    | logprob, log_prob, logp, …                                                 |
| confidence | confidence, conf, max_prob, prediction_score, …; also what ends in _conf   |
| correct    | correct, is_correct, hit, acc, …; also what ends in _correct               |
| prediction | pred, prediction, y_pred, predicted, guess, …; also predicted_…            |
| weight     | weight, weights, sample_weight, w, …                                       |
| classes    | a group p_*, prob_*, output_*, logit_*, …; or one list column              |
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from calaudit.predictions.spelling import NEGATIVE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMES: dict[str, frozenset[str]] = {
    "label": _words(
        "label labels y y_true ytrue target targets truth true true_label truelabel label_true "
        "true_class ground_truth groundtruth gt gold gold_label obs observed observation outcome "
        "actual actual_label class correct_answer correct_label answer y_test y_val y_valid "
        "y_actual y_obs y_label label_ids labels_ids expected expected_label expected_class "
        "expected_output reference reference_label annotation human_label truth_label class_label "
        "actual_class actual_outcome observed_outcome observed_class target_class target_label "
        "correct_class real_label true_target true_y test_y test_labels true_labels arr_0 arr_1"
    ),
    "score": _words(
        "score scores p prob proba probability y_prob y_proba y_score yhat_prob p1 p_1 prob1 "
        "prob_1 proba_1 proba1 probability_1 pred_prob pred_proba predicted_probability "
        "predict_proba pre_1 forecast y_pred_proba y_pred_prob scored_probabilities "
        "probabilities probas"
    ),
    "logit": _words("logit logits z log_odds logodds margin raw_margin rawformulaval"),
    "logprob": _words(
        "logprob log_prob logprobs log_probs logp log_p log_probability avg_logprob mean_logprob "
        "answer_logprob token_logprob sum_logprob"
    ),
    "confidence": _words(
        "confidence confidences conf max_prob max_proba maxprob top_prob top1_prob msp "
        "prediction_score predicted_score max_probability top_probability token_probability "
        "pred_conf"
    ),
    "correct": _words(
        "correct is_correct iscorrect hit hits acc correctness is_right was_correct matched "
        "is_matched is_match match tp is_tp true_positive is_true_positive"
    ),
    "prediction": _words(
        "pred preds prediction predictions y_pred ypred pred_label predicted predicted_label "
        "predicted_class pred_class label_pred extracted_answer model_answer yhat y_hat predict "
        "prediction_label prediction_class predicted_labels scored_labels guess predicted_outcome "
        "pgr_1"
    ),
    "weight": _words("weight weights sample_weight sample_weights case_weight case_weights w"),
    "probs list": _words(
        "probs prob proba probas probability probabilities p y_prob y_proba y_probs softmax scores "
        "y_score class_probs class_probabilities pred_probs predict_proba"
    ),
    "logits list": _words("logits logit z rawprediction"),
    "outputs list": _words(
        "preds predictions outputs output y_pred pred prediction y_hat yhat arr_0 arr_1"
    ),
}
"""Names by role."""

MODELS = _words(
    "model model_name model_id estimator classifier algorithm learner system member filter scorer"
)
"""Names of columns that say which of several models, or readings of one, a row is of."""

CASES = _words(
    "patient user customer client subject participant person respondent speaker driver account "
    "member household session question query prompt document doc image"
)
"""Names of columns of which several rows, where they have one value, depend on each other."""

EXPLAINED = _words(
    "id index idx row rowid uid uuid guid key unnamed:_0 rowindex inst# inst rownames "
    "split fold set subset partition seed epoch step version date time timestamp ts resample "
    "text question prompt sentence filename file path image input inputs url comment notes"
)
"""Names of columns that play no role, and are no reason to wonder."""

QUESTIONS = _words("question query prompt doc id sample")
"""Names of columns of which several rows with one value may be answers to one question."""

ANSWERS = _words("answer response output completion generation reply")
"""Names of what a model said, whatever stands beside it."""

TRUTHS = _words(
    "expected gold gold_label true_label truth ground_truth gt y_true actual actual_label "
    "reference human_label expected_label true_class"
)
"""Labels that are the truth where a column ``label`` beside them is the prediction."""

_OUTCOMES = _words(
    "churn churned default defaulted fraud fraudulent spam click clicked clicks conversion convert "
    "converted purchase purchased buy bought readmission readmitted died dead death deceased "
    "mortality survived survival success failure failed win won attrition cancel canceled "
    "cancelled disease relapse respond responded response subscribed subscribe rain malignant "
    "cancer toxic toxicity approved accepted paid bad delinquent returned booked opened engaged "
    "anomaly attack intrusion diagnosis diagnosed event outcome status converted escalated "
    "resolved hired left exited stroke diabetes sepsis injury claim"
)
_FILLERS = _words(
    "y hat yhat oof test val valid validation cv model predicted predict estimated calibrated "
    "uncalibrated raw mean avg ensemble final positive pos class of event target label outcome "
    "sigmoid output lgb lgbm lightgbm xgb xgboost catboost rf lr nn mlp gbm scored 1 true yes"
)
_SAYS = _words(
    "is has was had did flag ind indicator 30d 30 90d 90 day days payment next month loan"
)
_DENIALS = (NEGATIVE - {"-1", "n", "f"}) | _words("not non")
"""Words in the name of a score that say of which class it is; letters do not."""

_PROBABLE = _words("prob proba probability")
_SCORED = _PROBABLE | _words("score risk likelihood propensity pred preds prediction p phat")
_PLACES = _words("arr_0 arr_1")
"""What numpy calls arrays that were saved without a name."""

_SHORT = _PLACES | _words(
    "pctr pcvr ctr pd p_hat phat pclick sigmoid output outputs propensity estimate yhat "
    "y_hat pred y_pred prediction preds predicted predictions likelihood risk posterior"
)

_MEASURES = _words(
    "discount price cost amount age income salary balance rate ratio share fraction percent pct "
    "quantity temperature humidity threshold cutoff weight lat lon latitude longitude alpha beta "
    "lr dropout tenure usage distance duration size length width height value std var entropy "
    "quality noise random lower upper"
)
_TELLING = _words(
    "y_prob y_proba y_score yhat_prob p1 prob1 proba1 predict_proba y_pred_proba y_pred_prob"
)

_ENDINGS = {
    "confidence": ("_confidence", "_conf", "_(confidence)"),
    "correct": ("_correct", "_correctness"),
    "logprob": ("_logprob", "_log_prob"),
}
"""Endings that suggest a role when no column has one of its names."""

_PROBS = (
    r"p|prob|probs|proba|probas|probability|probabilities|pred_prob|pred_proba|y_prob|y_proba"
    r"|y_score|y_pred_proba|predict_proba|softmax|scores?|\.pred|prediction_score"
    r"|scored probabilities|outputs?|ip"
)
_SUFFIX = r"(?:[_. ]+(-\d+)|[_. -]+(?!(?:class|label)$)([^(=\x22]+)|(\d+))"
_GROUPS = {
    "probs": re.compile(rf"^(?:{_PROBS}){_SUFFIX}$", re.IGNORECASE),
    "logits": re.compile(rf"^(?:(?:logits?|z){_SUFFIX}|rawformulaval:class=(.+))$", re.IGNORECASE),
}
_SUBJECT = re.compile(
    r"^(?:predicted|prediction|pred|(?-i:I))[ _.-]+(?:\(?)(.+?)\)?$"
    r"|^(.+?)[ _.-]+(?:pred|predicted|prediction)$",
    re.IGNORECASE,
)


def folded(name: str) -> str:
    """Return a column name in the spelling that `NAMES` uses."""
    return re.sub(r"[\s.\-]+", "_", name.strip().lower()).strip("_")


def _parted(name: str) -> str:
    """Return ``trueLabel`` as ``true_Label``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def is_named(name: str, role: str) -> bool:
    """Return whether a name, or that of a field in a record, is in the list of a role."""
    return role in _named_roles(name)


@functools.lru_cache(maxsize=1 << 16)
def _named_roles(name: str) -> tuple[str, ...]:
    tail = name.rpartition(".")[2]
    for form in map(folded, (name, _parted(name), tail, _parted(tail))):
        found = tuple(role for role, names in NAMES.items() if form in names)
        if found:
            return found
    return ()


def suggests(name: str) -> tuple[str, ...]:
    """Return what a name that is in no list suggests all the same: roles, by its words.

    >>> suggests("is_fraud"), suggests("churn_probability"), suggests("oof_pred")
    (('event',), ('score', 'guess'), ('guess',))
    """
    plain = folded(name)
    words = frozenset(plain.split("_"))
    found = [role for role, ends in _ENDINGS.items() if plain.endswith(ends)]
    if words & _OUTCOMES and words <= _OUTCOMES | _SAYS | {
        "y",
        "label",
        "true",
        "actual",
        "target",
    }:
        found.append("event")
    if plain in _SHORT or (words & _SCORED and words <= _SCORED | _FILLERS | _OUTCOMES | _SAYS):
        found += ["score"] * bool(words & _PROBABLE) + ["guess"]
    return tuple(found)


def measures(name: str) -> bool:
    """Return whether a name is that of a feature: no score by its values alone."""
    return bool(frozenset(folded(name).split("_")) & _MEASURES)


def telling(
    name: str, kinds: Iterable[str], label: str | None = None
) -> tuple[str | None, str | None]:
    """Return which task the name of a score tells, and which class it names.

    >>> telling("p_spam", ["ham", "spam"]), telling("max_prob", ["0", "1"]), telling("score", [])
    (('binary', 'spam'), ('top-label', None), (None, None))
    >>> telling("prob_negative", ["0", "1"]), telling("p0", ["no", "yes"])
    (('binary', '0'), ('binary', 'no'))
    """
    plain, roles, kinds = folded(name), suggests(name), list(kinds)
    if plain in _PLACES:
        return None, None
    if plain in NAMES["confidence"] or "confidence" in roles:
        return "top-label", None
    negative = [kind for kind in kinds if kind.casefold() in NEGATIVE]
    if len(negative) == 1 and denies(name, label):
        return "binary", negative[0]
    for kind in kinds:
        text = folded(kind)
        if text and (plain.endswith(f"_{text}") or plain.startswith(f"{text}_")):
            other = next((k for k in kinds if k != kind), kind)
            return "binary", other if {"not", "non"} & {*plain.split("_")} else kind
    worded = frozenset(plain.split("_")) & _OUTCOMES and "guess" in roles
    return ("binary" if plain in _TELLING or worded else None), None


def denies(name: str, label: str | None = None) -> bool:
    """Return whether the name of a score speaks of the class that is not the positive one.

    >>> [denies(name) for name in ("p0", "prob_not_spam", "1-p", "no_show_prob", "p1")]
    [True, True, True, False, False]
    """
    plain = re.sub(r"^([a-z]+)0$", r"\1_0", folded(name))
    words = re.sub(r"^(1|one)_(minus_)?(?=[a-z])", "not_", plain).split("_")
    event = {*folded(label or "").split("_")}
    said = [word for word in words if word in _DENIALS and word not in event]
    return len(said) == 1 and {*words} - {*said} <= _SCORED | _FILLERS | _OUTCOMES | event | {"p"}


def subject(name: str) -> str | None:
    """Return what a column is a prediction of by its name: ``intent`` of ``predicted_intent``."""
    match = _SUBJECT.match(name.strip())
    return (match[1] or match[2]) if match else None


def same_subject(one: str, other: str) -> bool:
    """Return whether two names are one word, the name of a model, before those of two roles.

    >>> same_subject("gpt-4o_confidence", "gpt-4o_correctness"), same_subject("p_conf", "q_correct")
    (True, False)
    """
    stems = [folded(name).rpartition("_") for name in (one, other)]
    roles = [any(word in known for known in NAMES.values()) for _, _, word in stems]
    return bool(stems[0][0]) and stems[0][0] == stems[1][0] and all(roles)


def grouped(name: str) -> tuple[str, str, str] | None:
    """Return ("probs" or "logits", prefix, class suffix) for a name such as ``p_3``, or None."""
    for role, pattern in _GROUPS.items():
        match = pattern.match(name.strip())
        if match:
            suffix = next(filter(None, match.groups()))
            return role, name.strip()[: -len(suffix)], suffix
    return None


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts ``p_10`` after ``p_9``."""
    pieces = re.split(r"(\d+)", text)
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pieces if p)

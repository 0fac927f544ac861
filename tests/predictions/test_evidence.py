"""What values show, and what becomes of an inference that later rows contradict."""

import contextlib

import numpy as np
import pyarrow as pa
import pytest

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.look import Look
from calaudit.predictions.vocabulary import matched, shifted

ROWS = 30_000


@pytest.fixture
def binary():
    """Scores, predictions at 0.5 and outcomes: the first rows have every kind of them."""
    rng = np.random.default_rng(3)
    score = rng.random(ROWS)
    return {
        "label": (rng.random(ROWS) < score).astype(int),
        "prediction": (score > 0.5).astype(int),
        "score": score,
    }


@pytest.fixture
def top(binary):
    """The same with the confidence in what was predicted."""
    return binary | {"score": np.maximum(binary["score"], 1 - binary["score"])}


def test_predictions_that_turn_later_elsewhere_are_refused(read, binary):
    """The first 10,000 rows show a cutoff, the last row does not keep it."""
    assert read(pa.table(binary)).predictions.task == "binary"
    late = binary["prediction"].copy()
    late[-1] = 1 - late[-1]
    with pytest.raises(InputError, match=r"do not turn .*--confidence score .*--score score"):
        read(pa.table(binary | {"prediction": late}))


def test_a_later_score_that_is_no_confidence_is_refused(read, top):
    """Below 1/K it cannot be that of the class predicted."""
    assert read(pa.table(top)).predictions.task == "top-label"
    late = top["score"].copy()
    late[-1] = 0.01
    with pytest.raises(InputError, match=r"a later score is 0\.01, .*--confidence score"):
        read(pa.table(top | {"score": late}))


@pytest.mark.parametrize("column", ["label", "prediction"])
def test_a_file_sorted_by_class_is_read_alike(read, binary, top, column):
    """Whatever the first rows show of one class, the reading is right or refused."""
    for data, task in ((binary, "binary"), (top, "top-label")):
        order = np.argsort(data[column], kind="stable")
        with contextlib.suppress(InputError):
            seen = read(pa.table({name: values[order] for name, values in data.items()}))
            assert seen.predictions.task == task


def test_rounded_ties_at_the_cutoff(read, binary):
    """Scores rounded to one digit turn at 0.5, where both predictions stand."""
    seen = read(pa.table(binary | {"score": binary["score"].round(1)}))
    assert seen.predictions.task == "binary"


def test_few_rows_prove_no_cutoff(read):
    """Four confidences that happen to be in order are no binary score."""
    data = {"label": [0, 0, 1, 1], "prediction": [0, 0, 1, 1], "score": [0.6, 0.7, 0.8, 0.9]}
    with pytest.raises(InputError, match="--confidence score, --score score"):
        read(pa.table(data))


def test_labels_moved_by_one_far_into_the_file(read):
    """Sorted by class, the first rows do not show it, and it is found at the end."""
    label = np.sort(np.random.default_rng(0).integers(1, 9, ROWS))
    data = {"label": label, "prediction": label - 1, "confidence": np.full(ROWS, 0.9)}
    with pytest.raises(InputError, match=r"moved by one.*--classes"):
        read(pa.table(data))


def test_no_row_that_agrees(read):
    """Words of two languages share nothing, or too little to be right by."""
    words = {"label": ["oui", "non"] * 20, "prediction": ["yes", "no"] * 20}
    data = pa.table({**words, "confidence": [0.75] * 40})
    with pytest.raises(InputError, match=r"no value in common.*--classes non=no,oui=yes"):
        read(data)
    assert read(data, classes=("non=no", "oui=yes")).labels.tolist() == [1] * 40
    assert read(data, classes=("oui=yes", "non=no"), on_invalid="drop").labels.all()


@pytest.mark.parametrize(
    ("labels", "others", "how"),
    [
        (["1", "0"], ["LABEL_0", "LABEL_1"], "'LABEL_' left out"),
        (["owl", "cat"], ["OWL", "CAT"], "but for case and blanks"),
        (["very good", "bad"], ["Very_Good", "Bad"], "but for case and blanks"),
        (["a", "b", "c"], ["a", "b"], ""),
        (["class 1", "class 2"], ["1", "2"], "'class ' left out"),
    ],
)
def test_the_map_between_spellings(labels, others, how):
    """The plainest way in which one side holds the other is taken and told."""
    found = matched(labels, others)
    assert found is not None
    assert found.how == how
    assert {found.key(t, 1) for t in others} <= {found.key(t, 0) for t in labels}


def test_spellings_that_are_not_one_to_one():
    """Owl and OWL on one side are two classes; other languages are none."""
    assert matched(["owl", "OWL", "cat"], ["Owl", "CAT"]) is None
    assert matched(["chat"], ["cat"]) is None
    assert shifted(["1", "2", "3"], ["0", "1", "2"]) == -1
    assert shifted(["1", "2", "3"], ["1", "2"]) == 0


def test_logarithms_of_probabilities(read):
    """All at or below 0: neither is guessed for another name, and both options work."""
    p = np.array([0.5, 0.9, 1.0, 0.25] * 10)
    data = pa.table({"lp": np.log(p), "correct": [1, 1, 1, 0] * 10})
    with pytest.raises(InputError, match=r"logarithms.*--confidence 'exp\(lp\)', --logits lp"):
        read(data, confidence="lp")
    rows = read(data, confidence="exp(lp)")
    assert rows.scores.tolist() == pytest.approx(p.tolist())
    assert rows.roles["confidence"] == ("exp(lp)",)


def test_one_hot_labels(read):
    """Exactly one column is 1 in a row of one class; another row is refused, and no class."""
    p = {
        f"p_{c}": [0.5, 0.25, 0.25, 0.5] if c == "a" else [0.25, 0.375, 0.375, 0.25] for c in "abc"
    }
    hot = {f"is_{c}": [int(c == x) for x in "abca"] for c in "abc"}
    rows = read(pa.table(p | hot))
    assert rows.labels.tolist() == [0, 1, 2, 0]
    assert rows.roles["label"] == ("is_a", "is_b", "is_c")
    late = {"is_a": [1, 0, 0, 1], "is_b": [0, 1, 0, 1], "is_c": [0, 0, 1, 0]}
    with pytest.raises(InputError, match=r"\[label-not-one-hot\](?s:.*)row 4, is_a … is_c: 1 1 0"):
        read(pa.table(p | late), label="is_", probs="p_")
    assert read(pa.table(p | hot), label="is_a,is_b,is_c", probs="p_").labels.tolist() == [
        0,
        1,
        2,
        0,
    ]


def test_a_column_plays_one_part(read):
    """A label that is its own score would be calibrated and always right."""
    data = pa.table({"y": [0, 1], "s": [0.25, 0.75], "correct": [1, 1]})
    twice = (
        {"score": "y", "label": "y"},
        {"label": "y", "prediction": "y", "confidence": "s"},
        {"confidence": "correct", "correct": "correct"},
    )
    for roles in twice:
        with pytest.raises(SettingsError, match="is given as --"):
            read(data, **roles)


def test_much_is_not_advised_to_be_dropped(read):
    """A row in a hundred may be left out by advice; a third of them is another data set."""
    scores = np.r_[np.full(300, 0.25), np.full(3, np.nan)]
    few = pa.table({"score": scores, "label": [0, 1, 0] * 101})
    with pytest.raises(InputError, match="leave them out with --on-invalid drop"):
        read(few)
    many = pa.table({"score": scores, "label": [0.0, 1.0, None] * 101})
    with pytest.raises(InputError) as caught:
        read(many)
    assert "--on-invalid" not in str(caught.value)
    assert "34 % of the rows" in str(caught.value)


def test_two_columns_of_other_classes(read):
    """Classes 1 and 2 of two models' columns are not the labels 0 and 1."""
    data = pa.table({"p_1": [0.75, 0.25], "p_2": [0.25, 0.75], "label": [0, 1]})
    with pytest.raises(InputError, match="are not the classes"):
        read(data, probs="p_")


def test_what_a_model_said_is_the_prediction(read):
    """Beside a response an answer is the truth, beside what is expected it is the model's."""
    words, sure = ["a", "b", "c"] * 4, [0.5, 0.75, 1.0] * 4
    first = read(pa.table({"answer": words, "response": words[1:] + words[:1], "confidence": sure}))
    assert (first.roles["label"], first.roles["prediction"]) == (("answer",), ("response",))
    other = read(pa.table({"expected_answer": words, "answer": words, "confidence": sure}))
    assert (other.roles["label"], other.roles["prediction"]) == (("expected_answer",), ("answer",))


def test_records_with_a_class_twice_are_no_distribution(read):
    """A list of rows with labels and scores is one row of a file, and no list of classes."""
    rows = [{"label": k % 2, "score": 0.25} for k in range(8)]
    with pytest.raises(InputError, match="no column is named like a score") as caught:
        read(pa.table({"results": [rows], "model": ["m"]}))
    assert "--logits" not in str(caught.value).replace("--logits PREFIX", "")


def test_numbers_near_the_end_of_their_range_are_looked_at(recwarn):
    """Twice such a number is infinite."""
    assert Look(pa.array([1e308, -1.7e308, 0.25])).classes is False
    assert Look(pa.array([1e308, 2.0, 0.5])).classes is True
    assert not recwarn.list

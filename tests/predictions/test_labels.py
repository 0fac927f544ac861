from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from calaudit.errors import InputError, SettingsError

SCORES = [0.1, 0.9, 0.2, 0.8]


def binary(labels):
    """Return four scores with the given labels."""
    return pa.table({"score": SCORES, "label": labels})


def three(labels, names=("0", "1", "2")):
    """Return distributions over three classes with the given labels."""
    row = [0.5, 0.25, 0.25]
    columns = {f"p_{name}": [row[k]] * len(labels) for k, name in enumerate(names)}
    return pa.table({**columns, "label": labels})


@pytest.mark.parametrize(
    "labels",
    [
        *[np.array([0, 1, 0, 1], kind) for kind in ("i1", "u1", "u2", "i4", "i8", "f4", "f8")],
        np.array([False, True, False, True]),
        ["0", "1", "0", "1"],
        ["0.0", "1.0", "0.0", "1.0"],
        ["no", "Yes", "no", "Yes"],
        ["false", "true", "false", "true"],
        ["Neg", "Pos", "Neg", "Pos"],
        [-1, 1, -1, 1],
        pa.array(["negative", "positive"] * 2).dictionary_encode(),
        pa.array([0, 1, 0, 1]).dictionary_encode(),
        pa.array(["0", "1", "0", "1"], pa.string_view()),
        pa.array([0, 1, 0, 1], pa.decimal128(3, 1)),
    ],
)
def test_conventional_binary_labels(read, labels):
    """Numbers, booleans, words and dictionaries that mean 0 and 1 are read so."""
    rows = read(binary(labels))
    assert rows.labels.tolist() == [0, 1, 0, 1]
    assert rows.labels.dtype == np.uint8


def test_minus_one_is_remarked_upon(read):
    """-1 might stand for a missing label, so a note says how it was read."""
    assert read(binary([-1, 1, -1, 1])).note_codes == ["labels-minus-one"]


@pytest.mark.parametrize(
    ("labels", "positive"), [(["cat", "dog"] * 2, "dog"), ([1, 2, 1, 2], "2"), ([3, 7] * 2, "7")]
)
def test_other_pairs_need_the_positive_class(read, labels, positive):
    """Two kinds without a convention are refused with the option, and read with it."""
    with pytest.raises(InputError, match=f"--positive {positive}"):
        read(binary(labels))
    rows = read(binary(labels), positive=positive)
    assert rows.labels.tolist() == [0, 1, 0, 1]
    assert rows.predictions.class_names == (str(labels[0]), positive)


def test_the_positive_class_may_be_the_one_called_no(read):
    """A declared positive class wins over the convention."""
    assert read(binary(["no", "yes"] * 2), positive="no").labels.tolist() == [1, 0, 1, 0]
    assert read(binary([0, 1, 0, 1]), positive="0").labels.tolist() == [1, 0, 1, 0]


def test_a_positive_class_that_does_not_occur(read):
    """A typing error in --positive is met with the labels that are there."""
    with pytest.raises(InputError, match=r"dgo does not occur .*cat, dog"):
        read(binary(["cat", "dog"] * 2), positive="dgo")


def test_three_kinds_are_not_binary(read):
    """A single score cannot serve several classes."""
    with pytest.raises(InputError, match=r"3 kinds \(a, b, c\)"):
        read(binary(["a", "b", "c", "a"]))
    with pytest.raises(InputError, match="--positive a, --positive b, --positive c"):
        read(binary(["a", "b", "c", "a"]))


@pytest.mark.parametrize("labels", [["a", "b", "c", "a"], [2, 0, 1, 2], [7.0, 0.0, 0.5, 7.0]])
def test_one_class_against_the_rest(read, labels):
    """With --positive all other classes are the negative one; a tie is still none."""
    table = binary(labels)
    rows = read(table, positive=f"{labels[0]:g}" if labels[0] != "a" else "a", on_invalid="drop")
    assert rows.labels.tolist() == [int(x == labels[0]) for x in labels if x != 0.5]


@pytest.mark.parametrize("labels", [["0", "-1", "1", "1"], ["0", "no", "1", "1"]])
def test_two_spellings_of_one_class_are_refused(read, labels):
    """-1 beside 0 is more likely a missing label than a second way to write negative."""
    with pytest.raises(InputError, match="mix several spellings"):
        read(binary(labels))


def test_a_spelling_that_changes_late_is_refused(read):
    """What the first rows do not show is found at the end."""
    labels = ["1"] * 20_000 + ["0"] * 20_000 + ["no"]
    table = pa.table({"score": [0.5] * len(labels), "label": labels})
    with pytest.raises(InputError, match=r"more than two kinds \(0, no, 1\)"):
        read(table)


@pytest.mark.parametrize("on_invalid", ["refuse", "drop"])
def test_one_and_two_sorted_by_class_are_refused(read, on_invalid):
    """Labels 1 and 2 are not read as "1 and an error", however the file is sorted."""
    labels = [1] * 20_000 + [2] * 20_000
    with pytest.raises(InputError, match="--positive 2"):
        read(pa.table({"score": [0.5] * len(labels), "label": labels}), on_invalid=on_invalid)


def test_a_tie_is_no_class(read):
    """A label of 0.5 is refused with its row, and never becomes 0."""
    with pytest.raises(InputError, match=r"(?s)\[label-not-binary\].*row 3, label: 0\.5"):
        read(binary([0.0, 1.0, 0.5, 1.0]))
    assert read(binary([0.0, 1.0, 0.5, 1.0]), on_invalid="drop").numbers == [1, 2, 4]
    assert read(binary([0.0, 1.0, 0.5, 1.0]), on_invalid="drop", positive="1").numbers == [1, 2, 4]


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_label(read, missing):
    """Null and NaN labels have a reason of their own."""
    with pytest.raises(InputError, match=r"(?s)\[missing-label\].*row 2, label"):
        read(binary([0.0, missing, 0.0, 1.0]))
    assert read(three([0.0, missing, 2.0]), on_invalid="drop").labels.tolist() == [0, 2]


@pytest.mark.parametrize(
    "labels",
    [
        np.array([0, 2, 1], np.uint16),
        np.array([0, 2, 1], np.int64),
        np.array([0.0, 2.0, 1.0], np.float32),
        ["0", "2", "1"],
        pa.array(["0", "2", "1"]).dictionary_encode(),
    ],
)
def test_integer_classes(read, labels):
    """Positions of any type find their class columns."""
    rows = read(three(labels))
    assert rows.labels.tolist() == [0, 2, 1]
    assert rows.labels.dtype == np.int64


def test_labels_that_count_from_one(read):
    """1 to K against columns 0 to K-1 is refused with the option that settles it."""
    with pytest.raises(InputError, match=r"--classes 1\.\.3"):
        read(three([1, 2, 3]))
    rows = read(three([1, 2, 3]), classes=("1..3",))
    assert rows.labels.tolist() == [0, 1, 2]
    assert rows.predictions.class_names == ("1", "2", "3")


@pytest.mark.parametrize("on_invalid", ["refuse", "drop"])
def test_labels_that_count_from_one_far_into_the_file(read, on_invalid):
    """The last class appears late, and still nothing is shifted silently."""
    labels = [1, 2] * 10_000 + [3]
    with pytest.raises(InputError, match=r"--classes 1\.\.3"):
        read(three(labels), on_invalid=on_invalid)


def test_columns_that_count_from_one(read):
    """p_1 … p_3 and labels 1 … 3 agree by name."""
    assert read(three([1, 3, 2], ("1", "2", "3"))).labels.tolist() == [0, 2, 1]


def test_names_find_their_columns_by_name(read):
    """Labels are matched with column suffixes by name, not by position or alphabet."""
    rows = read(three(["dog", "cat", "owl"], ("owl", "cat", "dog")))
    assert rows.labels.tolist() == [2, 1, 0]
    assert rows.predictions.class_names == ("owl", "cat", "dog")


def test_a_label_that_is_no_class(read):
    """An unknown class is refused by row."""
    labels = ["dog", "cat", "owl", "cow"]
    with pytest.raises(InputError, match=r"(?s)\[label-not-a-class\].*row 4, label: cow"):
        read(three(labels, ("owl", "cat", "dog")), probs="p_")
    with pytest.raises(InputError, match=r"(?s)\[label-not-a-class\].*row 2, label: 7"):
        read(three([0, 7, 1]))


def test_numbers_for_named_columns_are_positions_and_said_so(read):
    """Integer labels beside named columns count the columns, and a note says in which order."""
    rows = read(three([0, 2, 1], ("owl", "cat", "dog")), probs="p_")
    assert rows.labels.tolist() == [0, 2, 1]
    assert rows.note_codes == ["labels-numbered"]


def test_classes_must_fit_the_columns(read):
    """As many names as scores, each once."""
    with pytest.raises(SettingsError, match=r"names 2 classes, but .* gives 3"):
        read(three([0, 1, 2]), classes=("a", "b"))
    with pytest.raises(SettingsError, match="same name"):
        read(three([0, 1, 2]), classes=("a", "b", "a"))


def test_two_columns_that_count_from_one(read):
    """With columns p_1 and p_2 the label 1 is the first, negative class."""
    table = pa.table({"p_1": [0.75, 0.25], "p_2": [0.25, 0.75], "label": [1, 2]})
    rows = read(table, probs="p_")
    assert rows.labels.tolist() == [0, 1]
    assert rows.predictions.class_names == ("1", "2")


def test_two_named_columns_put_the_positive_second(read):
    """prob_yes before prob_no, or --positive, does not turn the scores round."""
    table = pa.table({"prob_yes": [0.75, 0.25], "prob_no": [0.25, 0.75], "label": ["yes", "no"]})
    rows = read(table)
    assert rows.scores.tolist() == [0.75, 0.25]
    assert rows.labels.tolist() == [1, 0]
    assert rows.predictions.class_names == ("no", "yes")
    rows = read(table, positive="no")
    assert rows.scores.tolist() == [0.25, 0.75]
    assert rows.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([3, 4, 5], [3, 5, 5]),
        ([3, 4, 5], [3.0, 5.0, 5.0]),
        (["3", "4", "5"], [3, 5, 5]),
        (["a", "b", "c"], ["a", "c", "c"]),
        (pa.array(["a", "b", "c"]).dictionary_encode(), ["a", "c", " c "]),
    ],
)
def test_top_label_compares_prediction_and_label(read, labels, predictions):
    """3, 3.0 and "3" are the same class."""
    table = pa.table({"confidence": [0.5] * 3, "label": labels, "pred": predictions})
    rows = read(table)
    assert rows.predictions.task == "top-label"
    assert rows.labels.tolist() == [1, 0, 1]
    assert rows.chunks[0].predicted(np.array([1])) == [predictions[1]]


ANSWERS = {
    "confidence": [0.9, 0.8, 0.7, 0.6, 0.5, None],
    "label": ["a", "b", "a", "b", None, "a"],
    "pred": ["a", None, "I don't know.", "a", None, None],
}


@pytest.mark.parametrize("unanswered", ["out", "wrong"])
def test_a_missing_answer_is_left_out_or_wrong_as_asked(read, unanswered):
    """And counted once either way: what else is wrong with its row is told where it counts."""
    whole = pa.table(ANSWERS).slice(0, 4)
    found = read(whole, unanswered=unanswered)
    assert found.scores.tolist() == ([0.9, 0.6] if unanswered == "out" else [0.9, 0.8, 0.7, 0.6])
    assert found.labels.tolist() == ([1, 0] if unanswered == "out" else [1, 0, 0, 0])
    (note,) = [n for n in found.predictions.notes if n.code == "answers-missing"]
    assert note.figures["kind"] == unanswered
    assert note.figures["silent"] == 2
    assert note.figures["kinds"] == "1 that say so, 1 missing"
    shares = [50.0, 25.0] if unanswered == "out" else [25.0, 50.0]
    assert [note.figures["right"], note.figures["otherwise"]] == shares
    if unanswered == "out":
        assert read(pa.table(ANSWERS), unanswered="out").intake.refused["no-answer"].count == 3
        return
    with pytest.raises(InputError, match=r"(?s)2 of 6 rows are invalid.*missing-label.*missing-sc"):
        read(pa.table(ANSWERS), unanswered="wrong")
    found = read(pa.table(ANSWERS), unanswered="wrong", on_invalid="drop")
    assert dict(found.intake.as_wrong) == {"no-answer": 1, "abstained": 1}


def test_unanswered_rows_without_a_confidence_are_refused_as_such_and_stay_in_the_note(read):
    """No figure can judge them, but accuracy can count them."""
    table = pa.table(
        {
            "confidence": [0.9, 0.8, None, 0.6, None],
            "label": ["a", "b", "a", "b", "b"],
            "pred": ["a", "a", None, "unparsed", "b"],
        }
    )
    with pytest.raises(InputError, match=r"2 rows: .* \(1 no answer too\) .* --unanswered out"):
        read(table, unanswered="wrong")
    with pytest.raises(InputError, match=r"1 row: .*no answer either .*: --unanswered out leaves"):
        read(table.slice(0, 4), unanswered="wrong")
    found = read(table, unanswered="wrong", on_invalid="drop")
    (note,) = [n for n in found.predictions.notes if n.code == "answers-missing"]
    assert note.figures["kind"] == "some"
    assert (note.figures["silent"], note.figures["unjudged"]) == (2, 1)
    assert note.figures["kinds"] == "1 that say so, 1 missing"
    assert note.figures["right"] == pytest.approx(100 / 3)
    assert note.figures["otherwise"] == 25.0


@pytest.mark.parametrize(("unanswered", "shares"), [("out", (75, 37.5)), ("wrong", (37.5, 75))])
def test_accuracy_with_and_without_unanswered_rows_is_weighted_as_rows_are(
    read, unanswered, shares
):
    """Sums of the weights by hand: 3 of 4 are right, and 3 of 8 with the others."""
    table = pa.table(
        {
            "confidence": [0.9, 0.8, 0.7, 0.6],
            "label": ["a", "b", "a", "b"],
            "pred": ["a", "a", None, "no answer"],
            "weight": [3.0, 1.0, 2.0, 2.0],
        }
    )
    notes = read(table, unanswered=unanswered).predictions.notes
    (note,) = [n for n in notes if n.code == "answers-missing"]
    assert (note.figures["right"], note.figures["otherwise"]) == shares


def test_no_answer_may_be_the_right_answer(read):
    """Where it is a label, as in questions that cannot be answered, it is a class."""
    table = pa.table(
        {"confidence": [0.5] * 3, "label": ["no answer", "b", "a"], "pred": ["no answer"] * 3}
    )
    assert read(table).labels.tolist() == [1, 0, 0]
    later = pa.table(
        {
            "confidence": [0.5] * 40_000,
            "label": ["a"] * 39_999 + ["no answer"],
            "pred": ["a", "no answer"] * 20_000,
        }
    )
    with pytest.raises(InputError, match="'no answer' is a label, but"):
        read(later)


def test_abstentions_do_not_hide_how_answers_are_spelled(read):
    """A and a are the same class beside them."""
    table = pa.table(
        {"confidence": [0.5] * 3, "label": ["a", "b", "a"], "pred": ["A", "B", "Refused"]}
    )
    assert read(table).labels.tolist() == [1, 1]


def test_a_failed_request_is_no_wrong_answer(read):
    """Nor is it in a column that says what was right."""
    table = pa.table({"confidence": [0.5] * 3, "correct": ["true", "false", "request failed"]})
    assert read(table).labels.tolist() == [1, 0]
    assert read(table, unanswered="wrong").labels.tolist() == [1, 0, 0]
    table = pa.table(
        {"confidence": [0.5] * 2, "label": ["passed", "failed"], "pred": ["failed"] * 2}
    )
    assert read(table).labels.tolist() == [0, 1]


@pytest.mark.parametrize("kind", [pa.decimal32(3), pa.decimal64(12), pa.decimal128(20, 2)])
def test_labels_of_all_decimals(read, kind):
    """Small decimals are labels as the large ones are."""
    labels = pa.array([Decimal(0), Decimal(1), Decimal(1)], kind)
    rows = read(pa.table({"score": [0.25, 0.75, 0.5], "label": labels}))
    assert rows.labels.tolist() == [0, 1, 1]


def test_types_without_values_to_compare(read):
    """Columns of structs, lists of text and the like have no role, and that is said."""
    for values in ([{"a": 1}] * 2, [["a"]] * 2):
        with pytest.raises(InputError, match="neither numbers nor text"):
            read(pa.table({"score": [0.5, 0.5], "label": [0, 1], "x": values}), by=("x",))

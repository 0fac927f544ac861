import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.errors import InputError, NotEnoughData
from calaudit.predictions import Intake, Roles, open_predictions

GOOD = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7]
LABELS = [0, 1, 0, 1, 0, 1]


def frame(scores, labels=LABELS, **more):
    """Return binary scores with labels."""
    return pa.table({"score": scores, "label": labels, **more})


def classes(matrix, labels, dtype=np.float64, prefix="p_"):
    """Return one column a class."""
    matrix = np.asarray(matrix, dtype)
    columns = {f"{prefix}{k}": matrix[:, k] for k in range(matrix.shape[1])}
    return pa.table({**columns, "label": labels})


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (float("nan"), "missing-score"),
        (None, "missing-score"),
        (float("inf"), "score-infinite"),
        (float("-inf"), "score-infinite"),
        (1.2, "score-out-of-range"),
        (-0.01, "score-out-of-range"),
        (1.002, "score-out-of-range"),
    ],
)
@pytest.mark.parametrize("dtype", [pa.float64(), pa.float32()])
def test_an_invalid_probability_is_refused_or_dropped(read, bad, reason, dtype):
    """Each kind of invalid score has its own reason, row and value."""
    table = frame(pa.array([*GOOD[:3], bad, *GOOD[4:]], dtype))
    with pytest.raises(InputError, match=rf"(?s)1 of 6 rows.*\[{reason}\].*row 4, score: "):
        read(table)
    rows = read(table, on_invalid="drop")
    assert rows.numbers == [1, 2, 3, 5, 6]
    assert rows.labels.tolist() == [0, 1, 0, 0, 1]
    assert rows.intake.rows_read == 6
    assert rows.intake.rows_used == 5


def test_rounding_noise_outside_the_interval_is_clipped(read):
    """A score of 1.00000012, which float32 arithmetic makes, counts as 1."""
    rows = read(frame([0.0, 1 + 1.2e-7, -1e-9, 1.0, 0.5, 0.5]))
    assert rows.scores.tolist() == [0.0, 1.0, 0.0, 1.0, 0.5, 0.5]


def test_dust_above_one_is_counted_and_not_refused(read):
    """A score of 1.0000012 is the surest of all, and not an invalid one."""
    rows = read(frame([0.25, 1.0000012, 1.0004, -0.0000012, 1.0, 0.5]))
    assert rows.scores.tolist() == [0.25, 1.0, 1.0, 0.0, 1.0, 0.5]
    (note,) = [n.text for n in rows.predictions.notes if n.code == "rounding-dust"]
    assert note.startswith("3 rows with probabilities outside [0, 1] by up to 0.0004")


@pytest.mark.parametrize("form", ["columns", "lists"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distributions_with_dust_are_divided_by_their_sum(read, form, dtype):
    """Rows that sum to 1.00002 with a class above 1 keep their shares; others stay as stored."""
    matrix = np.array(
        [[1.00002, 0, 0], [1.0000012, 4e-6, -3e-6], [0.5, 0.3, 0.20002], [0.2, 0.3, 0.5]], dtype
    )
    table = classes(matrix, [0, 0, 1, 2], dtype)
    if form == "lists":
        table = pa.table({"probs": list(matrix), "label": [0, 0, 1, 2]})
    rows = read(table)
    positive = np.maximum(matrix[1].astype(np.float64), 0)
    assert rows.scores[0].tolist() == [1.0, 0.0, 0.0]
    assert rows.scores[1] == pytest.approx(positive / positive.sum(), abs=1e-7)
    assert rows.scores[1:2].sum() == pytest.approx(1, abs=2e-7)
    assert np.array_equal(rows.scores[2:], matrix[2:])
    (note,) = [n.text for n in rows.predictions.notes if n.code == "rounding-dust"]
    assert note.startswith("2 rows")


@pytest.mark.parametrize(
    ("bad", "said", "unsaid"),
    [
        ([362880.0], "--out-of divides", "missing score"),
        ([-0.01], "often stand for a missing score", "--out-of"),
        ([362880.0, -1.0], "often stand for a missing score", "--out-of"),
    ],
)
def test_advice_fits_the_values(read, bad, said, unsaid):
    """Of a score above 1 nobody says that it is negative."""
    with pytest.raises(InputError) as caught:
        read(frame([*bad, *GOOD * 2], [1] * len(bad) + LABELS * 2))
    assert said in str(caught.value)
    assert unsaid not in str(caught.value)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_stored_type_is_kept(read, dtype):
    """float32 stays float32, float16 is widened to it, and the report knows which it was."""
    rows = read(frame(np.array(GOOD, dtype)))
    assert rows.predictions.dtype == dtype
    assert rows.scores.dtype.name == ("float64" if dtype == "float64" else "float32")
    assert np.array_equal(rows.scores, np.array(GOOD, dtype).astype(rows.scores.dtype))


@pytest.mark.parametrize(
    ("factor", "said"),
    [(100, r"percentages.*--out-of 100"), (10, "a scale of 0 to 10")],
)
@pytest.mark.parametrize("on_invalid", ["refuse", "drop"])
def test_percent_scales_are_refused(read, factor, said, on_invalid):
    """A scale of 0 to 100 or 0 to 10 is named, even where invalid rows are to be dropped."""
    with pytest.raises(InputError, match=said):
        read(frame([score * factor for score in GOOD]), on_invalid=on_invalid)


def test_probabilities_that_are_logits_are_refused(read):
    """Values on both sides of [0, 1] bring the advice to declare logits."""
    matrix = np.array([[3.0, -1.0, -2.0], [-4.0, 2.5, 1.5]])
    with pytest.raises(InputError, match=r"look like logits.*--logits p_"):
        read(classes(matrix, [0, 1]))
    assert read(classes(matrix, [0, 1]), logits="p_").scores.tolist() == matrix.tolist()


def test_logits_that_are_probabilities_are_refused(read):
    """Declared logits that all lie in [0, 1] and sum to 1 are probabilities."""
    matrix = [[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]
    with pytest.raises(InputError, match=r"these are probabilities\. Use --probs"):
        read(classes(matrix, [0, 2]), logits="p_")


def test_binary_logits_inside_the_unit_interval_bring_a_note(read):
    """A single logit column with no value outside [0, 1] is read, and remarked upon."""
    rows = read(frame(GOOD), logits="score")
    assert rows.predictions.scale == "logit"
    assert "logits-look-like-probabilities" in rows.note_codes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([0.5, 0.3, 0.1], "row-sum"),
        ([0.5, 0.3, 0.202], "row-sum"),
        ([0.5, -0.1, 0.6], "score-out-of-range"),
        ([np.nan, 0.5, 0.5], "missing-score"),
        ([np.inf, 0.0, 0.0], "score-infinite"),
    ],
)
def test_an_invalid_distribution_is_refused_or_dropped(read, row, reason):
    """A row of class probabilities is checked as a whole."""
    good = [[0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    table = classes([*good, row, *good], [0, 1, 2, 0, 0, 1, 2])
    with pytest.raises(InputError, match=rf"(?s)\[{reason}\].*row 4, p_"):
        read(table)
    assert read(table, on_invalid="drop").numbers == [1, 2, 3, 5, 6, 7]


def test_small_errors_of_the_sum_pass_as_stored(read):
    """Rows that sum to 1.00002 or .9999 are real, and are not rescaled."""
    matrix = np.array([[0.5, 0.3, 0.20002], [0.5, 0.3, 0.1999]])
    assert read(classes(matrix, [0, 1])).scores.tolist() == matrix.tolist()
    half = np.array([[0.5, 0.3, 0.203], [0.5, 0.3, 0.199]], np.float16)
    assert read(classes(half, [0, 1], np.float16)).scores.shape == (2, 3)


def test_an_exact_zero_for_the_true_class_is_valid(read):
    """The log loss is infinite there, which is a finding and not an error of the file."""
    rows = read(classes([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], [0, 0]))
    assert rows.scores[0].tolist() == [0.0, 1.0, 0.0]


def test_minus_infinity_is_a_logit_for_a_class_but_not_for_all(read):
    """A masked class has the logit -inf; a row of nothing else, NaN or +inf is refused."""
    inf = float("inf")
    matrix = [[2.0, -inf, 0.0], [-inf] * 3, [inf, 0.0, 1.0], [np.nan, 0.0, 1.0], [1.0, 2.0, 3.0]]
    rows = read(classes(matrix, [0, 1, 2, 0, 2], prefix="logit_"), on_invalid="drop")
    assert rows.numbers == [1, 5]
    assert rows.intake.refused["score-infinite"].count == 2
    assert rows.intake.refused["missing-score"].count == 1


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float32()), pa.large_list(pa.float32()), pa.list_(pa.float32(), 3)]
)
def test_lists_are_distributions(read, kind):
    """List, large list and fixed-size list columns give the same rows, in slices too."""
    lists = [[0.5, 0.25, 0.25], [0.125, 0.125, 0.75], [0.25, 0.5, 0.25]]
    table = pa.table({"probs": pa.array(lists, kind), "label": [0, 2, 1]})
    rows = read(table.slice(1))
    assert rows.scores.tolist() == lists[1:]
    assert rows.scores.flags.c_contiguous
    assert rows.predictions.class_names == ("0", "1", "2")


def test_lists_of_uneven_length_are_refused_by_row(read):
    """A short list, a null list and a null inside a list are three reasons."""
    lists = [[0.5, 0.25, 0.25], [0.5, 0.5], None, [0.5, None, 0.5], [0.25, 0.5, 0.25]]
    table = pa.table({"probs": lists, "label": [0, 1, 2, 0, 1]})
    with pytest.raises(InputError, match=r"(?s)row 3, probs.*row 2, probs: 2 values instead of 3"):
        read(table)
    rows = read(table, on_invalid="drop")
    assert rows.scores.tolist() == [lists[0], lists[4]]


def test_fixed_size_lists_with_a_null(read):
    """A null among fixed-size lists does not shift the rows after it."""
    lists = pa.array([[0.5, 0.25, 0.25], None, [0.25, 0.5, 0.25]], pa.list_(pa.float64(), 3))
    rows = read(pa.table({"probs": lists, "label": [0, 1, 2]}), on_invalid="drop")
    assert rows.scores.tolist() == [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]
    assert rows.labels.tolist() == [0, 2]
    assert rows.numbers == [1, 3]


def test_two_classes_are_binary(read):
    """Of two columns the second is the positive class; two logits become their difference."""
    rows = read(classes([[0.75, 0.25], [0.1, 0.9]], [0, 1]))
    assert rows.predictions.task == "binary"
    assert rows.scores.tolist() == [0.25, 0.9]
    rows = read(classes([[2.0, -1.0], [0.5, 3.0]], [0, 1], prefix="logit_"))
    assert rows.scores.tolist() == [-3.0, 2.5]


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf"), None])
def test_invalid_weights_are_refused(read, bad):
    """A weight is finite and at least 0; rows of weight 0 are left out."""
    table = frame(GOOD, weight=[1.0, 2.0, bad, 1.0, 0.0, 1.0])
    with pytest.raises(InputError, match=r"(?s)\[bad-weight\].*row 3, weight: "):
        read(table)
    assert read(table, on_invalid="drop").weights.tolist() == [1.0, 2.0, 1.0, 1.0]


def test_weights_that_sum_to_nothing(read):
    """Without any weight there is nothing to audit."""
    with pytest.raises(NotEnoughData, match="sum to 0"):
        read(frame(GOOD, weight=[0.0] * 6))


def test_most_rows_dropped_brings_a_note(read):
    """Dropping more than half of the rows is said, and dropping all is refused."""
    rows = read(frame([None, None, None, None, 0.5, 0.5]), on_invalid="drop")
    assert rows.note_codes == ["rows-dropped"]
    with pytest.raises(NotEnoughData, match="no valid row is left of 6"):
        read(frame(pa.nulls(6, pa.float64())), on_invalid="drop")


def test_a_row_refused_twice_counts_once(read):
    """A row without score and label has two reasons, but is one row."""
    rows = read(frame([None, *GOOD[1:]], [None, *LABELS[1:]]), on_invalid="drop")
    assert {code: r.count for code, r in rows.intake.refused.items()} == {
        "missing-score": 1,
        "missing-label": 1,
    }
    assert rows.intake.rows_read - rows.intake.rows_used == 1


def test_out_of_divides_scores_before_they_are_checked():
    """Scores on a scale of 0 to 10 become probabilities, and what exceeds the scale is refused."""
    read = open_predictions(frame([9.0, 2.5], [1, 0]), roles=Roles(out_of=10.0))
    with read:
        (chunk,) = [c for unit in read.units() for c in unit.chunks(Intake())]
    assert chunk.scores.tolist() == [0.9, 0.25]
    beyond = frame([9.0, 1.0, 1.0, 1.0, 11.0], [1, 0, 1, 0, 1])
    with pytest.raises(InputError, match="score-out-of-range"):
        read_all(beyond, out_of=10.0)


def read_all(data, **roles):
    """Read every row, and close the books."""
    with open_predictions(data, roles=Roles(**roles)) as read:
        intake = Intake()
        for unit in read.units():
            list(unit.chunks(intake))
        read.finish(intake)


def test_weight_none_leaves_out_a_column_named_like_a_weight():
    """``--weight none`` switches the inference of a weight off."""
    data = frame([0.9, 0.25], [1, 0]).append_column("weight", pa.array([1.0, 5.0]))
    with open_predictions(data, roles=Roles(weight="none")) as read:
        assert not [role for role in read.roles if role.role == "weight"]


@pytest.mark.filterwarnings("error")
def test_logits_as_large_as_numbers_can_be():
    """Their difference is the largest there is, and nothing is said of overflow."""
    two = np.array([[1e308, -1e308], [-1e308, 1e308], [0.0, 1.0]])
    assert calaudit.evaluate([0, 1, 1], two, scale="logit").metrics["accuracy"].value == 1.0
    three = np.array([[1e308, -1e308, 0.0], [-1e308, 0.0, 1e308], [0.0, 1.0, 2.0]])
    found = calaudit.evaluate([0, 2, 2], three, scale="logit").metrics
    assert found["log_loss"].value == pytest.approx(np.log(1 + np.exp(-1) + np.exp(-2)) / 3)


@pytest.mark.parametrize("out_of", [1.0, 10.0])
def test_a_signalling_nan_is_missing(read, tmp_path, out_of):
    """As damaged data has it, whose cast to another width the processor objects to."""
    bits = np.full(40, 0.5, np.float32).view(np.uint32)
    bits[3] = 0x7F800001
    table = pa.table({"score": bits.view(np.float32), "label": [0, 1] * 20})
    pq.write_table(table, tmp_path / "p.parquet")
    with pytest.raises(InputError, match="the score is missing or NaN"):
        read(tmp_path / "p.parquet", out_of=out_of)
    assert len(read(tmp_path / "p.parquet", out_of=out_of, on_invalid="drop").labels) == 39

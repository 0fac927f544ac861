import pyarrow as pa
import pytest

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.names import NAMES, grouped, natural_key

TWO = {"label": [0, 1]}


def table(*names, **columns):
    """Return a table with two scores under each name, and labels."""
    return pa.table({**{name: [0.25, 0.75] for name in names}, **(columns or TWO)})


@pytest.mark.parametrize("name", sorted(NAMES["score"]))
def test_every_score_name_is_recognised(read, name):
    """Each name in the table of names is taken for the score, whatever its case."""
    for spelled in (name, name.upper()):
        rows = read(table(spelled))
        assert rows.roles["score"] == (spelled,)


@pytest.mark.parametrize("name", sorted(NAMES["label"]))
def test_every_label_name_is_recognised(read, name):
    """Each name in the table of names is taken for the label."""
    assert read(table("score", **{name: [0, 1]})).roles["label"] == (name,)


@pytest.mark.parametrize("role", ["confidence", "correct", "prediction"])
def test_every_top_label_name_is_recognised(read, role):
    """Confidence, correct and prediction are found under each of their names."""
    for name in NAMES[role]:
        names = {"confidence": "confidence", role: name}
        columns: dict[str, list[object]] = {names["confidence"]: [0.5, 0.6]}
        if role == "prediction":
            columns |= {name: ["a", "b"], "true_label": ["a", "c"]}
        else:
            columns |= {names.get("correct", "correct"): [1, 0]}
        rows = read(pa.table(columns))
        assert rows.predictions.task == "top-label"
        assert rows.roles[role] == (name,)
        assert rows.labels.tolist() == [1, 0]


def test_an_inferred_weight_is_announced(read):
    """A weight changes every figure, so inferring one brings a note."""
    rows = read(table("score", "label", w=[1.0, 3.0], label=[0, 1]))
    assert rows.weights.tolist() == [1.0, 3.0]
    assert rows.note_codes == ["weight-inferred"]
    declared = read(table("score", w=[1.0, 3.0], label=[0, 1]), weight="w")
    assert declared.note_codes == []


def test_roles_say_what_changes_them(read):
    """Each role carries its option and whether it was inferred."""
    roles = read(table("score"), score="score").predictions.roles
    told = {role.role: (role.inferred, role.option) for role in roles}
    assert told == {"label": (True, "--label"), "score": (False, "--score")}


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (table("score", "prob"), ["--score score", "--score prob"]),
        (table("score", "p_0", "p_1"), ["--probs p_", "--score score"]),
        (table("p_0", "p_1", "logit_0", "logit_1"), ["--probs p_", "--logits logit_"]),
        (table("prob1", "prob2"), ["do not sum to 1", "--score prob1", "--score prob2"]),
        (table("prob_lr", "prob_rf"), ["--score prob_lr", "--score prob_rf"]),
        (table("Logistic", "EMOS"), ["--score Logistic", "--score EMOS"]),
        (table("score", label=[0, 1], target=[0, 1]), ["--label label", "--label target"]),
        (table("a confidence", "b confidence"), ["--confidence 'a confidence'"]),
        (table("score", "w", "weight"), ["--weight w", "--weight weight"]),
    ],
)
def test_ambiguous_columns_are_refused_with_the_choices(read, data, options):
    """More than one reading is never guessed at; the message has what to type."""
    with pytest.raises(InputError) as caught:
        read(data)
    for option in options:
        assert option in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (table("x", "y2", label=[0, 1]), "--score x, --score y2"),
        (table("score", other=["a", "b"], more=[0.5, 7.0]), "--label other --positive b"),
        (table("score", other=[1.5, 7.25]), "--label COLUMN"),
        (table("confidence"), "--correct COLUMN"),
        (pa.table({"score": [0.5]}), "there is no column with labels"),
    ],
)
def test_missing_roles_are_refused_with_the_options(read, data, said):
    """A file in which nothing fits is met with what could be declared."""
    with pytest.raises(InputError, match=said):
        read(data)


def test_an_unknown_column_brings_the_closest_names(read):
    """A typing error in an option is met with the column that exists."""
    with pytest.raises(InputError, match=r"--score names the column 'scroe'.*Did you mean score"):
        read(table("score"), score="scroe")
    with pytest.raises(InputError, match=r"--by names.*'zzz'.*Columns: label, score"):
        read(table("score"), by=("zzz",))
    with pytest.raises(InputError, match=r"--split names the column 'zzz'"):
        read(table("score"), by=("zzz",), asked=(("zzz", "--split"),))


def test_a_slice_column_named_twice_is_one(read):
    """Each slice is listed and tested once."""
    assert read(table("score", label=[0, 1], g=["a", "b"]), by=("g", "g")).predictions.by == ("g",)


def test_options_that_exclude_each_other(read):
    """Two places for the scores are a contradiction."""
    with pytest.raises(SettingsError, match="--score and --probs exclude each other"):
        read(table("score", "p_0", "p_1"), score="score", probs="p_")
    with pytest.raises(SettingsError, match="task='multiclass'"):
        read(table("score"), task="multiclass")
    with pytest.raises(SettingsError, match="Leave --correct and --task top-label out"):
        read(table("p_0", "p_1"), probs="p_", correct="label")


def test_a_prefix_a_list_and_commas_name_the_same_columns(read):
    """--probs takes a prefix, several names, or names joined by commas."""
    data = (
        table("p_0", "p_1", "p_2", label=[0, 1])
        .set_column(1, "p_1", pa.array([0.25, 0.125]))
        .set_column(2, "p_2", pa.array([0.5, 0.125]))
    )
    by_prefix = read(data, probs="p_").scores.tolist()
    assert by_prefix == [[0.25, 0.25, 0.5], [0.75, 0.125, 0.125]]
    assert read(data, probs="p_0,p_1,p_2").scores.tolist() == by_prefix
    assert read(data, probs=("p_0", "p_1", "p_2")).scores.tolist() == by_prefix


def test_class_columns_are_in_natural_order(read):
    """p_10 comes after p_9, wherever the file has it."""
    names = [f"p_{k}" for k in sorted(range(12), key=str)]
    data = {name: [1.0 if name == "p_10" else 0.0] for name in names}
    rows = read(pa.table({**data, "label": [10]}))
    assert rows.scores[0].argmax() == 10
    assert rows.predictions.class_names == tuple(str(k) for k in range(12))


def test_logits_are_inferred_from_names_only_and_said(read):
    """logit_* columns are logits, with a note; values never decide."""
    rows = read(table("logit_0", "logit_1", "logit_2"))
    assert rows.predictions.scale == "logit"
    assert rows.note_codes == ["logits-inferred"]


def test_a_single_logit_column_is_binary(read):
    """A scalar column given as logits is the logit of the positive class."""
    rows = read(pa.table({"margin": [-2.0, 3.0], "y": [0, 1]}), logits="margin")
    assert (rows.predictions.task, rows.predictions.scale) == ("binary", "logit")
    assert rows.scores.tolist() == [-2.0, 3.0]


def test_columns_named_like_the_classes(read):
    """hpc_cv's way: the label's values are names of columns that sum to 1."""
    data = pa.table({"VF": [0.5, 0.25], "F": [0.5, 0.75], "x": [7, 8], "obs": ["VF", "F"]})
    rows = read(data)
    assert rows.predictions.class_names == ("VF", "F")
    assert rows.scores.tolist() == [0.5, 0.75]


def test_text_columns_and_lists_are_no_scores(read):
    """A column of a wrong kind is refused with the option that would fit."""
    lists = pa.table({"score": [[0.5, 0.5]], "label": [0]})
    with pytest.raises(InputError, match="holds lists"):
        read(lists, score="score")
    dates = pa.table({"score": pa.array([1], pa.date32()), "label": [0]})
    with pytest.raises(InputError, match="is no score"):
        read(dates, score="score")


def test_suffixes_of_groups():
    """Names split into role, prefix and class; ordinary words do not."""
    assert grouped("p_3") == ("probs", "p_", "3")
    assert grouped("prob_cat") == ("probs", "prob_", "cat")
    assert grouped("Proba12") == ("probs", "Proba", "12")
    assert grouped("logits.dog") == ("logits", "logits.", "dog")
    assert grouped("price") is None
    assert sorted(["p_10", "p_9", "p_1"], key=natural_key) == ["p_1", "p_9", "p_10"]


def test_no_reading_is_offered_where_none_is_known(read, write):
    """That a column has to be named is said once, and is no reading of its own."""
    with pytest.raises(InputError) as error:
        read(write("score,label\n0.25,0\n0.75,1\n"), score="label")
    assert str(error.value).endswith("Columns: score.")

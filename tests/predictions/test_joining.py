"""Labels in a second file: joined by the ids of rows, whatever their type, and none silently."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import calaudit
from calaudit.cli import main
from calaudit.errors import CalauditError, InputError, SettingsError
from calaudit.predictions.id_codes import NO_ID, id_codes
from calaudit.report.command import command_of
from tests.golden.cases import FOLDER

ROWS = 1200


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    """Rows with ids, scores and labels in one frame."""
    rng = np.random.default_rng(11)
    score = rng.random(ROWS)
    return pd.DataFrame(
        {
            "id": rng.permutation(ROWS) + 1000,
            "score": score.round(4),
            "label": (rng.random(ROWS) < score).astype(int),
            "part": np.where(rng.random(ROWS) < 0.5, "a", "b"),
        }
    )


@pytest.fixture(scope="module")
def apart(whole: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The predictions, and the labels in another order and under another name."""
    labels = whole[["id", "label"]].sample(frac=1, random_state=4)
    return whole.drop(columns="label"), labels.rename(columns={"label": "outcome"})


def _written(frame: pd.DataFrame, name: str, folder: Path) -> Any:
    path = folder / name
    if name.endswith("csv"):
        frame.to_csv(path, index=False)
    elif name.endswith("jsonl"):
        frame.to_json(path, orient="records", lines=True)
    elif name.endswith("text.parquet"):
        frame.assign(id=frame["id"].astype(str)).to_parquet(path)
    elif name.endswith("float.parquet"):
        frame.assign(id=frame["id"].astype(float)).to_parquet(path)
    elif name.endswith("parquet"):
        frame.to_parquet(path, row_group_size=100)
    else:
        return frame
    return str(path)


FORMS = ("csv", "jsonl", "parquet", "text.parquet", "float.parquet", "frame")


@pytest.mark.parametrize("of_labels", FORMS)
@pytest.mark.parametrize("of_rows", FORMS)
def test_the_same_figures_as_with_the_labels_beside(
    whole: pd.DataFrame, apart: Any, of_rows: str, of_labels: str, tmp_path: Path
) -> None:
    """Every format of rows with every format of labels reads each label beside its row."""
    rows, labels = (
        _written(frame, f"{i}.{form}", tmp_path)
        for i, (frame, form) in enumerate(zip(apart, (of_rows, of_labels), strict=True))
    )
    found = calaudit.predictions.open_predictions(
        rows, roles=calaudit.predictions.Roles(id="id"), labels=labels
    )
    with found:
        intake = calaudit.predictions.Intake()
        chunks = [chunk for unit in found.units() for chunk in unit.chunks(intake)]
        found.finish(intake)
    assert np.concatenate([c.labels for c in chunks]).tolist() == whole["label"].tolist()
    assert "labels-joined" in [note.code for note in found.notes]


def test_every_command_takes_them(whole: pd.DataFrame, apart: Any, tmp_path: Path) -> None:
    """Evaluation, fit, thresholds, audit and gate have the figures of the whole file."""
    rows, labels = (_written(f, f"{i}.csv", tmp_path) for i, f in enumerate(apart))
    joined: Any = {"labels": labels, "id": "id"}
    one, other = calaudit.evaluate(whole), calaudit.evaluate(rows, **joined)
    assert other.metrics == one.metrics
    assert command_of(other) == (
        f"calaudit evaluate {rows} --score score --id id --labels {labels}"
    )
    fits = [calaudit.fit(whole, method="platt"), calaudit.fit(rows, method="platt", **joined)]
    assert fits[0].parameters() == fits[1].parameters()
    costs: Any = {"cost_fp": 1, "cost_fn": 3, "by": "part"}
    mine, its = calaudit.threshold(whole, **costs), calaudit.threshold(rows, **costs, **joined)
    assert mine.slices == its.slices
    audits = [calaudit.audit(whole, split="part=a"), calaudit.audit(rows, split="part=a", **joined)]
    assert audits[0].before.metrics == audits[1].before.metrics
    assert (
        calaudit.check(rows, max_ece=0.2, **joined).results
        == calaudit.check(whole, max_ece=0.2).results
    )
    halves = [_written(apart[0][i::2], f"half{i}.csv", tmp_path) for i in (0, 1)]
    divided = calaudit.audit(halves[0], calibration=halves[1], allow_unmatched=True, **joined)
    assert divided.before.intake.rows_used == ROWS / 2
    compared = calaudit.check(rows, against=rows, max_increase={"ece": 0.1}, **joined)
    assert compared.pairing is not None
    assert compared.pairing.matched == ROWS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda labels: labels[:-200], "200 of 1,200 rows have no label there"),
        (
            lambda labels: labels.assign(outcome=labels["outcome"].where(labels.index % 3 != 0)),
            "400 of 1,200 rows have no label there",
        ),
        (
            lambda labels: pd.concat([labels, pd.DataFrame({"id": [1, 2], "outcome": 0})]),
            "2 ids of <frame> are in no row",
        ),
        (lambda labels: pd.concat([labels, labels[:5]]), "5 rows of <frame> repeat an id"),
        (
            lambda labels: pd.concat([labels, labels[:3].assign(id=None)]),
            "3 rows of <frame> have no id",
        ),
    ],
)
def test_what_has_no_partner_is_counted_and_refused_unless_it_is_allowed(
    apart: Any, change: Any, told: str
) -> None:
    """Rows without a label, labels without a row, and ids that are repeated."""
    rows, labels = apart[0], change(apart[1])
    with pytest.raises(InputError, match=re.escape(told)) as refused:
        calaudit.evaluate(rows, labels=labels, id="id")
    assert "--allow-unmatched" in str(refused.value)
    assert len(str(refused.value)) < 350
    report = calaudit.evaluate(rows, labels=labels, id="id", allow_unmatched=True)
    known = labels.dropna().drop_duplicates("id").set_index("id")["outcome"]
    there = rows[rows["id"].isin(known.index)]
    assert report.intake.rows_used == len(there)
    wanted = calaudit.evaluate(there.assign(label=known[there["id"]].to_numpy()))
    assert report.metrics["brier"] == wanted.metrics["brier"]


def test_rows_that_repeat_an_id_are_refused_unless_it_is_allowed(apart: Any) -> None:
    """Two predictions of one case: both have its label, once it is said that this is meant."""
    rows = pd.concat([apart[0], apart[0][:7]])
    with pytest.raises(InputError, match="7 rows have an id that another row has"):
        calaudit.evaluate(rows, labels=apart[1], id="id")
    report = calaudit.evaluate(rows, labels=apart[1], id="id", allow_unmatched=True)
    assert report.intake.rows_used == ROWS + 7


def test_an_id_with_two_labels_is_refused_always(apart: Any) -> None:
    """Nobody can say which one holds: the rows and the labels are named."""
    wrong = apart[1][:1].assign(outcome=1 - apart[1]["outcome"][:1])
    for allowed in (False, True):
        with pytest.raises(InputError, match=r"rows 1 and 1,201 have the same id, but other"):
            calaudit.evaluate(
                apart[0], labels=pd.concat([apart[1], wrong]), id="id", allow_unmatched=allowed
            )


def test_the_label_of_the_second_file_wins_and_it_is_said(whole: pd.DataFrame) -> None:
    """A label beside the scores is not used, and the report says so."""
    labels = whole[["id", "label"]].assign(label=1 - whole["label"])
    report = calaudit.evaluate(whole, labels=labels, id="id")
    wanted = calaudit.evaluate(labels.assign(score=whole["score"]))
    assert report.metrics["brier"] == wanted.metrics["brier"]
    [note] = [note for note in report.notes if note.code == "labels-joined"]
    assert note.figures["kind"] == "beside"
    assert note.figures["own"] == "label"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"id": "idd"}, "Did you mean id?"),
        ({"id": "score"}, "--id names the column 'score'"),
        ({"id": "id", "label": "y"}, "names the column 'y'"),
    ],
)
def test_columns_that_are_not_there(apart: Any, options: Any, told: str) -> None:
    """Each refusal names the option and the column."""
    with pytest.raises(CalauditError, match=re.escape(told)):
        calaudit.evaluate(apart[0], labels=apart[1], **options)


def test_the_id_is_the_column_that_both_files_name_rows_by(whole: Any, apart: Any) -> None:
    """One such column needs no option; of two, or of several files, the user says which."""
    report = calaudit.evaluate(apart[0], labels=apart[1])
    assert report.metrics["brier"] == calaudit.evaluate(whole).metrics["brier"]
    both = [frame.assign(case_id=frame["id"]) for frame in apart]
    with pytest.raises(CalauditError, match=r"needs --id.*: id, case_id"):
        calaudit.evaluate(both[0], labels=both[1])


def test_rows_without_an_id_are_joined_in_their_order(whole: Any, tmp_path: Path) -> None:
    """As H2O and AutoGluon write scores; a part of a file knows the number of its first row."""
    rows, labels = whole[["score", "part"]], whole[["label"]]
    wanted = calaudit.evaluate(whole).metrics["brier"]
    for of_rows, of_labels in (("csv", "parquet"), ("parquet", "csv"), ("jsonl", "csv")):
        paths = (
            _written(rows, f"r.{of_rows}", tmp_path),
            _written(labels, f"l.{of_labels}", tmp_path),
        )
        report = calaudit.evaluate(paths[0], labels=paths[1], threads=2)
        assert report.metrics["brier"].value == pytest.approx(wanted.value, abs=1e-12)
        [note] = [note for note in report.notes if note.code == "labels-joined"]
        assert note.figures["id"] == "the order of rows"
    with pytest.raises(InputError, match=r"1 ids of .* are in no row"):
        calaudit.evaluate(rows[:-1], labels=labels)
    with pytest.raises(InputError, match=r"1 of .* rows have no label there"):
        calaudit.evaluate(rows, labels=labels[1:])


def test_labels_without_rows_are_refused(whole: Any, tmp_path: Path) -> None:
    """A file that holds a header alone has no label to join."""
    (tmp_path / "labels.csv").write_text("id,label\n")
    labels = tmp_path / "labels.csv"
    for rows, name in ((whole[["id", "score"]], "id"), (whole[["score"]], None)):
        with pytest.raises(InputError, match="there are no rows"):
            calaudit.evaluate(rows, labels=labels, label="label", id=name)


def test_an_order_that_a_column_of_both_files_contradicts_is_refused(whole: Any) -> None:
    """Shuffled labels would give the figures of chance."""
    labels = whole.drop(columns=["score", "id"])
    rows = whole[["score", "part"]]
    assert calaudit.evaluate(rows, labels=labels).intake.rows_used == ROWS
    with pytest.raises(InputError, match="other values of 'part'"):
        calaudit.evaluate(rows, labels=labels.sample(frac=1, random_state=1))


def test_which_column_is_the_label_is_asked_where_it_cannot_be_told(apart: Any) -> None:
    """Two columns beside the id, neither named like a label; the one that is named is taken."""
    labels = apart[1].rename(columns={"outcome": "first"}).assign(second=1)
    with pytest.raises(InputError, match=r"which column is the label.*first, second"):
        calaudit.evaluate(apart[0], labels=labels, id="id")
    report = calaudit.evaluate(apart[0], labels=labels, id="id", label="first")
    assert report.intake.rows_used == ROWS


def test_ids_of_another_kind_are_no_ids(apart: Any) -> None:
    """Where no id is in the other file, it says so; arrays have labels of their own."""
    other = apart[1].assign(id=-apart[1]["id"])
    with pytest.raises(InputError, match="is it the id"):
        calaudit.evaluate(apart[0], labels=other, id="id", allow_unmatched=True)
    with pytest.raises(SettingsError, match="labels is for columns"):
        calaudit.evaluate([0, 1], [0.2, 0.7], labels=apart[1])


def test_classes_and_whether_a_prediction_was_right_can_be_joined(whole: pd.DataFrame) -> None:
    """Names of classes beside their probabilities; a column called correct beside a confidence."""
    names = np.array(["cat", "dog", "emu"])[np.arange(ROWS) % 3]
    scores = np.random.default_rng(2).dirichlet(np.ones(3), ROWS)
    wide = pd.DataFrame(scores, columns=["p_cat", "p_dog", "p_emu"]).assign(id=np.arange(ROWS))
    labels = pd.DataFrame({"id": np.arange(ROWS)[::-1], "species": names[::-1]})
    assert calaudit.evaluate(wide, labels=labels, id="id").metrics == calaudit.evaluate(
        wide.assign(species=names), label="species"
    ).metrics  # fmt: skip
    right = whole[["id", "label"]].rename(columns={"label": "correct"})
    rows = whole[["id", "score"]].rename(columns={"score": "confidence"})
    found = calaudit.evaluate(rows, labels=right, id="id")
    assert found.task == "top-label"
    assert found.metrics == calaudit.evaluate(rows.assign(correct=right["correct"])).metrics


def test_labels_that_are_late_are_counted(whole: pd.DataFrame) -> None:
    """A file whose labels are still to come in part: how many there are, and no figure unasked."""
    late = whole.assign(label=whole["label"].where(np.arange(ROWS) % 4 > 0))
    with pytest.raises(InputError, match=r"(?s)300 rows: .*\(900 have one\).*--allow-unmatched"):
        calaudit.evaluate(late)
    report = calaudit.evaluate(late, allow_unmatched=True)
    assert report.intake.rows_used == 900
    [note] = [note for note in report.notes if note.code == "labels-waiting"]
    assert note.figures == {"labelled": 900, "rows": ROWS, "waiting": 300}
    wrong = late.assign(score=late["score"].where(np.arange(ROWS) != 5, 2.0))
    with pytest.raises(InputError, match="score-out-of-range"):
        calaudit.evaluate(wrong, allow_unmatched=True)


@pytest.mark.cases
def test_the_late_labels_of_the_layouts() -> None:
    """155 of 280 have arrived; the figures of these are those that were computed from the file."""
    path = FOLDER.parent / "layouts" / "late_labels.csv"
    if not path.exists():
        pytest.skip("the layouts are not here")
    report = calaudit.evaluate(str(path), allow_unmatched=True)
    assert report.intake.rows_used == 155
    assert report.metrics["ece"].value == pytest.approx(0.127115, abs=1e-6)
    assert report.metrics["brier"].value == pytest.approx(0.22584, abs=1e-5)


def test_ids_are_the_same_from_every_type() -> None:
    """7, 7.0 and "7" are one id, "007" is another, and none is none."""
    wanted = id_codes(pa.array([7, 12345678901, None]))
    for same in (
        pa.array(["7", "12345678901", ""]),
        pa.array(["7.0", "12345678901.000", None]),
        pa.array([7.0, 12345678901.0, np.nan]),
        pa.array(["x", "7", "12345678901", None])[1:],
        pa.array(["7", "12345678901", None]).dictionary_encode(),
        pa.array([7, 12345678901, None], pa.uint64()),
    ):
        assert id_codes(same).tolist() == wanted.tolist()
    assert wanted[2] == NO_ID
    texts = ["007", "7 ", "", "\0", "\0\0", *("a" * k for k in range(1, 40)), "a" * 8 + "b"]
    texts += [str(i) for i in range(50_000)]
    assert len(set(id_codes(pa.array(texts)).tolist())) == len(texts)


def test_the_file_of_labels_is_never_overwritten(apart: Any, tmp_path: Path, capsys: Any) -> None:
    """It is an input, as the predictions are, also where a report could be written over it."""
    rows, _ = (_written(frame, f"{i}.jsonl", tmp_path) for i, frame in enumerate(apart))
    labels = Path(shutil.move(tmp_path / "1.jsonl", tmp_path / "labels.json"))
    held = labels.read_bytes()
    for words in (["evaluate"], ["fit"], ["threshold", "--cost-fp", "1", "--cost-fn", "2"],
                  ["audit"], ["check", "--max-ece", "0.5"]):  # fmt: skip
        given = [*words, rows, "--labels", str(labels), "--id", "id", "-o", str(labels)]
        assert main(given) == 2, words
        assert "never overwritten" in capsys.readouterr().err
        assert labels.read_bytes() == held

"""Rows with several labels: figures of all of them, of each, and of both with rows as groups."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import calaudit
from calaudit.errors import InputError

NAMES = ("lung", "heart", "bone")


def drawn(rows=200, seed=1):
    """Return (rows, 3) scores and 0/1 labels that go together within a row."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(1.5, 3, (rows, 3)).round(4)
    luck = rng.random((rows, 1)) * 0.5 + rng.random((rows, 3)) * 0.5
    return scores, (luck < scores).astype(int)


def ece(p, y, bins=15):
    """Plain ECE in equal bins, closed on the right."""
    at = np.clip(np.ceil(p * bins) - 1, 0, bins - 1)
    return sum(abs((p - y)[at == b].sum()) for b in range(bins)) / len(p)


def wide(scores, labels):
    """Return a frame with a column of each label's score and truth."""
    columns = {f"prob_{n}": scores[:, k] for k, n in enumerate(NAMES)}
    columns |= {f"is_{n}": labels[:, k] for k, n in enumerate(NAMES)}
    return pd.DataFrame({"patient": np.arange(len(scores)) // 2, **columns})


def in_form(form, tmp_path, scores, labels):
    """Write them in one of the forms that they come in."""
    if form == "frame":
        return wide(scores, labels)
    path = tmp_path / f"p.{form}"
    if form == "csv":
        wide(scores, labels).to_csv(path, index=False)
    elif form == "parquet":
        wide(scores, labels).to_parquet(path)
    elif form == "npz":
        np.savez(path, y_true=labels, y_proba=scores)
    elif form == "jsonl":
        rows = zip(scores.tolist(), labels.tolist(), strict=True)
        path.write_text("".join(json.dumps({"probs": p, "label": y}) + "\n" for p, y in rows))
    else:  # scikit-learn's list of an array a label
        path = tmp_path / "list.npz"
        both = np.stack([1 - scores, scores], axis=2).transpose(1, 0, 2)
        np.savez(path, y_true=labels, y_proba=both)
    return path


@pytest.mark.parametrize("form", ["frame", "csv", "parquet", "npz", "jsonl", "list"])
def test_each_form_has_the_figures_of_all_and_of_each(tmp_path, form):
    """Micro figures are of all cells, slices of a label, macro ones their means."""
    scores, labels = drawn()
    data = in_form(form, tmp_path, scores, labels)
    report = calaudit.evaluate(data, task="multilabel", bins=15)
    assert report.task == "binary"
    assert report.metrics["ece"].value == pytest.approx(ece(scores.ravel(), labels.ravel()))
    assert report.metrics["brier"].value == pytest.approx(((scores - labels) ** 2).mean())
    assert report.metrics["auroc"].value == pytest.approx(
        roc_auc_score(labels.ravel(), scores.ravel())
    )
    assert report.groups
    assert report.groups.groups == 200
    named = NAMES if form in ("frame", "csv", "parquet") else ("0", "1", "2")
    found = {each.value: each.metrics for each in report.slices if each.column == "label_name"}
    assert sorted(found) == sorted(named)
    each = [ece(scores[:, k], labels[:, k]) for k in range(3)]
    for k, name in enumerate(named):
        assert found[name]["ece"].value == pytest.approx(each[k])
    note = next(note for note in report.notes if note.code == "labels-apart")
    assert note.figures["ece"] == pytest.approx(np.mean(each))
    assert "rows-together" not in {note.code for note in report.notes}


def test_intervals_are_those_of_rows():
    """The same cells in long form with the row as the group give the same report."""
    scores, labels = drawn()
    melted = calaudit.evaluate(wide(scores, labels), task="multilabel")
    long = pd.DataFrame(
        {
            "score": scores.ravel(),
            "label": labels.ravel(),
            "row": np.repeat(np.arange(1, 201), 3),
        }
    )
    grouped = calaudit.evaluate(long, group="row")
    for name in ("brier", "log_loss", "auroc", "smece", "ece"):
        mine, other = melted.metrics[name], grouped.metrics[name]
        assert (mine.low, mine.high) == pytest.approx((other.low, other.high), abs=0.004)


def test_columns_beside_them_are_slices_and_files_are_apart(tmp_path):
    """Rows of two files with the same number are two rows."""
    scores, labels = drawn()
    frame = wide(scores, labels).assign(site=lambda f: np.where(f.patient < 40, "a", "b"))
    for k in range(2):
        frame[k * 100 : (k + 1) * 100].to_csv(tmp_path / f"{k}.csv", index=False)
    paths = [tmp_path / "0.csv", tmp_path / "1.csv"]
    report = calaudit.evaluate(paths, task="multilabel", by="site")
    assert report.groups
    assert report.groups.groups == 200
    assert {each.value for each in report.slices if each.column == "site"} == {"a", "b"}


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("prob_heart", 1.5, "row 7, prob_heart: 1.5 is no score"),
        ("prob_bone", None, r"row 7, prob_bone: \(empty\) is no score"),
        ("is_lung", None, r"row 7, is_lung: \(empty\) is no truth"),
    ],
)
def test_a_cell_without_a_value_is_named(tmp_path, column, cell, told):
    """By its row and column in the file; dropped, the others of the row stay."""
    frame = wide(*drawn()).astype({column: float})
    frame.loc[6, column] = cell
    path = tmp_path / "p.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(InputError, match=told):
        calaudit.evaluate(path, task="multilabel")
    report = calaudit.evaluate(path, task="multilabel", on_invalid="drop")
    assert report.intake.rows_used == 599


def test_what_is_not_told_apart_is_refused(tmp_path):
    """Without the task the columns may be several things; with it both sets must be known."""
    frame = wide(*drawn())
    path = tmp_path / "p.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(InputError, match="All labels at once: --task multilabel"):
        calaudit.evaluate(path)
    frame.drop(columns="is_bone").to_csv(path, index=False)
    with pytest.raises(InputError, match="no columns are the scores and the truths"):
        calaudit.evaluate(path, task="multilabel")
    both = frame.rename(columns=lambda n: n.replace("is_", "was_"))
    pd.concat([frame, both.filter(like="was_")], axis=1).to_csv(path, index=False)
    with pytest.raises(InputError, match="more than one set of columns"):
        calaudit.evaluate(path, task="multilabel")
    report = calaudit.evaluate(path, task="multilabel", probs="prob_", label="was_")
    assert report.intake.rows_used == 600


def test_a_rare_label_has_figures_but_no_verdict():
    """With fewer than ten positives nothing tells, and no share of the error goes to it."""
    scores, labels = drawn(rows=400)
    labels[:, 2] = 0
    labels[:9, 2] = 1
    report = calaudit.evaluate(wide(scores, labels), task="multilabel")
    found = {each.value: each for each in report.slices}
    assert found["bone"].small
    assert found["bone"].p_value is None
    assert not found["lung"].small
    assert found["bone"].metrics["base_rate"].value == pytest.approx(9 / 400)
    labels[9, 2] = 1
    report = calaudit.evaluate(wide(scores, labels), task="multilabel")
    assert not any(each.small for each in report.slices)


def test_the_rows_of_one_label_are_independent():
    """Its figures, intervals and tests are those of the label audited alone."""
    scores, labels = drawn()
    report = calaudit.evaluate(wide(scores, labels), task="multilabel")
    heart = next(each for each in report.slices if each.value == "heart")
    alone = calaudit.evaluate(labels[:, 1], scores[:, 1])
    assert heart.groups is None
    for name in ("ece", "smece", "base_rate"):
        mine, its = heart.metrics[name], alone.metrics[name]
        assert (mine.value, mine.low) == pytest.approx((its.value, its.low), abs=0.01), name
    patients = calaudit.evaluate(wide(scores, labels), task="multilabel", group="patient")
    assert next(each for each in patients.slices if each.value == "heart").groups == 100

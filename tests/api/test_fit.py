"""Which rows are fitted and which are judged, through the API."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from calaudit.api.fitting import fit
from calaudit.errors import InputError, NotEnoughData, SettingsError
from tests.calibrators.simulated import binary, reference_temperature, several


def table(n: int = 4000, classes: int = 2, **columns: object) -> pa.Table:
    """Return binary or multiclass logits as a table, sorted by class."""
    z, y = binary(n, 2.0) if classes == 2 else several(n, classes, 2.0)
    order = np.argsort(y, kind="stable")
    z, y = z[order], y[order]
    scores = {"logit": z} if classes == 2 else {f"logit_{k}": z[:, k] for k in range(classes)}
    return pa.table(scores | {"label": y} | columns)


LOGITS = {2: "logit", 4: "logit_"}


@pytest.mark.parametrize("classes", [2, 4])
def test_split_column(classes) -> None:
    """--split fits the rows with the value, and judges on all others."""
    part = np.where(np.arange(4000) % 3 == 0, "validation", "test")
    data = table(4000, classes, part=part)
    fitted = fit(
        data, split="part=validation", method="temperature", logits=LOGITS[classes], label="label"
    )
    names = [name for name in data.column_names if name.startswith("logit")]
    z = np.column_stack([data.column(name).to_numpy() for name in names]).squeeze()
    chosen = part == "validation"
    expected = reference_temperature(z[chosen], data.column("label").to_numpy()[chosen])
    assert fitted.parameters()["T"] == pytest.approx(expected, rel=1e-9)
    held, crossed = fitted.certificate.checks
    assert (held.kind, held.rows) == ("held-out", int((~chosen).sum()))
    assert (crossed.kind, crossed.rows) == ("cross-fitted", int(chosen.sum()))
    p = fitted.apply(z[~chosen])
    y = data.column("label").to_numpy()[~chosen]
    mine = np.where(y == 1, p, 1 - p) if classes == 2 else p[np.arange(len(p)), y]
    assert held.after.log_loss == pytest.approx(-np.log(mine).mean(), rel=1e-9)


@pytest.mark.parametrize("classes", [2, 4])
def test_holdout_of_a_class_sorted_file(classes) -> None:
    """A hashed hold-out has every class on both sides, though the file is sorted by class."""
    fitted = fit(table(4000, classes), holdout=0.5, logits=LOGITS[classes], label="label")
    certificate = fitted.certificate
    assert min(certificate.class_rows) > 0.4 * 4000 / classes * 0.8
    assert certificate.rows + certificate.checks[0].rows == 4000
    assert 1850 < certificate.rows < 2150
    assert "missing-classes" not in [r.code for r in certificate.remarks]


def test_holdout_follows_the_seed() -> None:
    """The same seed holds out the same rows; another seed others."""
    data = table(2000)
    one, two, three = (
        fit(data, holdout=0.3, seed=seed, logits="logit", label="label").to_json()
        for seed in (1, 1, 2)
    )
    assert one == two
    assert one != three


def test_missing_class_warns() -> None:
    """A class without a row among those fitted is named, with what to do."""
    data = table(2000, 4)
    part = np.where(data.column("label").to_numpy() < 3, "a", "b")
    data = data.append_column("part", pa.array(part))
    fitted = fit(data, split="part=a", logits="logit_", label="label", method="temperature")
    remark = next(r for r in fitted.certificate.remarks if r.code == "missing-classes")
    assert "1 of 4 classes" in remark.text
    assert ": 3." in remark.text
    assert "--holdout" in remark.advice


@pytest.mark.parametrize("classes", [2, 4])
def test_groups_stay_together(classes, monkeypatch) -> None:
    """All rows of a group are in one fold or held out together."""
    from calaudit.api.rows.splits import Plan

    seen: dict[str, set[int]] = {}
    real = Plan.folds

    def folds(self, chunk):
        found = real(self, chunk)
        values = chunk.slices[0]
        for code, fold in zip(values.codes, found, strict=True):
            seen.setdefault(values.values[code], set()).add(int(fold))
        return found

    monkeypatch.setattr(Plan, "folds", folds)
    data = table(3000, classes, who=np.arange(3000) % 200)
    fitted = fit(data, group="who", holdout=0.3, logits=LOGITS[classes], label="label")
    assert {len(sides) for sides in seen.values()} == {1}
    assert len(seen) == 200
    assert {fold for sides in seen.values() for fold in sides} == {-1, 0, 1, 2, 3, 4}
    assert fitted.certificate.rows == sum(15 for sides in seen.values() if -1 not in sides)


def test_groups_make_cross_fitting_honest() -> None:
    """Where labels repeat within a group, only folds of whole groups show what new groups get."""
    rng = np.random.default_rng(0)
    centre, label = rng.normal(size=300), rng.integers(0, 2, 300)
    p = np.repeat(np.round(1 / (1 + np.exp(-centre)), 9), 40)
    y = np.repeat(label, 40)
    who = np.repeat(np.arange(300), 40)
    free = fit(y, p, method="isotonic").certificate.checks[0].after.log_loss
    kept = fit(y, p, method="isotonic", group=who).certificate.checks[0].after.log_loss
    assert free is not None
    assert kept is not None
    assert free < kept


def test_group_on_both_sides_of_a_split() -> None:
    """A split that tears groups apart is refused, with the number of them."""
    n = 1000
    data = table(n, who=np.arange(n) % 50, part=np.where(np.arange(n) < 500, "fit", "rest"))
    with pytest.raises(InputError, match="50 groups of 'who' stand on both sides"):
        fit(data, split="part=fit", group="who", logits="logit", label="label")


def test_split_value_that_is_not_there() -> None:
    """A value that no row has is refused with those there are."""
    data = table(1000, part=np.where(np.arange(1000) < 500, "val", "test"))
    with pytest.raises(InputError, match="its values are test, val"):
        fit(data, split="part=validation", logits="logit", label="label")


def test_nothing_to_judge_on() -> None:
    """A split that leaves nothing to judge on is refused, not shown in-sample."""
    data = table(1000, part=["val"] * 1000)
    with pytest.raises(NotEnoughData, match="no row to judge on"):
        fit(data, split="part=val", logits="logit", label="label")


def test_no_figure_is_in_sample() -> None:
    """Too few rows for folds and none held out: no figures, and a note instead."""
    z, y = binary(45, 2.0)
    certificate = fit(y, z, scale="logit", method="temperature").certificate
    assert certificate.checks == ()
    assert "not-cross-fitted" in [r.code for r in certificate.remarks]


def test_arrays_and_frames_agree() -> None:
    """The two ways to call it give the same calibrator but for the notes of the columns."""
    z, y = binary(1000, 2.0)
    one = fit(y, z, scale="logit")
    two = fit(pa.table({"label": y, "logit": z}), label="label", logits="logit")
    three = fit(y_true=y, y_prob=z, scale="logit")
    assert one.parameters() == two.parameters() == three.parameters()
    assert one.certificate.checks == two.certificate.checks


def test_top_label() -> None:
    """Stated confidences and whether they were right are fitted as binary scores are."""
    z, y = binary(1000, 2.0)
    p = 1 / (1 + np.exp(-z))
    fitted = fit(pa.table({"c": p, "ok": y}), confidence="c", correct="ok", method="platt")
    assert (fitted.task, fitted.classes) == ("top-label", ())
    assert fitted.parameters() == fit(y, p, method="platt").parameters()


def test_many_scores_are_counted_in_cells() -> None:
    """More distinct scores than a table holds move the fit by less than its noise, and say so."""
    z, y = binary(300_000, 2.0)
    fitted = fit(y, z, scale="logit", method="temperature")
    assert not fitted.certificate.exact
    assert fitted.parameters()["T"] == pytest.approx(reference_temperature(z, y), rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {}, "nothing to read"),
        (([0, 1], [0.1, 0.9]), {"y_true": [0, 1]}, "give the labels once"),
        (([0, 1], [0.1, 0.9]), {"split": "a=b"}, "with arrays, pass the rows"),
        (([0, 1], [0.1, 0.9]), {"label": "y"}, "label names a column"),
        (("rows.csv",), {"label": ""}, "an empty text"),
        (("rows.csv",), {"scale": "odds"}, "scale must be"),
        (("rows.csv",), {"group": np.arange(3)}, "group holds values"),
    ],
)
def test_arguments(arguments, options, message) -> None:
    """Arguments that do not fit together are refused."""
    with pytest.raises(SettingsError, match=message):
        fit(*arguments, **options)

"""Groups that are few: dealt out over the folds, or refused with what there is."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import pytest

from calaudit.api.auditing import audit
from calaudit.api.fitting import fit
from calaudit.api.rows.group_folds import FEW
from calaudit.api.rows.splits import Plan
from calaudit.errors import InputError, NotEnoughData
from tests.calibrators.simulated import binary, reference_temperature, several
from tests.certificates import fit_text

CLASSES = pytest.mark.parametrize("classes", [2, 4])


def rows(n: int, classes: int):
    """Return logits and labels."""
    return binary(n, 2.0) if classes == 2 else several(n, classes, 2.0)


@pytest.fixture
def places(monkeypatch) -> dict[str, int]:
    """Return the place of each group, filled in while something is fitted."""
    seen: dict[str, int] = {}
    real = Plan.folds

    def folds(self, chunk):
        found = real(self, chunk)
        groups = chunk.slices[self.by.index(self.group)]
        for code, fold in zip(groups.codes, found, strict=True):
            assert seen.setdefault(groups.values[code], int(fold)) == int(fold)
        return found

    monkeypatch.setattr(Plan, "folds", folds)
    return seen


@CLASSES
@pytest.mark.parametrize("seed", range(5))
def test_eight_groups_fill_five_folds(places, classes, seed) -> None:
    """Groups of one size are spread so that no fold has two more than another."""
    z, y = rows(1600, classes)
    fitted = fit(y, z, scale="logit", method="temperature", group=np.arange(1600) % 8, seed=seed)
    counts = np.bincount(list(places.values()), minlength=5)
    assert counts.tolist().count(2) == 3
    assert counts.tolist().count(1) == 2
    assert fitted.certificate.checks[0].rows == 1600


def test_the_seed_deals() -> None:
    """Another seed puts other groups together."""
    z, y = binary(1600, 2.0)
    who = np.arange(1600) % 8
    losses = {
        fit(y, z, scale="logit", method="temperature", group=who, seed=seed)
        .certificate.checks[0]
        .after.log_loss
        for seed in range(4)
    }
    assert len(losses) > 1


def test_a_large_group_has_a_fold_of_its_own(places) -> None:
    """Nine rows in ten of one group: the others share the other folds."""
    z, y = binary(2000, 2.0)
    who = np.where(np.arange(2000) < 1800, 0, np.arange(2000) % 20 + 1)
    fit(y, z, scale="logit", method="temperature", group=who)
    alone = places["0"]
    counts = np.bincount(list(places.values()), minlength=5)
    assert counts[alone] == 1
    assert np.delete(counts, alone).tolist() == [5, 5, 5, 5]


@CLASSES
@pytest.mark.parametrize("seed", range(3))
def test_two_groups(classes, seed) -> None:
    """Of two groups each is judged by the temperature of the other."""
    z, y = rows(1000, classes)
    who = np.where(np.arange(1000) < 400, "a", "b")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = fit(y, z, scale="logit", method="temperature", group=who, seed=seed)
    loss = 0.0
    for name in ("a", "b"):
        t = reference_temperature(z[who != name], y[who != name])
        s = (np.stack([np.zeros(1000), z], axis=1) if classes == 2 else z)[who == name] / t
        mine = s[np.arange(len(s)), y[who == name]]
        loss += float((np.log(np.exp(s).sum(axis=1)) - mine).sum()) / 1000
    # A fold's multiclass temperature is near its optimum only, where the loss is flat.
    assert fitted.certificate.checks[0].after.log_loss == pytest.approx(loss, rel=1e-6)


def test_fold_without_a_temperature() -> None:
    """A fold whose other rows have no finite temperature is counted in a remark."""
    z, y = several(1000, 4, 2.0)
    who = np.arange(1000) % 2
    y = np.where(who == 0, z.argmax(axis=1), y)
    fitted = fit(y, z, scale="logit", method="temperature", group=who)
    remark = next(r for r in fitted.certificate.remarks if r.code == "folds-without-fit")
    assert "Without 1 of 5 folds" in remark.text


@CLASSES
@pytest.mark.parametrize("method", ["auto", "temperature", "identity"])
def test_one_group(classes, method) -> None:
    """One group cannot be cross-validated: refused with the number of groups and of folds."""
    z, y = rows(500, classes)
    message = "500 rows to fit on are of 1 group of 'group', so that 1 of 5 folds has rows"
    with pytest.raises(NotEnoughData, match=message) as caught:
        fit(y, z, scale="logit", method=method, group=np.ones(500))
    assert "Leave --group out" in str(caught.value)
    assert "--split" in str(caught.value)


@CLASSES
@pytest.mark.parametrize(
    ("groups", "message"),
    [(1, "no row to judge on.* of 1 group of 'group'"), (2, "are of 1 group of 'group', 1 more")],
)
def test_holdout_of_too_few_groups(classes, groups, message) -> None:
    """A hold-out that leaves nothing to judge on, or one group, names the groups."""
    z, y = rows(500, classes)
    with pytest.raises(NotEnoughData, match=message):
        fit(y, z, scale="logit", method="temperature", group=np.arange(500) % groups, holdout=0.5)


@CLASSES
def test_holdout_of_few_groups(places, classes) -> None:
    """The share held out is that of the groups, to the nearest one."""
    z, y = rows(800, classes)
    fitted = fit(y, z, scale="logit", group=np.arange(800) % 8, holdout=0.4)
    assert list(places.values()).count(-1) == 3
    assert fitted.certificate.checks[0].rows == 300
    assert fitted.certificate.split.startswith("0.6 of the groups, by a hash of group")


@CLASSES
def test_groups_of_a_split(places, classes) -> None:
    """Where a column says what is fitted, its groups alone are dealt out."""
    z, y = rows(1000, classes)
    who = np.arange(1000) % 10
    scores = {"logit": z} if classes == 2 else {f"logit_{k}": z[:, k] for k in range(classes)}
    part = np.where(who < 5, "fit", "rest")
    fitted = fit(
        pa.table({"who": who} | scores | {"label": y, "part": part}),
        group="who", split="part=fit", label="label",
        logits="logit" if classes == 2 else "logit_", method="temperature",
    )  # fmt: skip
    assert sorted(places[str(group)] for group in range(5)) == [0, 1, 2, 3, 4]
    assert {places[str(group)] for group in range(5, 10)} == {-1}
    assert [check.rows for check in fitted.certificate.checks] == [500, 500]


def test_stream() -> None:
    """A stream is read once: its groups are placed by a hash, and folds without rows left out."""
    z, y = binary(800, 2.0)
    data = pa.table({"logit": z, "label": y, "who": np.arange(800) % 3})
    fitted = fit(
        pa.RecordBatchReader.from_batches(data.schema, data.to_batches()),
        logits="logit", label="label", group="who", method="temperature",
    )  # fmt: skip
    assert fitted.certificate.checks[0].rows == 800


def test_stream_of_one_group() -> None:
    """A stream of one group is refused as a file is."""
    z, y = binary(800, 2.0)
    data = pa.table({"logit": z, "label": y, "who": np.ones(800)})
    with pytest.raises(NotEnoughData, match="of groups of 'who', so that 1 of 5 folds has rows"):
        fit(
            pa.RecordBatchReader.from_batches(data.schema, data.to_batches()),
            logits="logit", label="label", group="who", method="temperature",
        )  # fmt: skip


@CLASSES
def test_many_groups(places, classes) -> None:
    """More groups than are dealt out have the places that a hash gives."""
    z, y = rows(2 * FEW + 2, classes)
    fit(y, z, scale="logit", method="temperature", group=np.arange(2 * FEW + 2) % (FEW + 1))
    assert set(places.values()) == {0, 1, 2, 3, 4}
    assert len(set(np.bincount(list(places.values())).tolist())) > 2


@pytest.mark.parametrize("method", ["auto", "temperature"])
def test_rows_without_a_group(method) -> None:
    """A row whose group is missing is refused, not put into a group of the missing ones."""
    z, y = binary(500)
    who = np.arange(500.0) % 20
    who[[41, 77]] = np.nan
    with pytest.raises(InputError, match="row 42 has no value in 'group'"):
        fit(y, z, scale="logit", method=method, group=who)
    names = pa.array([None if np.isnan(w) else f"g{w:g}" for w in who])
    data = pa.table({"logit": z, "label": y, "who": names})
    with pytest.raises(InputError, match="row 42 has no value in 'who'"):
        fit(data, logits="logit", label="label", group="who", method=method)


@CLASSES
@pytest.mark.parametrize("method", ["temperature", "auto"])
def test_intervals_of_grouped_rows(classes, method) -> None:
    """With groups the certificate has no intervals, and the screen says so."""
    z, y = rows(500, classes)
    fitted = fit(y, z, scale="logit", method=method, group=np.arange(500) % 20, holdout=0.4)
    certificate = fitted.certificate
    assert "grouped-rows" in [r.code for r in certificate.remarks]
    assert "no intervals for rows that belong together" in " ".join(fit_text(fitted).split())
    assert "hardly tell" not in fit_text(fitted)
    assert {(p.low, p.high) for p in certificate.parameters} <= {(None, None)}
    assert {(c.saved_low, c.saved_high) for c in certificate.checks} == {(None, None)}
    assert {c.error for c in certificate.candidates} <= {None}
    alone = fit(y, z, scale="logit", method="temperature")
    assert "grouped-rows" not in [r.code for r in alone.certificate.remarks]


def test_groups_that_the_layout_implies(tmp_path) -> None:
    """Pixels of an image stay together unasked, in a fit and in an audit, as with --group."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(16, 2, 6, 6)) + rng.normal(size=(16, 2, 1, 1))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    label = (rng.random((16, 6, 6)) < p[:, 1]).astype(int)
    np.savez(tmp_path / "maps.npz", probs=p, label=label)
    np.savez(tmp_path / "one.npz", probs=p[:1], label=label[:1])
    found = fit(tmp_path / "maps.npz", method="temperature")
    assert (
        found.to_json() == fit(tmp_path / "maps.npz", method="temperature", group="image").to_json()
    )
    assert "rows of one image together" in found.certificate.split
    judged = [audit(tmp_path / "maps.npz", group=group).to_dict() for group in (None, "image")]
    assert judged[0]["before"]["groups"]["column"] == "image"
    for part in ("before", "after", "saved"):
        assert judged[0][part] == judged[1][part]
    with pytest.raises(NotEnoughData, match=r"Give rows of more groups"):
        fit(tmp_path / "one.npz", method="temperature")

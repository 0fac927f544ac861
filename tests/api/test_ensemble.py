"""Members in every layout, rows that miss one, what is refused, and the golden cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy
from sklearn.metrics import log_loss, roc_auc_score

import calaudit
from calaudit.errors import InputError, SettingsError
from calaudit.report.console import render_text
from calaudit.report.saved import saved_report
from tests.golden.cases import ABSENT, FOLDER

M, N, K = 4, 120, 3
NAMES = ["cat", "dog", "owl"]
LAYOUTS = FOLDER.parent / "layouts"


def simulated() -> tuple[Any, Any]:
    """Return (M, N, K) probabilities, rounded as text holds them, and labels."""
    rng = np.random.default_rng(15)
    z = rng.normal(0, 2, (N, K))
    own = np.exp(z + rng.normal(0, 1, (M, N, K)))
    labels = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    return (own / own.sum(axis=-1, keepdims=True)).round(9), labels


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the members in every layout; rows of files are in orders of their own."""
    folder = tmp_path_factory.mktemp("members")
    p, labels = simulated()
    label = np.array(NAMES)[labels]
    rng = np.random.default_rng(1)
    columns = {f"m{m}_{n}": p[m, :, k] for m in range(M) for k, n in enumerate(NAMES)}
    pd.DataFrame({"label": label, **columns}).to_csv(folder / "wide.csv", index=False)
    known = {f"prob_{name}": values for name, values in columns.items()}
    pd.DataFrame({"label": label, **known}).to_csv(folder / "known.csv", index=False)
    lists = {f"m{m}": p[m].tolist() for m in range(M)}
    pd.DataFrame({"label": labels, **lists}).to_parquet(folder / "lists.parquet")
    each = [
        pd.DataFrame(p[m], columns=[f"prob_{n}" for n in NAMES]).assign(
            label=label, image=[f"i{i}" for i in range(N)]
        )
        for m in range(M)
    ]
    for m, frame in enumerate(each):
        order = rng.permutation(N) if m else np.arange(N)
        frame.iloc[order].to_csv(folder / f"one{m}.csv", index=False)
    long = pd.concat([frame.assign(member=f"run {m}") for m, frame in enumerate(each)])
    long.to_csv(folder / "long.csv", index=False)
    long.iloc[:-1].to_csv(folder / "short.csv", index=False)
    np.savez(folder / "mnk.npz", probs=p, labels=labels)
    np.savez(folder / "nmk.npz", mc_probs=p.swapaxes(0, 1), y=labels)
    np.savez(folder / "nkm.npz", probs=np.moveaxis(p, 0, 2), y=labels)
    np.savez(folder / "square.npz", probs=np.stack([p[0, :30]] * 30), y=labels[:30])
    binary = {f"tree_{m}": p[m, :, 0] for m in range(M)}
    pd.DataFrame({"label": (labels == 0).astype(int), **binary}).to_csv(
        folder / "binary.csv", index=False
    )
    pd.DataFrame({"y_true": labels, "mean_confidence": p[0].max(1), "std_confidence": 0.1}).to_csv(
        folder / "summary.csv", index=False
    )
    return folder


WAYS: dict[str, tuple[Any, dict[str, Any]]] = {
    "wide": ("wide.csv", {}),
    "wide, named as probabilities": ("known.csv", {}),
    "wide, one prefix": ("wide.csv", {"probs": "m"}),
    "wide, named": ("wide.csv", {"probs": ("m0_", "m1_", "m2_", "m3_")}),
    "lists": ("lists.parquet", {}),
    "files": ([f"one{m}.csv" for m in range(M)], {"id": "image"}),
    "long": ("long.csv", {"model": "member", "id": "image"}),
    "member first": ("mnk.npz", {}),
    "row first": ("nmk.npz", {}),
    "member last": ("nkm.npz", {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_layout_gives_the_same(here: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Figures of scikit-learn and scipy on the raw rows, whatever holds the members."""
    monkeypatch.chdir(here)
    data, options = WAYS[way]
    report = calaudit.ensemble(data, **options)
    p, labels = simulated()
    mean = p.mean(axis=0)
    wrong = mean.argmax(axis=1) != labels
    found = {name: each.value for name, each in report.metrics.items()}
    total, expected = entropy(mean, axis=1), entropy(p, axis=2).mean(axis=0)
    assert found["predictive_entropy"] == pytest.approx(total.mean(), abs=1e-9)
    assert found["mutual_information"] == pytest.approx((total - expected).mean(), abs=1e-9)
    assert found["mutual_information_corrected"] == pytest.approx(
        (total - expected).mean() * M / (M - 1), abs=1e-9
    )
    scores = {
        "max_probability": 1 - mean.max(axis=1), "predictive_entropy": total,
        "mutual_information": total - expected,
    }  # fmt: skip
    for name, score in scores.items():
        auroc = roc_auc_score(wrong, score)
        assert found[f"error_auroc_{name}"] == pytest.approx(auroc, abs=1e-9)
    each = [log_loss(labels, one) for one in p]
    loss = report.mean.report.metrics["log_loss"].value
    assert loss == pytest.approx(log_loss(labels, mean), abs=1e-8)
    assert [m.report.metrics["log_loss"].value for m in report.members] == pytest.approx(each)
    assert sum(part.rows for part in report.parts) == N
    top = report.worst[0]
    at = int(np.argmax(total - expected))
    assert (top.row, top.id) == (at + 1, f"i{at}" if way in ("files", "long") else None)
    assert sum(top.votes.values()) == M


def test_two_classes(here: Path) -> None:
    """Members that are a column each, of the probability of the positive class."""
    with pytest.raises(InputError, match=r"Say which .*--positive 1\."):
        calaudit.ensemble(here / "binary.csv")
    report = calaudit.ensemble(here / "binary.csv", scores=("tree_",), positive="1")
    p, labels = simulated()
    mean, y = p[:, :, 0].mean(axis=0), labels == 0
    assert report.mean.report.metrics["log_loss"].value == pytest.approx(log_loss(y, mean))
    assert report.metrics["predictive_entropy"].value == pytest.approx(
        entropy(np.stack([mean, 1 - mean], axis=1), axis=1).mean(), abs=1e-12
    )
    again = calaudit.ensemble(here / "binary.csv", positive="1")
    assert again.metrics == report.metrics


def test_rows_that_miss_a_member(here: Path) -> None:
    """They are refused with the row, and following the advice leaves them out of all members."""
    options: dict[str, Any] = {"model": "member", "id": "image"}
    with pytest.raises(InputError, match=r"partner.*image \(i119\).*--allow-unmatched"):
        calaudit.ensemble(here / "short.csv", **options)
    report = calaudit.ensemble(here / "short.csv", **options, allow_unmatched=True)
    assert {m.report.intake.rows_used for m in (report.mean, *report.members)} == {N - 1}
    p, labels = simulated()
    loss = log_loss(labels[:-1], p.mean(axis=0)[:-1])
    assert report.mean.report.metrics["log_loss"].value == pytest.approx(loss, abs=1e-8)


def test_what_is_refused(here: Path) -> None:
    """One member, files without a key, labels that differ, reports, and axes that leave it open."""
    files = [here / "one0.csv", here / "one1.csv"]
    with pytest.raises(SettingsError, match=r"--id COLUMN, or give --same-order"):
        calaudit.ensemble(files)
    with pytest.raises(InputError, match=r"labels of .* rows differ"):
        calaudit.ensemble(files, same_order=True)
    with pytest.raises(InputError, match="is a confidence"):
        calaudit.ensemble(here / "summary.csv")
    with pytest.raises(InputError, match=r"no columns of several members.*calaudit evaluate"):
        calaudit.ensemble(here / "one0.csv")
    with pytest.raises(SettingsError, match="a is a report"):
        calaudit.ensemble({"a": calaudit.evaluate(files[0]), "b": files[1]}, id="image")
    with pytest.raises(SettingsError, match=r"m\.json: the mean is written as"):
        calaudit.ensemble(files, id="image", save_mean="m.json")
    with pytest.raises(SettingsError, match="worst must be 0 to"):
        calaudit.ensemble(here / "wide.csv", worst=-3)
    with pytest.raises(SettingsError, match="inputs are never overwritten"):
        calaudit.ensemble(files, id="image", save_mean=files[0])
    turned = pd.read_csv(here / "one1.csv")[[f"prob_{n}" for n in NAMES[::-1]] + ["label", "image"]]
    frames = {"a": pd.read_csv(files[0]), "b": turned}
    with pytest.raises(InputError, match="another order: name their columns in one, as --probs"):
        calaudit.ensemble(frames, id="image")
    with pytest.raises(SettingsError, match="in another order"):
        calaudit.ensemble(frames, id="image", classes=tuple(NAMES))
    named = tuple(f"prob_{n}" for n in NAMES)
    same = calaudit.ensemble(files, id="image").metrics
    assert calaudit.ensemble(frames, id="image", probs=named).metrics == same
    square = here / "square.npz"
    with pytest.raises(InputError, match=r"say --probs probs\.axis0 or --probs probs\.axis1"):
        calaudit.ensemble(square)
    assert len(calaudit.ensemble(square, probs="probs.axis1").members) == 30


def saved(path: Path, labels: Any, members: Any) -> Path:
    """Write an array of members, (M, N, K), beside labels."""
    np.savez(path, labels=labels, probs=members)
    return path


def test_rounding_is_no_disagreement(tmp_path: Path) -> None:
    """Three members that are one have an AUROC of one half: no noise of sums stands in it."""
    p, labels = simulated()
    report = calaudit.ensemble(saved(tmp_path / "one.npz", labels, np.stack([p[0]] * 3)))
    assert report.metrics["mutual_information"].value == 0
    assert report.metrics["error_auroc_mutual_information"].value == 0.5


def test_what_cannot_be_told_is_not_blamed_on_few_rows(tmp_path: Path) -> None:
    """Without an error, and where the log loss is infinite, that is what stands there."""
    p, _ = simulated()
    hit = p.mean(axis=0).argmax(axis=1)
    sure = np.eye(K)[p.argmax(axis=2)]
    report = calaudit.ensemble(saved(tmp_path / "right.npz", hit, p))
    assert "cannot be told: the mean makes no errors" in report.sentence
    report = calaudit.ensemble(saved(tmp_path / "sure.npz", (hit + 1) % K, sure))
    assert "too few" not in report.sentence
    assert "log loss infinite" in render_text(report)


@pytest.mark.parametrize("name", ["wide.csv", "lists.parquet", "mnk.npz", "nmk.npz", "binary.csv"])
def test_an_evaluation_never_pools_members(here: Path, name: str) -> None:
    """It names the command for them, which works as it is said; and one member can be chosen."""
    with pytest.raises(InputError, match=r"calaudit ensemble .*" + name):
        calaudit.evaluate(here / name)
    positive = "1" if name == "binary.csv" else None
    assert len(calaudit.ensemble(here / name, positive=positive).members) == M


def test_an_evaluation_of_rows_of_members_says_so(here: Path) -> None:
    """In the long layout they are told of first, with the command that averages them."""
    report = calaudit.evaluate(here / "long.csv")
    note = next(n for n in report.notes if n.code == "models-pooled")
    assert "calaudit ensemble --model member --id image" in note.advice
    assert report.verdict.sentence.startswith("Rows of several models")


@pytest.mark.parametrize("name", ["mean.parquet", "mean.csv"])
def test_the_advice_can_be_followed(here: Path, tmp_path: Path, name: str) -> None:
    """The saved mean gives the figures of the report, and a fit that saves what was said."""
    files = [here / f"one{m}.csv" for m in range(M)]
    report = calaudit.ensemble(files, id="image", save_mean=tmp_path / name)
    again = calaudit.evaluate(tmp_path / name, id="image")
    mean = report.mean.report.metrics
    for metric in ("log_loss", "ece", "accuracy"):
        assert again.metrics[metric].value == pytest.approx(mean[metric].value, abs=1e-12)
    fitted = calaudit.fit(tmp_path / name)
    change = report.metrics["calibration_change"].value
    assert fitted.method == report.method
    assert -fitted.certificate.checks[-1].saved == pytest.approx(change, abs=1e-9)
    calaudit.apply(fitted, tmp_path / name, tmp_path / f"calibrated_{name}")


def test_saved_and_read(here: Path, tmp_path: Path) -> None:
    """JSON holds the whole report."""
    report = calaudit.ensemble(here / "mnk.npz")
    report.save(tmp_path / "r.json")
    assert saved_report((tmp_path / "r.json").read_bytes()) == report
    assert json.loads(report.to_json())["schema"] == "calaudit.ensemble/1"
    assert report.to_frame().loc["mutual_information", "value"] > 0


def test_golden_eurosat() -> None:
    """Figures of independent code to 1e-9."""
    if not FOLDER.exists():
        pytest.skip(ABSENT)
    golden = json.loads((FOLDER / "golden2.json").read_text())["eurosat two members (rgb, ms)"]
    files = [FOLDER / "eurosat_rgb_logits" / name for name in ("data.parquet", "ms.parquet")]
    report = calaudit.ensemble(files, same_order=True)
    mean, found = report.mean.report.metrics, report.metrics
    assert mean["accuracy"].value == pytest.approx(golden["accuracy_mean"], abs=1e-9)
    assert mean["log_loss"].value == pytest.approx(golden["log_loss_mean"], abs=1e-9)
    assert mean["ece"].value == pytest.approx(golden["ece_mean"]["ece15"], abs=1e-9)
    names = {
        "predictive_entropy": "predictive_entropy", "expected_entropy": "expected_entropy",
        "mutual_information": "mutual_information",
        "mutual_information_bias_corrected": "mutual_information_corrected",
    }  # fmt: skip
    for key, name in names.items():
        assert found[name].value == pytest.approx(golden[key], abs=1e-9)
    names = {
        "auroc_error_mi": "error_auroc_mutual_information",
        "auroc_error_1_minus_max": "error_auroc_max_probability",
        "auroc_error_entropy": "error_auroc_predictive_entropy",
        "d_auroc_mi_minus_max": "error_auroc_change",
    }
    for key, name in names.items():
        ends = (found[name].value, found[name].low, found[name].high)
        expected = [golden[key][end] for end in ("value", "low", "high")]
        assert ends == pytest.approx(expected, abs=1e-9), name
    assert report.sentence.startswith("Calibrate after averaging: the mean of 2 members says")
    assert "adds nothing here" in report.sentence
    assert any(note.code == "few-members" for note in report.notes)


@pytest.mark.parametrize("name", ["ensemble_mnk.npz", "mc_dropout_ntk.npz"])
def test_golden_layouts(name: str) -> None:
    """Figures of plain numpy on files as tools write them, with the axes found."""
    if not LAYOUTS.exists():
        pytest.skip(ABSENT)
    cases = json.loads((LAYOUTS / "golden.json").read_text())
    golden = next(case["figures"] for case in cases if case["file"] == name)
    report = calaudit.ensemble(LAYOUTS / name)
    mean = report.mean.report.metrics
    found = {
        "accuracy_mean": mean["accuracy"].value, "ece15_mean": mean["ece"].value,
        "nll_mean": mean["log_loss"].value, "brier_mean": mean["brier"].value,
        "mean_member_accuracy": report.average("accuracy"),
        "mean_member_ece15": report.average("ece"),
        "mutual_information": report.metrics["mutual_information"].value,
    }  # fmt: skip
    assert found == pytest.approx(golden, abs=1e-6)


def test_golden_summary() -> None:
    """Of a file that holds only what was made of the members, the mean is audited."""
    if not LAYOUTS.exists():
        pytest.skip(ABSENT)
    report = calaudit.evaluate(LAYOUTS / "mc_dropout_summary.csv", confidence="mean_confidence")
    assert report.metrics["accuracy"].value == pytest.approx(0.72)
    assert report.metrics["ece"].value == pytest.approx(0.1663628, abs=1e-6)

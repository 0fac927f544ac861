"""Rows inside and outside: files, one file with sets, cutoffs, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from scipy.stats import entropy
from sklearn.metrics import roc_auc_score

import calaudit
from calaudit.api.rows import cluster
from calaudit.errors import InputError, SettingsError
from calaudit.report.saved import saved_report

N = 300


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logits of rows that the model knows, and of two kinds that it does not."""
    folder = tmp_path_factory.mktemp("sets")
    rng = np.random.default_rng(8)
    frames = []
    for name, scale in (("known", 3.0), ("near", 2.0), ("far", 0.7)):
        z = pd.DataFrame(rng.normal(0, scale, (N, 4)), columns=[f"logit_{k}" for k in "abcd"])
        frames.append(z.assign(source=name))
        z.to_csv(folder / f"{name}.csv", index=False)
        p = softmax(z.to_numpy(), axis=1)
        pd.DataFrame(p, columns=[f"p_{k}" for k in "abcd"]).to_parquet(folder / f"{name}.parquet")
        top = pd.DataFrame({"confidence": p.max(axis=1), "distance": entropy(p, axis=1) * 7 - 2})
        top.to_csv(folder / f"{name}_top.csv", index=False)
    pd.concat(frames).to_csv(folder / "all.csv", index=False)
    return folder


def files(here: Path, suffix: str) -> list[Path]:
    """Return the files of the three kinds of rows."""
    return [here / f"{name}{suffix}" for name in ("known", "near", "far")]


def expected(here: Path, name: str) -> tuple[Any, Any]:
    """Return the probabilities of rows inside, and of a set."""
    inside, outside = (
        softmax(pd.read_csv(here / f"{each}.csv").to_numpy(), axis=1) for each in ("known", name)
    )
    return inside, outside


def of(report: Any, score: str) -> dict[str, float]:
    """Return the AUROCs by a score, by set."""
    return {
        d.set.removesuffix("_top"): d.auroc.value for d in report.detections if d.score == score
    }


def test_logits_probabilities_and_confidences_agree(here: Path) -> None:
    """The same AUROC, as scikit-learn has it; sets ranked, the easiest first."""
    logits = calaudit.ood(files(here, ".csv"), act_from=0.9)
    probs = calaudit.ood(files(here, ".parquet"), act_from=0.9)
    tops = calaudit.ood(files(here, "_top.csv"), confidence="confidence", act_from=0.9)
    assert [each.name for each in logits.sets] == ["known", "far", "near"]
    assert {d.score for d in logits.detections} == {
        "max-probability", "entropy", "max-logit", "energy"
    }  # fmt: skip
    truth = np.repeat([0, 1], [N, N])
    for name in ("near", "far"):
        p = expected(here, name)
        confidence = np.concatenate([x.max(axis=1) for x in p])
        auroc = roc_auc_score(truth, 1 - confidence)
        assert of(logits, "max-probability")[name] == pytest.approx(auroc, abs=1e-12)
        assert of(probs, "max-probability")[name] == pytest.approx(auroc, abs=1e-9)
        by_entropy = roc_auc_score(truth, np.concatenate([entropy(x, axis=1) for x in p]))
        assert of(logits, "entropy")[name] == pytest.approx(by_entropy, abs=1e-12)
        for report in (logits, probs):
            acted = next(each.acted for each in report.sets if each.name == name)
            assert acted is not None
            assert acted.value == np.mean(p[1].max(axis=1) >= 0.9)
    assert of(tops, "max-probability") == pytest.approx(of(probs, "max-probability"), abs=1e-9)
    assert "be acted on" in logits.lead
    assert "near" in logits.lead


def test_one_file_with_sets(here: Path) -> None:
    """A column says which rows belong together: the same figures."""
    apart = calaudit.ood(files(here, ".csv"))
    one = calaudit.ood(here / "all.csv", set="source", inside="known")
    assert one.detections == apart.detections
    some = calaudit.ood(here / "all.csv", set="source", inside="known", outside=["near"])
    assert [each.name for each in some.sets] == ["known", "near"]
    with pytest.raises(InputError, match="source=alien; its values are far, known, near"):
        calaudit.ood(here / "all.csv", set="source", inside="alien")


def test_a_score_of_its_own_and_its_direction(here: Path) -> None:
    """Any numbers, of which it has to be said what they mean."""
    given = files(here, "_top.csv")
    with pytest.raises(SettingsError, match="--higher inside"):
        calaudit.ood(given, score="distance")
    right = calaudit.ood(given, score="distance", higher="outside", act_from=1.0)
    entropies = of(calaudit.ood(files(here, ".csv")), "entropy")
    assert of(right, "score") == pytest.approx(entropies, abs=1e-6)
    rows = pd.read_csv(here / "far_top.csv")["distance"]
    acted = next(each.acted for each in right.sets if each.name == "far_top")
    assert acted is not None
    assert acted.value == np.mean(rows <= 1.0)
    wrong = calaudit.ood(given, score="distance", higher="inside")
    assert wrong.lead.startswith("Direction?")
    assert of(wrong, "score")["far"] == pytest.approx(1 - entropies["far"], abs=1e-6)


def test_a_calibrator_and_its_cutoff(here: Path, tmp_path: Path) -> None:
    """Predictions are acted on by the calibrated confidence, at the cutoff that was recommended."""
    rng = np.random.default_rng(2)
    z = pd.read_csv(here / "known.csv")
    p = softmax(z.to_numpy() / 2, axis=1)
    z["label"] = np.array(list("abcd"))[(p.cumsum(axis=1) < rng.random((N, 1))).sum(axis=1)]
    fitted = calaudit.fit(z, method="temperature", logits="logit_", label="label")
    report = calaudit.ood(files(here, ".csv"), calibrator=fitted, act_from=0.6)
    far = pd.read_csv(here / "far.csv").to_numpy()
    acted = next(each.acted for each in report.sets if each.name == "far")
    assert acted is not None
    assert acted.value == np.mean(fitted.apply(far).max(axis=1) >= 0.6)
    decided = calaudit.threshold(
        z, logits="logit_", label="label", cost_error=5, cost_review=1, calibrator=fitted
    )
    assert decided.recommended is not None
    cutoff = decided.recommended.act_from
    saved = tmp_path / "threshold.json"
    saved.write_text(decided.to_json())
    told = calaudit.ood(files(here, ".csv"), calibrator=fitted, act_from=saved)
    assert told.cutoff == cutoff
    with pytest.raises(SettingsError, match="same --calibrator"):
        calaudit.ood(files(here, ".csv"), act_from=saved)


def test_other_processes_and_clusters_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the options say: the same report, and a cluster that is not there is told."""
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    one, two = (calaudit.ood(files(here, ".csv"), workers=n) for n in (1, 2))
    assert one.detections == two.detections
    with pytest.raises(SettingsError, match="workers"):
        calaudit.ood(files(here, ".csv"), workers=0)
    with pytest.raises(SettingsError, match="--cluster"):
        calaudit.ood(files(here, ".csv"), cluster="tcp://127.0.0.1:9")


def acted(report: Any) -> list[float]:
    """Return the share of each set that is acted on."""
    return [each.acted.value for each in report.sets]


def test_rows_at_the_cutoff_are_acted_on(tmp_path: Path) -> None:
    """Of ten equal classes at 0.1, and of the float32 that is written 0.9."""
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for rows, number, kind in (([[0.1] * 10], 0.1, "f8"), ([[0.9, 0.06, 0.04]], 0.9, "f4")):
        for path in paths:
            given = np.repeat(np.array(rows, kind), 20, axis=0)
            pd.DataFrame(given, columns=[f"p_{k}" for k in range(given.shape[1])]).to_parquet(path)
        assert acted(calaudit.ood(paths, act_from=number)) == [1.0, 1.0]
    z = pd.DataFrame(np.zeros((20, 10)), columns=[f"logit_{k}" for k in range(10)])
    for path in paths:
        z.to_parquet(path)
    assert acted(calaudit.ood(paths, act_from="10%")) == [1.0, 1.0]


def test_a_saved_cutoff_of_scores_out_of_100(tmp_path: Path) -> None:
    """It is of what the file holds, and so is the report of what is acted on."""
    rng = np.random.default_rng(4)
    p = rng.choice([0.5, 0.7, 0.8, 0.9, 0.95], 3000)
    for name, scale in (("shares", 1), ("percent", 100)):
        frame = pd.DataFrame({"confidence": (p * scale).round(6), "correct": rng.random(3000) < p})
        for part in ("in", "out"):
            frame.to_parquet(tmp_path / f"{name}-{part}.parquet")
        options: Any = {} if scale == 1 else {"out_of": 100.0}
        decided = calaudit.threshold(
            frame, confidence="confidence", correct="correct", max_error=0.15, **options
        )
        assert decided.recommended is not None
        cutoff = decided.recommended.act_from
        assert cutoff is not None
        files = [tmp_path / f"{name}-{part}.parquet" for part in ("in", "out")]
        report = calaudit.ood(files, act_from=decided, **options)
        assert acted(report) == [np.mean(p * scale >= cutoff)] * 2
        assert 0.1 < acted(report)[0] < 0.9


def test_sets_of_a_column_are_values_that_are_there(here: Path) -> None:
    """What is named is in the file, and not twice; rows that are dropped are told of."""
    named: Any = {"set": "source", "inside": "known"}
    with pytest.raises(InputError, match="source=alien; its values are far, known, near"):
        calaudit.ood(here / "all.csv", outside=["alien"], **named)
    for outside in (["known"], ["near", "known"]):
        with pytest.raises(SettingsError, match="no other value of 'source' than 'known'"):
            calaudit.ood(here / "all.csv", outside=outside, **named)
    twice = calaudit.ood(here / "all.csv", outside=["near", "near"], **named)
    assert [each.name for each in twice.sets] == ["known", "near"]
    rows = pd.read_csv(here / "all.csv")
    rows.loc[0, "logit_a"] = np.nan
    rows.to_csv(here / "hole.csv", index=False)
    report = calaudit.ood(here / "hole.csv", on_invalid="drop", **named)
    assert [each.rows for each in report.sets] == [N - 1, N, N]
    assert "dropped 1 of 900 rows: 1 missing-score" in " ".join(str(report).split())


def test_what_is_refused(here: Path) -> None:
    """One file alone, values without a column, sets of other scores, and what is no cutoff."""
    with pytest.raises(SettingsError, match=r"inside\.parquet outside\.parquet"):
        calaudit.ood(here / "known.csv")
    with pytest.raises(SettingsError, match="given twice"):
        calaudit.ood({"one": here / "known.csv", "two": here / "known.csv"})
    with pytest.raises(InputError, match=r"--score names the column 'nothing'.*logit_a"):
        calaudit.ood(files(here, ".csv"), score="nothing", higher="inside")
    with pytest.raises(InputError, match=r"no column 'nowhere'.*source"):
        calaudit.ood(here / "all.csv", set="nowhere", inside="known")
    with pytest.raises(SettingsError, match="--set"):
        calaudit.ood(files(here, ".csv"), inside="known")
    with pytest.raises(InputError, match="different scores"):
        calaudit.ood([here / "known.csv", here / "near.parquet"])
    with pytest.raises(InputError, match=r"nothing\.json"):
        calaudit.ood(files(here, ".csv"), act_from="nothing.json")
    for cutoff in (90, "nan", 0.0, "150%"):
        with pytest.raises(SettingsError, match="--act-from is a confidence above 0, up to 1"):
            calaudit.ood(files(here, ".csv"), act_from=cutoff)


def test_the_report_is_read_back(here: Path) -> None:
    """What is written is the report, and draws the same page."""
    report = calaudit.ood(files(here, ".csv"), act_from=0.9)
    again = saved_report(report.to_json().encode())
    assert again == report
    assert json.loads(report.to_json())["schema"] == "calaudit.ood/1"
    assert report.plot("roc").to_svg() == again.plot("roc").to_svg()
    assert list(report.to_frame().index.names) == ["set", "score", "metric"]

"""``calaudit.estimate`` against scikit-learn and sums over raw rows, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

import calaudit
from calaudit.errors import InputError, SettingsError

CASES = Path(__file__).parents[3] / "shared" / "cases"


def rows(n: int, seed: int, *, shift: float = 0.0, steep: float = 1.5) -> pd.DataFrame:
    """Return scores too extreme by half, inside of the clip, with labels, dates and a place."""
    rng = np.random.default_rng(seed)
    z = np.clip(rng.normal(shift, 1.2, n), -3, 3)
    when = pd.date_range("2024-01-01", periods=n, freq="h").strftime("%Y-%m-%d")
    return pd.DataFrame({
        "score": expit(steep * z), "label": (rng.random(n) < expit(z)).astype(int), "date": when,
        "place": np.where(np.arange(n) % 2, "here", "there"),
    })  # fmt: skip


OLD, NEW = rows(3000, 1), rows(2000, 2, shift=0.4)
SCORES = NEW.drop(columns="label")


def calibrated(old: pd.DataFrame, scores: pd.Series) -> np.ndarray:
    """Return scikit-learn's Platt scaling of scores."""
    z = logit(old["score"].to_numpy())[:, None]
    line = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(z, old["label"])
    found: np.ndarray = line.predict_proba(logit(scores.to_numpy())[:, None])[:, 1]
    return found


def test_figures_are_those_of_scikit_learn() -> None:
    """Accuracy, base rate and AUROC of its calibrated scores, and what labels then show."""
    found = calaudit.estimate(SCORES, reference=OLD)
    q, p = calibrated(OLD, NEW["score"]), NEW["score"].to_numpy()
    assert found.metrics["accuracy"].value == pytest.approx(
        np.where(p >= 0.5, q, 1 - q).mean(), abs=1e-6
    )
    assert found.metrics["base_rate"].value == pytest.approx(q.mean(), abs=1e-6)
    order = np.argsort(p)
    pairs = (q[order] * (np.cumsum(1 - q[order]) - 0.5 * (1 - q[order]))).sum()
    assert found.metrics["auroc"].value == pytest.approx(
        pairs / (q.sum() * (1 - q).sum()), abs=1e-6
    )
    for name, realised in (("accuracy", ((p >= 0.5) == NEW["label"]).mean()),
                           ("base_rate", NEW["label"].mean())):  # fmt: skip
        low, high = found.metrics[name].low, found.metrics[name].high
        assert low is not None
        assert high is not None
        assert low < realised < high
    assert found.reference.accuracy == pytest.approx(((OLD["score"] >= 0.5) == OLD["label"]).mean())
    assert found.lead.startswith("If calibration transfers, accuracy should come out at ")
    assert [note.code for note in found.notes][:2] == ["map-unknown", "scores-moved"]


@pytest.mark.skipif(not CASES.exists(), reason="the folder of cases is not here")
def test_california_housing() -> None:
    """The figures of the case; the map had changed (realised .722), and the words allow for it."""
    files = [str(CASES / "california_housing" / f"{n}.csv") for n in ("analysis", "reference")]
    found = calaudit.estimate(files[0], reference=files[1], by="timestamp:quarter")
    accuracy = found.metrics["accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == pytest.approx(
        (0.7593017611872437, 0.7464307764561505, 0.7721727459183368), abs=1e-9
    )
    assert found.metrics["auroc"].value == pytest.approx(0.8669611488651728, abs=1e-9)
    assert found.otherwise["atc"].value == pytest.approx(0.8227648202137998, abs=1e-9)
    assert found.otherwise["atc"].low is None
    assert found.moves is not None
    assert found.moves.psi == pytest.approx(0.375374059810811, abs=1e-9)
    assert [s.value for s in found.slices][:2] == ["2021-Q2", "2021-Q3"]
    told = f"{found} {found.sentence}"
    assert "If calibration transfers" in told
    assert "cannot show whether it does" in found.sentence
    assert "accuracy is" not in told.lower()
    assert {"map-unknown", "scores-moved", "labels-unread"} <= {note.code for note in found.notes}


def test_slices_are_files_of_their_own() -> None:
    """The figures of a period are those of a file of its rows; of few rows there are none."""
    found = calaudit.estimate(SCORES, reference=OLD, by=["date:month", "place"])
    here = calaudit.estimate(SCORES[SCORES["place"] == "here"], reference=OLD)
    part = next(s for s in found.slices if s.value == "here")
    assert part.rows == 1000
    assert part.metrics["accuracy"] == here.metrics["accuracy"]
    months = [s for s in found.slices if s.column == "date:month"]
    assert [s.value for s in months] == ["2024-01", "2024-02", "2024-03"]
    few = calaudit.estimate(SCORES[:40], reference=OLD, by="place")
    assert all(s.metrics == {} for s in few.slices)


def test_files_frames_and_order_are_the_same(tmp_path: Path) -> None:
    """In two files, in another order or from a frame the figures are the same."""
    OLD.to_csv(tmp_path / "old.csv", index=False)
    for name, part in (("a", SCORES[1200:]), ("b", SCORES[:1200])):
        part.to_parquet(tmp_path / f"{name}.parquet")
    files = [str(tmp_path / f"{name}.parquet") for name in "ab"]
    found = calaudit.estimate(files, reference=str(tmp_path / "old.csv"))
    other = calaudit.estimate(SCORES, reference=OLD)
    assert found.metrics == other.metrics
    assert found.needed == other.needed


def test_a_saved_calibrator_is_enough(tmp_path: Path) -> None:
    """Its certificate tells the covariance; what needs the labelled rows themselves is left out."""
    found = calaudit.estimate(SCORES, reference=OLD)
    fitted = calaudit.fit(OLD, method="platt")
    (tmp_path / "cal.json").write_text(fitted.to_json())
    for reference in (fitted, tmp_path / "cal.json"):
        saved = calaudit.estimate(SCORES, reference=reference)
        for name, estimate in found.metrics.items():
            mine = saved.metrics[name]
            assert mine.value == pytest.approx(estimate.value, abs=1e-6)
            assert (mine.low, mine.high) == pytest.approx((estimate.low, estimate.high), abs=0.004)
        assert saved.otherwise == {}
        assert saved.moves is None
    with pytest.raises(SettingsError, match="does not tell how uncertain it is"):
        calaudit.estimate(SCORES, reference=calaudit.fit(OLD, method="isotonic"))


@pytest.mark.parametrize("kind", ["score", "logit"])
def test_a_saved_report_is_as_good_as_its_rows(kind: str, tmp_path: Path) -> None:
    """Its score table has all that the map, ATC and the moves of the scores are made of."""
    old, new = (f.assign(logit=logit(f["score"])) for f in (OLD, SCORES))
    old, new = (f.drop(columns={"score": "logit", "logit": "score"}[kind]) for f in (old, new))
    calaudit.evaluate(old).save(tmp_path / "report.json")
    found = calaudit.estimate(new, reference=old)
    saved = calaudit.estimate(new, reference=tmp_path / "report.json")
    for name, estimate in [*found.metrics.items(), *found.otherwise.items()]:  # of wider cells
        mine = (saved.metrics | saved.otherwise)[name]
        assert mine.value == pytest.approx(estimate.value, abs=2e-3)
        assert (mine.low, mine.high) == pytest.approx((estimate.low, estimate.high), abs=4e-3)
    assert saved.moves is not None
    assert found.moves is not None
    assert saved.moves.ks == pytest.approx(found.moves.ks, abs=0.01)
    grouped = calaudit.evaluate(old, group="place")
    with pytest.raises(InputError, match="the saved report is of groups"):
        calaudit.estimate(new, reference=grouped)


@pytest.mark.parametrize("kind", ["logit", "several", "top"])
def test_other_scores(kind: str) -> None:
    """Logits, several classes and stated confidences: accuracy as scikit-learn calibrates it."""
    rng = np.random.default_rng(6)
    if kind == "logit":
        old, new = ({"logit": logit(f["score"]), "label": f["label"]} for f in (OLD, NEW))
        p, q = NEW["score"].to_numpy(), calibrated(OLD, NEW["score"])
        expected = np.where(p >= 0.5, q, 1 - q).mean()
    else:
        z = rng.normal(size=(4000, 3))
        soft = np.exp(1.3 * z) / np.exp(1.3 * z).sum(axis=1, keepdims=True)
        true = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).cumsum(axis=1)
        y = (rng.random((4000, 1)) > true).sum(axis=1)
        sure, right = soft.max(axis=1), (soft.argmax(axis=1) == y).astype(int)
        whole = {"confidence": sure, "correct": right}
        if kind == "several":
            whole = {**{f"p_{k}": soft[:, k] for k in range(3)}, "label": y}
        old, new = (
            {k: v[part] for k, v in whole.items()} for part in (slice(2500), slice(2500, None))
        )
        frame = pd.DataFrame({"score": sure[:2500], "label": right[:2500]})
        expected = calibrated(frame, pd.Series(sure[2500:])).mean()
    hidden = pd.DataFrame({k: v for k, v in new.items() if k not in ("label", "correct")})
    found = calaudit.estimate(hidden, reference=pd.DataFrame(old))
    assert found.metrics["accuracy"].value == pytest.approx(expected, abs=1e-6)
    assert ("base_rate" in found.metrics) == (kind == "logit")


def test_cutoffs_of_a_saved_report(tmp_path: Path) -> None:
    """Shares are counted, and cost, precision and recall are sums over calibrated rows."""
    report = calaudit.threshold(OLD, cost_fp=2, cost_fn=9, cost_review=0.6)
    report.save(tmp_path / "cutoffs.json")
    chosen = report.recommended
    assert chosen is not None
    p, q = NEW["score"].to_numpy(), calibrated(OLD, NEW["score"])
    act = p >= chosen.act_from
    review = ~act & (p >= chosen.review_from)
    rest = ~act & ~review
    cost = (act * 2 * (1 - q) + review * 0.6 + rest * 9 * q).mean() * 1000
    for given in (report, tmp_path / "cutoffs.json"):
        found = calaudit.estimate(SCORES, reference=OLD, thresholds=given).metrics
        assert found["act_share"].value == act.mean()
        assert found["review_share"].value == review.mean()
        assert found["cost"].value == pytest.approx(cost, rel=1e-5)
        assert found["precision"].value == pytest.approx(q[act].mean(), abs=1e-5)
        assert found["recall"].value == pytest.approx(q[~rest].sum() / q.sum(), abs=1e-5)
        assert found["error"].value == pytest.approx(
            ((1 - q)[act].sum() + q[rest].sum()) / (~review).sum(), abs=1e-5
        )


def test_some_labels_speak_for_all() -> None:
    """The prediction-powered share is that of its formula, and the map is tested."""
    known = np.random.default_rng(8).random(len(NEW)) < 0.25
    frame = SCORES.assign(outcome=np.where(known, NEW["label"], np.nan))
    found = calaudit.estimate(frame, reference=OLD, labelled="outcome")
    f, y = calibrated(OLD, NEW["score"]), NEW["label"].to_numpy()
    n, others = known.sum(), (~known).sum()
    cov = np.cov(y[known], f[known])
    pooled = (n * cov[1, 1] + others * f[~known].var(ddof=1)) / (n + others)
    weight = cov[0, 1] / ((1 + n / others) * pooled)
    expected = y[known].mean() + weight * (f[~known].mean() - f[known].mean())
    assert found.otherwise["base_rate_labelled"].value == pytest.approx(expected, abs=1e-5)
    assert found.map_p is not None
    assert found.map_p > 0.05
    wrong = frame.assign(outcome=1 - frame["outcome"])
    changed = calaudit.estimate(wrong, reference=OLD, labelled="outcome")
    assert changed.lead.startswith("Calibration has not transferred")
    assert changed.notes[0].code == "map-moved"


def test_rows_with_labels_may_be_invalid() -> None:
    """They are dropped where others are, and the figures are those of the rest."""
    some = NEW.assign(label=NEW["label"].where(NEW.index < 400))
    hole = pd.concat([some.assign(score=np.nan)[:1], some])
    asked: dict[str, Any] = {"reference": OLD, "labelled": "label"}
    found = calaudit.estimate(hole, on_invalid="drop", **asked)
    assert found.otherwise == calaudit.estimate(some, **asked).otherwise
    with pytest.raises(InputError, match="missing or NaN"):
        calaudit.estimate(hole, **asked)


@pytest.mark.parametrize(
    ("said", "error", "told"),
    [
        ({}, SettingsError, "give labelled rows, or a calibrator"),
        ({"reference": OLD, "matters": 0}, SettingsError, "--matters is a share above 0"),
        ({"reference": OLD, "level": 2}, SettingsError, "the level must lie"),
        ({"reference": OLD, "by": "nowhere"}, InputError, "nowhere"),
        ({"reference": OLD.drop(columns="label")}, InputError, "label"),
        ({"reference": OLD.rename(columns={"score": "p"})}, InputError, "'p'"),
        ({"reference": OLD, "thresholds": "none.json"}, InputError, "none.json"),
        ({"reference": OLD, "labelled": "outcome"}, InputError, "outcome"),
        ({"reference": OLD, "method": "isotonic"}, SettingsError, "platt, beta"),
    ],
)
def test_refused(said: dict[str, Any], error: type[Exception], told: str) -> None:
    """What is missing or contradicts is refused in a line that says what to do."""
    with pytest.raises(error, match=told) as raised:
        calaudit.estimate(SCORES, **said)
    assert len(str(raised.value)) < 400


def test_cutoffs_that_are_none(tmp_path: Path) -> None:
    """A report of another kind, and cutoffs of calibrated scores, are refused."""
    calaudit.evaluate(OLD).save(tmp_path / "report.json")
    with pytest.raises(InputError, match="is no report of calaudit threshold"):
        calaudit.estimate(SCORES, reference=OLD, thresholds=tmp_path / "report.json")
    fitted = calaudit.fit(OLD, method="platt")
    chosen = calaudit.threshold(OLD, cost_fp=1, cost_fn=3, calibrator=fitted)
    with pytest.raises(InputError, match="no cutoffs of the scores as they are"):
        calaudit.estimate(SCORES, reference=OLD, thresholds=chosen)


def test_the_schema_has_it() -> None:
    """The JSON is by its schema, and comes back."""
    import jsonschema

    from calaudit.report.render_json import report_from_json
    from calaudit.report.report_schemas import schema_of_kind

    found = calaudit.estimate(SCORES, reference=OLD, by="place")
    values = json.loads(found.to_json())
    jsonschema.validate(values, schema_of_kind("estimate"))
    assert report_from_json(found.to_json()) == found
    assert list(found.to_frame().index) == ["accuracy", "auroc", "base_rate"]


def test_weights_and_groups_of_the_reference() -> None:
    """A row of weight 2 is two labelled rows for the map; nothing of rows of weight 1 is tested."""
    w = 1 + np.arange(len(OLD)) % 2
    twice = OLD.loc[np.repeat(OLD.index, w)]
    weighted = calaudit.estimate(SCORES.assign(weight=1.0), reference=OLD.assign(weight=w))
    plain = calaudit.estimate(SCORES, reference=twice)
    for name, estimate in plain.metrics.items():
        assert weighted.metrics[name].value == pytest.approx(estimate.value, abs=1e-9)
    assert weighted.otherwise["atc"].value == pytest.approx(plain.otherwise["atc"].value, abs=2e-3)
    assert weighted.moves is None
    assert "weights-unread" in {note.code for note in weighted.notes}


def test_cutoffs_of_percentages() -> None:
    """Frames of scores out of 100 have cutoffs out of 100, which are held against the same."""
    old, new = (part.assign(score=100 * part["score"]) for part in (OLD, SCORES))
    report = calaudit.threshold(old, cost_fp=2, cost_fn=9, out_of=100.0)
    assert report.recommended is not None
    found = calaudit.estimate(new, reference=old, thresholds=report, out_of=100.0).metrics
    assert found["act_share"].value == np.mean(new["score"] >= report.recommended.act_from)
    dated = old.assign(date="2025-01-06", score=old["score"] / 10)
    with pytest.raises(InputError, match=r"scale 100\.0, and these scores 10\.0"):
        calaudit.monitor(dated, time="date", threshold=report, out_of=10.0)


def test_cutoffs_of_other_scores() -> None:
    """Cutoffs of logits are not put to probabilities, nor those of another class."""
    logits = OLD.assign(logit=logit(OLD["score"])).drop(columns="score")
    other = calaudit.threshold(logits, cost_fp=1, cost_fn=3)
    with pytest.raises(InputError, match="cutoffs are of binary logit scores of 0, 1; the refer"):
        calaudit.estimate(SCORES, reference=OLD, thresholds=other)

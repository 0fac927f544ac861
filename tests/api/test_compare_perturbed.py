"""Perturbed copies of rows: figures against raw rows, ways in, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import calaudit
from calaudit import InputError, SettingsError

N, CLASSES = 500, 3
RNG = np.random.default_rng(12)
Z = 2 * RNG.normal(size=(N, CLASSES))
P = special.softmax(Z, axis=1)
Y = np.array([RNG.choice(CLASSES, p=p) for p in P])


def copy(hard: float) -> pd.DataFrame:
    """Return the rows, perturbed so hard."""
    p = special.softmax(Z * (1 + hard / 5) + hard * RNG.normal(size=Z.shape), axis=1)
    columns = {f"p_{k}": p[:, k] for k in range(CLASSES)}
    return pd.DataFrame({"id": np.arange(N), "label": Y, **columns})


CLEAN, MILD, HARD = copy(0), copy(0.7), copy(2)
BOTH = pd.concat([HARD.assign(severity=10), MILD.assign(severity=9)]).sample(frac=1, random_state=0)


PLAIN: Any = {"id": "id", "perturbed": True}


def scores(frame: pd.DataFrame) -> Any:
    """Return (n, K) scores."""
    return frame[[f"p_{k}" for k in range(CLASSES)]].to_numpy()


def ends(found: dict[str, Any], metric: str) -> tuple[Any, ...]:
    """Return value and interval."""
    e = found[metric].estimate
    return e.value, e.low, e.high


def exact(hits: Any, level: float) -> tuple[float, ...]:
    """Return a share with its exact interval, by scipy."""
    test = stats.binomtest(int(np.sum(hits)), len(hits))
    interval = test.proportion_ci(level, "exact")
    return float(np.mean(hits)), interval.low, interval.high


def test_figures_are_those_of_raw_rows() -> None:
    """Flips and silent flips by scipy's exact interval, overconfidence by its paired t."""
    report = calaudit.compare({"clean": CLEAN, "hard": HARD}, id="id", perturbed=True)
    found = report.of("hard")
    before, after = (scores(f) for f in (CLEAN, HARD))
    sure = [p.max(axis=1) for p in (before, after)]
    said = [p.argmax(axis=1) for p in (before, after)]
    flipped = said[0] != said[1]
    assert ends(found, "flips") == pytest.approx(exact(flipped, 0.95), abs=1e-9)
    kept = (sure[1] >= sure[0]) | (sure[1] >= 0.9)
    assert ends(found, "silent_flips") == pytest.approx(exact(kept[flipped], 0.95), abs=1e-9)
    excess = [c - (s == Y) for c, s in zip(sure, said, strict=True)]
    t = stats.ttest_rel(excess[1], excess[0])
    interval = t.confidence_interval(0.95)
    known = (np.mean(excess[1] - excess[0]), interval.low, interval.high)
    assert ends(found, "overconfidence") == pytest.approx(known)
    assert found["accuracy"].estimate.value == pytest.approx(
        np.mean(said[1] == Y) - np.mean(said[0] == Y)
    )
    assert not report.pairs
    assert not report.contenders
    assert report.sentence.startswith("Under hard: accuracy worse by")


def test_severities_in_every_form() -> None:
    """A column divides a file, in order of numbers, named or not; separate files say the same."""
    known = calaudit.compare({"clean": CLEAN, "9": MILD, "10": HARD}, **PLAIN)
    one = pd.concat([BOTH.rename(columns={"severity": "how"}), CLEAN.assign(how=0)])
    for data, options, names in (
        ({"clean": CLEAN, "x": BOTH}, PLAIN, ["clean", "severity 9", "severity 10"]),
        (one, {"id": "id", "severity": "how"}, ["severity 0", "severity 9", "severity 10"]),
    ):
        report = calaudit.compare(data, **options)
        assert [model.name for model in report.models] == names
        expected = [ends(known.of(n), d.metric) for n in ("9", "10") for d in known.of(n).values()]
        found = [(d.estimate.value, d.estimate.low, d.estimate.high) for d in report.differences]
        assert found == expected
    assert report.sentence.startswith("Accuracy surely falls in 1 of 2 copies, most under")


def test_p_values_are_those_of_all_copies() -> None:
    """Holm's, of McNemar's mid-p values: the smallest times two."""
    frames = {"clean": CLEAN, "mild": MILD, "hard": HARD}
    both = calaudit.compare(frames, id="id", perturbed=True)
    single = [
        calaudit.compare({"clean": CLEAN, "x": f}, id="id", perturbed=True).of("x")
        for f in (MILD, HARD)
    ]
    p = sorted(each["accuracy"].estimate.p_value or 0.0 for each in single)
    found = sorted(both.of(n)["accuracy"].estimate.p_value or 0.0 for n in ("mild", "hard"))
    assert found == pytest.approx([2 * p[0], max(2 * p[0], p[1])])


def test_groups_and_scores_of_one_class() -> None:
    """Groups widen shares; binary rows flip at one half; both sides of a tie are the same."""
    binary = [
        pd.DataFrame({"id": np.arange(N), "label": (Y == 0) * 1, "score": scores(f)[:, 0]}).assign(
            g=np.arange(N) // 10
        )
        for f in (CLEAN, HARD)
    ]
    data = dict(zip(("clean", "hard"), binary, strict=True))
    plain = calaudit.compare(data, id="id", perturbed=True).of("hard")
    flipped = (binary[0]["score"] >= 0.5) != (binary[1]["score"] >= 0.5)
    assert ends(plain, "flips") == pytest.approx(exact(flipped, 0.95), abs=1e-9)
    grouped = calaudit.compare(data, id="id", perturbed=True, group="g").of("hard")
    assert ends(grouped, "flips")[0] == pytest.approx(flipped.mean())
    assert grouped["flips"].estimate.method == "Korn–Graubard"


def test_a_confidence_without_its_prediction() -> None:
    """Flips are not known, and said so; with the predictions they are."""
    frames = {
        name: pd.DataFrame(
            {"id": np.arange(N), "confidence": scores(f).max(axis=1),
             "prediction": [f"c{k}" for k in scores(f).argmax(axis=1)],
             "label": [f"c{k}" for k in Y]}
        )
        for name, f in (("clean", CLEAN), ("hard", HARD))
    }  # fmt: skip
    known = calaudit.compare(frames, id="id", perturbed=True).of("hard")["flips"].estimate.value
    assert known == pytest.approx(
        np.mean(scores(CLEAN).argmax(axis=1) != scores(HARD).argmax(axis=1))
    )
    for name, frame in frames.items():
        right = (frame["prediction"] == frame["label"]).astype(int)
        frames[name] = frame.assign(correct=right)[["id", "confidence", "correct"]]
    report = calaudit.compare(frames, id="id", perturbed=True)
    assert report.of("hard")["flips"].estimate.value is None
    assert "Which predictions flip is not known" in report.sentence


def test_what_is_refused() -> None:
    """Copies that cannot be matched, with advice that works."""
    data = {"clean": CLEAN, "hard": HARD}
    with pytest.raises(SettingsError, match="--id"):
        calaudit.compare(data, perturbed=True)
    with pytest.raises(SettingsError, match="--severity needs --id"):
        calaudit.compare({"clean": CLEAN, "x": BOTH}, severity="severity")
    with pytest.raises(InputError, match=r"occurs more than once .*--severity"):
        calaudit.compare({"clean": CLEAN, "x": BOTH.rename(columns={"severity": "s"})}, **PLAIN)
    with pytest.raises(SettingsError, match="--model or --severity"):
        calaudit.compare(BOTH, severity="severity", model="severity", id="id")
    changed = HARD.assign(label=np.where(HARD["id"] == 3, (Y + 1) % CLASSES, Y))
    with pytest.raises(InputError, match="labels of 1 rows differ"):
        calaudit.compare({"clean": CLEAN, "hard": changed}, id="id", perturbed=True)

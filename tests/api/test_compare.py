"""Comparisons of models: ways in, what is refused, and figures against raw rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit import CompareReport, InputError, SettingsError
from calaudit.metrics.estimate import Estimate
from tests.api.simulated import sigmoid

N = 800


def rows(seed: int = 0) -> pd.DataFrame:
    """Return labels with the scores of two models."""
    rng = np.random.default_rng(seed)
    z = 1.5 * rng.normal(size=N)
    y = (rng.random(N) < sigmoid(z)).astype(int)
    noisy = sigmoid(1.4 * z + 0.5 * rng.normal(size=N))
    return pd.DataFrame({"id": np.arange(N), "label": y, "a": sigmoid(z), "b": noisy})


ROWS = rows()
FIRST, SECOND = (ROWS[["id", "label", m]].rename(columns={m: "score"}) for m in "ab")


@pytest.fixture(scope="module")
def whole() -> CompareReport:
    """Two columns of one file."""
    return calaudit.compare(ROWS, scores=["a", "b"])


def ends(estimate: Estimate | None) -> tuple[Any, ...]:
    """Return value and interval."""
    assert estimate is not None
    return estimate.value, estimate.low, estimate.high


def figures(report: CompareReport) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return every difference."""
    return {(d.model, d.metric): ends(d.estimate) for d in report.differences}


def test_differences_are_those_of_raw_rows(whole: CompareReport) -> None:
    """Losses by scipy's paired t-test, the rest as means; the models' own figures differ by it."""
    y = ROWS["label"]
    found = whole.of("b")
    losses = [-np.log(np.where(y == 1, ROWS[m], 1 - ROWS[m])) for m in "ab"]
    for name, (one, two) in {
        "log_loss": losses,
        "brier": [(ROWS[m] - y) ** 2 for m in "ab"],
        "mean_confidence": [np.maximum(ROWS[m], 1 - ROWS[m]) for m in "ab"],
    }.items():
        known = stats.ttest_rel(two, one)
        interval = known.confidence_interval(0.95)
        expected = (np.mean(two - one), interval.low, interval.high)
        assert ends(found[name].estimate) == pytest.approx(expected), name
    for metric, difference in found.items():
        sides = [model.figure(metric).point for model in whole.models]
        assert difference.estimate.value == pytest.approx((sides[1] or 0) - (sides[0] or 0))


def test_every_way_in_gives_the_same(whole: CompareReport, tmp_path: Path) -> None:
    """Columns, frames, files of either format by id, in another order, and rows by model."""
    FIRST.to_parquet(tmp_path / "a.parquet")
    SECOND.sample(frac=1, random_state=1).to_csv(tmp_path / "b.csv", index=False)
    long = pd.concat([FIRST.assign(who="a"), SECOND.assign(who="b")])
    ways: list[tuple[Any, dict[str, Any]]] = [
        ({"a": FIRST, "b": SECOND}, {"same_order": True}),
        ({"a": FIRST, "b": SECOND.sample(frac=1, random_state=2)}, {"id": "id"}),
        ([str(tmp_path / "a.parquet"), tmp_path / "b.csv"], {"id": "id"}),
        ([f"a={tmp_path / 'a.parquet'}", tmp_path / "b.csv"], {"id": "id"}),
        (long.sample(frac=1, random_state=3), {"model": "who", "id": "id", "baseline": "a"}),
    ]
    known = figures(whole)
    for data, options in ways:
        found = figures(calaudit.compare(data, **options))
        assert found.keys() == known.keys()
        for name, each in known.items():
            assert found[name] == pytest.approx(each, abs=1e-9), (options, name)


def test_labels_in_a_second_file(whole: CompareReport) -> None:
    """They are joined to every model by the id that matches the models."""
    files = {"a": FIRST.drop(columns="label"), "b": SECOND.drop(columns="label")[::-1]}
    labels = FIRST[["id", "label"]].sample(frac=1, random_state=4)
    found = figures(calaudit.compare(files, id="id", labels=labels))
    for name, each in figures(whole).items():
        assert found[name] == pytest.approx(each, abs=1e-9), name


def test_prefixes_of_several_classes() -> None:
    """One prefix a model, in one file, is the same as one file a model."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 300)
    files = {}
    for name, sharp in (("one", 1.0), ("two", 2.5)):
        p = rng.dirichlet(np.ones(3), 300) + sharp * np.eye(3)[y] * rng.random((300, 1))
        p /= p.sum(axis=1, keepdims=True)
        files[name] = pd.DataFrame(p, columns=[f"{name}_{k}" for k in range(3)])
    both = pd.concat([*files.values(), pd.Series(y, name="label")], axis=1)
    found = calaudit.compare(both, probs=["one_", "two_"], label="label")
    assert [model.name for model in found.models] == ["one", "two"]
    apart = {
        name: frame.rename(columns=lambda c: "p" + c[3:]).assign(label=y)
        for name, frame in files.items()
    }
    other = calaudit.compare(apart, probs="p_", label="label", same_order=True)
    assert figures(found) == figures(other)


def test_rows_with_several_labels() -> None:
    """Each label of a row is matched with itself, by the id or in the same order."""
    rng = np.random.default_rng(6)
    p = rng.uniform(0.05, 0.95, (200, 3))
    y = (rng.random((200, 3)) < p).astype(int)

    def frame(scores: Any) -> pd.DataFrame:
        columns = {f"y_{k}": y[:, k] for k in range(3)} | {f"p_{k}": scores[:, k] for k in range(3)}
        return pd.DataFrame({"id": np.arange(200), **columns})

    options: dict[str, Any] = {"task": "multilabel", "label": "y_", "probs": "p_"}
    one, two = frame(p), frame(p**1.5)
    placed = calaudit.compare({"a": one, "b": two}, same_order=True, **options)
    known = ((p**1.5 - y) ** 2 - (p - y) ** 2).mean()
    assert placed.of("b")["brier"].estimate.value == pytest.approx(known)
    named = calaudit.compare({"a": one, "b": two[::-1]}, id="id", **options)
    for name, each in figures(placed).items():
        assert figures(named)[name] == pytest.approx(each, abs=1e-9), name
    with pytest.raises(InputError, match="3 rows of a and 0 of b have no partner"):
        calaudit.compare({"a": one, "b": two[:-1]}, id="id", **options)
    with pytest.raises(InputError, match="several labels must be in all files"):
        calaudit.compare({"a": one, "b": two[:-1]}, id="id", allow_unmatched=True, **options)


@pytest.fixture(scope="module")
def answers() -> dict[str, pd.DataFrame]:
    """Answers of two models to 90 questions: a leaves out one of nine, b one of three."""
    rng = np.random.default_rng(8)
    label = rng.choice(["x", "y"], 90)
    made = {}
    for name, skip in (("a", 9), ("b", 3)):
        said = np.where(rng.random(90) < 0.7, label, "z")
        said[np.arange(90) % skip == 0] = ""
        columns = {"id": range(90), "confidence": rng.uniform(0.4, 0.9, 90)}
        made[name] = pd.DataFrame({**columns, "prediction": said, "label": label})
    return made


def test_rows_without_an_answer_are_said_to_be_that(answers: dict[str, pd.DataFrame]) -> None:
    """The partner is there; what the refusal advises works; rows that are not there are told."""
    told = r"20 rows of a and 0 of b have no answer in the other, by id \(3, 6, 12, …\); 60 have"
    with pytest.raises(InputError, match=told + ".*--unanswered wrong"):
        calaudit.compare(answers, id="id")
    with pytest.raises(InputError, match="0 rows of b and 20 of a have no answer in the other"):
        calaudit.compare(answers, id="id", baseline="b")
    fewer = {"a": answers["a"], "b": answers["b"].iloc[:-2]}
    with pytest.raises(InputError, match=r"22 rows .* no partner .* 20 of them are there without"):
        calaudit.compare(fewer, id="id")


@pytest.mark.parametrize(
    "options", [{"id": "id", "allow_unmatched": True}, {"id": "id", "unanswered": "wrong"}, {}]
)
def test_unanswered_rows_are_counted_of_each_model(
    answers: dict[str, pd.DataFrame], options: dict[str, Any]
) -> None:
    """Of all its rows, whichever are compared; the first paragraph says it too."""
    found = calaudit.compare(answers, **options)
    notes = [note for note in found.notes if note.code == "answers-missing"]
    assert [note.figures["silent"] for note in notes] == [10, 30]
    for name, note in zip("ab", notes, strict=True):
        right = (answers[name]["prediction"] == answers[name]["label"]).sum()
        shares = [100 * right / (answers[name]["prediction"] != "").sum(), 100 * right / 90]
        shares = shares[:: -1 if "unanswered" in options else 1]
        assert [note.figures["right"], note.figures["otherwise"]] == pytest.approx(shares)
        assert f"{note.figures['silent']} of 90 rows of {name} have no answer" in found.sentence


def test_saved_reports_need_no_rows(tmp_path: Path) -> None:
    """Reports give what their predictions give as separate samples."""
    calaudit.evaluate(FIRST).save(tmp_path / "a.json")
    found = calaudit.compare([tmp_path / "a.json", calaudit.evaluate(SECOND)])
    other = calaudit.compare({"a": FIRST, "b": SECOND})
    assert list(figures(found).values()) == list(figures(other).values())
    assert found.matching is None
    with pytest.raises(SettingsError, match="is a report, which has no rows to be matched"):
        calaudit.compare([tmp_path / "a.json", SECOND], id="id")


def test_separate_samples_have_welch_and_newcombe_intervals() -> None:
    """Brier scores by Welch's normal interval, accuracies by Newcombe's hybrid of Wilson's."""
    found = calaudit.compare({"a": FIRST, "b": rows(1)[["label", "b"]]}, score=None)
    y = [FIRST["label"], rows(1)["label"]]
    p = [FIRST["score"], rows(1)["b"]]
    squares = [(s - t) ** 2 for s, t in zip(p, y, strict=True)]
    error = np.sqrt(sum(s.var(ddof=1) / N for s in squares))
    value = squares[1].mean() - squares[0].mean()
    brier = found.of("b")["brier"].estimate
    assert ends(brier) == pytest.approx(
        (value, value - 1.959964 * error, value + 1.959964 * error), abs=2e-4
    )
    from statsmodels.stats.proportion import confint_proportions_2indep

    right = [int(((s >= 0.5) == t).sum()) for s, t in zip(p, y, strict=True)]
    known = confint_proportions_2indep(right[1], N, right[0], N, method="newcomb", correction=False)
    assert ends(found.of("b")["accuracy"].estimate)[1:] == pytest.approx(known, abs=1e-9)


def test_rows_that_do_not_match() -> None:
    """They are refused with some of them, or left out where that is asked for: as if not there."""
    with pytest.raises(InputError, match=r"5 rows of a and 0 of b have no partner .*\(795, 796, "):
        calaudit.compare({"a": FIRST, "b": SECOND[:-5]}, id="id")
    some = calaudit.compare({"a": FIRST, "b": SECOND[:-5]}, id="id", allow_unmatched=True)
    assert some.matching is not None
    assert (some.matching.matched, some.matching.only) == (N - 5, {"a": 5, "b": 0})
    assert some.notes[0].code == "compared-unmatched"
    known = calaudit.compare({"a": FIRST[:-5], "b": SECOND[:-5]}, id="id")
    assert figures(some) == figures(known)
    assert [m.report.metrics for m in some.models] == [m.report.metrics for m in known.models]
    placed = {"a": FIRST, "b": SECOND[:-5]}
    cut = calaudit.compare(placed, same_order=True, allow_unmatched=True)
    for name, each in figures(known).items():
        assert figures(cut)[name] == pytest.approx(each, abs=1e-12)


def test_rows_that_are_not_the_same() -> None:
    """A label or a weight that differs is refused with its row; so is an id that is there twice."""
    other = SECOND.assign(label=np.where(SECOND["id"] == 17, 1 - SECOND["label"], SECOND["label"]))
    for how in ({"id": "id"}, {"same_order": True}):
        with pytest.raises(InputError, match=r"labels of 1 rows differ .* is 1[78]: they are not"):
            calaudit.compare({"a": FIRST, "b": other}, **how)
    weighted = [FIRST.assign(weight=1.0), SECOND.assign(weight=np.arange(N) % 7 + 1.0)]
    with pytest.raises(InputError, match=r"weights of \d+ rows differ"):
        calaudit.compare(dict(zip("ab", weighted, strict=True)), id="id")
    twice = SECOND.assign(id=np.where(SECOND["id"] == 3, 4, SECOND["id"]))
    with pytest.raises(InputError, match=r"b: the id 4 occurs more than once \(1 such"):
        calaudit.compare({"a": FIRST, "b": twice}, id="id")


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (FIRST, {}, "there is one model only"),
        ({"a": FIRST}, {"id": "id"}, "there is one model only"),
        (ROWS, {"scores": ["a"]}, "there is one model only"),
        ({"a": FIRST, "b": SECOND}, {"scores": ["a", "b"]}, "are for the models of one file"),
        ({"a": FIRST, "b": SECOND}, {"id": "id", "same_order": True}, "give --id or --same-order"),
        (FIRST, {"model": "label"}, "--model needs --id as well"),
        ({"a": FIRST, "b": SECOND}, {"baseline": "c"}, "no model 'c' to be the baseline"),
        (["x.csv", "x.csv"], {}, "x.csv is given twice"),
    ],
)  # fmt: skip
def test_what_is_no_comparison(data: Any, options: dict[str, Any], message: str) -> None:
    """Each refusal says what to do instead."""
    with pytest.raises(SettingsError, match=message):
        calaudit.compare(data, **options)


def test_models_of_something_else() -> None:
    """Another task or other classes are refused."""
    other = pd.DataFrame({"confidence": [0.5, 0.75] * 30, "correct": [0, 1] * 30})
    with pytest.raises(
        InputError, match=r"a \(there\) and b \(here\) are not about the same: task"
    ):
        calaudit.compare({"a": FIRST, "b": other})


def test_an_infinite_loss_leaves_the_lead_to_the_brier_score() -> None:
    """The log loss has no difference then, and says why; the counts are said at once."""
    wrong = SECOND.assign(score=SECOND["score"].where(SECOND["id"] != 3, 1.0 - SECOND["label"]))
    found = calaudit.compare({"a": FIRST, "b": wrong}, id="id")
    estimate = found.of("b")["log_loss"].estimate
    assert estimate.value is None
    assert "infinite in a 0 rows, b 1 rows; +" in str(estimate.reason)
    assert found.loss == "brier"
    assert "Log loss is infinite (a 0 rows, b 1 row:" in found.sentence
    assert "Brier score" in found.lead


def test_the_baseline_and_the_direction() -> None:
    """The named model is subtracted: the other way round everything has the other sign."""
    one = calaudit.compare(ROWS, scores=["a", "b"])
    two = calaudit.compare(ROWS, scores=["a", "b"], baseline="b")
    assert [model.name for model in two.models] == ["b", "a"]
    for metric, found in one.of("b").items():
        back = two.of("a")[metric]
        value, low, high = ends(back.estimate)
        assert ends(found.estimate) == pytest.approx((-value, -high, -low), abs=1e-9), metric
        assert found.better == -back.better
    assert one.lead.startswith("b is worse than a: log loss worse by 0.")
    assert two.lead.startswith("a is better than b: log loss better by 0.")


def test_same_accuracy_and_other_honesty() -> None:
    """The sentence that decides: as often right, and one of them says more than is so."""
    frame = ROWS.assign(b=sigmoid(2.5 * np.log(ROWS["a"] / (1 - ROWS["a"]))))
    found = calaudit.compare(frame, scores=["a", "b"])
    assert "Accuracy is the same within" in found.sentence
    assert "but a is more honest about it" in found.sentence


def test_models_that_are_the_same() -> None:
    """A model and itself differ in nothing, and nothing is open."""
    found = calaudit.compare(ROWS.assign(b=ROWS["a"]), scores=["a", "b"])
    assert found.lead == "b and a are the same by log loss."
    losses = ("log_loss", "brier", "auroc", "mean_confidence")
    assert all(found.of("b")[metric].same for metric in losses)
    assert "cannot tell" not in found.sentence


def test_several_models() -> None:
    """The set comes first; intervals are wider the more models there are, and hold for all."""
    rng = np.random.default_rng(2)
    frame = ROWS.assign(c=np.clip(ROWS["a"] + 0.001 * rng.normal(size=N), 0.001, 0.999))
    found = calaudit.compare(frame, scores=["a", "b", "c"])
    assert {c.name for c in found.contenders if (c.p_value or 0) > 0.05} == {"a", "c"}
    assert found.lead.startswith("2 of 3 models may be the best by log loss (95 % confidence):")
    d = -np.log(np.where(ROWS["label"] == 1, frame["b"], 1 - frame["b"]))
    d += np.log(np.where(ROWS["label"] == 1, frame["a"], 1 - frame["a"]))
    known = stats.ttest_1samp(d, 0.0).confidence_interval(0.975)
    assert ends(found.of("b")["log_loss"].estimate)[1:] == pytest.approx((known.low, known.high))
    assert len(found.pairs) == 3


def test_groups_are_what_counts() -> None:
    """Rows that are there ten times with one group each tell what they tell once."""
    alone = ROWS[:60]
    many = pd.concat([alone.assign(id=alone["id"] + 1000 * k, g=alone["id"]) for k in range(10)])
    found = calaudit.compare(many, scores=["a", "b"], group="g")
    once = calaudit.compare(alone.assign(g=alone["id"]), scores=["a", "b"], group="g")
    plain = calaudit.compare(many, scores=["a", "b"])
    for metric in ("log_loss", "brier", "accuracy", "auroc"):
        wide, same, narrow = (
            (e.high or 0) - (e.low or 0)
            for e in (r.of("b")[metric].estimate for r in (found, once, plain))
        )
        assert wide == pytest.approx(same, rel=0.05), metric
        assert narrow < 0.6 * wide, metric
    assert "60 groups by g" in str(found)


def test_parts_of_the_brier_score_add_up(whole: CompareReport) -> None:
    """ΔBrier = ΔMCB − ΔDSC + ΔUNC, on the same rows with no ΔUNC."""
    parts = [[m.report.metrics[f"corp_{k}"].value or 0 for k in ("mcb", "dsc", "unc")]
             for m in whole.models]  # fmt: skip
    mcb, dsc, unc = np.subtract(parts[1], parts[0])
    assert unc == 0
    assert mcb - dsc == pytest.approx(whole.of("b")["brier"].estimate.value, abs=1e-12)


def test_figures_do_not_depend_on_threads_or_order() -> None:
    """The same to the last digit."""
    options: dict[str, Any] = {"id": "id"}
    known = figures(calaudit.compare({"a": FIRST, "b": SECOND}, **options, threads=1))
    shuffled = FIRST.sample(frac=1, random_state=5)
    assert figures(calaudit.compare({"a": shuffled, "b": SECOND}, **options, threads=3)) == known


def test_frame_of_differences(whole: CompareReport) -> None:
    """One row a model and figure: its own, and what it is more than the baseline's."""
    frame = whole.to_frame()
    difference = whole.of("b")["brier"].estimate.value
    assert frame.loc[("b", "brier_difference"), "value"] == difference
    own = frame["value"].xs("brier", level="metric")
    assert own["b"] - own["a"] == pytest.approx(difference)


def test_two_periods_say_what_changed(tmp_path):
    """Scores that move, a map that turns, and both; saved reports say the same as rows."""
    rng = np.random.default_rng(8)

    def period(shift: float, turn: float) -> pd.DataFrame:
        z = rng.normal(shift, 1.2, 4000)
        label = rng.random(4000) < 1 / (1 + np.exp(-(z + turn)))
        return pd.DataFrame({"score": (1 / (1 + np.exp(-z))).round(3), "label": label.astype(int)})

    before = period(0, 0)
    for shift, turn, kind in (
        (0, 0, "none"),
        (0.6, 0, "scores"),
        (0, 0.8, "map"),
        (0.6, 0.8, "both"),
    ):
        after = period(shift, turn)
        report = calaudit.compare({"may": before, "june": after})
        assert report.change is not None
        assert report.change.kind == kind
        gaps = [calaudit.evaluate(each).metrics["ece"].value for each in (before, after)]
        assert (report.change.ece, report.change.ece_of_both) == pytest.approx(gaps, abs=1e-9)
        note = next(note for note in report.notes if note.code == "changed")
        assert note.figures["kind"] == kind
    paths = []
    for name, frame in (("may", before), ("june", after)):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(calaudit.evaluate(frame).to_json())
    assert calaudit.compare(paths).change == report.change
    same = calaudit.compare(
        {"a": before.assign(id=range(4000)), "b": before.assign(id=range(4000))}, id="id"
    )
    assert same.change is None

"""Rows that belong together: point figures stay, and their noise is that of the groups."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score

import calaudit
from calaudit.cli import main
from calaudit.errors import InputError, SettingsError
from tests.golden.cases import FOLDER

G, SIZE = 40, 30


def evaluated(*data: Any, **options: Any) -> Any:
    """Return the report."""
    return calaudit.evaluate(*data, **options)


def rows(seed: int = 1, groups: int = G, decimals: int | None = 2):
    """Return labels, scores and groups of unequal sizes whose rows share an effect."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(groups), rng.integers(5, 2 * SIZE, groups)))
    effect = rng.normal(0.0, 0.7, groups)[group]
    z = rng.normal(0.0, 1.2, len(group)) + effect
    p = 1.0 / (1.0 + np.exp(-z))
    if decimals is not None:
        p = np.clip(np.round(p, decimals), 0.01, 0.99)
    y = (rng.random(len(p)) < 1.0 / (1.0 + np.exp(-0.7 * z - 0.5 * effect))).astype(int)
    return y, p, group


def by_group(values, group):
    """Return the sums by group."""
    return np.bincount(group, values)


def cluster_t(x, group):
    """Return mean, standard error (CR2) and Satterthwaite's df, from single rows."""
    n, mean = len(x), x.mean()
    u, size = by_group(x - mean, group), np.bincount(group).astype(float)
    u, size = u[size > 0], size[size > 0]
    error = np.sqrt((u**2 / (1 - size / n)).sum()) / n
    s2 = ((x - mean) ** 2).mean()
    alike = np.clip(((u**2).sum() - n * s2) / (s2 * (size * (size - 1)).sum()), 0, 1)
    weight = size * (1 + (size - 1) * alike)
    return mean, error, weight.sum() ** 2 / (weight**2).sum() - 1


def korn_graubard(hits, group, level=0.95):
    """Return the interval of a share, from single rows."""
    n, share, g = len(hits), hits.mean(), len(np.unique(group))
    variance = (by_group(hits - share, group) ** 2).sum() * g / (g - 1) / n**2
    tail = (1 - level) / 2
    ratio = stats.norm.isf(tail) / stats.t.isf(tail, g - 1)
    n_eff = n / max(variance / (share * (1 - share) / n), 1.0) * ratio**2
    k = share * n_eff
    return stats.beta.ppf([tail, 1 - tail], [k, k + 1], [n_eff - k + 1, n_eff - k])


def test_means_have_the_intervals_of_groups():
    """Losses, scores and their difference from outcomes: CR2 with Satterthwaite's df."""
    y, p, group = rows()
    found = evaluated(y, p, group=group)
    losses = {
        "log_loss": -np.log(np.where(y == 1, p, 1 - p)),
        "brier": (y - p) ** 2,
        "mean_score": p,
        "mean_confidence": np.maximum(p, 1 - p),
    }
    for name, x in losses.items():
        mean, error, df = cluster_t(x, group)
        estimate = found.metrics[name]
        half = stats.t.ppf(0.975, df) * error
        assert estimate.value == pytest.approx(mean, rel=1e-12)
        assert (estimate.low, estimate.high) == pytest.approx((mean - half, mean + half), rel=1e-9)
    mean, error, df = cluster_t(p - y, group)
    half = stats.t.ppf(0.975, df) * error
    gap = found.verdict.gap
    assert (gap.low, gap.high) == pytest.approx((mean - half, mean + half), rel=1e-9)


def test_shares_have_the_intervals_of_groups():
    """Shares of all rows and of a bin: Korn & Graubard 1998."""
    y, p, group = rows(2)
    found = evaluated(y, p, group=group, bins=10)
    for name, hits in (("base_rate", y == 1), ("accuracy", (p >= 0.5) == y)):
        low, high = korn_graubard(hits.astype(float), group)
        estimate = found.metrics[name]
        assert (estimate.low, estimate.high) == pytest.approx((low, high), rel=1e-7)
    fifth = (p > 0.4 + 1e-9) & (p <= 0.5 + 1e-9)
    low, high = korn_graubard(
        y[fifth].astype(float), np.unique(group[fifth], return_inverse=True)[1]
    )
    assert (found.bins[4].low, found.bins[4].high) == pytest.approx((low, high), rel=1e-7)


def test_where_all_rows_are_hits_groups_count():
    """Of 40 groups without an error the interval is that of 40 hits."""
    y, p, group = rows(3)
    found = evaluated(y, np.where(y == 1, np.maximum(p, 0.51), p / 2.1), group=group)
    accuracy = found.metrics["accuracy"]
    assert accuracy.value == 1.0
    assert accuracy.low == pytest.approx(stats.beta.ppf(0.025, G, 1), rel=1e-9)


def test_auroc_has_the_variance_of_groups():
    """Obuchowski 1997: DeLong's terms added up by group."""
    y, p, group = rows(4)
    one, zero = p[y == 1], p[y == 0]
    wins = (one[:, None] > zero) + 0.5 * (one[:, None] == zero)
    value = wins.mean()
    h = np.zeros(len(y))
    h[y == 1] = (wins.mean(axis=1) - value) / len(one)
    h[y == 0] = (wins.mean(axis=0) - value) / len(zero)
    error = np.sqrt((by_group(h, group) ** 2).sum() * G / (G - 1))
    half = stats.t.ppf(0.975, G - 1) * error / (value * (1 - value))
    ends = 1 / (1 + np.exp(-np.log(value / (1 - value)) + np.array([half, -half])))
    found = evaluated(y, p, group=group).metrics["auroc"]
    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.low, found.high) == pytest.approx(tuple(ends), rel=1e-9)


def test_average_precision_has_the_variance_of_groups():
    """Against the infinitesimal jackknife over groups, by differences of scikit-learn's figure."""
    y, p, group = rows(5)
    step = 1e-5
    value = average_precision_score(y, p)
    slopes = [
        (average_precision_score(y, p, sample_weight=1 + step * (group == g)) - value) / step
        for g in range(G)
    ]
    error = np.sqrt((np.square(slopes)).sum() * G / (G - 1))
    found = evaluated(y, p, group=group).metrics["average_precision"]
    logit = [np.log(x / (1 - x)) for x in (found.low, found.high)]
    half = stats.t.ppf(0.975, G - 1) * error / (value * (1 - value))
    assert logit[1] - logit[0] == pytest.approx(2 * half, rel=1e-3)


def test_cox_line_has_the_sandwich_of_groups():
    """The cluster-robust variance of a logistic regression."""
    y, p, group = rows(6)
    z = np.log(p / (1 - p))
    x = np.stack([np.ones_like(z), z], axis=1)
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        mu = 1 / (1 + np.exp(-x @ beta))
        beta += np.linalg.solve(x.T @ (x * (mu * (1 - mu))[:, None]), x.T @ (y - mu))
    mu = 1 / (1 + np.exp(-x @ beta))
    bread = np.linalg.inv(x.T @ (x * (mu * (1 - mu))[:, None]))
    scores = np.stack([by_group((y - mu) * x[:, j], group) for j in (0, 1)], axis=1)
    errors = np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread) * G / (G - 1))
    found = evaluated(y, p, group=group).metrics
    names = ("cox_intercept", "cox_slope")
    for name, b, error in zip(names, beta, errors, strict=True):
        half = stats.t.ppf(0.975, G - 1) * error
        assert (found[name].low, found[name].high) == pytest.approx((b - half, b + half), rel=1e-7)


def test_the_chance_figure_and_the_z_are_those_of_groups():
    """Both from the residuals of groups."""
    y, p, group = rows(7)
    found = evaluated(y, p, group=group, bins=15).metrics
    b = np.clip(np.ceil(p * 15 - 1e-9).astype(int) - 1, 0, 14)
    sums = np.bincount(group * 15 + b, y - p, G * 15).reshape(G, 15)
    floor = np.sqrt(2 / np.pi * (sums**2).sum(axis=0) * G / (G - 1)).sum() / len(y)
    assert found["noise_floor"].value == pytest.approx(floor, rel=1e-9)
    terms = by_group((y - p) * (1 - 2 * p), group)
    z = terms.sum() / np.sqrt((terms**2).sum() * G / (G - 1))
    assert found["spiegelhalter_z"].value == pytest.approx(z, rel=1e-9)
    assert found["spiegelhalter_z"].p_value == pytest.approx(
        2 * stats.t.sf(abs(z), G - 1), rel=1e-9
    )


def test_losses_of_several_classes_are_added_up_by_group():
    """They do not follow from the confidences, and have the intervals of groups all the same."""
    rng = np.random.default_rng(8)
    group = rng.integers(0, 25, 900)
    z = rng.normal(size=(900, 4)) + rng.normal(0, 1, (25, 4))[group]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > rng.random((900, 1))).argmax(axis=1)
    found = evaluated(y, p, group=group).metrics
    truth = p[np.arange(900), y]
    brier = ((p - np.eye(4)[y]) ** 2).sum(axis=1)
    for name, x, close in (("log_loss", -np.log(truth), 1e-6), ("brier", brier, 1e-6)):
        mean, error, df = cluster_t(x, group)
        half = stats.t.ppf(0.975, df) * error
        assert found[name].value == pytest.approx(mean, rel=1e-9)
        assert found[name].high - found[name].low == pytest.approx(2 * half, rel=close)
    for name in ("classwise_ece", "recoverable_log_loss"):
        assert found[name].low is None
        assert found[name].reason == "no interval for rows that belong together"


def test_rows_that_are_each_a_group_are_independent():
    """Then the report is the plain one, within what is drawn at random."""
    y, p, _ = rows(9, decimals=None)
    plain = evaluated(y, p).metrics
    alone = evaluated(y, p, group=np.arange(len(y))).metrics
    for name in ("accuracy", "log_loss", "brier", "auroc", "average_precision", "cox_slope"):
        width = plain[name].high - plain[name].low
        assert alone[name].value == plain[name].value
        assert alone[name].high - alone[name].low == pytest.approx(width, rel=0.03)
    for name in ("smece", "ece", "ecce_mad"):
        width = plain[name].high - plain[name].low
        assert alone[name].value == plain[name].value
        assert alone[name].high - alone[name].low == pytest.approx(width, rel=0.25)
        assert alone[name].noise_floor == pytest.approx(plain[name].noise_floor, rel=0.15)


def test_the_order_of_rows_and_files_changes_nothing(tmp_path):
    """Nor do file formats: a group is the same as a number and as a text."""
    y, p, group = rows(10, groups=300, decimals=None)
    frame = pd.DataFrame({"label": y, "score": p, "user": group, "region": group % 3})
    frame.to_csv(tmp_path / "whole.csv", index=False)
    mixed = frame.sample(frac=1, random_state=1)
    for part in range(4):
        mixed[part::4].astype({"user": str}).to_parquet(tmp_path / f"part-{part}.parquet")
    options = {"group": "user", "by": "region", "score": "score", "label": "label"}
    one = evaluated(str(tmp_path / "whole.csv"), **options)
    more = evaluated(
        [str(tmp_path / f"part-{part}.parquet") for part in range(4)], threads=3, **options
    )
    assert one.groups == more.groups
    assert one.metrics == more.metrics
    assert [s.metrics for s in one.slices] == [s.metrics for s in more.slices]
    assert one.slices[0].metrics["log_loss"].method == "cluster-robust (CR2)"


def test_more_groups_than_are_kept_apart_are_put_together():
    """The hash puts independent groups together, which leaves the variance as it is."""
    rng = np.random.default_rng(11)
    p = np.round(rng.random(30_000), 3)
    y = (rng.random(30_000) < p).astype(int)
    group = np.arange(30_000) // 3
    found = evaluated(y, p, group=group)
    plain = evaluated(y, p)
    assert found.groups.groups is None
    assert found.groups.design_effect == pytest.approx(1.0, abs=0.1)
    for name in ("log_loss", "auroc"):
        width = plain.metrics[name].high - plain.metrics[name].low
        found_width = found.metrics[name].high - found.metrics[name].low
        assert found_width == pytest.approx(width, rel=0.06)


@pytest.mark.parametrize(("groups", "has"), [(4, False), (5, True)])
def test_few_groups_have_no_interval(groups, has):
    """Fewer than five groups say nothing of their own spread."""
    y, p, group = rows(12, groups=groups)
    found = evaluated(y, p, group=group)
    for name in ("smece", "ece", "log_loss", "accuracy", "auroc", "cox_slope", "corp_mcb"):
        estimate = found.metrics[name]
        assert (estimate.p_value is not None or estimate.low is not None) == has, name
    assert "groups" in [note.code for note in found.notes]
    assert "rows" not in found.verdict.sentence


def test_what_is_said():
    """Groups are what counts, and sentences count them."""
    _, p, group = rows(13, groups=60)
    calibrated = (np.random.default_rng(1).random(len(p)) < p).astype(int)
    found = evaluated(calibrated, p, group=group)
    assert "60 groups can show" in found.verdict.sentence
    note = next(note for note in found.notes if note.code == "groups")
    assert "those of 60 groups, the largest with" in note.text
    assert found.settings["group"] == "group"


def test_a_row_in_no_group_is_refused(tmp_path):
    """It could be of any; and a column is asked for once."""
    y, p, group = rows(14)
    frame = pd.DataFrame({"label": y, "score": p, "user": [f"u{g}" for g in group]})
    frame.loc[7, "user"] = None
    frame.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(InputError, match="row 8 has no value in 'user', and so is in no group"):
        evaluated(str(tmp_path / "a.csv"), group="user")
    with pytest.raises(SettingsError, match="both with --by and with --group"):
        evaluated(str(tmp_path / "a.csv"), group="user", by="user")


@pytest.mark.cases
@pytest.mark.parametrize(
    ("column", "name"), [("question", "gap_by_question"), ("model", "gap_by_model")]
)
def test_answers_of_language_models(column, name):
    """48 models and 300 questions, against figures from independent code."""
    want = json.loads((FOLDER / "golden2.json").read_text())["gastro_llm"]["all models pooled"]
    found = evaluated(
        str(FOLDER / "gastro_llm/data.csv"),
        confidence="confidence",
        correct="correct",
        group=column,
    )
    gap, mean = found.verdict.gap, want[f"gap_by_{column}"]
    assert (-gap.high, -gap.low) == pytest.approx((mean["low"], mean["high"]), abs=1e-9)
    floors = want[f"floors_by_{column}"]
    assert found.metrics["ece"].value == pytest.approx(floors["ece15"], abs=1e-9)
    assert found.metrics["ece"].noise_floor == pytest.approx(floors["floor_groups"], abs=1e-9)
    assert found.groups.groups == mean["groups"]


@pytest.mark.parametrize(
    ("column", "values", "noticed"),
    [
        ("patient_id", np.arange(400) % 40, True),
        ("question", np.arange(400) % 100, True),
        ("patient_id", np.arange(400), False),  # each row its own
        ("session_id", np.arange(400) % 3, False),  # rather kinds of rows
        ("region", np.arange(400) % 40, False),
        ("model_id", np.arange(400) % 40, False),  # models are compared, not grouped
    ],
)
def test_cases_with_several_rows_are_noticed(tmp_path, column, values, noticed):
    """Nothing is assumed of them: the advice is a command, and following it works."""
    rng = np.random.default_rng(15)
    p = rng.random(400).round(3)
    frame = pd.DataFrame({column: values, "score": p, "label": (rng.random(400) < p).astype(int)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = evaluated(str(tmp_path / "a.csv"))
    notes = [note for note in found.notes if note.code == "rows-together"]
    assert bool(notes) == noticed
    if noticed:
        assert notes[0].advice.startswith(f"--group {column} ")
        grouped = evaluated(str(tmp_path / "a.csv"), group=column)
        assert grouped.groups.groups == len(set(values))
        assert "rows-together" not in [note.code for note in grouped.notes]


def test_a_bin_for_each_percent_and_scores_of_all_sizes():
    """Cells end where bins do, although a few tiny scores make the others coarse."""
    rng = np.random.default_rng(16)
    p = np.concatenate([rng.random(19_950), 10 ** rng.uniform(-9, -2, 50)])
    y, group = (rng.random(20_000) < p).astype(int), np.arange(20_000) % 3000
    plain, grouped = evaluated(y, p, bins=100), evaluated(y, p, bins=100, group=group)
    ratio = [
        (g.high - g.low) / (b.high - b.low) for b, g in zip(plain.bins, grouped.bins, strict=True)
    ]
    assert np.mean(ratio) == pytest.approx(1.05, abs=0.06)
    floors = [each.metrics["noise_floor"].value for each in (plain, grouped)]
    assert floors[1] == pytest.approx(floors[0], rel=0.03)
    for name in ("ece", "mce", "smece", "cox_test"):
        assert grouped.metrics[name].p_value > 0.02
    with pytest.raises(SettingsError, match="with --group there are 200 bins at most"):
        evaluated(y, p, bins=300, group=group)


@pytest.mark.parametrize("groups", [1, 2])
def test_one_group_alone_and_in_a_slice(groups):
    """There is no spread between groups: figures have no interval, and nothing breaks."""
    y, p, group = rows(17, groups=30)
    found = evaluated(y, p, group=group % groups)
    assert found.metrics["smece"].low is None
    assert found.metrics["noise_floor"].value is None
    by = {"rare": np.where(group < groups, "yes", "no")}
    slices = {each.value: each for each in evaluated(y, p, group=group, by=by).slices}
    assert slices["yes"].metrics["smece"].low is None
    assert slices["no"].metrics["smece"].low is not None


def test_weights_that_do_not_add_up_to_the_last_digit():
    """Where every prediction is right the share is 1, and the interval that of the groups."""
    for seed in range(14):
        rng = np.random.default_rng(seed)
        y, group, weight = rng.integers(0, 2, 200), np.arange(200) % 20, rng.random(200)
        p = np.where(y == 1, 0.6 + 0.3 * rng.random(200), 0.4 * rng.random(200))
        accuracy = evaluated(y, p, group=group, sample_weight=weight).metrics["accuracy"]
        assert accuracy.value == 1.0
        assert accuracy.low == pytest.approx(stats.beta.ppf(0.025, 20, 1), rel=1e-9)


def test_what_groups_are_called_changes_nothing():
    """Nor whether a whole number is written as an integer or with a point."""
    y, p, group = rows(18)
    first = evaluated(y, p, group=group)
    names = np.array([f"patient {7919 * g % 1009}" for g in range(G)])[group]
    assert evaluated(y, p, group=names).metrics == first.metrics
    mixed = np.where(
        np.arange(len(y)) % 2 == 0, group.astype(str), np.char.add(group.astype(str), ".0")
    )
    assert evaluated(y, p, group=mixed).groups.groups == G


def test_classes_have_no_intervals_of_independent_rows():
    """Groups are not counted by class."""
    rng = np.random.default_rng(19)
    p = rng.dirichlet(np.ones(3), 400)
    y = (p.cumsum(axis=1) > rng.random((400, 1))).argmax(axis=1)
    for each in evaluated(y, p, group=np.arange(400) % 40).by_class:
        assert (each.ece.low, each.ece.p_value) == (None, None)
        assert {b.low for b in each.bins} == {None}


ONE = {"max_brier": 0.5}
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("evaluate", {}), ("check", ONE), ("threshold", {"cost_fp": 1, "cost_fn": 2}), ("fit", {}),
    ("audit", {}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_notices(command, options, tmp_path):
    """Rows of one patient, and files of several models on the same rows."""
    rng = np.random.default_rng(20)
    p = rng.random(400).round(3)
    y = (rng.random(400) < p).astype(int)
    frame = pd.DataFrame({"patient": np.arange(400) % 40, "score": p, "label": y})
    found = codes_of(command, frame, options)
    assert "rows-together" in found
    assert "rows-together" not in codes_of(command, frame, {**options, "group": "patient"})
    files = []
    for model in "ab":
        files.append(str(tmp_path / f"{model}.csv"))
        score = np.clip(p + rng.normal(0, 0.05, 400), 0.01, 0.99)
        pd.DataFrame({"id": np.arange(400), "score": score, "label": y}).to_csv(files[-1])
    assert "files-share-ids" in codes_of(command, files, options)
    assert "files-share-ids" not in codes_of(command, files, {**options, "group": "id"})


def codes_of(command, data, options):
    """Return the codes of what a command notices."""
    report = getattr(calaudit, command)(data, **options)
    notes = report.certificate.remarks if command == "fit" else report.notes
    return [note.code for note in notes]


def test_files_that_number_their_rows_are_no_models(tmp_path):
    """Two days whose rows are numbered from 0 have the same ids, and other labels."""
    rng = np.random.default_rng(21)
    files = []
    for day in "ab":
        files.append(str(tmp_path / f"{day}.csv"))
        p = rng.random(300).round(3)
        y = (rng.random(300) < p).astype(int)
        pd.DataFrame({"id": np.arange(300), "score": p, "label": y}).to_csv(files[-1], index=False)
    assert "files-share-ids" not in codes_of("evaluate", files, {})


def test_the_advice_on_files_of_several_models_works(tmp_path, capsys, monkeypatch):
    """Both commands of it run."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(22)
    p = rng.random(200).round(3)
    y = (rng.random(200) < p).astype(int)
    for model in "ab":
        score = np.clip(p + rng.normal(0, 0.05, 200), 0.01, 0.99)
        pd.DataFrame({"case_id": np.arange(200), "score": score, "label": y}).to_csv(
            f"{model}.csv", index=False
        )
    (note,) = (n for n in evaluated(["a.csv", "b.csv"]).notes if n.code == "files-share-ids")
    compare = note.advice.partition(" says")[0].removeprefix("calaudit ").split()
    assert compare == ["compare", "a.csv", "b.csv", "--id", "case_id"]
    assert main(compare) == 0
    assert main(["evaluate", "a.csv", "b.csv", "--group", "case_id"]) == 0
    assert "in 200 groups by case_id" in capsys.readouterr().out

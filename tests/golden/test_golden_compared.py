"""Differences between models on real rows, against those of independent code on raw rows."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.model_set import all_pairs, losses_of, model_set
from calaudit.metrics.murphy import THETAS, elementary_scores
from calaudit.metrics.paired import (
    Agreement,
    Rows,
    accuracy_difference,
    auroc_difference,
    mcnemar,
    mean_difference,
    share_among,
)
from tests.golden import cases

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not (cases.FOLDER / "golden2.json").exists(), reason=cases.ABSENT),
]

MONTE_CARLO = 0.01
MODELS = ("Logistic", "EMOS", "ENS", "EPC")
CLEAN = ("clean", "attack")


@cache
def golden() -> Any:
    """Return the figures of independent code."""
    return json.loads((cases.FOLDER / "golden2.json").read_text())


def softmax(z: Any) -> Any:
    """Return probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def close(ours: Estimate, theirs: Any) -> None:
    """Assert that value, interval and p-value are those of the independent code."""
    found = (ours.value, ours.low, ours.high)
    assert found == pytest.approx([theirs[k] for k in ("value", "low", "high")], abs=1e-9)
    assert ours.p_value == pytest.approx(theirs["p"], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "files", "prefix"),
    [
        ("cifar10 wrn (A) -> lenet5 (B), paired by row order",
         ("cifar10_wrn/data.parquet", "cifar10_wrn/lenet5.parquet"), "p_"),
        ("eurosat rgb (A) -> ms (B), paired by row order",
         ("eurosat_rgb_logits/data.parquet", "eurosat_rgb_logits/ms.parquet"), "logit_"),
    ],
)  # fmt: skip
def test_two_models_of_several_classes(name: str, files: tuple[str, str], prefix: str) -> None:
    """Log loss, Brier score and accuracy of the same images, and McNemar's test."""
    theirs = golden()[name]
    y = cases.column(files[0], "label")
    both = []
    for file in files:
        p = np.stack([cases.column(file, f"{prefix}{k}") for k in range(10)], axis=1)
        both.append(softmax(p.astype(np.float64)) if prefix == "logit_" else p.astype(np.float64))
    rows = Rows(np.ones(len(y)))
    truth = np.eye(10)[y]
    logs = [-np.log(np.maximum(p[np.arange(len(y)), y], 2.0**-52)) for p in both]
    close(mean_difference(logs[1] - logs[0], rows, level=0.95), theirs["d_log_loss"])
    squares = [((p - truth) ** 2).sum(axis=1) for p in both]
    close(mean_difference(squares[1] - squares[0], rows, level=0.95), theirs["d_brier"])
    right = [p.argmax(axis=1) == y for p in both]
    counts = Agreement.of(right[0], right[1], rows)
    found, known = accuracy_difference(counts, rows, level=0.95), theirs["d_accuracy"]
    assert found.value == pytest.approx(known["value"], abs=1e-12)
    assert (found.low, found.high) == pytest.approx(known["newcombe10"], abs=1e-9)
    assert (counts.both, counts.only_b, counts.only_a, counts.neither) == tuple(
        known[k] for k in ("both_right", "only_b", "only_a", "neither")
    )
    tests = mcnemar(counts.only_a, counts.only_b)
    assert tests == pytest.approx((known["mcnemar_midp"], known["mcnemar_exact"]), rel=1e-7)


def forecasts() -> tuple[Any, dict[str, Any]]:
    """Return whether it rained, and four forecasts."""
    file = "niamey_precip/data.csv"
    return cases.column(file, "obs") == 1, {m: cases.column(file, m) for m in MODELS}


def test_pairs_of_forecasters() -> None:
    """Brier scores by t, and AUROCs by DeLong's test."""
    y, scores = forecasts()
    rows = Rows(np.ones(len(y)))
    for name, theirs in golden()["niamey four forecasters"]["pairs"].items():
        after, before = (scores[m] for m in name.split("-"))
        d = (after - y) ** 2 - (before - y) ** 2
        close(mean_difference(d, rows, level=0.95), theirs["d_brier"])
        found = auroc_difference((before, after), (y, y), rows, level=0.95)
        close(found, theirs["d_auroc"])


def test_set_of_forecasters() -> None:
    """The Model Confidence Set keeps all four; the adjusted p-value of the largest difference."""
    y, scores = forecasts()
    theirs = golden()["niamey four forecasters"]
    losses = losses_of(np.stack([(s - y) ** 2 for s in scores.values()]), Rows(np.ones(len(y))))
    found = dict(zip(MODELS, model_set(losses, np.random.default_rng(0)), strict=True))
    assert found == pytest.approx(theirs["mcs_brier_tmax_p_mc"], abs=MONTE_CARLO)
    pairs = all_pairs(losses, np.random.default_rng(0), level=0.95)
    names = [f"{MODELS[b]}-{MODELS[a]}" for a, b in zip(pairs.first, pairs.second, strict=True)]
    single = theirs["maxt_single_step_p_mc"]
    ours = dict(zip(names, pairs.p, strict=True))
    assert ours["EPC-Logistic"] == pytest.approx(single["EPC-Logistic"], abs=MONTE_CARLO)
    assert all(ours[name] <= single[name] + MONTE_CARLO for name in names)


def test_murphy_diagrams_of_forecasters() -> None:
    """Mean elementary scores at some cost ratios."""
    y, scores = forecasts()
    for model, theirs in golden()["niamey four forecasters"]["murphy"].items():
        ours = elementary_scores(scores[model], y, np.ones(len(y)))
        found = {f"{t:.2f}": s for t, s in zip(THETAS, ours, strict=True)}
        assert {k: found[k] for k in theirs} == pytest.approx(theirs, abs=1e-12)


def test_a_score_at_the_cost_ratio_counts_on_either_side() -> None:
    """At θ = ¾, which ENS says of many days, the limits of S differ as other tools have them."""
    y, scores = forecasts()
    w = np.ones(len(y))
    found = [elementary_scores(scores["ENS"], y, w, reached=r)[74] for r in (True, False)]
    assert found == pytest.approx([0.2120, 0.2038], abs=5e-5)


def test_two_language_models() -> None:
    """Questions that both answered: McNemar's test, and the Brier score of their confidence."""
    theirs = golden()["gastro_llm"][
        "gpt-4o-2024-05-13 (A) -> Llama3.1-405B (B), paired by question"
    ]
    frame = cases.table("gastro_llm/data.csv").to_pandas()
    models = [frame[frame["model"] == m] for m in ("gpt-4o-2024-05-13", "Llama3.1-405B")]
    key = next(c for c in frame.columns if models[0][c].is_unique)
    both = models[0].merge(models[1], on=key, suffixes=("_a", "_b"))
    rows = Rows(np.ones(len(both)))
    right = [both[f"correct_{s}"].to_numpy() == 1 for s in "ab"]
    counts = Agreement.of(right[0], right[1], rows)
    tests = mcnemar(counts.only_a, counts.only_b)
    known = theirs["d_accuracy"]
    assert tests == pytest.approx((known["mcnemar_midp"], known["mcnemar_exact"]), rel=1e-9)
    squares = [(both[f"confidence_{s}"] - r) ** 2 for s, r in zip("ab", right, strict=True)]
    close(
        mean_difference((squares[1] - squares[0]).to_numpy(), rows, level=0.95), theirs["d_brier"]
    )


def compared(files: Any, **options: Any) -> Any:
    """Return what the product says of two models, by figure, and its report."""
    if isinstance(files, str):
        report = calaudit.compare(cases.FOLDER / files, **options)
    else:
        report = calaudit.compare({k: cases.FOLDER / f for k, f in files.items()}, **options)
    return report, report.of(report.models[1].name)


def test_language_models_by_the_command() -> None:
    """Rows of one file, matched by question: who is right on which, and both differences."""
    name = "gpt-4o-2024-05-13 (A) -> Llama3.1-405B (B), paired by question"
    theirs = golden()["gastro_llm"][name]
    models = ["gpt-4o-2024-05-13", "Llama3.1-405B"]
    report, found = compared(
        "gastro_llm/data.csv", model="model", id="question", models=models, allow_unmatched=True
    )
    known = theirs["d_accuracy"]
    names = ("both_right", "only_a", "only_b", "neither", "mcnemar_exact")
    assert report.agreement[models[1]] == pytest.approx([known[k] for k in names], rel=1e-9)
    assert (found["accuracy"].estimate.low, found["accuracy"].estimate.high) == pytest.approx(
        known["newcombe10"], abs=1e-9
    )
    assert found["accuracy"].estimate.p_value == pytest.approx(known["mcnemar_midp"])
    close(found["brier"].estimate, theirs["d_brier"])


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("cifar10 wrn (A) -> lenet5 (B), paired by row order",
         {"a": "cifar10_wrn/data.parquet", "b": "cifar10_wrn/lenet5.parquet"}),
        ("eurosat rgb (A) -> ms (B), paired by row order",
         {"a": "eurosat_rgb_logits/data.parquet", "b": "eurosat_rgb_logits/ms.parquet"}),
    ],
)  # fmt: skip
def test_images_by_the_command(name: str, files: Any) -> None:
    """Losses to the last digits, the ECE's difference within Monte Carlo error."""
    theirs, (_, found) = golden()[name], compared(files, same_order=True)
    close(found["log_loss"].estimate, theirs["d_log_loss"])
    close(found["brier"].estimate, theirs["d_brier"])
    e, known = found["ece"].estimate, theirs["d_ece_paired"]
    assert (e.value, e.low, e.high) == pytest.approx(
        [known[f"{k}_mc"] for k in ("value", "low", "high")], abs=MONTE_CARLO
    )


def test_two_periods_by_the_command() -> None:
    """Separate samples: the ECE's difference within Monte Carlo error, and that of the gaps."""
    files = {k: f"california_housing/{k}.csv" for k in ("reference", "analysis")}
    theirs = golden()["california_housing reference (A) -> analysis (B), unpaired"]
    _, found = compared(files)
    e, known = found["ece"].estimate, theirs["d_ece_unpaired"]
    assert (e.value, e.low, e.high) == pytest.approx(
        [known[f"{k}_mc"] for k in ("value", "low", "high")], abs=MONTE_CARLO
    )
    gap, known = found["gap"].estimate, theirs["d_gap"]  # there label less score
    assert (gap.value, gap.low, gap.high) == pytest.approx(
        [-known["value"], -known["high"], -known["low"]], abs=1e-9
    )
    assert found["accuracy"].estimate.value == pytest.approx(
        theirs["accuracy_b"] - theirs["accuracy_a"], abs=1e-12
    )
    assert found["brier"].estimate.value == pytest.approx(
        theirs["brier_b"] - theirs["brier_a"], abs=1e-12
    )


def test_attacked_images() -> None:
    """Scores of the same images clean and attacked: the mean shift, and how many are higher."""
    theirs = golden()["ood_attack_pair (score negated: higher = more abnormal)"]
    clean, attacked = (cases.column(f"ood_attack_pair/{f}.csv", "score") for f in CLEAN)
    shift, rows = clean - attacked, Rows(np.ones(len(clean)))
    close(mean_difference(shift, rows, level=0.95), theirs["paired_mean_shift"])
    higher = share_among(shift > 0, rows, level=0.95)
    assert higher.value == pytest.approx(theirs["paired_share_higher"], abs=1e-12)
    found = (higher.low, higher.high)
    assert found == pytest.approx(theirs["paired_share_higher_interval"], abs=1e-9)

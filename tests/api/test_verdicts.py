"""The verdict: the right word on models whose truth is known, and sentences that people read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import calaudit
from calaudit.api.reports.verdict_sentences import percent_pair, verdict_of
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import Report, Verdict
from tests.api.simulated import binary, logit, multiclass, sigmoid, top_label


def scored(n: int, seed: int, **truth: float) -> Report:
    """Return the report on a binary model."""
    p, y = binary(n, seed, **truth)
    return calaudit.evaluate(y, p)


def stated(n: int, seed: int, gap: float) -> Report:
    """Return the report on stated confidences that exceed the accuracy by ``gap``."""
    confidence, right = top_label(n, seed, gap=gap)
    return calaudit.evaluate(right, confidence, task="top-label")


def classed(n: int, seed: int, temperature: float) -> Report:
    """Return the report on a multiclass model that is too sure by ``temperature``."""
    _, probs, codes = multiclass(n, 4, seed, temperature=temperature)
    return calaudit.evaluate(codes, probs)


def counted(rate: Callable[[Any], Any], seed: int) -> Report:
    """Return the report on 10⁸ rows: 500,000 at each of 200 scores, drawn at ``rate(score)``."""
    p = np.linspace(0.005, 0.995, 200)
    ones = np.random.default_rng([seed, 9]).binomial(500_000, rate(p))
    y, s, w = np.repeat([1, 0], 200), np.tile(p, 2), np.concatenate([ones, 500_000 - ones])
    return calaudit.evaluate(y[w > 0], s[w > 0], sample_weight=w[w > 0], weight_kind="frequency")


def sure(seed: int, claim: float, truth: float) -> Report:
    """Return the report on 20,000 scores of ``claim``, half of them of the other class."""
    rng = np.random.default_rng([seed, 3])
    up, right = rng.random(20_000) < 0.5, rng.random(20_000) < truth
    return calaudit.evaluate((up == right).astype(int), np.where(up, claim, 1 - claim))


def waved(seed: int) -> Report:
    """Return the report on a model that is right on average and in slope, and wrong between."""
    rng = np.random.default_rng([seed, 5])
    p = rng.uniform(0.1, 0.9, 4000)
    truth = p + 0.08 * np.cos(4 * np.pi * (p - 0.1) / 0.8)
    return calaudit.evaluate((rng.random(4000) < truth).astype(int), p)


def rare(seed: int, shift: float = 0.0) -> Report:
    """Return the report on a model of about 0.3 % events."""
    return scored(30_000, seed, centre=-6.8, shift=shift)


MODELS: dict[str, tuple[Callable[[int], Report], str, str, str]] = {
    "calibrated": (
        lambda s: scored(2000, s), "calibrated", "none",
        r"Calibrated as far as 2,000 rows can show: they could hide a calibration error of up "
        r"to 0\.0\d+\.",
    ),
    "calibrated top-label": (lambda s: stated(1000, s, 0), "calibrated", "none", "Calibrated as"),
    "calibrated multiclass": (lambda s: classed(1500, s, 1), "calibrated", "none", "Calibrated as"),
    "calibrated in 10^8 rows": (
        lambda s: counted(lambda p: p, s), "calibrated", "none",
        r"Calibrated: with 100,000,000 rows, any smooth calibration error is below 0\.00\d+\.",
    ),
    "too few to tell": (
        lambda s: scored(30, s), "unknown", "unknown",
        r"Cannot tell: 30 rows show nothing wrong, but could hide a calibration error of up to "
        r"0\.\d+\.",
    ),
    "one row": (lambda s: scored(1, s), "unknown", "unknown", "Cannot tell: 1 row shows nothing"),
    "negligible in 10^8 rows": (
        lambda s: counted(lambda p: sigmoid(0.995 * logit(p)), s), "negligible", "negligible",
        r"Measurably but negligibly off: a smooth calibration error of 0\.000\d+ \(95 % interval",
    ),
    "too extreme": (
        lambda s: scored(2000, s, slope=0.6), "overconfident", "large",
        r"Overconfident: scores are too extreme \(Cox slope 0\.[5-7]\d\)",
    ),
    "too timid": (
        lambda s: scored(2000, s, slope=1.6), "underconfident", "large",
        r"Underconfident: scores are too timid \(Cox slope 1\.[4-8]\d\)",
    ),
    "too high": (
        lambda s: scored(2000, s, shift=-0.5), "miscalibrated", "large",
        r"Miscalibrated: scores are too high: predicts \d+\.\d % on average, and \d+\.\d % happen",
    ),
    "too low": (
        lambda s: scored(2000, s, shift=0.5), "miscalibrated", "large",
        "Miscalibrated: scores are too low: predicts",
    ),
    "too extreme and too high": (
        lambda s: scored(4000, s, slope=0.6, shift=-0.4), "miscalibrated", "large",
        r"Miscalibrated: scores are too high, and too extreme \(Cox slope 0\.[5-7]\d\): predicts",
    ),
    "right on average only": (
        waved, "miscalibrated", "moderate",
        "Miscalibrated: (right on average, but not at every score|scores are too)",
    ),
    "overconfident top-label": (
        lambda s: stated(1000, s, 0.1), "overconfident", "large",
        r"Overconfident: says 8\d\.\d %, is right 7\d\.\d % of the time",
    ),
    "underconfident top-label": (
        lambda s: stated(2000, s, -0.08), "underconfident", "large",
        r"Underconfident: says 8\d\.\d %, is right 9\d\.\d % of the time",
    ),
    "overconfident multiclass": (
        lambda s: classed(1500, s, 2.0), "overconfident", "large", "Overconfident: says"
    ),
    "underconfident multiclass": (
        lambda s: classed(1500, s, 0.5), "underconfident", "large", "Underconfident: says"
    ),
    "too sure in the tails": (
        lambda s: sure(s, 0.999, 0.993), "overconfident", "moderate",
        r"Overconfident: scores are too extreme \(Cox slope 0\.[67]\d\)",
    ),
}  # fmt: skip

TAIL_MODELS: dict[str, tuple[Callable[[int], Report], str, str, str]] = {
    "calibrated in the tails": (
        lambda s: sure(s, 0.9999, 0.9999), "calibrated", "none", "Calibrated: with 20,000 rows"
    ),
    "rare and calibrated": (
        lambda s: rare(s), "calibrated", "none", "Calibrated as far as 30,000 rows"
    ),
    "rare and too high": (
        lambda s: rare(s, -1.6), "miscalibrated", "large",
        r"scores are too high: predicts 0\.\d+ % on average, and 0\.\d+ % happen",
    ),
    "rare and too low": (
        lambda s: rare(s, 1.5), "miscalibrated", "large",
        r"scores are too low: predicts 0\.\d+ % on average, and [01]\.\d+ % happen",
    ),
}  # fmt: skip


def share_right(model: Any, seeds: range) -> float:
    """Return in what share of draws status, size and sentence are those of the truth."""
    draw, status, size, sentence = model
    right = 0
    for seed in seeds:
        verdict = draw(seed).verdict
        found = (verdict.status, verdict.size) == (status, size)
        right += found and re.search(sentence, verdict.sentence) is not None
    return right / len(seeds)


@pytest.mark.parametrize("name", MODELS)
def test_the_right_word(name: str) -> None:
    """A draw gets the word, the size and the sentence that the model deserves."""
    assert share_right(MODELS[name], range(1)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_right_word_at_length(name: str) -> None:
    """Nine of ten other draws do."""
    assert share_right(MODELS[name], range(100, 130)) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", TAIL_MODELS)
def test_the_right_word_in_the_tails(name: str) -> None:
    """With 0.3 % events, or scores near 0 and 1, an error is measured by the risk."""
    assert share_right(TAIL_MODELS[name], range(10)) >= 0.9


def estimate(value: float | None, low: float | None = None, high: float | None = None,
             **more: Any) -> Estimate:  # fmt: skip
    """Return an estimate at 95 %."""
    return Estimate(value=value, low=low, high=high, level=0.95, method="test", **more)


def judged(
    task: str = "binary", *, n: int = 1000, smece: Estimate | None = None,
    slope: Estimate | None = None, line: float | None = 0.5, gap: Estimate | None = None,
    mean: float = 0.5, rate: float = 0.5,
) -> Verdict:  # fmt: skip
    """Return the verdict on figures made by hand; those not given are blameless."""
    metrics = {
        "n": Estimate(value=float(n)),
        "smece": smece or estimate(0.02, 0, 0.03, unbiased=0.0, noise_floor=0.02, p_value=0.5),
        "cox_slope": slope or estimate(1.0, 0.9, 1.1),
        "cox_test": Estimate(value=1.0, p_value=line),
    }
    return verdict_of(
        task, metrics, gap or estimate(0.0, -0.01, 0.01), level=0.95, mean_score=mean, rate=rate
    )


def test_nothing_found() -> None:
    """Without a finding the sentence says how much could be hidden, and the size follows it."""
    verdict = judged()
    assert (verdict.status, verdict.size, verdict.could_hide) == ("calibrated", "none", 0.03)
    assert verdict.direction is None
    assert verdict.p_value == pytest.approx(0.5 / 0.9)
    assert "1,000 rows" in verdict.sentence
    assert "up to 0.030" in verdict.sentence


def test_too_much_could_be_hidden() -> None:
    """Where a large error could be hidden the answer is that it cannot be told."""
    wide = estimate(0.09, 0.0, 0.12, unbiased=0.0, noise_floor=0.1, p_value=0.5)
    verdict = judged(smece=wide, n=40)
    assert (verdict.status, verdict.size, verdict.could_hide) == ("unknown", "unknown", 0.12)
    assert verdict.sentence == (
        "Cannot tell: 40 rows show nothing wrong, but could hide a calibration error of up to 0.12."
    )


def test_nothing_can_be_computed() -> None:
    """Without a test and without an interval the answer is that nothing can be told."""
    nothing = Estimate(value=None, reason="no rows")
    verdict = judged(smece=nothing, slope=nothing, line=None, n=1)
    assert (verdict.status, verdict.size, verdict.p_value) == ("unknown", "unknown", None)
    assert verdict.sentence.startswith("Cannot tell: 1 row cannot show")


@pytest.mark.parametrize(
    ("smooth", "line", "found"),
    [
        (0.044, 0.9, True), (0.046, 0.9, False), (0.9, 0.0049, True), (0.9, 0.0051, False),
        (None, 0.004, True), (0.04, None, True), (0.045, 0.005, True),
    ],
)  # fmt: skip
def test_two_tests_share_one_size(smooth: float | None, line: float | None, found: bool) -> None:
    """At 95 % the smooth test has a size of 4.5 %, that of the line 0.5 %."""
    verdict = judged(
        smece=estimate(0.08, 0.06, 0.1, unbiased=0.08, p_value=smooth),
        slope=estimate(0.7, 0.6, 0.8), line=line,
    )  # fmt: skip
    assert (verdict.direction is not None) == found


@pytest.mark.parametrize(
    ("rate", "off", "size"),
    [
        (0.5, 0.004, "negligible"), (0.5, 0.006, "moderate"), (0.5, 0.06, "large"),
        (0.003, 0.0002, "negligible"), (0.003, 0.0004, "moderate"), (0.003, 0.002, "large"),
        (0.997, 0.0002, "negligible"), (0.997, 0.002, "large"),
    ],
)  # fmt: skip
def test_size_is_measured_by_the_risk(rate: float, off: float, size: str) -> None:
    """Where outcomes are rare a tenth of their rate is no longer negligible, and half is large."""
    found = estimate(off, 0.9 * off, 1.1 * off, unbiased=off, p_value=0.001)
    assert judged(smece=found, rate=rate, mean=rate + off).size == size


def test_negligible_only_when_its_interval_is() -> None:
    """A small point with a wide interval is not called negligible, and keeps its direction."""
    wide = estimate(0.004, 0.001, 0.02, unbiased=0.004, p_value=0.001)
    narrow = estimate(0.004, 0.0039, 0.0041, unbiased=0.004, p_value=0.001)
    slope = estimate(0.9, 0.85, 0.95)
    assert judged(smece=wide, slope=slope).size == "moderate"
    verdict = judged(smece=narrow, slope=slope)
    assert (verdict.status, verdict.direction) == ("negligible", "overconfident")
    assert verdict.sentence == (
        "Measurably but negligibly off: a smooth calibration error of 0.0040 "
        "(95 % interval 0.0039 to 0.0041)."
    )


def test_direction_of_confidences() -> None:
    """Confidences above accuracy are overconfident, whatever the slope says."""
    off = estimate(0.06, 0.05, 0.07, unbiased=0.06, p_value=0.001)
    timid = estimate(1.4, 1.2, 1.6)
    above = estimate(0.055, 0.05, 0.06)
    verdict = judged("top-label", smece=off, slope=timid, gap=above, mean=0.965, rate=0.91)
    assert verdict.status == "overconfident"
    assert verdict.sentence.startswith("Overconfident: says 96.5 %, is right 91.0 % of the time.")
    even = judged("top-label", smece=off, slope=timid, mean=0.9, rate=0.9)
    assert even.status == "underconfident"
    assert even.sentence.startswith(
        "Underconfident: confidences are too timid (Cox slope 1.40), though right on average: says "
        "90.0 %, is right 90.0 % of the time."
    )
    little = estimate(0.01, 0.005, 0.015)
    high = judged("top-label", smece=off, slope=timid, gap=little, mean=0.91, rate=0.9)
    assert high.sentence.startswith(
        "Underconfident: confidences are too timid (Cox slope 1.40), though too high on average: "
        "says 91.0 %, is right 90.0 % of the time."
    )


@pytest.mark.parametrize(
    ("slope", "sentence"),
    [
        ((0.75, 0.7, 0.8), "Overconfident where it is surest: "),
        ((1.4, 1.3, 1.5), "Underconfident where it is surest: "),
        ((1.0, 0.9, 1.1), "Miscalibrated near 0 and 1"),
    ],
)
def test_tails(slope: tuple[float, float, float], sentence: str) -> None:
    """What only the line test sees is an error of the tails, and is said to be one."""
    small = estimate(0.006, 0.0, 0.011, unbiased=0.002, p_value=0.3)
    verdict = judged(smece=small, slope=estimate(*slope), line=0.001)
    assert verdict.sentence.startswith(sentence)
    assert "at most 0.011" in verdict.sentence


def test_gap_of_a_report() -> None:
    """The gap in a report is the difference of the means of the rows."""
    p, y = binary(500, 3, shift=0.4)
    gap = calaudit.evaluate(y, p).verdict.gap
    # The larger of the spread seen and expected; some 90 surprises leave none to be missed.
    spread = max(500 * np.var(p - y), (p * (1 - p)).sum())
    error = 1.959964 * np.sqrt(spread / 500 / 499)
    assert gap.value == pytest.approx(p.mean() - y.mean())
    assert (gap.low, gap.high) == pytest.approx((gap.value - error, gap.value + error), rel=1e-6)


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        ((0.9651, 0.911), ("96.5 %", "91.1 %")),
        ((0.99962, 0.99931), ("99.962 %", "99.931 %")),
        ((0.003, 0.0021), ("0.300 %", "0.210 %")),
        ((1.0, 0.99999), ("100.00000 %", "99.99900 %")),
        ((0.5, 0.5), ("50.0 %", "50.0 %")),
        ((0.0, 1.0), ("0.0 %", "100.0 %")),
    ],
)
def test_percent_pair(pair: tuple[float, float], shown: tuple[str, str]) -> None:
    """Two shares get as many decimals as it takes to tell them apart."""
    assert percent_pair(*pair) == shown


@pytest.mark.slow
def test_false_alarms() -> None:
    """Of 200 calibrated models at most 5 % and two standard errors are called off."""
    alarms = sum(scored(500, seed).verdict.direction is not None for seed in range(200))
    assert alarms / 200 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ({0.7: 30, 0.9: 70, 1.0: 48}, "It tells right from wrong: AUROC {:.2f}"),
        ({0.7: 60, 0.9: 61, 1.0: 30}, "Whether it tells right from wrong is open: AUROC {:.2f}"),
        (
            {0.7: 95, 0.9: 50, 1.0: 10},
            "The surest predictions are the most often wrong (AUROC {:.2f}",
        ),
    ],
)
def test_stated_values_are_named_with_how_often_they_are_wrong(right, told):
    """The surest first, then the one that is stated most often."""
    rows = {0.7: 100, 0.9: 101, 1.0: 50}
    p = np.concatenate([np.full(n, value) for value, n in rows.items()])
    y = np.concatenate([np.arange(n) < right[value] for value, n in rows.items()])
    sentence = calaudit.evaluate(y, p, task="top-label").verdict.sentence
    wrong = {value: n - right[value] for value, n in rows.items()}
    said = f"Stated 1: wrong {wrong[1.0]} of 50; 0.9, most often: wrong {wrong[0.9]} of 101."
    assert said in sentence
    assert told.format(roc_auc_score(y, p)) in sentence
    grouped = calaudit.evaluate(y, p, task="top-label", group=np.arange(251) // 4)
    assert "Stated 1" not in grouped.verdict.sentence

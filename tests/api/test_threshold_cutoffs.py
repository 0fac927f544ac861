"""Applying ``score >= t`` with the printed numbers gives exactly the printed counts."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit import NotEnoughData
from calaudit.api.decisions.units import shortest_between
from tests.api.decided import applied, option_of

ASKED: dict[str, dict[str, Any]] = {
    "costs": {"cost_fp": 1, "cost_fn": 7},
    "band": {"cost_fp": 1, "cost_fn": 7, "cost_review": 0.3},
    "cheapest": {"cost_fp": 1, "cost_fn": 7, "cost_review": 0.3, "method": "empirical"},
    "limits": {"min_precision": 0.6, "min_recall": 0.7, "guarantee": None, "max_review": "60%"},
    "shifted": {"cost_fp": 1, "cost_fn": 7, "cost_review": 0.3, "prevalence": 0.2},
}
GIVEN = ("cutoff_half", "current")
"""Options whose cutoffs are numbers that were given, and are read in the type of the scores."""

KINDS = ("continuous", "rounded", "extreme")
SCALES = [("probability", 1), ("probability", 100), ("logit", 1)]


def scores(n: int, kind: str, scale: str, whole: int, dtype: str) -> tuple[Any, Any]:
    """Return a column of scores of a type, and labels."""
    rng = np.random.default_rng([n, KINDS.index(kind), whole, len(scale)])
    z = rng.normal(size=n) * (30 if kind == "extreme" else 2)
    p = 1 / (1 + np.exp(-z))
    y = (rng.random(n) < np.clip(p, 0.02, 0.98)).astype(np.int64)
    if kind == "rounded":
        p, z = p.round(2), z.round(1)
    return (z if scale == "logit" else p * whole).astype(dtype), y


def check(report: Any, x: Any, y: Any, *, wide: bool = False) -> int:
    """Assert that every option has the counts of its cutoffs, and return how many were held."""
    held = 0
    for option in report.options:
        if option.split is not None or (wide and option.name in GIVEN):
            continue
        assert applied(option, x, y) == pytest.approx(option.counts, abs=1e-6), option.name
        held += 1
    return held


def ask(path: Path, scale: str, whole: int, asked: dict[str, Any], current: float) -> Any:
    """Return the report on a file, or nothing where the limits cannot be kept."""
    columns = {"logits": "s"} if scale == "logit" else {"score": "s", "out_of": whole}
    try:
        return calaudit.threshold(path, current=current, **columns, **asked)
    except NotEnoughData:
        assert "min_precision" in asked
        return None


def factors(y: Any, prevalence: float) -> Any:
    """Return the weights that give rows another share of positives."""
    rate = y.mean()
    return np.where(y == 1, prevalence / rate, (1 - prevalence) / (1 - rate))


def check_all(
    folder: Path, n: int, kind: str, scale: str, whole: int, dtype: str, asks: Any
) -> None:
    """Hold the counts of all options for a column of scores, in its type and in float64."""
    x, y = scores(n, kind, scale, whole, dtype)
    path = folder / "rows.parquet"
    pq.write_table(pa.table({"s": x, "label": y}), path)
    held = 0
    for name in asks:
        report = ask(path, scale, whole, ASKED[name], float(np.median(x)))
        if report is None:
            continue
        if name == "shifted":
            w = factors(y, 0.2)
            for option in report.options:
                found = applied(option, x, y, w)
                assert found == pytest.approx(option.counts, rel=1e-9, abs=1e-6), option.name
            continue
        held += check(report, x, y)
        held += check(report, x.astype(np.float64), y, wide=dtype != "float64")
    assert held >= 2 * 2 * 4


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("scale", "whole"), SCALES)
@pytest.mark.parametrize(("n", "kind"), list(product((60, 3000), KINDS)))
def test_exact(n: int, kind: str, scale: str, whole: int, dtype: str, tmp_path: Path) -> None:
    """For every option, in the type of the column and in float64, whatever the scores are like."""
    check_all(tmp_path, n, kind, scale, whole, dtype, ASKED if n < 1000 else ("band", "cheapest"))


@pytest.mark.parametrize(("scale", "whole"), [("probability", 1), ("logit", 1)])
def test_half_precision(scale: str, whole: int, tmp_path: Path) -> None:
    """Half-precision columns are compared in half precision, and in float64, with one result."""
    check_all(tmp_path, 3000, "continuous", scale, whole, "float16", ("costs", "band", "cheapest"))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("scale", "whole"), SCALES)
@pytest.mark.parametrize("kind", ["continuous", "extreme"])
def test_compressed(kind: str, scale: str, whole: int, dtype: str, tmp_path: Path) -> None:
    """So it is where 300,000 different scores share 131,072 cells of the table."""
    check_all(tmp_path, 300_000, kind, scale, whole, dtype, ("costs", "band", "cheapest"))


@pytest.mark.parametrize(("scale", "whole"), SCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_text(kind: str, scale: str, whole: int, tmp_path: Path) -> None:
    """Numbers read back from their text in a CSV file give the counts as well."""
    x, y = scores(3000, kind, scale, whole, "float64")
    path = tmp_path / "rows.csv"
    pacsv.write_csv(pa.table({"s": x, "label": y}), path)
    lines = path.read_text().splitlines()[1:]
    read = np.array([float(line.split(",")[0]) for line in lines])
    for asked in (ASKED["band"], ASKED["cheapest"]):
        report = ask(path, scale, whole, asked, float(np.median(read)))
        for option in report.options:
            for name in ("act_from", "review_from"):
                number = getattr(option, name)
                assert number is None or float(str(number)) == number
        assert check(report, read, y) >= 7


def test_calibrated_scores(tmp_path: Path) -> None:
    """Behind a calibrator the cutoffs are on the scores that ``apply`` writes."""
    x, y = scores(3000, "continuous", "probability", 1, "float64")
    path, out = tmp_path / "rows.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"s": x, "label": y}), path)
    fitted = calaudit.fit(path, score="s", label="label", method="platt")
    calaudit.apply(fitted, path, output=out, score="s")
    column = pq.read_table(out).column("s").to_numpy()
    assert np.abs(column - x).max() > 1e-3
    report = calaudit.threshold(path, score="s", calibrator=fitted, **ASKED["band"])
    assert report.unit == "calibrated probability"
    assert check(report, column, y) >= 6


@pytest.mark.parametrize("side", ["pass", "act"])
def test_split_cell(side: str) -> None:
    """Of equal scores that the capacity splits, the part reviewed and the rest add up."""
    x = np.repeat([0.1, 0.5, 0.9], 100)
    y = np.concatenate([np.arange(100) < k for k in (5, 35 if side == "pass" else 65, 95)])
    y = y.astype(np.int64)
    report = calaudit.threshold(y, x, cost_fp=3, cost_fn=3, cost_review=0.2, max_review=30)
    option = option_of(report, "recommended")
    split = option.split
    assert (split.score, split.rows, split.rest) == (0.5, 100, side)
    assert split.reviewed == pytest.approx(30)
    whole = applied(option, x, y)
    at, ones = x == 0.5, int(y[x == 0.5].sum())
    name = ("fn", "tn") if side == "pass" else ("tp", "fp")
    assert option.counts["reviewed_positives"] == pytest.approx(0.3 * ones)
    assert option.counts["reviewed_negatives"] == pytest.approx(0.3 * (at.sum() - ones))
    assert option.counts[name[0]] == pytest.approx(whole[name[0]] - 0.3 * ones)
    assert option.counts[name[1]] == pytest.approx(whole[name[1]] - 0.3 * (at.sum() - ones))


def test_top_label(tmp_path: Path) -> None:
    """Accepting from the printed confidence on gives the counts of right and wrong."""
    rng = np.random.default_rng(5)
    confidence = np.round(0.3 + 0.7 * rng.beta(3, 1, 4000), 3).astype(np.float32)
    right = (rng.random(4000) < confidence).astype(np.int64)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"confidence": confidence, "correct": right}), path)
    for asked in ({"max_error": 0.1}, {"cost_error": 8, "cost_review": 1},
                  {"cost_error": 8, "cost_review": 1, "max_review": "20%"}):  # fmt: skip
        report = calaudit.threshold(path, **asked)
        option = option_of(report, "recommended")
        if option.split is not None:
            continue
        accepted = confidence >= option.act_from
        assert 0 < accepted.sum() < 4000
        assert option.counts["tp"] == (right[accepted] == 1).sum()
        assert option.counts["fp"] == (right[accepted] == 0).sum()
        assert option.counts["fn"] == option.counts["tn"] == 0
        assert report.risk_coverage[0].coverage <= report.risk_coverage[-1].coverage == 1.0
        for point in report.risk_coverage[:: len(report.risk_coverage) // 20]:
            held = confidence >= np.float32(point.cutoff)
            assert point.coverage == pytest.approx(held.mean())
            assert point.risk == pytest.approx(1 - right[held].mean())


@pytest.mark.parametrize("task", ["binary", "top-label", "multiclass"])
def test_neighbouring_numbers(task: str, tmp_path: Path) -> None:
    """Between scores that are neighbours in float32 a short number must not round to the lower."""
    rng = np.random.default_rng(4)
    first = int(np.float32(0.7).view(np.int32))
    x = np.arange(first, first + 4000, dtype=np.int32).view(np.float32)
    y = (rng.random(4000) < np.linspace(0.05, 0.95, 4000)).astype(np.int64)
    columns = {
        "binary": {"score": x, "label": y},
        "top-label": {"confidence": x, "correct": y},
        "multiclass": {"p_0": x, "p_1": 1 - x, "p_2": 0 * x, "label": 1 - y},
    }[task]
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table(columns), path)
    held = 0
    for ratio in range(2, 12):
        costs: dict[str, Any] = {"cost_fp": 10, "cost_fn": ratio} if task == "binary" else {
            "cost_error": 12, "cost_review": ratio}  # fmt: skip
        costs |= {"probs": "p_"} if task == "multiclass" else {}  # they fall in every row
        for option in calaudit.threshold(path, method="empirical", **costs).options:
            if option.act_from is None:
                continue
            for column in (x, x.astype(np.float64)):
                accepted = (column >= option.act_from).sum()
                assert accepted == option.counts["tp"] + option.counts["fp"], option.act_from
            held += 0 < accepted < 4000
    assert held >= 10


def test_cost_curve() -> None:
    """Every point of the curve is what its cutoff costs on the rows."""
    x, y = scores(3000, "continuous", "probability", 1, "float64")
    report = calaudit.threshold(y, x, cost_fp=1, cost_fn=7, benefit_tp=2)
    assert len(report.cost_curve) > 100
    for point in report.cost_curve:
        act = np.zeros(3000, bool) if point.cutoff is None else x >= point.cutoff
        paid = (act & (y == 0)).sum() + 7 * (~act & (y == 1)).sum() - 2 * (act & (y == 1)).sum()
        assert point.cost == pytest.approx(1000 * paid / 3000, abs=1e-9)
        assert point.act_share == pytest.approx(act.mean())
        assert point.recall == pytest.approx(y[act].sum() / y.sum())


@pytest.mark.parametrize(
    ("low", "high", "aim", "wanted"),
    [
        (0.1, 0.2, 0.15, 0.15),
        (0.123456, 0.123457, 0.1234565, 0.1234565),
        (0.0, 1.0, 1 / 3, 0.33),
        (-2.0, -1.0, -1.53, -1.5),
        (0.5, np.nextafter(0.5, 1), 0.5, np.nextafter(0.5, 1)),
        (0.2, 0.3, 0.9, 0.3),
        (0.2, 0.3, 0.1, 0.21),
    ],
)
def test_shortest_between(low: float, high: float, aim: float, wanted: float) -> None:
    """The number with the fewest digits near the aim that is above low and at most high."""
    found = shortest_between(low, high, aim)
    assert low < found <= high
    if (low, aim) != (0.2, 0.1):
        assert found == pytest.approx(wanted, rel=1e-15)

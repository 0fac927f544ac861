"""The figures of a decision report: the same however the rows come, and parts that add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.predictions import parquet
from tests.api.decided import COUNTS, applied, calibrated, option_of
from tests.api.simulated import multiclass, top_label

N = 800
RNG = np.random.default_rng(3)
GROUP = np.where(RNG.random(N) < 0.3, "new", "old")
SITE = RNG.integers(0, 4, N)


def tables() -> dict[str, tuple[pa.Table, dict[str, Any]]]:
    """Return rows of each kind, and what is asked of them."""
    p, y = calibrated(N, 1)
    confidence, right = top_label(N)
    logits, probs, codes = multiclass(N)
    slices = {"group": GROUP, "site": SITE}
    band = {"cost_fp": 1, "cost_fn": 9, "cost_review": 0.3}
    weight = RNG.integers(1, 5, N) * 0.5
    classes = {f"p_{k}": probs[:, k] for k in range(4)}
    return {
        "binary": (pa.table({"score": p, "label": y, **slices}), band),
        "ties": (pa.table({"score": np.round(p, 2), "label": y, **slices}),
                 band | {"max_review": 70, "per_day": 700}),
        "weighted": (pa.table({"score": p, "label": y, "weight": weight, **slices}), band),
        "shifted": (pa.table({"score": p, "label": y, **slices}), band | {"prevalence": 0.1}),
        "limits": (pa.table({"score": p, "label": y, **slices}),
                   {"max_error": 0.2, "cost_fp": 1, "cost_fn": 1, "cost_review": 0.3}),
        "top-label": (pa.table({"confidence": confidence, "correct": right, **slices}),
                      {"cost_error": 8, "cost_review": 1}),
        "multiclass": (pa.table({**classes, "label": codes, **slices}), {"max_error": 0.25}),
        "logits": (pa.table({"logit_score": logits[:, 0], "label": (codes == 0) * 1, **slices}),
                   band | {"logits": "logit_score", "method": "empirical"}),
    }  # fmt: skip


TABLES = tables()


def document(report: Any) -> dict[str, Any]:
    """Return the report without its inputs, which the command in a note names as well."""
    values = {k: v for k, v in report.to_dict().items() if k != "inputs"}
    text = json.dumps(values).replace(report.inputs[0].path, "the file")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def close(one: Any, other: Any, where: str = "report") -> None:
    """Check that two JSON values are equal, numbers to 1e-9 of their size."""
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            close(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            close(a, b, f"{where}[{i}]")
    elif isinstance(one, float) and isinstance(other, float):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9), where
    else:
        assert one == other, where


def same(name: str, one: Any, other: Any) -> None:
    """Check two reports on the same rows: to the byte where sums are of whole numbers."""
    if name in ("binary", "ties", "top-label", "limits"):
        assert json.dumps(document(one)) == json.dumps(document(other))
    else:
        close(document(one), document(other))


def ask(name: str, path: Path, **more: Any) -> Any:
    """Return the report on a file with what is asked of its kind."""
    return calaudit.threshold(path, by=("group", "site"), **(TABLES[name][1] | more))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report on each table, from a Parquet file of one row group, on one thread."""
    folder = tmp_path_factory.mktemp("one")
    for name, (table, _) in TABLES.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: ask(name, folder / f"{name}.parquet", threads=1) for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_chunks_and_threads(
    name: str, reports: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row groups of 37 rows, each read by itself, on one thread and on three."""
    monkeypatch.setattr(parquet, "_PART_CELLS", 1)
    path = tmp_path / "rows.parquet"
    pq.write_table(TABLES[name][0], path, row_group_size=37)
    for threads in (1, 3):
        same(name, reports[name], ask(name, path, threads=threads))


@pytest.mark.parametrize("name", TABLES)
def test_order(name: str, reports: Any, tmp_path: Path) -> None:
    """The rows in any order."""
    table = TABLES[name][0]
    path = tmp_path / "rows.parquet"
    pq.write_table(table.take(np.random.default_rng(9).permutation(N)), path)
    same(name, reports[name], ask(name, path))


@pytest.mark.parametrize("name", TABLES)
def test_csv(name: str, reports: Any, tmp_path: Path) -> None:
    """The same rows as text."""
    path = tmp_path / "rows.csv"
    pacsv.write_csv(TABLES[name][0], path)
    same(name, reports[name], ask(name, path))


@pytest.mark.parametrize("name", ["binary", "ties", "weighted", "shifted", "limits", "top-label"])
def test_arrays(name: str, reports: Any) -> None:
    """The same rows as arrays: every figure, though the columns have other names."""
    table, asked = TABLES[name]
    columns = {c: table.column(c).to_numpy(zero_copy_only=False) for c in table.column_names}
    score = columns.get("score", columns.get("confidence"))
    label = columns.get("label", columns.get("correct"))
    report = calaudit.threshold(
        label, score, sample_weight=columns.get("weight"), by={"group": GROUP, "site": SITE},
        task="top-label" if name == "top-label" else None, **asked,
    )  # fmt: skip
    for part in ("options", "plateaus", "sensitivity", "cost_curve", "slices", "guarantees",
                 "risk_coverage", "aurc"):  # fmt: skip
        close(document(reports[name])[part], document(report)[part], part)


@pytest.mark.parametrize("name", TABLES)
def test_slices_add_up(name: str, reports: Any) -> None:
    """Counts and rows of the slices of a column add up to those of the whole; so does the cost."""
    report = reports[name]
    best = report.recommended
    for column in ("group", "site"):
        parts = [s for s in report.slices if s.column == column]
        assert len(parts) == (2 if column == "group" else 4)
        assert sum(s.rows for s in parts) == N
        for count in COUNTS:
            total = sum(s.counts[count] for s in parts)
            assert total == pytest.approx(best.counts[count], abs=1e-6)
        if best.cost is not None:
            w = [sum(s.counts.values()) for s in parts]
            seen = np.average([s.cost.value for s in parts], weights=w)
            assert seen == pytest.approx(best.apparent_cost)


def test_slices_are_their_rows(reports: Any) -> None:
    """A slice has the counts that the printed cutoffs give its rows."""
    table = TABLES["binary"][0]
    p, y = table.column("score").to_numpy(), table.column("label").to_numpy()
    report = reports["binary"]
    for s in report.slices:
        held = (GROUP if s.column == "group" else SITE.astype(str)) == s.value
        assert applied(report.recommended, p[held], y[held]) == s.counts
        decided = s.counts["tp"] + s.counts["fp"] + s.counts["fn"] + s.counts["tn"]
        wrong = (s.counts["fn"] + s.counts["fp"]) / decided
        assert s.rates["error"].value == pytest.approx(wrong)


ASKED: dict[str, Any] = {"cost_fp": 1, "cost_fn": 9, "cost_review": 0.3, "current": 0.4}


@pytest.mark.parametrize("more", [{"method": "empirical"}, {"max_review": 200}, {"per_day": 90}])
def test_frequency_is_expansion(more: dict[str, Any]) -> None:
    """Rows that stand for so many give every figure of so many rows, with its interval."""
    p, y = calibrated(600, 5)
    p = np.round(p, 3)
    w = np.random.default_rng(6).integers(1, 4, 600)
    one = calaudit.threshold(
        y, p, sample_weight=w.astype(float), weight_kind="frequency", **ASKED, **more
    )
    two = calaudit.threshold(np.repeat(y, w), np.repeat(p, w), **ASKED, **more)
    for part in ("sentence", "method", "volume", "options", "plateaus", "sensitivity",
                 "cost_curve"):  # fmt: skip
        close(document(one)[part], document(two)[part], part)


@pytest.mark.parametrize("method", ["empirical", "calibrated"])
def test_importance_is_expansion_up_to_the_counts(method: str) -> None:
    """Weights that matter by their ratios give the shares of so many rows each, less surely."""
    p, y = calibrated(600, 5)
    p = np.round(p, 3)
    w = np.random.default_rng(6).integers(0, 4, 600)
    x, label = np.repeat(p, w), np.repeat(y, w)
    two: Any = calaudit.threshold(label, x, method=method, **ASKED)
    for unit in (1.0, 0.01):
        one: Any = calaudit.threshold(y, p, sample_weight=unit * w, method=method, **ASKED)
        assert [o.name for o in one.options] == [o.name for o in two.options]
        assert one.volume == np.count_nonzero(w)
        for a, b in zip(one.options, two.options, strict=True):
            # A row of weight 0 may move a cutoff within the gap that it lies in.
            assert applied(a, x, label) == pytest.approx(b.counts)
            scaled = {k: v * np.count_nonzero(w) / len(x) for k, v in b.counts.items()}
            assert a.counts == pytest.approx(scaled)
            if a.cross_fitted:
                assert a.apparent_cost == pytest.approx(b.apparent_cost)
                continue
            assert a.cost.value == pytest.approx(b.cost.value)
            assert a.cost.high - a.cost.low >= b.cost.high - b.cost.low
            for name, rate in a.rates.items():
                assert rate.value == pytest.approx(b.rates[name].value), name


def test_figures_of_plain_options() -> None:
    """The cost of options that no row had a say in is that of their rows, counted by hand."""
    p, y = calibrated(N, 7)
    report = calaudit.threshold(
        y, p, cost_fp=2, cost_fn=9, cost_review=0.3, benefit_tp=1, current=0.35
    )
    for name, act in (("current", p >= 0.35), ("cutoff_half", p >= 0.5),
                      ("act_on_all", p >= 0), ("act_on_none", p > 1)):  # fmt: skip
        option = option_of(report, name)
        counts = [(act & (y == 1)).sum(), (act & (y == 0)).sum(), (~act & (y == 1)).sum(),
                  (~act & (y == 0)).sum(), 0, 0]  # fmt: skip
        assert option.counts == dict(zip(COUNTS, counts, strict=True)), name
        paid = 2 * counts[1] + 9 * counts[2] - counts[0]
        assert option.cost is not None
        assert option.cost.value == pytest.approx(1000 * paid / N)
        assert not option.cross_fitted
    everything = option_of(report, "review_all")
    assert everything.cost.value == pytest.approx(300 - 1000 * y.mean())
    assert everything.rates["review_share"].value == 1.0


def test_units_of_the_file(tmp_path: Path) -> None:
    """On a scale of 0 to 100 the current cutoff, and all others, are on that scale."""
    p, y = calibrated(N, 8)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"score": 100 * p, "label": y}), path)
    one = calaudit.threshold(y, p, cost_fp=1, cost_fn=9, current=0.4)
    two = calaudit.threshold(path, cost_fp=1, cost_fn=9, current=40, out_of=100)
    assert two.unit == "score"
    for a, b in zip(one.options, two.options, strict=True):
        assert (a.name, a.counts) == (b.name, b.counts)
    assert option_of(two, "cutoff_half").act_from == 50.0
    assert option_of(two, "current").act_from == 40


def test_calibrator_on_the_fly(tmp_path: Path) -> None:
    """Scores that go through a calibrator first give the report of the calibrated file."""
    p, y = calibrated(N, 9, sharpen=2.5)
    path, out = tmp_path / "rows.parquet", tmp_path / "calibrated.parquet"
    pq.write_table(pa.table({"score": p, "label": y, "group": GROUP}), path)
    other, labels = calibrated(3000, 10, sharpen=2.5)
    fitted = calaudit.fit(labels, other, method="platt")
    calaudit.apply(fitted, path, out)
    asked: dict[str, Any] = {"cost_fp": 1, "cost_fn": 9, "cost_review": 0.3, "by": "group"}
    one = document(calaudit.threshold(path, calibrator=fitted, **asked))
    two = document(calaudit.threshold(out, **asked))
    for part in ("options", "plateaus", "sensitivity", "cost_curve", "slices"):
        close(one[part], two[part], part)
    assert (one["unit"], two["unit"]) == ("calibrated probability", "probability")


def test_per_class() -> None:
    """Each predicted class gets the cutoff that its rows alone give, at a shared confidence."""
    _, probs, codes = multiclass(6000, 3, temperature=1.2)
    report = calaudit.threshold(codes, probs, max_error=0.2, per_class=True)
    predicted, top = probs.argmax(axis=1), probs.max(axis=1)
    assert [c.name for c in report.by_class] == ["0", "1", "2"]
    for k, one in enumerate(report.by_class):
        held = predicted == k
        right = (codes[held] == k).astype(int)
        alone = calaudit.threshold(
            right, top[held], task="top-label", max_error=0.2, guarantee=1 - 0.05 / 3
        ).recommended
        assert alone is not None
        assert one.rows == held.sum()
        accepted = top[held] >= one.act_from
        assert accepted.sum() == (top[held] >= alone.act_from).sum()
        assert one.rates["act_share"].value == pytest.approx(accepted.mean())
        assert one.rates["error"].value == pytest.approx(1 - right[accepted].mean())


def test_guarantees() -> None:
    """What is shown is said: the limit, the confidence, and how many cases it takes and has."""
    confidence, right = top_label(3000)
    report = calaudit.threshold(right, confidence, task="top-label", max_error=0.1)
    (one,) = report.guarantees
    assert (one.limit, one.value, one.confidence) == ("max_error", 0.1, 0.95)
    # ln 0.05/ln 0.9 = 28.4
    assert (one.rows_needed, one.rows) == (29, 3000)
    assert one.tests is not None
    assert one.tests > 5
    plain = calaudit.threshold(
        right, confidence, task="top-label", max_error=0.1, guarantee=None
    ).guarantees
    assert [(g.limit, g.confidence) for g in plain] == [("max_error", None)]

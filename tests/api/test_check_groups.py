"""The gate on rows that belong together: its bounds and sentences are those of groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit.cli import main
from calaudit.errors import InputError
from tests.api.test_groups import by_group, cluster_t, korn_graubard, rows

COLUMNS: Any = {"label": "label", "score": "score", "group": "user"}


def frame(seed: int = 1, groups: int = 40) -> pd.DataFrame:
    """Return predictions of groups of unequal sizes."""
    y, p, group = rows(seed, groups=groups)
    part = np.where(group % 3 == 0, "north", "south")
    return pd.DataFrame(
        {"label": y, "score": p, "user": group, "region": part, "id": np.arange(len(y))}
    )


def losses(data: pd.DataFrame) -> Any:
    """Return what each row loses."""
    return (data["label"] - data["score"]).to_numpy() ** 2


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    """Return predictions."""
    return frame()


def test_bounds_are_students(data):
    """The bound of one figure and, of slices, that which Holm's share of the error leaves."""
    found = calaudit.check(data, by="region", max_brier=0.01, min_accuracy=0.99, **COLUMNS)
    results = {(r.metric, r.value): r for r in found.results}
    for value, share in ((None, 1), ("north", 4), ("south", 4)):
        part = data if value is None else data[data["region"] == value]
        codes = np.unique(part["user"], return_inverse=True)[1]
        mean, error, df = cluster_t(losses(part), codes)
        low = mean - stats.t.ppf(1 - 0.05 / share, df) * error
        result = results["brier", value]
        assert result.status == "FAIL"
        if value is None:
            assert result.low == pytest.approx(low, rel=1e-6)
        else:  # as others fail, those that remain are judged less strictly
            assert result.low >= low * (1 - 1e-6)
    assert "rows" not in " ".join(r.text for r in found.results)
    assert found.groups is not None
    assert found.groups.groups == 40


def test_groups_are_less_sure_than_rows(data):
    """A limit that single rows fail for sure is open when groups are what counts."""
    turned = data["user"] % 5 == 0
    data = data.assign(score=np.where(turned, 1 - data["score"], data["score"]))
    value = float(losses(data).mean())
    half = cluster_t(losses(data), data["user"].to_numpy())[1]
    alone = losses(data).std() / np.sqrt(len(data))
    assert alone < 0.7 * half
    limit = value - 1.9 * (alone + half) / 2
    options = {**COLUMNS, "group": None}
    assert calaudit.check(data, max_brier=limit, **options).status == "FAIL"
    grouped = calaudit.check(data, max_brier=limit, **COLUMNS)
    assert grouped.status == "INCONCLUSIVE"
    assert "with 40 groups the smallest figure that can fail" in grouped.results[0].text
    assert grouped.results[0].rows_needed is None
    assert (grouped.results[0].groups_needed or 0) > 40
    assert "groups would settle it" in str(grouped)


def test_surest_cases_have_the_interval_of_groups(data):
    """Korn & Graubard 1998, of the errors among the surest."""
    doubt = np.minimum(data["score"], 1 - data["score"]).to_numpy()
    wrong = ((data["score"] >= 0.5) != (data["label"] == 1)).to_numpy().astype(float)
    level = np.sort(np.unique(doubt))[10]
    sure = doubt <= level + 1e-12
    codes = np.unique(data["user"][sure], return_inverse=True)[1]
    low, high = korn_graubard(wrong[sure], codes, level=0.9)
    share = float(sure.mean())
    found = calaudit.check(data, min_automated=f"0.5={share!r}", **COLUMNS).results[0]
    assert found.after == pytest.approx(wrong[sure].mean(), rel=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-4)


def test_matched_rows_go_together_by_group(data):
    """The correlation is that of the sums of groups, of the losses about their means."""
    new = data.copy()
    z = np.log(data["score"] / (1 - data["score"]))
    shift = np.random.default_rng(3).normal(0, 1, 40)[data["user"]]
    new["score"] = 1 / (1 + np.exp(-(z + 0.3 * shift)))
    found = calaudit.check(new, against=data, id="id", max_increase={"brier": 0.01}, **COLUMNS)
    a, b = (by_group(losses(x) - losses(x).mean(), x["user"]) for x in (data, new))
    want = (a @ b) / np.sqrt((a @ a) * (b @ b))
    assert found.pairing is not None
    assert found.pairing.correlations["brier"] == pytest.approx(want, rel=1e-9)
    plain = calaudit.check(
        new, against=data, id="id", max_increase={"brier": 0.01}, **{**COLUMNS, "group": None}
    )
    assert plain.pairing is not None
    assert plain.pairing.correlations["brier"] != pytest.approx(want, rel=1e-3)


def test_a_baseline_of_groups(data, tmp_path: Path, monkeypatch, capsys):
    """It is small, and one of another kind is refused with advice that works."""
    monkeypatch.chdir(tmp_path)
    data.to_csv("new.csv", index=False)
    columns = ("--label", "label", "--score", "score")
    start = ("check", "new.csv", *columns, "--baseline", "base.json", "--max-increase", "ece=0.2")
    grouped, renewed = ("--group", "user"), ("--update-baseline", "--force")
    assert main([*start, *grouped, "--by", "region", "--update-baseline"]) == 0
    assert Path("base.json").stat().st_size < 200_000
    capsys.readouterr()
    assert main([*start]) == 3
    assert "check with --group user, or write it anew" in capsys.readouterr().err
    assert main([*start, *grouped]) == 0
    assert main([*start, *renewed]) == 0
    capsys.readouterr()
    assert main([*start, *grouped]) == 3
    assert "check without --group, or write it anew" in capsys.readouterr().err
    assert main([*start]) == 0
    assert main([*start, *grouped, *renewed]) == 0
    assert main([*start, *grouped]) == 0


def test_named_gates_have_groups(data, tmp_path: Path, monkeypatch, capsys):
    """Each gate its own, or all the same."""
    monkeypatch.chdir(tmp_path)
    data.assign(site=data["user"] % 7).to_csv("new.csv", index=False)
    Path("calaudit.toml").write_text(
        '[check]\nmax_brier = 0.5\ndata = "new.csv"\ngroup = "user"\nlabel = "label"\n'
        'score = "score"\n[gate.one]\n[gate.two]\ngroup = "site"\n'
    )
    assert main(["check"]) == 0
    printed = capsys.readouterr().out
    assert "in 40 groups by user" in printed
    assert "in 7 groups by site" in printed
    assert "So few groups tell little" in printed


def test_plan_counts_groups(data, tmp_path: Path, capsys):
    """Without a baseline: what so many groups could settle."""
    data.to_csv(tmp_path / "new.csv", index=False)
    where = (str(tmp_path / "new.csv"), "--label", "label", "--score", "score", "--group", "user")
    assert main(["check", *where, "--plan", "--max-increase", "ece=0.01"]) == 0
    printed = capsys.readouterr().out
    table = printed.partition("What these rows can settle")[2].partition("Figures")[0]
    assert "groups" in table
    assert "Of a new file of as many groups" in " ".join(table.split())


def test_the_order_of_rows_files_and_threads_changes_nothing(data, tmp_path: Path):
    """Nor the format: 7 in Parquet is "7" in CSV."""
    whole = tmp_path / "whole.csv"
    data.to_csv(whole, index=False)
    mixed = data.sample(frac=1, random_state=1)
    parts = []
    for part in range(3):
        parts.append(str(tmp_path / f"part-{part}.parquet"))
        mixed[part::3].to_parquet(parts[-1])
    rules: Any = {"by": "region", "max_ece": 0.05, "max_brier": 0.2, "min_automated": "0.2=0.5"}
    one = calaudit.check(str(whole), threads=1, **rules, **COLUMNS)
    more = calaudit.check(parts, threads=3, **rules, **COLUMNS)
    assert one.results == more.results
    assert one.groups == more.groups


def test_few_groups_settle_nothing(data):
    """Fewer than five have no interval: overall that is refused, of a slice it is said."""
    few = data.assign(user=data["user"] % 4)
    with pytest.raises(InputError, match="no interval from fewer than 5 groups"):
        calaudit.check(few, max_ece=0.05, **COLUMNS)
    rare = data.assign(region=np.where(data["user"] < 3, "rare", "usual"))
    found = calaudit.check(rare, by="region", max_brier=0.9, **COLUMNS)
    (open_,) = (r for r in found.results if r.value == "rare")
    assert open_.text.endswith("not compared, no interval from fewer than 5 groups")
    assert found.status == "INCONCLUSIVE"

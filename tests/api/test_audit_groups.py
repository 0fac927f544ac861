"""Audits of rows that come in groups, which are not independent."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import calaudit
from calaudit.api.rows.splits import planned
from calaudit.calibrators.saved_calibrator import calibrator_of
from calaudit.predictions import group_codes
from calaudit.predictions.chunk import Chunk, SliceCodes
from tests.api.simulated import binary, multiclass
from tests.api.test_groups import korn_graubard

N = 4000
GROUPS = np.arange(N) % 80


def scores(classes: int) -> tuple[Any, Any, dict[str, Any]]:
    """Return scores, labels and how to call them."""
    if classes == 2:
        p, y = binary(N, slope=0.7)
        return p, y, {}
    z, _, y = multiclass(N, temperature=0.5)
    return 3 * z, y, {"scale": "logit"}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [2, 4])
def test_what_is_saved_has_the_spread_between_groups(classes: int, weighted: bool) -> None:
    """The interval is cluster-robust (CR2, with Satterthwaite's df), worked out row by row."""
    p, y, how = scores(classes)
    weight = np.repeat([1.0, 2.0], N // 2) if weighted else None
    fit = GROUPS < 40
    found = calaudit.audit(
        y, p, split=fit, group=GROUPS, sample_weight=weight, method="temperature", **how
    )
    calibrator = calibrator_of(json.dumps(found.calibrator))
    held, labels, group = p[~fit], y[~fit], GROUPS[~fit]
    w = np.ones(len(labels)) if weight is None else weight[~fit]
    after = calibrator.apply(held)
    if classes == 2:
        truth = [np.where(labels == 1, q, 1 - q) for q in (held, after)]
    else:
        exp = np.exp(held - held.max(axis=1, keepdims=True))
        at = np.arange(len(labels))
        truth = [q[at, labels] for q in (exp / exp.sum(axis=1, keepdims=True), after)]
    saved = np.log(truth[1]) - np.log(truth[0])
    value = float((w * saved).sum() / w.sum())
    at, unit = group - 40, float((w**2).sum() / w.sum())
    off, size = (np.bincount(at, x) / unit for x in (w * (saved - value), w))
    n = size.sum()
    error = math.sqrt((off**2 / (1 - size / n)).sum()) / n
    varied = (w**2 * (saved - value) ** 2).sum() / w.sum() ** 2 * n
    alike = ((off**2).sum() - n * varied) / (varied * (size * (size - 1)).sum())
    lam = size * (1 + (size - 1) * np.clip(alike, 0, 1))
    half = stats.t.ppf(0.975, lam.sum() ** 2 / (lam**2).sum() - 1) * error
    assert found.saved.method == "paired by group, CR2"
    assert found.saved.value == pytest.approx(value, rel=1e-9)
    assert found.saved.low == pytest.approx(value - half, rel=1e-9)
    assert found.saved.high == pytest.approx(value + half, rel=1e-9)


@pytest.mark.parametrize("classes", [2, 4])
def test_all_stages_are_of_groups(classes: int) -> None:
    """Figures, tests and limits with their certainty, and a note that says so once."""
    p, y, how = scores(classes)
    found = calaudit.audit(y, p, group=GROUPS, by={"half": GROUPS % 2}, **how)
    for report in (found.before, found.after):
        assert report is not None
        assert report.groups is not None
        assert report.groups.groups == 40
        assert report.metrics["accuracy"].method == "Korn–Graubard"
        assert report.slices[0].metrics["ece"].t_df is not None
    assert found.selective is not None
    assert {a.guarantee for a in found.selective.acceptances} == {0.95}
    accepted = [a for a in found.selective.acceptances if a.error.value is not None]
    assert {a.error.method for a in accepted} <= {"Korn–Graubard"}
    assert found.selective.aurc.method == "cluster-robust (CR2)"
    assert [note.code for note in found.notes].count("groups") == 1
    assert "grouped-rows" not in [note.code for note in found.notes]
    asked = calaudit.audit(y, p, group=GROUPS, max_error=0.3, **how)
    assert asked.decision is not None
    assert {(g.confidence, g.groups) for g in asked.decision.guarantees} == {(0.95, 40)}


def test_accepting_is_that_of_confidences_by_group() -> None:
    """What is accepted, and wrong, is counted from rows; a binary score is confident either way."""
    p, y, _ = scores(2)
    p = np.round(p, 2)
    found = calaudit.audit(y, p, group=GROUPS, method="identity", split=GROUPS < 40, guarantee=None)
    assert found.selective is not None
    held, labels, group = p[GROUPS >= 40], y[GROUPS >= 40], GROUPS[GROUPS >= 40] - 40
    last = found.selective.acceptances[-1]
    assert last.cutoff is not None
    taken = np.maximum(held, 1 - held) >= last.cutoff - 1e-12
    wrong = ((held >= 0.5) != (labels == 1))[taken].astype(float)
    assert last.coverage.value == pytest.approx(taken.mean(), rel=1e-9)
    low, high = korn_graubard(wrong, np.unique(group[taken], return_inverse=True)[1])
    assert (last.error.low, last.error.high) == pytest.approx((low, high), rel=1e-6)


def test_groups_of_one_row_are_independent() -> None:
    """Grouped by an id that no two rows share, the audit is about that of rows."""
    p, y, _ = scores(2)
    ids = np.array([f"row-{i}" for i in range(N)])
    fit = np.arange(N) < N / 2
    found = calaudit.audit(y, p, split=fit, group=ids)
    alone = calaudit.audit(y, p, split=fit)
    widths = [x.saved.high - x.saved.low for x in (found, alone)]  # type: ignore[operator]
    assert widths[0] == pytest.approx(widths[1], rel=0.15)
    assert found.selective is not None
    assert {a.guarantee for a in found.selective.acceptances} == {0.95}
    assert alone.saved.value is not None
    assert found.saved.value == pytest.approx(alone.saved.value, abs=5e-3)


def test_one_group_has_no_interval() -> None:
    """Where all rows judged are of one group, what is saved has no interval, and why is said."""
    p, y, _ = scores(2)
    group = np.where(np.arange(N) < 3000, GROUPS, 999)
    found = calaudit.audit(y, p, split=np.arange(N) < 3000, group=group, method="temperature")
    assert found.saved.value is not None
    assert found.saved.low is None
    assert found.saved.reason == "no interval from fewer than 5 groups"


def test_each_group_of_a_chunk_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups asked for twice of one chunk are hashed once, and the code is that of any chunk."""
    plan = planned(None, 0.5, "user", 0)
    hashed: list[str] = []
    digest = group_codes._digest

    def counted(value: str) -> bytes:
        hashed.append(value)
        return digest(value)

    monkeypatch.setattr(group_codes, "_digest", counted)

    def codes(given: SliceCodes) -> list[int]:
        chunk = Chunk(scores=np.zeros(3), labels=np.zeros(3, np.uint8), slices=(given,))
        found = plan.group_codes(chunk)
        assert found is not None
        return [int(code) for code in found]

    anna, bert = (int.from_bytes(digest(name)) for name in ("anna", "bert"))
    given = SliceCodes(np.array([0, 1, 0], np.int32), ("anna", "bert"))
    assert codes(given) == codes(given) == [anna, bert, anna]
    assert hashed == ["anna", "bert"]
    assert codes(SliceCodes(np.zeros(3, np.int32), ("bert",))) == [bert] * 3


def test_dealing_out_groups_tells_how_far_it_is() -> None:
    """The pass in which few groups are counted calls the progress with all rows."""
    p, y, _ = scores(2)
    table = pa.table({"score": p, "label": y, "user": GROUPS})
    seen: list[int] = []
    calaudit.fit(table, group="user", progress=lambda done, _total: seen.append(done))
    assert seen.count(N) == 2  # dealt out, and fitted


def test_what_is_said() -> None:
    """The rows are of groups, and so are what too few of them cannot show."""
    p, y, _ = scores(2)
    shown = " ".join(str(calaudit.audit(y, p, group=GROUPS)).split())
    assert "in 40 groups by group" in shown
    assert "Limits hold for cases to come, each by itself with 95 % confidence." in shown
    assert "weights" not in shown
    few = " ".join(str(calaudit.audit(y, p, group=GROUPS % 16)).split())
    assert "it takes 10 groups to show that, and there are 8" in few

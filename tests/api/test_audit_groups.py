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
from calaudit.api.audits.group_sums import GroupSums
from calaudit.api.rows.splits import planned
from calaudit.calibrators.saved_calibrator import calibrator_of
from calaudit.predictions import group_codes
from calaudit.predictions.chunk import Chunk, SliceCodes
from tests.api.simulated import binary, multiclass

N = 4000
GROUPS = np.arange(N) % 80
NO_CERTAINTY = "on these rows; rows of one group are not independent, so no certainty is given"


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
    """The interval is the delete-a-group jackknife of the mean, worked out row by row."""
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
    groups = np.unique(group)
    without = np.array([(w * saved)[group != g].sum() / w[group != g].sum() for g in groups])
    count = len(groups)
    error = math.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, count - 1) * error
    value = float((w * saved).sum() / w.sum())
    assert found.saved.method == "paired by group, jackknife"
    assert found.saved.value == pytest.approx(value, rel=1e-9)
    assert found.saved.low == pytest.approx(value - half, rel=1e-9)
    assert found.saved.high == pytest.approx(value + half, rel=1e-9)


@pytest.mark.parametrize("classes", [2, 4])
def test_rows_in_groups_give_no_certainty(classes: int) -> None:
    """With groups each limit is one that these rows keep, and the answer and a note say so."""
    p, y, how = scores(classes)
    found = calaudit.audit(y, p, group=GROUPS, **how)
    assert found.selective is not None
    assert {a.guarantee for a in found.selective.acceptances} == {None}
    assert f"({NO_CERTAINTY})" in found.answer
    assert "certainty)" not in found.answer
    notes = [note for note in found.notes if note.code == "grouped-rows"]
    assert len(notes) == 1
    assert "without any certainty for others" in notes[0].text
    asked = calaudit.audit(y, p, group=GROUPS, max_error=0.3, **how)
    assert asked.decision is not None
    assert {g.confidence for g in asked.decision.guarantees} == {None}
    assert NO_CERTAINTY in asked.answer
    assert asked.settings["guarantee"] == 0.95


def test_groups_of_one_row_are_independent() -> None:
    """Grouped by an id that no two rows share, the audit is that of rows, with its guarantee."""
    p, y, _ = scores(2)
    ids = np.array([f"row-{i}" for i in range(N)])
    fit = np.arange(N) < N / 2
    found = calaudit.audit(y, p, split=fit, group=ids)
    alone = calaudit.audit(y, p, split=fit)
    assert found.saved.method == "paired by row, normal"
    assert found.selective is not None
    assert {a.guarantee for a in found.selective.acceptances} == {0.95}
    assert "grouped-rows" not in [note.code for note in found.notes]
    assert alone.saved.value is not None
    assert found.saved.value == pytest.approx(alone.saved.value, abs=5e-3)


def test_a_group_of_two_rows_is_found_in_any_chunk() -> None:
    """Two rows of one group in two chunks, or in the sums of two threads, are dependent."""
    one, other = (np.array(codes, np.uint64) << np.uint64(40) for codes in ([1, 2], [3, 2]))
    for parts in (1, 2):
        sums = [GroupSums() for _ in range(parts)]
        sums[0].add(one, None, None)
        sums[-1].add(other, None, None)
        whole = sums[0] if parts == 1 else sums[0].merge(sums[1])
        whole.close()
        assert whole.dependent
    apart = GroupSums()
    apart.add(one, None, None)
    apart.close()
    assert not apart.dependent


def test_one_group_has_no_interval() -> None:
    """Where all rows judged are of one group, what is saved has no interval, and why is said."""
    p, y, _ = scores(2)
    group = np.where(np.arange(N) < 3000, GROUPS, 999)
    found = calaudit.audit(y, p, split=np.arange(N) < 3000, group=group, method="temperature")
    assert found.saved.value is not None
    assert found.saved.low is None
    assert found.saved.reason == "one group has no interval"


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


def test_the_table_does_not_say_that_rows_have_weights() -> None:
    """Limits without a certainty are told as such in the table, too, whatever the reason."""
    p, y, _ = scores(2)
    shown = str(calaudit.audit(y, p, group=GROUPS))
    assert "Limits hold on these rows, without any certainty for others." in " ".join(shown.split())
    assert "weights" not in shown

"""The audit is a fit on one side of the rows and an evaluation of the other, to the last bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.api.rows.open_rows import opened_data
from calaudit.api.rows.splits import planned
from calaudit.calibrators.rows import HELD
from calaudit.calibrators.saved_calibrator import calibrator_of
from calaudit.errors import InputError, NotEnoughData, SettingsError
from calaudit.options.declaration import defaults
from calaudit.options.rows import RowOptions
from calaudit.predictions import parquet
from calaudit.predictions.intake import Intake
from calaudit.report.audit_report import AuditReport
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.api.simulated import binary, multiclass, top_label
from tests.api.test_invariance import close

N = 1200
RNG = np.random.default_rng(11)


def tables() -> dict[str, pa.Table]:
    """Return data sets of every kind, all miscalibrated, divided by a column and in groups."""
    p, y = binary(N, slope=0.5)
    z, _, codes = multiclass(N, temperature=2.0)
    confidence, right = top_label(N, gap=0.1)
    more = {
        "part": np.where(RNG.random(N) < 0.5, "validation", "test"),
        "region": RNG.integers(0, 3, N).astype(str),
        "name": [f"row-{i}" for i in range(N)],
    }
    logits = {f"logit_{k}": z[:, k] for k in range(4)}
    weight = RNG.gamma(2.0, 0.5, N)
    return {
        "binary": pa.table({"score": p, "label": y, **more}),
        "binary-weighted": pa.table({"score": p, "label": y, "weight": weight, **more}),
        "top-label": pa.table({"confidence": confidence, "correct": right, **more}),
        "multiclass": pa.table({**logits, "label": codes, **more}),
        "multiclass-weighted": pa.table({**logits, "label": codes, "weight": weight, **more}),
    }


TABLES = tables()
EXACT = ("binary", "top-label")
"""Tables whose sums are of whole numbers, so that nothing is rounded."""

ELSEWHERE = ("inputs", "settings", "notes", "worst")
"""What names the file and its rows."""


def halves(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the rows to fit on and those to judge on, as two tables."""
    fitted = pc.equal(table["part"], "validation")
    return table.filter(fitted), table.filter(pc.invert(fitted))


def same(name: str, one: Any, other: Any) -> None:
    """Check two JSON values: equal where sums are exact, else to 1e-12."""
    if name in EXACT:
        assert json.dumps(one) == json.dumps(other)
    else:
        close(json.loads(json.dumps(one)), json.loads(json.dumps(other)))


def values(report: Any, *without: str) -> dict[str, Any]:
    """Return a report as JSON values, without its places."""
    return {k: v for k, v in report.to_dict().items() if k not in (*ELSEWHERE, *without)}


@pytest.mark.parametrize("name", TABLES)
def test_it_is_fit_and_evaluate_on_files_of_either_side(name: str, tmp_path: Path) -> None:
    """With --split: the calibrator of one file, and both reports and the cutoffs of the other."""
    table = TABLES[name]
    fitted, judged = halves(table)
    for title, part in (("all", table), ("fitted", fitted), ("judged", judged)):
        pq.write_table(part, tmp_path / f"{title}.parquet", row_group_size=97)
    limits: dict[str, Any] = {"max_error": 0.2, "guarantee": None}
    found = calaudit.audit(
        tmp_path / "all.parquet", split="part=validation", by="region", worst=4, id="name", **limits
    )
    alone = calaudit.fit(tmp_path / "fitted.parquet")
    calibrator = calibrator_of(json.dumps(found.calibrator))
    if name in EXACT:
        assert calibrator.parameters() == alone.parameters()
    else:
        close(json.loads(json.dumps(calibrator.parameters())), alone.parameters())
    how: dict[str, Any] = {"by": "region", "worst": 4, "id": "name"}
    before = calaudit.evaluate(tmp_path / "judged.parquet", **how)
    after = calaudit.evaluate(tmp_path / "judged.parquet", calibrator=calibrator, **how)
    assert found.after is not None
    for mine, theirs in ((found.before, before), (found.after, after)):
        same(name, values(mine), values(theirs))
        assert [w.id for w in mine.worst] == [w.id for w in theirs.worst]
        assert [note.code for note in mine.notes] == [note.code for note in theirs.notes]
    decision = calaudit.threshold(
        tmp_path / "judged.parquet", calibrator=calibrator, by="region", **limits
    )
    assert found.decision is not None
    same(name, values(found.decision, "roles"), values(decision, "roles"))
    assert found.division.fitted_rows == len(fitted)
    assert found.division.audited_rows == len(judged)


@pytest.mark.parametrize("name", TABLES)
def test_a_calibration_file_is_the_same_division(name: str, tmp_path: Path) -> None:
    """Fitting on a file of its own gives what the split of both together gives."""
    fitted, judged = halves(TABLES[name])
    pq.write_table(TABLES[name], tmp_path / "all.parquet")
    pq.write_table(fitted, tmp_path / "fitted.parquet")
    pacsv.write_csv(judged, tmp_path / "judged.csv")
    split = calaudit.audit(tmp_path / "all.parquet", split="part=validation")
    apart = calaudit.audit(tmp_path / "judged.csv", calibration=tmp_path / "fitted.parquet")
    assert apart.after is not None
    assert split.after is not None
    for mine, theirs in ((apart.before, split.before), (apart.after, split.after)):
        close(mine.to_dict()["metrics"], theirs.to_dict()["metrics"])
    close(apart.to_dict()["saved"], split.to_dict()["saved"])
    assert [file.rows for file in apart.division.calibration] == [len(fitted)]
    assert not split.division.calibration


def test_held_out_rows_are_those_that_fit_holds_out(tmp_path: Path) -> None:
    """The hashed hold-out is that of fit: the same calibrator, and what it saves on these rows."""
    pq.write_table(TABLES["binary"], tmp_path / "all.parquet")
    found = calaudit.audit(tmp_path / "all.parquet", holdout=0.4, seed=3)
    alone = calaudit.fit(tmp_path / "all.parquet", holdout=0.4, seed=3)
    assert calibrator_of(json.dumps(found.calibrator)).to_json() == alone.to_json()
    check = alone.certificate.checks[0]
    assert check.kind == "held-out"
    assert check.rows == found.division.audited_rows
    assert found.saved.value == pytest.approx(check.saved, abs=1e-12)
    assert (found.saved.low, found.saved.high) == pytest.approx(
        (check.saved_low, check.saved_high), abs=1e-12
    )


@pytest.mark.parametrize("kind", ["importance", "frequency"])
@pytest.mark.parametrize("classes", [2, 4])
def test_what_is_saved_is_paired_by_row(kind: str, classes: int) -> None:
    """The saving and its interval are those of the rows' own differences, with either weight."""
    weight = np.repeat([1.0, 2.0, 3.0], N // 3)
    if classes == 2:
        scores, y = binary(N, slope=0.5)
    else:
        scores, _, y = multiclass(N, temperature=2.0)
    fit = np.arange(N) % 2 == 0
    found = calaudit.audit(
        y, scores, split=fit, sample_weight=weight, weight_kind=kind, method="temperature",
        scale="probability" if classes == 2 else "logit",
    )  # fmt: skip
    assert found.saved.level == 0.95
    calibrator = calibrator_of(json.dumps(found.calibrator))
    held, labels, w = scores[~fit], y[~fit], weight[~fit]
    if classes == 2:
        before, after = held, calibrator.apply(held)
        truth = [np.where(labels == 1, p, 1 - p) for p in (before, after)]
    else:
        exp = np.exp(held - held.max(axis=1, keepdims=True))
        before, after = exp / exp.sum(axis=1, keepdims=True), calibrator.apply(held)
        truth = [p[np.arange(len(p)), labels] for p in (before, after)]
    difference = -np.log(truth[0]) + np.log(truth[1])
    mean = float((w * difference).sum() / w.sum())
    w2 = w if kind == "frequency" else w * w
    half = 1.959963984540054 * np.sqrt((w2 * (difference - mean) ** 2).sum()) / w.sum()
    assert found.saved.value == pytest.approx(mean, rel=1e-9)
    assert found.saved.low == pytest.approx(mean - half, rel=1e-9)
    assert found.saved.high == pytest.approx(mean + half, rel=1e-9)


def test_dropped_rows_are_counted_on_their_own_side(tmp_path: Path) -> None:
    """Invalid rows of the fitted side are in no count of the judged side, nor the reverse."""
    table = TABLES["binary"]
    score = table["score"].to_numpy().copy()
    score[[3, 50, 51, 400]] = 1.5
    table = table.set_column(0, "score", pa.array(score))
    pq.write_table(table, tmp_path / "all.parquet", row_group_size=100)
    bad = table.take([3, 50, 51, 400])["part"].to_pylist().count("test")
    found = calaudit.audit(tmp_path / "all.parquet", split="part=validation", on_invalid="drop")
    intake = found.before.intake
    judged = table["part"].to_pylist().count("test")
    assert (intake.rows_read, intake.rows_used) == (judged, judged - bad)
    assert sum(intake.refused.values()) == bad
    assert found.before.inputs[0].rows == N
    with pytest.raises(InputError, match=r"4 of 1,200 rows are invalid"):
        calaudit.audit(tmp_path / "all.parquet", split="part=validation")


def test_worst_rows_have_the_numbers_of_the_whole_file(tmp_path: Path) -> None:
    """A worst row is found again by its number in the file that was given."""
    table = TABLES["binary"]
    pq.write_table(table, tmp_path / "all.parquet", row_group_size=100)
    found = calaudit.audit(tmp_path / "all.parquet", split="part=validation", worst=6, id="name")
    assert len(found.before.worst) == 6
    for row in found.before.worst:
        assert table["name"][row.row - 1].as_py() == row.id
        assert table["part"][row.row - 1].as_py() == "test"


@pytest.mark.parametrize(
    ("name", "group"), [*((name, None) for name in TABLES), ("binary-weighted", "unit")]
)
def test_any_number_of_threads_gives_the_same_bytes(
    name: str, group: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One and five threads over many parts of a file write the same JSON."""
    monkeypatch.setattr(parquet, "_PART_CELLS", 1)
    table = TABLES[name].append_column("unit", pa.array(np.arange(N) % 90))
    pq.write_table(table, tmp_path / "all.parquet", row_group_size=110)
    one, five = (
        calaudit.audit(
            tmp_path / "all.parquet", by="region", group=group, threads=threads
        ).to_json()
        for threads in (1, 5)
    )
    assert one == five


@pytest.mark.parametrize("decide", [{}, {"cost_fp": 1, "cost_fn": 5}])
def test_the_json_keeps_its_schema_and_comes_back(decide: dict[str, Any]) -> None:
    """The report validates against the schema in one piece, and is read back unchanged."""
    p, y = binary(N, slope=0.5)
    found = calaudit.audit(y, p, by={"half": np.arange(N) < N / 2}, **decide)
    document = json.loads(schema_text("audit"))
    jsonschema.Draft202012Validator.check_schema(document)
    validator = jsonschema.Draft202012Validator(document)
    written = json.loads(found.to_json())
    validator.validate(written)
    assert report_from_json(found.to_json(), AuditReport).to_json() == found.to_json()
    written["before"]["verdict"]["status"] = 3
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(written)


def test_arrays_frames_and_files_agree(tmp_path: Path) -> None:
    """Arrays with a mask, a pandas frame and a file with a column are one audit."""
    table = TABLES["binary"]
    pq.write_table(table, tmp_path / "all.parquet")
    p, y = table["score"].to_numpy(), table["label"].to_numpy()
    chosen = np.array(table["part"].to_pylist()) == "validation"
    arrays = calaudit.audit(y, p, split=chosen)
    pair = calaudit.audit(y[~chosen], p[~chosen], calibration=(y[chosen], p[chosen]))
    frame = calaudit.audit(table.to_pandas(), split="part=validation")
    file = calaudit.audit(tmp_path / "all.parquet", split="part=validation")
    for other in (arrays, pair, frame):
        assert json.dumps(values(other.before, "roles")) == json.dumps(values(file.before, "roles"))
        assert other.saved == file.saved
        assert other.answer == file.answer


def test_groups_stay_on_one_side(tmp_path: Path) -> None:
    """With --group no group is on both sides, and a split or a file that divides one is refused."""
    groups = np.repeat(np.arange(60), N // 60)
    table = TABLES["binary"].append_column("user", pa.array(groups))
    pq.write_table(table, tmp_path / "all.parquet")
    found = calaudit.audit(tmp_path / "all.parquet", group="user", by="user")
    whole = {s.value: s.rows for s in found.before.slices}
    assert set(whole.values()) == {N // 60}
    assert 15 <= len(whole) <= 45
    with pytest.raises(InputError, match="stand on both sides"):
        calaudit.audit(tmp_path / "all.parquet", group="user", split="part=validation")
    pq.write_table(table.slice(0, 610), tmp_path / "one.parquet")
    pq.write_table(table.slice(610), tmp_path / "other.parquet")
    with pytest.raises(InputError, match=r"1 group of 'user' is in both data sets"):
        calaudit.audit(
            tmp_path / "other.parquet", calibration=tmp_path / "one.parquet", group="user"
        )
    apart = calaudit.audit(table.slice(600), calibration=table.slice(0, 600), group="user")
    assert apart.division.audited_rows == N - 600


def test_a_calibrator_that_makes_worse_is_said_first() -> None:
    """Fitted on other rows it makes these worse: that is said first, and the scores are used."""
    p, y = binary(N, slope=1.0)
    q, t = binary(N, slope=0.3)
    found = calaudit.audit(y, p, calibration=(t, q), method="temperature")
    assert found.after is not None
    assert found.saved.high is not None
    assert found.saved.high < 0
    assert found.answer.startswith("Do not use the calibrator")
    assert found.selective is not None
    assert found.selective.unit == "probability"


def test_cutoffs_are_not_on_scores_made_worse() -> None:
    """Where the calibrator makes worse, the cutoffs are those of the scores as they are."""
    p, y = binary(N, slope=1.0)
    q, t = binary(N, slope=0.3)
    asked: dict[str, Any] = {"cost_fp": 1, "cost_fn": 4, "current": 0.4}
    found = calaudit.audit(y, p, calibration=(t, q), method="temperature", **asked)
    assert found.makes_worse
    assert found.decision is not None
    same(
        "binary",
        values(found.decision, "roles"),
        values(calaudit.threshold(y, p, **asked), "roles"),
    )


def test_cutoffs_by_class_are_those_of_the_command(tmp_path: Path) -> None:
    """Tables by class are made in the read for the figures, too, and are the same."""
    fitted, judged = halves(TABLES["multiclass"])
    for title, part in (("fitted", fitted), ("judged", judged)):
        pq.write_table(part, tmp_path / f"{title}.parquet", row_group_size=97)
    asked: dict[str, Any] = {"max_error": "30%", "guarantee": "90%", "per_class": True}
    found = calaudit.audit(
        tmp_path / "judged.parquet", calibration=tmp_path / "fitted.parquet", **asked
    )
    calibrator = calibrator_of(json.dumps(found.calibrator))
    alone = calaudit.threshold(tmp_path / "judged.parquet", calibrator=calibrator, **asked)
    assert found.decision is not None
    assert found.decision.by_class
    same("multiclass", values(found.decision, "roles"), values(alone, "roles"))


def test_identity_leaves_nothing_after() -> None:
    """Where auto finds no calibrator worth having there is no report after, and it is said."""
    rng = np.random.default_rng(5)
    p = rng.random(4000)
    y = (rng.random(4000) < p).astype(int)
    found = calaudit.audit(y, p)
    assert found.calibrator["method"] == "identity"
    assert found.after is None
    assert found.saved.value == 0.0
    assert "No calibrator is worth having" in found.answer
    assert found.selective is not None
    assert found.selective.unit == "probability"


def test_the_cutoff_in_use_is_calibrated(tmp_path: Path) -> None:
    """--current is on the scores as they are: the same rows lie above it once calibrated."""
    p, y = binary(N, slope=0.5)
    fit = np.arange(N) < N / 2
    found = calaudit.audit(y, p, split=fit, cost_fp=1, cost_fn=3, current=0.7, method="temperature")
    assert found.decision is not None
    current = next(o for o in found.decision.options if o.name == "current")
    above = p[~fit] >= 0.7
    assert current.counts["tp"] == int((above & (y[~fit] == 1)).sum())
    assert current.counts["fp"] == int((above & (y[~fit] == 0)).sum())
    assert "current-calibrated" in [note.code for note in found.notes]


class Stages:
    """A progress that remembers its stages, and how many rows each was told of."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.rows: dict[str, int] = {}

    def stage(self, name: str) -> None:
        """Remember the stage."""
        self.seen.append(name)

    def __call__(self, done: int, total: int | None) -> None:
        """Remember the rows."""
        assert total in (None, N)
        self.rows[self.seen[-1]] = done


def test_each_stage_is_named_and_reads_all_rows() -> None:
    """The progress is told of every stage, and of all rows where it reads: cutoffs need no read."""
    p, y = binary(N, slope=0.5)
    progress = Stages()
    calaudit.audit(y, p, cost_fp=1, cost_fn=3, progress=progress)
    assert progress.seen == ["Fitting", "Evaluating", "Choosing thresholds"]
    assert progress.rows == {"Fitting": N, "Evaluating": N}
    sliced = Stages()
    calaudit.audit(y, p, cost_fp=1, cost_fn=3, progress=sliced, by={"half": np.arange(N) % 2})
    assert sliced.rows == dict.fromkeys(sliced.seen, N)


P, Y = binary(N, slope=0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"split": "part=nowhere"}, InputError, r"no row has 'nowhere' in the column 'part'"),
        ({"split": "nothing=1"}, InputError, "--split names the column 'nothing'"),
        ({"split": "part=test", "holdout": 0.5}, SettingsError, "give one"),
        ({"holdout": 1.0}, SettingsError, "above 0 and below 1"),
        ({"method": "vector"}, SettingsError, "vector is not for binary rows"),
        ({"method": "guess"}, SettingsError, "method must be one of"),
        ({"cost_fp": 1}, SettingsError, "give --cost-fn as well"),
        ({"max_review": "5%"}, SettingsError, "say what makes a cutoff good"),
        ({"per_class": True}, SettingsError, "--per-class is for multiclass"),
        ({"cost_error": 3, "cost_review": 1}, SettingsError, "for a binary score"),
        ({"worst": -1}, SettingsError, "worst must be"),
        ({"calibration": "nowhere.csv"}, InputError, "nowhere.csv"),
    ],
)  # fmt: skip
def test_refusals(
    arguments: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    """What cannot be done is refused before the long work, with what to do."""
    pq.write_table(TABLES["binary"], tmp_path / "all.parquet")
    with pytest.raises(error, match=message):
        calaudit.audit(tmp_path / "all.parquet", **arguments)


def test_the_calibration_data_are_not_the_audited(tmp_path: Path) -> None:
    """The same file on both sides is refused, by whatever name; so is the same frame."""
    table = TABLES["binary"]
    pq.write_table(table, tmp_path / "all.parquet")
    (tmp_path / "link.parquet").symlink_to(tmp_path / "all.parquet")
    for other in ("all.parquet", "link.parquet"):
        with pytest.raises(SettingsError, match="are the same"):
            calaudit.audit(tmp_path / "all.parquet", calibration=tmp_path / other)
    with pytest.raises(SettingsError, match="are the same"):
        calaudit.audit(table, calibration=table)


@pytest.mark.parametrize("name", TABLES)
def test_copies_are_not_other_rows(name: str, tmp_path: Path) -> None:
    """A copy of a file or frame, in whatever order, is refused as calibration data; a part not."""
    table = TABLES[name]
    order = np.random.default_rng(1).permutation(N)
    pq.write_table(table, tmp_path / "all.parquet")
    pq.write_table(table.take(order), tmp_path / "copy.parquet")
    with pytest.raises(InputError, match="hold the same 1,200 scores with the same labels"):
        calaudit.audit(tmp_path / "all.parquet", calibration=tmp_path / "copy.parquet")
    frame = table.to_pandas()
    with pytest.raises(InputError, match="one is a copy of the other"):
        calaudit.audit(frame, calibration=frame.copy())
    part = table.slice(0, N // 2)
    calaudit.audit(table.slice(N // 2), calibration=part, method="identity", worst=0)


def test_arrays_that_overlap_are_not_other_rows() -> None:
    """The same array, a view of it or a copy is refused; halves of one array are two sides."""
    same = "are the same"
    for y, p, error in (
        (Y, P, SettingsError), (Y, P[::-1], SettingsError), (Y[:700], P[:700], SettingsError),
        (Y.copy(), P.copy(), InputError),
    ):  # fmt: skip
        with pytest.raises(error, match="the same"):
            calaudit.audit(Y, P, calibration=(y, p))
    listed = P.tolist()
    with pytest.raises(SettingsError, match=same):
        calaudit.audit(Y, listed, calibration=(Y, listed))
    calaudit.audit(Y[::2], P[::2], calibration=(Y[1::2], P[1::2]), worst=0)


def test_few_distinct_scores_can_agree_by_chance() -> None:
    """Stated confidences of a few kinds are not refused where their counts are the same."""
    p, y = np.repeat([0.2, 0.8], 200), np.tile([0, 0, 0, 1, 1, 1, 1, 0], 50)
    calaudit.audit(y, p, calibration=(y.copy(), p.copy()), method="identity", worst=0)


def test_calibration_data_of_another_kind_are_refused(tmp_path: Path) -> None:
    """Other classes, another task or another scale on the side that is fitted: both are named."""
    for name in ("binary", "multiclass"):
        pq.write_table(TABLES[name], tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match=r"fitted on multiclass rows; these are binary"):
        calaudit.audit(tmp_path / "binary.parquet", calibration=tmp_path / "multiclass.parquet")
    labels = pa.array(["yes" if y else "no" for y in TABLES["binary"]["label"].to_pylist()])
    other = TABLES["binary"].set_column(1, "label", labels)
    pq.write_table(other, tmp_path / "other.parquet")
    with pytest.raises(InputError, match=r"fitted on the classes"):
        calaudit.audit(tmp_path / "binary.parquet", calibration=tmp_path / "other.parquet")


def test_sides_without_enough_rows_are_refused() -> None:
    """No row on a side is refused, and so is a named method without a fit; one class is noted."""
    for rows, side in ((1, "judge"), (2, "fit")):
        with pytest.raises(NotEnoughData, match=rf"^there is no row to {side} on"):
            calaudit.audit([1] * rows, [0.5] * rows, holdout=1e-9 if rows == 1 else 1 - 1e-9)
    with pytest.raises(
        NotEnoughData, match=r"at least 10 rows to fit on and 10 to judge by; .* 1 "
    ):
        calaudit.audit([0, 1], [0.3, 0.8])
    few = r"^no calibrator can be fitted: .* at least 10 .*calaudit eval"
    with pytest.raises(NotEnoughData, match=few):
        calaudit.audit(Y[:10], P[:10], method="temperature")
    with pytest.raises(NotEnoughData, match=r"^every row to fit on is positive: no calibrator can"):
        calaudit.audit(Y, P, split=Y == 1, method="platt")
    some = np.arange(N) < N / 2
    kept = some | (Y == 1)
    found = calaudit.audit(Y[kept], P[kept], split=some[kept])
    assert "one-class" in [note.code for note in found.notes]


GUESSES = np.random.default_rng(0).integers(0, 2, 1000), np.random.default_rng(1).random(1000)
HEAVY = np.where(np.arange(N) % 100 == 0, 1000.0, 1.0)


@pytest.mark.parametrize(
    ("labels", "scores", "more", "words"),
    [
        (Y[:60], P[:60], {}, "auto, which judges each method by cross-validation, needs at least"),
        (Y, P, {"sample_weight": HEAVY}, "which with their weights are worth"),
        (Y, P, {"split": Y == 1}, "every row to fit on is positive: no calibrator can be fitted"),
        (*GUESSES, {}, "the scores say nothing about the labels"),
        ((P > 0.5).astype(int), P, {}, "every prediction is right"),
    ],
)
def test_where_nothing_can_be_fitted_the_rows_are_judged_as_they_are(
    labels: Any, scores: Any, more: dict[str, Any], words: str
) -> None:
    """With ``auto`` and no fit the audit goes on without a calibrator, and says why."""
    found = calaudit.audit(labels, scores, **more)
    assert found.calibrator["method"] == "identity"
    assert found.after is None
    assert found.settings["method"] == "auto"
    note = next(note for note in found.notes if note.code == "no-fit")
    assert words.lower() in note.text.lower()
    assert note.text in found.answer
    assert found.before.metrics["smece"].value is not None


@pytest.mark.parametrize("classes", [2, 3])
def test_rounded_probabilities_are_audited(classes: int) -> None:
    """Where fits hang on the floor the audit goes on, with what does not, and says what is not."""
    z, _, codes = multiclass(N, temperature=3.0)
    top = np.exp(z[:, :classes] - z[:, :classes].max(axis=1, keepdims=True))
    p = np.round(top / top.sum(axis=1, keepdims=True), 1)
    p /= p.sum(axis=1, keepdims=True)
    kept = codes < classes
    p, codes = p[kept], codes[kept]
    found = calaudit.audit(codes, p if classes > 2 else p[:, 1])
    told = " ".join(note.text for note in found.notes)
    assert "probability exactly 0 to what happened" in told
    if classes == 2:
        assert found.calibrator["method"] == "venn-abers"
        assert found.after is not None
        return
    assert found.calibrator["method"] == "identity"
    assert "there is no one temperature" in found.answer
    assert "1e-45" in " ".join(note.advice for note in found.notes)
    accepted = calaudit.audit(codes, p, floor=1e-7)
    assert accepted.calibrator["method"] in ("temperature", "vector")
    with pytest.raises(NotEnoughData, match=r"T by the floor .*--floor 1e-12"):
        calaudit.audit(codes, p, method="temperature")


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """A truncated file on either side gives no figures."""
    pq.write_table(TABLES["binary"], tmp_path / "all.parquet")
    whole = (tmp_path / "all.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.parquet"):
        calaudit.audit(tmp_path / "cut.parquet")
    with pytest.raises(InputError, match=r"cut\.parquet"):
        calaudit.audit(tmp_path / "all.parquet", calibration=tmp_path / "cut.parquet")


def test_a_directory_is_one_data_set(tmp_path: Path) -> None:
    """Parts in a directory are divided like their rows in one file, for a split column."""
    table = TABLES["binary"]
    (tmp_path / "parts").mkdir()
    for i, start in enumerate(range(0, N, 500)):
        pq.write_table(table.slice(start, 500), tmp_path / "parts" / f"{i}.parquet")
    pq.write_table(table, tmp_path / "all.parquet")
    one = calaudit.audit(tmp_path / "parts", split="part=validation")
    other = calaudit.audit(tmp_path / "all.parquet", split="part=validation")
    assert json.dumps(values(one.before)) == json.dumps(values(other.before))
    assert one.saved == other.saved


@pytest.mark.parametrize("plan", [
    {"holdout": 0.3}, {"split": "part=validation"}, {"holdout": 0.3, "group": "region"},
])  # fmt: skip
def test_held_out_rows_are_those_without_a_fold(plan: dict[str, Any]) -> None:
    """What is judged is what is not fitted, found in either of two ways."""
    given = planned(plan.get("split"), plan.get("holdout"), plan.get("group"), 7)
    options: Any = defaults(RowOptions)
    predictions = opened_data(TABLES["binary"], None, options, by=given.by)
    for unit in predictions.units():
        for chunk in unit.chunks(Intake()):
            assert np.array_equal(given.held(chunk), given.folds(chunk) == HELD)
            assert 0 < given.held(chunk).mean() < 1

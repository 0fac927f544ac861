"""Monitor: batches in order of time, a state that is carried, and what is refused."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import InputError, SettingsError
from calaudit.report.render_json import report_from_json
from tests.golden.cases import FOLDER


@pytest.fixture(scope="module")
def rows():
    """Rows of fourteen weeks, in the last seven of which outcomes come more often."""
    rng = np.random.default_rng(11)
    week = np.repeat(np.arange(14), 400)
    z = rng.normal(0, 1.4, len(week))
    moved = z + 0.5 * (week >= 7)
    return pd.DataFrame(
        {
            "date": (np.datetime64("2025-01-06") + 7 * week + rng.integers(0, 7, len(week))).astype(
                str
            ),
            "score": 1 / (1 + np.exp(-z)),
            "label": (rng.random(len(week)) < 1 / (1 + np.exp(-moved))).astype(int),
            "week": week,
        }
    )


def of(report):
    """Return what a report says of its batches."""
    return [(b.name, b.rows, b.log_evidence, b.gap.value) for b in report.batches]


@pytest.fixture(scope="module")
def whole(rows):
    """The report on all rows at once."""
    return calaudit.monitor(rows.drop(columns="week"), time="date")


def weekly(rows, folder):
    """Write a file a week; return their paths."""
    paths = []
    for week, part in rows.groupby("week"):
        paths.append(folder / f"week-{week:02}.csv")
        part.drop(columns="week").sample(frac=1, random_state=1).to_csv(paths[-1], index=False)
    return paths


def test_a_shift_is_found_and_dated(whole):
    """The alarm, since when, in which direction, and where; it is no exit code of success."""
    assert whole.failed
    assert not whole
    assert whole.shift is not None
    assert whole.shift.began in ("2025-W08", "2025-W09", "2025-W10")
    assert whole.shift.direction == "too low"
    assert whole.shift.observed > whole.shift.stated + 0.05
    assert all(s.observed > s.stated for s in whole.shift.scores)
    assert whole.recheck is None
    assert report_from_json(whole.to_json()) == whole


def test_before_it_there_is_none(rows):
    """No alarm, and how long the smallest shift that matters would take."""
    report = calaudit.monitor(rows[rows["week"] < 7], time="date")
    assert report.passed
    assert report.shift is None
    assert report.recheck is not None
    assert report.recheck.shift == 0.05
    assert report.recheck.batches is not None
    assert report.recheck.rows == 400
    assert 2 <= report.recheck.batches <= 30
    assert report.recheck.rows_needed == 400 * report.recheck.batches


def test_figures_are_those_of_the_rows(rows, whole):
    """Counts and means of a batch by hand."""
    part = rows[rows["week"] == 3]
    batch = whole.batches[3]
    assert batch.rows == 400
    assert batch.stated == pytest.approx(part["score"].mean(), abs=1e-9)
    assert batch.observed == pytest.approx(part["label"].mean(), abs=1e-12)
    bins = np.ceil(part["score"] * 10).astype(int) - 1
    assert batch.counts == tuple(np.bincount(bins, minlength=10))
    assert batch.ones == tuple(np.bincount(bins, part["label"], minlength=10).astype(int))


def test_one_file_batches_and_a_carried_state_agree(rows, whole, tmp_path):
    """The same evidence to the last bit, however the batches came."""
    paths = weekly(rows, tmp_path)
    files = calaudit.monitor([str(path) for path in paths])
    assert [each[1:] for each in of(files)] == [each[1:] for each in of(whole)]
    state = tmp_path / "monitor.cal"
    for n, path in enumerate(paths[:10]):
        carried = calaudit.monitor(str(path), time="date", state=state)
        assert carried.new == 1
        assert len(carried.batches) == n + 1
    assert of(carried) == of(whole)[:10]
    grown = calaudit.monitor(rows.drop(columns="week"), time="date", state=str(state))
    assert grown.new == 4
    assert of(grown) == of(whole)
    shown = calaudit.monitor(state=state)
    assert of(shown) == of(whole)
    assert shown.sentence == grown.sentence


KILLED = """
import os, sys, time
import calaudit
sync = os.fsync
def slow(number):
    sync(number)
    open(sys.argv[3], "w").close()
    time.sleep(60)
os.fsync = slow
calaudit.monitor(sys.argv[1], time="date", state=sys.argv[2])
"""


def test_a_run_that_is_killed_leaves_the_old_state(rows, tmp_path):
    """Killed after the new state was written, and before it took the place of the old one."""
    paths, state, mark = weekly(rows, tmp_path), tmp_path / "monitor.cal", tmp_path / "mark"
    calaudit.monitor(str(paths[0]), time="date", state=state)
    before = state.read_bytes()
    words = [sys.executable, "-c", KILLED, str(paths[1]), str(state), str(mark)]
    with subprocess.Popen(words) as process:
        for _ in range(600):
            if mark.exists():
                break
            time.sleep(0.05)
        assert mark.exists()
        os.kill(process.pid, signal.SIGKILL)
    assert state.read_bytes() == before
    again = calaudit.monitor(str(paths[1]), time="date", state=state)
    both = calaudit.monitor([str(path) for path in paths[:2]], time="date")
    assert of(again) == of(both)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tolerance": 0.03}, "the tolerance 0.02 there, 0.03 here"),
        ({"alpha": 0.01}, "alpha 0.05 there, 0.01 here"),
        ({"every": "month"}, "batches by"),
        ({"release": "2.0"}, "the release none there, 2.0 here"),
        ({"group": "batch"}, "rows that belong together none there, batch here"),
    ],
)
def test_a_state_of_something_else_is_refused(rows, tmp_path, change, words):
    """Another tolerance, another release, other batches."""
    state = tmp_path / "monitor.cal"
    calaudit.monitor(rows[rows["week"] < 2], time="date", state=state)
    with pytest.raises(InputError, match=words):
        calaudit.monitor(rows[rows["week"] < 3], time="date", state=state, **change)


def test_a_state_of_another_model_or_class_set_is_refused(rows, tmp_path):
    """Another column of scores, and other classes."""
    state = tmp_path / "monitor.cal"
    calaudit.monitor(rows[rows["week"] < 2], time="date", state=state)
    later = rows[rows["week"] == 2]
    other = later.rename(columns={"score": "p_new"})
    spelled = later.assign(label=later["label"].map({0: "good", 1: "bad"}))
    with pytest.raises(InputError, match="column of the score"):
        calaudit.monitor(other, time="date", score="p_new", state=state)
    with pytest.raises(InputError, match="classes"):
        calaudit.monitor(spelled, time="date", positive="bad", state=state)
    with pytest.raises(InputError, match="not batches of one model"):
        calaudit.monitor([rows[rows["week"] == 0], other.rename(columns={"p_new": "probability"})])


def test_a_batch_is_counted_once_and_in_order(rows, tmp_path):
    """Repeated, changed, and earlier batches."""
    state = tmp_path / "monitor.cal"
    first, second, third = (rows[rows["week"] == week] for week in range(3))
    calaudit.monitor(second, time="date", state=state)
    with pytest.raises(InputError, match="nothing is counted twice"):
        calaudit.monitor(second, time="date", state=state)
    with pytest.raises(InputError, match="comes before 2025-W03"):
        calaudit.monitor(first, time="date", state=state)
    with pytest.raises(InputError, match="was counted with 400 rows, and now has others"):
        calaudit.monitor(pd.concat([second[:-1], third]), time="date", state=state)
    with pytest.raises(InputError, match="has the rows of"):
        calaudit.monitor([first, second, first])
    again = pd.concat([second, third]).sample(frac=1, random_state=2)
    assert calaudit.monitor(again, time="date", state=state).new == 1


def grades(number, seed):
    """Return rows of two scores, in both of which as many are right each time."""
    order = np.random.default_rng(seed).permutation(number)
    label = np.repeat([0, 1, 0, 1], [number // 8 * 3, number // 8, number // 4, number // 4])
    score = np.repeat([0.25, 0.5], number // 2)
    return pd.DataFrame({"score": score[order], "label": label[order]})


def test_batches_of_few_scores_may_have_equal_counts(rows):
    """Two small batches of a model with two scores are alike by chance; two large ones are one."""
    report = calaudit.monitor([grades(40, 1), grades(40, 2), grades(48, 3)])
    assert [b.rows for b in report.batches] == [40, 40, 48]
    with pytest.raises(InputError, match="has the rows of"):
        calaudit.monitor([grades(1_000_000, 1), grades(1_000_000, 2)])


def test_the_first_batch_may_have_one_score(rows):
    """Its rows are one band, and so are those of later batches, whatever scores they have."""
    first = rows[:1].assign(date="2025-01-01")
    report = calaudit.monitor(pd.concat([first, rows]).drop(columns="week"), time="date")
    assert [len(b.bands) for b in report.batches] == [1] * 15
    assert report.failed


@pytest.mark.parametrize("closed", ["W04", "2025-4", "37", "soon", "01/02/2025"])
def test_what_is_closed_is_a_batch_or_a_date(rows, closed):
    """Nothing else closes batches, by being later than all in the order of letters."""
    late = rows[rows["week"] < 3].assign(label=None)
    with pytest.raises(InputError, match=f"--closed {closed}: is no date"):
        calaudit.monitor(late, time="date", label="label", score="score", closed=closed)


def test_a_damaged_state_is_refused(rows, tmp_path):
    """A byte that is another, or a file cut short; and what is no state at all."""
    state = tmp_path / "monitor.cal"
    calaudit.monitor(rows[rows["week"] < 2], time="date", state=state)
    whole = state.read_bytes()
    for content in (whole[:-20], whole[:-9] + b"\0" + whole[-8:], b"{}"):
        state.write_bytes(content)
        with pytest.raises(InputError, match=r"monitor\.cal"):
            calaudit.monitor(rows[rows["week"] == 2], time="date", state=state)


def test_two_runs_at_once_lose_nothing(rows, tmp_path, monkeypatch):
    """Whoever writes last is refused where the state is no longer the one that was read."""
    state = tmp_path / "monitor.cal"
    calaudit.monitor(rows[rows["week"] < 2], time="date", state=state)
    old = state.read_bytes()
    calaudit.monitor(rows[rows["week"] == 2], time="date", state=state)
    new = state.read_bytes()
    state.write_bytes(old)
    module = sys.modules["calaudit.api.monitoring"]
    write = module.write_state

    def late(*given):
        state.write_bytes(new)
        write(*given)

    monkeypatch.setattr(module, "write_state", late)
    with pytest.raises(SettingsError, match="another run"):
        calaudit.monitor(rows[rows["week"] == 3], time="date", state=state)
    assert state.read_bytes() == new
    assert list(tmp_path.iterdir()) == [state]


def test_batches_wait_for_their_labels(rows, tmp_path):
    """One label that is missing holds back its batch and those after it, until it is closed."""
    state = tmp_path / "monitor.cal"
    late = rows[rows["week"] < 5].copy()
    late["label"] = late["label"].astype("Int64").where(late.index != 2 * 400 + 7)
    report = calaudit.monitor(late, time="date", state=state)
    assert [b.name for b in report.batches] == ["2025-W02", "2025-W03"]
    assert [(b.name, b.labelled, b.reason) for b in report.waiting] == [
        ("2025-W04", 399, "labels"),
        ("2025-W05", 400, "earlier"),
        ("2025-W06", 400, "earlier"),
    ]
    assert "batches-waiting" in {note.code for note in report.notes}
    arrived = calaudit.monitor(rows[rows["week"] < 5], time="date", state=state)
    assert arrived.new == 3
    assert of(arrived) == of(calaudit.monitor(rows[rows["week"] < 5], time="date"))
    for closed in ("2025-W04", "2025-01-22"):
        given = calaudit.monitor(late, time="date", closed=closed)
        assert [b.rows for b in given.batches] == [400, 400, 399, 400, 400]
        assert "labels-given-up" in {note.code for note in given.notes}


def test_no_label_may_have_come_yet(rows, tmp_path):
    """A job that meets nothing but rows that wait says so, and carries an empty state."""
    none = rows[rows["week"] < 2].assign(label=None)
    path, state = tmp_path / "week.csv", tmp_path / "monitor.cal"
    none.to_csv(path, index=False)
    for date in ("date", None):
        report = calaudit.monitor(str(path), label="label", state=state, time=date)
        assert report.status == "INCONCLUSIVE"
        assert sum(b.rows for b in report.waiting) == 800
        assert sum(b.labelled for b in report.waiting) == 0
        state.unlink()
    calaudit.monitor(str(path), label="label", state=state, time="date")
    arrived = calaudit.monitor(rows[rows["week"] < 2], label="label", state=state, time="date")
    assert arrived.new == 2


def test_labels_that_come_late_in_a_file():
    """Of 280 rows 155 have a label; none of the batches is complete, and none is invalid."""
    path = FOLDER.parent / "layouts" / "late_labels.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    report = calaudit.monitor(str(path), time="predicted_at")
    assert report.batches == ()
    assert sum(b.rows for b in report.waiting) == 280
    assert sum(b.labelled for b in report.waiting) == 155
    assert report.status == "INCONCLUSIVE"
    assert "155 of 280 rows have one" in report.sentence
    assert "invalid" not in str(report)


def test_so_many_rows_a_batch(rows):
    """Batches of rows in order of time, those of a moment together; the last one waits."""
    shuffled = rows.sample(frac=1, random_state=3)
    report = calaudit.monitor(shuffled, time="date", every=1000)
    days = rows["date"].sort_values(kind="stable")
    ends, sizes = 0, []
    while ends < len(days):
        begin, last = ends, days.iloc[min(ends + 1000, len(days)) - 1]
        ends = int((days <= last).sum())
        sizes.append(ends - begin)
    counted = [b.rows for b in report.batches] + [b.rows for b in report.waiting]
    assert counted == sizes
    assert [b.reason for b in report.waiting] == (["rows"] if sizes[-1] < 1000 else [])
    assert report.batches[0].name == "2025-01-06"


def test_files_of_a_pattern_are_in_the_order_of_their_numbers(rows, tmp_path):
    """The tenth week comes after the ninth; an order of one's own is kept."""
    for week, part in rows.groupby("week"):
        part.drop(columns=["week", "date"]).to_csv(tmp_path / f"week-{week + 1}.csv", index=False)
    names = [f"week-{week + 1}.csv" for week in range(14)]
    for given in (tmp_path, sorted(tmp_path.glob("*.csv"))):
        assert [b.name for b in calaudit.monitor(given).batches] == names
    turned = [tmp_path / name for name in names[1::-1]]
    assert [b.name for b in calaudit.monitor(turned).batches] == names[1::-1]


def test_so_many_rows_of_those_that_are_chosen(rows):
    """Only rows that are looked at fill a batch, those that wait for a label among them."""
    half = rows.assign(site=rows.index % 2, label=rows["label"].where(rows["week"] < 12))
    report = calaudit.monitor(half, time="date", every=1000, where="site=1", label="label")
    alone = calaudit.monitor(half[half["site"] == 1], time="date", every=1000, label="label")
    assert of(report) == of(alone)
    assert report.waiting == alone.waiting
    counted = [b.rows for b in report.batches] + [b.rows for b in report.waiting]
    assert sum(counted) == len(rows) // 2
    assert min(b.rows for b in report.batches) >= 1000


def test_labels_in_a_second_file(rows, tmp_path):
    """Labels that are joined; rows without one wait."""
    scored = rows[rows["week"] < 3].drop(columns=["week", "label"]).assign(id=lambda f: f.index)
    known = rows[rows["week"] < 2][["label"]].assign(id=lambda f: f.index)
    report = calaudit.monitor(scored, labels=known, id="id", time="date")
    assert [b.rows for b in report.batches] == [400, 400]
    assert [(b.rows, b.labelled) for b in report.waiting] == [(400, 0)]


def test_rows_that_depend_on_each_other(rows):
    """Only means of batches are used, and nothing is said before the tenth."""
    early = calaudit.monitor(rows[rows["week"] < 5], time="date", group="week")
    assert early.units == "batches"
    assert early.status == "INCONCLUSIVE"
    late = calaudit.monitor(rows.assign(site=rows.index % 50), time="date", group="site")
    assert {"batch-means-alone", "groups-in-batches"} <= {note.code for note in late.notes}
    same = calaudit.monitor(rows, time="date", group="batch")
    assert [b.beyond for b in same.batches] == [b.beyond for b in late.batches]


def test_a_reference_says_what_moved(rows):
    """The map changed, and the scores did not."""
    reference = calaudit.evaluate(rows[rows["week"] < 4])
    found = calaudit.monitor(rows[rows["week"] >= 7], time="date", reference=reference)
    assert found.change is not None
    assert found.change.kind == "map"
    assert "changed" in {note.code for note in found.notes}


def rng_labels(count):
    """Return labels that no score tells of."""
    return np.random.default_rng(12).integers(0, 2, count)


def test_a_threshold_is_watched(rows):
    """Volumes, cost and errors of each batch by hand; its promise is broken after the shift."""
    before = rows[rows["week"] < 4]
    saved = calaudit.threshold(before, max_error=0.2, max_review="60%", guarantee="none")
    option = saved.recommended
    assert option is not None
    found = calaudit.monitor(rows, time="date", threshold=saved)
    assert found.capacity == pytest.approx(0.6)
    for week in (2, 9):
        part, watched = rows[rows["week"] == week], found.batches[week].watched
        assert watched is not None
        acted = part["score"] >= (np.inf if option.act_from is None else option.act_from)
        passed = part["score"] < option.review_from
        assert watched.act == pytest.approx(acted.mean())
        assert watched.review == pytest.approx((~acted & ~passed).mean())
        (promise,) = watched.promises
        assert promise.rows == (acted | passed).sum()
        wrong = (acted & (part["label"] == 0)) | (passed & (part["label"] == 1))
        assert promise.errors == wrong.sum()
    broken = rows.copy()
    broken.loc[rows["week"] >= 7, "label"] = rng_labels(7 * 400)
    after = calaudit.monitor(broken, time="date", threshold=saved)
    logs = [b.watched.promises[0].log_evidence for b in after.batches if b.watched is not None]
    assert logs[6] < np.log(20) <= max(logs)
    assert "no longer keeps --max-error" in after.sentence
    shown = calaudit.threshold(before, max_error=0.25, max_review="90%")
    assert shown.recommended is not None
    both = calaudit.monitor(before, time="date", threshold=shown).batches[1].watched
    assert both is not None
    passed = before[before["week"] == 1]["score"] < shown.recommended.review_from
    sizes = {p.limit: p.rows for p in both.promises}
    assert sizes["max_error_passing"] == passed.sum()
    costs = calaudit.threshold(before, cost_fp=2, cost_fn=1)
    priced = calaudit.monitor(before, time="date", threshold=costs)
    part = before[before["week"] == 1]
    assert costs.recommended is not None
    acted = part["score"] >= costs.recommended.act_from
    paid = 2 * (acted & (part["label"] == 0)) + 1 * (~acted & (part["label"] == 1))
    assert priced.batches[1].watched is not None
    assert priced.batches[1].watched.cost == pytest.approx(1000 * paid.mean())


def test_a_confidence_below_the_cutoff_is_reviewed(rows):
    """Predictions are accepted or reviewed, and errors are those that were accepted."""
    said = rows.rename(columns={"score": "confidence", "label": "correct"}).drop(columns="week")
    saved = calaudit.threshold(said, confidence="confidence", cost_error=5, cost_review=1)
    assert saved.recommended is not None
    found = calaudit.monitor(said, time="date", confidence="confidence", threshold=saved)
    watched = found.batches[0].watched
    assert watched is not None
    accepted = said["confidence"][:400] >= saved.recommended.act_from
    assert watched.act == pytest.approx(accepted.mean())
    assert watched.review == pytest.approx(1 - accepted.mean())
    paid = 5 * (accepted & (said["correct"][:400] == 0)) + 1 * ~accepted
    assert watched.cost == pytest.approx(1000 * paid.mean())


def test_a_threshold_of_other_scores_is_refused(rows):
    """Cutoffs of logits say nothing of probabilities."""
    logits = rows.assign(logit=np.log(rows["score"] / (1 - rows["score"])))
    saved = calaudit.threshold(logits[["logit", "label"]], logits="logit", cost_fp=1, cost_fn=2)
    with pytest.raises(InputError, match="the saved threshold has the unit logit"):
        calaudit.monitor(rows, time="date", threshold=saved)


def test_several_classes_and_confidences(rows):
    """The confidence in the predicted class is watched."""
    p = np.stack([0.7 * rows["score"], 0.3 * rows["score"], 1 - rows["score"]], axis=1)
    frame = pd.DataFrame(p, columns=["p_a", "p_b", "p_c"]).assign(
        label=np.where(rows["label"] == 1, "a", "c"), date=rows["date"]
    )
    report = calaudit.monitor(frame, time="date")
    assert report.task == "multiclass"
    assert "confidence-watched" in {note.code for note in report.notes}
    top = p.max(axis=1)
    assert report.batches[0].stated == pytest.approx(top[:400].mean(), abs=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tolerance": 0.6}, "--tolerance"),
        ({"alpha": 0}, "--alpha"),
        ({"matters": 0.01}, "--matters"),
        ({"every": "fortnight"}, "--every is one of"),
        ({"every": "0"}, "--every is one of"),
    ],
)
def test_what_is_out_of_range_is_refused(rows, options, words):
    """Each with what it may be."""
    with pytest.raises(SettingsError, match=words):
        calaudit.monitor(rows, time="date", **options)


def test_tables_in_the_place_of_rows_are_refused(rows, tmp_path):
    """What summarize wrote has no batches."""
    rows[["score", "label"]].to_csv(tmp_path / "rows.csv", index=False)
    shard = calaudit.summarize(tmp_path / "rows.csv")
    (tmp_path / "part.cal").write_bytes(shard.to_bytes())
    with pytest.raises(InputError, match="give the predictions themselves"):
        calaudit.monitor(str(tmp_path / "part.cal"))


def test_rows_that_no_batch_holds_are_refused(rows):
    """Rows without a date, with weights, and nothing at all."""
    with pytest.raises(InputError, match="without a date"):
        calaudit.monitor(rows.assign(date=rows["date"].where(rows.index != 5)), time="date")
    with pytest.raises(InputError, match="--weight none"):
        calaudit.monitor(rows, time="date", weight="week")
    with pytest.raises(SettingsError, match="nothing to read"):
        calaudit.monitor()

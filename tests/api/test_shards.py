"""Tables of parts of the data, made anywhere and merged: the same report, or a refusal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.api.shards import shard
from calaudit.api.shards.gathered import gathered
from calaudit.api.shards.named import shards_in
from calaudit.cli import main
from calaudit.errors import IncompleteError, InputError, SettingsError
from calaudit.predictions import parquet
from calaudit.records.container import packed
from tests.api.test_invariance import close, document

N = 1200
RNG = np.random.default_rng(5)


def _table() -> pa.Table:
    score = RNG.beta(0.6, 1.5, N).round(4)
    probs = RNG.dirichlet([1, 1, 2], N)
    truth = np.array(["a", "b", "c"])[(probs.cumsum(axis=1) < RNG.random((N, 1))).sum(axis=1)]
    days = RNG.integers(0, 120, N).astype("timedelta64[D]")
    return pa.table(
        {
            "score": score, "label": (RNG.random(N) < score**1.2).astype(np.int8),
            "weight": RNG.integers(0, 5, N), "odd": RNG.exponential(1, N),
            "user": RNG.integers(0, 80, N), "region": RNG.choice(["n", "s", "w"], N),
            "day": np.datetime64("2025-01-01") + days, "confidence": (1 + score) / 2,
            "said": RNG.choice(["a", "b", "c"], N), "truth": truth,
            **{f"p_{name}": probs[:, i] for i, name in enumerate("abc")},
        }
    )  # fmt: skip


TABLE = _table()
BINARY: dict[str, Any] = {"score": "score", "label": "label", "weight": "none"}
KINDS: dict[str, dict[str, Any]] = {
    "binary": BINARY | {"worst": 7},
    "slices": BINARY | {"by": ("region", "day:month", "day<2025-02-01", "user<40")},
    "grouped": BINARY | {"group": "user", "by": "region", "bins": "equal-mass:10"},
    "whole weights": BINARY | {"weight": "weight", "weight_kind": "frequency"},
    "weights": BINARY | {"weight": "odd"},
    "multiclass": {"probs": "p_", "label": "truth", "weight": "none", "worst": 3, "by": "region"},
    "grouped classes": {"probs": "p_", "label": "truth", "weight": "none", "group": "user"},
    "top-label": {
        "confidence": "confidence", "label": "truth", "prediction": "said", "weight": "none",
        "worst": 5,
    },
    "some": BINARY | {"where": "day>=2025-02-01", "convention": "left", "clip": 1e-6, "bins": 7},
}  # fmt: skip
EXACT = ("binary", "slices", "grouped", "whole weights", "top-label", "some")
"""Kinds whose sums are of whole numbers: the same to the last bit however rows are divided."""

ALIKE = (*EXACT, "multiclass", "grouped classes")
"""Kinds that are the same to the last bit however row groups are divided."""

PARTS = ("1/2", "2/2")

SAID = ("convention", "clip", "weight_kind")
"""Settings of the tables that are said again."""


def said_again(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that an evaluation of shards takes as well."""
    return {name: value for name, value in options.items() if name in SAID}


def known(report: Any) -> dict[str, Any]:
    """Return a report without what tells that it is of shards, or of which rows come first."""
    values = document(report)
    aside = ("from-shards", "rows-together")
    return values | {"notes": [n for n in values["notes"] if n["code"] not in aside]}


def same(one: Any, other: Any, kinds: Sequence[str], kind: str) -> None:
    """Check that reports are the same: of some kinds to the last bit, of others to 12 digits."""
    if kind in kinds:
        assert json.dumps(known(one)) == json.dumps(known(other))
    else:
        close(known(one), known(other))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Every row group is a part of its own, and files have bare names."""
    monkeypatch.setattr(parquet, "_PART_CELLS", 1)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(table: pa.Table, cuts: Sequence[int], rows: int = 100) -> list[str]:
    """Return the paths of files with the rows between cuts, in row groups of so many rows."""
    ends = [0, *cuts, table.num_rows]
    paths = [f"part-{i:02}.parquet" for i in range(len(ends) - 1)]
    for path, begin, end in zip(paths, ends[:-1], ends[1:], strict=True):
        pq.write_table(table.slice(begin, end - begin), path, row_group_size=rows)
    return paths


def saved(shards: Sequence[calaudit.Shard]) -> list[str]:
    """Return the paths of files of shards."""
    paths = [f"{i}.cal" for i in range(len(shards))]
    for path, each in zip(paths, shards, strict=True):
        Path(path).write_bytes(each.to_bytes())
    return paths


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of rows."""
    return str(request.param)


@pytest.fixture(scope="module")
def whole(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of all rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "_PART_CELLS", 1)
        patch.chdir(tmp_path_factory.mktemp("whole"))
        return calaudit.evaluate(written(TABLE, [500]), **KINDS[kind])


def merged(shards: Sequence[calaudit.Shard], options: dict[str, Any]) -> bytes:
    """Return the merged tables of shards as bytes, without the places of the worst rows."""
    found = gathered(shards_in(list(shards)), said_again(options), by=(), group=None).summary
    assert found is not None
    rows = tuple(replace(row, source=0, row=1) for row in found.worst.rows)
    worst = replace(found.worst, rows=rows)
    groups = dict(sorted(found.slice_groups.items()))
    return packed("x/1", replace(found, worst=worst, slice_groups=groups))


def test_shards_of_files_give_the_report_of_all_rows(kind: str, whole: Any) -> None:
    """However rows are divided; and in any order of the shards the tables are the same bits."""
    options, rng = KINDS[kind], np.random.default_rng(len(kind))
    for _ in range(3):
        files = written(TABLE, sorted(rng.choice(N, 3, replace=False).tolist()))
        shards = [calaudit.summarize(file, **options) for file in files]
        told = merged(shards, options)
        rng.shuffle(shards)
        assert merged(shards, options) == told
    found = calaudit.evaluate(saved(shards), **said_again(options))
    same(whole, found, EXACT, kind)


def test_shares_of_files_give_the_report_of_all_rows(kind: str, whole: Any) -> None:
    """Every machine names the same files, and reads its share of their row groups."""
    options, files = KINDS[kind], written(TABLE, [500])
    shards = [calaudit.summarize(files, part=f"{k}/5", **options) for k in (2, 5, 1, 3, 4)]
    if kind in EXACT and kind != "binary":
        assert merged(shards, options) == merged([calaudit.summarize(files, **options)], options)
        return
    found = calaudit.evaluate(shards, **said_again(options))
    same(whole, found, ALIKE, kind)
    assert found.settings["declared"]["shards"] == {"seen": 5, "expected": 5}


def test_the_same_rows_are_the_same_bytes() -> None:
    """A file can be compared with another, and none holds a time or the name of a machine."""
    file = written(TABLE, [])[0]
    one, other = (calaudit.summarize(file, **KINDS["slices"], threads=k) for k in (1, 4))
    assert one.to_bytes() == other.to_bytes()
    assert len(one.to_bytes()) < 150_000


def test_check_and_compare_take_shards() -> None:
    """They need no more than the tables."""
    files = written(TABLE, [600])
    shards = saved([calaudit.summarize(file, **BINARY) for file in files])
    rules: dict[str, Any] = {"max_ece": 0.1, "min_auroc": 0.5}
    one, other = (calaudit.check(d, **rules, **o) for d, o in ((files, BINARY), (shards, {})))
    assert one.results == other.results
    found, rows = (calaudit.compare(d, **o) for d, o in ((shards, {}), (files, BINARY)))
    assert [d.estimate for d in found.differences] == [d.estimate for d in rows.differences]


def test_threshold_and_fit_take_exact_tables() -> None:
    """Cutoffs and calibrators hang on the scores alone, and on the groups."""
    for more in ({}, {"group": "user"}):
        files = written(TABLE.take(np.arange(500)), [200])
        options = BINARY | {"by": "region"} | more
        shards = [calaudit.summarize(file, **options) for file in files]
        costs: dict[str, Any] = {"cost_fp": 1, "cost_fn": 4}
        one, other = (
            calaudit.threshold(d, **costs, **o) for d, o in ((files, BINARY | more), (shards, {}))
        )
        values = [r.to_dict() for r in (one, other)]
        assert all(values[0][key] == values[1][key] for key in ("options", "cost_curve"))
        assert one.groups == other.groups
        assert one.sentence == other.sentence
    shards = [calaudit.summarize(file, **BINARY) for file in files]
    fitted, found = calaudit.fit(files, **BINARY), calaudit.fit(shards)
    assert fitted.parameters() == found.parameters()
    assert fitted.certificate.rows == found.certificate.rows


def test_arrays_and_frames_are_shards_as_well() -> None:
    """As of a data frame on an executor."""
    y, p = TABLE["label"].to_numpy(), TABLE["score"].to_numpy()
    parts = [calaudit.summarize(y[i::3], p[i::3]) for i in range(3)]
    found = calaudit.evaluate([calaudit.Shard.from_bytes(part.to_bytes()) for part in parts])
    assert found.metrics == calaudit.evaluate(y, p).metrics
    with pytest.raises(InputError, match="shard 2 and shard 1 are both of the same rows"):
        calaudit.evaluate([parts[0], parts[0]])
    assert calaudit.evaluate(parts, axis="log-odds").metrics == found.metrics
    few = [calaudit.summarize(np.tile([0, 1], 10), np.tile([0.25, 0.5], 10)) for _ in range(2)]
    assert calaudit.evaluate(few).rows == 40  # other rows have such counts as easily


def test_a_part_may_be_empty_or_of_one_kind() -> None:
    """What is wrong with a part alone may be right with the whole."""
    words = pa.array(np.where(TABLE["label"].to_numpy() == 1, "yes", "no way"))
    table = TABLE.take(np.argsort(TABLE["label"].to_numpy(), kind="stable"))
    table = table.append_column(
        "words", words.take(pa.array(np.argsort(TABLE["label"], kind="stable")))
    )
    files = written(table, [0, 300])
    for options in (BINARY, BINARY | {"label": "words", "positive": "yes"}):
        shards = [calaudit.summarize(file, **options) for file in files]
        same(calaudit.evaluate(files, **options), calaudit.evaluate(shards), EXACT, "binary")


def test_what_is_wrong_with_the_whole_is_refused_when_all_are_there() -> None:
    """Half of the scores are no probabilities, which each part alone cannot say."""
    bad = TABLE.set_column(0, "score", pa.array(np.arange(N) / 15.0))
    options = BINARY | {"on_invalid": "drop"}
    files = written(bad, [5])
    shards = [calaudit.summarize(file, **options) for file in files]
    with pytest.raises(InputError, match="not probabilities") as one:
        calaudit.evaluate(files, **options)
    with pytest.raises(InputError) as other:
        calaudit.evaluate(shards)
    assert str(one.value) == str(other.value)
    with pytest.raises(InputError, match="not probabilities"):  # at once where rows are not dropped
        calaudit.summarize(files[1], **BINARY)


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Three machines, and a fourth that merges; the report tells the command that makes it."""
    files = written(TABLE, [600])
    roles = ["--label", "label", "--score", "score", "--weight", "none", "--by", "region"]
    for k in (1, 2, 3):
        said = ["--part", f"{k}/3", "--on-invalid", "drop", "-o", f"part-{k}.cal"]
        assert main(["summarize", *files, *roles, *said]) == 0
        assert "wrote" in capsys.readouterr().err
    assert main(["summarize", *files, "-o", "part.json"]) == 2
    assert "must end in .cal" in capsys.readouterr().err
    assert main(["evaluate", "part-*.cal", "-o", "r.json", "-o", "r.md"]) == 0
    again = "<pre>calaudit evaluate part-1.cal part-2.cal part-3.cal</pre>"
    assert again in Path("r.md").read_text("utf-8")
    assert main(["check", "part-*.cal", "--baseline", "r.json", "--max-increase", "ece=1"]) == 0


class TestRefusals:
    """Never a figure of part of the data, of other data, or of rows counted twice."""

    def test_a_missing_share(self) -> None:
        """It is named, with the command that makes it."""
        shards = [
            calaudit.summarize(written(TABLE, []), part=f"{k}/4", **BINARY) for k in (1, 2, 4)
        ]
        with pytest.raises(IncompleteError, match=r"3 of 4 parts are here; missing: 3.*part 3/4"):
            calaudit.evaluate(shards)

    def test_shares_of_other_divisions(self) -> None:
        """A quarter and a third do not add up."""
        file = written(TABLE, [])
        shards = [calaudit.summarize(file, part=part, **BINARY) for part in ("1/2", "2/3")]
        with pytest.raises(InputError, match="part 2 of 3, and shard 1 part 1 of 2"):
            calaudit.evaluate(shards)
        with pytest.raises(InputError, match=r"part 2 of 3, .* all of its files"):
            calaudit.evaluate([calaudit.summarize(file, **BINARY), shards[1]])

    def test_the_same_file_twice_whatever_it_is_called(self) -> None:
        """Both shards are named, and the file."""
        files = written(TABLE, [600])
        Path("copy.parquet").write_bytes(Path(files[0]).read_bytes())
        shards = saved(
            [calaudit.summarize(f, **BINARY) for f in (files[0], [files[1], "copy.parquet"])]
        )
        with pytest.raises(InputError, match=r"1\.cal and 0\.cal are both of .*copy\.parquet"):
            calaudit.evaluate(shards)
        share = calaudit.summarize(files, part="1/2", **BINARY)
        with pytest.raises(InputError, match=r"are both of part-00\.parquet \(part 1\)"):
            calaudit.evaluate([share, share])

    def test_files_that_changed_between_two_shares(self) -> None:
        """One of them was made of other rows."""
        files = written(TABLE, [600])
        one = calaudit.summarize(files, part="1/2", **BINARY)
        written(TABLE, [500])
        with pytest.raises(IncompleteError, match=r"changed in between: part-00\.parquet"):
            calaudit.evaluate([one, calaudit.summarize(files, part="2/2", **BINARY)])

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"bins": 10}, "--bins is 10"),
            ({"convention": "left"}, "--convention is left"),
            ({"by": "region"}, "--by is region"),
            ({"group": "user"}, "--group is user"),
            ({"positive": "0"}, "--positive is 0 .* again with --positive 1,"),
            ({"weight": "odd"}, "--weight is odd"),
            ({"score": "confidence"}, "--score is confidence"),
            ({"where": "user<40"}, "--where is user<40"),
            ({"on_invalid": "drop"}, "--on-invalid is drop"),
        ],
    )
    def test_shards_that_were_read_differently(self, options: dict[str, Any], told: str) -> None:
        """What differs is named on both sides, with its option."""
        files = written(TABLE, [600])
        one = calaudit.summarize(files[0], **BINARY)
        other = calaudit.summarize(files[1], **BINARY | options)
        with pytest.raises(InputError, match=told) as error:
            calaudit.evaluate([one, other])
        assert len(str(error.value)) < 400

    def test_bins_that_each_part_chose_for_itself(self) -> None:
        """Shares of one listing have those of all rows."""
        files, options = written(TABLE, [600]), BINARY | {"by": "user:3"}
        shards = [calaudit.summarize(file, **options) for file in files]
        with pytest.raises(InputError, match=r"the bins of slices is user:3 at \d+"):
            calaudit.evaluate(shards)
        shards = [calaudit.summarize(files, part=part, **options) for part in PARTS]
        assert {each.column for each in calaudit.evaluate(shards).slices} == {"user:3"}

    def test_classes_that_differ(self) -> None:
        """As where a part lacks one, and classes were those that it has."""
        files = written(TABLE, [600])
        options: dict[str, Any] = {"label": "truth", "weight": "none"}
        one = calaudit.summarize(files[0], probs="p_", **options)
        other = calaudit.summarize(files[1], probs=("p_b", "p_a", "p_c"), **options)
        with pytest.raises(InputError, match="were read differently"):
            calaudit.evaluate([one, other])

    def test_versions_that_differ(self) -> None:
        """They may read rows differently."""
        one, other = (calaudit.summarize(file, **BINARY) for file in written(TABLE, [600]))
        with pytest.raises(InputError, match=r"made by calaudit 0\.0\.1"):
            calaudit.evaluate([one, replace(other, calaudit="0.0.1")])

    def test_a_file_cut_short_or_with_another_byte(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The file is named, and nothing else is said."""
        good = calaudit.summarize(written(TABLE, []), **BINARY).to_bytes()
        for bad in (good[: len(good) // 2], good[:-1], good[:5000] + b"\x00" + good[5001:]):
            Path("bad.cal").write_bytes(bad)
            assert main(["evaluate", "bad.cal"]) == 3
            assert "bad.cal: it is cut short or damaged" in capsys.readouterr().err
        Path("bad.cal").write_bytes(good.replace(b"shard/1", b"shard/2", 1))
        assert main(["evaluate", "bad.cal"]) == 3
        assert "version '2'" in capsys.readouterr().err

    def test_shards_among_files_of_rows(self) -> None:
        """In either order."""
        (file,) = written(TABLE, [])
        (path,) = saved([calaudit.summarize(file, **BINARY)])
        with pytest.raises(InputError, match=r"0\.cal: holds the tables"):
            calaudit.evaluate([file, path])
        with pytest.raises(InputError, match=r"part-00\.parquet: it is no calaudit\.shard"):
            calaudit.evaluate([path, file])

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"label": "y"}, "label says how rows are read"),
            ({"where": "a=1"}, "where says how rows are read"),
            ({"by": "region"}, "without --by: leave it out, or summarize again with --by region"),
            ({"bins": 20}, "--bins 15"),
            ({"worst": 3}, "without --worst"),
            ({"convention": "left"}, "convention right"),
            ({"weight_kind": "frequency"}, "weight-kind importance"),
        ],
    )
    def test_options_that_would_be_passed_over(self, options: dict[str, Any], told: str) -> None:
        """What was settled when rows were read is not asked for again."""
        one = calaudit.summarize(written(TABLE, []), **BINARY)
        with pytest.raises(SettingsError, match=told):
            calaudit.evaluate(one, **options)

    def test_what_needs_rows(self) -> None:
        """It is refused with the files to give instead."""
        (path,) = saved([calaudit.summarize(written(TABLE, []), **BINARY)])
        for work in (
            lambda: calaudit.audit(path),
            lambda: calaudit.fit(path, holdout=0.5),
            lambda: calaudit.check(path, against=path, id="user", max_ece=0.1),
            lambda: calaudit.threshold(path, cost_fp=1, cost_fn=2, calibrator="cal.json"),
            lambda: calaudit.threshold(path, cost_fp=1, cost_fn=2, by="region"),
        ):
            with pytest.raises((InputError, SettingsError), match=r"part-00\.parquet|id says|rows"):
                work()

    @pytest.mark.parametrize("part", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
    def test_parts_that_are_none(self, part: str) -> None:
        """The form is told."""
        with pytest.raises(SettingsError, match="from 1/N to N/N"):
            calaudit.summarize(written(TABLE, []), part=part, **BINARY)


def test_the_format_is_that_of_its_version() -> None:
    """Who changes what a shard holds gives the format another version, and this list."""
    held = {each.__name__: list(each.__dataclass_fields__) for each in shard.CLASSES}
    assert shard.SCHEMA == "calaudit.shard/1"
    assert hash_of(held) == FIELDS, "the fields of what a shard holds have changed"


def hash_of(value: Any) -> str:
    """Return a short hash of a value."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


FIELDS = "17a85c816f344df9"

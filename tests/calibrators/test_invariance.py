"""The fit depends on the rows, and not on how they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.held_out import JudgeSums
from calaudit.calibrators.moments import MomentSums
from calaudit.calibrators.rows import HELD, Rows
from calaudit.calibrators.temperature import MulticlassTemperature
from tests.calibrators.simulated import binary, several


def rows(n: int = 700, k: int = 4) -> Rows:
    """Return rows with weights and folds, some of them held out."""
    rng = np.random.default_rng(2)
    z, y = several(n, k, 2.0)
    return Rows(z, y, rng.random(n), rng.integers(HELD, 5, n))


@pytest.mark.parametrize("parts", [2, 7])
def test_moments_merge(parts) -> None:
    """Sums of parts, in any order, are the sums of the whole; the parts stay as they are."""
    whole = MomentSums.zeros([-0.5, 0.0, 0.7], 5, 1e-12, n_classes=4)
    whole.add(rows())
    split = []
    for at in np.array_split(np.arange(700), parts):
        sums = MomentSums.zeros([-0.5, 0.0, 0.7], 5, 1e-12, n_classes=4)
        sums.add(rows().take(at))
        split.append(sums)
    before = split[0].sums.copy()
    merged = split[-1]
    for sums in split[:-1]:
        merged = merged.merge(sums)
    assert merged.sums == pytest.approx(whole.sums, rel=1e-12)
    assert merged.weight == pytest.approx(whole.weight)
    assert merged.census is not None
    assert whole.census is not None
    assert np.array_equal(merged.census.rows, whole.census.rows)
    assert np.array_equal(merged.census.class_rows, whole.census.class_rows)
    assert np.array_equal(merged.census.held_rows, whole.census.held_rows)
    assert np.array_equal(split[0].sums, before)


def test_judged_sums_merge() -> None:
    """Losses and top-label tables of parts merge to those of the whole."""
    maps = {"t": [MulticlassTemperature(1.0 + i / 10) for i in range(6)]}
    whole, one, two = (JudgeSums(maps, 1e-12) for _ in range(3))
    whole.add(rows())
    one.add(rows().take(slice(0, 100)))
    two.add(rows().take(slice(100, None)))
    merged = two.merge(one)
    for a, b in zip(merged.sums, whole.sums, strict=True):
        assert a.loss == pytest.approx(b.loss)
        assert a.products == pytest.approx(b.products)
        assert a.rows == b.rows
    for one_table, two_table in zip(merged.tables[0], whole.tables[0], strict=True):
        assert np.array_equal(one_table.table().starts, two_table.table().starts)
        assert np.array_equal(one_table.table().counts, two_table.table().counts)


def frame(n: int = 5000, k: int = 3) -> pa.Table:
    """Return multiclass logits and a group as a table."""
    z, y = several(n, k, 2.0)
    columns = {f"logit_{j}": z[:, j] for j in range(k)}
    return pa.table(columns | {"label": y, "w": np.arange(n) % 3 + 0.5, "g": np.arange(n) // 10})


@pytest.fixture
def files(tmp_path) -> list[Path]:
    """Return the same rows as Parquet in one and in many groups, and as CSV."""
    table = frame()
    paths = [tmp_path / name for name in ("one.parquet", "many.parquet", "rows.csv")]
    parquet.write_table(table, paths[0])
    parquet.write_table(table, paths[1], row_group_size=333)
    arrow_csv.write_csv(table, paths[2])
    return paths


@pytest.mark.parametrize("method", ["temperature", "vector"])
@pytest.mark.parametrize("options", [{}, {"weight": "w"}, {"holdout": 0.4}, {"group": "g"}])
def test_any_chunks_and_threads(files, method, options) -> None:
    """Formats, row groups and threads give the same parameters and figures."""
    fits = [
        fit(str(path), method=method, threads=threads, label="label", logits="logit_", **options)
        for path in files
        for threads in (1, 4)
    ]
    first = fits[0]
    for other in fits[1:]:
        for name, values in first.parameters().items():
            assert other.parameters()[name] == pytest.approx(values, rel=1e-9, abs=1e-12)
        for a, b in zip(first.certificate.checks, other.certificate.checks, strict=True):
            assert (a.kind, a.rows) == (b.kind, b.rows)
            assert b.after.log_loss == pytest.approx(a.after.log_loss, rel=1e-9)
            assert b.after.smece == pytest.approx(a.after.smece, rel=1e-6)


def test_reading_again_or_keeping_rows(files, monkeypatch) -> None:
    """Rows that are too many to keep are read again, and give the same fit."""
    kept = fit(str(files[1]), label="label", logits="logit_")
    monkeypatch.setattr("calaudit.api.rows.repeated_reading.MOST_KEPT", 1000)
    again = fit(str(files[1]), label="label", logits="logit_")
    assert kept.to_json() == again.to_json()


def test_a_stream_that_is_read_once(files) -> None:
    """A record batch reader has no second pass: its rows are kept."""
    reader = pa.RecordBatchReader.from_batches(frame().schema, frame().to_batches(500))
    once = fit(reader, method="temperature", label="label", logits="logit_")
    file = fit(str(files[0]), method="temperature", label="label", logits="logit_")
    assert once.parameters()["T"] == pytest.approx(file.parameters()["T"], rel=1e-9)


def test_shuffled_binary_rows_give_the_same_fit() -> None:
    """All that is learnt of binary rows is their score table, whatever their order."""
    z, y = binary(3000, 2.0)
    order = np.random.default_rng(0).permutation(3000)
    one, two = (fit(b, a, scale="logit").to_json() for a, b in ((z, y), (z[order], y[order])))
    assert one == two

"""``apply --interval``: both probabilities of Venn-Abers prediction, in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.calibrators.base import Calibrator
from calaudit.errors import SettingsError

RNG = np.random.default_rng(8)
P = np.round(RNG.uniform(size=400), 3)
Y = (RNG.uniform(size=400) < P**2).astype(int)


@pytest.fixture(scope="module")
def fitted() -> Calibrator:
    """A calibrator of the rows."""
    return calaudit.fit(Y, P, method="venn-abers")


def write(path: Path) -> None:
    """Write the rows in the format of the name."""
    table = pa.table({"id": np.arange(400), "score": P, "label": Y})
    if path.suffix == ".csv":
        table.to_pandas().to_csv(path, index=False)
    elif path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".arrow":
        with ipc.new_file(path, table.schema) as sink:
            sink.write_table(table)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    else:
        np.savez(path, score=P, label=Y)


def read(path: Path) -> Any:
    """Return what was written, by column."""
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pandas()
    if path.suffix == ".arrow":
        return ipc.open_file(path).read_all().to_pandas()
    if path.suffix == ".jsonl":
        return pd.read_json(path, lines=True)
    return np.load(path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".jsonl", ".npz"])
def test_both_stand_beside_the_score(tmp_path: Path, fitted: Calibrator, suffix: str) -> None:
    """Three columns are added; the score stays, and lies between its bounds when calibrated."""
    given, made = tmp_path / f"given{suffix}", tmp_path / f"made{suffix}"
    write(given)
    done = calaudit.apply(fitted, given, made, interval=True, suffix="_cal")
    assert done.written == ("score_cal", "score_cal_low", "score_cal_high")
    found = read(made)
    one, low, high = (np.asarray(found[name]) for name in done.written)
    assert np.asarray(found["score"]) == pytest.approx(P)
    assert one == pytest.approx(fitted.apply(P), abs=1e-15)
    expected: Any = fitted.map
    bounds = expected.between(P)
    assert low == pytest.approx(bounds[0], abs=1e-15)
    assert high == pytest.approx(bounds[1], abs=1e-15)
    assert np.all((low <= one) & (one <= high) & (low < high))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"suffix": ""}, "say what their names end in"),
        ({"scale": "logit"}, "writes probabilities as they were fitted"),
        ({"prior": 0.2}, "writes probabilities as they were fitted"),
    ],
)
def test_refused(tmp_path: Path, fitted: Calibrator, options: dict[str, Any], said: str) -> None:
    """What has no bounds, or no place for them, is refused with what to do."""
    write(tmp_path / "given.csv")
    given: Any = {"interval": True, "suffix": "_cal", **options}
    with pytest.raises(SettingsError, match=said):
        calaudit.apply(fitted, tmp_path / "given.csv", tmp_path / "made.csv", **given)
    assert not (tmp_path / "made.csv").exists()


def test_other_methods_have_none(tmp_path: Path) -> None:
    """Of a temperature there is one probability, and the method that has two is named."""
    write(tmp_path / "given.csv")
    other = calaudit.fit(Y, P, method="temperature")
    with pytest.raises(SettingsError, match="venn-abers"):
        calaudit.apply(
            other, tmp_path / "given.csv", tmp_path / "made.csv", interval=True, suffix="_cal"
        )

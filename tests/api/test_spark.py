"""The recipe of docs/shards.md for Spark, word for word, on a local one."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit

TEXT = (Path(__file__).parents[2] / "docs" / "shards.md").read_text(encoding="utf-8")
(RECIPE,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_executors_summarize_and_the_driver_merges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partitions, one of them empty, give the figures of all rows."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java, which Spark runs on")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    rng = np.random.default_rng(0)
    score = rng.random(3000)
    label = (rng.random(3000) < score**1.3).astype(int)
    rows = pd.DataFrame({"score": score, "label": label, "region": rng.choice(["n", "s"], 3000)})
    rows.to_parquet(tmp_path / "rows.parquet")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    try:
        predictions = spark.read.parquet(str(tmp_path / "rows.parquet")).repartition(3)
        predictions = predictions.union(predictions.filter("score > 2"))
        given: dict[str, Any] = {"predictions": predictions}
        exec(RECIPE, given)
    finally:
        spark.stop()
    roles: Any = {"label": "label", "score": "score", "by": "region"}
    whole = calaudit.evaluate(rows, **roles)
    report = given["report"]
    assert report.metrics == whole.metrics
    assert report.slices == whole.slices
    assert len(given["found"]) == 3

"""What is no score gets no probability, in any language."""

from __future__ import annotations

import json
import math
import sqlite3
import subprocess
from typing import Any

import numpy as np
import pytest

from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from tests.calibrators_export.examples import EVERY

BAD_PROBABILITIES = [math.nan, 1.0000001, -1e-9, math.inf, -math.inf]
BAD_LOGITS = [math.nan, math.inf, -math.inf]
SINGLE = [name for name, calibrator in EVERY.items() if calibrator.task == "binary"]


def bad_scores(case: str) -> list[float]:
    """Return scores that are none."""
    return BAD_PROBABILITIES if EVERY[case].scale == "probability" else BAD_LOGITS


@pytest.mark.parametrize("case", SINGLE)
@pytest.mark.parametrize("name", ["python", "numpy"])
def test_python_raises(case: str, name: str) -> None:
    """The Python functions raise ValueError."""
    names: dict[str, Any] = {}
    exec(str(export_calibrator(EVERY[case], name).content), names)
    for bad in bad_scores(case):
        with pytest.raises(ValueError, match=r"is not a|is no "):
            names["calibrate"](bad)


@pytest.mark.parametrize("case", SINGLE)
def test_sql_gives_null(case: str) -> None:
    """The expressions give NULL for NULL, and for what is out of range."""
    duckdb = pytest.importorskip("duckdb")
    expression = str(export_calibrator(EVERY[case], "sql").content)
    column = "score" if EVERY[case].scale == "probability" else "logit"
    rows = ", ".join(f"('{bad}'::DOUBLE)" for bad in bad_scores(case))
    query = f'SELECT {expression} FROM (VALUES (NULL), {rows}) AS t("{column}")'
    with duckdb.connect() as connection:
        answers = connection.execute(query).fetchall()
    assert answers == [(None,)] * (len(bad_scores(case)) + 1)
    lite = sqlite3.connect(":memory:")
    (answer,) = lite.execute(f'SELECT {expression} FROM (SELECT NULL AS "{column}")').fetchall()
    lite.close()
    assert answer == (None,)


@pytest.mark.parametrize("case", ["vector-probability", "multiclass-temperature-logit"])
def test_sql_rows_give_null(case: str) -> None:
    """One NULL among the classes leaves no class with a probability."""
    duckdb = pytest.importorskip("duckdb")
    options = Options(columns=("a", "b", "c", "d", "e"))
    expressions = str(export_calibrator(EVERY[case], "sql", options=options).content)
    query = f"SELECT {expressions} FROM (SELECT 0.5 a, NULL b, 0.1 c, 0.2 d, 0.2 e)"
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [(None,) * 5]


@pytest.mark.parametrize("case", ["platt-probability", "isotonic-logit", "vector-probability"])
def test_javascript_throws(case: str) -> None:
    """The function throws a RangeError, for text and undefined as well."""
    if not TARGETS["javascript"].runtimes():
        pytest.skip("node is not here")
    code = str(export_calibrator(EVERY[case], "javascript").content)
    script = code + (
        "const bad = [NaN, Infinity, undefined, null, '0.5', [], [0.1], [2, 0, 0, 0, 0]];"
        "console.log(JSON.stringify(bad.map((x) => { try { return calibrate(x); } "
        "catch (e) { return e.name; } })));"
    )
    told = subprocess.run(["node", "-e", script], capture_output=True, check=True, encoding="utf-8")
    assert set(json.loads(told.stdout)) <= {"RangeError", "TypeError"}


@pytest.mark.parametrize("name", ["torch", "onnx"])
@pytest.mark.parametrize("case", [*SINGLE, "vector-probability", "matrix-logit"])
def test_graphs_give_nan(case: str, name: str) -> None:
    """Modules and graphs, which cannot raise, give NaN."""
    target, calibrator = TARGETS[name], EVERY[case]
    if not target.runtimes():
        pytest.skip(f"nothing here runs {name}")
    options = Options(dtype="float64")
    made = export_calibrator(calibrator, name, options=options)
    bad = np.array(BAD_PROBABILITIES[:4] if calibrator.scale == "probability" else BAD_LOGITS[:2])
    if calibrator.task == "multiclass":
        rows = np.full((len(bad), 5), 0.2)
        rows[:, 1] = bad
        bad = rows
    answers = target.runtimes()[0].run(made.content, calibrator, options, bad)
    assert np.isnan(answers).all()

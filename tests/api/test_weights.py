"""What weights mean in a fit: a row that stands for w rows is fitted as those w rows are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit import InputError, SettingsError
from calaudit.calibrators.methods import BINARY_METHODS, MULTICLASS_METHODS
from tests.calibrators.simulated import binary, several

N = 700
WEIGHTS = np.random.default_rng(1).integers(0, 5, N)
USERS = np.random.default_rng(2).integers(0, 60, N)


def rows(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, some of them equal, and labels."""
    z, y = binary(N, 2.0) if classes == 2 else several(N, classes, 2.0)
    return np.round(z, 1), y


def both(classes: int, method: str, **options: Any) -> tuple[Any, Any]:
    """Return the fit of rows with frequency weights, and that of each row so many times."""
    z, y = rows(classes)
    group = options.pop("group", None)
    more = {"scale": "logit", "method": method, **options}
    counted = calaudit.fit(
        y, z, sample_weight=WEIGHTS, weight_kind="frequency", group=group, **more
    )
    expanded = calaudit.fit(
        np.repeat(y, WEIGHTS),
        np.repeat(z, WEIGHTS, axis=0),
        group=None if group is None else np.repeat(group, WEIGHTS),
        **more,
    )
    return counted, expanded


def flat(value: Any) -> Any:
    """Return nested values as a list of leaves, for comparison."""
    if isinstance(value, dict):
        return [leaf for name in sorted(value) for leaf in flat(value[name])]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def assert_same(one: Any, two: Any) -> None:
    """Check two calibrators, with their evidence, up to the order of additions."""
    assert one.method == two.method
    assert flat(one.parameters()) == pytest.approx(flat(two.parameters()), rel=1e-9, abs=1e-12)
    mine, yours = asdict(one.certificate), asdict(two.certificate)
    for name in ("rows", "effective_rows", "class_rows", "parameters", "checks", "candidates"):
        ours = zip(flat(mine[name]), flat(yours[name]), strict=True)
        for a, b in ours:
            expected = pytest.approx(b, rel=1e-7, abs=1e-9) if isinstance(b, float) else b
            assert a == expected, name


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("method", [*BINARY_METHODS, "auto"])
def test_binary_frequency_is_expansion(method: str, grouped: bool) -> None:
    """Parameters, intervals and every check are those of the expanded rows."""
    assert_same(*both(2, method, group=USERS if grouped else None))


@pytest.mark.parametrize("method", [*MULTICLASS_METHODS, "auto"])
def test_multiclass_frequency_is_expansion(method: str) -> None:
    """So they are for several classes, where copies of a row are in one fold on both ways."""
    assert_same(*both(4, method, group=np.arange(N)))


@pytest.mark.parametrize("classes", [2, 4])
def test_held_out_frequency_is_expansion(classes: int) -> None:
    """The rows held out are counted as often, too."""
    counted, expanded = both(classes, "temperature", group=np.arange(N), holdout=0.4)
    assert counted.certificate.checks[0].kind == "held-out"
    assert_same(counted, expanded)


@pytest.mark.parametrize("classes", [2, 4])
def test_importance_is_not_frequency(classes: int) -> None:
    """Importance weights of the same size give the same T with a wider interval, and a note."""
    z, y = rows(classes)
    weighted = calaudit.fit(y, z, scale="logit", method="temperature", sample_weight=WEIGHTS)
    counted, _ = both(classes, "temperature")
    (one,), (two,) = weighted.certificate.parameters, counted.certificate.parameters
    assert one.value == pytest.approx(two.value, rel=1e-9)
    assert one.high - one.low > 1.1 * (two.high - two.low)  # type: ignore[operator]
    notes = {r.code: r.text for r in weighted.certificate.remarks}
    assert "intervals follow the weights" in notes["weighted"]
    notes = {r.code: r.text for r in counted.certificate.remarks}
    assert f"{WEIGHTS.sum():,} rows in all" in notes["weighted"]


@pytest.mark.parametrize("classes", [2, 4])
def test_shares_are_no_frequencies(classes: int) -> None:
    """Weights that are no whole numbers are refused, though their sums may be whole."""
    z, y = rows(classes)
    weights = np.where(np.arange(N) % 2 == 0, 0.5, 1.5)
    with pytest.raises(InputError, match="not whole numbers"):
        calaudit.fit(y, z, scale="logit", sample_weight=weights, weight_kind="frequency")


def test_unknown_kind() -> None:
    """A kind of weight that does not exist is refused before anything is read."""
    with pytest.raises(SettingsError, match="weight_kind must be one of importance, frequency"):
        calaudit.fit("no-such-file.csv", weight_kind="probability")


def test_weightless_rows_are_noted_once(tmp_path) -> None:
    """Rows of weight 0 are counted once, however often a fit reads the rows."""
    z, y = rows(4)
    columns = {f"logit_{k}": z[:, k] for k in range(4)}
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({**columns, "label": y, "weight": WEIGHTS}), path)
    zero = f"{np.count_nonzero(WEIGHTS == 0)} rows have weight 0"
    for fitted in (
        calaudit.fit(path),
        calaudit.fit(y, z, scale="logit", sample_weight=WEIGHTS),
    ):
        texts = [r.text for r in fitted.certificate.remarks if r.code == "weightless-rows"]
        assert len(texts) == 1
        assert texts[0].startswith(zero)


@pytest.mark.parametrize("use", ["fit", "audit"])
def test_lines_of_several_rows_are_not_held_out_by_a_hash(tmp_path: Path, use: str) -> None:
    """All rows of such a line would be on one side; with groups it goes."""
    rng = np.random.default_rng(0)
    p = rng.random(400)
    table = pd.DataFrame(
        {"score": p, "label": rng.random(400) < p, "weight": 3, "user": range(400)}
    )
    table.to_csv(tmp_path / "lines.csv", index=False)
    call: Any = getattr(calaudit, use)
    given: dict[str, Any] = {"data": tmp_path / "lines.csv", "weight": "weight", "holdout": 0.5}
    with pytest.raises(SettingsError, match="a hash of the line cannot divide"):
        call(**given, weight_kind="frequency")
    assert call(**given, weight_kind="frequency", group="user")
    assert call(**given)


def test_rows_without_weight_or_label_are_not_invalid() -> None:
    """Each is told of by what it is, and no verdict says that rows were invalid."""
    z, y = rows(2)
    frame = pd.DataFrame({"logit": z, "label": y.astype(float)})
    light = calaudit.evaluate(frame.assign(weight=np.arange(len(y)) % 2))
    frame.loc[::3, "label"] = np.nan
    waiting = calaudit.evaluate(frame, allow_unmatched=True)
    for report, code in ((light, "weightless-rows"), (waiting, "labels-waiting")):
        codes = {note.code for note in report.notes}
        assert code in codes
        assert "rows-dropped" not in codes
        assert "invalid" not in report.verdict.sentence

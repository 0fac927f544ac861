"""Logits of −inf, +inf and NaN: answered in one way by every multiclass method, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from calaudit.api.applying import apply
from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator, MulticlassMap
from calaudit.calibrators.calibrated_rows import calibrated_logits
from calaudit.calibrators.identity import MulticlassIdentity
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.temperature import MulticlassTemperature
from calaudit.calibrators.vector import Vector
from calaudit.errors import InputError
from tests.calibrators.simulated import several

K = 4
B = np.array([0.3, -0.1, 0.2, -0.4])
MASKING: dict[str, MulticlassMap] = {
    "identity": MulticlassIdentity(),
    "temperature": MulticlassTemperature(2.5),
    "vector": Vector(np.array([0.5, 1.0, 2.0, 0.7]), B),
    "vector, slopes of 0 and less": Vector(np.array([0.5, 0.0, -2.0, 0.7]), B),
}
MATRIX = Matrix(np.eye(K) + 0.1, B)
EVERY = MASKING | {"matrix": MATRIX}
IMPOSSIBLE = [(1,), (2,), (0, 2), (1, 2, 3), (0, 1, 3)]


def of(mapping: MulticlassMap, scale: str = "logit") -> Calibrator:
    """Return a calibrator of four classes."""
    return Calibrator(mapping, "multiclass", scale, ("a", "b", "c", "d"))


def rows(impossible: tuple[int, ...], stand_in: float = -np.inf) -> Any:
    """Return two rows of logits, some classes of the second impossible."""
    z = np.array([[1.0, -0.5, 0.2, 0.0], [0.4, 0.3, 0.2, 0.1]])
    z[1, list(impossible)] = stand_in
    return z


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
@pytest.mark.parametrize("mapping", MASKING.values(), ids=list(MASKING))
def test_the_impossible_stays_so(mapping, impossible) -> None:
    """A class of logit −inf has probability 0 after, and the others share as without it."""
    calibrator = of(mapping)
    p = calibrator.apply(rows(impossible))
    assert np.all(p[1, list(impossible)] == 0.0)
    assert p.sum(axis=1) == pytest.approx([1.0, 1.0])
    # The maps leave each class its own logit, so that the others' odds do not change.
    whole = calibrator.apply(rows(()))
    others = [k for k in range(K) if k not in impossible]
    assert p[1, others] == pytest.approx(whole[1, others] / whole[1, others].sum(), rel=1e-12)
    assert p[0] == pytest.approx(whole[0])
    logits = calibrated_logits(calibrator, rows(impossible))
    assert np.array_equal(np.isneginf(logits[1]), np.isin(np.arange(K), impossible))


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_a_matrix_refuses(impossible) -> None:
    """Mixed classes leave no answer: refused, with the row, whatever way it is applied."""
    for applied in (of(MATRIX).apply, lambda z: calibrated_logits(of(MATRIX), z)):
        with pytest.raises(InputError, match=r"no answer for 1 rows, the first .*-inf.*finite"):
            applied(rows(impossible))
    assert np.isfinite(of(MATRIX).apply(rows(()))).all()


@pytest.mark.parametrize("mapping", EVERY.values(), ids=list(EVERY))
@pytest.mark.parametrize(
    ("value", "classes", "message"),
    [
        (-np.inf, (0, 1, 2, 3), "row of logits at 1 is −inf throughout"),
        (np.inf, (2,), r"score at \[1, 2\] is .*inf.*not a usable logit"),
        (np.nan, (3,), r"score at \[1, 3\] is .*nan.*not a usable logit"),
    ],
)
def test_what_is_no_logit(mapping, value, classes, message) -> None:
    """+inf, NaN and rows without any possible class are refused, with their place."""
    with pytest.raises(InputError, match=message):
        of(mapping).apply(rows(classes, value))
    with pytest.raises(InputError, match="no answer for 1 rows"):
        mapping.logits(rows(classes, value))  # as rows on their way through evaluate meet it


@pytest.mark.parametrize("mapping", EVERY.values(), ids=list(EVERY))
def test_probabilities_of_zero(mapping) -> None:
    """A probability of 0 counts as the floor in every method, as it does in the fit."""
    p = np.array([[0.7, 0.3, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    calibrator = of(mapping, "probability")
    found = calibrator.apply(p)
    if calibrator.method == "identity":
        assert np.array_equal(found, p)
    else:
        assert found == pytest.approx(calibrator.apply(np.maximum(p, 1e-12)), rel=1e-12)
        assert np.all(found > 0.0)


def masked(stand_in: float) -> tuple[Any, Any]:
    """Return logits with classes that cannot be, and labels among the others."""
    z, y = several(2000, K, 2.0, seed=3)
    z = z + np.array([0.5, 0.0, -1.0, 0.0])
    out = np.zeros_like(z, bool)
    out[::3, 0] = out[1::4, 2] = True
    out[np.arange(len(y)), y] = False
    return np.where(out, stand_in, z), y


@pytest.mark.parametrize("method", ["temperature", "vector", "auto"])
@pytest.mark.parametrize("stand_in", [-1e4, -1e9, -3.4e38, -1e300])
def test_fits_mask_what_cannot_be(method, stand_in) -> None:
    """−inf fits as any logit does that leaves no probability, and is judged so."""
    low, y = masked(stand_in)
    never, _ = masked(-np.inf)
    one, two = (fit(y, z, scale="logit", method=method) for z in (low, never))
    for name, values in two.parameters().items():
        assert one.parameters()[name] == pytest.approx(np.array(values), rel=1e-7, abs=1e-8)
    checks = [c.certificate.checks[0] for c in (one, two)]
    assert checks[0].after.log_loss == pytest.approx(checks[1].after.log_loss, rel=1e-8)
    assert np.all(two.apply(never)[np.isneginf(never)] == 0.0)


def test_a_matrix_is_not_fitted() -> None:
    """Rows that the matrix could not be applied to are refused by the fit, and counted."""
    z, y = masked(-np.inf)
    bad = int(np.isneginf(z).any(axis=1).sum())
    with pytest.raises(InputError, match=f"{bad:,} rows have logits of −inf, which matrix"):
        fit(y, z, scale="logit", method="matrix")


def test_a_matrix_is_not_judged_on_what_it_refuses(tmp_path) -> None:
    """−inf in the rows that were held out is refused as well, not left out of the figures."""
    z, y = several(600, K, 2.0)
    z[7, (y[7] + 1) % K] = -np.inf
    part = np.where(np.arange(600) == 7, "test", "fit")
    columns = {f"logit_{k}": z[:, k] for k in range(K)} | {"label": y, "part": part}
    parquet.write_table(pa.table(columns), tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="no answer for 1 rows"):
        fit(str(tmp_path / "rows.parquet"), method="matrix", split="part=fit")


def test_files_keep_what_cannot_be(tmp_path) -> None:
    """A file of logits with −inf comes back with −inf there, and as 0 in probabilities."""
    columns = {f"logit_{name}": rows((1, 2))[:, k] for k, name in enumerate("abcd")}
    parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    for scale, gone in (("logit", -np.inf), ("probability", 0.0)):
        out = tmp_path / f"{scale}.parquet"
        apply(of(MASKING["vector"]), str(tmp_path / "in.parquet"), out, scale=scale)
        found = np.stack([c.to_numpy() for c in parquet.read_table(out).columns], axis=1)
        assert np.array_equal(found[1] == gone, [False, True, True, False])
        assert np.isfinite(found[0]).all()

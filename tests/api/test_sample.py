"""The scores of fit rows that a calibrator keeps for the check of its exports."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from tests.calibrators.simulated import binary, several


def probabilities(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return binary probabilities and labels."""
    z, y = binary(n, 2.0)
    return 1 / (1 + np.exp(-z)), y


def test_quantiles_of_the_fit_rows() -> None:
    """A binary calibrator keeps 64 of the scores, one from each 64th of the rows."""
    p, y = probabilities(6400)
    sample = np.array(calaudit.fit(y, p, method="platt").certificate.sample)
    assert len(sample) == 64
    assert np.isin(sample, p).all()
    ranks = np.searchsorted(np.sort(p), sample)
    assert (ranks // 100 == np.arange(64)).all()


def test_binary_logits_and_scales() -> None:
    """The sample is on the scale of the fit: logits as logits, scores out of 10 as shares."""
    p, y = probabilities(500)
    z = np.log(p) - np.log1p(-p)
    logits = np.array(calaudit.fit(y, z, scale="logit", method="platt").certificate.sample)
    assert np.abs(logits[:, None] - z).min(axis=1).max() < 1e-12
    stated = pa.table({"score": np.round(10 * p, 1), "label": y})
    shares = np.array(
        calaudit.fit(stated, out_of=10, method="platt", floor=1e-12).certificate.sample
    )
    assert set(np.round(10 * shares, 9)) <= set(np.round(10 * p, 1))


def test_few_distinct_scores() -> None:
    """A score is kept once, however many rows have it."""
    p, y = probabilities(2000)
    sample = calaudit.fit(y, np.round(p, 1), method="platt", floor=1e-12).certificate.sample
    assert list(sample) == sorted(set(sample))
    assert set(sample) <= set(np.round(p, 1))


@pytest.mark.parametrize(("classes", "count"), [(3, 16), (25, 16), (30, 13), (400, 1), (401, 0)])
def test_first_rows_of_several_classes(classes: int, count: int) -> None:
    """A multiclass calibrator keeps the first rows, 400 numbers at most."""
    z, y = several(600, classes, 2.0)
    sample = calaudit.fit(y, z, scale="logit", method="temperature").certificate.sample
    assert np.array(sample).tolist() == z[:count].tolist()


def test_only_usable_fit_rows() -> None:
    """Rows that are held out, and rows with a logit of −inf, are passed over."""
    n = 900
    z, y = several(n, 3, 2.0)
    z[::2, 0] = np.where(y[::2] == 0, z[::2, 0], -np.inf)
    part = np.where(np.arange(n) < 500, "test", "fit")
    columns = {f"logit_{k}": z[:, k] for k in range(3)}
    data = pa.table({**columns, "label": y, "part": part})
    sample = calaudit.fit(data, split="part=fit", method="temperature").certificate.sample
    usable = np.isfinite(z).all(axis=1) & (part == "fit")
    assert np.array(sample).tolist() == z[usable][:16].tolist()


@pytest.mark.parametrize("classes", [2, 4])
def test_threads_and_chunks_do_not_matter(classes: int, tmp_path) -> None:
    """The same rows in other pieces, read by other threads, leave the same sample."""
    n = 40_000
    z, y = binary(n, 2.0) if classes == 2 else several(n, classes, 2.0)
    columns = {f"logit_{k}": z[:, k] for k in range(classes)} if classes > 2 else {"logit": z}
    found = []
    for size in (500, 7000, n):
        path = tmp_path / f"{size}.parquet"
        pq.write_table(pa.table({**columns, "label": y}), path, row_group_size=size)
        logits = "logit_" if classes > 2 else "logit"
        for threads in (1, 4):
            fitted = calaudit.fit(
                path, logits=logits, method="temperature", threads=threads, holdout=0.3
            )
            found.append(fitted.certificate.sample)
    assert len(found[0]) == (64 if classes == 2 else 16)
    assert all(sample == found[0] for sample in found)

"""Rows to label: drawn with known probabilities, so that evaluating them with weights is fair."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.api.estimates.sampling import SampleBuilder, Strata, strata_of
from calaudit.cli import main
from calaudit.errors import SettingsError
from calaudit.metrics.label_free import Expected
from calaudit.predictions.chunk import Chunk
from calaudit.tables import ScoreTable
from tests.api.test_estimate import NEW, OLD, SCORES

P, Y = NEW["score"].to_numpy(), NEW["label"].to_numpy()
N = len(P)


def strata(number: int) -> Strata:
    """Return strata of the rows by their own scores."""
    cells = ScoreTable.of(P, 0 * Y).cells()
    z = np.log(cells.p / (1 - cells.p))
    rows = Expected(cells.counts.sum(axis=0), cells.p, z, z[None], np.eye(1))
    return strata_of(cells, rows, number)


def drawn(found: Strata, seed: int, chunks: int = 1) -> np.ndarray:
    """Return the weight of each row, 0 of those that are not drawn."""
    builder = SampleBuilder("binary", "probability", found, seed)
    for part in np.array_split(np.arange(N), chunks):
        other = SampleBuilder("binary", "probability", found, seed)
        other.add(Chunk(scores=P[part], labels=0 * Y[part], first_row=int(part[0]) + 1))
        builder = other.merge(builder)
    weights = np.zeros(N)
    for h, rows in builder.kept.items():
        weights[[row - 1 for _, _, row, _ in rows]] = found.weights[h]
    return weights


def test_every_row_has_its_probability() -> None:
    """Rows are drawn as often as their weight says, and the weighted accuracy is that of all."""
    found = strata(120)
    assert found.drawn.sum() == 120
    assert found.sizes.sum() == N
    assert (found.drawn >= 2).all()
    samples = np.stack([drawn(found, seed) for seed in range(1500)])
    assert ((samples > 0).sum(axis=1) == 120).all()
    assert samples.sum(axis=1) == pytest.approx(N)
    # Each row is drawn in 1 of its weight: a mean of 1, within what 1,500 draws tell.
    error = np.sqrt((samples.max(axis=0) - 1) / 1500)
    off = (samples.mean(axis=0) - 1) / error
    assert np.abs(off).max() < 5
    assert off.std() == pytest.approx(1.0, abs=0.1)
    right = (P >= 0.5) == Y
    seen = samples @ right / N
    assert seen.mean() == pytest.approx(right.mean(), abs=4 * seen.std() / np.sqrt(1500))
    plain = np.sqrt(right.mean() * (1 - right.mean()) / 120 * (1 - 120 / N))
    assert seen.std() < plain  # rows whose labels are less certain tell more


def test_the_sample_does_not_hang_on_chunks() -> None:
    """The same rows are drawn in one chunk and in many; another seed draws others."""
    found = strata(60)
    assert np.array_equal(drawn(found, 5), drawn(found, 5, chunks=7))
    assert not np.array_equal(drawn(found, 5), drawn(found, 6))


def test_evaluate_reads_the_sample_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filled in, the file is evaluated with its weights: the accuracy is the weighted one."""
    monkeypatch.chdir(tmp_path)
    OLD.to_csv("old.csv", index=False)
    SCORES.assign(case=np.arange(N) + 7000).to_csv("new.csv", index=False)
    words = [
        "new.csv",
        "--reference",
        "old.csv",
        "--sample",
        "200",
        "--id",
        "case",
        "--by",
        "place",
    ]
    assert main(["estimate", *words, "-q", "-o", "labels.csv", "-o", "report.json"]) == 0
    rows = pd.read_csv("labels.csv")
    assert list(rows.columns) == ["row", "case", "score", "place", "weight", "label"]
    assert rows["label"].isna().all()
    assert (rows["case"] == rows["row"] - 1 + 7000).all()
    at = rows["row"].to_numpy() - 1
    assert rows["score"].to_numpy() == pytest.approx(P[at], abs=0)
    rows.assign(label=Y[at]).to_csv("labels.csv", index=False)
    found = calaudit.evaluate("labels.csv")
    right, w = (P[at] >= 0.5) == Y[at], rows["weight"].to_numpy()
    assert found.metrics["accuracy"].value == pytest.approx((w @ right) / N)
    assert found.metrics["base_rate"].value == pytest.approx((w @ Y[at]) / N)
    assert w.sum() == pytest.approx(N)


def test_of_several_classes() -> None:
    """There is a column a class, and the file names its rows where there are several."""
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(3), 900)
    y = (rng.random((900, 1)) > p.cumsum(axis=1)).sum(axis=1)
    frame = pd.DataFrame({f"p_{k}": p[:, k] for k in range(3)}).assign(label=y)
    new = frame[500:].drop(columns="label")
    found = calaudit.estimate(new, reference=frame[:500], sample=40)
    assert found.sample is not None
    assert found.sample.header == ("row", "p_0", "p_1", "p_2", "weight", "label")
    text = io.StringIO(
        "\n".join(",".join(row) for row in (found.sample.header, *found.sample.rows))
    )
    rows = pd.read_csv(text)
    assert rows.filter(like="p_").to_numpy() == pytest.approx(p[500:][rows["row"] - 1], abs=0)


@pytest.mark.parametrize("number", [0, 19, N, N + 1])
def test_samples_that_are_none(number: int) -> None:
    """Fewer rows than strata need, and all of them or more, are no sample."""
    with pytest.raises(SettingsError, match="--sample chooses 20 rows at least"):
        calaudit.estimate(SCORES, reference=OLD, sample=number)


def test_no_sample_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """A .csv file is of the rows to label, which has to be asked for; other kinds have none."""
    monkeypatch.chdir(tmp_path)
    OLD.to_csv("old.csv", index=False)
    assert main(["estimate", "old.csv", "--reference", "old.csv", "-o", "labels.csv"]) == 2
    assert "say how many with --sample N" in capsys.readouterr().err
    assert main(["evaluate", "old.csv", "-o", "labels.csv"]) == 2
    assert ".csv is only of calaudit estimate" in capsys.readouterr().err


def test_scores_of_the_sample_are_as_in_the_file() -> None:
    """Of scores out of 100 as well, so that the sample is read as the file is."""
    rng = np.random.default_rng(5)
    p = rng.integers(1, 1000, 3000) / 10
    frame = pd.DataFrame({"score": p, "label": (rng.random(3000) < p / 100).astype(int)})
    report = calaudit.estimate(frame[["score"]], reference=frame, sample=40, out_of=100.0)
    assert report.sample is not None
    drawn = pd.DataFrame(report.sample.rows, columns=report.sample.header)
    rows = drawn["row"].astype(int) - 1
    assert drawn["score"].astype(float).tolist() == p[rows].tolist()

"""Calibrated copies of JSON lines and of NumPy files: all but the scores stays as it was."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calaudit import apply
from calaudit.api.fitting import fit
from calaudit.errors import InputError, SettingsError

ROWS = 50
rng = np.random.default_rng(3)
P = rng.uniform(0.05, 0.95, ROWS)
Y = (rng.random(ROWS) < P**2).astype(int)


@pytest.fixture(scope="module")
def platt() -> Any:
    """A calibrator of one score."""
    return fit(Y, P, method="platt")


@pytest.fixture(scope="module")
def vector() -> Any:
    """One of three classes."""
    scores = rng.dirichlet([1, 1, 1], 200)
    labels = np.array([rng.choice(3, p=p) for p in scores])
    return fit(labels, scores, method="temperature")


def lines(path: Path) -> list[Any]:
    """Return the records of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


RECORDS: list[dict[str, Any]] = [
    {"id": 2**70 + i, "out": {"score": float(p), "why": ["a", {"b": None}]}, "é": "ü"}
    for i, p in enumerate(P)
]


def test_nested_records_stay_as_they_were(platt, tmp_path) -> None:
    """Their score is exchanged where it stands, or has a new one beside it."""
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    apply(platt, given, out, score="out.score")
    found = lines(out)
    new = [record["out"].pop("score") for record in found]
    np.testing.assert_allclose(new, platt.apply(P), rtol=1e-12)
    plain = [{**r, "out": {k: v for k, v in r["out"].items() if k != "score"}} for r in RECORDS]
    assert found == plain
    assert list(lines(out)[0]["out"]) == ["score", "why"]
    apply(platt, given, tmp_path / "more.json.gz", score="out.score", suffix="_cal")

    more = json.loads(gzip.decompress((tmp_path / "more.json.gz").read_bytes()))
    assert [r["out"]["score"] for r in more] == P.tolist()
    np.testing.assert_allclose([r["out"]["score_cal"] for r in more], new, rtol=0)
    with pytest.raises(SettingsError, match="written in its own format"):
        apply(platt, given, tmp_path / "out.csv", score="out.score")


def test_lists_texts_and_lists_of_one(platt, vector, tmp_path) -> None:
    """A list stays a list, with one value or with one for each class."""
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("".join(json.dumps({"score": [p]}) + "\n" for p in P.tolist()))
    apply(platt, given, out)
    np.testing.assert_allclose([r["score"][0] for r in lines(out)], platt.apply(P), rtol=1e-12)
    scores = rng.dirichlet([1, 1, 1], 30)
    given.write_text("".join(json.dumps({"probs": p, "x": [1]}) + "\n" for p in scores.tolist()))
    apply(vector, given, out)
    np.testing.assert_allclose([r["probs"] for r in lines(out)], vector.apply(scores), rtol=1e-12)
    assert all(r["x"] == [1] for r in lines(out))


def test_records_without_a_score_are_kept_or_dropped(platt, tmp_path) -> None:
    """As rows of other formats are."""
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text(
        "".join(json.dumps({"a": {"score": p}}) + "\n" for p in P.tolist()) + '{"a": null}\n'
    )
    with pytest.raises(InputError, match="missing-score"):
        apply(platt, given, out, score="a.score")
    apply(platt, given, out, score="a.score", on_invalid="drop")
    assert len(lines(out)) == ROWS
    apply(platt, given, out, score="a.score", on_invalid="keep")
    assert lines(out)[-1] == {"a": None}


@pytest.mark.parametrize("packed", [True, False])
def test_arrays_keep_their_types_and_the_others(platt, tmp_path, packed) -> None:
    """float32 of shape (n, 1) stays so; arrays of other lengths are copied."""
    given, out = tmp_path / "in.npz", tmp_path / "out.npz"
    names = np.array(["a", "b"])
    save: Any = np.savez_compressed if packed else np.savez
    save(given, score=P[:, None].astype("f4"), names=names, more=np.arange(ROWS))
    apply(platt, given, out)
    with np.load(out) as found:
        assert found["score"].dtype == np.float32
        assert found["score"].shape == (ROWS, 1)
        np.testing.assert_allclose(found["score"][:, 0], platt.apply(P), atol=1e-6)
        assert found["names"].tolist() == ["a", "b"]
        assert found["more"].tolist() == list(range(ROWS))
    apply(platt, given, out, suffix="_new")
    with np.load(out) as found:
        assert sorted(found.files) == ["more", "names", "score", "score_new"]
    with pytest.raises(SettingsError, match=r"name the output \.npz"):
        apply(platt, given, tmp_path / "out.npy")


def test_rows_that_are_dropped_go_from_all_arrays(platt, tmp_path) -> None:
    """Those of the length of the scores."""
    given, out = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(given, score=np.append(P, np.nan), more=np.arange(ROWS + 1), odd=np.arange(3))
    apply(platt, given, out, on_invalid="drop")
    with np.load(out) as found:
        assert found["more"].tolist() == list(range(ROWS))
        assert found["odd"].tolist() == [0, 1, 2]


def test_one_array_alone_is_enough(vector, tmp_path) -> None:
    """Scores need no labels to be calibrated; files of logits stay files of logits."""
    scores = rng.dirichlet([1, 1, 1], 30)
    np.save(tmp_path / "probs.npy", scores)
    apply(vector, tmp_path / "probs.npy", tmp_path / "out.npy")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), vector.apply(scores), rtol=1e-12)
    with pytest.raises(InputError, match="Leave --suffix"):
        apply(vector, tmp_path / "probs.npy", tmp_path / "out.npy", suffix="_new")

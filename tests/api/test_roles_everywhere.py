"""What one command infers of a file, all commands infer."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Files whose roles only values or several columns together tell."""
    rng = np.random.default_rng(8)
    p = rng.random(600)
    y = (rng.random(600) < p).astype(int)
    hot = np.eye(3, dtype=int)[rng.integers(0, 3, 600)]
    q = rng.dirichlet([1, 1, 1], 600) * 0.7 + 0.3 * hot
    frames = {
        "top-label": {
            "label": y,
            "prediction": (p > 0.5).astype(int),
            "score": np.maximum(p, 1 - p),
        },
        "binary": {"clicked": y, "zeta": p},
        "multiclass": {
            **{f"prob_{name}": q[:, k] for k, name in enumerate("abc")},
            **{f"true_{name}": hot[:, k] for k, name in enumerate("abc")},
        },
    }
    folder = tmp_path_factory.mktemp("roles")
    for task, columns in frames.items():
        pd.DataFrame(columns).to_csv(folder / f"{task}.csv", index=False)
    return {task: str(folder / f"{task}.csv") for task in frames}


@pytest.mark.parametrize("task", ["top-label", "binary", "multiclass"])
def test_all_commands_read_a_file_alike(paths, task, tmp_path):
    """Evaluate, fit, apply, check, threshold and audit agree on the task without an option."""
    path = paths[task]
    report = calaudit.evaluate(path)
    assert report.task == task
    calibrator = calaudit.fit(path, method="temperature")
    assert calibrator.task == task
    applied = calaudit.apply(calibrator, path, tmp_path / "out.csv")
    scores = next(r for r in report.roles if r.role in ("score", "probs", "confidence"))
    assert applied.columns == tuple(scores.columns)
    assert calaudit.check(path, max_ece=0.9).task == task
    costs: dict[str, Any] = {"cost_error": 10.0, "cost_review": 1.0}
    if task == "binary":
        costs = {"cost_fp": 1.0, "cost_fn": 2.0}
    assert calaudit.threshold(path, **costs).task == task
    assert calaudit.audit(path).before.task == task

"""What each method loses on new rows, of models that are calibrated and that are not.

The excess is the mean log loss of calibrated scores less that of the true probabilities, on the
whole law: by it a method earns its place among those that ``auto`` chooses from.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from calaudit.calibrators.methods import AUTO, BINARY_FITS
from calaudit.metrics.logistic import expit
from tests.calibrators.simulated import Floats
from tests.calibrators.test_methods import points
from tests.measured import Measured
from tests.simulation.simulate import seed_of

Law = Callable[[Floats], Floats]

LAWS: dict[str, Law] = {
    "calibrated": lambda z: z,
    "overconfident": lambda z: z / 2,
    "shifted": lambda z: z - 1.0,
    "bent": lambda z: np.where(z > 0, 0.5 * z, 1.5 * z),
    "stepped": lambda z: 2.0 * np.floor(z / 1.5),
}
"""The true logit of a score's logit."""

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "30"))

METHODS = (*AUTO, "spline", "centered-isotonic", "isotonic")


@pytest.mark.slow
@pytest.mark.simulate
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("rows", [1_000, 10_000])
def test_excess_log_loss(law: str, rows: int, measured: Measured) -> None:
    """Venn-Abers loses less than isotonic regression, whatever the law, and the spline less than
    Venn-Abers where no step is; of a bend, and many rows, less than half of what beta does.
    """
    rng = np.random.default_rng(seed_of("excess", law, rows))
    grid = rng.normal(0.0, 2.0, 20_000)
    truth = expit(LAWS[law](grid))
    lost: dict[str, list[float]] = {method: [] for method in METHODS}
    for _ in range(REPLICATES):
        z = rng.normal(0.0, 2.0, rows)
        y = rng.random(rows) < expit(LAWS[law](z))
        sample = points(expit(z), y)
        for method in METHODS:
            q = BINARY_FITS[method](sample).probabilities(expit(grid), grid)
            excess = truth * np.log(truth / q) + (1 - truth) * np.log((1 - truth) / (1 - q))
            lost[method].append(float(excess.mean()))
    means = {method: float(np.mean(each)) for method, each in lost.items()}
    for method, mean in means.items():
        measured.note(f"excess log loss, {law}, {rows}, {method}", mean, law)
    assert means["venn-abers"] < 0.85 * min(means["centered-isotonic"], means["isotonic"])
    assert (means["spline"] < 0.6 * means["venn-abers"]) == (law != "stepped")
    assert law != "bent" or rows == 1_000 or means["spline"] < 0.5 * means["beta"]

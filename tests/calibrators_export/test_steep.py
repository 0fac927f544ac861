"""Where a map is steep, one rounding of a score counts, and no more than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.calibrators.base import Calibrator, Map
from calaudit.calibrators.export import TARGETS, Options, export_calibrator
from calaudit.calibrators.export.description import described
from calaudit.calibrators.expression import computed
from calaudit.calibrators.histogram_binning import Histogram
from calaudit.calibrators.isotonic import CenteredIsotonic, Isotonic
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.errors import SettingsError
from tests.calibrators_export.examples import EVERY, of_map, random_scores

TEXTS_AND_GRAPHS = [name for name in TARGETS if name != "value"]
FLOAT64 = Options(dtype="float64")


def exported(calibrator: Calibrator, name: str, rows: Any = None) -> Any:
    """Return the export, where something here runs it."""
    if name == "onnx":
        pytest.importorskip("onnx")
    if not TARGETS[name].runtimes():
        pytest.skip(f"nothing here runs {name}")
    return export_calibrator(calibrator, name, options=FLOAT64, rows=rows)


def cliff(kind: type[Isotonic], gap: float = 1e-7) -> Calibrator:
    """Return a map that rises by 0.03 from one knot to the next: a slope of 3e5 for 1e-7."""
    x = np.array([0.1, 0.3, 0.62, 0.62 + gap, 0.8, 0.8 + gap, 0.95])
    y = np.array([0.05, 0.2, 0.55, 0.58, 0.7, 0.73, 0.9])
    return of_map(kind(x, y), "logit")


def on_the_cliffs(calibrator: Calibrator) -> Any:
    """Return logits on the steep stretches."""
    x = calibrator.parameters()["x"]
    p = np.concatenate([np.linspace(x[i], x[i + 1], 400) for i in (2, 4)])
    return np.log(p) - np.log1p(-p)


@pytest.mark.parametrize("kind", [Isotonic, CenteredIsotonic])
@pytest.mark.parametrize("name", TEXTS_AND_GRAPHS)
def test_two_knots_side_by_side(name: str, kind: type[Isotonic]) -> None:
    """A slope of 3e5 magnifies a rounding of σ(z) to more than 1e-12, which refuses no export."""
    calibrator = cliff(kind)
    made = exported(calibrator, name, rows=on_the_cliffs(calibrator))
    assert made.steep > 800
    assert max(made.differences.values()) <= made.tolerance == 1e-12
    assert "within one rounding of a score where the map is steep" in str(made.content)


def test_more_than_a_rounding_is_refused_there(monkeypatch) -> None:
    """What differs by ten roundings times the slope does not pass: 1e-9 at a slope of 3e5."""
    calibrator, target = cliff(Isotonic), TARGETS["python"]

    def altered(*arguments: Any) -> str:
        return str(target.render(*arguments)).replace("0.58,", "0.580000002,")

    monkeypatch.setitem(TARGETS, "python", replace(target, render=altered))
    with pytest.raises(SettingsError, match=r"differs from the calibrator by .*e-0?9"):
        export_calibrator(calibrator, "python", rows=on_the_cliffs(calibrator))


@pytest.mark.parametrize("name", TEXTS_AND_GRAPHS)
@pytest.mark.parametrize("kind", [Temperature, MulticlassTemperature, Platt])
def test_curves_that_are_nearly_steps(name: str, kind: type[Map]) -> None:
    """A temperature of 1e-6 multiplies the rounding of ln p by a million, and is exported."""
    fitted = Platt(1e6, -3.0) if kind is Platt else kind(1e-6)  # type: ignore[call-arg]
    calibrator = of_map(fitted, "probability")
    p = 0.5 + np.linspace(-1e-6, 1e-6, 201)
    if kind is MulticlassTemperature:
        p = np.stack([p * 0.8, 0.8 - p * 0.8, *[np.full(201, 0.2 / 3)] * 3], axis=1)
    assert max(exported(calibrator, name, rows=p).differences.values()) <= 1e-12


@pytest.mark.parametrize("case", EVERY)
def test_a_description_is_what_the_calibrator_computes(case: str) -> None:
    """The expression, computed with numpy, has the calibrator's probabilities to the last bit.

    Only what numpy multiplies as matrices may be summed in another order.
    """
    calibrator = EVERY[case]
    scores = random_scores(calibrator)
    expected = calibrator.apply(scores)
    answer = computed(described(calibrator).answer, scores)
    made = np.max(list(export_calibrator(calibrator, "numpy").differences.values()))
    if calibrator.method == "matrix":
        assert np.abs(answer - expected).max() <= 1e-15
        assert made <= 1e-15
    else:
        assert (answer == expected).all()
        assert made == 0.0


@pytest.mark.parametrize("name", TEXTS_AND_GRAPHS)
def test_only_an_edge_that_rounding_picks_is_open(name: str) -> None:
    """Bins of logits have no steep stretch: beside an edge, too, there is one answer."""
    edges = np.sort(np.random.default_rng(5).random(40))
    bins = Histogram(np.r_[0.0, edges, 1.0], np.random.default_rng(6).random(41))
    z = np.log(edges) - np.log1p(-edges)
    rows = np.concatenate([z, np.nextafter(z, -np.inf), np.nextafter(z, np.inf)])
    made = exported(of_map(bins, "logit"), name, rows=rows)
    assert made.steep <= 2
    assert max(made.differences.values()) == 0.0


def test_javascript_of_more_than_a_command_line_takes() -> None:
    """5,000 knots are more than the 128 KB that a command line takes, and are run all the same."""
    if not TARGETS["javascript"].runtimes():
        pytest.skip("node is not here")
    x = np.linspace(0.0, 1.0, 5_000)
    made = export_calibrator(of_map(Isotonic(x, x**2), "probability"), "javascript")
    assert len(made.content) > 128 * 1024
    assert max(made.differences.values()) <= 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("method", ["isotonic", "centered-isotonic", "histogram"])
@pytest.mark.parametrize("name", TEXTS_AND_GRAPHS)
def test_fits_of_many_logits(name: str, method: str) -> None:
    """What is fitted from 20,000 logits is exported, whatever the rows; the rows are tried."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        z = rng.normal(0.0, 2.0, 20_000)
        y = (rng.random(20_000) < 1.0 / (1.0 + np.exp(0.2 - z / 1.5))).astype(int)
        made = exported(calaudit.fit(y, z, scale="logit", method=method), name, rows=z[:2_000])
        assert max(made.differences.values()) <= 1e-12

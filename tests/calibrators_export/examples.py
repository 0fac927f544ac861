"""Calibrators of every method, and random ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from calaudit.calibrators.base import Calibrator, Map, MulticlassMap
from calaudit.calibrators.beta import Beta
from calaudit.calibrators.histogram_binning import Histogram
from calaudit.calibrators.identity import Identity, MulticlassIdentity
from calaudit.calibrators.intercept import Intercept, MulticlassIntercept
from calaudit.calibrators.isotonic import CenteredIsotonic, Isotonic
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.spline import Spline
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.calibrators.vector import Vector
from calaudit.calibrators.venn_abers import VennAbers

__all__ = ["EVERY", "of_map", "random_calibrators", "random_scores"]

CLASSES = ("cat", "dog", "a\nb", 'q"uote', "it's")


def of_map(fitted: Map, scale: str) -> Calibrator:
    """Return a calibrator of the map's kind of rows."""
    if isinstance(fitted, MulticlassMap):
        b = fitted.parameters().get("b", CLASSES)
        names = CLASSES if len(b) == len(CLASSES) else tuple(map(str, range(len(b))))
        return Calibrator(fitted, "multiclass", scale, names)
    return Calibrator(fitted, "binary", scale, ("no", "yes"))


def _knots(rng: np.random.Generator, count: int) -> tuple[Any, Any]:
    return np.sort(rng.random(count)), np.sort(rng.random(count))


def _every() -> dict[str, Calibrator]:
    rng = np.random.default_rng(0)
    K = len(CLASSES)
    x, y = _knots(rng, 300)
    maps: dict[str, Map] = {
        "identity": Identity(),
        "temperature": Temperature(2.95),
        "cold": Temperature(1e-3),
        "hot": Temperature(1e3),
        "intercept": Intercept(-3.9),
        "platt": Platt(1.7, -0.4),
        "platt-shifted": Platt(5.0, 138.0),
        "beta": Beta(0.4, 2.0, 0.3),
        "spline": Spline(8 * x[::20] - 4, 12 * y[::20] - 5),
        "spline-flat": Spline(np.array([-1.0, 1.0, 2.0]), np.array([0.5, 0.5, 7.0])),
        "isotonic": Isotonic(np.r_[0.0, x, 1.0], np.r_[0.0, y, 1.0]),
        "isotonic-one-knot": Isotonic(np.array([0.5]), np.array([0.2])),
        "centered-isotonic": CenteredIsotonic(x[::9], y[::9]),
        "histogram": Histogram(np.linspace(0, 1, 16), rng.random(15)),
        "venn-abers": VennAbers(np.r_[0.0, x[::30], 1.0], 0.9 * y[:11], 0.9 * y[:11] + 0.1),
        "histogram-one-bin": Histogram(np.array([0.0, 1.0]), np.array([0.3])),
        "multiclass-identity": MulticlassIdentity(),
        "multiclass-temperature": MulticlassTemperature(2.95),
        "multiclass-cold": MulticlassTemperature(1e-3),
        "multiclass-intercept": MulticlassIntercept(rng.normal(size=K)),
        "vector": Vector(3 * rng.random(K), rng.normal(size=K)),
        "matrix": Matrix(rng.normal(size=(K, K)), rng.normal(size=K)),
    }
    return {
        f"{name}-{scale}": of_map(fitted, scale)
        for name, fitted in maps.items()
        for scale in ("probability", "logit")
    }


EVERY = _every()


@st.composite
def random_calibrators(draw: st.DrawFn) -> Calibrator:
    """Draw a calibrator of any method, with parameters over many orders of magnitude."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    K = draw(st.integers(2, 6))
    count = draw(st.integers(2, 40))
    x, y = _knots(rng, count)
    edges = np.r_[0.0, np.unique(x), 1.0]
    steep = 10.0 ** rng.uniform(-3, 3)
    maps: list[Map] = [
        Temperature(steep),
        Platt(steep, float(30 * rng.normal())),
        Beta(steep, float(10.0 ** rng.uniform(-3, 2)), float(10 * rng.normal())),
        Spline(np.unique(x), steep * y[: len(np.unique(x))]),
        Isotonic(np.unique(x), y[: len(np.unique(x))]),
        CenteredIsotonic(np.unique(x) ** 9, y[: len(np.unique(x))]),
        Histogram(edges, rng.random(len(edges) - 1)),
        Vector(10.0 ** rng.uniform(-2, 1, K), rng.normal(size=K)),
        Matrix(rng.normal(size=(K, K)), rng.normal(size=K)),
    ]
    return of_map(draw(st.sampled_from(maps)), draw(st.sampled_from(["probability", "logit"])))


def random_scores(calibrator: Calibrator, rows: int = 200) -> Any:
    """Return scores of the calibrator's kind that are not in its probe grid."""
    rng = np.random.default_rng(7)
    if calibrator.task != "multiclass":
        z = 5 * rng.standard_normal(rows)
        return z if calibrator.scale == "logit" else 1 / (1 + np.exp(-z))
    z = 5 * rng.standard_normal((rows, len(calibrator.classes)))
    if calibrator.scale == "logit":
        return z
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)

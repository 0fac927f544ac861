"""What a report gives in Python: a few lines, flat figures for loggers, a frame."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import SettingsError
from calaudit.metrics.estimate import Estimate
from calaudit.report.chart import Axis, Chart
from calaudit.report.charts.on_axes import draw
from calaudit.report.fit_report import FitReport
from calaudit.report.kinds import KINDS, document_of, kind_of
from calaudit.report.rendered import Rendered
from tests.report.examples import multiclass
from tests.report.html_reports import REPORTS, SAMPLES


@cache
def fitted() -> FitReport:
    """Return what `calaudit fit` found of the digits."""
    path = SAMPLES / "digits_logits.parquet"
    return FitReport(calibrator=calaudit.fit(path, method="temperature"))


AXIS = Axis(title="score", low=0.0, high=1.0)

ALL: dict[str, Callable[[], Rendered]] = {**REPORTS, "fit": fitted}


def test_there_is_an_example_of_every_kind() -> None:
    """So that what follows holds of all of them."""
    assert {make().schema for make in ALL.values()} == set(KINDS)


@pytest.mark.parametrize("name", ALL)
def test_representation(name: str) -> None:
    """Ten lines at most, which begin with the command and the answer, and hold no control."""
    report = ALL[name]()
    lines = repr(report).split("\n")
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 240
    assert repr(report).startswith(f"<calaudit {kind_of(report).command}: ")
    assert repr(report).endswith(">")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u2066]", repr(report))
    assert len(str(report).split("\n")) > 10


def test_representation_of_a_report_has_its_figures() -> None:
    """Each main figure with its interval, before and after where a calibrator was used."""
    smece = multiclass().metrics["smece"]
    shown = f"  Calibration error {smece.point:.3f} ({smece.low:.3f} to {smece.high:.3f})"
    assert repr(multiclass()).split("\n")[2] == shown
    assert "→" in repr(REPORTS["audit-digits"]())


def test_representation_of_what_is_no_report() -> None:
    """A calibrator, its certificate and a figure are short, too."""
    calibrator = fitted().calibrator
    first, *others = repr(calibrator).split("\n")
    assert first == "<calaudit calibrator: temperature of logits, 10 classes"
    assert str(calibrator) == repr(calibrator)
    assert len(others) <= 9
    assert repr(calibrator.certificate).split("\n")[1:] == others
    assert repr(Estimate(value=0.25, low=0.125)) == "Estimate(value=0.25, low=0.125)"
    assert repr(Estimate(value=None, reason="few")) == "Estimate(value=None, reason='few')"


@pytest.mark.parametrize("name", ALL)
def test_scalars(name: str) -> None:
    """Floats that are finite, under names that MLflow and W&B take; the frame has the same."""
    report = ALL[name]()
    scalars, frame = report.scalars(), report.to_frame()
    assert scalars
    for key, value in scalars.items():
        assert re.fullmatch("[A-Za-z0-9_]+", key)
        assert type(value) is float
        assert math.isfinite(value)
    if kind_of(report).name != "monitor":  # whose frame has a row a batch
        assert isinstance(frame, pd.DataFrame)
        assert list(frame.index.names) == list(kind_of(report).index)
        numbers = frame[["value", "low", "high"]].to_numpy(dtype=float)
        held = {float(x) for x in numbers.ravel() if math.isfinite(x)}
        assert held <= set(scalars.values())


def test_names_of_scalars() -> None:
    """By hand: a value, the ends of its interval, and more; what is missing is out."""
    report = replace(
        multiclass(),
        metrics={
            "ece": Estimate(value=0.5, low=0.25, high=0.75, level=0.95, unbiased=0.4, p_value=0.1),
            "log_loss": Estimate(value=None, reason="infinite"),
            "auroc": Estimate(value=math.inf),
        },
    )
    gap = {name: report.scalars()[name] for name in report.scalars() if name.startswith("gap")}
    assert report.scalars() == {
        "ece": 0.5,
        "ece_low": 0.25,
        "ece_high": 0.75,
        "ece_unbiased": 0.4,
        "ece_p_value": 0.1,
        **gap,
        "p_value": report.verdict.p_value,
    }


def test_names_that_become_one_are_told_apart() -> None:
    """Two models whose names differ by what no logger takes have scalars of their own."""
    report: Any = REPORTS["compare-two"]()
    first, second = report.models
    names = ("a b", "a/b")
    models = tuple(replace(m, name=n) for m, n in zip((first, second), names, strict=True))
    scalars = replace(report, models=models, differences=()).scalars()
    own = [key for key in scalars if re.fullmatch(r"a_b_auroc(_\d+)?", key)]
    found = sorted(scalars[key] for key in own)
    assert found == sorted(m.report.metrics["auroc"].value for m in models)


def test_every_kind_has_figures() -> None:
    """Each kind either has metrics or says which figures it has."""
    for make in ALL.values():
        report: Rendered = make()
        assert all(len(key) == len(kind_of(report).index) for key in report.figures)


@pytest.fixture
def ax() -> Iterator[Any]:
    """Axes of matplotlib, where it is."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, made = plt.subplots()
    yield made
    plt.close(figure)


def test_reliability_on_axes(ax: Any) -> None:
    """The points and intervals are those of the report, and the axes can be styled further."""
    report = multiclass()
    assert report.plot(ax=ax) is ax
    bins = [b for b in report.bins if b.rows]
    drawn = sorted(p for c in ax.containers if hasattr(c, "lines") for p in _points(c))
    wanted = sorted((b.mean_score, b.observed, b.low, b.high) for b in bins)
    assert np.array(drawn) == pytest.approx(np.array(wanted))
    assert {"isotonic", "outside", "rows"} <= set(ax.get_legend_handles_labels()[1])
    ax.set_xlabel("confidence of the model")
    ax.figure.canvas.draw()


def _points(container: Any) -> list[tuple[float, ...]]:
    """Return (x, y, low, high) of points with their intervals."""
    line, _, (bars,) = container.lines
    ends = [(path[0][1], path[1][1]) for path in bars.get_segments()]
    places = zip(line.get_xdata(), line.get_ydata(), strict=True)
    return [(float(x), float(y), *e) for (x, y), e in zip(places, ends, strict=True)]


@pytest.mark.parametrize("name", ALL)
def test_every_chart_on_axes(name: str, ax: Any) -> None:
    """Each report draws itself on axes, or says that it has nothing for them."""
    report = ALL[name]()
    if any(drawing.chart() is not None for drawing in document_of(report).drawings):
        assert report.plot(ax=ax) is ax
        ax.figure.canvas.draw()
        return
    with pytest.raises(SettingsError, match="ax: this report has not a picture for axes; "):
        report.plot(ax=ax)


def test_a_picture_that_axes_have_not() -> None:
    """Which there are is said, and that others come without axes."""
    with pytest.raises(SettingsError, match=r"'histogram' for axes; there are: reliability; "):
        multiclass().plot("histogram", ax=object())


def test_names_are_no_formulas(ax: Any) -> None:
    """A name with dollars stands as it is."""
    ax = draw(Chart(title="$x$ of \u202eb", x=AXIS, y=AXIS, layers=[]), ax)
    assert ax.get_title().startswith(r"\$x\$ of ")
    assert "\u202e" not in ax.get_title()


def test_a_specification_can_be_styled(tmp_path: Any) -> None:
    """What is changed in it is in the file that is written."""
    picture = multiclass().plot()
    picture.spec["config"]["axis"]["labelFontSize"] = 21
    picture.save(tmp_path / "picture.json")
    assert '"labelFontSize": 21' in (tmp_path / "picture.json").read_text(encoding="utf-8")
    assert multiclass().plot().spec["config"]["axis"]["labelFontSize"] == 13

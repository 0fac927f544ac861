"""A chart on the axes of matplotlib, which who asks for it has; nothing of it is imported here."""

from __future__ import annotations

from typing import Any

from calaudit.report.chart import Axis, Band, Chart, Layer, Line, Look, Points, Rule, Zone
from calaudit.report.pictures.palette import LIGHT
from calaudit.visible import visible

COLOURS: dict[Look, str] = {
    "inside": "model", "outside": "outside", "before": "neutral", "after": "model",
    "model": "model", "chosen": "pass", "current": "open", "quiet": "axis",
}  # fmt: skip
MARKS: dict[Look, str] = {"outside": "D", "chosen": "D", "before": "s"}
SCALES = {"linear": "linear", "log": "log", "log-odds": "logit"}
STRIP = 0.12  # of the height, for amounts under the axis


def draw(chart: Chart, ax: Any) -> Any:
    """Draw every layer with its name in the key, and return the axes, to be styled further.

    Args:
        chart: what is drawn.
        ax: `matplotlib.axes.Axes`, or what has the same methods.
    """
    for axis, name in ((chart.x, "x"), (chart.y, "y")):
        _scaled(axis, name, ax)
    for layer in chart.layers:
        _draw(layer, ax)
    for at, strip in enumerate(chart.strips):
        heights = [amount / ((high - low) or 1.0) for low, high, amount in strip.bars]
        ax.bar(
            [low for low, _, _ in strip.bars],
            [STRIP * height / (max(heights) or 1.0) for height in heights],
            width=[high - low for low, high, _ in strip.bars],
            align="edge", alpha=0.4, zorder=0, label=_name(strip.name),
            color=LIGHT["neutral" if at == 0 else "model"], transform=ax.get_xaxis_transform(),
        )  # fmt: skip
    ax.set_title(_name(chart.title), fontsize="medium")
    if chart.square:
        ax.set_aspect("equal")
    named = {name: handle for handle, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    if named:
        ax.legend(named.values(), named.keys())
    return ax


def _scaled(axis: Axis, name: str, ax: Any) -> None:
    getattr(ax, f"set_{name}scale")(SCALES[axis.scale])
    ax.minorticks_off()
    shown = [(value, text) for value, text in axis.ticks if axis.low <= value <= axis.high]
    getattr(ax, f"set_{name}ticks")([value for value, _ in shown], [_name(t) for _, t in shown])
    getattr(ax, f"set_{name}lim")(axis.low, axis.high)
    getattr(ax, f"set_{name}label")(_name(axis.title))


def _draw(layer: Layer, ax: Any) -> None:
    if isinstance(layer, Band):
        x, low, high = zip(*layer.spans, strict=True)
        ax.fill_between(x, low, high, color=LIGHT["band"], label=_name(layer.name))
    elif isinstance(layer, Zone):
        own = zip((layer.low, layer.high), ax.get_xlim(), strict=True)
        ends = [edge if end is None else end for end, edge in own]
        ax.axvspan(*ends, color=LIGHT["plateau"], label=_name(layer.name))
    elif isinstance(layer, Rule):
        ax.axvline(layer.at, color=LIGHT[COLOURS[layer.look]], label=_name(layer.name))
    elif isinstance(layer, Line):
        dash, colour = "--" if layer.look == "quiet" else "-", LIGHT[COLOURS[layer.look]]
        ax.plot(*zip(*layer.points, strict=True), dash, color=colour, label=_name(layer.name))
    else:
        _points(layer, ax)


def _points(layer: Points, ax: Any) -> None:
    for look, name in layer.names:
        points = [p for p in layer.points if p.look == look]
        ends = [
            [p.y - (p.y if p.low is None else p.low) for p in points],
            [(p.y if p.high is None else p.high) - p.y for p in points],
        ]
        ax.errorbar(
            [p.x for p in points], [p.y for p in points], yerr=ends, linestyle="none",
            marker=MARKS.get(look, "o"), color=LIGHT[COLOURS[look]],
            label=_name(name) if points else None,
        )  # fmt: skip


def _name(text: str) -> str:
    """Return a text that matplotlib shows as it is, and takes for no formula."""
    return visible(text).replace("$", r"\$")

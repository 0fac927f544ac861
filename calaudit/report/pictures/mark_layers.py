"""The layers that pictures are drawn of. Every datum that can be asked about has a ``told``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.visible import visible

Data = Sequence[dict[str, Any]]
"""Inline data: the names of the fields are ours, never those of the data."""


def layer(mark: str, data: Data, encoding: Spec, *, colour: str = "", **more: Any) -> Spec:
    """Return one layer; its data tell their figures as tooltip and to screen readers.

    Args:
        mark: kind of mark.
        data: rows; where they have a field ``told``, they can be asked about.
        encoding: channels, as `field` and `at` make them.
        colour: a token of the palette.
        more: further properties of the mark.
    """
    told = any("told" in row for row in data)
    if told:
        data = [{**row, "told": visible(row["told"])} for row in data]
    properties: Spec = {"type": mark, **more}
    if colour:
        properties["color"] = LIGHT[colour]
    if told:
        encoding = {**encoding, "tooltip": {"field": "told", "type": "nominal"}}
        encoding["description"] = {"field": "told", "type": "nominal"}
    else:
        properties["aria"] = False
    return {"data": {"values": list(data)}, "mark": properties, "encoding": encoding}


def field(name: str, scale: Spec | None = None, axis: Spec | None = None) -> Spec:
    """Return a quantitative channel that reads ``name``."""
    found: Spec = {"field": name, "type": "quantitative", "axis": axis, "title": None}
    if axis is not None:
        found.pop("title")
    if scale is not None:
        found["scale"] = scale
    return found


def at(pixels: float) -> Spec:
    """Return a channel at a place in pixels."""
    return {"value": pixels}


def label(text: str, x: float, y: float, *, colour: str = "muted", **more: Any) -> Spec:
    """Return text at a place in pixels, its middle there unless ``align`` says otherwise."""
    encoding = {"x": at(x), "y": at(y), "text": {"field": "text", "type": "nominal"}}
    more = {"align": "left", "baseline": "middle", "fontSize": SMALL, **more}
    return layer("text", [{"text": text}], encoding, colour=colour, **more)


def key(shape: str, colour: str, x: float, y: float, **more: Any) -> Spec:
    """Return a single symbol at a place in pixels, to stand before its explanation."""
    more = {"shape": shape, "filled": True, "size": 60, "opacity": 1, **more}
    return layer("point", [{}], {"x": at(x), "y": at(y)}, colour=colour, **more)

"""What all pictures look like, and the frame around each: finding, what is drawn, alt text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.words import wrapped

Spec = dict[str, Any]
"""A Vega-Lite specification or a part of one."""

VEGA_LITE = "5.20"
"""The version of Vega-Lite that specifications are written for and rendered with."""

SCHEMA_URL = "https://vega.github.io/schema/vega-lite/v5.json"

FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
"""Fonts of one width: text that was measured for one of them fits in the others.

Pages set pictures in their own, whose fonts are about as wide."""

WIDTH = 375
"""Width of the drawing area of a picture, without its axis; narrow, so that it suits a phone."""

SMALL = 13
"""Size of the smallest text, in pixels."""

TITLE, SUBTITLE = 16, 13


def framed(
    body: Spec, title: str, subtitle: str, alt: str, *, width: float = WIDTH, gap: float = 14
) -> Spec:
    """Return a whole specification: ``body`` under its title, with the theme.

    Args:
        body: layers or concatenated views, with their sizes.
        title: the finding, in words.
        subtitle: what is drawn.
        alt: what the picture shows, for those who do not see it.
        width: of the title's lines, in pixels.
        gap: between the titles and the drawing, in pixels.
    """
    return {
        "$schema": SCHEMA_URL,
        "description": alt,
        "background": LIGHT["paper"],
        "padding": 14,
        "title": {
            "text": wrapped(title, width, TITLE, bold=True),
            "subtitle": wrapped(subtitle, width, SUBTITLE),
            "anchor": "start",
            "frame": "bounds",
            "offset": gap,
        },
        **body,
        "config": _config(),
        "usermeta": {"embedOptions": {"actions": {"editor": False}}},
    }


def concatenated(views: Sequence[Spec], *, columns: int = 1, spacing: float = 18) -> Spec:
    """Return views below (and, with columns, beside) one another."""
    return {"concat": list(views), "columns": columns, "spacing": spacing, "align": "each"}


def _config() -> Spec:
    axis = {
        "domainColor": LIGHT["axis"],
        "tickColor": LIGHT["axis"],
        "gridColor": LIGHT["grid"],
        "labelColor": LIGHT["muted"],
        "titleColor": LIGHT["ink"],
        "labelFontSize": SMALL,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "labelFlush": False,
        "tickSize": 4,
        "labelPadding": 4,
        "titlePadding": 8,
        "grid": False,
    }
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"domain": False, "ticks": False, "grid": True},
        "concat": {"spacing": 18},
        "text": {"fontSize": SMALL, "color": LIGHT["ink"], "font": FONT},
        "title": {
            "fontSize": TITLE,
            "lineHeight": 20,
            "color": LIGHT["ink"],
            "subtitleFontSize": SUBTITLE,
            "subtitleLineHeight": 18,
            "subtitleColor": LIGHT["muted"],
            "subtitlePadding": 5,
            "fontWeight": "bold",
        },
    }

"""The colours of the pictures, by what they mean: one hex a token, for light and for dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1c2126",
    "muted": "#59626c",
    "axis": "#868f99",
    "grid": "#eceef1",
    "model": "#0b69ac",
    "outside": "#c4420c",
    "neutral": "#76808b",
    "band": "#e2e6ea",
    "band-edge": "#87919b",
    "plateau": "#dbe9f5",
    "pass": "#0a7a5c",
    "fail": "#c0390b",
    "open": "#9a6700",
}
"""Token → colour on white. Each is used once, so that a picture can be coloured anew."""

DARK = {
    "paper": "#14181d",
    "ink": "#e9edf1",
    "muted": "#a3adb8",
    "axis": "#77818c",
    "grid": "#262c33",
    "model": "#5fb2ef",
    "outside": "#ff8a57",
    "neutral": "#949eaa",
    "band": "#2c343d",
    "band-edge": "#76818d",
    "plateau": "#1d3549",
    "pass": "#3fc79a",
    "fail": "#ff7f50",
    "open": "#e0ac3f",
}
"""Token → colour on a dark page."""

TEXTS = ("ink", "muted", "model", "outside", "pass", "fail", "open")
"""Tokens that text is written in: a contrast of at least 4.5 with the paper."""


WORDS = ("values", "text", "subtitle", "description", "title", "labelExpr")
"""Properties of a specification that hold data or words, and no colours."""


def css_variables(palette: Mapping[str, str]) -> str:
    """Return the declarations that give `calaudit.report.pictures.themed_svg` its colours.

    >>> css_variables({"ink": "#1c2126", "band-edge": "#87919b"})
    '--ca-ink: #1c2126; --ca-band-edge: #87919b;'
    """
    return " ".join(f"--ca-{token}: {colour};" for token, colour in palette.items())


def recoloured(value: Any, palette: Mapping[str, str]) -> Any:
    """Return a specification in which every colour of `LIGHT` is that of ``palette``.

    Texts and inline data are left as they are: a class may be called ``#ffffff``.
    """
    if isinstance(value, dict):
        return {
            k: v if k in WORDS and not isinstance(v, dict) else recoloured(v, palette)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [recoloured(each, palette) for each in value]
    if isinstance(value, str) and re.fullmatch("#[0-9a-f]{6}", value):
        tokens = {colour: token for token, colour in LIGHT.items()}
        return palette[tokens[value]] if value in tokens else value
    return value

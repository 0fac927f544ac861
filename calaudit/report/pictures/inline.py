"""A picture inside a page: an SVG that takes its colours from the page and its width from CSS."""

from __future__ import annotations

import hashlib
import html
import re

from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import Picture
from calaudit.report.pictures.theme import FONT
from calaudit.report.pictures.vega import ABSENT, can_draw

GROWN = 1.2
"""A picture is shown at most so many times as wide as it was drawn."""

TOKENS = {colour: token for token, colour in LIGHT.items()}


def themed_svg(picture: Picture) -> str:
    """Return the picture as an ``<svg>`` for a page whose CSS declares `css_variables`.

    It is as wide as its place, at most `GROWN` times as wide as it was drawn, has no background,
    and its ids are its own among those of other pictures. Marks with a tooltip have it as their
    aria-label. Its title and its font are the page's, which is `FONT` or one as narrow. Where
    Vega-Lite is not installed, it is what the picture would show in a sentence, and why.
    """
    if not can_draw():
        return f"<p>{html.escape(picture.alt)} ({html.escape(ABSENT)})</p>"
    svg = picture.bare_svg()
    own = f"ca-{hashlib.sha1(svg.encode(), usedforsecurity=False).hexdigest()[:10]}"
    svg = re.sub(r'(?<= id=")part(?=\d+">)|(?<=="url\(#)part(?=\d+\)")', f"{own}-", svg)
    svg = re.sub(r'(?<=[ ])(fill|stroke|stop-color)="(#[0-9a-f]{6}|white|black)"', _variable, svg)
    svg = svg.replace(f' font-family="{html.escape(FONT)}"', "")
    return re.sub(
        r"<svg [^>]*>(<rect [^>]*/>)?", lambda m: _opening(m.group(), picture), svg, count=1
    )


def themed_svgs(picture: Picture) -> tuple[str, ...]:
    """Return an ``<svg>`` for each panel of small multiples, to wrap; else the picture's only."""
    if not can_draw():  # said once
        return (themed_svg(picture), *("" for _ in picture.panels[1:]))
    return tuple(map(themed_svg, picture.panels or (picture,)))


def _variable(found: re.Match[str]) -> str:
    name, colour = found.groups()
    colour = {"white": LIGHT["paper"], "black": LIGHT["ink"]}.get(colour, colour)
    token = TOKENS.get(colour)
    return f'{name}="var(--ca-{token})"' if token else found.group()


def _opening(tag: str, picture: Picture) -> str:
    """Return the opening tag: a view box for a size, and words for those who do not see it."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', tag)
    width, height = box.groups() if box else ("480", "360")
    widest = GROWN * float(width)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ca-picture ca-{picture.name}" '
        f'viewBox="0 0 {width} {height}" style="width:100%;max-width:{widest:.0f}px;height:auto" '
        f'role="img" aria-label="{html.escape(picture.alt)}">'
    )

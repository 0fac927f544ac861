"""A picture inside a page: an SVG that takes its colours from the page and its width from CSS."""

from __future__ import annotations

import hashlib
import html
import re

from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import Picture

__all__ = ["themed_svg", "themed_svgs"]

TOKENS = {colour: token for token, colour in LIGHT.items()}


def themed_svg(picture: Picture) -> str:
    """Return the picture as an ``<svg>`` for a page whose CSS declares `css_variables`.

    It is as wide as its place, at most as wide as it was drawn, has no background, and its ids are
    its own among those of other pictures. Marks with a tooltip have it as their aria-label.
    """
    svg = picture.to_svg()
    own = f"ca-{hashlib.sha1(svg.encode(), usedforsecurity=False).hexdigest()[:10]}"
    svg = re.sub(r'(?<= id=")part(?=\d+">)|(?<=="url\(#)part(?=\d+\)")', f"{own}-", svg)
    svg = re.sub(r'(?<=[ ])(fill|stroke|stop-color)="(#[0-9a-f]{6}|white|black)"', _variable, svg)
    return re.sub(
        r"<svg [^>]*>(<rect [^>]*/>)?", lambda m: _opening(m.group(), picture), svg, count=1
    )


def themed_svgs(picture: Picture) -> tuple[str, ...]:
    """Return an ``<svg>`` for each panel of small multiples, to wrap; else the picture's only."""
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
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ca-picture ca-{picture.name}" '
        f'viewBox="0 0 {width} {height}" style="width:100%;max-width:{width}px;height:auto" '
        f'role="img" aria-label="{html.escape(picture.alt)}">'
    )

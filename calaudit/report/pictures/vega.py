"""Specifications rendered by Vega-Lite inside this process: no browser and no network.

Where the address space is limited (``ulimit -v``, as some clusters set it), the engine that runs
Vega-Lite ends its process. There it is given one of its own, so that only the picture is lost.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from calaudit.errors import DrawingError
from calaudit.report.pictures.palette import DARK, LIGHT
from calaudit.report.pictures.theme import VEGA_LITE, Spec

__all__ = ["ABSENT", "can_draw", "html_of", "pdf_of", "png_of", "svg_of"]

ABSENT = (
    "pictures are drawn by vl-convert-python, which is not installed: "
    "pip install 'calaudit[pictures]'"
)

NOWHERE: list[str] = []
"""Addresses that a specification may load from: its data are all in it."""

CHILD = """\
import json, sys, vl_convert
function, arguments, options = json.load(sys.stdin)
made = getattr(vl_convert, function)(*arguments, **options)
sys.stdout.buffer.write(made if isinstance(made, bytes) else made.encode())
"""
"""A process that makes one picture."""


def can_draw() -> bool:
    """Return whether Vega-Lite is here, which only pictures need."""
    return find_spec("vl_convert") is not None


def svg_of(spec: Spec) -> str:
    """Return an SVG document; the same for the same specification."""
    svg = _made("vegalite_to_svg", spec, VEGA_LITE, allowed_base_urls=NOWHERE)
    return _numbered(svg.decode())


def png_of(spec: Spec, scale: float) -> bytes:
    """Return a PNG, ``scale`` times as many pixels wide as the SVG."""
    return _made("vegalite_to_png", spec, VEGA_LITE, scale=scale, allowed_base_urls=NOWHERE)


def pdf_of(spec: Spec) -> bytes:
    """Return a PDF."""
    return _made("vegalite_to_pdf", spec, VEGA_LITE, allowed_base_urls=NOWHERE)


def html_of(light: Spec, dark: Spec, title: str) -> str:
    """Return a page that draws one of two specifications, as the reader's screen prefers.

    The page holds Vega itself. Inside a script "<" is written as an escape, so that no name from
    the data can end the script.
    """
    bundle = _made("javascript_bundle", "window.vegaEmbed = vegaEmbed;", VEGA_LITE).decode()
    specs = json.dumps([light, dark], ensure_ascii=True).replace("<", "\\u003c")
    return PAGE.format(
        title=html.escape(title),
        policy=POLICY,
        paper=LIGHT["paper"],
        dark=DARK["paper"],
        bundle=bundle.replace("</script", "<\\/script"),
        specs=specs,
    )


def _made(function: str, *arguments: Any, **options: Any) -> bytes:
    """Return what a function of vl_convert makes.

    Raises:
        DrawingError: it is not installed, or the address space is limited, and it needs more.
    """
    if not can_draw():
        raise DrawingError(ABSENT)
    if not _address_space_is_limited():
        import vl_convert

        made: str | bytes = getattr(vl_convert, function)(*arguments, **options)
        return made if isinstance(made, bytes) else made.encode()
    request = json.dumps([function, arguments, options])
    command = [sys.executable, "-P", "-c", CHILD]  # nothing is imported from where one works
    try:
        done = subprocess.run(command, input=request.encode(), capture_output=True, check=True)
    except (OSError, subprocess.SubprocessError):
        raise DrawingError(
            "no picture can be drawn where the address space is limited (ulimit -v): the engine "
            "reserves some 100 GB of it, and uses little. Lift the limit, or ask for no picture "
            "and no HTML; calaudit report draws them later from the JSON"
        ) from None
    return done.stdout


def _address_space_is_limited() -> bool:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""What the page may do: run the scripts in it (Vega compiles expressions), and load nothing."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 1rem; background: {paper}; color-scheme: light dark; }}
#picture svg {{ max-width: 100%; height: auto; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {dark}; }} }}
</style>
<script>{bundle}</script>
</head>
<body>
<div id="picture"></div>
<script>
const specs = {specs};
const night = window.matchMedia("(prefers-color-scheme: dark)");
function draw() {{
  const tooltip = {{theme: night.matches ? "dark" : "light"}};
  const options = {{renderer: "svg", actions: false, tooltip: tooltip}};
  vegaEmbed("#picture", specs[night.matches ? 1 : 0], options).catch(console.error);
}}
night.addEventListener("change", draw);
draw();
</script>
</body>
</html>
"""


def _numbered(svg: str) -> str:
    """Return the SVG with its ids counted from 1: Vega counts on from picture to picture."""
    found = dict.fromkeys(re.findall(r'<\w+ id="([^"]+)"', svg))
    names = {name: f"part{i}" for i, name in enumerate(found, 1)}
    pattern = r'(?<=<clipPath id=")[^"]+(?=")|(?<=="url\(#)[^)]+(?=\)")'
    return re.sub(pattern, lambda m: names.get(m.group(), m.group()), svg)

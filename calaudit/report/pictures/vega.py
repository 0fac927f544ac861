"""Specifications rendered by Vega-Lite inside this process: no browser and no network."""

from __future__ import annotations

import html
import json
import re

from calaudit.report.pictures.palette import DARK, LIGHT
from calaudit.report.pictures.theme import VEGA_LITE, Spec

__all__ = ["html_of", "pdf_of", "png_of", "svg_of"]

NOWHERE: list[str] = []
"""Addresses that a specification may load from: its data are all in it."""


def svg_of(spec: Spec) -> str:
    """Return an SVG document; the same for the same specification."""
    import vl_convert

    return _numbered(str(vl_convert.vegalite_to_svg(spec, VEGA_LITE, allowed_base_urls=NOWHERE)))


def png_of(spec: Spec, scale: float) -> bytes:
    """Return a PNG, ``scale`` times as many pixels wide as the SVG."""
    import vl_convert

    return bytes(
        vl_convert.vegalite_to_png(spec, VEGA_LITE, scale=scale, allowed_base_urls=NOWHERE)
    )


def pdf_of(spec: Spec) -> bytes:
    """Return a PDF."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_pdf(spec, VEGA_LITE, allowed_base_urls=NOWHERE))


def html_of(light: Spec, dark: Spec, title: str) -> str:
    """Return a page that draws one of two specifications, as the reader's screen prefers.

    The page holds Vega itself. Inside a script "<" is written as an escape, so that no name from
    the data can end the script.
    """
    import vl_convert

    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE))
    specs = json.dumps([light, dark], ensure_ascii=True).replace("<", "\\u003c")
    return PAGE.format(
        title=html.escape(title),
        policy=POLICY,
        paper=LIGHT["paper"],
        dark=DARK["paper"],
        bundle=bundle.replace("</script", "<\\/script"),
        specs=specs,
    )


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

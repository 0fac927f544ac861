"""Specifications rendered by Vega-Lite inside this process: no browser and no network.

Where the address space is limited (``ulimit -v``, as some clusters set it), the engine that runs
Vega-Lite ends its process. There it is given one of its own, so that only the picture is lost.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from calaudit.errors import DrawingError
from calaudit.report.pictures.theme import VEGA_LITE, Spec

ABSENT = (
    "pictures are drawn by vl-convert-python, which is not installed: "
    "pip install 'calaudit[pictures]'"
)

POINTS = 72 / 96
"""Points in a pixel of a drawing."""

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


def png_of(svg: str, dpi: float) -> bytes:
    """Return an SVG, 96 of whose pixels are an inch, as a PNG with ``dpi`` in an inch."""
    return _made("svg_to_png", svg, scale=POINTS, ppi=dpi)


def pdf_of(svg: str, title: str, date: str = "") -> bytes:
    """Return an SVG, 96 of whose pixels are an inch, as a PDF, made on ``date`` (YYYY-MM-DD)."""
    size = r'(?<=width="|eight=")[\d.]+'
    svg = re.sub(size, lambda m: f"{float(m[0]) * POINTS:.3f}", svg, count=2)
    about = {"/Title": title} | ({"/CreationDate": f"D:{date.replace('-', '')}"} if date else {})
    return _settled(_made("svg_to_pdf", svg), about)


def _settled(pdf: bytes, about: Mapping[str, str]) -> bytes:
    """Return a PDF with its parts in one order; as it was where pypdf is not installed."""
    if find_spec("pypdf") is None:
        return pdf
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject

    writer, reader = PdfWriter(), PdfReader(io.BytesIO(pdf))
    resources: Any = reader.pages[0]["/Resources"]
    for named in resources.values():
        for name in sorted(named) if isinstance(named, dict) else ():
            named[NameObject(name)] = dict.pop(named, name)
    writer.append(reader, import_outline=False)
    writer.add_metadata({"/Producer": "calaudit", **about})
    found = io.BytesIO()
    writer.write(found)
    return found.getvalue()


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


def _numbered(svg: str) -> str:
    """Return the SVG with its ids counted from 1: Vega counts on from picture to picture."""
    found = dict.fromkeys(re.findall(r'<\w+ id="([^"]+)"', svg))
    names = {name: f"part{i}" for i, name in enumerate(found, 1)}
    pattern = r'(?<=<clipPath id=")[^"]+(?=")|(?<=="url\(#)[^)]+(?=\)")'
    return re.sub(pattern, lambda m: names.get(m.group(), m.group()), svg)

"""A picture: a Vega-Lite specification with its words, and the files that it can become."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calaudit.errors import SettingsError
from calaudit.report.pictures.palette import DARK, LIGHT, recoloured
from calaudit.report.pictures.theme import SUBTITLE, TITLE, WIDTH, Spec, framed
from calaudit.report.pictures.words import wrapped
from calaudit.visible import visible

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".json")
"""What a picture can be saved as."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold; a report that was edited by hand may have it anywhere."""

MIME = "application/vnd.vegalite.v5+json"


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A picture of a report.

    Attributes:
        name: a stable name: "reliability", "histogram", "cost", …
        title: the finding, in words. subtitle: what is drawn.
        alt: a sentence that says what the picture shows, with its main figures.
        spec: the Vega-Lite specification, with its data, in the light palette.
        panels: of small multiples: each of them as a picture of its own, for pages on which they
            wrap; else ().
    """

    name: str
    title: str
    subtitle: str
    alt: str
    spec: Spec
    panels: tuple[Picture, ...] = field(default=())

    def __repr__(self) -> str:
        """Return what the picture shows in a line."""
        return f"<calaudit picture {self.name}: {self.alt}>"

    def to_json(self, *, dark: bool = False) -> str:
        """Return the Vega-Lite specification as JSON text."""
        spec = self._spec(dark)
        return json.dumps(spec, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def to_svg(self, *, dark: bool = False) -> str:
        """Return the picture as an SVG document."""
        from calaudit.report.pictures.vega import svg_of

        return svg_of(self._spec(dark))

    def bare_svg(self) -> str:
        """Return the drawing as an SVG document without its title."""
        from calaudit.report.pictures.vega import svg_of

        return svg_of({**{k: v for k, v in self.spec.items() if k != "title"}, "padding": 2})

    def titled(self, title: str) -> Picture:
        """Return the picture with a title of one's own; its finding stands below that."""
        if not title:
            return self
        said = f"{self.title}. {self.subtitle}" if self.subtitle else self.title
        over = wrapped(title, 1.1 * WIDTH, TITLE, bold=True)
        words = {"text": over, "subtitle": wrapped(said, 1.1 * WIDTH, SUBTITLE, most=5)}
        spec = {**self.spec, "title": {**self.spec["title"], **words}}
        return replace(self, title=visible(title), subtitle=said, spec=spec)

    def to_png(self, scale: float = 2.0, *, dark: bool = False) -> bytes:
        """Return the picture as a PNG, ``scale`` times as many pixels wide as the SVG."""
        from calaudit.report.pictures.vega import png_of

        return png_of(self.to_svg(dark=dark), 96 * scale)

    def to_pdf(self, *, dark: bool = False) -> bytes:
        """Return the picture as a PDF."""
        from calaudit.report.pictures.vega import pdf_of

        return pdf_of(self.to_svg(dark=dark), self.title)

    def to_html(self, **_: object) -> str:
        """Return a page with tooltips that needs nothing else, light or dark as a reader's is."""
        from calaudit.report.render_html import picture_page

        return picture_page(self)

    def save(self, path: str | Path, *, dark: bool = False) -> None:
        """Write the picture to a file; the suffix says as what.

        Raises:
            SettingsError: the suffix is none of `SUFFIXES`.
        """
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise SettingsError(
                f"a picture cannot be saved as {path.name}: end its name in one of "
                f"{', '.join(SUFFIXES)}"
            )
        made = getattr(self, f"to_{path.suffix[1:].lower()}")(dark=dark)
        path.write_bytes(made if isinstance(made, bytes) else made.encode())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the picture for notebooks: Vega-Lite, and what shows where that does not."""
        from calaudit.report.pictures.vega import can_draw

        bundle: dict[str, Any] = {MIME: self.spec, "text/plain": repr(self)}
        if can_draw():
            bundle["image/svg+xml"] = self.to_svg()
            bundle["image/png"] = base64.b64encode(self.to_png()).decode("ascii")
        return bundle

    def _spec(self, dark: bool) -> Spec:
        spec: Spec = recoloured(self.spec, DARK if dark else LIGHT)
        return spec


def picture(
    name: str,
    words: tuple[str, str, str],
    body: Spec,
    *,
    width: float = WIDTH,
    gap: float = 14,
    panels: tuple[Picture, ...] = (),
) -> Picture:
    """Return a picture from what is drawn.

    Args:
        name: a stable name.
        words: the finding, what is drawn, and the alternative text.
        body: layers or concatenated views, with their sizes.
        width: of the lines of the title, in pixels.
        gap: between the titles and the drawing, in pixels.
        panels: of small multiples, each a picture of its own.
    """
    title, subtitle, alt = map(visible, words)
    spec = framed(_printable(body), title, subtitle, alt, width=width, gap=gap)
    return Picture(name, title, subtitle, alt, spec, panels)


def _printable(value: Any) -> Any:
    """Return a specification whose texts hold nothing that an SVG cannot."""
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) else value

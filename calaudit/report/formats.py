"""The file formats of a report: one line a suffix, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from calaudit.errors import SettingsError

if TYPE_CHECKING:
    from calaudit.report.kinds import AnyReport

__all__ = ["PICTURES", "PICTURE_NAMES", "formats_of", "render", "suffixes"]

RENDERERS = {
    ".json": ("calaudit.report.render_json:render_json", ""),
    ".txt": ("calaudit.report.console:render_text", ""),
    ".html": ("calaudit.report.render_html:render_html", ""),
    ".xml": ("calaudit.report.render_junit:render_junit", "check"),
    ".md": ("calaudit.report.render_markdown:render_markdown", "check"),
}
"""Suffix → "module:function", a function from a report to the text of the file, and the kind of
report that it is for, which is called like its command; "" for every kind."""

PICTURES = {".svg": "to_svg", ".png": "to_png", ".pdf": "to_pdf"}
"""Suffix → the method of a picture that gives the file; every kind of report has pictures."""

OF_ROWS, OF_CUTOFFS = ("reliability", "histogram", "classes", "slices"), ("cost", "risk-coverage")

PICTURE_NAMES = {
    "report": OF_ROWS,
    "thresholds": OF_CUTOFFS,
    "check": ("gate",),
    "audit": (*OF_ROWS, *OF_CUTOFFS),
}
"""Kind of report → the pictures that it can have, as far as its data goes; the main one first.
They are known here so that a name can be refused before there is a report, or a picture."""


def suffixes(kind: str = "report") -> tuple[str, ...]:
    """Return the suffixes that a kind of report can have, in the order of the documentation."""
    texts = (suffix for suffix, (_, of) in RENDERERS.items() if of in ("", kind))
    return (*texts, *PICTURES)


def formats_of(kind: str, wanted: str) -> str:
    """Return the suffixes of a kind in words, and whose ``wanted`` is, which is none of them.

    >>> formats_of("report", ".xml")
    '.json, .txt, .html, .svg, .png, .pdf (.xml is only of calaudit check)'
    """
    _, of = RENDERERS.get(wanted.lower(), ("", ""))
    other = f" ({wanted.lower()} is only of calaudit {of})" if of else ""
    return ", ".join(suffixes(kind)) + other


def render(report: AnyReport, suffix: str, *, picture: str | None = None) -> str | bytes:
    """Return ``report`` as the text or the bytes of a file with this suffix.

    Args:
        report: what was found.
        suffix: one of `suffixes`, in any case, with its dot.
        picture: name of the picture that the file shows, by default the main one. With a name,
            ``.html`` is that picture alone instead of the whole report.

    Raises:
        SettingsError: there is no such format for this kind of report, or no such picture.
    """
    from calaudit.report.kinds import kind_of

    kind, suffix = kind_of(report.schema), suffix.lower()
    if suffix not in suffixes(kind):
        raise SettingsError(
            f"there is no report format {suffix or 'without a suffix'!r} here; the suffix of the "
            f"file chooses it: {formats_of(kind, suffix)}"
        )
    drawn = PICTURES | ({".html": "to_html"} if picture else {})
    if suffix in drawn:
        from calaudit.report.pictures import picture_of

        found: str | bytes = getattr(picture_of(report, picture), drawn[suffix])()
        return found
    module, function = RENDERERS[suffix][0].split(":")
    renderer: Callable[[Any], str] = getattr(import_module(module), function)
    return renderer(report)

"""The file formats of a report: one line a suffix, imported when it is asked for."""

from __future__ import annotations

from calaudit.errors import SettingsError
from calaudit.report.kinds import KINDS, kind_of, loaded
from calaudit.report.rendered import Rendered

__all__ = ["PICTURES", "formats_of", "render", "suffixes"]

RENDERERS = {
    ".json": "rendered:json_of",
    ".txt": "console:render_text",
    ".html": "render_html:render_html",
    ".md": "render_markdown:render_markdown",
}
"""Suffix → "module:function", a function from a report of any kind to the text of the file."""

PICTURES = {".svg": "to_svg", ".png": "to_png", ".pdf": "to_pdf"}
"""Suffix → the method of a picture that gives the file; every kind of report has pictures."""


def suffixes(command: str = "evaluate") -> tuple[str, ...]:
    """Return the suffixes that reports of a command can have, in the order of the documentation."""
    return (*RENDERERS, *kind_of(command).formats, *PICTURES)


def formats_of(command: str, wanted: str) -> str:
    """Return the suffixes of a command in words, and whose ``wanted`` is, which is none of them.

    >>> formats_of("evaluate", ".xml")
    '.json, .txt, .html, .md, .svg, .png, .pdf (.xml is only of calaudit check)'
    """
    wanted = wanted.lower()
    of = next((kind.command for kind in KINDS.values() if wanted in kind.formats), "")
    other = f" ({wanted} is only of calaudit {of})" if of else ""
    return ", ".join(suffixes(command)) + other


def render(report: Rendered, suffix: str, *, picture: str | None = None) -> str | bytes:
    """Return ``report`` as the text or the bytes of a file with this suffix.

    Args:
        report: what was found.
        suffix: one of `suffixes`, in any case, with its dot.
        picture: name of the picture that the file shows, by default the main one. With a name,
            ``.html`` is that picture alone instead of the whole report.

    Raises:
        SettingsError: there is no such format for this kind of report, or no such picture.
    """
    kind, suffix = kind_of(report), suffix.lower()
    if suffix not in suffixes(kind.command):
        raise SettingsError(
            f"there is no report format {suffix or 'without a suffix'!r} here; the suffix of the "
            f"file chooses it: {formats_of(kind.command, suffix)}"
        )
    drawn = PICTURES | ({".html": "to_html"} if picture else {})
    if suffix in drawn:
        from calaudit.report.pictures import picture_of

        found: str | bytes = getattr(picture_of(report, picture), drawn[suffix])()
        return found
    text: str = loaded((RENDERERS | dict(kind.formats))[suffix])(report)
    return text

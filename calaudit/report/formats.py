"""The file formats of a report: one line a suffix, imported when it is asked for."""

from __future__ import annotations

from calaudit.errors import SettingsError
from calaudit.report.kinds import KINDS, document_of, kind_of, loaded
from calaudit.report.one_page.sheet import Sheet
from calaudit.report.rendered import Rendered

RENDERERS = {
    ".json": "rendered:json_of",
    ".txt": "console:render_text",
    ".html": "render_html:render_html",
    ".md": "render_markdown:render_markdown",
}
"""Suffix → "module:function", a function from a report of any kind to the text of the file."""

PICTURES = (".svg", ".png", ".pdf")
"""Suffixes of pictures, which every kind of report has."""

PLAIN = Sheet()
"""Everything as it is."""

ONE_PAGE = (".pdf", ".html", ".png", ".svg")
"""Suffixes that a report on one page can have."""


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


def render(
    report: Rendered,
    suffix: str,
    *,
    picture: str | None = None,
    one_page: bool = False,
    sheet: Sheet = PLAIN,
) -> str | bytes:
    """Return ``report`` as the text or the bytes of a file with this suffix.

    Args:
        report: what was found.
        suffix: one of `suffixes`, in any case, with its dot.
        picture: name of the picture that the file shows, by default the main one. With a name,
            ``.html`` is that picture alone instead of the whole report.
        one_page: whether the file is the report on one page, as one of `ONE_PAGE`.
        sheet: title, size and resolution of what is drawn.

    Raises:
        SettingsError: there is no such format for this kind of report, or no such picture.
    """
    kind, suffix = kind_of(report), suffix.lower()
    known = ONE_PAGE if one_page else suffixes(kind.command)
    if suffix not in known:
        listed = ", ".join(known) if one_page else formats_of(kind.command, suffix)
        raise SettingsError(
            f"there is no report format {suffix or 'without a suffix'!r} here; the suffix of the "
            f"file chooses it: {listed}"
        )
    if one_page:
        return _one_page(report, suffix, sheet)
    if suffix in PICTURES or (picture and suffix == ".html"):
        return _drawn(report, suffix, picture, sheet)
    titled = {"title": sheet.title} if suffix == ".html" else {}
    text: str = loaded((RENDERERS | dict(kind.formats))[suffix])(report, **titled)
    return text


def _one_page(report: Rendered, suffix: str, sheet: Sheet) -> str | bytes:
    from calaudit.report.one_page.layout import chosen, page_svg
    from calaudit.report.render_html import html_page

    page = chosen(document_of(report), sheet)
    svg = page_svg(page, sheet.sides)
    if suffix == ".html":
        return html_page(page, svg, sheet.sides)
    return _file(svg, suffix, sheet, page.title, page.date)


def _drawn(report: Rendered, suffix: str, name: str | None, sheet: Sheet) -> str | bytes:
    from calaudit.report.one_page.layout import picture_svg
    from calaudit.report.pictures import picture_of

    picture = picture_of(report, name).titled(sheet.title)
    if suffix == ".html":
        return picture.to_html()
    svg = picture_svg(picture, sheet.sides) if sheet.size else picture.to_svg()
    return _file(svg, suffix, sheet, picture.title, "")


def _file(svg: str, suffix: str, sheet: Sheet, title: str, date: str) -> str | bytes:
    from calaudit.report.pictures.vega import pdf_of, png_of

    if suffix == ".svg":
        return svg
    return png_of(svg, sheet.dpi) if suffix == ".png" else pdf_of(svg, title, date)

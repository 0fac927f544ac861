"""The file formats of a report: one line a suffix, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from calaudit.errors import SettingsError

if TYPE_CHECKING:
    from calaudit.report.kinds import AnyReport

__all__ = ["formats_of", "render", "suffixes"]

RENDERERS = {
    ".json": ("calaudit.report.render_json:render_json", ""),
    ".txt": ("calaudit.report.console:render_text", ""),
    ".xml": ("calaudit.report.render_junit:render_junit", "check"),
    ".md": ("calaudit.report.render_markdown:render_markdown", "check"),
}
"""Suffix → "module:function", a function from a report to the text of the file, and the kind of
report that it is for, which is called like its command; "" for every kind."""


def suffixes(kind: str = "report") -> tuple[str, ...]:
    """Return the suffixes that a kind of report can have, in the order of the documentation."""
    return tuple(suffix for suffix, (_, of) in RENDERERS.items() if of in ("", kind))


def formats_of(kind: str, wanted: str) -> str:
    """Return the suffixes of a kind in words, and whose ``wanted`` is, which is none of them.

    >>> formats_of("report", ".xml")
    '.json, .txt (.xml is only of calaudit check)'
    """
    _, of = RENDERERS.get(wanted.lower(), ("", ""))
    other = f" ({wanted.lower()} is only of calaudit {of})" if of else ""
    return ", ".join(suffixes(kind)) + other


def render(report: AnyReport, suffix: str) -> str:
    """Return ``report`` as the text of a file with this suffix.

    Args:
        report: what was found.
        suffix: one of `suffixes`, in any case, with its dot.

    Raises:
        SettingsError: there is no such format for this kind of report.
    """
    from calaudit.report.kinds import kind_of

    kind = kind_of(report.schema)
    if suffix.lower() not in suffixes(kind):
        raise SettingsError(
            f"there is no report format {suffix or 'without a suffix'!r} here; the suffix of the "
            f"file chooses it: {formats_of(kind, suffix)}"
        )
    module, function = RENDERERS[suffix.lower()][0].split(":")
    renderer: Callable[[Any], str] = getattr(import_module(module), function)
    return renderer(report)

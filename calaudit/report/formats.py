"""The file formats of a report: one line a suffix, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

from calaudit.errors import SettingsError

if TYPE_CHECKING:
    from calaudit.report.model import Report

__all__ = ["render", "suffixes"]

RENDERERS = {
    ".json": "calaudit.report.render_json:render_json",
    ".txt": "calaudit.report.console:render_text",
}
"""Suffix → "module:function", a function from a `Report` to the text of the file."""


def suffixes() -> tuple[str, ...]:
    """Return the suffixes that `render` knows, in the order of the documentation."""
    return tuple(RENDERERS)


def render(report: Report, suffix: str) -> str:
    """Return ``report`` as the text of a file with this suffix.

    Args:
        report: what was found.
        suffix: one of `suffixes`, in any case, with its dot.

    Raises:
        SettingsError: there is no such format.
    """
    try:
        module, function = RENDERERS[suffix.lower()].split(":")
    except KeyError:
        known = ", ".join(RENDERERS)
        raise SettingsError(
            f"there is no report format {suffix or 'without a suffix'!r}; the suffix of the "
            f"file chooses it: {known}"
        ) from None
    renderer = cast("Callable[[Report], str]", getattr(import_module(module), function))
    return renderer(report)

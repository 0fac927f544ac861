"""What every report can turn itself into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from calaudit.report.kinds import AnyReport

__all__ = ["Rendered"]


class Rendered:
    """A report that renders itself: as JSON values, as JSON text, and as people read it."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values: exactly what `to_json` writes."""
        from calaudit.report.render_json import to_dict

        return to_dict(cast("AnyReport", self))

    def to_json(self) -> str:
        """Return the report as JSON text, in full precision and a fixed order."""
        from calaudit.report.render_json import render_json

        return render_json(cast("AnyReport", self))

    def __str__(self) -> str:
        """Return the report as the command prints it, 80 columns wide and without colours."""
        from calaudit.report.formats import render

        return render(cast("AnyReport", self), ".txt")

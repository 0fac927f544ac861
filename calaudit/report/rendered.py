"""What every report can turn itself into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from calaudit.report.frame import Figures
    from calaudit.report.pictures import Picture


class Rendered:
    """A report that renders itself: as JSON values, as JSON text, and as people read it."""

    __slots__ = ()

    schema: str
    """Name and version of its JSON."""

    settings: Any
    """What the figures depend on, by name."""

    metrics: Any
    """Figures by name, of kinds that have no others."""

    @property
    def figures(self) -> Figures:
        """The figures of all rows, by the parts of their names; of slices there are none."""
        return {(name,): figure for name, figure in self.metrics.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return `figures` as a pandas frame: a row a figure, a column a field of `Estimate`."""
        from calaudit.report.frame import to_frame

        return to_frame(self)

    def scalars(self) -> dict[str, float]:
        """Return `figures` under flat names, for loggers: ``mlflow.log_metrics(report.scalars())``.

        Names have letters, digits and ``_`` alone, and mean the same in all versions: ``smece`` is
        a value, ``smece_low`` and ``smece_high`` are the ends of its interval; ``smece_before`` and
        ``smece_after`` stand for two sides. What these rows do not have is left out.
        """
        from calaudit.report.frame import to_scalars

        return to_scalars(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values: exactly what `to_json` writes."""
        from calaudit.report.render_json import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """Return the report as JSON text, in full precision and a fixed order."""
        from calaudit.report.render_json import render_json

        return render_json(self)

    def save(
        self,
        path: str | Path,
        picture: str | None = None,
        *,
        one_page: bool = False,
        title: str = "",
        size: str = "",
        dpi: float = 192.0,
    ) -> None:
        """Write the report to a file, as ``-o`` does; the suffix says as what.

        Args:
            path: of the file: .json, .txt, .html, .md, a picture (.svg, .png, .pdf), and for a
                gate .xml.
            picture: name of the picture that the file shows alone, by default the main one.
            one_page: whether the file is the report on one page (.pdf, .html, .png, .svg), with
                the date of today, or that of ``SOURCE_DATE_EPOCH``.
            title: stands over a page or a picture in the place of its own.
            size: of one page or a picture, as `--size` has it.
            dpi: pixels in an inch of a .png.

        Raises:
            SettingsError: there is no such format of this kind of report, picture, size or dpi.
        """
        from pathlib import Path

        from calaudit.report.formats import render
        from calaudit.report.one_page.sheet import Sheet

        path = Path(path)
        sheet = Sheet(title=title, size=size, dpi=dpi)
        content = render(self, path.suffix, picture=picture, one_page=one_page, sheet=sheet)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the answer and the main picture, the rest folded."""
        from calaudit.report.render_html import html_fragment

        return html_fragment(self)

    @overload
    def plot(self, name: str | None = None, *, ax: None = None) -> Picture: ...

    @overload
    def plot(self, name: str | None = None, *, ax: Any) -> Any: ...

    def plot(self, name: str | None = None, *, ax: Any = None) -> Any:
        """Return a picture of the report: the main one, or that of this name.

        Args:
            name: of the picture, as ``--picture`` takes it.
            ax: of matplotlib, to draw on in place of a specification, and to return; for
                pictures that terminals draw, too (reliability, cost, risk-coverage).

        Raises:
            SettingsError: there is no such picture, or the report has no data for it.
        """
        from calaudit.report.pictures import chart_of, picture_of

        if ax is None:
            return picture_of(self, name)
        from calaudit.report.charts.on_axes import draw

        return draw(chart_of(self, name), ax)

    def __repr__(self) -> str:
        """Return the answer and the main figures in 10 lines at most."""
        from calaudit.report.brief import brief

        return brief(self)

    def __str__(self) -> str:
        """Return the report as the command prints it, 80 columns wide and without colours."""
        from calaudit.report.console import render_text

        return render_text(self, full=False).strip("\n")


def json_of(report: Rendered) -> str:
    """Return a report as JSON text."""
    return report.to_json()

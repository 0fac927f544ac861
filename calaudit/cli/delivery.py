"""Where a report goes: to files, and to the one who asked; checked before the long work."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from calaudit.cli.options import ReportOptions
from calaudit.cli.outputs import Contents, checked_outputs, contents_of, write_contents
from calaudit.cli.progress import Progress
from calaudit.cli.streams import print_message, print_report, print_result
from calaudit.errors import DrawingError, SettingsError
from calaudit.options.declaration import defaults
from calaudit.report.one_page.sheet import DPI, Sheet, today

if TYPE_CHECKING:
    from calaudit.report.rendered import Rendered

R = TypeVar("R", bound="Rendered")

DRAWN = (".svg", ".png", ".pdf", ".html")
"""Suffixes of files that can be a picture."""

NO_PLOT = ("check", "compare", "ensemble", "estimate", "fit", "forecast", "monitor")
"""Commands whose reports have no chart for a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is made of a report.

    Attributes:
        files: real paths of files to write. picture: the one that they show, by name.
        pages: those of them with the report on one page. sheet: what is drawn is set on.
        full, brief: whether all of the report is printed, or its answer. plot: whether charts are.
        json, vega: what is printed instead of the report.
        quiet: whether stderr stays empty.
    """

    files: tuple[Path, ...]
    pages: tuple[Path, ...]
    sheet: Sheet
    picture: str | None
    full: bool
    brief: bool
    plot: bool
    json: bool
    vega: bool
    quiet: bool

    @classmethod
    def checked(cls, command: str, inputs: Sequence[str | None], **given: Any) -> Delivery:
        """Return what the options say, as far as it can be done at all.

        Args:
            command: whose report it is.
            inputs: files that are read, none of which is overwritten.
            given: some of `ReportOptions`, as the user gave them.

        Raises:
            SettingsError: options contradict each other, a report of this kind never has that
                picture, or a file cannot be written.
        """
        given = defaults(ReportOptions) | given
        output, one_page, vega = given.pop("output"), given.pop("one_page"), given["vega"]
        shown = [f"--{name}" for name in ("brief", "plot", "json", "vega") if given[name]]
        shown += ["--full"] * (given["brief"] and given["full"])
        if len(shown) > 1:
            raise SettingsError(f"{' and '.join(shown)} both say what is printed; choose one")
        if given["plot"] and command in NO_PLOT:
            raise SettingsError(
                f"calaudit {command} has no chart for the terminal; write -o {command}.svg"
            )
        title, size, dpi = (given.pop(name) for name in ("title", "size", "dpi"))
        date = today() if one_page else ""
        dots = DPI if dpi is None else dpi
        sheet = Sheet(title=title or "", size=size or "", dpi=dots, date=date)
        _check_one_page(one_page)
        paths = checked_outputs([*output, *one_page], inputs, command=command)
        pages = paths[len(output) :]
        drawn = [suffix for path in paths if (suffix := path.suffix.lower()) in DRAWN]
        # A whole page says where its pictures are missing; other files are nothing without.
        made = [s for s in drawn if s != ".html" or given["picture"]] + [".html"] * bool(pages)
        if made:
            _check_drawable()
        if given["picture"] is not None:
            _check_picture(command, given["picture"], used=vega or len(drawn) > len(pages))
        _check_used("title", title, used=vega or drawn, by="-o FILE.html or a picture")
        sized = pages or {*made} - {".html"}
        _check_used("size", size, used=sized, by="--one-page FILE.pdf, or a picture: -o FILE.png")
        _check_used("dpi", dpi, used=".png" in made, by="a picture, as -o FILE.png")
        return cls(files=paths, pages=pages, sheet=sheet, **given)

    def run(
        self,
        work: Callable[[Progress], R],
        *,
        printed: bool = True,
        beside: Callable[[R], Contents] = lambda _: (),
        remark: Callable[[R], str] = lambda _: "",
    ) -> None:
        """Do the work, draw, write the files and print; or write nothing, but for pictures.

        Args:
            work: makes the report; it is given what shows its progress.
            printed: whether it is printed.
            beside: returns what else is written.
            remark: returns what is to be said on stderr of what was written, or "".

        Raises:
            DrawingError: pictures cannot be made here; everything else was.
        """
        with Progress(quiet=self.quiet) as progress:
            report = work(progress)
            if self.vega or any(path.suffix.lower() in DRAWN for path in self.files):
                progress.stage("Drawing")
            contents, failure = self._contents(report)
            contents += beside(report)
            vega = self._vega(report)
        write_contents(contents, quiet=self.quiet)
        said = "" if self.quiet else remark(report)
        if said:
            print_message("", said)
        if vega is not None:
            print_result(vega)
        elif printed:
            print_report(
                report, as_json=self.json, full=self.full, brief=self.brief, plot=self.plot
            )
        if failure is not None:
            raise failure

    def _contents(self, report: Rendered) -> tuple[list[Any], DrawingError | None]:
        """Return what the files will hold, and why there are not all of them."""
        contents: list[Any] = []
        missing: list[str] = []
        why = ""
        for path in self.files:
            drawn = {"picture": self.picture, "one_page": path in self.pages, "sheet": self.sheet}
            try:
                contents += contents_of(report, [path], **drawn)
            except DrawingError as error:
                missing.append(path.name)
                why = str(error)
        return contents, DrawingError(f"{', '.join(missing)}: {why}") if missing else None

    def _vega(self, report: Rendered) -> str | None:
        if not self.vega:
            return None
        from calaudit.report.pictures import picture_of

        # In ASCII, whatever stdout can encode.
        drawn = picture_of(report, self.picture).titled(self.sheet.title)
        return json.dumps(drawn.spec, indent=1, allow_nan=False) + "\n"


def _check_drawable() -> None:
    from calaudit.report.pictures.vega import ABSENT, can_draw

    if not can_draw():
        raise SettingsError(ABSENT)


def _check_one_page(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.suffix.lower() not in DRAWN:
            raise SettingsError(f"--one-page {path}: one page is written as {', '.join(DRAWN)}")


def _check_used(name: str, value: object, *, used: object, by: str) -> None:
    if value is not None and not used:
        raise SettingsError(f"--{name} {value} is of nothing that is written here: add {by}")


def _check_picture(command: str, name: str, *, used: bool) -> None:
    if not used:
        raise SettingsError(
            f"--picture {name} chooses what a file or --vega shows: add -o {name}.svg (or .png, "
            ".pdf, .html), or --vega"
        )
    from calaudit.report.kinds import kind_of

    known = kind_of(command).pictures
    if name not in known:
        raise SettingsError(
            f"there is no picture {name!r} of what this command finds; there "
            f"{'is' if len(known) == 1 else 'are'}: {', '.join(known)}"
        )

"""A report on one page: all kinds on all sizes, within the paper, the same bytes each time."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import product
from pathlib import Path

import pytest
from pypdf import PdfReader

from calaudit.errors import SettingsError
from calaudit.report.content.next_steps import STEPS
from calaudit.report.document import Column, Table
from calaudit.report.formats import ONE_PAGE, render
from calaudit.report.kinds import KINDS, document_of
from calaudit.report.one_page.pieces import shortened
from calaudit.report.one_page.sheet import Sheet, today
from calaudit.report.pictures import picture_of
from calaudit.report.pictures.words import text_width
from calaudit.report.rendered import Rendered
from calaudit.visible import visible
from tests.report.html_page import parsed
from tests.report.html_reports import REPORTS

SVG = "{http://www.w3.org/2000/svg}"
DAY = "2026-11-30"
NAMES = ["sliced", "audit-spam", "decision-fraud", "check-hostile", "all-names-hostile"]
EACH = list({name.partition("-")[0]: name for name in REPORTS}.values())
"""An example of every kind, and those of evaluations."""

PAPERS = ["a4", "letter-landscape", "slide", "300x300"]


def page(name: str, suffix: str, **sheet: object) -> bytes:
    """Return one page of an example as a file."""
    found = render(REPORTS[name](), suffix, one_page=True, sheet=Sheet(date=DAY, **sheet))  # type: ignore[arg-type]
    return found if isinstance(found, bytes) else found.encode()


def texts(svg: ET.Element) -> list[tuple[float, float, float, str]]:
    """Return left and right end, height and words of each text outside of the picture."""
    found = []

    def walk(element: ET.Element, x: float, y: float) -> None:
        for child in element:
            moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", child.get("transform", ""))
            left, top = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
            if child.tag == f"{SVG}text":
                size, said = float(child.attrib["font-size"]), child.text or ""
                wide = text_width(said, size, bold="font-weight" in child.attrib)
                at = left + float(child.attrib["x"])
                ends = (at - wide, at) if child.get("text-anchor") == "end" else (at, at + wide)
                found.append((*ends, top + float(child.attrib["y"]), said))
            elif child.tag == f"{SVG}g":
                walk(child, left, top)

    walk(svg, 0, 0)
    return found


@pytest.mark.parametrize(("name", "size"), list(product(NAMES, PAPERS)))
def test_everything_is_on_the_paper(name: str, size: str) -> None:
    """The answer, the title and the date are there; no text or picture reaches the margin."""
    svg = ET.fromstring(page(name, ".svg", size=size, title="Of November"))
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    found = texts(svg)
    assert {"Of November", DAY} <= {said for *_, said in found}
    lead = visible(document_of(REPORTS[name]()).answer.lead).split()
    assert " ".join(lead[:3]) in " ".join(said for *_, said in found)
    for left, right, bottom, said in found:
        assert left >= 40, said
        assert right <= width - 40, said
        assert bottom <= height - 40, said
    for drawing in svg.iterfind(f".//{SVG}svg"):
        assert float(drawing.attrib["height"]) <= height


@pytest.mark.parametrize("name", EACH)
def test_every_kind_is_one_page(name: str) -> None:
    """A PDF of any example is one page of A4, with its title, its date and its words as text."""
    reader = PdfReader(io.BytesIO(page(name, ".pdf", title="Of <November> & “more”")))
    (sheet,) = reader.pages
    assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
    about = reader.metadata
    assert about is not None
    assert about.title == "Of <November> & “more”"
    assert str(about.creation_date).startswith(DAY)
    assert DAY in sheet.extract_text()


def test_every_kind_has_an_example() -> None:
    """What holds for the examples holds for all kinds but that of a fitted calibrator."""
    found = {REPORTS[name]().schema for name in EACH}
    assert found == set(KINDS) - {"calaudit.calibrator/1"}


def test_the_same_report_and_date_are_the_same_bytes() -> None:
    """In one process and in another, whatever order a set has there."""
    code = (
        "import sys; from tests.report.test_one_page import *;"
        "sys.stdout.buffer.write(b''.join(page('multiclass', suffix) for suffix in ONE_PAGE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"".join(page("multiclass", suffix) for suffix in ONE_PAGE)


def test_a_picture_as_pdf_is_the_same_bytes() -> None:
    """The order of its fonts does not change from one time to the next."""
    picture = picture_of(REPORTS["audit-digits"]())
    assert len({picture.to_pdf() for _ in range(6)}) == 1


def test_the_page_for_screens_prints_the_sheet() -> None:
    """It has the same figures, tables and notes as blocks, and the sheet, which only prints."""
    text = page("audit-digits", ".html", title="Of November").decode()
    tree = parsed(text)
    titles = [section.all("h2")[0].text for section in tree.all("section")]
    assert titles[:3] == ["Figures", "Picture", "What to do next"]
    assert "Without a person" in titles
    assert tree.all("time")[0].text == DAY
    sheet = page("audit-digits", ".svg", title="Of November").decode()
    assert sheet.strip() in text
    assert "@media screen { .ca-sheet { display: none } }" in text


def test_dates() -> None:
    """The date is that of the clock, or of SOURCE_DATE_EPOCH, so that a page can be made again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "86400")
        assert today() == "1970-01-02"
        patch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
        with pytest.raises(SettingsError, match="SOURCE_DATE_EPOCH is 'tomorrow'"):
            today()
        patch.delenv("SOURCE_DATE_EPOCH")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", today())


@pytest.mark.parametrize("size", ["a5", "0x0", "299x400", "400x6001", "x", "letter-slide"])
def test_a_size_that_there_is_not(size: str) -> None:
    """It is refused with those that there are, and each of these is taken."""
    with pytest.raises(SettingsError, match=r"there are: a4, .*such as 1200x675") as caught:
        Sheet(size=size)
    listed = str(caught.value).partition("there are: ")[2].partition(", or ")[0].split(", ")
    assert all(min(Sheet(size=each.upper()).sides) >= 300 for each in (*listed, "1200x675"))


@pytest.mark.parametrize("dpi", [0, 35, 1201, -96])
def test_a_resolution_that_there_is_not(dpi: float) -> None:
    """It is refused with the range."""
    with pytest.raises(SettingsError, match="from 36 to 1200"):
        Sheet(dpi=dpi)


def test_a_suffix_that_one_page_cannot_have() -> None:
    """Text and JSON are of the whole report."""
    with pytest.raises(SettingsError, match=r"chooses it: \.pdf, \.html, \.png, \.svg$"):
        page("multiclass", ".txt")


@pytest.mark.parametrize(("size", "dpi"), [("slide", 96), ("a4-landscape", 300), ("500x700", 36)])
def test_a_picture_fills_its_sheet(tmp_path: Path, size: str, dpi: float) -> None:
    """A PNG has so many pixels in an inch, and says so; a PDF has the size in points."""
    report: Rendered = REPORTS["multiclass"]()
    report.save(tmp_path / "x.png", size=size, dpi=dpi, title="Model 7")
    data = (tmp_path / "x.png").read_bytes()
    width, height = Sheet(size=size).sides
    pixels = struct.unpack(">II", data[16:24])
    assert pixels == pytest.approx((width * dpi / 96, height * dpi / 96), abs=1)
    per_metre = struct.unpack(">I", data.partition(b"pHYs")[2][:4])
    assert per_metre[0] == pytest.approx(dpi / 0.0254, abs=1)
    report.save(tmp_path / "x.pdf", size=size)
    (sheet,) = PdfReader(tmp_path / "x.pdf").pages
    assert [float(side) for side in sheet.mediabox[2:]] == pytest.approx(
        [width * 0.75, height * 0.75], abs=0.01
    )


def test_a_title_stands_over_a_picture_and_its_finding_below() -> None:
    """What was found is still said; and a page has it in its head."""
    report: Rendered = REPORTS["audit-digits"]()
    svg = str(render(report, ".svg", sheet=Sheet(title="Model 7")))
    said = re.sub(r"<[^>]+>", " ", svg)
    assert "Model 7" in said
    assert "calibration error" in said
    head = str(render(report, ".html", sheet=Sheet(title="Model <7>")))
    assert "<title>Model &lt;7&gt; – calaudit audit</title>" in head


def test_a_table_is_cut_by_rank_and_says_so() -> None:
    """Rows of the smallest rank stay, in their order, and columns go by their priority."""
    table = Table(
        caption="T",
        columns=[
            Column(title="", cells=list("abc"), right=False),
            Column(title="wide", cells=["1234567890" * 5] * 3, drop=1),
            Column(title="value", cells=["1", "2", "3"], tones=["", "strong", ""]),
        ],
        rank=[2.0, 0.0, 1.0],
        remarks=["one", "two", "three"],
    )  # fmt: skip
    cut = shortened(table, 300, 2)
    assert [column.title for column in cut.columns] == ["", "value"]
    assert [list(column.cells) for column in cut.columns] == [["b", "c"], ["2", "3"]]
    assert cut.columns[1].tones == ["strong", ""]
    assert cut.remarks == ["2 of 3 rows; the report has all.", "one", "two"]


def test_steps_are_of_answers_that_there_are() -> None:
    """A status with a step is one that a report of that command can have."""
    commands = {kind.command for kind in KINDS.values()}
    assert {command for command, _ in STEPS} <= commands

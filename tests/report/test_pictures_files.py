"""Pictures as files: every specification compiles, and names from the data steer nothing."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from calaudit.errors import SettingsError
from calaudit.report.check_report import CheckReport
from calaudit.report.pictures import (
    DARK,
    LIGHT,
    Picture,
    css_variables,
    picture_of,
    pictures_of,
    themed_svg,
    themed_svgs,
)
from calaudit.report.pictures.palette import TEXTS
from calaudit.report.pictures.theme import VEGA_LITE
from tests.report.pictured import DRAWN, HOSTILE, audited, data_of, drawn, slices

SVG = "{http://www.w3.org/2000/svg}"


def all_of(name: str) -> list[Picture]:
    """Return the pictures of an example, and some of their panels."""
    pictures = pictures_of(DRAWN[name])
    return [each for picture in pictures for each in (picture, *picture.panels[:3])]


@pytest.mark.parametrize("name", DRAWN)
def test_every_specification_compiles_without_a_warning(name: str, capfd: Any) -> None:
    """Vega-Lite has nothing to say of any of them, nor is any number missing in what it draws."""
    for picture in all_of(name):
        svg = vl_convert.vegalite_to_svg(picture.spec, VEGA_LITE, show_warnings=True)
        out, err = capfd.readouterr()
        assert (out, err) == ("", "")
        assert "NaN" not in re.sub(r'aria-label="[^"]*"', "", svg)


def test_a_faulty_specification_would_be_heard_of(capfd: Any) -> None:
    """The test above is no empty one: a mark that does not fit is warned of."""
    faulty = {"data": {"values": []}, "mark": "bar", "encoding": {"shape": {"field": "x"}}}
    vl_convert.vegalite_to_svg(faulty, VEGA_LITE, show_warnings=True)
    assert "".join(capfd.readouterr())


def test_a_picture_becomes_every_kind_of_file(tmp_path: Path) -> None:
    """The suffix says as what a picture is saved; the beginning of each file proves it."""
    picture = picture_of(audited())
    beginnings = {".svg": b"<svg ", ".png": b"\x89PNG\r\n", ".pdf": b"%PDF-", ".html": b"<!doctype",
                  ".json": b"{\n"}  # fmt: skip
    for suffix, beginning in beginnings.items():
        picture.save(tmp_path / f"x{suffix}")
        assert (tmp_path / f"x{suffix}").read_bytes().startswith(beginning)
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == picture.spec
    with pytest.raises(SettingsError, match=r"x\.gif: end its name in one of \.svg, \.png"):
        picture.save(tmp_path / "x.gif")


def test_the_same_picture_is_the_same_file_whatever_was_drawn_before() -> None:
    """Ids are counted anew in each SVG, so that reports can be compared byte by byte."""
    picture = picture_of(audited())
    first = picture.to_svg()
    picture_of(slices()).to_svg()
    assert picture.to_svg() == first


def test_a_notebook_gets_the_specification_and_what_shows_without_it() -> None:
    """The bundle holds Vega-Lite of the version that the schema names, SVG, PNG and text."""
    picture = picture_of(drawn())
    bundle = picture._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {
        "application/vnd.vegalite.v5+json", "image/svg+xml", "image/png", "text/plain"
    }  # fmt: skip
    assert bundle["application/vnd.vegalite.v5+json"]["$schema"].endswith("/v5.json")
    assert VEGA_LITE.startswith("5.")
    assert picture.alt in bundle["text/plain"]


@pytest.mark.parametrize("name", ["drawn", "slices", "audit", "hostile", "limits"])
def test_names_from_the_data_are_escaped_in_the_svg(name: str) -> None:
    """The SVG is well formed, has no script or link, and no name longer than its place."""
    for picture in all_of(name):
        for svg in (picture.to_svg(), themed_svg(picture)):
            root = ET.fromstring(svg)
            tags = {each.tag.removeprefix(SVG) for each in root.iter()}
            assert tags <= {"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath"}
            assert not [key for each in root.iter() for key in each.attrib if "href" in key]
            texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
            assert max(map(len, texts)) < 110
            assert "<script" not in svg


def test_class_names_are_shown_as_they_are_and_long_ones_without_their_middle() -> None:
    """A markup-like name is text; 200 letters lose their middle; a line break is visible."""
    svg = picture_of(drawn(), "classes").to_svg()
    assert "&lt;script&gt;alert(1" in svg
    assert re.search("n{5,}…n{3,}", svg)
    assert "line\\nbreak\\x1b[31m" in svg
    assert "\u202e" not in svg


@pytest.mark.parametrize("name", ["drawn", "slices", "hostile"])
def test_fields_of_a_specification_are_ours(name: str) -> None:
    """No name from the data is the name of a field, where Vega would read it as an expression."""
    for picture in all_of(name):
        names = {key for rows in data_of(picture.spec) for row in rows for key in row}
        assert all(re.fullmatch("[a-z_]+", key) for key in names)
        without = json.dumps(_without_data(picture.spec)["concat"] if "concat" in picture.spec
                             else _without_data(picture.spec)["layer"])  # fmt: skip
        assert not [each for each in HOSTILE if len(each) > 4 and each[:20] in without
                    and each != "#0b69ac" and each != "datum.told"]  # fmt: skip


def _without_data(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_data(v) for k, v in value.items() if k != "data"}
    return [_without_data(each) for each in value] if isinstance(value, list) else value


def test_page_holds_all_it_needs_and_no_name_ends_its_script() -> None:
    """Nothing is fetched, and a class called </script> stays text."""
    page = picture_of(drawn(), "classes").to_html()
    assert not re.search(r"https?:|//", page.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert "unsafe-eval" not in policy
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=", page)
    assert page.count("<script>") == page.count("</script>") == 1
    assert "&lt;script&gt;alert(1" in page
    assert len(page) < 400_000


def test_pictures_are_small() -> None:
    """A specification with its data stays below 200 kB, and curves below 200 points."""
    for name in DRAWN:
        for picture in pictures_of(DRAWN[name]):
            assert len(picture.to_json()) < 200_000
            assert all(len(rows) <= 200 for rows in data_of(picture.spec))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.1), from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_is_enough_for_text_and_for_marks(palette: dict[str, str]) -> None:
    """Text has a contrast of at least 4.5 with the paper, every mark at least 3."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for token, colour in palette.items():
        if token not in ("paper", "grid", "band", "plateau"):  # which only fill
            assert contrast(colour, palette["paper"]) >= (4.5 if token in TEXTS else 3.0), token
    for token in TEXTS:
        assert contrast(palette[token], palette["plateau"]) >= 3.0, token


def test_palettes_have_the_same_tokens_and_each_colour_once() -> None:
    """A colour stands for one token, or a picture could not be coloured anew."""
    assert list(LIGHT) == list(DARK)
    assert len(set(LIGHT.values())) == len(LIGHT)
    for token in LIGHT:
        assert f"--ca-{token}: {DARK[token]};" in css_variables(DARK)


@pytest.mark.parametrize("name", ["drawn", "slices", "audit", "audit_priced", "regression"])
def test_themed_svg_takes_its_colours_from_the_page(name: str) -> None:
    """No colour of the palette is left, every variable is declared, and no background is drawn."""
    for picture in all_of(name):
        svg = themed_svg(picture)
        marks = re.sub(r'aria-label="[^"]*"|>[^<]*<', "", svg)
        assert not [colour for colour in LIGHT.values() if colour in marks]
        assert not re.findall(r'="(?:#[0-9a-fA-F]{3,6}|white|black)"', marks)
        used = set(re.findall(r"var\(--ca-([a-z-]+)\)", marks))
        assert used <= set(LIGHT)
        assert "ink" in used
        root = ET.fromstring(svg)
        assert "width" not in root.attrib
        assert root.attrib["viewBox"].startswith("0 0 ")
        assert "max-width" in root.attrib["style"]
        assert root.attrib["aria-label"] == picture.alt
        assert root[0].tag == f"{SVG}g"


def test_ids_of_several_pictures_in_a_page_do_not_collide() -> None:
    """Every id is there once, and every reference finds its own."""
    page = "".join(
        svg for name in ("rare_events", "slices", "priced") for picture in pictures_of(DRAWN[name])
        for svg in (themed_svg(picture), *(themed_svgs(picture) if picture.panels else ()))
    )  # fmt: skip
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) > 4
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'="url\(#([^)]+)\)"', page)) <= set(ids)


def test_small_multiples_can_be_had_one_by_one() -> None:
    """A page on which panels wrap gets each as an SVG of its own; other pictures are one."""
    picture = picture_of(drawn(), "classes")
    assert len(themed_svgs(picture)) == len(picture.panels) == 12
    assert themed_svgs(picture_of(drawn())) == (themed_svg(picture_of(drawn())),)


@pytest.mark.parametrize("name", ["drawn", "audit", "audit_priced", "regression"])
def test_every_tooltip_is_an_aria_label_too(name: str) -> None:
    """What a pointer shows is there for those who have none."""
    for picture in pictures_of(DRAWN[name]):
        told = {row["told"] for rows in data_of(picture.spec) for row in rows if "told" in row}
        assert told
        root = ET.fromstring(themed_svg(picture))
        labels = {each.attrib.get("aria-label") for each in root.iter()}
        assert told <= labels


def test_dark_pictures_have_the_same_marks_in_other_colours() -> None:
    """Only the colours differ between light and dark."""
    picture = picture_of(audited())
    light, dark = picture.to_json(), picture.to_json(dark=True)
    for token, colour in LIGHT.items():
        light = light.replace(f'"{colour}"', f'"{DARK[token]}"')
    assert light == dark


def test_a_class_that_is_called_like_a_colour_keeps_its_name() -> None:
    """Colours are exchanged where they are colours, not where they are names."""
    report = drawn()
    index = HOSTILE.index("#0b69ac")
    assert report.by_class[index].name == "#0b69ac"
    picture = picture_of(report, "classes")
    assert "#0b69ac" in "".join("".join(ET.fromstring(p.to_svg()).itertext())
                                for p in picture.panels)  # fmt: skip
    assert "#0b69ac" in [panel.title for panel in picture.panels]
    assert '"text": "#0b69ac"' in picture.to_json(dark=True)


def test_gate_has_no_axis_that_units_share() -> None:
    """Rules are in units of their own: the picture has no axis at all, and says why."""
    report = DRAWN["regression"]
    assert isinstance(report, CheckReport)
    picture = picture_of(report)
    axes = [channel.get("axis") for layer in picture.spec["layer"]
            for channel in layer["encoding"].values() if "axis" in channel]  # fmt: skip
    assert axes
    assert set(axes) == {None}
    assert "each rule has its own scale" in " ".join(picture.spec["title"]["subtitle"])

"""The site: every page has its place, and what is made of the code has all of it."""

from __future__ import annotations

import re

from typer.main import get_command

import calaudit
from calaudit.cli.app import COMMANDS, app_of
from calaudit.cli.failures import EXIT_CODES
from calaudit.report.glossary import entries
from calaudit.report.kinds import KINDS
from docs.generators import commands, glossary, json_fields, markdown, python_api
from docs.generators.pages import PAGES, ROOT, steps
from docs.generators.pages import commands as commands_of

NAV = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]


def test_every_page_has_its_place() -> None:
    """The navigation has every page of docs/ once, and no other but those that are made."""
    named = re.findall(r": (\S+\.md)$", NAV, re.M)
    assert len(named) == len(set(named))
    here = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.parent != ROOT}
    assert here <= set(named), "a page of docs/ needs a line of nav in mkdocs.yml"
    made = {"changelog.md", "contributing.md", "sample-data.md"}
    assert {name for name in set(named) - here if "/" not in name} == made


def test_commands_have_every_option() -> None:
    """The page of a command has each of its options, and its default."""
    pages = commands.pages()
    program: object = get_command(app_of())
    for name in COMMANDS:
        page = pages[f"reference/commands/{name}.md"]
        shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page))
        params = program.commands[name].params  # type: ignore[attr-defined]
        assert shown >= {each for p in params for each in p.opts if each.startswith("--")}
    assert "[default: 0.95]" in pages["reference/commands/evaluate.md"].replace("\\", "")
    listed = re.findall(r"^\| `(\d+)` \|", commands.exit_codes(), re.M)
    assert list(map(int, listed)) == list(EXIT_CODES)


def test_python_has_every_name() -> None:
    """Every public name has its page, and every argument of a function its row."""
    pages = python_api.pages()
    assert {name for name in calaudit.__all__ if name[0] != "_"} == {
        name for page in pages.values() for name in re.findall(r"\[`calaudit\.(\w+)`\]", page)
    }
    page = pages["reference/python/evaluate.md"]
    assert "| `level` | `float` | `0.95` |" in page
    assert "**Raises**" in page
    assert "| `InputError` |" in page


def test_json_has_every_field() -> None:
    """The page of a kind has the fields of its schema, with links to what they are made of."""
    pages = json_fields.pages()
    assert {f"reference/json/{kind.name}.md" for kind in KINDS.values()} < set(pages)
    page = pages["reference/json/report.md"]
    assert "| `verdict` | [Verdict](#Verdict) |" in page
    assert "## Verdict { #Verdict }" in page


def test_glossary_has_every_entry() -> None:
    """Each entry stands on the page of its kind, under its name."""
    pages = glossary.pages()
    for each in entries():
        assert f"{{ #{each.name} }}" in pages[f"reference/glossary/{each.kind}.md"]


def test_texts_are_no_markup() -> None:
    """Whatever a text holds is shown as it stands, in a table too; only code is marked."""
    said = markdown.plain("a*b* <c> of ``--level`` | `x|y` [1](2)")
    assert said == (r"a\*b\* &lt;c&gt; of `--level` &#124; <code>x&#124;y</code> \[1\](2)")


def test_the_gallery_shows_every_picture() -> None:
    """Each picture that a report can have is made by a command of the gallery."""
    typed = "".join(f"{each} \n" for each in commands_of(ROOT / "docs" / "gallery.md"))
    shown = set(re.findall(r"--picture ([\w-]+)", typed))
    shown |= {kind.pictures[0] for kind in KINDS.values()}  # without an option
    for kind in KINDS.values():
        assert set(kind.pictures) <= shown, "make it in docs/gallery.md"
        assert re.search(rf"^calaudit {kind.command} .*-o \S+\.(svg|json) ", typed, re.M)


def test_blocks_are_told_apart() -> None:
    """Commands, Python, files and outputs are steps in their order; what is not run is none."""
    page = ROOT / "docs" / "get-started.md"
    kinds = [step.kind for step in steps(page)]
    assert kinds[0] == "python"
    assert {"command", "output"} <= set(kinds)
    assert not any("s3://" in step.what for step in steps(ROOT / "docs" / "scale.md"))

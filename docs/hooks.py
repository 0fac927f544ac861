"""What MkDocs calls while it builds the site: pages made of the code, pictures, and a last look."""

from __future__ import annotations

import html.parser
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from docs.generators import commands, configuration, glossary, json_fields, pictures, python_api
from docs.generators.pages import ROOT

BESIDE = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "sample-data.md": "sample_data/README.md",
}
"""Pages that stand elsewhere in the repository."""


def _made() -> dict[str, str]:
    """Return the pages that are made of the code, by their paths."""
    return {
        **commands.pages(),
        **python_api.pages(),
        **json_fields.pages(),
        **glossary.pages(),
        "reference/exit-codes.md": commands.exit_codes(),
        "reference/configuration.md": configuration.page(),
        **{page: _beside(ROOT / path) for page, path in BESIDE.items()},
    }


def _beside(path: Path) -> str:
    """Return a page of the repository with links that hold in the site."""
    text = path.read_text(encoding="utf-8").replace("](docs/", "](")
    return re.sub(r"\[([^]]+)\]\(\w+\.py\)", r"\1", text)


def on_config(config: Any) -> Any:
    """Write the pages that are made into the navigation, in the place of their folder."""
    config["made"] = _made()
    config["nav"] = _filled(config["nav"], config["made"])
    return config


def _filled(nav: list[Any], made: dict[str, str]) -> list[Any]:
    """Return the navigation with the pages of a folder, ``reference/python/``, in its place.

    Those that are called after calaudit all begin with it, and have the name of their file there.
    """

    def pages(place: Any) -> Any:
        if isinstance(place, list):
            return _filled(place, made)
        if not place.endswith("/"):
            return place
        found = {page: Path(page).stem for page in made if page.startswith(place)}
        return [{n: p} if made[p].startswith("# calaudit") else p for p, n in found.items()]

    return [{k: pages(v) for k, v in e.items()} if isinstance(e, dict) else e for e in nav]


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made of the code, and the pictures of all pages."""
    for path, text in config["made"].items():
        files.append(File.generated(config, path, content=text))
    for page in list(files.documentation_pages()):
        if page.abs_src_path is None or not pictures.MARK.search(page.content_string):
            continue
        page.pictures = pictures.pictures(Path(page.abs_src_path))
        folder = f"{page.src_uri.rpartition('/')[0]}/pictures".lstrip("/")
        for name, picture in page.pictures.items():
            for theme in ("light", "dark"):
                content = picture.to_svg(dark=theme == "dark")
                path = f"{folder}/{name}-{theme}.svg"
                files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Show pictures where they are marked."""
    return pictures.shown(markdown, getattr(page.file, "pictures", {}))


class _Asked(html.parser.HTMLParser):
    """What a browser asks for when it shows a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses of scripts, styles, pictures and frames, and those of links."""
        given = dict(attrs)
        leads = tag == "a" or given.get("rel") in ("canonical", "prev", "next")
        kept = self.links if leads else self.urls
        kept += filter(None, [given.get("href" if tag in ("a", "link") else "src")])


def on_post_build(config: Any) -> None:
    """Refuse a site with links that lead nowhere, or that asks for what is not part of it."""
    site = Path(config["site_dir"])
    for path in sorted(set(site.rglob("*.html")) - {site / "404.html"}):  # which has no place
        asked = _Asked()
        asked.feed(path.read_text(encoding="utf-8"))
        for url in asked.urls:
            if "://" in url or url.startswith("//"):
                raise PluginError(f"{path}: asks {url} of the network")
        for url in asked.urls + asked.links:
            local = re.sub("[#?].*", "", url)
            if not re.match(r"\w+:", url) and not (path.parent / local).exists():
                raise PluginError(f"{path}: there is no {url}")

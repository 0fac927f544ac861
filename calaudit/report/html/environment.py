"""The templates, and how they treat what is put into them."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from calaudit.report.content.status_marks import mark_of, tone_of
from calaudit.report.glossary import known
from calaudit.report.pictures.palette import DARK, LIGHT, css_variables
from calaudit.visible import visible


def rendered(template: str, **context: Any) -> str:
    """Return a template with ``context``, the styles, the script and its hash put into it."""
    script = _asset("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = _environment().get_template(template)
    return page.render(
        **context,
        light=Markup(css_variables(LIGHT)),
        dark=Markup(css_variables(DARK)),
        style=Markup(_asset("style.css")),
        page_style=Markup(_asset("page.css")),
        script=Markup(script),
        digest=digest,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("calaudit.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = _prose
    environment.globals.update(mark=mark_of, tone=tone_of, anchor=_anchor, kind=_kind)
    return environment


def _finalized(value: Any) -> Any:
    """Return a string from anywhere as one that steers nothing; markup of our own as it is."""
    return visible(value) if type(value) is str else value


def _prose(text: str) -> str:
    """Return a sentence in which no line begins with a unit."""
    return re.sub(r" (?=%|pts\b)", "\u00a0", text)


def _kind(block: object) -> str:
    """Return the name of the macro that draws a block."""
    return type(block).__name__.lower()


def _anchor(term: str) -> str:
    """Return the anchor of the definition of ``term``, or "" where there is none."""
    entry = known(term) if term else None
    return "" if entry is None else f"def-{entry.name}"


@cache
def _asset(name: str) -> str:
    return files("calaudit.report.html").joinpath("templates", name).read_text(encoding="utf-8")

"""An entry of the glossary in one screen, and the list of all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import ASCII, Page, styled
from calaudit.report.glossary import KINDS, Entry, entries
from calaudit.report.glossary.lookup import folded

PARTS = (
    ("", "what"),
    ("Formula", "formula"),
    ("Read it", "reading"),
    ("Limits", "limits"),
    ("Source", "source"),
)
"""Title → field of an entry, in the order of the screen."""

INDENT = 11

PLAIN = str.maketrans(
    {
        "Σ": "sum", "∫": "integral", "√": "sqrt", "∞": "inf", "σ": "sigma", "α": "alpha", "π": "pi",
        "ρ": "rho", "Δ": "D", "½": "1/2", "∂": "d", "∘": "*", "·": "*", "∈": "in", "ᵀ": "'",
        "⁰": "0", "¹": "1", "²": "2", "⁵": "5", "⁻": "-", "₀": "0", "₁": "1", "₊": "+", "₋": "-",
        "○": "o", "●": "X", "§": "section ",
        "ł": "l", "é": "e", "è": "e", "ö": "o", "ü": "u", "Š": "S", "á": "a",
    }
)  # fmt: skip
"""Signs of formulas and authors, for terminals that know only ASCII."""

RAISED, LOWERED = "⁰¹²⁵⁻", "₀₁₊₋"


def render_entries(found: Sequence[Entry], console: Console) -> None:
    """Print entries on ``console``, one after the other."""
    page = Page.of(console, 0.95)
    for number, each in enumerate(found):
        _print([Text()] * (number > 0) + _entry_lines(each, page), console)


def render_names(console: Console) -> None:
    """Print every name by kind, with what it is in a line."""
    page = Page.of(console, 0.95)
    lines: list[Text] = []
    for kind, heading in KINDS.items():
        rows = [[styled(e.name, "cyan"), _ours(e.short, page)] for e in entries(kind)]
        lines += [Text(heading, style="bold")]
        lines += grid([Column("", right=False)] * 2, rows, width=page.width)
        lines += [Text()]
    last = (
        "calaudit explain NAME … says more. Titles, options and usual other names lead there, too."
    )
    _print(lines + hanging(_ours(last, page, "dim"), width=page.prose, indent=0), console)


def _entry_lines(each: Entry, page: Page) -> list[Text]:
    dot = f" {page.glyphs.dot} "
    names = [name for name in (each.name, each.kind) if folded(name) != folded(each.title)]
    lines = [
        Text("  ").join([_ours(each.title, page, "bold"), _ours(dot.join(names), page, "dim")])
    ]
    lines[0].rstrip()
    lines += hanging(_ours(each.short, page), width=page.prose, indent=0)
    for title, field in PARTS:
        text = getattr(each, field)
        if text:
            lines += [Text()] * (not title)
            lines += _part(title, text, page)
    return lines


def _part(title: str, text: str, page: Page) -> list[Text]:
    if not title:
        return [*hanging(_ours(text, page), width=page.prose), Text()]
    lead = styled(f"  {title}".ljust(INDENT), "bold cyan")
    return hanging(_ours(text, page), width=page.prose, first=lead)


def _ours(text: str, page: Page, style: str = "") -> Text:
    return page.ours(_plain(text) if page.glyphs is ASCII else text, style)


def _plain(text: str) -> str:
    """Return a text with its formulas in ASCII.

    >>> _plain("Σp · 2⁻⁵², Σ_b n₀")
    'sum p * 2^-52, sum_b n_0'
    """
    text = re.sub(f"[{RAISED}]+", r"^\g<0>", text)
    text = re.sub(f"[{LOWERED}]+", r"_\g<0>", text)
    text = re.sub(r"[Σ∫](?=[^\W_]|\|)", r"\g<0> ", text)
    return text.translate(PLAIN)


def _print(lines: Sequence[Text], console: Console) -> None:
    for line in lines:
        console.print(line, highlight=False, no_wrap=True, overflow="ignore", crop=False)

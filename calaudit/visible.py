"""Names from the data as text that steers nothing: no terminal, no parser, no page, no runner."""

from __future__ import annotations

import re
import unicodedata

LINE, WORD = 480, 160
"""Characters of a line of a message, and of a word in it."""


def visible(text: str) -> str:
    r"""Return ``text`` in one line, with everything that could steer a terminal made visible.

    Control characters, bidirectional overrides, line separators, lone surrogates and code points
    that are no characters become escapes; joiners that scripts and emoji need are left alone.
    What remains is what XML 1.0 allows, without its tab and its line ends.

    >>> visible("a\nb\x1b[1m")
    'a\\nb\\x1b[1m'
    """
    return re.sub(r"[^\x20-\x7e]", _escaped, text)


def shortened(text: str, most: int) -> str:
    """Return ``text`` with at most ``most`` characters, without its middle.

    >>> shortened("abcdefghij", 5)
    'ab…ij'
    """
    if len(text) <= most:
        return text
    tail = most // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def told(line: str) -> str:
    """Return a line of a message, whatever names, paths and cells are in it: visible and short."""
    long = re.compile(rf"\S{{{WORD + 1},}}")
    return shortened(long.sub(lambda word: shortened(word[0], WORD), visible(line)), LINE)


def disarmed(text: str) -> str:
    r"""Return lines in which no runner of CI jobs sees a command, such as ::error or ##[group].

    >>> print(disarmed("  ::error::a\n##vso[b]"))
      \x3a:error::a
    \x23#vso[b]
    """
    text = re.sub(r"^([^\S\n]*):(?=:)", r"\1\\x3a", text, flags=re.MULTILINE)
    return re.sub(r"#(?=#\w*\[)", r"\\x23", text)


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cs", "Zl", "Zp", "Co", "Cn") or (
        kind == "Cf" and char not in "\u200c\u200d"
    ):
        return char.encode("unicode_escape", "surrogatepass").decode("ascii")
    return char

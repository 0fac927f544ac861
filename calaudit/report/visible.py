"""Names from the data as text that steers nothing: no terminal, no parser, no page."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["shortened", "visible"]


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


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cs", "Zl", "Zp", "Co", "Cn") or (
        kind == "Cf" and char not in "\u200c\u200d"
    ):
        return char.encode("unicode_escape", "surrogatepass").decode("ascii")
    return char

"""A message with options of the command line, as Python says it: arguments."""

from __future__ import annotations

import re
import shlex
from functools import cache

from calaudit.options.commands import OPTIONS, ApplyOptions, SummarizeOptions
from calaudit.options.declaration import Option, options_of
from calaudit.options.exporting import ExportOptions

_SAID = re.compile(
    r"""calaudit\ [a-z]+\ [^,;:)\n]*  # a command, which is one in Python, too
    |(--[a-z][a-z-]*[a-z])(?:[ =]('[^']*'(?:"'"'[^']*')*|[^\s;)'"]*[^\s;)'",.:?]))?""",
    re.VERBOSE,
)
_PROSE = frozenset(
    ["alone", "and", "are", "as", "changes", "column", "columns", "contradicts", "counts",
     "do", "exclude", "for", "gathers", "given", "gives", "go", "goes", "has", "in", "is",
     "joins", "judges", "makes", "matches", "means", "must", "name", "names", "need", "needs",
     "of", "on", "or", "out", "says", "show", "takes", "tests", "the", "there", "to", "twice",
     "undoes", "what", "where", "whole", "with"]
)  # fmt: skip
"""Words behind an option of any text that are not its value; a test holds all messages to it."""


def spoken(line: str) -> str:
    """Return a line with arguments in the place of options; what Python lacks stays an option.

    >>> spoken("--score and --probs exclude each other: say --score p, or --no-header.")
    'score= and probs= exclude each other: say score="p", or no_header=True.'
    """
    return _SAID.sub(_argument, line)


@cache
def _declared() -> dict[str, Option]:
    """Return every option that a function of Python takes, by its spellings."""
    kinds = (*OPTIONS.values(), ApplyOptions, SummarizeOptions, ExportOptions)
    options = [option for kind in kinds for option in options_of(kind).values()]
    options.sort(key=lambda option: not option.choices)  # of a name with and without, any text
    return {
        spelling: option
        for option in options
        for flag in option.spellings
        for spelling in flag.split("/")
    }


def _argument(found: re.Match[str]) -> str:
    """Return an option as the argument of the same meaning."""
    spelling, text = found[1], found[2]
    option = _declared().get(spelling)
    if option is None:
        return found[0]
    rest = found[0].removeprefix(spelling)
    if option.one is bool:
        return f"{option.name}={not spelling.startswith('--no-') or option.name[:3] == 'no_'}{rest}"
    if text is None or not _is_value(option, text):
        return f"{option.name}={rest}"
    if {int, float} & set(option.types) and re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?|[A-Z]+", text):
        return f"{option.name}={text}"
    plain = "".join(shlex.split(text))
    value = option.value(plain) if option.listed else plain
    shown = repr(list(value) if isinstance(value, tuple) else value)
    return f"{option.name}={shown}".replace("'", '"')


def _is_value(option: Option, text: str) -> bool:
    """Return whether what stands behind an option is its value, and not how a sentence goes on."""
    if not (text.isalpha() and text.islower()):
        return True
    if option.choices:
        return text in option.choices
    return text == "none" or (option.one is str and text not in _PROSE)

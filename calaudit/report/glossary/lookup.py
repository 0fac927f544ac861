"""From a name as people write it to its entry."""

from __future__ import annotations

import re
from functools import cache

from calaudit.errors import SettingsError
from calaudit.report.glossary.entry import Entry
from calaudit.report.glossary.texts import all_entries

MOST_MATCHES = 3

QUALIFIERS = (
    r"(,? (plain|calibrated|the worst first|before and after( calibration)?"
    r"|(before|after)( calibration)?))+$"
)
"""What stands after a heading where there are several of its kind."""


def entries(kind: str | None = None) -> tuple[Entry, ...]:
    """Return the entries of one kind, or all, in the order of the glossary."""
    return tuple(each for each in all_entries() if kind is None or each.kind == kind)


def entry(name: str) -> Entry:
    """Return the entry of a name, in any spelling.

    >>> entry("Expected calibration error").name, entry("--cost-fp").name
    ('ece', 'cost')

    Raises:
        SettingsError: there is none; the message has the nearest names.
    """
    found = known(name)
    if found is None:
        raise SettingsError(
            f"there is no entry for {name!r}{_nearest(name)}. calaudit explain, alone, lists "
            "every name"
        )
    return found


def known(name: str, kind: str | None = None) -> Entry | None:
    """Return the entry of a name, or None.

    Args:
        name: in any spelling.
        kind: which of several things of this name is meant: "histogram" is a method, and of
            kind "picture" it is the histogram of the scores.
    """
    index = _index()
    scoped = index.get(folded(f"{kind} {name}")) if kind else None
    return scoped or index.get(folded(name)) or index.get(folded(_unqualified(name)))


def _unqualified(name: str) -> str:
    """Return a heading of a report without its numbers, and without which side or slice it is of.

    >>> _unqualified("95 % after"), _unqualified("Slices by region"), _unqualified("ECE, plain")
    ('interval', 'Slices', 'ECE')
    """
    if re.match(r"[\d.]+ %( interval)?(, or test)?( before| after)?$", name):
        return "interval"
    bare = re.sub(r"^unbiased (?=\w)| \(.*\)$|\b\d[\d,.]*( %)?", "", name)
    return re.sub(QUALIFIERS, "", re.sub(r"(?<=^Slices) by .*|(?<=cutoffs do) by .*", "", bare))


def names_of(each: Entry) -> tuple[str, ...]:
    """Return every name that leads to an entry."""
    return (each.name, each.title, *each.aliases)


def folded(name: str) -> str:
    """Return what is left of a name without case, blanks and punctuation.

    >>> folded("--weight-kind") == folded("weight kind") == folded("Weight_Kind")
    True
    """
    return re.sub(r"[\W_]+", "", name.casefold())


@cache
def _index() -> dict[str, Entry]:
    index: dict[str, Entry] = {}
    for each in all_entries():
        for name in names_of(each):
            index.setdefault(folded(name), each)
    return index


def _nearest(name: str) -> str:
    """Return " (did you mean …?)" where names, or words of them, are near."""
    import difflib  # takes as long as all texts, and is for mistakes only

    wanted = folded(name)
    written = {folded(n): each.name for each in all_entries() for n in names_of(each)}
    for each in all_entries():
        for word in re.findall(r"\w{4,}", " ".join(names_of(each))):
            written.setdefault(folded(word), each.name)
    close = difflib.get_close_matches(wanted, written, 2 * MOST_MATCHES, 0.7)
    close += [short for short in written if len(wanted) >= 3 and wanted in short]
    matches = list(dict.fromkeys(written[short] for short in close))[:MOST_MATCHES]
    return f" (did you mean {', '.join(matches)}?)" if matches else ""

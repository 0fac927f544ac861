"""An entry of the glossary, and the kinds that there are."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "verdict": "Verdicts",
    "figure": "Figures",
    "test": "Tests",
    "interval": "Intervals",
    "method": "Calibration",
    "threshold": "Thresholds",
    "gate": "Gate",
    "picture": "Pictures",
    "role": "Columns",
    "setting": "Settings",
    "note": "Notes",
    "refusal": "Rows refused",
}
"""Kind of entry → its heading, in the order of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One idea, in plain text without markup.

    Attributes:
        name: as in the JSON report, or on the command line without its dashes.
        kind: one of `KINDS`.
        title: as reports print it.
        short: what it is, in at most 80 characters.
        what: the same in a few sentences.
        formula: in one line; "" where there is none.
        reading: which end is good, what is usual, what to do.
        limits: what it does not say.
        source: who proposed it, when and where.
        aliases: other names that lead here.
    """

    name: str
    kind: str
    title: str
    short: str
    what: str
    formula: str = ""
    reading: str = ""
    limits: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()

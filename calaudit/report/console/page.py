"""The page that the sections write on: its width, its alphabet, its level."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from calaudit.report.content.status_marks import MARKS
from calaudit.report.document import Mark
from calaudit.visible import visible

PROSE = 96
"""Sentences are not wider than this, however wide the terminal."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The drawing characters of one alphabet, each one cell wide (marks may be wider).

    Attributes:
        axes: an upright axis, a tick on it, the corner, a lying axis, a tick on it.
        stem: an upright line through a cell, and one from its middle down, and up.
        tall: parts of a cell that is filled from below, as ``bars`` from the left.
        before, after: points of two reports in one picture.
    """

    marks: dict[str, str] = field(default_factory=lambda: MARKS)
    inside: str = "○"
    outside: str = "●"
    expected: str = "┼"
    band: str = "─"
    bars: str = " ▏▎▍▌▋▊▉█"
    ellipsis: str = "…"
    arrow: str = "→"
    dash: str = "–"
    dot: str = "·"
    axes: tuple[str, ...] = ("│", "┤", "└", "─", "┬")
    shade: str = "░"
    stem: tuple[str, ...] = ("│", "╷", "╵")
    tall: str = " ▁▂▃▄▅▆▇█"
    before: str = "◇"
    after: str = "◆"


UNICODE = Glyphs()
ASCII = Glyphs(
    marks={
        "calibrated": "[ok]", "negligible": "[~]", "overconfident": "[over]",
        "underconfident": "[under]", "miscalibrated": "[off]", "PASS": "[ok]", "FAIL": "[X]",
        "note": "*", "advice": "->",
    },
    inside="o", outside="X", expected="+", band="-", bars=" #", ellipsis="...", arrow="->",
    dash="-", dot="-", axes=("|", "+", "+", "-", "+"), shade=":", stem=("|", "|", "|"),
    tall=" .:#", before="o", after="x",
)  # fmt: skip

PLAINER = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‑": "-", "…": "...", "·": "-", "•": "*", "≤": "<=",
        "≥": ">=", "≠": "!=", "≈": "~", "±": "+/-", "×": "x", "→": "->", "←": "<-", "“": '"',
        "”": '"', "‘": "'", "’": "'", "⁰": "^0", "²": "^2", "χ": "chi", "\u00a0": " ",
        "\u202f": " ", "\u2009": " ",
    }
)  # fmt: skip
"""Signs in our own sentences, for terminals that know only ASCII."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a section is written.

    Attributes:
        width: cells in a line. level: confidence level of the report, in (0, 1).
        encoding: of the stream; what it cannot encode is shown as a backslash escape.
        plot: whether pictures are drawn on it.
    """

    width: int
    encoding: str
    level: float
    plot: bool = False

    @classmethod
    def of(cls, console: Console, level: float, *, plot: bool = False) -> Page:
        """Return the page that ``console`` can show."""
        return cls(max(console.width, 40), console.encoding, level, plot)

    @property
    def glyphs(self) -> Glyphs:
        """Drawing characters that the stream can encode."""
        return UNICODE if self.encoding.lower().startswith("utf") else ASCII

    @property
    def prose(self) -> int:
        """Width of a sentence."""
        return min(self.width, PROSE)

    @property
    def interval_title(self) -> str:
        """What stands over a column of intervals."""
        return f"{100 * self.level:g} % interval"

    def ours(self, text: str, style: str = "") -> Text:
        """Return a sentence of calaudit's own; it may contain names from the data."""
        if self.glyphs is ASCII:
            text = text.translate(PLAINER)
        return styled(self._encodable(visible(text)), style)

    def name(self, text: str, limit: int | None = None, style: str = "") -> Text:
        """Return a name from the data, at most ``limit`` cells wide, shortened in its middle."""
        text = self._encodable(visible(text))
        if limit is not None and cell_len(text) > limit:
            text = _shortened(text, limit, self.glyphs.ellipsis)
        return styled(text, style)

    def _encodable(self, text: str) -> str:
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


COLOURS = {
    "none": "green", "unknown": "cyan", "negligible": "green", "moderate": "yellow", "large": "red",
    "PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow", "advice": "cyan",
}  # fmt: skip
"""Size of a finding, or status of a gate → the colour of its mark."""


def mark(found: Mark, page: Page) -> Text:
    """Return the sign of a finding: its form tells it apart without its colour."""
    sign = page.glyphs.marks.get(found.status, "?")
    return styled(sign, f"bold {COLOURS.get(found.size, 'yellow')}")


def styled(text: str, style: str) -> Text:
    """Return ``text`` in a style that does not spread to what is put after it."""
    return Text.assemble((text, style))


def _shortened(text: str, limit: int, ellipsis: str) -> str:
    room = limit - cell_len(ellipsis)
    if room < 2:
        return set_cell_size(text, max(limit, 0)).rstrip()
    tail = room // 2
    end = text[::-1]
    while cell_len(end) > tail:
        end = end[:-1]
    return set_cell_size(text, room - cell_len(end)).rstrip() + ellipsis + end[::-1]

"""One line on stderr that is drawn over itself: share, rows, rows a second, time left."""

from __future__ import annotations

import shutil
from typing import TextIO

FOR_FIGURES = ("Reading", "Evaluating")
"""Stages whose rows are read once, for figures that are computed then."""


class ProgressBar:
    """A line on a terminal that leaves no trace."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def draw(
        self, rows_done: int, rows_total: int | None, seconds: float, *, stage: str = "Reading"
    ) -> None:
        """Draw the line over the last one."""
        width = shutil.get_terminal_size().columns - 1
        utf8 = (self.stream.encoding or "").lower().startswith("utf")
        line = progress_line(rows_done, rows_total, seconds, width=width, utf8=utf8, stage=stage)
        self.stream.write("\r" + line.ljust(width))
        self.stream.flush()

    def close(self) -> None:
        """Wipe the line."""
        width = shutil.get_terminal_size().columns - 1
        self.stream.write("\r" + " " * width + "\r")
        self.stream.flush()


def progress_line(
    rows_done: int,
    rows_total: int | None,
    seconds: float,
    *,
    width: int,
    utf8: bool = True,
    stage: str = "Reading",
) -> str:
    """Return the line, at most ``width`` wide; the bar takes what the words leave.

    Before any row is done the stage stands alone. When all are, what comes is named: figures
    after they were read for them, and of other stages the stage itself.

    >>> progress_line(25_000_000, 100_000_000, 2.0, width=60, utf8=False)
    'Reading [#---]  25 %    25.0M rows    12.5M/s  0:00:06 left'
    """
    from calaudit.report.numbers import compact

    if not rows_done:
        return stage[:width]
    rate = rows_done / seconds if seconds > 0 else 0.0
    words = f"{compact(rows_done)} rows  {compact(round(rate))}/s"
    if not rows_total:
        return f"{stage}  {words}"[:width]
    share = min(rows_done / rows_total, 1.0)
    if share == 1 and stage in FOR_FIGURES:
        return f"Computing the figures of {compact(rows_total)} rows"[:width]
    left = round((rows_total - rows_done) / rate) if rate else 0
    clock = f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"
    # Of one width, so that the bar does not change its length while the figures grow.
    words = f"{compact(rows_done):>7} rows  {compact(round(rate)):>7}/s"
    end = f"{100 * share:3.0f} %  {words}  {clock} left"
    room = min(width - len(end) - len(f"{stage} []  "), 40)
    if room < 4:
        brief = f"{stage} {100 * share:3.0f} %  {clock} left"
        return next((line for line in (f"{stage} {end}", brief) if len(line) <= width), end[:width])
    done = int(share * room)
    bar = "━" * done + "─" * (room - done) if utf8 else "#" * done + "-" * (room - done)
    return f"{stage} {bar if utf8 else f'[{bar}]'}  {end}"

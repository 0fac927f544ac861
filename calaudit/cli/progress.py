"""Progress of long work on stderr, stage by stage: shown late, drawn seldom, silent in pipes."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from calaudit.cli.progress_bar import ProgressBar

DELAY = 0.5
"""Seconds of work before anything is shown."""

PERIOD = 0.1
"""Seconds between two drawings."""


class Progress:
    """What the API calls with (rows done, rows in total or None); may be called by threads.

    Rows that begin again are another pass over them, which is counted from the second on.

    Args:
        quiet: show nothing.
        stream: where to draw; stderr when None.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        dumb = os.environ.get("TERM") == "dumb"
        self.enabled = not (quiet or dumb) and self._stream is not None and self._stream.isatty()
        self._bar: ProgressBar | None = None
        self._lock = threading.Lock()
        self._started = monotonic()
        self._next = self._started + DELAY
        self._called = self._started
        self._stage, self._done, self._passes = "Reading", 0, 1

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._next = float("inf")
        if self._bar is not None:
            with contextlib.suppress(OSError):
                self._bar.close()

    def stage(self, name: str) -> None:
        """Begin a stage of the work, which is named on the bar, and count its rows anew."""
        with self._lock:
            self._stage, self._done, self._passes = name, 0, 1
            self._started = monotonic()
            if self.enabled and (self._bar is not None or self._started >= self._next):
                self._shown(lambda: self._draw(0, None, 0.0))

    def __call__(self, rows_done: int, rows_total: int | None) -> None:
        """Draw the bar, unless that was just done."""
        now = monotonic()
        if rows_done < self._done:
            self._passes, self._started = self._passes + 1, self._called
        self._done, self._called = rows_done, now
        finished = rows_total is not None and rows_done >= rows_total
        if not self.enabled or (now < self._next and not (finished and self._bar is not None)):
            return
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._next = now + PERIOD
            self._shown(lambda: self._draw(rows_done, rows_total, now - self._started))
        finally:
            self._lock.release()

    def _shown(self, draw: Callable[[], None]) -> None:
        try:
            draw()
        except OSError:
            self.enabled = False  # stderr has gone; the work goes on

    def _draw(self, rows_done: int, rows_total: int | None, seconds: float) -> None:
        if self._bar is None:
            from calaudit.cli.progress_bar import ProgressBar

            self._bar = ProgressBar(self._stream)
        name = self._stage if self._passes == 1 else f"{self._stage}, pass {self._passes}"
        self._bar.draw(rows_done, rows_total, seconds, stage=name)

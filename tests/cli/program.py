"""The command line over a stand-in for the API, to be run as a process of its own.

What the stand-in does is chosen by the environment variable ``STAND_IN``.
"""

from __future__ import annotations

import os
import sys
import time
import types
from typing import Any

from calaudit.cli import main
from calaudit.errors import InputError, NotEnoughData, SettingsError
from tests.report.examples import multiclass, sliced


def evaluate(*_: Any, progress: Any, **__: Any) -> Any:
    """Return a report, or fail in the way that is asked for."""
    what = os.environ.get("STAND_IN", "")
    if what == "fault":
        raise ZeroDivisionError("division\nby zero")
    if what == "memory":
        raise MemoryError
    if what == "settings":
        raise SettingsError("--level must lie between 0 and 1, and is 95")
    if what == "input":
        raise InputError("row 3, column [bold]p[/bold]: \x1b[31m1.2\x1b[0m is no probability")
    if what == "few":
        raise NotEnoughData("no rows")
    if what == "interrupt":
        raise KeyboardInterrupt
    if what == "wait":
        sys.stderr.write("waiting\n")
        sys.stderr.flush()
        time.sleep(30)
    if what == "progress":
        for done in range(21):
            progress(done * 1_000_000, 20_000_000)
            time.sleep(0.06)
    return sliced() if what == "sliced" else multiclass()


if __name__ == "__main__":
    stand_in: Any = types.ModuleType("calaudit.api.evaluation")
    stand_in.evaluate = evaluate
    sys.modules["calaudit.api.evaluation"] = stand_in
    sys.exit(main())

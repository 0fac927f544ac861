"""A process that tries changed inputs one after another, and prints what came of each.

``python -m tests.campaign.worker FIRST LAST STEP`` prints a line of JSON for each number from
FIRST: the input, what came of it, and what is wrong with that. An abort ends the process, which is
why it is one of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from calaudit.cli import main
from calaudit.errors import CalauditError
from tests.campaign.mutations import mutated
from tests.campaign.seeds import SEEDS, Seed

MOST = 1500
"""Characters of a message."""

OFTEN = 8
"""Of so many inputs one is given to the program itself as well, which takes longer."""

RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def attempt(seed: Seed, content: bytes, usual: Any, path: Path, *, whole: bool) -> tuple[str, str]:
    """Return what came of a changed input, and what is wrong with that ("" for nothing).

    Args:
        seed: the input before the change.
        content: after it.
        usual: what the input says before the change.
        path: where to write it.
        whole: whether the program itself is run as well.
    """
    path.write_bytes(content)
    try:
        said = seed.look(path)
    except CalauditError as error:
        kind, fault = "refused", _message(str(error))
    except BaseException as error:  # whatever it is, it is what is looked for
        return "traceback", repr(error)[:300]
    else:
        kind = "same" if said == usual else "other"
        fault = _accounted(seed, content, said) if kind == "other" else ""
    if whole and not fault:
        fault = _run(seed, path, refused=kind == "refused")
    return kind, fault


def _accounted(seed: Seed, content: bytes, said: Any) -> str:
    """Return what is wrong with figures that are not those of the input before the change."""
    same = len(content) == len(seed.content)
    if same and seed.checked:
        changed = [i for i, (a, b) in enumerate(zip(content, seed.content, strict=True)) if a != b]
        if all(any(a <= i < b for a, b in seed.checked) for i in changed):
            return "other figures in spite of a checksum"
    if seed.checked == ((0, len(seed.content)),) and not content.startswith(seed.content):
        return "other figures in spite of a checksum"
    rows = seed.count(content)
    if rows is not None and rows != said[0]:
        return f"{said[0]} of {rows} rows"
    return ""


def _run(seed: Seed, path: Path, *, refused: bool) -> str:
    """Return what is wrong with how the program ends."""
    words = [str(path) if word == "X" else word for word in seed.command]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    said = err.getvalue()
    if code not in ((2, 3) if refused else (0, 1, 2, 3)):
        return f"exit {code}: {said[:300]}"
    if code in (2, 3):
        return _message(said) if "calaudit: error: " in said else "no sentence"
    return "" if RAW.search(out.getvalue()) is None else "raw output"


def _message(text: str) -> str:
    if not text.strip():
        return "an empty message"
    if len(text) > MOST:
        return f"a message of {len(text)} characters"
    return "" if RAW.search(text) is None else f"a raw message: {text!r}"[:300]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def work(first: int, last: int, step: int) -> None:
    """Try the inputs of these numbers."""
    warnings.simplefilter("error")  # as in the tests: one of numpy's is a fault
    with tempfile.TemporaryDirectory(prefix="campaign-") as name:
        folder = Path(name)
        os.chdir(folder)
        seeds = list(SEEDS(folder).values())
        usual = []
        for seed in seeds:
            (folder / f"x-{seed.name}").write_bytes(seed.content)
            usual.append(seed.look(folder / f"x-{seed.name}"))
        _say("ready")
        for number in range(first, last, step):
            rng = random.Random(number)
            at = number // step % len(seeds)
            seed, other = seeds[at], rng.choice(seeds).content
            content = mutated(seed.content, seed.kind, other, rng)
            whole = rng.randrange(OFTEN) == 0
            place = folder / f"x-{seed.name}"
            kind, fault = attempt(seed, content, usual[at], place, whole=whole)
            _say(json.dumps([number, seed.name, kind, fault]))


if __name__ == "__main__":
    work(*map(int, sys.argv[1:4]))

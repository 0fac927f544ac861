"""What is carried from run to run, in one file that is whole or not there."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from calaudit.bounded import read_bounded
from calaudit.errors import InputError, SettingsError
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.evidence import Evidence
from calaudit.records.container import packed, unpacked
from calaudit.report.monitor_report import Batch, Promise, Watched
from calaudit.tables.score_table import ScoreTable

STATE_SCHEMA = "calaudit.monitor-state/1"

CLASSES = (Batch, Estimate, Evidence, Promise, ScoreTable, Watched)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Everything that the batches so far left behind.

    Attributes:
        about: what must stay the same, by name: the model, tolerance, batches.
        evidence: of independent rows.
        edges: first keys of the bands of scores, but for the first.
        batches: that were counted, in order.
        written: digest of the file that it was read from; "" for none.
    """

    about: dict[str, Any] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    edges: tuple[int, ...] = ()
    batches: tuple[Batch, ...] = ()
    written: str = ""

    def check(self, about: dict[str, Any], path: Any) -> State:
        """Return the state, of which all is as it is now.

        Raises:
            InputError: it belongs to something else; the message says to what.
        """
        for name, value in about.items() if self.about else ():
            had = self.about.get(name)
            if had != value:
                raise InputError(
                    f"{path} belongs to something else: {name} {_shown(had)} there, "
                    f"{_shown(value)} here. Name another file with --state to begin anew"
                )
        return replace(self, about=self.about | about)


def _shown(value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return shown[:60] or "none"


def digest_of(*parts: Any) -> str:
    """Return a short digest of arrays and texts, to know them again."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.tobytes() if isinstance(part, np.ndarray) else str(part).encode())
    return found.hexdigest()[:16]


def read_state(path: Any) -> State:
    """Return the state in a file; an empty one where there is none, or no file is named.

    Raises:
        SettingsError: it is no path.
        InputError: the file is no such state, of another version, or damaged.
    """
    if path is None:
        return State()
    if not isinstance(path, str | os.PathLike) or path == "-":
        raise SettingsError(f"--state is the name of a file, not {path!r:.40}")
    try:
        data = read_bounded(path)
    except FileNotFoundError:
        return State()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        values = unpacked(STATE_SCHEMA, data, CLASSES, "calaudit monitor --state")
        return State(**values, written=digest_of(data.hex()))
    except (InputError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None


def write_state(path: Any, state: State) -> None:
    """Write a state in one step: a run that ends in between leaves the old one.

    Raises:
        SettingsError: it cannot be written, or another run has written it in the meantime.
    """
    target = Path(os.path.realpath(path))
    values = {name: getattr(state, name) for name in ("about", "evidence", "edges", "batches")}
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(packed(STATE_SCHEMA, values))
            file.flush()
            os.fsync(file.fileno())
        now = digest_of(target.read_bytes().hex()) if target.exists() else ""
        if now != state.written:
            raise SettingsError(f"{path} was written by another run in the meantime: run it again")
        draft.replace(target)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)

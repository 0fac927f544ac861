"""An opened data set: its roles, its independent units, and the last word on its rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any

import pyarrow as pa

from calaudit.errors import IncompleteError, InputError
from calaudit.findings.finding import Finding
from calaudit.options.choices import OnInvalid, Scale, Task
from calaudit.predictions.assembly import Assembler, chunk_rows
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.closing import close_books
from calaudit.predictions.damage import refusing_damage
from calaudit.predictions.files import File, check_unchanged
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import Intake
from calaudit.predictions.resolve import Resolution
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.row_choice import Choice
from calaudit.predictions.source import Input, Source

_FEW_ROWS = 4096
"""Batches of fewer are put together: what is done once for each takes longer than their rows."""


@dataclass(slots=True)
class Unit:
    """An independent piece of the input: read once, by one thread.

    Attributes:
        source: index of the file in ``Predictions.inputs``.
        rows: how many rows it has; None when that is not known before reading.
    """

    source: int
    rows: int | None
    _part: Any
    _owner: Predictions

    def chunks(self, intake: Intake) -> Iterator[Chunk]:
        """Yield the unit's valid rows and count into ``intake``, which only this thread uses.

        Raises:
            InputError: the file is damaged.
        """
        owner = self._owner
        layout = owner.layout
        findings = Findings()
        assembler = Assembler(layout, intake, findings, owner.choice, owner.group)
        rows = chunk_rows(layout)
        at = self._part.first_row
        with _refusing_change(owner.files), refusing_damage(owner.inputs[self.source].path):
            for batch in _joined(self._part.batches(owner.columns, rows)):
                for start in range(0, batch.num_rows, rows):
                    block = batch.slice(start, rows) if batch.num_rows > rows else batch
                    chunk = assembler.chunk(block, source=self.source, first_row=at)
                    at += block.num_rows
                    if chunk is not None:
                        yield chunk
        intake.parts_seen += 1
        owner.report(findings)


@dataclass(slots=True)
class Predictions:
    """Validated predictions, ready to be read unit by unit.

    Attributes:
        roles: every role as it is used, with the option that changes it.
        inputs: what is read.
        notes: of what was inferred or is odd; `finish` may add to it.
        declared: how the user named it, as JSON values; empty for data in memory.
        allow_unmatched: whether rows without a label are left out, and counted.
        may_wait: whether it may be that no row has its label yet.
        choice: which rows are its own, where these are not all; see `subset`.
        group: column whose rows belong together, for ``Chunk.group``; or None.
        intake: of the last pass over all of them; None before.
        workers: processes that may read them; None where nobody said.
        cluster: address of a Dask scheduler or client of it that reads them; None for this machine.
        share: which of so many shares of the units are read, from 1; None for all units.
        in_part: whether others are merged with them, so that only the whole can be judged.
    """

    resolution: Resolution
    sources: Sequence[Source]
    files: Sequence[File]
    on_invalid: OnInvalid
    roles: tuple[ResolvedRole, ...]
    notes: list[Finding]
    findings: Findings = field(default_factory=Findings)
    declared: dict[str, Any] = field(default_factory=dict)
    allow_unmatched: bool = False
    may_wait: bool = False
    choice: Choice | None = None
    group: str | None = None
    intake: Intake | None = None
    workers: int | None = None
    cluster: Any = None
    share: tuple[int, int] | None = None
    in_part: bool = False
    _lock: Any = field(default_factory=threading.Lock)
    _units: list[Unit] | None = None
    _all_parts: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to read the same files."""
        names = (one.name for one in fields(self) if one.name not in ("_lock", "_units"))
        return {name: getattr(self, name) for name in names} | {"cluster": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self._lock, self._units = threading.Lock(), None

    @property
    def layout(self) -> Any:
        """How the columns are read."""
        return self.resolution.layout

    @property
    def task(self) -> Task:
        """Binary, multiclass or top-label."""
        return self.resolution.layout.task

    @property
    def scale(self) -> Scale:
        """Probability or logit."""
        return self.resolution.layout.scale

    @property
    def class_names(self) -> tuple[str, ...]:
        """(negative, positive) for binary; in the order of the scores; () for top-label."""
        return self.resolution.layout.classes

    @property
    def n_classes(self) -> int:
        """Number of classes; 2 for binary and top-label."""
        return max(2, len(self.resolution.layout.classes))

    @property
    def dtype(self) -> str:
        """Type the score is stored in: "float16", "float32" or "float64"."""
        return self.resolution.layout.dtype

    @property
    def by(self) -> tuple[str, ...]:
        """The slice columns, in the order of ``Chunk.slices``."""
        return self.resolution.layout.by

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once each."""
        more = () if self.choice is None else self.choice.by
        more += () if self.group is None else (self.group,)
        return tuple(dict.fromkeys((*self.layout.columns, *map(self.layout.stored, more))))

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file or object that is read, in the order of ``Chunk.source``."""
        return tuple(source.input for source in self.sources)

    @property
    def rows(self) -> int | None:
        """Rows to be read where known before that (Parquet, arrays), else None."""
        counts = [each.input.rows for each in self.sources]
        if self.share is not None:
            counts = [unit.rows for unit in self.units()]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def units(self) -> Sequence[Unit]:
        """Return the independent pieces: readable in any order, each once."""
        if self._units is None:
            columns = self.columns
            self._units = []
            for index, source in enumerate(self.sources):
                with refusing_damage(source.input.path):
                    parts = source.parts(columns)
                self._units.extend(Unit(index, part.rows, part, self) for part in parts)
            self._all_parts = len(self._units)
            if self.share is not None:
                number, shares = self.share
                ends = (len(self._units) * k // shares for k in (number - 1, number))
                self._units = self._units[slice(*ends)]
        return self._units

    @property
    def parts(self) -> int:
        """How many units there are to read."""
        return len(self.units())

    @property
    def all_parts(self) -> int:
        """How many units there are in all, of which these may be a share."""
        self.units()
        return self._all_parts

    def learned(self, _make_builder: Any, /) -> Any:
        """Return what a builder would learn, and the intake, if that is known without reading."""
        return None

    def settled(self, settings: Any) -> Any:
        """Return settings with those that reading has settled before; here none."""
        return settings

    def report(self, findings: Findings) -> None:
        """Add what a unit noticed; called by units, from any thread."""
        with self._lock:
            self.findings.merge(findings)

    def finish(self, intake: Intake) -> None:
        """Judge the whole: ``intake`` is the sum over all units.

        Raises:
            IncompleteError: a unit is missing, a file changed, or rows are missing.
            InputError: rows were refused (unless they are to be dropped), or the values
                contradict the declared scale.
            NotEnoughData: no row is left, or the weights sum to 0.
        """
        check_unchanged(self.files)
        close_books(self, intake)
        self.intake = intake

    def close(self) -> None:
        """Release files, and delete spooled standard input."""
        for source in self.sources:
            source.close()
        for file in self.files:
            file.discard()

    def __enter__(self) -> Predictions:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def _refusing_change(files: Sequence[File]) -> Iterator[None]:
    """Raise IncompleteError for what looks like damage where a file has changed since."""
    try:
        yield
    except IncompleteError:
        raise
    except InputError:
        check_unchanged(files)
        raise


def _joined(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield the batches, small ones together as far as their types are the same."""
    held: list[Any] = []
    rows = 0
    for batch in batches:
        if held and batch.schema != held[0].schema:
            yield from _as_one(held)
            held, rows = [], 0
        held.append(batch)
        rows += batch.num_rows
        if rows >= _FEW_ROWS:
            yield from _as_one(held)
            held, rows = [], 0
    yield from _as_one(held)


def _as_one(batches: list[Any]) -> list[Any]:
    if len(batches) < 2:
        return batches
    try:
        return list(pa.Table.from_batches(batches).combine_chunks().to_batches())
    except pa.ArrowException:  # dictionaries that do not fit into one, for instance
        return batches

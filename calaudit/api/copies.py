"""Copies of files with new values in some columns: which they are, and what was written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calaudit.errors import SettingsError
from calaudit.options.choices import OnInvalid
from calaudit.predictions import Intake
from calaudit.predictions.findings import Findings
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.rewriting import Draft, Naming, Rescorer, drafts_for, rewrite
from calaudit.predictions.rewriting.drafts import publish
from calaudit.predictions.rewriting.rewritten_files import check_format


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Applied:
    """What was written.

    Attributes:
        method: of the calibrator.
        files: (input, output) paths, in order.
        columns: the score columns of the input. written: those that hold the new scores.
        scale: whether they hold probabilities or logits; "number" for forecasts.
        rows_read: rows of the inputs. rows_written: rows of the outputs.
        invalid: rows without a usable score, dropped or kept with a missing value.
        refused: how many there were by reason.
        notes: what is odd about the inputs.
        unseen: what to know of classes that the calibrator was not fitted on; None for nothing.
        means: (K,) mean score of each class before a shift to another base rate, and after it;
            (mean,) of one score; None without a shift.
    """

    method: str
    files: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    written: tuple[str, ...]
    scale: str
    rows_read: int
    rows_written: int
    invalid: int
    refused: dict[str, int]
    notes: tuple[str, ...] = ()
    unseen: str | None = None
    means: tuple[tuple[float, ...], tuple[float, ...]] | None = None

    def __repr__(self) -> str:
        """Return what was written in a line."""
        paths = ", ".join(path for _, path in self.files[:3]) + (", …" if self.files[3:] else "")
        rows = f"{self.rows_written:,} of {self.rows_read:,} rows"
        return f"<calaudit apply: {rows} by {self.method} to {paths}>"


@dataclass(slots=True)
class Copies:
    """What is made of opened files.

    Attributes:
        predictions: the files. naming: of the columns with new values.
        values_of: returns the new values (n, C) of those of a block of rows.
        method, scale: as `Applied` has them. invalid: what to do with rows without a usable score.
        progress: called with the rows that are done, and all.
    """

    predictions: Predictions
    naming: Naming
    values_of: Callable[[Any], Any]
    method: str
    scale: str
    invalid: OnInvalid
    progress: Callable[[int, int | None], None] | None
    done: int = 0

    def written(self, paths: Sequence[str], output: str) -> Applied:
        """Write all files, or none of them.

        Args:
            paths: of the inputs, as they were named.
            output: the file to write, or the directory of several.

        Raises:
            InputError: rows cannot be used.
            SettingsError: a file cannot be written.
        """
        folder = Path(output).is_dir() or output.endswith(("/", os.sep))
        outputs = _outputs(paths, self.predictions, output, folder)
        for source, name in zip(self.predictions.sources, outputs, strict=True):
            check_format(source, Path(os.path.realpath(name)).name)
        made = _made_folders(outputs) if folder or len(outputs) > 1 else []
        try:
            with drafts_for(outputs, self.predictions.files) as drafts:
                intake = self._write(drafts)
                publish(drafts)
        except BaseException:
            for each in reversed(made):
                with contextlib.suppress(OSError):  # something else is in it by now
                    each.rmdir()
            raise
        return self._applied(outputs, intake)

    def _write(self, drafts: Sequence[Draft]) -> Intake:
        total = Intake()
        for index, draft in enumerate(drafts):
            rescorer = Rescorer(
                layout=self.predictions.layout, values_of=self.values_of, source=index,
                probabilities=self.scale == "probability", invalid=self.invalid,
                findings=Findings(logits_seen=self.scale == "number"),
            )  # fmt: skip
            rewrite(self.predictions, index, draft, rescorer, self.naming, self._advance)
            self.predictions.report(rescorer.findings)
            total = total.merge(rescorer.intake)
        total.parts_seen = len(self.predictions.units())  # every file was read to its end
        self.predictions.finish(total)
        return total

    def _advance(self, rows: int) -> None:
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, self.predictions.rows)

    def _applied(self, outputs: Sequence[str], intake: Intake) -> Applied:
        columns = self.predictions.layout.scores
        inputs = [given.path for given in self.predictions.inputs]
        return Applied(
            method=self.method, files=tuple(zip(inputs, outputs, strict=True)), columns=columns,
            written=tuple(name for _, name in self.naming.written(columns)), scale=self.scale,
            rows_read=intake.rows_read,
            rows_written=intake.rows_used if self.invalid == "drop" else intake.rows_read,
            invalid=intake.rows_read - intake.rows_used,
            refused={reason: r.count for reason, r in sorted(intake.refused.items())},
            notes=tuple(f"{each.text} {each.advice}" for each in self.predictions.notes),
        )  # fmt: skip


def _outputs(
    paths: Sequence[str], predictions: Predictions, output: str, folder: bool
) -> list[str]:
    """Return one output path for each input file."""
    files = predictions.files
    if not folder and len(files) == 1 and not Path(paths[0]).is_dir():
        return [output]
    if not folder and (Path(output).exists() or Path(output).suffix):
        raise SettingsError(
            f"{output} is one file, but there are {len(files)} to write: name a directory, which "
            "will hold a file for each input"
        )
    folders = [path for path in paths if Path(path).is_dir()]
    outputs = []
    for file in files:
        if file.temporary:
            raise SettingsError("standard input has no name: give a file with -o, no directory")
        root = next((root for root in folders if Path(root) in Path(file.path).parents), None)
        name = os.path.relpath(file.path, root) if root else Path(file.path).name
        outputs.append(str(Path(output) / name))
    return outputs


def _made_folders(outputs: Sequence[str]) -> list[Path]:
    """Make the directories of outputs; return those that were not there, outer ones first."""
    made: list[Path] = []
    for output in outputs:
        folder = Path(output).parent
        missing = [p for p in (folder, *folder.parents) if not p.exists()]
        made += reversed(missing)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"cannot make {folder}: {error.strerror}") from None
    return made

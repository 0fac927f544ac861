"""Apply: from predictions and a calibrator to calibrated predictions, row for row."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.compatible import check_fits
from calaudit.api.rows.open_rows import score_roles
from calaudit.api.rows.priors import prior_odds
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_values
from calaudit.calibrators.forecast_calibrator import (
    ForecastCalibrator,
    load_forecast_calibrator,
)
from calaudit.calibrators.identity import MulticlassIdentity
from calaudit.calibrators.prior_shift import shifted, uncalibrated
from calaudit.calibrators.saved_calibrator import holds_schema, load_calibrator
from calaudit.calibrators.venn_abers import VennAbers
from calaudit.errors import SettingsError
from calaudit.findings.finding import finding
from calaudit.metrics.logistic import expit
from calaudit.options.choices import OnInvalid, Scale
from calaudit.options.commands import ApplyOptions
from calaudit.options.declaration import documented, options_of
from calaudit.predictions import Intake
from calaudit.predictions.findings import Findings
from calaudit.predictions.layout import Layout
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.rewriting import Draft, Naming, Rescorer, drafts_for, rewrite
from calaudit.predictions.rewriting.drafts import publish
from calaudit.predictions.rewriting.rewritten_files import check_format
from calaudit.predictions.unlabelled import open_numbers, open_scores

Progress = Callable[[int, int | None], None]

FORECASTS = "forecast-calibrator"

OF_FORECASTS = ("suffix", "prefix", "on_invalid", "no_header", "progress")
"""Options that are about forecasts of a number as well."""


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


def opened_calibrator(calibrator: Any) -> Calibrator:
    """Return the calibrator itself, or the one in a file of that name."""
    return calibrator if isinstance(calibrator, Calibrator) else load_calibrator(calibrator)


def forecast_calibrator(calibrator: Any) -> ForecastCalibrator | None:
    """Return a calibrator of forecasts, itself or in a file; None for what is none."""
    if isinstance(calibrator, str | os.PathLike):
        path = os.fspath(calibrator)
        return load_forecast_calibrator(path) if holds_schema(path, FORECASTS) else None
    return calibrator if isinstance(calibrator, ForecastCalibrator) else None


@documented(ApplyOptions)
def apply(
    calibrator: Any,
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    **options: Unpack[ApplyOptions],
) -> Applied:
    """Write predictions again with calibrated scores: same rows, same order, other columns as is.

    The output is complete under its name in the end, or not there; an input is never written
    over. Memory is bounded whatever the number of rows. For scores in memory use
    ``Calibrator.apply``.

    Args:
        calibrator: a `Calibrator`, or that of forecasts, or the path of one; None to shift the
            scores as they are to another base rate.
        data: files of any format that is read, directories or globs; ``"-"`` is standard input.
        output: the file to write, whose suffix says the format; a directory for several inputs.
        **options: as in the signature; declared in `calaudit.options`.

    Raises:
        InputError: the data cannot be used, or is not what the calibrator was fitted on; the
            message shows both.
        SettingsError: an argument is wrong, or the output cannot be written.
    """
    of_forecasts = forecast_calibrator(calibrator)
    fitted = None if of_forecasts or calibrator is None else opened_calibrator(calibrator)
    on_invalid, scale = options["on_invalid"], options["scale"]
    if os.fspath(output) == "-":
        raise SettingsError(
            "calibrated rows are not written to standard output: name a file, such as "
            "calibrated.csv"
        )
    paths = [os.fspath(p) for p in ([data] if isinstance(data, str | os.PathLike) else data)]
    if of_forecasts is not None:
        return _apply_forecasts(of_forecasts, paths, os.fspath(output), options)
    predictions = open_scores(
        paths,
        roles=score_roles(options),
        task=fitted.task if fitted else "binary",  # type: ignore[arg-type]
        scale=fitted.scale if fitted else "probability",  # type: ignore[arg-type]
        classes=fitted.classes if fitted else (),
        on_invalid=on_invalid,  # type: ignore[arg-type]
    )
    with predictions:
        known = (predictions.task, predictions.scale, predictions.class_names)
        used = uncalibrated(*known) if fitted is None else fitted
        check_fits(used, predictions)
        odds = prior_odds(options, used, fitted=fitted is not None)
        if fitted is None and odds is None:
            raise SettingsError("name a calibrator, or another base rate (--prior and --was)")
        naming = _naming(options, used, predictions.layout, shifts=odds is not None)
        how: Any = (naming, scale or used.scale, on_invalid, options["progress"])
        moved = None if odds is None else shifted(used, odds)
        application = _Application(used, moved, predictions, *how)
        folder = _is_folder(os.fspath(output))
        outputs = _outputs(paths, predictions, os.fspath(output), folder)
        return application.run(outputs, in_folder=folder)


def _naming(
    options: ApplyOptions, calibrator: Calibrator, layout: Layout, *, shifts: bool
) -> Naming:
    """Return where the new scores go, with their bounds where these are wanted.

    Raises:
        SettingsError: there are no bounds, or no place for them.
    """
    naming = Naming(prefix=options["prefix"], suffix=options["suffix"])
    if not options["interval"]:
        return naming
    if not isinstance(calibrator.map, VennAbers):
        raise SettingsError(
            f"--interval: {calibrator.method} gives one probability of a score. Fit with "
            "--method venn-abers, which gives two"
        )
    if not naming.adds:
        raise SettingsError(
            "--interval adds columns: say what their names end in, as --suffix _cal"
        )
    if layout.form != "column":
        raise SettingsError("--interval takes one score a row: name the positive's with --score")
    if shifts or (options["scale"] or calibrator.scale) == "logit":
        raise SettingsError(
            "--interval writes probabilities as they were fitted: add --as probability, and leave "
            "out --prior and --class-weight"
        )
    return replace(naming, ends=("", "_low", "_high"))


@dataclass(slots=True)
class _Application:
    """One run over all files."""

    calibrator: Calibrator
    shifted: Calibrator | None
    predictions: Predictions
    naming: Naming
    scale: Scale
    on_invalid: OnInvalid
    progress: Progress | None
    forecasts: ForecastCalibrator | None = None
    done: int = 0
    tops: NDArray[np.int64] = field(init=False)
    sums: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        self.tops = np.zeros(len(self.calibrator.classes), np.int64)

    def run(self, outputs: Sequence[str], *, in_folder: bool) -> Applied:
        for source, output in zip(self.predictions.sources, outputs, strict=True):
            check_format(source, Path(os.path.realpath(output)).name)
        made = _made_folders(outputs) if in_folder or len(outputs) > 1 else []
        try:
            with drafts_for(outputs, self.predictions.files) as drafts:
                intake = self._write(drafts)
                publish(drafts)
        except BaseException:
            for folder in reversed(made):
                with contextlib.suppress(OSError):  # something else is in it by now
                    folder.rmdir()
            raise
        return self._applied(outputs, intake)

    def _write(self, drafts: Sequence[Draft]) -> Intake:
        total = Intake()
        for index, draft in enumerate(drafts):
            rescorer = self._rescorer(index)
            rewrite(self.predictions, index, draft, rescorer, self.naming, self._advance)
            self.predictions.report(rescorer.findings)
            total = total.merge(rescorer.intake)
        total.parts_seen = len(self.predictions.units())  # every file was read to its end
        self.predictions.finish(total)
        return total

    def _rescorer(self, index: int) -> Rescorer:
        layout, made = self.predictions.layout, self.forecasts
        pair = layout.task == "binary" and layout.form != "column"
        by = layout.out_of if self.scale == "probability" else 1.0

        def values_of(scores: Any) -> Any:
            if self.calibrator.unseen:
                self.tops += np.bincount(scores.argmax(axis=1), minlength=len(self.tops))
            using = self.shifted or self.calibrator
            with np.errstate(divide="ignore"):  # the logit of a 0 that stays one
                values = calibrated_values(using, scores, scale=self.scale, pair=pair)
                if self.shifted is not None:
                    pairs, given = (self.calibrator, self.shifted), scores.astype(np.float64)
                    means = [np.sum(each.probabilities(given), axis=0) for each in pairs]
                    self.sums = np.array(means) + (0.0 if self.sums is None else self.sums)
            if isinstance(using.map, VennAbers) and len(self.naming.ends) > 1:
                p = scores.astype(np.float64)
                bounds = using.map.between(p if using.scale == "probability" else expit(p))
                values = np.column_stack([values, *bounds])
            return values if by == 1.0 else values * by

        return Rescorer(
            layout=layout, values_of=values_of if made is None else made.apply, source=index,
            probabilities=self.scale == "probability", invalid=self.on_invalid,
            findings=Findings(logits_seen=made is not None),
        )  # fmt: skip

    def _method(self) -> str:
        given = self.calibrator.method
        return "another base rate" if given == "identity" else f"{given}, another base rate"

    def _means(self, rows: int) -> Any:
        if self.sums is None or not rows:
            return None
        before, after = self.sums.reshape(2, -1) / rows
        return tuple(before.tolist()), tuple(after.tolist())

    def _advance(self, rows: int) -> None:
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, self.predictions.rows)

    def _applied(self, outputs: Sequence[str], intake: Intake) -> Applied:
        columns = self.predictions.layout.scores
        invalid = intake.rows_read - intake.rows_used
        unseen = self.calibrator.unseen_finding(self.tops, "are the most probable here")
        inputs = [given.path for given in self.predictions.inputs]
        return Applied(
            method=self.calibrator.method if self.shifted is None else self._method(),
            files=tuple(zip(inputs, outputs, strict=True)), columns=columns, scale=self.scale,
            written=tuple(name for _, name in self.naming.written(columns)),
            rows_read=intake.rows_read,
            rows_written=intake.rows_used if self.on_invalid == "drop" else intake.rows_read,
            invalid=invalid, means=self._means(intake.rows_used),
            refused={reason: r.count for reason, r in sorted(intake.refused.items())},
            notes=tuple(f"{each.text} {each.advice}" for each in self.predictions.notes),
            unseen=None if unseen is None else unseen.text,
        )  # fmt: skip


def _apply_forecasts(
    calibrator: ForecastCalibrator, paths: list[str], output: str, options: Any
) -> Applied:
    """Write forecasts again as their calibrator says."""
    columns, policy = calibrator.columns, options["on_invalid"]
    for name, option in options_of(ApplyOptions).items():
        if name not in OF_FORECASTS and options[name] != option.default:
            raise SettingsError(
                f"{option.spellings[-1]} is for scores: this calibrator takes the forecasts in "
                f"{', '.join(columns)}"
            )
    new = {a: b for a, b in zip(columns, calibrator.sums, strict=True) if a != b}
    naming = Naming(prefix=options["prefix"], suffix=options["suffix"], names=new)
    header = options["no_header"]
    with open_numbers(paths, columns, on_invalid=policy, no_header=header) as predictions:
        stand_in = Calibrator(MulticlassIdentity(), "multiclass", "logit", columns)
        run = _Application(
            stand_in, None, predictions, naming, "logit", policy, options["progress"], calibrator
        )
        folder = _is_folder(output)
        done = run.run(_outputs(paths, predictions, output, folder), in_folder=folder)
    note = () if calibrator.exchangeable else (finding("no-guarantee", kind="saved").text,)
    return replace(done, method=calibrator.method, scale="number", notes=(*done.notes, *note))


def _is_folder(output: str) -> bool:
    """Return whether an output is named as a directory."""
    return Path(output).is_dir() or output.endswith(("/", os.sep))


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

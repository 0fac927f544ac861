"""The share of positives in production, estimated on a file of scores without labels."""

from __future__ import annotations

from functools import partial

from calaudit.api.decisions.cutoff_figures import Trial
from calaudit.api.decisions.tables import DecisionTables, viewer_of
from calaudit.api.rows.compatible import roles_like
from calaudit.api.rows.reading import read_summary
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.fit_points import sample_of
from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.unlabelled import open_scores
from calaudit.thresholds.prevalence import Prevalence, prevalence_of


def estimate_prevalence(
    labelled: Predictions,
    calibrator: Calibrator | None,
    trial: Trial,
    file: str,
    *,
    threads: int | None,
) -> tuple[Prevalence, Finding]:
    """Return the share of positives among the rows of a file, and what to know of it.

    The scores of the file are read from the columns that hold those of the labelled rows, and
    calibrated by Platt scaling of these.

    Args:
        labelled: the rows with labels, read already.
        calibrator: what all scores go through first, or None.
        trial: the table of the labelled rows.
        file: path of scores without labels.
        threads: threads at most.

    Raises:
        InputError: the scores are of another kind, or cannot be read.
        SettingsError: the labelled scores came as an array, so that no column is known.
    """
    layout = labelled.layout
    roles = roles_like(labelled)
    predictions = open_scores(
        [file], roles=roles, task="binary", scale=layout.scale, classes=labelled.class_names
    )
    with predictions:
        if predictions.task != "binary" or predictions.scale != layout.scale:
            raise InputError(
                f"{file}: its scores are {predictions.task} {predictions.scale} scores, those of "
                f"{labelled.inputs[0].path} are binary {layout.scale} scores"
            )
        viewer = viewer_of("binary", layout.scale, calibrator)
        tables, _ = read_summary(
            predictions, partial(DecisionTables, viewer), threads=threads, rounded=0, progress=None
        )
    cells = tables.table().cells()
    scale = "logit" if trial.unit.name == "logit" else "probability"
    sample = sample_of(cells, scale=scale)
    found = prevalence_of(sample, trial.ladder.sample, level=trial.level)
    if not 0.0 < found.value < 1.0:
        raise InputError(
            f"{file}: the scores there are explained best by a share of positives of "
            f"{found.value:g}, which leaves nothing to decide; give --prevalence as a number"
        )
    note = finding(
        "prevalence-estimated",
        file=file,
        rows=found.rows,
        percent=100 * found.value,
        low=100 * found.low,
        high=100 * found.high,
        labelled=100 * trial.base_rate,
    )
    return found, note

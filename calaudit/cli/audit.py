"""``calaudit audit``: the whole pipeline, in one report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered, out
from calaudit.cli.threshold import with_confidences
from calaudit.options.commands import AuditOptions

if TYPE_CHECKING:
    from calaudit.report.audit_report import AuditReport

EXAMPLE = example(
    "calaudit audit preds.parquet -o audit.html",
    "calaudit audit preds.csv --split split=validation --save-calibrator cal.json",
    "calaudit audit test.csv --calibration validation.csv --cost-fp 1 --cost-fn 20",
    "calaudit audit answers.csv --holdout 0.5 --group user --by subject --worst 10",
)

SAVE = out("Write the calibrator (.json), for calaudit apply.", metavar="FILE")


def audit(
    data: Data,
    given: Annotated[Keywords, AuditOptions],
    *,
    save_calibrator: Annotated[Path | None, SAVE] = None,
    delivered: Delivered,
) -> None:
    """Fit on some rows, judge on others, and say what to do.

    The three stages in one report: calibrator, figures before and after it, cutoffs.
    """
    from calaudit.cli.delivery import Delivery

    calibration = given["calibration"] or []
    inputs = [*data, *calibration, given["cost_matrix"], given["prevalence"]]
    inputs.append(given["labels"])
    delivery = Delivery.checked("audit", inputs, **delivered)
    saved = _checked_file(save_calibrator, inputs, delivery.files)
    options = with_confidences(given)
    from calaudit.api.auditing import audit as audit_data

    delivery.run(
        lambda progress: audit_data(data, **options, progress=progress),
        beside=lambda report: [] if saved is None else [(saved, _calibrator_text(report))],
        remark=lambda report: "" if saved is None else _worth(report),
    )


def _checked_file(
    path: Path | None, inputs: Sequence[str | None], others: Sequence[Path]
) -> Path | None:
    """Return the real path of the calibrator, where one is to be written.

    Raises:
        SettingsError: it is no JSON file, cannot be written, or is an input or another output.
    """
    from calaudit.cli.outputs import checked_outputs
    from calaudit.errors import SettingsError

    if path is None:
        return None
    if path.suffix.lower() != ".json":
        raise SettingsError(f"{path} must end in .json, which is the format of a calibrator")
    (file,) = checked_outputs([path], inputs)
    if file in others:
        raise SettingsError(f"{file} is named twice as an output")
    return file


def _worth(report: AuditReport) -> str:
    """Return what whoever applies the calibrator must know, or ""."""
    if report.makes_worse:
        return "the calibrator that was written makes the scores worse: do not use it"
    if report.after is None:
        return "the calibrator that was written changes nothing: none is worth having"
    return ""


def _calibrator_text(report: AuditReport) -> str:
    """Return the calibrator as ``calaudit fit`` writes it, byte by byte."""
    import json

    from calaudit.calibrators.saved_calibrator import calibrator_of

    return calibrator_of(json.dumps(report.calibrator)).to_json()

"""``calaudit audit``: the whole pipeline, in one report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered, out
from calaudit.cli.threshold import with_confidences
from calaudit.options.commands import AuditOptions

if TYPE_CHECKING:
    from calaudit.report.audit import AuditReport

__all__ = ["EXAMPLE", "audit"]

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
    """Fit on some rows, judge on others, and say what to do: the whole in one report."""
    from calaudit.cli.delivery import Delivery
    from calaudit.cli.saving import checked_file

    calibration = given["calibration"] or []
    inputs = [*data, *calibration, given["cost_matrix"], given["prevalence"]]
    delivery = Delivery.checked("audit", inputs, **delivered)
    saved = None if save_calibrator is None else checked_file(save_calibrator, inputs)
    _check_apart(saved, delivery.files)
    options = with_confidences(given)
    from calaudit.api.auditing import audit as audit_data

    delivery.run(
        lambda progress: audit_data(data, **options, progress=progress),
        beside=lambda report: [] if saved is None else [(saved, _calibrator_text(report))],
        remark=lambda report: "" if saved is None else _worth(report),
    )


def _check_apart(saved: Path | None, files: tuple[Path, ...]) -> None:
    """Refuse to write the calibrator and the report to one file."""
    from calaudit.errors import SettingsError

    if saved in files:
        raise SettingsError(f"{saved} is named twice as an output")


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

    from calaudit.calibrators.store import calibrator_of

    return calibrator_of(json.dumps(report.calibrator)).to_json()

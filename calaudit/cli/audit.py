"""``calaudit audit``: the whole pipeline, in one report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from calaudit.cli import options
from calaudit.cli.evaluate import Worst
from calaudit.cli.fit import Floor, Method, Mix
from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.threshold import (
    Cases,
    Confidence,
    Costs,
    Guarantee,
    Limits,
    PerClass,
    confidences,
)

if TYPE_CHECKING:
    from calaudit.report.audit import AuditReport

__all__ = ["EXAMPLE", "audit"]

EXAMPLE = example(
    "calaudit audit preds.parquet -o audit.html",
    "calaudit audit preds.csv --split split=validation --save-calibrator cal.json",
    "calaudit audit test.csv --calibration validation.csv --cost-fp 1 --cost-fn 20",
    "calaudit audit answers.csv --holdout 0.5 --group user --by subject --worst 10",
)

DIVISION = "Division (half of the rows, by a hash, when nothing is given)"


def _division(flag: str, text: str, metavar: str, **more: Any) -> Any:
    return typer.Option(
        flag, rich_help_panel=DIVISION, help=text, metavar=metavar, show_default=False, **more
    )


Split = Annotated[
    str | None,
    _division("--split", "Fit on these rows, judge on the others.", "COLUMN=VALUE"),
]
Calibration = Annotated[
    list[str] | None,
    _division("--calibration", "Fit on this file, judge on all of DATA; may be repeated.", "FILE"),
]
Holdout = Annotated[
    str | None, _division("--holdout", "Share of the rows to judge on, by a hash.", "SHARE")
]
Groups = Annotated[
    str | None,
    _division(
        "--group",
        "Rows with one value never stand on both sides. By an id, each row stays on its side "
        "when others come and go.",
        "COLUMN",
    ),
]
Roles = Annotated[
    Keywords,
    options.group(
        "label", "score", "probs", "logits", "correct", "prediction", "weight", "id", "by",
        "positive", "classes", "out_of", "task", "weight_kind",
    ),
]  # fmt: skip
Figures = Annotated[
    Keywords,
    options.group("bins", "convention", "level", "seed", "clip", "on_invalid", "threads"),
]
Cutoffs = Annotated[
    Literal["auto", "calibrated", "empirical"],
    typer.Option(
        "--cutoffs",
        rich_help_panel=options.FIGURES,
        help="How cutoffs are chosen: as --method of calaudit threshold.",
        metavar="METHOD",
    ),
]
SaveCalibrator = Annotated[
    Path | None,
    typer.Option(
        "--save-calibrator",
        rich_help_panel=options.OUTPUT,
        help="Write the calibrator (.json), for calaudit apply.",
        metavar="FILE",
        show_default=False,
    ),
]


def audit(
    data: options.Data,
    split: Split = None,
    calibration: Calibration = None,
    holdout: Holdout = None,
    group: Groups = None,
    method: Method = "auto",
    floor: Floor = None,
    mix: Mix = True,
    *,
    roles: Roles,
    confidence: Confidence = None,
    costs: Costs,
    limits: Limits,
    guarantee: Guarantee = None,
    per_class: PerClass = False,
    cases: Cases,
    figures: Figures,
    cutoffs: Cutoffs = "auto",
    worst: Worst = 5,
    save_calibrator: SaveCalibrator = None,
    delivered: options.Delivered,
) -> None:
    """Fit on some rows, judge on others, and say what to do: the whole in one report."""
    from calaudit.cli.delivery import Delivery
    from calaudit.cli.saving import checked_file

    inputs = [*data, *(calibration or []), costs["cost_matrix"], cases["prevalence"]]
    delivery = Delivery.checked("audit", inputs, **delivered)
    saved = None if save_calibrator is None else checked_file(save_calibrator, inputs)
    _check_apart(saved, delivery.files)
    column, holds = confidences(confidence or [], guarantee)
    from calaudit.api.auditing import audit as audit_data

    delivery.run(
        lambda progress: audit_data(
            data, split=split, calibration=calibration, holdout=holdout, group=group,
            method=method, floor=floor, mix=mix, **roles, confidence=column, **costs, **limits,
            guarantee=holds, per_class=per_class, **cases, **figures, cutoffs=cutoffs,
            worst=worst, progress=progress,
        ),
        beside=lambda report: [] if saved is None else [(saved, _calibrator_text(report))],
        remark=lambda report: "" if saved is None else _worth(report),
    )  # fmt: skip


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

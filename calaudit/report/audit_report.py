"""The report of ``calaudit audit``: the whole pipeline in one, frozen, for its renderers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from calaudit.findings.finding import Finding
from calaudit.metrics.estimate import Estimate
from calaudit.records.limits import Inside, Limits, Rows, Written, one_of
from calaudit.report.evaluation_report import InputFile, Report
from calaudit.report.fit_report import CALIBRATOR_SCHEMA
from calaudit.report.rendered import Rendered
from calaudit.report.threshold_report import DecisionReport, RiskPoint, Unit

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.report.frame import Figures

AUDIT_SCHEMA = "calaudit.audit/1"
"""Version of the JSON. History: 1 (0.1.0) first version."""


CALIBRATOR = Limits(
    {
        "properties": {"schema": {"const": CALIBRATOR_SCHEMA}},
        "required": [
            *("schema", "method", "task", "scale", "classes", "floor", "parameters", "certificate")
        ],
    }
)
"""What a calibrator has at least; ``calaudit schema calibrator`` has the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Which rows the calibrator was fitted on, and which it is judged on.

    Attributes:
        kind: "split" (a column says), "file" (a file of its own) or "holdout" (a hash says).
        sentence: the same in words.
        fitted_rows, audited_rows: rows on either side.
        calibration: the files that were fitted on, where they are others than those audited.
    """

    kind: Annotated[str, one_of("split", "file", "holdout")]
    sentence: str
    fitted_rows: Rows
    audited_rows: Rows
    calibration: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What could be decided without a person if so many errors among it were allowed.

    Attributes:
        max_error: the limit on the share of wrong decisions among those accepted.
        guarantee: confidence with which the limit, by itself, holds for cases to come; None where
            only these rows keep it, because they have weights that are no counts, or because no
            guarantee was wanted.
        cutoff: accept confidences of at least this; None where the rows cannot show any.
        coverage: share of the cases that is accepted. error: of these, the share that is wrong.
        reason: why there is no cutoff.
    """

    max_error: Inside
    guarantee: Inside | None
    cutoff: float | None
    coverage: Estimate
    error: Estimate
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selective:
    """Accepting the most confident decisions and reviewing the rest.

    The confidence of a binary score p is max(p, 1 − p), in the decision that p ≥ ½ stands for.

    Attributes:
        unit: of the cutoffs, as in `DecisionReport`.
        aurc: area under the risk–coverage curve. curve: that curve.
        acceptances: one for each limit, the strictest first.
    """

    unit: Unit
    aurc: Estimate
    curve: tuple[RiskPoint, ...]
    acceptances: tuple[Acceptance, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditReport(Rendered):
    """Is it calibrated, what helps, and where to act: fitted on some rows, judged on others.

    Attributes:
        calaudit: version that made it.
        answer: the first paragraph: is it calibrated, how far off, which calibrator helps by how
            much, where to act automatically, what to watch. lead: its first sentence.
        settings: of the audit, as JSON values: split, holdout, group, calibration, method,
            level, seed, …
        division: which rows were fitted and which were judged.
        before: the report on the audited rows as they are.
        after: the same rows, calibrated; None where no calibrator is worth having (identity).
        saved: log loss that the calibrator saves on the audited rows, in nats, paired by row.
        calibrator: the fitted one, as the JSON document that ``calaudit apply`` reads.
        decision: thresholds on the audited rows, calibrated (unless that makes them worse), where
            costs or limits were given.
        selective: where they were not: what accepting the most confident would give.
        notes: of all its parts, each kind once.
    """

    calaudit: str
    answer: str
    settings: dict[str, Any]
    division: Division
    before: Report
    after: Report | None
    saved: Estimate
    calibrator: Annotated[dict[str, Any], CALIBRATOR]
    decision: DecisionReport | None = None
    selective: Selective | None = None
    notes: tuple[Finding, ...] = ()
    lead: Annotated[str, Written.LATER] = ""
    schema: str = AUDIT_SCHEMA

    @property
    def makes_worse(self) -> bool:
        """Whether the calibrator surely raises the log loss of the audited rows."""
        if self.after is None:
            return False
        losses = [each.metrics["log_loss"].value for each in (self.before, self.after)]
        if losses[1] is None:  # infinite
            return losses[0] is not None
        return self.saved.high is not None and self.saved.high < 0

    @property
    def evaluations(self) -> tuple[Report, ...]:
        """The report on the scores as they are, and, where a calibrator was used, calibrated."""
        return (self.before,) if self.after is None else (self.before, self.after)

    @property
    def best(self) -> Report:
        """The report on the scores as they are best used: calibrated, unless that is worse."""
        return self.before if self.after is None or self.makes_worse else self.after

    @property
    def fitted(self) -> Calibrator:
        """The calibrator that was fitted, to use on scores: ``audit.fitted.apply(scores)``."""
        from calaudit.calibrators.saved_calibrator import calibrator_of

        return calibrator_of(json.dumps(self.calibrator))

    @property
    def figures(self) -> Figures:
        """Those of the rows before and after calibration, and of the recommended cutoffs."""
        sides: dict[str, Figures] = {"before": self.before.figures}
        sides |= {} if self.after is None else {"after": self.after.figures}
        keys = self.before.figures
        found = {(*key, side): own.get(key) for key in keys for side, own in sides.items()}
        if self.after is not None:
            found["log_loss", "saved"] = self.saved
        decided = {} if self.decision is None else self.decision.figures
        return found | {key: each for key, each in decided.items() if key[1] == "recommended"}

"""Audit: fit on some rows, judge on others, and say what to do, in one report."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Unpack

from calaudit import __version__
from calaudit.api.audits.acceptances import GUARANTEE, selective_of
from calaudit.api.audits.answer import answer_of
from calaudit.api.audits.audit_notes import audit_notes, no_cutoff_note
from calaudit.api.audits.fitted import fitted_or_identity
from calaudit.api.audits.overlap import check_other_rows, different_notes, fitted_table
from calaudit.api.audits.proposals import Proposal, proposal_of
from calaudit.api.audits.two_evaluations import BeforeAfter, before_and_after
from calaudit.api.decisions.opened import Request
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.decisions.threshold_settings import guarantee_of
from calaudit.api.fitting import Fitting
from calaudit.api.reports.assemble import inputs_of
from calaudit.api.reports.evaluation_settings import Settings, checked_settings
from calaudit.api.rows.declared import paths_of
from calaudit.api.rows.divisions import Divided, Wanted, divided, wanted_division
from calaudit.api.rows.reading import Progress
from calaudit.calibrators.base import Calibrator
from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding, said
from calaudit.options.commands import AuditOptions
from calaudit.options.declaration import documented
from calaudit.predictions.predictions import Predictions
from calaudit.report.audit_report import AuditReport, Division
from calaudit.report.evaluation_report import InputFile
from calaudit.tables.groups import GroupTable
from calaudit.tables.score_table import ScoreTable

LEAST = 10
"""Rows on either side below which nothing is fitted, and nothing is seen."""


@documented(AuditOptions)
def audit(data: Any = None, y_prob: Any = None, **options: Unpack[AuditOptions]) -> AuditReport:
    """Fit a calibrator on some rows; on others judge the scores before and after, and decide.

    Called as `evaluate` is: with data in columns, or with arrays. The rows are divided by
    ``split``, by ``calibration`` or, where neither is given, by a hash (``holdout``); no row that
    was fitted on is in any figure of the report.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=4000)
    >>> y = (rng.random(4000) < 1 / (1 + np.exp(-z))).astype(int)
    >>> report = audit(y, 3 * z, scale="logit", split=np.arange(4000) < 2000)
    >>> report.calibrator["method"], report.saved.low > 0
    ('temperature', True)

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``).
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.answer`` says it in a paragraph.

    Raises:
        NotEnoughData: a side has no rows, or the method that was named has no fit on them.
        InputError: the data cannot be used as it is. SettingsError: an argument is wrong.
    """
    settings, fitting = checked_settings(options), Fitting.of(options)
    wanted = wanted_division(options, arrays=y_prob is not None)
    proposal = proposal_of(options)
    run = _Run(wanted, fitting, settings, proposal, guarantee_of(options["guarantee"]))
    sides = divided(wanted, data, y_prob, options)
    with sides as opened:
        return run.report(opened)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """An audit, as it was asked for.

    Attributes:
        wanted: the division. options: of the fit. settings: of the figures.
        proposal: the decisions that are to be recommended; None where nothing was asked.
        guarantee: confidence with which limits are to hold for cases to come, or None.
    """

    wanted: Wanted
    options: Fitting
    settings: Settings
    proposal: Proposal | None
    guarantee: float | None

    def report(self, sides: Divided) -> AuditReport:
        """Return the report: a read for the fit (multiclass: several), one for all the rest."""
        if self.proposal is not None:
            self.proposal.check(sides.judged)
        progress = self.options.progress
        _tell(progress, "Fitting")
        fitted, notes = fitted_or_identity(sides, self.options)
        calibrator = None if fitted.method == "identity" else fitted
        _tell(progress, "Evaluating")
        request = self._request(sides, calibrator)
        found = before_and_after(
            sides.judged, sides.plan, calibrator, self.settings, progress,
            lambda: self._tables(request),
        )  # fmt: skip
        notes += self._compared(sides, found)
        rows = (fitted.certificate.rows, int(found.before.metrics["n"].value or 0))
        if min(rows) < LEAST:
            raise NotEnoughData(
                f"an audit needs at least {LEAST} rows to fit on and {LEAST} to judge by; there "
                f"are {rows[0]:,} and {rows[1]:,}",
                "Give it more rows; calaudit evaluate judges scores as they are, without a fit",
            )
        outside = sides.fitted if self.wanted.kind == "file" else None
        division = Division(
            kind=sides.kind,
            sentence=sides.sentence(*rows),
            fitted_rows=rows[0],
            audited_rows=rows[1],
            calibration=_inputs(outside),
        )
        report = AuditReport(
            calaudit=__version__,
            answer="",
            settings=self._settings() | {"declared": sides.judged.declared},
            division=division,
            before=found.before,
            after=found.after,
            saved=found.saved,
            calibrator=json.loads(fitted.to_json()),
        )
        # Nobody would act on scores that a calibrator made worse.
        used = None if report.makes_worse else calibrator
        if request is not None:
            request.tables, request.intake = found.decision, sides.judged.intake or request.intake
            request = request if used is calibrator else self._request(sides, used)
        after = used is not None
        tables = found.tables[after], found.groups[after]
        report, more = self._acting(report, sides, request, *tables)
        # The answer tells the notes that belong to no part, and the notes are then those of all.
        report = replace(report, notes=notes + more)
        words, notes = said(answer_of(report)), audit_notes(report, report.notes)
        return replace(report, answer=words["sentence"], lead=words["lead"], notes=notes)

    def _compared(self, sides: Divided, found: BeforeAfter) -> tuple[Finding, ...]:
        """Return notes on what the rows judged have to do with those fitted on."""
        judged = found.tables[0]
        settings, progress = self.settings, self.options.progress
        fitted = fitted_table(sides, judged, settings.threads, progress)
        if fitted is None:
            return ()
        if self.wanted.kind == "file":
            check_other_rows(fitted, judged)
        if found.before.groups is not None:  # the test takes rows as independent
            return ()
        return different_notes(fitted, judged, sides.judged.task, settings.weight_kind)

    def _acting(
        self,
        report: AuditReport,
        sides: Divided,
        request: Request | None,
        table: ScoreTable,
        groups: GroupTable | None,
    ) -> tuple[AuditReport, tuple[Finding, ...]]:
        """Return the report with where to act, and notes on that.

        Args:
            report: of the audit so far.
            sides: the rows.
            request: the decision on the scores that are acted on, or None where none was asked for.
            table: of those scores.
            groups: likewise by group, where rows belong together.
        """
        notes: tuple[Finding, ...] = ()
        if self.proposal is not None and request is not None:
            _tell(self.options.progress, "Choosing thresholds")
            try:
                decision, notes = self.proposal.decision(request.with_confidence(self.guarantee))
                return replace(report, decision=decision), notes
            except NotEnoughData as error:  # all the rest of the report stands
                notes = (no_cutoff_note(error),)
        calibrated = report.best is report.after
        selective = selective_of(
            sides.judged, table, groups, calibrated=calibrated, guarantee=self.guarantee,
            weight_kind=self.settings.weight_kind, level=self.settings.level,
        )  # fmt: skip
        return replace(report, selective=selective), notes

    def _request(self, sides: Divided, used: Calibrator | None) -> Request | None:
        """Return the decision to be made on scores that went through a calibrator, if any."""
        if self.proposal is None:
            return None
        return self.proposal.request(sides.judged, used, self.options.progress)

    def _tables(self, request: Request | None) -> DecisionTables | None:
        """Return empty tables for a decision, which the read for the figures makes as well."""
        return None if self.proposal is None or request is None else self.proposal.tables(request)

    def _settings(self) -> dict[str, Any]:
        """Return what a reader needs to repeat the audit, as JSON values."""
        wanted, options, plan = self.wanted, self.options, self.wanted.plan
        given: dict[str, Any] = {}
        if wanted.kind == "split":
            given["split"] = plan.which("=")
        elif wanted.kind == "holdout":
            given["holdout"] = plan.holdout
        else:
            given["calibration"] = paths_of(wanted.calibration)
        given |= {"group": plan.group} if plan.group is not None else {}
        given |= {"method": options.method}
        given |= {"floor": options.floor} if options.floor is not None else {}
        given |= {} if options.mix else {"mix": False}
        given |= self.settings.values()
        if self.proposal is not None:
            return given | self.proposal.given
        return given | ({} if self.guarantee == GUARANTEE else {"guarantee": self.guarantee})


def _inputs(outside: Predictions | None) -> tuple[InputFile, ...]:
    """Return the files of a data set that was read; of none, nothing."""
    if outside is None or outside.intake is None:
        return ()
    return inputs_of(outside, outside.intake)


def _tell(progress: Progress | None, what: str) -> None:
    """Name what is being done to a progress that can show it."""
    stage = getattr(progress, "stage", None)
    if stage is not None:
        stage(what)

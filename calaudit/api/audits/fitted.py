"""The calibrator of an audit: where none can be fitted, the scores as they are."""

from __future__ import annotations

from dataclasses import replace

from calaudit.api.audits.audit_notes import unreached
from calaudit.api.fitting import Fitting, fit_opened
from calaudit.api.rows.divisions import Divided
from calaudit.api.rows.sides import NoRows
from calaudit.calibrators.base import Calibrator
from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding

UNFITTED = "no-fit"
"""Code of the note that no calibrator can be fitted."""


def fitted_or_identity(sides: Divided, options: Fitting) -> tuple[Calibrator, tuple[Finding, ...]]:
    """Return the calibrator; where ``auto`` finds none, the identity with a note that says why.

    Args:
        sides: the rows.
        options: of the fit.

    Raises:
        NotEnoughData: there are no rows on a side, or the method that was named has no fit.
    """
    try:
        return fit_opened(sides.fitted, sides.plan, options), ()
    except NoRows:
        raise
    except NotEnoughData as error:
        if options.method != "auto":
            what = str(error) if error.stated else f"no calibrator can be fitted: {error}"
            judge = "calaudit evaluate judges the scores as they are, without a fit"
            raise NotEnoughData(what, judge) from None
        unfitted = unreached(UNFITTED, error.why, error.advice, stated=error.stated)
    identity = fit_opened(sides.fitted, sides.plan, replace(options, method="identity"))
    return identity, (unfitted,)

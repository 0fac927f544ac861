"""The calibrator of an audit: where none can be fitted, the scores as they are."""

from __future__ import annotations

from dataclasses import replace

from calaudit.api.fitting import Fitting, fit_opened
from calaudit.api.rows.divisions import Divided
from calaudit.api.rows.sides import NoRows
from calaudit.calibrators.base import Calibrator
from calaudit.errors import NotEnoughData
from calaudit.report.evaluation_report import Note

__all__ = ["UNFITTED", "fitted_or_identity"]

UNFITTED = "no-fit"
"""Code of the note that no calibrator can be fitted."""

FITTED = "no calibrator can be fitted"


def fitted_or_identity(sides: Divided, options: Fitting) -> tuple[Calibrator, tuple[Note, ...]]:
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
        what = str(error)
        if options.method != "auto":
            what = what if FITTED in what else f"{FITTED}: {what}"
            raise NotEnoughData(
                f"{what}. calaudit evaluate judges the scores as they are, without a fit"
            ) from None
    identity = fit_opened(sides.fitted, sides.plan, replace(options, method="identity"))
    why, _, more = what.partition(". ")
    text = why[:1].upper() + why[1:] if FITTED in why else f"No calibrator can be fitted: {why}"
    return identity, (Note(code=UNFITTED, text=f"{text}.", advice=more and f"{more}."),)

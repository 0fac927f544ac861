"""A report that was saved as JSON, read from bytes that anyone may have written."""

from __future__ import annotations

import json

from calaudit.bounded import LARGEST
from calaudit.errors import InputError
from calaudit.records import parsed
from calaudit.report.fit_report import CALIBRATOR_SCHEMA, FitReport
from calaudit.report.render_json import report_from_json
from calaudit.report.rendered import Rendered


def saved_report(data: bytes) -> Rendered:
    """Return the report, or the calibrator with its certificate, that was saved as ``data``.

    Raises:
        InputError: it is no report, one of another schema version, or damaged.
    """
    if len(data) > LARGEST:
        raise InputError(f"not a calaudit report: it has more than {LARGEST >> 20} MB")
    if not data.strip():
        raise InputError("not a calaudit report: it is empty")
    if b"\0" not in data[:4] and data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        raise InputError("not a calaudit report: it is not a JSON object")
    try:
        values = parsed(data)
        json.dumps(values, allow_nan=False)
    except InputError as error:
        raise InputError(f"not a calaudit report: {error}") from None
    except ValueError as error:  # a number that is too large
        raise InputError(f"not a calaudit report: it is not JSON ({error})") from None
    schema = values.get("schema") if isinstance(values, dict) else None
    if isinstance(schema, str) and schema.startswith(CALIBRATOR_SCHEMA.partition("/")[0]):
        from calaudit.calibrators.saved_calibrator import calibrator_of

        return FitReport(calibrator=calibrator_of(data))
    report = report_from_json(values)
    level = report.settings.get("level", 0.95)
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"not a calaudit report: report.settings.level is {level!r:.40}")
    return report

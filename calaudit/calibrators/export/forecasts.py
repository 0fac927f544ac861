"""Exports of what recalibrates forecasts, checked by running: Python and SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np

from calaudit.calibrators.export.checked import TOLERANCE, Exported
from calaudit.calibrators.export.sql import quoted, real
from calaudit.calibrators.export.target import loaded
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator
from calaudit.errors import SettingsError

PROBES = 500


def export_forecasts(calibrator: ForecastCalibrator, to: str, version: str) -> Exported:
    """Return the calibrator as "python" or "sql": one expression a new column.

    Raises:
        SettingsError: there is no such target, or it does not do what the calibrator does.
    """
    if to not in ("python", "numpy", "sql"):
        raise SettingsError(f"forecasts are exported to python (numpy) and sql, not to {to!r}")
    sql, columns, rng = to == "sql", calibrator.columns, np.random.default_rng(0)
    head = f"calaudit {version}: {calibrator.method} of forecasts, of {calibrator.rows:,} rows."
    names = {c: quoted(c) if sql else f"x{k}" for k, c in enumerate(columns)}
    new = {
        name: " + ".join(names[c] if w == 1.0 and c else real(w) + (c and f" * {names[c]}")
                         for c, w in held.items())
        for name, held in calibrator.sums.items()
    }  # fmt: skip
    probes = rng.standard_normal((PROBES, len(columns))) * 10.0 ** rng.integers(-6, 7, (PROBES, 1))
    if sql:
        content = ",\n".join(f"{value} AS {quoted(name)}" for name, value in new.items())
        asked = f"SELECT {content} FROM (SELECT {', '.join(f'? AS {n}' for n in names.values())})"
        content = f"-- {head}\n{content}\n"
        with closing(sqlite3.connect(":memory:")) as connection:
            answers = [connection.execute(asked, row).fetchone() for row in probes.tolist()]
        found = np.array(answers, np.float64)
    else:
        body = "".join(f"        {value},\n" for value in new.values())
        said = f"Return {', '.join(new)} of {', '.join(columns)}."
        content = f"# {head}\n\n\ndef recalibrate({', '.join(names.values())}):\n    {said!a}\n"
        content += f"    return (\n{body}    )\n"
        found = np.stack(loaded(content, "recalibrate")(*probes.T), axis=1)
    right = calibrator.apply(probes)
    apart = float(np.max(np.abs(found - right) / np.maximum(np.abs(right), 1.0)))
    if not apart <= TOLERANCE["float64"]:
        raise SettingsError(f"the export to {to} differs by {apart:.3g}; nothing was written")
    ran = f"SQLite {sqlite3.sqlite_version}" if sql else f"numpy {np.__version__}"
    return Exported(
        target=to, method=calibrator.method, content=content, suffix=".sql" if sql else ".py",
        differences={ran: apart}, probes=PROBES, fit_rows=0, steep=0,
        tolerance=TOLERANCE["float64"], unverified=None,
    )  # fmt: skip

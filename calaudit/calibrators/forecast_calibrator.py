"""What recalibrates forecasts of a number: ends of intervals, moved or taken elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from calaudit.bounded import read_bounded
from calaudit.errors import InputError
from calaudit.records import decoded, parsed
from calaudit.records.limits import Inside, Limits, Rows, one_of

SCHEMA = "calaudit.forecast-calibrator/1"
"""Name and version of the format. Version 1: the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """What intervals of one level become, and what they hold of new rows then.

    Attributes:
        stated: share that they are to hold. needs: fewest rows that such a fit takes.
        columns: lower and upper end; of normal laws the mean and the standard deviation.
        lower, upper: what is added to the ends; of normal laws by how many standard deviations
            they lie from the mean.
        coverage: on average over fits. low, high: interval for that of this fit.
    """

    stated: Inside
    columns: tuple[str, ...]
    lower: float
    upper: float
    coverage: Inside
    low: float
    high: float
    needs: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastCalibrator:
    """Intervals or quantiles as they should have been, from those that there are.

    Attributes:
        method: "offset" (conformal), or "pit" (normal laws, by order statistics of the PIT).
        columns: that it takes. guarantees: for rows that are exchangeable with those of the fit.
        rows: of the fit. confidence: with which this fit holds what is stated; None: on average.
        exchangeable: whether nothing speaks against it.
    """

    schema: str = SCHEMA
    method: Annotated[str, one_of("offset", "pit")]
    columns: tuple[str, ...]
    guarantees: Annotated[tuple[Guarantee, ...], Limits({"minItems": 1})]
    rows: Rows
    confidence: Inside | None
    exchangeable: bool

    @property
    def sums(self) -> dict[str, dict[str, float]]:
        """Each new column: what it takes of each old one, and of 1 under the name ""."""
        if self.method == "pit":
            one, (mean, std) = self.guarantees[0], self.columns
            at = f"{100 * one.stated:g}".replace(".", "_")
            ends = (("lower", one.lower), ("upper", one.upper))
            return {f"{side}_{at}": {mean: 1.0, std: end} for side, end in ends}
        moved = {
            name: end
            for g in self.guarantees
            for name, end in zip(g.columns, (g.lower, g.upper), strict=True)
        }
        return {name: {name: 1.0, "": moved.get(name, 0.0)} for name in self.columns}

    def apply(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return (n, C) new columns of (n, C) old ones."""
        given = dict(zip(self.columns, values.astype(np.float64).T, strict=True))
        given[""] = np.ones(len(values))
        return np.stack([sum(w * given[k] for k, w in s.items()) for s in self.sums.values()], 1)

    def to_json(self) -> str:
        """Return it as JSON text, which `load_forecast_calibrator` reads."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def load_forecast_calibrator(path: Any) -> ForecastCalibrator:
    """Return the calibrator of forecasts in a file.

    Raises:
        InputError: there is none, it is of another version, or damaged.
    """
    try:
        values = parsed(read_bounded(path))
        if not isinstance(values, dict) or values.get("schema") != SCHEMA:
            raise InputError(f"this program reads {SCHEMA!r}")
        found: ForecastCalibrator = decoded(ForecastCalibrator, values, "", strict=True)
        if any(len(g.columns) != 2 or {*g.columns} - {*found.columns} for g in found.guarantees):
            raise InputError("its columns do not go together")
        return found
    except (OSError, InputError) as error:
        raise InputError(f"{path}: no calibrator, or a damaged one: {error}") from None

"""The report of ``calaudit fit``: the calibrator with its certificate, for renderers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator

__all__ = ["CALIBRATOR_SCHEMA", "FitReport"]

CALIBRATOR_SCHEMA = "calaudit.calibrator/1"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FitReport(Rendered):
    """What a fit found; its JSON is the calibrator's own, which ``calaudit apply`` reads.

    Attributes:
        calibrator: the map, and the evidence for it.
    """

    calibrator: Calibrator
    schema: str = CALIBRATOR_SCHEMA

    @property
    def calaudit(self) -> str:
        """Version of calaudit; files of calibrators do not name it."""
        from calaudit import __version__

        return __version__

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that figures depend on."""
        certificate = self.calibrator.certificate
        return {"level": certificate.level, "seed": certificate.seed}

    def to_json(self) -> str:
        """Return the calibrator as JSON text."""
        return self.calibrator.to_json()

    def to_dict(self) -> dict[str, Any]:
        """Return the calibrator as JSON values."""
        import json

        values: dict[str, Any] = json.loads(self.to_json())
        return values

    def __repr__(self) -> str:
        """Return the method in a line."""
        return f"<calaudit fit: {self.calibrator.method}>"

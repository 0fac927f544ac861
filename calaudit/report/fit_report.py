"""The report of ``calaudit fit``: the calibrator with its certificate, for renderers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from calaudit.metrics.estimate import Estimate
from calaudit.report.rendered import Rendered

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.report.frame import Figures

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

    @property
    def figures(self) -> Figures:
        """The parameters, and what they are worth on rows that they were not fitted on."""
        certificate, level = self.calibrator.certificate, self.settings["level"]
        found: Figures = {
            (p.name, "fitted"): Estimate(value=p.value, low=p.low, high=p.high, level=level)
            for p in certificate.parameters
        }
        for check in certificate.checks[:1]:
            sides = {"before": asdict(check.before), "after": asdict(check.after)}
            found |= {(name, s): own[name] for name in sides["before"] for s, own in sides.items()}
            found["log_loss", "saved"] = Estimate(
                value=check.saved, low=check.saved_low, high=check.saved_high, level=level
            )
        return found

"""Names of figures in the first paragraph of an audit, explained where they first stand."""

from __future__ import annotations

CALIBRATION_ERROR, LOG_LOSS = "calibration error", "log loss"

MEANINGS = {
    CALIBRATION_ERROR: "how far scores are from what comes true",
    LOG_LOSS: "which punishes being sure and wrong",
}


class Terms:
    """Names of figures, of which each is explained where it is first asked for."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, name: str) -> str:
        """Return a name, the first time with what it means."""
        if name in self._told:
            return name
        self._told.add(name)
        return f"{name} ({MEANINGS[name]})"

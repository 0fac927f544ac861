"""A check that was refused: no verdict, but as much to be seen as one."""

from __future__ import annotations

from dataclasses import dataclass

REFUSED = "REFUSED"

WHY = {
    2: "an option or a setting is wrong, or a file cannot be written",
    3: "the predictions or the baseline cannot be used",
    70: "calaudit came to a fault of its own, or had no memory left",
}
"""Exit code → what it means."""

ADVICE = {
    2: "Change the command or the configuration as the message says; calaudit check --help lists "
    "the options.",
    3: "Mend the file that is named, or give the option that the message names; calaudit evaluate "
    "on the same file shows how it is read.",
    70: "Run it again with CALAUDIT_TRACEBACK=1 and report what is shown, or give the job more "
    "memory.",
}
"""Exit code → what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing was judged.

    Attributes:
        name: of the gate, or "". code: with which the command ends.
        lines: what was said. calaudit: version that said it.
    """

    name: str
    code: int
    lines: tuple[str, ...]
    calaudit: str
    status: str = REFUSED

    @property
    def sentence(self) -> str:
        """What happened, without its cause."""
        return f"{REFUSED}: nothing was judged, because {WHY[self.code]} (exit code {self.code})."

    @property
    def told(self) -> tuple[str, ...]:
        """What was said, and what to do."""
        return (*self.lines, ADVICE[self.code])

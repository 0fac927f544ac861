"""A check that was refused: no verdict, but as much to be seen as one."""

from __future__ import annotations

from dataclasses import dataclass

from calaudit.report.document import Answer, Document, Facts, Prose, Section

__all__ = ["REFUSED", "Refusal", "refusal_document"]

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

    @property
    def status(self) -> str:
        """What stands where a verdict would."""
        return REFUSED

    @property
    def sentence(self) -> str:
        """What happened, without its cause."""
        return f"{REFUSED}: nothing was judged, because {WHY[self.code]} (exit code {self.code})."

    @property
    def advice(self) -> str:
        """What to do."""
        return ADVICE[self.code]


def refusal_document(refusal: Refusal) -> Document:
    """Return what is shown of a refusal."""
    lead = f"{refusal.name}: {refusal.sentence}" if refusal.name else refusal.sentence
    return Document(
        command="check",
        name=refusal.name,
        version=refusal.calaudit,
        level=0.95,
        answer=Answer(status=REFUSED, size=REFUSED, lead=lead),
        sections=[
            Section(
                name="refusal",
                title="Why, and what to do",
                blocks=[Prose(texts=refusal.lines), Prose(texts=[refusal.advice])],
                short=True,
            ),
            Section(
                name="provenance",
                title="Where this comes from",
                blocks=[Facts([("Exit code", f"{refusal.code}")])],
            ),
        ],
    )

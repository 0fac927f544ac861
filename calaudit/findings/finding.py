"""A finding: a stable code with its figures, and the sentences that are made of them."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, TypedDict

from calaudit.records.limits import Written

TEXTS = Path(__file__).with_name("texts.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to know, and what to do about it.

    Attributes:
        code: a stable name; docs/findings.md lists them.
        text: what was seen. advice: what to do; "" for nothing.
        figures: what the text was made of, by name; numbers as they are, null where there is none.
    """

    code: str
    text: str
    advice: str = ""
    figures: Annotated[dict[str, Any], Written.LATER] = field(default_factory=dict, hash=False)


@cache
def _texts() -> dict[str, dict[str, Any]]:
    import tomllib  # most reports find nothing that has to be said

    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


def codes() -> list[str]:
    """Return every code that there is."""
    return list(_texts())


def finding(code: str, **figures: Any) -> Finding:
    """Return a finding in words.

    >>> finding("few-rows", rows=12).text
    '12 rows say little about calibration: the intervals are wide.'

    Args:
        code: one of `codes`.
        figures: those that its text names; ``kind`` where it has a text a kind.
    """
    figures = {name: _plain(value) for name, value in figures.items()}
    text, lead = (_said(code, part, figures) for part in ("text", "lead"))
    return Finding(
        code=code,
        text=f"{lead} {text}".strip(),
        advice=_said(code, "advice", figures),
        figures=figures,
    )


class Said(TypedDict):
    """A text, and its first sentence by itself."""

    sentence: str
    lead: str


def said(sentences: Sequence[str], findings: Iterable[Finding] = ()) -> Said:
    """Return sentences as a text, with what findings say before all else, and behind it."""
    findings = list(findings)
    found = [*leads(findings), *sentences, *lasts(findings)]
    return {"sentence": " ".join(found), "lead": found[0]}


def parted(text: str, lead: str = "") -> tuple[str, str]:
    """Return the first sentence of a text, and the rest of it.

    >>> parted("Overconfident: says 97.0 %. Calibration error 0.056.")
    ('Overconfident: says 97.0 %.', 'Calibration error 0.056.')

    Args:
        text: of a report.
        lead: its first sentence, which files of version 0.1.0 do not tell apart.
    """
    if lead:
        return lead, text[len(lead) :].strip()
    first, *rest = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip(), maxsplit=1)
    return first, " ".join(rest)


def leads(findings: Iterable[Finding]) -> list[str]:
    """Return the sentences that come before all else, which they make idle; often none."""
    return _parts(findings, "lead")


def lasts(findings: Iterable[Finding]) -> list[str]:
    """Return the sentences that limit what was said before them; often none."""
    return _parts(findings, "last")


def _parts(findings: Iterable[Finding], part: str) -> list[str]:
    found = (_said(each.code, part, each.figures) for each in findings if each.figures)
    return [sentence for sentence in found if sentence]


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without those that are said twice."""
    return list(dict.fromkeys(findings))


def figures_of(code: str) -> dict[str, list[str]]:
    """Return the figures of a code, and of ``kind`` the values that it can have."""
    texts = [text for part in _texts()[code].values() for text in _each(part)]
    named = (name for text in texts for name in _names(text))
    kinds = [list(part) for part in _texts()[code].values() if isinstance(part, dict)]
    kind = {"kind": kinds[0]} if kinds else {}
    return {**kind, **{name: [] for name in named}, **kind}


def _names(text: str) -> Iterator[str]:
    for _, name, spec, _ in _WORDS.parse(text):
        if name:
            yield name
            yield from _names(spec or "")


def _plain(value: Any) -> Any:
    """Return a figure as JSON has it: none that is infinite."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _each(part: Any) -> list[str]:
    return list(part.values()) if isinstance(part, dict) else [part]


def _said(code: str, part: str, figures: dict[str, Any]) -> str:
    """Return a part of what is said of a finding; "" where it has none."""
    text = _texts()[code].get(part, "")
    return _WORDS.vformat(text[figures["kind"]] if isinstance(text, dict) else text, (), figures)


class _Words(Formatter):
    """Fills figures into a text: ``{rows:,}``, ``{rows:row|rows}``, ``{name!q}`` for a shell."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, plural, many = format_spec.partition("|")
        if plural:
            return one if value == 1 else many
        if value is None:
            return "infinite"
        text = format(value, format_spec)
        large = isinstance(value, float) and "e+" in text and abs(value) < 1e9
        return f"{value:,.0f}" if large else text

    def convert_field(self, value: Any, conversion: Any) -> Any:
        return shlex.quote(value) if conversion == "q" else super().convert_field(value, conversion)


_WORDS = _Words()

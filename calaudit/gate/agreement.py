"""Whether two reports can be compared at all: a difference that is none is refused."""

from __future__ import annotations

from calaudit.errors import InputError
from calaudit.report.model import Report

__all__ = ["check_comparable"]

SETTINGS = ("bins", "convention", "clip", "weight_kind")
"""Settings that change what a figure means."""


def check_comparable(before: Report, after: Report, where: str) -> None:
    """Refuse a baseline of another task, class set or convention, with both sides.

    Args:
        before: the baseline.
        after: the new report.
        where: the path of the baseline.

    Raises:
        InputError: the two are not about the same figures.
    """
    sides: list[tuple[str, object, object]] = [
        ("task", before.task, after.task),
        ("classes", _listed(before.classes), _listed(after.classes)),
    ]
    sides += [(key, before.settings.get(key), after.settings.get(key)) for key in SETTINGS]
    different = [(name, old, new) for name, old, new in sides if old != new]
    if not different:
        return
    text = "; ".join(f"{name} {old} there, {new} here" for name, old, new in different)
    raise InputError(
        f"{where} is a baseline of something else: {text}. Make the figures alike, or write a new "
        "baseline with --update-baseline"
    )


def _listed(classes: tuple[str, ...]) -> str:
    shown = ", ".join(classes[:6])
    return f"[{shown}{', …' if len(classes) > 6 else ''}] ({len(classes)})" if classes else "none"

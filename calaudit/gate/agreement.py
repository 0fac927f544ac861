"""Whether two reports can be compared at all: a difference that is none is refused."""

from __future__ import annotations

import shlex
from itertools import zip_longest

from calaudit.errors import InputError
from calaudit.report.evaluation_report import Report
from calaudit.report.forecast_report import ForecastReport

R = Report | ForecastReport

SETTINGS = ("bins", "convention", "clip", "weight_kind")
"""Settings that change what a figure means."""


def check_comparable(before: R, after: R, where: str) -> None:
    """Refuse a baseline of another task, class set or convention, with both sides.

    Args:
        before: the baseline.
        after: the new report.
        where: the path of the baseline.

    Raises:
        InputError: the two are not about the same figures.
    """
    then, now = (r.groups and f"--group {shlex.quote(r.groups.column)}" for r in (before, after))
    if then != now:
        noise = {side: f"groups ({side})" if side else "single rows" for side in (then, now)}
        also = f" with {then}" if then else " without --group"
        raise InputError(
            f"intervals of {where} are of {noise[then]}, and here of {noise[now]}: check"
            f"{also}, or write it anew with --update-baseline --force"
        )
    parts = differing(before, after)
    if parts:
        raise InputError(
            f"{where} is a baseline of something else: {parts}. Make the figures alike, or write "
            "a new baseline with --update-baseline --force"
        )


def differing(before: R, after: R) -> str:
    """Return what two reports are about where it is not the same; "" where it is."""
    sides: list[tuple[str, object, object]] = [
        ("task", before.task, after.task),
        ("rows", _weighted(before), _weighted(after)),
    ]
    sides += [(key, before.settings.get(key), after.settings.get(key)) for key in SETTINGS]
    parts = [f"{name} {old} there, {new} here" for name, old, new in sides if old != new]
    if isinstance(before, ForecastReport) or isinstance(after, ForecastReport):
        return "; ".join(parts)
    if before.classes != after.classes:
        parts.append(_classes(before.classes, after.classes))
    return "; ".join(parts)


def _weighted(report: R) -> str:
    return "weighted" if any(role.role == "weight" for role in report.roles) else "unweighted"


def _classes(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """Return how two lists of classes differ, by the first few that do."""
    differ = [
        (a, b) for a, b in zip_longest(old, new, fillvalue="nothing") if a != b
    ][:3]  # fmt: skip
    there, here = (", ".join(names) for names in zip(*differ, strict=True))
    return f"classes {len(old)} there, {len(new)} here, such as {there} for {here}"

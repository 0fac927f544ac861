"""How the columns were read, and with which settings."""

from __future__ import annotations

from typing import Any

from calaudit.report.evaluation_report import RoleResult


def role_detail(role: RoleResult) -> str:
    """Return what is to be known of a role, and the option that changes what was inferred."""
    how = f"(inferred; {role.option} changes it)" if role.inferred else ""
    return " ".join(part for part in (role.detail, how) if part)


def settings_text(settings: dict[str, Any], table: dict[str, Any], version: str) -> str:
    """Return the settings that figures depend on, in a line.

    Args:
        settings: of the report.
        table: its score table, or {} for a kind of report that has none.
        version: of calaudit.
    """
    words = ("convention", "method", "level", "seed", "clip")
    bins = str(settings.get("bins", ""))
    parts = [f"{bins} bins" if bins.isdigit() else bins] if bins else []
    parts += [
        f"{word} {_value(settings[word])}" for word in words if settings.get(word) is not None
    ]
    if "exact" in table:
        parts.append("exact table" if table["exact"] else "compressed table")
    return ", ".join([*parts, f"calaudit {version}"])


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

"""``calaudit schema``: the JSON Schema of the report."""

from __future__ import annotations

from calaudit.cli.help import example

__all__ = ["EXAMPLE", "schema"]

EXAMPLE = example("calaudit schema > calaudit-report.schema.json")


def schema() -> None:
    """Print the JSON Schema of the report that evaluate --json prints."""
    from calaudit.cli.streams import print_result
    from calaudit.report.schema import schema_text

    print_result(schema_text())

"""The kinds of report that there are: what their JSON is called, and what it is read into."""

from __future__ import annotations

from calaudit.report.audit import AUDIT_SCHEMA, AuditReport
from calaudit.report.check import CHECK_SCHEMA, CheckReport
from calaudit.report.decision import DECISION_SCHEMA, DecisionReport
from calaudit.report.model import SCHEMA, Report

__all__ = ["KINDS", "AnyReport", "kind_of"]

AnyReport = Report | DecisionReport | CheckReport | AuditReport

KINDS: dict[str, type[AnyReport]] = {
    SCHEMA: Report,
    DECISION_SCHEMA: DecisionReport,
    CHECK_SCHEMA: CheckReport,
    AUDIT_SCHEMA: AuditReport,
}
"""Name and version of the schema → the class of the report."""


def kind_of(schema: str) -> str:
    """Return the kind in the name of a schema.

    >>> kind_of("calaudit.check/1")
    'check'
    """
    return schema.removeprefix("calaudit.").partition("/")[0]

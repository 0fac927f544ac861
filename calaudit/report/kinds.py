"""The kinds of report that there are: one entry a kind, and nothing else knows them by name.

What an entry names is imported when it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calaudit.report.document import Document
    from calaudit.report.rendered import Rendered

__all__ = ["KINDS", "Kind", "document_of", "kind_of", "loaded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of report.

    Attributes:
        schema: name and version of its JSON.
        command: which makes it.
        home: its class, as "module:name".
        document: what turns it into a document, "module:function".
        pictures: those that it can have, as far as its data goes, the main one first.
        index: names of the parts of the names of its figures, as of rows of a frame.
        again: what returns the command that makes it again, "module:function"; "" for none.
        formats: suffix → "module:function" of what only this kind is written as.
    """

    schema: str
    command: str
    home: str
    document: str
    pictures: tuple[str, ...]
    index: tuple[str, ...] = ("metric",)
    again: str = ""
    formats: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The kind in the name of the schema, such as "check"."""
        return self.schema.removeprefix("calaudit.").partition("/")[0]

    @property
    def type(self) -> type[Any]:
        """The class of the report."""
        found: type[Any] = loaded(self.home)
        return found


OF_ROWS, OF_CUTOFFS = ("reliability", "histogram", "classes", "slices"), ("cost", "risk-coverage")

KINDS = {
    kind.schema: kind
    for kind in (
        Kind(
            schema="calaudit.report/1",
            command="evaluate",
            home="evaluation_report:Report",
            document="documents.evaluation_document:evaluation_document",
            again="command:evaluate_command",
            pictures=OF_ROWS,
        ),
        Kind(
            schema="calaudit.calibrator/1",
            command="fit",
            home="fit_report:FitReport",
            document="documents.calibrator_document:calibrator_document",
            pictures=("map",),
            index=("metric", "side"),
        ),
        Kind(
            schema="calaudit.thresholds/1",
            command="threshold",
            home="threshold_report:DecisionReport",
            document="documents.threshold_document:threshold_document",
            again="command:threshold_command",
            pictures=OF_CUTOFFS,
            index=("metric", "option"),
        ),
        Kind(
            schema="calaudit.check/1",
            command="check",
            home="check_report:CheckReport",
            document="documents.check_document:check_document",
            again="command:check_command",
            pictures=("gate",),
            index=("metric", "side"),
            formats={".xml": "render_junit:render_junit"},
        ),
        Kind(
            schema="calaudit.audit/1",
            command="audit",
            home="audit_report:AuditReport",
            document="documents.audit_document:audit_document",
            again="command:audit_command",
            pictures=(*OF_ROWS, *OF_CUTOFFS),
            index=("metric", "side"),
        ),
        Kind(
            schema="calaudit.compare/1",
            command="compare",
            home="compare_report:CompareReport",
            document="documents.compare_document:compare_document",
            again="command:compare_command",
            pictures=("differences", "reliability", "sliced-differences", "murphy"),
            index=("model", "metric"),
        ),
        Kind(
            schema="calaudit.estimate/1",
            command="estimate",
            home="estimate_report:EstimateReport",
            document="documents.estimate_document:estimate_document",
            again="command:estimate_command",
            pictures=("expected-accuracy",),
            formats={".csv": "render_sample:render_sample"},
        ),
        Kind(
            schema="calaudit.ood/1",
            command="ood",
            home="ood_report:OodReport",
            document="documents.ood_document:ood_document",
            again="command:ood_command",
            pictures=("outside", "roc"),
            index=("set", "score", "metric"),
        ),
        Kind(
            schema="calaudit.monitor/1",
            command="monitor",
            home="monitor_report:MonitorReport",
            document="documents.monitor_document:monitor_document",
            again="command:monitor_command",
            pictures=("evidence", "batches"),
        ),
        Kind(
            schema="calaudit.forecast/1",
            command="forecast",
            home="forecast_report:ForecastReport",
            document="documents.forecast_document:forecast_document",
            again="command:forecast_command",
            pictures=("coverage", "pit", "widths", "by-class"),
        ),
    )
}
"""Schema → kind, in the order of the commands."""


def kind_of(report: Rendered | str) -> Kind:
    """Return the kind of a report, or that of this command.

    >>> kind_of("threshold").name
    'thresholds'
    """
    if isinstance(report, str):
        return next(kind for kind in KINDS.values() if kind.command == report)
    return KINDS[report.schema]


def document_of(report: Rendered) -> Document:
    """Return what is shown of a report."""
    make: Callable[[Rendered], Document] = loaded(kind_of(report).document)
    return make(report)


def loaded(path: str) -> Any:
    """Return what a "module:name" of this package names."""
    module, _, name = path.partition(":")
    return getattr(import_module(f"calaudit.report.{module}"), name)

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


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report.

    Attributes:
        schema: name and version of its JSON.
        command: which makes it.
        home: its class, as "module:name".
        pictures: those that it can have, as far as its data goes, the main one first.
        index: names of the parts of the names of its figures, as of rows of a frame.
        page: whose document it has, if not its home's. repeats: whether a command makes it again.
        formats: suffix → "module:function" of what only this kind is written as.
    """

    schema: str
    command: str
    home: str
    pictures: tuple[str, ...]
    index: tuple[str, ...] = ("metric",)
    page: str = ""
    repeats: bool = True
    formats: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """What turns it into a document, as "module:function"."""
        page = self.page or self.home.partition("_report:")[0]
        return f"documents.{page}_document:{page}_document"

    @property
    def again(self) -> str:
        """What returns the command that makes it again, as "module:function"; "" for none."""
        return f"command:{self.command}_command" if self.repeats else ""

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
SIDES = ("metric", "side")

KINDS = {
    kind.schema: kind
    for kind in (
        Kind("calaudit.report/1", "evaluate", "evaluation_report:Report",
             (*OF_ROWS, "decision-curve")),
        Kind("calaudit.calibrator/1", "fit", "fit_report:FitReport", ("map",), SIDES,
             page="calibrator", repeats=False),
        Kind("calaudit.thresholds/1", "threshold", "threshold_report:DecisionReport", OF_CUTOFFS,
             ("metric", "option")),
        Kind("calaudit.check/1", "check", "check_report:CheckReport", ("gate",), SIDES,
             formats={".xml": "render_junit:render_junit"}),
        Kind("calaudit.audit/1", "audit", "audit_report:AuditReport", (*OF_ROWS, *OF_CUTOFFS),
             SIDES),
        Kind("calaudit.compare/1", "compare", "compare_report:CompareReport",
             ("differences", "reliability", "sliced-differences", "murphy"), ("model", "metric")),
        Kind("calaudit.estimate/1", "estimate", "estimate_report:EstimateReport",
             ("expected-accuracy",), formats={".csv": "render_sample:render_sample"}),
        Kind("calaudit.ood/1", "ood", "ood_report:OodReport", ("outside", "roc"),
             ("set", "score", "metric")),
        Kind("calaudit.ensemble/1", "ensemble", "ensemble_report:EnsembleReport", ("doubt",)),
        Kind("calaudit.monitor/1", "monitor", "monitor_report:MonitorReport",
             ("evidence", "batches")),
        Kind("calaudit.forecast/1", "forecast", "forecast_report:ForecastReport",
             ("coverage", "pit", "by-class", "widths")),
    )
}  # fmt: skip
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

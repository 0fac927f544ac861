"""The logs that are known, by what stands in their first record or at their beginning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from calaudit.predictions.logs.inspect_ai import inspect_rows
from calaudit.predictions.logs.lm_eval import lm_eval_rows
from calaudit.predictions.logs.openai import batch_rows, evals_rows
from calaudit.predictions.logs.promptfoo import promptfoo_rows
from calaudit.predictions.objects import BadObject

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Log:
    """A layout of logs.

    Attributes:
        code: of the finding that says how it is read.
        keys: that every record has.
        made: records → rows with columns of known names.
    """

    code: str
    keys: frozenset[str]
    made: Callable[[Iterable[Record]], Iterator[Record]]

    def rows(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the rows that records are.

        Raises:
            BadObject: a record is none of this layout.
        """
        return self.made(self._checked(records))

    def _checked(self, records: Iterable[Record]) -> Iterator[Record]:
        for number, record in enumerate(records, 1):
            absent = sorted(self.keys - record.keys())
            if absent:
                raise BadObject(
                    f"record {number} lacks {absent[0]!r}, unlike the first: it is damaged, or of "
                    "something else. Write the log again."
                )
            yield record


_LOGS = (
    Log("log-lm-eval", frozenset(["doc_id", "resps", "filtered_resps"]), lm_eval_rows),
    Log("log-inspect", frozenset(["id", "epoch", "input", "target", "output"]), inspect_rows),
    Log(
        "log-promptfoo",
        frozenset(["namedScores", "success", "provider", "testIdx"]),
        promptfoo_rows,
    ),
    Log("log-openai-batch", frozenset(["custom_id", "response", "error"]), batch_rows),
)

_EVENTS = Log("log-openai-evals", frozenset(), evals_rows)

_DOCUMENTS = (
    (re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:'), ("samples",)),
    (re.compile(rb'\s*\{\s*"evalId"\s*:'), ("results", "results")),
)
"""How a file begins that is one object, and where in it the records stand."""


def log_of(record: Record) -> Log | None:
    """Return the layout that a first record is of."""
    spec = record.get("spec")
    if isinstance(spec, dict) and "run_id" in spec:
        return _EVENTS
    return next((log for log in _LOGS if log.keys <= record.keys()), None)


def place_of_records(head: bytes) -> tuple[str, ...]:
    """Return the keys that lead to the records of a file that is one object; () otherwise."""
    return next((place for begins, place in _DOCUMENTS if begins.match(head)), ())

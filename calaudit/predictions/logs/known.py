"""The logs that are known, by what stands in their first record or at their beginning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from calaudit.predictions.logs.inspect_ai import inspect_rows, is_inspect
from calaudit.predictions.logs.lm_eval import is_lm_eval, lm_eval_rows
from calaudit.predictions.logs.openai import batch_rows, evals_rows, is_batch, is_evals
from calaudit.predictions.logs.promptfoo import is_promptfoo, promptfoo_rows

__all__ = ["Log", "log_of", "place_of_records"]

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Log:
    """A layout of logs.

    Attributes:
        code: of the finding that says how it is read.
        knows: whether a first record is of it.
        rows: records → rows with columns of known names.
    """

    code: str
    knows: Callable[[Record], bool]
    rows: Callable[[Iterable[Record]], Iterator[Record]]


_LOGS = (
    Log("log-lm-eval", is_lm_eval, lm_eval_rows),
    Log("log-inspect", is_inspect, inspect_rows),
    Log("log-promptfoo", is_promptfoo, promptfoo_rows),
    Log("log-openai-evals", is_evals, evals_rows),
    Log("log-openai-batch", is_batch, batch_rows),
)

_DOCUMENTS = (
    (re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:'), ("samples",)),
    (re.compile(rb'\s*\{\s*"evalId"\s*:'), ("results", "results")),
)
"""How a file begins that is one object, and where in it the records stand."""


def log_of(record: Record) -> Log | None:
    """Return the layout that a first record is of."""
    return next((log for log in _LOGS if log.knows(record)), None)


def place_of_records(head: bytes) -> tuple[str, ...]:
    """Return the keys that lead to the records of a file that is one object; () otherwise."""
    return next((place for begins, place in _DOCUMENTS if begins.match(head)), ())

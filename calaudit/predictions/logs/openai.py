"""Logs of OpenAI: the output of a batch of chat completions, and the events of openai/evals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from calaudit.predictions.logs.fields import inner, number, token_figures


def batch_rows(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row a request: its answer and the probability of its tokens.

    A request without an answer has neither. The truth is in another file, by ``custom_id``.
    """
    for record in records:
        choice = inner(record, "response", "body", "choices", 0)
        text = inner(choice, "message", "content")
        yield {
            "custom_id": record["custom_id"],
            "model": inner(record, "response", "body", "model"),
            "prediction": text.strip() if isinstance(text, str) else None,
            **token_figures(inner(choice, "logprobs", "content")),
        }


def evals_rows(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row a sample, whose events stand in any order.

    ``confidence`` is exp of ``cond_logp``, ``correct`` what the match says.
    """
    samples: dict[Any, dict[str, Any]] = {}
    for record in records:
        kind, data = record.get("type"), record.get("data")
        if "sample_id" not in record:
            continue
        row = samples.setdefault(
            str(record["sample_id"]),
            {"sample_id": record["sample_id"], "confidence": None, "correct": None},
        )
        if kind == "cond_logp":
            log = number(inner(data, "logp"))
            row["confidence"] = None if log is None else math.exp(min(log, 0.0))
        elif kind == "match":
            row["correct"] = inner(data, "correct")
            row["prediction"], row["expected"] = inner(data, "picked"), inner(data, "expected")
    yield from samples.values()

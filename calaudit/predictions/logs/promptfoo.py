"""Results as promptfoo writes them, one a test and model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from calaudit.predictions.logs.fields import FAILED, context, inner
from calaudit.predictions.names import NAMES, folded

_RIGHT = NAMES["correct"] | {"accuracy"}


def promptfoo_rows(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row a result: the model, whether it was right, and the confidence that it stated.

    ``correct`` is the named score of such a name, else ``success``; ``confidence`` the named score,
    else a field of the answer where that is JSON. ``score`` is a mean of assertions and no
    probability; it is left out. A request that failed has no answer.
    """
    for record in records:
        provider = record["provider"]
        named = record["namedScores"] if isinstance(record["namedScores"], dict) else {}
        answer = _answer(inner(record, "response", "output"))
        failed = inner(record, "response", "error") or record.get("error")
        right = [value for name, value in named.items() if folded(name) in _RIGHT]
        sure = [v for name, v in named.items() if folded(name) in NAMES["confidence"]]
        sure += [v for name, v in answer.items() if folded(name) in NAMES["confidence"]]
        done = not (failed and not named)
        yield {
            "model": inner(provider, "label") or inner(provider, "id") or provider,
            "test_id": record["testIdx"],
            "prompt": record.get("promptIdx"),
            "correct": (right[0] if right else record["success"]) if done else FAILED,
            "confidence": sure[0] if sure else None,
            "vars": context(record.get("vars")),
        }


def _answer(output: Any) -> dict[str, Any]:
    """Return an answer's fields where it is a JSON object."""
    if isinstance(output, str):
        try:
            output = json.loads(output)
        except (ValueError, RecursionError):
            return {}
    return output if isinstance(output, dict) else {}

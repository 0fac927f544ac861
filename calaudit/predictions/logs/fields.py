"""What stands in a record of a log, whatever else its tool wrote there."""

from __future__ import annotations

import math
from typing import Any

from calaudit.predictions.names import NAMES, folded

FAILED, NO_ANSWER = "request failed", "no answer"
"""What stands in the place of an outcome where a question was not answered."""

_ROLES = frozenset().union(*NAMES.values())


def inner(value: Any, *path: str | int) -> Any:
    """Return what stands at a path of keys and places; None where it leads nowhere.

    >>> inner({"a": [{"b": 1}]}, "a", -1, "b"), inner({"a": 1}, "a", "b")
    (1, None)
    """
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and value else None
    return value


def listed(value: Any) -> list[Any]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []


def context(fields: Any) -> dict[str, Any]:
    """Return what a log says around a row, to slice or group by: not what is named like a role."""
    found = fields.items() if isinstance(fields, dict) else ()
    return {name: v for name, v in found if folded(name) not in _ROLES and not isinstance(v, list)}


def number(value: Any) -> float | None:
    """Return a finite number, also where it is written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def token_figures(tokens: Any) -> dict[str, float | None]:
    """Return what the log-probabilities of the tokens of an answer say of it.

    Args:
        tokens: list of records with a ``logprob`` each.

    Returns:
        ``confidence``, the probability of the whole answer, exp of the sum; and those of its
        tokens: ``mean_token_probability``, exp of the mean, and ``min_token_probability``.
        None where a token has none.
    """
    logs = [number(inner(token, "logprob")) for token in listed(tokens)]
    known = [log for log in logs if log is not None]
    if not known or len(known) < len(logs):
        return dict.fromkeys(("confidence", "mean_token_probability", "min_token_probability"))
    return {
        "confidence": math.exp(min(sum(known), 0.0)),
        "mean_token_probability": math.exp(min(sum(known) / len(known), 0.0)),
        "min_token_probability": math.exp(min(*known, 0.0)),
    }

"""Samples as lm-evaluation-harness logs them (``--log_samples``)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from calaudit.predictions.logs.fields import context, inner, number
from calaudit.predictions.objects import BadObject

_KEPT = ("doc_id", "filter")


def lm_eval_rows(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row a sample: what its document says, and of its options the one most likely.

    ``confidence`` is the softmax of the options' log-likelihoods (of a single one its
    exponential), ``correct`` whether the most likely one is the target; ``…_per_char`` the same of
    log-likelihoods divided by the length of the option, as in acc_norm. ``loglikelihoods`` and
    ``target_index`` hold all options.

    Raises:
        BadObject: the samples hold generated answers, or ``acc`` says otherwise than the options.
    """
    for record in records:
        row = {name: record[name] for name in _KEPT if name in record}
        yield row | {"doc": context(record.get("doc"))} | _options(record)


def _options(record: dict[str, Any]) -> dict[str, Any]:
    stored = record["filtered_resps"]
    logs = [number(inner([option], 0, 0)) for option in stored] if isinstance(stored, list) else []
    if not logs or None in logs:
        raise BadObject(
            f"the sample of doc_id {record['doc_id']} is a generated answer, without the "
            "likelihood of anything: there is no confidence to audit. lm-eval logs likelihoods for "
            "multiple_choice and loglikelihood tasks."
        )
    known = [log for log in logs if log is not None]
    said = number(record.get("acc"))
    if len(known) == 1:
        return {"confidence": math.exp(min(known[0], 0.0)), "correct": said}
    texts = [_option_text(record, k) for k in range(len(known))]
    target = _index(record.get("target"), texts)
    best = max(range(len(known)), key=known.__getitem__)
    correct = said if target is None else float(best == target)
    if said is not None and correct != said and known.count(known[best]) == 1:
        raise BadObject(
            f"the sample of doc_id {record['doc_id']} has acc {said:g}, but its target "
            f"{record.get('target')!r} is {'' if correct else 'not '}the most likely option. The "
            "log and its options do not belong together."
        )
    row = {
        "confidence": _softmax_top(known),
        "correct": correct,
        "loglikelihoods": known,
        "target_index": target,
    }
    if all(texts):
        per_char = [log / len(text) for log, text in zip(known, texts, strict=True)]
        longest = max(range(len(known)), key=per_char.__getitem__)
        right = record.get("acc_norm") if target is None else float(longest == target)
        row |= {"confidence_per_char": _softmax_top(per_char), "correct_per_char": right}
    return row


def _softmax_top(logs: list[float]) -> float:
    top = max(logs)
    return 1.0 / sum(math.exp(log - top) for log in logs)


def _option_text(record: dict[str, Any], k: int) -> str:
    """Return the text of an option as the harness counts its characters."""
    text = inner(record.get("arguments"), f"gen_args_{k}", "arg_1")
    return text.strip() if isinstance(text, str) else ""


def _index(target: Any, texts: list[str]) -> int | None:
    """Return which option is the target, given by its place or by its text."""
    place = number(target)
    if place is not None and place.is_integer() and 0 <= place < len(texts):
        named = [k for k, text in enumerate(texts) if text == str(target).strip()]
        return int(place) if not named or named == [int(place)] else None
    text = str(target).strip()
    return texts.index(text) if texts.count(text) == 1 else None

"""Samples as Inspect logs them, in its ``.eval`` archives and ``.json`` files."""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.predictions.logs.fields import (
    FAILED,
    NO_ANSWER,
    context,
    inner,
    listed,
    number,
    token_figures,
)
from calaudit.predictions.objects import BadObject
from calaudit.predictions.storage import open_raw
from calaudit.records.parse import GivenTwice, distinct

_VALUES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": NO_ANSWER}
"""Correct, incorrect and partly correct, as Inspect counts them; it counts no answer as wrong."""

_STATED = ("confidence", "stated_confidence", "probability", "prob", "certainty")
_KEPT = ("id", "epoch")
_ZSTANDARD = 93


def inspect_rows(samples: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row a sample: whether it was right, and what it was sure of.

    ``correct`` is the scorer's value; of several scorers ``NAME_correct`` each. ``confidence`` is
    what the scorer's metadata say was stated, ``token_probability`` that of the answer's tokens, of
    a multiple choice that of its letter, and ``letter_probability`` the same among all letters.
    A sample that ended in an error has no answer.
    """
    scorers: tuple[str, ...] = ("",)
    for sample in samples:
        row = {name: sample[name] for name in _KEPT if name in sample}
        row["metadata"] = context(sample.get("metadata"))
        row["model"] = inner(sample, "output", "model")
        scores = sample["scores"] if isinstance(sample.get("scores"), dict) else {}
        row["answer"] = inner(scores.get(next(iter(scores), "")), "answer")
        if not scores and sample.get("error") is not None:
            row |= dict.fromkeys((f"{prefix}correct" for prefix in scorers), FAILED)
        else:
            scorers = tuple(f"{name}_" if len(scores) > 1 else "" for name in scores) or scorers
        for prefix, score in zip(scorers, scores.values(), strict=False):
            row[f"{prefix}correct"] = _value(inner(score, "value"))
            stated = _stated(score)
            if stated is not None:  # where no sample has one there is no such column
                row[f"{prefix}confidence"] = stated
        tokens = listed(inner(sample, "output", "choices", 0, "logprobs", "content"))
        yield row | (_of_tokens(tokens, sample) if tokens else {})


def _value(value: Any) -> Any:
    """Return a scorer's value as a number where Inspect counts it as one."""
    return _VALUES.get(value, value) if isinstance(value, str) else value


def _stated(score: Any) -> Any:
    metadata = inner(score, "metadata")
    if not isinstance(metadata, dict):
        return None
    return next((metadata[name] for name in _STATED if metadata.get(name) is not None), None)


def _of_tokens(tokens: list[Any], sample: dict[str, Any]) -> dict[str, Any]:
    letters = [chr(ord("A") + k) for k in range(len(listed(sample.get("choices"))))]
    chosen = next((t for t in reversed(tokens) if _letter(t) in letters), None)
    if chosen is None:
        return {"token_probability": token_figures(tokens)["confidence"]}
    logs = dict.fromkeys(letters, -math.inf)
    for other in listed(inner(chosen, "top_logprobs")) or [chosen]:
        log = number(inner(other, "logprob"))
        if log is not None and _letter(other) in logs:  # " C" and "C" are one letter
            logs[_letter(other)] = float(np.logaddexp(logs[_letter(other)], log))
    mass = sum(map(math.exp, logs.values()))
    at = math.exp(logs[_letter(chosen)])
    return {
        "token_probability": token_figures([chosen])["confidence"],
        "letter_probability": at / mass if mass > 0 else None,
    }


def _letter(token: Any) -> str:
    text = inner(token, "token")
    return text.strip() if isinstance(text, str) else ""


def is_archive(path: str) -> bool:
    """Return whether a zip archive is a log of Inspect."""
    try:
        with open_raw(path) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except Exception:  # zipfile has errors of many kinds; what is wrong is said elsewhere
        return False
    return any(name.startswith("samples/") and name.endswith(".json") for name in names)


def archived_samples(path: str) -> Iterator[dict[str, Any]]:
    """Yield the samples of a ``.eval`` archive, deflated or Zstandard.

    Raises:
        BadObject: a sample is no JSON object, or its checksum is another.
    """
    with open_raw(path) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = info.filename
            if not (name.startswith("samples/") and name.endswith(".json")):
                continue
            try:
                sample = json.loads(_content(archive, info, file), object_pairs_hook=distinct)
            except (
                ValueError,
                GivenTwice,
                RecursionError,
                zipfile.BadZipFile,
                zlib.error,
            ) as error:
                raise BadObject(f"{name} in it is damaged ({str(error)[:80]}).") from None
            if not isinstance(sample, dict):
                raise BadObject(f"{name} in it is not a JSON object.")
            yield sample


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: Any) -> bytes:
    """Return a member; Python's zipfile knows Zstandard from 3.14 on."""
    if info.compress_type != _ZSTANDARD:
        return archive.read(info)
    file.seek(info.header_offset)
    header = file.read(30)
    lengths = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    file.seek(sum(lengths), 1)
    packed = pa.BufferReader(file.read(info.compress_size))
    content: bytes = pa.input_stream(packed, compression="zstd").read()
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise zipfile.BadZipFile("its checksum is another")
    return content

"""Records of logs as tools write them, and files that hold them."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib

import numpy as np
import pyarrow as pa

__all__ = [
    "as_archive", "as_document", "batch_line", "inspect_sample", "lm_eval_sample",
    "promptfoo_result", "write",
]  # fmt: skip


def lm_eval_sample(number, logs, texts, target, **more):
    """Return a line as lm-eval logs it, with a label of its own in the document."""
    best = int(np.argmax(logs))
    return {
        "doc_id": number,
        "doc": {"question": "?", "answer": target, "subject": "ab"[number % 2], "label": 9},
        "target": str(target),
        "arguments": {
            f"gen_args_{k}": {"arg_0": "?", "arg_1": f" {text}"} for k, text in enumerate(texts)
        },
        "resps": [[[str(log), "False"]] for log in logs],
        "filtered_resps": [[str(log), "False"] for log in logs],
        "filter": "none",
        "metrics": ["acc"],
        "acc": float(best == target),
    } | more


def write(path, records):
    """Write JSON lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def inspect_sample(number, epoch, right, stated=None, tokens=None, options=None):
    """Return a sample as Inspect logs it."""
    choice = {"message": {"role": "assistant", "content": "?"}}
    if tokens is not None:
        choice["logprobs"] = {"content": tokens}
    score = {"value": "C" if right else "I", "answer": "?", "metadata": {"confidence": stated}}
    return {
        "id": number,
        "epoch": epoch,
        "input": "?",
        "choices": options,
        "target": "A",
        "output": {"model": "mockllm/model", "choices": [choice]},
        "scores": {"judged": score},
        "metadata": {"topic": "ab"[number % 2], "label": 3},
    }


def as_document(path, samples, indent):
    """Write a log as one JSON object."""
    log = {"version": 2, "status": "success", "eval": {"task": "toy"}, "samples": samples}
    path.write_text(json.dumps(log | {"reductions": [{"samples": []}]}, indent=indent))
    return path


def as_archive(path, samples, method):
    """Write a log as an archive."""
    members = {"header.json": {"version": 2, "eval": {}}, "summaries.json": samples[:1]}
    members |= {f"samples/{s['id']}_epoch_{s['epoch']}.json": s for s in samples}
    if method != "zstd":
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, value in members.items():
                archive.writestr(name, json.dumps(value))
        return path
    # Python's zipfile writes no Zstandard before 3.14: store it, and correct the method.
    body, directory = b"", b""
    for name, value in members.items():
        text = json.dumps(value).encode()
        packed = pa.compress(text, codec="zstd", asbytes=True)
        sizes = struct.pack("<III", zlib.crc32(text), len(packed), len(text))
        common = struct.pack("<HHHHH", 63, 0, 93, 0, 33) + sizes + struct.pack("<HH", len(name), 0)
        at, encoded = len(body), name.encode()
        body += b"PK\3\4" + common + encoded + packed
        directory += b"PK\1\2" + struct.pack("<H", 63) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0, at) + encoded
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\5\6" + end)
    return path


def promptfoo_result(test, model, right, stated, **more):
    """Return a result as promptfoo writes it."""
    return {
        "testIdx": test,
        "promptIdx": 0,
        "provider": {"id": "file://p.js", "label": model},
        "success": True,
        "score": (right + stated) / 2,
        "namedScores": {"Correct": int(right), "Confidence": stated},
        "vars": {"a": test, "label": "x"},
    } | more


def batch_line(number, tokens):
    """Return a line of the output of a batch."""
    content = [{"token": text, "logprob": log, "top_logprobs": []} for text, log in tokens]
    choice = {
        "message": {"content": "".join(text for text, _ in tokens)},
        "logprobs": {"content": content},
    }
    body = {"model": "gpt", "choices": [choice]}
    response = {"status_code": 200, "body": body}
    return {"id": f"b{number}", "custom_id": f"t{number}", "response": response, "error": None}

"""Logs of evaluations of language models, against figures made from their records by hand."""

from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.errors import InputError
from calaudit.predictions.logs.inspect_ai import archived_samples
from calaudit.predictions.logs.known import log_of
from calaudit.predictions.logs.openai import batch_rows
from calaudit.predictions.objects import BadObject, read_objects
from tests.predictions.log_records import (
    as_archive,
    as_document,
    batch_line,
    inspect_sample,
    lm_eval_sample,
    promptfoo_result,
    write,
)


def ece(confidence, correct, bins=15):
    """Plain ECE in equal bins, closed on the right."""
    p, y = np.asarray(confidence, float), np.asarray(correct, float)
    at = np.clip(np.ceil(p * bins) - 1, 0, bins - 1)
    return sum(abs((p - y)[at == b].sum()) for b in range(bins)) / len(p)


def figures(data, **options):
    """Return what evaluate says of a file."""
    report = calaudit.evaluate(data, bins=15, **options)
    return {
        "rows": report.intake.rows_used,
        "ece": report.metrics["ece"].value,
        "accuracy": report.metrics["accuracy"].value,
        "codes": {note.code for note in report.notes},
    }


def options_of(rng, rows=80, most=5):
    """Yield (log-likelihoods, texts, target) of questions with 3 to ``most`` options."""
    for _ in range(rows):
        count = int(rng.integers(3, most + 1))
        logs = np.log(rng.dirichlet(np.ones(count))) - rng.exponential(2.0)
        texts = ["x" * int(rng.integers(2, 9)) + str(k) for k in range(count)]
        probability = np.exp(logs) / np.exp(logs).sum()
        yield logs, texts, int(rng.choice(count, p=probability))


def test_options_of_lm_eval_are_a_confidence_in_the_likeliest_one(tmp_path):
    """Softmax of the log-likelihoods, and of those by character."""
    questions = list(options_of(np.random.default_rng(1)))
    path = write(
        tmp_path / "samples_toy.jsonl",
        [lm_eval_sample(number, *question) for number, question in enumerate(questions)],
    )
    top = [np.exp(logs - logs.max()) for logs, _, _ in questions]
    confidence = [1.0 / p.sum() for p in top]
    correct = [int(np.argmax(logs)) == target for logs, _, target in questions]
    found = figures(path, by=["doc.subject"])
    assert found["rows"] == 80
    assert found["ece"] == pytest.approx(ece(confidence, correct), abs=1e-12)
    assert found["accuracy"] == pytest.approx(np.mean(correct), abs=1e-12)
    assert "log-lm-eval" in found["codes"]

    per_char = [
        np.array([log / len(text) for log, text in zip(logs, texts, strict=True)])
        for logs, texts, _ in questions
    ]
    confidence = [1.0 / np.exp(x - x.max()).sum() for x in per_char]
    correct = [
        int(np.argmax(x)) == target for x, (_, _, target) in zip(per_char, questions, strict=True)
    ]
    found = figures(path, confidence="confidence_per_char", correct="correct_per_char")
    assert found["ece"] == pytest.approx(ece(confidence, correct), abs=1e-12)


def test_all_options_of_lm_eval_are_logits(tmp_path):
    """Their log loss is that of the target."""
    questions = [q for q in options_of(np.random.default_rng(2), 300) if len(q[0]) == 4]
    path = write(
        tmp_path / "samples.jsonl", [lm_eval_sample(k, *q) for k, q in enumerate(questions)]
    )
    report = calaudit.evaluate(path, logits="loglikelihoods", label="target_index")
    losses = [np.log(np.exp(logs - logs[t]).sum()) for logs, _, t in questions]
    assert report.metrics["log_loss"].value == pytest.approx(np.mean(losses), abs=1e-12)


def test_a_single_log_likelihood_is_a_probability(tmp_path):
    """It is exp of it, and acc says what is right."""
    logs = np.log(np.random.default_rng(3).uniform(0.05, 1, 60))
    records = [
        {**lm_eval_sample(k, [log], [" w"], "w"), "target": "w", "acc": float(k % 3 == 0)}
        for k, log in enumerate(logs)
    ]
    found = figures(write(tmp_path / "samples.jsonl", records))
    right = [k % 3 == 0 for k in range(60)]
    assert found["ece"] == pytest.approx(ece(np.exp(logs), right), abs=1e-12)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"filtered_resps": ["94"]}, "generated answer"),
        ({"filtered_resps": "94"}, "generated answer"),
        ({"filtered_resps": []}, "generated answer"),
        ({"acc": 0.0}, "do not belong together"),
    ],
)
def test_a_sample_of_lm_eval_that_holds_no_options_is_refused(tmp_path, change, told):
    """The file and the document are named."""
    sample = lm_eval_sample(0, [-1.0, -2.0], ["a", "b"], 0)
    path = write(tmp_path / "samples.jsonl", [sample, sample | {"doc_id": 7} | change])
    with pytest.raises(InputError, match=told) as error:
        calaudit.evaluate(path)
    assert "doc_id 7" in str(error.value)
    assert str(error.value).startswith(str(path))


def test_the_results_of_lm_eval_name_the_samples(tmp_path):
    """There are no rows in them."""
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"results": {"toy": {"acc,none": 0.5}}, "n-samples": {}}, indent=2))
    with pytest.raises(InputError, match=r"samples_….jsonl"):
        calaudit.evaluate(path)


@pytest.mark.parametrize("form", ["indented", "one line", "deflated", "zstd"])
def test_samples_of_inspect_with_a_stated_confidence(tmp_path, form):
    """Every form has the same figures."""
    rng = np.random.default_rng(4)
    stated = rng.choice([0.5, 0.8, 0.95, 1.0], 60)
    right = rng.random(60) < stated - 0.2
    samples = [
        inspect_sample(k % 30, 1 + k // 30, bool(r), float(s))
        for k, (s, r) in enumerate(zip(stated, right, strict=True))
    ]
    if form in ("indented", "one line"):
        path = as_document(tmp_path / "log.json", samples, 2 if form == "indented" else None)
    else:
        path = as_archive(
            tmp_path / "log.eval", samples, "zstd" if form == "zstd" else zipfile.ZIP_DEFLATED
        )
    found = figures(path, by=["metadata.topic"])
    assert found["rows"] == 60
    assert found["ece"] == pytest.approx(ece(stated, right), abs=1e-12)
    assert "log-inspect" in found["codes"]


def test_a_cut_or_garbled_log_of_inspect_is_refused(tmp_path):
    """No figure is of a part of it."""
    samples = [inspect_sample(k, 1, k % 2 == 0, 0.5 + k / 100) for k in range(40)]
    whole = as_document(tmp_path / "log.json", samples, 2).read_text()
    for cut in (len(whole) // 2, len(whole) - 3):
        path = tmp_path / "cut.json"
        path.write_text(whole[:cut])
        with pytest.raises(InputError, match="cut off"):
            calaudit.evaluate(path)
    data = bytearray(as_archive(tmp_path / "log.eval", samples, "zstd").read_bytes())
    at = data.find(b"samples/7_epoch_1.json") + 60
    data[at] ^= 0xFF
    path = tmp_path / "garbled.eval"
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        calaudit.evaluate(path)


def test_letters_of_a_multiple_choice_are_renormalised_on_request(tmp_path):
    """With and without a blank they are one letter."""
    rng = np.random.default_rng(5)
    samples, top, whole, right = [], [], [], []
    for k in range(70):
        p = rng.dirichlet(np.ones(3)) * 0.9
        best = int(np.argmax(p))
        others = [{"token": f" {'ABC'[j]}", "logprob": math.log(p[j])} for j in range(3)]
        others.append({"token": "ABC"[best], "logprob": math.log(0.05)})
        others.append({"token": " the", "logprob": math.log(0.01)})
        chosen = others[best] | {"top_logprobs": others}
        tokens = [{"token": "ANSWER:", "logprob": -0.1}, chosen]
        right.append(bool(rng.random() < p[best] + 0.05))
        samples.append(inspect_sample(k, 1, right[-1], tokens=tokens, options=["x", "y", "z"]))
        top.append(p[best])
        whole.append((p[best] + 0.05) / (p.sum() + 0.05))
    path = as_document(tmp_path / "log.json", samples, None)
    assert figures(path)["ece"] == pytest.approx(ece(top, right), abs=1e-12)
    found = figures(path, confidence="letter_probability", correct="correct")
    assert found["ece"] == pytest.approx(ece(whole, right), abs=1e-12)


def test_several_scorers_are_told_apart(tmp_path):
    """A confidence is that in its own scorer; of another one the outcome must be named."""
    samples = [inspect_sample(k, 1, k % 2 == 0, 0.4 + k / 100) for k in range(50)]
    for k, sample in enumerate(samples):
        sample["scores"]["strict"] = {"value": "C" if k % 4 == 0 else "I"}
    path = as_document(tmp_path / "log.json", samples, 2)
    assert figures(path)["accuracy"] == pytest.approx(25 / 50)  # whose confidence it is
    assert figures(path, correct="strict_correct")["accuracy"] == pytest.approx(13 / 50)


def test_a_stated_confidence_goes_before_that_of_tokens(tmp_path):
    """Where it is missing the row is invalid, and not filled in."""
    tokens = [{"token": "x", "logprob": -0.2}, {"token": "y", "logprob": -0.3}]
    samples = [inspect_sample(k, 1, k % 2 == 0, 0.4 + k / 100, tokens) for k in range(50)]
    del samples[7]["scores"]["judged"]["metadata"]["confidence"]
    path = as_document(tmp_path / "log.json", samples, 2)
    with pytest.raises(InputError, match=r"row 8, confidence: \(empty\)"):
        calaudit.evaluate(path)
    report = calaudit.evaluate(path, confidence="token_probability")
    assert report.metrics["mean_confidence"].value == pytest.approx(math.exp(-0.5))


def test_samples_without_an_answer_are_counted_and_not_wrong(tmp_path):
    """Inspect scores no answer N; a sample that failed has no scores at all."""
    samples = [inspect_sample(k, 1, k % 2 == 0, 0.4 + k / 100) for k in range(50)]
    samples[3]["scores"]["judged"]["value"] = "N"
    samples[5] |= {"scores": None, "error": {"message": "time out"}}
    path = as_document(tmp_path / "log.json", samples, 2)
    assert figures(path)["rows"] == 48
    report = calaudit.evaluate(path, unanswered="wrong", on_invalid="drop")
    assert report.metrics["accuracy"].value == pytest.approx(25 / 49)
    assert report.intake.refused == {"missing-score": 1}
    assert "1 of 50 rows have no answer and count as wrong." in report.verdict.sentence


def test_a_request_of_promptfoo_that_failed_is_counted(tmp_path):
    """It is neither right nor wrong."""
    results = [promptfoo_result(k, "a", k % 3 > 0, 0.5 + k / 100) for k in range(40)]
    failed = promptfoo_result(40, "a", False, 0.5) | {"error": "429"}
    results.append(failed | {"namedScores": {}, "success": False})
    assert figures(write(tmp_path / "out.jsonl", results))["rows"] == 40


@pytest.mark.parametrize("form", ["json", "jsonl", "answers"])
def test_results_of_promptfoo(tmp_path, form):
    """Named scores, or fields of the answer."""
    rng = np.random.default_rng(6)
    stated = np.round(rng.uniform(0.4, 1, 60), 2)
    right = rng.random(60) < stated
    results = [
        promptfoo_result(k, "model-a", bool(r), float(s))
        for k, (s, r) in enumerate(zip(stated, right, strict=True))
    ]
    if form == "answers":
        results = [
            r | {"namedScores": {}, "success": bool(ok), "response": {"output": json.dumps(answer)}}
            for r, ok, answer in zip(
                results, right, ({"confidence": float(s)} for s in stated), strict=True
            )
        ]
    if form == "json":
        path = tmp_path / "out.json"
        whole = {"evalId": "x", "results": {"version": 3, "prompts": [{}], "results": results}}
        path.write_text(json.dumps(whole | {"config": {}}, indent=2))
    else:
        path = write(tmp_path / "out.jsonl", results)
    found = figures(path)
    assert found["ece"] == pytest.approx(ece(stated, right), abs=1e-12)
    assert "log-promptfoo" in found["codes"]


def test_events_of_openai_evals_are_put_together_by_sample(tmp_path):
    """They stand in any order."""
    rng = np.random.default_rng(7)
    stated, events = rng.uniform(0.3, 1, 60), []
    right = rng.random(60) < stated
    for k in range(60):
        events.append({"type": "cond_logp", "data": {"logp": math.log(stated[k])}})
        events.append({"type": "match", "data": {"correct": bool(right[k]), "picked": "a"}})
        events[-1]["sample_id"] = events[-2]["sample_id"] = f"toy.{k}"
    rng.shuffle(events)
    spec = {"spec": {"run_id": "x", "eval_name": "toy"}}
    path = write(tmp_path / "log.jsonl", [spec, *events, {"final_report": {"accuracy": 0.5}}])
    found = figures(path)
    assert found["rows"] == 60
    assert found["ece"] == pytest.approx(ece(stated, right), abs=1e-12)


def test_the_output_of_a_batch_has_the_probability_of_whole_answers(tmp_path):
    """A request that failed has none."""
    rng = np.random.default_rng(8)
    logs = -rng.exponential(0.2, (50, 2))
    lines = [batch_line(k, [("ye", a), ("s", b)]) for k, (a, b) in enumerate(logs)]
    path = write(tmp_path / "out.jsonl", lines)
    with pytest.raises(InputError, match="--prediction prediction --label COLUMN"):
        calaudit.evaluate(path)
    failed = batch_line(51, []) | {"response": None, "error": {"code": "batch_expired"}}
    rows = list(batch_rows([*lines, failed]))
    assert [row["confidence"] for row in rows[:50]] == pytest.approx(np.exp(logs.sum(axis=1)))
    assert [row["min_token_probability"] for row in rows[:50]] == pytest.approx(
        np.exp(logs.min(axis=1))
    )
    assert {row["prediction"] for row in rows[:50]} == {"yes"}
    assert set(rows[50].values()) == {"t51", None}


JUNK: list[Any] = [
    None,
    True,
    3,
    -1e400,
    "x",
    "",
    "9" * 400,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    [{"logprob": "x"}],
]


def places(value, path=()):
    """Yield every path into a record."""
    yield path
    keys = list(value) if isinstance(value, dict) else []
    for key in range(len(value)) if isinstance(value, list) else keys:
        yield from places(value[key], (*path, key))


def with_junk(value, path, junk):
    """Return a copy of a record with something else at a path."""
    if not path:
        return junk
    copy = value.copy()
    copy[path[0]] = with_junk(value[path[0]], path[1:], junk)
    return copy


def test_junk_anywhere_in_a_record_is_read_or_refused():
    """A log is written by others: nothing in it is taken for granted."""
    tokens = [{"token": " A", "logprob": -0.1, "top_logprobs": [{"token": "B", "logprob": -2.0}]}]
    records = [
        lm_eval_sample(0, [-1.0, -2.0], ["a", "b"], 0),
        inspect_sample(1, 1, True, 0.5, tokens, ["x", "y"]),
        promptfoo_result(1, "m", True, 0.5, response={"output": '{"confidence": 0.5}'}),
        batch_line(1, [("yes", -0.1)]),
    ]
    refused = read = 0
    for record in records:
        for path in places(record):
            for junk in JUNK if path else ():
                changed = with_junk(record, path, junk)
                log = log_of(changed)
                try:
                    assert log is None or len(list(log.rows([changed]))) == 1
                    read += 1
                except BadObject:
                    refused += 1
    assert read > 500
    assert refused > 10


class Drops(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data, few):
        super().__init__(data)
        self.few = few

    def read(self, _size=-1):
        """Give so few that every mark is once the last of a block."""
        return super().read(self.few)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_objects_at_a_place_are_found_however_the_text_is_cut(size):
    """What is around the place is passed."""
    rows = [{"k": 1}, {"k": "]}"}]
    whole = {"a": [1, {"rows": 2}], "rows": "no", "in": {"x": {}, "rows": rows}, "z": None}
    text = json.dumps(whole, indent=1).encode()
    found = list(read_objects(Drops(text, size), ("in", "rows")))
    assert found == rows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"in": 3}', "not what its beginning says"),
        ('{"rows": [{"k": 1}], "rows": []}', "twice"),
        ('{"rows": [{"k": 1}', "go on with the array"),
        ('{"rows": [{"k": 1}]', "go on with the object"),
        ('{"rows": [{"k": 1}]} {"rows": []}', "goes on after"),
        ('{"rows": [1]}', "not a JSON object"),
        ('{"other": [1]}', "has no 'rows'"),
        ('{"rows" [1]}', "not a JSON object"),
    ],
)
def test_a_document_that_is_not_what_it_begins_as_is_refused(text, told):
    """To its last byte."""
    place = ("in",) if '"in"' in text else ("rows",)
    with pytest.raises(BadObject, match=told):
        list(read_objects(Drops(text.encode(), 5), place))


@pytest.fixture(scope="module")
def layouts(cases):
    """The folder of files that the tools wrote, and their figures."""
    folder = cases.parent / "layouts"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}")
    golden = json.loads((folder / "golden.json").read_text())
    want = {one["file"]: one["figures"] for one in golden}
    return folder, want


@pytest.mark.parametrize(
    ("name", "rows", "key", "options"),
    [
        ("samples_toy_mc_2026-11-29T18-10-20.000000.jsonl", 60, "ece15_softmax_ll", {}),
        (
            "samples_toy_mc_2026-11-29T18-10-20.000000.jsonl",
            60,
            "ece15_softmax_ll_per_char",
            {"confidence": "confidence_per_char", "correct": "correct_per_char"},
        ),
        ("inspect_choice.eval", 24, "ece15_token_probability", {}),
        ("inspect_choice.json", 24, "ece15_token_probability", {}),
        (
            "inspect_choice.eval",
            24,
            "ece15_renormalised_over_letters",
            {"confidence": "letter_probability"},
        ),
        ("inspect_confidence.json", 28, "ece15_where_stated", {"on_invalid": "drop"}),
        ("inspect_confidence_deflate.eval", 28, "ece15_where_stated", {"on_invalid": "drop"}),
        ("openai_evals_log.jsonl", 60, "ece15", {}),
    ],
)
def test_logs_that_the_tools_wrote(layouts, name, rows, key, options):
    """With no options, or those that say which reading is meant."""
    folder, want = layouts
    found = figures(folder / name, **options)
    assert found["rows"] == rows
    assert found["ece"] == pytest.approx(want[name][key], abs=1e-9)


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (lm_eval_sample(0, [-1.0, -2.0], ["a", "b"], 0), "resps"),
        (inspect_sample(1, 1, True, 0.5), "output"),
        (promptfoo_result(1, "m", True, 0.5), "provider"),
        (batch_line(1, [("yes", -0.1)]), "custom_id"),
    ],
)
def test_a_later_record_of_another_kind_is_refused(tmp_path, record, key):
    """With its place; the first one says what kind of log it is."""
    other = {name: value for name, value in record.items() if name != key}
    path = write(tmp_path / "log.jsonl", [record, other])
    with pytest.raises(InputError, match=f"record 2 lacks '{key}'"):
        calaudit.evaluate(path)


TOOL_LOGS = Path(__file__).parent / "tool_logs"
"""Written by inspect-ai 0.3.285 (its mock model answers sums, four epochs) and lm-eval 0.4.13 (its
dummy model, ``--log_samples``)."""


def test_a_log_that_inspect_wrote():
    """Zstandard members, percentages, epochs, and two questions without an answer."""
    path = TOOL_LOGS / "inspect_ai-0.3.285.eval"
    scores = [sample["scores"]["stated"] for sample in archived_samples(str(path))]
    judged = [score for score in scores if score["value"] != "N"]
    assert (len(scores), len(judged)) == (24, 22)
    stated = [float(score["metadata"]["confidence"].rstrip("%")) / 100 for score in judged]
    right = [score["value"] == "C" for score in judged]
    found = figures(path)
    assert found["rows"] == 22
    assert found["ece"] == pytest.approx(ece(stated, right), abs=1e-12)
    assert found["accuracy"] == pytest.approx(np.mean(right), abs=1e-12)
    assert {"log-inspect", "percent-read", "answers-missing"} <= found["codes"]
    answers: dict[Any, list[str]] = {}
    for sample in archived_samples(str(path)):
        if sample["scores"]["stated"]["value"] != "N":
            answers.setdefault(sample["id"], []).append(sample["scores"]["stated"]["answer"])
    most = [max(map(each.count, each)) / len(each) for each in answers.values()]
    report = calaudit.evaluate(path, samples="id")
    assert report.metrics["mean_confidence"].value == pytest.approx(np.mean(most), abs=1e-12)


def test_a_log_that_lm_eval_wrote():
    """Log-likelihoods and targets as text."""
    path = TOOL_LOGS / "samples_lm_eval-0.4.13.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    logs = np.array([[float(pair[0]) for pair in each["filtered_resps"]] for each in records])
    top = 1 / np.exp(logs - logs.max(axis=1, keepdims=True)).sum(axis=1)
    found = figures(path)
    assert found["rows"] == 20
    assert found["accuracy"] == pytest.approx(np.mean([each["acc"] for each in records]))
    assert found["ece"] == pytest.approx(ece(top, [each["acc"] for each in records]), abs=1e-12)
    normed = calaudit.evaluate(path, confidence="confidence_per_char", correct="correct_per_char")
    assert normed.metrics["accuracy"].value == np.mean([each["acc_norm"] for each in records])

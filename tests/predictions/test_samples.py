"""Several answers to a question as one row, against sums by hand over all answers."""

from __future__ import annotations

import collections
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import InputError, NotEnoughData, SettingsError
from calaudit.report.command import command_of

SAMPLES = 5


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """Answers to 80 questions; one of 15 is blank, another one has no stated confidence."""
    rng = np.random.default_rng(11)
    rows = []
    for question in range(80):
        skill = rng.uniform(0.3, 1.0)
        for sample in range(SAMPLES):
            answer = str(rng.choice(["a", "B ", "c"], p=[skill, (1 - skill) / 2, (1 - skill) / 2]))
            stated = float(rng.choice([0.7, 0.8, 0.95]))
            blank = rng.random() < 1 / 15
            row: dict[str, Any] = {
                "question": question,
                "sample": sample,
                "answer": None if blank else answer,
            }
            row["truth"] = "A" if question % 9 else "b"
            row["confidence"] = None if rng.random() < 1 / 15 else stated
            row["topic"] = "xy"[question % 2]
            rows.append(row)
    rng.shuffle(rows)
    return rows


def by_hand(answers: list[dict[str, Any]]) -> dict[int, tuple[float, set[str], dict[str, float]]]:
    """Return of each question: the largest share, who has it, and the mean stated with each."""
    votes: Any = collections.defaultdict(list)
    for row in answers:
        votes[row["question"]].append(row)
    found = {}
    for question, rows in votes.items():
        counts = collections.Counter(r["answer"].strip().lower() for r in rows if r["answer"])
        most = max(counts.values())
        winners = {answer for answer, n in counts.items() if n == most}
        stated = {
            w: float(
                np.mean(
                    [
                        r["confidence"]
                        for r in rows
                        if (r["answer"] or "").strip().lower() == w and r["confidence"] is not None
                    ]
                    or [np.nan]
                )
            )
            for w in winners
        }
        found[question] = (most / counts.total(), winners, stated)
    return found


@pytest.fixture(scope="module")
def path(answers: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers as JSON lines."""
    where: Path = tmp_path_factory.mktemp("samples") / "answers.jsonl"
    where.write_text("".join(json.dumps(row) + "\n" for row in answers))
    return where


def test_a_question_is_a_row_with_its_most_frequent_answer(answers, path, read):
    """Agreement is the share of those that answer; of a tie one is taken, always the same."""
    rows, hand = read(path, samples="question", id="question"), by_hand(answers)
    ids = [int(text) for chunk in rows.chunks for text in chunk.ids(np.arange(len(chunk)))]
    assert len(ids) == len(set(ids)) == 80
    assert rows.scores.tolist() == [hand[q][0] for q in ids]
    truths = {row["question"]: row["truth"].lower() for row in answers}
    for question, right in zip(ids, rows.labels.tolist(), strict=True):
        winners = hand[question][1]
        assert right in {int(w == truths[question]) for w in winners}
    (note,) = [n for n in rows.predictions.notes if n.code == "samples-gathered"]
    tied = sum(len(winners) > 1 for _, winners, _ in hand.values())
    assert (note.figures["samples"], note.figures["questions"]) == (400, 80)
    assert note.figures["tied"] == tied > 0
    assert note.figures["each"] == "5"
    missing = sum(not row["answer"] for row in answers)
    assert f"400 answers ({missing} missing, left out) to 80 questions (5 each)" in note.text
    wrong = read(path, samples="question", id="question", unanswered="wrong")
    votes = [
        round(hand[q][0] * sum(bool(r["answer"]) for r in answers if r["question"] == q))
        for q in ids
    ]
    assert wrong.scores.tolist() == [v / SAMPLES for v in votes]


def test_the_order_of_the_rows_changes_nothing(answers, read, tmp_path):
    """Not even in ties."""
    labels = []
    for order in (answers, answers[::-1]):
        path = tmp_path / "answers.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in order))
        rows = read(path, samples="question", id="question")
        ids = [text for chunk in rows.chunks for text in chunk.ids(np.arange(len(chunk)))]
        labels.append(dict(zip(ids, rows.labels.tolist(), strict=True)))
    assert labels[0] == labels[1]


def test_what_is_stated_is_the_mean_with_the_same_answer(answers, path, read):
    """A question whose winners state nothing has none."""
    rows = read(path, samples="question", confidence="confidence", id="question", on_invalid="drop")
    hand = by_hand(answers)
    ids = [int(text) for chunk in rows.chunks for text in chunk.ids(np.arange(len(chunk)))]
    for question, score in zip(ids, rows.scores.tolist(), strict=True):
        assert min(abs(score - mean) for mean in hand[question][2].values()) < 1e-12


def test_both_confidences_are_compared_on_the_same_questions(answers, path):
    """By the machinery of all comparisons: the mean difference of Brier scores is that of rows."""
    report = calaudit.compare(path, samples="question", scores=("agreement", "confidence"))
    each = [
        calaudit.evaluate(path, samples="question", confidence=name)
        for name in ("agreement", "confidence")
    ]
    briers = [one.metrics["brier"].value or 0.0 for one in each]
    found = report.of("confidence")["brier"].estimate
    assert report.matching is not None
    assert report.matching.matched == 80
    assert report.task == "top-label"
    assert found.value == pytest.approx(briers[1] - briers[0], abs=1e-12)
    assert "--samples question" in (command_of(each[0]) or "")


def test_slices_and_chosen_rows_are_told_apart(answers, path):
    """A question belongs to its slice."""
    report = calaudit.evaluate(path, samples="question", by="topic")
    assert sorted((s.value, s.rows) for s in report.slices) == [("x", 40), ("y", 40)]
    chosen = calaudit.evaluate(path, samples="question", where="topic=x")
    assert chosen.rows == 40
    (note,) = [each for each in chosen.notes if each.code == "samples-gathered"]
    assert (note.figures["samples"], note.figures["questions"]) == (200, 40)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Forty questions with six answers each, of which half are of either topic."""
    rng = np.random.default_rng(4)
    rows = [
        {
            "question": f"q{k // 6}",
            "answer": rng.choice(["a", "b"]),
            "truth": "ab"[k // 6 % 2],
            "confidence": round(rng.uniform(0.2, 0.9), 2),
            "topic": "xy"[k % 2],
            "weight": 1 + k // 6 % 2,
        }
        for k in range(240)
    ]
    path = tmp_path / "mixed.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_answers_are_chosen_before_they_are_gathered(mixed, tmp_path):
    """By a value or a condition: as if the file had no other rows."""
    frame = pd.read_csv(mixed)
    for condition, kept in (
        ("topic=x", frame.topic == "x"),
        ("confidence>0.5", frame.confidence > 0.5),
    ):
        frame[kept].to_csv(tmp_path / "kept.csv", index=False)
        found = calaudit.evaluate(mixed, samples="question", where=condition)
        known = calaudit.evaluate(tmp_path / "kept.csv", samples="question")
        assert found.metrics == known.metrics
        told = [[n for n in r.notes if n.code == "samples-gathered"] for r in (found, known)]
        assert told[0] == told[1]
    with pytest.raises(NotEnoughData, match="no row has topic=z"):
        calaudit.evaluate(mixed, samples="question", where="topic=z")
    frame.assign(confidence=None).to_csv(tmp_path / "kept.csv", index=False)
    with pytest.raises(InputError, match="--where, 240 rows: the value is missing"):
        calaudit.evaluate(tmp_path / "kept.csv", samples="question", where="confidence>0.5")


def test_slices_within_questions_part_them_and_say_so(mixed):
    """Of forty questions there stay forty; bins are of what a question states in the mean."""
    report = calaudit.evaluate(mixed, samples="question", by="topic")
    notes = {note.code: note for note in report.notes}
    assert (
        "240 answers to 40 questions, parted by topic into 80 rows"
        in notes["samples-gathered"].text
    )
    assert "--samples" not in notes["rows-together"].advice
    binned = calaudit.evaluate(
        mixed, samples="question", confidence="confidence", by="confidence:2"
    )
    assert [each.rows for each in binned.slices] == pytest.approx([20, 20], abs=3)
    by_weight = calaudit.evaluate(mixed, samples="question", by="weight")
    assert "weight-inferred" not in {note.code for note in by_weight.notes}


def test_samples_are_matched_by_the_question(mixed):
    """Never by their place, which slices move; and each model's samples are its own."""
    options: dict[str, Any] = {"samples": "question", "scores": ("agreement", "confidence")}
    with pytest.raises(InputError, match=r"answers to question q0 differ in topic .40 such rows"):
        calaudit.compare(mixed, by="topic", **options)
    with pytest.raises(InputError, match="answers to question q0 differ in topic"):
        calaudit.compare(mixed, by="topic", allow_unmatched=True, **options)
    with pytest.raises(SettingsError, match="matched by the question: --id question"):
        calaudit.compare(mixed, same_order=True, **options)
    sides = calaudit.compare(mixed, samples="question", model="topic")
    assert sides.matching is not None
    assert (sides.matching.column, sides.matching.matched) == ("question", 40)
    found = calaudit.compare(mixed, where="topic=y", **options)
    for report in (sides, found):
        (note,) = [each for each in report.notes if each.code == "samples-gathered"]
        assert (note.figures["samples"], note.figures["questions"]) == (120, 40)


def test_samples_take_neither_weights_nor_other_ids(mixed):
    """Of several rows there would be several."""
    with pytest.raises(SettingsError, match="--samples takes no weights"):
        calaudit.evaluate(mixed, samples="question", weight="weight")
    with pytest.raises(SettingsError, match="named by the question: --id question"):
        calaudit.evaluate(mixed, samples="question", id="topic", worst=3)


def test_a_question_that_no_sample_answers_has_no_answer(read, tmp_path):
    """It is left out, or wrong without any agreement."""
    path = tmp_path / "answers.csv"
    path.write_text("question,answer,truth\n1,a,a\n1,a,a\n2,,b\n2,Refused,b\n")
    assert read(path, samples="question").scores.tolist() == [1.0]
    rows = read(path, samples="question", unanswered="wrong")
    assert (rows.scores.tolist(), rows.labels.tolist()) == ([1.0, 0.0], [1, 0])
    path.write_text("question,answer,correct\n1,a,1\n1,a,no answer\n")
    assert read(path, samples="question").scores.tolist() == [1.0]
    assert read(path, samples="question", unanswered="wrong").scores.tolist() == [0.5]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"correct": "10"}, "has correct '1' in one row and '0' in another for the answer 'a'"),
        ({"truth": "AB"}, "has truth 'A' in one row and 'B' in another"),
        ({"model": "mn", "truth": "A"}, "several 'model': see each with --by model"),
        ({"truth": "A", "question": "12"}, "no question has two samples"),
        ({"truth": "A", "reply": "xy"}, "could be answer, reply: --prediction COLUMN"),
        ({}, "--samples needs the label, which is named like none"),
    ],
)
def test_rows_that_are_no_samples_are_refused(tmp_path, change, told):
    """With what to do."""
    rows = [{"question": "q", "answer": "a", "confidence": 0.5} for _ in range(2)]
    for k, row in enumerate(rows):
        row |= {name: values[k % len(values)] for name, values in change.items()}
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match=told):
        calaudit.evaluate(path, samples="question")


def test_other_scores_have_no_samples(path):
    """Only a confidence has."""
    with pytest.raises(SettingsError, match="--samples judges a --confidence"):
        calaudit.evaluate(path, samples="question", score="confidence")

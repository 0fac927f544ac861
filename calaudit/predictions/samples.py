"""Several answers to each question as one row a question: what most say, and how many say it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import number_column, text_column
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import MISSING_TOKENS, parse_numbers
from calaudit.predictions.findings import Findings
from calaudit.predictions.frames import TableSource
from calaudit.predictions.names import ANSWERS, MODELS, folded
from calaudit.predictions.notation import ambiguity
from calaudit.predictions.reasons import ABSTENTIONS
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Source
from calaudit.predictions.spelling import encoded, silent_text
from calaudit.predictions.truth import KINDS, Truth

__all__ = ["AGREEMENT", "gathered"]

AGREEMENT = "agreement"
"""Column with the share of the samples that give the answer which most of them give."""


@dataclass(slots=True)
class _Question:
    """What the samples of one question say: right or the truth, and what is stated, by answer."""

    samples: int = 0
    votes: dict[str, int] = field(default_factory=dict)
    truth: dict[str, str | None] = field(default_factory=dict)
    stated: dict[str, list[list[float]]] = field(default_factory=dict)

    def majority(self, name: str) -> tuple[str | None, bool]:
        """Return the answer that most samples give, and whether another one is given as often.

        Of such the choice depends on nothing but the texts, and is as good as drawn.
        """
        most = max(self.votes.values(), default=0)
        best = [answer for answer, votes in self.votes.items() if votes == most]
        best.sort(key=lambda answer: zlib.crc32(f"{name}\0{answer}".encode()))
        return (best[0] if best else None), len(best) > 1


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where it stands what question a row is of, what was answered, and whether that is right."""

    keys: tuple[str, ...]
    answer: str
    truth: str | None
    judged: bool
    stated: tuple[str, ...]

    @property
    def read(self) -> list[str]:
        """Every column that is read, once each."""
        more = (self.answer, *([self.truth] if self.truth else []), *self.stated)
        return list(dict.fromkeys((*self.keys, *more)))


def gathered(
    sources: Sequence[Source], roles: Roles, *, joined: bool
) -> tuple[list[Source], Roles, list[Finding]]:
    """Return a source with a row for each question, the roles of its columns, and notes of it.

    Args:
        sources: with a row for each answer; they are closed.
        roles: of which ``samples`` names the question. Slices are told apart.
        joined: whether the truth is in another file.

    Raises:
        InputError: there is no column with the answers, or a question has two truths.
        SettingsError: another score than a confidence is asked for.
    """
    if roles.score or roles.probs or roles.logits:
        raise SettingsError("--samples judges a --confidence: leave --score, --probs and so on out")
    first = next((s for s in sources if s.input.rows != 0), sources[0])
    where = first.input.path
    columns = _columns_of(Catalogue(first.columns, first.peek, where), roles, joined=joined)
    questions = _read(sources, columns, where)
    for source in sources:
        source.close()
    counts = [each.samples for each in questions.values()] or [0]
    if max(counts) < 2:
        raise InputError(f"{where}: no {roles.samples} has two samples: leave --samples out.")
    rows = [(key, each, *each.majority(key[0])) for key, each in questions.items()]
    table = pa.table(_made(rows, columns))
    note = finding(
        "samples-gathered",
        kind="stated" if columns.stated else "alone",
        samples=sum(counts),
        questions=len(rows),
        each=" to ".join(dict.fromkeys(f"{n:,}" for n in (min(counts), max(counts)))),
        answer=columns.answer,
        tied=sum(tied for *_, tied in rows),
        column=roles.samples,
        stated=next(iter(columns.stated), ""),
    )
    chosen = roles.confidence or AGREEMENT
    found = replace(
        roles,
        confidence=chosen,
        out_of=1.0 if chosen == AGREEMENT else roles.out_of,
        correct=columns.truth if columns.judged else None,
        label=roles.label if columns.judged or joined else columns.truth,
        prediction=columns.answer,
    )
    source = TableSource(table, replace(first.input, rows=table.num_rows))
    return [source], found, [note]


def _columns_of(catalogue: Catalogue, roles: Roles, *, joined: bool) -> _Columns:
    keys = tuple(dict.fromkeys((roles.samples or "", *roles.by)))
    for name in keys:
        catalogue.require(name, "--samples" if name == roles.samples else "--by")
    truth = Truth(catalogue, roles, keys)
    wanted = [] if roles.confidence in (None, AGREEMENT) else [roles.confidence or ""]
    stated = tuple(wanted or catalogue.named_for("confidence", ("number", "text"), keys))
    spent = (*keys, *stated)
    told = [] if roles.label or joined else truth.correct(spent)
    judged = roles.correct or (_one(told, "correct", catalogue.where) if told else None)
    if judged or joined:
        right = judged or None
    else:
        known = [n for n in truth.named(spent) if roles.label or folded(n) not in ANSWERS]
        right = _one(known, "label", catalogue.where)
    spent = (*spent, right or "")
    answers = [roles.prediction] if roles.prediction else truth.predictions(right, spent)
    free = catalogue.free(KINDS, spent)
    answers = answers or [name for name in free if folded(name) in ANSWERS]
    models = [n for n in free if folded(n) in MODELS and len(catalogue.labels(n)) > 1]
    if models:
        raise InputError(
            f"{catalogue.where}: the samples are of several {models[0]!r}: see each with --by "
            f"{models[0]}, or choose one with --where {models[0]}=VALUE."
        )
    answer = _one(answers, "prediction", catalogue.where)
    for name in (answer, right or answer, *stated):
        catalogue.require(name, "a role")
    return _Columns(keys, answer, right, judged is not None, stated)


def _one(found: Sequence[str], role: str, where: str) -> str:
    """Return the only column that can play a role, or refuse them."""
    if len(found) != 1:
        several = f"could be {listed(found, 4)}" if found else "is named like none"
        raise InputError(f"{where}: --samples needs the {role}, which {several}: --{role} COLUMN.")
    return found[0]


def _read(
    sources: Sequence[Source], columns: _Columns, where: str
) -> dict[tuple[str, ...], _Question]:
    """Return what all rows say of each question, in the order in which they are first there."""
    questions: dict[tuple[str, ...], _Question] = {}
    seen = Findings()
    for source in sources:
        for part in source.parts(columns.read):
            for block in part.batches(columns.read, 65_536):
                _add(questions, block, columns, seen, where)
    for name, notation in seen.notations.items():
        if told := ambiguity(notation):
            raise InputError(f"{where}: the numbers in {name!r} {told}.")
    return questions


def _add(
    questions: dict[tuple[str, ...], _Question],
    block: Any,
    columns: _Columns,
    seen: Findings,
    where: str,
) -> None:
    keys = list(zip(*(_texts(block, name) for name in columns.keys), strict=True))
    answers = _texts(block, columns.answer)
    truths = _texts(block, columns.truth) if columns.truth else answers
    numbers = [parse_numbers(block.column(name)) for name in columns.stated]
    for name, parsed in zip(columns.stated, numbers, strict=True):
        seen.see_notation(name, parsed.notation)
    values = np.array([parsed.values for parsed in numbers]).reshape(len(numbers), len(keys))
    stated: list[list[float]] = values.T.tolist() or [[]] * len(keys)
    for key, answer, truth, sure in zip(keys, answers, truths, stated, strict=True):
        if not key[0]:
            raise InputError(f"{where}: a row has no {columns.keys[0]}: which question is it of?")
        question = questions.setdefault(key, _Question())
        question.samples += 1
        given = answer.strip().casefold()
        silent = given in MISSING_TOKENS or (silent_text(given) in ABSTENTIONS and answer != truth)
        silent |= columns.judged and silent_text(truth) in ABSTENTIONS
        mine = given if columns.judged else ""
        judged = columns.truth and not (silent and columns.judged)
        if judged and question.truth.setdefault(mine, truth) != truth:
            raise InputError(
                f"{where}: {columns.keys[0]} {key[0]} has {columns.truth} "
                f"{question.truth[mine]!r} in one row and {truth!r} in another"
                f"{f' for the answer {given!r}' if mine else ''}. Judge an answer in one way."
            )
        if not silent:
            question.votes[given] = question.votes.get(given, 0) + 1
            question.stated.setdefault(given, []).append(sure)


def _texts(block: Any, name: str) -> list[str]:
    codes, texts = encoded(block.column(name))
    known = [text or "" for text in texts] + [""]
    return [known[code] for code in codes.tolist()]


def _made(
    rows: Sequence[tuple[tuple[str, ...], _Question, str | None, bool]], columns: _Columns
) -> dict[str, Any]:
    """Return the columns of a table with a row for each question."""
    made: dict[str, Any] = {
        name: text_column([key[k] or None for key, *_ in rows])
        for k, name in enumerate(columns.keys)
    }
    made[columns.answer] = text_column([answer for _, _, answer, _ in rows])
    if columns.truth:
        truths = [
            each.truth.get(answer or "" if columns.judged else "", None)
            for _, each, answer, _ in rows
        ]
        silent = [
            "no answer" if answer is None and columns.judged else truth or None
            for truth, (_, _, answer, _) in zip(truths, rows, strict=True)
        ]
        made[columns.truth] = text_column(silent)
    shares = [each.votes.get(answer or "", 0) / each.samples for _, each, answer, _ in rows]
    made[AGREEMENT] = number_column(np.array(shares))
    for k, name in enumerate(columns.stated):
        means = [_mean([s[k] for s in each.stated.get(a or "", [])]) for _, each, a, _ in rows]
        made[name] = number_column(np.array(means))
    return made


def _mean(values: Sequence[float]) -> float:
    """Return the mean of what is stated; NaN where nothing is."""
    known = [value for value in values if math.isfinite(value)]
    return math.fsum(known) / len(known) if known else math.nan

"""Several answers to each question as one row a question: what most say, and how many say it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError, NotEnoughData, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import flag_column, number_column, text_column
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.columns import MISSING_TOKENS, parse_numbers
from calaudit.predictions.cuts import Cut, cut_named
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.frames import TableSource
from calaudit.predictions.intake import Intake
from calaudit.predictions.names import ANSWERS, MODELS, folded
from calaudit.predictions.notation import ambiguity
from calaudit.predictions.reasons import ABSTENTIONS, REASONS
from calaudit.predictions.roles import Roles
from calaudit.predictions.slices import read_slices
from calaudit.predictions.source import Source
from calaudit.predictions.spelling import encoded, silent_text
from calaudit.predictions.truth import KINDS, Truth

AGREEMENT = "agreement"
"""Column with the share of the samples that give the answer which most of them give."""


@dataclass(slots=True)
class _Question:
    """What the samples of one question say: right or the truth, and what is stated, by answer."""

    samples: int = 0
    absent: int = 0
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
    """Where it stands what question a row is of, what was answered, and whether that is right.

    ``chosen`` says which rows are gathered: by a column, a cut of it or None, and a value.
    """

    keys: tuple[str, ...]
    answer: str
    truth: str | None
    judged: bool
    stated: tuple[str, ...]
    chosen: tuple[tuple[str, Cut | None, str], ...]

    @property
    def read(self) -> list[str]:
        """Every column that is read, once each."""
        more = (self.answer, *([self.truth] if self.truth else []), *self.stated)
        return list(dict.fromkeys((*self.keys, *more, *(name for name, *_ in self.chosen))))


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
        NotEnoughData: no row is chosen.
        SettingsError: another score than a confidence is asked for, weights, or other ids.
    """
    _check_roles(roles)
    first = next((s for s in sources if s.input.rows != 0), sources[0])
    where = first.input.path
    columns = _columns_of(Catalogue(first.columns, first.peek, where), roles, joined=joined)
    questions = _read(sources, columns, where)
    for source in sources:
        source.close()
    if not questions and columns.chosen:
        raise NotEnoughData(f"{where}: no row has {' and '.join(map('='.join, roles.chosen))}.")
    counts = [each.samples for each in questions.values()] or [0]
    if max(counts) < 2:
        raise InputError(f"{where}: no {roles.samples} has two samples: leave --samples out.")
    rows = [(key, each, *each.majority(key[0])) for key, each in questions.items()]
    table = pa.table(_made(rows, columns, all_count=roles.unanswered == "wrong"))
    lacking = "which agree with none" if roles.unanswered == "wrong" else "left out"
    asked = len({key[0] for key in questions})
    parted = f", parted by {listed(columns.keys[1:])} into {len(rows):,} rows"
    absent = sum(each.absent for each in questions.values())
    note = finding(
        "samples-gathered",
        kind="stated" if columns.stated else "alone",
        samples=sum(counts),
        questions=asked,
        parted=parted if asked < len(rows) else "",
        absent=f" ({absent:,} missing, {lacking})" if absent else "",
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
        weight="none",
    )
    source = TableSource(table, replace(first.input, rows=table.num_rows))
    return [source], found, [note]


def _check_roles(roles: Roles) -> None:
    """Refuse what rows that are made of several have not."""
    if roles.score or roles.probs or roles.logits:
        raise SettingsError("--samples judges a --confidence: leave --score, --probs and so on out")
    if roles.weight not in (None, "none"):
        raise SettingsError("--samples takes no weights: every question is a row. No --weight")
    if roles.id not in (None, roles.samples):
        raise SettingsError(f"rows of --samples are named by the question: --id {roles.samples}")


def _columns_of(catalogue: Catalogue, roles: Roles, *, joined: bool) -> _Columns:
    options: dict[str | None, str] = {roles.samples: "--samples", **dict(roles.asked)}
    wanted = [] if roles.confidence in (None, AGREEMENT) else [roles.confidence or ""]
    cuts = {name: _cut(name, catalogue) for name in roles.by}
    later = {AGREEMENT, *(wanted or catalogue.named_for("confidence", ("number", "text"), ()))}
    parts = [cut.column if cut else name for name, cut in cuts.items()]
    keys = tuple(dict.fromkeys((roles.samples or "", *(n for n in parts if n not in later))))
    for name in keys:
        catalogue.require(name, options.get(name, "--by"))
    chosen = []
    for name, value in roles.chosen:
        cut = _cut(name, catalogue)
        column = name if cut is None else cut.column
        catalogue.require(column, options.get(name, "--where"))
        chosen.append((column, cut, value))
    alike = (column for column, cut, _ in chosen if cut is None)
    truth = Truth(catalogue, roles, keys)
    stated = tuple(wanted or catalogue.named_for("confidence", ("number", "text"), keys))
    spent = (*keys, *stated)
    told = [] if roles.label or joined else truth.correct(spent)
    judged = roles.correct or (_one(told, "correct", catalogue.where) if told else None)
    if judged or joined:
        right = judged or None
    else:
        known = [n for n in truth.named(spent) if roles.label or folded(n) not in ANSWERS]
        right = _one(known, "label", catalogue.where)
    spent = (*spent, right or "", *alike)
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
        catalogue.require(
            name, "--confidence or --scores" if name in stated else "--label or --prediction"
        )
    return _Columns(keys, answer, right, judged is not None, stated, tuple(chosen))


def _cut(name: str, catalogue: Catalogue) -> Cut | None:
    """Return how a column is cut where a name is none of a column."""
    return None if name in catalogue else cut_named(name, catalogue)


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
                _add(questions, _chosen(block, columns, seen, where), columns, seen, where)
    for name, notation in seen.notations.items():
        if told := ambiguity(notation):
            raise InputError(f"{where}: the numbers in {name!r} {told}.")
    return questions


def _chosen(block: Any, columns: _Columns, seen: Findings, where: str) -> Any:
    """Return the rows of a block that are gathered."""
    for name, cut, value in columns.chosen:
        column, faults, intake = block.column(name), Faults(block.num_rows), Intake()
        codes = read_slices(column) if cut is None else cut.read(column, faults, seen)
        faults.record(intake, 0, 0)
        for reason, refusal in intake.refused.items():
            what, advice = REASONS[reason]
            raise InputError(
                f"{where}: --where, {refusal.count:,} rows: {what} ({name}): {advice}."
            )
        block = block.filter(flag_column(codes.equal(value)))
    return block


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
        question.absent += silent
        if not silent:
            question.votes[given] = question.votes.get(given, 0) + 1
            question.stated.setdefault(given, []).append(sure)


def _texts(block: Any, name: str) -> list[str]:
    codes, texts = encoded(block.column(name))
    known = [text or "" for text in texts] + [""]
    return [known[code] for code in codes.tolist()]


def _made(
    rows: Sequence[tuple[tuple[str, ...], _Question, str | None, bool]],
    columns: _Columns,
    *,
    all_count: bool,
) -> dict[str, Any]:
    """Return the columns of a table with a row for each question.

    Agreement is the share of the samples that answer, or of all where ``all_count``.
    """
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
    shares = [
        each.votes.get(answer or "", 0) / max(each.samples - each.absent * (not all_count), 1)
        for _, each, answer, _ in rows
    ]
    made[AGREEMENT] = number_column(np.array(shares))
    for k, name in enumerate(columns.stated):
        means = [_mean([s[k] for s in each.stated.get(a or "", [])]) for _, each, a, _ in rows]
        made[name] = number_column(np.array(means))
    return made


def _mean(values: Sequence[float]) -> float:
    """Return the mean of what is stated; NaN where nothing is."""
    known = [value for value in values if math.isfinite(value)]
    return math.fsum(known) / len(known) if known else math.nan

"""The first paragraph of a comparison: which is better, for what, and whether the rows can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from calaudit.api.comparisons.copies import copies_answer
from calaudit.report.compare_report import CompareReport, Difference, Model
from calaudit.report.content.difference_text import better_text, figure_name
from calaudit.report.numbers import count, shown

SHOWN = ("accuracy", "auroc", "brier", "log_loss", "smece")
"""Figures that the paragraph tells of beside the leading one."""

MOST = 4
"""Names that are listed; of more the number is told."""


def answer_of(report: CompareReport) -> list[str]:
    """Return the sentences of the first paragraph, the answer first."""
    if report.perturbed:
        return [*copies_answer(report), *_slices(report), *_impossible(report)]
    others = report.models[1:]
    first = _set_sentences(report) if report.contenders else []
    if len(others) == 1:
        first = _two(report, others[0])
    elif not first:
        first = [_against(report)]
    return [*first, *_slices(report), *_impossible(report), *_rows(report)]


def _two(report: CompareReport, model: Model) -> list[str]:
    """Return what is to be said of one model and the baseline."""
    found = report.of(model.name)
    sentences = [_lead(report, model, found[report.loss])]
    honest = _honesty(report, model, found)
    sides: dict[int, list[Difference]] = {1: [], -1: [], 0: []}
    for name in (name for name in SHOWN if name != report.loss):
        if found[name].estimate.low is not None and not (honest and name == "accuracy"):
            sides[found[name].better].append(found[name])
    texts = [_listed(better_text(d) for d in sides[side]) for side in (1, -1)]
    parts = [text for text in texts if text]
    told = found[report.loss].better
    if parts:
        start = "Also " if told and sides[told] and not sides[-told] else ""
        text = "; ".join(parts)
        sentences.append(f"{start}{text}."[:1].upper() + f"{start}{text}."[1:])
    if sides[0]:
        names = _listed(figure_name(d.metric, report.task) for d in sides[0])
        sentences.append(f"Not told apart by {names}.")
    return [*sentences, *honest, _said(report, model), *_costs(report)]


def _lead(report: CompareReport, model: Model, leading: Difference) -> str:
    """Return the answer: better, worse, or not to be told."""
    a, b, name = report.baseline.name, model.name, figure_name(leading.metric, report.task)
    estimate = leading.estimate
    if estimate.value is None or estimate.low is None:
        return f"{b} and {a} cannot be compared by {name}: {estimate.reason}."
    if leading.better:
        word = "better" if leading.better > 0 else "worse"
        return f"{b} is {word} than {a}: {better_text(leading)}."
    if leading.same:
        return f"{b} and {a} are the same by {name}."
    needed = leading.rows_needed
    unit = "rows" if report.groups is None else "groups"
    rows = "" if needed is None else f"{count(int(float(f'{needed:.2g}')))} {unit}"
    more = f"; about {rows} would, if it is as seen" if rows else ""
    return f"These {report.size} cannot tell {b} from {a}: {better_text(leading)}{more}."


def _set_sentences(report: CompareReport) -> list[str]:
    """Return which of several models may be the best, and how they differ from the baseline."""
    alpha = 1.0 - float(report.settings.get("level", 0.95))
    best = [each.name for each in report.contenders if (each.p_value or 0.0) > alpha]
    total, name = len(report.models), figure_name(report.loss, report.task)
    level = f"{100 * (1 - alpha):g} % confidence"
    if len(best) == 1:
        first = f"{best[0]} is the best of {total} models by {name} ({level})."
    elif len(best) == total:
        first = (
            f"Any of the {total} models may be the best by {name}: these {report.size} cannot "
            "tell them apart."
        )
    else:
        first = (
            f"{len(best)} of {total} models may be the best by {name} ({level}): "
            f"{_names(best)}; the others are worse."
        )
    return [first, _against(report)]


def _against(report: CompareReport) -> str:
    """Return how several models compare with the baseline by the leading figure."""
    sides: dict[int, list[str]] = {1: [], -1: [], 0: []}
    for d in (d for d in report.differences if d.metric == report.loss):
        sides[d.better].append(d.model)
    words = {1: "better", -1: "worse", 0: "not told apart"}
    parts = [f"{words[side]}: {_names(found)}" for side, found in sides.items() if found]
    return f"Against {report.baseline.name}, by {figure_name(report.loss, report.task)}: " + (
        "; ".join(parts) + "."
    )


def _honesty(report: CompareReport, model: Model, found: dict[str, Difference]) -> list[str]:
    """Return that models which are right equally often are not equally honest, where it is so."""
    accuracy, error = found["accuracy"], found["smece"]
    low, high = accuracy.estimate.low, accuracy.estimate.high
    if accuracy.told or not error.better or low is None or high is None:
        return []
    names = [model.name, report.baseline.name][:: 1 if error.better > 0 else -1]
    within = shown(max(-low, high), 1, "points")
    return [f"Accuracy is the same within {within} points, but {names[0]} is more honest about it."]


def _said(report: CompareReport, model: Model) -> str:
    """Return what both say, and what is so."""
    binary = report.task == "binary"
    of = ("mean_score", "base_rate") if binary else ("mean_confidence", "accuracy")
    parts = []
    for each in (report.baseline, model):
        says, is_ = (each.report.metrics[name].value for name in of)
        texts = [f"{100 * (x or 0.0):.1f} %" for x in (says, is_)]
        parts.append(
            f"{each.name} says {texts[0]}{', ' if binary else ' and '}"
            f"{'it happens in' if binary else 'is right in'} {texts[1]}"
        )
    return f"{'; '.join(parts)}."


def _costs(report: CompareReport) -> list[str]:
    """Return what the Murphy diagram allows to be said of two models."""
    if len(report.costs) != 1:
        return []
    (costs,), name = report.costs, report.baseline.name
    told = [p for p in costs.points if p.low is not None]
    if costs.finding in ("better", "worse") and told:
        word = "less" if costs.finding == "better" else "more"
        return [
            f"At every cutoff that these rows can tell of ({told[0].theta:g} to "
            f"{told[-1].theta:g}) {costs.model} costs {word} than {name}."
        ]
    if costs.finding == "cross":
        return ["Which of them costs less depends on the cutoff: their Murphy diagrams cross."]
    return []


def _slices(report: CompareReport) -> list[str]:
    """Return how many slices tell, and the surely worst one."""
    if not report.slices:
        return []
    first = report.slices[0]
    sides = Counter(each.difference.better for each in report.slices)
    of = f"{len(report.slices)} {'slices' if len(report.models) == 2 else 'differences in slices'}"
    counts = f"better in {sides[1]} and worse in {sides[-1]} of {of}"
    if not sides[-1]:
        return [f"Surely {counts}."]
    where = f"{first.column} = {first.value}"
    where += f", {first.difference.model}" if len(report.models) > 2 else ""
    return [f"Surely {counts}, most in {where}: {better_text(first.difference)}."]


def _impossible(report: CompareReport) -> list[str]:
    """Return how many outcomes each model called impossible, where one did."""
    counts = {m.name: m.report.confidently_wrong.infinite_rows for m in report.models}
    if not any(counts.values()):
        return []
    told = counts if len(counts) == 2 else {k: n for k, n in counts.items() if n}
    texts = [f"{name} {count(n)} row{'' if n == 1 else 's'}" for name, n in told.items()]
    more = f" and {len(texts) - MOST} more models" if len(texts) > MOST else ""
    return [
        f"Log loss is infinite ({', '.join(texts[:MOST])}{more}: what happened was called "
        "impossible), so that the Brier score leads."
    ]


def _rows(report: CompareReport) -> list[str]:
    if report.matching is None:
        return ["The rows are not the same: they may differ as well as the models."]
    return []


def _names(names: Sequence[str]) -> str:
    if len(names) > MOST:
        return f"{', '.join(names[: MOST - 1])} and {len(names) - MOST + 1} more"
    return _listed(names)


def _listed(parts: Iterable[str]) -> str:
    found = list(parts)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)

"""The recommendation as a sentence that someone who runs the work understands."""

from __future__ import annotations

from dataclasses import replace

from calaudit.metrics.estimate import Estimate
from calaudit.report.numbers import ROUNDING
from calaudit.report.threshold_report import DecisionReport, Option

__all__ = ["class_sentence", "decision_sentence", "matrix_sentence"]


def decision_sentence(report: DecisionReport) -> str:
    """Return what to do, and what that costs or keeps."""
    option = report.options[0]
    what = _binary(option) if report.task == "binary" else _accepting(option)
    if option.cost is not None:
        return f"{what}, at {_cost(report, option)}. {_volumes(report, option)}"
    return f"{what}: {_kept(report, option)}. {_volumes(report, option)}"


def _volumes(report: DecisionReport, option: Option) -> str:
    """Return how many cases go where."""
    share = {name: option.rates[name].value or 0.0 for name in ("act_share", "review_share")}
    acted, reviewed = (report.volume * share[name] for name in ("act_share", "review_share"))
    word = "acted on" if report.task == "binary" else "accepted"
    review = f" and {reviewed:,.0f} reviewed" if reviewed > 0 else ""
    of = "a day" if report.volume_of == "a day" else "cases"
    return f"Of {report.volume:,.0f} {of}, {acted:,.0f} are {word}{review}."


def _number(cutoff: float) -> str:
    """Return a cutoff as it must be written to be the same number."""
    return repr(cutoff).removesuffix(".0")


def _binary(option: Option) -> str:
    act, review = option.act_from, option.review_from
    acting = "Act on nothing" if act is None else f"Act on scores of {_number(act)} or more"
    if act == 0.0 and option.split is None:
        return "Act on everything"
    if option.split is not None:
        split = option.split
        some = f"review {split.reviewed:,.0f} of the {split.rows:,.0f} cases at {split.score:.6g}"
        end = "" if act is None else f" up to {_number(act)}"
        band = "" if review is None else f" and those from {_number(review)}{end}"
        return f"{acting}, {some}{band}, and let the rest pass"
    if review is None:
        return "Let everything pass" if act is None else f"{acting} and let the rest pass"
    if option.rates["pass_share"].value == 0:
        return f"{acting} and review the rest" if act is not None else "Review everything"
    upto = "" if act is None else f" up to {_number(act)}"
    return f"{acting}, review those from {_number(review)}{upto}, and let the rest pass"


def _accepting(option: Option) -> str:
    if option.act_from is None:
        return "Accept nothing without a review"
    if option.act_from == 0.0:
        return "Accept every prediction"
    cutoff = _number(option.act_from)
    return f"Accept predictions with a confidence of {cutoff} or more, review the rest"


def _cost(report: DecisionReport, option: Option) -> str:
    assert option.cost is not None
    gains = (option.cost.value or 0.0) < 0
    own = _turned(option.cost) if gains else option.cost
    text = f"a {'gain' if gains else 'cost'} of {_figure(own)} per 1,000 cases"
    others = [o for o in report.options if o.name == "current"]
    if others and report.method == "current cutoff":
        return f"{text}, as now"
    others = others or [o for o in report.options if o.name in _PLAIN and not _same(o)]
    known = [(o.cost.value, o) for o in others if o.cost is not None and o.cost.value is not None]
    if not known:
        return text
    cost, other = min(known, key=lambda pair: pair[0])
    label = _PLAIN.get(other.name, f"with {other.label}")
    if report.task != "binary":
        label = label.replace("acting on everything", "accepting everything")
    return f"{text}, against {_short(-cost if gains else cost)} {label}"


def _turned(cost: Estimate) -> Estimate:
    """Return a cost below 0 as what it earns."""
    if cost.value is None or cost.low is None or cost.high is None:
        return cost
    return replace(cost, value=-cost.value, low=-cost.high, high=-cost.low)


_PLAIN = {
    "cutoff_half": "with a cutoff of 0.5",
    "act_on_all": "for acting on everything",
    "act_on_none": "for letting everything pass",
    "review_all": "for reviewing everything",
}
"""What a recommendation is compared with: the cheapest of what needs no thought."""


def _same(option: Option) -> bool:
    return option.excess is not None and option.excess.method == "the same decisions"


def _kept(report: DecisionReport, option: Option) -> str:
    limits = {g.limit: g for g in report.guarantees}
    binary = report.task == "binary"
    parts = []
    for name, words in (
        ("min_precision", "at least {} of those acted on are positive"),
        ("min_recall", "at least {} of the positives are found"),
        ("max_fpr", "at most {} of the negatives are acted on"),
        ("max_error", "at most {} of what is decided without a review is wrong"),
    ):
        if name in limits:
            words = words if binary else words.replace("are positive", "are right")
            words = words if binary else words.replace("those acted on", "those accepted")
            parts.append(words.format(_percent(limits[name].value)))
    text = " and ".join(parts)
    confidence = next(iter(report.guarantees)).confidence
    if confidence is not None:
        text += f", with {_percent(confidence)} confidence"
    else:
        text += " on these rows (no guarantee for others)"
    if "max_error" in limits:
        decided = 1.0 - (option.rates["review_share"].value or 0.0)
        return f"{text}; {_percent(decided)} of the cases are decided without a review"
    acted = option.rates["act_share"].value or 0.0
    text += f"; that is {_percent(acted)} of the cases"
    found = option.counts["tp"] + option.counts["reviewed_positives"]
    positives = found + option.counts["fn"]
    if binary and positives > 0:
        text += f" and {_percent(found / positives)} of the positives"
    return text


def class_sentence(report: DecisionReport, accepted: Estimate, error: Estimate) -> str:
    """Return what cutoffs by class do together."""
    if not set(report.settings) & {"max_error", "min_precision"}:
        return (
            f"Each of the {len(report.by_class)} predicted classes has a cutoff of its own by the "
            f"costs: {_percent(accepted.value or 0.0)} of the predictions are accepted; review "
            "the rest."
        )
    some = [c for c in report.by_class if c.act_from is not None]
    share = _percent(accepted.value or 0.0)
    wrong = "" if error.value is None else f", {_percent(error.value)} of them wrong"
    return (
        f"{len(some)} of {len(report.by_class)} predicted classes have a cutoff that keeps the "
        f"limit: {share} of the predictions are accepted{wrong}; review the rest."
    )


def matrix_sentence(report: DecisionReport) -> str:
    """Return what deciding by expected cost saves."""
    assert report.matrix is not None
    rules = report.matrix.rules
    what, other = (_MATRIX.get(rule.name) or _for_all(rule.name) for rule in rules[:2])
    text = f"Deciding {what} costs {_figure(rules[0].cost)} per 1,000 cases"
    return f"{text}, against {_short(rules[1].cost.value or 0.0)} {other}."


def _for_all(name: str) -> str:
    return f"with {name.removeprefix('always ')} for every case"


_MATRIX = {
    "expected_cost": "by the smallest expected cost", "argmax": "for the most probable class",
}  # fmt: skip


def _figure(cost: Estimate) -> str:
    if cost.value is None or cost.low is None or cost.high is None:
        return "an unknown cost"
    if cost.low == cost.high:
        return _short(cost.value)
    return f"{_short(cost.value)} ({_short(cost.low)} to {_short(cost.high)})"


def _short(value: float) -> str:
    value = 0.0 if abs(value) < ROUNDING else value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"

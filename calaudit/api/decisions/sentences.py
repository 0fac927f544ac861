"""The recommendation as a sentence that someone who runs the work understands."""

from __future__ import annotations

from dataclasses import replace

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.action_text import action_text
from calaudit.report.numbers import ROUNDING
from calaudit.report.threshold_report import INDEX_TITLES, DecisionReport, Option

ON_THESE = "on these rows (no guarantee for others)"


def decision_sentences(report: DecisionReport, *, calibrated: bool = False) -> list[str]:
    """Return what to do, and what that costs or keeps.

    Args:
        report: with its options.
        calibrated: whether it has to be said that the scores are.
    """
    option = report.options[0]
    what = action_text(report, calibrated=calibrated)
    if option.cost is not None:
        what += f", at {_cost(report, option)}"
    else:
        what += f": {_kept(report, option) if option.index is None else _reached(report, option)}"
    return [f"{what}.", _volumes(report, option)]


def _volumes(report: DecisionReport, option: Option) -> str:
    """Return how many cases go where."""
    share = {name: option.rates[name].value or 0.0 for name in ("act_share", "review_share")}
    acted, reviewed = (report.volume * share[name] for name in ("act_share", "review_share"))
    word = "acted on" if report.task == "binary" else "accepted"
    review = f" and {reviewed:,.0f} reviewed" if reviewed > 0 else ""
    of = "a day" if report.volume_of == "a day" else "cases"
    return f"Of {report.volume:,.0f} {of}, {acted:,.0f} are {word}{review}."


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
    if report.task != "binary" and other.name == "act_on_all":
        label = "for accepting everything"
    return f"{text}, against {_short(-cost if gains else cost)} {label}"


def _turned(cost: Estimate) -> Estimate:
    """Return a cost below 0 as what it earns."""
    if cost.value is None:
        return cost
    if cost.low is None or cost.high is None:
        return replace(cost, value=-cost.value)
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


def _reached(report: DecisionReport, option: Option) -> str:
    """Return how large the index is, on rows that the cutoff was not chosen on, and on those."""
    index = option.index or Estimate(value=None)
    text = f"{INDEX_TITLES[report.settings['maximize']]} of {_percent(index.value or 0.0)}"
    if index.low is not None and index.high is not None:
        text += f" ({100 * index.low:.3g} to {100 * index.high:.3g})"
    if option.apparent_index is None:
        return text
    flattered = _percent(option.apparent_index)
    return f"{text} on rows that it was not chosen on, {flattered} on those that it was"


def _kept(report: DecisionReport, option: Option) -> str:
    limits = {g.limit: g for g in report.guarantees}
    binary = report.task == "binary"
    precise = "those acted on are positive" if binary else "those accepted are right"
    words = (
        ("min_precision", "at least", precise),
        ("min_recall", "at least", "the positives are found"),
        ("max_fpr", "at most", "the negatives are acted on"),
        ("max_error", "at most", "what is decided without a review is wrong"),
    )
    text = " and ".join(
        f"{bound} {_percent(limits[name].value)} of {what}"
        for name, bound, what in words
        if name in limits
    )
    confidence = next(iter(report.guarantees)).confidence
    if confidence is not None:
        text += f", with {_percent(confidence)} confidence"
    else:
        text += f" {ON_THESE}"
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
    alike = {f"always {name}": f"with {name} for every case" for name in report.matrix.decisions}
    what, other = ((_MATRIX | alike)[rule.name] for rule in rules[:2])
    text = f"Deciding {what} costs {_figure(rules[0].cost)} per 1,000 cases"
    return f"{text}, against {_short(rules[1].cost.value or 0.0)} {other}."


_MATRIX = {
    "expected_cost": "by the smallest expected cost", "argmax": "for the most probable class",
}  # fmt: skip


def _figure(cost: Estimate) -> str:
    if cost.value is None:
        return "an unknown cost"
    if cost.low is None or cost.high is None or cost.low == cost.high:
        return _short(cost.value)
    return f"{_short(cost.value)} ({_short(cost.low)} to {_short(cost.high)})"


def _short(value: float) -> str:
    value = 0.0 if abs(value) < ROUNDING else value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"

"""Rules and what they compare with, as ``calaudit check`` takes them."""

from __future__ import annotations

from calaudit.report.arguments import Unspeakable, number, option
from calaudit.report.check import CheckReport, RuleResult

__all__ = ["check_words"]

ABSOLUTE = (
    "--max-ece", "--max-smece", "--max-log-loss", "--max-brier", "--min-accuracy", "--min-auroc",
)  # fmt: skip
"""Rules on figures themselves that are options; others stand in a configuration file only."""


def check_words(report: CheckReport) -> list[str]:
    """Return the options of the gate.

    Raises:
        Unspeakable: there is no rule, or one that is no option; the baseline was an object, was
            not there yet, or may have been overwritten.
    """
    settings = report.settings
    found = {each.rule: each for each in report.results if each.column is None}
    rules = [found[rule] for rule in settings["rules"] if rule in found]
    if len(rules) < len(settings["rules"]):
        raise Unspeakable
    rows = next((each for each in report.results if each.metric == "n"), None)
    if settings.get("update_baseline") or not (rules or rows):
        raise Unspeakable
    words = option("min_rows", rows.limit) if rows is not None else []
    words += _rules(rules)
    words += ["--strict"] if settings.get("strict") else []
    if "against" in settings:
        if len(settings["against"]) != 1:
            raise Unspeakable
        words += option("against", settings["against"][0])
    elif "baseline" in settings:
        words += option("baseline", settings["baseline"])
    elif report.baseline is not None:
        raise Unspeakable
    if report.pairing is not None and report.pairing.only_before + report.pairing.only_after:
        words += ["--allow-unmatched"]
    return words


def _rules(rules: list[RuleResult]) -> list[str]:
    """Return the rules with their confidence: one for all that cannot have their own."""
    absolute = {each.confidence for each in rules if not each.relative}
    if len(absolute) > 1 or any(_flag(r) not in ABSOLUTE for r in rules if not r.relative):
        raise Unspeakable
    common = next(iter(absolute or {each.confidence for each in rules[:1]}), 0.95)
    words = []
    for each in rules:
        if not each.relative:
            words += [_flag(each), number(each.limit)]
            continue
        own = "" if each.confidence == common else f"@{number(each.confidence)}"
        words += [_flag(each), f"{each.metric}={number(each.limit)}{own}"]
    return [*words, *option("rule_confidence", common)]


def _flag(result: RuleResult) -> str:
    return result.rule.split(" ")[0]

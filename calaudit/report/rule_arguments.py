"""Rules and what they compare with, as ``calaudit check`` takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calaudit.options.checking import Rules
from calaudit.options.declaration import options_of
from calaudit.report.arguments import NoCommand, number

if TYPE_CHECKING:
    from calaudit.report.check_report import CheckReport, RuleResult


def rule_values(report: CheckReport) -> dict[str, Any]:
    """Return the values of the options of the gate.

    Raises:
        NoCommand: there is no rule, or one that is no option; the baseline was an object, was
            not there yet, or may have been overwritten.
    """
    settings = report.settings
    found = {each.rule: each for each in report.results if each.column is None}
    rules = [found[rule] for rule in settings["rules"] if rule in found]
    if len(rules) < len(settings["rules"]):
        raise NoCommand
    rows = next((each for each in report.results if each.metric == "n"), None)
    if settings.get("update_baseline") or not (rules or rows):
        raise NoCommand
    if report.baseline is not None and not {"against", "baseline"} & settings.keys():
        raise NoCommand
    if f"{settings.get('baseline')}/".startswith(("-/", "/dev/", "/proc/")):  # it was a pipe
        raise NoCommand
    values = _rules(rules)
    if rows is not None:
        values["min_rows"] = rows.limit
    if len(settings.get("against", [""])) != 1:
        raise NoCommand
    if report.pairing is not None and report.pairing.only_before + report.pairing.only_after:
        values["allow_unmatched"] = True
    return values


def _rules(rules: list[RuleResult]) -> dict[str, Any]:
    """Return the rules with their confidence: one for all that cannot have their own."""
    absolute = {each.confidence for each in rules if not each.relative}
    if len(absolute) > 1:
        raise NoCommand
    common = next(iter(absolute or {each.confidence for each in rules[:1]}), 0.95)
    values: dict[str, Any] = {"rule_confidence": common}
    spoken = options_of(Rules)
    for each in rules:
        name = each.rule.split(" ")[0].removeprefix("--").replace("-", "_")
        if name not in spoken or not spoken[name].help:  # it stands in a configuration only
            raise NoCommand
        if each.relative:
            own = "" if each.confidence == common else f"@{number(each.confidence)}"
            values.setdefault(name, []).append(f"{each.metric}={number(each.limit)}{own}")
        else:
            automated = name == "min_automated"
            values[name] = each.rule.partition(" ")[2] if automated else each.limit
    return values
